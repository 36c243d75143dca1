"""How many messages may leave now, so that no minute and no day holds more than WeCom takes.

Pure: `bot/delivery.py` reads the shared row (`storage/paces.py`), asks `room`, and writes what `taken` gives
back. Messages have their turns one after another, evenly over the minute; an answer may go a little before
its turn, so that it never waits behind a wave of reminders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone

from storage.paces import Pace

TENANT = "tenant"
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")  # by whose calendar WeCom counts a day
_CREDIT = timedelta(seconds=0.5)  # turns that passed unused and may be made up for
_AHEAD = timedelta(seconds=1.5)  # how far an answer may go before its turn
_KEPT_FOR_ANSWERS = 0.05  # of the day's messages
_RUSH = 4  # at :00 and :30 everybody's robots send: a wave goes at a quarter of its pace
_LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """What all replicas together keep within on a channel; `per_day` counts over all channels."""

    per_minute: int
    per_day: int


def pause_scope(channel: str, target: str) -> str:
    """Whom a refusal concerns: the whole app, but only the one group behind a webhook."""
    return channel if channel == "app" else f"{channel}:{target}"


def fresh(scope: str, now: datetime) -> Pace:
    """The row of a scope that never sent."""
    return Pace(scope, now - _CREDIT, _day(now))


def interval(limits: Limits) -> timedelta:
    """The time of one turn. Within any 60 seconds turns reach from a credit before to `_AHEAD` behind, so
    that long must hold no more than the limit; both ends may fall on a turn."""
    return (timedelta(seconds=60) + _CREDIT + _AHEAD) / max(limits.per_minute - 1, 1)


def room(channel: Pace, tenant: Pace, limits: Limits, now: datetime, *, urgent: bool) -> int:
    """How many messages may leave at this moment."""
    if paused(channel, now):
        return 0
    until = now + _AHEAD if urgent else now
    turns = (until - _begin(channel, limits, now)) / _cost(limits, now, urgent)
    kept = 0 if urgent else int(limits.per_day * _KEPT_FOR_ANSWERS)
    left = limits.per_day - kept - (tenant.used if tenant.day == _day(now) else 0)
    return max(0, min(int(turns) + 1 if turns >= 0 else 0, left))


def next_turn(channel: Pace, limits: Limits, now: datetime) -> timedelta:
    """How long until a message that waits its turn may leave; zero when one may now."""
    return max(timedelta(0), _begin(channel, limits, now) - now)


def taken(pace: Pace, limits: Limits, now: datetime, *, answers: int, others: int) -> Pace:
    """The row after so many have left."""
    spent = answers * _cost(limits, now, urgent=True) + others * _cost(limits, now, urgent=False)
    used = (pace.used if pace.day == _day(now) else 0) + answers + others
    return replace(pace, next_at=_begin(pace, limits, now) + spent, day=_day(now), used=used)


def paused(pace: Pace, now: datetime) -> bool:
    """A pause that lies further ahead than any we set comes from a clock that was moved back since."""
    until = pace.paused_until
    return until is not None and now < until <= now + _LONGEST_PAUSE


def _begin(pace: Pace, limits: Limits, now: datetime) -> datetime:
    """The next turn, no earlier than the credit. One later than turns are ever given away was written by a
    clock that went ahead of ours: it must not silence anybody."""
    if pace.next_at > now + _AHEAD + _RUSH * interval(limits):
        return now
    return max(pace.next_at, now - _CREDIT)


def _cost(limits: Limits, now: datetime, urgent: bool) -> timedelta:
    return interval(limits) * (1 if urgent or now.minute not in (0, 30) else _RUSH)


def _day(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()


@dataclass(frozen=True, slots=True)
class Window:
    """At most `most` messages to one target within `span`."""

    most: int
    span: timedelta


def free_at(times: Sequence[datetime], windows: Sequence[Window], now: datetime) -> datetime | None:
    """When the target may be sent something again, None for now; `times` are its latest, oldest first.

    WeCom drops what exceeds its windows without an error.
    """
    waits = []
    for window in windows:
        within = [at for at in times if at > now - window.span]
        if len(within) >= window.most:
            waits.append(within[-window.most] + window.span)
    return max(waits) + timedelta(milliseconds=1) if waits else None
