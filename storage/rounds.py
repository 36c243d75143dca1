"""Rounds of reporting and the prompts they consist of: one per point and unit that owes something.

`supervision/rounds.py` decides what is owed and who is asked; the handlers mark what came back. Opening and
closing are audited in the same breath.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    ScalarSelect,
    Select,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from storage import audit
from storage.engine import Connection, in_list
from storage.tables import extensions, prompts, rounds

OPEN, CLOSE, RELEASE = "round-open", "round-close", "round-release"
OWED, PARTIAL, ANSWERED, OBJECTED, EXEMPT = "owed", "partial", "answered", "objected", "exempt"
WAITING = (OWED, PARTIAL)
_AT_ONCE = 2_000  # rows per statement


@dataclass(frozen=True, slots=True)
class Item:
    """One thing asked: a figure of the notice (`target` is its id, `unit` its measure), or words of it.
    `state` is objected or exempt where the unit says that this alone is not its own."""

    what: str
    unit: str = ""
    target: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Round:
    """`kind` is monthly, quarterly, weekly or once."""

    doc_number: str
    name: str
    kind: str
    opened_at: datetime
    opened_by: str
    due_at: datetime
    closed_at: datetime | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Prompt:
    """`basis` says why the unit is asked: confirmed, notice (its own words name it) or released."""

    round_id: int
    point: int
    unit: str
    basis: str
    items: tuple[Item, ...]
    bundle: str = ""  # key of the message that asks; empty: nobody is bound for the unit
    state: str = OWED
    answered_at: datetime | None = None
    answered_key: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt in its round. `moved_to` is the day the office granted or set in place of the round's own;
    `returned` is what it wants completed."""

    prompt: Prompt
    round: Round
    moved_to: datetime | None = None
    returned: str = ""

    @property
    def due_at(self) -> datetime:
        return self.moved_to or self.round.due_at

    @property
    def waits(self) -> bool:
        """Whether something is owed: in a round that is closed nothing is."""
        return self.prompt.state in WAITING and self.round.closed_at is None


async def named(conn: Connection, doc_number: str, name: str) -> Round | None:
    found = await conn.execute(select(rounds).where(rounds.c.doc_number == doc_number, rounds.c.name == name))
    row = found.one_or_none()
    return None if row is None else _round(row)


async def latest(conn: Connection, doc_number: str, *, limit: int = 20) -> list[Round]:
    """The newest rounds, newest first, open or closed."""
    rows = await conn.execute(
        select(rounds).where(rounds.c.doc_number == doc_number).order_by(rounds.c.id.desc()).limit(limit)
    )
    return [_round(row) for row in rows]


async def open(conn: Connection, round: Round) -> Round:
    """Begins a round. A name that is there already raises IntegrityError."""
    values = {
        "doc_number": round.doc_number,
        "name": round.name,
        "kind": round.kind,
        "opened_at": round.opened_at,
        "opened_by": round.opened_by,
        "due_at": round.due_at,
        "closed_at": None,
        "closed_by": "",
    }
    found = await conn.execute(insert(rounds).values(values).returning(rounds.c.id))
    await audit.note(
        conn,
        audit.Entry(round.opened_at, round.opened_by, OPEN, round.name, {"due": round.due_at.isoformat()}),
    )
    return replace(round, id=found.scalar_one())


async def close(conn: Connection, round: Round, *, by: str, now: datetime) -> bool:
    """Ends a round; False when somebody ended it before."""
    changed = await conn.execute(
        update(rounds)
        .where(rounds.c.id == round.id, rounds.c.closed_at.is_(None))
        .values(closed_at=now, closed_by=by)
    )
    if not changed.rowcount:
        return False
    await audit.note(conn, audit.Entry(now, by, CLOSE, round.name))
    return True


async def ask(conn: Connection, rows: Sequence[Prompt]) -> None:
    """Writes prompts; one that is there already raises IntegrityError."""
    values = [
        {
            "round_id": row.round_id,
            "point": row.point,
            "unit": row.unit,
            "basis": row.basis,
            "items": _items(row.items),
            "state": row.state,
            "bundle": row.bundle,
            "answered_at": None,
            "answered_key": "",
        }
        for row in rows
    ]
    for at in range(0, len(values), _AT_ONCE):
        await conn.execute(insert(prompts), values[at : at + _AT_ONCE])


async def of_round(conn: Connection, round_id: int) -> list[Prompt]:
    """Every prompt of a round, by point."""
    return (await of_rounds(conn, [round_id]))[round_id]


async def of_rounds(conn: Connection, round_ids: Sequence[int]) -> dict[int, list[Prompt]]:
    """The same of several rounds."""
    found: dict[int, list[Prompt]] = {round_id: [] for round_id in round_ids}
    rows = await conn.execute(
        select(prompts).where(prompts.c.round_id.in_(list(round_ids))).order_by(prompts.c.point, prompts.c.id)
    )
    for row in rows:
        found[row.round_id].append(_prompt(row))
    return found


async def of_units(conn: Connection, units: Sequence[str], *, since: datetime) -> list[Asked]:
    """What these units are or were asked, in rounds that are open or closed after `since`; newest round
    first, then by point."""
    if not units:
        return []
    rows = await conn.execute(_of_units(), {"units": in_list(units), "since": since})
    return _asked(rows)


@cache
def _of_units() -> Select[Any]:
    return (
        _with_round()
        .where(prompts.c.unit.in_(bindparam("units", expanding=True)))
        .where(or_(rounds.c.closed_at.is_(None), rounds.c.closed_at > bindparam("since")))
        .order_by(rounds.c.id.desc(), prompts.c.point, prompts.c.id)
    )


async def waiting(conn: Connection, doc_number: str) -> list[Asked]:
    """What open rounds still wait for, by round and point."""
    return _asked(await conn.execute(_waiting(), {"doc_number": doc_number}))


@cache
def _waiting() -> Select[Any]:
    return _in_open_rounds().where(prompts.c.state.in_(WAITING))


async def answered_since(conn: Connection, doc_number: str, since: datetime) -> list[Asked]:
    """What was answered in open rounds, wholly or in part, since then."""
    rows = await conn.execute(_answered_since(), {"doc_number": doc_number, "since": since})
    return _asked(rows)


@cache
def _answered_since() -> Select[Any]:
    answered = prompts.c.state.in_((PARTIAL, ANSWERED))
    return _in_open_rounds().where(answered, prompts.c.answered_at >= bindparam("since"))


def _in_open_rounds() -> Select[Any]:
    """By round and point."""
    return (
        _with_round()
        .where(rounds.c.doc_number == bindparam("doc_number"), rounds.c.closed_at.is_(None))
        .order_by(rounds.c.id, prompts.c.point, prompts.c.id)
    )


async def bundled(conn: Connection, keys: Sequence[str]) -> dict[str, list[Asked]]:
    """The prompts that each of these messages asks for, in the order of their numbers."""
    found: dict[str, list[Asked]] = {}
    for at in range(0, len(keys), _AT_ONCE):
        for asked in _asked(await conn.execute(_bundled(), {"keys": in_list(keys[at : at + _AT_ONCE])})):
            found.setdefault(asked.prompt.bundle, []).append(asked)
    return found


@cache
def _bundled() -> Select[Any]:
    return (
        _with_round()
        .where(prompts.c.bundle.in_(bindparam("keys", expanding=True)))
        .order_by(rounds.c.id, prompts.c.point, prompts.c.id)
    )


async def some(conn: Connection, prompt_ids: Iterable[int]) -> list[Asked]:
    """These prompts, each in its round, by their ids."""
    ids = sorted(set(prompt_ids))
    found: list[Asked] = []
    for at in range(0, len(ids), 500):
        found += _asked(await conn.execute(_some(), {"ids": ids[at : at + 500]}))
    return found


@cache
def _some() -> Select[Any]:
    return _with_round().where(prompts.c.id.in_(bindparam("ids", expanding=True))).order_by(prompts.c.id)


async def open_still(conn: Connection, prompt_ids: Iterable[int], now: datetime) -> frozenset[int]:
    """Those of these prompts that are waited for: the round is not closed, and no more time was granted, or
    it is over, or something is to be completed."""
    ids = sorted(set(prompt_ids))
    found: set[int] = set()
    for at in range(0, len(ids), 500):
        rows = await conn.execute(_open_still(), {"ids": ids[at : at + 500]})
        found |= {row.id for row in rows if row.returned or row.moved_to is None or row.moved_to <= now}
    return frozenset(found)


@cache
def _open_still() -> Select[Any]:
    return (
        select(prompts.c.id, *_put_off())
        .join(rounds, rounds.c.id == prompts.c.round_id)
        .where(prompts.c.id.in_(bindparam("ids", expanding=True)))
        .where(prompts.c.state.in_(WAITING), rounds.c.closed_at.is_(None))
    )


async def mark(conn: Connection, prompt_id: int, state: str, *, now: datetime, key: str) -> None:
    """What became of a prompt, and the message that did it."""
    await mark_all(conn, [prompt_id], state, now=now, key=key)


async def mark_all(
    conn: Connection, prompt_ids: Sequence[int], state: str, *, now: datetime, key: str
) -> None:
    """The same of several at once."""
    await conn.execute(
        update(prompts)
        .where(prompts.c.id.in_(list(prompt_ids)))
        .values(state=state, answered_at=now if state != OWED else None, answered_key=key)
    )


async def set_items(conn: Connection, prompt_id: int, items: Sequence[Item]) -> None:
    """The same things as before, with what became of each."""
    await conn.execute(update(prompts).where(prompts.c.id == prompt_id).values(items=_items(items)))


async def hand_over(conn: Connection, prompt_ids: Sequence[int], bundle: str) -> None:
    """These prompts are asked by another message from now on."""
    await conn.execute(update(prompts).where(prompts.c.id.in_(list(prompt_ids))).values(bundle=bundle))


async def rebundle(conn: Connection, old: Sequence[str], bundle: str) -> None:
    """What these messages asked is asked by another from now on."""
    await conn.execute(update(prompts).where(prompts.c.bundle.in_(in_list(old))).values(bundle=bundle))


async def counts(conn: Connection, round_id: int) -> dict[str, int]:
    """How many prompts of a round are in each state."""
    rows = await conn.execute(
        select(prompts.c.state, func.count().label("many"))
        .where(prompts.c.round_id == round_id)
        .group_by(prompts.c.state)
    )
    return {row.state: row.many for row in rows}


# Statements of this size are put together once: that takes longer than running them.


@cache
def _with_round() -> Select[Any]:
    columns = [column.label(f"of_{column.name}") for column in rounds.c]
    return select(prompts, *columns, *_put_off()).join(rounds, rounds.c.id == prompts.c.round_id)


def _put_off() -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    moved, wanted = extensions.alias("moved"), extensions.alias("wanted")
    until, returned = _newest(moved, moved.c.until), _newest(wanted, wanted.c.reason, kind="returned")
    return until.label("moved_to"), returned.label("returned")


def _newest(of: FromClause, column: ColumnElement[Any], *, kind: str = "") -> ScalarSelect[Any]:
    """What the newest granted extension of a prompt says."""
    query = select(column).where(of.c.prompt_id == prompts.c.id, of.c.decision == "granted")
    if kind:
        query = query.where(of.c.kind == kind)
    return query.order_by(of.c.id.desc()).limit(1).scalar_subquery()


def _items(items: Sequence[Item]) -> list[dict[str, str]]:
    rows = [{"what": item.what, "unit": item.unit, "target": item.target} for item in items]
    return [
        row | ({"state": item.state} if item.state else {}) for row, item in zip(rows, items, strict=True)
    ]


def _prompt(row: Any) -> Prompt:
    return Prompt(
        row.round_id,
        row.point,
        row.unit,
        row.basis,
        tuple(
            [Item(item["what"], item["unit"], item["target"], item.get("state", "")) for item in row.items]
        ),
        row.bundle,
        row.state,
        row.answered_at,
        row.answered_key,
        row.id,
    )


def _round(row: Any, prefix: str = "") -> Round:
    values: Mapping[str, Any] = row._mapping
    names = ("doc_number", "name", "kind", "opened_at", "opened_by", "due_at", "closed_at", "id")
    return Round(**{name: values[prefix + name] for name in names})


def _asked(rows: Iterable[Any]) -> list[Asked]:
    """Many prompts are of one round: it is made once."""
    known: dict[int, Round] = {}
    found = []
    for row in rows:
        of = known.get(row.round_id) or known.setdefault(row.round_id, _round(row, "of_"))
        found.append(Asked(_prompt(row), of, row.moved_to, row.returned or ""))
    return found
