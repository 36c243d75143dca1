"""Finds which words of a notice a question is about.

Several views are added up per piece: characters (pairs and singles, rare ones weigh more), sounds where the
characters are unknown (homophone typos, typed pinyin), phrases of the lexicon, English words.
`knowledge/question.py` prepares the text, `handlers/ask.py` decides what to do with the outcome.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from knowledge.indexing import (
    SAID,
    Documents,
    Piece,
    View,
    abbreviations,
    join,
    quotes_of,
    rarity,
    readings,
    section_names,
    stem,
    words_of,
)
from knowledge.lexicon import Lexicon
from knowledge.normalize import has_chinese
from knowledge.notice import Notice
from knowledge.pinyin import syllables

PAIR, SINGLE, SOUND, PHRASE, WHOLE = 1.0, 0.22, 0.75, 0.9, 0.35  # what each view is worth
UNKNOWN = 0.6  # how much of the rarest gram's weight an unknown one has: it is unexplained, not proof
LONGEST_PHRASE = 14
BEST = 8  # points returned
STOP = frozenset(
    "的了吗呢啊吧嘛呀哦哈是在有要和跟与及我你他它这那个把被就都也还又很太不没去来到对给让得着过会能可想说问讲看弄搞点些里多少几什么怎哪谁何请么为以于从向按"
)
_LETTERS = re.compile(r"[a-z' -]+")  # English phrases are found word by word, not letter by letter
_LATIN_WORD = re.compile(r"[a-z0-9'&.+-]+")


@dataclass(frozen=True, slots=True)
class Hit:
    """A point found: its score, its best piece, and the share of the question's weight it accounts for."""

    point: int
    score: float
    piece: Piece
    cover: float


@dataclass(frozen=True, slots=True)
class Span:
    """A known phrase in the question, and the pieces it stands for."""

    start: int
    end: int
    phrase: str
    pieces: tuple[int, ...]

    @property
    def size(self) -> int:
        """Its length as a measure of how much it says; an English word says about two characters twice."""
        return 4 + 2 * self.phrase.count(" ") if self.phrase.isascii() else len(self.phrase)


@dataclass(frozen=True, slots=True)
class Found:
    """Best first. `weight` is how much there was to explain, in rarest pairs; `phrases` took part."""

    hits: tuple[Hit, ...] = ()
    weight: float = 0.0
    phrases: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Index:
    """Built once per notice; searching changes nothing in it."""

    pieces: tuple[Piece, ...]
    lexicon: Lexicon
    sections: Mapping[int, tuple[str, ...]]  # section number → its title and the ways people say it
    phrases: Mapping[str, tuple[int, ...]]
    quotes: Mapping[str, tuple[str, ...]]  # phrase → the notice's words it was written for
    abbreviations: Mapping[str, tuple[str, ...]]
    readings: Mapping[tuple[str, ...], str]
    english: frozenset[str]
    _pairs: View
    _singles: View
    _sounds: View
    _point_of: tuple[int, ...]
    _whole: Mapping[int, int]  # point → the document made of all its words

    @classmethod
    def of(cls, notice: Notice, lexicon: Lexicon) -> Index:
        made = Documents.of(notice, lexicon)
        sections = section_names(notice, lexicon)
        phrases = {phrase: tuple(docs) for phrase, docs in made.phrases.items() if docs}
        return cls(
            made.pieces,
            lexicon,
            sections,
            phrases,
            quotes_of(lexicon),
            abbreviations(phrases),
            readings((*phrases, *(n for ns in sections.values() for n in ns if len(n) >= 4))),
            frozenset(w for phrase in phrases if not has_chinese(phrase) for w in words_of(phrase)),
            made.view(made.pairs),
            made.view(made.singles),
            made.view(made.sounds),
            tuple(made.point_of),
            made.whole,
        )

    def points_of(self, span: Span) -> frozenset[int]:
        """The points a phrase stands for; the fewer, the more it tells."""
        return frozenset(self._point_of[doc] for doc in span.pieces)

    def spans(self, text: str) -> list[Span]:
        """Known phrases in the text: the longest at each place, none inside another."""
        found: list[Span] = []
        covered = 0
        for start in range(len(text)):
            for end in range(min(len(text), start + LONGEST_PHRASE), max(start + 1, covered), -1):
                pieces = self.phrases.get(text[start:end])
                if pieces and _whole_word(text, start, end) and not _LETTERS.fullmatch(text, start, end):
                    found.append(Span(start, end, text[start:end], pieces))
                    covered = end
                    break
        return found + list(self._english_spans(text))

    def _english_spans(self, text: str) -> Iterator[Span]:
        words = [(m.start(), m.end(), stem(m[0])) for m in _LATIN_WORD.finditer(text)]
        taken = 0
        for at in range(len(words)):
            for end in range(min(len(words), at + 6), max(at, taken), -1):
                phrase = " ".join(w for _, _, w in words[at:end])
                if pieces := self.phrases.get(phrase):
                    yield Span(words[at][0], words[end - 1][1], phrase, pieces)
                    taken = end
                    break

    def heard(self, run: str) -> list[Span]:
        """Phrases that a run of characters sounds like, sharing at least one character (冷练 → 冷链)."""
        sounds = syllables(run)
        found: list[Span] = []
        start = 0
        while start < len(run) - 1:
            for end in range(min(len(run), start + 8), start + 1, -1):
                phrase = self.readings.get(tuple(sounds[start:end]), "")
                if phrase and self._mishears(run[start:end], phrase):
                    found.append(Span(start, end, phrase, self.phrases[phrase]))
                    start = end - 1
                    break
            start += 1
        return found

    def _mishears(self, typed: str, phrase: str) -> bool:
        """A slip of the pen: characters this notice never puts together, one of them right."""
        strange = any(join(a, b) not in self._pairs.postings for a, b in pairwise(typed))
        return strange and typed != phrase and any(a == b for a, b in zip(typed, phrase, strict=False))

    def search(
        self,
        runs: Iterable[list[str]],
        spans: Collection[Span] = (),
        *,
        only: Collection[int] | None = None,
        nearer: Mapping[int, float] | None = None,
        ears: bool = False,
    ) -> Found:
        """The points that account best for these runs of words.

        `only` limits it to some points, `nearer` favours some (a conversation's last point), `ears` lets
        sounds count even where the characters are known ones.
        """
        scores: dict[int, float] = defaultdict(float)
        weight = sum(self._add_run(run, scores, ears) for run in runs)
        explained = {point: scores.get(doc, 0.0) for point, doc in self._whole.items()}
        for span in spans:
            telling = rarity(len(self.points_of(span)), len(self._whole))
            for doc in span.pieces:
                scores[doc] += PHRASE * telling * min(span.size, 8) / 2
        hits = self._ranked(scores, explained, weight, only, nearer or {})
        return Found(tuple(hits), weight / self._pairs.rarest, tuple(spans))

    def _add_run(self, run: list[str], scores: dict[int, float], ears: bool) -> float:
        """Adds one run's grams to the scores; returns how much there was to explain."""
        weight = 0.0
        heard = syllables("".join(w if len(w) == 1 else " " for w in run))
        heard = [s or (w[1:] if w.startswith("~") else "") for s, w in zip(heard, run, strict=True)]
        for at, word in enumerate(run):
            weight += self._add_single(word, scores)
            if at + 1 == len(run):
                break
            pair = join(word, run[at + 1])
            sound = f"{heard[at]} {heard[at + 1]}" if heard[at] and heard[at + 1] else ""
            known = pair in self._pairs.postings
            if known:
                weight += _add(self._pairs, pair, scores, PAIR)
            if sound in self._sounds.postings and (ears or not known):
                by_ear = _add(self._sounds, sound, scores, SOUND)
                weight += 0.0 if known else by_ear / SOUND
            elif not known and len(word) == len(run[at + 1]) == 1:
                weight += _unknown_pair(word, run[at + 1]) * self._pairs.rarest
        return weight

    def _add_single(self, word: str, scores: dict[int, float]) -> float:
        worth = SINGLE if len(word) == 1 else PAIR
        if word in STOP:
            return 0.0
        if word not in self._singles.postings:
            return UNKNOWN * worth * self._singles.rarest
        return _add(self._singles, word, scores, worth)

    def _ranked(
        self,
        scores: Mapping[int, float],
        explained: Mapping[int, float],
        weight: float,
        only: Collection[int] | None,
        nearer: Mapping[int, float],
    ) -> list[Hit]:
        best: dict[int, tuple[float, int]] = {}
        for doc, score in scores.items():
            if doc < len(self.pieces):
                point = self._point_of[doc]
                if (only is None or point in only) and score > best.get(point, (0.0, 0))[0]:
                    best[point] = (score, doc)
        ranked = []
        for point, (score, doc) in best.items():
            total = (score + WHOLE * explained[point]) * (1.0 + nearer.get(point, 0.0))
            ranked.append((-total, point, doc))
        ranked.sort()
        return [
            Hit(point, -total, self.pieces[doc], min(1.0, explained[point] / weight) if weight else 0.0)
            for total, point, doc in ranked[:BEST]
        ]


def _add(view: View, gram: str, scores: dict[int, float], worth: float) -> float:
    """Adds a known gram to every document that has it; returns how much it weighs."""
    telling, printed, said = view.postings[gram]
    full = worth * telling
    for doc in printed:
        scores[doc] += full
    for doc in said:
        scores[doc] += SAID * full
    return full


def _unknown_pair(a: str, b: str) -> float:
    """An unknown pair of content characters is something unexplained; with a function word, hardly."""
    return (0.0, 0.15, UNKNOWN)[(a not in STOP) + (b not in STOP)]


def _whole_word(text: str, start: int, end: int) -> bool:
    """A phrase of letters or digits must not be cut out of a longer word or number."""
    first, last = text[start], text[end - 1]
    before, after = text[start - 1 : start], text[end : end + 1]
    if last.isdigit() and after and (after.isdigit() or after == "."):
        return False
    inside_left = _latin(first) and bool(before) and _latin(before)
    inside_right = last.isascii() and last.isalpha() and after.isascii() and after.isalpha()
    return not inside_left and not inside_right


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()
