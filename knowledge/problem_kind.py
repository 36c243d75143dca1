"""What kind of problem a firm brings: an inquiry, an ordinary or a complex demand, or one for another door.

Pure; the words are in `knowledge/data/problem_kinds.toml`. The office may always sort otherwise.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from knowledge.normalize import plain
from knowledge.units import Directory

Kind = Literal["inquiry", "ordinary", "complex", "refused"]
_Words = Sequence[tuple[str, ...]]
_SENT_ON = re.compile(
    r"(?:说|让|又说|说是).{0,3}(?:归|找|去).{1,8}?[,，].{1,8}?(?:说|让|又).{0,3}(?:归|找|去)"
)


@dataclass(frozen=True, slots=True)
class Sorted:
    """`door` says where a matter belongs that is not taken, "" for one that is."""

    kind: Kind
    door: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class _Door:
    about: str
    where: str
    words: _Words
    unless: _Words


@dataclass(frozen=True, slots=True)
class _Table:
    doors: Sequence[_Door]
    inquiry: _Words
    trouble: _Words
    complex: _Words
    subjects: Sequence[tuple[str, _Words]]


def kind_of(text: str, directory: Directory, *, urgent: bool = False) -> Sorted:
    """By the words, and by how many offices the firm itself names."""
    said, table = plain(text), _table()
    for door in table.doors:
        if _heard(door.words, said) and not _heard(door.unless, said):
            return Sorted("refused", door.where, door.about)
    if _heard(table.complex, said) or _SENT_ON.search(said) or _several(text, directory):
        return Sorted("complex")
    asks = _heard(table.inquiry, said) and not _heard(table.trouble, said)
    return Sorted("inquiry" if asks and not urgent else "ordinary")


def units_for(text: str) -> tuple[str, ...]:
    """Whose matter it plainly is, by what the words speak of: a power cut is the power company's."""
    said = plain(text)
    return tuple(unit for unit, words in _table().subjects if _heard(words, said))


def _several(text: str, directory: Directory) -> bool:
    """Whether the firm names several of the city's units: it was sent from one to the other, as a rule."""
    return len({one.unit.short for one in directory.find(text) if one.unit and not one.county_bureau}) > 1


def _heard(words: _Words, said: str) -> bool:
    return any(all(word in said for word in together) for together in words)


@lru_cache(maxsize=1)
def _table() -> _Table:
    data = tomllib.loads((files("knowledge") / "data" / "problem_kinds.toml").read_text("utf-8"))
    doors = (
        _Door(row["about"], row["where"], _words(row["words"]), _words(row["unless"])) for row in data["door"]
    )
    return _Table(
        tuple(doors),
        _words(data["inquiry"]["words"]),
        _words(data["inquiry"]["trouble"]),
        _words(data["complex"]["words"]),
        tuple((row["unit"], _words(row["words"])) for row in data["subject"]),
    )


def _words(text: str) -> _Words:
    return tuple(tuple(plain(word) for word in entry.split("+")) for entry in text.split())
