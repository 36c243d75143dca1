"""Cuts a notice into pieces: its titles, and its clauses at their commas.

`knowledge/indexing.py` calls it. Pieces that read alike are one text: a province's counties say the same.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, overload

from knowledge.notice import Notice, WorkPoint
from knowledge.postings import Layout

SHORTEST_CUT = 6
LONG = 500_000  # characters of a notice
_PART = re.compile(r"[^,，。;；\n]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


class Piece(NamedTuple):
    """A stretch of a point's own words, about one clause long."""

    point: int
    text: str
    is_title: bool = False


@dataclass(frozen=True, slots=True)
class Cuts:
    """The words of each piece, those of one point in a row, the title first."""

    words: list[str]
    first: array[int]  # place of a point → its first piece; and one more for the end

    @classmethod
    def of(cls, notice: Notice) -> Cuts:
        words, first = list[str](), array("I")
        known: dict[str, tuple[str, ...]] = {}
        for point in notice.points:
            first.append(len(words))
            words.append(point.title)
            for clause in point.clauses:
                if (cut := known.get(clause.text)) is None:
                    cut = known[clause.text] = tuple(_cuts(clause.text))
                words += cut
        first.append(len(words))
        return cls(words, first)

    def at(self, place: int) -> range:
        return range(self.first[place], self.first[place + 1])

    def place(self, piece: int) -> int:
        return bisect_right(self.first, piece) - 1


@dataclass(frozen=True, slots=True)
class Pieces(Sequence[Piece]):
    """The pieces of a notice by their numbers, each made when it is asked for."""

    words: tuple[str, ...]  # of each text
    layout: Layout

    def __len__(self) -> int:
        return len(self.layout.texts)

    @overload
    def __getitem__(self, at: int) -> Piece: ...
    @overload
    def __getitem__(self, at: slice) -> list[Piece]: ...
    def __getitem__(self, at: int | slice) -> Piece | list[Piece]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        layout = self.layout
        text = layout.texts[at]
        place = bisect_right(layout.first, at) - 1
        return Piece(layout.numbers[place], self.words[text], at == layout.first[place])


def _cuts(text: str) -> Iterator[str]:
    """A short cut stays with what follows."""
    start = 0
    for mark in re.finditer(r"[,，;；]", text):
        if mark.start() - start >= SHORTEST_CUT:
            yield text[start : mark.start()]
            start = mark.end()
    if start < len(text):
        yield text[start:]


def words_once(notice: Notice) -> str:
    """The notice's words to look for a phrase in; of a long one, whose counties say the same, each part of a
    sentence once."""
    if len(notice.text) <= LONG:
        return notice.text
    return "\n".join(dict.fromkeys(_PART.findall(notice.text)))


def words_outside(notice: Notice, cuts: Cuts) -> frozenset[int]:
    """The points with words in none of their pieces, such as a note of units between two sentences."""
    return frozenset(
        point.number
        for place, point in enumerate(notice.points)
        if _CHINESE.search(_outside(point, [cuts.words[piece] for piece in cuts.at(place)]))
    )


def _outside(point: WorkPoint, pieces: Sequence[str]) -> str:
    """What is left of a point without its pieces."""
    left, at = list[str](), 0
    for words in pieces:
        start = point.text.find(words, at)
        if start >= 0:
            left.append(point.text[at:start])
            at = start + len(words)
    return "".join((*left, point.text[at:]))
