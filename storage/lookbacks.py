"""回头看: when what was closed is looked at again, what the unit then said, and how the office reads it.

Planned with the closing, asked by the clock, answered by the liaison. What was put back on the list is
not asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, insert, select, update

from storage import audit
from storage.closings import Closing, closing_of
from storage.engine import Connection, in_list
from storage.tables import closings, lookbacks

ANSWER = "lookback"
HOLDS, MOSTLY, RELAPSED = "holds", "mostly", "relapsed"


@dataclass(frozen=True, slots=True)
class Lookback:
    """One look at a closing. `finding` is empty until it was answered."""

    closing: Closing
    number: int
    due_on: date
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    answer: str = ""
    finding: str = ""
    id: int = 0


async def plan(conn: Connection, closing: Closing, days: Sequence[date]) -> None:
    """The first look, the second …"""
    await conn.execute(
        insert(lookbacks),
        [
            {
                "closing_id": closing.id,
                "number": number,
                "due_on": day,
                "asked_at": None,
                "answered_at": None,
                "answer": "",
                "message_key": "",
                "finding": "",
            }
            for number, day in enumerate(days, start=1)
        ],
    )


async def due(conn: Connection, doc_number: str, on: date) -> list[Lookback]:
    """Those to be asked on this day or before, oldest first."""
    rows = await conn.execute(
        _standing(doc_number)
        .where(lookbacks.c.asked_at.is_(None), lookbacks.c.due_on <= on)
        .order_by(lookbacks.c.due_on, lookbacks.c.id)
    )
    return [_lookback(row) for row in rows]


async def waiting(conn: Connection, doc_number: str, units: Sequence[str]) -> list[Lookback]:
    """Those asked of these units and not answered, oldest first."""
    rows = await conn.execute(
        _standing(doc_number)
        .where(lookbacks.c.asked_at.is_not(None), lookbacks.c.answered_at.is_(None))
        .where(closings.c.unit.in_(in_list(list(units))))
        .order_by(lookbacks.c.id)
    )
    return [_lookback(row) for row in rows]


async def everything(conn: Connection, doc_number: str) -> list[Lookback]:
    """All that were planned, also of what was put back; by closing, then number."""
    query = _with_closing(doc_number).order_by(lookbacks.c.closing_id, lookbacks.c.number)
    return [_lookback(row) for row in await conn.execute(query)]


async def asked(conn: Connection, ids: Sequence[int], now: datetime) -> None:
    await conn.execute(update(lookbacks).where(lookbacks.c.id.in_(list(ids))).values(asked_at=now))


async def answered(
    conn: Connection, one: Lookback, answer: str, finding: str, *, by: str, key: str, now: datetime
) -> None:
    """What the unit said, in its own words, with an audit row."""
    await conn.execute(
        update(lookbacks)
        .where(lookbacks.c.id == one.id)
        .values(answered_at=now, answer=answer, finding=finding, message_key=key)
    )
    subject = f"{one.closing.unit} 要点{one.closing.point}"
    detail = {"lookback": one.id, "finding": finding, "message": key}
    await audit.note(conn, audit.Entry(now, by, ANSWER, subject, detail))


def _with_closing(doc_number: str) -> Select[Any]:
    columns = [column.label(f"of_{column.name}") for column in closings.c]
    return (
        select(lookbacks, *columns)
        .join(closings, closings.c.id == lookbacks.c.closing_id)
        .where(closings.c.doc_number == doc_number)
    )


def _standing(doc_number: str) -> Select[Any]:
    return _with_closing(doc_number).where(closings.c.reopened_at.is_(None))


def _lookback(row: Any) -> Lookback:
    return Lookback(
        closing_of(row, "of_"),
        row.number,
        row.due_on,
        row.asked_at,
        row.answered_at,
        row.answer,
        row.finding,
        row.id,
    )
