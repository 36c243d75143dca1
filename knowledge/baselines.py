"""Plain searches to compare with: what a fuzzy matcher or a search box would find in the same notice.

`bqw eval --baselines` runs them beside the bot's own answers; nothing else uses them. They see each question
as it is typed, know no lexicon and no conversation, and rank the points by likeness.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import chain
from typing import TypeAlias

from knowledge.notice import Notice

Ranked: TypeAlias = list[tuple[int, float]]  # points with their likeness, the likeliest first
Search: TypeAlias = Callable[[str], Ranked]

K1, B = 1.5, 0.75  # BM25's usual constants


def baselines(notice: Notice) -> dict[str, Search]:
    """The name of each plain search, and the search over this notice's points."""
    points = {p.number: p.text for p in notice.points}
    return {
        "rapidfuzz WRatio": fuzzy(points),
        "BM25 二元字": bm25(points),
        "TF-IDF 一至三元字": tfidf(points),
    }


def fuzzy(points: Mapping[int, str]) -> Search:
    """rapidfuzz's weighted ratio against the whole text of each point."""
    from rapidfuzz import fuzz

    return lambda question: _ranked({n: fuzz.WRatio(question, text) for n, text in points.items()})


def bm25(points: Mapping[int, str]) -> Search:
    """Okapi BM25 over pairs of characters."""
    counts = {n: Counter(_grams(text, 2)) for n, text in points.items()}
    lengths = {n: count.total() for n, count in counts.items()}
    average = sum(lengths.values()) / len(lengths)
    seen = Counter(chain.from_iterable(counts.values()))

    def weight(gram: str, n: int) -> float:
        often = counts[n][gram]
        telling = math.log(1 + (len(points) - seen[gram] + 0.5) / (seen[gram] + 0.5))
        return telling * often * (K1 + 1) / (often + K1 * (1 - B + B * lengths[n] / average))

    def search(question: str) -> Ranked:
        grams = _grams(question, 2)
        return _ranked({n: sum(weight(gram, n) for gram in grams) for n in points})

    return search


def tfidf(points: Mapping[int, str]) -> Search:
    """Cosine of sublinear TF-IDF over runs of one to three characters."""
    counts = {n: Counter(_runs(text)) for n, text in points.items()}
    seen = Counter(chain.from_iterable(counts.values()))

    def vector(count: Mapping[str, int]) -> dict[str, float]:
        raw = {
            gram: (1 + math.log(often)) * (1 + math.log((1 + len(points)) / (1 + seen[gram])))
            for gram, often in count.items()
            if gram in seen
        }
        length = math.sqrt(sum(w * w for w in raw.values())) or 1.0
        return {gram: w / length for gram, w in raw.items()}

    vectors = {n: vector(count) for n, count in counts.items()}

    def search(question: str) -> Ranked:
        asked = vector(Counter(_runs(question)))
        return _ranked(
            {n: sum(w * own.get(gram, 0.0) for gram, w in asked.items()) for n, own in vectors.items()}
        )

    return search


def _ranked(scores: Mapping[int, float]) -> Ranked:
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def _grams(text: str, size: int) -> list[str]:
    text = "".join(text.split())
    return [text[at : at + size] for at in range(len(text) - size + 1)]


def _runs(text: str) -> list[str]:
    return [gram for size in (1, 2, 3) for gram in _grams(text, size)]
