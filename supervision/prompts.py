"""What becomes of the prompts that a report answers: told, told in part, or still owed.

Pure. What several rounds ask is answered in all of them; a task is told with the first word of its round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from knowledge.reading import Record
from storage import rounds
from storage.reports import Report
from storage.rounds import Asked
from supervision.desk import Desk
from supervision.standing import Standing


@dataclass(frozen=True, slots=True)
class Mark:
    """What becomes of a prompt."""

    asked: Asked
    state: str


def marks(version: Report, record: Record, before: Standing, desk: Desk) -> Iterator[Mark]:
    for one in desk.serves(version.point, version.unit):
        if one.prompt.state == rounds.EXEMPT:
            continue
        version_here = replace(version, round_id=one.round.id)
        left = () if closes(record) else missing(one, (*before.versions, version_here))
        yield Mark(one, rounds.PARTIAL if left else rounds.ANSWERED)


def missing(one: Asked, versions: Iterable[Report]) -> tuple[int, ...]:
    """The places of a prompt's figures that nothing of this round tells yet; its tasks count as told with
    the first word of the round, and in a weekly round that asks for a word so does everything. What its unit
    refuses is not missed."""
    prompt = one.prompt
    here = [
        row for row in versions if serves(row, one) and (row.point, row.unit) == (prompt.point, prompt.unit)
    ]
    if here and one.round.kind == "weekly":
        return ()
    known = {figure.target for row in here for figure in row.figures}
    return tuple(
        at
        for at, item in enumerate(prompt.items)
        if not item.state and ((item.target and item.target not in known) or (not item.target and not here))
    )


def state_of(one: Asked, versions: Iterable[Report]) -> str:
    """Owed, told in part or answered, by what stands; refused where each of its things is."""
    states = [item.state for item in one.prompt.items]
    if states and all(states):
        return rounds.OBJECTED if rounds.OBJECTED in states else rounds.EXEMPT
    told = [row for row in versions if serves(row, one)]
    if not told:
        return rounds.OWED
    done = any(closes(row) for row in told) or not missing(one, told)
    return rounds.ANSWERED if done else rounds.PARTIAL


def serves(row: Report, one: Asked) -> bool:
    """Whether a version was told since the round opened: it is filed under the newest round that asked then,
    and answers the older ones as well."""
    return row.round_id is not None and row.round_id >= one.round.id


def closes(record: Record | Report) -> bool:
    """Whether it answers for every figure at once."""
    return record.nothing_new or record.elsewhere or (record.status == "done" and record.percent == 100)
