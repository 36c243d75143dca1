"""What the notice asks of counties or of towns in general: “各县区要做什么”, “镇街负责哪些”.

`handlers/ask.py` tries it among its kinds; one county or town by its name is for `handlers/lists.py:place`.
"""

from __future__ import annotations

import re

from handlers import phrasing
from handlers.composing import list_of
from handlers.resolve import literal
from handlers.turn import Answer, Turn
from knowledge.normalize import plain

_LEVEL = re.compile(
    r"(?:我们|咱们|对)?(?:各个?|每个)?(?P<level>县区|区县|县\(区\)|镇街|乡镇|镇)(?:级|一级|层面|这一?级)?(?:都|具体)*"
    r"(?:要|需要?|应该?|得|有)?(?:做|负责|干|参与|完成|落实|承担|抓|办)?的?(?:有|是)?"
    r"(?:(?:哪些|什么|啥)(?:任务|工作|事情?|要求)?|(?:任务|工作|要求)(?:有|是)?(?:哪些|什么|啥)?)"
)
_LEVEL_WORDS = {
    "县": ("县（区）", ("县(区)", "县区")),
    "镇": ("镇街、乡镇", ("镇街", "镇(街)", "乡镇")),
}


def level(turn: Turn) -> Answer | None:
    """“各县区要做什么”, “镇街负责哪些”: the points whose own words turn to these."""
    asked = _LEVEL.fullmatch(turn.q.text.strip(" ,。?!"))
    if asked is None or turn.memory.point:
        return None
    name, words = next(row for key, row in _LEVEL_WORDS.items() if key in asked["level"])
    points = tuple(sorted({number for word in words for number in literal(turn.knows, word)}))
    if not points:
        return None
    title = phrasing.AT_LEVEL.format(name=name, count=len(points))
    text = (turn.point(number) for number in points)
    told = [
        phrasing.around(point.text, next(w for w in words if w in plain(point.text)))
        for point in text
        if point
    ]
    return list_of(turn, points, title, told)
