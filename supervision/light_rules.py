"""Which rule judges a figure, and every number of those rules, for the office to change.

Lights ask it. A figure's sort is read off how the notice states it; where that goes wrong the office names
the figure's sort itself (`LightRules.sorts`). It knows nothing of what has been reported.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from knowledge.targets import Target
from supervision.measures import in_unit, is_count

Sort = Literal[
    "linear",  # grows through the year: 公里, 户, 亩, a large count of projects
    "milestone",  # comes in jumps: 2个示范点, 开工, a coverage reached once
    "level",  # must hold all the time: 合格率稳定在90%以上, 不超过
    "statistic",  # published once, by others: 产值, 增长, 比率
    "share",  # no figure to compare with (全面完成, 每个镇街2条): only a reported percentage tells
    "aside",  # a date or a condition of another figure: never judged
]


@dataclass(frozen=True, slots=True)
class LightRules:
    """红黄绿灯 (rhythm §5). Gaps are percentage points that completion lies behind time."""

    yellow_gap: float = 10  # from here yellow
    red_gap: float = 30  # beyond this red
    no_red_months: int = 3  # at the year's beginning a gap is yellow at most
    milestone_grace_workdays: int = 20  # overdue and short: yellow so long, then red
    not_started_from: float = 50  # percent of time gone, from when “未启动” is at least yellow
    jump_at_most: int = 5  # counts up to this come in jumps
    jump_words: tuple[str, ...] = ("创建", "开工", "案例", "改革")
    reach_words: tuple[str, ...] = (
        "覆盖率",
    )  # a rate the office itself can count: reached or not by its day
    hold_words: tuple[str, ...] = ("合格率", "稳定在", "保持在")
    statistic_words: tuple[str, ...] = ("产值", "营收", "收入", "增长", "增速", "增加值")  # of amounts
    per_head_words: tuple[str, ...] = ("每千人口", "每万人口", "人均")  # ratios, whatever their unit
    sorts: Mapping[str, Sort] = field(default_factory=dict)  # by target id, before every rule

    def __post_init__(self) -> None:
        unknown = set(self.sorts.values()) - set(get_args(Sort))
        if unknown:
            raise ValueError(f"指标类别应为 {'、'.join(get_args(Sort))}，现在有 {'、'.join(sorted(unknown))}")


def sort_of(target: Target, rules: LightRules) -> Sort:
    """The first that fits: the office's word, a date or condition, no common figure, a level to hold,
    a published statistic, a milestone; everything else grows through the year.
    """
    if target.id in rules.sorts:
        return rules.sorts[target.id]
    if target.kind in ("time", "condition"):
        return "aside"
    if target.value is None or not math.isfinite(target.value) or target.scope.startswith("每"):
        return "share"
    if target.value <= 0 or target.op in ("<", "<=") or _has(target.what + target.quote, rules.hold_words):
        return "level"
    if _published_once(target, rules):
        return "statistic"
    if target.unit == "%":
        return "milestone" if _has(target.what, rules.reach_words) else "statistic"
    return "milestone" if _jumps(target, target.value, rules) else "linear"


def _published_once(target: Target, rules: LightRules) -> bool:
    amount = not is_count(target.unit) and _has(target.what, rules.statistic_words)
    return amount or _has(target.what, rules.per_head_words)


def _jumps(target: Target, value: float, rules: LightRules) -> bool:
    """Small counts, and things that are there or not; lengths and weights grow however small they are."""
    counted = is_count(target.unit)
    pieces = in_unit(value, target.unit, "个") if counted else None
    few = (value if pieces is None else pieces) <= rules.jump_at_most
    money = in_unit(1, target.unit, "元") is not None
    return (counted and few) or ((counted or money) and _has(target.what, rules.jump_words))


def _has(text: str, words: Iterable[str]) -> bool:
    return any(word in text for word in words)
