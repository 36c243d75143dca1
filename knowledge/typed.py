"""Reads typed pinyin and initials ("lenglian shei guan", "hymc") back into the phrases they stand for.

`knowledge/question.py` calls it first. English is left alone, and a syllable that fits no known phrase stays
as "~syllable", to be matched by its sound.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from knowledge.match import Index
from knowledge.normalize import has_chinese
from knowledge.pinyin import split, syllables
from knowledge.speech import speech
from knowledge.stems import is_stopword, stem

LONGEST_HEARD = 8  # syllables of a phrase
MOST_WORDS = 40  # a longer text in letters is no pinyin typed by hand
_LETTERS = re.compile(r"[a-z]+")
_NUMBERS = dict(
    zip(["yi", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu", "shi"], "一二三四五六七八九十", strict=True)
)
_POINT = re.compile(rf"\b(?:di\s*)?(\d{{1,2}}|(?<=di )(?:(?:{'|'.join(_NUMBERS)})\s*)+)\s*tiao\b")
_SLIP = re.compile(r"(?<=[aeiu])m(?![aeiouv])")  # "lengliam": no syllable ends in m
_ALONE = frozenset({"sui", "sei", "de"})  # 谁 and 的 are heard after anything


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
    if has_chinese(words):
        return _piecewise(words, index)
    if _looks_english(letters, index):
        return Aloud(words)
    heard: list[str] = []
    for word in letters:
        found = split(_SLIP.sub("n", word)) if len(word) > 1 else None
        if found is None:
            return _piecewise(words, index)
        heard.extend(found)
    return Aloud(re.sub(r"[a-z][a-z' ]*", "", words) + _phrases(heard, index))


def _point(found: re.Match[str]) -> str:
    """ "17tiao", "di shi qi tiao": a point's number."""
    return "第" + re.sub(r"[a-z]+", lambda m: _spelt(m[0]), "".join(found[1].split())) + "条"


def _spelt(letters: str) -> str:
    return re.sub("|".join(sorted(_NUMBERS, key=len, reverse=True)), lambda m: _NUMBERS[m[0]], letters)


def _looks_english(letters: list[str], index: Index) -> bool:
    known = sum(stem(w) in index.english or is_stopword(w) for w in letters)
    pinyin = sum(bool(split(w)) for w in letters)
    return known > len(letters) / 2 or (known > 0 and pinyin < len(letters))


def _piecewise(words: str, index: Index) -> Aloud:
    """Each run of letters by itself: several syllables, or initials of known phrases."""
    maybe: list[str] = []

    def one(found: re.Match[str]) -> str:
        word = found[0]
        if stem(word) in index.english and word not in index.abbreviations:
            return word
        syllables_of = split(word) or split(_SLIP.sub("n", word))
        if syllables_of and len(syllables_of) > 1:
            return _phrases(list(syllables_of), index)
        short = len(word) >= 3 or not split(word)  # “li” is a syllable, “ll” can only be initials
        names = index.abbreviations.get(word, ()) if short else ()
        if word in index.lexicon.elsewhere or word in index.lexicon.elsewhere_en:
            return word
        if len({index.phrases[name] for name in names}) > 1:
            maybe.extend(names)
            return " "
        return names[0] if names else word

    return Aloud(_LETTERS.sub(one, words), tuple(maybe))


def _phrases(heard: list[str], index: Index) -> str:
    """The syllables as the fewest, longest phrases: "zai di ji tiao" is 在 and 第几条, not 宅地 and 几条."""
    best: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    for end in range(1, len(heard) + 1):
        size, word = 1, _word(tuple(heard[end - 1 : end]), index)
        ways = [_joined_on(best[end - 1], size, word or f"~{heard[end - 1]}")]
        for size in range(2, min(LONGEST_HEARD, end) + 1):
            if word := _word(tuple(heard[end - size : end]), index):
                ways.append(_joined_on(best[end - size], size, word))
        best.append(max(ways, key=lambda way: way[0]))
    return _mended(_sobered(list(best[-1][1])), index)


def _joined_on(way: tuple[int, tuple[str, ...]], size: int, word: str) -> tuple[int, tuple[str, ...]]:
    return way[0] + size * size * (word[0] != "~"), (*way[1], word)


def _word(sounds: tuple[str, ...], index: Index) -> str:
    return _asking_sounds().get(sounds) or (index.readings.get(sounds) if len(sounds) > 1 else "")


def _sobered(words: list[str]) -> list[str]:
    """One more syllable of something unknown is no 和, 是 or 在."""
    for at in range(1, len(words)):
        if (
            len(words[at]) == 1
            and words[at - 1][0] == "~"
            and (sound := syllables(words[at])[0]) not in _ALONE
        ):
            words[at] = f"~{sound}"
    return words


def _mended(out: list[str], index: Index) -> str:
    """One wrong syllable in a long phrase is a slip: "huiyuan chengshi" is 花园城市."""
    unheard = sum(word.startswith("~") for word in out)
    if unheard < 3 or any(len(word) > 3 and word[0] != "~" for word in out):
        return "".join(out)
    sounds = [s for word in out for s in ([word[1:]] if word[0] == "~" else syllables(word))]
    for size in range(min(8, len(sounds)), 3, -1):
        for at in range(len(sounds) - size + 1):
            if phrase := _nearly(tuple(sounds[at : at + size]), index):
                rest = [f"~{s}" for s in sounds[at + size :]]
                return "".join((*(f"~{s}" for s in sounds[:at]), phrase, *rest))
    return "".join(out)


def _nearly(sounds: tuple[str, ...], index: Index) -> str:
    """The only phrase that differs from these sounds in one syllable, none if there are several."""
    return index.readings.nearly(sounds)


@lru_cache(maxsize=1)
def _asking_sounds() -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    for word in speech().aloud:
        heard = tuple(syllables(word))
        found.setdefault(heard, word)
        found.setdefault(tuple("sei" if s == "sui" else s for s in heard), word)  # 谁 is said shei, too
    return found
