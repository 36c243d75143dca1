"""Which unit a firm's problem would be asked of: a suggestion from the division of work, for the office.

Pure. A unit the firm names itself, or whose matter it plainly is, counts before the clause that resembles its
words; a suggestion is never more than that, and says what it stands on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.book import Book
from knowledge.match import Index
from knowledge.problem_kind import units_for
from knowledge.question import read
from knowledge.units import Directory
from storage.assignment import Assignment

MOST_HELPERS = 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`confirmed` where the office has confirmed that division of work; `basis` in words for the office."""

    lead: str = ""
    helpers: tuple[str, ...] = ()
    confirmed: bool = False
    basis: str = ""


def suggest(text: str, points: Sequence[int], county: str, book: Book, index: Index) -> Suggestion:
    """A unit that is named, or whose matter it plainly is, else the lead of the clause that is meant; other
    units and the county help."""
    named = _named(text, book.directory)
    plainly = tuple(unit for unit in units_for(text) if book.directory.unit(unit))
    wanted = (*named, *plainly)
    rows = [_row(number, text, wanted, book, index) for number in points]
    found = [row for row in rows if row is not None]
    led = tuple(dict.fromkeys(row.lead for row in found))
    mine = next((unit for unit in named if not led or unit in _all(points, book)), "")
    lead = mine or next(iter(plainly), "") or next(iter(led), "")
    if not lead:
        return Suggestion()
    others = [unit for unit in (*named, *plainly, county) if unit and unit != lead]
    row = next((row for row in found if row.lead == lead), None)
    return Suggestion(
        lead,
        tuple(dict.fromkeys(others))[:MOST_HELPERS],
        row is not None and row.confirmed,
        f"要点{row.point}" if row else "诉求里提到",
    )


def county_of(text: str, place: str | None, book: Book) -> str:
    """The county a problem lies in: that of its place, else of the first place named; "" for none."""
    for words in (place or "", text):
        for one in book.directory.find(words):
            if one.area is not None:
                return one.area.parent or one.area.short
    return ""


def _named(text: str, directory: Directory) -> tuple[str, ...]:
    """The city's units named, in the order of the words; a county's own bureaus are its own affair."""
    found = directory.find(text)
    return tuple(dict.fromkeys(one.unit.short for one in found if one.unit and not one.county_bureau))


def _all(points: Sequence[int], book: Book) -> set[str]:
    rows = [row for row in book.assignments if row.point in points]
    return {unit for row in rows for unit in row.units}


def _row(number: int, text: str, named: Sequence[str], book: Book, index: Index) -> Assignment | None:
    """The row of the clause that resembles the text most; one led by a unit that was named comes first."""
    own = book.assignments.clauses(number)
    if by_name := next((row for unit in named for row in own if row.lead == unit), None):
        return by_name
    question = read(text, index)
    hits = index.search(map(list, question.runs), question.spans, only=(number,)).hits
    piece = hits[0].piece if hits and not hits[0].piece.is_title else None
    near = book.assignments.overlapping(number, piece.text) if piece else ()
    return next(iter(near), None) or book.assignments.of_point(number) or next(iter(own), None)
