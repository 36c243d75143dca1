"""The numbers by which the office supervises, handed in as one value: caps, lights, looks back.

`bot/settings.py` reads them from the configuration; handlers and jobs find them in their context. The slices
declared here import nothing heavy, since every command reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time

from supervision.light_rules import LightRules
from supervision.setting import between, read_span, setting
from supervision.workdays import Hours


@dataclass(frozen=True, slots=True)
class LookbackRules:
    """回头看, point 44: how many days after closing, and the share that is also inspected on the spot."""

    first_days: int = setting(30, "销号后多少天做第一次回头看，遇节假日顺延", check=between(1, 366))
    second_days: int = setting(90, "销号后多少天做第二次回头看，遇节假日顺延", check=between(1, 366))
    sampling: int = setting(20, "回头看时另行实地抽查的比例，百分之几", check=between(0, 100))

    @property
    def days(self) -> tuple[int, int]:
        return self.first_days, self.second_days

    def mistakes(self) -> list[str]:
        """What is wrong with both days together."""
        if self.first_days < self.second_days:
            return []
        return [f"second_days（{self.second_days}）应大于 first_days（{self.first_days}）"]


@dataclass(frozen=True, slots=True)
class Caps:
    """How much one person or group may get (rhythm §7). One reminder a day and person is no setting: it is
    what the national rules ask of such systems."""

    reminders_per_month: int = setting(
        6, "同一位联络员每月最多几条催报、提醒（每天最多1条，不可改）", check=between(1, 31)
    )
    escalations_per_month: int = setting(3, "同一位分管领导每月最多告知几次逾期", check=between(1, 31))
    leader_per_day: int = setting(
        1, "同一位市领导每天最多几条（专报和提请协调合计；提请协调超出的改在次日发）", check=between(1, 10)
    )
    group_per_week: int = setting(2, "同一个工作群每周最多几条", check=between(1, 50))


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything the office has set, as the rooms take it."""

    caps: Caps = field(default_factory=Caps)
    lights: LightRules = field(default_factory=LightRules)
    lookback: LookbackRules = field(default_factory=LookbackRules)


def _wrong_span(text: str) -> str | None:
    try:
        read_span(text)
    except ValueError:
        return "应写成 08:30-12:00 这样的一段，先早后晚"
    return None


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """工作时间 as the office writes it; nothing is pushed outside of it but what people asked for."""

    morning: str = setting("08:30-12:00", "上午工作时间", check=_wrong_span)
    afternoon: str = setting(
        "14:30-17:30", "下午工作时间；结束的时刻也是各项报送截止的时刻", check=_wrong_span
    )

    def mistakes(self) -> list[str]:
        """What is wrong with both spans together."""
        if read_span(self.morning)[1] <= read_span(self.afternoon)[0]:
            return []
        return [f"afternoon（{self.afternoon}）应在 morning（{self.morning}）之后"]

    def made(self, first: time) -> Hours:
        """As the working days keep them; `first` is when the first reminder of a day leaves."""
        return Hours(read_span(self.morning), read_span(self.afternoon), first)
