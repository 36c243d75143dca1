"""Which units lead something and have nobody to ask. Pure; the command line and the office's chat show it."""

from __future__ import annotations

from collections.abc import Iterable

from knowledge.book import Book
from storage.person import Person


def units_without(everybody: Iterable[Person], book: Book) -> list[str]:
    """In protocol order."""
    served = {person.unit for person in everybody if person.role == "liaison"}
    leads = {name for row in book.assignments for name in (row.lead, *row.co_leads)}
    ordered = sorted(leads, key=lambda name: (book.directory.order_of(name), name))
    return [name for name in ordered if name not in served and book.directory.unit(name)]
