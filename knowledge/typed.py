"""Reads typed pinyin and initials ("lenglian shei guan", "hymc") back into the phrases they stand for.

`knowledge/question.py` calls it first. English is left alone, and a syllable that fits no known phrase stays
as "~syllable", to be matched by its sound.
"""

from __future__ import annotations

import re
from functools import lru_cache

from knowledge.indexing import stem
from knowledge.match import Index
from knowledge.normalize import has_chinese
from knowledge.pinyin import split, syllables
from knowledge.speech import speech

MOST_WORDS = 40  # a longer text in letters is no pinyin typed by hand
_LETTERS = re.compile(r"[a-z]+")


def read_aloud(words: str, index: Index) -> str:
    """The text with pinyin and initials replaced by the phrases that sound so."""
    letters = _LETTERS.findall(words)
    if not letters or len(letters) > MOST_WORDS:
        return words
    if has_chinese(words):
        return _LETTERS.sub(lambda m: _among_chinese(m[0], index), words)
    if _looks_english(letters, index):
        return words
    heard: list[str] = []
    for word in letters:
        found = split(word) if len(word) > 1 else None
        if found is None:
            return _LETTERS.sub(lambda m: _among_chinese(m[0], index), words)
        heard.extend(found)
    return re.sub(r"[a-z][a-z' ]*", "", words) + _phrases(heard, index)


def is_stopword(word: str) -> bool:
    """English words that carry no subject of their own."""
    return word in speech().english_stop or stem(word) in speech().english_stop


def _looks_english(letters: list[str], index: Index) -> bool:
    known = sum(stem(w) in index.english or is_stopword(w) for w in letters)
    pinyin = sum(bool(split(w)) for w in letters)
    return known > len(letters) / 2 or (known > 0 and pinyin < len(letters))


def _among_chinese(word: str, index: Index) -> str:
    """One run of letters beside Chinese: several syllables, or initials of a known phrase."""
    if stem(word) in index.english and word not in index.abbreviations:
        return word
    found = split(word)
    if found and len(found) > 1:
        return _phrases(list(found), index)
    names = index.abbreviations.get(word, ())
    return names[0] if names and len(word) >= 3 else word


def _phrases(heard: list[str], index: Index) -> str:
    asked = _asking_sounds()
    out: list[str] = []
    at = 0
    while at < len(heard):
        for size in range(min(8, len(heard) - at), 0, -1):
            key = tuple(heard[at : at + size])
            if phrase := asked.get(key) or (index.readings.get(key) if size > 1 else None):
                out.append(phrase)
                at += size
                break
        else:
            out.append(f"~{heard[at]}")
            at += 1
    return "".join(out)


@lru_cache(maxsize=1)
def _asking_sounds() -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    for word in speech().aloud:
        found.setdefault(tuple(syllables(word)), word)
    return found
