"""Taught, 教过的说法: a phrase the office bound to a point. A frozen value rows and rooms share.

It stands apart from its queries (`storage/phrases.py`) so that reading knowledge does not load a database
library.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Taught:
    """`phrase` is comparable (`knowledge.normalize.plain`), `typed` as the admin wrote it."""

    phrase: str
    point: int
    quote: str  # "" is the whole point, else an exact substring of the point's text
    by: str
    at: datetime
    typed: str = ""
