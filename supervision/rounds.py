"""Which units owe which numbers in a round, and the one message that asks a liaison for all of his.

Pure: a book and a choice come in, values and texts go out; `supervision/asking.py` writes them. Nobody is
asked on a suggestion alone, unless the office released it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from knowledge.book import Book
from knowledge.notice import WorkPoint
from knowledge.targets import Target
from storage.assignment import Assignment
from storage.reports import Figure
from storage.rounds import Item
from supervision.wording import number_words

Kind = Literal["monthly", "quarterly", "weekly", "once"]
KINDS: dict[Kind, str] = {"monthly": "月报", "quarterly": "季报", "weekly": "重点周报", "once": "一次性"}
QUARTER_ENDS = (3, 6, 9, 12)
MEMBER_UNITS = "每个单位"  # a figure of every member unit is counted by its cases, not asked monthly

COLLECTED = "收集）"  # how what is collected regularly ends: files and films, no figures

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_WEEKDAYS = "一二三四五六日"
_WORDS_SHOWN = 26  # characters of a task that are quoted
_PART_BYTES = 1_800  # a message is cut between items well below WeCom's 2048


@dataclass(frozen=True, slots=True)
class Choice:
    """What a round is about. `points` and `units` narrow it; `released` are points whose suggested units the
    office lets be asked."""

    kind: Kind = "monthly"
    points: frozenset[int] | None = None
    units: frozenset[str] | None = None
    released: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Owed:
    """What one unit owes of one point, and why it is asked."""

    point: int
    unit: str
    basis: str  # confirmed | notice | released
    items: tuple[Item, ...]


def is_figure(target: Target) -> bool:
    """Whether a cumulative number can be asked for it."""
    return target.value is not None and target.kind in ("target", "expanded") and target.unit != "日期"


def is_figure_point(book: Book, point: int) -> bool:
    """指标类: the notice sets a number that can be counted; the others are 任务类."""
    return any(map(is_figure, book.of_point(point)))


def owed(book: Book, choice: Choice) -> tuple[Owed, ...]:
    """Everything owed in such a round: by point, then in protocol order of the units."""
    found: list[Owed] = []
    for point in book.notice.points:
        if choice.points is not None and point.number not in choice.points:
            continue
        items = _Items(book, point, choice)
        found += [row for row in items.by_unit() if choice.units is None or row.unit in choice.units]
    order = book.directory.order_of
    return tuple(sorted(found, key=lambda row: (row.point, order(row.unit))))


@dataclass(slots=True)
class _Items:
    """Sorts the figures and tasks of one point to the units that answer for them."""

    book: Book
    point: WorkPoint
    choice: Choice
    found: dict[str, tuple[str, list[Item]]] = field(default_factory=dict)

    def by_unit(self) -> Iterator[Owed]:
        if is_figure_point(self.book, self.point.number):
            self._figures()
        elif self.choice.kind != "monthly":
            self._tasks()
        for unit, (basis, items) in self.found.items():
            yield Owed(self.point.number, unit, basis, tuple(items))

    def _give(self, unit: str, basis: str, item: Item) -> None:
        items = self.found.setdefault(unit, (basis, []))[1]
        if item not in items:
            items.append(item)

    def _figures(self) -> None:
        counties = {area.short for area in self.book.directory.counties}
        for target in self.book.of_point(self.point.number):
            item = Item(target.what, target.unit, target.id)
            if not is_figure(target) or target.scope == MEMBER_UNITS:
                continue
            if target.scope in counties:  # the notice's own words name who owes it
                self._give(target.scope, "notice", item)
            elif not self._is_expanded(target) and (row := self._answers_for(target.quote)):
                self._give(row.lead, self._basis(row), item)

    def _is_expanded(self, target: Target) -> bool:
        """Whether the counties owe it one by one."""
        return any(other.parent == target.id for other in self.book.of_point(self.point.number))

    def _tasks(self) -> None:
        rows = [row for row in self.book.assignments if row.point == self.point.number and self._may(row)]
        told = [row for row in rows if row.clause]
        leads = {row.lead for row in told}
        whole = [row for row in rows if not row.clause and row.lead not in leads]
        for row in [*whole, *told]:
            self._give(row.lead, self._basis(row), Item(_words(row, self.point)))

    def _answers_for(self, quote: str) -> Assignment | None:
        """The closest row for these words whose unit may be asked."""
        assignments = self.book.assignments
        own = assignments.of_point(self.point.number)
        rows = [*assignments.overlapping(self.point.number, quote), *([own] if own else [])]
        return next((row for row in rows if self._may(row)), None)

    def _may(self, row: Assignment) -> bool:
        return row.confirmed or self.point.number in self.choice.released

    def _basis(self, row: Assignment) -> str:
        return "confirmed" if row.confirmed else "released"


def _words(row: Assignment, point: WorkPoint) -> str:
    """What a task is called: its own words, cut where they are long; the title for a whole point."""
    words = row.part or row.clause or point.title
    return words if len(words) <= _WORDS_SHOWN else f"{words[:_WORDS_SHOWN]}……"


# --- the message that asks ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One numbered thing of a message: what is asked of which point, with what stood last."""

    point: int
    item: Item
    stated: str = ""  # 超48.7公里, as the notice prints it
    last: Figure | None = None
    number: int = 1


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything one liaison is asked at once, and the names of the rounds that ask."""

    rounds: tuple[str, ...]
    units: tuple[str, ...]
    lines: tuple[Line, ...]


def circled(number: int) -> str:
    """① for 1; (21) beyond what there are signs for."""
    return _CIRCLED[number - 1] if 0 < number <= len(_CIRCLED) else f"({number})"


def day(on: date) -> str:
    """6月25日（周二）"""
    return f"{on.month}月{on.day}日（周{_WEEKDAYS[on.weekday()]}）"


def due_words(due_at: datetime) -> str:
    """6月25日（周二）17:30; `due_at` in local time."""
    return f"{day(due_at.date())}{due_at:%H:%M}"


def compose(bundle: Bundle, *, due_at: datetime, on: date | None = None) -> list[str]:
    """The message, in parts that each fit one; `due_at` in local time, `on` the day it leaves."""
    points = list(dict.fromkeys(line.point for line in bundle.lines))
    head = [
        f"【{'、'.join(bundle.rounds)}】{'、'.join(bundle.units)}联络员您好：",
        f"{_until(due_at, on)}在本对话回复{_what(points, bundle.lines)}：",
    ]
    rows = [_row(line, alone=len(points) == 1) for line in bundle.lines]
    foot = [
        f"回复样式：{_sample(bundle.lines)}",
        "也可回复：无变化/平台已报/不属本单位/需协调",
        "数据请先经分管领导审定。责任分工以市百千万办确认为准。",
        "市百千万办",
    ]
    return _parts(head, rows, foot)


def _until(due_at: datetime, on: date | None) -> str:
    """By when; a new liaison may be asked for what was due before his time."""
    overdue = on is not None and due_at.date() < on
    return f"原定{due_words(due_at)}报送，请尽快" if overdue else f"请于{due_words(due_at)}前"


def _what(points: Sequence[int], lines: Sequence[Line]) -> str:
    named = f"要点{'、'.join(map(str, points[:8]))}{'等' if len(points) > 8 else ''}的"
    if all(line.item.target for line in lines):
        return f"{named}{len(lines)}项累计数"
    if all(_is_collected(line) for line in lines):
        return f"{named}{len(lines)}项材料，照片、文件可以直接发来，视频写明已传到哪里"
    return f"{named}{len(lines)}项进展，有数的报累计数，其余一两句话说办到哪一步、有什么困难"


def _row(line: Line, *, alone: bool) -> str:
    number = circled(line.number)
    where = "" if alone else f"要点{line.point} "
    if not line.item.target:
        return f"{number}{where}{line.item.what}"
    known = [f"目标：{line.stated}"] if line.stated else []
    if line.last is not None:
        known.append(f"上期累计{number_words(line.last.value)}{line.last.unit}")
    return f"{number}{where}{line.item.what}{'（' + '；'.join(known) + '）' if known else ''}"


def _sample(lines: Sequence[Line]) -> str:
    """A reply to copy: what stood last, or an empty place; never an invented number."""
    shown = []
    for line in lines[:3]:
        number = circled(line.number)
        if _is_collected(line):
            shown.append(f"{number}已传省信息综合平台，共×个")
        elif line.item.target:
            last, unit = line.last, line.item.unit
            shown.append(f"{number}{number_words(last.value)}{last.unit}" if last else f"{number}×{unit}")
        else:
            shown.append(f"{number}正常推进，×月×日前完成××")
    return " ".join(shown) + "，有困难的写明地点和原因"


def _is_collected(line: Line) -> bool:
    return not line.item.target and line.item.what.endswith(COLLECTED)


def _parts(head: list[str], rows: Iterable[str], foot: list[str]) -> list[str]:
    parts, current = [], head
    for row in rows:
        if len("\n".join([*current, row, *foot]).encode()) > _PART_BYTES and len(current) > 1:
            parts.append(current)
            current = ["（接上条）"]
        current = [*current, row]
    parts.append([*current, *foot])
    return ["\n".join(part) for part in parts]
