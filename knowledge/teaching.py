"""Lays what the office teaches over an index: phrases that now mean one point and nothing else.

`Index.taught` calls it with the rows of `storage/taught.py`. Only small tables are copied; the index
underneath is never changed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from knowledge.grams import grams_of, telling
from knowledge.lexicon import Lexicon
from knowledge.notice import WorkPoint
from knowledge.pinyin import Readings, Sounds, initials, split, syllables
from knowledge.stems import stem

LATIN_WORD = re.compile(r"[a-z0-9'&.+-]+")
_LETTERS = re.compile(r"[a-z]+")


class Said(NamedTuple):
    """The sayings that have a gram, by kind of gram."""

    singles: dict[str, tuple[int, ...]]
    pairs: dict[str, tuple[int, ...]]
    sounds: dict[str, tuple[int, ...]]


def key(phrase: str) -> str:
    """A phrase as it is looked up: Latin words by their stems, anything else as it is."""
    return " ".join(map(stem, LATIN_WORD.findall(phrase))) if phrase.isascii() else phrase


def pieces_of(quote: str, point: WorkPoint, pieces: Sequence[tuple[int, str]]) -> tuple[int, ...]:
    """The point's pieces that share characters with the quote; its title for the point as a whole.

    `pieces` are all the point's pieces, numbered, the title first. None where the quote does not stand there.
    """
    start = point.text.find(quote)
    title = pieces[0][0]
    if start < 0 or quote in ("", point.title):
        return () if start < 0 else (title,)
    found, at = [], len(point.title)
    for number, text in pieces[1:]:
        at = max(at, point.text.find(text, at))
        if at < start + len(quote) and start < at + len(text):
            found.append(number)
    return tuple(found) or (title,)


def said(phrases: Iterable[str], first: int) -> Said:
    """The phrases' grams, when each phrase is a saying and the sayings are numbered from `first`."""
    tables: list[defaultdict[str, list[int]]] = [defaultdict(list) for _ in Said._fields]
    for saying, phrase in enumerate(phrases, first):
        for table, grams in zip(tables, grams_of(_words(phrase)), strict=True):
            for gram in grams:
                table[gram].append(saying)
    return Said(*({gram: tuple(sayings) for gram, sayings in table.items()} for table in tables))


def without(lexicon: Lexicon, phrases: Collection[str]) -> Lexicon:
    """What was taught is neither foreign to the notice nor a mere detail."""
    latin = frozenset(phrase for phrase in phrases if phrase.isascii())
    return replace(
        lexicon,
        elsewhere=lexicon.elsewhere.difference(phrases),
        elsewhere_en=frozenset(word for word in lexicon.elsewhere_en if not latin or key(word) not in latin),
        details={word: name for word, name in lexicon.details.items() if word not in phrases},
        elsewhere_from=_without(lexicon.elsewhere_from, phrases),
        details_from=_without(lexicon.details_from, phrases),
    )


def _without(table: Mapping[str, tuple[str, ...]], phrases: Collection[str]) -> dict[str, tuple[str, ...]]:
    found = dict(table)
    for first in {phrase[0] for phrase in phrases} & found.keys():
        found[first] = tuple(word for word in found[first] if word not in phrases)
    return found


def unnamed(
    sections: Mapping[int, tuple[str, ...]], phrases: Collection[str]
) -> Mapping[int, tuple[str, ...]]:
    """The sections without the taught phrases among the ways people say them; a title stays a title."""
    return {
        number: (*names[:2], *(name for name in names[2:] if name not in phrases))
        for number, names in sections.items()
    }


def abbreviated(
    abbreviations: Mapping[str, tuple[str, ...]], phrases: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Initials with those of the phrases; letters that were taught (hcb) stand for themselves alone."""
    found = dict(abbreviations)
    for phrase in phrases:
        if _LETTERS.fullmatch(phrase):
            found[phrase] = (phrase,)
        elif 2 <= len(phrase) <= 8 and (short := initials(phrase)):
            found.setdefault(short, (phrase,))
    return found


def heard_as(readings: Readings, phrases: Iterable[str]) -> Readings:
    """Readings with those of the phrases; a Latin word that could be pinyin is heard as itself."""
    more: dict[Sounds, str] = {}
    for phrase in phrases:
        if _LETTERS.fullmatch(phrase):
            if (sounds := split(phrase)) and len(sounds) > 1:
                more[sounds] = phrase
        elif all(sounds := tuple(syllables(phrase))) and not readings.get(sounds):
            more.setdefault(sounds, phrase)
    return readings.with_more(more.items())


def english_words(phrases: Iterable[str]) -> frozenset[str]:
    """Words of phrases of several Latin words; a single one may as well be an abbreviation."""
    return frozenset(w for phrase in phrases if phrase.isascii() and " " in phrase for w in phrase.split())


def owned(
    run: Sequence[str], phrases: Mapping[str, tuple[int, ...]]
) -> dict[tuple[int, int], tuple[int, ...]]:
    """Which words and pairs of a run lie inside a taught phrase, by place, and the pieces they stand for.

    The office has said what these characters mean here, so what else they resemble counts for nothing.
    """
    found: dict[tuple[int, int], tuple[int, ...]] = {}
    for phrase, pieces in phrases.items():
        words = _words(phrase)
        for start in range(len(run) - len(words) + 1):
            if list(run[start : start + len(words)]) == words:
                stop = start + len(words)
                inside = [(at, end) for at in range(start, stop) for end in (at + 1, at + 2) if end <= stop]
                found |= dict.fromkeys(inside, pieces)
    return found


def _words(phrase: str) -> list[str]:
    """The words a question's run has for this phrase: English function words are gone from it."""
    return telling(phrase)
