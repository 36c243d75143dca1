"""Reads a liaison's reply: what kind of message it is, and what it says about which point.

`bqw parse` and the round's conversation call `read`. It is pure: nothing is stored, asked or guessed here;
what is unsure comes back as a Doubt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from knowledge import pasted, problem
from knowledge.book import Book
from knowledge.manner import manner
from knowledge.marks import marks
from knowledge.match import Index
from knowledge.message import Message
from knowledge.page import Page
from knowledge.passages import cut
from knowledge.reading import Asked, Doubt, Item, Quantity, Reading, Record
from knowledge.voices import Voices, voices
from knowledge.wording import wording

NAMED = 300  # characters in which the unit is named that a message passes something to
_SORRY = r"(?:不好意思|抱歉|对不起|大家|请?忽略|请无视|[哈啊哦呀]|[,。!~\s])*"
_NODS = re.compile(r"(?:\s|\[(?:OK|ok|Ok|好的|收到|抱拳|合十|敬礼)\])+")
_BARE = re.compile(r"\d{2,6}(?:\.\d{1,4})?")  # asked about; 1 only says hello
_MISSENT = re.compile(rf"{_SORRY}(?:发错|点错|按错|误触|[打走进回]错(?=群|人))(?:群|人|地方)?了?{_SORRY}")

_ASKS_WHO = re.compile(r"谁|哪个?(?:单位|部门|局|家)|[在去从]哪")  # asked of the assistant, and of no other
_ASKS_OF_REPORTING = re.compile(r"[填报](?!名|警|道|纸)|口径|指标|考核|附件|这表|表格|栏|系统|平台|绑定|登录")
_TELLING = ("report", "correction")
PLAIN = 3  # numbers of things that are done: what has so many is what it was read as
CERTAIN, SURER, SURE, GUESS = 0.95, 0.8, 0.55, 0.45  # likelihoods
_TO_REPORT = {"chatter": 0.75, "correction": 0.9, "question": 0.9, "ack": 0.9, "delegation": 0.9}

__all__ = ["Asked", "Doubt", "Item", "Quantity", "Reading", "Record", "read"]


def read(text: str, asked: Asked, book: Book, index: Index) -> Reading:
    """Understand one reply; `text` is as typed."""
    if asked.items and (lines := pasted.named(text[:20_000])):
        return _read(lines, asked, book, index)
    if asked.prompted and not asked.items and (lines := pasted.named(text[:20_000], of_one=True)):
        return _read(lines, asked, book, index)
    if rows := pasted.forms(text[:20_000], asked.prompted):
        return _joined([_read(row, asked, book, index) for row in rows])
    if _NODS.fullmatch(text):
        return Reading("ack")
    message = _message(text, asked, book, index)
    return _reconsidered(_by_rules(message), message)


def _read(text: str, asked: Asked, book: Book, index: Index) -> Reading:
    """What is surely a report, row by row."""
    return _by_rules(_message(text, asked, book, index))


def _message(text: str, asked: Asked, book: Book, index: Index) -> Message:
    page = Page.of(text)
    found = marks(page.words, asked.prompted, book.notice.last)
    clauses = cut(page.clauses(), found)
    return Message(page, clauses, voices(page, clauses), asked, book, index, found)


def _by_rules(message: Message) -> Reading:
    page, asked = message.page, message.asked
    if wording().has("forwards", page.text[:40].strip()):
        return Reading("chatter")
    unasked = asked.prompted is None and not message.marks
    if unasked and wording().has("calls_out", page.words):
        return Reading("chatter")
    complaint = _Complaint(message)
    if unasked and (found := _problem(message, complaint)):
        return found
    corrects = wording().has("correction", page.words)
    withdraws = wording().has("withdraws", page.words)
    records, doubts = message.records()
    if withdraws:  # what only takes back reports nothing
        records = [record for record in records if record.percent is not None or record.quantities]
    elif corrects:  # nor does what only says that something is wrong: 安防和桥写反了
        records = [record for record in records if not _says_nothing(record)]
    if len(records) == 1 and not doubts and _says_nothing(records[0]) and _names_others(message):
        return Reading("delegation", points=message.points, refers_to=_referred(message))
    if records or doubts:
        kind = "correction" if corrects or withdraws else "report"
        return _report(kind, records, doubts, withdraws)
    if _MISSENT.fullmatch(page.words.strip()):
        return Reading("chatter")
    if withdraws or (corrects and not message.heard.others & {"question"}):
        return Reading("correction", withdraws=withdraws, points=message.points)
    told = _silent(message)
    if told.kind == "chatter" and asked.prompted is None and (voiced := complaint.read):
        return _as_reading(voiced)  # talk that nobody asked for, and that reports nothing
    return told


def _report(kind: str, records: Sequence[Record], doubts: Sequence[Doubt], withdraws: bool) -> Reading:
    return Reading(
        kind,
        tuple(records),
        tuple(doubts),
        withdraws=withdraws,
        needs_help=any(record.help_needed for record in records),
        points=tuple(record.point for record in records if record.point is not None),
    )


def _joined(readings: Sequence[Reading]) -> Reading:
    """The rows of a table as one report."""
    records = [record for reading in readings for record in reading.records]
    doubts = [doubt for reading in readings for doubt in reading.doubts]
    return _report("report", records, doubts, False) if records or doubts else Reading("chatter")


# --- messages that report nothing -----------------------------------------------------------------


def _silent(message: Message, kind: str = "") -> Reading:
    """A message without records, by its loudest voice unless its kind is known."""
    kind = kind or message.heard.loudest
    if kind == "chatter" and message.points and _names_others(message):
        kind = "delegation"
    needs_help = kind != "question" and wording().has("needs_help", message.page.words)
    refers_to = _referred(message) if kind == "delegation" else ""
    return Reading(kind, points=message.points, refers_to=refers_to, needs_help=needs_help)


def _says_nothing(record: Record) -> bool:
    """It only answers what was asked, without a word that could be stored."""
    told = (record.percent, record.status, record.difficulty, record.help_needed, record.next_step, record.by)
    return not (any(told) or record.quantities or record.nothing_new)


def _names_others(message: Message) -> bool:
    """“出台数量发改有”, “案例征集跟综合组联系”: another body is named, and nothing is said to be done."""
    words = message.page.words
    return wording().has("others_do", words) and not wording().has("progressed", words)


def _referred(message: Message) -> str:
    """The short name of the unit said to be responsible, when one besides the speaker's is named."""
    called = " ".join(message.page.mentions)
    for mention in message.book.directory.find(f"{called} {message.page.words}"[:NAMED]):
        named = mention.unit or mention.area
        if named and not mention.county_bureau and named.short != message.asked.unit:
            return named.short
    return ""


@dataclass
class _Complaint:
    """What a message complains of, read when somebody asks, and once."""

    message: Message

    @cached_property
    def read(self) -> problem.Problem | None:
        return problem.read(self.message.page.text, self.message.book, self.message.index)


def _problem(message: Message, complaint: _Complaint) -> Reading | None:
    """An appeal of a firm or a villager: in their own group by what is said, elsewhere only where somebody
    plainly appeals for himself or for others."""
    table, page = wording(), message.page
    unit = message.asked.unit
    among_firms = not unit or "政企" in unit or unit.endswith("企业")
    appeals = table.has("appeals", page.words) and table.has("appellant", page.words)
    if not message.clauses or not (among_firms or appeals):
        return None
    if found := complaint.read:
        return _as_reading(found)
    return _unnamed_problem(page) if appeals else None


def _unnamed_problem(page: Page) -> Reading:
    urgency = "urgent" if wording().has("urgent", page.words) else "normal"
    return _as_reading(problem.Problem((), urgency, None, None))


def _as_reading(found: problem.Problem) -> Reading:
    return Reading(
        "problem",
        points=found.points,
        urgency=found.urgency,
        place=found.place,
        enterprise=found.enterprise,
    )


# --- a second opinion ---------------------------------------------------------------------------


def _reconsidered(told: Reading, message: Message) -> Reading:
    """The same message by what it sounds like, where that is surer than the words that were looked for."""
    if not message.asked.unit or told.withdraws or _BARE.fullmatch(message.page.bare):
        return told
    if (message.asked.items and (told.records or told.doubts)) or _numbers(told) >= PLAIN:
        return told
    asked_about = message.asked.prompted is not None or bool(message.asked.items or message.marks)
    sounds = manner(message.page, asked_about)
    if (
        sounds is None
        or sounds.kind == told.kind
        or sounds.sure < _needed(told, sounds.kind, message.page.words)
    ):
        return told
    if sounds.kind in _TELLING:
        return _told_after_all(told, message, sounds.kind)
    if sounds.kind == "problem":
        found = problem.read(message.page.text, message.book, message.index)
        return _as_reading(found) if found else _unnamed_problem(message.page)
    return _silent(message, sounds.kind)


def _numbers(told: Reading) -> int:
    return sum(len(record.quantities) + (record.percent is not None) for record in told.records)


def _needed(told: Reading, sounds: str, words: str) -> float:
    """How sure it must be: least where no words were found at all, most where a report is to be made of words
    that do something else, another thing of a refusal, talk of what is done or in trouble, or nothing of
    numbers of the notice's own figures."""
    if sounds == "report":
        return _TO_REPORT.get(told.kind, SURE)
    if told.kind == "question" and _ASKS_WHO.search(words):
        return CERTAIN
    if told.kind == "question" and _ASKS_OF_REPORTING.search(words):
        return SURER
    if told.kind == "report" and sounds in ("chatter", "ack") and wording().has("deed", words):
        return CERTAIN
    corrects = told.kind == "correction"
    numbers = any(
        record.percent is not None or any(one.target or corrects for one in record.quantities)
        for record in told.records
    )
    if any(record.difficulty and record.help_needed for record in told.records):
        return CERTAIN
    if told.kind == "delegation" or numbers:
        return SURER
    return GUESS if told.kind == "chatter" else SURE


def _told_after_all(told: Reading, message: Message, kind: str) -> Reading:
    if told.records or told.doubts or kind == "correction":
        return replace(told, kind=kind)
    if message.asked.prompted is None:
        return told
    heard = Voices(tuple(message.clauses), frozenset())
    records, doubts = replace(message, heard=heard, telling=True, counted=0).records()
    return _report(kind, records, doubts, False) if records or doubts else told
