"""Tells by a text's characters which of many patterns can be found in it at all.

A pattern needs some character: each of its alternatives has one, or one of a few, without which it matches
nothing. Most questions have few of them, so most searches need not be made. `knowledge/speech.py` calls it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

from knowledge.patterns import split

KEPT = 64  # texts: a message is looked at in many ways, one after the other
_OPTIONAL = ("?", "*", "{0", "{,")
_QUANTIFIERS = "?*+{"
_INSIDE = ("(?:", "(?=", "(?<=", "(")  # groups whose words must stand in the text
_AGAINST = ("(?!", "(?<!")
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
    found: set[str] = set()
    for alternative in split(pattern):
        best = _rarest(_needed_parts(alternative))
        if best is None:
            return None
        found |= best
    return frozenset(found)


def _rarest(parts: Iterable[frozenset[str]]) -> frozenset[str] | None:
    """The part that rules out most; one rare character is enough."""
    best, renown = None, (len(_EVERYWHERE), 0)
    for chars in parts:
        if (own := _renown(chars)) < renown:
            best, renown = chars, own
        if renown == (0, 1):
            break
    return best


def _renown(chars: frozenset[str]) -> tuple[int, int]:
    return len(chars & _EVERYWHERE), len(chars)


def _needed_parts(alternative: str) -> Iterator[frozenset[str]]:
    """The characters of each part of an alternative that may not be left out."""
    at = 0
    while at < len(alternative):
        end = _end_of_part(alternative, at)
        part, after = alternative[at:end], alternative[end : end + 2]
        if not after.startswith(_OPTIONAL) and (chars := _of_part(part)):
            yield chars
        at = _end_of_quantifier(alternative, end)


def _of_part(part: str) -> frozenset[str] | None:
    if part.startswith("["):
        return _of_class(part[1:-1])
    if part.startswith("("):
        if part.startswith(_AGAINST):
            return None
        opening = next(opening for opening in _INSIDE if part.startswith(opening))
        return None if part[len(opening)] == "?" else needed(part[len(opening) : -1])
    if part.startswith("\\"):
        return None if part[1].isalnum() else frozenset(part[1])
    return None if part in "^$." else frozenset(part)


def _of_class(inner: str) -> frozenset[str] | None:
    """None for a class of more than plain characters."""
    return None if inner[:1] == "^" or "\\" in inner or "-" in inner else frozenset(inner)


def _end_of_part(pattern: str, at: int) -> int:
    if pattern[at] == "[":
        return _end_of_class(pattern, at)
    if pattern[at] == "\\":
        return at + (6 if pattern[at + 1] == "u" else 2)
    if pattern[at] != "(":
        return at + 1
    depth = 0
    while True:
        if pattern[at] == "[":
            at = _end_of_class(pattern, at)
            continue
        depth += {"(": 1, ")": -1}.get(pattern[at], 0)
        at += 2 if pattern[at] == "\\" else 1
        if depth == 0:
            return at


def _end_of_class(pattern: str, at: int) -> int:
    at += 2 if pattern[at + 1] in "^]" else 1
    while pattern[at] != "]":
        at += 2 if pattern[at] == "\\" else 1
    return at + 1


def _end_of_quantifier(pattern: str, at: int) -> int:
    while at < len(pattern) and pattern[at] in _QUANTIFIERS:
        at = pattern.index("}", at) + 1 if pattern[at] == "{" else at + 1
    return at
