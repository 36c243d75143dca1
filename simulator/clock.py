"""The demo's clock: it starts where it is told, runs with the machine's own clock, and can be moved.

The simulator and, in demo mode, the bot are handed the same clock (or its `now`). It never looks at the
machine's date.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")  # no summer time since 1991


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
