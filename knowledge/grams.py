"""Cuts texts into words, and these into grams: single words, pairs of neighbours, and what pairs sound like.

The notice, the lexicon and questions are all cut here, so that they can be compared. It knows no index.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from operator import add

from knowledge.pinyin import syllables
from knowledge.stems import is_stopword, stem

BREAK = "\n"  # between phrases that are read together
WORD = re.compile(r"[a-z][a-z0-9'&.-]*|\d+(?:\.\d+)?%?|[\u3400-\u9fff]")
_WORD_OR_BREAK = re.compile(f"{WORD.pattern}|{BREAK}")
_CHINESE_ONLY = re.compile("[\u3400-\u9fff]+")
_CHINESE_OR_BREAK = re.compile(f"[\u3400-\u9fff{BREAK}]+")


def words_of(text: str) -> list[str]:
    """Chinese characters one by one; Latin words (stemmed) and numbers whole."""
    return [w if len(w) == 1 else stem(w) for w in WORD.findall(text)]


def telling(text: str) -> list[str]:
    """The same without the English words that carry no subject of their own."""
    if _CHINESE_ONLY.fullmatch(text):
        return list(text)
    return [w if len(w) == 1 else stem(w) for w in WORD.findall(text) if not (w.isascii() and is_stopword(w))]


def broken(phrases: Iterable[str]) -> list[str]:
    """The words of many phrases at once, with a break after each phrase but the last."""
    text = BREAK.join(phrases)
    if _CHINESE_OR_BREAK.fullmatch(text):
        return list(text)
    return [w if len(w) == 1 else stem(w) for w in _WORD_OR_BREAK.findall(text)]


def join(a: str, b: str) -> str:
    """The key of two neighbours: 冷链, or "cold storage"."""
    return a + b if len(a) == len(b) == 1 else f"{a} {b}"


def grams_of(words: list[str]) -> tuple[set[str], set[str], set[str]]:
    """The single words, the pairs of neighbours, and what the pairs sound like."""
    text = "".join(words)
    if text.isascii():  # English has no sounds
        return (
            set(words),
            {f"{a} {b}" if len(a) > 1 or len(b) > 1 else a + b for a, b in pairwise(words)},
            set(),
        )
    if len(text) == len(words):  # no Latin words or numbers among them
        pairs = set(map(add, text, text[1:]))
    else:
        text = "".join(w if len(w) == 1 else " " for w in words)
        pairs = {join(a, b) for a, b in set(pairwise(words))}
    heard = set(pairwise(syllables(text)))
    return set(words), pairs, {f"{a} {b}" for a, b in heard if a and b}
