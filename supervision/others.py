"""Whose figure a number is when it is none of the speaker's: nobody reports for another unit.

Pure. `supervision/reporting.py` stores no such number; what a unit tells of its own share stays with it.
"""

from __future__ import annotations

from knowledge.aims import fits
from knowledge.book import Book
from knowledge.reading import Quantity
from knowledge.targets import Target
from supervision.overview import answers_for

_ALIKE = 0.75  # of the name's pairs of characters stand in the figure's: 农村公路, not 农村供水管网


def owner(quantity: Quantity, point: int | None, unit: str, book: Book) -> str:
    """The unit that reports the figure of this name; "" where it is nobody else's, or the speaker has a part
    in it."""
    if point is None or quantity.target or unit in {area.short for area in book.directory.counties}:
        return ""
    named = [t for t in book.of_point(point) if _is_called(quantity, t) and not t.parent]
    owners = {answers_for(book, target) for target in named if not _takes_part(book, target, unit)}
    return owners.pop() if len(owners) == 1 else ""


def _is_called(quantity: Quantity, target: Target) -> bool:
    name = quantity.what
    pairs = [name[at : at + 2] for at in range(len(name) - 1)]
    alike = sum(pair in target.what for pair in pairs) >= _ALIKE * len(pairs)
    return bool(pairs) and alike and target.value is not None and fits(quantity.unit, target.unit)


def _takes_part(book: Book, target: Target, unit: str) -> bool:
    """Whether he leads the words of the figure, or joins there."""
    row = book.assignments.of_clause(target.point, target.quote)
    return row is None or unit in row.units
