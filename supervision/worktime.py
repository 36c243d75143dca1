"""Working time: a clock that stops at night, over noon and on days off.

Pure. What firms are promised in hours and days is reckoned here; the days themselves come from
`supervision/workdays.py`. One `Worktime` serves a whole sweep, and remembers the days it counted.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from supervision.workdays import SHANGHAI, Workdays


class Worktime:
    """`day` is how much working time a working day has."""

    def __init__(self, workdays: Workdays) -> None:
        self._workdays = workdays
        self._spans = (workdays.hours.morning, workdays.hours.afternoon)
        self._seconds = tuple((_second(start), _second(end)) for start, end in self._spans)
        self._whole = sum(end - start for start, end in self._seconds)
        self.day = timedelta(seconds=self._whole)
        self._counted: dict[tuple[date, date], int] = {}

    def begins(self, moment: datetime) -> datetime:
        """`moment` itself, or when work begins next."""
        here = moment.astimezone(SHANGHAI)
        if self._workdays.is_workday(here.date()):
            if self._workdays.hours.include(here.time()):
                return here
            if later := self._workdays.hours.next_start(here.time()):
                return datetime.combine(here.date(), later, SHANGHAI)
        following = self._workdays.shift(here.date(), 1)
        return datetime.combine(following, self._spans[0][0], SHANGHAI)

    def after(self, moment: datetime, much: timedelta) -> datetime:
        """When so much working time has passed since `moment`."""
        at = self.begins(moment)
        whole, rest = divmod(much, self.day)
        if whole:
            at = datetime.combine(self._workdays.shift(at.date(), whole), at.time(), SHANGHAI)
        while rest:
            end = self._end_of_span(at)
            if rest <= end - at:
                return at + rest
            rest -= end - at
            at = self.begins(end)
        return at

    def after_days(self, moment: datetime, days: int) -> datetime:
        """The same time of day so many working days later: “24小时内”, “1个工作日内”."""
        return self.after(moment, days * self.day)

    def end_of_day(self, moment: datetime, days: int = 0) -> datetime:
        """When work ends on the day on which `moment` is worked, or so many working days later."""
        on = self._workdays.shift(self.begins(moment).date(), days)
        return datetime.combine(on, self._spans[-1][1], SHANGHAI)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` to `end`; none when `end` comes first."""
        return timedelta(seconds=self.seconds(start, end))

    def seconds(self, start: datetime, end: datetime) -> float:
        """The same as a number: a sweep compares thousands."""
        if end <= start:
            return 0
        first, last = start.astimezone(SHANGHAI), end.astimezone(SHANGHAI)
        days = self._days(first.date(), last.date())
        return days * self._whole + self._until(last) - self._until(first)

    def days(self, start: datetime, end: datetime) -> float:
        """The same in working days, to a tenth."""
        return round(self.between(start, end) / self.day, 1)

    def _days(self, first: date, last: date) -> int:
        """The working days from `first` up to the one before `last`."""
        known = self._counted.get((first, last))
        if known is None:
            before = timedelta(days=1)
            known = self._counted[first, last] = self._workdays.count(first - before, last - before)
        return known

    def _until(self, moment: datetime) -> float:
        """How many seconds of its day's working time are over."""
        if not self._workdays.is_workday(moment.date()):
            return 0
        at = moment.hour * 3600 + moment.minute * 60 + moment.second + moment.microsecond / 1_000_000
        over = 0.0
        for start, end in self._seconds:
            if at > start:
                over += (at if at < end else end) - start
        return over

    def _end_of_span(self, at: datetime) -> datetime:
        end = next(end for start, end in self._spans if start <= at.time() < end)
        return datetime.combine(at.date(), end, SHANGHAI)


def _second(at: time) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second
