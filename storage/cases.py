"""典型案例 and 改革举措 (points 41 and 42): texts with a title, counted per unit, never overwritten.

A withdrawn one stays with the day it was withdrawn; only the others count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from storage import audit
from storage.engine import Connection
from storage.tables import cases

CASE, REFORM = "case", "reform"


@dataclass(frozen=True, slots=True)
class Case:
    doc_number: str
    kind: str  # case | reform
    unit: str
    title: str
    text: str
    person: str
    message_key: str
    at: datetime
    id: int = 0


async def add(conn: Connection, case: Case) -> int:
    """Its id. The same message a second time raises IntegrityError."""
    found = await conn.execute(
        insert(cases)
        .values(
            doc_number=case.doc_number,
            kind=case.kind,
            unit=case.unit,
            title=case.title,
            text=case.text,
            person=case.person,
            message_key=case.message_key,
            at=case.at,
            withdrawn_at=None,
            withdrawn_by="",
        )
        .returning(cases.c.id)
    )
    number = int(found.scalar_one())
    await audit.note(
        conn,
        audit.Entry(case.at, case.person, case.kind, f"{case.unit} {case.title}", {"case": number}),
    )
    return number


async def all(conn: Connection, doc_number: str, kind: str, unit: str | None = None) -> list[Case]:
    """Those that count, newest first."""
    query = select(cases).where(
        cases.c.doc_number == doc_number, cases.c.kind == kind, cases.c.withdrawn_at.is_(None)
    )
    if unit is not None:
        query = query.where(cases.c.unit == unit)
    return [_case(row) for row in await conn.execute(query.order_by(cases.c.id.desc()))]


async def counts(conn: Connection, doc_number: str, kind: str) -> dict[str, int]:
    """How many each unit has."""
    rows = await conn.execute(
        select(cases.c.unit, func.count().label("many"))
        .where(cases.c.doc_number == doc_number, cases.c.kind == kind, cases.c.withdrawn_at.is_(None))
        .group_by(cases.c.unit)
    )
    return {row.unit: row.many for row in rows}


async def withdraw(conn: Connection, case: Case, *, by: str, now: datetime) -> bool:
    changed = await conn.execute(
        update(cases)
        .where(cases.c.id == case.id, cases.c.withdrawn_at.is_(None))
        .values(withdrawn_at=now, withdrawn_by=by)
    )
    if not changed.rowcount:
        return False
    await audit.note(
        conn, audit.Entry(now, by, f"{case.kind}-withdraw", f"{case.unit} {case.title}", {"case": case.id})
    )
    return True


def _case(row: Any) -> Case:
    return Case(
        row.doc_number, row.kind, row.unit, row.title, row.text, row.person, row.message_key, row.at, row.id
    )
