"""The clock's word on problems that run out of time: what a liaison reads, the office, and a leader.

Pure: running problems in, notes and drafts out. A leader is drafted to only after the liaison was told that
the time is over; while the office decides, nobody is told anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from storage.problem import Problem
from supervision.problem_rules import ProblemRules
from supervision.problem_words import OFFICE, subject, until
from supervision.problems import OFFICE as OFFICES
from supervision.problems import Clock, clocks, is_near, is_over, left_words, may_ask_for_time
from supervision.worktime import Worktime

_SHOWN = 6  # of each kind in one note


@dataclass(frozen=True, slots=True)
class Due:
    """A problem and the clock of its that ends first."""

    problem: Problem
    clock: Clock

    @property
    def name(self) -> str:
        """What a step remembers of it: told once, it goes higher."""
        return f"{self.clock.what}:{self.clock.by.isoformat()}"


@dataclass(slots=True)
class Swept:
    """By unit: near its end, and over it. `office` is what the office itself has to do, soonest first."""

    near: dict[str, list[Due]] = field(default_factory=dict)
    over: dict[str, list[Due]] = field(default_factory=dict)
    office: list[Due] = field(default_factory=list)

    @property
    def units(self) -> set[str]:
        return {*self.near, *self.over}

    def all_over(self) -> list[Due]:
        return [one for rows in self.over.values() for one in rows]

    def told(self) -> set[int]:
        """The problems of which more than a number is told: those that notes show, and what is over."""
        shown = [one for rows in self.near.values() for one in rows[:_SHOWN]]
        return {one.problem.id for one in (*shown, *self.all_over(), *self.office[:_SHOWN])}

    def with_words(self, whole: Mapping[int, Problem]) -> Swept:
        """The same, of these problems with everything that is known of them."""

        def known(rows: list[Due]) -> list[Due]:
            return [Due(whole.get(one.problem.id, one.problem), one.clock) for one in rows]

        near = {unit: known(rows) for unit, rows in self.near.items()}
        over = {unit: known(rows) for unit, rows in self.over.items()}
        return Swept(near, over, known(self.office))


def sweep(rows: Iterable[Problem], now: datetime, rules: ProblemRules, at: Worktime) -> Swept:
    """Everything that is near its end or over it, of each problem and unit what ends first."""
    found = Swept()
    for p in rows:
        soonest: dict[str, Clock] = {}
        for clock in clocks(p, rules, at):
            if clock.unit not in soonest or _first(clock, soonest[clock.unit], now, rules, at):
                soonest[clock.unit] = clock
        for unit, clock in soonest.items():
            _put(found, unit, Due(p, clock), now, rules, at)
    for rows_of in (*found.near.values(), *found.over.values(), found.office):
        rows_of.sort(key=lambda one: (one.clock.by, one.problem.number))
    return found


def _first(one: Clock, other: Clock, now: datetime, rules: ProblemRules, at: Worktime) -> bool:
    """What ends first; that the whole is over, or nearly so, says more than that a part of it is over."""
    whole = next((clock for clock in (one, other) if clock.what == "finish"), None)
    if whole is not None and (is_over(whole, now) or _hides(one, other, whole, now, rules, at)):
        return one is whole
    return one.by < other.by


def _hides(one: Clock, other: Clock, whole: Clock, now: datetime, rules: ProblemRules, at: Worktime) -> bool:
    return min(one.by, other.by) <= now and is_near(whole, now, rules, at)


def _put(found: Swept, unit: str, due: Due, now: datetime, rules: ProblemRules, at: Worktime) -> None:
    over = is_over(due.clock, now)
    if due.clock.what == "rate" and not over:
        return  # the firm still has time to say what it thinks
    if not over and not is_near(due.clock, now, rules, at):
        return
    if unit == OFFICES:
        found.office.append(due)
    else:
        (found.over if over else found.near).setdefault(unit, []).append(due)


def to_draft(found: Swept, told: Mapping[int, Collection[str]], silent: Collection[str]) -> list[Due]:
    """What goes higher now: told to its liaison before, or there is none to tell (`silent`)."""
    return [
        one
        for one in found.all_over()
        if one.clock.unit == one.problem.lead
        and (one.name in told.get(one.problem.id, ()) or one.clock.unit in silent)
    ]


# --- the words ------------------------------------------------------------------------------------


def note(near: Sequence[Due], over: Sequence[Due], led: bool, now: datetime, at: Worktime) -> str:
    """What a liaison reads, in one message for all of his units; `led`: a leader would be told."""
    count = len({one.problem.id for one in (*near, *over)})
    lines = [f"【政企问题临期】您好，贵单位有{count}件政企问题需要抓紧："]
    lines += [f"已过时限：{_row(one)}" for one in over[:_SHOWN]]
    lines += [f"{_row(one)}，{left_words(one.clock, now, at)}" for one in near[:_SHOWN]]
    if (more := len(near) + len(over) - min(len(near), _SHOWN) - min(len(over), _SHOWN)) > 0:
        lines.append(f"另有{more}件，回复“诉求”查看")
    n = (*over, *near)[0].problem.number
    lines.append(f"看一件请回复：诉求{n}。{_if_not_done((*over, *near), now, at)}")
    if over:
        then = "拟告知贵单位分管领导" if led else "市百千万办将电话联系贵单位"
        lines.append(f"今天仍没有进展的，{then}。")
    return "\n".join([*lines, OFFICE])


def _if_not_done(due: Sequence[Due], now: datetime, at: Worktime) -> str:
    """More time may be asked for only a working day before the end."""
    open_ = next((one.problem for one in due if may_ask_for_time(one.problem, now, at)), None)
    if open_ is None:
        return "来不及办完的，请先按现有进展答复，或联系市百千万办。"
    return f"办不完的请提前1个工作日申请延期，例如：{open_.number}延期到×月×日 原因"


def _row(one: Due) -> str:
    return f"{one.problem.label}（{subject(one.problem, 16)}）{until(one.clock.by)}前{one.clock.words}"


def office_note(
    found: Sequence[Due], silent: Mapping[str, Sequence[Due]], drafted: int, now: datetime, at: Worktime
) -> str:
    """What the office reads: its own clocks, units nobody is bound for, new drafts; "" for nothing."""
    lines = [_office_row(one, now, at) for one in found[:_SHOWN]]
    if len(found) > _SHOWN:
        lines.append(f"另有{len(found) - _SHOWN}件，回复“待分办诉求”“待评价诉求”查看")
    for unit, rows in silent.items():
        lines.append(f"{unit}没有联络员，请电话联系：{'；'.join(_row(one) for one in rows[:3])}")
    if drafted:
        lines.append(f"超期的已起草{drafted}份草稿，回复“草稿”审核")
    return "\n".join(["【政企问题·待您处理】", *lines, OFFICE]) if lines else ""


def _office_row(one: Due, now: datetime, at: Worktime) -> str:
    p, clock = one.problem, one.clock
    left = "已过时限" if is_over(clock, now) else left_words(clock, now, at)
    if clock.what == "rate":
        call = " ".join(filter(None, (p.firm, p.contact, p.phone))) or "联系方式未登记"
        return f"{p.label}答复后企业还没有评价，请电话回访（{call}），回复：{p.number}企业满意"
    urgent = "（紧急）" if p.urgent else ""
    return f"{p.label}{urgent}请{clock.words}（{subject(p, 16)}），{until(clock.by)}前，{left}"
