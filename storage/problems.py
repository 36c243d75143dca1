"""政企问题: what firms brought, who has it, until when, and how it ended; one row per problem.

Handlers and the clock's jobs change a problem through `change`, which writes the step beside it and lets only
the first of two acts on the same state through. Who calls firms sees the contact; nobody else is shown it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    insert,
    literal_column,
    not_,
    or_,
    select,
    text,
    update,
)

from storage import problem_steps
from storage.engine import Connection, in_list
from storage.problem import COMPLEX, CONTACTED
from storage.problem import Problem as Problem
from storage.problem_steps import Step
from storage.tables import UtcDateTime, problems

_NUMBER_LOCK = 0x62717706  # problems are numbered one after the other
# Written out, not bound: SQLite uses a partial index only where its condition stands in the statement.
_IS_OPEN = problems.c.state.notin_([literal_column("'closed'"), literal_column("'refused'")])


# --- writing --------------------------------------------------------------------------------------


async def add(conn: Connection, problem: Problem, *, words: str = "") -> Problem:
    """Gives it the next number of its year; it comes back with number and id."""
    if conn.dialect.name == "postgresql":
        await conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _NUMBER_LOCK})
    newest = select(func.max(problems.c.number)).where(problems.c.year == problem.year)
    number = ((await conn.execute(newest)).scalar_one() or 0) + 1
    numbered = replace(problem, number=number)
    row = await conn.execute(insert(problems).values(_values(numbered)).returning(problems.c.id))
    written = replace(numbered, id=row.scalar_one())
    step = Step(written.id, problem.received_at, problem.recorded_by, problem_steps.RECORD, words)
    await problem_steps.add(conn, written.subject, step)
    return written


async def add_all(conn: Connection, rows: Sequence[Problem]) -> None:
    """The same for many that have their numbers already: a bench, an import."""
    await conn.execute(insert(problems), [_values(row) for row in rows])


async def change(conn: Connection, before: Problem, *steps: Step, **values: Any) -> Problem | None:
    """The problem as it is now; None when somebody changed it since it was read."""
    after = replace(before, **values, version=before.version + 1)
    changed = await conn.execute(
        update(problems)
        .where(problems.c.id == before.id, problems.c.version == before.version)
        .values({**{name: _plain(value) for name, value in values.items()}, "version": after.version})
    )
    if not changed.rowcount:
        return None
    await problem_steps.add(conn, after.subject, *steps)
    return after


async def forget_contacts(conn: Connection, before: datetime) -> int:
    """Contacts of problems closed before that moment are erased: nobody needs them any more."""
    done = await conn.execute(
        update(problems)
        .where(problems.c.closed_at < before, or_(problems.c.contact != "", problems.c.phone != ""))
        .values(contact="", phone="")
    )
    return done.rowcount


def _values(problem: Problem) -> dict[str, Any]:
    return {name: _plain(getattr(problem, name)) for name in _COLUMNS}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


# --- reading --------------------------------------------------------------------------------------


async def numbered(conn: Connection, year: int, number: int) -> Problem | None:
    return await _first(conn, select(problems).where(problems.c.year == year, problems.c.number == number))


async def one(conn: Connection, id: int) -> Problem | None:
    return await _first(conn, select(problems).where(problems.c.id == id))


async def running(conn: Connection) -> list[Problem]:
    """Those not over, oldest first."""
    return await _all(conn, select(problems).where(_IS_OPEN).order_by(problems.c.id))


async def ticking(conn: Connection, since: datetime, until: datetime) -> list[Problem]:
    """The same with what their clocks need and nothing else, and without those that began after `since` and
    are due after `until`: most of thousands are done in good time, and a sweep need not read them."""
    return [_ticking(row) for row in await conn.execute(_TICKING, {"since": since, "until": until})]


async def of_origin(conn: Connection, door: str, origin: str, since: datetime | None = None) -> list[Problem]:
    """What a firm brought through this door, newest first; what is over only when received since then."""
    query = select(problems).where(problems.c.door == door, problems.c.origin == origin)
    if since is not None:
        query = query.where(or_(_IS_OPEN, problems.c.received_at >= since))
    return await _all(conn, query.order_by(problems.c.id.desc()).limit(50))


async def since(conn: Connection, moment: datetime) -> list[Problem]:
    """Everything open, and what came in, ended or was rated after this moment; oldest first."""
    lately: list[ColumnElement[bool]] = [
        column >= moment for column in (problems.c.received_at, problems.c.closed_at, problems.c.answered_at)
    ]
    return await _all(conn, select(problems).where(or_(_IS_OPEN, *lately)).order_by(problems.c.id))


async def of_year(conn: Connection, year: int) -> list[Problem]:
    return await _all(conn, select(problems).where(problems.c.year == year).order_by(problems.c.number))


async def with_ids(conn: Connection, ids: Iterable[int]) -> dict[int, Problem]:
    wanted = sorted(set(ids))
    found: dict[int, Problem] = {}
    for at in range(0, len(wanted), 500):
        rows = await _all(conn, select(problems).where(problems.c.id.in_(wanted[at : at + 500])))
        found |= {row.id: row for row in rows}
    return found


async def with_message(conn: Connection, keys: Sequence[str]) -> list[Problem]:
    """The problems these messages brought."""
    return await _all(conn, select(problems).where(problems.c.message_key.in_(in_list(keys))))


async def _first(conn: Connection, query: Select[Any]) -> Problem | None:
    row = (await conn.execute(query)).one_or_none()
    return None if row is None else _problem(row)


async def _all(conn: Connection, query: Select[Any]) -> list[Problem]:
    return [_problem(row) for row in await conn.execute(query)]


_COLUMNS = tuple(name for name in Problem.__dataclass_fields__ if name != "id")
_LISTS = ("points", "suggested_helpers", "helpers", "helped")


_NOBODY = "[]"
_CLOCKS = (
    *("id", "number", "again", "state", "kind", "urgent", "lead", "level"),
    *("received_at", "counts_from", "due_at", "assigned_at", "objected_at", "accepted_at", "planned_at"),
    *("wanted_until", "answered_at", "rated_at", "closed_at", "follow_on"),
)
_HELPERS, _HELPED = cast(problems.c.helpers, Text), cast(problems.c.helped, Text)
# Its firm was called, its plan is known, nobody else has anything to say: only its last clock runs.
_IN_GOOD_TIME = and_(
    problems.c.state == CONTACTED,
    problems.c.counts_from > bindparam("since", type_=UtcDateTime),
    problems.c.due_at > bindparam("until", type_=UtcDateTime),
    problems.c.wanted_until.is_(None),
    or_(problems.c.kind != COMPLEX, problems.c.planned_at.is_not(None)),
    _HELPERS == _NOBODY,
)
_TICKING = (
    select(*(problems.c[name] for name in _CLOCKS), _HELPERS, _HELPED)
    .where(_IS_OPEN, not_(_IN_GOOD_TIME))
    .order_by(problems.c.id)
)


def _ticking(row: Any) -> Problem:
    """Helpers are few: their lists are only read where there are any."""
    *values, helpers, helped = row
    known = dict(zip(_CLOCKS, values, strict=True))
    if helpers != _NOBODY:
        known |= {"helpers": tuple(json.loads(helpers)), "helped": tuple(json.loads(helped))}
    return Problem("", 0, "", "", "", "", **known)


def _problem(row: Any) -> Problem:
    values = row._asdict()
    return Problem(**(values | {name: tuple(values[name]) for name in _LISTS}))
