"""The newest word of each unit on each point, with the figures it gave.

Exports read it. What was corrected or withdrawn is history and not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from storage.engine import Connection
from storage.tables import figures, reports


@dataclass(frozen=True, slots=True)
class SaidFigure:
    target: str  # the notice's figure; empty for others
    what: str
    value: float
    unit: str
    in_target_unit: float | None
    message_key: str
    as_of: date


@dataclass(frozen=True, slots=True)
class Head:
    """A report that nothing replaces."""

    id: int
    point: int
    unit: str
    person: str
    message_key: str
    at: datetime
    as_of: date
    text: str
    percent: float | None
    status: str
    difficulty: str
    help_needed: str
    next_step: str
    due: date | None
    figures: tuple[SaidFigure, ...]


async def latest(conn: Connection, doc_number: str) -> tuple[Head, ...]:
    """One head for each point and unit that has reported, in the order of points."""
    told = await _figures(conn, doc_number)
    newer = reports.alias()
    replaced = select(newer.c.id).where(newer.c.replaces == reports.c.id).exists()
    rows = await conn.execute(
        select(reports)
        .where(reports.c.doc_number == doc_number, reports.c.kind != "withdrawn", ~replaced)
        .order_by(reports.c.at, reports.c.id)
    )
    heads = {(row.point, row.unit): row for row in rows}
    return tuple(_head(row, told) for _, row in sorted(heads.items()))


async def _figures(conn: Connection, doc_number: str) -> dict[int, tuple[SaidFigure, ...]]:
    rows = await conn.execute(
        select(figures)
        .join(reports, reports.c.id == figures.c.report_id)
        .where(reports.c.doc_number == doc_number)
        .order_by(figures.c.id)
    )
    told: dict[int, tuple[SaidFigure, ...]] = {}
    for row in rows:
        told[row.report_id] = (*told.get(row.report_id, ()), _figure(row))
    return told


def _figure(row: Any) -> SaidFigure:
    return SaidFigure(**{name: getattr(row, name) for name in SaidFigure.__slots__})


def _head(row: Any, told: Mapping[int, tuple[SaidFigure, ...]]) -> Head:
    own = {name: getattr(row, name) for name in Head.__slots__ if name != "figures"}
    return Head(**own, figures=told.get(row.id, ()))
