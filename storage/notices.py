"""Imported notices, each under its document number, and which of them is in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import func, insert, select, update

from storage.engine import Connection
from storage.tables import assignments, notices


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """A notice as imported. Its text is kept whole and read anew when knowledge is loaded."""

    doc_number: str
    title: str
    issuer: str
    issued_on: date | None
    year: int
    text: str
    source_name: str  # the file it came from
    imported_at: datetime
    imported_by: str
    active: bool = False

    @property
    def sha256(self) -> str:
        return sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


async def add(conn: Connection, notice: StoredNotice) -> bool:
    """Stores the notice, or replaces the one of this number; False where the same text is there already.

    With `active` it becomes the one in force, and the others step back; without, what is in force stays.
    """
    same = notices.c.doc_number == notice.doc_number
    old = (await conn.execute(select(notices.c.sha256, notices.c.active).where(same))).first()
    if old and old.sha256 == notice.sha256 and (old.active or not notice.active):
        return False
    if notice.active:
        await conn.execute(update(notices).values(active=False))
    values = {
        "title": notice.title,
        "issuer": notice.issuer,
        "issued_on": notice.issued_on,
        "year": notice.year,
        "text": notice.text,
        "sha256": notice.sha256,
        "source_name": notice.source_name,
        "imported_at": notice.imported_at,
        "imported_by": notice.imported_by,
        "active": notice.active or bool(old and old.active),
    }
    if old:
        await conn.execute(update(notices).where(same).values(**values))
    else:
        await conn.execute(insert(notices).values(doc_number=notice.doc_number, **values))
    return True


async def all(conn: Connection) -> tuple[StoredNotice, ...]:
    """Every imported notice, the latest year first."""
    rows = await conn.execute(select(notices).order_by(notices.c.year.desc(), notices.c.doc_number))
    return tuple(map(_stored, rows))


async def active(conn: Connection) -> StoredNotice | None:
    """The notice in force, or None where the office has not chosen one of its own."""
    row = (await conn.execute(select(notices).where(notices.c.active).limit(1))).first()
    return _stored(row) if row else None


async def version(conn: Connection) -> str:
    """Changes with every import of a notice or of assignments; cheap enough to ask every few seconds."""
    rows = await conn.execute(
        select(notices.c.doc_number, notices.c.sha256, notices.c.active).order_by(notices.c.doc_number)
    )
    state = [f"{row.doc_number}:{row.sha256}:{row.active}" for row in rows]
    count, newest = (await conn.execute(select(func.count(), func.max(assignments.c.id)))).one()
    return sha256("|".join([*state, f"{count}:{newest}"]).encode()).hexdigest()[:16]


def _stored(row: object) -> StoredNotice:
    return StoredNotice(**{name: getattr(row, name) for name in StoredNotice.__slots__})
