"""How people report, as data: words for status, trouble, plans, what is left, who is responsible.

`knowledge/data/replies.toml` is the file to read and change; this module only compiles it, once. It holds
nothing about any notice.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from knowledge.numerals import CHINESE, DIGITS
from knowledge.patterns import Quick

_BLANKS = {"N": rf"(?:{DIGITS}|{CHINESE})", "D": DIGITS}


class Wording:
    """The tables; each sign is compiled when it is first looked for."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self._texts = {name: _any(words) for name, words in tables["signs"].items()}
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._quick: dict[str, Quick] = {}
        self.units = _longest_first(tables["units"]["words"] + tables["units"]["measures"])
        self.festivals: dict[str, tuple[str, ...]] = {
            name: tuple(days.split()) for name, days in tables["festivals"].items()
        }

    def has(self, sign: str, text: str) -> bool:
        """Whether anything of the sign is in the text."""
        quick = self._quick.get(sign)
        if quick is None:
            quick = self._quick[sign] = Quick.of([self._texts[sign]])
        return quick.search(text)

    def pattern(self, sign: str) -> re.Pattern[str]:
        """The sign as one pattern, for where it stands."""
        found = self._patterns.get(sign)
        if found is None:
            found = self._patterns[sign] = re.compile(self._texts[sign])
        return found

    def without(self, sign: str, text: str) -> str:
        return self.pattern(sign).sub("", text)


@lru_cache(maxsize=1)
def wording() -> Wording:
    """The tables as they ship."""
    return Wording(tomllib.loads((files("knowledge") / "data" / "replies.toml").read_text("utf-8")))


def _longest_first(words: str) -> str:
    return "|".join(sorted(map(re.escape, set(words.split())), key=lambda word: (-len(word), word)))


def _any(words: list[str]) -> str:
    pattern = "|".join(words)
    for name, what in _BLANKS.items():
        pattern = pattern.replace(f"{{{name}}}", what)
    return pattern
