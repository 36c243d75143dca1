"""How a point stands in words: done, ahead, on track, behind, not begun; None where parts differ.

Only what is said of the point as a whole makes it done: “无人机全覆盖已完成” finishes a part.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from knowledge.page import Clause
from knowledge.wording import wording

_AROUND = ",:;.、()\"'~-!。的了"
_OF_SOME = re.compile(
    r"(?<!第)(?<!第\d)\d[个家座条处宗]|其余|其它|其他|别[的处家]|有的|个别|另[外一有]|部分|剩下|余下"
)  # 另外2个未开工: the point has begun
_SOME_LATE = re.compile(  # 2个延期
    r"(?<![第\d])\d{1,3}(?:个(?!百分点|点)|家|条|座|处|宗|户|所|栋)[^,\d(]{0,6}(?:延期|逾期|超期|滞后|落后|偏慢|拖)"
)
_NUMBER = re.compile(r"\d(?![\d.]*%)")
_COUNTED = re.compile(r"\d[\u4e00-\u9fff]{1,4}$")
_NAMED_PART = re.compile(r"^[^\d,]{2,12}?(?:还|尚|一直|仍|也)?(?:没|未)")  # 面源防治还没启动
_LABEL = re.compile(r"(?:目前|现|累计)?(?:已经?)?(?:完成|办结|竣工|完工|销号)")
_ORDER = ("not_started", "behind", "ahead", "on_track", "stalled")


class Mood(NamedTuple):
    status: str | None = None
    finished: bool = False  # the whole of it
    mixed: bool = False  # parts of it stand differently


def mood(clauses: Sequence[Clause], title: str = "") -> Mood:
    """The status of what these clauses speak of; `title` is what the point itself is called."""
    table = wording()
    told = [clause for at, clause in enumerate(clauses) if not (at and _of_these(clauses[at - 1], clause))]
    finished = {found for clause in told if (found := _finished(clause.words, title))}
    said: list[tuple[str, str]] = []
    for clause in clauses:
        said += [(name, clause.words) for name in _statuses(clause.words)]
    if _only_begun_in_part(said, clauses):
        return Mood(None, mixed=True)
    if finished and not any(table.has("unfinished", clause.words) for clause in clauses):
        ahead = "ahead" in finished or any(name == "ahead" for name, _ in said)
        return Mood("ahead" if ahead else "done", True)
    return Mood(
        _agreed(said), mixed=len({name for name, _ in said}) > 1 or bool(said and said[0][0] == "stalled")
    )


def _of_these(before: Clause, clause: Clause) -> bool:
    """软弱涣散党组织6个，全部销号: only what was just counted is finished."""
    if before.sentence != clause.sentence or not wording().pattern("all_of_these").fullmatch(clause.words):
        return False
    return bool(_COUNTED.search(before.words))


def _only_begun_in_part(said: Sequence[tuple[str, str]], clauses: Sequence[Clause]) -> bool:
    """“计划印发了，面源防治还没启动”: where other things are done, one that is not begun is a part."""
    if len(said) != 1 or said[0][0] != "not_started":
        return False
    words = said[0][1]
    others = [clause.words for clause in clauses if clause.words != words]
    return bool(_NAMED_PART.search(words)) and any(map(_tells_of_work, others))


def _tells_of_work(words: str) -> bool:
    """完工3座, 挂牌了, 清了废弃猪栏18间."""
    table = wording()
    return table.has(("progressed", "deed"), words) or (
        bool(_NUMBER.search(words)) and table.has("done", words)
    )


def _agreed(said: Sequence[tuple[str, str]]) -> str | None:
    """One status if all agree; where parts differ, what is said of the whole."""
    names = {name for name, _ in said}
    if names == {"on_track", "ahead"}:
        return "ahead"
    if len(names) > 1:
        names = {name for name, words in said if wording().has("as_a_whole", words)}
    return names.pop() if len(names) == 1 and names != {"stalled"} else None


def _statuses(words: str) -> list[str]:
    """The first status word of the clause, unless it is only hoped for or denied."""
    name = _status_in(words)
    if not name or wording().has(("hoped", "of_named_parts"), words):
        return []
    if (name == "not_started" and _OF_SOME.search(words)) or (name == "behind" and _SOME_LATE.search(words)):
        return []
    said = wording().without("denied", words)
    name = name if said == words else _status_in(said)
    return [name] if name else []


def _status_in(words: str) -> str:
    table = wording()
    if not table.has(_ORDER, words):  # as nearly always: one look instead of five
        return ""
    return next((name for name in _ORDER if table.has(name, words)), "")


def _named_besides(words: str, title: str) -> bool:
    """Whether something else than the point is said to be done; in “41项超额完成：案例报了6个” nothing is."""
    head, colon, _ = words.partition(":")
    if colon and _LABEL.fullmatch(head):
        return True  # 完成:适老化518户
    told = head if colon and wording().has("finished", head) else words
    rest = wording().without("finished_filler", told)
    rest = "".join(char for char in rest if not char.isspace() and char not in _AROUND)
    return bool(rest) and rest not in title


def _finished(words: str, title: str) -> str:
    """“本项年度任务已全部完成” → done, “提前完成” → ahead; "" where only a part is done, or nothing."""
    table = wording()
    if not table.has("finished", words) or table.has("not_finished", words) or table.has("hoped", words):
        return ""
    if _named_besides(words, title):
        return ""
    return "ahead" if re.search("提[前早]|超前", words) else "done"
