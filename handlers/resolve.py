"""From a point and the piece found to the words to quote, the rows responsible, and the figures meant.

`handlers/ask.py` calls it. Everything is looked up in the book; nothing is inferred beyond the words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias

from handlers import places
from handlers.turn import Knowing, Turn
from knowledge.assignments import Assignment
from knowledge.book import Book
from knowledge.normalize import plain
from knowledge.notice import WorkPoint
from knowledge.numerals import DIGITS, value_of
from knowledge.pieces import Piece
from knowledge.question import Question
from knowledge.speech import speech
from knowledge.targets import Target

Said: TypeAlias = Sequence[str]
_OF_UNITS = ("单位", "部门", "局", "unit", "department", "bureau")
_OF_COUNTIES = ("县", "区", "county", "district")
ENOUGH = 2  # pairs of characters that a figure's words share with a question that names it
_SUM = re.compile(rf"(?:({DIGITS}|[一二两三四五六七八九十])个?|(?<=[过超上破]))([万亿])")  # 五亿, 1个亿, 过亿
_OF_EVERY_PART = frozenset(("农村", "乡村", "城乡", "镇村"))
_HOLLOW = re.compile("水平|之路|路子|学习|树立|电子")
_COUNTED = re.compile(r"(?:几|多少)([个家座条户所项])(?![亿万点])")
_NUMERAL = r"[\d一二三四五六七八九十百千两]"


@dataclass(frozen=True, slots=True)
class Topic:
    """`quote` is the clause in question, "" for the point as a whole; `rows` who is responsible for it."""

    quote: str
    rows: tuple[Assignment, ...]
    sentence: str = ""

    def shown(self, point: WorkPoint) -> str:
        return self.quote or point.text.removeprefix(point.title).lstrip("。")

    def near(self, words: str) -> bool:
        """Whether words of the notice belong to what is being talked about."""
        return not self.quote or words in self.sentence or self.quote in words


def topic_at(
    book: Book, point: WorkPoint, piece: Piece | None, clause: str, q: Question, said: Said
) -> Topic:
    """The clause that was found, as the division of work cuts it, else as the sentence does.

    `clause` is what an earlier answer quoted, for a question without a subject of its own; `said` are the
    words of the notice that the question's phrases were written for.
    """
    words = piece.text if piece and not piece.is_title else clause
    if not words or words not in point.text:
        own = book.assignments.of_point(point.number)
        return Topic("", (own,) if own else ())
    words = next((quote for quote in said if quote in words), words)
    sentence = next((c.text for c in point.clauses if words in c.text), words)
    rows = book.assignments.overlapping(point.number, words)
    if not rows:
        own = book.assignments.of_point(point.number)
        return Topic(words, (own,) if own else (), sentence)
    best = max(rows, key=lambda row: _aptness(row, words, q.text))  # the first of equals: the closest
    quote = words if best.clause in words and len(rows) == 1 else best.clause
    same = tuple(r for r in rows if r.clause == best.clause and r.status == best.status)
    named = tuple(r for r in same if r.part and _names(q.text, plain(r.part)))
    return Topic(quote, named or same, sentence)


def _aptness(row: Assignment, words: str, asked: str) -> tuple[bool, float]:
    """Among rows that share the found words: a decision about them, then what the question resembles most."""
    if words in row.clause:
        return row.confirmed, 1.0
    pairs = {a + b for a, b in pairwise(plain(row.clause))}
    return False, sum(pair in asked for pair in pairs) / (len(pairs) or 1)


def _names(asked: str, part: str) -> bool:
    """非遗谁管 names the part 非遗文化: two characters in a row are enough to tell two parts apart."""
    pairs = (part[at : at + 2] for at in range(len(part) - 1))
    return any(pair in asked for pair in pairs if pair not in _OF_EVERY_PART)  # 农村厕所 is not 农村污水


def figures(turn: Turn, point: WorkPoint, topic: Topic) -> tuple[Target, ...]:
    """The targets of the point that the question means; several when it means several."""
    q = turn.q
    targets = [t for t in turn.book.of_point(point.number) if t.kind != "time"]
    if apart := _asked_one_by_one(q, targets, topic):
        return apart
    units = _units_asked(q)
    if q.measure and not _together(q):
        targets = [t for t in targets if any(measured(t, unit) for unit in units)]
    if scoped := _scoped(turn, targets):
        return scoped
    targets = [t for t in targets if t.kind != "expanded"]
    if q.english:  # no characters to compare: the words of the notice its phrases were written for
        said = [quote for span in q.spans for quote in turn.knows.index.quotes.get(span.phrase, ())]
        if meant := tuple(t for t in targets if any(t.quote in s or s in t.quote for s in said)):
            return meant
    if _together(q) and len(named := tuple(t for t in targets if _shared(t, q) >= ENOUGH)) > 1:
        return named
    if q.subject and not turn.memory.clause:  # “养老床位要增加多少” is not the rate of the next clause
        said = [quote for span in q.spans for quote in turn.knows.index.quotes.get(span.phrase, ())]
        targets = [t for t in targets if _shared(t, q) or any(t.quote in s or s in t.quote for s in said)]
    if apart := _named_beside_a_place(turn, targets, topic):
        return apart
    scored = [(_likeness(t, topic, q), t) for t in targets]
    best = max((score for score, _ in scored), default=0.0)
    if best <= 0.0:
        return ()
    if len(units) > 1:  # “投资多少钱,几个学校”: the nearest of each kind
        return _nearest_of_each(scored, units)
    near = [t for score, t in scored if score >= best - 0.5]
    return _with_twins([t for t in near if t.kind != "condition"] or near, targets, point, q)


def _asked_one_by_one(q: Question, targets: Sequence[Target], topic: Topic) -> tuple[Target, ...]:
    """“产值目标是多少，增长多少”: for each part that asks, the figure of the sentence that it names."""
    parts = [part for part in re.split("[,;、]", q.text) if re.search("多少|几|百分之", part)]
    if len(parts) < 2 or q.english:
        return ()
    found: list[Target] = []
    for part in parts:
        asked = replace(q, subject=part)
        scored = [(_shared(t, asked), t) for t in targets if t.kind == "target" and t.quote in topic.sentence]
        best = max((score for score, _ in scored), default=0)
        found += [t for score, t in scored if score == best and best][:1]
    return tuple(dict.fromkeys(found)) if len(set(found)) > 1 else ()


def _units_asked(q: Question) -> tuple[str, ...]:
    """万元 and 个 of “投多少钱,几个项目”; () where nothing tells what is measured."""
    if q.measure is None:
        return ()
    asked = [m.unit for m in speech().measures if m.pattern.search(q.text)]
    return tuple(dict.fromkeys((q.measure.unit, *asked, *_COUNTED.findall(q.text))))


def _nearest_of_each(scored: Sequence[tuple[float, Target]], units: Sequence[str]) -> tuple[Target, ...]:
    found = []
    for unit in units:
        here = [(score, t) for score, t in scored if measured(t, unit) and score > 0]
        best = max((score for score, _ in here), default=0.0)
        found += [t for score, t in here if score >= best - 0.5]
    return tuple(t for _, t in scored if t in found)


def _named_beside_a_place(turn: Turn, targets: Sequence[Target], topic: Topic) -> tuple[Target, ...]:
    """“凤凰镇示范街几条”: the clause was found by the town in it, but another figure is asked for."""
    names = [place.text for place in places.named(turn)]
    if not any(name in topic.quote for name in names):
        return ()
    subject = turn.q.subject
    for name in names:
        subject = subject.replace(name, " ")
    shared = [(_shared(t, replace(turn.q, subject=subject)), t) for t in targets]
    if any(score and t.quote in topic.sentence for score, t in shared):
        return ()
    best = max((score for score, _ in shared), default=0)
    return tuple(t for score, t in shared if score == best) if best >= ENOUGH else ()


def _with_twins(
    found: Sequence[Target], targets: Sequence[Target], point: WorkPoint, q: Question
) -> tuple[Target, ...]:
    """Both of “年营收5亿元以上…2家、年营收1亿元以上…超10家”, or the one whose sum the question names."""
    first = found[0]
    joined = [(t, (f"{first.quote}、{t.quote}", f"{t.quote}、{first.quote}")) for t in targets]
    twins = [t for t, ways in joined if t.unit == first.unit and any(w in point.text for w in ways)]
    alike = sorted((first, *twins), key=lambda t: point.text.find(t.quote))
    sums = [f"{value_of(number or '1'):g}{scale}" for number, scale in _SUM.findall(q.text)]
    meant = [t for t in alike if any(re.search(rf"(?<![\d.]){words}", t.quote) for words in sums)]
    meant = alike if _together(q) else meant or alike
    return (*meant, *(t for t in found if t not in alike)) if twins else tuple(found)


def _together(q: Question) -> bool:
    """“覆盖率跟合格率各多少”, “哪边多”: several figures beside one another."""
    return "compares" in q.signs


def _scoped(turn: Turn, targets: Sequence[Target]) -> tuple[Target, ...]:
    """The targets of the counties, of each county or of each unit, where the question speaks of these."""
    q = turn.q
    if "other_places" in q.signs and (others := _of_other_counties(turn, targets)):
        return others
    counties = [county for place in places.named(turn) if (county := places.county(place))]
    if named := tuple(t for t in targets if t.scope in counties):
        beside = len(counties) == 1 and _together(q) and named[0].kind != "expanded"
        return tuple(t for t in targets if t.what == named[0].what) if beside else named
    printed = [t for t in targets if t.kind != "expanded"]
    elsewhere = places.of_another(turn)  # “那枫溪呢”, where only the counties have figures of their own
    if (_together(q) or elsewhere) and len(own := [t for t in printed if t.scope in county_names(turn)]) > 1:
        return tuple(own)  # “哪个最多”
    return tuple(each_of(turn, printed))


def _of_other_counties(turn: Turn, targets: Sequence[Target]) -> tuple[Target, ...]:
    """What the other counties have to reach, after an answer about one of them."""
    own = [t for t in targets if t.scope in county_names(turn) and t.kind != "expanded"]
    told = [t for t in own if t.quote in turn.memory.clause]
    return tuple(t for t in own if t not in told and told and t.what == told[0].what)


def each_of(turn: Turn, targets: Sequence[Target]) -> list[Target]:
    """The targets that every county, or every unit, has to reach, as the question speaks of these."""
    units = [t for t in targets if t.scope == "每个单位" and _speaks_of(turn.q, *_OF_UNITS)]
    each = [t for t in targets if t.scope.startswith("每个县") and _speaks_of(turn.q, *_OF_COUNTIES)]
    return [*each, *units]


def county_names(turn: Turn) -> frozenset[str]:
    return frozenset(area.short for area in turn.book.directory.counties)


def _speaks_of(q: Question, *words: str) -> bool:
    return any(word in scope for word in words for scope in q.scopes)


def literal(knows: Knowing, *words: str, shortest: int = 2) -> tuple[int, ...]:
    """Points whose own words contain all of these, also with a few characters between (青年…入县下乡).

    A single character (茶) is looked for only where somebody says that it is a word: `shortest`.
    """
    if not words or any(len(w) < shortest for w in words):
        return ()
    printed = knows.book.printed
    found: Sequence[int] = min((knows.index.may_print(word) for word in words), key=len)
    for word in words:
        found = [n for n in found if _prints(printed[n] if len(word) > 1 else _as_words(knows, n), word)]
    return tuple(found)


def _as_words(knows: Knowing, number: int) -> str:
    """A point's words without those in which a character means another thing: 水 in 水平, 桥 in 湘桥."""
    text = _HOLLOW.sub(" ", knows.book.printed[number])
    for area in knows.book.directory.areas:
        for name in (area.short, *area.aliases):
            text = text.replace(name, " ")
    return text


def states(point: WorkPoint, topic: Topic, unit: str) -> bool:
    """Whether the words in question give a number (with this unit) at all."""
    where = topic.sentence or point.text
    return bool(re.search(rf"{_NUMERAL}[\d.万亿个余]*\s*{re.escape(unit[:1])}" if unit else r"\d", where))


def _prints(text: str, word: str) -> bool:
    if word in text:
        return True
    half = len(word) // 2
    if len(word) < 4 or word[:half] not in text or word[half:] not in text:
        return False
    loosely = re.escape(word[:half]) + r"[^,。;,;]{0,3}" + re.escape(word[half:])
    return re.search(loosely, text) is not None


def measured(target: Target, unit: str) -> bool:
    if unit == "%":
        return target.unit == "%"
    if unit == "亿元":
        return "元" in target.unit
    return unit in target.unit


def _shared(target: Target, q: Question) -> int:
    """How many pairs of characters the figure's words share with the question's subject."""
    said = plain(target.what + target.quote)
    pairs = {q.subject[i : i + 2] for i in range(len(q.subject) - 1)}
    return sum(pair in said for pair in pairs if " " not in pair)


def _likeness(target: Target, topic: Topic, q: Question) -> float:
    """Shared character pairs with the question; being in the quoted clause counts most."""
    score = float(_shared(target, q))
    if topic.quote:
        score += 3.0 if target.quote in topic.quote or topic.quote in target.quote else 0.0
        score += 0.5 if target.quote in topic.sentence else -1.0
    elif len(q.subject) < 2 or q.english:
        score += 1.0
    return score if target.kind != "condition" or q.measure else score - 1.0
