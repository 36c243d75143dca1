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
    return not await obstacle(conn, p, at)


async def obstacle(conn: Connection, p: Problem, at: datetime) -> str:
    """Why it would not, in words for who rings up instead; "" where it does."""
    if p.door != KF:
        return "" if p.door == APP else "企业不在本系统里"
    visitor = await kf.visitor(conn, p.origin)
    if visitor is None or visitor.heard_at is None or at >= visitor.heard_at + WINDOW:
        return "企业超过48小时没有说话，微信客服发不出去"
    if visitor.handed_at is not None:
        return "微信客服里正由工作人员接待，可直接在那里告知"
    return "企业说话后已发满条数，等它再说话才能发" if visitor.sent >= MOST else ""
