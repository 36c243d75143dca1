"""Sounds of Chinese: folded syllables of characters, and Latin letters read back as syllables.

Matching uses it to see through homophone typos and typed pinyin. Folding joins the sounds that southern
speakers write alike (zh/z, ch/c, sh/s, n/l, -ng/-n). It never decides anything by itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

# Words whose characters do not have their commonest reading; enough for a notice of this kind.
_READINGS = {
    "银行": "yin hang",
    "行业": "hang ye",
    "同行": "tong hang",
    "长者": "zhang zhe",
    "校长": "xiao zhang",
    "市长": "shi zhang",
    "县长": "xian zhang",
    "局长": "ju zhang",
    "增长": "zeng zhang",
    "成长": "cheng zhang",
    "率": "lv",
    "重建": "chong jian",
    "调整": "tiao zheng",
    "调解": "tiao jie",
    "圩": "xu",
    "传统": "chuan tong",
    "还": "hai",
    "都": "dou",
    "哪": "na",
    "单枞": "dan cong",
    "快乐": "kuai le",
    "音乐": "yin yue",
    "会计": "kuai ji",
    "供给": "gong ji",
    "便宜": "pian yi",
    "差距": "cha ju",
    "出差": "chu chai",
    "模式": "mo shi",
    "了解": "liao jie",
    "什么": "shen me",
    "怎么": "zen me",
    "那些": "na xie",
    "参与": "can yu",
    "给": "gei",
    "得": "de",
    "着": "zhe",
    "地": "di",
    "好": "hao",
    "干": "gan",
}
_UNUSUAL = re.compile("|".join(sorted(_READINGS, key=len, reverse=True)))
_INITIAL = re.compile(r"zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]")
_LONGEST = 64  # letters of one run that are read as pinyin
NEARLY = range(4, 9)  # syllables of a phrase in which one may be wrong
Sounds = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Readings:
    """Phrases by what they sound like: the first of those that sound alike."""

    _phrases: Mapping[Sounds, str]
    _alike: Mapping[str, tuple[Sounds, ...]]  # first letters of the syllables → readings that have them
    _begins: Mapping[Sounds, int]  # the first two syllables → a bit for the length of each that begins so

    @classmethod
    def of(cls, phrases: Mapping[Sounds, str]) -> Readings:
        alike: dict[str, list[Sounds]] = defaultdict(list)
        for sounds in phrases:
            if len(sounds) in NEARLY:
                alike[_first_letters(sounds)].append(sounds)
        return cls(phrases, {letters: tuple(group) for letters, group in alike.items()}, _begins(phrases))

    @property
    def phrases(self) -> Iterable[str]:
        return self._phrases.values()

    def get(self, sounds: Sounds, default: str = "") -> str:
        return self._phrases.get(sounds, default)

    def lengths(self, sounds: Sequence[str]) -> int:
        """How long the readings are that begin with these two syllables: a bit for each length."""
        return self._begins.get((sounds[0], sounds[1]), 0)

    def nearly(self, sounds: Sounds) -> str:
        """The only phrase that differs in one syllable beginning with the right letter, "" if several do."""
        alike = self._alike.get(_first_letters(sounds), ()) if all(sounds) else ()
        near = [
            self._phrases[known]
            for known in alike
            if sum(a != b for a, b in zip(known, sounds, strict=True)) == 1
        ]
        return near[0] if len(near) == 1 else ""

    def with_more(self, phrases: Iterable[tuple[Sounds, str]]) -> Readings:
        """The same with other phrases for these sounds."""
        more, alike = dict(phrases), dict(self._alike)
        for sounds in more.keys() - self._phrases.keys():
            if len(sounds) in NEARLY:
                alike[_first_letters(sounds)] = (*alike.get(_first_letters(sounds), ()), sounds)
        begins = dict(self._begins)
        for begin, lengths in _begins(more).items():
            begins[begin] = begins.get(begin, 0) | lengths
        return Readings({**self._phrases, **more}, alike, begins)


def _begins(phrases: Iterable[Sounds]) -> dict[Sounds, int]:
    found: dict[Sounds, int] = {}
    for sounds in phrases:
        if len(sounds) > 1:
            found[sounds[:2]] = found.get(sounds[:2], 0) | 1 << len(sounds)
    return found


def _first_letters(sounds: Sounds) -> str:
    return "".join([syllable[0] for syllable in sounds])


def syllables(text: str) -> list[str]:
    """One folded syllable for each character; "" for anything that is not a Chinese character."""
    sounds = list(map(_tables()[0].__getitem__, text))
    for word in _UNUSUAL.finditer(text):
        sounds[word.start() : word.end()] = map(fold, _READINGS[word[0]].split())
    return sounds


def spelling(text: str) -> list[str]:
    """The same as it is spelt: zhang, where `syllables` has zan."""
    spelt = list(map(_tables()[1].__getitem__, text))
    for word in _UNUSUAL.finditer(text):
        spelt[word.start() : word.end()] = _READINGS[word[0]].split()
    return spelt


def is_syllable(letters: str) -> bool:
    """Whether these are one toneless syllable of Mandarin; v stands for ü."""
    return letters.replace("v", "u") in _legal()


@lru_cache(maxsize=4096)
def split(letters: str) -> tuple[str, ...] | None:
    """A run of letters as folded syllables ("lenglian" → len, lian), or None when it is not pinyin."""
    letters = letters.replace("v", "u").replace("'", "")
    if not letters.isascii() or not letters.isalpha() or len(letters) > _LONGEST:
        return None
    best: list[tuple[str, ...] | None] = [()] + [None] * len(letters)
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - 6), end):
            head = best[start]
            if head is None or letters[start:end] not in _legal():
                continue
            candidate = (*head, letters[start:end])
            known = best[end]
            if known is None or len(candidate) < len(known):
                best[end] = candidate
    found = best[len(letters)]
    return tuple(map(fold, found)) if found else None


def initials(text: str) -> str:
    """First letters as people abbreviate: 深圳帮扶 → szbf. Empty unless every character is Chinese."""
    letters = [syllable[:1] for syllable in spelling(text)]
    return "".join(letters) if all(letters) else ""


@lru_cache(maxsize=512)
def fold(syllable: str) -> str:
    """zhang and zan alike: what a southern ear does not tell apart."""
    found = _INITIAL.match(syllable)
    initial = found[0] if found else ""
    final = syllable[len(initial) :].replace("v", "u").replace("ü", "u")
    initial = {"zh": "z", "ch": "c", "sh": "s", "n": "l"}.get(initial, initial)
    if final.endswith("ng") and final != "ong":
        final = final[:-1]
    return initial + final


class _Silent(dict[str, str]):
    """What is not in the table, Latin letters for one, has no sound."""

    def __missing__(self, char: str) -> str:
        return ""


@lru_cache(maxsize=1)
def _tables() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Characters with their folded syllables, and with these as they are spelt."""
    sounds, spelt = _Silent(), _Silent()
    for line in (files("knowledge") / "data" / "sounds.txt").read_text("utf-8").splitlines():
        syllable, _, characters = line.partition(" ")
        if syllable != "#":
            sounds |= dict.fromkeys(characters, fold(syllable))
            spelt |= dict.fromkeys(characters, syllable)
    return sounds, spelt


@lru_cache(maxsize=1)
def _legal() -> frozenset[str]:
    """Every toneless syllable of Mandarin."""
    table = {
        "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
        "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
        "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
        "f": "a an ang ei en eng o ou u",
        "d": "a ai an ang ao e ei en eng i ian iao ie ing iu ong ou u uan ui un uo",
        "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
        "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan uo ue",
        "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu ong ou u uan un uo ue",
        "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
        "k": "a ai an ang ao e en eng ong ou u ua uai uan uang ui un uo",
        "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
        "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
        "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
        "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
        "zh": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
        "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
        "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
        "r": "an ang ao e en eng i ong ou u uan ui un uo",
        "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
        "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
        "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
        "y": "a an ang ao e i in ing o ong ou u uan ue un",
        "w": "a ai an ang ei en eng o u",
    }
    whole = {"a", "ai", "an", "ang", "ao", "e", "en", "er", "ou", "o"}
    return frozenset(
        whole | {initial + final for initial, finals in table.items() for final in finals.split()}
    )
