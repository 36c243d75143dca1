"""Answers questions about the work points: a table of kinds, one function each; the first that fits answers.

`reply_to` is pure (the command line, the bench and the chat use it alike); `answer` is its chat handler.
It quotes, it never rewords, and when it is not sure it offers up to three points or says it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from handlers import english, phrasing
from handlers.composing import about, answered, list_of, listing, plain_words, suggest, unknown
from handlers.context import Context
from handlers.finding import (
    BROAD,
    MAYBE,
    best_within,
    confidence,
    names_of,
    rest_of,
    search,
    spoken,
    sure,
    without_guesses,
)
from handlers.memory import Memory
from handlers.resolve import literal
from handlers.turn import Answer, Knowing, Turn
from knowledge.question import Question, declines, picked
from storage.message import Button, Card, Message, Reply, Text

__all__ = ["KINDS", "Answer", "Knowing", "answer", "reply_to"]


def reply_to(question: str, memory: Memory, knows: Knowing, now: datetime) -> Answer:
    """What a person reads after this message, and what the conversation remembers."""
    memory = memory.fresh(now)
    q = knows.read(question)
    mentions = knows.mentions(q.text)
    turn = Turn(question, without_guesses(q, mentions, knows), memory, knows, now, mentions)
    for kind in KINDS:
        if (found := kind(turn)) is not None:
            return found
    return unknown(turn)


async def answer(message: Message, ctx: Context) -> Reply | None:
    """The chat handler: text in, text or a card of suggestions out; open questions are kept."""
    if message.kind not in ("text", "click") and message.event != "click":
        return None
    found = reply_to(message.text, Memory.from_json(ctx.memory), ctx.knows, ctx.now)
    ctx.memory = found.memory.to_json()
    if found.outcome in ("suggest", "unknown"):
        ctx.keep_question(message.text, found.outcome, found.points)
    if found.suggestions and ctx.cards:
        title, _, body = found.text.partition("\n")
        buttons = tuple(Button(label, key) for label, key in found.suggestions)
        return Card(title.rstrip(":"), body, buttons, found.text)
    return Text(found.text)


# --- the kinds, in the order they are tried ---------------------------------------------------------


def _nothing_said(turn: Turn) -> Answer | None:
    return (
        None
        if re.search(r"[a-z\d\u3400-\u9fff]", turn.q.text)
        else plain_words(turn, phrasing.EMPTY, "chatter")
    )


def _picks_suggestion(turn: Turn) -> Answer | None:
    """“2”, “第二个” after suggestions: the question asked then, about the point picked now."""
    place = picked(turn.said)
    if not turn.memory.suggestions or place is None or place >= len(turn.memory.suggestions):
        return None
    number = turn.memory.suggestions[place]
    if not turn.memory.asked:  # offered because a detail is not stated: show what is
        return about(replace(turn, q=Question(text="")), number, again=True)
    asked = turn.knows.read(turn.memory.asked)
    return about(replace(turn, q=asked), number, best_within(turn, asked, number))


def _declines_suggestions(turn: Turn) -> Answer | None:
    return plain_words(turn, phrasing.NONE_OF_THEM, "unknown") if declines(turn.said) else None


def _wrong_year(turn: Turn) -> Answer | None:
    """Other years have other notices."""
    other = [y for y in turn.q.years if str(y) not in turn.book.notice.text]
    if not other:
        return None
    year = turn.book.notice.year
    return plain_words(turn, phrasing.OTHER_YEAR.format(ours=year, theirs=other[0]), "unknown")


def _elsewhere(turn: Turn) -> Answer | None:
    return unknown(turn) if turn.q.elsewhere and not turn.q.number else None


def _chatter(turn: Turn) -> Answer | None:
    """A greeting or thanks and nothing else."""
    q = turn.q
    if not q.courtesy:
        return None
    words = (english.GREETING, english.THANKS) if q.english else (phrasing.GREETING, phrasing.THANKS)
    return plain_words(turn, words[0] if "greeting" in q.signs else words[1], "chatter")


def _of_last_list(turn: Turn) -> Answer | None:
    """“后面那条”, “里面第一条”, “另外一条”, “最后一条呢” after a list."""
    q, listed = turn.q, turn.memory.listed
    if len(listed) < 2:
        return None
    if q.place_in_list is not None and q.section is None and q.place_in_list < len(listed):
        return about(turn, sorted(listed)[q.place_in_list])
    if q.last and ("follow" in q.signs or q.empty) and q.last <= len(listed):
        return about(turn, sorted(listed)[-q.last])
    if "other" in q.signs and q.empty and (rest := [n for n in listed if n not in turn.memory.points[:1]]):
        return about(turn, rest[0])
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
        return plain_words(turn, phrasing.NO_SUCH_POINT.format(first=first, last=last), "unknown")
    hit = best_within(turn, q, number) if q.spans else None
    return about(turn, number, hit)


def _section(turn: Turn) -> Answer | None:
    """第三部分有哪些, 大抓产业发展, “这个部分有哪几条”."""
    q, notice = turn.q, turn.book.notice
    number = q.section
    if number is None and "this_section" in q.signs and turn.memory.point:
        number = next((s.number for s in notice.sections if turn.memory.point in s.points), None)
    if number is None:
        number = _named_section(turn)
    section = next((s for s in notice.sections if s.number == number), None)
    if section is None:
        if q.section is None:
            return None
        return plain_words(turn, f"这份通知共{len(notice.sections)}个部分,没有第{q.section}部分。", "unknown")
    title = f"第{section.number}部分 {section.title},共{len(section.points)}点:"
    return list_of(turn, section.points, title)


_CONTAINS = re.compile(r"有(?:啥|什么|哪)|包括|包含|what")


def _named_section(turn: Turn) -> int | None:
    q = turn.q
    titles = {n: names[0] for n, names in turn.knows.index.sections.items()}
    whole = next((n for n, title in titles.items() if q.subject == title or title in q.text), None)
    if whole is not None and "who" not in q.asks:
        return whole
    if "block" not in q.signs or not ("list" in q.asks or _CONTAINS.search(q.text)):
        return None
    named = [
        (len(name), n) for n, names in turn.knows.index.sections.items() for name in names if name in q.text
    ]
    return max(named)[1] if named else None


def _quantified(turn: Turn) -> Answer | None:
    """“哪些是量化的”: every point with a figure to reach."""
    if "quantified" not in turn.q.signs or turn.q.spans:
        return None
    numbers = tuple(sorted({t.point for t in turn.book.targets if t.kind == "target"}))
    return list_of(turn, numbers, f"写有数字指标的共{len(numbers)}点:") if numbers else None


def _county_bureau(turn: Turn) -> Answer | None:
    """A county's own bureau is not in the directory and must not be taken for the city's."""
    mentions = turn.mentions
    bureau = next((m for m in mentions if m.county_bureau), None)
    if bureau is None or bureau.text in turn.knows.index.phrases or rest_of(turn, [m.text for m in mentions]):
        return None
    area = bureau.area
    points = literal(turn.book, spoken(area)) if area else ()
    rows = "、".join(f"第{n}点" for n in points)
    told = f"通知中写到{spoken(area)}的有{rows}。" if area and points else ""
    return plain_words(
        turn, phrasing.COUNTY_BUREAU.format(name=bureau.text, told=told), "unknown", points=points
    )


def _unit(turn: Turn) -> Answer | None:
    """市水务局负责哪些: rows of the division of work, leads first."""
    mentions = turn.mentions
    units = [m.unit for m in mentions if m.unit is not None]
    if not units or rest_of(turn, [m.text for m in mentions]) or "figure" in turn.q.asks:
        return None
    short = units[0].short
    led, joined = turn.book.assignments.led_by(short), turn.book.assignments.joined_by(short)
    own = tuple(dict.fromkeys(r.point for r in led))
    others = tuple(sorted({r.point for r in joined} - set(own)))
    if not own and not others:
        return plain_words(turn, f"分工表里目前没有{short}的任务。已记下,市百千万办会看到。", "unknown")
    if turn.q.english:
        text = english.unit_tasks(units[0], led, others)
    else:
        text = phrasing.unit_tasks(turn.book, short, led, others)
    return answered(turn, text, (*own, *others), "list", listed=(*own, *others))


def _place(turn: Turn) -> Answer | None:
    """潮安有哪些: the points whose own words name the place."""
    mentions = [m for m in turn.mentions if m.area and not m.county_bureau]
    if not mentions or rest_of(turn, [m.text for m in mentions]) or turn.q.asks & {"figure", "deadline"}:
        return None
    if (
        turn.memory.point
        and not turn.q.asks & {"list"}
        and ("follow" in turn.q.signs or len(turn.q.text) <= 4)
    ):
        return None  # “湘桥”, “那湘桥呢” in a conversation ask the last question again
    name = next((n for m in mentions for n in names_of(m) if literal(turn.book, n)), "")
    points = literal(turn.book, name)
    if not points:
        return plain_words(turn, phrasing.NO_SUCH_PLACE.format(name=mentions[0].text), "unknown")
    if len(points) == 1 and not turn.q.asks & {"list"}:
        return None
    return listing(
        turn, points, name, f"通知原文写到“{name}”的共{len(points)}点(另有面向所有县区、镇街的要求,未列入):"
    )


def _listed(turn: Turn) -> Answer | None:
    """和财政有关的有哪些, 哪些条款出现陶瓷二字: complete lists."""
    q = turn.q
    if "list" not in q.asks or q.empty or q.details:
        return None
    key = q.subject.replace(" ", "") if len(q.runs) == 1 else q.subject
    points = literal(turn.book, *key.split())
    if not points:
        points = _by_phrase(turn)
    found = search(turn)
    if not points and sure(turn, found):
        points = tuple(h.point for h in found.hits if h.score >= 0.6 * found.hits[0].score)[:4]
    if "other" in q.signs:
        points = tuple(n for n in points if n not in turn.memory.points[:1])
    if len(points) < 2:
        return None
    order = {h.point: -h.score for h in found.hits}
    points = tuple(sorted(points, key=lambda n: (order.get(n, 0.0), n)))
    return listing(turn, points, key, f"和“{key}”有关的共{len(points)}点:")


def _by_phrase(turn: Turn) -> tuple[int, ...]:
    """Points that any known phrase of the question stands for."""
    return tuple(sorted({n for span in turn.q.spans for n in turn.knows.index.points_of(span)}))


# “增幅呢”, “总共投多少钱”: names a figure, not a subject.
_ONLY_A_FIGURE = re.compile(
    r"(?:增幅|增速|涨幅|增长|投资?|总投资|投入|建设?|项目|覆盖率?|比例|数|率|目标|新增|要|完成"
    r"|coverage|target|rate|investment|figure|number|\s)+"
)


def _follow_up(turn: Turn) -> Answer | None:
    """“它归谁管”, “那湘桥呢”, “全文”: no subject of its own, so the last point's."""
    q, number = turn.q, turn.memory.point
    places = [m.text for m in turn.mentions if m.area]
    if rest_of(turn, places) and rest_of(turn, list(q.scopes)) and not _ONLY_A_FIGURE.fullmatch(q.subject):
        return None
    if number is None:
        words = english.NOTHING_BEFORE if q.english else phrasing.NOTHING_BEFORE
        return plain_words(turn, words, "unknown") if q.empty else None
    if "other" in q.signs or "more" in q.signs:
        return _others(turn)
    asks = q.asks - {"list"} or frozenset(turn.memory.asks)
    return about(replace(turn, q=replace(q, asks=asks)), number, None, again=True)


def _others(turn: Turn) -> Answer | None:
    """“还有吗”: the rest of the last list, or the neighbours found for the last question."""
    rest = tuple(n for n in turn.memory.listed if n not in turn.memory.points[:1])
    if rest:
        return list_of(turn, rest, "还有:")
    return plain_words(turn, phrasing.NO_MORE, "unknown")


def _topic(turn: Turn) -> Answer | None:
    """The ordinary question: find the words it is about, then answer, offer, or say it is not there."""
    found = search(turn)
    if not found.hits:
        return None
    best = found.hits[0]
    if sure(turn, found):
        also = [h.point for h in found.hits[1:3] if h.score >= 0.8 * best.score]
        return about(turn, best.point, best, also=tuple(also))
    if turn.memory.point and "pointer" in turn.q.signs and not turn.q.spans:
        return about(turn, turn.memory.point)
    if confidence(turn, found) >= MAYBE or best.cover >= BROAD:
        return suggest(turn, [h.point for h in found.hits[:3] if h.score >= 0.45 * best.score])
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
