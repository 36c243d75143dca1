"""One notice with everything known about it: units, responsibilities, figures, all checked together.

`bot/app.py` loads it once; matching and answering read it. It holds no state and no opinion.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.resources import files

from knowledge.assignments import Assignment, Assignments, named_by, suggested
from knowledge.notice import Notice, parse
from knowledge.targets import Target, check, load, targets_of
from knowledge.units import Directory


@dataclass(frozen=True, slots=True)
class Book:
    notice: Notice
    directory: Directory
    assignments: Assignments
    targets: tuple[Target, ...]

    def with_assignments(self, rows: Iterable[Assignment]) -> Book:
        """The same book with imported rows laid over its own."""
        return replace(self, assignments=self.assignments.overlaid(rows, self.notice))

    def clause_assignment(self, point: int, words: str) -> Assignment | None:
        """Who is responsible for these words of the point, else for the point as a whole."""
        return self.assignments.of_clause(point, words)

    def targets_of(self, point: int) -> tuple[Target, ...]:
        return targets_of(self.targets, point)


def shipped() -> Book:
    """The notice that comes with the program; every quote in its data is checked against its text."""
    data = files("knowledge") / "data"
    tables = tomllib.loads((data / "units.toml").read_text("utf-8"))
    notice = parse((data / "notice.txt").read_text("utf-8"))
    return build(
        notice,
        Directory.of(tables),
        suggested(tables),
        load((data / "indicators.jsonl").read_text("utf-8"), notice),
    )


def build(
    notice: Notice, directory: Directory, assignments: Iterable[Assignment], targets: Iterable[Target]
) -> Book:
    """A checked book; units the notice itself names are laid over the given assignments."""
    targets = tuple(targets)
    check(targets, notice)
    rows = Assignments.of(notice, assignments)
    if printed := named_by(notice, directory):
        rows = rows.overlaid(printed, notice)
    return Book(notice, directory, rows, targets)
