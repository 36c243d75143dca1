"""Who is bound to which unit and in which role, now and before.

`bqw people` and the admins' words in chat bind and unbind; everybody who must know who speaks, or whom to
ask, reads. A binding is never overwritten: it ends and another begins, each with its audit row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, insert, or_, select, text, update

from storage import audit
from storage.audit import Entry
from storage.engine import Connection, in_list
from storage.person import ROLE_NAMES as ROLE_NAMES
from storage.person import Person as Person
from storage.person import PersonRow as PersonRow
from storage.person import Role as Role
from storage.tables import people, subscriptions

_FEW = 512  # keys in one IN
_ACTIVE = people.c.unbound_at.is_(None)


@dataclass(frozen=True, slots=True)
class Change:
    """A binding that begins, and the one that ended for it: an older state of itself or another liaison."""

    begun: PersonRow
    ended: Person | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """What `bind` did: `changes` in the order of the rows, and the bindings that stood already."""

    changes: tuple[Change, ...]
    unchanged: tuple[Person, ...]

    @property
    def new(self) -> list[Change]:
        return [change for change in self.changes if change.ended is None]

    @property
    def replaced(self) -> list[Change]:
        """Another person took the place."""
        return [
            change for change in self.changes if change.ended and change.ended.userid != change.begun.userid
        ]

    @property
    def updated(self) -> list[Change]:
        """The same person with another name, post or number."""
        return [
            change for change in self.changes if change.ended and change.ended.userid == change.begun.userid
        ]


# --- looking --------------------------------------------------------------------------------------


async def bindings(conn: Connection, userids: Iterable[str]) -> dict[str, tuple[Person, ...]]:
    """The active bindings of these people, by lower-cased userid; who has none is not in it."""
    found: dict[str, tuple[Person, ...]] = {}
    for person in await _active(conn, "userid", {userid.lower() for userid in userids}):
        found[person.userid] = (*found.get(person.userid, ()), person)
    return found


async def liaison_of(conn: Connection, units: Iterable[str]) -> dict[str, Person]:
    """The liaison of each of these units that has one."""
    rows = await _active(conn, "unit", set(units), "liaison")
    return {person.unit: person for person in rows}


async def leaders_of(conn: Connection, units: Iterable[str]) -> dict[str, Person]:
    """Of each of these units that has one the leader in charge; of several who was bound first."""
    rows = await _active(conn, "unit", set(units) - {""}, "leader")
    return {person.unit: person for person in reversed(rows)}


async def everybody(conn: Connection) -> tuple[Person, ...]:
    """Every active binding, in the order they began."""
    rows = await conn.execute(select(people).where(_ACTIVE).order_by(people.c.id))
    return tuple(map(_person, rows))


async def admins(conn: Connection) -> frozenset[str]:
    """The userids the office has bound as its admins, besides those of the settings."""
    query = select(people.c.userid).where(_ACTIVE, people.c.role == "admin")
    return frozenset((await conn.execute(query)).scalars())


async def digest_readers(conn: Connection) -> tuple[Person, ...]:
    """The bindings, in the order they began, of those who may get digests: of who leads the whole, and as
    leader or of the office of who ever said how he wants them. Heads of units are many and seldom do."""
    return tuple(map(_person, await conn.execute(_DIGEST_READERS)))


_DIGEST_READERS = (
    select(people)
    .where(_ACTIVE, people.c.role.in_(("leader", "admin")))
    .where(
        or_(
            (people.c.role == "leader") & (people.c.unit == ""),
            people.c.userid.in_(select(subscriptions.c.person)),
        )
    )
    .order_by(people.c.id)
)


async def names(conn: Connection, userids: Iterable[str]) -> dict[str, str]:
    """What these people were last called, also those who have left: history keeps its reporters."""
    wanted = {userid.lower() for userid in userids}
    query = select(people.c.userid, people.c.name).order_by(people.c.id)
    if len(wanted) <= _FEW:
        query = query.where(people.c.userid.in_(in_list(sorted(wanted))))
    return {row.userid: row.name for row in await conn.execute(query) if row.userid in wanted}


async def served(conn: Connection, userid: str) -> tuple[str, ...]:
    """The units this person was the liaison of and is no more, the latest first."""
    rows = await conn.execute(
        select(people.c.unit)
        .where(people.c.userid == userid.lower(), people.c.role == "liaison")
        .where(people.c.unbound_at.is_not(None))
        .order_by(people.c.id.desc())
    )
    return tuple(dict.fromkeys(row.unit for row in rows))


async def _active(conn: Connection, column: str, keys: set[str], role: str = "") -> list[Person]:
    """Few are looked up; for many the whole roster is read: a long IN took PostgreSQL seconds."""
    few = {"keys": in_list(sorted(keys))} if len(keys) <= _FEW else {}
    found = await conn.execute(_roster(column, role, few=bool(few)), few)
    rows = [row for row in found if getattr(row, column) in keys]
    return [_person(row) for row in sorted(rows, key=lambda row: int(row.id))]


@cache
def _roster(column: str, role: str, *, few: bool) -> Select[Any]:
    """Put together once: it is asked with every message."""
    query = select(people).where(_ACTIVE)
    if role:
        query = query.where(people.c.role == role)
    return query.where(people.c[column].in_(bindparam("keys", expanding=True))) if few else query


def _person(row: Any) -> Person:
    return Person(
        userid=row.userid,
        name=row.name,
        role=row.role,
        unit=row.unit,
        post=row.post,
        mobile=row.mobile,
        id=row.id,
        bound_at=row.bound_at,
        bound_by=row.bound_by,
        unbound_at=row.unbound_at,
        unbound_by=row.unbound_by,
    )


# --- changing -------------------------------------------------------------------------------------


async def bind(conn: Connection, rows: Iterable[PersonRow], *, by: str, now: datetime) -> Bound:
    """Makes these roles hold; of two rows for one place the later counts.

    A role that holds already is left alone. A new liaison of a unit ends the binding of the one before.
    """
    await _one_at_a_time(conn)
    wanted = {row.place: row for row in map(_lowered, rows)}
    compared = await compare(conn, wanted.values())
    await _end(conn, [change.ended for change in compared.changes if change.ended], by, now)
    await _begin(conn, [change.begun for change in compared.changes], by, now)
    if compared.changes:
        await audit.note(conn, *(_bound_entry(change, by, now) for change in compared.changes))
    return compared


async def compare(conn: Connection, rows: Iterable[PersonRow]) -> Bound:
    """What `bind` would do; changes nothing."""
    wanted = [_lowered(row) for row in rows]
    standing = {person.place: person for person in await _standing(conn, wanted)}
    pairs = [(row, standing.get(row.place)) for row in wanted]
    return Bound(
        changes=tuple(Change(row, old) for row, old in pairs if old is None or old.row != row),
        unchanged=tuple(old for row, old in pairs if old is not None and old.row == row),
    )


async def unbind(
    conn: Connection, userid: str, *, by: str, now: datetime, unit: str | None = None
) -> list[Person]:
    """Ends the bindings of a person, or those in one unit; the ones that were ended."""
    await _one_at_a_time(conn)
    held = (await bindings(conn, [userid])).get(userid.lower(), ())
    leaving = [person for person in held if unit is None or person.unit == unit]
    await _end(conn, leaving, by, now)
    if leaving:
        await audit.note(conn, *(_unbound_entry(person, by, now) for person in leaving))
    return [replace(person, unbound_at=now, unbound_by=by) for person in leaving]


async def _one_at_a_time(conn: Connection) -> None:
    """Two admins binding a unit's first liaison at once would both find none. Readers do not wait."""
    if conn.dialect.name == "postgresql":
        await conn.execute(text("LOCK TABLE people IN SHARE ROW EXCLUSIVE MODE"))


def _lowered(row: PersonRow) -> PersonRow:
    return replace(row, userid=row.userid.lower())


async def _standing(conn: Connection, wanted: Sequence[PersonRow]) -> list[Person]:
    """Whatever holds one of the wanted places now."""
    userids = {row.userid for row in wanted if row.role != "liaison"}
    units = {row.unit for row in wanted if row.role == "liaison"}
    others = [person for person in await _active(conn, "userid", userids) if person.role != "liaison"]
    return [*others, *(await liaison_of(conn, units)).values()]


async def _end(conn: Connection, leaving: Sequence[Person], by: str, now: datetime) -> None:
    ended = [person.id for person in leaving]
    for ids in (ended[at : at + _FEW] for at in range(0, len(ended), _FEW)):
        await conn.execute(update(people).where(people.c.id.in_(ids)).values(unbound_at=now, unbound_by=by))


async def _begin(conn: Connection, rows: Sequence[PersonRow], by: str, now: datetime) -> None:
    values = [
        {
            "userid": row.userid,
            "name": row.name,
            "role": row.role,
            "unit": row.unit,
            "post": row.post,
            "mobile": row.mobile,
            "bound_at": now,
            "bound_by": by,
            "unbound_at": None,
            "unbound_by": "",
        }
        for row in rows
    ]
    if values:
        await conn.execute(insert(people), values)  # psycopg pipelines them: 1 s for 26,500, joined 4 s


def _bound_entry(change: Change, by: str, now: datetime) -> Entry:
    """Who, and instead of whom; numbers of telephones stay out of the audit."""
    ended = change.ended
    return Entry(now, by, "bind", _who(change.begun), {**_place(change.begun), "instead": _who(ended)})


def _unbound_entry(person: Person, by: str, now: datetime) -> Entry:
    return Entry(now, by, "unbind", _who(person), _place(person))


def _place(row: PersonRow) -> dict[str, str]:
    return {"userid": row.userid, "role": row.role, "unit": row.unit}


def _who(row: PersonRow | None) -> str:
    return f"{row.title} {row.name}（{row.userid}）" if row else ""
