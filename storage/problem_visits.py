"""回访 after a problem was closed: when the firm is asked again, how, and what it said.

Planned with the closing and asked by the clock. A problem that is taken up anew is not visited meanwhile, and
has another series of visits when it is closed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, insert, select, update

from storage.engine import Connection
from storage.tables import problem_visits, problems


@dataclass(frozen=True, slots=True)
class Visit:
    """`finding` is holds, mostly or relapsed; empty until it was answered."""

    problem_id: int
    series: int
    number: int
    due_on: date
    asked_at: datetime | None = None
    by_phone: bool = False
    answered_at: datetime | None = None
    answer: str = ""
    message_key: str = ""
    finding: str = ""
    id: int = 0


async def plan(conn: Connection, problem_id: int, series: int, days: Sequence[date]) -> None:
    """The first visit, the second …"""
    rows = [Visit(problem_id, series, number, day) for number, day in enumerate(days, start=1)]
    if rows:
        await conn.execute(
            insert(problem_visits), [{name: getattr(row, name) for name in _COLUMNS} for row in rows]
        )


async def due(conn: Connection, on: date) -> list[Visit]:
    """Those to be asked on this day or before, of problems that are closed now."""
    still = and_(problems.c.id == problem_visits.c.problem_id, problems.c.again == problem_visits.c.series)
    query = (
        select(problem_visits)
        .join(problems, still)
        .where(problem_visits.c.asked_at.is_(None), problem_visits.c.due_on <= on)
        .where(problems.c.state == "closed")
        .order_by(problem_visits.c.due_on, problem_visits.c.id)
    )
    return [_visit(row) for row in await conn.execute(query)]


async def of(conn: Connection, problem_ids: Sequence[int]) -> list[Visit]:
    """All visits of these problems, oldest first."""
    query = select(problem_visits).where(problem_visits.c.problem_id.in_(list(problem_ids)))
    return [_visit(row) for row in await conn.execute(query.order_by(problem_visits.c.id))]


async def answered_since(conn: Connection, moment: datetime) -> list[Visit]:
    query = select(problem_visits).where(problem_visits.c.answered_at >= moment)
    return [_visit(row) for row in await conn.execute(query.order_by(problem_visits.c.id))]


async def asked(conn: Connection, ids: Sequence[int], now: datetime, *, by_phone: bool) -> None:
    await conn.execute(
        update(problem_visits)
        .where(problem_visits.c.id.in_(list(ids)))
        .values(asked_at=now, by_phone=by_phone)
    )


async def answered(
    conn: Connection, visit: Visit, answer: str, finding: str, key: str, now: datetime
) -> None:
    """What the firm said, in its own words."""
    await conn.execute(
        update(problem_visits)
        .where(problem_visits.c.id == visit.id)
        .values(answered_at=now, answer=answer, finding=finding, message_key=key)
    )


_COLUMNS = tuple(name for name in Visit.__dataclass_fields__ if name != "id")


def _visit(row: Any) -> Visit:
    return Visit(**{name: getattr(row, name) for name in (*_COLUMNS, "id")})
