"""The office's own daily notes by the clock: drafts that wait at 11:40, the day's collection at 17:10.

Both go to the admins and to nobody else; an empty list is not sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from scheduler.shift import Shift
from storage import drafts, extensions, objections, outbox, overtaken, parked, quiets, reports, rounds
from storage.drafts import Draft
from storage.message import Payload, Text, dump
from supervision import drafting, listing, pending, quiet
from supervision.listing import Collected
from supervision.workdays import SHANGHAI


async def drafts_waiting(shift: Shift) -> str:
    """Before noon: which drafts wait to be let out, so that they can leave in the afternoon."""
    now = shift.now.astimezone(SHANGHAI)
    if not shift.workdays.is_workday(now.date()):
        return "不是工作日"
    await drafting.settle(shift.conn, shift.now)
    waiting = [one for one in await drafts.open(shift.conn) if one.state == drafts.DRAFT]
    if not waiting:
        return "没有待审核的草稿"
    await _to_admins(shift, f"drafts:{now.date().isoformat()}", listing.card(waiting))
    return f"{len(waiting)}份草稿待审核"


async def _to_admins(shift: Shift, key: str, payload: Payload) -> None:
    """Once per admin and day, at a decent hour, in place of one of an earlier day that never left."""
    kind, _, day = key.partition(":")
    await overtaken.take_back(shift.conn, kind, date.fromisoformat(day), shift.admins)
    there = await outbox.state_of(shift.conn, f"{key}:")
    at = shift.workdays.next_slot(shift.now)
    rows = [
        outbox.Outgoing(f"{key}:{admin}", "app", admin, dump(payload), priority=outbox.NOTICE, at=at)
        for admin in sorted(shift.admins)
        if f"{key}:{admin}" not in there
    ]
    if rows:
        await outbox.add(shift.conn, [(row, None) for row in rows], shift.now)


async def summary(shift: Shift) -> str:
    """Before the office goes home: what came in, what is open, what is due on the next working day."""
    now = shift.now.astimezone(SHANGHAI)
    if not shift.workdays.is_workday(now.date()):
        return "不是工作日"
    text = listing.summary(await _collected(shift, now), now, shift.workdays)
    if not text:
        return "没有要汇总的"
    await _to_admins(shift, f"summary:{now.date().isoformat()}", Text(text))
    return "已汇总"


async def _collected(shift: Shift, now: datetime) -> Collected:
    conn = shift.conn
    owing = await pending.owing(conn, shift.book, shift.workdays)
    return Collected(
        came=await _came(shift, now),
        owing=owing,
        objections=len(await objections.unsettled(conn)),
        extensions=len(await extensions.unsettled(conn)),
        drafts=_drafts(await drafts.open(conn)),
        parked=await parked.listed(conn),
        paused=quiet.in_force(now, await quiets.since(conn, now)),
    )


async def _came(shift: Shift, now: datetime) -> list[tuple[int, str]]:
    """What came in today, by point and unit: whole answers, and reports of a part."""
    midnight, doc_number = datetime.combine(now.date(), time(0), SHANGHAI), shift.book.notice.doc_number
    answered = await rounds.answered_since(shift.conn, doc_number, midnight)
    whole = [one.prompt for one in answered if not (one.waits and one.returned)]
    told = [row for row in await reports.standing(shift.conn, doc_number) if row.at >= midnight]
    return sorted({(one.point, one.unit) for one in whole} | {(row.point, row.unit) for row in told})


def _drafts(found: Sequence[Draft]) -> tuple[int, int]:
    """How many wait, and how many are held."""
    waiting = sum(one.state == drafts.DRAFT for one in found)
    return waiting, len(found) - waiting
