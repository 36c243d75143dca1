"""The demo's clock: it starts where it is told, runs with the machine's own clock, and can be moved.

The simulator and, in demo mode, the bot are handed the same clock (or its `now`). It never looks at the
machine's date. Which days are worked it is told by whoever knows: without that, Monday to Friday.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from datetime import time as hour
from typing import TypeAlias

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")  # no summer time since 1991


@dataclass(frozen=True, slots=True)
class Day:
    """What the page says of a day: 工作日, 调休上班, 休息日, 节假日."""

    works: bool
    label: str


Calendar: TypeAlias = Callable[[date], Day]


def weekdays(day: date) -> Day:
    """The calendar of who knows no holidays."""
    works = day.weekday() < 5
    return Day(works, "工作日" if works else "休息日")


def next_working(moment: datetime, calendar: Calendar, at: hour = hour(9)) -> datetime:
    """The first time later than `moment` that it is `at` on a working day; a year ahead it gives up."""
    day = moment.astimezone(SHANGHAI).date()
    for ahead in range(366):
        found = datetime.combine(day + timedelta(days=ahead), at, SHANGHAI)
        if found > moment and calendar(found.date()).works:
            return found
    return moment


class Clock:
    """Calling the clock is the same as `clock.now()`, so it can be handed out as a plain callable."""

    def __init__(self, start: datetime, *, seconds: Callable[[], float] = time.monotonic) -> None:
        """Start at `start`; pass `seconds=lambda: 0.0` for a clock that stands still until stepped."""
        self._seconds = seconds
        self._watchers: list[Callable[[], None]] = []
        self._place(start)

    def now(self) -> datetime:
        return self._base + timedelta(seconds=self._seconds() - self._mark)

    __call__ = now

    def set(self, moment: datetime) -> None:
        """Move the clock to `moment`, forwards or backwards; it runs on from there."""
        self._place(moment)
        self._tell()

    def step(self, by: timedelta) -> None:
        self.set(self.now() + by)

    def watch(self, moved: Callable[[], None]) -> Callable[[], None]:
        """Call `moved` after each jump; returns the function that ends the watch."""
        self._watchers.append(moved)
        return lambda: self._watchers.remove(moved)

    def _place(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError("the clock needs an aware datetime; add a time zone")
        self._base = moment.astimezone(SHANGHAI)
        self._mark = self._seconds()

    def _tell(self) -> None:
        for moved in tuple(self._watchers):
            moved()
