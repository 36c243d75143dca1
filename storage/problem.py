"""A firm's problem as rows and rooms share it: frozen values and the words for its states.

They stand apart from the queries so that reading the settings does not load a database library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

KF, GROUP, MEETING, EXPRESS, HOTLINE, VISITING, APP = (
    "kf", "group", "meeting", "express", "12345", "visit", "app",
)  # fmt: skip
INQUIRY, ORDINARY, COMPLEX, REFUSED = "inquiry", "ordinary", "complex", "refused"
NEW, ASSIGNED, OBJECTED, ACCEPTED, CONTACTED = "new", "assigned", "objected", "accepted", "contacted"
ANSWERED, REVIEW, TRACKED_ON, CLOSED = "answered", "review", "tracked", "closed"
SOLVED, EXPLAINED, TRACKED = "solved", "explained", "tracked"
SATISFIED, MOSTLY, UNSATISFIED = "satisfied", "mostly", "unsatisfied"
WITH_UNIT: Final = frozenset({ASSIGNED, ACCEPTED, CONTACTED})
OVER: Final = frozenset({CLOSED, REFUSED})


@dataclass(frozen=True, slots=True)
class Problem:
    """`door` and `origin` are where the firm can be written to; `text` holds no contact."""

    doc_number: str
    year: int
    channel: str
    recorded_by: str
    message_key: str
    text: str
    received_at: datetime
    counts_from: datetime
    due_at: datetime
    door: str = ""
    origin: str = ""
    firm: str = ""
    contact: str = ""
    phone: str = ""
    place: str = ""
    county: str = ""
    points: Sequence[int] = ()
    kind: str = ORDINARY
    urgent: bool = False
    suggested: str = ""
    suggested_helpers: Sequence[str] = ()
    lead: str = ""
    helpers: Sequence[str] = ()
    helped: Sequence[str] = ()
    state: str = NEW
    level: int = 0
    assigned_at: datetime | None = None
    objected_at: datetime | None = None
    accepted_at: datetime | None = None
    contacted_at: datetime | None = None
    planned_at: datetime | None = None
    wanted_until: datetime | None = None
    wanted_why: str = ""
    answered_at: datetime | None = None
    ending: str = ""
    answer: str = ""
    follow_on: date | None = None
    told_at: datetime | None = None
    rating: str = ""
    rating_why: str = ""
    rated_at: datetime | None = None
    closed_at: datetime | None = None
    number: int = 0
    again: int = 0
    version: int = 0
    id: int = 0

    @property
    def label(self) -> str:
        """第0038号; 第0014号-2 when it was taken up anew."""
        return f"第{self.number:04d}号" + (f"-{self.again + 1}" if self.again else "")

    @property
    def is_open(self) -> bool:
        return self.state not in OVER

    @property
    def subject(self) -> str:
        return f"政企问题{self.label}"
