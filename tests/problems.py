"""Runs labelled messages of the government-enterprise group through `knowledge/problem.py` and counts.

`python -m tests.problems FILE` prints figures and misses; `tests/test_problem.py` holds them to a line.
"""

import json
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handlers.turn import Knowing
from knowledge.problem import Problem, read

DATA = Path(__file__).parent / "data"
FIELDS = ("urgency", "place", "enterprise")


@dataclass
class Score:
    """Figures as `score.py problem` counts them, with the misses."""

    right: int = 0
    invented: int = 0
    missed: int = 0
    parts: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    misses: list[str] = field(default_factory=list)

    @property
    def f1(self) -> float:
        return 2 * self.right / (2 * self.right + self.invented + self.missed)

    def share(self, part: str) -> float:
        return sum(self.parts[part]) / len(self.parts[part]) if self.parts[part] else 1.0

    def add(self, gold: dict[str, Any], got: Problem | None) -> None:
        self.right += bool(got and gold["is_problem"])
        self.invented += bool(got and not gold["is_problem"])
        self.missed += bool(not got and gold["is_problem"])
        if bool(got) != gold["is_problem"]:
            self.misses.append(f"kind {gold['id']} {gold['text']} {got}")
        if got and gold["is_problem"]:
            self._compare(gold, got)

    def _compare(self, gold: dict[str, Any], got: Problem) -> None:
        if gold["points"]:
            self._note("point", bool({*got.points[:1]} & {*gold["points"]}), gold, got)
        else:
            self._note("no point", not got.points, gold, got)
        for name in FIELDS:
            if name not in gold:
                continue
            value = getattr(got, name)
            part = name if gold[name] else f"no {name}"
            self._note(part, value == gold[name], gold, got)

    def _note(self, part: str, fits: bool, gold: dict[str, Any], got: Problem) -> None:
        self.parts[part].append(fits)
        if not fits:
            asked = {name: gold.get(name) for name in ("points", *FIELDS)}
            self.misses.append(f"{part} {gold['id']} {gold['text']}\n     gold {asked}\n     got  {got}")


def scored(knows: Knowing, path: Path) -> Score:
    score = Score()
    for line in path.read_text("utf-8").splitlines():
        gold = json.loads(line)
        score.add(gold, read(gold["text"], knows.book, knows.index))
    return score


def main(path: str, *flags: str) -> None:
    score = scored(Knowing.shipped(), Path(path))
    print(f"F1 {score.f1:.3f}: right {score.right}, invented {score.invented}, missed {score.missed}")
    for part in sorted(score.parts):
        print(f"  {part:14s} {100 * score.share(part):5.1f}% of {len(score.parts[part])}")
    if "--quiet" not in flags:
        print(*score.misses, sep="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
