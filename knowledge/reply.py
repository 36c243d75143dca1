"""Reads a liaison's reply: what kind of message it is, and what it says about which point.

`bqw parse` and the round's conversation call `read`. It is pure: nothing is stored, asked or guessed here;
what is unsure comes back as a Doubt.
"""

from __future__ import annotations

import re

from knowledge.book import Book
from knowledge.match import Index
from knowledge.normalize import plain
from knowledge.reading import Asked, Doubt, Item, Quantity, Reading, Record

__all__ = ["Asked", "Doubt", "Item", "Quantity", "Reading", "Record", "read"]

_POINT = re.compile(r"第(\d{1,2})[项点条]|^(\d{1,2})(?=项| |:)")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)%")


def read(text: str, asked: Asked, book: Book, index: Index) -> Reading:
    """Understand one reply; `text` is as typed."""
    words = plain(text)
    if re.match(r"收到|好的|知悉", words):
        return Reading("ack")
    if words.endswith(("?", "吗")):
        return Reading("question")
    found = _POINT.search(words)
    point = int(found[1] or found[2]) if found else asked.prompted
    if point is None or book.notice.point(point) is None:
        return Reading("chatter")
    percent = _PERCENT.search(words)
    record = Record(point, percent=float(percent[1]) if percent else None)
    return Reading("report", (record,), points=(point,))
