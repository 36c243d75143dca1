"""Opens rounds: which points and units a round is about, when it is due, and what it is called.

The command line, the office's chat and the clock call it inside their own transaction; who owes what is
written, and asked for, by `supervision/asking.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from knowledge.book import Book
from storage import audit, closings, reports, rounds
from storage.engine import Connection
from storage.rounds import Round
from supervision.asking import Opened, ask
from supervision.overview import View, overview
from supervision.rounds import KINDS, Choice, Kind, Owed, owed
from supervision.rules import Rules
from supervision.workdays import SHANGHAI, Workdays

_NEXT = "二三四五六七八九十"


class RoundError(ValueError):
    """A round that cannot be opened or changed; the message is a sentence for the office."""


def name_of(kind: Kind, due: date) -> str:
    """7月进展报送, 三季度进展报送, 7月第4周重点事项, 7月25日专项报送."""
    if kind == "monthly":
        return f"{due.month}月进展报送"
    if kind == "quarterly":
        return f"{'一二三四'[(due.month - 1) // 3]}季度进展报送"
    if kind == "weekly":
        return f"{due.month}月{due.day}日重点事项周报"
    return f"{due.month}月{due.day}日专项报送"


def due_in(year: int, month: int, workdays: Workdays) -> datetime:
    """When a round for that month is due if the office does not say."""
    return workdays.due_at(workdays.due(year, month))


def usual_due(kind: Kind, now: datetime, workdays: Workdays) -> datetime:
    """When such a round is due if the office does not say: the month's due day, Thursday, or this evening."""
    today = now.astimezone(SHANGHAI).date()
    if kind == "weekly":
        on = workdays.shift(date.fromordinal(today.toordinal() + (3 - today.weekday()) % 7), 0)
    elif kind == "once":
        on = workdays.shift(today, 0)
    else:
        on = workdays.due(today.year, today.month)
        if on < today:
            later = today.month % 12 + 1
            on = workdays.due(today.year + (later == 1), later)
    due = workdays.due_at(on)
    return due if due > now else workdays.due_at(workdays.shift(on, 1))


async def open_round(
    conn: Connection,
    book: Book,
    choice: Choice,
    *,
    by: str,
    now: datetime,
    due_at: datetime,
    workdays: Workdays,
    rules: Rules,
    name: str = "",
) -> Opened:
    """Writes the round, its prompts and its messages. Raises RoundError where it makes no sense."""
    doc_number = book.notice.doc_number
    usual = name_of(choice.kind, due_at.astimezone(SHANGHAI).date())
    _known(book, (choice.points or frozenset()) | choice.released)
    if due_at <= now:
        raise RoundError("截止时间已经过去，请写一个将来的时间。")
    if choice.kind == "weekly" and choice.points is None:
        choice = replace(choice, points=await focus(conn, book, now=now, workdays=workdays, rules=rules))
    closed = frozenset() if choice.kind == "once" else await closings.places(conn, doc_number)
    rows = [row for row in owed(book, choice) if (row.point, row.unit) not in closed]
    if not rows:
        raise RoundError(_nobody(book, choice))
    name = name or await _free(conn, doc_number, usual, choice.kind, rows)
    if await rounds.named(conn, doc_number, name):
        raise RoundError(f"“{name}”已经开过了。要另开一轮，请换个名称。")
    opened = await rounds.open(conn, Round(doc_number, name, choice.kind, now, by, due_at))
    suggested = _only_suggested(book, choice, rows)
    return await ask(conn, book, opened, rows, suggested, now=now, workdays=workdays, rules=rules)


async def _free(conn: Connection, doc_number: str, usual: str, kind: Kind, rows: Sequence[Owed]) -> str:
    """The name of a round that was given none. Of one-off rounds there may be several a day (之二, 之三);
    what an open one asks already is not asked again."""
    if kind != "once":
        return usual
    wanted = {(row.point, row.unit) for row in rows}
    for name in (usual, *(f"{usual}之{number}" for number in _NEXT)):
        there = await rounds.named(conn, doc_number, name)
        if there is None:
            return name
        asked = {(one.point, one.unit) for one in await rounds.of_round(conn, there.id)}
        if there.closed_at is None and wanted <= asked:
            raise RoundError(f"“{name}”还开着，问的已经是这些。要再问一次，请先收口，或写明别的截止日。")
    return usual


async def focus(
    conn: Connection, book: Book, *, now: datetime, workdays: Workdays, rules: Rules
) -> frozenset[int]:
    """重点类: the points that are yellow or red, asked about weekly until they turn green."""
    standing = await reports.standing(conn, book.notice.doc_number)
    view = View(now.astimezone(SHANGHAI).date(), workdays, rules.lights)
    found = overview(book, standing, view)
    points = frozenset(one.point.number for one in found if one.light.colour in ("yellow", "red"))
    if not points:
        raise RoundError("目前没有黄灯、红灯的要点，不用开重点周报。要指定要点，请写明，例如：开周报 要点17")
    return points


async def collect(
    conn: Connection,
    book: Book,
    name: str,
    rows: Sequence[Owed],
    *,
    by: str,
    now: datetime,
    due_at: datetime,
    workdays: Workdays,
    rules: Rules,
) -> Opened:
    """Opens a one-off round of exactly these rows, bundled with whatever else is asked that day."""
    opened = await rounds.open(conn, Round(book.notice.doc_number, name, "once", now, by, due_at))
    return await ask(conn, book, opened, rows, now=now, workdays=workdays, rules=rules)


async def release(
    conn: Connection,
    book: Book,
    round: Round,
    points: Iterable[int],
    *,
    by: str,
    now: datetime,
    workdays: Workdays,
    rules: Rules,
) -> Opened:
    """Asks the suggested units of these points, too, in a round that is open."""
    there = {(prompt.point, prompt.unit) for prompt in await rounds.of_round(conn, round.id)}
    wanted = frozenset(points)
    _known(book, wanted)
    choice = Choice("once" if round.kind == "once" else _kind(round), points=wanted, released=wanted)
    rows = [row for row in owed(book, choice) if (row.point, row.unit) not in there]
    if not rows:
        raise RoundError("这些要点在本轮里没有可以加问的单位：要么已经问过，要么本轮不报这一类。")
    named = "、".join(map(str, sorted(wanted)))
    await audit.note(conn, audit.Entry(now, by, rounds.RELEASE, f"{round.name} 要点{named}"))
    return await ask(conn, book, round, rows, now=now, workdays=workdays, rules=rules)


def _known(book: Book, points: frozenset[int]) -> None:
    """Raises RoundError for a point the notice does not have."""
    unknown = sorted(number for number in points if book.notice.point(number) is None)
    if unknown:
        shown = "、".join(map(str, unknown[:5])) + ("等" if len(unknown) > 5 else "")
        last = max(point.number for point in book.notice.points)
        raise RoundError(f"通知里没有要点{shown}（要点号是1到{last}），请核对后再发一次。")


def _kind(round: Round) -> Kind:
    return next((kind for kind in KINDS if kind == round.kind), "once")


def _only_suggested(book: Book, choice: Choice, rows: Sequence[Owed]) -> tuple[int, ...]:
    everything = replace(choice, released=frozenset(point.number for point in book.notice.points))
    asked = {(row.point, row.unit) for row in rows}
    return tuple(
        dict.fromkeys(row.point for row in owed(book, everything) if (row.point, row.unit) not in asked)
    )


def _nobody(book: Book, choice: Choice) -> str:
    left_out = _only_suggested(book, choice, ())
    if not left_out:
        return "按这样的范围没有单位需要报送，请核对要点和单位。"
    shown = "、".join(map(str, left_out[:10])) + ("等" if len(left_out) > 10 else "")
    return f"要点{shown}的责任分工都还只是建议，没有发出催报。请先导入已确认的分工表，或注明放行哪些要点。"
