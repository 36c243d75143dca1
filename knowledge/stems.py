"""English words made comparable: "protected", "protection" and "preserving" have something in common.

`knowledge/indexing.py` compares words by their stems; which words mean the same is in `speech.toml`.
"""

from __future__ import annotations

from functools import lru_cache

from knowledge.speech import speech

_VOWELS = frozenset("aeiouy")
# Endings of verbs and of nouns made of verbs, with how much of a word must be left.
_ENDINGS = (("ment", 5), ("ing", 4), ("ed", 4), ("ion", 5))


@lru_cache(maxsize=8_192)
def stem(word: str) -> str:
    word = singular(word)
    same = speech().english_same
    if word in same or len(word) < 4 or not word.isascii() or not word.isalpha():
        return same.get(word, word)
    root = _root(word)
    return same.get(root, root)


@lru_cache(maxsize=8_192)
def is_stopword(word: str) -> bool:
    """English words that carry no subject of their own."""
    stop = speech().english_stop
    return word in stop or singular(word) in stop


def singular(word: str) -> str:
    """One road of many; "organisation" is spelt "organization"."""
    word = word.strip("'.-").removesuffix("'s").replace("isation", "ization").replace("centre", "center")
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _root(word: str) -> str:
    """What is left without its ending; a final e makes no difference then."""
    for ending, left in _ENDINGS:
        root = word.removesuffix(ending)
        if root != word and len(root) >= left and not _VOWELS.isdisjoint(root):
            word = root[:-1] if root[-1] == root[-2] and root[-1] not in "sl" else root
            break
    return word.removesuffix("e") if len(word) > 4 else word
