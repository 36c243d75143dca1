"""One call of the API on its way: what the parts of `wecom.py` read from it and note in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]


@dataclass(slots=True)
class Exchange:
    """One call on its way: what came in, and what is worth noting in the journal."""

    method: str
    endpoint: str
    query: Mapping[str, str]
    body: Json = field(default_factory=dict)
    upload: tuple[str, bytes] | None = None
    vanished: tuple[str, ...] = ()
    duplicate: bool = False

    @property
    def token(self) -> str:
        return self.query.get("access_token", "")
