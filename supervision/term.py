"""A deadline as it looks on one day: how much of its time is gone, how late it is, how it is spoken of.

Lights are judged by it. Time progress counts calendar days and lateness working days, as offices do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from supervision.light_rules import LightRules
from supervision.wording import day_words
from supervision.workdays import Workdays


@dataclass(frozen=True, slots=True)
class Term:
    """`stated` is whether the notice itself sets the day; without one it is the year's end."""

    today: date
    started: date
    due: date
    stated: bool
    rules: LightRules
    workdays: Workdays

    @property
    def elapsed(self) -> float:
        """时间进度, both ends counted: the due day is 100%."""
        whole = (self.due - self.started).days + 1
        gone = (self.today - self.started).days + 1
        return 100.0 if self.overdue or whole <= 0 else round(max(gone / whole, 0) * 100, 1)

    @property
    def overdue(self) -> bool:
        return self.today > self.due

    @property
    def late(self) -> int:
        """Working days since the due day."""
        return self.workdays.count(self.due, self.today)

    @property
    def in_grace(self) -> bool:
        """Overdue, but not for long."""
        return self.late <= self.rules.milestone_grace_workdays

    @property
    def deadline(self) -> str:
        """In words; a deadline that the notice does not state is the year's end, and that is said."""
        day = day_words(self.due, self.today)
        words = f"期限{day}" if self.stated else f"期限按{day}计"
        return f"{words}，已过{self.late}个工作日" if self.overdue else words

    @property
    def spared(self) -> bool:
        """年初几个月不亮红灯."""
        months = (self.today.year - self.started.year) * 12 + self.today.month - self.started.month
        return months < self.rules.no_red_months


def year_end(started: date) -> date:
    return date(started.year, 12, 31)
