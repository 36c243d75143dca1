"""台账.xlsx: what was asked, who answers for it and how far it is, laid out as the office prints it.

`bqw export` writes it from plain rows; a digest or a circular may take the same rows. Nothing is computed
here: every cell is text somebody said or the notice prints.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any
from unicodedata import east_asian_width

from knowledge.workbook import fit_to_width, put_value, saved


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One matter of a point. Figures are text, as said or as printed; empty where nobody said."""

    section: str
    point: int
    title: str
    clause: str  # the notice's words; empty: the whole point
    lead: str
    participants: str
    assignment: str  # 已确认 | 建议
    target: str  # 超48.7公里
    latest: str  # 32公里
    done: str  # 65.7%
    light: str  # 绿灯 | 黄灯 | 红灯 | 未报
    status: str
    difficulty: str
    help_needed: str
    next_step: str
    due: str
    as_of: str  # 6月25日
    reporter: str
    source: str  # key of the message
    words: str = ""  # the unit's own, never reworded


@dataclass(frozen=True, slots=True)
class _Column:
    key: str
    title: str
    width: float
    group: str = ""  # the heading above it; empty: its own heading takes both rows
    centred: bool = False


_COLUMNS = (
    _Column("section", "板块", 9, centred=True),
    _Column("point", "要点", 6, centred=True),
    _Column("title", "工作要点", 17),
    _Column("clause", "工作任务（通知原文）", 34),
    _Column("lead", "牵头单位", 15, "责任分工"),
    _Column("participants", "配合单位", 22, "责任分工"),
    _Column("assignment", "分工状态", 8, "责任分工", centred=True),
    _Column("target", "目标", 14, "目标与进展", centred=True),
    _Column("latest", "最新进展", 13, "目标与进展", centred=True),
    _Column("done", "完成率", 9, "目标与进展", centred=True),
    _Column("light", "亮灯", 7, "目标与进展", centred=True),
    _Column("status", "状态", 9, "目标与进展", centred=True),
    _Column("difficulty", "存在困难", 24, "存在问题"),
    _Column("help_needed", "需协调事项", 22, "存在问题"),
    _Column("next_step", "下一步措施", 24, "存在问题"),
    _Column("due", "完成时限", 10, "存在问题", centred=True),
    _Column("as_of", "截至日期", 10, "来源", centred=True),
    _Column("reporter", "填报人", 14, "来源", centred=True),
    _Column("source", "来源消息", 16, "来源"),
)
_SOURCES = (("来源消息", 40.0), ("要点", 7.0), ("截至日期", 11.0), ("填报人", 24.0), ("原话", 90.0))
# What is merged while it, and everything it belongs to, stays the same from row to row.
_MERGED: tuple[tuple[str, ...], ...] = (
    ("section",),
    ("point", "title"),
    ("clause",),
    ("lead", "participants", "assignment"),
)
_EMPTY = {"clause": "（整个要点）"}
_LIGHTS = {"绿灯": "C6E0B4", "黄灯": "FFE699", "红灯": "F4B0A8", "未报": "D9D9D9"}
_FIRST_ROW = 5  # below the title, the line with the date, and two rows of headings
_A3 = 8
_TITLE_FONT, _BODY_FONT, _HEAD_FONT = "方正小标宋简体", "仿宋", "黑体"
_SIZE = 11  # points
_LINE = 15.6  # points a line of this size takes


def write(rows: Iterable[LedgerRow], *, title: str, as_of: date, office: str) -> bytes:
    """A sheet ready to print on A3, and behind it the words of every message it names."""
    from openpyxl import Workbook

    rows = list(rows)
    book = Workbook()
    book.properties.creator, book.properties.title = office, title
    sheet: Any = book.active
    sheet.title = "台账"
    pen = _Pen()
    _write_top(pen, sheet, title, f"截至{as_of.year}年{as_of.month}月{as_of.day}日", office)
    _write_headings(pen, sheet)
    for at, row in enumerate(rows, start=_FIRST_ROW):
        _write_row(pen, sheet, at, row)
    for keys, first, last in _blocks(rows):
        _merge(sheet, keys, first + _FIRST_ROW, last + _FIRST_ROW)
    _set_heights(sheet, rows)
    _set_page(sheet)
    _write_sources(pen, book.create_sheet("原话"), rows)
    return saved(book)


# --- cells ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Look:
    """How a cell looks. Where a font is missing, family and charset lead to another Chinese one."""

    font: str = _BODY_FONT
    size: float = _SIZE
    side: str = "left"
    lined: bool = False
    fill: str = ""


_HEADING = _Look(_HEAD_FONT, side="center", lined=True, fill="DDE6F0")


class _Pen:
    """Writes cells. Each look is put together once and copied from then on: that takes ten times as long as
    the cell itself."""

    def __init__(self) -> None:
        self._made: dict[_Look, Any] = {}

    def write(self, cell: Any, value: str | int, look: _Look) -> None:
        put_value(cell, value)
        if look not in self._made:
            _dress(cell, look)
            self._made[look] = cell._style
        cell._style = copy(self._made[look])


def _dress(cell: Any, look: _Look) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    cell.font = Font(name=look.font, size=look.size, family=3, charset=134)
    cell.alignment = Alignment(horizontal=look.side, vertical="center", wrap_text=True)
    cell.number_format = "@"
    if look.lined:
        thin = Side(style="thin", color="808080")
        cell.border = Border(left=thin, right=thin, top=thin, bottom=thin)
    if look.fill:
        cell.fill = PatternFill("solid", fgColor=look.fill)


def _write_top(pen: _Pen, sheet: Any, title: str, as_of: str, office: str) -> None:
    last, half = len(_COLUMNS), len(_COLUMNS) // 2
    pen.write(sheet.cell(1, 1), title, _Look(_TITLE_FONT, 22, "center"))
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=last)
    pen.write(sheet.cell(2, 1), as_of, _Look(size=12))
    sheet.merge_cells(start_row=2, end_row=2, start_column=1, end_column=half)
    pen.write(sheet.cell(2, half + 1), office, _Look(size=12, side="right"))
    sheet.merge_cells(start_row=2, end_row=2, start_column=half + 1, end_column=last)
    sheet.row_dimensions[1].height, sheet.row_dimensions[2].height = 42, 22


def _write_headings(pen: _Pen, sheet: Any) -> None:
    """Two rows: groups above their columns; a column without a group takes both."""
    for group, members in _runs(_COLUMNS, lambda column: column.group or column.key):
        first, last = members[0], members[-1]
        alone = not _COLUMNS[first].group
        for at in members:
            pen.write(sheet.cell(3, at + 1), _COLUMNS[at].title if alone else group, _HEADING)
            pen.write(sheet.cell(4, at + 1), _COLUMNS[at].title, _HEADING)
        bottom = 4 if alone else 3
        sheet.merge_cells(start_row=3, end_row=bottom, start_column=first + 1, end_column=last + 1)
    sheet.row_dimensions[3].height, sheet.row_dimensions[4].height = 22, 34


def _write_row(pen: _Pen, sheet: Any, at: int, row: LedgerRow) -> None:
    for place, column in enumerate(_COLUMNS, start=1):
        value = getattr(row, column.key) or _EMPTY.get(column.key, "")
        fill = _LIGHTS.get(row.light, "") if column.key == "light" else ""
        side = "center" if column.centred else "left"
        pen.write(sheet.cell(at, place), value, _Look(side=side, lined=True, fill=fill))


def _write_sources(pen: _Pen, sheet: Any, rows: Iterable[LedgerRow]) -> None:
    """Each message once: a number is traced from the 台账 to the words that said it."""
    for place, (title, width) in enumerate(_SOURCES, start=1):
        pen.write(sheet.cell(1, place), title, _HEADING)
        sheet.column_dimensions[sheet.cell(1, place).column_letter].width = width
    told = {(row.source, row.point): row for row in rows if row.words}
    for at, row in enumerate(told.values(), start=2):
        cells: tuple[str | int, ...] = (row.source, row.point, row.as_of, row.reporter, row.words)
        for place, value in enumerate(cells, start=1):
            pen.write(sheet.cell(at, place), value, _Look(lined=True))
        sheet.row_dimensions[at].height = min(409, _lines(row.words, _SOURCES[-1][1]) * _LINE + 6)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.paperSize, sheet.page_setup.orientation = _A3, "landscape"
    fit_to_width(sheet)


# --- what belongs together ------------------------------------------------------------------------


def _blocks(rows: Sequence[LedgerRow]) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Columns that share a text, from which row to which."""
    above: tuple[str, ...] = ()
    for keys in _MERGED:
        above = (*above, *keys)
        for _, members in _runs(rows, attrgetter(*above)):
            yield keys, members[0], members[-1]


def _runs(items: Iterable[Any], key: Callable[[Any], Any]) -> Iterator[tuple[Any, list[int]]]:
    """The places of neighbours with the same key."""
    for value, members in groupby(enumerate(items), lambda pair: key(pair[1])):
        yield value, [at for at, _ in members]


def _merge(sheet: Any, keys: tuple[str, ...], first: int, last: int) -> None:
    for place, column in enumerate(_COLUMNS, start=1):
        if column.key in keys and first < last:
            for row in range(first + 1, last + 1):
                sheet.cell(row, place).value = None
            sheet.merge_cells(start_row=first, end_row=last, start_column=place, end_column=place)


# --- the page -------------------------------------------------------------------------------------


def _set_heights(sheet: Any, rows: Sequence[LedgerRow]) -> None:
    """As high as the longest text; no program reckons with merged ones, which spread over their rows."""
    widths = {column.key: column.width for column in _COLUMNS}
    shared = {key for keys in _MERGED for key in keys}
    heights = [max(_lines(getattr(row, key), widths[key]) for key in widths.keys() - shared) for row in rows]
    for keys, first, last in _blocks(rows):
        wanted = max(_lines(getattr(rows[first], key), widths[key]) for key in keys)
        lacking = wanted - sum(heights[first : last + 1])
        for at in range(first, last + 1):
            heights[at] += max(0, math.ceil(lacking / (last + 1 - first)))
    for at, lines in enumerate(heights, start=_FIRST_ROW):
        sheet.row_dimensions[at].height = min(409, lines * _LINE + 6)


def _lines(value: str | int, width: float) -> int:
    """How many lines a text takes in a column, where a Chinese character is two digits wide."""
    room = max(2, width - 1.5)
    return sum(max(1, math.ceil(_columns(line) / room)) for line in str(value).split("\n"))


def _columns(text: str) -> float:
    return sum(2.1 if east_asian_width(char) in "WFA" else 1.1 for char in text)


def _set_page(sheet: Any) -> None:
    from openpyxl.utils import get_column_letter

    for place, column in enumerate(_COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    sheet.freeze_panes = sheet.cell(_FIRST_ROW, 4)
    sheet.print_title_rows = "3:4"
    sheet.page_setup.paperSize = _A3
    sheet.page_setup.orientation = "landscape"
    fit_to_width(sheet)
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.5
    margins.top, margins.bottom, margins.footer = 0.6, 0.8, 0.4
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
