"""Every number by which lights turn, for the office to change: the `[lights]` section of the configuration.

Plain values, so that the command line may read them without the rooms that judge by them
(`supervision/lights.py`, `supervision/light_sorts.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from supervision.setting import between, setting

Sort = Literal[
    "linear",  # grows through the year: 公里, 户, 亩, a large count of projects
    "milestone",  # comes in jumps: 2个示范点, 开工, a coverage reached once
    "level",  # must hold all the time: 合格率稳定在90%以上, 不超过
    "statistic",  # published once, by others: 产值, 增长, 比率
    "share",  # no figure to compare with (全面完成, 每个镇街2条): only a reported percentage tells
    "aside",  # a date or a condition of another figure: never judged
]


def _wrong_sorts(sorts: Mapping[str, str]) -> str | None:
    unknown = sorted(set(sorts.values()) - set(get_args(Sort)))
    return f"的类别应为 {'、'.join(get_args(Sort))}，没有 {'、'.join(unknown)}" if unknown else None


def _wrong_words(words: tuple[str, ...]) -> str | None:
    return None if all(map(str.strip, words)) else "里有空的词，会把所有指标都算进来"


@dataclass(frozen=True, slots=True)
class LightRules:
    """红黄绿灯 (rhythm §5). Gaps are percentage points that completion lies behind time."""

    yellow_gap: float = setting(10.0, "完成进度比时间进度落后到多少个百分点亮黄灯", check=between(0, 100))
    red_gap: float = setting(30.0, "落后超过多少个百分点亮红灯", check=between(0, 100))
    no_red_months: int = setting(3, "年初几个月内不亮红灯", check=between(0, 12))
    milestone_grace_workdays: int = setting(
        20, "到期未完成的，过期多少个工作日以内黄灯，再久红灯", check=between(0, 250)
    )
    not_started_from: float = setting(
        50.0, "时间进度过了百分之几，还说尚未启动的至少黄灯", check=between(0, 100)
    )
    jump_at_most: int = setting(5, "目标在几个以内的，按里程碑判，不按时间比例", check=between(0, 1000))
    jump_words: tuple[str, ...] = setting(
        ("创建", "开工", "案例", "改革"), "名称里有这些词的，按里程碑判", check=_wrong_words
    )
    reach_words: tuple[str, ...] = setting(
        ("覆盖率",), "名称里有这些词的百分数，按里程碑判（到期达到即可）", check=_wrong_words
    )
    hold_words: tuple[str, ...] = setting(
        ("合格率", "稳定在", "保持在"), "有这些词的，要一直保持，直接与目标比", check=_wrong_words
    )
    statistic_words: tuple[str, ...] = setting(
        ("产值", "营收", "收入", "增长", "增速", "增加值"),
        "有这些词的金额和数量，待统计部门发布，不亮灯",
        check=_wrong_words,
    )
    per_head_words: tuple[str, ...] = setting(
        ("每千人口", "每万人口", "人均"), "有这些词的比率，待统计部门发布，不亮灯", check=_wrong_words
    )
    sorts: Mapping[str, Sort] = setting(
        {},
        '归错了类的指标在这里指定，例如 { "17-4" = "statistic" }；类别有 linear（逐步推进）、'
        "milestone（里程碑）、level（保持）、statistic（待发布）、share（无统一数字）、aside（不设灯）",
        check=_wrong_sorts,
    )

    def __post_init__(self) -> None:
        if wrong := _wrong_sorts(self.sorts):
            raise ValueError(wrong)

    def mistakes(self) -> list[str]:
        """What is wrong with several numbers together."""
        if self.yellow_gap < self.red_gap:
            return []
        return [f"yellow_gap（{self.yellow_gap:g}）应小于 red_gap（{self.red_gap:g}）"]
