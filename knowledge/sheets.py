"""分工表.xlsx, out and in: the division of work as the office edits it.

`bqw units export` writes it, `bqw units import` reads it back. Reading applies nothing by itself and
returns rows only when every row is good; otherwise each mistake is named by sheet row and column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from knowledge.assignments import Assignment, locate
from knowledge.notice import Notice, WorkPoint
from knowledge.units import Directory
from knowledge.width import fold
from knowledge.workbook import Column, Layout, Row, explain, offer, rows_of, saved, table
from knowledge.workbook import SheetError as SheetError
from storage.assignment import Status

_COLUMNS = (
    Column("point", "要点", 7, ("要点编号", "要点序号", "序号", "编号")),
    Column("title", "要点标题", 24, ("标题", "工作要点")),
    Column("clause", "分句（原文）", 52, ("分句", "原文", "任务", "工作任务", "具体任务")),
    Column("part", "其中事项", 16, ("事项", "其中")),
    Column("lead", "牵头单位", 20, ("牵头部门", "牵头")),
    Column("participants", "配合单位", 44, ("配合部门", "参与单位", "参加单位", "配合")),
    Column("status", "状态（建议/已确认）", 12, ("状态",)),
    Column("confirmed_by", "确认人", 12),
    Column("confirmed_on", "确认日期", 13, ("日期",)),
    Column("reason", "备注", 40, ("理由", "说明")),
)
_LAYOUT = Layout("分工表", _COLUMNS, needed=("point", "lead"))
_HOW_TO = (
    "一行说一件事：分句留空表示整个要点；分句须与通知原文一字不差；一句话里有几件事时，在“其中事项”写明是哪一件。",
    "牵头单位写一个；确有共同牵头的，用顿号隔开，排第一的在前。配合单位用顿号隔开，单位用简称或全称都可以。",
    "确认一行时，把状态改为“已确认”，并填写确认人和确认日期。单位都没有填的行不导入。",
)
_STATUS: Mapping[str, Status] = {
    "": "suggested",
    "建议": "suggested",
    "待确认": "suggested",
    "suggested": "suggested",
    "已确认": "confirmed",
    "确认": "confirmed",
    "confirmed": "confirmed",
}


# --- out ------------------------------------------------------------------------------------------


def write(assignments: Iterable[Assignment], notice: Notice) -> bytes:
    """A workbook with one row per assignment, and an empty one for each point that has none yet."""
    book = table(_LAYOUT, _written_rows(list(assignments), notice))
    sheet = book["分工表"]
    offer(sheet, f"G2:G{max(sheet.max_row, 2)}", ("建议", "已确认"))
    explain(book, _HOW_TO)
    return saved(book)


def _written_rows(rows: list[Assignment], notice: Notice) -> Iterator[tuple[int | str | date | None, ...]]:
    for point in notice.points:
        own = [row for row in rows if row.point == point.number]
        if not own:
            yield (point.number, point.title, *[None] * (len(_COLUMNS) - 2))
        for row in own:
            yield (
                row.point,
                point.title,
                row.clause,
                row.part,
                "、".join((row.lead, *row.co_leads)),
                "、".join(row.participants),
                "已确认" if row.confirmed else "建议",
                row.confirmed_by,
                row.confirmed_on,
                row.reason,
            )


# --- in -------------------------------------------------------------------------------------------


def read(data: bytes, notice: Notice, directory: Directory, source: str = "分工表") -> list[Assignment]:
    """Every filled row of the sheet. Raises SheetError with all problems, and then returns nothing."""
    rows = rows_of(data, _LAYOUT)
    reader = _Reader(notice, directory, source)
    found = [assignment for row in rows if (assignment := reader.read(row))]
    if not found and not reader.problems:
        reader.problems.append("表里没有填好的行（每行至少要有要点和牵头单位）")
    if reader.problems:
        raise SheetError(reader.problems)
    return found


@dataclass
class _Reader:
    """Reads row after row and remembers what was wrong and what was there before."""

    notice: Notice
    directory: Directory
    source: str
    problems: list[str] = field(default_factory=list)
    seen: dict[tuple[int, str, str], int] = field(default_factory=dict)
    row: Row = field(default_factory=lambda: Row(0, {}))

    @cached_property
    def named(self) -> frozenset[str]:
        """Units the notice itself names (各县区): its word counts, known to the directory or not."""
        found: set[str] = set()
        for point in self.notice.points:
            found |= {point.lead or "", *point.units}
            for clause in point.clauses:
                found |= {clause.lead or "", *clause.units}
        return frozenset(found - {""})

    def read(self, row: Row) -> Assignment | None:
        self.row = row
        if not any(row.text(key) for key in ("lead", "participants", "confirmed_by", "confirmed_on")):
            return None  # a point nobody has filled in yet
        before = len(self.problems)
        point = self._point()
        clause, part = self._clause(point) if point else ("", "")
        leads = self._units("lead")
        participants = self._units("participants")
        status, by, on = self._confirmation()
        if not _split_names(row.text("lead")):
            self._problem("lead", "没有填牵头单位")
        if point is None or len(self.problems) > before:
            return None
        found = Assignment(
            point=point.number,
            clause=clause,
            part=part,
            lead=leads[0],
            co_leads=tuple(leads[1:]),
            participants=tuple(name for name in participants if name not in leads),
            status=status,
            source=self.source,
            reason=row.text("reason"),
            confirmed_by=by,
            confirmed_on=on,
        )
        return found if self._is_new(found) else None

    def _problem(self, key: str, what: str) -> None:
        self.problems.append(f"第{self.row.number}行“{_LAYOUT.called(key)}”：{what}")

    def _point(self) -> WorkPoint | None:
        text = fold(self.row.text("point"))
        match = re.fullmatch(r"(?:第|要点)*\s*(\d{1,4})(?:\.0)?\s*[.、]?\s*(?:个?要点|点|项|条)?", text)
        if not match:
            self._problem("point", f"“{text}”不是要点编号，应写数字" if text else "没有填要点编号")
            return None
        number = int(match[1])
        point = self.notice.point(number)
        if point is None:
            self._problem("point", f"通知里没有第{number}点")
            return None
        title = self.row.text("title")
        if title and _bare(title) != _bare(point.title):
            self._problem("title", f"写的是“{title}”，第{number}点的标题是“{point.title}”，是不是错行了？")
        return point

    def _clause(self, point: WorkPoint) -> tuple[str, str]:
        quoted = self.row.text("clause")
        part = self.row.text("part")
        if not quoted or quoted in ("整点", "全部", "整个要点"):
            if part:
                self._problem("part", "填了其中事项，就要填它所在的分句")
            return "", ""
        # A full stop copied along must not make it another place than the one already suggested.
        clause = locate(point.text, quoted.rstrip("。;；,，、 "))
        if clause is None:
            self._problem("clause", f"不是第{point.number}点的原文{_nearest_clause(quoted, point)}")
            return "", ""
        found = locate(clause, part) if part else ""
        if found is None:
            self._problem("part", f"“{part}”不在这一分句里")
        return clause, found or ""

    def _units(self, key: str) -> list[str]:
        names: list[str] = []
        for written in _split_names(self.row.text(key)):
            short = self._unit(key, written)
            if short and short not in names:
                names.append(short)
        return names

    def _unit(self, key: str, written: str) -> str | None:
        found = self.directory.unit(written)
        if found:
            return found.short
        if group := self.directory.group(written):
            return group.name
        if written in self.named:
            return written
        self._problem(key, self.directory.why_unknown(written))
        return None

    def _confirmation(self) -> tuple[Status, str, date | None]:
        written = self.row.text("status")
        by = self.row.text("confirmed_by")
        status = _STATUS.get(fold(written))
        on = _date(self.row.cells.get("confirmed_on"))
        if status is None:
            self._problem("status", f"“{written}”应改为“建议”或“已确认”")
            return "suggested", by, on
        if on is None and self.row.text("confirmed_on"):
            self._problem("confirmed_on", f"“{self.row.text('confirmed_on')}”不是日期，应写成 2024-06-01")
        elif status == "confirmed" and on is None:
            self._problem("confirmed_on", "已确认的行要填确认日期")
        if status == "confirmed" and not by:
            self._problem("confirmed_by", "已确认的行要填确认人")
        if status == "suggested" and (by or on):
            self._problem("status", "填了确认人或确认日期，状态应写“已确认”")
        return status, by, on

    def _is_new(self, found: Assignment) -> bool:
        earlier = self.seen.setdefault(found.place, self.row.number)
        if earlier != self.row.number:
            self._problem("point", f"与第{earlier}行重复（同一要点、同一分句）")
            return False
        return True


def _bare(title: str) -> str:
    return re.sub(r"\s", "", fold(title)).rstrip("。.")


def _split_names(text: str) -> list[str]:
    """Split at 、 , ; and line breaks, not inside brackets: “各县(市、区)” is one name."""
    plain = re.sub(r"[(（][^()（）]{0,20}[)）]", lambda m: re.sub("[、,，]", "\0", m[0]), text)
    return [
        name.replace("\0", "、").strip() for name in re.split(r"[、,，;；\n\r\t]+", plain) if name.strip()
    ]


def _nearest_clause(quoted: str, point: WorkPoint) -> str:
    from rapidfuzz import fuzz, process

    pieces = [piece for piece in re.split(r"[。;；,，\n]", point.text) if piece.strip()]
    best = process.extractOne(quoted, pieces, scorer=fuzz.ratio, score_cutoff=50)
    return f"，最接近的原文是“{best[0].strip()}”" if best else "，请照通知一字不差地填写"


def _date(value: object) -> date | None:
    """An Excel date, its serial number, or a date written as text in any usual way."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        if 20_000 < value < 80_000:  # serial numbers of 1954 to 2119; 20240601 is a date written as a number
            return date(1899, 12, 30) + timedelta(days=int(value))
        value = int(value)
    text = fold(str(value if value is not None else "")).strip()
    match = re.fullmatch(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*日?(?:\s+[\d:.]+)?", text)
    if not match:
        return None
    try:
        return date(*(int(group) for group in match.groups()))
    except ValueError:
        return None
