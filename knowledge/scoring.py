"""Which points account best for a question's grams, without looking at every point.

`Index.search` calls it. Grams are followed to the pieces that have them, the most telling first; once a point
that has only the others could no longer come among the best, the others are looked up just for the points at
hand (what search engines call MaxScore). That is exact. Two limits, which a notice of fifty points never
meets, keep a question of everyday words to a province from taking for ever: then the best may be a near-best.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest, nsmallest

from knowledge.postings import SAID, Layout, Reach, Reaching, Term

WHOLE = 0.35  # what all the words of a point are worth beside its best piece
BEST = 8  # points returned
AT_ONCE = 500  # pieces; a gram with fewer is followed without asking whether it is needed
MOST_VISITS = 6_000  # pieces followed in all; words that stand nearly everywhere lead nowhere anyway
LOOKED_AT = 100  # points whose score is worked out to the end
NOISE = 1e-9  # what adding up in another order may change


@dataclass(frozen=True, slots=True)
class Scored:
    """A point by its place: its score, its best piece, how much of the question its words explain."""

    place: int
    score: float
    piece: int
    explained: float


def best_points(
    layout: Layout,
    terms: Iterable[Term],
    bonuses: Iterable[tuple[Sequence[int], float]] = (),
    *,
    only: Collection[int] | None = None,
    nearer: Mapping[int, float] | None = None,
    reach: Reaching | None = None,
) -> list[Scored]:
    """The best first. `bonuses` are pieces with what is added to each; `only` and `nearer` go by place.

    `reach` is the layout's own, with a memory for grams of a small notice.
    """
    tally, favour = Tally(layout, only), nearer or {}
    for pieces, bonus in bonuses:
        tally.add(pieces, bonus)
    by_worth = sorted(terms, key=lambda term: -term.full)
    few = only is not None and len(only) <= LOOKED_AT
    left = by_worth if few else _follow(tally, by_worth, reach or layout.reach)
    at_hand = _worked_out(tally, left, only if few and only else favour) if left else tally.met
    lifted = ((-total * (1.0 + favour.get(p, 0.0)), p) for p, total in tally.totals(at_hand).items())
    return [
        Scored(place, -score, tally.best_piece(place), tally.explained.get(place, 0.0))
        for score, place in nsmallest(BEST, lifted)
    ]


@dataclass(slots=True)
class Tally:
    """What has been added up so far: of each piece, of each point's best piece, of each point as a whole."""

    layout: Layout
    only: Collection[int] | None = None  # the places that may be asked for, where not all
    scores: dict[int, float] = field(default_factory=dict)
    best: dict[int, float] = field(default_factory=dict)
    explained: dict[int, float] = field(default_factory=dict)

    def add(self, pieces: Iterable[int], bonus: float) -> None:
        scores, best, places = self.scores, self.best, self.layout.places
        for piece in pieces:
            score = scores[piece] = scores.get(piece, 0.0) + bonus
            if score > best.get(places[piece], 0.0):
                best[places[piece]] = score

    def add_gram(self, full: float, reach: Reach) -> None:
        """Adds a gram to the pieces that print it and, a little less, to those where it is only said."""
        self.add(reach.printed, full)
        self.explain(reach.points, full)
        self.add(reach.said, SAID * full)
        self.explain(reach.said_points, SAID * full)

    def explain(self, points: Iterable[int], part: float) -> None:
        explained = self.explained
        for place in points:
            explained[place] = explained.get(place, 0.0) + part

    def totals(self, points: Iterable[int]) -> dict[int, float]:
        """What these points come to; nothing for those that have nothing."""
        best, explained = self.best, self.explained
        return {place: best[place] + WHOLE * explained.get(place, 0.0) for place in points if place in best}

    @property
    def met(self) -> Collection[int]:
        """The points that have anything and may be asked for."""
        return self.best if self.only is None else self.best.keys() & self.only

    def best_piece(self, place: int) -> int:
        """The first of a point's best pieces."""
        return max(self.layout.pieces_at(place), key=lambda piece: self.scores.get(piece, 0.0))


def _follow(tally: Tally, terms: Sequence[Term], reach: Reaching) -> list[Term]:
    """Adds grams to all their pieces until the best points are sure to be among those found.

    Returns the grams that were not added.
    """
    if len(tally.layout.places) <= AT_ONCE:
        for term in terms:
            tally.add_gram(term.full, reach(tuple(term.printing), term.said))
        return []
    left: list[Term] = []
    sayings = tally.layout.sayings
    ahead, visits, settled = sum(term.full for term in terms), 0, False
    for term in terms:
        size = term.size(sayings)
        settled = settled or (AT_ONCE < size <= MOST_VISITS - visits and _settled(tally, ahead))
        if size > AT_ONCE and (settled or size > MOST_VISITS - visits):
            left.append(term)
            continue
        tally.add_gram(term.full, tally.layout.reach(term.printing, term.said))
        visits += size
        ahead -= term.full
    return left


def _settled(tally: Tally, ahead: float) -> bool:
    """Whether a point not met yet must stay behind the best so far, even if it had all the grams ahead."""
    if max(tally.best.values(), default=0.0) < ahead:
        return False
    best = nlargest(BEST, tally.totals(tally.met).values())
    return len(best) == BEST and best[-1] > (1.0 + WHOLE) * ahead + NOISE


def _worked_out(tally: Tally, left: Sequence[Term], surely: Collection[int]) -> Collection[int]:
    """Adds the grams that were left to the points that may come among the best, and to `surely`.

    Returns the points whose totals are complete.
    """
    ahead = sum(term.full for term in left)
    places = sorted({*surely, *(_hopeful(tally, tally.met, ahead) or _somewhere(tally, left))})
    at_hand: dict[int, list[int]] = defaultdict(list)  # saying → pieces of these points
    for place in places:
        for piece in tally.layout.pieces_at(place):
            for saying in tally.layout.said_of.get(piece, ()):
                at_hand[saying].append(piece)
    for at, term in enumerate(left, 1):
        printed = _printing(term, tally.layout.first, places)
        said = (at_hand[saying] for saying in term.said if saying in at_hand)
        tally.add_gram(term.full, Reach.of(tally.layout.places, printed, said))
        ahead -= term.full
        if at % 4 == 0 and len(places) > 2 * BEST:
            places = sorted({*surely, *_hopeful(tally, places, ahead)})
    return places


def _hopeful(tally: Tally, points: Iterable[int], ahead: float) -> list[int]:
    """Of these points the ones that may come among the best with the grams ahead."""
    totals = tally.totals(points)
    best = nlargest(LOOKED_AT, totals, key=totals.__getitem__)
    enough = totals[best[BEST - 1]] - (1.0 + WHOLE) * ahead - NOISE if len(best) >= BEST else 0.0
    return [place for place in best if totals[place] >= enough]


def _somewhere(tally: Tally, terms: Sequence[Term]) -> list[int]:
    """Where nothing is found yet: the first points that print the least frequent gram."""
    if tally.only is not None:
        return []
    frequent = sorted(terms, key=lambda term: term.size(tally.layout.sayings))
    pieces = next((term.printing[:LOOKED_AT] for term in frequent if term.end > term.start), array("I"))
    return [tally.layout.places[piece] for piece in pieces]


def _printing(term: Term, first: Sequence[int], places: Iterable[int]) -> array[int]:
    """The pieces of these points, in order, that print a gram."""
    found = array("I")
    printed, at, end = term.printed, term.start, term.end
    for place in places:
        at = bisect_left(printed, first[place], at, end)
        while at < end and printed[at] < first[place + 1]:
            found.append(printed[at])
            at += 1
    return found
