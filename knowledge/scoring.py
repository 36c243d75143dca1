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
AT_ONCE = 500  # texts or points; a gram with fewer is followed without asking whether it is needed
MOST_VISITS = 6_000  # texts followed in all; words that stand nearly everywhere lead nowhere anyway
MOST_EXPLAINED = 3_000  # points to which it is added at once that their words explain a gram
FEW = 60  # points that may be asked for; so few are looked at without being found first
LOOKED_AT = 60  # points whose score is worked out to the end
CONSIDERED = 10  # times as many are compared to find them
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
    few = only is not None and len(only) <= FEW
    left = Left(by_worth) if few else _follow(tally, by_worth)
    if left.terms or left.unexplained:
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


class Left(NamedTuple):
    """Grams that were not added at all, and those that were not yet added to what points explain."""

    terms: Sequence[Term]
    unexplained: Sequence[Term] = ()

    @property
    def most(self) -> float:
        """What they can add to a point at most."""
        ahead = sum(term.full for term in self.terms)
        return (1.0 + WHOLE) * ahead + WHOLE * sum(term.full for term in self.unexplained) + NOISE


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
        self.add(reach.printed, full)
        if reach.said:
            self.add(reach.said, SAID * full)
        self.explain(full, reach)

    def explain(self, full: float, reach: Reach) -> None:
        """The same to what the words of points explain."""
        self.whole += full
        explained = self.explained
        for place in reach.points:
            explained[place] += full
        for place in reach.said_points:
            explained[place] += SAID * full

    def bests(self) -> dict[int, float]:
        """The scores of the best pieces of the points that have anything and may be asked for."""
        best: dict[int, float] = {}
        scores, standing = self.scores, self.layout.standing
        for text in self.touched:
            score = scores[text]
            for place in standing[text]:
                if score > best.get(place, 0.0):
                    best[place] = score
        for place in self.taught & best.keys():
            best[place] = self.best(place)
        return best if self.only is None else {p: score for p, score in best.items() if p in self.only}

    @property
    def taught(self) -> set[int]:
        """Points of which something was taught: their best pieces are not those of their best texts."""
        return {self.layout.standing[own][0] for own in self.layout.base}

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


def _follow(tally: Tally, terms: Sequence[Term]) -> Left:
    """Adds grams to all their texts until the best points are sure to be among those found.

    What stands in many points is added to what these explain only where they are looked at closely.
    """
    layout = tally.layout
    if len(layout.texts) <= AT_ONCE:
        for full, gram in terms:
            tally.add_gram(full, gram.reach or _kept(gram, layout))
        return Left(())
    left, unexplained = list[Term](), list[Term]()
    ahead, visits, explained, settled = sum(term.full for term in terms), 0, 0, False
    for term in terms:
        size = layout.size(term.gram)
        settled = settled or (AT_ONCE < size <= MOST_VISITS - visits and _settled(tally, ahead))
        if size > AT_ONCE and (settled or size > MOST_VISITS - visits):
            left.append(term)
            continue
        explained += term.gram.points
        if term.gram.points <= AT_ONCE or explained <= MOST_EXPLAINED:
            tally.add_gram(term.full, layout.reach(term.gram))
        else:
            _add_texts(tally, term)
            unexplained.append(term)
        visits += size
        ahead -= term.full
    return Left(left, unexplained)


def _add_texts(tally: Tally, term: Term) -> None:
    printed = term.gram.printing
    tally.add(printed, term.full)
    sayings = map(tally.layout.sayings.__getitem__, term.gram.said)
    tally.add(tally.layout.only_said(printed, sayings), SAID * term.full)


def _kept(gram: Gram, layout: Layout) -> Reach:
    """Where a gram leads; kept, since a notice of fifty points has few that are asked for again and again."""
    found = layout.reach(gram)
    gram.reach = found._replace(printed=tuple(found.printed))
    return gram.reach


def _settled(tally: Tally, ahead: float) -> bool:
    """Whether a point not met yet must stay behind the best so far, even if it had all the grams ahead."""
    enough, scores = (1.0 + WHOLE) * ahead + NOISE, tally.scores
    found: set[int] = set()
    for text in tally.touched:
        if scores[text] > enough:
            found.update(p for p in tally.layout.standing[text] if tally.only is None or p in tally.only)
            if len(found) >= BEST:
                return True
    return False


def _worked_out(tally: Tally, left: Left, surely: Collection[int]) -> Collection[int]:
    """Adds what was left to the points that may come among the best, and to `surely`.

    Returns the points whose totals are complete.
    """
    layout, terms = tally.layout, (*left.unexplained, *left.terms)
    places = {*surely, *(_hopeful(tally, left.most) or _somewhere(tally, terms))}
    here = _texts_here(layout, places)
    printed, said = _grams_here(layout, here, frozenset(term.gram.number for term in terms))
    for at, (full, gram) in enumerate(terms):
        texts = printed[gram.number] if gram.number >= 0 else [t for t in gram.printing if t in here]
        reach = layout.reach_of(texts, [said[saying] for saying in gram.said if saying in said], here)
        add = tally.explain if at < len(left.unexplained) else tally.add_gram
        add(full, reach)
    return places


def _texts_here(layout: Layout, places: Iterable[int]) -> dict[int, list[int]]:
    """The texts of these points, with those of the points where each stands."""
    here: dict[int, list[int]] = defaultdict(list)
    for place in places:
        for text in layout.texts_at(place):
            here[text].append(place)
    return here


def _grams_here(
    layout: Layout, texts: Iterable[int], wanted: frozenset[int]
) -> tuple[Mapping[int, list[int]], Mapping[int, list[int]]]:
    """Which of these texts print each of the wanted grams, and which each saying speaks of."""
    printed: dict[int, list[int]] = {gram: [] for gram in wanted}
    said: dict[int, list[int]] = defaultdict(list)
    for text in texts:
        for gram in wanted.intersection(layout.grams_in(text)):
            printed[gram].append(text)
        for saying in layout.said_of.get(text, ()):
            said[saying].append(text)
    return printed, said


def _hopeful(tally: Tally, most: float) -> list[int]:
    """The points that may come among the best with so much more at most, looking from the best text down."""
    scores, explained, standing = tally.scores, tally.explained, tally.layout.standing
    totals: dict[int, float] = {}
    enough, whole = 0.0, WHOLE * tally.whole
    for text in sorted(tally.touched, key=scores.__getitem__, reverse=True):
        score = scores[text]
        if score + whole < enough or len(totals) >= CONSIDERED * LOOKED_AT:
            break
        places: Collection[int] = [p for p in standing[text] if tally.only is None or p in tally.only]
        if len(places) > LOOKED_AT:
            places = nlargest(LOOKED_AT, places, key=explained.__getitem__)
        for place in places:
            if place not in totals:
                totals[place] = score + WHOLE * explained[place]
        if not enough and len(totals) >= BEST:
            enough = nlargest(BEST, totals.values())[-1] - most
    for place in tally.taught & totals.keys():
        totals[place] = tally.best(place) + WHOLE * explained[place]
    best = nlargest(LOOKED_AT, totals, key=totals.__getitem__)
    enough = totals[best[BEST - 1]] - most if len(best) >= BEST else 0.0
    return [place for place in best if totals[place] >= enough]


def _somewhere(tally: Tally, terms: Sequence[Term]) -> list[int]:
    """Where nothing is found yet: the first points that print the least frequent gram."""
    if tally.only is not None:
        return []
    frequent = sorted((term.gram for term in terms), key=lambda gram: gram.points)
    texts = next((gram.printing[:LOOKED_AT] for gram in frequent if gram.end > gram.start), ())
    places = (place for text in texts for place in tally.layout.standing[text])
    return list(dict.fromkeys(places))[:LOOKED_AT]
