"""Builds what `knowledge/match.py` searches: pieces of the notice, and which grams and phrases lead to them.

Only `Index.of` calls it. The notice's own words count fully, what people say for them a little less.
"""

from __future__ import annotations

import gc
import math
import re
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, chain, pairwise
from operator import add
from typing import NamedTuple, TypeVar

from knowledge.combining import Apart, Combinations, Same, Words
from knowledge.lexicon import Lexicon, Say
from knowledge.normalize import has_chinese, plain
from knowledge.notice import Notice, WorkPoint
from knowledge.pinyin import Readings, Sounds, initials, syllables
from knowledge.postings import NOWHERE, Layout, View
from knowledge.speech import speech
from knowledge.stems import is_stopword, singular, stem

COMMON = 20  # the first entries of a list in the lexicon are the commonest
SHORTEST_CUT = 6
LONGEST_PHRASE = 14  # characters; nobody types a longer one in full
Docs = tuple[int, ...]
Key = TypeVar("Key")
SAME_AGAIN = 8_192  # texts of pieces whose grams are remembered: many counties say the same
MOST_PIECES = 16_384  # a phrase that stands for more of them names nothing in particular
_QUOTED = re.compile(r"[“《]([^”》]{2,14})[”》]")
_WORD = re.compile(r"[a-z][a-z0-9'&.-]*|\d+(?:\.\d+)?%?|[\u3400-\u9fff]")
BREAK = "\n"  # between phrases that are read together
_WORD_OR_BREAK = re.compile(f"{_WORD.pattern}|{BREAK}")
_CHINESE_ONLY = re.compile(f"[\u3400-\u9fff{BREAK}]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a point's own words, about one clause long."""

    point: int
    text: str
    is_title: bool = False


@dataclass(slots=True)
class Grams:
    """One kind of gram while the index is made: which pieces print it, which sayings have it."""

    printed: dict[str, array[int]] = field(default_factory=lambda: defaultdict(lambda: array("I")))
    said: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


@dataclass(slots=True)
class Documents:
    """Everything `Index.of` is made from. `views` uses the grams up: both at once would double the memory."""

    pieces: tuple[Piece, ...]
    layout: Layout
    pairs: Grams = field(default_factory=Grams)
    singles: Grams = field(default_factory=Grams)
    sounds: Grams = field(default_factory=Grams)
    phrases: dict[str, list[Docs]] = field(default_factory=lambda: defaultdict(list))
    together: dict[Words, list[Docs]] = field(default_factory=lambda: defaultdict(list))
    apart: dict[Words, list[Docs]] = field(default_factory=lambda: defaultdict(list))  # English words
    quotes: dict[str, tuple[str, ...]] = field(default_factory=dict)  # phrase → what it was written for

    @classmethod
    def of(cls, notice: Notice, lexicon: Lexicon) -> Documents:
        pieces = tuple(_pieces(notice))
        layout = _layout(notice, pieces)
        says = list(_says(lexicon, notice, pieces, layout))
        made = cls(pieces, layout.with_sayings([docs for _, docs in says]))
        grams_in = lru_cache(SAME_AGAIN)(made._printing)
        phrases_in = lru_cache(SAME_AGAIN)(made._telling)
        for doc, piece in enumerate(pieces):
            for printed in grams_in(piece.text):
                printed.append(doc)
            for told in phrases_in(piece.text, piece.is_title):
                told.append((doc,))
        for saying, (say, docs) in enumerate(says):
            made._add_said(saying, say, docs)
        return made

    def views(self) -> tuple[View, View, View]:
        """Pairs, singles, sounds."""
        among = [set(map(self.layout.places.__getitem__, docs)) for docs in self.layout.sayings]
        return (
            _view("pairs", self.pairs, self.layout, among),
            _view("singles", self.singles, self.layout, among),
            _view("sounds", self.sounds, self.layout, among),
        )

    def phrases_told(self) -> dict[str, tuple[int, ...]]:
        """Phrases that can be asked for, with the pieces each stands for."""
        told = _joined(self.phrases)
        return {p: docs for p, docs in told.items() if len(p) <= LONGEST_PHRASE or not has_chinese(p)}

    def combinations(self, same: Same) -> Combinations:
        """Words that mean something only side by side, with the pieces they stand for."""
        return Combinations.of(_joined(self.together), same)

    def words_apart(self) -> Apart:
        """English phrases by their words, which need not stand side by side."""
        return Apart.of(_joined(self.apart))

    def _printing(self, text: str) -> list[array[int]]:
        """The lists of pieces that a piece with this text belongs to, one for each of its grams."""
        kinds = zip((self.singles, self.pairs, self.sounds), grams_of(words_of(plain(text))), strict=True)
        return [grams.printed[gram] for grams, found in kinds for gram in found]

    def _telling(self, text: str, is_title: bool) -> list[list[Docs]]:
        """Titles, and what the notice itself puts in quotation marks, are phrases too: their lists."""
        own = [text] if is_title else []
        return [self.phrases[plain(phrase)] for phrase in (*own, *_QUOTED.findall(text))]

    def _add_said(self, saying: int, say: Say, docs: Docs) -> None:
        zh, en, english, apart = _broken(say.zh), list[str](), list[str](), list[Words]()
        for phrase in say.en:
            words = [_english(word) for word in _WORD.findall(phrase)]
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
            for grams, own_grams in zip((self.singles, self.pairs, self.sounds), told, strict=True):
                said = grams.said
                for gram in [gram for gram in own_grams if BREAK not in gram]:
                    said[gram].append(saying)


class _English(NamedTuple):
    """A word of an English phrase: whether it tells a subject by itself, and whether beside others."""

    stem: str
    tells: bool
    said: bool


@lru_cache(maxsize=8_192)
def _english(word: str) -> _English:
    tells = not is_stopword(word)
    return _English(stem(word), tells, tells or singular(word) in speech().english_weak)


def words_of(text: str) -> list[str]:
    """Chinese characters one by one; Latin words (stemmed) and numbers whole."""
    return [w if len(w) == 1 else stem(w) for w in _WORD.findall(text)]


def telling(text: str) -> list[str]:
    """The same without the English words that carry no subject of their own."""
    return [
        w if len(w) == 1 else stem(w) for w in _WORD.findall(text) if not (w.isascii() and is_stopword(w))
    ]


def _broken(phrases: Iterable[str]) -> list[str]:
    """The words of many phrases at once, with a break after each phrase but the last."""
    text = BREAK.join(phrases)
    if _CHINESE_ONLY.fullmatch(text):
        return list(text)
    return [w if len(w) == 1 else stem(w) for w in _WORD_OR_BREAK.findall(text)]


def join(a: str, b: str) -> str:
    """The key of two neighbours: 冷链, or "cold storage"."""
    return a + b if len(a) == len(b) == 1 else f"{a} {b}"


def rarity(points: int, count: int) -> float:
    """How much a gram in so many of `count` points tells (BM25's idf)."""
    return math.log(1.0 + (count - points + 0.5) / (points + 0.5))


def section_names(notice: Notice, lexicon: Lexicon) -> dict[int, tuple[str, ...]]:
    """Each section's title, its title without the verb, then the ways people say it."""
    said: dict[str, list[str]] = defaultdict(list)
    for say in lexicon.says:
        said[say.quote].extend((*say.zh, *say.en))
    return {
        s.number: (plain(s.title), _core(plain(s.title)), *dict.fromkeys(said[s.title]))
        for s in notice.sections
    }


def _core(title: str) -> str:
    """A title without its verb: 大抓产业发展 is spoken of as 产业发展."""
    core = re.sub(r"^(?:大抓|狠抓|抓好|抓实|加强|强化|推进|做好)", "", title)
    return core if len(core) >= 4 else title


@contextmanager
def undisturbed() -> Iterator[None]:
    """Without the garbage collector, which finds nothing in growing tables and takes a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def starts(
    phrases: Iterable[str], known: Mapping[str, tuple[int, ...]] | None = None
) -> dict[str, tuple[int, ...]]:
    """How phrases begin, two characters, with the lengths of those that do, the longest first; `known` ones
    are kept."""
    found: dict[str, int] = {}  # a bit for each length: there are sixty thousand phrases
    for phrase in phrases:
        found[phrase[:2]] = found.get(phrase[:2], 0) | 1 << len(phrase)
    for begins in found.keys() & (known or {}).keys():
        found[begins] |= sum(1 << length for length in (known or {})[begins])
    return {**(known or {}), **{begins: _lengths(bits) for begins, bits in found.items()}}


@lru_cache(maxsize=4_096)
def _lengths(bits: int) -> tuple[int, ...]:
    return tuple(length for length in range(bits.bit_length(), 0, -1) if bits >> length & 1)


def by_renown(
    phrases: Mapping[str, tuple[int, ...]], pieces: Sequence[Piece], lexicon: Lexicon
) -> tuple[list[str], list[str], list[str]]:
    """Phrases that the notice prints, the commonest ways to say things, and all others."""
    common = {phrase for say in lexicon.says for phrase in say.zh[:COMMON]}
    groups: tuple[list[str], list[str], list[str]] = ([], [], [])
    texts = lru_cache(maxsize=64)(lambda docs: "\n".join(pieces[doc].text for doc in docs))
    for phrase, docs in phrases.items():
        printed = phrase in texts(docs)  # phrases of one entry of the lexicon follow each other
        groups[0 if printed else 1 if phrase in common else 2].append(phrase)
    return groups


def abbreviations(printed: Iterable[str], common: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """First letters → the phrases they may stand for ("hymc" → 海洋牧场).

    Only what the notice prints is shortened so, and where it prints nothing, the commonest ways to say it:
    with every everyday word most letters would mean a dozen things.
    """
    found: dict[str, tuple[str, ...]] = {}
    for group in (common, printed):  # the later one replaces
        shortened: dict[str, list[str]] = defaultdict(list)
        for phrase in group:
            if 2 <= len(phrase) <= 8 and (short := initials(phrase)):
                shortened[short].append(phrase)
        found |= {short: tuple(names) for short, names in shortened.items()}
    return found


def readings(phrases: Iterable[str]) -> Readings:
    """What each phrase sounds like; of those that sound alike, the first is heard."""
    found: dict[Sounds, str] = {}
    chinese = [phrase for phrase in phrases if not phrase.isascii()]
    heard, start = syllables(BREAK.join(chinese)), 0  # all at once: one by one takes three times as long
    for phrase in chinese:
        end = start + len(phrase)
        if all(sounds := tuple(heard[start:end])):
            found.setdefault(sounds, phrase)
        start = end + len(BREAK)
    return Readings.of(found)


def grams_of(words: list[str]) -> tuple[set[str], set[str], set[str]]:
    """The single words, the pairs of neighbours, and what the pairs sound like."""
    text = "".join(words)
    if text.isascii():  # English has no sounds
        return (
            set(words),
            {f"{a} {b}" if len(a) > 1 or len(b) > 1 else a + b for a, b in pairwise(words)},
            set(),
        )
    if len(text) == len(words):  # no Latin words or numbers among them
        pairs = set(map(add, text, text[1:]))
    else:
        text = "".join(w if len(w) == 1 else " " for w in words)
        pairs = {join(a, b) for a, b in set(pairwise(words))}
    heard = set(pairwise(syllables(text)))
    return set(words), pairs, {f"{a} {b}" for a, b in heard if a and b}


def _joined(sources: Mapping[Key, list[Docs]]) -> dict[Key, Docs]:
    """The pieces of all sources of each key; keys with the same sources share the memory."""
    known: dict[tuple[int, ...], Docs] = {}
    found: dict[Key, Docs] = {}
    for key, parts in sources.items():
        docs = parts[0]
        if len(parts) > 1:
            same = tuple(map(id, parts))
            docs = known.get(same) or known.setdefault(same, tuple(dict.fromkeys(chain(*parts))))
        if 0 < len(docs) <= MOST_PIECES:
            found[key] = docs
    return found


def _view(name: str, grams: Grams, layout: Layout, among: list[set[int]]) -> View:
    """The finished table of one kind of gram; `among` are the points of each saying, by place."""
    count = len(layout.numbers)
    tells = [rarity(points, count) for points in range(count + 1)]
    number: dict[str, int] = {}
    telling, starts, printed = array("d"), array("I", [0]), array("I")
    same: dict[Docs, Docs] = {}  # most grams are said in one entry: their lists are kept once
    said = {
        gram: same.setdefault(s, s)
        for gram, s in zip(grams.said, map(tuple, grams.said.values()), strict=True)
    }
    grams.said.clear()
    for sayings, alike in _said_alike(grams.printed, said).items():
        points = set[int]().union(*map(among.__getitem__, sayings))  # of one group at a time: they are large
        for gram in alike:
            docs = grams.printed.pop(gram, NOWHERE)
            others = set(map(layout.places.__getitem__, docs)).difference(points)
            printed.extend(docs)
            number[gram] = len(number)
            telling.append(tells[len(points) + len(others)])
            starts.append(len(printed))
    return View(name, number, telling, starts, printed, said, tells[1])


def _said_alike(printed: Iterable[str], said: Mapping[str, Docs]) -> dict[Docs, list[str]]:
    """All grams, those that are said in the same entries together; those nobody says are first."""
    alike: dict[Docs, list[str]] = {(): []}
    for gram in dict.fromkeys(chain(printed, said)):
        alike.setdefault(said.get(gram, ()), []).append(gram)
    return alike


def _layout(notice: Notice, pieces: tuple[Piece, ...]) -> Layout:
    numbers = [point.number for point in notice.points]
    place_of = {number: place for place, number in enumerate(numbers)}
    places = array("I", (place_of[piece.point] for piece in pieces))
    first = array("I", (doc for doc, piece in enumerate(pieces) if piece.is_title))
    first.append(len(pieces))
    return Layout(numbers, place_of, first, places, ())


def _pieces(notice: Notice) -> Iterator[Piece]:
    """Titles, and each clause cut at its commas; a short cut stays with what follows."""
    same: dict[str, str] = {}  # counties say the same: a text is kept once
    for point in notice.points:
        yield Piece(point.number, point.title, is_title=True)
        for clause in point.clauses:
            yield from (Piece(point.number, same.setdefault(cut, cut)) for cut in _cuts(clause.text))


def _cuts(text: str) -> Iterator[str]:
    start = 0
    for mark in re.finditer(r"[,，;；]", text):
        if mark.start() - start >= SHORTEST_CUT:
            yield text[start : mark.start()]
            start = mark.end()
    if start < len(text):
        yield text[start:]


def words_outside(notice: Notice, pieces: tuple[Piece, ...], layout: Layout) -> frozenset[int]:
    """The points with words in none of their pieces, such as a note of units between two sentences."""
    found = set()
    for place, point in enumerate(notice.points):
        at = 0
        for doc in layout.pieces_at(place):
            start = point.text.find(pieces[doc].text, at)
            if start >= 0:
                if has_chinese(point.text[at:start]):
                    found.add(point.number)
                at = start + len(pieces[doc].text)
        if has_chinese(point.text[at:]):
            found.add(point.number)
    return frozenset(found)


def _says(
    lexicon: Lexicon, notice: Notice, pieces: tuple[Piece, ...], layout: Layout
) -> Iterator[tuple[Say, tuple[int, ...]]]:
    """Each entry of the lexicon with the pieces that share words with its quote, wherever that stands."""
    text = "\0".join(point.text for point in notice.points)
    starts = list(accumulate((len(point.text) + 1 for point in notice.points), initial=0))
    for say in lexicon.says:
        places = dict.fromkeys(bisect_right(starts, at) - 1 for at in _occurrences(text, say.quote))
        docs = (doc for place in places for doc in layout.pieces_at(place))
        yield say, tuple(d for d in docs if _overlaps(pieces[d], say.quote, notice.points[layout.places[d]]))


def _occurrences(text: str, words: str) -> Iterator[int]:
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + 1)


def _overlaps(piece: Piece, quote: str, point: WorkPoint) -> bool:
    if piece.text not in quote and quote not in piece.text:
        return False
    return piece.is_title == (quote == point.title)
