"""Numbers, days and targets in the words an office uses, so that every message says them the same way.

Lights use it, and whatever else speaks of a figure may. It knows no rules.
"""

from __future__ import annotations

from datetime import date

from knowledge.targets import Target

STATUS = {
    "done": "已完成", "ahead": "快于进度", "on_track": "正常推进", "behind": "滞后", "not_started": "未启动",
}  # fmt: skip
COLOURS = {"green": "绿灯", "yellow": "黄灯", "red": "红灯", "grey": "未报", "none": "不设灯"}


def goal_words(target: Target) -> str:
    """The target as the notice states it, 争取 and 力争 included."""
    figure = target.stated or (number_words(target.value) if target.value is not None else "") + target.unit
    stance = "" if target.stance in figure else target.stance
    scope = target.scope if target.scope.startswith("每") else ""
    return f"{scope}{stance}{figure}"


def pace_words(gap: float) -> str:
    if gap == 0:
        return "与时间进度持平"
    return f"{'慢' if gap > 0 else '快'}{apart_words(abs(gap), '%')}"


def apart_words(difference: float, unit: str) -> str:
    return f"{number_words(difference)}{'个百分点' if unit == '%' else unit}"


def day_words(day: date, today: date) -> str:
    year = "" if day.year == today.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日"


def number_words(value: float) -> str:
    """65.7, 48, 0.25: as many digits as were said, at most four behind the point."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
