"""Answers questions about the work points: the table of kinds below, one function each, first that fits answers.

`reply_to` is pure (the command line, the bench and the chat use it alike); `answer` is its chat handler.
It quotes, it never rewords, and when it is not sure it offers up to three points or says it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from handlers import english, phrasing
from handlers.context import Context
from handlers.memory import Memory
from handlers.resolve import Topic, figures, literal, states, topic_at
from knowledge.book import Book, shipped
from knowledge.lexicon import shipped_lexicon
from knowledge.match import Found, Hit, Index
from knowledge.notice import WorkPoint
from knowledge.question import QUANTIFIED, Question, declines, picked, read
from knowledge.units import Area
from storage.message import Button, Card, Message, Reply, Text

# How sure is sure enough, on the scale of `_confidence`. Measured on the question sets in tests/data.
SURE, MAYBE = 0.58, 0.34
SMALL = 11.0  # a question with less to it than this needs more than a few shared characters
LONG_QUESTION = 200  # from here on a text counts as pasted


@dataclass(frozen=True, slots=True)
class Knowing:
    """What answering needs: a book and the index over its notice, built once."""

    book: Book
    index: Index

    @classmethod
    def of(cls, book: Book) -> Knowing:
        return cls(book, Index.of(book.notice, shipped_lexicon(book.notice)))

    @classmethod
    def shipped(cls) -> Knowing:
        return cls.of(shipped())


@dataclass(frozen=True, slots=True)
class Answer:
    """`points` best first; `answered` is False when it only suggests, does not know, or just greets."""

    text: str
    points: tuple[int, ...]
    answered: bool
    outcome: str  # answer | list | suggest | unknown | chatter
    memory: Memory
    suggestions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One message in its conversation."""

    said: str
    q: Question
    memory: Memory
    knows: Knowing
    now: datetime

    @property
    def book(self) -> Book:
        return self.knows.book

    def point(self, number: int) -> WorkPoint | None:
        return self.book.notice.point(number)

    def points(self, numbers: Sequence[int]) -> list[WorkPoint]:
        return [p for n in numbers if (p := self.point(n)) is not None]


def reply_to(question: str, memory: Memory, knows: Knowing, now: datetime) -> Answer:
    """What a person reads after this message, and what the conversation remembers."""
    memory = memory.fresh(now)
    turn = Turn(question, read(question, knows.index), memory, knows, now)
    for kind in KINDS:
        if (found := kind(turn)) is not None:
            return found
    return _unknown(turn)


async def answer(message: Message, ctx: Context) -> Reply | None:
    """The chat handler: text in, text or a card with suggestions out; what stayed open is kept for the office."""
    if message.kind not in ("text", "click") and message.event != "click":
        return None
    found = reply_to(message.text, Memory.from_json(ctx.memory), ctx.knows, ctx.now)
    ctx.memory = found.memory.to_json()
    if found.outcome in ("suggest", "unknown"):
        ctx.keep_question(message.text, found.outcome, found.points)
    if found.suggestions and ctx.cards:
        title, _, body = found.text.partition("\n")
        buttons = tuple(Button(label, key) for label, key in found.suggestions)
        return Card(title.rstrip(":") if found.outcome == "suggest" else "您是不是想问", body, buttons, found.text)
    return Text(found.text)


# --- the kinds, in the order they are tried ---------------------------------------------------------


def _nothing_said(turn: Turn) -> Answer | None:
    return None if re.search(r"[a-z\d\u3400-\u9fff]", turn.q.text) else _plain(turn, phrasing.EMPTY, "chatter")


def _picks_suggestion(turn: Turn) -> Answer | None:
    """“2”, “第二个” after suggestions: the question asked then, about the point picked now."""
    place = picked(turn.said)
    if not turn.memory.suggestions or place is None or place >= len(turn.memory.suggestions):
        return None
    asked = read(turn.memory.asked, turn.knows.index)
    number = turn.memory.suggestions[place]
    return _about(replace(turn, q=asked), number, _best_within(turn, asked, number))


def _declines_suggestions(turn: Turn) -> Answer | None:
    return _plain(turn, phrasing.NONE_OF_THEM, "unknown") if declines(turn.said) else None


def _wrong_year(turn: Turn) -> Answer | None:
    """Other years have other notices."""
    other = [y for y in turn.q.years if str(y) not in turn.book.notice.text]
    if not other:
        return None
    year = turn.book.notice.year
    return _plain(turn, f"我手上只有{year}年的工作要点,{other[0]}年的情况通知没有写,不能回答。已记下,市百千万办会看到。", "unknown")


def _elsewhere(turn: Turn) -> Answer | None:
    return _unknown(turn) if turn.q.elsewhere and not turn.q.number else None


def _chatter(turn: Turn) -> Answer | None:
    """A greeting or thanks and nothing else."""
    q = turn.q
    if not (q.greeting or q.thanks) or q.number or q.section or q.step or q.asks & {"who", "figure", "full", "deadline"}:
        return None
    if not q.empty and (q.spans or not q.greeting) and len(q.subject) > 1:
        return None
    words = (english.GREETING, english.THANKS) if q.english else (phrasing.GREETING, phrasing.THANKS)
    return _plain(turn, words[0] if q.greeting else words[1], "chatter")


def _of_last_list(turn: Turn) -> Answer | None:
    """“后面那条”, “里面第一条”, “另外一条”, “最后一条呢” after a list."""
    q, listed = turn.q, turn.memory.listed
    if len(listed) < 2:
        return None
    if q.place_in_list is not None and q.section is None and q.place_in_list < len(listed):
        return _about(turn, sorted(listed)[q.place_in_list])
    if q.last and (q.follow or q.empty) and q.last <= len(listed):
        return _about(turn, sorted(listed)[-q.last])
    if q.other and q.empty and (rest := [n for n in listed if n not in turn.memory.points[:1]]):
        return _about(turn, rest[0])
    return None


def _numbered(turn: Turn) -> Answer | None:
    """第17条, 第四部分第三条, 最后一条, 上一条."""
    q, notice = turn.q, turn.book.notice
    number = q.number
    if q.section is not None:
        if number is None:
            return None
        section = next((s for s in notice.sections if s.number == q.section), None)
        number = section.points[number - 1] if section and 1 <= number <= len(section.points) else 0
    elif number is None and q.last and q.last <= len(notice.points):
        number = notice.points[-q.last].number
    elif number is None and q.step and turn.memory.point and not q.spans:
        number = turn.memory.point + q.step
    if number is None:
        return None
    if turn.point(number) is None:
        first, last = notice.points[0].number, notice.points[-1].number
        return _plain(turn, f"这份通知的工作要点是第{first}点到第{last}点,没有您说的这一条。请核对条号,或直接写事项。", "unknown")
    hit = _best_within(turn, q, number) if q.spans else None
    return _about(turn, number, hit)


def _section(turn: Turn) -> Answer | None:
    """第三部分有哪些, 大抓产业发展, “这个部分有哪几条”."""
    q, notice = turn.q, turn.book.notice
    number = q.section
    if number is None and q.this_section and turn.memory.point:
        number = next((s.number for s in notice.sections if turn.memory.point in s.points), None)
    if number is None:
        number = _named_section(turn)
    section = next((s for s in notice.sections if s.number == number), None)
    if section is None:
        if q.section is None:
            return None
        return _plain(turn, f"这份通知共{len(notice.sections)}个部分,没有第{q.section}部分。", "unknown")
    title = f"第{section.number}部分 {section.title},共{len(section.points)}点:"
    return _list(turn, section.points, title)


def _named_section(turn: Turn) -> int | None:
    q = turn.q
    titles = {n: names[0] for n, names in turn.knows.index.sections.items()}
    whole = next((n for n, title in titles.items() if q.subject == title or title in q.text), None)
    if whole is not None and "who" not in q.asks:
        return whole
    if not q.block or not (q.asks & {"list"} or re.search(r"有(?:啥|什么|哪)|包括|包含|what", q.text)):
        return None
    named = [(len(name), n) for n, names in turn.knows.index.sections.items() for name in names if name in q.text]
    return max(named)[1] if named else None


def _quantified(turn: Turn) -> Answer | None:
    """“哪些是量化的”: every point with a figure to reach."""
    if not QUANTIFIED.search(turn.q.text) or turn.q.spans:
        return None
    numbers = tuple(sorted({t.point for t in turn.book.targets if t.kind == "target"}))
    return _list(turn, numbers, f"写有数字指标的共{len(numbers)}点:") if numbers else None


def _county_bureau(turn: Turn) -> Answer | None:
    """A county's own bureau is not in the directory and must not be taken for the city's."""
    mentions = turn.book.directory.find(turn.q.text)
    bureau = next((m for m in mentions if m.county_bureau), None)
    if bureau is None or _rest(turn, [m.text for m in mentions]):
        return None
    area = bureau.area
    points = literal(turn.book, _spoken(area)) if area else ()
    rows = "、".join(f"第{n}点" for n in points)
    told = f"通知中写到{_spoken(area)}的有{rows}。" if area and points else ""
    text = f"名录里只有市级单位,没有“{bureau.text}”;县(区)部门的分工由县(区)自行确定,不能用市级部门代替。{told}已记下,市百千万办会看到。"
    return _plain(turn, text, "unknown", points=points)


def _unit(turn: Turn) -> Answer | None:
    """市水务局负责哪些: rows of the division of work, leads first."""
    mentions = turn.book.directory.find(turn.q.text)
    units = [m.unit for m in mentions if m.unit is not None]
    if not units or _rest(turn, [m.text for m in mentions]) or "figure" in turn.q.asks:
        return None
    short = units[0].short
    led, joined = turn.book.assignments.led_by(short), turn.book.assignments.joined_by(short)
    own = tuple(dict.fromkeys(r.point for r in led))
    others = tuple(sorted({r.point for r in joined} - set(own)))
    if not own and not others:
        return _plain(turn, f"分工表里目前没有{short}的任务。已记下,市百千万办会看到。", "unknown")
    text = phrasing.unit_tasks(short, led, others)
    if turn.q.english:
        text = f"{units[0].en or short} ({short}), suggested by the directory unless confirmed:\n" + text
    return _answer(turn, text, (*own, *others), "list", listed=(*own, *others))


def _place(turn: Turn) -> Answer | None:
    """潮安有哪些: the points whose own words name the place."""
    mentions = [m for m in turn.book.directory.find(turn.q.text) if m.area and not m.county_bureau]
    if not mentions or _rest(turn, [m.text for m in mentions]) or turn.q.asks & {"figure", "deadline"}:
        return None
    if turn.memory.point and not turn.q.asks & {"list"} and (turn.q.follow or len(turn.q.text) <= 4):
        return None  # “湘桥”, “那湘桥呢” in a conversation ask the last question again
    name = mentions[0].town.removesuffix("镇") if mentions[0].town else _spoken(mentions[0].area)
    points = literal(turn.book, name)
    if not points:
        return _plain(turn, f"通知原文没有单独写到{mentions[0].text}。已记下,市百千万办会看到。", "unknown")
    if len(points) == 1 and not turn.q.asks & {"list"}:
        return None
    return _listing(turn, points, name, f"通知原文写到“{name}”的共{len(points)}点(另有面向所有县区、镇街的要求,未列入):")


def _listed(turn: Turn) -> Answer | None:
    """和财政有关的有哪些, 哪些条款出现陶瓷二字: complete lists."""
    q = turn.q
    if "list" not in q.asks or q.empty or q.details:
        return None
    key = q.subject.replace(" ", "") if has_one_run(q) else q.subject
    points = literal(turn.book, *key.split())
    if not points:
        points = _by_phrase(turn)
    if not points:
        hits = _search(turn).hits
        points = tuple(h.point for h in hits if h.score >= 0.6 * hits[0].score)[:4] if _sure(turn, _search(turn)) else ()
    if q.other:
        points = tuple(n for n in points if n not in turn.memory.points[:1])
    if len(points) < 2:
        return None
    order = {h.point: -h.score for h in _search(turn).hits}
    points = tuple(sorted(points, key=lambda n: (order.get(n, 0.0), n)))
    return _listing(turn, points, key, f"和“{key}”有关的共{len(points)}点:")


def has_one_run(q: Question) -> bool:
    return len(q.runs) == 1


def _by_phrase(turn: Turn) -> tuple[int, ...]:
    """Points that any known phrase of the question stands for."""
    index = turn.knows.index
    return tuple(sorted({index.pieces[d].point for span in turn.q.spans for d in span.pieces}))


def _follow_up(turn: Turn) -> Answer | None:
    """“它归谁管”, “那湘桥呢”, “全文”: no subject of its own, so the last point's."""
    q, number = turn.q, turn.memory.point
    bare = _rest(turn, [m.text for m in turn.book.directory.find(q.text) if m.area]) == "" or not _rest(turn, list(q.scopes))
    if not bare and not _only_figure_words(q):
        return None
    if number is None:
        return None if not q.empty else _plain(turn, english.NOTHING_BEFORE if q.english else phrasing.NOTHING_BEFORE, "unknown")
    if q.other or q.more:
        return _others(turn)
    asks = q.asks - {"list"} or frozenset(turn.memory.asks)
    return _about(replace(turn, q=replace(q, asks=asks)), number, None, again=True)


def _only_figure_words(q: Question) -> bool:
    """“增幅呢”, “总共投多少钱”: names a figure, not a subject."""
    return bool(re.fullmatch(r"(?:增幅|增速|涨幅|增长|投资?|总投资|投入|建设?|项目|覆盖率?|比例|数|率|目标|新增|要|完成|coverage|target|rate|investment|figure|number|the|s|what|is|\s)+", q.subject))


def _others(turn: Turn) -> Answer | None:
    """“还有吗”: the rest of the last list, or the neighbours found for the last question."""
    rest = tuple(n for n in turn.memory.listed if n not in turn.memory.points[:1])
    if rest:
        return _list(turn, rest, "还有:")
    return _plain(turn, "这一项在通知里就这些了。可以回复“全文”看原文,或写上别的事项再问。", "unknown")


def _topic(turn: Turn) -> Answer | None:
    """The ordinary question: find the words it is about, then answer, offer, or say it is not there."""
    found = _search(turn)
    if not found.hits:
        return None
    best = found.hits[0]
    if _sure(turn, found):
        also = [h.point for h in found.hits[1:3] if h.score >= 0.8 * best.score]
        return _about(turn, best.point, best, also=tuple(also))
    if turn.memory.point and turn.q.pointer and not turn.q.spans:
        return _about(turn, turn.memory.point)
    if _confidence(turn, found) >= MAYBE:
        return _suggest(turn, [h.point for h in found.hits[:3] if h.score >= 0.45 * best.score])
    return None


KINDS: tuple[Callable[[Turn], Answer | None], ...] = (
    _nothing_said,
    _picks_suggestion,
    _declines_suggestions,
    _wrong_year,
    _elsewhere,
    _chatter,
    _of_last_list,
    _numbered,
    _section,
    _quantified,
    _county_bureau,
    _unit,
    _place,
    _listed,
    _follow_up,
    _topic,
)


# --- finding ----------------------------------------------------------------------------------------


def _search(turn: Turn) -> Found:
    q, index = turn.q, turn.knows.index
    runs = [list(r) for r in q.runs]
    only = turn.memory.listed if len(turn.memory.listed) > 1 and q.pointer and not q.other else None
    nearer = dict.fromkeys(turn.memory.points[:1], 0.3) if (q.follow or q.pointer) and not q.other else {}
    if q.other:
        only = tuple(p.number for p in turn.book.notice.points if p.number not in turn.memory.points[:1])
    found = index.search(runs, q.spans, nearer=nearer, only=only)
    if only and not q.other and not _sure(turn, found):
        found = index.search(runs, q.spans, nearer=nearer)
    if not _sure(turn, found):
        by_ear = index.search(runs, q.spans, nearer=nearer, ears=True)
        if by_ear.hits and (not found.hits or by_ear.hits[0].cover > found.hits[0].cover + 0.1):
            return by_ear
    return found


def _sure(turn: Turn, found: Found) -> bool:
    if len(turn.q.text) > LONG_QUESTION:  # a pasted text always shares much with something
        return bool(found.hits) and _phrase_weight(turn, found, found.hits[0]) >= 10.0
    return _confidence(turn, found) >= SURE


def _confidence(turn: Turn, found: Found) -> float:
    """From the phrases it knows, the share of the question it accounts for, and the lead over the next point."""
    if not found.hits:
        return 0.0
    best = found.hits[0]
    lead = 1.0 - found.hits[1].score / best.score if len(found.hits) > 1 else 1.0
    phrase = min(_phrase_weight(turn, found, best), 10.0)
    expected = best.point in (*turn.memory.points, *turn.memory.listed) and (turn.q.follow or turn.q.pointer)
    alike = (0.8 * best.cover + 0.2 * lead) * (1.0 if phrase or expected or best.cover > 0.95 else min(1.0, found.weight / SMALL))
    return 0.1 * phrase + alike


def _phrase_weight(turn: Turn, found: Found, best: Hit) -> float:
    """How much the known phrases say for the best point: long and unambiguous ones say most."""
    weight = 0.0
    for span in found.phrases:
        points = {turn.knows.index.pieces[d].point for d in span.pieces}
        if best.point in points:
            size = len(span.phrase) if not span.phrase.isascii() else 4 + 2 * span.phrase.count(" ")
            weight += 3.0 * min(size, 6) / 2 / len(points) ** 0.5
    return weight


def _best_within(turn: Turn, q: Question, number: int) -> Hit | None:
    found = turn.knows.index.search([list(r) for r in q.runs], q.spans, only=(number,))
    return found.hits[0] if found.hits else None


def _rest(turn: Turn, names: Sequence[str]) -> str:
    """What the question is about besides these names."""
    subject = turn.q.subject
    for name in sorted(names, key=len, reverse=True):
        subject = subject.replace(name, " ")
    return re.sub(r"[的了在是有要和跟与及个把都也又那这各每市县区里边呢么报搞交做出弄完成建多该]|responsible|\s", "", subject)


def _spoken(area: Area | None) -> str:
    """潮安区 is found as 潮安: the notice writes both."""
    return re.sub(r"[区县镇]$", "", area.short) if area else ""


# --- answering --------------------------------------------------------------------------------------


def _about(turn: Turn, number: int, hit: Hit | None = None, *, also: tuple[int, ...] = (), again: bool = False) -> Answer | None:
    """One point, in the way it was asked for."""
    point = turn.point(number)
    if point is None:
        return None
    topic = topic_at(turn.book, point, hit.piece if hit else None, turn.memory.clause if again else "", turn.q.text)
    asks = turn.q.asks
    missing = _missing(turn, point, topic)
    if missing and "who" not in asks:
        return _not_stated(turn, point, topic, missing)
    text = _compose(turn, point, topic)
    if also and "figure" not in asks:
        text += "\n" + ("See also: " if turn.q.english else "另见:") + "、".join(phrasing.heading(p) for p in turn.points(also))
    return _answer(turn, text, (number, *also), "answer", clause=topic.quote, listed=(number, *also) if also else None)


def _compose(turn: Turn, point: WorkPoint, topic: Topic) -> str:
    asks, book = turn.q.asks, turn.book
    rows = topic.rows
    targets = figures(book, point, topic, turn.q) if asks & {"figure"} or turn.q.measure else ()
    if turn.q.english:
        return english.answer(point, topic.quote or point.text, english.all_responsible(rows, book.directory), targets)
    verdict = phrasing.all_responsible(rows)
    if "full" in asks:
        return phrasing.full_text(point, verdict)
    if "deadline" in asks and not turn.q.measure:
        stated = next((t for t in book.targets_of(point.number) if t.due_stated and topic.near(t.quote)), None)
        return phrasing.deadline(point, stated, topic.shown(point), book.notice.year, verdict)
    if targets:
        return phrasing.figure(point, targets, topic.shown(point), verdict)
    if "progress" in asks:
        return phrasing.progress(point, topic.shown(point), verdict)
    if "who" in asks:
        return phrasing.who(point, verdict, topic.quote, "" if topic.quote else phrasing.other_leads(book, point))
    if not topic.quote:
        return phrasing.whole(point, verdict, phrasing.other_leads(book, point))
    return phrasing.content(point, topic.quote, verdict)


def _missing(turn: Turn, point: WorkPoint, topic: Topic) -> str:
    """The detail that was asked for and that the notice does not state; "" when nothing is missing."""
    q = turn.q
    for name in q.details:
        if name not in point.text and not (name == "名单" and "、" in topic.quote):
            return name
    if q.measure and not figures(turn.book, point, topic, q) and not states(point, topic, q.measure[0]):
        return q.measure[1]
    hard = re.search(r"多少|(?<![哪第好])几(?:个|家|座|户|条|项|所|间|处|名)|百分之|how many|how much", q.text)
    if hard and "figure" in q.asks and not figures(turn.book, point, topic, q) and not states(point, topic, ""):
        return "具体数字"
    return ""


def _not_stated(turn: Turn, point: WorkPoint, topic: Topic, what: str) -> Answer:
    quote = topic.shown(point)
    text = english.not_stated(point, quote) if turn.q.english else phrasing.not_stated(point, what, quote)
    memory = replace(_remember(turn, (point.number,), clause=topic.quote), suggestions=(point.number,), asked=topic.quote or point.title)
    return Answer(text, (point.number,), False, "suggest", memory, ((point.title[:12], "1"),))


def _suggest(turn: Turn, numbers: Sequence[int]) -> Answer:
    points = turn.points(numbers)
    text = english.suggest(points) if turn.q.english else phrasing.suggest(points)
    memory = replace(turn.memory, suggestions=tuple(numbers), asked=turn.said[:200], at=turn.now)
    buttons = tuple((p.title[:12], str(i)) for i, p in enumerate(points, 1))
    return Answer(text, tuple(numbers), False, "suggest", memory, buttons)


def _listing(turn: Turn, points: tuple[int, ...], key: str, title: str) -> Answer:
    word = key.split()[0] if key else ""
    snippets = [phrasing.around(p.text, word) if word in p.text else "" for p in turn.points(sorted(points))]
    return _list(turn, points, title, snippets if len(points) <= 6 else ())


def _list(turn: Turn, numbers: Sequence[int], title: str, snippets: Sequence[str] = ()) -> Answer:
    """`numbers` best first; shown in the notice's order."""
    shown = turn.points(sorted(numbers))
    text = english.listing(shown) if turn.q.english else phrasing.listing(title, shown, snippets)
    return _answer(turn, text, tuple(numbers), "list", listed=tuple(numbers))


def _answer(
    turn: Turn, text: str, points: tuple[int, ...], outcome: str, *, clause: str = "", listed: tuple[int, ...] | None = None
) -> Answer:
    return Answer(text, points, True, outcome, _remember(turn, points, clause=clause, listed=listed))


def _remember(turn: Turn, points: tuple[int, ...], *, clause: str = "", listed: tuple[int, ...] | None = None) -> Memory:
    kept = turn.memory.listed if listed is None and points and points[0] in turn.memory.listed else (listed or ())
    asks = tuple(sorted(turn.q.asks - {"full", "list"}))
    return Memory(points[:5], kept, clause, asks, (), "", turn.now)


def _unknown(turn: Turn) -> Answer:
    if turn.q.english:
        return _plain(turn, english.UNKNOWN, "unknown")
    return _plain(turn, phrasing.TOO_LONG if len(turn.said) > LONG_QUESTION else phrasing.UNKNOWN, "unknown")


def _plain(turn: Turn, text: str, outcome: str, points: tuple[int, ...] = ()) -> Answer:
    """A sentence that answers nothing; the conversation keeps its last point."""
    return Answer(text, points, False, outcome, replace(turn.memory.without_suggestions(), at=turn.now))
