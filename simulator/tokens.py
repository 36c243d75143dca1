"""Access tokens as WeCom hands them out: one at a time, the same while it lives, 7200 seconds."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from simulator.errors import ApiError

LIFE = timedelta(seconds=7200)


class Tokens:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._current = ""
        self._until: datetime | None = None
        self._former: set[str] = set()

    def issue(self) -> tuple[str, int]:
        """The living token and the seconds it has left, or a new one."""
        if self._left() <= timedelta(0):
            self.revoke()
            self._current = secrets.token_urlsafe(160)
            self._until = self._now() + LIFE
        return self._current, int(self._left().total_seconds())

    def check(self, token: str) -> None:
        """Raises ApiError: missing, never issued, or not valid any more."""
        if not token:
            raise ApiError(41001, "access_token missing")
        if token in self._former or (token == self._current and self._left() <= timedelta(0)):
            raise ApiError(42001, "access_token expired")
        if token != self._current:
            raise ApiError(40014, "invalid access_token")

    def revoke(self) -> None:
        """End the living token early, as WeCom sometimes does."""
        if self._current:
            self._former.add(self._current)
        self._current, self._until = "", None

    def _left(self) -> timedelta:
        return timedelta(0) if self._until is None else min(LIFE, self._until - self._now())
