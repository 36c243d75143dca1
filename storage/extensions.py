"""What moves the day a prompt is due: 延期 a unit asked for, 退回补充 the office asked for, 暂停催办.

The newest granted row of a prompt gives its due day (`storage/rounds.py` reads it). Rows of one message are
one request and are decided together; its number is the smallest of their ids. Each act is audited.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from storage import audit
from storage.engine import Connection
from storage.tables import extensions

ASKED, RETURNED, PAUSED = "extension", "returned", "paused"
GRANTED, REFUSED, VOID = "granted", "refused", "void"
ASK, DECIDE, RETURN = "extension", "extension-decide", "return"


@dataclass(frozen=True, slots=True)
class Extension:
    """`decision` is empty while the office has not decided; what it returns itself is granted at once."""

    prompt_id: int
    kind: str
    point: int
    unit: str
    person: str
    message_key: str
    at: datetime
    until: datetime
    reason: str
    decision: str = ""
    decided_at: datetime | None = None
    decided_by: str = ""
    id: int = 0


async def ask(conn: Connection, rows: Sequence[Extension]) -> list[Extension]:
    """Writes them with one audit row; the same message about the same prompt raises IntegrityError."""
    written = []
    for row in rows:
        values = {name: getattr(row, name) for name in _COLUMNS}
        found = await conn.execute(insert(extensions).values(values).returning(extensions.c.id))
        written.append(replace(row, id=found.scalar_one()))
    first = written[0]
    action = RETURN if first.kind == RETURNED else ASK
    detail = {"until": first.until.isoformat(), "message": first.message_key, "reason": first.reason}
    await audit.note(conn, audit.Entry(first.at, first.person, action, _subject(written), detail))
    return written


async def put_off(conn: Connection, rows: Sequence[Extension]) -> None:
    """What falls due in a quiet period is put off; the period's own audit row tells of it."""
    if rows:
        await conn.execute(
            insert(extensions), [{name: getattr(row, name) for name in _COLUMNS} for row in rows]
        )


async def put_back(conn: Connection, prompt_ids: Iterable[int]) -> None:
    """What quiet periods put off is due on its own day again."""
    ids = sorted(set(prompt_ids))
    for at in range(0, len(ids), 500):
        await conn.execute(
            update(extensions)
            .where(extensions.c.prompt_id.in_(ids[at : at + 500]), extensions.c.kind == PAUSED)
            .values(decision=VOID)
        )


async def unsettled(conn: Connection) -> list[list[Extension]]:
    """Requests the office has not decided, oldest first."""
    rows = await conn.execute(
        select(extensions).where(extensions.c.decided_at.is_(None)).order_by(extensions.c.id)
    )
    groups: dict[str, list[Extension]] = {}
    for row in map(_extension, rows):
        groups.setdefault(row.message_key, []).append(row)
    return list(groups.values())


async def of_prompts(conn: Connection, prompt_ids: Iterable[int]) -> dict[int, list[Extension]]:
    """Everything asked or returned of these prompts, oldest first."""
    ids = sorted(set(prompt_ids))
    found: dict[int, list[Extension]] = {}
    for at in range(0, len(ids), 500):
        for row in map(_extension, await conn.execute(_OF_PROMPTS, {"ids": ids[at : at + 500]})):
            found.setdefault(row.prompt_id, []).append(row)
    return found


_OF_PROMPTS = (
    select(extensions)
    .where(extensions.c.prompt_id.in_(bindparam("ids", expanding=True)))
    .order_by(extensions.c.id)
)


async def decide(
    conn: Connection, rows: Sequence[Extension], decision: str, *, until: datetime, by: str, now: datetime
) -> bool:
    """Grants until `until`, or refuses; False when somebody decided before."""
    changed = await conn.execute(
        update(extensions)
        .where(extensions.c.id.in_([row.id for row in rows]), extensions.c.decided_at.is_(None))
        .values(decision=decision, until=until, decided_at=now, decided_by=by)
    )
    if not changed.rowcount:
        return False
    detail = {"extension": rows[0].id, "decision": decision, "until": until.isoformat()}
    await audit.note(conn, audit.Entry(now, by, DECIDE, _subject(rows), detail))
    return True


def _subject(rows: Sequence[Extension]) -> str:
    return f"{rows[0].unit} 要点{'、'.join(dict.fromkeys(str(row.point) for row in rows))}"


_COLUMNS = tuple(name for name in Extension.__dataclass_fields__ if name != "id")


def _extension(row: Any) -> Extension:
    return Extension(**{name: getattr(row, name) for name in (*_COLUMNS, "id")})
