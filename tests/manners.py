"""`python -m tests.manners` learns how messages of each kind sound, for `knowledge/manner.py`.

With --held-out it leaves out one batch after another and tells how often it is right.
"""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.manner import KINDS, LONGEST, pieces
from knowledge.page import Page
from tests.learning import Labelled, replies, run


def labelled() -> Iterator[Labelled]:
    for batch, one in replies():
        page = Page.of(one["text"])
        if len(page.text) <= LONGEST:
            prompted = one["context"].get("prompted_point") is not None
            yield batch, sorted(pieces(page, prompted)), one["kind"]


if __name__ == "__main__":
    run("manners", list(labelled()), KINDS)
