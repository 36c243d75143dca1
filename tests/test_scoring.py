"""The search against a plain one that looks at every piece: the same points, the same scores.

The plain search is written from the definition alone and shares no table with the index: every gram of the
question is looked for in every piece, whatever that costs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from handlers.ask import Knowing
from knowledge import scoring
from knowledge.grams import join, words_of
from knowledge.lexicon import Say, shipped_lexicon
from knowledge.match import PHRASE, Found, Index, Span
from knowledge.normalize import plain
from knowledge.notice import Notice, parse
from knowledge.pieces import Piece
from knowledge.pinyin import syllables
from knowledge.postings import SAID, rarity
from knowledge.question import Question, read
from knowledge.scoring import BEST, WHOLE
from knowledge.speech import speech
from knowledge.terms import PAIR, SINGLE, SOUND, STOP, UNKNOWN
from tests.bench.province import province

DATA = Path(__file__).parent / "data"
Grams = dict[str, bool]  # gram → whether it is printed, not only said


@dataclass(frozen=True, slots=True)
class Plain:
    """Every piece with its grams, and every point with those of all its pieces."""

    index: Index
    parts: list[Piece]
    pieces: list[Grams]
    points: dict[int, Grams]
    count: Mapping[str, int]  # gram → points that have it

    @classmethod
    def of(cls, index: Index, notice: Notice) -> Plain:
        parts = list(index.pieces)
        pieces = [dict.fromkeys(_grams(words_of(plain(piece.text))), True) for piece in parts]
        count: dict[str, int] = {}
        for say in index.lexicon.says:
            said = set(_said(say))
            count |= {gram: 0 for gram in said if gram not in count}
            for at in _pieces_of(say, index, notice):
                pieces[at] = dict.fromkeys(said, False) | pieces[at]
        points: dict[int, Grams] = {point.number: {} for point in notice.points}
        for piece, grams in zip(parts, pieces, strict=True):
            whole = points[piece.point]
            whole |= {gram: printed or whole.get(gram, False) for gram, printed in grams.items()}
        for grams in points.values():
            for gram in grams:
                count[gram] = count.get(gram, 0) + 1
        return cls(index, parts, pieces, points, count)

    def search(
        self,
        q: Question,
        *,
        only: Collection[int] | None = None,
        nearer: Mapping[int, float] | None = None,
        ears: bool = False,
    ) -> tuple[float, list[tuple[float, int, set[str], float]]]:
        """How much there was to explain; score, point, the texts of its best pieces and cover, best first."""
        terms, weight = self._terms(q.runs, ears)
        best: dict[int, tuple[float, set[str]]] = {}
        texts = self.index.pieces.layout.texts
        for at, piece in enumerate(self.parts):
            score = _sum(terms, self.pieces[at]) + sum(
                self._bonus(span) for span in q.spans if texts[at] in span.texts
            )
            known, words = best.get(piece.point, (0.0, set()))
            if score > known + 1e-9:
                best[piece.point] = (score, {piece.text})
            elif score > 0 and abs(score - known) <= 1e-9:
                words.add(piece.text)
        found = []
        for point, (score, texts) in best.items():
            explained = _sum(terms, self.points[point])
            total = (score + WHOLE * explained) * (1.0 + (nearer or {}).get(point, 0.0))
            if only is None or point in only:
                found.append((total, point, texts, min(1.0, explained / weight) if weight else 0.0))
        found.sort(key=lambda hit: (-round(hit[0], 6), hit[1]))
        return weight / self._telling(1), found

    def _terms(self, runs: Iterable[Sequence[str]], ears: bool) -> tuple[list[tuple[str, float]], float]:
        terms: list[tuple[str, float]] = []
        weight = 0.0
        for run in runs:
            heard = syllables("".join(w if len(w) == 1 else " " for w in run))
            for word in run:
                worth = SINGLE if len(word) == 1 else PAIR
                if word not in STOP:
                    weight += self._take(f"1 {word}", worth, terms, UNKNOWN * worth * self._telling(1))
            for (a, b), (left, right) in zip(pairwise(run), pairwise(heard), strict=True):
                known = f"2 {join(a, b)}" in self.count
                weight += self._take(f"2 {join(a, b)}", PAIR, terms, 0.0)
                sound = f"3 {left} {right}"
                if left and right and sound in self.count and (ears or not known):
                    by_ear = self._take(sound, SOUND, terms, 0.0)
                    weight += 0.0 if known else by_ear / SOUND
                elif not known and len(a) == len(b) == 1:
                    strange = (0.0, 0.15, UNKNOWN)[(a not in STOP) + (b not in STOP)]
                    weight += strange * self._telling(1)
        return terms, weight

    def _take(self, gram: str, worth: float, terms: list[tuple[str, float]], unknown: float) -> float:
        if gram not in self.count:
            return unknown
        full = worth * self._telling(self.count[gram])
        terms.append((gram, full))
        return full

    def _bonus(self, span: Span) -> float:
        return PHRASE * self._telling(len(self.index.points_of(span))) * min(span.size, 8) / 2

    def _telling(self, points: int) -> float:
        return rarity(points, len(self.points))


def _grams(words: list[str]) -> Iterator[str]:
    """Words, pairs and sounds, told apart by a digit in front."""
    heard = syllables("".join(w if len(w) == 1 else " " for w in words))
    yield from (f"1 {word}" for word in words)
    yield from (f"2 {join(a, b)}" for a, b in pairwise(words))
    yield from (f"3 {a} {b}" for a, b in pairwise(heard) if a and b)


def _said(say: Say) -> Iterator[str]:
    stop, weak = speech().english_stop, speech().english_weak
    for phrase in say.zh:
        yield from _grams(words_of(phrase))
    for phrase in say.en:
        yield from _grams([w for w in words_of(phrase) if w not in stop or w in weak])


def _pieces_of(say: Say, index: Index, notice: Notice) -> Iterator[int]:
    points = {point.number: point for point in notice.points if say.quote in point.text}
    for at, piece in enumerate(index.pieces):
        shares = piece.point in points and (piece.text in say.quote or say.quote in piece.text)
        if shares and piece.is_title == (say.quote == points[piece.point].title):
            yield at


def _sum(terms: Iterable[tuple[str, float]], grams: Grams) -> float:
    return sum(full * (1.0 if grams[gram] else SAID) for gram, full in terms if gram in grams)


def questions() -> list[str]:
    texts = (file.read_text("utf-8") for file in sorted(DATA.glob("questions*.jsonl")))
    lines = (line for text in texts for line in text.splitlines() if line.strip())
    return list(dict.fromkeys(json.loads(line)["q"] for line in lines))


def agree(found: Found, weight: float, expected: list[tuple[float, int, set[str], float]]) -> None:
    """Same weight, same points in the same order but for ties, same scores, pieces and covers."""
    assert found.weight == pytest.approx(weight, abs=1e-6)
    by_point = {point: (score, texts, cover) for score, point, texts, cover in expected}
    assert [round(hit.score, 6) for hit in found.hits] == [round(hit[0], 6) for hit in expected[:BEST]]
    for hit in found.hits:
        score, texts, cover = by_point[hit.point]
        assert hit.score == pytest.approx(score, abs=1e-6)
        assert hit.cover == pytest.approx(cover, abs=1e-6)
        assert hit.piece.text in texts


@pytest.fixture(scope="module")
def knows() -> Knowing:
    return Knowing.shipped()


@pytest.fixture(scope="module")
def everything(knows: Knowing) -> Plain:
    return Plain.of(knows.index, knows.book.notice)


WAYS: list[Callable[[int], dict[str, Any]]] = [
    lambda _: {},
    lambda _: {"ears": True},
    lambda at: {"only": (at % 45 + 1, 17, 99)},
    lambda at: {"nearer": {at % 45 + 1: 0.3}},
]


@pytest.mark.parametrize("way", range(len(WAYS)))
def test_the_shipped_notice_is_searched_as_if_every_piece_were_looked_at(
    knows: Knowing, everything: Plain, way: int
) -> None:
    for at, text in enumerate(questions()):
        q, how = read(text, knows.index), WAYS[way](at)
        agree(knows.index.search(map(list, q.runs), q.spans, **how), *everything.search(q, **how))


@pytest.fixture(scope="module")
def counties() -> tuple[Index, Notice]:
    notice = province(12).notice
    return Index.of(notice, shipped_lexicon(notice)), notice


@pytest.mark.parametrize("way", range(len(WAYS)))
def test_a_search_that_skips_frequent_grams_misses_nothing(
    counties: tuple[Index, Notice], way: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no limit on how far it follows and how many it looks at, skipping is exact."""
    index, notice = counties
    monkeypatch.setattr(scoring, "AT_ONCE", 10)
    monkeypatch.setattr(scoring, "MOST_VISITS", 10**9)
    monkeypatch.setattr(scoring, "MOST_EXPLAINED", 100)
    monkeypatch.setattr(scoring, "LOOKED_AT", 10**9)
    monkeypatch.setattr(scoring, "FEW", 2)
    plainly = Plain.of(index, notice)
    for at, text in enumerate(questions()[::23]):
        q, how = read(text, index), WAYS[way](at)
        agree(index.search(map(list, q.runs), q.spans, **how), *plainly.search(q, **how))


def test_a_search_with_limits_finds_points_as_good_as_the_best(
    counties: tuple[Index, Notice], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve counties have nearly the same points: a little less than the best is still a good answer."""
    index, _ = counties
    asked = [read(text, index) for text in questions()[::7]]
    exactly = [index.search(map(list, q.runs), q.spans) for q in asked]
    monkeypatch.setattr(scoring, "AT_ONCE", 10)
    monkeypatch.setattr(scoring, "MOST_VISITS", 100)
    monkeypatch.setattr(scoring, "LOOKED_AT", 40)
    quickly = [index.search(map(list, q.runs), q.spans) for q in asked]
    shares = [b.hits[0].score / a.hits[0].score for a, b in zip(exactly, quickly, strict=True) if a.hits]
    assert min(shares) > 0.8
    assert sum(shares) / len(shares) > 0.99


def test_words_that_stand_everywhere_still_lead_somewhere(
    counties: tuple[Index, Notice], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "AT_ONCE", 1)
    monkeypatch.setattr(scoring, "MOST_VISITS", 1)
    assert len(counties[0].search([["建", "设"]]).hits) == BEST


def test_a_word_is_printed_only_by_points_that_may_print_it(counties: tuple[Index, Notice]) -> None:
    index, notice = counties
    texts = {point.number: plain(point.text) for point in notice.points}
    for word in (
        "冷链",
        "农村公路",
        "镇村",
        "一江两岸",
        "不存在的词",
        "0.25万",
        "线上+线下",
        "青年大学生入县",
    ):
        assert {n for n, text in texts.items() if word in text} <= set(index.may_print(word))
    assert len(index.may_print("冷链物流")) < len(texts) / 20


def test_a_note_between_sentences_may_print_a_word_too() -> None:
    points = "1.修路。新建公路(牵头单位:市交通运输局)。养护公路(牵头单位:市公路局)。\n2.供水。新建水厂。"
    notice = parse(f"关于印发工作要点的通知\n潮百千万发〔2025〕1号\n{points}")
    index = Index.of(notice, shipped_lexicon(notice))
    assert 1 in index.may_print("市公路局")
    assert list(index.may_print("水厂")) == [1, 2]
