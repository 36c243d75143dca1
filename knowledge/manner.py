"""What kind of message words sound like, learnt from labelled replies: run by run of characters.

“回头补上”, “找他们要” or “算哪边的” are said in ever new words, but of the same pieces. Each piece of one to
three characters speaks for and against the kinds; `knowledge/data/manners.tsv` holds how much, as `python -m
tests.manners` learns it from the replies in tests/data. `knowledge/reply.py` asks for it as a second opinion.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from knowledge.page import Page

KINDS = ("report", "correction", "ack", "delegation", "question", "problem", "chatter")
LONGEST = 100  # characters; whoever writes more reports
SIZES = (1, 2, 3)
SCALE = 100  # the file holds whole numbers
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Manner:
    """The likeliest kind, and how likely it is, from 0 to 1."""

    kind: str
    sure: float


def manner(page: Page, prompted: bool) -> Manner | None:
    """What a message sounds like; None for one too long to tell."""
    if len(page.text) > LONGEST:
        return None
    weights = _weights()
    told = [found for piece in pieces(page, prompted) if (found := weights.get(piece))]
    return likeliest([sum(column) for column in zip(*told, weights[""], strict=True)])


def likeliest(sums: Sequence[float]) -> Manner:
    """Of the kinds' sums, the highest as a likelihood."""
    best = max(sums)
    shares = [math.exp((each - best) / SCALE) for each in sums]
    return Manner(KINDS[sums.index(best)], 1 / sum(shares))


def pieces(page: Page, prompted: bool) -> Iterable[str]:
    """Every run of one to three characters once; a number is 0, whatever it is. The beginning tells whether a
    point was asked about, somebody was called and a file came with it."""
    head = ("p" if prompted else "n") + ("@" if page.mentions else "") + ("&" if page.attached else "")
    words = f"{head}|{_NUMBER.sub('0', ' '.join(page.words.split()))}|"
    return {words[at : at + size] for size in SIZES for at in range(len(words) - size + 1)}


@lru_cache(maxsize=1)
def _weights() -> Mapping[str, tuple[int, ...]]:
    """How much each piece speaks for each kind; "" is what speaks for it anyway."""
    lines = (files("knowledge") / "data" / "manners.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines[1:])
    return {row[0]: tuple(map(int, row[1:])) for row in rows}
