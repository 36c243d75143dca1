"""The notice, parsed from its own words: sections, work points, clauses, with line numbers.

Called by `bqw notice import` and when knowledge is loaded. It never paraphrases: every `text` is a
substring of the source, so an answer can quote it. It knows no particular notice: number, year and
the count of points are read, not assumed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_SECTION = re.compile(r"^([一二三四五六七八九十]+)、\s*(\S.*)$")
_POINT = re.compile(r"^(\d{1,3})\s*[..、]\s*(\S.*)$")
_DOC_NUMBER = re.compile(r"^\S{1,20}〔\d{4}〕\d+号$")
_DATE = re.compile(r"^(\d{4})年(\d{1,2})月(\d{1,2})日$")


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence or task inside a point, exactly as printed. `index` counts from 0 in its point."""

    point: int
    index: int
    text: str


@dataclass(frozen=True, slots=True)
class WorkPoint:
    """工作要点. `text` is the whole point without its number; `title` is its first sentence's heading."""

    number: int
    section: int
    title: str
    text: str
    clauses: tuple[Clause, ...]
    line: int
    lead: str | None = None  # only where the notice itself names one
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    number: int
    title: str
    points: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    title: str
    doc_number: str
    issuer: str
    issued_on: date
    year: int  # the year the work points are for
    preamble: str
    sections: tuple[Section, ...]
    points: tuple[WorkPoint, ...]
    text: str  # the source as read

    def point(self, number: int) -> WorkPoint | None:
        """The point with this number, or None: numbers outside the notice are a user's slip."""
        return next((p for p in self.points if p.number == number), None)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file, and where: `line` counts from 1 (paragraphs, for a .docx)."""

    line: int
    what: str

    def __str__(self) -> str:
        return f"第{self.line}行:{self.what}"


class NoticeError(ValueError):
    """The file is not a notice that can be imported; carries every problem found, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(";".join(map(str, problems)))
        self.problems = problems
