"""What a unit has to do in one point: “第17点供电局管哪一句”, “第31点教育局是牵头还是配合”.

`handlers/ask.py` tries it before the point is told as a whole; a unit's share of the whole notice is for
`handlers/tasks.py:unit`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from handlers import phrasing
from handlers.composing import answered
from handlers.turn import Answer, Turn
from knowledge.assignments import Assignment
from knowledge.normalize import plain

# What the question is about, besides the point and the unit.
_SHARE = re.compile(
    "分工|牵头还是配合|配合还是牵头|有(?:没有)?(?:什么|啥|哪些)?(?:任务|份|事|活)|(?:管|负责|承担|参与|做|干|牵头|配合)[^,。?谁]{0,8}"
    "(?:哪(?:一|几|些)?(?:部分|块|句|项|方面)?|什么|啥)"
)
_NONE = "分工表里这一点没有{name}的任务。"
MOST = 3  # units told side by side


def of_units(turn: Turn) -> Answer | None:
    """Each named unit's own rows in the point, what it leads first."""
    q = turn.q
    point = turn.point(q.number) if q.number and q.section is None else None
    named = [m for m in turn.mentions if m.unit]
    if point is None or q.english or not 1 <= len(named) <= MOST or not _SHARE.search(q.text):
        return None
    texts = [plain(m.text) for m in named]
    if any(not any(span.phrase in text for text in texts) for span in q.spans):
        return None
    names = list(dict.fromkeys(m.unit.short for m in named if m.unit))
    lines = [line for name in names for line in _of_one(turn, name, point.number)]
    hint = phrasing.FULL_HINT.format(n=point.number)
    return answered(turn, "\n".join((phrasing.heading(point), *lines, hint)), (point.number,), "answer")


def _of_one(turn: Turn, name: str, number: int) -> list[str]:
    rows = turn.book.assignments
    led = [row for row in rows.led_by(name) if row.point == number]
    joined = [row for row in rows.joined_by(name) if row.point == number]
    if not led and not joined:
        return [_NONE.format(name=name)]
    own = "牵头本点" if any(not row.clause for row in led) else "牵头"
    shown = [row for row in joined if row.clause] or ([] if led else joined)
    return [_words(name, role, rows) for role, rows in ((own, led), ("配合", shown)) if rows]


def _words(name: str, role: str, rows: Sequence[Assignment]) -> str:
    """The clauses of one role; a row of the whole point has none."""
    sure = all(row.confirmed for row in rows)
    words = "；".join(dict.fromkeys(row.part or row.clause for row in rows if row.clause))
    told = f"{name}{'' if sure else '建议'}{role}{'（已确认）' if sure else '（待市百千万办确认）'}"
    return f"{told}：{words}" if words else told
