"""The two quiet rules of message/send: the rate per member, and the check for repeated content.

Both work on the simulator's clock and forget what is older than their window.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

PER_MINUTE = 30
PER_HOUR = 1000
_SENDING_ONLY = ("enable_duplicate_check", "duplicate_check_interval")


class MemberLimit:
    """At most 30 messages a minute and 1000 an hour to one member; the rest is dropped without a word."""

    def __init__(self) -> None:
        self._sent: dict[str, deque[datetime]] = {}

    def admits(self, person: str, now: datetime) -> bool:
        """Counts the message when it is let through."""
        sent = self._sent.setdefault(person, deque())
        while sent and not _within(sent[0], now, timedelta(hours=1)):
            sent.popleft()
        last_minute = sum(1 for at in sent if _within(at, now, timedelta(minutes=1)))
        if last_minute >= PER_MINUTE or len(sent) >= PER_HOUR:
            return False
        sent.append(now)
        return True


class DuplicateCheck:
    """Remembers what was sent, so that a send that asks for the check can be told apart from a repeat."""

    def __init__(self) -> None:
        self._seen: dict[str, datetime] = {}

    def repeats(self, body: Mapping[str, Any], now: datetime) -> bool:
        key = json.dumps({k: v for k, v in body.items() if k not in _SENDING_ONLY}, sort_keys=True)
        before = self._seen.get(key)
        interval = body.get("duplicate_check_interval")
        seconds = min(interval, 14_400) if isinstance(interval, int) and interval > 0 else 1800
        if (
            body.get("enable_duplicate_check") == 1
            and before is not None
            and _within(before, now, timedelta(seconds=seconds))
        ):
            return True
        self._seen[key] = now
        return False


def _within(then: datetime, now: datetime, window: timedelta) -> bool:
    # A clock that was set back must not leave members blocked, so the future is outside the window.
    return timedelta(0) <= now - then < window
