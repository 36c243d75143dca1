"""Files and pictures people sent: a row per message, first wanted, then stored or refused.

A handler wants one in its message's own transaction, `bot/attachments.py` fetches it under a lease, and
whoever writes a report or a case links it. The bytes lie in a folder, never here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, insert, select, update

from storage.engine import Connection, in_list
from storage.tables import attachments

WANTED, STORED, REFUSED = "wanted", "stored", "refused"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file named in a message; `media_id` is WeCom's, and good for three days after `sent_at`."""

    message_key: str
    person: str
    unit: str
    kind: str  # image | file | voice | video
    name: str  # empty where WeCom gives none
    media_id: str
    sent_at: datetime
    point: int | None = None
    subject: str = ""  # report:12, case:3; empty: linked later


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row this process may fetch until its lease ends. `attempts` counts this one, and is what tells the
    holder of the newest lease from those before him."""

    id: int
    message_key: str
    person: str
    kind: str
    name: str
    media_id: str
    sent_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as reports and pages show it; `path` is relative to the folder of files."""

    message_key: str
    person: str
    unit: str
    point: int | None
    subject: str
    kind: str
    name: str
    state: str  # wanted | stored | refused
    path: str
    size: int
    sha256: str
    reason: str
    sent_at: datetime
    stored_at: datetime | None


async def want(conn: Connection, wanted: Wanted) -> None:
    """Asks for the file to be fetched; a message that asks twice raises IntegrityError."""
    await conn.execute(
        insert(attachments).values(
            message_key=wanted.message_key,
            person=wanted.person.lower(),
            unit=wanted.unit,
            point=wanted.point,
            subject=wanted.subject,
            kind=wanted.kind,
            name=wanted.name,
            media_id=wanted.media_id,
            state=WANTED,
            path="",
            size=0,
            sha256="",
            reason="",
            attempts=0,
            next_at=wanted.sent_at,
            sent_at=wanted.sent_at,
            stored_at=None,
        )
    )


async def claim(conn: Connection, *, now: datetime, lease: timedelta, limit: int) -> list[Claimed]:
    """Takes up to `limit` due rows, oldest first, also those whose holder died; each goes to one caller."""
    due = (
        select(attachments.c.id)
        .where(attachments.c.state == WANTED, attachments.c.next_at <= now)
        .order_by(attachments.c.next_at, attachments.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)  # SQLite has one writer anyway
    )
    ids = list((await conn.execute(due)).scalars())
    if not ids:
        return []
    rows = await conn.execute(
        update(attachments)
        .where(attachments.c.id.in_(ids))
        .values(next_at=now + lease, attempts=attachments.c.attempts + 1)
        .returning(
            attachments.c.id,
            attachments.c.message_key,
            attachments.c.person,
            attachments.c.kind,
            attachments.c.name,
            attachments.c.media_id,
            attachments.c.sent_at,
            attachments.c.attempts,
        )
    )
    return sorted((Claimed(*row) for row in rows), key=lambda row: row.id)


async def stored(
    conn: Connection, row: Claimed, *, name: str, path: str, size: int, sha256: str, now: datetime
) -> bool:
    """Marks a claimed row stored; False when its lease had passed to another in the meantime."""
    values = {"name": name, "path": path, "size": size, "sha256": sha256, "stored_at": now, "reason": ""}
    return await _finish(conn, row, {"state": STORED, **values})


async def refused(conn: Connection, row: Claimed, *, reason: str) -> bool:
    """Marks a claimed row refused for good; `reason` is a sentence for the sender."""
    return await _finish(conn, row, {"state": REFUSED, "reason": reason})


async def retry_at(conn: Connection, row: Claimed, *, at: datetime, reason: str) -> bool:
    """Gives a claimed row back, to be tried again at `at`."""
    return await _finish(conn, row, {"next_at": at, "reason": reason})


async def _finish(conn: Connection, row: Claimed, values: dict[str, Any]) -> bool:
    result = await conn.execute(
        update(attachments)
        .where(
            attachments.c.id == row.id,
            attachments.c.state == WANTED,
            attachments.c.attempts == row.attempts,
        )
        .values(**values)
    )
    return result.rowcount == 1


async def link(conn: Connection, message_keys: Sequence[str], *, subject: str, point: int | None) -> int:
    """Says what these messages' files belong to; how many there were. Without a point the old one stays."""
    values: dict[str, Any] = {"subject": subject} if point is None else {"subject": subject, "point": point}
    result = await conn.execute(
        update(attachments).where(attachments.c.message_key.in_(in_list(message_keys))).values(**values)
    )
    return int(result.rowcount)


async def of_person(conn: Connection, person: str, since: datetime) -> list[Attachment]:
    """What the person has sent since then, oldest first."""
    return await _found(
        conn, _shown().where(attachments.c.person == person.lower(), attachments.c.sent_at >= since)
    )


async def of_subject(conn: Connection, subject: str) -> list[Attachment]:
    """What belongs to a report or a case, oldest first."""
    return await _found(conn, _shown().where(attachments.c.subject == subject))


async def counts(conn: Connection) -> dict[str, int]:
    """How many rows are in each state."""
    rows = await conn.execute(
        select(attachments.c.state, func.count().label("rows")).group_by(attachments.c.state)
    )
    return {row.state: row.rows for row in rows}


def _shown() -> Select[Any]:
    return select(*(attachments.c[name] for name in Attachment.__slots__)).order_by(
        attachments.c.sent_at, attachments.c.id
    )


async def _found(conn: Connection, query: Select[Any]) -> list[Attachment]:
    return [Attachment(*row) for row in await conn.execute(query)]
