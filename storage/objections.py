"""“不属本单位”: what units said is not theirs, until the office decides.

While an objection is open nobody is prompted for it. Both the objection and the decision are audited.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from storage import audit
from storage.engine import Connection
from storage.tables import objections

OBJECT, DECIDE = "object", "object-decide"
UPHELD, REJECTED = "upheld", "rejected"


@dataclass(frozen=True, slots=True)
class Objection:
    """`refers_to` is the unit named instead, if any; `decision` is empty while it is open. `items` are the
    things of the prompt it is about, as they are called there; none: all of it."""

    prompt_id: int
    point: int
    unit: str
    person: str
    message_key: str
    at: datetime
    text: str
    refers_to: str = ""
    decision: str = ""
    items: tuple[str, ...] = ()
    id: int = 0


async def raise_(conn: Connection, objection: Objection) -> None:
    """Writes it down; the same message about the same prompt raises IntegrityError."""
    await conn.execute(
        insert(objections).values(
            prompt_id=objection.prompt_id,
            point=objection.point,
            unit=objection.unit,
            person=objection.person,
            message_key=objection.message_key,
            at=objection.at,
            text=objection.text,
            refers_to=objection.refers_to,
            items=list(objection.items) or None,
            decision="",
            decided_at=None,
            decided_by="",
        )
    )
    await audit.note(
        conn,
        audit.Entry(
            objection.at,
            objection.person,
            OBJECT,
            f"{objection.unit} 要点{objection.point}",
            {"message": objection.message_key, "refers_to": objection.refers_to},
        ),
    )


async def unsettled(conn: Connection) -> list[Objection]:
    """Those the office has not decided, oldest first."""
    rows = await conn.execute(
        select(objections).where(objections.c.decided_at.is_(None)).order_by(objections.c.id)
    )
    return [_objection(row) for row in rows]


async def rejected(conn: Connection, since: datetime) -> dict[int, datetime]:
    """The prompts that stayed with their units in spite of an objection, and when that was decided."""
    rows = await conn.execute(
        select(objections.c.prompt_id, objections.c.decided_at)
        .where(objections.c.decision == REJECTED, objections.c.at >= since)
        .order_by(objections.c.id)
    )
    return {row.prompt_id: row.decided_at for row in rows}


async def decide(conn: Connection, objection: Objection, decision: str, *, by: str, now: datetime) -> bool:
    """False when somebody decided before."""
    changed = await conn.execute(
        update(objections)
        .where(objections.c.id == objection.id, objections.c.decided_at.is_(None))
        .values(decision=decision, decided_at=now, decided_by=by)
    )
    if not changed.rowcount:
        return False
    await audit.note(
        conn,
        audit.Entry(
            now,
            by,
            DECIDE,
            f"{objection.unit} 要点{objection.point}",
            {"objection": objection.id, "decision": decision},
        ),
    )
    return True


def _objection(row: Any) -> Objection:
    names = (
        "prompt_id", "point", "unit", "person", "message_key", "at", "text", "refers_to", "decision", "id",
    )  # fmt: skip
    return Objection(**{name: getattr(row, name) for name in names}, items=tuple(row.items or ()))
