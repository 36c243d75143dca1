"""Workbooks of the office, safely: found rows in, text that stays text out.

Each sheet the bot reads or writes (分工表, 人员表, 台账) says its columns and gets rows by heading, or a
sentence why not. It knows no sheet in particular.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from itertools import islice
from typing import Any

from knowledge.files import DAMAGED, MAX_UNPACKED, FileError, check_package
from knowledge.width import fold

_MAX_MERGED = 5_000  # cells of one merged block; a larger one is decoration


class SheetError(ValueError):
    """The sheet cannot be imported; every problem says where it is and what would be right."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    title: str
    width: float
    also: tuple[str, ...] = ()  # other headings the office uses

    @property
    def name(self) -> str:
        """The heading without its explanation, as problems call it."""
        return self.title.partition("（")[0]


@dataclass(frozen=True, slots=True)
class Layout:
    """What a sheet is called, its columns, those it cannot do without, and how long it may be."""

    name: str
    columns: tuple[Column, ...]
    needed: tuple[str, ...]
    most_rows: int = 5_000
    most_bytes: int = MAX_UNPACKED

    def called(self, key: str) -> str:
        return next(c.name for c in self.columns if c.key == key)


@dataclass(frozen=True, slots=True)
class Row:
    """Values by column; `number` is the row as Excel counts it."""

    number: int
    cells: Mapping[str, Any]

    def text(self, key: str) -> str:
        value = self.cells.get(key)
        return "" if value is None else str(value).strip()


# --- out ------------------------------------------------------------------------------------------


def table(layout: Layout, rows: Iterable[Sequence[int | str | date | None]]) -> Any:
    """A workbook whose first sheet is a row of headings and these rows."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101  a new workbook always has one sheet
    sheet.title = layout.name
    _write_header(sheet, layout.columns)
    for at, values in enumerate(rows, start=2):
        for column, value in enumerate(values, start=1):
            write_cell(sheet.cell(at, column), value)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.orientation = "landscape"
    sheet.print_title_rows = "1:1"
    fit_to_width(sheet)
    return book


def explain(book: Any, sentences: Iterable[str]) -> None:
    """A second sheet that says how to fill in the first."""
    how = book.create_sheet("填写说明")
    how.column_dimensions["A"].width = 110
    for at, sentence in enumerate(sentences, start=1):
        write_cell(how.cell(at, 1), sentence)


def offer(sheet: Any, cells: str, choices: Iterable[str]) -> None:
    """A list to choose from. Excel parts the choices at a half-width comma only."""
    from openpyxl.worksheet.datavalidation import DataValidation

    offered = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
    sheet.add_data_validation(offered)
    offered.add(cells)


def fit_to_width(sheet: Any) -> None:
    """One page wide and as long as it takes."""
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def write_cell(cell: Any, value: int | str | date | None) -> None:
    """A value at the top of its cell, on as many lines as it takes."""
    from openpyxl.styles import Alignment

    cell.alignment = Alignment(vertical="top", wrap_text=True)
    if put_value(cell, value) and not isinstance(value, int):
        cell.number_format = "yyyy-mm-dd" if isinstance(value, date) else "@"


def put_value(cell: Any, value: int | str | date | None) -> bool:
    """Text stays text: a value that begins with “=” must never become a formula. Whether there is any."""
    if isinstance(value, str):
        cell.value = legible(value) or None
        if cell.value is not None:
            cell.data_type = "s"
    elif value is not None:
        cell.value = value
    return cell.value is not None


def legible(text: str) -> str:
    """Without the characters that XML, and so every Office file, cannot hold."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    return ILLEGAL_CHARACTERS_RE.sub("", text).encode("utf-8", "ignore").decode("utf-8")


def saved(book: Any) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _write_header(sheet: Any, columns: Iterable[Column]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    for at, column in enumerate(columns, start=1):
        cell = sheet.cell(1, at, column.title)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDE6F0")
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.column_dimensions[cell.column_letter].width = column.width


# --- in -------------------------------------------------------------------------------------------


def rows_of(data: bytes, layout: Layout) -> list[Row]:
    """The filled rows below the headings of the first sheet that has them. Raises SheetError."""
    try:
        check_package(data, "xlsx", "xl/workbook.xml", layout.most_bytes)
        sheets = _load(data)
    except FileError as error:
        raise SheetError([p.what for p in error.problems]) from error
    for sheet in sheets:
        if header := _header(sheet, layout):
            rows = list(islice(_body(sheet, *header), layout.most_rows + 1))
            if len(rows) > layout.most_rows:
                raise SheetError([f"表里的行超过{layout.most_rows}行，不像是{layout.name}"])
            return rows
    needed = "、".join(f"“{layout.called(key)}”" for key in layout.needed)
    wanted = "、".join(column.title for column in layout.columns)
    raise SheetError([f"没有找到表头行，表头至少要有{needed}（完整的表头是：{wanted}）"])


def _load(data: bytes) -> list[Any]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        return list(load_workbook(BytesIO(data), data_only=True).worksheets)
    except (*DAMAGED, InvalidFileException) as error:
        raise FileError("文件已损坏，打不开，请用 Excel 或 WPS 另存一份再导入") from error


def _header(sheet: Any, layout: Layout) -> tuple[int, dict[str, int]] | None:
    """The row of headings among the first ten, and the place of each column we know."""
    known = {_heading(name): c.key for c in layout.columns for name in (c.title, *c.also)}
    for number, values in enumerate(sheet.iter_rows(max_row=10, max_col=60, values_only=True), start=1):
        places: dict[str, int] = {}
        for at, value in enumerate(values):
            if key := known.get(_heading(value)):
                places.setdefault(key, at)
        if places.keys() >= set(layout.needed):
            return number, places
    return None


def _heading(value: object) -> str:
    return re.sub(r"\s|\(.*", "", fold(str(value))) if value is not None else ""


def _body(sheet: Any, header: int, places: Mapping[str, int]) -> Iterator[Row]:
    merged = _merged(sheet)
    # One blank cell in the last row makes openpyxl's own row iterator walk a million empty ones: 46 s.
    occupied = sorted({row for row, _ in (*sheet._cells, *merged) if row > header})
    for number in occupied:
        cells = {key: _value(sheet, merged, number, at + 1) for key, at in places.items()}
        if any(value is not None and str(value).strip() for value in cells.values()):
            yield Row(number, cells)


def _value(sheet: Any, merged: Mapping[tuple[int, int], Any], row: int, column: int) -> Any:
    cell = sheet._cells.get((row, column))
    return merged.get((row, column), cell.value if cell is not None else None)


def _merged(sheet: Any) -> dict[tuple[int, int], Any]:
    """A merged block shows one value for all its cells, so each of them has it."""
    filled: dict[tuple[int, int], Any] = {}
    for block in sheet.merged_cells.ranges:
        value = sheet.cell(block.min_row, block.min_col).value
        if value is None or block.size["rows"] * block.size["columns"] > _MAX_MERGED:
            continue
        for row in range(block.min_row, block.max_row + 1):
            for column in range(block.min_col, block.max_col + 1):
                filled[row, column] = value
    return filled
