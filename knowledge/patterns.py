"""Compiles many alternatives so that a search can skip most of a text.

Python's matcher leaps over characters that begin no alternative, but only when each alternative begins with
a plain character or a class. So groups and optional characters at the front are multiplied out, and what
only matches at the beginning is tried there and nowhere else; what begins alike is tried together.
`knowledge/wording.py` calls it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

MOST = 80  # alternatives one may become; beyond that it stays as it is written
_SPECIAL = "^$\\.[(?*+{|"


def looks(pattern: str) -> tuple[Callable[[str], re.Match[str] | None], ...]:
    """Functions to try in turn on a text: one of them finds something where the pattern does."""
    plain: list[str] = []
    odd: list[str] = []
    first: list[str] = []
    for alternative in split(pattern):
        if alternative.startswith("^"):
            first.append(alternative[1:])
            continue
        made = list(_multiplied(alternative))
        if len(made) <= MOST and all(map(_leaps, made)):
            plain += made
        else:
            odd.append(alternative)
    at_start = [re.compile("|".join(_together(first))).match] if first else []
    groups = ["|".join(_together(plain)), "|".join(odd)]
    return (*at_start, *(re.compile(group).search for group in groups if group))


def _together(alternatives: Iterable[str]) -> Iterator[str]:
    """不归我, 不属于, 不属 → 不(?:归我|属): the matcher tries alternatives one by one, and there may be two
    thousand. Only whether something matches stays the same, not how much."""
    by_first: dict[str, list[str]] = {}
    for alternative in dict.fromkeys(alternatives):
        if alternative[:1] in _SPECIAL or alternative[1:2] in tuple("?*+{"):
            yield alternative
        else:
            by_first.setdefault(alternative[0], []).append(alternative[1:])
    for first, rests in by_first.items():
        if "" in rests:  # which matches wherever the others do
            yield first
        else:
            yield first + (rests[0] if len(rests) == 1 else f"(?:{'|'.join(_together(rests))})")


def split(pattern: str) -> list[str]:
    """The alternatives at the top of a pattern."""
    found, depth, start, at = [], 0, 0, 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 1
        elif char == "[":
            at = _end_of_class(pattern, at)
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "|" and depth == 0:
            found.append(pattern[start:at])
            start = at + 1
        at += 1
    return [*found, pattern[start:]]


def _multiplied(pattern: str) -> Iterator[str]:
    """(?:不归|非)我 → 不归我, 非我; 应?由 → 应由, 由."""
    if pattern.startswith("(?:"):
        end = _end_of_group(pattern)
        inner, rest = pattern[3:end], pattern[end + 1 :]
        if rest[:1] in ("*", "+", "{"):
            yield pattern
            return
        if rest[:1] == "?":
            rest = rest[1:]
            yield from _multiplied(rest)
        for part in split(inner):
            yield from _multiplied(part + rest)
    elif len(pattern) > 1 and pattern[0] not in _SPECIAL and pattern[1] == "?":
        yield from _multiplied(pattern[0] + pattern[2:])
        yield from _multiplied(pattern[2:])
    else:
        yield pattern


def _leaps(pattern: str) -> bool:
    """Whether it begins with one character or class that must be there."""
    if not pattern or pattern[0] in "^$.(?*+{|":
        return False
    if pattern[0] == "[":
        end = _end_of_class(pattern, 0)
        return pattern[1] != "^" and pattern[end + 1 : end + 2] not in ("?", "*", "{")
    if pattern[0] == "\\":
        return pattern[1] in "ds" and pattern[2:3] not in ("?", "*", "{")
    return pattern[1:2] not in ("?", "*", "{")


def _end_of_group(pattern: str) -> int:
    depth, at = 0, 0
    while at < len(pattern):
        if pattern[at] == "\\":
            at += 1
        elif pattern[at] == "[":
            at = _end_of_class(pattern, at)
        elif pattern[at] in "()":
            depth += 1 if pattern[at] == "(" else -1
            if depth == 0:
                return at
        at += 1
    return len(pattern)


def _end_of_class(pattern: str, at: int) -> int:
    at += 2 if pattern[at + 1 : at + 2] in ("]", "^") else 1
    while at < len(pattern) and pattern[at] != "]":
        at += 2 if pattern[at] == "\\" else 1
    return at
