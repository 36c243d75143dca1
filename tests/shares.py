"""`python -m tests.shares` learns which percentages are a whole point's progress, for `knowledge/shares.py`.

With --held-out it leaves out one batch after another and tells how often it is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from knowledge.amounts import Amount, amounts, stretches
from knowledge.dates import whens
from knowledge.marks import marks
from knowledge.page import Page
from knowledge.shares import KINDS, pieces
from tests.learning import Labelled, replies, run

LAST = 45  # points of the notice


def labelled() -> Iterator[Labelled]:
    for batch, one in replies():
        if not one["records"] or "\t" in one["text"] or "|" in one["text"]:
            continue  # tables are read by their columns
        told = {record["percent"] for record in one["records"]} - {None}
        rates = {q["value"] for record in one["records"] for q in record["quantities"] if q["unit"] == "%"}
        last: Amount | None = None
        for amount in _amounts(one):
            if amount.share and not amount.vague and not (amount.value in told and amount.value in rates):
                kind = "point" if amount.value in told else "part" if amount.value in rates else "none"
                behind = last is not None and last.clause == amount.clause
                yield batch, sorted(pieces(amount, behind)), kind
            last = amount


def _amounts(one: dict[str, Any]) -> list[Amount]:
    page, asked = Page.of(one["text"]), one["context"]
    named = marks(page.words, asked.get("prompted_point"), LAST)
    days = whens(page.words, date.fromisoformat(asked["date"]))
    return amounts(stretches(page.clauses()), [(each.start, each.end) for each in (*named, *days)])


if __name__ == "__main__":
    run("shares", list(labelled()), KINDS)
