"""Who somebody is to the office: frozen values that rows and rooms share.

They stand apart from the queries so that reading a roster does not load a database library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["liaison", "leader", "admin", "official", "enterprise"]

ROLE_NAMES: Mapping[Role, str] = {
    "liaison": "联络员",
    "leader": "分管领导",
    "admin": "管理员",
    "official": "干部",
    "enterprise": "企业",
}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One role of one person, as a roster states it."""

    userid: str  # in lower case: WeCom compares without regard to it
    name: str
    role: Role
    unit: str  # short name of a unit or a county, a firm's own name; empty for a city leader
    post: str = ""
    mobile: str = ""

    @property
    def place(self) -> tuple[str, str, str]:
        """What only one active row may hold: a unit has one liaison, a person a role in a unit once."""
        return ("", "liaison", self.unit) if self.role == "liaison" else (self.userid, self.role, self.unit)

    @property
    def title(self) -> str:
        """市水务局联络员, 市领导, 管理员."""
        if self.role == "leader" and not self.unit:
            return "市领导"
        return self.unit + ROLE_NAMES[self.role]


@dataclass(frozen=True, slots=True)
class Person(PersonRow):
    """A binding: that role as the database holds it, from when and by whom; `unbound_at` once it ended."""

    id: int = 0
    bound_at: datetime | None = None
    bound_by: str = ""
    unbound_at: datetime | None = None
    unbound_by: str = ""

    @property
    def row(self) -> PersonRow:
        """What of it a roster states."""
        return PersonRow(self.userid, self.name, self.role, self.unit, self.post, self.mobile)
