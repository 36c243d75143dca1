"""Codes that a page gets when a member signs in: five minutes, used once."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from simulator.errors import ApiError

LIFE = timedelta(minutes=5)


class Logins:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._codes: dict[str, tuple[str, datetime]] = {}

    def issue(self, userid: str) -> str:
        """What WeCom appends to the page's address after the member agreed."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = (userid, self._now())
        return code

    def spend(self, code: str) -> str:
        userid, at = self._codes.pop(code, ("", self._now()))
        if not userid or self._now() - at > LIFE:
            raise ApiError(40029, "invalid code")
        return userid
