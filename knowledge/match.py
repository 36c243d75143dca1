"""Finds which words of a notice a question is about.

Several views are added up per piece: characters (pairs and singles, rare ones weigh more), sounds where the
characters are unknown (homophone typos, typed pinyin), phrases of the lexicon, English words.
`knowledge/question.py` prepares the text, `handlers/ask.py` decides what to do with the outcome.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import add
from typing import NamedTuple

from knowledge import teaching
from knowledge.combining import Apart, Combinations
from knowledge.hearing import Ear, ear_for
from knowledge.indexing import LONGEST_PHRASE, Documents, undisturbed
from knowledge.leaning import Leaning
from knowledge.lexicon import Lexicon
from knowledge.naming import abbreviations, by_renown, readings, section_names, starts
from knowledge.normalize import has_chinese
from knowledge.notice import Notice
from knowledge.pieces import Cuts, Piece, Pieces, words_once, words_outside
from knowledge.pinyin import Readings, syllables
from knowledge.postings import NOWHERE, Layout, View, rarity
from knowledge.scoring import Scored, best_points
from knowledge.stems import stem
from knowledge.terms import STOP, Terms
from storage.taught import Taught

PHRASE = 0.9  # what a phrase of the lexicon is worth beside a pair of characters
SIMILAR = 0.6  # what a combination is worth where other words say the same
HEARD = 8  # syllables of the longest phrase that is heard
SPLIT = 4  # a word of so many characters may have others in its middle
TAUGHT = 4.0  # what the office says a phrase means outweighs what its characters resemble
_LETTERS = re.compile(r"[a-z' -]+")  # English phrases are found word by word, not letter by letter


class Hit(NamedTuple):
    """A point found: its score, its best piece, and the share of the question's weight it accounts for."""

    point: int
    score: float
    piece: Piece
    cover: float


class Span(NamedTuple):
    """A known phrase in the question, and the texts it stands for."""

    start: int
    end: int
    phrase: str
    texts: tuple[int, ...]
    worth: float = 1.0

    @property
    def size(self) -> float:
        """Its length as a measure of how much it says; an English word says about two characters twice."""
        if self.phrase.isascii():
            return 4 + 2 * (self.phrase.count(" ") + self.phrase.count("+"))
        return self.worth * (len(self.phrase) - self.phrase.count("+"))


class Found(NamedTuple):
    """Best first. `weight` is how much there was to explain, in rarest pairs; `phrases` took part."""

    hits: tuple[Hit, ...] = ()
    weight: float = 0.0
    phrases: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Index:
    """Built once per notice; searching changes nothing in it."""

    pieces: Pieces
    lexicon: Lexicon
    sections: Mapping[int, tuple[str, ...]]  # section number → its title and the ways people say it
    phrases: Mapping[str, tuple[int, ...]]  # with the texts they stand for
    quotes: Mapping[str, tuple[str, ...]]  # phrase → the notice's words it was written for
    abbreviations: Mapping[str, tuple[str, ...]]
    readings: Readings
    english: frozenset[str]
    _notice: Notice
    _text: str  # the notice's words
    _combinations: Combinations
    _apart: Apart
    _layout: Layout
    _pairs: View
    _singles: View
    _sounds: View
    _outside: frozenset[int]  # points with words in none of their pieces
    _points_of: Callable[[tuple[int, ...]], frozenset[int]]
    ear: Callable[[], Ear]  # hears typed pinyin
    leaning: Leaning  # what a question's characters alone tell
    _starts: Mapping[str, tuple[int, ...]]  # how phrases begin, two characters → how long they are
    _meant: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # phrases the office taught

    @classmethod
    @undisturbed()
    def of(cls, notice: Notice, lexicon: Lexicon, names: Iterable[str] = ()) -> Index:
        """`names` of units are no phrases, but typed by their sounds as well (linyeju)."""
        cuts = Cuts.of(notice)
        made = Documents.of(notice, lexicon, cuts)
        sections = section_names(notice, lexicon)
        phrases = made.phrases_told()
        singles, pairs, sounds = made.views()
        printed, common, others = by_renown(phrases, made.words, lexicon)
        titles = (name for found in sections.values() for name in found if len(name) >= 4)
        heard = readings((*printed, *common, *others, *titles, *names))
        combinations = made.combinations(lexicon.same)
        return cls(
            pieces=Pieces(made.words, made.layout),
            lexicon=lexicon,
            sections=sections,
            phrases=phrases,
            quotes=made.quotes,
            abbreviations=abbreviations(printed, common),
            readings=heard,
            english=frozenset(w for p in phrases if p.isascii() or not has_chinese(p) for w in p.split()),
            _notice=notice,
            _text=words_once(notice),
            ear=ear_for(lexicon, phrases, heard, combinations),
            leaning=Leaning.of(notice, lexicon),
            _combinations=combinations,
            _apart=made.words_apart(),
            _layout=made.layout,
            _pairs=pairs,
            _singles=singles,
            _sounds=sounds,
            _outside=words_outside(notice, cuts),
            _points_of=made.layout.remembering(),
            _starts=starts(p for p in phrases if len(p) <= LONGEST_PHRASE),
        )

    def taught(self, rows: Iterable[Taught]) -> Index:
        """This index with what the office taught laid over it.

        A taught phrase means what it was taught for and nothing else; a row whose point or quote is no longer
        in the notice is left out.
        """
        meant = self._meanings(rows)
        if not meant:
            return self
        said = teaching.said(meant, len(self._layout.sayings))
        layout = self._layout.with_own(piece for pieces, _ in meant.values() for piece in pieces)
        quotes = {phrase: quotes for phrase, (_, quotes) in meant.items()}
        own = layout.own.__getitem__
        phrases = {phrase: tuple(map(own, pieces)) for phrase, (pieces, _) in meant.items()}
        layout = layout.with_sayings(list(phrases.values()))
        lexicon, known = teaching.without(self.lexicon, phrases), {**self.phrases, **phrases}
        heard = teaching.heard_as(self.readings, phrases)
        return replace(
            self,
            lexicon=lexicon,
            sections=teaching.unnamed(self.sections, phrases),
            phrases=known,
            quotes={**self.quotes, **quotes},
            abbreviations=teaching.abbreviated(self.abbreviations, phrases),
            readings=heard,
            ear=ear_for(lexicon, known, heard, self._combinations),
            english=self.english | teaching.english_words(phrases),
            _layout=layout,
            _points_of=layout.remembering(),
            _pairs=self._pairs.with_said(said.pairs),
            _singles=self._singles.with_said(said.singles),
            _sounds=self._sounds.with_said(said.sounds),
            _meant={**self._meant, **phrases},
            _starts=starts(phrases, self._starts),
        )

    def is_taught(self, phrase: str) -> bool:
        """Whether the office said what this means; it is no unit's or place's name then."""
        return phrase in self._meant

    def points_of(self, span: Span) -> frozenset[int]:
        """The points a phrase stands for; the fewer, the more it tells."""
        return self._points_of(span.texts)

    def points_meant(self, phrase: str) -> list[int]:
        """The same of any known phrase, in the order of its texts."""
        layout = self._layout
        return [layout.numbers[place] for text in self.phrases[phrase] for place in layout.standing[text]]

    def words_meant(self, phrase: str) -> list[str]:
        """The notice's words that a known phrase stands for."""
        base = self._layout.base
        return [self.pieces.words[base.get(text, text)] for text in self.phrases[phrase]]

    def prints(self, phrase: str) -> bool:
        """Whether these are words of the notice, and not only what people say for them."""
        return phrase in self._text

    def may_print(self, word: str) -> Sequence[int]:
        """The points that can have this word in their own text; all, where its characters do not tell.

        The word may have a few characters in its middle (青年…下乡), so its halves are looked for.
        """
        half = len(word) // 2 if len(word) >= SPLIT else len(word)
        pairs = [word[at - 1 : at + 1] for at in range(1, len(word)) if at != half]
        grams = [self._pairs.gram(pair) for pair in pairs if has_chinese(pair[0]) and has_chinese(pair[1])]
        if not grams:
            return self._layout.numbers
        rarest = min((gram.printing if gram else NOWHERE for gram in grams), key=len)
        return sorted(self._layout.numbers_of(rarest) | self._outside)

    def spans(self, text: str) -> list[Span]:
        """Known phrases in the text: the longest at each place, none inside another."""
        found: list[Span] = []
        covered = 0
        for start, lengths in enumerate(map(self._starts.get, map(add, text, text[1:]))):
            if lengths is None:
                continue
            for length in lengths:
                end = start + length
                if length < 2 or end <= covered:
                    break
                pieces = self.phrases.get(text[start:end]) if end <= len(text) else None
                if pieces and _whole_word(text, start, end) and not _LETTERS.fullmatch(text, start, end):
                    found.append(Span(start, end, text[start:end], pieces))
                    covered = end
                    break
        if not teaching.LATIN_WORD.search(text):
            return found
        places = {(span.start, span.end) for span in found}
        return found + [s for s in self._english_spans(text) if (s.start, s.end) not in places]

    def _english_spans(self, text: str) -> Iterator[Span]:
        places = list(teaching.LATIN_WORD.finditer(text))
        words = [stem(place[0]) for place in places]
        taken = 0
        for at, first in enumerate(words):
            longest = 6 if first in self.english else 1  # no phrase of several words begins with another
            for end in range(min(len(words), at + longest), max(at, taken), -1):
                phrase = " ".join(words[at:end])
                if pieces := self.phrases.get(phrase):
                    yield Span(places[at].start(), places[end - 1].end(), phrase, pieces)
                    taken = end
                    break

    def together(self, text: str, known: Sequence[Span] = ()) -> list[Span]:
        """Known words that mean something only side by side (冷气 … 跳闸), wherever they stand.

        Words that only say the same as those known do not count inside one of the `known` phrases.
        """
        return [
            Span(0, len(text), "+".join(found.words), found.docs, 1.0 if found.literal else SIMILAR)
            for found in self._combinations.find(text)
            if found.literal or not any(_within(found.places, span) for span in known)
        ]

    def apart(self, run: Sequence[str], spans: Iterable[Span]) -> list[Span]:
        """English phrases whose words stand near one another, unless they stand side by side."""
        known = [set(span.phrase.split()) for span in spans]
        found = self._apart.find(run)
        return [
            Span(0, 0, "+".join(words), pieces)
            for words, pieces in found
            if not any(one.issuperset(words) for one in known)
        ]

    def heard(self, run: str) -> list[Span]:
        """Phrases that a run of characters sounds like, sharing at least one character (冷练 → 冷链)."""
        strange = [pair not in self._pairs for pair in map(add, run, run[1:])]  # the notice never joins these
        if True not in strange:
            return []
        sounds, found = syllables(run), list[Span]()
        start = 0
        while start < len(run) - 1:
            span = self._heard_at(run, start, sounds, strange)
            if span is not None:
                found.append(span)
                start = span.end - 1
            start += 1
        return found

    def _heard_at(self, run: str, start: int, sounds: Sequence[str], strange: Sequence[bool]) -> Span | None:
        """The longest phrase that the run sounds like from here on, where something strange is in it."""
        lengths = self.readings.lengths(sounds[start : start + 2])
        for end in range(min(len(run), start + HEARD), start + 1, -1) if lengths else ():
            if not lengths >> (end - start) & 1 or True not in strange[start : end - 1]:
                continue
            phrase = self.readings.get(tuple(sounds[start:end]), "")
            texts = self.phrases.get(phrase)  # a section's name is heard, but stands for no text
            if texts and _mishears(run[start:end], phrase):
                return Span(start, end, phrase, texts)
        return None

    def _meanings(self, rows: Iterable[Taught]) -> dict[str, tuple[tuple[int, ...], tuple[str, ...]]]:
        """Phrase → the pieces it stands for, and the words quoted for it."""
        found: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {}
        for row in rows:
            place = self._layout.place_of.get(row.point)
            if place is None or not (phrase := teaching.key(row.phrase)):
                continue
            pieces = [(doc, self.pieces[doc].text) for doc in self._layout.pieces_at(place)]
            if docs := teaching.pieces_of(row.quote, self._notice.points[place], pieces):
                known, quotes = found.get(phrase, ((), ()))
                quotes = (*quotes, row.quote) if row.quote else quotes
                found[phrase] = tuple(sorted({*known, *docs})), quotes
        return found

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
        terms = Terms(self._pairs, self._singles, self._sounds, ears=ears, owners=self._owners(spans))
        for run in runs:
            terms.read(run)
        place_of = self._layout.place_of
        best = best_points(
            self._layout,
            terms,
            [(span.texts, self._bonus(span)) for span in spans],
            only=None if only is None else {place_of[number] for number in only if number in place_of},
            nearer={place_of[number]: lift for number, lift in (nearer or {}).items() if number in place_of},
        )
        return Found(
            tuple(self._hit(scored, terms.weight) for scored in best),
            terms.weight / self._pairs.rarest,
            tuple(spans),
        )

    def _hit(self, scored: Scored, weight: float) -> Hit:
        cover = min(1.0, scored.explained / weight) if weight else 0.0
        return Hit(self._layout.numbers[scored.place], scored.score, self.pieces[scored.piece], cover)

    def _bonus(self, span: Span) -> float:
        """What a phrase adds to the pieces it stands for; the office's word weighs more than others'."""
        telling = rarity(len(self.points_of(span)), len(self._layout.numbers))
        return (TAUGHT if span.phrase in self._meant else PHRASE) * telling * min(span.size, 8) / 2

    def _owners(self, spans: Iterable[Span]) -> dict[str, tuple[int, ...]]:
        return {span.phrase: span.texts for span in spans if span.phrase in self._meant}


def _mishears(typed: str, phrase: str) -> bool:
    """A slip of the pen: at least half the characters right, no 几 or 会 for another."""
    slips = [a for a, b in zip(typed, phrase, strict=False) if a != b]
    return 0 < len(slips) <= len(typed) / 2 and STOP.isdisjoint(slips)


def _whole_word(text: str, start: int, end: int) -> bool:
    """A phrase of letters or digits must not be cut out of a longer word or number."""
    first, last = text[start], text[end - 1]
    before, after = text[start - 1 : start], text[end : end + 1]
    if last.isdigit() and after and (after.isdigit() or after == "."):
        return False
    inside_left = _latin(first) and bool(before) and _latin(before)
    inside_right = last.isascii() and last.isalpha() and after.isascii() and after.isalpha()
    return not inside_left and not inside_right


def _within(places: Iterable[tuple[int, int]], span: Span) -> bool:
    return all(span.start <= start and end <= span.end for start, end in places)


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()
