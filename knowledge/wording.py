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
from knowledge.patterns import Look, Looks, looks

_BLANKS = {"N": rf"(?:{DIGITS}|{CHINESE})", "D": DIGITS}


class Wording:
    """The tables; each sign is compiled when it is first looked for."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self.signs: Mapping[str, str] = {name: _any(words) for name, words in tables["signs"].items()}
        self._patterns: dict[str | tuple[str, ...], re.Pattern[str]] = {}
        self._looks: dict[str | tuple[str, ...], Look] = {}
        self.units = _longest_first(tables["units"]["words"] + tables["units"]["measures"])
        self.festivals: dict[str, tuple[str, ...]] = {
            name: tuple(days.split()) for name, days in tables["festivals"].items()
        }

    def has(self, sign: str | tuple[str, ...], text: str) -> bool:
        """Whether anything of the sign, or of one of several, is in the text."""
        look = self._looks.get(sign)
        if look is None:
            look = self._looks[sign] = _one_look(looks(self._text(sign)))
        return look(text) is not None

    def pattern(self, sign: str | tuple[str, ...]) -> re.Pattern[str]:
        """The sign as one pattern, for where it stands; several as one."""
        found = self._patterns.get(sign)
        if found is None:
            found = self._patterns[sign] = re.compile(self._text(sign))
        return found

    def _text(self, sign: str | tuple[str, ...]) -> str:
        return self.signs[sign] if isinstance(sign, str) else "|".join(map(self.signs.__getitem__, sign))

    def without(self, sign: str, text: str) -> str:
        return self.pattern(sign).sub("", text)


@lru_cache(maxsize=1)
def wording() -> Wording:
    """The tables as they ship."""
    return Wording(tomllib.loads((files("knowledge") / "data" / "replies.toml").read_text("utf-8")))


def _one_look(told: Looks) -> Look:
    """All of them as one; most signs are a single search."""
    at_start, begins, anywhere = told
    if at_start is None and len(anywhere) == 1:
        return anywhere[0]

    def look(text: str) -> re.Match[str] | None:
        if at_start is not None and (not begins or text[:1] in begins) and (found := at_start(text)):
            return found
        for search in anywhere:
            if found := search(text):
                return found
        return None

    return look


def _longest_first(words: str) -> str:
    return "|".join(sorted(map(re.escape, set(words.split())), key=lambda word: (-len(word), word)))


def _any(words: list[str]) -> str:
    pattern = "|".join(words)
    for name, what in _BLANKS.items():
        pattern = pattern.replace(f"{{{name}}}", what)
    return pattern
