"""Recurring collections: on which working day one falls, and what is asked then.

Pure; `scheduler/collections.py` opens the round.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from storage.collections import Collection
from storage.rounds import Item
from supervision.rounds import COLLECTED, Owed
from supervision.workdays import SHANGHAI, Workdays

_BACK = 15  # days: no run of days off is longer
_WEEKDAYS = "一二三四五六日"


def falls_on(one: Collection, day: date, workdays: Workdays) -> bool:
    """Whether this is the day, or the first working day after it."""
    if not workdays.is_workday(day):
        return False
    nominal = (day - timedelta(days=back) for back in range(_BACK))
    return any(_is_day(one, on) and workdays.shift(on, 0) == day for on in nominal)


def next_day(one: Collection, after: date, workdays: Workdays) -> date:
    """The next working day, from `after` on, on which it is collected."""
    day = after
    while not falls_on(one, day, workdays):
        day += timedelta(days=1)
    return day


def _is_day(one: Collection, on: date) -> bool:
    if one.every in ("weekly", "fortnightly"):
        begun = one.at.astimezone(SHANGHAI).date()
        weeks = (_monday(on) - _monday(begun)).days // 7
        return on.isoweekday() == one.day and (one.every == "weekly" or weeks % 2 == 0)
    last = calendar.monthrange(on.year, on.month)[1]
    in_month = one.every == "monthly" or on.month in (3, 6, 9, 12)
    return in_month and on.day == min(one.day, last)


def _monday(on: date) -> date:
    return on - timedelta(days=on.weekday())


def rhythm_words(one: Collection) -> str:
    """每月10日, 每周三, 每两周的周三, 每季度末月10日"""
    if one.every == "monthly":
        return f"每月{one.day}日"
    if one.every == "quarterly":
        return f"每季度末月{one.day}日"
    return f"{'每周' if one.every == 'weekly' else '每两周的周'}{_WEEKDAYS[one.day - 1]}"


def round_name(one: Collection, on: date) -> str:
    """8月无人机视频; with the day where there are several a month."""
    often = one.every in ("weekly", "fortnightly")
    return f"{on.month}月{on.day}日{one.name}" if often else f"{on.month}月{one.name}"


def owed_of(one: Collection) -> list[Owed]:
    """What each of its units owes: the office itself named them."""
    item = Item(f"{one.name}（市百千万办{rhythm_words(one)}{COLLECTED}")
    return [Owed(one.point, unit, "confirmed", (item,)) for unit in one.units]
