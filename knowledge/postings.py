"""Where grams stand: which pieces print them, which entries of the lexicon say them, whose pieces those are.

`knowledge/indexing.py` builds these tables, `knowledge/scoring.py` walks them. They are plain arrays of
numbers, since a province's notice has millions of entries, and they never change once made.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple, TypeAlias

SAID = 0.8  # worth of a gram that only the lexicon has, not the notice itself
PHRASES_KEPT, GRAMS_KEPT = 512, 4_096  # whose points are remembered
NOWHERE: array[int] = array("I")


class Reach(NamedTuple):
    """Where a gram leads: the pieces that print it, those where it is only said, and the points of both."""

    printed: Sequence[int]
    points: Set[int]
    said: Set[int]
    said_points: Set[int]

    @classmethod
    def of(cls, places: Sequence[int], printed: Sequence[int], said: Iterable[Iterable[int]]) -> Reach:
        points = set(map(places.__getitem__, printed))
        alone = set[int]().union(*said).difference(printed)
        return cls(printed, points, alone, set(map(places.__getitem__, alone)).difference(points))


Reaching: TypeAlias = Callable[[tuple[int, ...], tuple[int, ...]], Reach]


@dataclass(slots=True)
class Term:
    """A gram of a question: what it is worth in all, the pieces that print it, the sayings that have it."""

    full: float
    printed: array[int]
    start: int
    end: int
    said: tuple[int, ...] = ()

    @property
    def printing(self) -> array[int]:
        return self.printed[self.start : self.end]

    def size(self, sayings: Sequence[array[int]]) -> int:
        """How many pieces following it would lead to."""
        return self.end - self.start + sum(len(sayings[saying]) for saying in self.said)


@dataclass(frozen=True, slots=True)
class View:
    """One kind of gram. Grams are numbered; those of the lexicon alone are printed nowhere."""

    name: str
    number: Mapping[str, int]
    telling: array[float]  # by a gram's number: how much it says
    starts: array[int]  # by a gram's number: where its pieces begin in `printed`, and one more for the end
    printed: array[int]  # pieces in order, gram after gram
    said: Mapping[str, tuple[int, ...]]  # gram → sayings that have it
    rarest: float  # what a gram tells that stands in one point only

    def __contains__(self, gram: str) -> bool:
        return gram in self.number or gram in self.said

    def weight(self, gram: str) -> float:
        """How much a gram tells; one that was only taught is as rare as can be."""
        number = self.number.get(gram)
        return self.rarest if number is None else self.telling[number]

    def term(self, gram: str) -> Term:
        said, number = self.said.get(gram, ()), self.number.get(gram)
        if number is None:
            return Term(0.0, NOWHERE, 0, 0, said)
        return Term(0.0, self.printed, self.starts[number], self.starts[number + 1], said)

    def with_said(self, more: Mapping[str, tuple[int, ...]]) -> View:
        """The same view with more sayings for these grams; what a known gram tells stays as it is."""
        return replace(self, said={**self.said, **{g: (*self.said.get(g, ()), *s) for g, s in more.items()}})


@dataclass(frozen=True, slots=True)
class Layout:
    """Pieces are numbered through the notice, those of one point in a row; points go by their place.

    A saying is an entry of the lexicon: the pieces that its phrases stand for.
    """

    numbers: Sequence[int]  # place → the point's number
    place_of: Mapping[int, int]  # the point's number → place
    first: array[int]  # place → its first piece, the title; and one more for the end
    places: array[int]  # piece → place
    sayings: tuple[array[int], ...]
    said_of: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # piece → its sayings

    def pieces_at(self, place: int) -> range:
        return range(self.first[place], self.first[place + 1])

    def numbers_of(self, pieces: Sequence[int]) -> frozenset[int]:
        """The points these pieces are of."""
        return frozenset(self.numbers[place] for place in {self.places[piece] for piece in pieces})

    def reach(self, printed: Sequence[int], said: Iterable[int]) -> Reach:
        """Where a gram leads that these pieces print and these sayings have."""
        return Reach.of(self.places, printed, map(self.sayings.__getitem__, said))

    def reaching(self) -> Reaching:
        """`reach`, for the grams that are asked for again and again."""
        return lru_cache(GRAMS_KEPT)(self.reach)

    def remembering(self) -> Callable[[tuple[int, ...]], frozenset[int]]:
        """`numbers_of`, which the same phrases ask for again and again."""
        return lru_cache(PHRASES_KEPT)(self.numbers_of)

    def with_sayings(self, more: Sequence[Sequence[int]]) -> Layout:
        """The same layout with more sayings, numbered on from the last."""
        said_of, same = dict(self.said_of), dict[tuple[int, ...], tuple[int, ...]]()
        for saying, pieces in enumerate(more, len(self.sayings)):
            for piece in pieces:
                known = (*said_of.get(piece, ()), saying)
                said_of[piece] = same.setdefault(known, known)
        return replace(self, sayings=(*self.sayings, *(array("I", p) for p in more)), said_of=said_of)
