"""Phrases the office taught, per notice. Each act is audited in the same breath, and the audit tells other
replicas of it.

`handlers/teach.py` writes, `bot/library.py` reads. Which phrases make sense is not decided here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from storage import audit
from storage.engine import Connection
from storage.tables import taught
from storage.taught import Taught

TEACH, FORGET = "teach", "forget"


async def all(conn: Connection, doc_number: str) -> tuple[Taught, ...]:
    """Everything taught for a notice, newest first."""
    rows = await conn.execute(
        select(taught)
        .where(taught.c.doc_number == doc_number)
        .order_by(taught.c.at.desc(), taught.c.id.desc())
    )
    return tuple(Taught(row.phrase, row.point, row.quote, row.by, row.at, row.typed) for row in rows)


async def version(conn: Connection) -> str:
    """Changes whenever something is taught or forgotten, also when it is taught again."""
    return await audit.version(conn, (TEACH, FORGET))


async def teach(
    conn: Connection, doc_number: str, row: Taught, *, before: Taught | None, settled: int
) -> None:
    """Adds the phrase, or binds it anew where it was taught `before`."""
    values = {"typed": row.typed, "point": row.point, "quote": row.quote, "by": row.by, "at": row.at}
    if before is None:
        await conn.execute(insert(taught).values(doc_number=doc_number, phrase=row.phrase, **values))
    else:
        await conn.execute(update(taught).where(*_this(doc_number, row.phrase)).values(**values))
    detail = {**_place(doc_number, row), "before": _place(doc_number, before) if before else None}
    detail["questions_settled"] = settled
    await audit.note(conn, audit.Entry(row.at, row.by, TEACH, row.phrase, detail))


async def forget(conn: Connection, doc_number: str, row: Taught, *, by: str, now: datetime) -> None:
    """Takes a taught phrase back."""
    await conn.execute(delete(taught).where(*_this(doc_number, row.phrase)))
    await audit.note(conn, audit.Entry(now, by, FORGET, row.phrase, {"before": _place(doc_number, row)}))


def _this(doc_number: str, phrase: str) -> tuple[Any, ...]:
    return taught.c.doc_number == doc_number, taught.c.phrase == phrase


def _place(doc_number: str, row: Taught) -> dict[str, Any]:
    """A lesson as the audit keeps it."""
    return {
        "doc_number": doc_number,
        "typed": row.typed,
        "point": row.point,
        "quote": row.quote,
        "by": row.by,
        "at": row.at.isoformat(),
    }
