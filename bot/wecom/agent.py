"""The app as the console shows it, read from `agent/get`: who sees it, and whether it is switched on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_ROOT = 1  # the department of everybody


@dataclass(frozen=True, slots=True)
class Agent:
    """`people` are members named one by one, in lower case; departments and tags hold others."""

    closed: bool
    people: frozenset[str]
    departments: tuple[int, ...]
    tags: int
    domain: str

    @property
    def everybody(self) -> bool:
        return _ROOT in self.departments

    @property
    def nobody(self) -> bool:
        return not (self.people or self.departments or self.tags)

    @staticmethod
    def of(answer: Mapping[str, Any]) -> Agent:
        """What a version does not tell is taken for absent."""
        users = _listed(answer, "allow_userinfos", "user")
        return Agent(
            closed=answer.get("close") == 1,
            people=frozenset(str(user.get("userid", "")).lower() for user in users if isinstance(user, dict)),
            departments=tuple(_listed(answer, "allow_partys", "partyid")),
            tags=len(_listed(answer, "allow_tags", "tagid")),
            domain=str(answer.get("redirect_domain") or ""),
        )


def _listed(answer: Mapping[str, Any], name: str, inner: str) -> list[Any]:
    part = answer.get(name)
    found = part.get(inner) if isinstance(part, dict) else part
    return found if isinstance(found, list) else []
