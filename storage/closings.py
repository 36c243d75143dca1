"""销号: what a unit finished and the office took off the list, until it is put back.

`handlers/closing.py` writes; rounds leave out what is closed, `storage/lookbacks.py` plans when it is looked
at again. Closing and reopening are audited in the same breath.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from storage import audit
from storage.engine import Connection
from storage.tables import closings

CLOSE, REOPEN = "close-point", "reopen-point"


@dataclass(frozen=True, slots=True)
class Closing:
    """`what` are the notice's words for what is done, `evidence` the office's: a document number or so."""

    doc_number: str
    point: int
    unit: str
    what: str
    evidence: str
    by: str
    at: datetime
    reopened_at: datetime | None = None
    id: int = 0


async def close(conn: Connection, closing: Closing) -> Closing:
    """Writes it; it comes back with its id."""
    values = {
        "doc_number": closing.doc_number,
        "point": closing.point,
        "unit": closing.unit,
        "what": closing.what,
        "evidence": closing.evidence,
        "by": closing.by,
        "at": closing.at,
        "reopened_at": None,
        "reopened_by": "",
    }
    found = await conn.execute(insert(closings).values(values).returning(closings.c.id))
    written = replace(closing, id=found.scalar_one())
    detail = {"closing": written.id, "evidence": closing.evidence}
    await audit.note(conn, audit.Entry(closing.at, closing.by, CLOSE, _named(closing), detail))
    return written


async def standing(conn: Connection, doc_number: str) -> list[Closing]:
    """What is closed now, oldest first."""
    rows = await conn.execute(
        select(closings)
        .where(closings.c.doc_number == doc_number, closings.c.reopened_at.is_(None))
        .order_by(closings.c.id)
    )
    return [closing_of(row) for row in rows]


async def places(conn: Connection, doc_number: str) -> frozenset[tuple[int, str]]:
    """The points and units that are closed: nobody is asked for them."""
    return frozenset((one.point, one.unit) for one in await standing(conn, doc_number))


async def reopen(conn: Connection, closing: Closing, *, by: str, now: datetime) -> bool:
    """False when somebody did before."""
    changed = await conn.execute(
        update(closings)
        .where(closings.c.id == closing.id, closings.c.reopened_at.is_(None))
        .values(reopened_at=now, reopened_by=by)
    )
    if not changed.rowcount:
        return False
    await audit.note(conn, audit.Entry(now, by, REOPEN, _named(closing), {"closing": closing.id}))
    return True


def _named(closing: Closing) -> str:
    return f"{closing.unit} 要点{closing.point}"


def closing_of(row: Any, prefix: str = "") -> Closing:
    """From a row, or from columns labelled with a prefix in a join."""
    names = ("doc_number", "point", "unit", "what", "evidence", "by", "at", "reopened_at", "id")
    return Closing(**{name: row._mapping[prefix + name] for name in names})
