"""The ways people ask, as data: what is asked for, courtesies, dialect words, how numbers are said.

`knowledge/data/speech.toml` is the file to read and change; this module only compiles it, once. It holds
nothing about any notice.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from knowledge.screening import Screen

NUMBER = r"(?:\d{1,3}|[一二三四五六七八九十百两]{1,5})"


@dataclass(frozen=True, slots=True)
class Measure:
    """A unit a number is asked in, and what to call that number when the notice does not give it."""

    pattern: re.Pattern[str]
    unit: str
    name: str


@dataclass(frozen=True, slots=True)
class Speech:
    asks: Mapping[str, re.Pattern[str]]  # those of `signs` that are wishes
    signs: Mapping[str, re.Pattern[str]]
    noise: re.Pattern[str]
    measures: tuple[Measure, ...]
    dialect: Mapping[str, str]
    dialect_pattern: re.Pattern[str]
    dialect_marks: re.Pattern[str]  # what only a speaker of Teochew writes
    dialect_of: re.Pattern[str]  # where such a speaker's 个 means 的
    aloud: tuple[str, ...]
    english_stop: frozenset[str]
    english_weak: frozenset[str]
    english_same: Mapping[str, str]  # a word → the one it is read as
    frame: frozenset[str]  # words of a wish for a list, besides the word that is looked for
    counts: Mapping[str, str]  # English number words in digits
    screen: Screen  # of the signs
    counted: re.Pattern[str]  # one of them, or two that belong together (twenty-one)

    def has(self, sign: str, text: str) -> bool:
        possible = self.screen.possible(text) & self.screen.bit[sign]
        return bool(possible) and self.signs[sign].search(text) is not None

    def found(self, signs: Iterable[str], text: str) -> set[str]:
        """Those of these signs that are in the text."""
        possible, bit, pattern = self.screen.possible(text), self.screen.bit, self.signs
        return {sign for sign in signs if possible & bit[sign] and pattern[sign].search(text)}

    def find(self, sign: str, text: str) -> re.Match[str] | None:
        """Where a sign, or a way to ask, stands; looked for only where its characters are."""
        return self.signs[sign].search(text) if self.may_have(sign, text) else None

    def may_have(self, sign: str, text: str) -> bool:
        return bool(self.screen.possible(text) & self.screen.bit[sign])

    def without(self, sign: str, text: str, instead: str = " ") -> str:
        """The text with what the sign is put otherwise."""
        return self.signs[sign].sub(instead, text) if self.may_have(sign, text) else text

    def framed(self, text: str, longest: int) -> Iterator[str]:
        """What may be looked for in a wish for a list: stretches with only frame words before and after."""
        ends = _reached(text, self.frame)
        begins = {len(text) - at for at in _reached(text[::-1], {word[::-1] for word in self.frame})}
        for start in sorted(ends):
            for end in range(start + longest, start + 1, -1):
                if end in begins:
                    yield text[start:end]

    def in_digits(self, words: str) -> str:
        """“item twenty-one”, “the seventh point” with digits; “one” counts nothing and stays."""
        return self.counted.sub(self._digits, words)

    def _digits(self, found: re.Match[str]) -> str:
        tens, ones, alone = found.groups()
        return self.counts[alone] if alone else self.counts[tens][:-1] + self.counts[ones]


@lru_cache(maxsize=1)
def speech() -> Speech:
    """The tables, compiled."""
    tables = tomllib.loads((files("knowledge") / "data" / "speech.toml").read_text("utf-8"))
    dialect = dict(pair.split("=") for pair in tables["spoken"]["words"])
    counts = dict(pair.split("=") for pair in tables["english"]["counts"].split())
    longest_first = sorted(map(re.escape, dialect), key=len, reverse=True)
    asks = {name: _any(words) for name, words in tables["asks"].items()}
    signs = {name: _any(words) for name, words in tables["signs"].items()} | asks
    return Speech(
        asks=asks,
        signs=signs,
        screen=Screen({name: sign.pattern for name, sign in signs.items()}),
        noise=_any(tables["noise"]["words"]),
        measures=tuple(Measure(_any(m["words"]), m["unit"], m["name"]) for m in tables["measure"]),
        dialect=dialect,
        dialect_pattern=re.compile("|".join(longest_first)),
        dialect_marks=re.compile(tables["spoken"]["marks"]),
        dialect_of=re.compile(tables["spoken"]["of"]),
        aloud=tuple(tables["aloud"]["words"].split()),
        english_stop=frozenset(tables["english"]["stop"].split()),
        english_same=_same(tables["english"]["same"]),
        english_weak=frozenset(tables["english"]["weak"].split()),
        frame=frozenset(tables["frame"]["words"].split()),
        counts=counts,
        counted=_counted(counts),
    )


def _reached(text: str, words: Collection[str]) -> set[int]:
    """Where one can come from the beginning with whole words."""
    reached = {0}
    for at in range(len(text)):
        if at in reached:
            reached |= {at + size for size in range(1, 5) if text[at : at + size] in words}
    return {at for at in reached if at <= len(text)}


def _same(groups: str) -> dict[str, str]:
    """“company firm”: each word of a line is read as the line's first."""
    lines = (line.split() for line in groups.splitlines())
    return {word: line[0] for line in lines for word in line}


def _counted(counts: Mapping[str, str]) -> re.Pattern[str]:
    """“one” is a number only in “twenty-one” and “item one”; in “the last one” it is not."""
    tens = "|".join(word for word in counts if word.endswith("ty"))
    ones = "|".join(word for word in counts if not word.endswith("ty"))
    alone = "|".join(word for word in counts if word != "one")
    named = "|".join(f"(?<={name} )" for name in ("item", "point", "section", "part", "number"))
    return re.compile(rf"\b(?:({tens})[ -]({ones})|({alone}|(?:{named})one))\b")


def _any(words: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(words).replace("{NUMBER}", NUMBER))
