"""Questions without a sure answer, kept for the office until it teaches the bot or lets them rest.

`bot/dispatch.py` keeps them with the reply they got, `handlers/admin.py` shows and settles them. Texts are
compared as they were typed; what counts as the same question is decided by the caller.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from storage.engine import Connection
from storage.tables import questions

LATEST = 1000  # open questions looked at; older ones wait until these are settled
TAUGHT, IGNORED = "taught", "ignored"
_PICKED_WITHIN = timedelta(hours=1)  # a conversation is forgotten sooner, and with it what was offered


@dataclass(frozen=True, slots=True)
class KeptQuestion:
    """`outcome`: unknown (no answer), suggest (points were offered), picked (one of them was meant), wrong
    (the person said so of what was shown). `points` are those offered, picked or shown."""

    inbox_key: str
    person: str
    text: str
    outcome: str
    points: tuple[int, ...]
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    id: int
    person: str
    text: str
    outcome: str
    points: tuple[int, ...]
    asked_at: datetime


async def keep(conn: Connection, kept: Sequence[KeptQuestion]) -> None:
    """Writes the questions; a pick goes to the row of the offer it was made from, where that is open."""
    if rows := [_row(item) for item in kept if item.outcome != "picked"]:
        await conn.execute(insert(questions), rows)
    for item in kept:
        if item.outcome == "picked" and not await _picked(conn, item):
            await conn.execute(insert(questions), [_row(item)])


async def _picked(conn: Connection, item: KeptQuestion) -> bool:
    offer = (
        select(func.max(questions.c.id))
        .where(
            questions.c.asked_at >= item.asked_at - _PICKED_WITHIN,
            questions.c.person == item.person,
            questions.c.text == item.text,
            questions.c.outcome == "suggest",
            questions.c.settled_at.is_(None),
        )
        .scalar_subquery()
    )
    changed = await conn.execute(
        update(questions).where(questions.c.id == offer).values(outcome="picked", points=list(item.points))
    )
    return bool(changed.rowcount)


def _row(item: KeptQuestion) -> dict[str, Any]:
    return {
        "inbox_key": item.inbox_key,
        "person": item.person,
        "text": item.text,
        "outcome": item.outcome,
        "points": list(item.points),
        "asked_at": item.asked_at,
    }


async def unsettled(conn: Connection) -> list[OpenQuestion]:
    """The latest open questions, newest first."""
    rows = await conn.execute(
        select(questions)
        .where(questions.c.settled_at.is_(None))
        .order_by(questions.c.id.desc())
        .limit(LATEST)
    )
    return [_open(row) for row in rows]


async def texts(conn: Connection, ids: Sequence[int]) -> dict[int, str]:
    """What was asked, also where it has been settled since."""
    rows = await conn.execute(select(questions.c.id, questions.c.text).where(questions.c.id.in_(list(ids))))
    return {row.id: row.text for row in rows}


async def settle(
    conn: Connection, ids: Collection[int], *, how: str, by: str, now: datetime, phrase: str = ""
) -> int:
    """Takes these questions off the list; how many were still on it. `phrase` is the one that was taught."""
    if not ids:
        return 0
    changed = await conn.execute(
        update(questions)
        .where(questions.c.id.in_(sorted(ids)), questions.c.settled_at.is_(None))
        .values(settled_at=now, settled_by=by, how=how, phrase=phrase)
    )
    return int(changed.rowcount)


async def reopen(conn: Connection, phrase: str) -> int:
    """Puts back what was settled by teaching this phrase; how many that are."""
    changed = await conn.execute(
        update(questions)
        .where(questions.c.how == TAUGHT, questions.c.phrase == phrase)
        .values(settled_at=None, settled_by="", how="", phrase="")
    )
    return int(changed.rowcount)


def _open(row: Any) -> OpenQuestion:
    return OpenQuestion(row.id, row.person, row.text, row.outcome, tuple(row.points), row.asked_at)
