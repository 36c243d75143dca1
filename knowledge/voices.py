"""What each sentence of a message does: reports, asks, passes on, acknowledges, appeals, or just talks.

`knowledge/reply.py` reads figures only from what reports; when nothing does, the strongest other voice is
the message's kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from knowledge.page import Clause, Page
from knowledge.wording import wording

_RANK = ("delegation", "question", "ack", "promise", "chatter")


_LIGHTS = re.compile(
    r"(?:看看?|查看?|有哪些|哪些)?(?:红黄绿?灯|[红黄绿]灯|亮灯情况)(?:情况|有哪些)?[?,。!\s]*"
)
_LOST = re.compile(r"谁(?:的|把)[^,]{1,12}(?:落|忘|丢|掉|拿)")


@dataclass(frozen=True, slots=True)
class Voices:
    """`reporting` are the clauses that may say how things are; `others` the kinds heard besides."""

    reporting: tuple[Clause, ...]
    others: frozenset[str]
    passed: tuple[Clause, ...] = ()  # clauses that pass something on to another unit

    @property
    def loudest(self) -> str:
        kind = next((kind for kind in _RANK if kind in self.others), "chatter")
        return "ack" if kind == "promise" else kind


def voices(page: Page, clauses: Sequence[Clause]) -> Voices:
    """Every clause by what it does. “红黄灯” alone asks for the lights, whatever was asked before."""
    if _LIGHTS.fullmatch(page.words.strip()):
        return Voices((), frozenset({"question"}))
    kept: list[Clause] = []
    passed: list[Clause] = []
    heard: set[str] = set()
    if page.mentions:
        heard |= {"delegation"} if wording().has("calls_on", page.words) else set()
    for _, group in groupby(clauses, key=lambda clause: clause.sentence):
        sentence = list(group)
        if _asks(page, sentence):
            heard |= {"question"} | ({"delegation"} if _misdirected(sentence) else set())
            sentence = _told_before(sentence)
        for place, clause in enumerate(sentence):
            voice = _voice(clause.words)
            if voice == "promise" and place and wording().has("still_made", sentence[place - 1].words):
                voice = ""  # 还有1个在写, 10月15日前交
            if not voice:
                kept.append(clause)
            elif voice == "delegation":
                passed.append(clause)
            heard |= {voice} if voice else set()
    if "question" in heard and kept and _only_explains(clauses[0], kept, page):
        kept = []
    return Voices(tuple(kept), frozenset(heard), tuple(passed))


def _only_explains(first: Clause, kept: Sequence[Clause], page: Page) -> bool:
    """“省重点算不算在库里？我们28个里面有6个是省重点”: what follows a question is why it is asked."""
    asked_first = all(clause.sentence != first.sentence for clause in kept)
    return asked_first and not any(wording().has("told_for_itself", clause.words) for clause in kept)


def _asks(page: Page, sentence: Sequence[Clause]) -> bool:
    end = sentence[-1].end
    if "?" in page.words[end : end + 2]:
        last = sentence[-1].words
        return not (wording().has("help_begins", last) or _LOST.search(last))
    words = ",".join([clause.words for clause in sentence])
    return wording().has("asks", words) and not wording().has("asks_not", words)


def _misdirected(sentence: Sequence[Clause]) -> bool:
    """您是不是发错人了? 不是我们的吧?"""
    last = sentence[-1].words
    if last.endswith("吧") and wording().has("delegation", last):
        return True
    return any(word in clause.words for clause in sentence for word in ("发错人", "找错人", "问错人"))


def _told_before(sentence: Sequence[Clause]) -> list[Clause]:
    """Of a sentence that ends in a question, the clauses with a percentage before it are still a report."""
    table = wording()
    told = [clause for clause in sentence[:-1] if table.has("plain_report", clause.words)]
    if table.has("asks_of_counting", sentence[-1].words):  # 储备项目22个，取消了的算不算？
        told = [clause for clause in told if table.has("progressed", clause.words)]
    return [] if any(table.has("asks", clause.words) for clause in told) else told


def _voice(words: str) -> str:
    """What a clause does besides reporting, "" when it reports; a promise is an ack that names a time."""
    table = wording()
    if table.has("delegation", words) and not table.has("delegation_not", words):
        return "delegation"
    if table.pattern("courtesy").fullmatch(words) or table.has("of_others", words):
        return "chatter"
    if table.pattern("ack").fullmatch(words):
        return "ack"
    promises = table.has("will_report_soon", words) and not table.has("promise_not", words)
    return "promise" if promises else ""
