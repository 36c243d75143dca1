"""Whose number a county's liaison tells: 饶平县项目库24个，潮安区项目库26个 are two counties' reports.

Pure. A number that names another county is never booked under the speaker's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.book import Book

_NUMBER = re.compile(r"\d|百分之|[一二两三四五六七八九十]+\s?[个项座家户成]")


@dataclass(frozen=True, slots=True)
class Part:
    """What a message tells for one county or unit, without its name."""

    unit: str
    text: str


def parts(text: str, units: Iterable[str], book: Book) -> list[Part]:
    """The message county by county, where a county's liaison names another than his only one; else []."""
    counties = {name: area.short for area in book.directory.counties for name in _names(area.short)}
    own = [unit for unit in units if unit in counties.values()]
    if not own:
        return []
    found = list(_beginning(counties).finditer(text))
    if not found:
        return []
    ends = [match.start("name") for match in found[1:]] + [len(text)]
    made = [
        Part(counties[match["name"]], text[match.end() : end].strip(" ，,；;、：:的"))
        for match, end in zip(found, ends, strict=True)
    ]
    if head := text[: found[0].start("name")].strip(" ，,；;、"):
        made.insert(0, Part(own[0], head))
    told = [part for part in made if _NUMBER.search(part.text)]
    return told if any(part.unit != own[0] for part in told) or len(own) > 1 else []


def _names(short: str) -> tuple[str, str]:
    return short, short[:-1]  # 饶平县, 饶平


def _beginning(names: Iterable[str]) -> re.Pattern[str]:
    """A county's name where a clause begins with it."""
    any_of = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    return re.compile(rf"(?:^|[\s,，;；。、]|(?<![难题调因步])[:：])(?P<name>{any_of})(?:的|：|:)?\s?")
