"""Cuts a message into passages, each about one point or several at once.

Numbers decide where there are any (`knowledge/marks.py`), else what the sentences are about
(`knowledge/topics.py`), else the point the prompt was about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby

from knowledge.aims import likeness
from knowledge.marks import Mark
from knowledge.match import Index, Span
from knowledge.page import Clause
from knowledge.reading import Asked, Item
from knowledge.remarks import LABELS, remarks
from knowledge.topics import PLAIN, among, speaks_against, topic, weights, weights_of
from knowledge.wording import wording

SHORT = 8  # characters that cannot speak so plainly for another point
SEARCHES = 5  # sentences looked for in the notice; after those, known phrases must do
OPENINGS = 2  # sentences whose first clause is looked for by itself where nothing is found
SEARCHED = 100  # characters of them that are enough: four sentences of a report
_LATIN = re.compile("[a-z]")
_BEFORE_MARK = re.compile(r"[\s(第要点①-⑳]+$")
HINT = 1.5  # so much tells which of a few named points is meant
_COUNTED = re.compile(r"\d|[一二三四五六七八九十百千万两]{2}")
STRONG = 11.0  # so much must speak for another point than the one asked, and nothing for that


@dataclass(frozen=True, slots=True)
class Passage:
    """Clauses about the same points. `marked`: numbers name them; `whole`: it is all the message says."""

    points: tuple[int, ...]
    clauses: tuple[Clause, ...]
    marked: bool = False
    mark: Mark | None = None

    @property
    def words(self) -> str:
        return _joined(self.clauses)


def _joined(clauses: Iterable[Clause]) -> str:
    return ",".join([clause.words for clause in clauses])


def passages(clauses: Sequence[Clause], found: Sequence[Mark], asked: Asked, index: Index) -> list[Passage]:
    """The message's passages in order; one without points when nothing tells which."""
    if not clauses:
        return []
    if found:
        return _by_marks(found, clauses, asked, index)
    if asked.prompted is not None:
        return [Passage((_asked_or_meant(clauses, asked.prompted, index),), tuple(clauses))]
    if not asked.items:
        return _by_topics(clauses, index)
    made = _by_items(clauses, asked.items) or _by_topics(clauses, index, search=False)
    return [passage if passage.points else _among_asked(passage, asked.items, index) for passage in made]


def _among_asked(passage: Passage, items: Sequence[Item], index: Index) -> Passage:
    """“防贫那项没变化”, “案例和改革都没动”: of what was asked, the points that the words speak for; with a
    number only where it is one."""
    points = among([item.point for item in items], passage.words, index)
    several = len(points) > 1 and any(map(str.isdigit, passage.words))
    return passage if several else replace(passage, points=points)


def cut(clauses: Sequence[Clause], found: Sequence[Mark]) -> Sequence[Clause]:
    """12✅ 16✅, 第44项完成31个③第45项正常: marks in one clause share it, each up to the next."""
    if len(found) < 2:
        return clauses
    made: list[Clause] = []
    for clause in clauses:
        inside = [mark.start for mark in found if clause.start <= mark.start < clause.end]
        start = clause.start
        for place in inside[1:]:
            end = start + len(_BEFORE_MARK.sub("", clause.words[start - clause.start : place - clause.start]))
            made.append(_part(clause, start, end))
            start = end
        made.append(_part(clause, start, clause.end) if inside[1:] else clause)
    return made


def _part(clause: Clause, start: int, end: int) -> Clause:
    words = clause.words[start - clause.start : end - clause.start]
    start += len(words) - len(words.lstrip())
    return Clause(start, start + len(words.strip()), words.strip(), clause.sentence, clause.line)


def _by_items(clauses: Sequence[Clause], items: Sequence[Item]) -> list[Passage]:
    """What was asked, by name: 项目库21个，案例2个，改革3项. [] where no clause names any of it."""
    made: list[Passage] = []
    waiting: tuple[Clause, ...] = ()
    for clause in clauses:
        point = _item_named(clause.words, items)
        if point is not None:
            made.append(Passage((point,), (*waiting, clause)))
            waiting = ()
        elif made:
            made[-1] = Passage(made[-1].points, (*made[-1].clauses, clause))
        else:
            waiting = (*waiting, clause)
    return _merged(made)


def _item_named(words: str, items: Sequence[Item]) -> int | None:
    """The point of the one item whose own pairs of characters are in the words before the number."""
    name = re.split(r"[\d①-⑳]", words)[0]
    best = sorted(((likeness(name, item.what), item.point) for item in items), reverse=True)
    if not best or not best[0][0] or (len(best) > 1 and best[0][0] == best[1][0]):
        return None
    rivals = {point for shared, point in best if int(shared) == int(best[0][0])}
    return best[0][1] if len(rivals) == 1 else None


def _by_marks(found: Sequence[Mark], clauses: Sequence[Clause], asked: Asked, index: Index) -> list[Passage]:
    """Each mark takes the clauses up to the next mark; what stands before the first goes to it."""
    starts = [_clause_at(clauses, mark.start) for mark in found]
    made: list[Passage] = []
    for place, mark in enumerate(found):
        begin = starts[place] if place else 0
        end = starts[place + 1] if place + 1 < len(found) else len(clauses)
        own = tuple(clauses[begin:end])
        points = _believed(mark.points, own, asked, index)
        made += _parted(Passage(points, own, marked=True, mark=mark), index)
    return _merged(_with_head(made, starts[0], asked, index))


def _parted(passage: Passage, index: Index) -> list[Passage]:
    """“41、42项情况如下：典型案例…；自主改革…”: each sentence goes to the point it is plainly about, the
    rest to all; as it is where less than two are told apart, and they are not one thing of each in turn."""
    if len(passage.points) < 2:
        return [passage]
    told = [(clause, _one_of(passage.points, clause.words, index)) for clause in passage.clauses]
    if len({point for _, point in told if point}) < 2:
        told = _in_turn(passage, index)
    made: list[Passage] = []
    for clause, point in told:
        last = made[-1] if made else None
        if point is None and last is not None and clause.sentence == last.clauses[-1].sentence:
            point = last.points[0]
        if last is not None and (point is None or (point,) == last.points):
            made[-1] = replace(last, clauses=(*last.clauses, clause))
        elif point is not None:
            made.append(Passage((point,), (clause,), marked=True, mark=passage.mark))
    return made or [passage]


def _in_turn(passage: Passage, index: Index) -> list[tuple[Clause, int | None]]:
    """“第32、40项合并报：共享调用1240万次，平台上线7个”: as many clauses with numbers as points, none
    of which speaks for another point than its turn's, and one for its own."""
    start = passage.mark.end if passage.mark else 0
    said = [(clause, clause.words[max(0, start - clause.start) :]) for clause in passage.clauses]
    things = [
        (clause, words)
        for clause, words in said
        if _COUNTED.search(words) and not wording().has("for_all", clause.words)
    ]
    if len(things) != len(passage.points):
        return []
    turns = {}
    sure = False
    for (clause, words), point in zip(things, passage.points, strict=True):
        meant = _one_of(passage.points, words, index, least=HINT)
        if meant not in (None, point):
            return []
        sure = sure or meant == point
        turns[clause] = point
    return [(clause, turns.get(clause)) for clause in passage.clauses] if sure else []


def _one_of(points: Sequence[int], words: str, index: Index, least: float = PLAIN) -> int | None:
    """The one of these points the words speak for."""
    found = {point: weight for point, weight in weights(words, index).items() if point in points}
    best = max(found, key=lambda point: found[point], default=None)
    alone = best is not None and all(found[best] > 2 * found[other] for other in found if other != best)
    return best if alone and best is not None and found[best] >= least else None


def _clause_at(clauses: Sequence[Clause], place: int) -> int:
    return max((n for n, clause in enumerate(clauses) if clause.start <= place), default=0)


def _believed(
    points: tuple[int, ...], clauses: Sequence[Clause], asked: Asked, index: Index
) -> tuple[int, ...]:
    """A mistyped number gives way when both what is said and what was asked are another point's."""
    if len(points) != 1 or asked.prompted is None or asked.prompted == points[0]:
        return points
    words = _joined(clauses)
    return (asked.prompted,) if speaks_against(words, points[0], asked.prompted, index) else points


def _with_head(made: list[Passage], first: int, asked: Asked, index: Index) -> list[Passage]:
    """Whole sentences before the first number may answer the prompt itself."""
    head, rest = made[0].clauses[:first], made[0].clauses[first:]
    named = {point for passage in made for point in passage.points}
    if not head or not rest or head[-1].sentence == rest[0].sentence or asked.prompted in named:
        return made
    words = _joined(head)
    if asked.prompted is None:
        about = topic(words, index, search=False) if head[-1].line != rest[0].line else None
    else:
        about = asked.prompted if weights(words, index).get(asked.prompted) else None
    if about is None or about in named:
        return made
    own = Passage(made[0].points, rest, marked=True, mark=made[0].mark)
    return [Passage((about,), head), own, *made[1:]]


def _merged(made: Iterable[Passage]) -> list[Passage]:
    """What is said about a point in two places belongs together."""
    found: dict[tuple[int, ...], Passage] = {}
    for passage in made:
        known = found.get(passage.points)
        if known is None:
            found[passage.points] = passage
        else:
            clauses = (*known.clauses, *passage.clauses)
            found[passage.points] = Passage(passage.points, clauses, known.marked, known.mark)
    return list(found.values())


def _asked_or_meant(clauses: Sequence[Clause], prompted: int, index: Index) -> int:
    """The point asked about, unless the words are plainly about another and not at all about it."""
    words = _joined(clauses)
    if clauses[-1].end - clauses[0].start < SHORT or wording().has("elsewhere", words):
        return prompted
    spans: dict[Clause, Sequence[Span]] = {}
    for clause in clauses:
        spans[clause] = index.spans(clause.words)
        if weights_of(spans[clause], index).get(prompted):
            return prompted
    best = _other_topic(spans.values(), prompted, index)
    if not best:
        return prompted
    left = remarks(clauses).left
    same = len(left) == len(clauses)
    return best if same or best == _other_topic(map(spans.__getitem__, left), prompted, index) else prompted


def _other_topic(spans: Iterable[Sequence[Span]], prompted: int, index: Index) -> int | None:
    """The point that phrases which say nothing of the one asked plainly speak for."""
    found = weights_of(chain.from_iterable(spans), index)
    best = max(found, key=lambda point: found[point], default=prompted)
    return best if found.get(best, 0.0) >= STRONG else None


def _by_topics(clauses: Sequence[Clause], index: Index, *, search: bool = True) -> list[Passage]:
    """Sentence by sentence; one that names no topic goes on with the last one's."""
    made: list[Passage] = []
    waiting: list[Clause] = []
    sought = 0
    for number, (group, spans) in enumerate(_topical(clauses, index)):
        telling = [clause for clause in group if not _calls(clause)]
        words = _joined(telling or group)
        closing = wording().has("closing", words) or bool(made and wording().pattern(LABELS).match(words))
        closing = closing or not telling  # 请市自然资源局指导: whom it calls is no topic
        seek = search and number < SEARCHES and sought < SEARCHED
        sought += len(words)
        point = None if closing and made else topic(words, index, spans, search=seek)
        if point is None and not made and seek and len(group) > 1 and number < OPENINGS:
            point = topic(group[0].words, index)  # 冷库1200吨投产了, 另外600吨设备安装中
        if point is not None:
            made.append(Passage((point,), (*waiting, *group)))
            waiting = []
        elif made:
            made[-1] = Passage(made[-1].points, (*made[-1].clauses, *group))
        else:
            waiting += group
    if waiting:
        made.append(Passage((), tuple(waiting)))
    return _merged(made)


def _topical(clauses: Sequence[Clause], index: Index) -> Iterator[tuple[list[Clause], Sequence[Span]]]:
    """Sentences with the phrases known in them; one whose clauses are plainly about different points is cut
    between them."""
    for _, group in groupby(clauses, key=lambda clause: clause.sentence):
        sentence = list(group)
        spans: list[Sequence[Span]] = [index.spans(clause.words) for clause in sentence]
        start, known = 0, None
        for at, clause in enumerate(sentence if len(sentence) > 1 else ()):
            point = topic(clause.words, index, spans[at], search=False)
            if spans[at] and _calls(clause) and not all(map(_calls, sentence)):
                spans[at] = ()
                continue
            if known and wording().has("for_others", clause.words):
                continue
            if point and known and point != known:
                yield sentence[start:at], _spans_of(sentence[start:at], spans[start:at], index)
                start = at
            known = point or known
        yield sentence[start:], _spans_of(sentence[start:], spans[start:], index)


def _calls(clause: Clause) -> bool:
    return wording().has("help_begins", clause.words)


def _spans_of(clauses: Sequence[Clause], spans: Sequence[Sequence[Span]], index: Index) -> Sequence[Span]:
    """The phrases of clauses in a row; only English ones go on over a comma."""
    if len(clauses) > 1 and any(_LATIN.search(clause.words) for clause in clauses):
        return index.spans(_joined(clauses))
    return [span for found in spans for span in found]
