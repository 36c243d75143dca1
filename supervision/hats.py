"""For which of his units somebody with several speaks: “交通：公路26；水务：覆盖率86%”, “水务那边没变化”.

Pure. A name counts where a clause begins with it, said as people call a unit of their own: 水务局, 水务这边.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.book import Book
from supervision.counties import Part

_SHORT = re.compile(r"(?:运输|事务)?(?:局|部门|办公室|办)$")
_SIDE = r"(?:[这那]边|[这那]块|[这那]头|方面)"


def parts(text: str, units: Sequence[str], book: Book) -> list[Part]:
    """The message unit by unit, without their names, where it begins with one of several; else []."""
    if len(units) < 2:
        return []
    names = {name: unit for unit in units for name in _names(unit, book)}
    short = {name: unit for name, unit in _shortened(names).items() if name not in names}
    whole = rf"(?P<name>{_any(names)})(?:{_SIDE})?"
    nick = rf"(?P<short>{_any(short)})(?:{_SIDE}|(?=\s*[:：]|[没无也都]))"
    begins = re.compile(rf"(?:^|[\s,，;；。、])(?:{whole}|{nick})(?:的|\s*[:：])?\s*")
    found = list(begins.finditer(text))
    if not found or text[: found[0].start()].strip():
        return []
    ends = [one.start() for one in found[1:]] + [len(text)]
    means = names | short
    return [
        Part(means[one["name"] or one["short"]], text[one.end() : end].strip(" ，,；;"))
        for one, end in zip(found, ends, strict=True)
    ]


def _names(unit: str, book: Book) -> list[str]:
    found = book.directory.unit(unit)
    names = {unit, unit.removeprefix("市"), *(found.aliases if found else ())}
    return sorted(name for name in names if len(name) > 1)


def _shortened(names: dict[str, str]) -> dict[str, str]:
    """交通 of 交通局; a word that would stand for two of them is none."""
    made: dict[str, set[str]] = {}
    for name, unit in names.items():
        made.setdefault(_SHORT.sub("", name.removeprefix("市")), set()).add(unit)
    return {word: units.pop() for word, units in made.items() if len(units) == 1 and len(word) > 1}


def _any(names: dict[str, str]) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True)) or "(?!)"
