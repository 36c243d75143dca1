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
from operator import add

SCALE = 100  # the tables hold whole numbers
WIDE = 24  # bits of a kind in such a number: more than a sum can need
HALF = 1 << WIDE - 1
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
    _rows: Mapping[str, int]  # the weights of a piece as one number, so that those of many are added at once

    @classmethod
    def of(cls, kinds: tuple[str, ...], weights: Mapping[str, Sequence[int]]) -> Learnt:
        return cls(kinds, weights, {piece: _in_one(row) for piece, row in weights.items()})

    def judge(self, pieces: Iterable[str]) -> Verdict:
        rows = self._rows
        told = sum(filter(None, map(rows.get, pieces)), rows[ALWAYS])
        sums = _apart(told, len(self.kinds))
        best = max(sums)
        shares = [math.exp((each - best) / SCALE) for each in sums]
        return Verdict(self.kinds[sums.index(best)], 1 / sum(shares))


@lru_cache(maxsize=4)
def learnt(name: str) -> Learnt:
    """The table as it ships."""
    lines = (files("knowledge") / "data" / f"{name}.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    weights = {row[0]: tuple(map(int, row[1:])) for row in rows[1:]}
    return Learnt.of(tuple(rows[0][1:]), weights)


def runs(words: str) -> set[str]:
    """Every run of one to three characters, once."""
    pairs = tuple(map(add, words, words[1:]))
    return {*words, *pairs, *map(add, pairs, words[2:])}


def _in_one(row: Sequence[int]) -> int:
    return sum(each << WIDE * at for at, each in enumerate(row))


def _apart(told: int, kinds: int) -> list[int]:
    """The sums of each kind, from the sum of rows that are one number each."""
    sums = []
    for _ in range(kinds):
        each = ((told + HALF) & (2 * HALF - 1)) - HALF
        sums.append(each)
        told = (told - each) >> WIDE
    return sums
