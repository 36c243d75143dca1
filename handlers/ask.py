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
from knowledge.match import Found
from knowledge.normalize import plain
from knowledge.question import Question, clauses, declines, picked
from knowledge.speech import speech
from knowledge.units import Unit
from storage.message import Button, Card, Message, Reply, Text

SETTLED = 0.4  # the share of a question that words at hand must account for to settle what it is about
CERTAIN = 0.9  # the share from which a clause is what was meant
STORY = 30  # characters; from here on a message may have one clause that matters
SHORT = 16  # characters; a longer message has a subject of its own

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
        return Card(title.rstrip("：:"), body, buttons, found.text)
    return Text(found.text)


# --- the kinds, in the order they are tried ---------------------------------------------------------


def _nothing_said(turn: Turn) -> Answer | None:
    return (
        None
        if turn.q.maybe or re.search(r"[a-z\d\u3400-\u9fff]", turn.q.text)
        else plain_words(turn, phrasing.EMPTY, "chatter")
    )


def _picks_suggestion(turn: Turn) -> Answer | None:
    """“2”, “第二个” after suggestions: the question asked then, about the point picked now."""
    place, wish = picked(turn.said)
    if not turn.memory.suggestions or place is None or place >= len(turn.memory.suggestions):
        return None
    number = turn.memory.suggestions[place]
    if wish:  # “第2个 原文”
        return about(replace(turn, q=turn.knows.read(wish)), number, again=True)
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
    if len(listed) < 2 or q.section is not None:
        return None
    if q.place_in_list is not None and 0 <= q.place_in_list < len(listed) and not q.spans:
        return about(turn, sorted(listed)[q.place_in_list])
    if q.last and q.last <= len(listed) and not speech().has("whole_notice", turn.said):
        return about(turn, sorted(listed)[-q.last])
    if "other" in q.signs and q.empty and (rest := [n for n in listed if n not in turn.memory.points[:1]]):
        return about(turn, rest[0])
    return None


def _numbered(turn: Turn) -> Answer | None:
    """第17条, 第四部分第三条, 最后一条, 上一条."""
    q, notice = turn.q, turn.book.notice
    number, section = q.number, _section_meant(turn) if q.number or q.last else q.section
    if section is not None:
        points = next((s.points for s in notice.sections if s.number == section), ())
        if number is None and (not q.last or "list" in q.asks):
            return None
        place = number - 1 if number is not None else len(points) - q.last
        number = points[place] if 0 <= place < len(points) else 0
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
    number = _section_meant(turn)
    section = next((s for s in notice.sections if s.number == number), None)
    if section is None:
        if q.section is None:
            return None
        words = phrasing.NO_SUCH_SECTION.format(count=len(notice.sections), number=q.section)
        return plain_words(turn, words, "unknown")
    title = phrasing.section(section.title, section.number, len(section.points))
    return list_of(turn, section.points, title)


def _section_meant(turn: Turn) -> int | None:
    """By number, as “this section”, or by its name."""
    q = turn.q
    if q.section is not None:
        return q.section
    if "this_section" in q.signs and turn.memory.point:
        return next((s.number for s in turn.book.notice.sections if turn.memory.point in s.points), None)
    return _named_section(turn)


def _named_section(turn: Turn) -> int | None:
    """By its title, or by another name where the question speaks of a section."""
    q, sections = turn.q, turn.knows.index.sections
    whole = next((n for n, names in sections.items() if q.subject == names[0] or names[0] in q.text), None)
    if whole is not None and "who" not in q.asks:
        return whole
    asks_all = "list" in q.asks or speech().has("contains", q.text)
    if asks_all and "who" not in q.asks:
        alone = next((n for n, names in sections.items() if _nothing_but(q, names[1])), None)
        if alone is not None:
            return alone
    if "block" not in q.signs or not (asks_all or q.number or q.last):
        return None
    named = [(len(name), n) for n, names in sections.items() for name in names if name in q.text]
    return max(named)[1] if named else None


def _nothing_but(q: Question, name: str) -> bool:
    """Whether the question is about this name and nothing else (体制机制改革, not 枫溪体制机制改革)."""
    rest = q.subject.replace(name, "").replace(name[:-1], "")
    return name in q.text and not speech().signs["section_words"].sub("", rest)


def _size(turn: Turn) -> Answer | None:
    """“一共多少条”: how large the notice is."""
    q, notice = turn.q, turn.book.notice
    if "how_many_points" not in q.signs or not q.empty or turn.memory.point:
        return None
    text = english.SIZE if q.english else phrasing.SIZE
    return answered(turn, text.format(sections=len(notice.sections), points=len(notice.points)), (), "answer")


def _quantified(turn: Turn) -> Answer | None:
    """“哪些是量化的”: every point with a figure to reach."""
    if "quantified" not in turn.q.signs or turn.q.spans:
        return None
    numbers = tuple(sorted({t.point for t in turn.book.targets if t.kind == "target"}))
    return list_of(turn, numbers, phrasing.QUANTIFIED.format(count=len(numbers))) if numbers else None


def _county_bureau(turn: Turn) -> Answer | None:
    """A county's own bureau is not in the directory and must not be taken for the city's."""
    mentions = turn.mentions
    bureau = next((m for m in mentions if m.county_bureau), None)
    if bureau is None or bureau.text in turn.knows.index.phrases or rest_of(turn, [m.text for m in mentions]):
        return None
    area = bureau.area
    points = literal(turn.book, spoken(area)) if area else ()
    rows = "、".join(f"第{n}点" for n in points)
    told = phrasing.PLACE_TOLD.format(name=spoken(area), rows=rows) if area and points else ""
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
    named = {p.number for p in turn.points(own) if any(name in p.text for name in _bare_names(units[0]))}
    led = tuple(sorted(led, key=lambda row: row.point not in named))  # where the notice itself names the unit
    own = tuple(sorted(own, key=lambda number: number not in named))
    others = tuple(sorted({r.point for r in joined} - set(own)))
    if not own and not others:
        return plain_words(turn, phrasing.NO_TASKS.format(name=short), "unknown")
    if turn.q.english:
        text = english.unit_tasks(units[0], led, others)
    else:
        text = phrasing.unit_tasks(turn.book, short, led, others)
    return answered(turn, text, (*own, *others), "list", listed=(*own, *others))


def _bare_names(unit: Unit) -> list[str]:
    """How the notice may write a unit: 供销合作社 for 市供销社."""
    return [bare for name in (unit.short, *unit.aliases) if len(bare := name.removeprefix("市")) > 2]


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
    return listing(turn, points, name, phrasing.AT_PLACE.format(name=name, count=len(points)))


def _listed(turn: Turn) -> Answer | None:
    """和财政有关的有哪些, 哪些条款出现陶瓷二字: complete lists."""
    q = turn.q
    if "list" not in q.asks or q.empty or q.details:
        return None
    key = q.subject.replace(" ", "") if len(q.runs) == 1 else q.subject
    points = _with_words(turn)
    if points:
        key = "、".join(q.listed_words)
        points = points if len(points) > 1 else tuple(sorted({*points, *_by_phrase(turn)}))
        if len(points) == 1 and "other" not in q.signs:
            return about(turn, points[0], best_within(turn, q, points[0]))
    points = points or literal(turn.book, *key.split()) or _by_phrase(turn)
    found = search(turn)
    if (
        q.english and found.hits
    ):  # in English nothing is printed: what is as well explained belongs to the list
        best = found.hits[0].cover
        points = tuple({*points, *(h.point for h in found.hits if h.cover >= 0.95 * best)})
    if not points and sure(turn, found):
        points = tuple(h.point for h in found.hits if h.score >= 0.6 * found.hits[0].score)[:4]
    if "other" in q.signs:
        points = tuple(n for n in points if n not in turn.memory.points[:1])
    if len(points) < 2:
        return None
    order = {h.point: -h.score for h in found.hits}
    points = tuple(sorted(points, key=lambda n: (order.get(n, 0.0), n)))
    return listing(turn, points, key, phrasing.ABOUT_WORD.format(name=key, count=len(points)))


def _with_words(turn: Turn) -> tuple[int, ...]:
    """Points that have one of the words the list is about; what is in quotation marks must stand there so."""
    quoted = '"' in turn.q.text
    if quoted:
        printed = ((p.number, plain(p.text)) for p in turn.book.notice.points)
        return tuple(n for n, text in printed if any(word in text for word in turn.q.listed_words))
    return tuple(sorted({n for word in turn.q.listed_words for n in literal(turn.book, word)}))


def _by_phrase(turn: Turn) -> tuple[int, ...]:
    """Points that any known phrase of the question stands for."""
    return tuple(sorted({n for span in turn.q.spans for n in turn.knows.index.points_of(span)}))


# “增幅呢”, “总共投多少钱”: names a figure, not a subject.
_ONLY_A_FIGURE = re.compile(
    r"(?:百分点|个点|点|涨|升|降|到|至|提高|增加|占|达到|翻|增幅|增速|涨幅|增长"
    r"|投资?|总投资|投入|建设?|项目|覆盖率?|比例|数|率|目标|新增|要|完成"
    r"|coverage|total|projects?|percent|amount|target|rate|investment|figure|number|\s)+"
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
    named = (
        best_within(turn, q, number) if any(len(run) > 1 for run in q.runs) else None
    )  # “覆盖率呢” may be another figure of the point
    hit = named if named and named.cover > CERTAIN else None
    return about(replace(turn, q=replace(q, asks=asks)), number, hit, again=True)


def _others(turn: Turn) -> Answer | None:
    """“还有吗”: the rest of the last list, or the neighbours found for the last question."""
    rest = tuple(n for n in turn.memory.listed if n not in turn.memory.points[:1])
    if rest:
        return list_of(turn, rest, phrasing.MORE)
    return plain_words(turn, phrasing.NO_MORE, "unknown")


def _topic(turn: Turn) -> Answer | None:
    """The ordinary question: find the words it is about, then answer, offer, or say it is not there."""
    found = search(turn)
    if not found.hits:
        return None
    best = found.hits[0]
    if (number := _said_before(turn, found)) is not None:
        return about(turn, number, best_within(turn, turn.q, number))
    if sure(turn, found):
        also = [h.point for h in found.hits[1:3] if h.score >= 0.8 * best.score]
        return about(turn, best.point, best, also=tuple(also))
    if turn.memory.point and "pointer" in turn.q.signs and not turn.q.spans:
        return about(turn, turn.memory.point)
    if (told := _densest(turn)) is not None:
        return told
    if confidence(turn, found) >= MAYBE or best.cover >= BROAD:
        return suggest(turn, [h.point for h in found.hits[:3] if h.score >= 0.45 * best.score])
    return None


def _densest(turn: Turn) -> Answer | None:
    """In a long story, the one clause that is clear by itself; none when two of them lead apart."""
    clear: list[tuple[float, Turn, Found]] = []
    for words in clauses(turn.q.text) if len(turn.q.text) >= STORY else ():
        part = replace(turn, q=turn.knows.read(words), memory=Memory())
        found = search(part)
        if part.q.spans and not part.q.elsewhere and sure(part, found):
            clear.append((confidence(part, found), part, found))
    if not clear or len({found.hits[0].point for _, _, found in clear}) > 2:
        return None
    _, part, found = max(clear, key=lambda c: c[0])
    asked = replace(part.q, asks=part.q.asks | turn.q.asks - {"list"}, details=turn.q.details)
    return about(replace(turn, q=asked), found.hits[0].point, found.hits[0])


def _initials(turn: Turn) -> Answer | None:
    """“gxs zonghegaige”: initials that may mean several things: the other words settle it, or we ask."""
    if not turn.q.maybe or turn.q.number:
        return None
    points = tuple(
        dict.fromkeys(
            turn.knows.index.pieces[doc].point
            for phrase in turn.q.maybe
            for doc in turn.knows.index.phrases[phrase]
        )
    )
    found = turn.knows.found(turn.q, only=points, ears=True)
    if found.hits and found.hits[0].cover >= SETTLED:
        return about(turn, found.hits[0].point, found.hits[0])
    first = [h.point for h in found.hits if h.cover > 0.2]
    return suggest(turn, tuple(dict.fromkeys((*first, *points)))[:3])


def _said_before(turn: Turn, found: Found) -> int | None:
    """“省级的是哪两个镇” after an answer: not clear by itself, but the last point's words account for it."""
    number = turn.memory.point
    if number is None or len(turn.q.text) > SHORT or turn.q.spans or sure(turn, found):
        return None
    there = best_within(turn, turn.q, number)
    return number if there and there.cover >= max(SETTLED, 0.8 * found.hits[0].cover) else None


KINDS: tuple[Callable[[Turn], Answer | None], ...] = (
    _nothing_said,
    _picks_suggestion,
    _declines_suggestions,
    _wrong_year,
    _elsewhere,
    _chatter,
    _initials,
    _of_last_list,
    _numbered,
    _section,
    _size,
    _quantified,
    _county_bureau,
    _unit,
    _place,
    _listed,
    _follow_up,
    _topic,
)
