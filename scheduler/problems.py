"""The clock's part of firms' problems: twice a day who must hurry and what is over, once a day the visits.

Notes are one message per person; what goes to a leader is a draft. Nothing is written on a day off, outside
hours or while reminders are paused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from scheduler.shift import Shift
from storage import drafts, outbox, people, problem_steps, problem_visits, problems, quiets
from storage.message import Text, dump
from storage.person import Person
from storage.problem import Problem
from storage.problem_steps import Step
from storage.problem_visits import Visit
from supervision import caps, firm_words, firms, problem_drafts, problem_notes, quiet
from supervision.caps import MergeInto
from supervision.problem_acts import CLOCK
from supervision.problem_desk import Desk
from supervision.problem_notes import Due, Swept
from supervision.problem_rules import ProblemRules
from supervision.problem_words import OFFICE, subject
from supervision.problems import horizon, is_late, sampled
from supervision.workdays import SHANGHAI

_NOON = 12
_AT_ONCE = 2_000  # rows per statement


async def near_due(shift: Shift, rules: ProblemRules | None = None) -> str:
    """At 9:20 and 14:50: notes to who must act, drafts about what is over; all in one look."""
    if closed := await _closed(shift):
        return closed
    rules = rules or ProblemRules()
    desk = _desk(shift, rules)
    ticking = await problems.ticking(shift.conn, *horizon(shift.now, rules, desk.at))
    found = problem_notes.sweep(ticking, shift.now, rules, desk.at)
    found = found.with_words(await problems.with_ids(shift.conn, found.told()))
    liaisons = await people.liaison_of(shift.conn, found.units)
    led = await people.leaders_of(shift.conn, found.units)
    silent = {unit: _of(found, unit) for unit in sorted(found.units - set(liaisons))}
    drafted = await _draft(desk, found, silent, led, rules)
    notes = _notes(found, liaisons, led, shift.now, desk)
    office = [one for one in found.office if one.clock.what != "rate" or _is_morning(shift.now)]
    if text := problem_notes.office_note(office, silent, drafted, shift.now, desk.at):
        for admin in await desk.office():
            notes[admin] = "\n\n".join(filter(None, (notes.get(admin), text)))
    sent = await _send(shift, notes)
    return f"提示{sent}人，起草{drafted}份" if sent or drafted else "没有临期的"


async def _closed(shift: Shift) -> str:
    """Why nothing may be said now; empty when it may."""
    periods = await quiets.since(shift.conn, shift.now)
    if paused := quiet.in_force(shift.now, periods):
        return f"暂停催办中（{paused.reason}），没有提示"
    return "" if shift.workdays.in_hours(shift.now) else "不在工作时间，没有提示"


def _desk(shift: Shift, rules: ProblemRules) -> Desk:
    return Desk(shift.conn, shift.book, shift.workdays, rules, shift.now, CLOCK, admins=shift.admins)


def _is_morning(now: datetime) -> bool:
    return now.astimezone(SHANGHAI).hour < _NOON


def _of(found: Swept, unit: str) -> list[Due]:
    return [*found.over.get(unit, ()), *found.near.get(unit, ())]


# --- notes ----------------------------------------------------------------------------------------


def _notes(
    found: Swept, liaisons: Mapping[str, Person], led: Mapping[str, Person], now: datetime, desk: Desk
) -> dict[str, str]:
    """One text per person, over all his units."""
    units: dict[str, list[str]] = {}
    for unit, person in liaisons.items():
        units.setdefault(person.userid, []).append(unit)
    return {
        person: problem_notes.note(
            [one for unit in own for one in found.near.get(unit, ())],
            [one for unit in own for one in found.over.get(unit, ())],
            any(unit in led for unit in own),
            now,
            desk.at,
        )
        for person, own in sorted(units.items())
    }


async def _send(shift: Shift, notes: Mapping[str, str]) -> int:
    """By the cap on such notes: into one that has not left, or not at all today."""
    here = shift.now.astimezone(SHANGHAI)
    half = "near-am" if _is_morning(shift.now) else "near-pm"
    allowed = await caps.may_push_all(shift.conn, "problem", list(notes), shift.now, shift.workdays)
    rows, sent = [], 0
    for person, text in notes.items():
        decision = allowed[person]
        if isinstance(decision, MergeInto):
            sent += await outbox.amend(shift.conn, decision.key, dump(Text(text)))
        elif decision.at.astimezone(SHANGHAI).date() == here.date():
            key = f"{half}:{here.date().isoformat()}:{person}"
            rows.append(
                outbox.Outgoing(
                    key, "app", person, dump(Text(text)), priority=outbox.REMINDER, at=decision.at
                )
            )
    for start in range(0, len(rows), _AT_ONCE):
        await outbox.add(shift.conn, [(row, None) for row in rows[start : start + _AT_ONCE]], shift.now)
    return sent + len(rows)


# --- drafts ---------------------------------------------------------------------------------------


async def _draft(
    desk: Desk,
    found: Swept,
    silent: Mapping[str, Sequence[Due]],
    led: Mapping[str, Person],
    rules: ProblemRules,
) -> int:
    """To the unit's leader once its liaison was told; as a city leader's topic some days later."""
    over = found.all_over()
    if not over:
        return 0
    ids = {one.problem.id for one in over}
    steps = await problem_steps.acts(desk.conn, ids, problem_steps.OVERDUE)
    told = {id: {step.words for step in rows} for id, rows in steps.items()}
    there = await drafts.keys_of(desk.conn, problem_drafts.PREFIX)
    higher = problem_notes.to_draft(found, told, silent)
    fresh = [_to_leader(desk, one, led) for one in higher if _leader_key(one) not in there]
    late = {
        one.problem.id: one.problem for one in over if is_late(one.problem, desk.now)
    }  # once, for all units
    fresh += await _topics(
        desk, [p for p in late.values() if problem_drafts.topic_key(p) not in there], rules
    )
    await drafts.write_all(desk.conn, fresh)
    await _remember(desk, [one for one in over if one.name not in told.get(one.problem.id, ())])
    return len(fresh)


def _leader_key(one: Due) -> str:
    return problem_drafts.leader_key(one.problem, one.clock.what, one.clock.by)


def _to_leader(desk: Desk, one: Due, led: Mapping[str, Person]) -> drafts.Draft:
    p, clock = one.problem, one.clock
    return problem_drafts.to_leader(p, clock.what, desk.now, desk.workdays, led.get(p.lead), clock.by)


async def _topics(desk: Desk, late: Sequence[Problem], rules: ProblemRules) -> list[drafts.Draft]:
    due = [p for p in late if problem_drafts.late_days(p, desk.now, desk.workdays) >= rules.topic_days]
    if not due:
        return []
    leaders = await problem_drafts.city_leaders(desk.conn)
    only = leaders[0] if len(leaders) == 1 else None
    basis = problem_drafts.basis_in(desk.book)
    plans = await problem_steps.acts(desk.conn, [p.id for p in due], problem_steps.PLAN)
    return [problem_drafts.topic(p, plans.get(p.id, ()), desk.now, desk.workdays, basis, only) for p in due]


async def _remember(desk: Desk, over: Sequence[Due]) -> None:
    """That the liaison was told: the next sweep may go higher."""
    steps = [Step(one.problem.id, desk.now, CLOCK, problem_steps.OVERDUE, one.name) for one in over]
    for start in range(0, len(steps), _AT_ONCE):
        await problem_steps.add(desk.conn, "", *steps[start : start + _AT_ONCE])


# --- 回访 -----------------------------------------------------------------------------------------


async def visit(shift: Shift, rules: ProblemRules | None = None) -> str:
    """Asks the firms whose problems were closed thirty and ninety days ago; whom nobody can write to, the
    office rings up. Contacts nobody needs any more are erased."""
    if closed := await _closed(shift):
        return closed
    rules = rules or ProblemRules()
    desk, today = _desk(shift, rules), shift.now.astimezone(SHANGHAI).date()
    await problems.forget_contacts(shift.conn, shift.now - timedelta(days=rules.contact_kept_days))
    due = await problem_visits.due(shift.conn, today)
    found = await problems.with_ids(shift.conn, [one.problem_id for one in due])
    calls = []
    for one in due:
        if not await _written(desk, found[one.problem_id], one, rules):
            calls.append((found[one.problem_id], one))
    drawn = [found[one.problem_id] for one in due if sampled(found[one.problem_id], rules)]
    if calls or drawn:
        await desk.tell_office(f"visits:{today.isoformat()}", Text(_to_call(calls, drawn)))
    return f"回访{len(due)}件，其中请办公室电话{len(calls)}件" if due else "没有要回访的"


async def _written(desk: Desk, p: Problem, one: Visit, rules: ProblemRules) -> bool:
    at = desk.workdays.next_slot(desk.now)
    writes = bool(p.door) and await firms.can_write(desk.conn, p, at)
    if writes:
        days = rules.visits.days[min(one.number, 2) - 1]
        await desk.tell_firm(p, f"visit:{one.id}", firm_words.visit_text(p, days))
    await problem_visits.asked(desk.conn, [one.id], desk.now, by_phone=not writes)
    return writes


def _to_call(calls: Sequence[tuple[Problem, Visit]], drawn: Sequence[Problem]) -> str:
    lines = []
    for p, one in calls[:10]:
        whom = " ".join(filter(None, (p.firm, p.contact, p.phone))) or "联系方式未登记"
        lines.append(f"{p.label}（{subject(p, 20)}）第{one.number}次，{whom}；回复：{p.number}回访 正常")
    if lines:
        lines = [f"【请电话回访】{len(calls)}件：", *lines]
        lines += [f"另有{len(calls) - 10}件，回复“诉求统计”看全部"] if len(calls) > 10 else []
    if drawn:
        numbers = "、".join(str(p.number) for p in drawn[:20])
        lines.append(f"【实地抽查】本次抽中：{numbers}号，时间另行约定。")
    return "\n".join([*lines, OFFICE])
