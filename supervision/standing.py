"""What holds of a point from a unit, folded from all versions that stand.

Answers, lights, the 台账 and the next prompt read it. Each number keeps the day and the message it came from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from storage.reports import Figure, Report
from supervision.steps import step_words


@dataclass(frozen=True, slots=True)
class Standing:
    """`versions` oldest first; the rest is what the newest word on each thing says.

    A difficulty counts until a later report of the same unit no longer tells of it.
    """

    versions: tuple[Report, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)  # by target id, or by name for others
    percent: float | None = None
    percent_of: Report | None = None  # the version that said it
    status: str = ""

    @property
    def newest(self) -> Report | None:
        return self.versions[-1] if self.versions else None

    @property
    def as_of(self) -> date | None:
        return self.versions[-1].as_of if self.versions else None

    def told(self, name: str) -> str:
        """The newest difficulty, help_needed or next_step of the newest round that was reported."""
        newest = self.newest
        if newest is None:
            return ""
        same = [row for row in reversed(self.versions) if row.round_id == newest.round_id]
        told = next((row for row in same if getattr(row, name)), None)
        if told is None:
            return ""
        return step_words(told) if name == "next_step" else str(getattr(told, name))

    def holding(self, targets: set[str]) -> Report:
        """The version a correction of these figures replaces: the newest that has one, else the newest."""
        for row in reversed(self.versions):
            if targets & {figure.target for figure in row.figures}:
                return row
        return self.versions[-1]


def folded(versions: Sequence[Report]) -> Standing:
    """One unit's versions of one point, oldest first; of two words on a figure the one said later counts."""
    told = sorted(((f.said or row.id, f) for row in versions for f in row.figures), key=lambda one: one[0])
    figures = {figure.target or figure.what: figure for _, figure in told}
    percent, percent_of, status = None, None, ""
    for row in versions:
        if row.percent is not None:
            percent, percent_of = row.percent, row
        status = row.status or status
    return Standing(tuple(versions), figures, percent, percent_of, status)
