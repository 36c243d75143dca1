"""Lays what was reported beside the notice's own figures: which one a quantity answers, and whether it can.

A quantity off by ten thousand (2600万吨 where 0.25万吨 is wanted) or far beyond the target is a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from knowledge.book import Book
from knowledge.reading import Asked, Doubt, Item, Quantity, Record
from knowledge.targets import Target

FAR = 5.0  # times the target
UNIT_SLIP = 1000.0
NEAR = 3  # characters within which a short form's next one stands

_SCALES = (("亿", 1e8), ("千万", 1e7), ("百万", 1e6), ("万", 1e4), ("千", 1e3))
_SAME = {"㎡": "平方米", "平": "平方米"}
_LONG = {"公里": 1e3, "km": 1e3}  # of 米
_COUNTS = frozenset("个项座件家户处条宗所支场份篇批间栋株")
_DOING = re.compile(r"(?:改造?|修|建|做|拆|换|完工?|好|成|了|掉|竣工|投产|通车)+$")
_BEGUN = re.compile(r"开工|动工|启动|在建|招标|立项|签约|进场")  # begun is not done


def aimed(record: Record, asked: Asked, book: Book) -> tuple[Record, list[Doubt]]:
    """The record with each quantity tied to its figure, and doubts about amounts no one can mean."""
    if record.point is None or not record.quantities:
        return record, []
    figures = _figures(book.of_point(record.point), _answers_for(record.point, asked), asked, book)
    if not figures and not any(quantity.target for quantity in record.quantities):
        return record, []
    others = _other_counties(asked, book)
    made: list[Quantity] = []
    doubts: list[Doubt] = []
    for quantity in record.quantities:
        if any(name in quantity.what for name in others):
            made.append(_of(quantity, ""))
            continue
        target = _target(quantity, figures) or _only_one(quantity, record.point, figures, asked)
        if target is not None:
            quantity = _of(quantity, target.id)
            doubts += _doubts(quantity, target, record.point)
        made.append(quantity)
    made = _one_each(made, figures)
    return record if made == list(record.quantities) else replace(record, quantities=tuple(made)), doubts


def _of(quantity: Quantity, target: str) -> Quantity:
    """The same for another figure; made by hand, for it is made of nearly every number."""
    return Quantity(quantity.what, quantity.value, quantity.unit, target, quantity.words)


def _one_each(made: list[Quantity], figures: Iterable[Target]) -> list[Quantity]:
    """“超市建成1家，另1家在装修”: of several numbers for one figure only the named ones are, where one is."""
    told = [one.target for one in made if one.target]
    if len(told) == len(set(told)):
        return made
    names = {target.id: target.what for target in figures}
    named = {
        target for target in told if any(likeness(o.what, names[target]) for o in made if o.target == target)
    }
    return [
        _of(one, "") if one.target in named and not likeness(one.what, names[one.target]) else one
        for one in made
    ]


def named_county(what: str, asked: Asked, book: Book) -> bool:
    """“饶平县公路3公里” from a city unit is a part of its number, and not the number."""
    return any(name in what for name in _other_counties(asked, book))


def _other_counties(asked: Asked, book: Book) -> list[str]:
    """What counties are called that are not the person's own: 饶平, 湘桥."""
    return [c.short[:-1] for c in book.directory.counties if not asked.unit.startswith(c.short)]


def _answers_for(point: int, asked: Asked) -> frozenset[str] | None:
    """The figures he may speak of: the point's that he was asked, else his units'; None when nobody knows."""
    ids = frozenset(item.target for item in asked.items if item.point == point and item.target)
    return ids or asked.own


def _figures(
    targets: Iterable[Target], own_ids: frozenset[str] | None, asked: Asked, book: Book
) -> list[Target]:
    """The figures that concern the person: those he answers for, else his county's own and those of all."""
    if own_ids is not None:
        return [target for target in targets if target.id in own_ids and target.value is not None]
    counties = {area.short for area in book.directory.counties}
    own = next((name for name in counties if asked.unit.startswith(name)), "")
    return [
        target
        for target in targets
        if target.value is not None
        and target.kind in ("target", "expanded", "coverage")
        and (target.scope == own if target.scope in counties else not (own and target.scope.startswith("每")))
    ]


def _target(quantity: Quantity, figures: Iterable[Target]) -> Target | None:
    """The one figure of the same unit whose words are in the quantity's name."""
    found = [
        (t, likeness(quantity.what, t.what))
        for t in figures
        if fits(quantity.unit, t.unit) and ("每" not in t.what or "每" in quantity.what)
    ]
    if quantity.target:
        return next((t for t, _ in found if t.id == quantity.target), None)
    if begun(quantity.what):
        found = [pair for pair in found if begun(pair[0].what)]
    found.sort(key=lambda pair: -pair[1])
    if not found or not found[0][1] or (len(found) > 1 and found[0][1] == found[1][1]):
        return None
    return found[0][0]


def _only_one(quantity: Quantity, point: int, figures: Iterable[Target], asked: Asked) -> Target | None:
    """“要点3 21个” where one figure of the point was asked for, or where he reports only one of this unit."""
    if begun(quantity.what):
        return None
    ids = {item.target for item in asked.items if item.point == point and item.target}
    found = [target for target in figures if fits(quantity.unit, target.unit)]
    if len(ids) == 1:
        return next((target for target in found if target.id in ids), None)
    return found[0] if not quantity.what and quantity.unit and len(found) == 1 else None


def begun(what: str) -> bool:
    """Whether a number counts what was begun (开工6座), not what is done."""
    return bool(_BEGUN.search(what))


def impossible(value: float, unit: str, words: str, item: Item) -> Doubt | None:
    """A share where things are counted, or half a bridge: no number of this item."""
    if item.unit and unit and not fits(unit, item.unit):
        return Doubt("measure", words, item.point, item.target)
    if value % 1 and item.unit[:1] in _COUNTS and not unit.startswith(("万", "千", "百")):
        return Doubt("amount", words, item.point, item.target)
    return None


@lru_cache(maxsize=1_024)
def fits(unit: str, wanted: str) -> bool:
    """Whether a number of `unit` may answer a figure in `wanted`: 米 and 公里, 个 and 项; never % and 项."""
    said, asked = _base(unit)[1], _base(wanted)[1]
    return said[:1] == asked[:1] or {said[:1], asked[:1]} <= _COUNTS


def likeness(name: str, what: str) -> float:
    """How near a name is to a figure's: pairs of characters both have, or the name as a short form of it
    (危桥 of 危旧桥梁); of two that share as much, the shorter figure is nearer (农村公路)."""
    pairs = {name[i : i + 2] for i in range(len(name) - 1)} & {what[i : i + 2] for i in range(len(what) - 1)}
    thing = _DOING.sub("", name) or name  # 桥改好
    shared = len(pairs) or (1 if _short_form(name, what) or (len(thing) == 1 and thing in what) else 0)
    return shared + shared / (10 * len(what)) if shared else 0.0


def _short_form(name: str, what: str) -> bool:
    """Whether two neighbours in a name stand in the figure's in that order: the last two anywhere (安防),
    others near one another (危桥改完)."""
    for at in range(len(name) - 1):
        place = what.find(name[at])
        near = place + 1 + NEAR if at < len(name) - 2 else len(what)
        if place >= 0 and name[at + 1] in what[place + 1 : near]:
            return True
    return False


@lru_cache(maxsize=1_024)
def _base(unit: str) -> tuple[float, str]:
    """万吨 → 10000 and 吨; 万公里 → 10,000,000 and 米."""
    if unit in _LONG:
        return _LONG[unit], "米"
    for word, scale in _SCALES:
        if unit.startswith(word):
            size, plain = _base(unit[len(word) :])
            return scale * size, plain
    return 1.0, _SAME.get(unit, unit)


def _doubts(quantity: Quantity, target: Target, point: int) -> list[Doubt]:
    if not target.value:
        return []
    ratio = quantity.value * _base(quantity.unit)[0] / (target.value * _base(target.unit)[0])
    if ratio >= UNIT_SLIP:
        return [Doubt("unit", quantity.words, point)]
    if ratio >= FAR or (target.unit == "%" and quantity.value > 100):
        return [Doubt("amount", quantity.words, point)]
    return []
