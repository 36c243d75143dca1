"""Where grams stand: which texts print them, which entries of the lexicon say them, and the points of both.

`knowledge/indexing.py` builds these tables, `knowledge/scoring.py` walks them. They are plain arrays of
numbers, since a province's notice has millions of entries, and they never change once made.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import log
from typing import NamedTuple

SAID = 0.8  # worth of a gram that only the lexicon has, not the notice itself
PHRASES_KEPT, GRAMS_KEPT = 512, 4_096  # of which is remembered where they lead
NOWHERE: array[int] = array("I")
Standing = Mapping[int, Collection[int]] | Sequence[Collection[int]]


class Reach(NamedTuple):
    """Where a gram leads: the texts that print it, those where it is only said, and the points of both."""

    printed: Collection[int]
    points: Collection[int]
    said: Collection[int]
    said_points: Collection[int]


@dataclass(slots=True)
class Gram:
    """What is known of a gram: how much it tells, how many points it leads to, the texts that print it, and
    the sayings that have it. Where it leads is worked out when that is first asked for."""

    number: int
    weight: float
    points: int
    source: array[int]
    start: int
    end: int
    said: tuple[int, ...] = ()
    reach: Reach | None = None

    @classmethod
    def of_texts(cls, texts: Sequence[int], points: int) -> Gram:
        """A gram that means these texts and nothing else."""
        return cls(-1, 0.0, points, array("I", texts), 0, len(texts))

    @property
    def printing(self) -> array[int]:
        return self.source[self.start : self.end]


class Term(NamedTuple):
    """A gram of a question, and what it is worth in all."""

    full: float
    gram: Gram


def rarity(points: int, count: int) -> float:
    """How much a gram in so many of `count` points tells (BM25's idf)."""
    return log(1.0 + (count - points + 0.5) / (points + 0.5))


@dataclass(frozen=True, slots=True)
class View:
    """One kind of gram. All kinds are numbered together; grams of the lexicon alone are printed nowhere."""

    name: str
    number: Mapping[str, int]
    count: int  # points of the notice
    points: array[int]  # by a gram's number: how many points have it
    starts: array[int]  # by a gram's number: where its texts begin in `printed`, and one more for the end
    printed: array[int]  # texts in order, gram after gram
    said: Sequence[tuple[int, ...]]  # by a gram's number: the sayings that have it
    taught: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # gram → more sayings that have it
    _kept: dict[str, Gram] = field(default_factory=dict, compare=False)

    def __contains__(self, gram: str) -> bool:
        return gram in self.number or gram in self.taught

    @property
    def rarest(self) -> float:
        """What a gram tells that stands in one point only."""
        return rarity(1, self.count)

    def gram(self, text: str) -> Gram | None:
        """None where neither the notice nor the lexicon has it."""
        found = self._kept.get(text)
        if found is None and text in self:
            if len(self._kept) >= GRAMS_KEPT:
                self._kept.clear()
            found = self._kept[text] = self._made(text)
        return found

    def _made(self, text: str) -> Gram:
        """One that was only taught is as rare as can be."""
        taught, number = self.taught.get(text, ()), self.number.get(text)
        if number is None:
            return Gram(-1, self.rarest, 1, NOWHERE, 0, 0, taught)
        points, said = self.points[number], (*self.said[number], *taught)
        weight = rarity(points, self.count)
        return Gram(number, weight, points, self.printed, self.starts[number], self.starts[number + 1], said)

    def with_said(self, more: Mapping[str, tuple[int, ...]]) -> View:
        """The same view with more sayings for these grams; what a known gram tells stays as it is."""
        taught = {gram: (*self.taught.get(gram, ()), *sayings) for gram, sayings in more.items()}
        return replace(self, taught={**self.taught, **taught}, _kept={})


def _empty() -> array[int]:
    return NOWHERE


@dataclass(frozen=True, slots=True)
class Layout:
    """Pieces are numbered through the notice, those of one point in a row; points go by their place.

    Pieces that read alike, and of which the lexicon says the same, are one text: scores go by texts. A saying
    is an entry of the lexicon: the texts that its phrases stand for. A piece of which something was taught
    has a text of its `own` besides, for what is taught of it is not taught of others that read alike.
    """

    numbers: Sequence[int]  # place → the point's number
    place_of: Mapping[int, int]  # the point's number → place
    first: array[int]  # place → its first piece, the title; and one more for the end
    texts: array[int]  # piece → its text
    standing: Sequence[tuple[int, ...]]  # text → the places where it stands
    sayings: tuple[array[int], ...] = ()
    said_of: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # text → its sayings
    grams: array[int] = field(default_factory=_empty)  # the grams that each text prints, text after text
    grams_from: array[int] = field(default_factory=_empty)  # text → where its grams begin, and the end
    own: Mapping[int, int] = field(default_factory=dict)  # piece → its own text
    base: Mapping[int, int] = field(default_factory=dict)  # such a text → the piece's other one

    def pieces_at(self, place: int) -> range:
        return range(self.first[place], self.first[place + 1])

    def texts_at(self, place: int) -> list[int]:
        """The texts of a point, those of its own included."""
        pieces = self.pieces_at(place)
        own = [self.own[piece] for piece in pieces if piece in self.own] if self.own else []
        return [*self.texts[pieces.start : pieces.stop], *own]

    def grams_in(self, text: int) -> array[int]:
        """The numbers of the grams that a text prints."""
        text = self.base.get(text, text)
        return self.grams[self.grams_from[text] : self.grams_from[text + 1]]

    def numbers_of(self, texts: Iterable[int]) -> frozenset[int]:
        """The points these texts are of."""
        places = set[int]().union(*map(self.standing.__getitem__, texts))
        return frozenset(self.numbers[place] for place in places)

    def remembering(self) -> Callable[[tuple[int, ...]], frozenset[int]]:
        """`numbers_of`, which the same phrases ask for again and again."""
        return lru_cache(PHRASES_KEPT)(self.numbers_of)

    def reach(self, gram: Gram) -> Reach:
        """Where a gram leads."""
        return self.reach_of(gram.printing, map(self.sayings.__getitem__, gram.said), self.standing)

    def reach_of(self, printed: Collection[int], said: Iterable[Iterable[int]], standing: Standing) -> Reach:
        """Where a gram leads that these texts print and these sayings' texts have."""
        points = set[int]().union(*map(standing.__getitem__, printed))
        alone = self.only_said(printed, said)
        said_points = set[int]().union(*map(standing.__getitem__, alone)).difference(points)
        return Reach(printed, points, alone, said_points)

    def only_said(self, printed: Collection[int], said: Iterable[Iterable[int]]) -> set[int]:
        """The texts of sayings that have a gram without printing it."""
        alone = set[int]().union(*said).difference(printed)
        return self._once(alone, frozenset(printed)) if self.base else alone

    def size(self, gram: Gram) -> int:
        """How many texts following it leads to."""
        return gram.end - gram.start + sum(len(self.sayings[saying]) for saying in gram.said)

    def _once(self, said: set[int], printed: frozenset[int]) -> set[int]:
        """Without pieces' own texts where their other ones have the gram already."""
        base = self.base
        return {text for text in said if text not in base or base[text] not in printed | said}

    def with_sayings(self, more: Sequence[Sequence[int]]) -> Layout:
        """The same layout with more sayings, given by their texts and numbered on from the last."""
        said_of, same = dict(self.said_of), dict[tuple[int, ...], tuple[int, ...]]()
        for saying, texts in enumerate(more, len(self.sayings)):
            for text in texts:
                known = (*said_of.get(text, ()), saying)
                said_of[text] = same.setdefault(known, known)
        return replace(self, sayings=(*self.sayings, *(array("I", t) for t in more)), said_of=said_of)

    def with_own(self, pieces: Iterable[int]) -> Layout:
        """The same layout where each of these pieces has a text of its own."""
        own, base, standing = dict(self.own), dict(self.base), list(self.standing)
        for piece in pieces:
            if piece not in own:
                own[piece] = len(standing)
                base[len(standing)] = self.texts[piece]
                standing.append((bisect_right(self.first, piece) - 1,))
        return replace(self, own=own, base=base, standing=standing)
