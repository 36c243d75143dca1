"""The clock's jobs around a round: reminds who still owes, drafts what may go higher, lists what waits.

The ticker calls them with a `Shift` inside the transaction of one fire time; each returns what it did in a
sentence. Nothing is written on a day off, outside hours or while reminders are paused. `remind` belongs a
minute or two before the prompts of the day leave (09:10): then both are one message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from scheduler.desk import drafts_waiting as drafts_waiting
from scheduler.desk import summary as summary
from scheduler.shift import Shift
from storage import audit, drafts, inbox, outbox, overtaken, people, quiets
from storage.assignment import Assignment
from storage.drafts import Draft
from storage.engine import Connection
from storage.message import Text, dump, load
from storage.people import Person
from storage.quiets import Quiet
from storage.rounds import Prompt
from supervision import asking, caps, drafting, escalation, pending, quiet, reminding
from supervision.caps import Decision, MergeInto
from supervision.reminding import Owing, Stage, Who
from supervision.workdays import SHANGHAI

_ANSWERS = ("report", "file", "extension-ask", "case-tell")  # routes by which a liaison answers
_AT_ONCE = 2_000  # rows per statement


@dataclass(frozen=True, slots=True)
class _Day:
    """Today, as far as reminders are concerned: `closed` says why none may leave."""

    today: date
    periods: Sequence[Quiet]
    closed: str


async def _day(shift: Shift) -> _Day:
    now = shift.now.astimezone(SHANGHAI)
    periods = await quiets.since(shift.conn, now)
    at = quiet.slot(now, shift.workdays, periods)
    closed = ""
    if paused := quiet.in_force(now, periods):
        closed = f"暂停催办中（{paused.reason}），没有提醒"
    elif at.date() != now.date():
        closed = "不在工作时间，没有提醒"
    return _Day(now.date(), periods, closed)


# --- reminders ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Told:
    """One person's reminders of today."""

    person: Person
    who: Who
    found: tuple[tuple[Stage, Owing], ...]

    @property
    def prompts(self) -> dict[str, list[int]]:
        return {
            stage: [one.asked.prompt.id for said, one in self.found if said == stage]
            for stage in ("early", "final")
        }


async def remind(shift: Shift) -> str:
    """T-2 and T: what is still owed, one message per person over all rounds."""
    day = await _day(shift)
    if day.closed:
        return day.closed
    now, workdays, rules = shift.now, shift.workdays, shift.rules
    everybody = {one.userid for one in await people.everybody(shift.conn)}
    await overtaken.take_back(shift.conn, "remind", day.today, everybody, parked=False)  # it said “今天”
    await asking.catch_up(shift.conn, shift.book, now=now, workdays=workdays, rules=rules)
    await asking.ask_newcomers(shift.conn, shift.book, now=now, workdays=workdays, rules=rules)
    found = await _told(shift, day)
    slots = await caps.may_push_all(
        shift.conn,
        "reminder",
        [told.person.userid for told in found],
        now,
        workdays,
        caps.rules_of(rules.caps),
        caps.Asked(day.periods),
    )
    messages: dict[str, dict[str, list[int]]] = {}
    rows = []
    for told in found:
        slot = slots[told.person.userid]
        if slot.at.astimezone(SHANGHAI).date() != day.today:
            continue  # he hears enough today, or this month
        if isinstance(slot, MergeInto):
            if await _join(shift, day, slot.key, told):
                messages[slot.key] = told.prompts
            continue
        key = f"remind:{day.today.isoformat()}:{told.person.userid}"
        rows.append(_row(shift, key, slot.at, told))
        messages[key] = told.prompts
    await _write(shift, day, rows, messages)
    await _tell_held(shift, found, slots)
    return f"提醒{len(messages)}人" if messages else "没有要提醒的"


async def _tell_held(shift: Shift, found: Sequence[_Told], slots: Mapping[str, Decision]) -> None:
    """The office rings up whom the month's cap keeps from being reminded."""
    held = [
        (f"{told.who.units[0]}{told.person.name}", slots[told.person.userid])
        for told in found
        if caps.is_rare(slots[told.person.userid])
    ]
    await caps.tell_admins(shift.conn, held, shift.admins, shift.now, shift.workdays)


async def _told(shift: Shift, day: _Day) -> list[_Told]:
    """Whom to remind of what, without those who said something today."""
    owing = await pending.owing(shift.conn, shift.book, shift.workdays)
    staged = [(reminding.stage(one, day.today, shift.workdays), one) for one in owing]
    units = {one.asked.prompt.unit for stage, one in staged if stage}
    if not units:
        return []
    liaisons = await people.liaison_of(shift.conn, units)
    led = frozenset(await people.leaders_of(shift.conn, units))
    midnight = datetime.combine(day.today, time(0), SHANGHAI)
    silent = await inbox.spoke(shift.conn, _ANSWERS, midnight)
    found: dict[str, list[tuple[Stage, Owing]]] = {}
    for stage, one in staged:
        person = liaisons.get(one.asked.prompt.unit)
        if stage and person is not None and person.userid not in silent:
            found.setdefault(person.userid, []).append((stage, one))
    by_id = {person.userid: person for person in liaisons.values()}
    return [_one(by_id[userid], rows, led) for userid, rows in sorted(found.items())]


def _one(person: Person, rows: Sequence[tuple[Stage, Owing]], led: frozenset[str]) -> _Told:
    units = tuple(dict.fromkeys(one.asked.prompt.unit for _, one in rows))
    return _Told(person, Who(units, led), tuple(rows))


def _row(shift: Shift, key: str, at: datetime, told: _Told) -> outbox.Outgoing:
    text = reminding.compose(
        reminding.grouped(told.found), told.who, at.astimezone(SHANGHAI).date(), shift.workdays
    )
    return outbox.Outgoing(key, "app", told.person.userid, dump(Text(text)), priority=outbox.REMINDER, at=at)


async def _last_part(conn: Connection, ask: str) -> str:
    parts = await outbox.state_of(conn, f"{ask}:")
    return max(parts, key=lambda key: int(key.split(":")[3]), default=ask)


async def _join(shift: Shift, day: _Day, ask: str, told: _Told) -> bool:
    """Adds the reminder to the message that asks today; False when it has left or has no room."""
    key = await _last_part(shift.conn, ask)
    row = await outbox.payload_of(shift.conn, key)
    payload = load(row) if row else None
    if not isinstance(payload, Text):
        return False
    groups = reminding.grouped(told.found)
    text = reminding.joined(payload.text, groups, told.who, day.today, shift.workdays)
    return text != payload.text and await outbox.amend(shift.conn, key, dump(Text(text)))


async def _write(
    shift: Shift,
    day: _Day,
    rows: Sequence[outbox.Outgoing],
    messages: Mapping[str, Mapping[str, Sequence[int]]],
) -> None:
    for start in range(0, len(rows), _AT_ONCE):
        await outbox.add(shift.conn, [(row, None) for row in rows[start : start + _AT_ONCE]], shift.now)
    if messages:
        on = day.today
        detail = {"day": on.isoformat(), "messages": messages}
        entry = audit.Entry(
            shift.now, escalation.CLOCK, pending.REMIND, f"{on.month}月{on.day}日{len(messages)}人", detail
        )
        await audit.note(shift.conn, entry)


# --- escalation -----------------------------------------------------------------------------------------


async def escalate(shift: Shift) -> str:
    """Drafts what is due to go one level higher; a person lets it out."""
    day = await _day(shift)
    if day.closed:
        return day.closed.replace("提醒", "升级")
    await drafting.settle(shift.conn, shift.now)
    owing = await pending.owing(shift.conn, shift.book, shift.workdays)
    before = await _about(shift, owing)
    due: dict[tuple[str, int, str, date], list[Owing]] = {}
    for one in owing:
        prompt = one.asked.prompt
        kind = escalation.level(one, day.today, shift.workdays, before.get(prompt.id, ()))
        if kind:
            due.setdefault((kind, one.asked.round.id, prompt.unit, one.due), []).append(one)
    if not due:
        return "没有要升级的"
    sheet = await _sheet(shift, day, {unit for _, _, unit, _ in due}, before)
    await drafts.write_all(shift.conn, [sheet.draft(kind, rows) for (kind, *_), rows in due.items()])
    return f"起草{len(due)}份"


async def _about(shift: Shift, owing: Sequence[Owing]) -> dict[int, list[Draft]]:
    """The drafts there are about each prompt."""
    found: dict[int, list[Draft]] = {}
    if owing:
        since = min(one.asked.round.opened_at for one in owing)
        for draft in await drafts.of_kind(shift.conn, "", since):
            for prompt_id in draft.prompts:
                found.setdefault(prompt_id, []).append(draft)
    return found


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Everything drafts are composed from; the facts are kept with each, so that it can be walked back."""

    shift: Shift
    today: date
    liaisons: Mapping[str, Person]
    leaders: Mapping[str, Person]
    before: Mapping[int, Sequence[Draft]]
    confirmed: Mapping[tuple[int, str], Assignment]

    def draft(self, kind: str, owing: Sequence[Owing]) -> Draft:
        facts = self._facts(owing)
        key = f"{kind}:{facts['round_id']}:{facts['unit']}:{facts['today']}:{min(facts['prompts'])}"
        leader = self.leaders.get(facts["unit"]) if kind == drafts.LEVEL_ONE else None
        title, body = escalation.title(kind, facts), escalation.body(kind, facts)
        return Draft(kind, key, title, body, leader.userid if leader else "", facts, self.shift.now)

    def _facts(self, owing: Sequence[Owing]) -> dict[str, Any]:
        first, shift = owing[0], self.shift.workdays.shift
        unit = first.asked.prompt.unit
        liaison = self.liaisons.get(unit)
        return {
            "prompts": [one.asked.prompt.id for one in owing],
            "unit": unit,
            "round": first.asked.round.name.removesuffix("报送"),
            "round_id": first.asked.round.id,
            "due": first.due.isoformat(),
            "due_at": first.due_at.isoformat(),
            "today": self.today.isoformat(),
            "passed": self.shift.workdays.count(first.due, self.today),
            "reply_by": shift(self.today, 1).isoformat(),
            "circular_on": shift(self.today, 2).isoformat(),
            "asked": first.asked_on.isoformat() if first.asked_on else "",
            "reminded": sorted({on.isoformat() for one in owing for on in (*one.early, *one.final)}),
            "liaison": liaison.name if liaison else "",
            "mobile": liaison.mobile if liaison else "",
            "leader": drafting.facts_of(self.leaders.get(unit)),
            **self._told(owing),
            "why": "退回补充到期仍未收到",
            "rows": [self._fact(one) for one in owing],
        }

    def _told(self, owing: Sequence[Owing]) -> dict[str, Any]:
        """Whether the leader has heard of it, and when."""
        found = [draft for one in owing for draft in self.before.get(one.asked.prompt.id, ())]
        told = [draft for draft in found if draft.kind == drafts.LEVEL_ONE]
        sent = [one.decided_at for one in told if one.state == drafts.RELEASED and one.decided_at]
        on = sent[0].astimezone(SHANGHAI).date().isoformat() if sent else ""
        return {"leader_told": on, "leader_waits": bool(told) and not sent}

    def _fact(self, one: Owing) -> dict[str, Any]:
        prompt = one.asked.prompt
        return {
            "prompt": prompt.id,
            "point": prompt.point,
            "open": list(one.open),
            "partial": one.partial,
            "returned": one.asked.returned,
            "status": self._status(prompt),
        }

    def _status(self, prompt: Prompt) -> str:
        """已确认（张三6月3日核）"""
        row = self.confirmed.get((prompt.point, prompt.unit))
        if row is None:
            return {"notice": "通知原文写明", "released": "建议（已放行催报）"}.get(prompt.basis, "已确认")
        on = f"{row.confirmed_on.month}月{row.confirmed_on.day}日" if row.confirmed_on else ""
        return f"已确认（{row.confirmed_by}{on}核）" if row.confirmed_by else "已确认"


async def _sheet(shift: Shift, day: _Day, units: set[str], before: Mapping[int, Sequence[Draft]]) -> _Sheet:
    return _Sheet(
        shift,
        day.today,
        await people.liaison_of(shift.conn, units),
        await people.leaders_of(shift.conn, units),
        before,
        {(row.point, row.lead): row for row in shift.book.assignments if row.confirmed},
    )
