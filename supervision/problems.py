"""The rules of firms' problems: which clocks run on one, whose they are, what is near its end or over it.

Pure. A problem's times and the office's numbers give its clocks; whoever must act reads them from here, and
so does the sweep over thousands of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from storage import problem
from storage.problems import Problem
from supervision.problem_rules import ProblemRules
from supervision.workdays import SHANGHAI
from supervision.worktime import Worktime

What = Literal[
    "assign", "accept", "decide", "extend", "contact", "plan", "help", "finish", "rate", "review", "follow"
]  # fmt: skip
OFFICE = ""  # whose clock it is where no unit's

STATES: Mapping[str, str] = {
    problem.NEW: "待分办",
    problem.ASSIGNED: "待接办",
    problem.OBJECTED: "责任有异议，待定",
    problem.ACCEPTED: "已接办",
    problem.CONTACTED: "办理中",
    problem.ANSWERED: "已答复，待企业评价",
    problem.REVIEW: "两次不满意，待办公室定性",
    problem.TRACKED_ON: "长期跟踪",
    problem.CLOSED: "已办结",
    problem.REFUSED: "不受理",
}
CHANNELS: Mapping[str, str] = {
    problem.KF: "微信客服",
    problem.GROUP: "政企微信群",
    problem.MEETING: "面对面座谈会",
    problem.EXPRESS: "企业诉求直通车",
    problem.HOTLINE: "12345热线",
    problem.VISITING: "挂钩走访",
    problem.APP: "企业在对话中反映",
}
KINDS: Mapping[str, str] = {
    problem.INQUIRY: "咨询类",
    problem.ORDINARY: "诉求类·一般",
    problem.COMPLEX: "诉求类·复杂",
    problem.REFUSED: "不受理类",
}
ENDINGS: Mapping[str, str] = {
    problem.SOLVED: "已解决",
    problem.EXPLAINED: "已答复（政策不支持，已说明）",
    problem.TRACKED: "纳入长期跟踪",
}
RATINGS: Mapping[str, str] = {
    problem.SATISFIED: "满意",
    problem.MOSTLY: "基本满意",
    problem.UNSATISFIED: "不满意",
}
_TO_DO: Mapping[What, str] = {
    "assign": "分办",
    "accept": "接办或提出不属本单位",
    "decide": "定责任异议",
    "extend": "定延期申请",
    "contact": "联系企业",
    "plan": "给出办理方案",
    "help": "向主办单位反馈协办意见",
    "finish": "办结",
    "rate": "电话回访企业，登记评价",
    "review": "定性",
    "follow": "再次答复企业（长期跟踪）",
}


@dataclass(frozen=True, slots=True)
class Clock:
    """Something to be done by somebody: `unit` is OFFICE for the office itself."""

    what: What
    unit: str
    since: datetime
    by: datetime

    @property
    def words(self) -> str:
        return _TO_DO[self.what]


def clocks(p: Problem, rules: ProblemRules, at: Worktime) -> Iterator[Clock]:
    """Every clock that runs on this problem, the most urgent thing to do first.

    While the office decides an objection the unit's clocks rest; while it decides an extension, the last.
    """
    if p.state == problem.NEW:
        yield Clock("assign", OFFICE, p.received_at, at.after(p.received_at, rules.assign))
    elif p.state == problem.OBJECTED and p.objected_at:
        yield Clock("decide", OFFICE, p.objected_at, at.end_of_day(p.objected_at))
    elif p.state == problem.ANSWERED and p.answered_at:
        yield Clock("rate", OFFICE, p.answered_at, at.after_days(p.answered_at, rules.rate_days))
    elif p.state == problem.REVIEW and p.rated_at:
        yield Clock("review", OFFICE, p.rated_at, at.after_days(p.rated_at, 1))
    elif p.state == problem.TRACKED_ON and p.follow_on and p.closed_at:
        day = datetime.combine(p.follow_on, time(0), SHANGHAI)
        yield Clock("follow", p.lead, p.closed_at, at.end_of_day(day))
    elif p.state in problem.WITH_UNIT:
        if p.wanted_until is not None:
            yield Clock("extend", OFFICE, p.counts_from, p.due_at)
        yield from _of_unit(p, rules, at)


def _of_unit(p: Problem, rules: ProblemRules, at: Worktime) -> Iterator[Clock]:
    if p.state == problem.ASSIGNED and p.assigned_at:
        yield Clock("accept", p.lead, p.assigned_at, at.after_days(p.assigned_at, rules.accept_days))
    if p.state == problem.ACCEPTED and p.accepted_at:
        yield Clock("contact", p.lead, p.accepted_at, at.after(p.accepted_at, rules.contact))
    if p.accepted_at and p.kind == problem.COMPLEX and p.planned_at is None:
        yield Clock("plan", p.lead, p.accepted_at, at.after_days(p.accepted_at, rules.plan_days))
    if p.wanted_until is None:
        yield Clock("finish", p.lead, p.counts_from, p.due_at)
    if p.assigned_at:
        for unit in p.helpers:
            if unit not in p.helped:
                yield Clock("help", unit, p.assigned_at, at.end_of_day(p.assigned_at, rules.helper_days))


def is_over(clock: Clock, now: datetime) -> bool:
    return now >= clock.by


def is_near(clock: Clock, now: datetime, rules: ProblemRules, at: Worktime) -> bool:
    """Little of its time is left, or it ends today; what has ended is no longer near."""
    if is_over(clock, now):
        return False
    if now.astimezone(SHANGHAI).date() == clock.by.astimezone(SHANGHAI).date():
        return True
    if clock.what == "follow":  # half a year away, a quarter of it is no hurry
        return at.between(now, clock.by) <= 2 * at.day
    whole = at.seconds(clock.since, clock.by)
    return at.seconds(now, clock.by) * 100 <= whole * rules.near_percent


def horizon(now: datetime, rules: ProblemRules, at: Worktime) -> tuple[datetime, datetime]:
    """Of what began after the first moment, nothing that ends after the second can be near its end by now:
    the share that is left of a short time is short."""
    since = now - timedelta(days=max(rules.inquiry_days, rules.ordinary_days, rules.complex_days))
    left = at.between(since, now) * rules.near_percent / (100 - rules.near_percent)
    today = datetime.combine(now.astimezone(SHANGHAI), time.max, SHANGHAI)
    return since, max(today, at.after(now, left + timedelta(minutes=1)))


def overdue(p: Problem, now: datetime, rules: ProblemRules, at: Worktime) -> list[Clock]:
    """The lead's clocks that have run out."""
    return [one for one in clocks(p, rules, at) if one.unit and one.unit == p.lead and is_over(one, now)]


def is_late(p: Problem, now: datetime) -> bool:
    """Not answered by its day: what 超期 counts. It rests while the office decides."""
    resting = p.state == problem.OBJECTED or p.wanted_until is not None
    unanswered = p.state in (problem.NEW, *problem.WITH_UNIT)
    return unanswered and not resting and now >= p.due_at


def due_at(kind: str, since: datetime, rules: ProblemRules, at: Worktime) -> datetime:
    """When a problem that came `since` is to be answered: at the end of that working day."""
    return at.end_of_day(since, rules.days_for(kind))


def after_pause(p: Problem, paused_at: datetime, now: datetime, at: Worktime) -> datetime:
    """The day it is due, later by the working time that an objection took; like every day, until its end."""
    took = at.between(paused_at, now)
    return at.end_of_day(at.after(p.due_at, took)) if took else p.due_at


def may_object(p: Problem, now: datetime, rules: ProblemRules, at: Worktime) -> bool:
    """Within a working day of the assignment, and not after the firm was called."""
    early = p.assigned_at is not None and now < at.after_days(p.assigned_at, rules.accept_days)
    return p.state in (problem.ASSIGNED, problem.ACCEPTED) and early


def may_ask_for_time(p: Problem, now: datetime, at: Worktime) -> bool:
    """A working day or more before it is due."""
    return at.between(now, p.due_at) >= at.day


def sampled(p: Problem, rules: ProblemRules) -> bool:
    """Whether it is also looked at on the spot: by its number, the same for everybody who asks."""
    drawn = hashlib.sha256(f"{p.year}:{p.number}".encode()).digest()
    return int.from_bytes(drawn[:4]) % 100 < rules.sampling


def left_words(clock: Clock, now: datetime, at: Worktime) -> str:
    """还剩3.5个工作小时; 还剩2个工作日."""
    left = at.between(now, clock.by)
    if left < at.day:
        return f"还剩{max(0.1, round(left / timedelta(hours=1), 1)):g}个工作小时"
    return f"还剩{round(left / at.day, 1):g}个工作日"
