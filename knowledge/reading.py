"""The values a reply is read into: what was asked, what was understood, and what must be asked back.

`knowledge/reply.py` makes them, the round's book-keeping stores them. They hold no behaviour and no notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Item:
    """One numbered thing ①②③ that a prompt asked for."""

    point: int
    what: str = ""  # 新改建农村公路
    unit: str = ""  # 公里
    target: str = ""  # Target.id, "" when it is no figure


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person was asked, and when he answers."""

    on: date
    unit: str = ""  # short name of the person's unit
    prompted: int | None = None  # the one point the prompt was about
    items: tuple[Item, ...] = ()  # of the bundled prompt, in its order: ① is items[0]
    own: frozenset[str] | None = None  # ids of the figures his units answer for; None when nobody looked
    stood: tuple[tuple[str, float], ...] = ()  # what he reported of each figure last, by its id


@dataclass(frozen=True, slots=True)
class Quantity:
    what: str
    value: float
    unit: str
    target: str = ""  # id of the notice's figure it answers, "" when none surely
    words: str = ""  # as written


@dataclass(frozen=True, slots=True)
class Record:
    """What a reply says about one point; None is a point nothing names."""

    point: int | None
    percent: float | None = None
    status: str | None = None  # done | ahead | on_track | behind | not_started
    quantities: tuple[Quantity, ...] = ()
    difficulty: str | None = None
    help_needed: str | None = None
    next_step: str | None = None
    due: date | None = None  # when all of it will be done
    step_due: date | None = None  # the day of the next step, where no deadline of the whole is named
    step: str | None = None  # the words that name that day
    nothing_new: bool = False  # 无变化, 同上月, 平台已报, 见附件: an answer without new numbers
    elsewhere: bool = False  # 平台已报
    same: tuple[str, ...] = ()  # ids of figures said to stand as they stood (①没变化)

    @property
    def by(self) -> date | None:
        """The deadline, else the day of the next step."""
        return self.due or self.step_due


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that must be asked, never guessed."""

    kind: str  # point | vague | contradiction | date | unit | amount | several | increment | past | measure
    words: str
    point: int | None = None
    target: str = ""  # the figure it is about, "" when none surely


@dataclass(frozen=True, slots=True)
class Reading:
    kind: str  # report | correction | ack | delegation | question | problem | chatter
    records: tuple[Record, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    withdraws: bool = False  # 撤回, 数据作废
    needs_help: bool = False  # 需协调, as the whole answer or part of it
    points: tuple[int, ...] = ()  # named or meant, also in non-reports (delegation: which are not theirs)
    refers_to: str = ""  # delegation: the unit named as responsible, by its short name
    urgency: str = "normal"
    place: str | None = None
    enterprise: str | None = None
