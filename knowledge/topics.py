"""Which point words are about, where no number says so.

First by the phrases the lexicon knows, then, for what remains unclear, by a search in the notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from knowledge import question
from knowledge.match import Index, Span

PLAIN = 3.6  # phrases weigh this much: one of four characters that only one point has, and no rival near
RIVAL = 0.65
COVER = 0.3  # of a sentence, what a search must account for
AGAINST = 4.5  # how much must speak against the point that was asked about
SEARCHED = 80  # characters a search looks at


def weights(words: str, index: Index) -> Mapping[int, float]:
    """How much the known phrases in the words speak for each point."""
    return weights_of(index.spans(words), index)


def weights_of(spans: Iterable[Span], index: Index) -> Mapping[int, float]:
    """How much the phrases speak for each point."""
    found: dict[int, float] = {}
    for span in spans:
        if _has_number(span.phrase):
            continue  # 3.2个 is a figure of the notice and of anybody else
        points = index.points_of(span)
        speaks = 1.5 * min(span.size, 6) / len(points) ** 0.7
        for point in points:
            found[point] = found.get(point, 0.0) + speaks
    return found


def among(points: Iterable[int], words: str, index: Index) -> tuple[int, ...]:
    """Of these points those that the words speak for, however softly."""
    spoken = weights(words, index)
    return tuple(dict.fromkeys(point for point in points if spoken.get(point)))


@lru_cache(maxsize=1_024)
def _has_number(phrase: str) -> bool:
    return any(map(str.isdigit, phrase))


def topic(
    words: str, index: Index, spans: Iterable[Span] | None = None, *, search: bool = True
) -> int | None:
    """The point the words are about, or None when nothing or too much speaks for one; `spans` are the phrases
    known in them, where somebody looked."""
    found = weights_of(index.spans(words) if spans is None else spans, index)
    ranked = sorted(found, key=lambda point: -found[point])
    plain = bool(ranked) and found[ranked[0]] >= PLAIN
    if plain and (len(ranked) == 1 or found[ranked[1]] < RIVAL * found[ranked[0]]):
        return ranked[0]
    return _searched(words, index) if search else None


def _searched(words: str, index: Index) -> int | None:
    about = question.heard(words[:SEARCHED], index).about
    hits = index.search(map(list, about.runs), about.spans).hits if about.runs else ()
    if not hits or hits[0].cover < COVER:
        return None
    return hits[0].point


def speaks_against(words: str, named: int, asked: int, index: Index) -> bool:
    """Whether the words are plainly about the point asked, not about the one whose number was typed."""
    found = weights(words, index)
    return found.get(asked, 0.0) >= AGAINST and found.get(named, 0.0) < RIVAL * found[asked] / 2
