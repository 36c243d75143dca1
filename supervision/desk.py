"""What a speaker has before him: his units, what they were asked, and what stands from them.

`handlers/desk.py` lays it out for each message of a liaison; reading and settling look at nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from knowledge.book import Book
from storage.reports import Figure, Report
from storage.rounds import Asked
from supervision.overview import answers_for
from supervision.standing import Standing, folded


@dataclass(frozen=True, slots=True)
class Desk:
    """What the speaker has before him: his units, what they were asked and what stands from them."""

    book: Book
    units: tuple[str, ...]
    asked: tuple[Asked, ...]
    standing: tuple[Report, ...]
    person: str
    key: str
    now: datetime
    on: date  # the local day
    text: str

    @property
    def waiting(self) -> list[Asked]:
        """What is still owed in rounds that are open."""
        return [one for one in self.asked if one.waits]

    def prompts(self, point: int, unit: str) -> list[Asked]:
        return [one for one in self.asked if (one.prompt.point, one.prompt.unit) == (point, unit)]

    def serves(self, point: int, unit: str) -> list[Asked]:
        """The prompts an answer is for: of every open round, newest first; the newest closed one if none is
        open."""
        prompts = self.prompts(point, unit)
        return [one for one in prompts if one.round.closed_at is None] or prompts[:1]

    def stands(self, point: int, unit: str) -> Standing:
        """What holds of this point from this unit."""
        return folded([row for row in self.standing if (row.point, row.unit) == (point, unit)])

    def of(self, unit: str) -> Desk:
        """Only what concerns one of his units."""
        asked = tuple(one for one in self.asked if one.prompt.unit == unit)
        standing = tuple(row for row in self.standing if row.unit == unit)
        return replace(self, units=(unit,), asked=asked, standing=standing)

    def unit_for(self, point: int) -> str | None:
        """For which of his units he may speak of this point: the one asked, the one responsible, a county."""
        owing = [one for one in self.asked if one.prompt.point == point]
        owing.sort(key=lambda one: not one.waits)
        if owing:
            return owing[0].prompt.unit
        return next((unit for unit in self.units if concerns(self.book, point, unit)), None)

    def unit_of(self, target: str, point: int) -> str | None:
        """Which of his units a figure is asked of, or else set for; None where it is no figure of theirs."""
        asked = [
            one.prompt.unit
            for one in self.asked
            if one.prompt.point == point and any(item.target == target for item in one.prompt.items if target)
        ]
        found = next((one for one in self.book.targets if target and one.id == target), None)
        led = answers_for(self.book, found) if found else ""
        return next(iter(asked), led if led in self.units else None)


def concerns(book: Book, point: int, unit: str) -> bool:
    """Whether a unit has to do with a point: it leads or joins there, or is a county, which every point
    reaches."""
    if any(area.short == unit for area in book.directory.counties):
        return True
    return any(unit in row.units for row in book.assignments if row.point == point)


def answered_for(desk: Desk) -> frozenset[str]:
    """The figures his units report: those they were asked, and those set for them or led by them."""
    asked = {item.target for one in desk.asked for item in one.prompt.items if item.target}
    theirs = {t.id for t in desk.book.targets if answers_for(desk.book, t) in desk.units}
    return frozenset(asked | theirs)


def stood(desk: Desk) -> tuple[tuple[str, float], ...]:
    """What his units last told of each figure, by the figure's id."""
    return tuple({figure.target: figure.value for figure in figures_told(desk)}.items())


def figures_told(desk: Desk) -> list[Figure]:
    """The notice's figures that his units told, the newest last."""
    return sorted((f for row in desk.standing for f in row.figures if f.target), key=lambda f: f.said)
