"""Assignment, 分工: who is responsible for a point or for words of it. A frozen value rows and rooms share.

It stands apart from the queries so that reading knowledge does not load a database library.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Status = Literal["suggested", "confirmed"]


@dataclass(frozen=True, slots=True)
class Assignment:
    """One row of the division of work. `part` names the one thing meant where a sentence lists several."""

    point: int
    clause: str  # "" is the whole point, else an exact substring of the point's text
    lead: str
    participants: tuple[str, ...]
    status: Status
    source: str
    reason: str = ""
    confirmed_by: str = ""
    confirmed_on: date | None = None
    co_leads: tuple[str, ...] = ()
    part: str = ""

    @property
    def confirmed(self) -> bool:
        return self.status == "confirmed"

    @property
    def units(self) -> tuple[str, ...]:
        """Everybody named, leads first."""
        return tuple(dict.fromkeys((self.lead, *self.co_leads, *self.participants)))

    @property
    def place(self) -> tuple[int, str, str]:
        """What the row is about; two rows for the same place cannot both hold."""
        return self.point, self.clause, self.part
