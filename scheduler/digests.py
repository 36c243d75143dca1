"""The digests' jobs: each leader's day at his time, the week on its first working day.

A ticker calls `daily` every ten minutes; who had his today is left alone, so calling twice sends once. The
message and what it told are written together. “今日专报”, “工作单” and `bqw digest` compose
the same texts here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from knowledge.book import Book
from knowledge.ledger import LedgerRow
from scheduler.beside import Beside, drawn, tabled
from scheduler.shift import Shift
from storage import digests, outbox, overtaken, people, subscriptions
from storage.digests import DAILY, WEEKLY, WORK, Digest
from storage.engine import Connection
from storage.message import Payload, Picture, Text, dump
from storage.person import Person
from storage.subscriptions import Subscription
from supervision import digest as texts
from supervision import ledger
from supervision.digest_facts import Facts, Reader, Told, told_from_json, told_to_json
from supervision.rules import Rules
from supervision.sight import facts_for, states_for, told_by
from supervision.situation import Situation, gather
from supervision.work_words import work_list as work_list_text
from supervision.workdays import SHANGHAI, Workdays

Kind = Literal["daily", "weekly", "work"]
LATEST_WEEKLY = time(10)  # from when the day's digest goes out although the week's has not
_PART_BYTES = 1_800  # a message is cut between lines well below WeCom's 2048


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A person who may read digests, and how he wants them."""

    reader: Reader
    subscription: Subscription


@dataclass(frozen=True, slots=True)
class Composed:
    """`told` is what the row remembers: the state, and what each number of the text stands on. `rows` are the
    table behind a week's digest, where one follows."""

    text: str
    facts: Facts
    told: Mapping[str, Any]
    rows: tuple[LedgerRow, ...] = ()


# --- the jobs -----------------------------------------------------------------------------------------


async def daily(shift: Shift, beside: Beside | None = None) -> str:
    """Sends the day's digest to everybody whose time has come and who has not had it, with the picture where
    the office wants one; on a day off to those who want it then, when there is news."""
    if _is_weekly_time(shift):
        return "周报日：专报并入周报"
    return await _send(shift, await _due(shift, DAILY), DAILY, beside or Beside())


async def weekly(shift: Shift, beside: Beside | None = None) -> str:
    """The week's digest, on its first working day, in place of the day's; with the picture and the table
    behind it where the office wants them."""
    if not first_of_week(_day(shift.now), shift.workdays):
        return "不是本周第一个工作日"
    return await _send(shift, await _due(shift, WEEKLY), WEEKLY, beside or Beside())


async def prepare(shift: Shift, kind: Kind, beside: Beside) -> Callable[[], None]:
    """What makes the files of a job that is about to run, outside of its transaction: they take a while, and
    a small database lets nobody write meanwhile. What changes in between is made by the job itself."""
    first = first_of_week(_day(shift.now), shift.workdays)
    its_time = first if kind == WEEKLY else not _is_weekly_time(shift)
    due = await _due(shift, kind) if its_time else []
    found = await _compose_all(shift, due, kind, tabled=beside.tables) if due else []

    def make() -> None:
        for one, composed in found:
            if not _says_nothing(shift, one, kind, composed):
                _files(shift, one, composed, kind, beside)

    return make


def _is_weekly_time(shift: Shift) -> bool:
    """Whether the week's digest comes instead of the day's."""
    early = shift.now.astimezone(SHANGHAI).time() < LATEST_WEEKLY
    return early and first_of_week(_day(shift.now), shift.workdays)


async def _due(shift: Shift, kind: Kind) -> list[Subscriber]:
    """Who has had neither digest of today and, for the day's, whose time has come."""
    day, now = _day(shift.now), shift.now.astimezone(SHANGHAI)
    works = shift.workdays.is_workday(day)
    ready = [
        one
        for one in await subscribers(shift.conn)
        if (kind == WEEKLY or one.subscription.at <= now.time()) and (works or one.subscription.weekends)
    ]
    if not ready:
        return []
    had = await digests.given(shift.conn, DAILY, day) | await digests.given(shift.conn, WEEKLY, day)
    return [one for one in ready if one.reader.person not in had]


async def work_list(shift: Shift) -> str:
    """The office's own list for the coming week, to each admin, in place of one that never left."""
    await overtaken.take_back(shift.conn, "work", _day(shift.now), shift.admins)
    lists = 0
    for person in sorted(shift.admins):
        reader = Reader(person, office=True)
        found = await compose(
            shift.conn, shift.book, reader, WORK, now=shift.now, workdays=shift.workdays, rules=shift.rules
        )
        text = work_list_text(found.facts, ahead=_next_week(shift))
        rows = _outgoing(f"work:{_day(shift.now).isoformat()}:{person}", text, shift.now)
        if rows:
            await outbox.add(shift.conn, [(row, None) for row in rows], shift.now)
            lists += 1
    return f"发给{lists}位管理员"


def _next_week(shift: Shift) -> tuple[date, date]:
    """The first and the last day worked after this week."""
    monday = _day(shift.now) + timedelta(days=7 - _day(shift.now).weekday())
    first = shift.workdays.shift(monday, 0)
    return first, max(first, shift.workdays.shift(monday + timedelta(days=7), -1))


def first_of_week(day: date, workdays: Workdays) -> bool:
    """Whether it is the first working day since Monday."""
    monday = day - timedelta(days=day.weekday())
    return workdays.is_workday(day) and workdays.shift(monday, 0) == day


async def _send(shift: Shift, due: Sequence[Subscriber], kind: Kind, beside: Beside) -> str:
    if not due:
        return "没有要发的"
    await _take_back_unread(shift, due)
    sent = 0
    for one, composed in await _compose_all(shift, due, kind, tabled=beside.tables):
        quiet = _says_nothing(shift, one, kind, composed)
        files = {} if quiet else await asyncio.to_thread(_files, shift, one, composed, kind, beside)
        await _put(shift, one, kind, composed, "" if quiet else composed.text, files)
        sent += not quiet
    return f"发出{sent}份" + (f"，{len(due) - sent}位没有新情况未发" if sent < len(due) else "")


def _says_nothing(shift: Shift, one: Subscriber, kind: Kind, composed: Composed) -> bool:
    """Without news no day off is disturbed, nor who wants no empty line."""
    wants_line = one.subscription.empty_line and shift.workdays.is_workday(_day(shift.now))
    return kind == DAILY and composed.facts.empty and not wants_line


async def _take_back_unread(shift: Shift, due: Sequence[Subscriber]) -> None:
    """What could not be delivered on its day is told by today's digest."""
    readers = {one.reader.person for one in due}
    unread = await overtaken.take_back(shift.conn, "digest", _day(shift.now), readers)
    for person, when in unread.items():
        await digests.forget(shift.conn, person, when)


def _files(
    shift: Shift, one: Subscriber, composed: Composed, kind: Kind, beside: Beside
) -> dict[str, Payload]:
    """What follows the words, in order, by the last part of its key."""
    files: dict[str, Payload] = {}
    if beside.folder is None:
        return files
    if beside.pictured(one.subscription.picture) and not (kind == DAILY and composed.facts.empty):
        files["picture"] = Picture(str(drawn(composed.facts, kind, beside.folder)), composed.text)
    if beside.tables and composed.rows:
        files["table"] = tabled(composed.rows, shift.book, shift.now, beside.folder)
    return files


async def _put(
    shift: Shift,
    one: Subscriber,
    kind: Kind,
    composed: Composed,
    text: str,
    files: Mapping[str, Payload],
) -> None:
    """The message and what it told, together."""
    person, day = one.reader.person, _day(shift.now)
    await digests.keep(shift.conn, Digest(person, kind, day, text, composed.told, shift.now))
    rows = _outgoing(f"digest:{day.isoformat()}:{person}", text, _leaves(shift.now, one, day))
    for name, payload in files.items():
        last = rows[-1]
        rows.append(replace(last, key=f"{rows[0].key}:{name}", payload=dump(payload), after=last.key))
    if rows:
        await outbox.add(shift.conn, [(row, None) for row in rows], shift.now)


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
    conn: Connection,
    book: Book,
    reader: Reader,
    kind: Kind,
    *,
    now: datetime,
    workdays: Workdays,
    rules: Rules,
) -> Composed:
    """What this reader would read now: compared with his last digest before today."""
    told = await _last(conn, reader.person, _day(now), kind)
    since = told.at if told else None
    after = told.after if told else None
    situation = await gather(conn, book, now=now, workdays=workdays, rules=rules, after=after, told_at=since)
    return _composed(situation, reader, told, kind)


async def _compose_all(
    shift: Shift, due: Sequence[Subscriber], kind: Kind, *, tabled: bool
) -> list[tuple[Subscriber, Composed]]:
    day = _day(shift.now)
    told = {one.reader.person: await _last(shift.conn, one.reader.person, day, kind) for one in due}
    after = min((one.after for one in told.values() if one), default=None)
    since = min((one.at for one in told.values() if one and one.at), default=None)
    situation = await gather(
        shift.conn,
        shift.book,
        now=shift.now,
        workdays=shift.workdays,
        rules=shift.rules,
        after=after,
        told_at=since,
    )
    names = await people.names(shift.conn, [row.person for row in situation.standing])
    written = names if tabled and kind == WEEKLY else None
    return [(one, _composed(situation, one.reader, told[one.reader.person], kind, written)) for one in due]


async def _last(conn: Connection, person: str, day: date, kind: Kind) -> Told | None:
    """What he was told last: a week is compared with the week before, a day with whatever came before."""
    kinds = (WEEKLY,) if kind == WEEKLY else (DAILY, WEEKLY)
    found = await digests.latest(conn, person, before=day, kinds=kinds)
    return told_from_json(found.told) if found else None


def _composed(
    situation: Situation,
    reader: Reader,
    told: Told | None,
    kind: Kind,
    names: Mapping[str, str] | None = None,
) -> Composed:
    """With the `names` of who reported, a table of everything the reader may see comes along."""
    week = situation.now.date() - timedelta(days=7) if kind == WEEKLY else None
    facts = facts_for(situation, reader, told, first=week)
    remembered = told_to_json(told_by(situation, reader, facts))
    if kind == WORK:
        return Composed(work_list_text(facts), facts, remembered)
    rows = [] if names is None else ledger.rows_of(situation.book, states_for(situation, reader), names)
    digest = texts.weekly_digest(facts, table=bool(rows)) if kind == WEEKLY else texts.daily_digest(facts)
    sources = [[entry.label, list(entry.reports)] for entry in digest.entries]
    return Composed(digest.text, facts, {**remembered, "sources": sources}, tuple(ledger.outside(rows)))


def _day(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()
