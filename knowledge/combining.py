"""Finds words that mean something only together: 冷气 and 跳闸 anywhere near each other are the power grid.

`knowledge/lexicon.py` reads such entries (冷气+跳闸), `knowledge/match.py` asks for those in a question. The
words may come in any order, so a rambling story is understood without its exact wording; and a word that
says the same (屋子 for 房子) stands for the one that was written down.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from operator import add
from typing import Any, NamedTuple

NEAR = 30  # characters within which the words of a combination must stand
AROUND = 3  # words that may stand among those of an English phrase
Words = tuple[str, ...]
Place = tuple[int, int]  # where a word begins and ends
Written = tuple[str, str, Words]  # a word, what of it comes after two characters, the words it may replace


@dataclass(frozen=True, slots=True)
class Same:
    """Words that say the same in a combination: `also` what may stand for a word, `name` its group."""

    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    name: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: str) -> Same:
        """A line is a group whose words stand for each other; in “村: 乡下 老家” only those for the first.

        A single character never stands for a longer word: it is found inside too many others.
        """
        also: dict[str, list[str]] = defaultdict(list)
        name: dict[str, str] = {}
        for line in filter(None, map(str.strip, lines.splitlines())):
            first, colon, rest = line.partition(":")
            words = rest.split() if colon else line.split()
            if colon:
                also[first] += words
                continue
            for word in words:
                also[word] += [other for other in words if other != word and len(other) > 1]
                name[word] = words[0]
        return cls(_frozen(also), name)

    def named(self, words: Words) -> Words:
        return tuple(sorted(self.name.get(word, word) for word in words))


class Together(NamedTuple):
    """A combination found: with its own words, or with others that say the same, which stand at `places`."""

    words: Words
    docs: tuple[int, ...]
    places: tuple[Place, ...] = ()

    @property
    def literal(self) -> bool:
        return not self.places


@dataclass(frozen=True, slots=True)
class Combinations:
    """`docs` by combination; each is looked for from its rarest word.

    `_by_start` has words by their first two characters, or the one they are of; those of one character stand
    among the words they begin, too, so that a look at a place of a text finds all of them.
    """

    docs: Mapping[Words, tuple[int, ...]] = field(default_factory=dict)
    _by_start: Mapping[str, tuple[Written, ...]] = field(default_factory=dict)
    _anchored: Mapping[str, tuple[Words, ...]] = field(default_factory=dict)
    _same: Same = field(default_factory=Same)

    @classmethod
    def of(cls, docs: Mapping[Words, tuple[int, ...]], same: Same | None = None) -> Combinations:
        same = same or Same()
        often = Counter(word for words in docs for word in words)
        anchored: dict[str, list[Words]] = defaultdict(list)
        stands_for: dict[str, list[str]] = defaultdict(list)
        for word in often:
            for other in (word, *same.also.get(word, ())):
                stands_for[other].append(word)
        for words in docs:
            anchored[min(words, key=lambda word: (often[word], -len(word)))].append(words)
        return cls(docs, _by_start(_frozen(stands_for)), _frozen(anchored), same)

    def find(self, text: str) -> list[Together]:
        """Combinations whose words all stand near one another in the text.

        Of combinations that say the same, those written as the text has them, else the first with what all
        of them stand for.
        """
        places, printed = self._places(text)
        groups: dict[Words, list[Words]] = defaultdict(list)
        there, short = set(places), len(text) <= NEAR
        for anchor in places:
            for words in self._anchored.get(anchor, ()):
                if there.issuperset(words) and (short or _near(places, words, anchor)):
                    groups[self._same.named(words)].append(words)
        return [told for group in groups.values() for told in self._told(group, places, printed)]

    def _told(
        self, group: list[Words], places: Mapping[str, list[Place]], printed: Collection[str]
    ) -> Iterator[Together]:
        if literal := [words for words in group if all(word in printed for word in words)]:
            yield from (Together(words, self.docs[words]) for words in literal)
            return
        apart = [(words, at) for words in group if (at := _beside(places, words))]
        if apart:
            docs = dict.fromkeys(doc for words, _ in apart for doc in self.docs[words])
            yield Together(apart[0][0], tuple(docs), apart[0][1])

    def _places(self, text: str) -> tuple[dict[str, list[Place]], set[str]]:
        """Where each word, or one that says the same, stands; and the words that stand there themselves."""
        places: dict[str, list[Place]] = {}
        printed = set[str]()
        by_start = self._by_start
        for at, start in enumerate(map(add, text, f"{text[1:]} ")):
            for word, rest, meant in by_start.get(start) or by_start.get(start[0], ()):
                if not rest or text.startswith(rest, at + 2):
                    printed.add(word)
                    place = (at, at + len(word))
                    for other in meant:
                        places.setdefault(other, []).append(place)
        return places, printed


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


def _near(places: Mapping[str, list[Place]], words: Words, anchor: str) -> bool:
    """Every word has a place near one of the anchor's."""
    return any(
        all(any(abs(start - at) <= NEAR for start, _ in places[word]) for word in words)
        for at, _ in places[anchor]
    )


def _beside(places: Mapping[str, list[Place]], words: Words) -> tuple[Place, ...]:
    """A place for each word so that none lies in another's (污水管 is not 污水 and 水管)."""
    for chosen in product(*(places[word] for word in words)):
        row = sorted(chosen)
        if all(end <= start for (_, end), (start, _) in pairwise(row)):
            return tuple(row)
    return ()


def _by_start(stands_for: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[Written, ...]]:
    found: dict[str, list[Written]] = {}
    first: dict[str, list[str]] = defaultdict(list)
    for word in stands_for:
        first[word[0]].append(word)
    for char, alike in first.items():
        for start in {word[:2] for word in alike} | {char}:
            found[start] = [
                (word, word[2:], stands_for[word])
                for word in alike
                if word in (char, start) or word[:2] == start
            ]
    return _frozen(found)


def _frozen(groups: Mapping[str, Iterable[Any]]) -> dict[str, tuple[Any, ...]]:
    return {key: tuple(group) for key, group in groups.items()}
