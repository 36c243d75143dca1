"""Response codes and task ids of interactive cards: each good for one card, each used once."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from simulator.errors import ApiError

LIFE = timedelta(hours=72)


class CardCodes:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._codes: dict[str, tuple[str, datetime]] = {}
        self._task_ids: set[str] = set()

    def claim_task(self, task_id: str) -> None:
        """An app may use a task_id for one card only, for ever."""
        if task_id in self._task_ids:
            raise ApiError(42014, "taskid has existed or empty or exceed max len")
        if task_id:
            self._task_ids.add(task_id)

    def issue(self, msgid: str) -> str:
        code = secrets.token_urlsafe(24)
        self._codes[code] = (msgid, self._now())
        return code

    def spend(self, code: str) -> str:
        """The message this code may update; it cannot be spent again."""
        msgid, at = self._codes.pop(code, ("", self._now()))
        if not msgid or self._now() - at > LIFE:
            raise ApiError(40058, "response_code is invalid, used or older than 72 hours")
        return msgid
