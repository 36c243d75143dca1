"""When a reminder that is due may leave after all: within working hours, and not beside another that day.

A message waits longer than was planned when the bot was down or WeCom's limits were reached; it must not
reach anybody at night for that. `bot/delivery.py` asks for every reminder it has claimed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from storage import pushed
from storage.engine import Connection
from storage.outbox import Claimed
from supervision.workdays import SHANGHAI

_ASIDE = timedelta(minutes=1)  # a slot within hours may step aside so far
_OUTSIDE = "不在工作时间，等到下一个工作时段再发"
_ANOTHER = "该成员当天另有一条催报或提醒，顺延到下一个工作日再发"


async def later(
    conn: Connection, row: Claimed, now: datetime, decent: Callable[[datetime], datetime]
) -> tuple[datetime | None, str]:
    """Until when a reminder waits, and why; None when it may leave now."""
    at = decent(now)
    if at > now + _ASIDE:
        return at, _OUTSIDE
    today = datetime.combine(now.astimezone(SHANGHAI).date(), time(0), SHANGHAI)
    if await _is_beside_another(conn, row, today):
        return decent(today + timedelta(days=1)), _ANOTHER
    return None, ""


async def _is_beside_another(conn: Connection, row: Claimed, today: datetime) -> bool:
    """Whether a message that asks, left over from an earlier day, meets another to the same person."""
    kind, _, rest = row.key.partition(":")
    day = today.date().isoformat()
    if kind != "ask" or rest[: len(day)] >= day:
        return False
    whole = ":".join(row.key.split(":")[:3])
    return bool(await pushed.asked_on(conn, row.target, day, today) - {whole})
