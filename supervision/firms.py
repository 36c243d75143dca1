"""Whether a firm can be written to, and what happens when it cannot: the office gets a note to ring it up.

微信客服 lets us write within 48 hours of the firm's last message, five times at most; who has an account
here can always be written to; whoever came another way has only a telephone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from storage import inbox, pushed
from storage.engine import Connection
from storage.problem import APP, KF, Problem

HEARD_AT: Final = "heard_at"  # in the memory of a firm's conversation
WINDOW = timedelta(hours=47)  # an hour less than WeCom allows: a push may wait its turn
MOST = 4  # pushes; the fifth is left for the answer to what the firm says next


def heard(memory: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    """The memory of a conversation in which the firm has just spoken."""
    return {**(memory or {}), HEARD_AT: now.isoformat()}


async def can_write(conn: Connection, p: Problem, at: datetime) -> bool:
    """Whether a message that leaves at `at` reaches the firm."""
    if p.door != KF:
        return p.door == APP
    last = await _last_heard(conn, p.origin)
    if last is None or at >= last + WINDOW:
        return False
    told = await pushed.lately(conn, [p.origin], last, at)
    return len(told.get(p.origin, ())) < MOST


async def _last_heard(conn: Connection, origin: str) -> datetime | None:
    key = f"{KF}::{origin.lower()}"
    memory = (await inbox.memories(conn, [key])).get(key) or {}
    said = memory.get(HEARD_AT)
    return datetime.fromisoformat(said) if said else None
