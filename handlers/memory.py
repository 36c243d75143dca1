"""What one conversation remembers between two messages: the last points, list and suggestions.

`handlers/ask.py` reads and makes it; the database keeps it as a small JSON object per person and chat. It is
forgotten after half an hour, so a morning's question never colours the afternoon's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

KEPT_FOR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Memory:
    """`points` are the last answer's, best first; `listed` the last list, in the order it was shown;
    `clause` the words last quoted.
    """

    points: tuple[int, ...] = ()
    listed: tuple[int, ...] = ()
    clause: str = ""
    asks: tuple[str, ...] = ()
    suggestions: tuple[int, ...] = ()
    asked: str = ""  # the question the suggestions were for
    question: str = ""  # the last question that was answered, as typed
    at: datetime | None = None

    @classmethod
    def from_json(cls, row: Mapping[str, Any] | None) -> Memory:
        """What `to_json` wrote; anything unreadable (written by another version) counts as forgotten."""
        try:
            return cls._read(row) if row else cls()
        except (KeyError, TypeError, ValueError):
            return cls()

    @classmethod
    def _read(cls, row: Mapping[str, Any]) -> Memory:
        return cls(
            points=tuple(map(int, row["points"])),
            listed=tuple(map(int, row["listed"])),
            clause=str(row["clause"]),
            asks=tuple(map(str, row["asks"])),
            suggestions=tuple(map(int, row["suggestions"])),
            asked=str(row["asked"]),
            question=str(row["question"]),
            at=datetime.fromisoformat(row["at"]) if row["at"] else None,
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "points": list(self.points),
            "listed": list(self.listed),
            "clause": self.clause,
            "asks": list(self.asks),
            "suggestions": list(self.suggestions),
            "asked": self.asked,
            "question": self.question,
            "at": self.at.isoformat() if self.at else "",
        }

    def fresh(self, now: datetime) -> Memory:
        """This memory, or an empty one when it is too old."""
        return self if self.at is not None and timedelta(0) <= now - self.at <= KEPT_FOR else Memory()

    def without_suggestions(self) -> Memory:
        return replace(self, suggestions=(), asked="")

    @property
    def point(self) -> int | None:
        return self.points[0] if self.points else None
