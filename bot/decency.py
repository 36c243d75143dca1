"""When a push that is due may leave after all: at a decent hour, and not beside another of its kind.

A message waits longer than was planned when the bot was down or WeCom's limits were reached; it must not
reach anybody at night or on a Saturday for that. `bot/delivery.py` asks for everything it has claimed that is
no answer: an answer never waits.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from storage import outbox, pushed
from storage.engine import Connection
from storage.outbox import Claimed
from supervision.workdays import SHANGHAI, Workdays

_ASIDE = timedelta(minutes=1)  # a slot within hours may step aside so far
_EVENING = time(18, 30)  # until then a notice of the day may still come
_BEFORE_CLOSING = timedelta(minutes=10)
_OUTSIDE = "不在工作时间，等到下一个工作时段再发"
_ANOTHER = "该成员当天另有一条催报或提醒，顺延到下一个工作日再发"
_YESTERDAYS = "已过了它的那一天，等着并入下一份"


async def later(
    conn: Connection, row: Claimed, now: datetime, workdays: Workdays
) -> tuple[datetime | None, str]:
    """Until when a push waits, and why; None when it may leave now."""
    if row.priority == outbox.ANSWER:
        return None, ""
    if row.priority == outbox.REMINDER:
        return await _reminder(conn, row, now, workdays)
    if row.key.startswith("digest:"):
        return _digest(row, now, workdays)
    return _notice(now, workdays)


async def _reminder(
    conn: Connection, row: Claimed, now: datetime, workdays: Workdays
) -> tuple[datetime | None, str]:
    if row.key.startswith("remind:"):  # it says “今天”
        day = date.fromisoformat(row.key.split(":")[1])
        if day < now.astimezone(SHANGHAI).date():
            return _replaced(now, workdays)
    at = workdays.next_slot(now)
    if at > now + _ASIDE:
        return at, _OUTSIDE
    today = _midnight(now.astimezone(SHANGHAI))
    if await _is_beside_another(conn, row, today):
        return workdays.next_slot(today + timedelta(days=1)), _ANOTHER
    return None, ""


def _digest(row: Claimed, now: datetime, workdays: Workdays) -> tuple[datetime | None, str]:
    """On its own day, also a Saturday for who wants it, until the evening. Later it waits for the digest of
    the next working day, which tells what it would have told and takes its place."""
    here = now.astimezone(SHANGHAI)
    day = date.fromisoformat(row.key.split(":")[1])
    if day == here.date() and here.time() < _EVENING:
        return None, ""
    return _replaced(now if day < here.date() else _midnight(here, days=1), workdays, now)


def _replaced(
    since: datetime, workdays: Workdays, now: datetime | None = None
) -> tuple[datetime | None, str]:
    """It waits for the end of the working day: by then another has taken its place, or none came."""
    last = (workdays.due_at(since.astimezone(SHANGHAI).date()) - _BEFORE_CLOSING).time()
    at = workdays.next_slot(since, last)
    return (at, _YESTERDAYS) if at > (now or since) + _ASIDE else (None, "")


def _notice(now: datetime, workdays: Workdays) -> tuple[datetime | None, str]:
    """On a working day from the morning to the evening; the noon rest is nobody's night."""
    here, opens = now.astimezone(SHANGHAI), workdays.hours.morning[0]
    if workdays.is_workday(here.date()) and opens <= here.time() < _EVENING:
        return None, ""
    return workdays.next_slot(_midnight(here, days=here.time() >= _EVENING), opens), _OUTSIDE


def _midnight(here: datetime, days: int = 0) -> datetime:
    """The beginning of this local day, or of one after it."""
    return datetime.combine(here.date() + timedelta(days=days), time(0), SHANGHAI)


async def _is_beside_another(conn: Connection, row: Claimed, today: datetime) -> bool:
    """Whether a message that asks, left over from an earlier day, meets another to the same person."""
    kind, _, rest = row.key.partition(":")
    day = today.date().isoformat()
    if kind != "ask" or rest[: len(day)] >= day:
        return False
    whole = ":".join(row.key.split(":")[:3])
    return bool(await pushed.asked_on(conn, row.target, day, today) - {whole})
