"""Reads typed pinyin and initials ("lenglian shei guan", "hymc") back into the phrases they stand for.

`knowledge/question.py` calls it first; `knowledge/hearing.py` finds the words. English is left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.match import Index
from knowledge.normalize import has_chinese
from knowledge.pinyin import split
from knowledge.stems import is_stopword, stem

MOST_WORDS = 60  # a longer text in letters is no pinyin typed by hand
_LETTERS = re.compile(r"[a-z]+")
_CHINESE = "[\u3400-\u9fff]"
# Letters, with the few characters beside them that may belong to one word with them (冷ku).
_STRETCH = re.compile(rf"(?:{_CHINESE}{{0,4}}+ ?+[a-z][a-z' ]*+)++{_CHINESE}{{0,4}}+")
_NUMBERS = dict(
    zip(["yi", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu", "shi"], "一二三四五六七八九十", strict=True)
)
_POINT = re.compile(rf"\b(?:di\s*)?(\d{{1,2}}|(?<=di )(?:(?:{'|'.join(_NUMBERS)})\s*)+)\s*tiao\b")
_SLIP = re.compile(r"(?<=[aeiu])m(?![aeiouv])")  # "lengliam": no syllable ends in m


@dataclass(frozen=True, slots=True)
class Aloud:
    """`words` with phrases for what sounds like them; `maybe`: what initials may mean, if several things."""

    words: str
    maybe: tuple[str, ...] = ()


def read_aloud(words: str, index: Index) -> Aloud:
    """The text with pinyin and initials replaced by the phrases that sound so."""
    words = _POINT.sub(_point, words) if "tiao" in words else words
    letters = _LETTERS.findall(words)
    if not letters or len(letters) > MOST_WORDS:
        return Aloud(words)
    mixed, maybe = has_chinese(words), list[str]()
    if not mixed and _looks_english(letters, index):
        return Aloud(words)
    told = _LETTERS.sub(lambda m: _told_apart(m[0], index, maybe, mixed), words)
    return Aloud(_STRETCH.sub(lambda m: _heard(m[0], index), told).lower(), tuple(maybe))


def _point(found: re.Match[str]) -> str:
    """ "17tiao", "di shi qi tiao": a point's number."""
    return "第" + re.sub(r"[a-z]+", lambda m: _spelt(m[0]), "".join(found[1].split())) + "条"


def _spelt(letters: str) -> str:
    return re.sub("|".join(sorted(_NUMBERS, key=len, reverse=True)), lambda m: _NUMBERS[m[0]], letters)


def _looks_english(letters: list[str], index: Index) -> bool:
    known = [w for w in letters if stem(w) in index.english or is_stopword(w)]
    if all(map(split, letters)):  # “fu qiang fu you” is no English, “women” is
        return len(known) == len(letters) < 3
    return len(known) > len(letters) / 2 or not all(map(split, known))


def _told_apart(word: str, index: Index, maybe: list[str], mixed: bool) -> str:
    """One run of letters: pinyin as it is, the phrase that initials stand for, anything else in capitals.

    A word that the office taught is itself, even if it could be pinyin, and so are the letters of 村ba.
    """
    sounds = split(word) or split(_SLIP.sub("n", word))
    english = stem(word) in index.english and word not in index.abbreviations
    itself = (sounds and index.readings.get(sounds) == word) or (mixed and word in index.ear().latin)
    if itself or (english and (mixed or not sounds)):
        return word.upper()
    if sounds and (len(sounds) > 1 or (split(word) and len(word) > 1 and not (mixed and word == "ai"))):
        return word if split(word) else _SLIP.sub("n", word)
    if word in index.lexicon.elsewhere or word in index.lexicon.elsewhere_en:
        return word.upper()
    names = index.abbreviations.get(word, ())
    if len({index.phrases[name] for name in names}) > 1:
        maybe.extend(names)
        return " "
    return names[0] if names else word.upper()


def _heard(stretch: str, index: Index) -> str:
    found = index.ear().hear(stretch.strip(), index.prints)
    before, after = stretch[: -len(stretch.lstrip())], stretch[len(stretch.rstrip()) :]
    return f"{before}{found}{after}" if found else stretch
