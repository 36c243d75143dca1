"""Answers that name the things of a prompt in short forms: 公路25，桥5，安防26; 要点17：28/6/30; 桥改成4座.

Used when the prompt's items are known. A number goes to the item its name, its point or its unit leaves as
the only one; two numbers for one thing, a month's increment, a range or an old year's number are asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.aims import begun, fits, impossible, likeness
from knowledge.numbered import Numbered
from knowledge.numerals import CHINESE, DIGITS, value_of
from knowledge.page import Page
from knowledge.reading import Asked, Doubt, Item, Quantity
from knowledge.wording import wording

MOST = 30  # numbers of one message
_NUMBER = rf"(?:{DIGITS}|{CHINESE})"
_UNIT = rf"(?:[万千](?!米))?(?:{wording().units}|%)"
_POINT = r"(?:第?\s?(\d{1,2})\s?[项点条](?!\d)|要点\s?(\d{1,2})(?!\d)[项点]?)"
_AROUND = r"(?:大约|大概|约|差不多|近|将近)?"
_VALUE = re.compile(
    rf"(?P<name>[^\d,;。!?\n①-⑳%]*?)(?P<around>{_AROUND})\s?(?P<minus>-)?(?P<value>{_NUMBER})"
    rf"(?:\s?(?P<range>[-~至]|到|或者?是?)\s?(?P<to>{_NUMBER}))?\s?(?P<unit>{_UNIT})?"
    rf"(?:(?P<or>或者?是?|还是)(?P<other>{_NUMBER})\s?(?:{_UNIT})?)?(?:左右|上下)?(?:了|吧)?"
)
_ROSE = re.compile(
    rf"(?:从|由)\s?{_NUMBER}\s?(?:{_UNIT})?,?(?:增加|提高|提升|上升|增长|增|升|涨|改|更正|调整)?(?:到|至|为|成)"
)
_NOT = re.compile(rf"不是\s?(?P<old>{_NUMBER})\s?(?:{_UNIT})?,?(?:而)?(?:应该?)?(?:是|为)?")
_WRONG = re.compile(r"(?:不对|错了|有误|写错了|报错了)(?:,|:)?\s?")
_SERIES = re.compile(rf"{DIGITS}(?:\s?[/、;,]\s?{DIGITS}|\s+{DIGITS})+[。.]?")
_NAMED = re.compile(rf"[\u4e00-\u9fff]{{1,8}}{DIGITS}")
_RUN = re.compile(rf"(?:{_NAMED.pattern}){{2,}}")  # 公路25桥5安防20
_CLAUSE = re.compile(r"[^,;。!\n]+")
_MONTH = re.compile(r"(?:\d{1,2}|[一二三四五六七八九十]{1,2})月(?:份|底|(?!\d))")
_INCREMENT = re.compile(
    r"(?:本|当|这个?|上个?)(?:月|周|期|季度?)"
    r"(?:又|共|已|份)*(?:新|增|完成|多)|又(?:新|增|完成)"
)
_ADDED = re.compile(r"新增|又|增加(?!到)|[本当]月")
_PAST = re.compile(r"去年|上年|往年|前年")
_LEFT = re.compile(r"目标|计划|还差|剩|任务|预计|力争|总|共有|困难|因|影响|需|缺|整体|进度|投资|资金|万元")
_FILLER = re.compile(
    r"更正|订正|应该?(?:是|为)|改成|改为|完成(?!率)|完工|建成|累计|目前|已经?|新增|建设|改造了|增加到|"
    r"[是为约共达到有了现:\s、]|我[区县局市]|全[区县市]"
)


@dataclass(frozen=True, slots=True)
class _Told:
    """One number with where it stands and what it is said to be."""

    start: int
    end: int
    name: str
    value: float
    unit: str
    words: str
    point: int | None
    month: bool = False
    old: float | None = None  # 不是25
    odd: str = ""  # why it must be asked


def listed(page: Page, asked: Asked) -> tuple[list[Numbered], list[Doubt], list[Quantity]]:
    """Items answered by name, doubts, and numbers kept without an item; nothing where this is another kind
    of message."""
    told = _all_told(page, asked)
    if not told:
        return [], [], []
    placed = [(one, _item(one, asked)) for one in _named_on(told)]
    if all(item is None for _, item in placed):
        return _unplaced(placed, asked)
    if any(item is None for _, item in placed):
        return [], [], []
    return _gathered(page, [(one, item) for one, item in placed if item])


def _unplaced(
    placed: Sequence[tuple[_Told, Item | None]], asked: Asked
) -> tuple[list[Numbered], list[Doubt], list[Quantity]]:
    """A number nothing tells the item of: the newest of several months, or an odd one, is asked about."""
    newest = placed[-1][0]
    fit = [item for item in asked.items if newest.unit and fits(newest.unit, item.unit)]
    plain = newest.odd or all(one.month for one, _ in placed)
    return [], [Doubt(newest.odd or "point", newest.words, _of(fit))] if fit and plain else [], []


def _of(items: Sequence[Item]) -> int | None:
    points = {item.point for item in items}
    return points.pop() if len(points) == 1 else None


# --- cutting the message ---------------------------------------------------------------------------------


def _all_told(page: Page, asked: Asked) -> list[_Told]:
    """Every number of a message made of such answers; [] when a clause of it with numbers is none."""
    text = page.words
    head = re.match(rf"\s*(?:更正|订正)?[:,]?\s*{_POINT}?\s*:?\s*", text)
    assert head is not None  # noqa: S101  everything in it may be left out
    if _SERIES.fullmatch(text[head.end() :].strip()):
        return _series(text, head.end(), int(head[1] or head[2] or 0), asked)
    found: list[_Told] = []
    point: int | None = None
    run = _RUN.fullmatch(text.strip()) and not (_NOT.search(text) or _ROSE.search(text))
    apart = _NAMED if run else _CLAUSE
    for match in apart.finditer(_joined(text)):
        one, point = _clause(text, match.start(), match.end(), point)
        if one is None and re.search(r"\d", _said(match[0])):
            return []
        if one is not None:
            found.append(one)
        elif not found and len(match[0]) > 4 and point is None:
            return []
        if len(found) > MOST:
            return []
    return found


def _joined(text: str) -> str:
    """“不是25,是26” and “不对,应该是4” are one clause each."""
    for pattern in (_NOT, _WRONG):
        text = pattern.sub(lambda m: m[0].replace(",", " ").replace(":", " "), text)
    return text


def _said(words: str) -> str:
    """Without days, which are no amounts."""
    return re.sub(r"\d{1,2}月(?:\d{1,2}日)?|\d{1,2}[日号]|\d{4}年", "", words)


def _series(text: str, at: int, point: int, asked: Asked) -> list[_Told]:
    """28/6/30 where just so many things were asked."""
    items = [item for item in asked.items if not point or item.point == point]
    numbers = list(re.finditer(DIGITS, text[at:]))
    if len(items) != len(numbers):
        return []
    return [
        _Told(at + m.start(), at + m.end(), item.what, value_of(m[0]), item.unit, m[0], item.point)
        for m, item in zip(numbers, items, strict=True)
    ]


def _clause(text: str, start: int, end: int, point: int | None) -> tuple[_Told | None, int | None]:
    at = start
    words = text[start:end]
    if named := re.match(rf"\s*{_POINT}\s*:?\s*", words):
        point, at = int(named[1] or named[2]), start + named.end()
    elif lead := re.match(r"\s+", words):
        at = start + lead.end()
    begin, old, name = at, None, ""
    if month := _MONTH.search(text, at, end):
        begin, name = month.end(), text[at : month.start()]
    for pattern in (_ROSE, _NOT, _WRONG):
        if known := pattern.search(text, begin, end):
            name += text[begin : known.start()]
            old = value_of(known["old"]) if pattern is _NOT else None
            begin = known.end()
            break
    match = _VALUE.match(text, begin, end)
    if match is None or text[match.end() : end].strip(" :、了。") or _LEFT.search(text[at:end]):
        return None, point
    return _made(text, match, at, name, point, bool(month), old), point


def _made(
    text: str, match: re.Match[str], at: int, name: str, point: int | None, month: bool, old: float | None
) -> _Told:
    name = name + match["name"]
    odd = _odd(match, text[at : match.end()])
    unit = match["unit"] or ""
    words = text[at : match.end()].strip()
    return _Told(
        match.start("value"), match.end(), name, value_of(match["value"]), unit, words, point, month, old, odd
    )


def _odd(match: re.Match[str], words: str) -> str:
    if match["to"] or match["other"]:
        return "several" if match["other"] or (match["range"] or "").startswith("或") else "vague"
    if match["minus"]:
        return "amount"
    if _PAST.search(words):
        return "past"
    return "increment" if _INCREMENT.search(words) else ""


# --- which item -------------------------------------------------------------------------------------------


def _named_on(told: Sequence[_Told]) -> Iterator[_Told]:
    """开工6座,完工3座; 6月份25公里,7月份28公里: a number without a name goes on with the one before."""
    name = ""
    for one in told:
        own = _name(one)
        if not own and name and one.unit and one.odd != "past":
            yield _renamed(one, name)
        else:
            name = re.sub(r"开工|动工", "", own)
            yield one


def _renamed(one: _Told, name: str) -> _Told:
    return _Told(
        one.start, one.end, name, one.value, one.unit, one.words, one.point, one.month, one.old, one.odd
    )


def _name(one: _Told) -> str:
    name = _INCREMENT.sub("", _PAST.sub("", one.name))
    return _FILLER.sub("", name).strip(" ,:、的")


def _item(one: _Told, asked: Asked) -> Item | None:
    """The only item its name, point and unit leave."""
    items = [item for item in asked.items if item.target and (one.point is None or item.point == one.point)]
    name = re.sub(r"开工|动工|完成|数量?$", "", _name(one))
    if one.old is not None:
        last = dict(asked.stood)
        items = [item for item in items if name or last.get(item.target) == one.old]
    if name:
        scores = [(likeness(name, item.what), item) for item in items]
        best = max((int(score) for score, _ in scores), default=0)
        items = [item for score, item in scores if best and int(score) == best]
        if len(items) > 1 and len({score for score, _ in scores if int(score) == best}) > 1:
            top = max(score for score, _ in scores)
            near = [item for score, item in scores if score == top]
            items = items if one.unit and not fits(one.unit, near[0].unit) else near
    elif not one.unit and one.point is None and one.old is None:
        return None
    if len(items) > 1 or not name:
        items = [item for item in items if not one.unit or fits(one.unit, item.unit)]
    return items[0] if len(items) == 1 else None


# --- what is stored and what is asked ---------------------------------------------------------------------


def _gathered(
    page: Page, placed: Sequence[tuple[_Told, Item]]
) -> tuple[list[Numbered], list[Doubt], list[Quantity]]:
    made: list[Numbered] = []
    doubts: list[Doubt] = []
    kept: list[Quantity] = []
    ends = [one.start for one, _ in placed[1:]] + [len(page.words)]
    for item in dict.fromkeys(item for _, item in placed):
        own = [(one, end) for (one, known), end in zip(placed, ends, strict=True) if known is item]
        started = [one for one, _ in own if begun(one.name) and not begun(item.what)]
        kept += [Quantity(_name(one), one.value, one.unit or item.unit, "", one.words) for one in started]
        plain = _totals([pair for pair in own if pair[0] not in started])
        if not plain:
            continue
        if doubt := _doubt([one for one, _ in plain], item):
            doubts.append(doubt)
            continue
        one, end = plain[-1]
        quantity = Quantity(item.what, one.value, one.unit or item.unit, item.target, one.words)
        made.append(Numbered(item, quantity, False, one.start, (one.end, end)))
    return made, doubts, kept


def _totals(told: list[tuple[_Told, int]]) -> list[tuple[_Told, int]]:
    """“桥新增2座，累计9座”: the total, where only what was added stands beside it."""
    totals = [pair for pair in told if "累计" in pair[0].words]
    others = [pair[0] for pair in told if pair not in totals]
    added = all(one.odd == "increment" or _ADDED.search(one.words) for one in others)
    return totals if len(totals) == 1 and added else told


def _doubt(told: Sequence[_Told], item: Item) -> Doubt | None:
    """What must be asked of an item before any number of it is stored."""
    newest = told[-1]
    words = "，".join(one.words for one in told)
    if newest.odd:
        return Doubt(newest.odd, newest.words, item.point, item.target)
    if len({one.value for one in told}) > 1 and not all(one.month for one in told[-1:]):
        return Doubt("several", words, item.point, item.target)
    return impossible(newest.value, newest.unit, newest.words, item)
