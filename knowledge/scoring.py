"""Which points account best for a question's grams, without looking at every point.

`Index.search` calls it. Grams are followed to the texts that have them, the most telling first; once a point
that has only the others could no longer come among the best, the others are looked up just for the points at
hand (what search engines call MaxScore). That is exact. Two limits, which a notice of fifty points never
meets, keep a question of everyday words to a province from taking for ever: then the best may be a near-best.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest, nsmallest
from typing import NamedTuple

from knowledge.postings import SAID, Gram, Layout, Reach, Term

WHOLE = 0.35  # what all the words of a point are worth beside its best piece
BEST = 8  # points returned
AT_ONCE = 500  # points; a gram with fewer is followed without asking whether it is needed
MOST_VISITS = 6_000  # points followed in all; words that stand nearly everywhere lead nowhere anyway
LOOKED_AT = 60  # points whose score is worked out to the end
NOISE = 1e-9  # what adding up in another order may change


class Scored(NamedTuple):
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
) -> list[Scored]:
    """The best first. `bonuses` are texts with what is added to each; `only` and `nearer` go by place."""
    tally, favour = Tally.of(layout, only), nearer or {}
    for texts, bonus in bonuses:
        tally.add(texts, bonus)
    by_worth = sorted(terms, key=_worth, reverse=True)
    few = only is not None and len(only) <= LOOKED_AT
    left = by_worth if few else _follow(tally, by_worth)
    if left:
        at_hand = _worked_out(tally, left, only if few and only else favour)
        totals = tally.totals(tally.bests_at(at_hand))
    else:
        totals = tally.totals(tally.bests())
    return [
        Scored(place, -score, tally.best_piece(place), tally.explained[place])
        for score, place in _first([(-total * (1.0 + favour.get(p, 0.0)), p) for p, total in totals.items()])
    ]


def _worth(term: Term) -> float:
    return term.full


def _first(ranked: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """The smallest few; of a notice of fifty points sorting all of them takes less."""
    return nsmallest(BEST, ranked) if len(ranked) > AT_ONCE else sorted(ranked)[:BEST]


@dataclass(slots=True)
class Tally:
    """What has been added up so far: of each text, and of each point as a whole, by place."""

    layout: Layout
    only: Collection[int] | None  # the places that may be asked for, where not all
    scores: list[float]
    explained: list[float]
    touched: set[int] = field(default_factory=set)  # texts that have anything
    whole: float = 0.0  # no point's words can explain more

    @classmethod
    def of(cls, layout: Layout, only: Collection[int] | None) -> Tally:
        return cls(layout, only, [0.0] * len(layout.standing), [0.0] * len(layout.numbers))

    def add(self, texts: Collection[int], bonus: float) -> None:
        scores = self.scores
        for text in texts:
            scores[text] += bonus
        self.touched.update(texts)

    def add_gram(self, full: float, reach: Reach) -> None:
        """Adds a gram to the texts that print it and, a little less, to those where it is only said."""
        printed, points, said, said_points = reach
        self.whole += full
        self.add(printed, full)
        explained = self.explained
        for place in points:
            explained[place] += full
        if said:
            self.add(said, SAID * full)
            for place in said_points:
                explained[place] += SAID * full

    def bests(self, least: float = 0.0) -> dict[int, float]:
        """The scores of the best pieces, of at least so much, of the points that may be asked for."""
        best: dict[int, float] = {}
        scores, standing = self.scores, self.layout.standing
        for text in self.touched:
            score = scores[text]
            if score < least:
                continue
            for place in standing[text]:
                if score > best.get(place, 0.0):
                    best[place] = score
        for place in {self.layout.standing[own][0] for own in self.layout.base} & best.keys():
            best[place] = self.best(place)
        return best if self.only is None else {p: score for p, score in best.items() if p in self.only}

    def bests_at(self, places: Iterable[int]) -> dict[int, float]:
        """The same of these places."""
        best = {place: self.best(place) for place in places}
        return {place: score for place, score in best.items() if score > 0.0}

    def best(self, place: int) -> float:
        return max(map(self._score, self.layout.pieces_at(place)))

    def best_piece(self, place: int) -> int:
        """The first of a point's best pieces."""
        return max(self.layout.pieces_at(place), key=self._score)

    def _score(self, piece: int) -> float:
        score, own = self.scores[self.layout.texts[piece]], self.layout.own
        return score + self.scores[own[piece]] if piece in own else score

    def totals(self, bests: Mapping[int, float]) -> dict[int, float]:
        """What points come to with these best pieces."""
        explained = self.explained
        return {place: best + WHOLE * explained[place] for place, best in bests.items()}


def _follow(tally: Tally, terms: Sequence[Term]) -> list[Term]:
    """Adds grams to all their texts until the best points are sure to be among those found.

    Returns the grams that were not added.
    """
    if len(tally.layout.texts) <= AT_ONCE:
        for full, gram in terms:
            tally.add_gram(full, gram.reach or _kept(gram, tally.layout))
        return []
    left: list[Term] = []
    ahead, visits, settled = sum(term.full for term in terms), 0, False
    for term in terms:
        size = term.gram.points
        settled = settled or (AT_ONCE < size <= MOST_VISITS - visits and _settled(tally, ahead))
        if size > AT_ONCE and (settled or size > MOST_VISITS - visits):
            left.append(term)
            continue
        tally.add_gram(term.full, tally.layout.reach(term.gram))
        visits += size
        ahead -= term.full
    return left


def _kept(gram: Gram, layout: Layout) -> Reach:
    """Where a gram leads; kept, since a notice of fifty points has few that are asked for again and again."""
    found = layout.reach(gram)
    gram.reach = found._replace(printed=tuple(found.printed))
    return gram.reach


def _settled(tally: Tally, ahead: float) -> bool:
    """Whether a point not met yet must stay behind the best so far, even if it had all the grams ahead."""
    highest = max(map(tally.scores.__getitem__, tally.touched), default=0.0)
    if highest < ahead:
        return False
    enough = (1.0 + WHOLE) * ahead + NOISE
    totals = tally.totals(tally.bests(least=enough - WHOLE * tally.whole))
    return sum(total > enough for total in totals.values()) >= BEST


def _worked_out(tally: Tally, left: Sequence[Term], surely: Collection[int]) -> Collection[int]:
    """Adds the grams that were left to the points that may come among the best, and to `surely`.

    Returns the points whose totals are complete.
    """
    places = {*surely, *(_hopeful(tally, sum(term.full for term in left)) or _somewhere(tally, left))}
    here = _texts_here(tally.layout, places)
    printed: dict[int, list[int]] = {term.gram.number: [] for term in left}
    said: dict[int, list[int]] = defaultdict(list)
    wanted = frozenset(printed)
    for text in here:
        for number in wanted.intersection(tally.layout.grams_in(text)):
            printed[number].append(text)
        for saying in tally.layout.said_of.get(text, ()):
            said[saying].append(text)
    for full, gram in left:
        texts = printed[gram.number] if gram.number >= 0 else [t for t in gram.printing if t in here]
        sayings = [said[saying] for saying in gram.said if saying in said]
        tally.add_gram(full, tally.layout.reach_of(texts, sayings, here))
    return places


def _texts_here(layout: Layout, places: Iterable[int]) -> dict[int, list[int]]:
    """The texts of these points, with those of the points where each stands."""
    here: dict[int, list[int]] = defaultdict(list)
    for place in places:
        for text in layout.texts_at(place):
            here[text].append(place)
    return here


def _hopeful(tally: Tally, ahead: float) -> list[int]:
    """The points that may come among the best with the grams ahead."""
    highest = max(map(tally.scores.__getitem__, tally.touched), default=0.0)
    whole = WHOLE * tally.whole  # more than that no point has beside its best piece
    known = nlargest(BEST, tally.totals(tally.bests(least=highest - whole)).values())
    enough = known[-1] - (1.0 + WHOLE) * ahead - NOISE if len(known) == BEST else 0.0
    totals = tally.totals(tally.bests(least=enough - whole))
    best = nlargest(LOOKED_AT, totals, key=totals.__getitem__)
    return [place for place in best if totals[place] >= enough]


def _somewhere(tally: Tally, terms: Sequence[Term]) -> list[int]:
    """Where nothing is found yet: the first points that print the least frequent gram."""
    if tally.only is not None:
        return []
    frequent = sorted((term.gram for term in terms), key=lambda gram: gram.points)
    texts = next((gram.printing[:LOOKED_AT] for gram in frequent if gram.end > gram.start), ())
    places = (place for text in texts for place in tally.layout.standing[text])
    return list(dict.fromkeys(places))[:LOOKED_AT]
