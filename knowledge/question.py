"""Reads a question: what it asks for (who, how many, by when, a list …), what it points at, what it is about.

The patterns are in `knowledge/data/speech.toml`. `handlers/ask.py` calls `read` and decides; nothing here
looks at the notice's answers, only at which of its phrases occur in the question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.match import Index, Span
from knowledge.normalize import has_chinese, plain
from knowledge.ordinals import last, numbers, place_in_list, without_numbers
from knowledge.speech import Measure, Speech, speech
from knowledge.subject import LONG, Subject, details, elsewhere, listed_words, subject
from knowledge.typed import read_aloud

PASTED = 200  # a longer text is somebody's document with a question in it
ENDS = 150  # of such a text, this much of both ends is read when no sentence asks anything
_SENTENCE = re.compile(r"[^。!?？！\n;；]+[。!?？！\n;；]?")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_CLAUSE = re.compile(r"[^,。!?;、\s]+[,。!?;、\s]*")
TELLS = 3  # a message of at least so many clauses tells a story; only those that ask are taken literally


@dataclass(frozen=True, slots=True)
class Question:
    """What was understood. `runs` are the words of its subject, `spans` the known phrases among them."""

    text: str
    english: bool = False
    pasted: bool = False
    asks: frozenset[str] = frozenset()
    signs: frozenset[str] = frozenset()  # names of the signs in speech.toml that occur
    number: int | None = None  # a point's number, or the place within `section`
    section: int | None = None
    last: int = 0  # 1 = the last, 2 = the last but one
    step: int = 0  # +1 next, -1 previous
    place_in_list: int | None = None
    runs: tuple[tuple[str, ...], ...] = ()
    spans: tuple[Span, ...] = ()
    subject: str = ""  # what is left after noise, runs joined by blanks
    elsewhere: tuple[str, ...] = ()  # subjects the notice does not deal with
    details: tuple[str, ...] = ()  # details it seldom states
    measure: Measure | None = None
    courtesy: bool = False  # a greeting or thanks and nothing else
    years: tuple[int, ...] = ()
    scopes: tuple[str, ...] = ()
    listed_words: tuple[str, ...] = ()  # of “提到湘桥的有哪几条”, the words the list is about
    maybe: tuple[str, ...] = ()  # phrases that typed initials may stand for, when they differ

    @property
    def empty(self) -> bool:
        """Whether it names no subject of its own."""
        return not self.runs


@dataclass(frozen=True, slots=True)
class Heard:
    """A message's comparable words, and what they are about, before anybody knows what it asks of that."""

    words: str
    english: bool
    number: int | None
    section: int | None
    step: int
    phrases: list[Span]  # known ones that stand in the words
    about: Subject
    maybe: tuple[str, ...]


def heard(text: str, index: Index) -> Heard:
    """What one message is about; `text` is as typed."""
    table = speech()
    aloud = read_aloud(_essence(plain(text), table), index)
    english = not has_chinese(aloud.words) and any(c.isalpha() for c in aloud.words)
    words = _meant(table.in_digits(aloud.words) if english else aloud.words, index, table)
    spans = index.spans(words)
    number, section = numbers(words, spans, table, max(index.sections, default=0))
    cut = without_numbers(words, table) if number is not None or section is not None else words
    step = -1 if table.has("step_back", words) else 1 if table.has("step_on", words) else 0
    if step and not spans:
        cut = table.without("step_back" if step < 0 else "step_on", cut)
    about = subject(words, cut, spans, index, english=english)
    return Heard(words, english, number, section, step, spans, about, aloud.maybe)


def read(text: str, index: Index) -> Question:
    """Understand one message; `text` is as typed."""
    table = speech()
    said = heard(text, index)
    words, about = said.words, said.about
    asking = _asking(words, index, table)
    asking_spans = said.phrases if asking == words else index.spans(asking)
    return Question(
        text=words,
        english=said.english,
        pasted=len(words) > PASTED,
        asks=_asks(words, table),
        signs=_signs(words, table),
        number=said.number,
        section=said.section,
        last=last(words, table),
        step=said.step,
        place_in_list=place_in_list(words, table),
        runs=about.runs,
        spans=about.spans,
        subject=about.words,
        elsewhere=elsewhere(asking, index, asking_spans),
        details=details(asking, index.lexicon, asking_spans),
        measure=_measure(asking, table),
        courtesy=_courtesy(words, table),
        years=tuple(map(int, _YEAR.findall(words))),
        scopes=tuple(table.signs["scope"].findall(words)) if table.may_have("scope", words) else (),
        listed_words=listed_words(words, table, index),
        maybe=said.maybe,
    )


def picked(text: str) -> tuple[int | None, str]:
    """Which of the offered suggestions a message picks, from 0, and what it wants of it (“第2个 原文”).

    None when it is not a pick.
    """
    found = speech().signs["pick"].match(plain(text[:30]))
    return ("123一二三".index(found[1]) % 3, found[2] or "") if found else (None, "")


def declines(text: str) -> bool:
    """“都不是”: none of the suggestions was meant, and nothing else is asked."""
    words, table = plain(text[:40]), speech()
    if not table.may_have("not_that", words):
        return False
    return bool(table.signs["not_that"].match(words)) and not table.without("not_that", words, "")


def clauses(words: str) -> list[str]:
    """A message cut at its commas, stops and blanks."""
    return _CLAUSE.findall(words) if has_chinese(words) else [words]


_SIGNS = (
    "the_notice",
    "leads",
    "joins",
    "tasks",
    "in_words",
    "compares",
    "quantified",
    "dated",
    "each",
    "block",
    "this_section",
    "other",
    "more",
    "pointer",
    "follow",
    "again",
    "closer",
    "other_places",
    "greeting",
    "thanks",
    "hard_number",
    "how_many_points",
)


def _essence(words: str, table: Speech) -> str:
    """Of a pasted text, the sentences that ask something, else its two ends."""
    if len(words) <= PASTED:
        return words
    asking = re.compile(
        "|".join(table.asks[name].pattern for name in ("who", "figure", "deadline", "where", "list"))
    )
    found = [s for s in _SENTENCE.findall(words) if len(s) <= PASTED and (s[-1] in "?？" or asking.search(s))]
    joined = "".join(found)
    return joined if 0 < len(joined) <= PASTED else words[:ENDS] + " " + words[-ENDS:]


def _meant(words: str, index: Index, table: Speech) -> str:
    """Without what was taken back or only leads up to it: “我是卫健局的,托位指标多少” asks about 托位."""
    words = _put_right(words, index, table)
    words = table.without("not_that", words, "") or words
    return table.without("preface", words, "")


def _measure(asking: str, table: Speech) -> Measure | None:
    counted = table.without("some", asking)
    return next((m for m in table.measures if m.pattern.search(counted)), None)


def _put_right(words: str, index: Index, table: Speech) -> str:
    """“第五条 不对不对 第六条”, “冷链 说错了 是托育谁管”: what was said last counts."""
    words = table.without("misspoken_number", words, "第")
    if not table.may_have("misspoken", words):
        return words
    corrections = list(table.signs["misspoken"].finditer(words))
    if not corrections:
        return words
    after = words[corrections[-1].end() :]
    meant = index.spans(after) or table.has("point_number", after)
    return after if meant and index.spans(words[: corrections[-1].start()]) else words


def _asking(words: str, index: Index, table: Speech) -> str:
    """Of a message that tells a story, the clauses that ask; of any other, all of it.

    Two clauses make a story when the one that asks has a subject: “厂房租金贵,工业园区怎么升级”.
    """
    parts = clauses(words)
    asking = "".join(c for c in parts if "?" in c or table.has("asking", c))
    if len(parts) < 2 or not asking:
        return words
    told = len(parts) >= TELLS and len(words) >= LONG
    return asking if told or index.spans(asking) else words


def _asks(words: str, table: Speech) -> frozenset[str]:
    found = table.found(table.asks, words)
    if table.has("not_a_list", words):  # what is done about a thing is no list of points
        found.discard("list")
    if "figure" in found and not table.has("figure", table.without("some", words)):
        found.discard("figure")  # “想装几条机械臂” counts nothing
    return frozenset(found)


def _signs(words: str, table: Speech) -> frozenset[str]:
    found = table.found(_SIGNS, words)
    if "hard_number" in found and not table.has("hard_number", table.without("some", words)):
        found.discard("hard_number")
    return frozenset(found)


def _courtesy(words: str, table: Speech) -> bool:
    if not (table.has("greeting", words) or table.has("thanks", words)):
        return False
    rest = table.without("thanks", table.without("greeting", words))
    return len("".join(table.noise.sub(" ", rest).split())) <= 1
