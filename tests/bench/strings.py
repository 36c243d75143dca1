"""A hundred thousand strings nobody would type: is each answered, and how long does the slowest take?"""

from handlers.turn import Knowing
from tests.bench import machine
from tests.strings import ask_strings

SEEDS, STRINGS = 20, 5_000
SLOW = 0.05  # seconds: none is to take longer


def run() -> list[dict[str, str]]:
    machine.pin(machine.cores()[0])
    knows = Knowing.shipped()
    asked = [one for seed in range(SEEDS) for one in ask_strings(knows, seed, STRINGS, SLOW)]
    slowest = max(asked, key=lambda one: one.seconds)
    return [
        {
            "asked": f"{len(asked)} strings",
            "without an answer": str(sum(not one.answered for one in asked)),
            f"over {SLOW * 1000:.0f} ms": str(sum(one.seconds > SLOW for one in asked)),
            "slowest ms": f"{slowest.seconds * 1000:.1f}",
            "of kind": f"{slowest.kind}, {len(slowest.text)} characters",
        }
    ]
