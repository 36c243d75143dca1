"""Finds words that mean something only together: 冷气 and 跳闸 anywhere near each other are the power grid.

`knowledge/lexicon.py` reads such entries (冷气+跳闸), `knowledge/match.py` asks for those in a question. The
words may come in any order, so a rambling story is understood without its exact wording.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

NEAR = 30  # characters within which the words of a combination must stand
AROUND = 3  # words that may stand among those of an English phrase
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Combinations:
    """`docs` by combination; each is looked for from its rarest word."""

    docs: Mapping[Words, tuple[int, ...]] = field(default_factory=dict)
    _by_first: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # words by their first character
    _anchored: Mapping[str, tuple[Words, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, docs: Mapping[Words, tuple[int, ...]]) -> Combinations:
        often = Counter(word for words in docs for word in words)
        by_first: dict[str, list[str]] = defaultdict(list)
        anchored: dict[str, list[Words]] = defaultdict(list)
        for word in often:
            by_first[word[0]].append(word)
        for words in docs:
            anchored[min(words, key=lambda word: (often[word], -len(word)))].append(words)
        return cls(docs, _frozen(by_first), _frozen(anchored))

    def find(self, text: str) -> list[tuple[Words, tuple[int, ...]]]:
        """Combinations whose words all stand near one another in the text, with their documents."""
        places = self._places(text)
        return [
            (words, self.docs[words])
            for anchor in places
            for words in self._anchored.get(anchor, ())
            if all(word in places for word in words) and _near(places, words, anchor)
        ]

    def _places(self, text: str) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for at, char in enumerate(text):
            for word in self._by_first.get(char, ()):
                if text.startswith(word, at):
                    places.setdefault(word, []).append(at)
        return places


@dataclass(frozen=True, slots=True)
class Apart:
    """English phrases whose words may stand apart: dwellings that are ancient, and preserved."""

    docs: Mapping[Words, tuple[int, ...]] = field(default_factory=dict)
    _anchored: Mapping[str, tuple[Words, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, docs: Mapping[Words, tuple[int, ...]]) -> Apart:
        often = Counter(word for words in docs for word in words)
        anchored: dict[str, list[Words]] = defaultdict(list)
        for words in docs:
            anchored[min(words, key=often.__getitem__)].append(words)
        return cls(docs, _frozen(anchored))

    def find(self, run: Sequence[str]) -> list[tuple[Words, tuple[int, ...]]]:
        """Phrases whose words all stand within a few words of one another."""
        place = {word: at for at, word in enumerate(run)}
        found = [
            words
            for anchor in place
            for words in self._anchored.get(anchor, ())
            if all(word in place for word in words) and _spread(place, words) < len(words) + AROUND
        ]
        return [(words, self.docs[words]) for words in found]


def _spread(place: Mapping[str, int], words: Words) -> int:
    places = [place[word] for word in words]
    return max(places) - min(places)


def _near(places: Mapping[str, list[int]], words: Words, anchor: str) -> bool:
    """Every word has a place near one of the anchor's; none lies inside another's only place."""
    return any(
        all(any(abs(place - at) <= NEAR for place in places[word]) for word in words) for at in places[anchor]
    )


def _frozen(groups: Mapping[str, Iterable[Any]]) -> dict[str, tuple[Any, ...]]:
    return {key: tuple(group) for key, group in groups.items()}
