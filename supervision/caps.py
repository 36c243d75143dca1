"""How often somebody may be pushed something, by kind: over the cap messages merge, and none is dropped.

Whoever writes a push asks `may_push` first: it says when the message may leave, or which one that has not
left yet it must join. The defaults are those the office was offered; it may change each. When a cap was what
decided, `over` is the sentence for the admins, and `tell_admins` sends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeAlias

from storage import outbox, pushed
from storage.engine import Connection
from storage.message import Text, dump
from storage.pushed import Pushed
from supervision.workdays import SHANGHAI, Workdays

Kind = Literal["reminder", "escalation", "digest", "group", "problem"]
Span = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most` in a calendar day, week from Monday, or month."""

    most: int
    span: Span


@dataclass(frozen=True, slots=True)
class Rule:
    """`keys` are how the outbox keys of the kind begin; with `dated` ones the day comes next, then the
    person. `at` is the hour such messages leave."""

    name: str
    keys: tuple[str, ...]
    dated: bool
    at: time
    caps: tuple[Cap, ...]

    @property
    def daily(self) -> bool:
        """Whether what comes on one day goes into one message."""
        return any(cap.span == "day" for cap in self.caps)


RULES: dict[Kind, Rule] = {
    "reminder": Rule("催办", ("ask", "remind"), True, time(9, 10), (Cap(1, "day"), Cap(6, "month"))),
    "escalation": Rule("升级告知", ("draft",), False, time(14, 40), (Cap(3, "month"),)),
    "digest": Rule("专报", ("digest",), True, time(8, 40), (Cap(1, "day"),)),
    # 政企问题临期: a morning's and an afternoon's; not 催办, which is one a day.
    "problem": Rule("政企问题提示", ("near-am", "near-pm"), True, time(9, 20), (Cap(2, "day"),)),
    "group": Rule("群通报", ("draft", "group"), False, time(14, 40), (Cap(2, "week"),)),
}
_SPANS: dict[Span, str] = {"day": "当天", "week": "本周", "month": "本月"}
_FARTHEST = 62  # days
_FEW = 20  # people


@dataclass(frozen=True, slots=True)
class Slot:
    """It may leave at `at`. `over` says which cap moved it there, empty when none did."""

    at: datetime
    over: str = ""


@dataclass(frozen=True, slots=True)
class MergeInto:
    """It joins the message of this key, which has not left and leaves at `at`."""

    key: str
    at: datetime
    over: str = ""


Decision: TypeAlias = Slot | MergeInto


async def may_push(
    conn: Connection,
    kind: Kind,
    person: str,
    now: datetime,
    workdays: Workdays,
    rules: dict[Kind, Rule] = RULES,
) -> Decision:
    """When a push of this kind may go to this person (for "group": to this group), or what it joins."""
    return (await may_push_all(conn, kind, [person], now, workdays, rules))[person]


async def may_push_all(
    conn: Connection,
    kind: Kind,
    persons: Sequence[str],
    now: datetime,
    workdays: Workdays,
    rules: dict[Kind, Rule] = RULES,
) -> dict[str, Decision]:
    """The same for many at once: a wave to everybody asks the database as often as one message does."""
    rule = rules[kind]
    since = _first_day(now.astimezone(SHANGHAI).date())
    found = await _pushed(conn, rule, persons, since)
    return {person: decide(rule, found.get(person, ()), now, workdays) for person in persons}


def decide(rule: Rule, told: Sequence[Pushed], now: datetime, workdays: Workdays) -> Decision:
    """Pure: the first day on which no cap is reached, or a message that waits in what is full."""
    at, over = workdays.next_slot(now, rule.at), ""
    for _ in range(_FARTHEST):
        today = [one for one in told if _day(one.at) == _day(at)]
        if rule.daily and (waiting := _waiting(today)):
            return MergeInto(waiting.key, waiting.at, over)
        full = next((cap for cap in rule.caps if _count(told, cap, at) >= cap.most), None)
        if full is None:
            return Slot(at, over)
        over = over or f"{_SPANS[full.span]}{rule.name}已达{full.most}条上限"
        if waiting := _waiting([one for one in told if _same(full.span, _day(one.at), _day(at))]):
            return MergeInto(waiting.key, waiting.at, over)
        at = _next(workdays, _after(full.span, _day(at)), rule.at)
    return Slot(at, over)


def _waiting(told: Iterable[Pushed]) -> Pushed | None:
    """What more can still be added to: nobody has tried to send it."""
    return min((one for one in told if one.waits), key=lambda one: one.at, default=None)


def _count(told: Iterable[Pushed], cap: Cap, at: datetime) -> int:
    return sum(_same(cap.span, _day(one.at), _day(at)) for one in told)


def _same(span: Span, one: date, other: date) -> bool:
    return _begin(span, one) == _begin(span, other)


def _begin(span: Span, day: date) -> date:
    if span == "day":
        return day
    return day - timedelta(days=day.weekday()) if span == "week" else day.replace(day=1)


def _after(span: Span, day: date) -> date:
    """The first day of the next such span."""
    if span == "day":
        return day + timedelta(days=1)
    if span == "week":
        return _begin("week", day) + timedelta(days=7)
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _next(workdays: Workdays, day: date, at: time) -> datetime:
    return workdays.next_slot(datetime.combine(day, time(0), SHANGHAI), at)


def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


def _first_day(today: date) -> date:
    """The earliest day any cap looks back to."""
    return min(_begin("month", today), _begin("week", today))


# --- what was pushed ------------------------------------------------------------------------------------


async def _pushed(
    conn: Connection, rule: Rule, persons: Sequence[str], since: date
) -> dict[str, list[Pushed]]:
    """By person, from `since` on and what waits for later."""
    wanted = frozenset(persons)
    found: dict[str, list[Pushed]] = {}
    for one in await _rows(conn, rule, persons, since):
        if one.target in wanted and _day(one.at) >= since:
            found.setdefault(one.target, []).append(one)
    return found


async def _rows(conn: Connection, rule: Rule, persons: Sequence[str], since: date) -> list[Pushed]:
    """For a few people by their very keys; for many by what the keys begin with."""
    if not rule.dated:
        return await pushed.beginning_with(conn, [f"{name}:" for name in rule.keys])
    days = [since + timedelta(days=ahead) for ahead in range(_FARTHEST + 37)]
    if len(persons) <= _FEW:
        keys = [f"{name}:{day}:{person}" for name in rule.keys for day in days for person in persons]
        return await pushed.with_keys(conn, keys)
    months = sorted({f"{day:%Y-%m}" for day in days})
    return await pushed.beginning_with(conn, [f"{name}:{month}" for name in rule.keys for month in months])


# --- telling the office ---------------------------------------------------------------------------------


async def tell_admins(
    conn: Connection,
    told: Iterable[tuple[str, Decision]],
    admins: Iterable[str],
    now: datetime,
    workdays: Workdays,
) -> None:
    """One line a day to each admin about whom a cap was reached for; `told` are people by the names the
    office calls them. Nothing is written where no cap decided."""
    lines = [f"{who}：{_words(decision)}" for who, decision in told if decision.over]
    if not lines:
        return
    more = f"\n……共{len(lines)}人" if len(lines) > 10 else ""
    at = workdays.next_slot(now)
    text = "催办和推送已到上限，没有丢弃，自动并条或顺延：\n" + "\n".join(lines[:10]) + more
    for admin in sorted(admins):
        key = f"cap:{_day(at).isoformat()}:{admin}"
        row = outbox.Outgoing(key, "app", admin, dump(Text(text)), priority=outbox.NOTICE, at=at)
        await outbox.put(conn, row, now)


def _words(decision: Decision) -> str:
    day = _day(decision.at)
    how = "并入" if isinstance(decision, MergeInto) else "顺延到"
    return f"{decision.over}，{how}{day.month}月{day.day}日发出"
