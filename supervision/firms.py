"""Whether a firm can be written to: where it cannot, the office gets a note to ring it up.

微信客服 lets us write within 48 hours of the firm's last message, five times at most, and not while a human
being answers; who has an account here can always be written to; whoever came another way has a telephone.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from storage import kf
from storage.engine import Connection
from storage.problem import APP, KF, Problem

WINDOW = timedelta(hours=47)  # an hour less than WeCom allows: a push may wait its turn
MOST = 4  # the fifth is left for the answer to what the firm says next


async def can_write(conn: Connection, p: Problem, at: datetime) -> bool:
    """Whether a message that leaves at `at` reaches the firm."""
    if p.door != KF:
        return p.door == APP
    visitor = await kf.visitor(conn, p.origin)
    if visitor is None or visitor.heard_at is None or visitor.handed_at is not None:
        return False
    return visitor.sent < MOST and at < visitor.heard_at + WINDOW
