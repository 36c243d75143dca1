"""What stands above the sections of a notice: its title, number, date, issuer and preamble.

Called by `knowledge.notice.parse` with the lines above the first section (and those below the last
point, where some offices sign). It reads plain lines and never guesses a number or a date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import dropwhile

_NUMBER = r"[^\s\d:()《》,。、]{1,20}\s?[〔﹝【\[(]\s?\d{4}\s?[〕﹞】\])]\s?第?\s?\d{1,5}\s?号"
_NUMBER_LABEL = r"(?:(?:发文字号|文\s?号|字\s?号)\s?:\s?)?"
_NUMBER_LINE = re.compile(rf"{_NUMBER_LABEL}({_NUMBER})\s{{0,40}}(?:签发人.{{0,20}})?")
_DATE = re.compile(r"\s*(\d{4})\s{0,4}年\s{0,4}(\d{1,2})\s{0,4}月\s{0,4}(\d{1,2})\s{0,4}日\s*")
_HAN = "一二三四五六七八九"
_DATE_HAN = re.compile(rf"\s*([〇○零{_HAN}]{{4}})年([{_HAN}十]{{1,3}})月([{_HAN}十]{{1,3}})日\s*")
_TITLE_END = re.compile(r"(?:通知|意见|方案|要点|计划|通报|决定|函)(?:\([^()]{1,20}\))?$")
_FURNITURE = re.compile(r"(?:.{2,40}文件|[★☆]?\s?(?:绝密|机密|秘密|内部|特急|加急|急件).{0,10}|\d{1,6})$")
_LONGEST_TITLE = 200
_YEAR = re.compile(r"(\d{4})\s?年")
_BRACKETS = str.maketrans("﹝【[(﹞】])", "〔〔〔〔〕〕〕〕")
_HAN_DIGITS = {c: n for n, c in enumerate(f"〇{_HAN}")} | {"○": 0, "零": 0}


@dataclass(frozen=True, slots=True)
class Header:
    title: str
    doc_number: str
    issuer: str
    issued_on: date | None
    year: int
    preamble: str


def read_header(above: list[str], below: list[str]) -> Header:
    """The header from the lines above the body; date and signature may stand below it instead."""
    above = [line.strip() for line in above]
    below = [line.strip() for line in below]
    doc_number = next(filter(None, map(_doc_number, above)), "")
    title = _title(above)
    issued_on, issuer = _signature(above)
    if issued_on is None:
        issued_on, issuer = _signature(below)
    return Header(
        title=title,
        doc_number=doc_number,
        issuer=issuer or title.partition("关于")[0],
        issued_on=issued_on,
        year=_year(title, above, doc_number),
        preamble=_preamble(above),
    )


def date_line(text: str) -> date | None:
    """The date a line consists of, in figures or in characters; None for any other line."""
    if match := _DATE.fullmatch(text):
        year, month, day = (int(g) for g in match.groups())
    elif match := _DATE_HAN.fullmatch(text):
        year = int("".join(str(_HAN_DIGITS[c]) for c in match[1]))
        month, day = chinese_number(match[2]), chinese_number(match[3])
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def chinese_number(text: str) -> int:
    """一…九十九 as an int; 0 for anything that is not such a number."""
    digits = {c: n for n, c in enumerate(_HAN, start=1)}
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return digits.get(text, 0)
    if (tens and tens not in digits) or (ones and ones not in digits):
        return 0
    return digits.get(tens, 1) * 10 + digits.get(ones, 0)


def _doc_number(line: str) -> str:
    match = _NUMBER_LINE.fullmatch(line)
    if not match:
        return ""
    number = re.sub(r"[\s第]", "", match[1]).translate(_BRACKETS)
    return "".join(str(int(c)) if c.isdecimal() else c for c in number)


def _title(lines: list[str]) -> str:
    """The first run of lines, joined, that ends like a title: long titles are wrapped over several lines."""
    run = ""
    for line in lines:
        if not _could_be_title(line) or len(run) > _LONGEST_TITLE:
            run = ""
        elif line.endswith((":", "。")):
            break
        else:
            run += line
            if _TITLE_END.search(run[-_LONGEST_TITLE:]) and run.count("《") == run.count("》"):
                return run
    return next((line for line in lines if _could_be_title(line)), "")


def _could_be_title(line: str) -> bool:
    return bool(line) and not _doc_number(line) and not _FURNITURE.fullmatch(line) and not date_line(line)


def _signature(lines: list[str]) -> tuple[date | None, str]:
    """The date that stands alone with its signer above it; else a date in any other short line."""
    for at, line in enumerate(lines):
        if found := date_line(line):
            signed = next(filter(None, reversed(lines[:at])), "")
            plain = signed and not any(c in signed for c in "。;,:")
            return found, signed if plain else ""
    short = (_DATE.search(line) for line in lines if len(line) <= 40)
    return next((found for match in short if match and (found := date_line(match[0]))), None), ""


def _year(title: str, lines: list[str], doc_number: str) -> int:
    """The year in the title is the year of the work; a notice without one is taken by its number."""
    for text in (title, *(line for line in lines if _TITLE_END.search(line)), doc_number):
        if found := _YEAR.search(text) or re.search(r"〔(\d{4})〕", text):
            return int(found[1])
    return 0


def _preamble(lines: list[str]) -> str:
    """The prose above the first section, below the letter and the work points' own title."""
    start = next((at + 1 for at, line in enumerate(lines) if date_line(line)), None)
    if start is None:
        start = next((at + 1 for at, line in enumerate(lines) if line.endswith(":")), 0)
    prose = dropwhile(lambda line: not any(c in line for c in "。;,"), filter(None, lines[start:]))
    return "\n".join(prose)
