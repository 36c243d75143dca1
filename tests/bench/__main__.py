"""`python -m tests.bench [piece …]`: one piece or several of those in PIECES, or all."""

import argparse
import asyncio

from tests.bench import (
    asking,
    callbacks,
    delivering,
    grouping,
    machine,
    problems,
    province,
    questions,
    reading,
    rounding,
    starting,
    strings,
)
from tests.bench.table import table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("pieces", nargs="*", metavar="piece", help=f"{', '.join(PIECES)}; all by default")
    parser.add_argument("--rounds", type=int, default=callbacks.ROUNDS, help="counted rounds of callbacks")
    options = parser.parse_args()
    if unknown := set(options.pieces) - set(PIECES):
        parser.error(f"no such piece: {', '.join(sorted(unknown))}")
    print(table([machine.facts()]), end="\n\n")
    for name in options.pieces or PIECES:
        print(PIECES[name](options.rounds), end="\n\n", flush=True)


def _callbacks(rounds: int) -> str:
    return table(asyncio.run(callbacks.run(rounds)))


def _ask(_rounds: int) -> str:
    return table(asking.run(questions.everyone_asks()))


def _read(_rounds: int) -> str:
    return table(reading.run())


def _start(_rounds: int) -> str:
    return table(asyncio.run(starting.run()))


def _province(_rounds: int) -> str:
    return table(province.run())


def _rounds(_rounds: int) -> str:
    return table(rounding.run())


def _problems(_rounds: int) -> str:
    return table(problems.run())


def _delivery(_rounds: int) -> str:
    return table(delivering.run())


def _strings(_rounds: int) -> str:
    return table(strings.run())


def _groups(_rounds: int) -> str:
    return table(asyncio.run(grouping.run()))


PIECES = {
    "callbacks": _callbacks,
    "ask": _ask,
    "start": _start,
    "province": _province,
    "read": _read,
    "rounds": _rounds,
    "problems": _problems,
    "delivery": _delivery,
    "strings": _strings,
    "groups": _groups,
}

if __name__ == "__main__":
    main()
