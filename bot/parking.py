"""The one line an admin gets when messages could not be sent: how many wait for him, and what to say.

Written by delivery together with the parking itself, once a day per admin: an outage must not end in a
message per row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.pacing import SHANGHAI
from storage import kf, outbox, parked
from storage.engine import Connection
from storage.message import Text, dump

KEY = "parked:"


async def tell(conn: Connection, admins: Iterable[str], *, now: datetime, at: datetime) -> None:
    """Writes the day's line to each admin, or brings the number in one that has not left up to date."""
    (example,) = await parked.listed(conn, limit=1)
    names = await kf.names(conn, [example.target])
    target = names.get(example.target.lower(), example.target)
    payload = dump(Text(words(await parked.count(conn), replace(example, target=target))))
    for admin in sorted(admins):
        key = f"{KEY}{at.astimezone(SHANGHAI).date().isoformat()}:{admin}"
        row = outbox.Outgoing(key, "app", admin, payload, priority=outbox.NOTICE, at=at)
        await outbox.put(conn, row, now)


def words(count: int, example: parked.Parked) -> str:
    """有3条消息没有送达……"""
    named = f"给{example.target}的“{example.beginning}”，{example.reason}"
    told = f"有{count}条消息没有送达，已经搁置。例如{named.rstrip('。')}。"
    return f"{told}\n回复“搁置的消息”看全部，并决定重发或者不发。"
