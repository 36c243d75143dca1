"""The office's own table over the official calendar: days worked or off, and the years it imported whole.

The chat and `bqw calendar` write, `supervision/pausing.py` makes `Workdays` of it. Every change is audited,
and the audit tells other replicas of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite

from storage import audit
from storage.engine import Connection
from storage.tables import calendar_days, calendar_years

SET = "calendar"


@dataclass(frozen=True, slots=True)
class Table:
    """`days`: True for a day worked, False for a day off; `years` were imported whole."""

    days: Mapping[date, bool]
    years: frozenset[int]


@dataclass(frozen=True, slots=True)
class Day:
    """One row, with who said so and when."""

    day: date
    works: bool
    by: str
    at: datetime


async def table(conn: Connection) -> Table:
    """Everything the office said of days and years."""
    rows = await conn.execute(select(calendar_days.c.day, calendar_days.c.works))
    years = await conn.execute(select(calendar_years.c.year))
    return Table({row.day: row.works for row in rows}, frozenset(row.year for row in years))


async def of_year(conn: Connection, year: int) -> list[Day]:
    """The rows of one year, by day."""
    rows = await conn.execute(
        select(calendar_days)
        .where(calendar_days.c.day >= date(year, 1, 1), calendar_days.c.day <= date(year, 12, 31))
        .order_by(calendar_days.c.day)
    )
    return [Day(row.day, row.works, row.by, row.at) for row in rows]


async def put(
    conn: Connection,
    days: Mapping[date, bool],
    *,
    years: frozenset[int] = frozenset(),
    by: str,
    now: datetime,
) -> int:
    """Sets these days, and marks these years as announced whole; how many days are other than before."""
    before = (await table(conn)).days
    changed = {day: works for day, works in days.items() if before.get(day) is not works}
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    if changed:
        statement = dialect.insert(calendar_days)
        new = statement.excluded
        upsert = statement.on_conflict_do_update(
            index_elements=[calendar_days.c.day], set_={"works": new.works, "by": new.by, "at": new.at}
        )
        rows = [{"day": day, "works": works, "by": by, "at": now} for day, works in sorted(changed.items())]
        await conn.execute(upsert, rows)
    added = sorted(years - (await table(conn)).years)
    if added:
        await conn.execute(insert(calendar_years), [{"year": year, "by": by, "at": now} for year in added])
    if changed or added:
        await audit.note(conn, _entry(changed, years, by, now))
    return len(changed)


def _entry(days: Mapping[date, bool], years: frozenset[int], by: str, now: datetime) -> audit.Entry:
    subject = "、".join(f"{year}年放假安排" for year in sorted(years)) or "个别日子"
    detail = {day.isoformat(): "work" if works else "off" for day, works in sorted(days.items())}
    return audit.Entry(now, by, SET, subject, detail)


async def version(conn: Connection) -> str:
    """Changes with every change of the table."""
    return await audit.version(conn, (SET,))
