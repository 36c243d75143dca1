"""The office's numbers for firms' problems: every time limit, reckoned in working time, and how often to ask.

`bot/settings.py` assembles it as `[problems]`. The defaults are those the office was offered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from storage.problem import COMPLEX, INQUIRY
from supervision.rules import LookbackRules
from supervision.setting import between, setting


def _limit(default: Any, about: str, low: float = 1, high: float = 60) -> Any:
    return setting(default, about, check=between(low, high))


@dataclass(frozen=True, slots=True)
class ProblemRules:
    """Hours are working hours; days are working days, unless they say otherwise."""

    assign_hours: float = _limit(4.0, "办公室多少个工作小时内分办", 0.5, 40)
    accept_days: int = _limit(1, "主办单位多少个工作日内接办；不属本单位的也在这段时间内提出", 1, 10)
    contact_hours: float = _limit(1.0, "接办后多少个工作小时内联系企业", 0.5, 40)
    inquiry_days: int = _limit(2, "咨询类多少个工作日内答复")
    ordinary_days: int = _limit(5, "一般诉求多少个工作日内办结")
    complex_days: int = _limit(7, "复杂诉求多少个工作日内办结")
    plan_days: int = _limit(1, "复杂诉求接办后多少个工作日内先给办理方案（24小时即1个工作日）", 1, 10)
    helper_days: int = _limit(3, "协办单位多少个工作日内向主办单位反馈")
    near_percent: int = _limit(25, "剩余时限不到百分之几时提示", 1, 90)
    rate_days: int = _limit(3, "答复后多少个工作日企业没有评价，改由办公室电话回访")
    topic_days: int = _limit(2, "超期多少个工作日起草呈市领导的专题（草稿，放行才进专报）")
    first_visit_days: int = _limit(30, "办结后多少天第一次回访，遇节假日顺延", 1, 366)
    second_visit_days: int = _limit(90, "办结后多少天第二次回访，遇节假日顺延", 1, 366)
    sampling: int = _limit(20, "回访时另行实地抽查的比例，百分之几", 0, 100)
    contact_kept_days: int = _limit(180, "办结后多少天清除企业联系人和电话", 90, 3650)

    @property
    def visits(self) -> LookbackRules:
        return LookbackRules(self.first_visit_days, self.second_visit_days, self.sampling)

    @property
    def assign(self) -> timedelta:
        return timedelta(hours=self.assign_hours)

    @property
    def contact(self) -> timedelta:
        return timedelta(hours=self.contact_hours)

    def days_for(self, kind: str) -> int:
        """Working days until a problem of this kind is answered."""
        return {INQUIRY: self.inquiry_days, COMPLEX: self.complex_days}.get(kind, self.ordinary_days)
