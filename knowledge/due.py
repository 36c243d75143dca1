"""By when a passage says it will be done: the day of completion, else the next step's day.

Days that have passed, days of events, days others are asked to keep and promises to report are no deadline.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from knowledge.dates import When
from knowledge.page import Clause
from knowledge.remarks import Remarks
from knowledge.wording import wording


def due(clauses: Sequence[Clause], said: Remarks, days: Iterable[When], on: date) -> date | None:
    """The deadline named in these clauses, if any; what others are asked to keep is none."""
    clauses = [c for c in clauses if c in said.left or said.within("next", c)]
    finishing: list[date] = []
    others: list[date] = []
    for when in days:
        clause = next((c for c in clauses if c.start <= when.start < c.end), None)
        if clause is None or when.day is None or not _binding(when, clause, on):
            continue
        finishes = wording().has("finishes", clause.words)
        (finishing if finishes else others).append(when.day)
    return max(finishing) if finishing else min(others, default=None)


def _binding(when: When, clause: Clause, on: date) -> bool:
    table = wording()
    words = clause.words
    at = when.start - clause.start
    lead, after = words[:at], words[at + len(when.words) :]
    if when.day is None or when.day < on or table.has("as_of", lead[-5:]):
        return False
    if table.has("event", words) and not when.before:
        return False
    ahead = (when.day.year, when.day.month) > (on.year, on.month)
    if when.loose and not (ahead or table.has("expected", words)):
        return False
    if table.has("will_report", after) or table.has("span_of_months", lead[-2:]):
        return False
    if when.words.endswith("内") and "年" in when.words and not table.has("finishes", words):
        return False
    return when.before or table.has("by_then", words) or when.words.endswith(("底", "末", "内"))
