"""Imported rows of the division of work, per notice; suggestions that ship with the program are not here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from storage.assignment import Assignment
from storage.engine import Connection
from storage.tables import assignments


async def all(conn: Connection, doc_number: str) -> tuple[Assignment, ...]:
    """Every imported row of a notice, in the order they were written."""
    query = select(assignments).where(assignments.c.doc_number == doc_number).order_by(assignments.c.id)
    return tuple(
        Assignment(
            point=row.point,
            clause=row.clause,
            part=row.part,
            lead=row.lead,
            participants=tuple(row.participants),
            co_leads=tuple(row.co_leads),
            status=row.status,
            source=row.source,
            reason=row.reason,
            confirmed_by=row.confirmed_by,
            confirmed_on=row.confirmed_on,
        )
        for row in await conn.execute(query)
    )


async def replace(
    conn: Connection, doc_number: str, rows: Iterable[Assignment], *, now: datetime, by: str
) -> None:
    """These rows instead of every imported row of the notice. New ids tell other replicas of it."""
    newest = (await conn.execute(select(func.max(assignments.c.id)))).scalar() or 0
    await conn.execute(delete(assignments).where(assignments.c.doc_number == doc_number))
    values = [
        {
            "id": newest + at,
            "doc_number": doc_number,
            "point": row.point,
            "clause": row.clause,
            "part": row.part,
            "lead": row.lead,
            "participants": list(row.participants),
            "co_leads": list(row.co_leads),
            "status": row.status,
            "source": row.source,
            "reason": row.reason,
            "confirmed_by": row.confirmed_by,
            "confirmed_on": row.confirmed_on,
            "imported_at": now,
            "imported_by": by,
        }
        for at, row in enumerate(rows, start=1)
    ]
    if values:
        await conn.execute(insert(assignments), values)
