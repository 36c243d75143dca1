"""红黄绿灯: one light per figure and per point, each saying by which rule, from which numbers, as of when.

Digests, the office's lists and answers about progress call it with the newest report; a light is a judgement
on a leader, so red stays a draft until a person releases it. It reads no clock and stores nothing.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from knowledge.targets import Target
from supervision.light_rules import LightRules, Sort
from supervision.light_sorts import sort_of
from supervision.term import Term, year_end
from supervision.wording import apart_words, day_words, goal_words, number_words, pace_words
from supervision.workdays import Workdays

Colour = Literal["green", "yellow", "red", "grey", "none"]
Status = Literal["done", "ahead", "on_track", "behind", "not_started"]

_JUDGED: tuple[Colour, ...] = ("green", "yellow", "red")  # from good to bad


@dataclass(frozen=True, slots=True)
class Reported:
    """The newest figure or percentage somebody reported."""

    value: float | None  # in the target's own unit
    percent: float | None  # of the whole point, as reported
    as_of: date
    by: str  # unit
    message: str  # key of the message it came from
    status: Status | None = None  # the unit's own word for the point


@dataclass(frozen=True, slots=True)
class Light:
    """Grey is 未报; `none` is no light at all: a statistic not published yet, or nothing to judge by."""

    colour: Colour
    rule: str  # which rule, a short phrase
    reason: str  # one sentence with the numbers and their date
    done: float | None = None  # percent complete
    elapsed: float | None = None  # percent of time gone, where the rule looks at it
    as_of: date | None = None
    message: str = ""
    draft: bool = False  # red, until a person releases it
    what: str = ""  # the figure's name; empty for a point


def light(
    target: Target,
    reported: Reported | None,
    today: date,
    *,
    started: date,
    rules: LightRules,
    workdays: Workdays,
) -> Light:
    """The light of one figure. `started` is the day its time progress begins: the notice's 1 January."""
    term = Term(today, started, target.due or year_end(started), target.due_stated, rules, workdays)
    sort = sort_of(target, rules)
    if sort == "aside":
        found = Light("none", "不设灯", f"{target.what}是时限或附带条件，不单独亮灯")
    elif sort == "statistic":
        found = _statistic(reported, target, today)
    elif reported is None:
        found = Light("grey", "未报", f"尚未报送（目标{goal_words(target)}，{term.deadline}）")
    else:
        found = _JUDGES[sort](term, reported, target)
    place = target.scope.endswith(("县", "区")) and not target.scope.startswith("每")
    where = target.scope if place or target.kind == "expanded" else ""  # each county has one of the same name
    return replace(found, what=where + target.what)


def light_of_percent(
    reported: Reported | None,
    today: date,
    *,
    started: date,
    rules: LightRules,
    workdays: Workdays,
    due: date | None = None,
) -> Light:
    """The light of a whole point without figures, by the percentage or the word its unit reported."""
    term = Term(today, started, due or year_end(started), due is not None, rules, workdays)
    if reported is None:
        return Light("grey", "未报", f"尚未报送（{term.deadline}）")
    return _by_percent(term, reported)


def point_light(lights: Sequence[Light]) -> Light:
    """The worst of a point's figures; those not reported are named, and grey is only when none is."""
    judged = [each for each in lights if each.colour in _JUDGED]
    missing = [each for each in lights if each.colour == "grey"]
    if not judged:
        return _unjudged(lights, missing)
    worst = max(judged, key=_badness)
    told = [worst] if worst.colour == "green" else [each for each in judged if each.colour == worst.colour]
    reason = "；".join(map(_named, told))
    if missing:
        reason += f"；另有{len(missing)}项未报{_listed(missing)}"
    return replace(worst, reason=reason, what="")


def _unjudged(lights: Sequence[Light], missing: Sequence[Light]) -> Light:
    if missing:
        return Light("grey", "未报", f"{len(missing)}项指标尚未报送{_listed(missing)}")
    if not lights:
        return Light("none", "无法判定", "没有可以判定的指标")
    return replace(lights[0], reason="；".join(map(_named, lights)), what="")


def _badness(light: Light) -> tuple[int, float]:
    """Colour first; among equals the one farthest behind time."""
    colour = _JUDGED.index(light.colour)
    if light.elapsed is None or light.done is None:
        return colour, -math.inf
    return colour, light.elapsed - light.done


def _named(light: Light) -> str:
    return f"{light.what}：{light.reason}" if light.what else light.reason


def _listed(lights: Sequence[Light]) -> str:
    names = "、".join(each.what for each in lights if each.what)
    return f"（{names}）" if names else ""


def _linear(term: Term, reported: Reported, target: Target) -> Light:
    value = _finite(reported.value)
    if value is None or not target.value:
        return _by_percent(term, reported)
    met = _met(target, value)
    shown = f"{number_words(value)}{target.unit}/{target.stance}{number_words(target.value)}{target.unit}"
    if value == target.value and not met:
        shown += "，须超过才算完成"
    return _by_time(term, reported, value / target.value * 100, shown, met=met)


def _by_percent(term: Term, reported: Reported) -> Light:
    """By a reported percentage of the whole, else by the unit's own word."""
    percent = _finite(reported.percent)
    if percent is not None:
        return _by_time(term, reported, percent, "单位报送的百分比", met=percent >= 100)
    as_of = _as_of(reported, term.today)
    if reported.status is None:
        return _says(reported, "none", "无法判定", f"已报送（{as_of}），没有可以比较的数")
    if reported.status == "done":
        return _says(reported, "green", "已完成", f"单位自报已完成（{as_of}）")
    reason = f"单位自报{_WORDS[reported.status]}（{as_of}），时间进度{number_words(term.elapsed)}%"
    found = _says(reported, "green", "单位自报", reason, elapsed=term.elapsed)
    return _as_said(_overdue(found, term) if term.overdue else found, term, reported)


def _by_time(term: Term, reported: Reported, done: float, shown: str, *, met: bool) -> Light:
    """差距=时间进度-完成进度, judged on the numbers as they are shown."""
    done = round(done, 1) if met or done >= 100 else min(round(done, 1), 99.9)
    told = f"完成{number_words(done)}%（{shown}，{_as_of(reported, term.today)}）"
    if met:
        reason = f"{told}，已达到目标"
        return _says(reported, "green", "已完成", reason, done=done, elapsed=term.elapsed)
    gap = round(term.elapsed - done, 1)
    told += f"，时间进度{number_words(term.elapsed)}%，{pace_words(gap)}"
    found = _says(reported, _by_gap(gap, term), "时间进度", told, done=done, elapsed=term.elapsed)
    return _as_said(_overdue(found, term) if term.overdue else _spared(found, gap, term), term, reported)


def _by_gap(gap: float, term: Term) -> Colour:
    if gap < term.rules.yellow_gap:
        return "green"
    return "yellow" if gap <= term.rules.red_gap or term.spared else "red"


def _spared(light: Light, gap: float, term: Term) -> Light:
    if light.colour != "yellow" or gap <= term.rules.red_gap:
        return light
    return replace(light, reason=f"{light.reason}，年初{term.rules.no_red_months}个月内不亮红灯")


def _overdue(light: Light, term: Term) -> Light:
    """Past its day and short of the target: no better than a milestone would be."""
    colour = max(light.colour, _late_colour(term), key=_JUDGED.index)
    reason = f"{light.reason}，{term.deadline}"
    return replace(light, colour=colour, rule="到期未完成", reason=reason, draft=colour == "red")


def _late_colour(term: Term) -> Colour:
    return "yellow" if term.in_grace else "red"


def _as_said(light: Light, term: Term, reported: Reported) -> Light:
    """A unit that calls itself late is not shown green."""
    half_gone = term.elapsed >= term.rules.not_started_from
    late = reported.status == "behind" or (reported.status == "not_started" and half_gone)
    if light.colour != "green" or not late:
        return light
    word = f"单位自报{_WORDS[reported.status or 'behind']}"
    reason = light.reason if word in light.reason else f"{light.reason}，{word}"
    return replace(light, colour="yellow", rule=word.removeprefix("单位"), reason=reason)


def _milestone(term: Term, reported: Reported, target: Target) -> Light:
    """By its day, not by a share of time: green until then, afterwards short of the target."""
    value = _finite(reported.value)
    if value is None or not target.value:
        return _milestone_by_percent(term, reported)
    told = f"现为{number_words(value)}{target.unit}（{_as_of(reported, term.today)}）"
    told += f"，目标{goal_words(target)}"
    done = None if target.unit == "%" else round(value / target.value * 100, 1)
    if _met(target, value):
        return _says(reported, "green", "已完成", f"{told}，已达到目标", done=done)
    return _by_day(term, reported, told, done)


def _milestone_by_percent(term: Term, reported: Reported) -> Light:
    percent = _finite(reported.percent)
    if percent is None or percent >= 100:
        return _by_percent(term, reported)
    told = f"完成{number_words(percent)}%（单位报送的百分比，{_as_of(reported, term.today)}）"
    return _by_day(term, reported, told, percent)


def _by_day(term: Term, reported: Reported, told: str, done: float | None) -> Light:
    if term.overdue:
        return _says(reported, _late_colour(term), "里程碑过期", f"{told}，{term.deadline}", done=done)
    found = _says(reported, "green", "里程碑", f"{told}，{term.deadline}，尚未到期", done=done)
    return _as_said(found, term, reported)


def _level(term: Term, reported: Reported, target: Target) -> Light:
    """Held against the target directly, on any day of the year."""
    value = _finite(reported.value)
    as_of = _as_of(reported, term.today)
    if value is None or target.value is None:
        return _says(reported, "none", "无法判定", f"已报送（{as_of}），没有报这个数")
    told = f"现为{number_words(value)}{target.unit}（{as_of}）"
    if _met(target, value):
        return _says(reported, "green", "保持水平", f"{told}，达到目标{goal_words(target)}")
    short = apart_words(abs(target.value - value), target.unit)
    return _says(reported, "yellow", "保持水平", f"{told}，未达到目标{goal_words(target)}，相差{short}")


def _share(term: Term, reported: Reported, target: Target) -> Light:
    """No common figure to compare with: a reported percentage or word, or nothing."""
    value = _finite(reported.value)
    if value is None or _finite(reported.percent) is not None or reported.status is not None:
        return _by_percent(term, reported)
    unit = target.unit if target.value is not None else ""  # 全面完成 is no unit
    told = f"已报{number_words(value)}{unit}（{_as_of(reported, term.today)}）"
    return _says(reported, "none", "无法判定", f"{told}，目标是{goal_words(target)}，须分别判定")


def _statistic(reported: Reported | None, target: Target, today: date) -> Light:
    """No light: the figure is final only when it is published."""
    value = _finite(reported.value) if reported else None
    if reported is None or value is None:
        return Light("none", "待统计部门发布", f"尚无公布数（目标{goal_words(target)}），待统计部门发布")
    told = f"最近一次报{number_words(value)}{target.unit}（{_as_of(reported, today)}）"
    reason = f"{told}，目标{goal_words(target)}，待统计部门发布"
    return _says(reported, "none", "待统计部门发布", reason)


_JUDGES: dict[Sort, Callable[[Term, Reported, Target], Light]] = {
    "linear": _linear,
    "milestone": _milestone,
    "level": _level,
    "share": _share,
}
_WORDS: dict[Status, str] = {
    "done": "已完成",
    "ahead": "快于计划",
    "on_track": "正常推进",
    "behind": "滞后",
    "not_started": "尚未启动",
}
_COMPARED: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.ge,  # “2个”: as many or more
    "<": operator.lt,
    "<=": operator.le,
}


def _says(
    reported: Reported,
    colour: Colour,
    rule: str,
    reason: str,
    *,
    done: float | None = None,
    elapsed: float | None = None,
) -> Light:
    return Light(colour, rule, reason, done, elapsed, reported.as_of, reported.message, draft=colour == "red")


def _met(target: Target, value: float) -> bool:
    """超48.7 wants strictly more, 不少于 and a plain number want as much."""
    compare = _COMPARED.get(target.met_when or target.op) or _COMPARED["="]
    return target.value is not None and compare(value, target.value)


def _as_of(reported: Reported, today: date) -> str:
    return f"截至{day_words(reported.as_of, today)}"


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None
