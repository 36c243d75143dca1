"""The digests' jobs: each leader's day at his time, the week on its first working day.

A ticker calls `daily` every ten minutes; who had his today is left alone, so calling twice sends once. The
message and what it told are written together. “今日专报”, “工作单” and `bqw digest` compose
the same texts here.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal

from knowledge.book import Book
from scheduler.shift import Shift
from storage import digests, outbox, people, subscriptions
from storage.digests import DAILY, WEEKLY, WORK, Digest
from storage.engine import Connection
from storage.message import Picture, Text, dump
from storage.person import Person
from storage.subscriptions import Subscription
from supervision import digest as texts
from supervision.card import picture_of
from supervision.digest_facts import Facts, Reader, Told, told_from_json, told_to_json
from supervision.sight import facts_for, told_by
from supervision.situation import Situation, gather
from supervision.workdays import SHANGHAI, Workdays

Kind = Literal["daily", "weekly", "work"]
LATEST_WEEKLY = time(10)  # from when the day's digest goes out although the week's has not
_PART_BYTES = 1_800  # a message is cut between lines well below WeCom's 2048
_COMPOSE = {DAILY: texts.daily_digest, WEEKLY: texts.weekly_digest}


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A person who may read digests, and how he wants them."""

    reader: Reader
    subscription: Subscription


@dataclass(frozen=True, slots=True)
class Composed:
    """`told` is what the row remembers: the state, and what each number of the text stands on."""

    text: str
    facts: Facts
    told: Mapping[str, Any]


# --- the jobs -----------------------------------------------------------------------------------------


async def daily(shift: Shift, pictures: Path | None = None) -> str:
    """Sends the day's digest to everybody whose time has come and who has not had it; with a picture when
    there is a folder for them."""
    day, now = _day(shift.now), shift.now.astimezone(SHANGHAI)
    had = await digests.given(shift.conn, DAILY, day)
    if first_of_week(day, shift.workdays):
        had |= await digests.given(shift.conn, WEEKLY, day)
        if now.time() < LATEST_WEEKLY:
            return "周报日：专报并入周报"
    works = shift.workdays.is_workday(day)
    due = [
        one
        for one in await subscribers(shift.conn)
        if one.reader.person not in had
        and one.subscription.at <= now.time()
        and (works or one.subscription.weekends)
    ]
    return await _send(shift, due, DAILY, pictures)


async def weekly(shift: Shift, pictures: Path | None = None) -> str:
    """The week's digest, on its first working day, in place of the day's."""
    day = _day(shift.now)
    if not first_of_week(day, shift.workdays):
        return "不是本周第一个工作日"
    had = await digests.given(shift.conn, WEEKLY, day) | await digests.given(shift.conn, DAILY, day)
    due = [one for one in await subscribers(shift.conn) if one.reader.person not in had]
    return await _send(shift, due, WEEKLY, pictures)


async def work_list(shift: Shift) -> str:
    """The office's own list for the coming week, to each admin."""
    lists = 0
    for person in sorted(shift.admins):
        reader = Reader(person, True, ())
        found = await compose(shift.conn, shift.book, shift.workdays, shift.now, reader, "work")
        rows = _outgoing(f"work:{_day(shift.now).isoformat()}:{person}", found.text, shift.now)
        if rows:
            await outbox.add(shift.conn, [(row, None) for row in rows], shift.now)
            lists += 1
    return f"发给{lists}位管理员"


def first_of_week(day: date, workdays: Workdays) -> bool:
    """Whether it is the first working day since Monday."""
    monday = day - timedelta(days=day.weekday())
    return workdays.is_workday(day) and workdays.shift(monday, 0) == day


async def _send(shift: Shift, due: Sequence[Subscriber], kind: Kind, pictures: Path | None = None) -> str:
    if not due:
        return "没有要发的"
    sent = 0
    for one, composed in await _compose_all(shift, due, kind):
        quiet = kind == DAILY and composed.facts.empty and not one.subscription.empty_line
        picture = None
        if pictures is not None and not quiet:
            picture = await asyncio.to_thread(drawn, composed.facts, kind, pictures)
        await _put(shift, one, kind, composed, "" if quiet else composed.text, picture)
        sent += not quiet
    return f"发出{sent}份" + (f"，{len(due) - sent}位没有新情况未发" if sent < len(due) else "")


async def _put(
    shift: Shift, one: Subscriber, kind: Kind, composed: Composed, text: str, picture: Path | None
) -> None:
    """The message and what it told, together."""
    person, day = one.reader.person, _day(shift.now)
    await digests.keep(shift.conn, Digest(person, kind, day, text, composed.told, shift.now))
    rows = _outgoing(f"digest:{day.isoformat()}:{person}", text, _leaves(shift.now, one, day))
    if rows and picture is not None:
        form = dump(Picture(str(picture), text))
        last = rows[-1]
        rows.append(replace(last, key=f"{rows[0].key}:picture", payload=form, after=last.key))
    if rows:
        await outbox.add(shift.conn, [(row, None) for row in rows], shift.now)


def drawn(facts: Facts, kind: Kind, folder: Path) -> Path:
    """The picture's file, named by what it shows: drawn once for all who see the same, never half there."""
    from knowledge.card import draw

    picture = picture_of(facts, kind)
    path = folder / f"{hashlib.sha256(repr(picture).encode()).hexdigest()}.png"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{secrets.token_hex(4)}.part")
        part.write_bytes(draw(picture))
        part.replace(path)
    return path


def _leaves(now: datetime, one: Subscriber, day: date) -> datetime:
    """Not before the person's own time; a little after :00 and :30, when everybody's robots send."""
    at = max(now, datetime.combine(day, one.subscription.at, SHANGHAI))
    return at + timedelta(minutes=2) if at.minute in (0, 30) else at


def _outgoing(key: str, text: str, at: datetime) -> list[outbox.Outgoing]:
    """The parts of one message, each after the one before."""
    person = key.rpartition(":")[2]
    rows: list[outbox.Outgoing] = []
    for number, part in enumerate(parts_of(text)):
        rows.append(
            outbox.Outgoing(
                key=key if number == 0 else f"{key}:{number}",
                channel="app",
                target=person,
                payload=dump(Text(part)),
                after=rows[-1].key if rows else None,
                priority=outbox.NOTICE,
                at=at,
            )
        )
    return rows


def parts_of(text: str) -> list[str]:
    """Cut between lines so that each part fits a message; [] for no text."""
    parts: list[str] = []
    for line in text.splitlines():
        if parts and len(f"{parts[-1]}\n{line}".encode()) <= _PART_BYTES:
            parts[-1] += f"\n{line}"
        else:
            parts.append(line)
    return parts


# --- who reads, and what ------------------------------------------------------------------------------


async def subscribers(conn: Connection) -> list[Subscriber]:
    """City leaders, unless they want none, and other leaders and admins who asked for it."""
    stored = await subscriptions.everybody(conn)
    by_person: dict[str, list[Person]] = {}
    for one in await people.digest_readers(conn):
        by_person.setdefault(one.userid, []).append(one)
    found = []
    for person, bindings in by_person.items():
        subscription = stored.get(person, Subscription(person))
        reader = reader_of(person, bindings, subscription)
        usual = any(one.role == "leader" and not one.unit for one in bindings)
        if reader is not None and subscription.active and (usual or subscription.stored):
            found.append(Subscriber(reader, subscription))
    return found


def reader_of(
    person: str, bindings: Iterable[Person], subscription: Subscription, *, is_admin: bool = False
) -> Reader | None:
    """As whom this person reads digests; None for who is neither a leader nor of the office."""
    roles = [one for one in bindings if one.role in ("leader", "admin")]
    whole = is_admin or any(one.role == "admin" or not one.unit for one in roles)
    if not whole and not roles:
        return None
    units = () if whole else tuple(dict.fromkeys(one.unit for one in roles))
    return Reader(person.lower(), whole, units, scope=subscription.scope)


async def compose(
    conn: Connection, book: Book, workdays: Workdays, now: datetime, reader: Reader, kind: Kind
) -> Composed:
    """What this reader would read now: compared with his last digest before today."""
    told = await _last(conn, reader.person, _day(now), kind)
    since = told.at if told else None
    after = told.after if told else None
    situation = await gather(conn, book, now=now, workdays=workdays, after=after, told_at=since)
    return _composed(situation, reader, told, kind)


async def _compose_all(
    shift: Shift, due: Sequence[Subscriber], kind: Kind
) -> list[tuple[Subscriber, Composed]]:
    day = _day(shift.now)
    told = {one.reader.person: await _last(shift.conn, one.reader.person, day, kind) for one in due}
    after = min((one.after for one in told.values() if one), default=None)
    since = min((one.at for one in told.values() if one and one.at), default=None)
    situation = await gather(
        shift.conn, shift.book, now=shift.now, workdays=shift.workdays, after=after, told_at=since
    )
    return [(one, _composed(situation, one.reader, told[one.reader.person], kind)) for one in due]


async def _last(conn: Connection, person: str, day: date, kind: Kind) -> Told | None:
    """What he was told last: a week is compared with the week before, a day with whatever came before."""
    kinds = (WEEKLY,) if kind == WEEKLY else (DAILY, WEEKLY)
    found = await digests.latest(conn, person, before=day, kinds=kinds)
    return told_from_json(found.told) if found else None


def _composed(situation: Situation, reader: Reader, told: Told | None, kind: Kind) -> Composed:
    facts = facts_for(situation, reader, told)
    remembered = told_to_json(told_by(situation, reader, facts))
    if kind == WORK:
        return Composed(texts.work_list(facts), facts, remembered)
    digest = _COMPOSE[kind](facts)
    sources = [[entry.label, list(entry.reports)] for entry in digest.entries]
    return Composed(digest.text, facts, {**remembered, "sources": sources})


def _day(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()
