"""Answers questions about the work points: a table of kinds, one function each; the first that fits answers.

`reply_to` is pure (the command line, the bench and the chat use it alike); `answer` is its chat handler.
It quotes, it never rewords, and when it is not sure it offers up to three points or says it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from handlers import documents, english, levels, lists, parts, phrasing, several, standing, tasks
from handlers.composing import about, answered, plain_words, sorry, suggest, unknown
from handlers.context import Context
from handlers.finding import (
    ALIKE,
    BROAD,
    MAYBE,
    PASSING,
    best_within,
    clear,
    confidence,
    evidence,
    leaning,
    leant_to,
    offered,
    search,
    sure,
    without_guesses,
)
from handlers.following import SETTLED, asks_on, follow_up, light, of_last_list, once_more, said_before
from handlers.marking import marked
from handlers.memory import Memory
from handlers.turn import Answer, Knowing, Note, Turn
from knowledge.match import Found
from knowledge.normalize import plain
from knowledge.question import Question, clauses, declines, picked
from knowledge.speech import speech
from storage.message import Button, Card, Markdown, Message, Reply, Text

CLAUSES = 24  # clauses of a message that may be clear by themselves: of longer ones the first and the last
_LEGIBLE = re.compile(r"[a-z\d\u3400-\u9fff]")
_OWN_STORY = re.compile("我|咱|本人|本村|公司|企业|厂|合作社|店")
_VALUE = re.compile(r"\d+(?:\.\d+)?(?:公里|万吨|亿|[个座条户家%])?")
_VALUE_ALONE = re.compile(rf"{_VALUE.pattern}|元|指标|数字|目标|[这个那是啥什么哪的指数率呢呀啊?？,。\s]")
_DIGITS = set("0123456789.+%")
_FACE = re.compile(r"\[[^\]\s]{1,4}\]|[\u2600-\u27bf\U0001f300-\U0001faff]")  # a thumb, a rose: a nod
STORY = 30  # characters; from here on a message may have one clause that matters

__all__ = ["KINDS", "Answer", "Knowing", "answer", "reply_to"]


def reply_to(question: str, memory: Memory, knows: Knowing, now: datetime) -> Answer:
    """What a person reads after this message, and what the conversation remembers."""
    memory = memory.fresh(now)
    q = knows.read(question)
    mentions = tuple(m for m in knows.mentions(q.text) if not knows.index.is_taught(plain(m.text)))
    turn = Turn(question, without_guesses(q, mentions, knows), memory, knows, now, mentions)
    for kind in KINDS:
        if (found := kind(turn)) is not None:
            return found
    return unknown(turn)


async def answer(message: Message, ctx: Context) -> Reply | None:
    """The chat handler: text in, text or a card of suggestions out; open questions are kept."""
    if message.kind not in ("text", "click") and message.event != "click":
        return None
    before = Memory.from_json(ctx.memory)
    said = tasks.of_the_asker(message.text, ctx.units, ctx.knows)
    found = reply_to(said, before, ctx.knows, ctx.now)
    if message.quote and not found.answered:  # “这个谁负责” about the words of another message
        about_it = reply_to(f"{message.quote}\n{message.text}", before, ctx.knows, ctx.now)
        found = about_it if about_it.answered or about_it.suggestions else found
    if _goes_on(message.text, before.fresh(ctx.now)):
        found = replace(found, memory=replace(found.memory, asks=("progress",)))
    ctx.memory = {**(ctx.memory or {}), **found.memory.to_json()}  # other things are remembered there, too
    if found.note is not None:
        ctx.keep_question(found.note.question, found.note.outcome, found.note.points)
    if "progress" in found.memory.asks and found.answered and found.outcome == "answer":
        found = replace(found, text=await _with_progress(found, message, ctx))
    if found.suggestions and ctx.cards:
        title, _, body = found.text.partition("\n")
        buttons = tuple(Button(label, key) for label, key in found.suggestions)
        return Card(title.rstrip("：:"), body, buttons, found.text)
    return Markdown(marked(found.text), found.text) if ctx.markdown else Text(found.text)


async def _with_progress(found: Answer, message: Message, ctx: Context) -> str:
    """What the asker may see of the progress; a group sees none, for it has many readers."""
    if message.in_group:
        return f"{standing.NOT_IN_A_GROUP}\n{found.text.removeprefix(phrasing.NO_PROGRESS).strip()}"
    return await standing.of_point(found.points[0], found.text, ctx)


def _goes_on(said: str, before: Memory) -> bool:
    """“那第3项呢” after a question about progress asks the same of another point."""
    return "progress" in before.asks and bool(re.fullmatch(r"那.{2,12}呢[?？。]?", said.strip()))


# --- the kinds, in the order they are tried ---------------------------------------------------------


def _nothing_said(turn: Turn) -> Answer | None:
    if turn.q.maybe or _LEGIBLE.search(turn.q.text):
        return None
    return plain_words(turn, phrasing.THANKS if _FACE.search(turn.said) else phrasing.EMPTY, "chatter")


def _picks_suggestion(turn: Turn) -> Answer | None:
    """“2”, “第二个” after suggestions: the question asked then, about the point picked now."""
    place, wish = picked(turn.said)
    if not turn.memory.suggestions or place is None or place >= len(turn.memory.suggestions):
        return None
    number, first = turn.memory.suggestions[place], turn.memory.asked
    if wish:  # “第2个 原文”
        found = about(replace(turn, q=turn.knows.read(wish)), number, again=True)
    elif not first:  # offered because a detail is not stated: show what is
        found = about(replace(turn, q=Question(text="")), number, again=True)
    else:
        asked = turn.knows.read(first)
        found = about(replace(turn, q=asked), number, best_within(turn, asked, number))
    return replace(found, note=Note(first, "picked", (number,))) if found and first else found


def _says_wrong(turn: Turn) -> Answer | None:
    """“都不是” after suggestions, “不对” after an answer: what was asked is noted, other points offered."""
    if not declines(turn.said):
        return None
    memory = turn.memory
    if memory.suggestions:
        words = english.NONE_OF_THEM if turn.q.english else phrasing.NONE_OF_THEM
        found = plain_words(turn, words, "unknown")
        return replace(found, note=Note(memory.asked or turn.said, "wrong", memory.suggestions))
    if not memory.question or not memory.points:
        return plain_words(turn, english.AGAIN if turn.q.english else phrasing.AGAIN, "unknown")
    asked = turn.knows.found(turn.knows.read(memory.question)).hits
    others = [h for h in asked if h.point not in memory.points[:1]]
    return sorry(turn, [h.point for h in others[:3] if h.score >= ALIKE / 2 * asked[0].score])


def _wrong_year(turn: Turn) -> Answer | None:
    """Other years have other notices."""
    year = turn.book.notice.year
    told = [y for y in turn.q.years if y < year and _only_tells_of(str(y), turn.q.text)]
    other = [y for y in turn.q.years if y not in told and not turn.knows.index.prints(str(y))]
    if not other:
        return None
    return plain_words(turn, phrasing.OTHER_YEAR.format(ours=year, theirs=other[0]), "unknown")


def _only_tells_of(year: str, text: str) -> bool:
    """“我司2021年落户潮安,想问冷链谁牵头”: what the asker did in that year; something else is asked."""
    parts = clauses(text)
    asking = [part for part in parts if "?" in part or speech().has("asking", part)]
    holding = [part for part in parts if year in part]
    return bool(asking) and all(_OWN_STORY.search(part) and part not in asking for part in holding)


def _elsewhere(turn: Turn) -> Answer | None:
    """A subject the notice does not deal with, unless it is only the background of one it does."""
    away = turn.knows.index.lexicon.away.intersection(turn.q.elsewhere)
    if not turn.q.elsewhere or (turn.q.number and not away):  # another place's notice has a point 5, too
        return None
    known = [plain(m.text) for m in turn.mentions if m.unit]  # 医保 in 医保局
    parts = (span.phrase.split("+") for span in turn.q.spans if "+" in span.phrase)
    known += [word for words in parts for word in words]  # 感冒 in a story of village doctors
    foreign = [word for word in turn.q.elsewhere if not any(word in name for name in known)]
    return unknown(turn) if foreign and not _in_passing(turn, foreign) else None


def _in_passing(turn: Turn, foreign: list[str]) -> bool:
    """“下雨天路上全是坑”: little of what is said, beside phrases that say enough. Another place or year
    (汕头的农村公路) is what is asked about, unless somebody only goes there or comes from there."""
    text, lexicon = turn.q.text, turn.knows.index.lexicon
    told = (word for word in foreign if word not in lexicon.elsewhere and "+" not in word)
    errands = (word for word in told if not word.startswith("my "))  # “my daughter is 2” is no errand
    if any(errands) or not lexicon.firm.isdisjoint(foreign):
        return False
    there = (word for word in foreign if word in lexicon.away)
    if any(not re.search(rf"(?:在|从|到|去|跑|来自|请|回|往){re.escape(word)}", text) for word in there):
        return False
    share, said = sum(map(len, foreign)) / len(text), evidence(turn)
    return any(share < small and said >= enough for small, enough in PASSING)


def _chatter(turn: Turn) -> Answer | None:
    """A greeting or thanks and nothing else."""
    q = turn.q
    if not q.courtesy:
        return None
    words = (english.GREETING, english.THANKS) if q.english else (phrasing.GREETING, phrasing.THANKS)
    return plain_words(turn, words[0] if "greeting" in q.signs else words[1], "chatter")


def _the_notice(turn: Turn) -> Answer | None:
    """“什么时候印发的”, “文号是多少”: about the paper, not about a point of it."""
    notice = turn.book.notice
    if (
        "the_notice" not in turn.q.signs
        or turn.q.number
        or any(s.phrase in turn.q.text for s in turn.q.spans)
    ):
        return None
    on = notice.issued_on
    day = f"{on.year}年{on.month}月{on.day}日" if on else phrasing.NO_DAY
    text = phrasing.THE_NOTICE.format(
        title=notice.title, number=notice.doc_number, issuer=notice.issuer, day=day
    )
    found = answered(turn, text, (), "answer")  # what was talked about before still is
    return replace(found, memory=replace(turn.memory.without_suggestions(), at=turn.now))


def _numbered(turn: Turn) -> Answer | None:
    """第17条, 第四部分第三条, 最后一条, 上一条."""
    q, notice = turn.q, turn.book.notice
    number, section = q.number, lists.section_meant(turn) if q.number or q.last else q.section
    if section is not None:
        points = next((s.points for s in notice.sections if s.number == section), ())
        if number is None and (not q.last or "list" in q.asks):
            return None
        place = number - 1 if number is not None else len(points) - q.last
        number = points[place] if 0 <= place < len(points) else 0
    elif number is None and q.last and q.last <= len(notice.points):
        number = notice.points[-q.last].number
    elif number is None and q.step and turn.memory.point and not q.spans and light(q):
        number = turn.memory.point + q.step
    if number is None:
        return None
    if turn.point(number) is None:
        first, last = notice.points[0].number, notice.points[-1].number
        return plain_words(turn, phrasing.NO_SUCH_POINT.format(first=first, last=last), "unknown")
    units = [plain(m.text) for m in turn.mentions if m.unit]  # “供销社在第26点怎么分工” asks about all of it
    named = any(not any(span.phrase in unit for unit in units) for span in q.spans)
    return about(turn, number, best_within(turn, q, number) if named else None)


def _by_value(turn: Turn) -> Answer | None:
    """“48.7是什么指标”, “600户”: nothing but a number, and the notice sets it as a figure."""
    found = _VALUE.findall(turn.q.text) if len(turn.q.text) < STORY else []
    named = any(not set(span.phrase) <= _DIGITS for span in turn.q.spans)
    if len(found) != 1 or named or _VALUE_ALONE.sub("", turn.q.text):
        return None
    figure = re.compile(rf"(?<![\d.]){re.escape(found[0])}(?![\d.])")
    if turn.point(turn.q.number or 0) is not None:
        return None
    targets = [t for t in turn.book.targets if t.point and t.kind != "expanded"]
    meant = {t.point: t.quote for t in reversed(targets) if figure.search(t.quote)}
    if len(meant) != 1:
        return suggest(turn, sorted(meant)[:3]) if meant else None
    ((number, quote),) = meant.items()
    asked = replace(turn, memory=replace(turn.memory, clause=quote))
    return about(replace(asked, q=replace(turn.q, asks=turn.q.asks - {"figure"})), number, again=True)


def _topic(turn: Turn) -> Answer | None:
    """The ordinary question: find the words it is about, then answer, offer, or say it is not there."""
    found = search(turn)
    if not found.hits:
        return about(turn, turn.memory.points[0], again=True) if asks_on(turn) else None
    best = found.hits[0]
    if (number := said_before(turn, found)) is not None:
        return about(turn, number, best_within(turn, turn.q, number))
    certain = sure(turn, found)
    if certain and clear(turn, found):
        return _about_best(turn, found)
    leant = leaning(turn)
    if certain and leant[0] == best.point:
        return _about_best(turn, found)
    if turn.memory.point and not turn.q.spans and ("pointer" in turn.q.signs or asks_on(turn)):
        return about(turn, turn.memory.point, again=light(turn.q))
    if (told := _densest(turn)) is not None:
        return told
    if (hit := leant_to(turn, found, leant)) is not None:
        return about(turn, hit.point, hit)
    if confidence(turn, found) >= MAYBE or best.cover >= BROAD:
        return suggest(turn, offered(found, leant))
    return None


def _about_best(turn: Turn, found: Found) -> Answer | None:
    """The best point, and its neighbours where they fit nearly as well."""
    best = found.hits[0]
    also = tuple(hit.point for hit in found.hits[1:3] if hit.score >= 0.8 * best.score)
    return about(turn, best.point, best, also=also)


def _densest(turn: Turn) -> Answer | None:
    """In a long story, the one clause that is clear by itself; none when two of them lead apart."""
    if turn.q.pasted and not turn.q.asks:
        return None
    clear: list[tuple[float, Turn, Found]] = []
    parts = clauses(turn.q.text) if len(turn.q.text) >= STORY else []
    for words in parts if len(parts) <= CLAUSES else [*parts[: CLAUSES // 2], *parts[-CLAUSES // 2 :]]:
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
        dict.fromkeys(number for phrase in turn.q.maybe for number in turn.knows.index.points_meant(phrase))
    )
    found = turn.knows.found(turn.q, only=points, ears=True)
    if found.hits and found.hits[0].cover >= SETTLED:
        return about(turn, found.hits[0].point, found.hits[0])
    first = [h.point for h in found.hits if h.cover > 0.2]
    return suggest(turn, tuple(dict.fromkeys((*first, *points)))[:3])


KINDS: tuple[Callable[[Turn], Answer | None], ...] = (
    _nothing_said,
    _picks_suggestion,
    _says_wrong,
    _wrong_year,
    _chatter,
    _elsewhere,
    _initials,
    once_more,
    of_last_list,
    documents.about_a_text,
    _the_notice,
    several.numbers,
    _by_value,
    parts.of_units,
    _numbered,
    lists.section,
    lists.size,
    tasks.figures,
    lists.quantified,
    lists.dated,
    levels.level,
    lists.county_of_town,
    lists.county_bureau,
    tasks.busiest,
    tasks.unit,
    lists.place,
    several.topics,
    lists.listed,
    follow_up,
    _topic,
)
