"""Answers to the numbered things of a prompt: ①25.6 ②5, 1. 25.6 2. 5, ②③同上, or one number alone.

Only used when the prompt's items are known. A number that names none of several is asked about, not guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.aims import fits, impossible
from knowledge.numerals import CHINESE, DIGITS, value_of
from knowledge.page import Page
from knowledge.reading import Asked, Doubt, Item, Quantity
from knowledge.wording import wording

SHORT = 24  # characters of an answer that is one number
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_MARK = re.compile(rf"([{_CIRCLED}]+)|(?:(?<=[\s,;。])|^)\(?(\d{{1,2}})(?:[、.)](?!\d)|\s?:|\.(?=\d+\.\d))")
_UNIT = rf"%|[十百千万亿]{{0,2}}(?:{wording().units})?"
_VALUE = re.compile(
    rf"\s{{0,3}}(?:--|[:=])?\s{{0,3}}(?:更正为|改成|改为|应该?为|应该?是|完成|累计|已|约|共|是|为|达|到|有){{0,3}}\s?"
    rf"(?P<minus>-(?!-)\s?|负(?=[\d一二三四五六七八九十]))?(?P<value>{DIGITS}|{CHINESE})\s?(?P<unit>{_UNIT})"
    rf"(?P<range>\s?(?:[-~至]|到|或者?是?)\s?(?:{DIGITS}|{CHINESE})(?:{_UNIT}))?"
)
_ALONE = re.compile(
    rf"\s*(?:完成|累计|目前|已|约|共|是|为)*\s*(?P<minus>-)?(?P<value>{DIGITS})\s*(?P<unit>{_UNIT})(?:左右|上下|吧|了|哈|啊)*\s*[。!]?\s*"
)
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
    found = list(_MARK.finditer(page.words))
    if not found:
        return _alone(page, asked)
    made: list[Numbered] = []
    doubts: list[Doubt] = []
    known: set[int] = set()
    for at, match in enumerate(found):
        end = found[at + 1].start() if at + 1 < len(found) else len(page.words)
        for item in _items(match, asked):
            one = _said(page, item, match, end, again=id(item) in known)
            known.add(id(item))
            if one.quantity and (doubt := _doubt(one, one.quantity, item)):
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


def _items(match: re.Match[str], asked: Asked) -> list[Item]:
    numbers = [_CIRCLED.index(char) + 1 for char in match[1]] if match[1] else [int(match[2])]
    return [asked.items[n - 1] for n in numbers if 0 < n <= len(asked.items)]


def _said(page: Page, item: Item, match: re.Match[str], end: int, *, again: bool) -> Numbered:
    """The number behind the mark; named again, an item is only spoken about."""
    words = page.words[match.end() : end]
    value = _VALUE.match(words)
    same = bool(_SAME.match(words))
    if not value or same or again:
        return Numbered(item, None, same, match.start(), (match.end(), end), again)
    quantity = _quantity(item, value, page, match.end())
    rest = (match.end() + value.end(), end)
    return Numbered(item, quantity, False, match.start(), rest, vague=bool(value["range"]))


def _quantity(item: Item, value: re.Match[str], page: Page, at: int) -> Quantity:
    start = value.start("minus") if value["minus"] else value.start("value")
    words = page.said(at + start, at + value.end()).strip(" 。!！")
    number = -value_of(value["value"]) if value["minus"] else value_of(value["value"])
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
