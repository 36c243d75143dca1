"""Judgements learnt from labelled replies: pieces of words that each speak for and against some kinds.

The tables in `knowledge/data/*.tsv` hold how much, in hundredths; `tests/learning.py` makes them. A verdict
is the kind that all pieces together speak for most, and how likely it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

SCALE = 100  # the tables hold whole numbers
ALWAYS = ""  # the piece that is always there


@dataclass(frozen=True, slots=True)
class Verdict:
    """The likeliest kind, and how likely it is, from 0 to 1."""

    kind: str
    sure: float


@dataclass(frozen=True, slots=True)
class Learnt:
    """What one table knows."""

    kinds: tuple[str, ...]
    weights: Mapping[str, Sequence[int]]

    def judge(self, pieces: Iterable[str]) -> Verdict:
        known = self.weights
        told = [found for piece in pieces if (found := known.get(piece))]
        sums = [sum(column) for column in zip(*told, known[ALWAYS], strict=True)]
        best = max(sums)
        shares = [math.exp((each - best) / SCALE) for each in sums]
        return Verdict(self.kinds[sums.index(best)], 1 / sum(shares))


@lru_cache(maxsize=4)
def learnt(name: str) -> Learnt:
    """The table as it ships."""
    lines = (files("knowledge") / "data" / f"{name}.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    weights = {row[0]: tuple(map(int, row[1:])) for row in rows[1:]}
    return Learnt(tuple(rows[0][1:]), weights)
