"""On which days and at what times a job falls due: rules as values, asked by the ledger and read by people.

Pure: the working days come in, times go out. No rule fires at :00 or :30, when everybody's robots send;
`words` is how the office reads the rule.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from supervision.workdays import SHANGHAI, Workdays

_WEEKDAYS = "一二三四五六日"


class Rule(Protocol):
    """When a job is due."""

    @property
    def words(self) -> str:
        """每个工作日 09:10"""

    def on(self, day: date, workdays: Workdays) -> tuple[time, ...]:
        """The times of this day, in order; none on most days of a weekly job."""


@dataclass(frozen=True, slots=True)
class Daily:
    """Every working day."""

    at: time

    @property
    def words(self) -> str:
        return f"每个工作日 {self.at:%H:%M}"

    def on(self, day: date, workdays: Workdays) -> tuple[time, ...]:
        return (self.at,) if workdays.is_workday(day) else ()


@dataclass(frozen=True, slots=True)
class Twice:
    """Every working day, in the morning and in the afternoon."""

    first: time
    second: time

    @property
    def words(self) -> str:
        return f"每个工作日 {self.first:%H:%M}、{self.second:%H:%M}"

    def on(self, day: date, workdays: Workdays) -> tuple[time, ...]:
        return (self.first, self.second) if workdays.is_workday(day) else ()


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many minutes of a working day, from the first time up to the last; or of every day."""

    minutes: int
    first: time
    last: time
    days_off: bool = False

    @property
    def words(self) -> str:
        days = "每天" if self.days_off else "每个工作日"
        return f"{days} {self.first:%H:%M} 至 {self.last:%H:%M}，每 {self.minutes} 分钟"

    def on(self, day: date, workdays: Workdays) -> tuple[time, ...]:
        if not self.days_off and not workdays.is_workday(day):
            return ()
        first, last = _minutes(self.first), _minutes(self.last)
        return tuple(_aside(minute) for minute in range(first, last + 1, self.minutes))


@dataclass(frozen=True, slots=True)
class FirstOfWeek:
    """The first working day of a week that begins on Monday."""

    at: time

    @property
    def words(self) -> str:
        return f"每周第一个工作日 {self.at:%H:%M}"

    def on(self, day: date, workdays: Workdays) -> tuple[time, ...]:
        earlier = (day - timedelta(n) for n in range(1, day.weekday() + 1))
        return (self.at,) if workdays.is_workday(day) and not any(map(workdays.is_workday, earlier)) else ()


@dataclass(frozen=True, slots=True)
class Weekday:
    """A day of the week, 1 for Monday; where it is a day off, the last working day before it in the week."""

    number: int
    at: time

    @property
    def words(self) -> str:
        return f"每周{_WEEKDAYS[self.number - 1]} {self.at:%H:%M}（遇休息日提前）"

    def on(self, day: date, workdays: Workdays) -> tuple[time, ...]:
        wanted = day + timedelta(self.number - day.isoweekday())
        if day > wanted or not workdays.is_workday(day):
            return ()
        between = (day + timedelta(n) for n in range(1, (wanted - day).days + 1))
        return () if any(map(workdays.is_workday, between)) else (self.at,)


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of the month, or the next working day; the last day where the month is too short."""

    day: int
    at: time

    @property
    def words(self) -> str:
        return f"每月 {self.day} 日 {self.at:%H:%M}（遇休息日顺延）"

    def on(self, day: date, workdays: Workdays) -> tuple[time, ...]:
        """Looks two months back at most: a day put off may fall into the next month."""
        months = (day, day.replace(day=1) - timedelta(1))
        return (self.at,) if any(workdays.shift(self._wanted(month), 0) == day for month in months) else ()

    def _wanted(self, month: date) -> date:
        return month.replace(day=min(self.day, calendar.monthrange(month.year, month.month)[1]))


def fire_times(rule: Rule, after: datetime, until: datetime, workdays: Workdays) -> Iterator[datetime]:
    """Every time the rule is due after `after`, up to and including `until`, oldest first."""
    day, last = after.astimezone(SHANGHAI).date(), until.astimezone(SHANGHAI).date()
    while day <= last:
        for at in rule.on(day, workdays):
            moment = datetime.combine(day, at, SHANGHAI)
            if after < moment <= until:
                yield moment
        day += timedelta(1)


def next_time(rule: Rule, now: datetime, workdays: Workdays) -> datetime | None:
    """When the rule is due next, within the coming two months."""
    return next(fire_times(rule, now, now + timedelta(days=62), workdays), None)


def last_time(rule: Rule, now: datetime, workdays: Workdays) -> datetime | None:
    """When the rule was due last, `now` included, within the past two months."""
    for back in range(62):
        found = list(fire_times(rule, now - timedelta(back + 1), now - timedelta(back), workdays))
        if found:
            return found[-1]
    return None


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _aside(minute: int) -> time:
    """That minute of the day, one later where it is :00 or :30."""
    hour, minute = divmod(minute + (minute % 30 == 0), 60)
    return time(hour, minute)
