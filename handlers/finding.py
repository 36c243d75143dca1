"""Searches for a question in its conversation, and says how sure the outcome is.

`handlers/ask.py` calls it. The thresholds below are the only ones; they were measured on tests/data.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from handlers.turn import Knowing, Turn
from knowledge.leaning import NOWHERE, Leant
from knowledge.match import Found, Hit
from knowledge.normalize import plain
from knowledge.question import Question
from knowledge.units import Area, Mention

# How sure is sure enough, on the scale of `_confidence`. Measured on the question sets in tests/data.
SURE, MAYBE = 0.5, 0.34
ALIKE = 0.45  # the share of the best score from which another point is worth offering
BROAD = 0.79  # a question this well covered but too small to be sure of (“环境”) is worth offering points for
LITTLE = 3.0  # one two-character phrase
# A foreign word is background where it is less than this share of the text and known phrases say so much.
PASSING = ((0.15, 6.0), (0.2, 7.5))
AS_MUCH = 0.7  # of what the phrases say for the best point
CLOSE, DOUBT = 0.3, 0.3  # a next point this near, for which known words say as much, makes it doubtful
# What explains so little of the question is offered and not answered, where the next point is this near and
# the phrases say no more than this. Of questions never read before, it is wrong four times out of five.
THIN, NEARLY = 0.3, ((0.25, 7.6), (0.4, 4.6))
# The share of the likelihood from which a question leans to where its words lead, or to one of the next two
# points, or to any that is worth offering.
LEANS, LEADS, PERHAPS = 0.5, 0.6, 0.3
CLEAR, MOST = 1.2, 0.6  # so sure, or so much of the question explained: no second opinion is asked
SMALL = 3.2  # a question with less to it than this needs more than a few shared characters


_AND = re.compile(r"\s*(?:[、,/和与跟及同]|以及|还有)?\s*(?:and\s*)?")
_SAYS_LITTLE = re.compile(
    r"[的了在是有要和跟与及个把都也又那这各每市县区里边呢么报搞交做出弄完成建多该管抓]|承担|担负|responsible|\s"
)


def search(turn: Turn) -> Found:
    q, limits = turn.q, _limits(turn)
    nearer = turn.memory.points[:1] if _refers_back(turn) else ()
    found = turn.knows.found(q, only=limits, nearer=nearer)
    if limits and "other" not in q.signs and not sure(turn, found):
        found = turn.knows.found(q, nearer=nearer)
    if not sure(turn, found):
        by_ear = turn.knows.found(q, nearer=nearer, ears=True)
        better = by_ear.hits and (not found.hits or by_ear.hits[0].cover > found.hits[0].cover + 0.1)
        if better and (by_ear.weight >= LITTLE or _phrase_weight(turn, by_ear, by_ear.hits[0])):
            return by_ear  # a few sounds alone are soon like something
    return found


def _refers_back(turn: Turn) -> bool:
    return bool(turn.q.signs & {"follow", "pointer"}) and "other" not in turn.q.signs


def _limits(turn: Turn) -> tuple[int, ...] | None:
    """“那一条” after a list means one of the list; “别的条” means none of the last answer."""
    if "other" in turn.q.signs:
        return tuple(p.number for p in turn.book.notice.points if p.number not in turn.memory.points[:1])
    return turn.memory.listed if len(turn.memory.listed) > 1 and "pointer" in turn.q.signs else None


def sure(turn: Turn, found: Found) -> bool:
    if turn.q.pasted:  # a pasted text always shares much with something
        return bool(found.hits) and _phrase_weight(turn, found, found.hits[0]) >= 10.0
    return confidence(turn, found) >= SURE


def confidence(turn: Turn, found: Found) -> float:
    """From the phrases it knows, the share of the question explained, and the lead over the next point."""
    if not found.hits:
        return 0.0
    best = found.hits[0]
    lead = 1.0 - found.hits[1].score / best.score if len(found.hits) > 1 else 1.0
    phrase = min(_phrase_weight(turn, found, best), 10.0)
    if phrase <= LITTLE and found.weight >= SMALL:  # “改革” among words that nothing explains
        phrase *= min(1.0, 0.5 + best.cover)
    expected = best.point in (*turn.memory.points, *turn.memory.listed) and _refers_back(turn)
    its_own_words = best.cover > 0.97 and lead > 0.5 and _printed(turn, best)  # and printed nowhere else
    enough = 1.0 if phrase or expected or its_own_words else min(1.0, found.weight / SMALL)
    alike = (0.8 * best.cover + 0.2 * lead) * enough
    contested = lead < CLOSE and _phrase_weight(turn, found, found.hits[1]) >= AS_MUCH * phrase
    known = 0.1 * phrase + alike - (DOUBT if contested else 0.0)
    thin = best.cover < THIN and any(lead < near and phrase < said for near, said in NEARLY)
    return min(known, SURE - 0.01) if thin and not expected else known


def clear(turn: Turn, found: Found) -> bool:
    """Whether the words of a question that is surely answered need no second opinion."""
    explained = found.hits[0].cover >= MOST or confidence(turn, found) >= CLEAR
    taught = any(turn.knows.index.is_taught(span.phrase) for span in found.phrases)
    return bool(turn.q.pasted or turn.q.english or explained or taught)


def leaning(turn: Turn) -> Leant:
    """Where the question's characters alone lead."""
    return turn.knows.index.leaning.likeliest(turn.q.text)


def leant_to(turn: Turn, found: Found, leant: Leant) -> Hit | None:
    """Where the characters lead, if the words lead there as well, or nearly, though they say little. A word
    alone, or a pasted text, leads anywhere."""
    if turn.q.pasted or found.weight < SMALL:
        return None
    point, share = leant
    best, *others = found.hits[:3]
    if point == best.point:
        return best if share >= LEANS else None
    return next((hit for hit in others if hit.point == point and share >= LEADS), None)


def offered(found: Found, leant: Leant) -> list[int]:
    """Up to three points to choose from: those that fit nearly as well, and where the characters lead."""
    best = found.hits[0]
    near = [hit.point for hit in found.hits[:3] if hit.score >= ALIKE * best.score]
    point, share = leant
    more = [point] if point != NOWHERE and share >= PERHAPS else []
    return list(dict.fromkeys((*near[:1], *more, *near[1:])))[:3]


def _printed(turn: Turn, best: Hit) -> bool:
    """Whether the point prints every run of the question, or it is an English one, of which nothing is."""
    printed = turn.book.printed[best.point]
    return turn.q.english or all("".join(run) in printed for run in turn.q.runs)


def _phrase_weight(turn: Turn, found: Found, best: Hit) -> float:
    """How much the known phrases say for the best point: long and unambiguous ones say most."""
    weight = 0.0
    for span in {span.phrase: span for span in found.phrases}.values():  # said ten times, it says no more
        points = turn.knows.index.points_of(span)
        if best.point in points:
            weight += 1.5 * min(span.size, 6) / len(points) ** 0.5
    return weight


def evidence(turn: Turn) -> float:
    """How much the known phrases say for the point that fits best."""
    found = search(turn)
    return _phrase_weight(turn, found, found.hits[0]) if found.hits else 0.0


def best_within(turn: Turn, q: Question, number: int) -> Hit | None:
    found = turn.knows.found(q, only=(number,))
    return found.hits[0] if found.hits else None


def rest_of(turn: Turn, names: Sequence[str]) -> str:
    """What the question is about besides these names."""
    subject = turn.q.subject
    for name in sorted(names, key=len, reverse=True):
        subject = subject.replace(name, " ")
        if name.isascii():  # blanks, hyphens and apostrophes do not survive reading
            subject = re.sub(r"\b(?:" + "|".join(re.findall(r"[a-z]+", name.lower())) + r")\b", " ", subject)
    return _SAYS_LITTLE.sub("", subject)


def side_by_side(text: str, named: Sequence[Mention]) -> tuple[Mention, ...]:
    """All of “水务局和住建局”; () for one alone, or where anything else stands between two."""
    between = [text[a.end : b.start] for a, b in pairwise(named)]
    return tuple(named) if between and all(_AND.fullmatch(words) for words in between) else ()


def spoken(area: Area | None) -> str:
    """潮安区 is found as 潮安: the notice writes both."""
    return re.sub(r"[区县镇]$", "", area.short) if area else ""


def names_of(place: Mention) -> tuple[str, ...]:
    """How the notice may write a place: as it was said, else without 镇, 区 or 县."""
    bare = place.town.removesuffix("镇") if place.town else spoken(place.area)
    said = plain(place.text)
    return (said, bare) if said.endswith("镇") else (bare,)


_BEFORE_A_GUESS = re.compile(r"(?:是|归|由|该)\s?$")
_BEHIND_A_GUESS = re.compile(r"\s?来?(?:牵头|负责|主抓|管|抓)")
_OF_ITSELF = re.compile(r"(?:是不是|是否|要不要|用不用|该不该)(?:要|来)?(?:牵头|负责|主抓|管|抓)")


def _has_a_part(q: Question, unit: Mention) -> bool:
    """“妇联基地找谁” is about something of the unit's, and known as such."""
    before, name = q.text[: unit.start], q.text[unit.start : unit.end]
    known = any(name in span.phrase.split("+") for span in q.spans if "+" in span.phrase)
    return known and not re.search(r"(?:是|归|由|找|问|还是|或者?)$", before)


def _offered(q: Question, named: Mention) -> bool:
    """“归农业农村局管吗”, “是不是潮安区牵头”, “商务局要不要牵头”."""
    before, after = q.text[: named.start], q.text[named.end :]
    if _OF_ITSELF.match(after):
        return True
    return _BEFORE_A_GUESS.search(before) is not None and _BEHIND_A_GUESS.match(after) is not None


def without_guesses(q: Question, mentions: Sequence[Mention], knows: Knowing) -> Question:
    """“冷库是供销社负责还是商务局负责”, “冷库归潮安区管吗” ask about 冷库: who is offered as an answer is no
    subject."""
    anybody = "who" in q.asks or "还是" in q.text or "管不管" in q.text
    units = [m for m in mentions if anybody and m.unit and not _has_a_part(q, m)]
    guesses = [m for m in units if any(m.start <= s.start and s.end <= m.end for s in q.spans)]
    rest = [s for s in q.spans if not any(m.start <= s.start and s.end <= m.end for m in units)]
    words = list(q.text)
    for m in guesses if rest else ():
        words[m.start : m.end] = " " * (m.end - m.start)
    for m in mentions:
        if _offered(q, m):
            words[m.start : m.end] = "谁" + " " * (m.end - m.start - 1)
    said = "".join(words)
    return q if said == q.text else knows.read(said)
