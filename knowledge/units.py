"""The directory of units and areas: short names, full names, and the names people actually say.

Matching, importing and answering all resolve names here. A county's bureau is never taken for the
city's: “饶平县教育局” is a county bureau of 饶平县, and no unit of this directory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from knowledge.width import fold


@dataclass(frozen=True, slots=True)
class Unit:
    id: str
    order: int  # protocol order: units are always listed by it
    short: str
    full: str
    aliases: tuple[str, ...]
    kind: str
    note: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    id: str
    order: int
    short: str
    full: str
    aliases: tuple[str, ...]
    kind: str
    county_level: bool
    towns: tuple[str, ...]
    note: str = ""
    en: str = ""
    towns_en: tuple[str, ...] = ()
    parent: str = ""  # short name of the county a former district belongs to now


@dataclass(frozen=True, slots=True)
class Group:
    """A collective name such as 各成员单位; `members` is empty where no list was ever published."""

    name: str
    members: tuple[str, ...]
    note: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found in free text. `bare`: it carried no 市, so a county speaker may mean his own bureau."""

    start: int
    end: int
    text: str
    unit: Unit | None = None
    area: Area | None = None
    town: str | None = None
    county_bureau: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Directory:
    units: tuple[Unit, ...]
    areas: tuple[Area, ...]
    groups: tuple[Group, ...] = ()
    doubtful: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _names: Mapping[str, Unit | Area] = field(default_factory=dict, repr=False)
    _spoken: _Spoken | None = field(default=None, repr=False)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Directory:
        """From the tables of units.toml."""
        units = tuple(_unit(row) for row in data.get("unit", ()))
        areas = tuple(_area(row, data.get("towns", ())) for row in data.get("area", ()))
        groups = tuple(
            Group(row["name"], tuple(row["members"]), row.get("note", ""), row.get("en", ""))
            for row in data.get("group", ())
        )
        doubtful = {row["text"]: tuple(row["candidates"]) for row in data.get("ambiguous", ())}
        names = _names(units, areas)
        return cls(units, areas, groups, doubtful, names, _Spoken.of(areas, names))

    def unit(self, name: str) -> Unit | Area | None:
        """By exact short name, full name or alias; None where the name is unknown or could mean two units."""
        plain = fold(name).strip()
        if len(self.doubtful.get(plain, ())) > 1:
            return None
        return self._names.get(plain)

    def ambiguous(self, name: str) -> tuple[str, ...] | None:
        """The short names a doubtful name may stand for, or None for a name that is clear or unknown."""
        return self.doubtful.get(fold(name).strip())

    def why_unknown(self, name: str) -> str:
        """What to tell whoever wrote a name that `unit` does not find, with the nearest one that it would."""
        if choices := self.ambiguous(name):
            return f"“{name}”可能是{'或'.join(choices)}，请写明"
        near = self._nearest(name)
        return f"单位名录里没有“{name}”，" + (f"是不是“{near}”？" if near else "请写单位的简称或全称")

    def _nearest(self, name: str) -> str | None:
        from rapidfuzz import fuzz, process

        heard = self.find(name)
        if heard and heard[0].county_bureau:
            return heard[0].area.short if heard[0].area else None
        items: list[Unit | Area] = [*self.units, *self.areas]
        names = {said: item.short for item in items for said in (item.short, item.full, *item.aliases)}
        best = process.extractOne(fold(name), names.keys(), scorer=fuzz.ratio, score_cutoff=55)
        return names[best[0]] if best else None

    def group(self, name: str) -> Group | None:
        plain = fold(name).strip()
        return next((g for g in self.groups if fold(g.name) == plain), None)

    def find(self, text: str) -> tuple[Mention, ...]:
        """Every unit, area and town named in free text, longest first match, left to right."""
        return tuple(self._spoken.find(text)) if self._spoken else ()

    def county_of(self, town: str) -> Area | None:
        """The county a town belongs to; its name may be given without 镇."""
        return next((a for a in self.areas if town in a.towns or f"{town}镇" in a.towns), None)

    @property
    def counties(self) -> tuple[Area, ...]:
        """Those that count for “每个县(区)”."""
        return tuple(a for a in self.areas if a.county_level)

    @property
    def spoken_names(self) -> tuple[str, ...]:
        """The units' names that people say, and may type by their sounds (linyeju)."""
        return tuple(name for name, item in self._names.items() if isinstance(item, Unit) and _is_said(name))

    def order_of(self, name: str) -> int:
        """Protocol order for sorting: units, then areas, then whatever is not in the directory."""
        found = self.unit(name)
        if found is None:
            return 10_000
        return found.order if isinstance(found, Unit) else 1_000 + found.order


# --- reading the tables ---------------------------------------------------------------------------


def _unit(row: Mapping[str, Any]) -> Unit:
    return Unit(
        id=row["id"],
        order=row["order"],
        short=row["short"],
        full=row["full"],
        aliases=tuple(row["aliases"]),
        kind=row["kind"],
        note=row.get("note", ""),
        en=row.get("en", ""),
    )


def _area(row: Mapping[str, Any], towns: Iterable[Mapping[str, Any]]) -> Area:
    own = [group for group in towns if group["area"] == row["short"]]
    return Area(
        id=row["id"],
        order=row["order"],
        short=row["short"],
        full=row["full"],
        aliases=tuple(row["aliases"]),
        kind=row["kind"],
        county_level=row["county_level"],
        towns=tuple(name for group in own for name in group["names"]),
        note=row.get("note", ""),
        en=row.get("en", ""),
        towns_en=tuple(name for group in own for name in group.get("en", ())),
        parent=row.get("parent", ""),
    )


def _is_said(name: str) -> bool:
    """Short enough to be typed by its sounds: 林业局, not a unit's full name."""
    return 3 <= len(name) <= 7 and all("\u4e00" <= char <= "\u9fff" for char in name)


def _names(units: tuple[Unit, ...], areas: tuple[Area, ...]) -> dict[str, Unit | Area]:
    """Every exact name. What the data says wins over what is derived from it."""
    said: dict[str, Unit | Area] = {}
    derived: dict[str, Unit | Area] = {}
    items: list[Unit | Area] = [*units, *areas]
    for item in items:
        for name in filter(None, (item.short, item.full, *item.aliases, item.en)):
            said.setdefault(fold(name), item)
        for name in _unit_forms(item) if isinstance(item, Unit) else _area_forms(item):
            derived.setdefault(fold(name), item)
    return derived | said


def _unit_forms(unit: Unit) -> Iterator[str]:
    """市水务局 is also said 水务局, 潮州水务局 and 潮州市水务局; 市委 and 市政府 keep their 市."""
    for name in (unit.short, *unit.aliases):
        bare = name.removeprefix("市")
        if bare == name:
            continue
        if name.startswith(_KEEPS_CITY):
            yield f"潮州{name}"
            continue
        yield from (f"潮州市{bare}", f"潮州{bare}")
        if len(bare) >= 3:
            yield bare
    formal = unit.full.removeprefix("中共").removeprefix("潮州市")
    if formal != unit.full and unit.short.startswith("市") and len(formal) >= 4:
        yield from (formal, f"市{formal}")
    if (plain := unit.en.removeprefix("Municipal ")) != unit.en:
        yield from (plain, f"Chaozhou {plain}", f"City {plain}")


def _area_forms(area: Area) -> Iterator[str]:
    """Raoping County is also said Raoping; Chao'an is also typed Chaoan."""
    for tail in (" County", " District", " Town"):
        if (plain := area.en.removesuffix(tail)) != area.en:
            yield from (plain, plain.replace("'", ""), area.en.replace("'", ""))


_KEEPS_CITY = ("市委", "市政府", "市府", "市直", "市指挥", "市百千万", "市“")


# --- names in free text ---------------------------------------------------------------------------

_CITY_NAMES = ("市", "潮州", "中共", "国家税务", "团市委", "municipal", "chaozhou", "city ")
_NOT_CITY = ("市监", "市场")  # 市场监管局 begins with 市 and yet is anybody's
_AND = ("、", "和", "与", "及", "跟", "或", ",", "以及", "/", " and ", " or ")
# Between a county and its bureau: 饶平县里的教育局, 饶平县委组织部, Raoping's education bureau.
_JOINTS = (
    *("", "里的", "里", "那边的", "那边", "这边的", "这边", "当地的", "当地", "本级", "级"),
    *("的", "的那个", "那个", "委", "政府", "人民政府"),
    *(" ", "'s ", "’s ", " county ", " district ", " town "),
)
_PLACE_WORDS = (
    *("县", "区", "县区", "县(区)", "镇", "镇街", "街道", "乡镇", "乡"),
    *("county", "district", "town"),
)
_PLACE_STARTS = frozenset(word[0] for word in _PLACE_WORDS)
_NOT_A_DISTRICT = "社园市城地校山景新灾疫库小港牧林湾辖专特片商"  # 社区, 园区 … are no county
_COUNTY_FORMS = ("局", "委", "办", "部门", "分局")  # 饶平县发改委, 潮安区水利部门
_SMALL_OFFICES = (
    *("水务站", "水利站", "水利所", "水务所", "农业站", "农技站", "林业站", "财政所", "国土所", "自然资源所"),
    *("司法所", "税务所", "供电所", "市场监管所", "派出所", "规划所", "社保所", "人社所", "统计站"),
    *("综合执法队", "执法队", "党政办", "经发办", "民政办", "指挥办", "指挥部", "融媒体中心"),
    *("委办公室", "委办", "府办", "政府办公室", "政府办"),
)
_NOT_BEFORE = {"凤凰": "单山茶古天网", "东山": "再", "新丰": "收", "党校": "学"}  # 凤凰单丛 is a tea
_NOT_AFTER = {"党校": "进", "东山": "广"}  # “百万党员进党校” is a campaign

_Heard = Unit | Area | tuple[str, Area]


@dataclass(frozen=True, slots=True)
class _Spoken:
    """What can be heard, by first character, longest first."""

    names: Mapping[str, tuple[tuple[str, _Heard], ...]]
    offices: Mapping[str, tuple[str, ...]]  # names a county's bureau may carry
    starts: frozenset[str]  # how names begin, two characters: most places in a text begin none

    @classmethod
    def of(cls, areas: tuple[Area, ...], names: Mapping[str, Unit | Area]) -> _Spoken:
        heard: dict[str, _Heard] = {}
        for area in areas:
            for town, en in zip(area.towns, area.towns_en or area.towns, strict=True):
                heard |= dict.fromkeys((town, town.removesuffix("镇"), fold(en)), (town, area))
        heard |= names
        offices = _county_offices(n for n, item in names.items() if isinstance(item, Unit))
        return cls(
            names={first: tuple((n, heard[n]) for n in group) for first, group in _by_first(heard)},
            offices=dict(_by_first(offices)),
            starts=frozenset(name[:2] for name in heard),
        )

    def find(self, text: str) -> Iterator[Mention]:
        plain = fold(text)
        at = 0
        before: Mention | None = None
        while at < len(plain):
            mention = self._some_county_office(text, plain, at) if plain[at] in _PLACE_STARTS else None
            if mention is None and (plain[at : at + 2] in self.starts or plain[at] in self.starts):
                mention = self._named(text, plain, at)
            if mention is None:
                at += 1
                continue
            if mention.bare and before and before.county_bureau and plain[before.end : at] in _AND:
                mention = replace(before, start=at, end=mention.end, text=mention.text)  # 县财政局和教育局
            yield mention
            before = mention
            at = mention.end

    def _some_county_office(self, text: str, plain: str, at: int) -> Mention | None:
        """县教育局, 区里的卫健局, 镇水务站: a county's or town's bureau, whichever it is."""
        if at and plain[at] == "区" and plain[at - 1] in _NOT_A_DISTRICT:
            return None
        for word in _PLACE_WORDS:
            if plain.startswith(word, at) and (end := self._office_at(plain, at + len(word))):
                return Mention(at, end, text[at:end], county_bureau=True)
        return None

    def _named(self, text: str, plain: str, at: int) -> Mention | None:
        for name, what in self.names.get(plain[at], ()):
            if not plain.startswith(name, at) or not _stands_alone(plain, at, name):
                continue
            end = at + len(name)
            if isinstance(what, Unit):
                return self._unit_named(text, plain, at, end, what)
            return self._place_named(text, plain, at, end, what)
        return None

    def _unit_named(self, text: str, plain: str, at: int, end: int, unit: Unit) -> Mention:
        """“education bureau of Raoping” is a county's as well, in the English order of words."""
        bare = _is_bare(plain[at:end]) and plain[at:end] != fold(unit.short)
        if bare and (of := re.compile(r" (?:of|in|at) (?:the )?").match(plain, end)):
            place = self._named(text, plain, of.end()) if of.end() < len(plain) else None
            if place and place.area:
                return Mention(
                    at, place.end, text[at : place.end], area=place.area, town=place.town, county_bureau=True
                )
        return Mention(at, end, text[at:end], unit=unit, bare=bare)

    def _place_named(
        self, text: str, plain: str, at: int, end: int, what: Area | tuple[str, Area]
    ) -> Mention:
        town, area = what if isinstance(what, tuple) else (None, what)
        if town is None and area.parent:
            town = area.short
        office = self._office_at(plain, end)
        end = office or end
        return Mention(at, end, text[at:end], area=area, town=town, county_bureau=bool(office))

    def _office_at(self, plain: str, at: int) -> int | None:
        """Where a bureau's bare name ends that starts here or after a joint; 财政和教育局 is one, too."""
        starts = [at + len(joint) for joint in _JOINTS if plain.startswith(joint, at)]
        for start in starts:
            if end := self._office_end(plain, start):
                return end
            for stem in (4, 3, 2):
                if plain[start : start + stem] + "局" in self.offices.get(plain[start : start + 1], ()):
                    for word in _AND:
                        resumed = start + stem + len(word)
                        if plain.startswith(word, start + stem) and (end := self._office_end(plain, resumed)):
                            return end
        return None

    def _office_end(self, plain: str, start: int) -> int | None:
        for name in self.offices.get(plain[start : start + 1], ()):
            if plain.startswith(name, start) and _stands_alone(plain, start, name):
                return start + len(name)
        return None


def _county_offices(names: Iterable[str]) -> set[str]:
    """What a county's bureau may be called: the city's names without 市, and 教育办, 教育部门 for 教育局."""
    offices = {name if _is_bare(name) else name.removeprefix("市") for name in names}
    offices = {name for name in offices if _is_bare(name)}
    for name in [n for n in offices if n.endswith(("局", "委")) and len(n) > 2]:
        offices |= {name[:-1] + form for form in _COUNTY_FORMS}
    return offices | set(_SMALL_OFFICES)


def _is_bare(name: str) -> bool:
    """Without the city's name, so that a county's bureau may be called the same."""
    return name.startswith(_NOT_CITY) or not name.startswith(_CITY_NAMES)


def _by_first(names: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    grouped: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda n: (-len(n), n)):
        grouped.setdefault(name[0], []).append(name)
    return ((first, tuple(group)) for first, group in grouped.items())


def _stands_alone(plain: str, at: int, name: str) -> bool:
    """Not part of another word: an English name in longer words, 凤凰 in 凤凰单丛."""
    end = at + len(name)
    before, after = plain[at - 1 : at], plain[end : end + 1]
    if name[0].isascii():
        return not (_is_latin(before) or _is_latin(after))
    return not (before and before in _NOT_AFTER.get(name, "")) and not (
        after and after in _NOT_BEFORE.get(name, "")
    )


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()
