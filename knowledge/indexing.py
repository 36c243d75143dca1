"""Builds what `knowledge/match.py` searches: pieces of the notice, and which grams and phrases lead to them.

Only `Index.of` calls it. The notice's own words count fully, what people say for them a little less.
"""

from __future__ import annotations

import math
import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from knowledge.lexicon import Lexicon
from knowledge.normalize import has_chinese, plain
from knowledge.notice import Notice, WorkPoint
from knowledge.pinyin import initials, syllables
from knowledge.speech import speech

SAID = 0.8  # worth of a gram that only the lexicon has
SHORTEST_CUT = 6
_WORD = re.compile(r"[a-z][a-z0-9'&.-]*|\d+(?:\.\d+)?%?|[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a point's own words, about one clause long."""

    point: int
    text: str
    is_title: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """Postings of one kind of gram: its rarity, the documents that print it, those where it is only said."""

    postings: Mapping[str, tuple[float, array[int], array[int]]]
    rarest: float


@dataclass(slots=True)
class Documents:
    """Documents by gram while the index is made; True where the notice prints it.

    Documents up to `len(pieces)` are the pieces; each point has one more, which `view` gives all its pieces'
    grams.
    """

    pieces: tuple[Piece, ...]
    point_of: list[int]
    whole: dict[int, int]
    pairs: dict[str, dict[int, bool]] = field(default_factory=lambda: defaultdict(dict))
    singles: dict[str, dict[int, bool]] = field(default_factory=lambda: defaultdict(dict))
    sounds: dict[str, dict[int, bool]] = field(default_factory=lambda: defaultdict(dict))
    phrases: dict[str, dict[int, None]] = field(default_factory=lambda: defaultdict(dict))

    @classmethod
    def of(cls, notice: Notice, lexicon: Lexicon) -> Documents:
        pieces = tuple(_pieces(notice))
        whole = {p.number: len(pieces) + at for at, p in enumerate(notice.points)}
        made = cls(pieces, [*(p.point for p in pieces), *whole], whole)
        for doc, piece in enumerate(pieces):
            made._add((doc,), words_of(plain(piece.text)), printed=True)
            made._add_own_phrases(doc, piece)
        for say in lexicon.says:
            made._add_said(tuple(_pieces_of(say.quote, notice, pieces)), say.zh, say.en)
        return made

    def view(self, grams: dict[str, dict[int, bool]]) -> View:
        """The postings of `grams`, which is used up on the way: both at once would double the memory."""
        count = len(self.whole)
        telling = [rarity(points, count) for points in range(count + 1)]
        nowhere = array("I")
        postings = {}
        while grams:
            gram, docs = grams.popitem()
            printed: list[int] = []
            said: list[int] = []
            points: dict[int, bool] = {}
            for doc, is_printed in docs.items():
                (printed if is_printed else said).append(doc)
                whole = self.whole[self.point_of[doc]]
                points[whole] = is_printed or points.get(whole, False)
            for whole, is_printed in points.items():
                (printed if is_printed else said).append(whole)
            postings[gram] = (
                telling[len(points)],
                array("I", printed) if printed else nowhere,
                array("I", said) if said else nowhere,
            )
        return View(postings, telling[1])

    def _add(self, docs: Iterable[int], words: list[str], *, printed: bool) -> None:
        heard = syllables("".join(w if len(w) == 1 else " " for w in words))
        pairs = [join(a, b) for a, b in pairwise(words)]
        sounds = [f"{a} {b}" for a, b in pairwise(heard) if a and b]
        for grams, found in ((self.singles, words), (self.pairs, pairs), (self.sounds, sounds)):
            for gram in found:
                known = grams[gram]
                for doc in docs:
                    known[doc] = printed or known.get(doc, False)

    def _add_said(self, docs: tuple[int, ...], zh: Iterable[str], en: Iterable[str]) -> None:
        stop, weak = speech().english_stop, speech().english_weak
        for phrase in zh:
            self.phrases[phrase].update(dict.fromkeys(docs))
            self._add(docs, words_of(phrase), printed=False)
        for phrase in en:
            words = words_of(phrase)
            self.phrases[" ".join(words)].update(dict.fromkeys(docs))
            self._add(docs, [w for w in words if w not in stop or w in weak], printed=False)

    def _add_own_phrases(self, doc: int, piece: Piece) -> None:
        """Titles, and what the notice itself puts in quotation marks, are phrases too."""
        if piece.is_title:
            self.phrases[plain(piece.text)][doc] = None
        for quoted in re.findall(r"[“《]([^”》]{2,14})[”》]", piece.text):
            self.phrases[plain(quoted)][doc] = None


def words_of(text: str) -> list[str]:
    """Chinese characters one by one; Latin words (stemmed) and numbers whole."""
    return [w if len(w) == 1 else stem(w) for w in _WORD.findall(text)]


def stem(word: str) -> str:
    """Good enough to let "roads" meet "road" and "organisation" meet "organization"."""
    word = word.strip("'.-").removesuffix("'s").replace("isation", "ization").replace("centre", "center")
    if not word.isascii() or not word.isalpha() or len(word) < 4:
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def join(a: str, b: str) -> str:
    """The key of two neighbours: 冷链, or "cold storage"."""
    return a + b if len(a) == len(b) == 1 else f"{a} {b}"


def rarity(points: int, count: int) -> float:
    """How much a gram in so many of `count` points tells (BM25's idf)."""
    return math.log(1.0 + (count - points + 0.5) / (points + 0.5))


def section_names(notice: Notice, lexicon: Lexicon) -> dict[int, tuple[str, ...]]:
    """Each section's title, then the ways people say it."""
    said: dict[str, list[str]] = defaultdict(list)
    for say in lexicon.says:
        said[say.quote].extend((*say.zh, *say.en))
    return {
        s.number: tuple(dict.fromkeys((plain(s.title), _core(plain(s.title)), *said[s.title])))
        for s in notice.sections
    }


def _core(title: str) -> str:
    """A title without its verb: 大抓产业发展 is spoken of as 产业发展."""
    core = re.sub(r"^(?:大抓|狠抓|抓好|抓实|加强|强化|推进|做好)", "", title)
    return core if len(core) >= 4 else title


def quotes_of(lexicon: Lexicon) -> dict[str, tuple[str, ...]]:
    """Each phrase, as it is found in a question, with the quotes it was written for."""
    found: dict[str, tuple[str, ...]] = {}
    for say in lexicon.says:
        own = (say.quote,)
        for phrase in (*say.zh, *(" ".join(words_of(en)) for en in say.en)):
            found[phrase] = found[phrase] + own if phrase in found else own
    return found


def abbreviations(phrases: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """First letters → the phrases they may stand for ("hymc" → 海洋牧场)."""
    found: dict[str, list[str]] = defaultdict(list)
    for phrase in phrases:
        if 2 <= len(phrase) <= 8 and (short := initials(phrase)):
            found[short].append(phrase)
    return {short: tuple(names) for short, names in found.items()}


def readings(phrases: Iterable[str]) -> dict[tuple[str, ...], str]:
    """Folded syllables → the first phrase that sounds so."""
    found: dict[tuple[str, ...], str] = {}
    for phrase in phrases:
        if has_chinese(phrase) and all(sounds := tuple(syllables(phrase))):
            found.setdefault(sounds, phrase)
    return found


def _pieces(notice: Notice) -> Iterator[Piece]:
    """Titles, and each clause cut at its commas; a short cut stays with what follows."""
    for point in notice.points:
        yield Piece(point.number, point.title, is_title=True)
        for clause in point.clauses:
            yield from (Piece(point.number, text) for text in _cuts(clause.text))


def _cuts(text: str) -> Iterator[str]:
    start = 0
    for mark in re.finditer(r"[,，;；]", text):
        if mark.start() - start >= SHORTEST_CUT:
            yield text[start : mark.start()]
            start = mark.end()
    if start < len(text):
        yield text[start:]


def _pieces_of(quote: str, notice: Notice, pieces: tuple[Piece, ...]) -> Iterator[int]:
    """Pieces that share words with the quote, in every point that has it."""
    points = {p.number: p for p in notice.points if quote in p.text}
    for doc, piece in enumerate(pieces):
        if piece.point in points and _overlaps(piece, quote, points[piece.point]):
            yield doc


def _overlaps(piece: Piece, quote: str, point: WorkPoint) -> bool:
    if piece.text not in quote and quote not in piece.text:
        return False
    return piece.is_title == (quote == point.title)
