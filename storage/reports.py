"""What units reported: versions that are only ever added, each with its figures and the message it came from.

A correction names the version it replaces, a withdrawal as well; `standing` gives what holds now. Nothing
here judges a number: `supervision/checking.py` does, before anything is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, insert, select

from storage import audit
from storage.engine import Connection, in_list, together
from storage.tables import figures, reports

REPORT, CORRECTION, WITHDRAWN = "report", "correction", "withdrawn"
RESTORED = "restored"  # after a withdrawal, what stood before stands again
TRIMMED = "trimmed"  # one figure was taken back, the rest stands


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it was said; `in_target_unit` is the same in the unit of the notice's figure `target`."""

    what: str
    value: float
    unit: str
    target: str = ""
    in_target_unit: float | None = None
    message_key: str = ""
    as_of: date | None = None
    said: int = field(default=0, compare=False)  # the version its message first wrote: which word is newer


@dataclass(frozen=True, slots=True)
class Report:
    """One version of what a unit said of a point. `text` is the unit's own words, never reworded."""

    doc_number: str
    point: int
    unit: str
    person: str
    message_key: str
    at: datetime
    as_of: date
    text: str
    kind: str = REPORT
    round_id: int | None = None
    replaces: int | None = None
    percent: float | None = None
    status: str = ""
    difficulty: str = ""
    help_needed: str = ""
    next_step: str = ""
    due: date | None = None
    nothing_new: bool = False
    elsewhere: bool = False
    late: bool = False
    figures: tuple[Figure, ...] = ()
    id: int = 0

    @property
    def said(self) -> bool:
        """Whether its message said it, and did not only undo something."""
        return self.kind in (REPORT, CORRECTION)


async def add(conn: Connection, versions: Sequence[Report]) -> list[Report]:
    """Writes versions with their figures and an audit row each; they come back with their ids.

    What a message said of a point is written once, and a version is replaced once: a second time raises
    IntegrityError.
    """
    written = []
    for version in versions:
        found = await conn.execute(insert(reports).values(_row(version)).returning(reports.c.id))
        written.append(replace(version, id=found.scalar_one()))
    rows = [_figure_row(version, figure) for version in written for figure in version.figures]
    if rows:
        await conn.execute(together(conn, insert(figures), figures.c.id), rows)
    if written:
        await audit.note(conn, *(_entry(version) for version in written))
    return written


def _entry(version: Report) -> audit.Entry:
    detail: dict[str, Any] = {"report": version.id, "message": version.message_key}
    if version.replaces is not None:
        detail["replaces"] = version.replaces
    return audit.Entry(
        version.at, version.person, version.kind, f"{version.unit} 要点{version.point}", detail
    )


async def standing(
    conn: Connection,
    doc_number: str,
    *,
    points: Sequence[int] | None = None,
    units: Sequence[str] | None = None,
) -> list[Report]:
    """Every version that holds now: neither replaced nor withdrawn; oldest first."""
    given: dict[str, Any] = {"doc_number": doc_number}
    if points is not None:
        given["points"] = sorted(points)
    if units is not None:
        given["units"] = in_list(list(units))
    return await _whole(conn, _standing(of_points=points is not None, of_units=units is not None), given)


@cache
def _standing(*, of_points: bool, of_units: bool) -> Select[Any]:
    """Put together once: that takes longer than running it."""
    newer = reports.alias("newer")
    query = (
        _versions()
        .where(reports.c.doc_number == bindparam("doc_number"), reports.c.kind != WITHDRAWN)
        .where(~exists().where(newer.c.replaces == reports.c.id))
    )
    if of_points:
        query = query.where(reports.c.point.in_(bindparam("points", expanding=True)))
    return query.where(reports.c.unit.in_(bindparam("units", expanding=True))) if of_units else query


async def of_message(conn: Connection, key: str) -> list[Report]:
    """The versions one message made."""
    return await _whole(conn, _versions().where(reports.c.message_key == key))


async def history(conn: Connection, doc_number: str, point: int, unit: str | None = None) -> list[Report]:
    """Every version there ever was of a point, oldest first."""
    query = _versions().where(reports.c.doc_number == doc_number, reports.c.point == point)
    return await _whole(conn, query if unit is None else query.where(reports.c.unit == unit))


async def of_places(conn: Connection, rows: Sequence[Report]) -> list[Report]:
    """Every version there ever was of the points these are about, from the same units."""
    places = dict.fromkeys((row.doc_number, row.point, row.unit) for row in rows)
    return [row for place in places for row in await history(conn, *place)]


async def everything(conn: Connection, doc_number: str) -> list[Report]:
    """Every version there ever was, oldest first."""
    return await _whole(conn, _versions().where(reports.c.doc_number == doc_number))


async def after(conn: Connection, doc_number: str, report_id: int) -> list[Report]:
    """Every version written after this one, withdrawals too, oldest first."""
    query = _versions().where(reports.c.doc_number == doc_number, reports.c.id > report_id)
    return await _whole(conn, query)


async def with_ids(conn: Connection, ids: Sequence[int]) -> dict[int, Report]:
    """These versions by their ids."""
    found = await _whole(conn, _versions().where(reports.c.id.in_(sorted(set(ids)))))
    return {row.id: row for row in found}


async def cumulative(conn: Connection, doc_number: str) -> dict[tuple[str, str], Figure]:
    """The newest figure of each unit and target of the notice, for all units at once."""
    newer = reports.alias("newer")
    rows = await conn.execute(
        select(figures, _SAID, reports.c.unit.label("reporter"))
        .join(reports, reports.c.id == figures.c.report_id)
        .where(reports.c.doc_number == doc_number, reports.c.kind != WITHDRAWN, figures.c.target != "")
        .where(~exists().where(newer.c.replaces == reports.c.id))
        .order_by(_SAID, figures.c.id)
    )
    return {(row.reporter, row.target): _figure(row) for row in rows}


@cache
def _versions() -> Select[Any]:
    """Oldest first; the columns in the order of the fields of `Report`."""
    return select(*(reports.c[name] for name in (*_COLUMNS, "id"))).order_by(reports.c.id)


async def _whole(
    conn: Connection, query: Select[Any], given: Mapping[str, Any] | None = None
) -> list[Report]:
    rows = (await conn.execute(query, given)).all()
    if not rows:
        return []
    of: dict[int, list[Figure]] = {}
    ids = [row.id for row in rows]
    for at in range(0, len(ids), 500):
        for row in await conn.execute(_FIGURES, {"ids": ids[at : at + 500]}):
            of.setdefault(row.report_id, []).append(_figure(row))
    return [_report(row, tuple(of.get(row.id, ()))) for row in rows]


_first = reports.alias("first")
# A correction of an old report carries its other figures on; they are no newer for that.
_SAID = func.coalesce(
    select(_first.c.id)
    .where(
        _first.c.message_key == figures.c.message_key,
        _first.c.point == reports.c.point,
        _first.c.unit == reports.c.unit,
        _first.c.kind.in_((REPORT, CORRECTION)),  # it may have undone others as well
    )
    .scalar_subquery(),
    figures.c.report_id,
).label("said")
_FIGURES = (
    select(figures, _SAID)
    .join(reports, reports.c.id == figures.c.report_id)
    .where(figures.c.report_id.in_(bindparam("ids", expanding=True)))
    .order_by(figures.c.id)
)
_COLUMNS = tuple(name for name in Report.__dataclass_fields__ if name not in ("figures", "id"))


def _row(version: Report) -> dict[str, Any]:
    return {name: getattr(version, name) for name in _COLUMNS}


def _report(row: Any, found: tuple[Figure, ...]) -> Report:
    *values, id = row
    return Report(*(*values, found, id))


def _figure_row(version: Report, figure: Figure) -> dict[str, Any]:
    return {
        "report_id": version.id,
        "target": figure.target,
        "what": figure.what,
        "value": figure.value,
        "unit": figure.unit,
        "in_target_unit": figure.in_target_unit,
        "message_key": figure.message_key or version.message_key,
        "as_of": figure.as_of or version.as_of,
    }


def _figure(row: Any) -> Figure:
    values = (row.what, row.value, row.unit, row.target, row.in_target_unit, row.message_key, row.as_of)
    return Figure(*values, row.said)
