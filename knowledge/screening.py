"""Tells by a text's characters which of many patterns can be found in it at all.

A pattern needs some character: each of its alternatives has one, or one of a few, without which it matches
nothing. Most questions have few of them, so most searches need not be made. `knowledge/speech.py` calls it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import lru_cache

KEPT = 64  # texts: a message is looked at in many ways, one after the other
_OPTIONAL = ("?", "*", "{0", "{,")
_OPENING = re.compile(r"\(\?(?:<?([=!])|:)")
_CLASS = re.compile(r"\[\^?\]?(?:[^\]\\]|\\.)*\]")
_RUN = re.compile(r"[^\\\[\](){}?*+|.^$]{2,}(?![?*+{])|[^\\\[\](){}?*+|.^$]+(?=[^\\\[\](){}?*+|.^$][?*+{])")
_TIMES = re.compile(r"(?:[?*+]|\{[\d,]+\})[?+]?")
_EVERYWHERE = frozenset("的是有多少哪几什么个条点项和跟都在要了一 ")  # which would rule out little


class Screen:
    """Patterns by name, each a bit of a number."""

    def __init__(self, patterns: Mapping[str, str]) -> None:
        self.bit = {name: 1 << at for at, name in enumerate(patterns)}
        self._always = 0
        self._by_char: dict[str, int] = defaultdict(int)
        for name, pattern in patterns.items():
            chars = needed(pattern)
            if chars is None:
                self._always |= self.bit[name]
            for char in chars or ():
                self._by_char[char] |= self.bit[name]
        self.possible: Callable[[str], int] = lru_cache(KEPT)(self._possible)

    def _possible(self, text: str) -> int:
        """The bits of the patterns that may be found in a text."""
        found, by_char = self._always, self._by_char
        for char in set(text) & by_char.keys():
            found |= by_char[char]
        return found


def needed(pattern: str) -> frozenset[str] | None:
    """Characters of which every text that the pattern matches has at least one; None where none is known."""
    return _alternatives(pattern, 0)[0]


def _alternatives(pattern: str, at: int) -> tuple[frozenset[str] | None, int]:
    """The characters needed up to the end of a group, and where that is."""
    found: set[str] | None = set()
    best: frozenset[str] | None = None  # of this alternative
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "|":
            found = None if found is None or best is None else found | best
            best, at = None, at + 1
            continue
        chars, at = _part(pattern, at)
        if chars and (best is None or _renown(chars) < _renown(best)):
            best = chars
    return (None if found is None or best is None else frozenset(found | best)), at


def _part(pattern: str, at: int) -> tuple[frozenset[str] | None, int]:
    """The characters needed of what stands here, None where it may be left out, and where the next begins."""
    first = pattern[at]
    if first == "(":
        opening = _OPENING.match(pattern, at)
        chars, end = _alternatives(pattern, opening.end() if opening else at + 1)
        end += 1
        chars = None if opening and opening[1] == "!" else chars
    elif first == "[":
        end = _CLASS.match(pattern, at).end()  # type: ignore[union-attr]  # every class has an end
        chars = _of_class(pattern[at + 1 : end - 1])
    elif first == "\\":
        end = at + (6 if pattern[at + 1] == "u" else 2)
        chars = None if pattern[at + 1].isalnum() else frozenset(pattern[at + 1])
    elif run := _RUN.match(pattern, at):
        end, chars = run.end(), frozenset(min(run[0], key=_EVERYWHERE.__contains__))
    else:
        end, chars = at + 1, None if first in "^$." else frozenset(first)
    times = _TIMES.match(pattern, end)
    return (None if times and times[0].startswith(_OPTIONAL) else chars), times.end() if times else end


def _of_class(inner: str) -> frozenset[str] | None:
    """None for a class of more than plain characters."""
    return None if inner[:1] == "^" or "\\" in inner or "-" in inner else frozenset(inner)


def _renown(chars: frozenset[str]) -> tuple[int, int]:
    return len(chars & _EVERYWHERE), len(chars)
