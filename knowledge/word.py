"""The paragraphs of a .docx as plain lines, with Word's automatic numbers written out.

Called by `knowledge.files` after it has checked the package. In such a file “1.” is often no text at all
but a property of the paragraph; without it a notice would seem to have no points.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from docx import Document
from docx.opc.exceptions import OpcError

from knowledge.files import DAMAGED, FileError
from knowledge.notice import NoticeError, Problem

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Text boxes come as paragraphs of their own; a fallback repeats them for old programs; a deletion is no text.
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_NOT_WORDS = (f"{_W}p", f"{_W}pPr", f"{_W}del", f"{_COMPATIBILITY}Fallback")
_HAN = "零一二三四五六七八九"
_HAN_FORMATS = (
    "chineseCounting",
    "chineseCountingThousand",
    "taiwaneseCounting",
    "taiwaneseCountingThousand",
    "japaneseCounting",
    "ideographDigital",
)
_DECIMAL_FORMATS = ("decimal", "decimalFullWidth", "decimalFullWidth2", "decimalHalfWidth")
_CIRCLED_FORMATS = ("decimalEnclosedCircle", "decimalEnclosedCircleChinese")
_DEEPEST_THAT_MATTERS = 1  # below it a lost number changes no point; it is left out silently

Place = tuple[str, int]  # (list, level)


def paragraphs(data: bytes) -> list[str]:
    """Every line in reading order: body, table cells and text boxes."""
    try:
        document = Document(BytesIO(data))
        numbers = _Numbers.of(document)
        lines = [line for p in _paragraphs(document.element.body) for line in numbers.lines(p)]
    except (*DAMAGED, OpcError) as error:
        raise FileError("文件已损坏，打不开，请用 Office 或 WPS 另存为 .docx 后再导入") from error
    if numbers.problems:
        raise NoticeError(numbers.problems)
    if not any(line.strip() for line in lines):
        raise FileError("文件里没有文字（如果是扫描件，请先转成文字）")
    return lines


@dataclass(frozen=True, slots=True)
class _Level:
    format: str
    pattern: str  # "%1、", "%1.%2"
    start: int


@dataclass(slots=True)
class _Numbers:
    """Counts as Word does: each list has its levels, and a higher level starts the lower ones anew."""

    levels: dict[Place, _Level]
    lists: dict[str, str]  # numId → the abstract list whose count it shares
    starts: dict[Place, int]  # numId and level → where a new list starts over
    styles: dict[str, tuple[str | None, str | None, str | None]]  # style → (numId, level, based on)
    counts: dict[Place, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    line: int = 0

    @classmethod
    def of(cls, document: Any) -> _Numbers:
        parts = (rel.target_part for rel in document.part.rels.values() if not rel.is_external)
        root = next((part.element for part in parts if part.partname == "/word/numbering.xml"), None)
        return cls(*(_lists(root) if root is not None else ({}, {}, {})), _styles(document.styles.element))

    def lines(self, paragraph: Any) -> list[str]:
        text = "".join(_texts(paragraph))
        self.line += 1
        number = self._number(paragraph) if text.strip() else ""
        lines = f"{number}{text}".split("\n")
        self.line += len(lines) - 1
        return lines

    def _number(self, paragraph: Any) -> str:
        num, depth = self._place(paragraph)
        if num in (None, "0") or num not in self.lists:
            return ""
        level = self.levels.get((self.lists[num], depth))
        if level is None or level.format in ("bullet", "none"):
            return ""
        self._count(num, depth)
        written = self._written(num, depth, level.pattern)
        if written is None and depth <= _DEEPEST_THAT_MATTERS:
            self.problems.append(
                Problem(self.line, f"自动编号的格式“{level.format}”读不出来，请把编号改成手工输入的文字")
            )
        return written or ""

    def _place(self, paragraph: Any) -> tuple[str | None, int]:
        """The list and level from the paragraph itself, else from its style and those it is based on."""
        num, depth = _numbering_of(paragraph.find(f"{_W}pPr"))
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        name = style.get(f"{_W}val") if style is not None else None
        for _ in range(10):  # styles may be based on each other in a ring in a damaged file
            if num is not None or name not in self.styles:
                break
            num, styled, name = self.styles[name]
            depth = depth or styled
        return num, int(depth) if depth and depth.isdecimal() else 0

    def _count(self, num: str, depth: int) -> None:
        shared = self.lists[num]
        for deeper in [place for place in self.counts if place[0] == shared and place[1] > depth]:
            del self.counts[deeper]
        over = self.starts.pop((num, depth), None)
        if over is not None:
            self.counts[shared, depth] = over
        elif (shared, depth) in self.counts:
            self.counts[shared, depth] += 1
        else:
            self.counts[shared, depth] = self.levels[shared, depth].start

    def _written(self, num: str, depth: int, pattern: str) -> str | None:
        shared = self.lists[num]
        for at in range(depth + 1):
            level = self.levels.get((shared, at))
            if level and f"%{at + 1}" in pattern:
                number = _formatted(self.counts.get((shared, at), level.start), level.format)
                if number is None:
                    return None
                pattern = pattern.replace(f"%{at + 1}", number)
        return pattern


def _paragraphs(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag == f"{_W}p":
            yield child
        if child.tag != f"{_COMPATIBILITY}Fallback":
            yield from _paragraphs(child)


def _texts(element: Any) -> Iterator[str]:
    """The paragraph's own words; paragraphs inside it (text boxes) come by themselves."""
    for child in element:
        tag = child.tag
        if tag == f"{_W}t":
            yield child.text or ""
        elif tag in (f"{_W}br", f"{_W}cr"):
            yield "\n"
        elif tag == f"{_W}tab":
            yield "\t"
        elif tag == f"{_W}noBreakHyphen":
            yield "-"
        elif isinstance(tag, str) and tag not in _NOT_WORDS:
            yield from _texts(child)


def _lists(root: Any) -> tuple[dict[Place, _Level], dict[str, str], dict[Place, int]]:
    levels: dict[Place, _Level] = {}
    for abstract in root.iterfind(f"{_W}abstractNum"):
        for level in abstract.iterfind(f"{_W}lvl"):
            depth = int(level.get(f"{_W}ilvl"))
            levels[abstract.get(f"{_W}abstractNumId"), depth] = _Level(
                format=_value(level, "numFmt", "decimal"),
                pattern=_value(level, "lvlText", f"%{depth + 1}."),
                start=int(_value(level, "start", "1")),
            )
    lists: dict[str, str] = {}
    starts: dict[Place, int] = {}
    for num in root.iterfind(f"{_W}num"):
        lists[num.get(f"{_W}numId")] = _value(num, "abstractNumId", "")
        for override in num.iterfind(f"{_W}lvlOverride"):
            if over := _value(override, "startOverride", ""):
                starts[num.get(f"{_W}numId"), int(override.get(f"{_W}ilvl"))] = int(over)
    return levels, lists, starts


def _styles(root: Any) -> dict[str, tuple[str | None, str | None, str | None]]:
    return {
        style.get(f"{_W}styleId"): (
            *_numbering_of(style.find(f"{_W}pPr")),
            _value(style, "basedOn", "") or None,
        )
        for style in root.iterfind(f"{_W}style")
    }


def _numbering_of(properties: Any) -> tuple[str | None, str | None]:
    numbering = properties.find(f"{_W}numPr") if properties is not None else None
    if numbering is None:
        return None, None
    return _value(numbering, "numId", "") or None, _value(numbering, "ilvl", "") or None


def _value(element: Any, name: str, default: str) -> str:
    child = element.find(f"{_W}{name}")
    return default if child is None else child.get(f"{_W}val", default)


def _formatted(number: int, format: str) -> str | None:
    if format in _DECIMAL_FORMATS:
        return str(number)
    if format in _HAN_FORMATS and 0 < number < 100:
        return _han(number)
    if format in _CIRCLED_FORMATS and 0 < number <= 20:
        return chr(0x2460 + number - 1)
    if format in ("lowerLetter", "upperLetter") and 0 < number <= 26:
        return chr((97 if format == "lowerLetter" else 65) + number - 1)
    return None


def _han(number: int) -> str:
    tens, ones = divmod(number, 10)
    if not tens:
        return _HAN[ones]
    return (_HAN[tens] if tens > 1 else "") + "十" + (_HAN[ones] if ones else "")
