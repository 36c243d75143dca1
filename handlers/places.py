"""Whose figure it is: the places a question names, and those the figures of the notice are for.

`handlers/composing.py` and `handlers/resolve.py` call it, so that a county never takes the city's
figure for its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from handlers.turn import Turn
from knowledge.targets import Target
from knowledge.units import Area, Mention

CITY = "全市"
# Every county, every town …: how it is asked for, and the scopes of figures that are for it.
_EACH = "(?:每(?:一?个)?|各(?:个)?|我们?|咱们?|俺们?|一个)"
_COUNTIES = "各县（区）"
_LEVELS = {
    _COUNTIES: (re.compile(rf"{_EACH}(?:县区?|区县?|县\(区\))(?!域)"), re.compile("[县区]")),
    "各镇街": (re.compile(rf"{_EACH}乡?镇|{_EACH}街道|镇里(?!的|那)"), re.compile("镇")),
    "各村": (re.compile(rf"{_EACH}村|村里(?!的|那)"), re.compile("村")),
    "各单位": (re.compile(rf"{_EACH}(?:市直)?(?:单位|部门|局)"), re.compile("单位|局")),
}
_WHOSE = re.compile("全市的?(?:数|指标|任务|目标)?[吗吧么]|全市[^,。?]{0,10}还是|还是[^,。?]{0,6}全市")
_WIDER = re.compile("广东省|全省|全国")  # the notice sets figures for the city and what is in it


def named(turn: Turn) -> tuple[Mention, ...]:
    """Counties, towns and parks that the question names, without the bureaus of these."""
    return tuple(m for m in turn.knows.mentions(turn.q.text) if m.area and not m.county_bureau)


def county(place: Mention) -> str:
    """The county itself; "" for a town of it, or a park."""
    return place.area.short if place.area and place.area.county_level and not place.town else ""


def of_another(turn: Turn) -> bool:
    """Whether the words last quoted set a county's figure, and the question names another place."""
    asked = [place for place in named(turn) if place.text not in turn.memory.clause]
    return bool(asked) and any(_names(area, turn.memory.clause) for area in _quoted_counties(turn))


def _quoted_counties(turn: Turn) -> Iterator[Area]:
    """The counties whose own figures stand in the words last quoted."""
    for area in turn.book.directory.counties:
        own = [t for t in turn.book.of_point(turn.memory.point or 0) if t.scope == area.short]
        if any(t.kind != "expanded" and t.quote in turn.memory.clause for t in own):
            yield area


def _names(area: Area, words: str) -> bool:
    return any(name in words for name in (area.short, *area.aliases))


def without_own(turn: Turn, targets: Sequence[Target]) -> tuple[str, ...]:
    """The places the question names that none of these figures is for, as the directory writes them."""
    lacking = [place for place in named(turn) if not any(_is_for(t, place) for t in targets)]
    names = [place.town or place.area.short for place in lacking if place.area]
    wider = [area[0] for area in _WIDER.finditer(turn.q.text) if not any(area[0] in t.quote for t in targets)]
    each = [
        level
        for level, (said, scopes) in _LEVELS.items()
        if said.search(turn.q.text) and not any(scopes.search(t.scope + t.quote) for t in targets)
    ]
    return tuple(dict.fromkeys((*wider, *names, *each)))


def _is_for(target: Target, place: Mention) -> bool:
    area = place.area
    own = county(place)
    if area is None or (own and target.scope == own):
        return True
    if any(name in target.quote for name in ((place.town,) if place.town else (area.short, *area.aliases))):
        return True
    each = target.scope.startswith(("每个", "全部"))
    return each and (bool(own) or "镇" in target.scope)


def asks_whose(turn: Turn) -> bool:
    """“600户是全市还是一个县”: for whom the figure is."""
    return bool(_WHOSE.search(turn.q.text))


def shared_by(targets: Sequence[Target]) -> str:
    """Whose figures these are, when they are not the place's own: 全市, 各县（区）, or "" where it varies."""
    scopes = {target.scope for target in targets}
    if scopes == {CITY}:
        return CITY
    return _COUNTIES if scopes and all(_LEVELS[_COUNTIES][1].search(scope) for scope in scopes) else ""
