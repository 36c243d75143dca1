"""Every step taken with a problem, in the words of who took it: its story, told to whom it concerns.

`storage/problems.py` writes a step with each change; what the office decides is audited in the same breath.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select

from storage import audit
from storage.engine import Connection
from storage.tables import problem_steps

RECORD: Final = "record"
DETAIL: Final = "detail"  # firm, contact or more words were added
ASSIGN: Final = "assign"
SORT: Final = "sort"  # the office changed kind or urgency
REFUSE: Final = "refuse"
ACCEPT: Final = "accept"
OBJECT: Final = "object"
KEEP: Final = "keep"  # the office: it stays with the unit in spite of the objection
CONTACT: Final = "contact"
PLAN: Final = "plan"
HELP: Final = "help"  # a helper's opinion
NOTE: Final = "note"
EXTEND: Final = "extend"
GRANT: Final = "grant"
DENY: Final = "deny"
ANSWER: Final = "answer"
TOLD: Final = "told"  # the firm has the answer
RATE: Final = "rate"
REDO: Final = "redo"
SETTLE: Final = "settle"  # the office says how it ends after a second unsatisfied rating
VISIT: Final = "visit"
AGAIN: Final = "again"  # taken up anew after it was closed
OVERDUE: Final = "overdue"

DECISIONS: Final = frozenset({ASSIGN, SORT, REFUSE, KEEP, GRANT, DENY, SETTLE, AGAIN})


@dataclass(frozen=True, slots=True)
class Step:
    """`words` as said; no telephone number ever stands in them. `unit` is whom the person spoke for."""

    problem_id: int
    at: datetime
    person: str
    act: str
    words: str = ""
    unit: str = ""
    id: int = 0


async def add(conn: Connection, subject: str, *steps: Step) -> None:
    """`subject` names the problem in the audit."""
    if not steps:
        return
    await conn.execute(
        insert(problem_steps), [{name: getattr(step, name) for name in _COLUMNS} for step in steps]
    )
    decided = [step for step in steps if step.act in DECISIONS]
    if decided:
        await audit.note(conn, *(_entry(step, subject) for step in decided))


def _entry(step: Step, subject: str) -> audit.Entry:
    return audit.Entry(step.at, step.person, f"problem-{step.act}", subject, {"words": step.words})


async def of(conn: Connection, problem_id: int) -> list[Step]:
    """The story of one problem, from its beginning."""
    query = select(problem_steps).where(problem_steps.c.problem_id == problem_id)
    return [_step(row) for row in await conn.execute(query.order_by(problem_steps.c.id))]


async def acts(conn: Connection, problem_ids: Iterable[int], act: str) -> dict[int, list[Step]]:
    """The steps of this kind, by problem."""
    ids = sorted(set(problem_ids))
    found: dict[int, list[Step]] = {}
    for at in range(0, len(ids), 500):
        query = select(problem_steps).where(
            problem_steps.c.problem_id.in_(ids[at : at + 500]), problem_steps.c.act == act
        )
        for row in await conn.execute(query.order_by(problem_steps.c.id)):
            found.setdefault(row.problem_id, []).append(_step(row))
    return found


_COLUMNS = tuple(name for name in Step.__dataclass_fields__ if name != "id")


def _step(row: Any) -> Step:
    return Step(**{name: getattr(row, name) for name in (*_COLUMNS, "id")})
