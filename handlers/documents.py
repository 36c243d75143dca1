"""A pasted letter, minutes or news with a question about it: “…… 请问这件事对应哪一条”.

`handlers/ask.py` tries it before the kinds that take a message at its word. The question at the end says what
is wanted, the text above it what it is about; “第三项” then means the letter's third item, not the notice's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace

from handlers.composing import about, suggest
from handlers.finding import confidence, search, sure
from handlers.memory import Memory
from handlers.turn import Answer, Turn
from knowledge.match import Found, Hit
from knowledge.normalize import plain
from knowledge.ordinals import number_of
from knowledge.speech import NUMBER, speech

LONG = 80  # characters; a shorter message is somebody's own words
READ, ENDS = 3_000, 500  # characters of a longer text that are read, and of them at its end
MOST, LONGEST = 12, 120  # sentences taken together, and characters of one that say what it is about
LEAST = 1.0  # confidence, added up over the sentences, from which the text is about a point
AHEAD = 1.3  # times the next point's
_SENTENCES = re.compile(r"(?<=[。;!?])|\n")
_ITEM = re.compile(rf"第\s*\(?({NUMBER})\)?\s*个?(?:项|点|条|件|问题|件事|部分|议题)|议题\s*({NUMBER})")
_MARKS = re.compile(rf"(?:议题|\()?({NUMBER})(?:[、.)要是,]|(?=,))")


def about_a_text(turn: Turn) -> Answer | None:
    """None unless the message is a text with a question about it."""
    said = turn.said if len(turn.said) <= READ else turn.said[: READ - ENDS] + "\n" + turn.said[-ENDS:]
    text = "\n".join(filter(None, map(plain, said.splitlines())))
    if len(text) < LONG or turn.q.english:
        return None
    sentences = _sentences(text)
    asking = [part for part in sentences[-2:] if "?" in part or speech().has("asking", part)]
    if len(sentences) < 2 or not asking:
        return None
    question = replace(turn, q=turn.knows.read(asking[-1][-2 * LONGEST :]), memory=Memory())
    body = text[: text.rindex(asking[-1])]
    item = _item(body, asking[-1])
    found = search(question)
    if not item and question.q.spans and sure(question, found):  # it names its subject itself
        return about(question, found.hits[0].point, found.hits[0])
    if not item and question.q.number:
        return about(question, question.q.number)
    hit = _first_clear(question, item) or _clearest(question, item or body)
    if isinstance(hit, Hit):
        asks = question.q.asks - {"list", "full"}
        return about(replace(turn, q=replace(question.q, number=None, asks=asks)), hit.point, hit)
    return suggest(turn, hit) if hit else None


def _sentences(text: str) -> list[str]:
    return [part for part in map(str.strip, _SENTENCES.split(text)) if part]


def _first_clear(question: Turn, item: str) -> Hit | None:
    """An item opens with what it is about; the rest says how."""
    for sentence in _sentences(item)[:2]:
        part, found = _read(question, sentence)
        if part.q.spans and found.hits and confidence(part, found) >= LEAST:
            return found.hits[0]
    return None


def _clearest(question: Turn, body: str) -> Hit | list[int] | None:
    """What the sentences of a text are about, taken together; up to three points when that is not clear."""
    weights: dict[int, float] = defaultdict(float)
    hits: dict[int, Hit] = {}
    for sentence in _sentences(body)[:MOST]:
        part, found = _read(question, sentence)
        if part.q.spans and found.hits and not part.q.elsewhere:
            best = found.hits[0]
            weights[best.point] += confidence(part, found)
            hits.setdefault(best.point, best)
    ranked = sorted(weights, key=lambda number: -weights[number])
    if not ranked or weights[ranked[0]] < LEAST / 2:
        return None
    ahead = len(ranked) == 1 or weights[ranked[0]] >= AHEAD * weights[ranked[1]]
    return hits[ranked[0]] if ahead and weights[ranked[0]] >= LEAST else ranked[:3]


def _read(question: Turn, sentence: str) -> tuple[Turn, Found]:
    part = replace(question, q=question.knows.read(sentence[:LONGEST]))
    return part, search(part)


def _item(body: str, asking: str) -> str:
    """The item of the text that the question points at (“第三项”, “第(一)个问题”, “议题三”), "" if none."""
    found = _ITEM.search(asking)
    if found is None:
        return ""
    wanted = number_of(next(group for group in found.groups() if group))
    marks = [(mark.start(), number_of(mark[1])) for mark in _MARKS.finditer(body)]
    starts = [at for at, number in marks if number == wanted]
    if not starts:
        return ""
    ends = [at for at, number in marks if number == wanted + 1 and at > starts[0]]
    return body[starts[0] : ends[0] if ends else len(body)]
