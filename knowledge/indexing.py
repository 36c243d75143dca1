"""Builds what `knowledge/match.py` searches: the texts of a notice, and which grams and phrases lead to them.

Only `Index.of` calls it. The notice's own words count fully, what people say for them a little less.
"""

from __future__ import annotations

import gc
import re
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache, reduce
from itertools import accumulate, chain, pairwise
from operator import or_
from typing import NamedTuple, TypeVar

from knowledge.combining import Apart, Combinations, Same, Words
from knowledge.grams import BREAK, WORD, broken, grams_of, words_of
from knowledge.lexicon import Lexicon, Say
from knowledge.normalize import has_chinese, plain
from knowledge.notice import Notice, WorkPoint
from knowledge.pieces import Cuts
from knowledge.postings import Layout, View
from knowledge.speech import speech
from knowledge.stems import is_stopword, singular, stem

LONGEST_PHRASE = 14  # characters; nobody types a longer one in full
MOST_PIECES = 16_384  # a phrase that stands for more of them names nothing in particular
MANY = 32  # points
KINDS = ("singles", "pairs", "sounds")  # of grams
Docs = tuple[int, ...]
Key = TypeVar("Key")
_QUOTED = re.compile(r"[“《]([^”》]{2,14})[”》]")


@dataclass(slots=True)
class Documents:
    """Everything `Index.of` is made from. Grams are numbered, all kinds together."""

    words: tuple[str, ...]  # of each text
    layout: Layout
    number: tuple[dict[str, int], ...] = field(default_factory=lambda: ({}, {}, {}))
    said: tuple[dict[str, list[int]], ...] = field(
        default_factory=lambda: (defaultdict(list), defaultdict(list), defaultdict(list))
    )
    phrases: dict[str, list[Docs]] = field(default_factory=lambda: defaultdict(list))
    together: dict[Words, list[Docs]] = field(default_factory=lambda: defaultdict(list))
    apart: dict[Words, list[Docs]] = field(default_factory=lambda: defaultdict(list))  # English words
    quotes: dict[str, tuple[str, ...]] = field(default_factory=dict)  # phrase → what it was written for

    @classmethod
    def of(cls, notice: Notice, lexicon: Lexicon, cuts: Cuts) -> Documents:
        says = list(_says(lexicon, notice, cuts))
        words, layout = _texts(notice, cuts, says)
        docs = [tuple(dict.fromkeys(map(layout.texts.__getitem__, pieces))) for _, pieces in says]
        made = cls(words, layout.with_sayings(docs))
        titles = {layout.texts[piece] for piece in cuts.first[:-1]}
        made._add_printed()
        for text, own in enumerate(words):
            made._add_told(text, own, is_title=text in titles)
        for saying, ((say, _), own_docs) in enumerate(zip(says, docs, strict=True)):
            made._add_said(saying, say, own_docs)
        return made

    def views(self) -> tuple[View, View, View]:
        """Singles, pairs, sounds: one table, seen by three kinds of gram."""
        for number, said in zip(self.number, self.said, strict=True):
            more = sum(map(len, self.number))
            number |= {gram: more + at for at, gram in enumerate(said.keys() - number.keys())}
        count = sum(map(len, self.number))
        starts, printed = _turned(self.layout, count)
        alike = _alike(zip(self.number, self.said, strict=True))
        points = _points(self.layout, (starts, printed), alike)
        said_by: list[Docs] = [()] * count
        for sayings, grams in alike.items():
            for gram in grams:
                said_by[gram] = sayings
        count, sayings_of = len(self.layout.numbers), tuple(said_by)
        singles, pairs, sounds = (
            View(name, number, count, points, starts, printed, sayings_of)
            for name, number in zip(KINDS, self.number, strict=True)
        )
        return singles, pairs, sounds

    def phrases_told(self) -> dict[str, tuple[int, ...]]:
        """Phrases that can be asked for, with the texts each stands for."""
        told = self._joined(self.phrases)
        return {p: docs for p, docs in told.items() if len(p) <= LONGEST_PHRASE or not has_chinese(p)}

    def combinations(self, same: Same) -> Combinations:
        """Words that mean something only side by side, with the texts they stand for."""
        return Combinations.of(self._joined(self.together), same)

    def words_apart(self) -> Apart:
        """English phrases by their words, which need not stand side by side."""
        return Apart.of(self._joined(self.apart))

    def _add_printed(self) -> None:
        """Numbers the grams of every text."""
        grams, starts, count = array("I"), array("I", [0]), 0
        for own in self.words:
            for number, found in zip(self.number, grams_of(words_of(plain(own))), strict=True):
                for gram in found:
                    if (at := number.get(gram)) is None:
                        at = number[gram] = count
                        count += 1
                    grams.append(at)
            starts.append(len(grams))
        self.layout = replace(self.layout, grams=grams, grams_from=starts)

    def _add_told(self, text: int, own: str, *, is_title: bool) -> None:
        """Titles, and what the notice itself puts in quotation marks, are phrases too."""
        for phrase in (*([own] if is_title else ()), *_QUOTED.findall(own)):
            self.phrases[plain(phrase)].append((text,))

    def _add_said(self, saying: int, say: Say, docs: Docs) -> None:
        zh, en, english, apart = broken(say.zh), list[str](), list[str](), list[Words]()
        for phrase in say.en:
            words = [_english(word) for word in WORD.findall(phrase)]
            english.append(" ".join([word.stem for word in words]))
            en += [BREAK, *[word.stem for word in words if word.said]]
            if len(found := {word.stem for word in words if word.tells}) > 1:
                apart.append(tuple(sorted(found)))
        for key in apart:
            self.apart[key].append(docs)
        for phrase in (*say.zh, *english):
            self.phrases[phrase].append(docs)
        for key in say.together:
            self.together[key].append(docs)
        own, quotes = (say.quote,), self.quotes
        for phrase in (*say.zh, *english, *map("+".join, (*say.together, *apart))):
            quotes[phrase] = quotes[phrase] + own if phrase in quotes else own
        for told in (grams_of(zh), grams_of(en)):  # by themselves: Chinese alone is cut much faster
            for said, own_grams in zip(self.said, told, strict=True):
                for gram in [gram for gram in own_grams if BREAK not in gram]:
                    said[gram].append(saying)

    def _joined(self, sources: Mapping[Key, list[Docs]]) -> dict[Key, Docs]:
        """The texts of all sources of each key; keys with the same sources share the memory."""
        known: dict[tuple[int, ...], Docs] = {}
        found: dict[Key, Docs] = {}
        pieces = lru_cache(maxsize=64)(self._pieces_of)
        for key, parts in sources.items():
            docs = parts[0]
            if len(parts) > 1:
                same = tuple(map(id, parts))
                docs = known.get(same) or known.setdefault(same, tuple(dict.fromkeys(chain(*parts))))
            if 0 < pieces(docs) <= MOST_PIECES:
                found[key] = docs
        return found

    def _pieces_of(self, texts: Docs) -> int:
        return sum(len(self.layout.standing[text]) for text in texts)


class _English(NamedTuple):
    """A word of an English phrase: whether it tells a subject by itself, and whether beside others."""

    stem: str
    tells: bool
    said: bool


@lru_cache(maxsize=8_192)
def _english(word: str) -> _English:
    tells = not is_stopword(word)
    return _English(stem(word), tells, tells or singular(word) in speech().english_weak)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Without the garbage collector, which finds nothing in growing tables and takes a third of the time.

    In a process that has set aside what it was started with, what was made is set aside as well: walking over
    it takes longer than an answer.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if gc.get_freeze_count():
            gc.freeze()
        if enabled:
            gc.enable()


# --- the texts --------------------------------------------------------------------------------------


def _texts(
    notice: Notice, cuts: Cuts, says: Sequence[tuple[Say, Sequence[int]]]
) -> tuple[tuple[str, ...], Layout]:
    """Pieces that read alike, and that the same entries of the lexicon speak of, are one text."""
    said: dict[int, Docs] = {}
    for saying, (_, pieces) in enumerate(says):
        for piece in pieces:
            said[piece] = (*said.get(piece, ()), saying)
    number: dict[tuple[str, bool, Docs], int] = {}
    texts, standing = array("I"), list[list[int]]()
    for place in range(len(notice.points)):
        for piece in cuts.at(place):
            key = (cuts.words[piece], piece == cuts.first[place], said.get(piece, ()))
            text = number.setdefault(key, len(number))
            texts.append(text)
            if text == len(standing):
                standing.append([place])
            elif standing[text][-1] != place:
                standing[text].append(place)
    numbers = [point.number for point in notice.points]
    place_of = {own: place for place, own in enumerate(numbers)}
    layout = Layout(numbers, place_of, cuts.first, texts, tuple(map(tuple, standing)))
    return tuple(words for words, _, _ in number), layout


def _says(lexicon: Lexicon, notice: Notice, cuts: Cuts) -> Iterator[tuple[Say, tuple[int, ...]]]:
    """Each entry of the lexicon with the pieces that share words with its quote, wherever that stands."""
    text = "\0".join(point.text for point in notice.points)
    starts = list(accumulate((len(point.text) + 1 for point in notice.points), initial=0))
    for say in lexicon.says:
        places = dict.fromkeys(bisect_right(starts, at) - 1 for at in _occurrences(text, say.quote))
        yield (
            say,
            tuple(
                piece
                for place in places
                for piece in cuts.at(place)
                if _overlaps(cuts.words[piece], say.quote)
                and (piece == cuts.first[place]) == _is_title(say.quote, notice.points[place])
            ),
        )


def _occurrences(text: str, words: str) -> Iterator[int]:
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + 1)


def _overlaps(words: str, quote: str) -> bool:
    return words in quote or quote in words


def _is_title(quote: str, point: WorkPoint) -> bool:
    return quote == point.title


# --- the table of grams -----------------------------------------------------------------------------


def _turned(layout: Layout, count: int) -> tuple[array[int], array[int]]:
    """The texts of each of `count` grams, one gram after the other, from the grams of each text."""
    sizes = [0] * count
    for gram in layout.grams:
        sizes[gram] += 1
    starts = array("I", accumulate(sizes, initial=0))
    printed, free = array("I", bytes(4 * len(layout.grams))), starts.tolist()
    for text in range(len(layout.standing)):
        for gram in layout.grams_in(text):
            printed[free[gram]] = text
            free[gram] += 1
    return starts, printed


def _alike(kinds: Iterable[tuple[Mapping[str, int], Mapping[str, list[int]]]]) -> dict[Docs, list[int]]:
    """Grams by the sayings that have them: most of those that are said in one entry are said nowhere else."""
    alike: dict[Docs, list[int]] = defaultdict(list)
    for number, said in kinds:
        for gram, sayings in said.items():
            alike[tuple(sayings)].append(number[gram])
    return alike


def _points(
    layout: Layout, table: tuple[array[int], array[int]], said: Mapping[Docs, Iterable[int]]
) -> array[int]:
    """How many points have each gram. What stands in many points is a number with a bit for each of them, so
    that they are joined at once."""
    (starts, printed), standing = table, layout.standing
    bits = {text: _bits(places) for text, places in enumerate(standing) if len(places) >= MANY}
    sayings = [_bits({place for text in texts for place in standing[text]}) for texts in layout.sayings]
    by_gram: dict[int, int] = {}
    for own, grams in said.items():
        by_gram |= dict.fromkeys(grams, reduce(or_, map(sayings.__getitem__, own)))
    points = array("I")
    for gram, (start, end) in enumerate(pairwise(starts)):
        texts = printed[start:end]
        many = reduce(or_, (bits[text] for text in texts if text in bits), by_gram.get(gram, 0))
        few = set[int]().union(*(standing[text] for text in texts if text not in bits))
        points.append((many | _bits(few)).bit_count() if many and few else many.bit_count() + len(few))
    return points


def _bits(places: Collection[int]) -> int:
    """A number with a bit for each place."""
    found = bytearray(1 + max(places, default=0) // 8)
    for place in places:
        found[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(found, "little")
