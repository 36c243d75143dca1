"""What a digest is made of: plain values, no sentence yet, and what the last one told.

`supervision/sight.py` takes them out of a situation for one reader, `supervision/digest.py` makes the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from storage.subscriptions import Scope
from supervision.problem_figures import Count

OVERLAP = 200  # versions looked at again: a smaller id may be committed after a larger one


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: everything (a city leader), or what `units` reported; `office` sees drafts as they are."""

    person: str
    everything: bool = True
    units: tuple[str, ...] = ()
    office: bool = False
    scope: Scope = field(default_factory=Scope)


@dataclass(frozen=True, slots=True)
class Told:
    """What a digest told: shown light by point, the versions seen, the matters that need somebody."""

    day: date
    lights: Mapping[int, str] = field(default_factory=dict)
    newest: int = 0
    seen: frozenset[int] = frozenset()
    needs: frozenset[str] = frozenset()
    at: datetime | None = None  # when exactly; rows of an older version do not say
    topics: frozenset[int] = frozenset()  # drafts let out to this reader that he has read

    @property
    def after(self) -> int:
        """The id behind which versions must be looked at."""
        return max(0, self.newest - OVERLAP)


@dataclass(frozen=True, slots=True)
class News:
    """What a unit newly said of a point: numbers, and a difficulty in its own words. `reports` are the
    versions it stands in."""

    point: int
    unit: str
    words: tuple[str, ...]
    on: date
    reports: tuple[int, ...]
    withdrawn: bool = False
    stuck: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A light that changed; colours as the reader sees them."""

    point: int
    before: str
    after: str
    reason: str
    reports: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """What a unit asks the city for, in its own words; `fresh`: not told before."""

    point: int
    unit: str
    asked: str
    why: str
    on: date
    report: int
    fresh: bool = True

    @property
    def key(self) -> str:
        return f"{self.point}|{self.unit}|{self.asked}"


@dataclass(frozen=True, slots=True)
class Link:
    """A town, county or unit the reader is 挂钩 with, and what was newly said of it."""

    name: str
    words: tuple[str, ...]
    on: date | None = None
    reports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RoundFact:
    name: str
    due_at: datetime  # local
    asked: int
    done: int
    missing: tuple[str, ...] = ()  # units, in protocol order
    near: bool = False
    over: bool = False  # its day is past


@dataclass(frozen=True, slots=True)
class SectionFact:
    title: str
    points: int
    colours: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CountyFact:
    """A figure the notice sets for a county: what stands, and since when; None: not reported."""

    county: str
    what: str
    goal: str
    value: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class BarFact:
    """A figure that grows through the year: how far it is, and how much of the time is gone, in percent."""

    point: int
    what: str
    unit: str  # who reported it
    value: str
    goal: str
    done: float
    elapsed: float
    colour: str
    on: date


@dataclass(frozen=True, slots=True)
class Topic:
    """A matter put before this reader to decide, in the office's words: a draft somebody let out."""

    draft: int
    text: str


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    """What waits for the office itself."""

    received: int = 0
    received_from: tuple[str, ...] = ()
    red: tuple[int, ...] = ()  # points with such a light, drafts too
    yellow: tuple[int, ...] = ()
    red_drafts: tuple[int, ...] = ()
    objections: tuple[str, ...] = ()
    drafts: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()  # units nobody is bound for
    lookbacks: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()  # firms' problems nobody but the office can go on with


@dataclass(frozen=True, slots=True)
class Facts:
    """`since` is the day of the last digest; None: there was none, so nothing is compared."""

    at: datetime  # local
    since: date | None
    points: int
    narrow: bool
    colours: Mapping[str, int]
    before: Mapping[str, int] | None
    news: tuple[News, ...] = ()
    turns: tuple[Turn, ...] = ()
    needs: tuple[Need, ...] = ()
    links: tuple[Link, ...] = ()
    rounds: tuple[RoundFact, ...] = ()
    sections: tuple[SectionFact, ...] = ()
    counties: tuple[CountyFact, ...] = ()
    bars: tuple[BarFact, ...] = ()
    problems: Count = field(default_factory=Count)
    county_problems: Mapping[str, Count] = field(default_factory=dict)
    topics: tuple[Topic, ...] = ()
    office: OfficeFacts = field(default_factory=OfficeFacts)

    @property
    def fresh(self) -> tuple[Need, ...]:
        return tuple(one for one in self.needs if one.fresh)

    @property
    def empty(self) -> bool:
        """Whether there is nothing that the reader was not told before."""
        told = self.news or self.turns or self.fresh or any(one.words for one in self.links)
        firms = self.topics or self.problems.new or self.problems.done
        return self.since is not None and not told and not firms and not any(one.near for one in self.rounds)


# --- what is remembered -------------------------------------------------------------------------------


def told_to_json(told: Told) -> dict[str, Any]:
    return {
        "day": told.day.isoformat(),
        "lights": {str(point): colour for point, colour in told.lights.items()},
        "newest": told.newest,
        "seen": sorted(told.seen),
        "needs": sorted(told.needs),
        "at": told.at.isoformat() if told.at else "",
        "topics": sorted(told.topics),
    }


def told_from_json(row: Mapping[str, Any]) -> Told | None:
    """None for what another version wrote: the digest then compares with nothing."""
    try:
        return Told(
            date.fromisoformat(row["day"]),
            {int(point): str(colour) for point, colour in row["lights"].items()},
            int(row["newest"]),
            frozenset(map(int, row["seen"])),
            frozenset(map(str, row["needs"])),
            datetime.fromisoformat(row["at"]) if row.get("at") else None,
            frozenset(map(int, row.get("topics", ()))),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
