"""What has no subject of its own, or hardly one: “它归谁管”, “那湘桥呢”, “再说一遍”, “里面第一条”.

`handlers/ask.py` tries these among its kinds; what was talked about is in `handlers/memory.py`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from handlers import english, phrasing
from handlers.composing import about, list_of, plain_words
from handlers.finding import best_within, rest_of, sure
from handlers.resolve import county_names
from handlers.turn import Answer, Turn
from knowledge.match import Found
from knowledge.question import Question
from knowledge.speech import speech

SETTLED = 0.4  # the share of a question that words at hand must account for to settle what it is about
CERTAIN = 0.9  # the share from which a clause is what was meant
LIGHT = 2  # characters of a subject that say nothing without what was talked about
SHORT = 16  # characters; a longer message has a subject of its own

# “增幅呢”, “总共投多少钱”: names a figure, not a subject.
_ONLY_A_FIGURE = re.compile(
    r"(?:百分点|个点|点|涨|升|降|到|至|提高|增加|占|达到|翻|增幅|增速|涨幅|增长"
    r"|投资?|总投资|投入|建设?|项目|有?多[大高长重]|规模|金额|总额|资金|花|投了|覆盖率?|比例|数|率|目标|新增|要|完成"
    r"|[三两几]家里?|里头?|最|哪个|第|批|来着|回到|几"
    r"|capacity|tons?|money|km|kilomet(?:er|re)s?|coverage|total|projects?|percent|amount|target|rate|investment|figure|number|\s)+"
)


_SUM_ALONE = re.compile(
    r"(?:那|这)?(?:[三几两]个|全市)?(?:合计|总计|总数|一共|总共|加起来)(?:呢|是|有)?(?:多少|几)?个?[?。]*"
)
_LEADS_UP = re.compile(r"[\s他她它们的是有给发我个]|联系|单位|部门|知道|怎么|多少")


def once_more(turn: Turn) -> Answer | None:
    """“再说一遍”, “详细点”: the last answer again, or all the words it was taken from."""
    closer, memory = "closer" in turn.q.signs, turn.memory
    if not (closer or "again" in turn.q.signs) or memory.point is None:
        return None
    if "list" in memory.asks and len(memory.listed) > 1 and not closer:
        return list_of(turn, memory.listed, phrasing.LISTED_BEFORE)
    said = turn.knows.read(memory.question)
    asks = frozenset(("full",)) if closer else said.asks - {"list"} or frozenset(memory.asks) - {"list"}
    return about(replace(turn, q=replace(said, asks=asks)), memory.point, again=True)


def of_last_list(turn: Turn) -> Answer | None:
    """“后面那条”, “里面第一条”, “另外一条”, “最后一条呢” after a list."""
    q, listed = turn.q, turn.memory.listed
    if len(listed) < 2 or q.section is not None:
        return None
    if q.last and q.last <= len(listed) and not speech().has("whole_notice", turn.said):
        return about(turn, listed[-q.last])
    if q.place_in_list is not None and 0 <= q.place_in_list < len(listed) and not q.spans:
        return about(turn, listed[q.place_in_list])
    if "other" in q.signs and q.empty and (rest := [n for n in listed if n not in turn.memory.points[:1]]):
        return about(turn, rest[0])
    return None


def follow_up(turn: Turn) -> Answer | None:
    """“它归谁管”, “那湘桥呢”, “全文”: no subject of its own, so the last point's."""
    q, number = turn.q, turn.memory.point
    if number is not None and _of_other_places(turn):
        asks = q.asks - {"list"} or frozenset(turn.memory.asks) - {"list"}
        return about(replace(turn, q=replace(q, asks=asks | {"figure"})), number, again=True)
    if "more" in q.signs and number is not None:
        return _others(turn)
    if q.empty and q.english and any("+" not in span.phrase for span in q.spans):
        return None  # “town plans”: words that tell nothing alone, but together
    places = [m.text for m in turn.mentions if m.area]
    subject_of_its_own = rest_of(turn, places) and rest_of(turn, list(q.scopes))
    bare = q.empty or "more" in q.signs or _SUM_ALONE.fullmatch(q.text) or _only_a_detail(turn)
    if subject_of_its_own and not bare and not _ONLY_A_FIGURE.fullmatch(q.subject):
        return None
    if number is None:
        words = english.NOTHING_BEFORE if q.english else phrasing.NOTHING_BEFORE
        return plain_words(turn, words, "unknown") if bare else None
    if "other" in q.signs:
        return _others(turn)
    asks = q.asks - {"list"} or frozenset(turn.memory.asks) - {"list"}
    named = (
        best_within(turn, q, number)
        if any(len(run) > 1 for run in q.runs) and "progress" not in q.asks
        else None
    )  # “覆盖率呢” may be another figure of the point
    hit = named if named and named.cover > CERTAIN else None
    return about(replace(turn, q=replace(q, asks=asks)), number, hit, again=True)


def _only_a_detail(turn: Turn) -> bool:
    """“电话多少”, “怎么联系他们”: a detail of what was talked about, and nothing else."""
    q = turn.q
    if not q.details or len(q.text) > SHORT:
        return False
    named = [word for word in turn.knows.index.lexicon.details if word in q.text]
    if any(not any(span.phrase in word for word in named) for span in q.spans):
        return False
    subject = q.subject
    for word in sorted(named, key=len, reverse=True):
        subject = subject.replace(word.strip("呢吗在给发要"), " ")
    return len(_LEADS_UP.sub("", subject)) < LIGHT


def _of_other_places(turn: Turn) -> bool:
    """“另外两个呢” after what one county has to reach."""
    if "other_places" not in turn.q.signs or not turn.memory.clause:
        return False
    counties = county_names(turn)
    return any(
        target.scope in counties and target.quote in turn.memory.clause
        for target in turn.book.of_point(turn.memory.point or 0)
    )


def _others(turn: Turn) -> Answer | None:
    """“还有吗”: the rest of the last list, or the neighbours found for the last question."""
    just_shown = len(turn.memory.points) > 1  # the list itself, and not one of its points
    rest = tuple(n for n in turn.memory.listed if n not in turn.memory.points[:1])
    if rest and not just_shown:
        return list_of(turn, rest, phrasing.MORE)
    return plain_words(turn, phrasing.NO_MORE, "unknown")


def asks_on(turn: Turn) -> bool:
    """“库归谁管”, “第几批” in a conversation: nothing but the last point's own words, if any."""
    point = turn.memory.point
    if point is None or not turn.q.asks or not light(turn.q) or len(turn.q.text) > SHORT:
        return False
    printed = turn.book.printed[point]
    return all(word in printed for run in turn.q.runs for word in run)


def said_before(turn: Turn, found: Found) -> int | None:
    """“省级的是哪两个镇” after an answer: not clear by itself, but the last point's words account for it."""
    number = turn.memory.point
    if number is None or len(turn.q.text) > SHORT or turn.q.spans or sure(turn, found):
        return None
    there = best_within(turn, turn.q, number)
    return number if there and there.cover >= max(SETTLED, 0.8 * found.hits[0].cover) else None


def light(q: Question) -> bool:
    """Whether it names next to nothing of its own: “库归谁管”, “这本账归哪个局”."""
    return sum(map(len, q.runs)) <= LIGHT
