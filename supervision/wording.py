"""Numbers, days and targets in the words an office uses, so that every message says them the same way.

Lights use it, and whatever else speaks of a figure may. It knows no rules.
"""

from __future__ import annotations

from datetime import date, datetime

from knowledge.book import Book
from knowledge.targets import Target
from storage.reports import Figure

STATUS = {
    "done": "已完成", "ahead": "快于进度", "on_track": "正常推进", "behind": "滞后", "not_started": "未启动",
}  # fmt: skip
_WEEKDAYS = "一二三四五六日"
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


def figure_words(figure: Figure, book: Book) -> str:
    """新改建农村公路32公里（目标超48.7公里，完成65.7%）"""
    target = next((t for t in book.targets if t.id == figure.target), None)
    said = f"{name_of(figure, book)}{number_words(figure.value)}{figure.unit}"
    if target is None or not target.stated:
        return said
    value = figure.in_target_unit
    if value is None or not target.value or target.unit == "%":
        return f"{said}（目标{target.stated}）"
    return f"{said}（目标{target.stated}，完成{number_words(round(100 * value / target.value, 1))}%）"


def name_of(figure: Figure, book: Book) -> str:
    """The notice's name where its figure was meant, else as it was called."""
    return next((t.what for t in book.targets if t.id == figure.target), figure.what)


def on_words(on: date | None) -> str:
    """7月15日; "" for no day."""
    return f"{on.month}月{on.day}日" if on else ""


def long_day(at: datetime) -> str:
    """7月15日，星期一"""
    return f"{on_words(at.date())}，星期{_WEEKDAYS[at.weekday()]}"


def clock_words(at: datetime) -> str:
    """8:40"""
    return f"{at.hour}:{at:%M}"
