"""Compiles many alternatives so that a search can skip most of a text.

Python's matcher leaps over characters that begin no alternative, but only when each alternative begins with
a plain character. So groups, classes and optional characters at the front are multiplied out, what must not
stand before is looked for behind, what only matches at the beginning is tried there and nowhere else, and
what begins alike is tried together. `knowledge/wording.py` calls it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

MOST = 200  # alternatives one may become; beyond that it stays as it is written
_SPECIAL = "^$\\.[(?*+{|"
_QUANTIFIERS = ("?", "*", "+", "{")
_ONCE_OR_MORE = re.compile(r"(?:\+|\{1,\d\})(?![?+])|(?![?*+{])")
_AT_MOST = re.compile(r"(?:\?|\{0,(\d{1,2})\})\??(?![?+])")
_REPEATED = re.compile(r"\+|\{1,(\d)\}")  # once or more, of which the first is taken out


Look = Callable[[str], re.Match[str] | None]


class Looks(NamedTuple):
    """What to try in turn on a text: one of them finds something where the pattern does. Only whether
    something is found stays the same, not how much of the text it takes."""

    at_start: Look | None
    begins: (
        str  # the text's first character is one of these where `at_start` finds something; "" tells nothing
    )
    anywhere: tuple[Look, ...]


def looks(pattern: str) -> Looks:
    """A quicker way to see whether a pattern is in a text."""
    plain: list[str] = []
    odd: list[str] = []
    first: list[str] = []
    for alternative in split(pattern):
        for one in _few(alternative):
            if not one.startswith("^"):
                for other in [one] if _leaps(one) else _turned(one):
                    (plain if _leaps(other) else odd).append(other)
                continue
            for begin in _few(one[1:]):
                turned = [] if _leaps(begin) else _turned_at_start(begin)
                plain += turned
                first += [] if turned else [begin]
    search = [
        re.compile("|".join(made)).search for made in (tuple(_together(plain)), dict.fromkeys(odd)) if made
    ]
    match = re.compile("|".join(_together(first))).match if first else None
    begins = "".join({one[0] for one in first}) if all(map(_leaps, first)) else ""
    return Looks(match, begins, tuple(search))


def _few(pattern: str) -> list[str]:
    """The alternatives it multiplies to; as it is written where these are too many."""
    made = list(islice(_multiplied(pattern), MOST + 1))
    return made if len(made) <= MOST else [pattern]


def _turned_at_start(pattern: str) -> list[str]:
    """^[^,]{0,2}请 → 请(?:(?<=^请)|(?<=^[^,]{1}请)|(?<=^[^,]{2}请)); [] where it is no such pattern."""
    end = _end_of_class(pattern, 0) + 1 if pattern.startswith("[") else 2 if pattern.startswith("\\s") else 0
    most = _AT_MOST.match(pattern, end)
    if not end or not most:
        return []
    rests = _few(pattern[most.end() :])
    if not all(map(_leaps, rests)):
        return []
    times = range(int(most[1] or 1) + 1)
    return [
        f"{rest[0]}(?:{'|'.join(f'(?<=^{pattern[:end]}{{{n}}}{rest[0]})' for n in times)}){rest[1:]}"
        for rest in rests
    ]


def _turned(pattern: str) -> list[str]:
    """\\d{1,3}项 → 项(?<=\\d项): what stands before a plain character is looked for behind it, once, as
    nothing is asked of what is before that."""
    end = _end_of_class(pattern, 0) + 1 if pattern.startswith("[") else 2 if pattern.startswith("\\d") else 0
    times = _ONCE_OR_MORE.match(pattern, end)
    if not end or not times:
        return [pattern]
    return [
        f"{rest[0]}(?<={pattern[:end]}{rest[0]}){rest[1:]}" if _leaps(rest) else pattern[:end] + rest
        for rest in _few(pattern[times.end() :])
    ]


def begins(pattern: str) -> str:
    """Every character with which a text can begin that the pattern matches, for a class of a pattern. Raises
    ValueError where these are not plain ones."""
    made = [one for alternative in split(pattern) for one in _multiplied(alternative)]
    if not all(map(_leaps, made)):
        raise ValueError(f"begins with no plain character: {pattern}")
    return "".join(sorted({re.escape(one[0]) for one in made}))


def _together(alternatives: Iterable[str]) -> Iterator[str]:
    """不归我, 不属于, 不属 → 不(?:归我|属): the matcher tries alternatives one by one, and there may be two
    thousand."""
    by_first: dict[str, list[str]] = {}
    for alternative in dict.fromkeys(alternatives):
        if alternative and _leaps(alternative):
            by_first.setdefault(alternative[0], []).append(alternative[1:])
        else:
            yield alternative
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
    """(?:不归|非)我 → 不归我, 非我; 应?由 → 应由, 由; [归属]我 → 归我, 属我; (?<!不)归 → 归(?<!不归)."""
    if pattern.startswith("(?:"):
        yield from _of_group(pattern)
    elif pattern.startswith(("(?<!", "(?<=")):
        yield from _behind(pattern)
    elif pattern.startswith("["):
        yield from _of_class(pattern)
    elif len(pattern) > 1 and pattern[0] not in _SPECIAL and pattern[1] == "?":
        yield from _multiplied(pattern[0] + pattern[2:])
        yield from _multiplied(pattern[2:])
    elif len(pattern) > 1 and pattern[0] not in _SPECIAL and pattern[1] == "+":
        yield f"{pattern[0] * 2}*{pattern[2:]}"
    else:
        yield pattern


def _of_group(pattern: str) -> Iterator[str]:
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


def _of_class(pattern: str) -> Iterator[str]:
    end = _end_of_class(pattern, 0) + 1
    members, rest = _members(pattern[1 : end - 1]), pattern[end:]
    if not members or (rest[:1] in ("*", "{") and not _REPEATED.match(rest)):
        yield pattern
        return
    if rest[:1] == "?":
        rest = rest[1:]
        yield from _multiplied(rest)
    elif again := _REPEATED.match(rest):
        more = f"{{0,{int(again[1]) - 1}}}" if again[1] else "*"
        rest = pattern[:end] + more + rest[again.end() :]
    yield from (member + rest for member in members)


def _behind(pattern: str) -> Iterator[str]:
    """What may not stand, or must stand, before the next character is looked at when that is found."""
    end = _end_of_group(pattern)
    sign, inner = pattern[:4], pattern[4:end]
    inner = f"(?:{inner})" if len(split(inner)) > 1 else inner
    for rest in _multiplied(pattern[end + 1 :]):
        yield f"{rest[0]}{sign}{inner}{rest[0]}){rest[1:]}" if _leaps(rest) else pattern[: end + 1] + rest


def _members(inner: str) -> str:
    """The characters of a class; "" where it has others than plain ones."""
    found = re.sub(r"(.)-(.)", lambda m: "".join(map(chr, range(ord(m[1]), ord(m[2]) + 1))), inner)
    return "" if any(char in "^\\-" or char in _SPECIAL for char in found) else found


def _leaps(pattern: str) -> bool:
    """Whether it begins with one plain character that must be there once."""
    return bool(pattern) and pattern[0] not in _SPECIAL and pattern[1:2] not in _QUANTIFIERS


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
