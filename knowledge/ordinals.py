"""Which point or section a question names by number: 第17条, 第四部分第三条, 倒数第二条.

`knowledge/question.py` calls it; the patterns are in `knowledge/data/speech.toml`.
"""

from __future__ import annotations

import re

from knowledge.match import Span
from knowledge.speech import Speech
from knowledge.subject import EDGES

_DECIMAL = re.compile(r"\d\.\d")
_NUMERAL = re.compile(r"[\d一二三四五六七八九十百两]")
_COUNT = re.compile(r"[\d一二三四五六七八九十百和与跟、]")
AFTERTHOUGHT = 4  # characters that may follow a number that opens a message


def numbers(words: str, spans: list[Span], table: Speech, last_section: int) -> tuple[int | None, int | None]:
    """The point's and the section's number, where the text names them."""
    section = None
    if not _NUMERAL.search(words):
        return None, last_section if table.has("last_section", words) else None
    if found := table.find("section_number", words):
        digits = next(g for g in found.groups() if g)
        section = number_of(digits)
    elif table.has("last_section", words):
        section = last_section
    rest = table.without("last_but_one", _without_sections(words, table))
    rest = table.without("last", rest)
    if found := table.find("point_number", rest):
        return number_of(next(g for g in found.groups() if g)), section
    if _DECIMAL.search(rest):
        return None, section  # “48.7是什么指标” is not point 487
    bare = table.noise.sub("", rest).strip()
    if found := table.signs["bare_number"].fullmatch(bare):
        return number_of(found[1]), section
    found = table.find("loose_number", rest)
    if found and not any(s.start <= found.start(1) < s.end for s in spans):
        others = _COUNT.sub("", table.noise.sub("", rest[: found.start(1)] + rest[found.end() :])).strip()
        begins = found.start(1) == 0 and len(others) <= AFTERTHOUGHT  # “17条谁牵头 是不是交通局”
        return (number_of(found[1]) if begins or not others.strip(EDGES) else None), section
    return None, section


def without_numbers(words: str, table: Speech) -> str:
    return table.without("point_number", _without_sections(words, table))


def _without_sections(words: str, table: Speech) -> str:
    return table.without("last_section", table.without("section_number", words))


def last(words: str, table: Speech) -> int:
    if table.has("last_but_one", words):
        return 2
    found = table.find("last", _without_sections(words, table))
    return 0 if not found else number_of(found[1]) if found[1] else 1


def place_in_list(words: str, table: Speech) -> int | None:
    if found := table.find("inside", words):
        return number_of(next(g for g in found.groups() if g)) - 1
    places = ("first_of_list", "second_of_list", "third_of_list")
    return next((at for at, name in enumerate(places) if table.has(name, words)), None)


def number_of(digits: str) -> int:
    """第十七 → 17, 四十五 → 45; also plain digits."""
    if digits.isdigit():
        return int(digits)
    ones = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
    if not set("十百") & set(digits):  # 第一七条: read out digit by digit
        return int("".join(str(ones.get(c, 0)) for c in digits))
    total, rest = 0, 0
    for char in digits:
        if char in "百十":
            total, rest = total + (rest or 1) * (100 if char == "百" else 10), 0
        else:
            rest = ones.get(char, 0)
    return total + rest
