"""“是不是600户”, “归交通局管吧”: yes or no, before the words that prove it.

Said only where it is plain: one number or one unit is named, and the clause found states its own. Everything
else is answered with the clause alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from handlers import phrasing
from handlers.resolve import Topic
from handlers.turn import Turn
from knowledge.numerals import CHINESE, DIGITS, value_of
from knowledge.targets import Target
from supervision.measures import in_unit

_YES_OR_NO = r"(?:[吗吧嘛]|(?<![什多怎那这])么)[。?!\s]*$"
_ASKS = re.compile(
    rf"是不是|是否|对不对|(?:对|是|没错)的?{_YES_OR_NO}"
    rf"|(?:\d|[一二三四五六七八九十百千两])[^,。?!]{{0,16}}{_YES_OR_NO}|\d[^,。?!]{{0,10}}还是\D{{0,6}}\d"
    rf"|(?:是|为|要|归|由|该|牵头|负责|管)[^,。?!]{{0,24}}{_YES_OR_NO}"
)
_LEADS = re.compile(
    r"牵头|负责|主抓|[归由].{1,12}(?:管|抓|办|做)"
    rf"|是(?:不是)?[^,。?]{{2,10}}[管抓办]的?(?:[?。]|$|{_YES_OR_NO})|归.{{2,12}}{_YES_OR_NO}"
)
_BOUNDED = re.compile(r"超|不少于|至少|以[上下内]|不到|[低高多少]于|最多|左右|大概|大约|[近约余多]")
_EXACTLY = re.compile(r"刚好|正好|恰好|(?<!不)(?<!不只)(?:只|仅|就)(?:是|有|要|用)")
_BINDING = re.compile("必须|硬性|强制|一定要|非[^,。?]{1,6}不可")
_OR = re.compile("还是")
_NUMBER = re.compile(rf"(?<!第)(?P<number>{DIGITS}|{CHINESE})\s?(?P<unit>%|[^\W\d_]{{1,6}})")


def verdict(turn: Turn, topic: Topic, known: Sequence[Target]) -> str:
    """The sentence that says yes or no, or "" when none was asked for or nothing plain can be said."""
    if turn.q.english or "progress" in turn.q.asks or not _ASKS.search(turn.q.text):
        return ""
    return _of_lead(turn, topic) or (_of_figure(turn.q.text, known) if topic.quote else "")


def _of_figure(asked: str, known: Sequence[Target]) -> str:
    """Held against the notice's figures of the same measure; no only where it states one of them."""
    numbers = [held for match in _NUMBER.finditer(asked) if (held := _held(match, known))]
    if not numbers:
        return ""
    stated = {target.stated or target.quote for found in numbers for target, _, _ in found}
    as_printed = phrasing.FIGURE_IS.format(stated=next(iter(stated))) if len(stated) == 1 else ""
    if len(numbers) != 1:
        return as_printed if _OR.search(asked) else ""
    if same := next((target for target, value, _ in numbers[0] if value == target.value), None):
        exact = _EXACTLY.search(asked) and _BOUNDED.search(same.stated)
        if exact or _BINDING.search(asked):  # 力争 is no 必须, and its word tells
            return phrasing.FIGURE_IS.format(stated=same.stated)  # “刚好48.7公里吗”: 超48.7公里
        return phrasing.YES_FIGURE.format(stated=same.stated or same.quote)
    if _BOUNDED.search(asked) or len(stated) > 1:
        return as_printed  # “是不是500户以上”: neither yes nor no, but what is printed
    return phrasing.NO_FIGURE.format(said=numbers[0][0][2], stated=stated.pop())


def _held(match: re.Match[str], known: Sequence[Target]) -> list[tuple[Target, float, str]]:
    """Figures a number can be held against, what it is in their unit, its words; 一老一小 counts nothing."""
    number, behind = match["number"], match["unit"]
    if not number[0].isdigit() and len(number) < 2 and number != "十":
        return []
    found = []
    for target in known:
        if target.value is None or not target.unit:
            continue
        units = {
            behind[:end]: value
            for end in range(1, len(behind) + 1)
            if (value := in_unit(value_of(number), behind[:end], target.unit)) is not None
        }
        if units:
            value = list(units.values())[-1]
            found.append((target, value, number + next(unit for unit in units if units[unit] == value)))
    return found


def _of_lead(turn: Turn, topic: Topic) -> str:
    """Whether the one unit that is named leads, takes part, or neither; of a whole point only that it leads,
    for its clauses have leads of their own."""
    named = {place.short for mention in turn.mentions if (place := mention.unit or mention.area)}
    if len(named) != 1 or not topic.rows or not _LEADS.search(turn.q.text):
        return ""
    (name,) = named
    standing = "" if all(row.confirmed for row in topic.rows) else phrasing.AS_SUGGESTED
    if any(name in (row.lead, *row.co_leads) for row in topic.rows):
        return standing + phrasing.YES
    if not topic.quote:
        return ""
    taking_part = any(name in row.participants for row in topic.rows)
    return standing + (phrasing.ONLY_TAKES_PART if taking_part else phrasing.DOES_NOT_LEAD).format(name=name)
