"""What a person of the office let out: a red light is a draft until its release is here.

A release holds for the report it was made on; a newer number is judged, and released, anew.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select

from storage import audit
from storage.engine import Connection
from storage.tables import releases

RED = "red"


async def of_kind(conn: Connection, kind: str, doc_number: str) -> frozenset[tuple[int, str]]:
    """(point, key of the message judged) of everything released."""
    rows = await conn.execute(
        select(releases.c.subject, releases.c.basis).where(
            releases.c.kind == kind, releases.c.subject.startswith(f"{doc_number}#", autoescape=True)
        )
    )
    return frozenset((int(row.subject.rpartition("#")[2]), row.basis) for row in rows)


async def release(
    conn: Connection, kind: str, doc_number: str, point: int, basis: str, *, by: str, now: datetime
) -> bool:
    """False when it had been released before."""
    if (point, basis) in await of_kind(conn, kind, doc_number):
        return False
    await conn.execute(
        insert(releases).values(kind=kind, subject=f"{doc_number}#{point}", basis=basis, by=by, at=now)
    )
    await audit.note(conn, audit.Entry(now, by, f"release-{kind}", f"要点{point}", {"message": basis}))
    return True
