"""The clock's part of recurring collections: opens a one-off round on the day the office set."""

from __future__ import annotations

from scheduler.shift import Shift
from storage import collections, rounds
from supervision import caps, opening
from supervision.collecting import falls_on, owed_of, round_name
from supervision.workdays import SHANGHAI

DUE_WITHIN = 2  # working days


async def collect(shift: Shift) -> str:
    """Opens what falls on the day this was due; a round that is there already stays the only one."""
    day, today = shift.fire_at.astimezone(SHANGHAI).date(), shift.now.astimezone(SHANGHAI).date()
    doc_number = shift.book.notice.doc_number
    due_at = shift.workdays.due_at(shift.workdays.shift(today, DUE_WITHIN))
    opened = []
    for one in await collections.running(shift.conn, doc_number):
        name = round_name(one, day)
        known = await rounds.named(shift.conn, doc_number, name)
        if known is not None or not falls_on(one, day, shift.workdays):
            continue
        done = await opening.collect(
            shift.conn,
            shift.book,
            name,
            owed_of(one),
            by=one.by,
            now=shift.now,
            due_at=due_at,
            workdays=shift.workdays,
            rules=shift.rules,
        )
        await caps.tell_admins(shift.conn, done.held, shift.admins, shift.now, shift.workdays)
        opened.append(name)
    return f"开{'、'.join(opened)}" if opened else "今天没有要收的"
