"""How people report, as data: words for status, trouble, plans, what is left, who is responsible.

`knowledge/data/replies.toml` is the file to read and change; this module only compiles it, once. It holds
nothing about any notice.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from knowledge.numerals import CHINESE, DIGITS

_BLANKS = {"N": rf"(?:{DIGITS}|{CHINESE})", "D": DIGITS}


@dataclass(frozen=True, slots=True)
class Wording:
    signs: Mapping[str, re.Pattern[str]]
    units: str  # alternatives for a pattern, the longest first
    counted: str  # those that Chinese numerals may count
    festivals: Mapping[str, tuple[str, ...]]  # their first days by name, as ISO dates

    def has(self, sign: str, text: str) -> bool:
        return self.signs[sign].search(text) is not None

    def without(self, sign: str, text: str) -> str:
        return self.signs[sign].sub("", text)


@lru_cache(maxsize=1)
def wording() -> Wording:
    """The tables, compiled."""
    tables = tomllib.loads((files("knowledge") / "data" / "replies.toml").read_text("utf-8"))
    return Wording(
        signs={name: _any(words) for name, words in tables["signs"].items()},
        units=_longest_first(tables["units"]["words"] + tables["units"]["measures"]),
        counted=_longest_first(tables["units"]["words"]),
        festivals={name: tuple(days.split()) for name, days in tables["festivals"].items()},
    )


def _longest_first(words: str) -> str:
    return "|".join(sorted(map(re.escape, set(words.split())), key=lambda word: (-len(word), word)))


def _any(words: list[str]) -> re.Pattern[str]:
    pattern = "|".join(words)
    for name, what in _BLANKS.items():
        pattern = pattern.replace(f"{{{name}}}", what)
    return re.compile(pattern)
