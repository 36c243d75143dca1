"""Two or three things asked in one message: by their numbers, or as questions of their own.

`handlers/ask.py` tries it before the kinds that answer one thing. Each part is answered as it would be
alone, only shorter; a message that tells a story around one question is not cut.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from handlers import phrasing
from handlers.composing import about, answered, list_of
from handlers.finding import rest_of, search, sure
from handlers.memory import Memory
from handlers.turn import Answer, Turn
from knowledge.match import Hit
from knowledge.ordinals import number_of
from knowledge.speech import NUMBER, speech

MOST = 3  # things answered in one message
_COMPARED = re.compile(r"(?:哪(?:边|个|家|头)(?:的|要)?[^,。?]{0,6}?[多少大小高低重]|分别|各自?).*$")
_HINTS = ("回复", "不是您要问的", "Reply", "配合：", "部分任务", "另见")


def numbers(turn: Turn) -> Answer | None:
    """“41条和42条”, “17、27”, “第8到第10条”: by their numbers, when nothing else is asked about."""
    if turn.q.spans or turn.q.section is not None:
        return None
    last = turn.book.notice.points[-1].number
    wanted = [n for n in dict.fromkeys(_numbers_of(turn.q.text, last)) if turn.point(n) is not None]
    if len(wanted) < 2:
        return None
    if len(wanted) > MOST:
        return list_of(turn, wanted, phrasing.ASKED_FOR.format(count=len(wanted)))
    return _together(turn, [(turn, n, None) for n in wanted])


def _numbers_of(text: str, last: int) -> list[int]:
    signs, pattern = speech().signs, re.compile(NUMBER)
    found = [number_of(n) for row in signs["point_row"].finditer(text) for n in pattern.findall(row[0])]
    for ends in signs["point_range"].finditer(text):
        found += range(number_of(ends[1]), min(number_of(ends[2]), last) + 1)
    return found


def topics(turn: Turn) -> Answer | None:
    """“1.政银企对接谁办；2.数据授权谁办”, “糖果小镇和卫浴博览会是同一条吗”."""
    q = turn.q
    if q.pasted or q.english or q.number or q.elsewhere or q.details:
        return None
    parts = [p for p in speech().signs["between_things"].split(q.text) if p and len(p.strip()) >= 2]
    if not 2 <= len(parts) <= 6:
        return None
    cue = speech().has("two_things", q.text)
    clear = [found for part in parts if (found := _clear(turn, part, alone=not cue)) is not None]
    things = list({(n, hit.piece): (part, n, hit) for part, n, hit in clear}.values())
    return _together(turn, things[:MOST]) if len(things) > 1 else None


def _clear(turn: Turn, words: str, *, alone: bool) -> tuple[Turn, int, Hit] | None:
    """What a part is about, if that is plain by itself; `alone`: only when it asks something itself."""
    part = replace(turn, q=turn.knows.read(words), memory=Memory())
    if alone and not part.q.asks & {"who", "figure", "deadline", "where"}:
        return None
    places = [m.text for m in turn.knows.mentions(part.q.text) if m.area]
    found = search(part)
    if not part.q.spans or not sure(part, found) or len(rest_of(part, places)) < len("冷链"):
        return None
    whole, best = turn.q, found.hits[0]
    asks = (part.q.asks or whole.asks) - {"list"}
    asked = replace(part.q, asks=asks, measure=part.q.measure or whole.measure)
    if not speech().has("compares", _COMPARED.sub("", part.q.text)):
        asked = replace(asked, signs=asked.signs - {"compares"})  # “甲和乙哪个高” compares the parts
    return replace(turn, q=asked), best.point, best


def _together(turn: Turn, things: Sequence[tuple[Turn, int, Hit | None]]) -> Answer | None:
    texts = []
    for part, number, hit in things:
        found = about(part, number, hit)
        if found is None:
            return None
        texts.append(_short(found.text))
    points = tuple(dict.fromkeys(number for _, number, _ in things))
    same = phrasing.SAME_POINT if len(points) == 1 else ""
    text = "\n\n".join((*texts, same or phrasing.PICK_ONE.format(n=points[0])))
    return answered(turn, text, points, "answer", listed=points)


def _short(text: str) -> str:
    """An answer without its hints; a long quote is cut."""
    rows = [row for row in text.split("\n") if not row.startswith(_HINTS)]
    return "\n".join(re.sub(r"^(原文：)(.*)$", _cut, row) for row in rows)


def _cut(row: re.Match[str]) -> str:
    return row[1] + phrasing.exact(row[2], phrasing.SHORT_QUOTE * 2)
