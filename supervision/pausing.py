"""The office changes its calendar or pauses reminders, and what waits to be sent moves with it.

Chat and command line call it inside their transaction; `bot/library.py` asks it for the working days in
force. Nothing that has been tried is touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from knowledge.book import Book
from storage import calendar, extensions, outbox, quiets, rounds
from storage.engine import Connection
from storage.extensions import Extension
from storage.quiets import Quiet
from storage.rounds import Asked
from supervision import asking, drafting, quiet
from supervision.holidays import Plan
from supervision.rules import Rules
from supervision.workdays import SHANGHAI, Hours, Workdays


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change of the calendar did: days that are other than before, messages that leave another day."""

    days: int
    moved: int
    workdays: Workdays


async def workdays(conn: Connection, hours: Hours) -> Workdays:
    """The official calendar under everything the office said of it."""
    told = await calendar.table(conn)
    return Workdays(told.days, told.years, hours)


async def set_days(
    conn: Connection, book: Book, plan: Plan, *, by: str, now: datetime, hours: Hours, rules: Rules
) -> Changed:
    """Writes days or a year's plan; unsent reminders move to the next moment that is allowed now."""
    days = await calendar.put(conn, plan.days, years=plan.years, by=by, now=now)
    after = await workdays(conn, hours)
    return Changed(days, await settle(conn, book, now=now, workdays=after, rules=rules), after)


async def pause(conn: Connection, book: Book, period: Quiet, workdays: Workdays, rules: Rules) -> int:
    """Declares a quiet period; how many messages wait until after it."""
    await quiets.declare(conn, period)
    await _put_off(conn, book, by=period.by, now=period.since, workdays=workdays)
    return await settle(conn, book, now=period.since, workdays=workdays, rules=rules)


async def resume(
    conn: Connection, book: Book, *, by: str, now: datetime, workdays: Workdays, rules: Rules
) -> Sequence[Quiet]:
    """Ends what is in force; what waited for its end leaves at the next moment."""
    ended = await quiets.end(conn, by=by, now=now)
    if ended:
        await _put_off(conn, book, by=by, now=now, workdays=workdays)
        await settle(conn, book, now=now, workdays=workdays, rules=rules)
    return ended


async def _put_off(conn: Connection, book: Book, *, by: str, now: datetime, workdays: Workdays) -> None:
    """What waits and falls due in a quiet period is due two working days after it, in everybody's eyes."""
    doc_number = book.notice.doc_number
    await extensions.put_back(conn, [one.prompt.id for one in await rounds.waiting(conn, doc_number)])
    waiting = await rounds.waiting(conn, doc_number)
    if not waiting:
        return
    periods = await quiets.since(conn, min(one.round.opened_at for one in waiting))
    rows = []
    for one in waiting:
        if quiet.in_force(one.due_at, periods):
            day = quiet.due_day(one.due_at, workdays, periods)
            until = datetime.combine(day, one.due_at.astimezone(SHANGHAI).time(), SHANGHAI)
            rows.append(_row(one, until, by, now))
    await extensions.put_off(conn, rows)


def _row(one: Asked, until: datetime, by: str, now: datetime) -> Extension:
    prompt = one.prompt
    return Extension(
        prompt_id=prompt.id,
        kind=extensions.PAUSED,
        point=prompt.point,
        unit=prompt.unit,
        person=by,
        message_key=f"pause:{now.isoformat()}",
        at=now,
        until=until,
        reason="",
        decision=extensions.GRANTED,
        decided_at=now,
        decided_by=by,
    )


async def settle(conn: Connection, book: Book, *, now: datetime, workdays: Workdays, rules: Rules) -> int:
    """What asks, reminds or escalates and waits leaves at the first moment allowed; how much of it moved.

    A reminder speaks of its own day, so it is taken back where that day is not allowed: the next round of
    reminders says what is true then.
    """
    moved = await asking.rearrange(conn, book, now=now, workdays=workdays, rules=rules)
    periods = await quiets.since(conn, now)
    for key, at in (await outbox.waiting_from(conn, "remind:")).items():
        if quiet.slot(max(at, now), workdays, periods).date() != at.astimezone(SHANGHAI).date():
            moved += await outbox.take_back(conn, [key])
    for key, at in (await outbox.waiting_from(conn, "draft:")).items():
        wanted = quiet.slot(max(at, now), workdays, periods)
        if wanted > at:
            await drafting.put_off(conn, key, wanted, workdays)
            moved += 1
    return moved
