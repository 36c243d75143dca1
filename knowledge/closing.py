"""Puts together what passages say: closing words cover all of them, and one point has one record.

`knowledge/message.py` calls it with the drafts it made of the passages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from knowledge.mood import Mood
from knowledge.page import Clause
from knowledge.passages import Passage
from knowledge.reading import Doubt, Record
from knowledge.wording import wording


@dataclass(slots=True)
class Draft:
    """What a passage says, before closing words that cover all passages are laid over it."""

    passage: Passage
    record: Record
    mood: Mood
    shares: tuple[float, ...] = ()  # the percentages said of the whole
    doubts: list[Doubt] = field(default_factory=list)


def closing(passage: Passage) -> tuple[Clause, ...]:
    """The last sentences of a passage that speak for all passages before."""
    table = wording()
    for at, clause in enumerate(passage.clauses):
        new_sentence = at > 0 and clause.sentence != passage.clauses[at - 1].sentence
        last_of_all = at > 0 and at == len(passage.clauses) - 1 and table.has("for_all", clause.words)
        if last_of_all or (new_sentence and table.has("closing", clause.words)):
            return passage.clauses[at:]
    return ()


def under(draft: Draft, tail: Draft) -> Draft:
    """A draft with what the closing words say, where it says nothing itself."""
    record, last = draft.record, tail.record
    status = record.status
    if last.status and not draft.mood.finished and not draft.mood.mixed:
        status = record.status or last.status
    if draft.mood.finished:
        return draft
    draft.record = replace(
        record,
        status=status,
        percent=record.percent if record.percent is not None else last.percent,
        difficulty=record.difficulty or last.difficulty,
        help_needed=record.help_needed or last.help_needed,
        next_step=record.next_step or last.next_step,
        due=record.due or last.due,
        step_due=record.step_due or last.step_due,
        step=record.step or last.step,
    )
    return draft


def unique(records: Sequence[Record]) -> list[Record]:
    """One record per point: what was said twice about it is laid together."""
    made: dict[int | None, Record] = {}
    for record in records:
        known = made.get(record.point)
        made[record.point] = record if known is None else _laid(known, record)
    return list(made.values())


def _laid(known: Record, more: Record) -> Record:
    return replace(
        known,
        percent=known.percent if known.percent is not None else more.percent,
        status=known.status or more.status,
        quantities=(*known.quantities, *more.quantities),
        difficulty=known.difficulty or more.difficulty,
        help_needed=known.help_needed or more.help_needed,
        next_step=known.next_step or more.next_step,
        due=known.due or more.due,
        step_due=known.step_due or more.step_due,
        step=known.step or more.step,
    )
