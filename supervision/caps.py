"""How often somebody may be pushed something, by kind: over the cap messages merge, and none is dropped.

Whoever asks, reminds or escalates calls `may_push` first: it alone says when the message may leave, by office
hours, quiet periods and caps together, or which one that has not left yet it must join. When a cap was what
decided, `over` is the sentence for the admins, and `tell_admins` sends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeAlias

from storage import outbox, pushed
from storage.engine import Connection
from storage.message import Text, dump
from storage.pushed import Pushed
from storage.quiets import Quiet
from supervision import quiet
from supervision.rules import Caps
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
    """`dated` and `others` are how the outbox keys of the kind begin: after a dated one comes the day, then
    the person. Only what begins with `joins` can be added to."""

    name: str
    caps: tuple[Cap, ...]
    dated: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    joins: tuple[str, ...] = ("",)

    @property
    def daily(self) -> bool:
        """Whether what comes on one day goes into one message."""
        return any(cap.span == "day" for cap in self.caps)


def rules_of(caps: Caps) -> dict[Kind, Rule]:
    """What the office set, by kind. A question of a look back is an asking like any other."""
    month = caps.reminders_per_month
    return {
        "reminder": Rule(
            "催办", (Cap(1, "day"), Cap(month, "month")), ("ask", "remind", "lookback"), joins=("ask:",)
        ),
        "escalation": Rule("升级告知", (Cap(caps.escalations_per_month, "month"),), others=("draft",)),
        "digest": Rule("专报", (Cap(caps.leader_per_day, "day"),), ("digest",), ("draft",)),
        # 政企问题临期: a morning's and an afternoon's; not 催办, which is one a day.
        "problem": Rule("政企问题提示", (Cap(2, "day"),), ("near-am", "near-pm")),
        "group": Rule("群通报", (Cap(caps.group_per_week, "week"),), others=("draft", "group")),
    }


RULES = rules_of(Caps())
_SPANS: dict[Span, str] = {"day": "当天", "week": "本周", "month": "本月"}
_WIDTH: dict[Span, int] = {"day": 1, "week": 2, "month": 3}
_FARTHEST = 62  # days
_FEW = 20  # people


@dataclass(frozen=True, slots=True)
class Slot:
    """It may leave at `at`. `over` says which cap moved it there, empty when none did; `anyway`: it could be
    moved no further, and leaves over the cap."""

    at: datetime
    over: str = ""
    span: Span | None = field(default=None, compare=False)
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class MergeInto:
    """It joins the message of this key, which has not left and leaves at `at`."""

    key: str
    at: datetime
    over: str = ""
    span: Span | None = field(default=None, compare=False)


Decision: TypeAlias = Slot | MergeInto


@dataclass(frozen=True, slots=True)
class Asked:
    """What else decides: the quiet periods, the hour such messages leave (the office's usual one where none
    is named), and the last day on which it still makes sense. What is `moving` was allowed before: it is not
    counted, and only the day's cap still holds it."""

    periods: Sequence[Quiet] = ()
    at: time | None = None
    no_later: date | None = None
    moving: frozenset[str] = frozenset()


async def may_push(
    conn: Connection,
    kind: Kind,
    person: str,
    now: datetime,
    workdays: Workdays,
    rules: Mapping[Kind, Rule] = RULES,
    asked: Asked | None = None,
) -> Decision:
    """When a push of this kind may go to this person (for "group": to this group), or what it joins."""
    return (await may_push_all(conn, kind, [person], now, workdays, rules, asked))[person]


async def may_push_all(
    conn: Connection,
    kind: Kind,
    persons: Sequence[str],
    now: datetime,
    workdays: Workdays,
    rules: Mapping[Kind, Rule] = RULES,
    asked: Asked | None = None,
) -> dict[str, Decision]:
    """The same for many at once: a wave to everybody asks the database as often as one message does."""
    rule = rules[kind]
    since = _first_day(now.astimezone(SHANGHAI).date())
    found = await _pushed(conn, rule, persons, since)
    return {person: decide(rule, found.get(person, ()), now, workdays, asked) for person in persons}


def decide(
    rule: Rule, told: Sequence[Pushed], now: datetime, workdays: Workdays, asked: Asked | None = None
) -> Decision:
    """Pure: the first day on which no cap is reached, or a message that waits in what is full."""
    asked = asked or Asked()
    told = [one for one in told if one.key not in asked.moving]
    caps = [cap for cap in rule.caps if cap.span == "day" or not asked.moving]
    at, widest = quiet.slot(now, workdays, asked.periods, asked.at), None
    for _ in range(_FARTHEST):
        today = [one for one in told if _day(one.at) == _day(at)]
        if rule.daily and (waiting := _waiting(rule, today)):
            return MergeInto(waiting.key, waiting.at, *_over(rule, widest))
        full = next((cap for cap in caps if _count(told, cap, at) >= cap.most), None)
        if full is None:
            break
        widest = max(widest or full, full, key=lambda cap: _WIDTH[cap.span])
        if waiting := _waiting(rule, [one for one in told if _takes(one, full.span, at, asked)]):
            return MergeInto(waiting.key, waiting.at, *_over(rule, widest))
        later = _next(workdays, _after(full.span, _day(at)), asked)
        if asked.no_later and _day(later) > asked.no_later and not _collides(rule, today):
            return Slot(at, *_over(rule, widest), anyway=True)
        at = later
    return Slot(at, *_over(rule, widest))


def _over(rule: Rule, cap: Cap | None) -> tuple[str, Span | None]:
    """The sentence about the widest cap that decided."""
    return (f"{_SPANS[cap.span]}{rule.name}已达{cap.most}条上限", cap.span) if cap else ("", None)


def is_rare(decision: Decision) -> bool:
    """Whether the admins should hear of it: that a day has one message is what happens every day."""
    return decision.span is not None and decision.span != "day"


def _waiting(rule: Rule, told: Iterable[Pushed]) -> Pushed | None:
    """What more can still be added to: nobody has tried to send it."""
    found = [one for one in told if one.waits and one.key.startswith(rule.joins)]
    return min(found, key=lambda one: one.at, default=None)


def _takes(one: Pushed, span: Span, at: datetime, asked: Asked) -> bool:
    """Whether it leaves within the same span, and in time."""
    in_time = asked.no_later is None or _day(one.at) <= asked.no_later
    return in_time and _same(span, _day(one.at), _day(at))


def _collides(rule: Rule, today: Iterable[Pushed]) -> bool:
    """Whether a message of the same name has left today: there is no second one of a day."""
    return any(one.key.startswith(rule.joins) for one in today)


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


def _next(workdays: Workdays, day: date, asked: Asked) -> datetime:
    return quiet.slot(datetime.combine(day, time(0), SHANGHAI), workdays, asked.periods, asked.at)


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
    others = [f"{name}:" for name in rule.others]
    days = [since + timedelta(days=ahead) for ahead in range(_FARTHEST + 37)]
    if len(persons) <= _FEW:
        keys = [f"{name}:{day}:{person}" for name in rule.dated for day in days for person in persons]
        return [*await pushed.with_keys(conn, keys), *await pushed.beginning_with(conn, others)]
    months = sorted({f"{day:%Y-%m}" for day in days})
    dated = [f"{name}:{month}" for name in rule.dated for month in months]
    return await pushed.beginning_with(conn, [*dated, *others])


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
    lines = held_lines([(who, decision) for who, decision in told if decision.over])
    if not lines:
        return
    at = workdays.next_slot(now)
    text = "\n".join(["催办和推送已到上限，没有丢弃，自动并条或顺延：", *lines])
    for admin in sorted(admins):
        key = f"cap:{_day(at).isoformat()}:{admin}"
        row = outbox.Outgoing(key, "app", admin, dump(Text(text)), priority=outbox.NOTICE, at=at)
        await outbox.put(conn, row, now)


def held_lines(told: Sequence[tuple[str, Decision]], most: int = 10) -> list[str]:
    """市供销社陈静：本月催办已达6条上限，顺延到8月1日发出"""
    lines = [f"{who}：{_words(decision)}" for who, decision in told[:most]]
    return [*lines, f"……共{len(told)}人"] if len(told) > most else lines


def _words(decision: Decision) -> str:
    on = f"{_day(decision.at).month}月{_day(decision.at).day}日"
    if isinstance(decision, MergeInto):
        return f"{decision.over}，并入{on}那一条"
    return f"{decision.over}，" + (f"因到期在即，仍在{on}发出" if decision.anyway else f"顺延到{on}发出")
