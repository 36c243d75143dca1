"""What is written for a leader or for many, and waits until a person of the office lets it out.

The clock's jobs write drafts, `supervision/drafting.py` releases, changes and drops them; each act is
audited. The same occasion is drafted once: its key says which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, insert, select, update

from storage import audit
from storage.engine import Connection
from storage.tables import drafts

DRAFT, HELD, RELEASED, DROPPED = "draft", "held", "released", "dropped"
OPEN = (DRAFT, HELD)
LEVEL_ONE, LEVEL_TWO, LEVEL_THREE, LEVEL_FOUR = (f"escalation-{level}" for level in (1, 2, 3, 4))


@dataclass(frozen=True, slots=True)
class Draft:
    """`target` is the userid it would go to, empty for the office itself; `detail` the facts behind it."""

    kind: str
    key: str
    title: str
    body: str
    target: str
    detail: Mapping[str, Any]
    created_at: datetime
    state: str = DRAFT
    decided_at: datetime | None = None
    decided_by: str = ""
    reason: str = ""
    id: int = 0

    @property
    def prompts(self) -> frozenset[int]:
        """The prompts it speaks of."""
        return frozenset(self.detail.get("prompts", ()))


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a draft, who says so and why. `action` names it in the audit."""

    action: str
    state: str
    by: str
    at: datetime
    reason: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)  # of columns, where it was changed


async def write(conn: Connection, draft: Draft) -> Draft:
    """A key that is there already raises IntegrityError: look with `of_kind` first."""
    found = await conn.execute(insert(drafts).values(_row(draft)).returning(drafts.c.id))
    return replace(draft, id=found.scalar_one())


async def write_all(conn: Connection, rows: Sequence[Draft]) -> None:
    """The same for many at once."""
    if rows:
        await conn.execute(insert(drafts), [_row(draft) for draft in rows])


def _row(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in _COLUMNS} | {"detail": dict(draft.detail)}


async def one(conn: Connection, number: int) -> Draft | None:
    row = (await conn.execute(_all().where(drafts.c.id == number))).one_or_none()
    return None if row is None else _draft(row)


async def some(conn: Connection, numbers: Sequence[int]) -> list[Draft]:
    if not numbers:
        return []
    rows = await conn.execute(_all().where(drafts.c.id.in_(list(numbers))))
    return list(map(_draft, rows))


async def open(conn: Connection) -> list[Draft]:
    """Those nobody has decided, oldest first; held ones too."""
    return list(map(_draft, await conn.execute(_all().where(drafts.c.state.in_(OPEN)))))


async def of_kind(conn: Connection, prefix: str, since: datetime) -> list[Draft]:
    """Every draft whose kind begins so, written after `since`, whatever became of it."""
    rows = await conn.execute(
        _all().where(drafts.c.kind.startswith(prefix, autoescape=True), drafts.c.created_at >= since)
    )
    return list(map(_draft, rows))


async def keys_of(conn: Connection, prefix: str) -> set[str]:
    """The keys of every draft whose kind begins so, whatever became of it."""
    query = select(drafts.c.key).where(drafts.c.kind.startswith(prefix, autoescape=True))
    return set((await conn.execute(query)).scalars())


async def rewrite(conn: Connection, draft: Draft) -> None:
    """Stores what it says of fewer things than before; nobody decided anything."""
    await conn.execute(
        update(drafts)
        .where(drafts.c.id == draft.id)
        .values(title=draft.title, body=draft.body, detail=dict(draft.detail))
    )


async def decide(conn: Connection, draft: Draft, decision: Decision) -> bool:
    """False when somebody decided before."""
    changed = await conn.execute(
        update(drafts)
        .where(drafts.c.id == draft.id, drafts.c.state == draft.state)
        .values(
            state=decision.state,
            reason=decision.reason,
            decided_at=decision.at,
            decided_by=decision.by,
            **decision.values,
        )
    )
    if not changed.rowcount:
        return False
    detail = {"draft": draft.id, "reason": decision.reason}
    if "body" in decision.values:
        detail["before"] = draft.body
    entry = audit.Entry(decision.at, decision.by, f"draft-{decision.action}", draft.title, detail)
    await audit.note(conn, entry)
    return True


_COLUMNS = tuple(name for name in Draft.__dataclass_fields__ if name != "id")


@cache
def _all() -> Select[Any]:
    """Oldest first; the columns in the order of the fields of `Draft`."""
    return select(*(drafts.c[name] for name in (*_COLUMNS, "id"))).order_by(drafts.c.id)


def _draft(row: Any) -> Draft:
    return Draft(*row)
