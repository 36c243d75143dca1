"""`python -m tests.tones` learns how trouble and calls for help sound, for `knowledge/tone.py`.

With --held-out it leaves out one batch after another and tells how often it is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.page import Page
from knowledge.tone import KINDS, pieces
from tests.learning import Labelled, replies, run

FIELDS = {"difficulty": "trouble", "help_needed": "help"}


def labelled() -> Iterator[Labelled]:
    for batch, one in replies():
        if not one["records"] or "\t" in one["text"] or "|" in one["text"]:
            continue  # tables are read by their columns
        spans = list(_spans(one))
        for clause in Page.of(one["text"]).clauses():
            half = (clause.end - clause.start) / 2
            told = [name for at, end, name in spans if min(end, clause.end) - max(at, clause.start) >= half]
            yield batch, sorted(pieces(clause.words)), next(iter(told), "none")


def _spans(one: dict[str, Any]) -> Iterator[tuple[int, int, str]]:
    """Where a labelled difficulty or call for help stands in the text."""
    for record in one["records"]:
        for field, name in FIELDS.items():
            words = record[field] or ""
            if words and (at := one["text"].find(words)) >= 0:
                yield at, at + len(words), name


if __name__ == "__main__":
    run("tones", list(labelled()), KINDS)
