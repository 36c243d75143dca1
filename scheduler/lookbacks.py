"""The clock's part of 回头看: asks each liaison once, in one message, for everything of his that is due.

Who is asked or reminded of something else today is asked on the next day on which he is not.
"""

from __future__ import annotations

from datetime import datetime

from scheduler.shift import Shift
from storage import lookbacks, outbox, people, quiets
from storage.lookbacks import Lookback
from storage.message import Text, dump
from supervision import caps
from supervision.lookback import question
from supervision.workdays import SHANGHAI


async def look_back(shift: Shift) -> str:
    """Asks what is due today or was left over; units without a liaison wait for one."""
    today = shift.now.astimezone(SHANGHAI).date()
    if not shift.workdays.is_workday(today):
        return "不是工作日"
    due = await lookbacks.due(shift.conn, shift.book.notice.doc_number, today)
    liaisons = await people.liaison_of(shift.conn, sorted({one.closing.unit for one in due}))
    by_person: dict[str, list[Lookback]] = {}
    for one in due:
        if one.closing.unit in liaisons:
            by_person.setdefault(liaisons[one.closing.unit].userid, []).append(one)
    slots = await _slots(shift, sorted(by_person))
    today_ones = [p for p, slot in slots.items() if slot.at.astimezone(SHANGHAI).date() == today]
    for person in today_ones:
        await _ask(shift, person, by_person[person], slots[person].at)
    return _words(len(today_ones), len(by_person), len(due) - sum(map(len, by_person.values())))


async def _slots(shift: Shift, persons: list[str]) -> dict[str, caps.Slot]:
    """Whom nothing keeps from being asked; nothing else joins or is joined by such a question."""
    asked = caps.Asked(await quiets.since(shift.conn, shift.now))
    found = await caps.may_push_all(
        shift.conn,
        "reminder",
        persons,
        shift.now,
        shift.workdays,
        caps.rules_of(shift.rules.caps),
        asked,
    )
    return {person: slot for person, slot in found.items() if isinstance(slot, caps.Slot)}


def _words(asked: int, people: int, silent: int) -> str:
    later = f"，{people - asked}位改日再问" if people > asked else ""
    return f"问{asked}位联络员{later}" + (f"，{silent}项没有联络员可问" if silent else "")


async def _ask(shift: Shift, person: str, due: list[Lookback], at: datetime) -> None:
    today = shift.now.astimezone(SHANGHAI).date()
    row = outbox.Outgoing(
        f"lookback:{today.isoformat()}:{person}",
        "app",
        person,
        dump(Text(question(due, today, shift.rules.lookback, shift.workdays))),
        priority=outbox.REMINDER,
        at=at,
    )
    await outbox.add(shift.conn, [(row, None)], shift.now)
    await lookbacks.asked(shift.conn, [one.id for one in due], shift.now)
