"""Lays what was reported beside the notice's own figures: which one a quantity answers, and whether it can.

A quantity off by ten thousand (2600万吨 where 0.25万吨 is wanted) or far beyond the target is a doubt.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from knowledge.book import Book
from knowledge.reading import Asked, Doubt, Quantity, Record
from knowledge.targets import Target

FAR = 5.0  # times the target
UNIT_SLIP = 1000.0

_SCALES = (("亿", 1e8), ("千万", 1e7), ("百万", 1e6), ("万", 1e4), ("千", 1e3))
_SAME = {"千米": "公里", "km": "公里", "元": "元", "㎡": "平方米", "平": "平方米"}


def aimed(record: Record, asked: Asked, book: Book) -> tuple[Record, list[Doubt]]:
    """The record with each quantity tied to its figure, and doubts about amounts no one can mean."""
    if record.point is None or not record.quantities:
        return record, []
    figures = _figures(book.of_point(record.point), asked, book)
    made: list[Quantity] = []
    doubts: list[Doubt] = []
    for quantity in record.quantities:
        target = _target(quantity, figures) or _only_one(quantity, record.point, figures, asked)
        if target is not None:
            quantity = replace(quantity, target=target.id)
            doubts += _doubts(quantity, target, record.point)
        made.append(quantity)
    return replace(record, quantities=tuple(made)), doubts


def _figures(targets: Iterable[Target], asked: Asked, book: Book) -> list[Target]:
    """The figures that concern the person: his county's own row, and those of all."""
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
    unit = _base(quantity.unit)[1]
    found = [
        (t, likeness(quantity.what, t.what))
        for t in figures
        if _base(t.unit)[1][:1] == unit[:1] and ("每" not in t.what or "每" in quantity.what)
    ]
    if quantity.target:
        return next((t for t, _ in found if t.id == quantity.target), None)
    found.sort(key=lambda pair: -pair[1])
    if not found or not found[0][1] or (len(found) > 1 and found[0][1] == found[1][1]):
        return None
    return found[0][0]


def _only_one(quantity: Quantity, point: int, figures: Iterable[Target], asked: Asked) -> Target | None:
    """“要点3 21个” where one figure of the point was asked for."""
    ids = [item.target for item in asked.items if item.point == point and item.target]
    if len(ids) != 1:
        return None
    unit = _base(quantity.unit)[1]
    return next((t for t in figures if t.id == ids[0] and _base(t.unit)[1][:1] == unit[:1]), None)


def likeness(name: str, what: str) -> float:
    """How near a name is to a figure's: pairs of characters both have, or the name as a short form of it
    (危桥 of 危旧桥梁); of two that share as much, the shorter figure is nearer (农村公路)."""
    pairs = {name[i : i + 2] for i in range(len(name) - 1)} & {what[i : i + 2] for i in range(len(what) - 1)}
    shared = len(pairs) or (1 if _short_form(name, what) else 0)
    return shared + shared / (10 * len(what)) if shared else 0.0


def _short_form(name: str, what: str) -> bool:
    """Whether the last two characters of a name stand in the figure's in that order."""
    place = what.find(name[-2:-1]) if len(name) >= 2 else -1
    return place >= 0 and name[-1] in what[place + 1 :]


def _base(unit: str) -> tuple[float, str]:
    """万吨 → 10000 and 吨."""
    for word, scale in _SCALES:
        if unit.startswith(word):
            return scale, _SAME.get(unit[len(word) :], unit[len(word) :])
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
