"""The clock's part of 回头看: asks each liaison once, in one message, for everything of his that is due."""

from __future__ import annotations

from scheduler.shift import Shift
from storage import lookbacks, outbox, people
from storage.lookbacks import Lookback
from storage.message import Text, dump
from supervision.lookback import LookbackRules, question
from supervision.workdays import SHANGHAI


async def look_back(shift: Shift, rules: LookbackRules | None = None) -> str:
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
    for person, own in sorted(by_person.items()):
        await _ask(shift, person, own, rules or LookbackRules())
    silent = len(due) - sum(map(len, by_person.values()))
    return f"问{len(by_person)}位联络员" + (f"，{silent}项没有联络员可问" if silent else "")


async def _ask(shift: Shift, person: str, due: list[Lookback], rules: LookbackRules) -> None:
    today = shift.now.astimezone(SHANGHAI).date()
    row = outbox.Outgoing(
        f"lookback:{today.isoformat()}:{person}",
        "app",
        person,
        dump(Text(question(due, today, rules, shift.workdays))),
        priority=outbox.REMINDER,
        at=shift.workdays.next_slot(shift.now),
    )
    await outbox.add(shift.conn, [(row, None)], shift.now)
    await lookbacks.asked(shift.conn, [one.id for one in due], shift.now)
