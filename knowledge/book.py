"""One notice with everything known about it: units, responsibilities, figures, all checked together.

`bot/app.py` loads it once; matching and answering read it. It holds no state and no opinion.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from knowledge.assignments import Assignment, AssignmentError, Assignments, listed, named_by
from knowledge.normalize import plain
from knowledge.notice import Notice, parse
from knowledge.targets import Target, check, load, targets_of
from knowledge.units import Directory


@dataclass(frozen=True, slots=True)
class Book:
    notice: Notice
    directory: Directory
    assignments: Assignments
    targets: tuple[Target, ...]
    _by_point: Mapping[int, tuple[Target, ...]] = field(init=False, repr=False, compare=False)
    printed: Mapping[int, str] = field(init=False, repr=False, compare=False)  # comparable text by point

    def __post_init__(self) -> None:
        by_point: dict[int, tuple[Target, ...]] = {}
        for target in self.targets:
            by_point[target.point] = (*by_point.get(target.point, ()), target)
        object.__setattr__(self, "_by_point", by_point)
        object.__setattr__(self, "printed", {p.number: plain(p.text) for p in self.notice.points})

    def of_point(self, point: int) -> tuple[Target, ...]:
        """Every figure of the point, also those expanded county by county."""
        return self._by_point.get(point, ())

    def reprinted(self, notice: Notice) -> Book:
        """For a corrected text of the same notice: keeps the rows and figures whose words still stand."""
        texts = {0: notice.header} | {point.number: point.text for point in notice.points}
        rows = [
            row for row in self.assignments if row.clause in texts.get(row.point, "") and row.point in texts
        ]
        figures = [t for t in self.targets if t.quote in texts.get(t.point, "")]
        return build(notice, self.directory, rows, figures)

    def with_assignments(self, rows: Iterable[Assignment]) -> Book:
        """The same book with imported rows laid over its own."""
        return replace(self, assignments=self.assignments.overlaid(rows, self.notice))

    def targets_of(self, point: int) -> tuple[Target, ...]:
        return targets_of(self.targets, point)


def shipped(units: Path | None = None) -> Book:
    """The notice that comes with the program, one book for the whole process; see `load_shipped`.

    `units` is another units.toml instead of the shipped one, or a 分工表.xlsx laid over it.
    """
    return load_shipped(units) if units else _ours()


@lru_cache(maxsize=1)
def _ours() -> Book:
    return load_shipped()


def load_shipped(units: Path | None = None) -> Book:
    """`shipped`, read from its files; every quote in its data is checked against its text.

    Raises AssignmentError or SheetError naming every row that does not fit.
    """
    data = files("knowledge") / "data"
    notice = parse((data / "notice.txt").read_text("utf-8"))
    tables = tomllib.loads((data / "units.toml").read_text("utf-8"))
    sheet = units if units and units.suffix.lower() == ".xlsx" else None
    if units and not sheet:
        tables |= _tables(units)
    try:
        directory, rows = Directory.of(tables), listed(tables)
    except (KeyError, TypeError, AttributeError) as error:
        name = units.name if units else "units.toml"
        raise AssignmentError([f"“{name}”的写法不对，单位或要点缺少字段：{error}"]) from error
    book = build(
        notice,
        directory,
        rows,
        load((data / "indicators.jsonl").read_text("utf-8"), notice),
    )
    return _with_sheet(book, sheet) if sheet else book


def _tables(units: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(units.read_text("utf-8"))
    except OSError as error:
        raise AssignmentError([f"打不开“{units.name}”：{error.strerror}"]) from error
    except ValueError as error:  # not UTF-8, or not TOML
        raise AssignmentError([f"“{units.name}”不是能读的 TOML 文件：{error}"]) from error


def _with_sheet(book: Book, sheet: Path) -> Book:
    from knowledge import sheets  # openpyxl and its checks are only needed here
    from knowledge.files import read_bytes
    from knowledge.notice import NoticeError

    try:
        data = read_bytes(sheet)
    except NoticeError as error:
        raise AssignmentError([str(problem) for problem in error.problems]) from error
    return book.with_assignments(sheets.read(data, book.notice, book.directory, source=sheet.name))


def build(
    notice: Notice, directory: Directory, assignments: Iterable[Assignment], targets: Iterable[Target]
) -> Book:
    """A checked book; units the notice itself names are laid over the given assignments."""
    targets = tuple(targets)
    check(targets, notice)
    rows = Assignments.of(notice, assignments)
    if printed := named_by(notice, directory):
        rows = rows.overlaid(printed, notice)
    return Book(notice, directory, rows, targets)
