"""A hundred thousand strings nobody would type: is each answered and read, and what does the slowest take?

What counts is the thread's own time, the best of three where the first is slow: a pause of the garbage
collector, which has all of the process to walk over, is not the string's doing.
"""

from collections.abc import Callable, Iterator

from handlers.turn import Knowing
from tests.bench import machine
from tests.strings import Asked, ask_strings, read_strings

SEEDS, STRINGS = 20, 5_000
ASKED, READ = 0.05, 0.01  # seconds: none is to take longer


def run() -> list[dict[str, str]]:
    machine.pin(machine.cores()[0])
    knows = Knowing.shipped()
    return [_row("asked", ask_strings, knows, ASKED), _row("read", read_strings, knows, READ)]


def _row(
    name: str, each: Callable[[Knowing, int, int, float], Iterator[Asked]], knows: Knowing, slow: float
) -> dict[str, str]:
    done = [one for seed in range(SEEDS) for one in each(knows, seed, STRINGS, slow)]
    slowest = max(done, key=lambda one: one.seconds)
    return {
        "strings": f"{len(done)} {name}",
        "without an answer": str(sum(not one.answered for one in done)),
        "limit ms": f"{slow * 1000:.0f}",
        "over it": str(sum(one.seconds > slow for one in done)),
        "slowest ms": f"{slowest.seconds * 1000:.1f}",
        "of kind": f"{slowest.kind}, {len(slowest.text)} characters",
    }
