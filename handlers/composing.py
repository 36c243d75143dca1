"""Makes the answer about one point, a list, suggestions, or a kind sentence, and what is remembered.

`handlers/ask.py` decides which; the sentences are in `handlers/phrasing.py` and `handlers/english.py`.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import replace

from handlers import affirming, english, phrasing, places
from handlers.memory import Memory
from handlers.resolve import Topic, figures, states, topic_at
from handlers.turn import Answer, Note, Turn
from knowledge.assignments import Assignment
from knowledge.match import Hit
from knowledge.notice import WorkPoint
from knowledge.question import Question
from knowledge.targets import Target

# What people ask on their way to doing something: not in the notice, but its lead unit can tell.
_HOW = re.compile(r"(?:办法|流程|条件|资格|手续|渠道|方式)$")
# Whoever asks who deals with it is told, whatever detail he mentions: 优惠政策谁兑现, but not 电话打给谁.
_WHO = re.compile(r"牵头|负责|归|管|哪个?(?:单位|部门|局)|谁来?(?:抓|办|定|落实|兑现|发|建|做)|who|which")
_ENUMERATES = re.compile("、|”“")  # words of the notice that name several things
# A rate or a growth by its name: 签约率多少, 收入增长多少.
_RATE = re.compile(
    r"([\u4e00-\u9fff]{2}(?:率|增长|增幅))(?:要|是|有|得|到|达到?|提高到?)*(?:多少|百分之几|几个点)"
)
_COUNTED = re.compile(r"[二三四五六七八九十](?:大|项)([\u4e00-\u9fff]{2})")
_PLACE = "地点"
_MONEY = ("费用", "金额", "价格", "经费", "造价")
TOLD = 6  # points of a list that are told with their words
LISTED = 60  # points of a list that are shown; nobody reads on a phone what comes after
SEVERAL = 2  # different leads of figures that are told apart; of more, the point's
KEPT = 200  # characters of a question that a conversation remembers


def about(
    turn: Turn, number: int, hit: Hit | None = None, *, also: tuple[int, ...] = (), again: bool = False
) -> Answer | None:
    """One point, as it was asked for; `again` keeps to the words last quoted, `also` names neighbours."""
    point = turn.point(number)
    if point is None:
        return None
    clause = turn.memory.clause if again and not places.of_another(turn) else ""
    topic = topic_at(turn.book, point, hit.piece if hit else None, clause, turn.q, _said(turn))
    asks = turn.q.asks
    known = figures(turn, point, topic)
    missing = _missing(turn, point, topic, known)
    asks_who = "who" in asks and (missing not in turn.q.details or _WHO.search(turn.q.text))
    if missing and not _HOW.search(missing) and not asks_who:
        return _not_stated(turn, point, topic, missing)
    text = _compose(turn, point, topic, known)
    if verdict := affirming.verdict(turn, topic, known):
        text = f"{verdict}\n{text}"
    if missing and _HOW.search(missing):
        text = f"{(english if turn.q.english else phrasing).ask_the_lead(missing)}\n{text}"
    if known and _wants_a_number(turn.q) and (lacking := places.without_own(turn, known)):
        text = (
            f"{(english if turn.q.english else phrasing).not_own(lacking, places.shared_by(known))}\n{text}"
        )
    elif known and not turn.q.english and places.asks_whose(turn):
        text = f"{phrasing.SCOPE.format(scope='、'.join(dict.fromkeys(t.scope for t in known)))}\n{text}"
    if known and "progress" in asks and _wants_a_number(turn.q) and not turn.q.english:
        text = f"{phrasing.NO_PROGRESS}\n{text}"  # how much was done, not how much is to be done
    if also and "figure" not in asks:
        text = _with_neighbours(turn, text, also)
    listed = (number, *also) if also else None
    return answered(turn, text, (number, *also), "answer", clause=topic.quote, listed=listed)


def _with_neighbours(turn: Turn, text: str, also: Sequence[int]) -> str:
    """Other points that deal with it too, before the closing hint."""
    body, _, hint = text.rpartition("\n")
    points = turn.points(also)
    return "\n".join((body, (english if turn.q.english else phrasing).neighbours(points), hint))


def _said(turn: Turn) -> list[str]:
    """The notice's words that the question's phrases were written for, the longest phrase's first."""
    spans = sorted(turn.q.spans, key=lambda span: -span.size)
    return [quote for span in spans for quote in turn.knows.index.quotes.get(span.phrase, ())]


def _wants_a_number(q: Question) -> bool:
    """“谁牵头” about words that hold a figure asks for the unit, not for the figure."""
    if "who" in q.asks and "hard_number" not in q.signs:
        return False
    return "figure" in q.asks or q.measure is not None


def _compose(turn: Turn, point: WorkPoint, topic: Topic, known: tuple[Target, ...]) -> str:
    asks, book = turn.q.asks, turn.book
    rows = topic.rows
    targets = known if _wants_a_number(turn.q) else ()
    if len({t.quote for t in targets}) > 1:
        rows = _leads_all(turn, point, targets)
    if "full" in asks or ("figure" in asks and targets and len({t.quote for t in targets}) == 1):
        # The whole point's lead for its whole text; a figure's own lead, however it was asked for.
        words = "" if "full" in asks else targets[0].quote
        rows = topic_at(book, point, None, words, turn.q, ()).rows or rows
    asks_day = "deadline" in asks and not turn.q.measure
    stated = _day_stated(turn, point, topic) if asks_day else None
    if turn.q.english:
        verdict = english.all_responsible(rows, book.directory)
        if "who" in asks and english.JOINING.search(turn.q.text):
            verdict = f"{verdict}\n{english.taking_part(rows, book.directory)}".strip()
        text = english.answer(point, topic.quote or point.text, verdict, targets)
        asks_day = asks_day and english.ASKS_DAY.search(turn.q.text) is not None
        return f"{english.deadline(stated, book.notice.year)}\n{text}" if asks_day else text
    verdict = phrasing.all_responsible(rows, everybody="配合" in turn.q.text)
    if "full" in asks:
        return phrasing.full_text(point, verdict)
    if asks_day:
        told = phrasing.deadline(point, stated, topic.shown(point), book.notice.year, verdict)
        return phrasing.with_figures(told, targets)  # “要做几条,什么时候完成”
    if targets:
        return phrasing.figure(point, targets, _words_of(turn, point, topic, targets), verdict)
    if "progress" in asks:
        return phrasing.progress(point, topic.shown(point), verdict)
    if "who" in asks:
        return phrasing.who(
            point, verdict, topic.quote, "" if topic.quote else phrasing.other_leads(book, point)
        )
    if not topic.quote:
        return phrasing.whole(point, verdict, phrasing.other_leads(book, point))
    return phrasing.content(point, topic.quote, verdict)


def _day_stated(turn: Turn, point: WorkPoint, topic: Topic) -> Target | None:
    """What the words in question say about when: a day, or only 定期."""
    timed = [t for t in turn.book.of_point(point.number) if topic.near(t.quote)]
    often = [t for t in timed if t.kind == "time" and t.value is None]  # 定期, of the very words
    often = [t for t in often if t.quote in topic.shown(point) or topic.quote in t.quote]
    return next((t for t in timed if t.due_stated or t in often), None)


def _words_of(turn: Turn, point: WorkPoint, topic: Topic, targets: Sequence[Target]) -> str:
    """The words to quote below figures: those that were found, on to the figures where they stand apart."""
    if not topic.quote or any(t.quote in topic.quote for t in targets):
        return topic.shown(point)
    quotes = (topic.quote, *(t.quote for t in targets))
    starts = [point.text.find(quote) for quote in quotes]
    words = point.text[min(starts) : max(at + len(quote) for at, quote in zip(starts, quotes, strict=True))]
    if words in topic.sentence and len(words) <= phrasing.LONGEST_QUOTE:
        return words
    return topic_at(turn.book, point, None, targets[0].quote, turn.q, ()).quote if len(targets) == 1 else ""


def _leads_all(turn: Turn, point: WorkPoint, targets: Sequence[Target]) -> tuple[Assignment, ...]:
    """Who leads the clause that has all these figures; else who leads each, told apart where they differ; of
    more than two, the point's lead."""
    book = turn.book
    rows = book.assignments.overlapping(point.number, targets[0].quote)
    if common := tuple(row for row in rows if all(t.quote in row.clause for t in targets)):
        return common
    leads: dict[Hashable, list[tuple[Target, Assignment]]] = {}
    for target in targets:
        for row in topic_at(book, point, None, target.quote, turn.q, ()).rows:
            standing = (row.lead, row.co_leads, row.status, row.confirmed_by, row.confirmed_on)
            leads.setdefault(standing, []).append((target, row))
    if len(leads) == 1:
        (shared,) = leads.values()
        partners = dict.fromkeys(name for _, row in shared for name in row.participants)
        return (replace(shared[0][1], part="", participants=tuple(partners)),)
    own = book.assignments.of_point(point.number)
    if len(leads) > SEVERAL:
        return (own,) if own else ()
    return tuple(replace(told[0][1], part=_whose(told)) for told in leads.values())


def _whose(told: Sequence[tuple[Target, Assignment]]) -> str:
    """Which of several figures a lead answers for: its county, else what is counted."""
    names = (row.lead if target.scope == row.lead else target.what for target, row in told)
    return "、".join(dict.fromkeys(names))


def _missing(turn: Turn, point: WorkPoint, topic: Topic, known: tuple[Target, ...]) -> str:
    """The detail that was asked for and that the notice does not state; "" when nothing is missing."""
    q = turn.q
    for name in q.details:
        if name in _MONEY and q.measure and any(t.unit in ("亿元", "元") for t in known):
            continue  # “建多少个，花多少钱”: what it costs is stated
        if name == _PLACE and any(m.area for m in turn.knows.mentions(topic.quote)):
            continue  # “糖果小镇在哪个镇”: the words have the place
        if name not in point.text and not (name == "名单" and _ENUMERATES.search(topic.quote)):
            return name
    if not known and (rate := _RATE.search(q.text)) and rate[1] not in point.text:
        return rate[1]
    recites = q.text.strip("。,") in turn.book.printed[point.number]  # the notice's words ask for no number
    if q.measure and not recites and not known and not states(point, topic, q.measure.unit):
        return q.measure.name
    counted = {kind[1] for kind in _COUNTED.finditer(topic.quote)}  # “人才行动有几项”: 四大行动
    if any(kind in q.text for kind in counted):
        return ""
    if "hard_number" in q.signs and "figure" in q.asks and not (known or states(point, topic, "")):
        return "具体数字"
    return ""


def _not_stated(turn: Turn, point: WorkPoint, topic: Topic, what: str) -> Answer:
    quote = topic.shown(point)
    text = english.not_stated(point, quote) if turn.q.english else phrasing.not_stated(point, what, quote)
    remembered = _remember(turn, (point.number,), clause=topic.quote)
    memory = replace(remembered, suggestions=(point.number,), asked="")
    note = Note(turn.said, "suggest", (point.number,))
    return Answer(text, (point.number,), False, "suggest", memory, note=note)


def suggest(turn: Turn, numbers: Sequence[int]) -> Answer:
    """Up to three points to pick from."""
    points = turn.points(numbers)
    text = english.suggest(points) if turn.q.english else phrasing.suggest(points)
    memory = replace(turn.memory, suggestions=tuple(numbers), asked=turn.said[:KEPT], at=turn.now)
    note = Note(turn.said, "suggest", tuple(numbers))
    return Answer(text, tuple(numbers), False, "suggest", memory, _buttons(points), note)


def sorry(turn: Turn, numbers: Sequence[int]) -> Answer:
    """The person says that the last answer was wrong: it is noted, and these points offered instead."""
    points, words = turn.points(numbers), english if turn.q.english else phrasing
    memory = replace(
        turn.memory, suggestions=tuple(numbers), asked=turn.memory.question, question="", at=turn.now
    )
    note = Note(turn.memory.question, "wrong", turn.memory.points[:1])
    return Answer(
        words.sorry(points, turn.memory.points[0]),
        tuple(numbers),
        False,
        "wrong",
        memory,
        _buttons(points),
        note,
    )


def _buttons(points: Sequence[WorkPoint]) -> tuple[tuple[str, str], ...]:
    return tuple((p.title[:12], str(i)) for i, p in enumerate(points, 1))


def listing(turn: Turn, points: tuple[int, ...], key: str, title: str) -> Answer:
    word = re.split(r"[ 、]", key)[0]
    shown = turn.points(sorted(points)) if len(points) <= TOLD else ()
    snippets = [phrasing.around(p.text, word) if word in p.text else "" for p in shown]
    return list_of(turn, points, title, snippets)


def list_of(turn: Turn, numbers: Sequence[int], title: str, snippets: Sequence[str] = ()) -> Answer:
    """`numbers` best first; shown in the notice's order."""
    shown = turn.points(sorted(numbers)[:LISTED])
    left = len(numbers) - len(shown)
    text = english.listing(shown, left) if turn.q.english else phrasing.listing(title, shown, snippets, left)
    return answered(turn, text, tuple(numbers), "list", listed=tuple(sorted(numbers)))


def together(turn: Turn, found: Sequence[Answer]) -> Answer:
    """Several lists as one answer; the hint comes once, at the end."""
    if len(found) == 1:
        return found[0]
    texts = [one.text.rpartition("\n")[0] or one.text for one in found[:-1]]
    points = tuple(dict.fromkeys(number for one in found for number in one.points))
    listed = tuple(dict.fromkeys(number for one in found for number in one.memory.listed))
    return answered(turn, "\n\n".join((*texts, found[-1].text)), points, "list", listed=listed)


def answered(
    turn: Turn,
    text: str,
    points: tuple[int, ...],
    outcome: str,
    *,
    clause: str = "",
    listed: tuple[int, ...] | None = None,
) -> Answer:
    return Answer(text, points, True, outcome, _remember(turn, points, clause=clause, listed=listed))


def _remember(
    turn: Turn, points: tuple[int, ...], *, clause: str = "", listed: tuple[int, ...] | None = None
) -> Memory:
    kept = (
        turn.memory.listed
        if listed is None and points and points[0] in turn.memory.listed
        else (listed or ())
    )
    asks = tuple(sorted(turn.q.asks - {"full"}))
    return Memory(points[:5], kept, clause, asks, question=turn.said[:KEPT], at=turn.now)


def unknown(turn: Turn) -> Answer:
    if turn.q.english:
        return plain_words(turn, english.UNKNOWN, "unknown")
    return plain_words(turn, phrasing.TOO_LONG if turn.q.pasted else phrasing.UNKNOWN, "unknown")


def plain_words(turn: Turn, text: str, outcome: str, points: tuple[int, ...] = ()) -> Answer:
    """A sentence that answers nothing; the conversation keeps its last point."""
    note = Note(turn.said, "unknown", points) if outcome == "unknown" and not turn.q.empty else None
    memory = replace(turn.memory.without_suggestions(), question="", at=turn.now)
    return Answer(text, points, False, outcome, memory, note=note)
