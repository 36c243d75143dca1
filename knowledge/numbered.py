"""Answers to the numbered things of a prompt: ①25.6 ②5, ①公路25.6, 1、25.6 2、5, ②③同上, or one number alone.

Only used when the prompt's items are known. A number that names none of several is asked about, not guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.aims import fits, impossible, likeness
from knowledge.numerals import CHINESE, DIGITS, value_of
from knowledge.page import Page
from knowledge.reading import Asked, Doubt, Item, Quantity
from knowledge.wording import wording

SHORT = 24  # characters of an answer that is one number
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_MARK = re.compile(rf"([{_CIRCLED}]+)|(?:(?<=[\s,;。])|^)\(?(\d{{1,2}})(?:[、.)](?!\d)|\s?:|\.(?=\d+\.\d))")
_UNIT = rf"%|成(?![立功效果员本])|[十百千万亿]{{0,2}}(?:{wording().units})?"
_VALUE = re.compile(
    rf"\s{{0,3}}(?:--|[:=])?\s{{0,3}}(?:更正为|改成|改为|应该?为|应该?是|完成|累计|已|约|共|是|为|达|到|有){{0,3}}\s?"
    rf"(?P<minus>-(?!-)\s?|负(?=[\d一二三四五六七八九十]))?(?P<value>{DIGITS}|{CHINESE})\s?(?P<unit>{_UNIT})"
    rf"(?P<range>\s?(?:[-~至]|到|或者?是?)\s?(?:{DIGITS}|{CHINESE})(?:{_UNIT}))?"
)
_ALONE = re.compile(
    rf"\s*(?:完成|累计|目前|已|约|共|是|为)*\s*(?P<minus>-)?(?P<value>{DIGITS})\s*(?P<unit>{_UNIT})(?:左右|上下|吧|了|哈|啊)*\s*[。!]?\s*"
)
# ①公路25.6; also the prompt's own line, copied: ①新改建农村公路（目标：超48.7公里）：25.6
_NAMED = re.compile(
    rf"\s{{0,3}}(?P<name>[^\d,;。!?\n:=(%{_CIRCLED}]{{1,24}}?)(?:\([^()]{{0,40}}\))?{_VALUE.pattern}"
)
_TOTAL = re.compile(rf"[^。\n]{{0,40}}?(?P<name>累计)(?:到|达到|至今|已|共)?{_VALUE.pattern}")
_UNSURE = re.compile(
    r"目标|计划|任务|预计|力争|还差|还有|剩|缺|需|困难|投资|资金|新增|又|增加(?!到)|[本当上]月|去年|上年|其中|开工|动工|平均|每"
)
_NOT_YET = re.compile(r"[^,;。\d]{0,6}(?:没|未|待|不)")
_SERIAL = re.compile(r"(?:(?<=[\s,;。])|^)(?:\(?(\d{1,2})[、)]|([一二三四五六七八九])、(?=\d|无|没|同上))")
_ORDER = "一二三四五六七八九"
_SAME = re.compile(r"\s{0,3}(?:都|均)?(?:同上|不变|没变|无变化|照旧|同上月|同上期|无|没有)")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A prompt's item with what was said about it; `rest` is where further words about it stand."""

    item: Item
    quantity: Quantity | None
    same: bool
    start: int
    rest: tuple[int, int]
    again: bool = False  # named before: what is said now is said of this item alone
    vague: bool = False  # 24-26: two numbers


def numbered(page: Page, asked: Asked) -> tuple[list[Numbered], list[Doubt]]:
    """The items answered by their numbers; doubts for numbers that name none of several."""
    if not asked.items:
        return [], []
    found = _in_order(page.words, asked) or list(_MARK.finditer(page.words))
    if not found:
        return _alone(page, asked)
    made: list[Numbered] = []
    doubts: list[Doubt] = []
    known: set[int] = set()
    for at, match in enumerate(found):
        end = found[at + 1].start() if at + 1 < len(found) else len(page.words)
        for item in _items(match, asked):
            again = id(item) in known or page.words[: match.start()].rstrip().endswith("其中")
            one = _said(page, item, match, end, asked, again=again)
            known.add(id(item))
            if one.quantity and (doubt := _doubt(one, one.quantity, one.item)):
                doubts.append(doubt)
            else:
                made.append(one)
    return made, doubts


def _doubt(one: Numbered, said: Quantity, item: Item) -> Doubt | None:
    """What keeps a number from being the item's: ①-5, ②4-6, ④30% of 项."""
    if one.vague:
        return Doubt("vague", said.words, item.point, item.target)
    if said.value < 0:
        return Doubt("amount", said.words, item.point, item.target)
    known = any(fits(said.unit, unit) for unit in (item.unit, "公里", "吨", "元", "个", "人", "%"))
    return impossible(said.value, said.unit if known else "", said.words, item) if item.target else None


def _in_order(words: str, asked: Asked) -> list[re.Match[str]]:
    """1、25.6 2、5 and (1)25.6 (2)5: from the beginning, one after the other."""
    found = list(_SERIAL.finditer(words))
    order = [int(match[1]) if match[1] else _ORDER.index(match[2]) + 1 for match in found]
    plain = order == list(range(1, len(order) + 1)) and 1 < len(order) <= len(asked.items)
    return found if plain and not words[: found[0].start()].strip() else []


def _items(match: re.Match[str], asked: Asked) -> list[Item]:
    if match.re is _SERIAL:
        number = int(match[1]) if match[1] else _ORDER.index(match[2]) + 1
        return [asked.items[number - 1]]
    numbers = [_CIRCLED.index(char) + 1 for char in match[1]] if match[1] else [int(match[2])]
    return [asked.items[n - 1] for n in numbers if 0 < n <= len(asked.items)]


def _said(page: Page, item: Item, match: re.Match[str], end: int, asked: Asked, *, again: bool) -> Numbered:
    """The number behind the mark; named again, an item is only spoken about."""
    words = page.words[match.end() : end]
    value = _VALUE.match(words)
    same = bool(_SAME.match(words))
    if not (value or same or again) and (named := _by_name(words, item, asked)):
        value, item = named
    if not value or same or again:
        return Numbered(item, None, same, match.start(), (match.end(), end), again)
    quantity = _quantity(item, value, page, match.end())
    rest = (match.end() + value.end(), end)
    return Numbered(item, quantity, False, match.start(), rest, vague=bool(value["range"]))


def _by_name(words: str, item: Item, asked: Asked) -> tuple[re.Match[str], Item] | None:
    """“①公路25.6公里”, “②本月新增1座，累计5座”: the number behind a name; the name tells the item where it
    is plainly another's."""
    value = _NAMED.match(words)
    if value is None or _unsure(value, item):
        value = _TOTAL.match(words)
        return (value, item) if value and item.target and _fit(value, item) else None
    scores = [likeness(value["name"], one.what) if one.target else 0.0 for one in asked.items]
    best = max(scores)
    meant = [one for one, score in zip(asked.items, scores, strict=True) if best and score == best]
    if item in meant or (not meant and value["unit"] and item.target):
        meant = [item]
    return (value, meant[0]) if len(meant) == 1 and _fit(value, meant[0]) else None


def _unsure(value: re.Match[str], item: Item) -> bool:
    """Whether the words around a number say that it may be no total: 还有2座没动工."""
    before = re.sub(r"\([^()]*\)", "", value[0][: value.start("value") - value.start()])
    if _NOT_YET.match(value.string, value.end()):
        return True
    return any(found[0] not in item.what for found in _UNSURE.finditer(before))


def _fit(value: re.Match[str], item: Item) -> bool:
    return not value["unit"] or fits(value["unit"], item.unit)


def _quantity(item: Item, value: re.Match[str], page: Page, at: int) -> Quantity:
    start = value.start("minus") if value["minus"] else value.start("value")
    words = page.said(at + start, at + value.end()).strip(" \n。!！")
    number = -value_of(value["value"]) if value["minus"] else value_of(value["value"])
    if value["unit"] == "成":  # 八成
        return Quantity(item.what, number * 10, "%", item.target, words)
    return Quantity(item.what, number, value["unit"] or item.unit, item.target, words)


def _alone(page: Page, asked: Asked) -> tuple[list[Numbered], list[Doubt]]:
    """A bare number answers the only item; with several owed it is asked about."""
    words = page.words.strip()
    match = _ALONE.fullmatch(words) if len(words) <= SHORT else None
    if match is None:
        return [], []
    if match["unit"] == "%" and not any(item.unit == "%" for item in asked.items):
        return [], []  # 65%: of the whole, or of what else is said
    if len(asked.items) > 1:
        return [], [Doubt("point", match[0].strip())]
    item = asked.items[0]
    end = len(page.words)
    said = _quantity(item, match, page, page.words.index(words))
    one = Numbered(item, said, False, 0, (end, end))
    return ([], [doubt]) if (doubt := _doubt(one, said, item)) else ([one], [])
