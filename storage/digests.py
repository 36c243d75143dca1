"""What was told to whom in a digest: the next one tells only what changed, and each number has its source.

`scheduler/digests.py` writes a row with the message itself; a second one of the same day and person collides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select

from storage.engine import Connection
from storage.outbox import WAITING
from storage.tables import digests, outbox

DAILY: Final = "daily"
WEEKLY: Final = "weekly"
WORK: Final = "work"


@dataclass(frozen=True, slots=True)
class Digest:
    """`text` is empty on a day without news for who wants none; `told` is the state it was composed of."""

    person: str
    kind: str  # daily | weekly | work
    day: date
    text: str
    told: Mapping[str, Any]
    at: datetime


async def keep(conn: Connection, digest: Digest) -> None:
    """Raises IntegrityError when this person had one of this kind on this day."""
    await conn.execute(
        insert(digests).values(
            person=digest.person,
            kind=digest.kind,
            day=digest.day,
            text=digest.text,
            told=dict(digest.told),
            at=digest.at,
        )
    )


async def forget(conn: Connection, person: str, days: Iterable[date]) -> None:
    """These digests never reached him: the next one is compared with the one before them."""
    await conn.execute(delete(digests).where(digests.c.person == person, digests.c.day.in_(list(days))))


_GIVEN = select(digests.c.person).where(
    digests.c.kind == bindparam("kind"), digests.c.day == bindparam("day")
)  # put together once: it is asked every ten minutes


async def given(conn: Connection, kind: str, day: date) -> frozenset[str]:
    """Who had his digest of this kind on this day."""
    return frozenset((await conn.execute(_GIVEN, {"kind": kind, "day": day})).scalars())


async def latest(
    conn: Connection, person: str, *, before: date | None = None, kinds: tuple[str, ...] = (DAILY, WEEKLY)
) -> Digest | None:
    """The newest digest a person read, of days before this one where one is given."""
    given = {"person": person, "kinds": list(kinds), "before": before or date.max}
    row = (await conn.execute(_LATEST, given)).one_or_none()
    return None if row is None else Digest(row.person, row.kind, row.day, row.text, row.told, row.at)


_LATEST = (
    select(digests)
    .where(digests.c.person == bindparam("person"), digests.c.kind.in_(bindparam("kinds", expanding=True)))
    .where(digests.c.day < bindparam("before"), digests.c.text != "")
    .order_by(digests.c.day.desc(), digests.c.id.desc())
    .limit(1)
)


async def files_waiting(conn: Connection) -> frozenset[str]:
    """The files that are still to follow a message: a digest's picture and table, a draft for the office."""
    rows = await conn.execute(
        select(outbox.c.payload).where(outbox.c.state.in_((*WAITING, "parked")), outbox.c.after != "")
    )
    return frozenset(row.payload["path"] for row in rows if "path" in row.payload)
