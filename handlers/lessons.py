"""Reads what an admin teaches: which words, which point of the notice and which of its sentences is meant.

`handlers/teach.py` calls it. Pure: the notice and the lexicon are only looked at. What cannot be taught is a
UserError with the reason; nothing is guessed where the bot's own search is not sure.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from handlers.ask import reply_to
from handlers.context import UserError
from handlers.memory import Memory
from handlers.resolve import topic_at
from handlers.turn import Answer, Knowing
from knowledge.assignments import Assignment
from knowledge.normalize import plain
from knowledge.notice import WorkPoint
from knowledge.ordinals import number_of
from knowledge.question import declines, picked

LONGEST, LONGEST_ENGLISH = 14, 6  # characters, words: what is looked for in a question
WORD = 8  # characters; a longer stretch of a question is no word to teach
WIDESPREAD = 3  # points that may print a phrase before it tells nothing any more
MOST = 6  # things of a point that are named; a card has as many buttons

_NUMERAL = "一二三四五六七八九十百"
_IS = r"\s*(?:=+>?|→|->|⇒)\s*"
# “教育谁牵头=?” is a question; without a blank or colon only what looks like nothing else is a lesson.
_TEACH = r"(?:请|麻烦)?(?:再)?教(?:一下|会|给)?(?:你|您)?[\s::,]+"
_ATTACHED = r"教(?!育|师|学|材|练|授|室|工|职|委|会|培|程|堂|官|辅|改|研)"
_LESSON = (
    re.compile(rf"(?:{_TEACH}|{_ATTACHED})(?P<said>[^=\n]+?){_IS}(?P<means>[^=\n]+)"),
    re.compile(rf"{_TEACH}(?P<said>\S.*?)\s*(?:就是|是指|指的是|是(?=\s*第?\d))\s*(?P<means>\S.*)"),
    re.compile(rf"{_TEACH}(?P<said>\S.*?)[\s::]+(?P<means>第?\d{{1,3}}(?:条|点|项|号)?)"),
)
_BETWEEN = re.compile(r"\s*[、,;/]\s*|(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_POINT = re.compile(
    rf"第\s*(\d{{1,3}}|[{_NUMERAL}]{{1,5}})\s*(?:条|点|项|号|款)?"
    rf"|(?:工作)?(?:要点)?(\d{{1,3}})\s*(?:条|点|项|号|款)?(?=$|[\s,、::·(]|[\u3400-\u9fff])"
    rf"|([{_NUMERAL}]{{1,5}})(?:条|点|项|号|款)"
)
_EDGES = " \"'“”‘’「」《》().。?!,、;:~…"
_ASKING = frozenset({"who", "figure", "deadline", "where"})
_WORD_EDGES = "的了在是有要把被我你它个和"


@dataclass(frozen=True, slots=True)
class Wish:
    """A lesson as it was typed: these words mean that."""

    said: tuple[str, ...]
    means: str


@dataclass(frozen=True, slots=True)
class Place:
    """A point, and the words of it that are meant; "" for the point as a whole."""

    point: WorkPoint
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Thing:
    """One of the things a point deals with, under a short name that leads to it."""

    name: str
    quote: str


def read(text: str) -> Wish | None:
    """“教 冻库、冷藏库=17 冷链”, also without blanks and with full-width signs; None for anything else."""
    line = unicodedata.normalize("NFKC", text).strip().rstrip("。")
    for form in _LESSON:
        if found := form.fullmatch(line):
            return Wish(several(found["said"]), found["means"].strip())
    return None


def several(words: str) -> tuple[str, ...]:
    """冻库、冷藏库 → both; a blank separates Chinese words only."""
    return tuple(dict.fromkeys(part.strip(_EDGES) for part in _BETWEEN.split(words) if part.strip(_EDGES)))


def asked(words: str, knows: Knowing, now: datetime) -> Answer:
    """What these words alone are answered with."""
    return reply_to(words, Memory(), knows, now)


# --- the right side: a point, or words that lead to one ---------------------------------------------------


def place_of(means: str, knows: Knowing, now: datetime) -> Place | list[WorkPoint]:
    """The place meant, or up to three points that may be meant, the best first."""
    found = _POINT.match(means)
    number = number_of(next(g for g in found.groups() if g)) if found else 0
    if found and (knows.book.notice.point(number) or "第" in found[0] or found.end() == len(means)):
        return _in_point(number, means[found.end() :].lstrip("的里中").strip(_EDGES + "·"), knows)
    answer = asked(means, knows, now)
    points = [point for number in answer.points[:3] if (point := knows.book.notice.point(number))]
    if not points:
        raise UserError(f"没有找到“{means}”指的是哪一点。请写条号，例如：教 冻库=17")
    sure = answer.answered and answer.outcome == "answer" and len(points) == 1
    return Place(points[0], answer.memory.clause) if sure else points


def _in_point(number: int, words: str, knows: Knowing) -> Place:
    point = knows.book.notice.point(number)
    if point is None:
        points = knows.book.notice.points
        raise UserError(
            f"工作要点是第{points[0].number}点到第{points[-1].number}点，没有第{number}点。请核对条号。"
        )
    if not words:
        return Place(point)
    if re.fullmatch(r"(?:和|与)?第?\d+(?:条|点|项|号)?", words):
        raise UserError("一个说法只能指一点。请选最贴近的一点再教，例如：教 冻库=17")
    if quote := _quote_in(point, words, knows):
        return Place(point, quote)
    names = "、".join(thing.name for thing in things(point, knows))
    told = f"这一点说的是：{names}。" if names else ""
    raise UserError(f"第{number}点里没有找到“{words}”。{told}请换个词，或只写条号。")


def _quote_in(point: WorkPoint, words: str, knows: Knowing) -> str:
    """The words of the point that are meant: those that print what was written, else what search finds."""
    written = plain(words)
    printed = [quote for quote in _quotes(point, knows) if written in plain(quote)]
    if len(printed) == 1:
        return printed[0]
    q = knows.read(words)
    found = knows.found(q, only=(point.number,))
    known = [span for span in q.spans if point.number in knows.index.points_of(span)]
    if not found.hits or not (known or printed):
        return ""
    said = [quote for span in known for quote in knows.index.quotes.get(span.phrase, ())]
    return topic_at(knows.book, point, found.hits[0].piece, "", q, said).quote


def things(point: WorkPoint, knows: Knowing) -> tuple[Thing, ...]:
    """What the point deals with, in its order; () where it is one thing only."""
    named: dict[str, str] = {}
    for quote in _quotes(point, knows, once=True):
        named.setdefault(_name_of(quote, point, knows), quote)
    return tuple(Thing(*both) for both in list(named.items())[:MOST]) if len(named) > 1 else ()


def _quotes(point: WorkPoint, knows: Knowing, *, once: bool = False) -> list[str]:
    """The stretches that units answer for, else the sentences; `once`: a unit's in one sentence are one."""
    rows = [row for row in knows.book.assignments if row.point == point.number and row.clause]
    rows.sort(key=lambda row: point.text.find(row.clause))
    first: dict[tuple[str, str], str] = {}
    for row in rows:
        first.setdefault(_sentence(point, row) if once else (row.clause, ""), row.clause)
    return list(dict.fromkeys(first.values())) or [clause.text for clause in point.clauses]


def _sentence(point: WorkPoint, row: Assignment) -> tuple[str, str]:
    """The sentence a row is about, with the unit that leads there."""
    return next((c.text for c in point.clauses if row.clause in c.text), row.clause), row.lead


def _name_of(quote: str, point: WorkPoint, knows: Knowing) -> str:
    """The first everyday word that leads to these words and no others of the point, else how they begin."""
    says = [say for say in knows.index.lexicon.says if say.quote in quote or quote in say.quote]
    words = (word for say in says for word in say.zh if len(word) <= MOST)
    return next((word for word in words if _quote_in(point, word, knows) == quote), quote[:10])


# --- the left side: words that may be taught ----------------------------------------------------------


def phrase_of(typed: str, knows: Knowing) -> str:
    """The comparable phrase, of a question (冻库谁管) its subject; UserError where it cannot be taught."""
    phrase = plain(typed).strip(_EDGES)
    if knows.read(phrase).asks & _ASKING and len(about := words_in(typed, knows)) == 1:
        phrase = about[0]
    if reason := unfit(phrase, knows):
        raise UserError(reason)
    return phrase


def words_in(question: str, knows: Knowing) -> tuple[str, ...]:
    """What of a question could be taught: the words of its subject, without units and places."""
    q = knows.read(question)
    subject = q.subject
    for mention in knows.mentions(q.text):
        subject = subject.replace(plain(mention.text), " ")
    parts = [subject] if q.english else re.split(r"[的和与跟、,\s]+", subject)
    words = dict.fromkeys(part.strip(_WORD_EDGES) for part in parts)
    return tuple(word for word in words if (q.english or len(word) <= WORD) and not unfit(word, knows))


def unfit(phrase: str, knows: Knowing) -> str:
    """Why this phrase must not be taught, in a sentence for the admin; "" where it may."""
    return next((reason for check in _CHECKS if (reason := check(phrase, knows))), "")


def _has_no_words(phrase: str, knows: Knowing) -> str:
    return "" if phrase else "没有看到要教的说法。请这样写：教 冻库=17"


def _is_too_short(phrase: str, knows: Knowing) -> str:
    if len(phrase) > 1:
        return ""
    return f"“{phrase}”只有一个字，许多问题里都会有，教了会答偏。请教一个完整的词。"


def _is_too_long(phrase: str, knows: Knowing) -> str:
    if phrase.isascii():
        fits, most = (
            len(phrase.split()) <= LONGEST_ENGLISH and len(phrase) <= 60,
            f"{LONGEST_ENGLISH}个英文单词",
        )
    else:
        fits, most = len(phrase) <= LONGEST, f"{LONGEST}个字"
    if fits:
        return ""
    return f"“{phrase[:LONGEST]}……”太长了，最多{most}。请只教其中的关键词，例如：教 冻库=17"


def _is_a_number(phrase: str, knows: Knowing) -> str:
    q = knows.read(phrase)
    counts = q.number is not None or q.section is not None or q.last or q.years
    if not (counts or picked(phrase)[0] is not None or re.fullmatch(r"[\d.%]+", phrase)):
        return ""
    return f"“{phrase}”会被当作条号、序号或年份，不能教成别的意思。"


def _is_a_name(phrase: str, knows: Knowing) -> str:
    whole = (m for m in knows.mentions(phrase) if m.start == 0 and m.end == len(phrase))
    name = next(whole, None)
    if name is None:
        return ""
    if name.unit or name.county_bureau:
        return f"“{phrase}”是单位名称，问到它时答的是这个单位的任务，不能改指某一点。请教一个事项的说法。"
    return f"“{phrase}”是地名，问到它时答的是通知里写到它的各点，不能改指某一点。请教一个事项的说法。"


def _says_nothing(phrase: str, knows: Knowing) -> str:
    q = knows.read(phrase)
    if not (q.empty or q.courtesy or declines(phrase)):
        return ""
    return f"“{phrase}”是问话里的常用词，教了会把别的问题也带偏。请教一个事项的说法，例如：教 冻库=17"


def _is_everywhere(phrase: str, knows: Knowing) -> str:
    printed = sum(phrase in plain(point.text) for point in knows.book.notice.points)
    if printed <= WIDESPREAD:
        return ""
    return f"通知里有{printed}点都写到“{phrase}”，教成其中一点会把别的问题带偏。请教一个更具体的说法。"


def _is_a_command(phrase: str, knows: Knowing) -> str:
    return (
        f"“{phrase}”是给助手的口令，教成别的意思就不灵了。请教一个事项的说法。" if phrase in _COMMANDS else ""
    )


_COMMANDS = frozenset(
    {"帮助", "help", "菜单", "全文", "原文", "不对", "都不是", "还有吗", "上一条", "下一条", "取消"}
)
_CHECKS = (
    _is_a_command,
    _has_no_words,
    _is_too_short,
    _is_too_long,
    _is_a_number,
    _is_a_name,
    _says_nothing,
    _is_everywhere,
)
