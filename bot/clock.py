"""The process's clocks: the real one, and one that starts at a given time and runs on from there."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def real() -> datetime:
    """Now, in the office's own time."""
    return datetime.now(SHANGHAI)


def from_now_on(start: datetime | None) -> Callable[[], datetime]:
    """`real`, or a clock that says `start` now and runs at the usual speed."""
    if start is None:
        return real
    began = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began)


def parse(text: str) -> datetime:
    """`2024-07-15T09:00` as the office means it; raises ValueError for anything else."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)
