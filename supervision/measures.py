"""Units of measure as officials write them: 1800吨 is 0.18万吨, and 320户 is no amount of 万吨.

Readers of replies and lights use it to bring a figure to its target's unit. It never guesses: what does
not fit gives None, and somebody is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.width import narrow

_SCALES = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_MEASURES = {
    "米": ("length", 1), "m": ("length", 1), "里": ("length", 500), "千米": ("length", 1_000),
    "公里": ("length", 1_000), "km": ("length", 1_000),
    "平方米": ("area", 1), "平米": ("area", 1), "m2": ("area", 1), "m²": ("area", 1), "㎡": ("area", 1),
    "亩": ("area", 10_000 / 15), "公顷": ("area", 10_000), "平方公里": ("area", 1_000_000),
    "平方千米": ("area", 1_000_000), "km2": ("area", 1_000_000), "km²": ("area", 1_000_000),
    "立方米": ("volume", 1), "立方": ("volume", 1), "方": ("volume", 1),
    "m³": ("volume", 1), "m3": ("volume", 1),
    "吨": ("weight", 1_000), "t": ("weight", 1_000), "公斤": ("weight", 1), "千克": ("weight", 1),
    "kg": ("weight", 1), "斤": ("weight", 0.5),
    "元": ("money", 1), "块": ("money", 1), "块钱": ("money", 1), "元人民币": ("money", 1),
    "%": ("share", 1), "成": ("share", 10), "人次": ("visits", 1),
}  # fmt: skip
_ANYTHING = "个"  # counts people as well as things
_PEOPLE = "人名位"
_THINGS = "户家座条项件宗株棵间栋幢支场份镇村所处篇期批套台辆艘部口盏对块类种次届例起笔只头片段"
_NOT_COUNTED = ("个百分点", "个点", "个月")


@dataclass(frozen=True, slots=True)
class _Unit:
    sort: str  # length, money, people, things …; "any" fits people and things, "" whatever it meets
    size: float


def in_unit(value: float, unit: str, target_unit: str) -> float | None:
    """`value` of `unit` in the target's unit, or None where the two do not fit.

    A unit left out is the target's; a bare 万 or 亿 takes the target's kind (1.36亿 against 亿元).
    """
    if not unit.strip() or unit == target_unit:
        return value
    said, wanted = _read(unit), _read(target_unit)
    if said is None or wanted is None or not _fit(said.sort, wanted.sort):
        return None
    return float(f"{value * said.size / wanted.size:.12g}")


def is_count(unit: str) -> bool:
    """Whether the unit counts people or things (个, 户, 个项目), so that small numbers come in jumps."""
    found = _read(unit)
    return found is not None and found.sort in ("any", "people", "things")


def _fit(said: str, wanted: str) -> bool:
    if said == wanted:
        return True
    if said == "":
        return wanted not in ("", "share")
    return "any" in (said, wanted) and {said, wanted} <= {"any", "people", "things"}


def _read(unit: str) -> _Unit | None:
    """A unit's sort and size; prefixes multiply (万吨, 千万元), but 千米 and 千克 are units of their own."""
    text = re.sub(r"\s", "", narrow(unit))
    if text.startswith("个亿"):
        text = text[1:]  # 1.2个亿
    size = 1.0
    while text and text.lower() not in _MEASURES and text[0] in _SCALES:
        size *= _SCALES[text[0]]
        text = text[1:]
    if text.lower() in _MEASURES:
        sort, factor = _MEASURES[text.lower()]
        return _Unit(sort, size * factor)
    if not text:
        return _Unit("", size)
    sort = _counted(text)
    return _Unit(sort, size) if sort else None


def _counted(text: str) -> str:
    if text.startswith(_NOT_COUNTED):
        return ""
    if text[0] == _ANYTHING:
        return "any"
    return "people" if text[0] in _PEOPLE else "things" if text[0] in _THINGS else ""
