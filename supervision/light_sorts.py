"""Which sort of figure a target of the notice is, read off how the notice states it.

Lights ask it; where the words mislead, the office names the sort itself (`LightRules.sorts`). It knows
nothing of what has been reported.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from knowledge.targets import Target
from supervision.light_rules import LightRules, Sort
from supervision.measures import in_unit, is_count


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
