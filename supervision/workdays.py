"""Chinese working days and office hours: what is due when, and the next moment a reminder may leave.

Rounds, lights and the clock's jobs ask it. The official calendar comes from chinesecalendar, under the
office's own table; a year that neither knows is guessed by `supervision/festivals.py`, and `guessed` says so.
"""

from __future__ import annotations

import calendar
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from supervision.festivals import likely_off

SHANGHAI = ZoneInfo("Asia/Shanghai")

_DAY = timedelta(days=1)
_LEAST_LEFT = 3  # working days after a moved due date, for the office to sum up within the month


@dataclass(frozen=True, slots=True)
class Hours:
    """工作时间: each span includes its beginning and not its end; between the two is the noon rest."""

    morning: tuple[time, time] = (time(8, 30), time(12))
    afternoon: tuple[time, time] = (time(14, 30), time(17, 30))
    first: time = time(9, 10)  # when the day's first reminder leaves: after the first look at the phone

    @property
    def due(self) -> time:
        """When a day's reports are due: as the office closes."""
        return self.afternoon[1]

    def include(self, moment: time) -> bool:
        return any(start <= moment < end for start, end in (self.morning, self.afternoon))

    def next_start(self, moment: time) -> time | None:
        """When work begins again today; None when it does not."""
        return next((start for start, _ in (self.morning, self.afternoon) if start > moment), None)


@dataclass(frozen=True, slots=True)
class Windows:
    """A round's days, counted in working days from the day it is due."""

    opens: date  # T-5 开窗
    reminder: date  # T-2 提醒
    due: date  # T 到期
    level_one: date  # T+1 升级一
    level_two: date  # T+3 升级二
    circular: date  # T+5 拟通报


@dataclass(frozen=True, slots=True)
class Workdays:
    """Made once and handed in. `overrides` is the office's table: True for a day worked, False for a day off.

    `announced` names the years whose whole plan the office has imported: their other days follow the week
    and are no guess. One override alone makes only its own day certain.
    """

    overrides: Mapping[date, bool] = field(default_factory=dict)
    announced: frozenset[int] = frozenset()
    hours: Hours = field(default_factory=Hours)

    def is_workday(self, day: date) -> bool:
        told = self.overrides.get(day)
        if told is not None:
            return told
        if day.year in self.announced:
            return day.weekday() < 5
        official = _official(day.year)
        if official is None:
            return day.weekday() < 5 and day not in likely_off(day.year)
        return day in official

    def guessed(self, day: date) -> bool:
        """Whether nobody has announced that day's year yet."""
        known = day in self.overrides or day.year in self.announced
        return not known and _official(day.year) is None

    def shift(self, day: date, n: int) -> date:
        """The n-th working day after `day`, or before it when n < 0; 0 is `day` itself or the next worked."""
        if n == 0:
            return day if self.is_workday(day) else self.shift(day, 1)
        step = _DAY if n > 0 else -_DAY
        for _ in range(abs(n)):
            day += step
            while not self.is_workday(day):
                day += step
        return day

    def count(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` comes first."""
        if end < start:
            return -self.count(end, start)
        first = start + _DAY
        plain = sum(self._plainly(year, first, end) for year in range(first.year, end.year + 1))
        told = (day for day in self.overrides if first <= day <= end)
        return plain + sum(self.overrides[day] - self._plainly(day.year, day, day) for day in told)

    def _plainly(self, year: int, first: date, last: date) -> int:
        """The working days of a year from `first` to `last`, as they are without the office's own table."""
        worked = _in_order(year, of_week=year in self.announced)
        return bisect_right(worked, last.toordinal()) - bisect_left(worked, first.toordinal())

    def due(self, year: int, month: int, day: int = 25) -> date:
        """The month's due day: the 25th or the next working day, or the one before if too few then remain."""
        last = date(year, month, calendar.monthrange(year, month)[1])
        wanted = min(date(year, month, 1) + (day - 1) * _DAY, last)
        if self.is_workday(wanted):
            return wanted
        later = self.shift(wanted, 1)
        return later if self.count(later, last) >= _LEAST_LEFT else self.shift(wanted, -1)

    def windows(self, due: date) -> Windows:
        return Windows(
            opens=self.shift(due, -5),
            reminder=self.shift(due, -2),
            due=due,
            level_one=self.shift(due, 1),
            level_two=self.shift(due, 3),
            circular=self.shift(due, 5),
        )

    def in_hours(self, moment: datetime) -> bool:
        """Whether the office is at work; `moment` is aware, of any zone."""
        here = _here(moment)
        return self.is_workday(here.date()) and self.hours.include(here.time())

    def due_at(self, day: date) -> datetime:
        """The moment at which what is due that day is due."""
        return datetime.combine(day, self.hours.due, SHANGHAI)

    def next_slot(self, moment: datetime, at: time | None = None) -> datetime:
        """The next moment a reminder may leave: today at `at`, now within hours, after the noon rest, or the
        next working day; the usual hour where none is given.

        It steps aside from :00 and :30, when everybody's robots send (WeCom asks for it).
        """
        here, at = _here(moment), at or self.hours.first
        if self.is_workday(here.date()) and here.time() <= at:
            return _off_the_half_hour(datetime.combine(here.date(), at, SHANGHAI))
        if self.in_hours(here):
            return _off_the_half_hour(here)
        if self.is_workday(here.date()) and (later := self.hours.next_start(here.time())):
            return _off_the_half_hour(datetime.combine(here.date(), later, SHANGHAI))
        return _off_the_half_hour(datetime.combine(self.shift(here.date(), 1), at, SHANGHAI))


@lru_cache(maxsize=64)
def _official(year: int) -> frozenset[date] | None:
    """A year's working days as the State Council announced them, or None while it has not."""
    from chinese_calendar import is_workday  # 15 ms that most commands need not spend

    days = _days(date(year, 1, 1), date(year, 12, 31))
    try:
        return frozenset(day for day in days if is_workday(day))
    except NotImplementedError:
        return None


@lru_cache(maxsize=64)
def _in_order(year: int, *, of_week: bool) -> tuple[int, ...]:
    """A year's working days by their ordinals: the official ones, else the guess; or Monday to Friday."""
    official = None if of_week else _official(year)
    days = _days(date(year, 1, 1), date(year, 12, 31))
    if official is not None:
        return tuple(day.toordinal() for day in days if day in official)
    off = frozenset() if of_week else likely_off(year)
    return tuple(day.toordinal() for day in days if day.weekday() < 5 and day not in off)


def _days(first: date, last: date) -> Iterator[date]:
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def _here(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(SHANGHAI)


def _off_the_half_hour(moment: datetime) -> datetime:
    if moment.minute not in (0, 30):
        return moment
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
