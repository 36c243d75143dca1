"""Finds which words of a notice a question is about: an index over small pieces, and the search in it.

Several views are added up per piece: characters (pairs and singles, rare ones weigh more), sounds where the
characters are unknown (homophone typos, typed pinyin), phrases of the lexicon, English words. `knowledge/question.py`
prepares the text, `handlers/ask.py` decides what to do with the outcome. Nothing here knows a particular notice.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from knowledge.lexicon import Lexicon
from knowledge.normalize import has_chinese, plain
from knowledge.notice import Notice, WorkPoint
from knowledge.pinyin import initials, syllables

PAIR, SINGLE, SOUND, PHRASE, WHOLE = 1.0, 0.22, 0.75, 0.9, 0.35  # what each view is worth
LONGEST_PHRASE = 14
STOP = frozenset(
    "的了吗呢啊吧嘛呀哦哈是在有要和跟与及我你他它这那个把被就都也还又很太不没去来到对给让得着过会能可想说问讲看弄搞点些里多少几什么怎哪谁何请么为以于从向按"
)
_WORD = re.compile(r"[a-z][a-z0-9'&.-]*|\d+(?:\.\d+)?%?|[\u3400-\u9fff]")
_LETTERS = re.compile(r"[a-z' -]+")  # English phrases are found word by word, not letter by letter
_EN_STOP = frozenset(
    "a an the of to in on at for and or is are was were be been do does did has have had it its "
    "this that these those with by from "
    "as about into than then there here what which who whom whose when where why how can could "
    "will would shall should may might must "
    "i you he she we they me my our your us them his her their please thanks thank hi hello hey "
    "tell show give need want know get "
    "any some many much more most new all each every per one no not not's also just so such say "
    "says said doing done make made "
    "item point clause no. notice document plan year 2024 unit units department departments "
    "bureau bureaus office lead leads leading leader "
    "responsible responsibility charge handle handles handling manage manages run runs target "
    "targets figure number goal goals "
    "are's what's who's it's s t re ve going go let let's up out over chaozhou city county "
    "counties which's work works there's "
    "doc regarding regards concerning related mention mentions mentioned talk talks policy "
    "policies measures requirement requirements "
    "support supports improve improving promote promoting develop developing development build "
    "building town towns village villages rural".split()
)
_WEAK_EN = frozenset(
    "policy policies support improve promote develop development build building town towns "
    "village villages rural county counties "
    "city lead leader office department bureau unit units plan new charge target work works number".split()
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a point's own words, about one clause long."""

    point: int
    text: str
    is_title: bool = False


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


@dataclass(frozen=True, slots=True)
class Found:
    """Best first. `weight` is how much there was to explain; `phrases` are the lexicon's words that took part."""

    hits: tuple[Hit, ...] = ()
    weight: float = 0.0
    phrases: tuple[Span, ...] = ()


@dataclass(slots=True)
class _Building:
    """Grams of each document while the index is being made; the value is how much they count there."""

    pairs: dict[int, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    singles: dict[int, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    sounds: dict[int, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    phrases: dict[str, dict[int, None]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, doc: int, words: list[str], worth: float) -> None:
        pairs, singles, sounds = self.pairs[doc], self.singles[doc], self.sounds[doc]
        heard = syllables("".join(w if len(w) == 1 else " " for w in words))
        for at, word in enumerate(words):
            singles[word] = max(worth, singles.get(word, 0.0))
            if at + 1 < len(words):
                pair = _join(word, words[at + 1])
                pairs[pair] = max(worth, pairs.get(pair, 0.0))
                if heard[at] and heard[at + 1]:
                    sound = f"{heard[at]} {heard[at + 1]}"
                    sounds[sound] = max(worth, sounds.get(sound, 0.0))


@dataclass(frozen=True, slots=True)
class _View:
    """Postings of one kind of gram: gram → (rarity, documents with their worth)."""

    postings: Mapping[str, tuple[float, tuple[tuple[int, float], ...]]]
    rarest: float

    @classmethod
    def of(cls, grams: Mapping[int, Mapping[str, float]], point_of: list[int]) -> _View:
        where: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for doc, worths in grams.items():
            for gram, worth in worths.items():
                where[gram].append((doc, worth))
        count = len(set(point_of))
        postings = {
            gram: (_rarity(len({point_of[d] for d, _ in docs}), count), tuple(docs))
            for gram, docs in where.items()
        }
        return cls(postings, _rarity(1, count))


@dataclass(frozen=True, slots=True)
class Index:
    """Built once per notice; searching changes nothing in it."""

    pieces: tuple[Piece, ...]
    lexicon: Lexicon
    sections: Mapping[int, tuple[str, ...]]  # section number → its title and the ways people say it
    titles: Mapping[int, str]
    phrases: Mapping[str, tuple[int, ...]]
    abbreviations: Mapping[str, tuple[str, ...]]  # "hymc" → 海洋牧场
    readings: Mapping[tuple[str, ...], str]  # syllables → the phrase that sounds so
    english: frozenset[str]
    _pairs: _View
    _singles: _View
    _sounds: _View
    _point_of: tuple[int, ...]
    _whole: Mapping[int, int]  # point → the document made of all its words

    @classmethod
    def of(cls, notice: Notice, lexicon: Lexicon) -> Index:
        pieces, building = _pieces(notice), _Building()
        for doc, piece in enumerate(pieces):
            building.add(doc, words_of(plain(piece.text)), 1.0)
        _add_phrases(building, notice, pieces, lexicon)
        point_of = [piece.point for piece in pieces]
        whole = {}
        for point in notice.points:
            whole[point.number] = len(point_of)
            point_of.append(point.number)
        for grams in (building.pairs, building.singles, building.sounds):
            _unite(grams, point_of, whole, len(pieces))
        phrases = {phrase: tuple(docs) for phrase, docs in building.phrases.items()}
        return cls(
            pieces,
            lexicon,
            _section_names(notice, lexicon),
            {p.number: p.title for p in notice.points},
            phrases,
            _abbreviations(phrases),
            _readings(phrases),
            frozenset(w for phrase in phrases if not has_chinese(phrase) for w in words_of(phrase)),
            _View.of(building.pairs, point_of),
            _View.of(building.singles, point_of),
            _View.of(building.sounds, point_of),
            tuple(point_of),
            whole,
        )

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
        words = [(m.start(), m.end(), stem(m[0])) for m in re.finditer(r"[a-z0-9'&.+-]+", text)]
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
        strange = any(_join(a, b) not in self._pairs.postings for a, b in zip(typed, typed[1:], strict=False))
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
        weight = 0.0
        for run in runs:
            weight += self._add_run(run, scores, ears)
        explained = dict(scores)
        for span in spans:
            rarity = _rarity(len({self._point_of[d] for d in span.pieces}), len(self._whole))
            size = len(span.phrase) if has_chinese(span.phrase) else 4 + 2 * span.phrase.count(" ")
            for doc in span.pieces:
                scores[doc] += PHRASE * rarity * min(size, 8) / 2
                explained.setdefault(doc, 0.0)
        return Found(tuple(self._ranked(scores, explained, weight, only, nearer or {})), weight, tuple(spans))

    def _add_run(self, run: list[str], scores: dict[int, float], ears: bool) -> float:
        """Adds one run's grams to the scores; returns how much there was to explain."""
        weight = 0.0
        heard = syllables("".join(w if len(w) == 1 else " " for w in run))
        heard = [s or (w[1:] if w.startswith("~") else "") for s, w in zip(heard, run, strict=True)]
        for at, word in enumerate(run):
            weight += self._add(
                self._singles, word, scores, SINGLE if len(word) == 1 else PAIR, oov=word not in STOP
            )
            if at + 1 == len(run):
                break
            pair = _join(word, run[at + 1])
            known = pair in self._pairs.postings
            if known:
                weight += self._add(self._pairs, pair, scores, PAIR, oov=True)
            sound = f"{heard[at]} {heard[at + 1]}" if heard[at] and heard[at + 1] else ""
            if sound in self._sounds.postings and (ears or not known):
                heard_weight = self._add(self._sounds, sound, scores, SOUND, oov=False)
                weight += 0.0 if known else heard_weight / SOUND
            elif not known and len(word) == len(run[at + 1]) == 1:
                strange = (word not in STOP) + (run[at + 1] not in STOP)
                weight += (0.0, 0.15, 0.6)[strange] * self._pairs.rarest
        return weight

    def _add(self, view: _View, gram: str, scores: dict[int, float], worth: float, oov: bool) -> float:
        found = view.postings.get(gram)
        if found is None:
            return 0.6 * worth * view.rarest if oov else 0.0
        rarity, docs = found
        if gram in STOP:
            return 0.0
        for doc, here in docs:
            scores[doc] += worth * rarity * here
        return worth * rarity

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
        hits = []
        for point, (score, doc) in best.items():
            whole = explained.get(self._whole[point], 0.0)
            total = (score + WHOLE * scores.get(self._whole[point], 0.0)) * (1.0 + nearer.get(point, 0.0))
            hits.append(Hit(point, total, self.pieces[doc], min(1.0, whole / weight) if weight else 0.0))
        hits.sort(key=lambda hit: (-hit.score, hit.point))
        return hits[:8]


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


def is_stopword(word: str) -> bool:
    """English words that carry no subject of their own."""
    return word in _EN_STOP or stem(word) in _EN_STOP


def _pieces(notice: Notice) -> tuple[Piece, ...]:
    """Titles, and each clause cut at its commas; a short cut stays with what follows."""
    pieces: list[Piece] = []
    for point in notice.points:
        pieces.append(Piece(point.number, point.title, is_title=True))
        for clause in point.clauses:
            pieces.extend(Piece(point.number, text) for text in _cuts(clause.text))
    return tuple(pieces)


def _cuts(text: str) -> Iterator[str]:
    start = 0
    for mark in re.finditer(r"[,,;;]", text):
        if mark.start() - start >= 6:
            yield text[start : mark.start()]
            start = mark.end()
    if start < len(text):
        yield text[start:]


def _add_phrases(building: _Building, notice: Notice, pieces: tuple[Piece, ...], lexicon: Lexicon) -> None:
    """The lexicon's phrases, the titles, and what the notice itself puts in quotation marks."""
    for say in lexicon.says:
        docs = _pieces_of(say.quote, notice, pieces)
        for phrase in say.zh:
            for doc in docs:
                building.phrases[phrase][doc] = None
                building.add(doc, words_of(phrase), 0.8)
        for phrase in say.en:
            words = words_of(phrase)
            for doc in docs:
                building.phrases[" ".join(words)][doc] = None
                building.add(doc, [w for w in words if w not in _EN_STOP or w in _WEAK_EN], 0.8)
    for doc, piece in enumerate(pieces):
        if piece.is_title:
            building.phrases[plain(piece.text)][doc] = None
        for quoted in re.findall(r"[“《]([^”》]{2,14})[”》]", piece.text):
            building.phrases[plain(quoted)][doc] = None


def _pieces_of(quote: str, notice: Notice, pieces: tuple[Piece, ...]) -> list[int]:
    """Pieces that share words with the quote, in every point that has it."""
    points = {p.number: p for p in notice.points if quote in p.text}
    return [
        doc
        for doc, piece in enumerate(pieces)
        if piece.point in points and _overlap(piece, quote, points[piece.point])
    ]


def _overlap(piece: Piece, quote: str, point: WorkPoint) -> bool:
    if piece.text in quote or quote in piece.text:
        return quote == point.title if piece.is_title else quote != point.title
    return False


def _unite(
    grams: dict[int, dict[str, float]], point_of: list[int], whole: Mapping[int, int], count: int
) -> None:
    """Gives every point a document holding all the grams of its pieces."""
    for doc in range(count):
        mine = grams[whole[point_of[doc]]]
        for gram, worth in grams[doc].items():
            mine[gram] = max(worth, mine.get(gram, 0.0))


def _section_names(notice: Notice, lexicon: Lexicon) -> dict[int, tuple[str, ...]]:
    said = defaultdict(list)
    for say in lexicon.says:
        said[say.quote].extend((*say.zh, *say.en))
    return {s.number: (plain(s.title), *said[s.title]) for s in notice.sections}


def _abbreviations(phrases: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for phrase in phrases:
        if 2 <= len(phrase) <= 8 and (short := initials(phrase)):
            found[short].append(phrase)
    return {short: tuple(names) for short, names in found.items()}


def _readings(phrases: Mapping[str, tuple[int, ...]]) -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    for phrase in phrases:
        if has_chinese(phrase) and all(sounds := tuple(syllables(phrase))):
            found.setdefault(sounds, phrase)
    return found


def _whole_word(text: str, start: int, end: int) -> bool:
    """A phrase of letters or digits must not be cut out of a longer word or number."""
    first, last = text[start], text[end - 1]
    before, after = text[start - 1 : start], text[end : end + 1]
    if last.isdigit() and (after.isdigit() or after == "."):
        return False
    return not (
        first.isascii() and first.isalnum() and before.isascii() and before.isalnum() and before
    ) and not (last.isascii() and last.isalpha() and after.isascii() and after.isalpha() and after)


def _join(a: str, b: str) -> str:
    return a + b if len(a) == len(b) == 1 else f"{a} {b}"


def _rarity(points: int, count: int) -> float:
    """How much a gram in so many of `count` points tells (BM25's idf)."""
    return math.log(1.0 + (count - points + 0.5) / (points + 0.5))
