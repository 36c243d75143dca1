"""What came in: one row per message, the answer it got, and the memory that answer left behind.

`bot/dispatch.py` writes a whole group of messages in one transaction, so every function takes many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import in_list, together
from storage.masking import masked
from storage.message import Message
from storage.tables import conversations, inbox, outbox


@dataclass(frozen=True, slots=True)
class Known:
    """A message that was handled before: what a retry is answered with."""

    inline: Mapping[str, Any] | None  # the payload that travels inline; None when it is or was pushed


@dataclass(frozen=True, slots=True)
class Handled:
    """A message and what became of it, ready to be written."""

    message: Message
    state: str  # done | failed
    outcome: str
    error_ref: str
    ms: float


async def known(conn: AsyncConnection, keys: Sequence[str]) -> dict[str, Known]:
    """Those of `keys` that were handled before."""
    met = (await conn.execute(select(inbox.c.key).where(inbox.c.key.in_(in_list(keys))))).scalars().all()
    if not met:
        return {}
    rows = await conn.execute(
        select(outbox.c.key, outbox.c.payload, outbox.c.state, outbox.c.via).where(
            outbox.c.key.in_(in_list([f"re:{key}" for key in met]))
        )
    )
    inline = {
        row.key.removeprefix("re:"): row.payload
        for row in rows
        if row.state == "inline" or row.via == "inline"
    }
    return {key: Known(inline.get(key)) for key in met}


async def add(conn: AsyncConnection, handled: Sequence[Handled]) -> None:
    """Writes the rows; a key that is there already raises IntegrityError and undoes the group."""
    await conn.execute(together(conn, insert(inbox), inbox.c.id), [_row(item) for item in handled])


def _row(item: Handled) -> dict[str, Any]:
    said = item.message
    return {
        "key": said.key,
        "channel": said.channel,
        "agent": said.agent,
        "person": said.person,
        "chat": said.chat,
        "kind": said.kind,
        "event": said.event,
        "text": masked(said.text),
        "received_at": said.received_at,
        "state": item.state,
        "outcome": item.outcome,
        "error_ref": item.error_ref,
        "ms": item.ms,
    }


async def spoke(conn: AsyncConnection, outcomes: Sequence[str], since: datetime) -> frozenset[str]:
    """Who said something since then that these routes took; userids in lower case."""
    rows = await conn.execute(
        select(inbox.c.person)
        .where(inbox.c.received_at >= since, inbox.c.outcome.in_(in_list(outcomes)))
        .distinct()
    )
    return frozenset(row.person.lower() for row in rows)


async def memories(conn: AsyncConnection, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What each of these conversations was about."""
    rows = await conn.execute(
        select(conversations.c.key, conversations.c.memory).where(conversations.c.key.in_(in_list(keys)))
    )
    return {row.key: row.memory for row in rows}


async def remember(conn: AsyncConnection, changed: Mapping[str, Mapping[str, Any]], now: datetime) -> None:
    """Replaces the memory of each conversation."""
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(conversations)
    upsert = statement.on_conflict_do_update(
        index_elements=[conversations.c.key],
        set_={"memory": statement.excluded.memory, "updated_at": statement.excluded.updated_at},
    )
    await conn.execute(
        together(conn, upsert, conversations.c.key),
        # One order for everybody: two replicas updating the same rows must not wait for each other in a ring.
        [{"key": key, "memory": memory, "updated_at": now} for key, memory in sorted(changed.items())],
    )
