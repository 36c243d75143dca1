"""How people say things: everyday words, abbreviations and English, each bound to words of the notice.

`knowledge/data/lexicon.toml` is the one file to read and review. An entry whose quote is not in the notice
at hand is left out, so another notice never inherits words that mean something else there. An entry like
冷气+跳闸 means its quote when its words stand near one another, in any order.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from operator import add
from typing import Any

from knowledge.combining import Combinations, Same, Words
from knowledge.normalize import plain
from knowledge.notice import Notice
from knowledge.speech import speech

_PART = re.compile(r"[^,，。;；\n]+")


@dataclass(frozen=True, slots=True)
class Say:
    """Phrases that mean this quote of the notice."""

    quote: str
    zh: tuple[str, ...]
    en: tuple[str, ...]
    together: tuple[tuple[str, ...], ...] = ()  # words that mean it only side by side


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`elsewhere`: subjects the notice does not deal with; `details`: what it seldom states (word → name)."""

    says: tuple[Say, ...] = ()
    elsewhere: frozenset[str] = frozenset()
    elsewhere_en: frozenset[str] = frozenset()
    details: Mapping[str, str] = field(default_factory=dict)
    elsewhere_from: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by first character
    details_from: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    firm: frozenset[str] = frozenset()  # of `elsewhere`: errands and the like, never mere background
    away: frozenset[str] = frozenset()  # of `elsewhere`: other places and other years
    joined: frozenset[str] = frozenset()  # pairs of characters that the notice prints side by side
    elsewhere_together: Combinations = field(default_factory=Combinations)
    details_together: Combinations = field(default_factory=Combinations)
    same: Same = field(default_factory=Same)  # words that may stand for each other in a combination

    @classmethod
    def of(cls, tables: Mapping[str, Any], notice: Notice) -> Lexicon:
        """The part of the tables that applies to this notice."""
        words = _sentences(notice.text)
        pairs = set(map(add, words, words[1:]))
        says = (_say(row) for row in tables.get("say", ()))
        groups = tables.get("elsewhere", ())
        said = (word for group in groups for word in group["zh"].split())
        elsewhere = frozenset(w for w in said if w[:2] not in pairs or w not in words)
        details = _named(tables.get("details", {}).get("zh", ""))
        details |= _named_en(tables.get("details", {}).get("en", ""))
        details_together = _named(tables.get("details", {}).get("both", ""))
        return cls(
            tuple(say for say in says if say.quote in notice.text),
            elsewhere,
            frozenset(phrase for group in groups for phrase in _phrases(group.get("en", ""))),
            details | details_together,
            _by_first(elsewhere),
            _by_first(details),
            _words_of(groups, "firm"),
            _words_of(groups, "away"),
            frozenset(pair for pair in pairs if min(pair) > "\u4e00"),
            Combinations.of({key: () for group in groups for key in _together(group)}),
            Combinations.of({tuple(key.split("+")): () for key in details_together}),
            Same.of(tables.get("same", {}).get("words", "")),
        )


def shipped_lexicon(notice: Notice) -> Lexicon:
    """The lexicon that comes with the program, bound to this notice."""
    text = (files("knowledge") / "data" / "lexicon.toml").read_text("utf-8")
    return Lexicon.of(tomllib.loads(text), notice)


def _by_first(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Words grouped by their first character, the longest first."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in sorted(words, key=len, reverse=True):
        found[word[0]].append(word)
    return {first: tuple(group) for first, group in found.items()}


def _sentences(text: str) -> str:
    """What the notice says, comparable, each part of a sentence once: a province's counties say the same."""
    return "\n".join(map(plain, dict.fromkeys(_PART.findall(text))))


def _say(row: Mapping[str, str]) -> Say:
    return Say(
        row["quote"],
        tuple(dict.fromkeys(row.get("zh", "").split())),
        _phrases(row.get("en", "")),
        _together(row),
    )


def _words_of(groups: Iterable[Mapping[str, Any]], mark: str) -> frozenset[str]:
    """The words and combinations of the groups that carry the mark."""
    marked = [group for group in groups if group.get(mark)]
    words = (w for group in marked for w in group["zh"].split())
    return frozenset(words) | {"+".join(key) for group in marked for key in _together(group)}


def _together(row: Mapping[str, str]) -> tuple[Words, ...]:
    """Combinations like 冷气+跳闸, their words in an order of their own."""
    return tuple(dict.fromkeys(tuple(sorted(entry.split("+"))) for entry in row.get("both", "").split()))


def _named(pairs: str) -> dict[str, str]:
    """租金=租金, 要+什么材料=所需材料."""
    found = (pair.split("=") for pair in pairs.split())
    return {"+".join(sorted(word.split("+"))): name for word, name in found}


def _named_en(pairs: str) -> dict[str, str]:
    """phone number=电话, where can i buy=购买地点."""
    found = (pair.strip().split("=") for pair in pairs.split(",") if pair.strip())
    return dict(found)


def _phrases(text: str) -> tuple[str, ...]:
    """English phrases, number words in digits as in a question."""
    return tuple(speech().in_digits(phrase) for part in text.split(",") if (phrase := part.strip().lower()))
