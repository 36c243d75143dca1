"""Hears typed pinyin: of all rows of known words that may be spelt so, the likeliest.

`knowledge/typed.py` asks an `Ear` about a stretch of letters, with the Chinese characters beside them, if any
("冷ku"). Words are weighed by how often people say them; a syllable that no word accounts for becomes its
commonest character. It knows nothing of what the words mean.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from knowledge.combining import Combinations
from knowledge.indexing import undisturbed
from knowledge.lexicon import Lexicon
from knowledge.pinyin import NEARLY, Readings, fold, is_syllable, spelling, syllables
from knowledge.speech import speech

LONGEST = 8  # syllables of a word
FIRST, STEEPER = 3.0, 1.0  # what the commonest word costs, and how fast words get dearer by their rank
PHRASE, RARE = 10.0, 11.0  # what a phrase of the notice's vocabulary costs, and any other word
STRANGE = 10.5  # a syllable that no known word accounts for
LAZY, WRONG, DULL = 1.5, 4.5, 3.0  # z typed for zh, zh for z, l for n
_SHARP = re.compile(r"([zcs])h")
_LATIN = re.compile(r"(?<=[\u3400-\u9fff])[a-z]+|[a-z]+(?=[\u3400-\u9fff])")
_UNIT = re.compile(r"([a-z]+|[\u3400-\u9fff])[' ]*")


class Syllable(NamedTuple):
    """As it was typed, or a character that stands there; the folded sound, and where the next one begins."""

    typed: str
    sound: str
    end: int


class Way(NamedTuple):
    """The likeliest words up to a place."""

    cost: float
    word: str
    before: int


@dataclass(frozen=True, slots=True)
class Ear:
    """Words by their sounds, each with its cost; `_longer`: two sounds → the most syllables so begun."""

    _words: Mapping[str, Sequence[tuple[str, float]]]
    _longer: Mapping[str, int]
    _characters: Mapping[str, str]  # a syllable as it is spelt → its commonest character
    _topics: frozenset[str]  # words that say something
    _readings: Readings  # of them
    latin: frozenset[str]  # letters that are part of such a word: 村ba

    @classmethod
    def of(cls, phrases: Iterable[str], others: Iterable[str], readings: Readings) -> Ear:
        """`phrases` are the notice's vocabulary, `others` words of any kind, as often as they are said."""
        vocabulary = dict.fromkeys(phrases)  # of words that cost the same the first is heard
        topics, costs = frozenset(vocabulary), _costs(vocabulary, Counter(others))
        words: dict[str, list[tuple[str, float]]] = defaultdict(list)
        longer: dict[str, int] = {}
        for sounds, word in _with_sounds(costs):
            words[" ".join(sounds)].append((word, costs[word]))
            begun = " ".join(sounds[:2])
            longer[begun] = max(longer.get(begun, 0), len(word))
        latin = frozenset(_LATIN.findall("\n".join(topics)))
        return cls(words, longer, _commonest("".join(costs)), topics, readings, latin)

    def hear(self, text: str, prints: Callable[[str], bool]) -> str:
        """The text with its letters as the words they most likely stand for; "" when they are no pinyin.

        `prints` says whether the notice has a phrase: only in such a one a slip of a syllable is forgiven.
        """
        steps = _steps(text)
        if not steps:
            return ""
        ways: dict[int, Way] = {0: Way(0.0, "", 0)}
        end = len(text)
        for at in sorted(steps):
            if at not in ways:
                continue
            for word, cost, after in self._words_from(at, steps, end):
                total = ways[at].cost + cost
                if after not in ways or total < ways[after].cost:
                    ways[after] = Way(total, word, at)
        return self._mended(_followed(ways, end), prints)

    def _mended(self, words: Sequence[str], prints: Callable[[str], bool]) -> str:
        """One wrong syllable in a long phrase is a slip: "huiyuan chengshi" is 花园城市."""
        text = "".join(words)
        if any(len(word) > 2 and word in self._topics for word in words) or "~" in text:
            return text
        sounds = syllables(text)
        for size in reversed(NEARLY):
            for at in range(len(text) - size + 1):
                phrase = self._readings.nearly(tuple(sounds[at : at + size]))
                if phrase and prints(phrase):
                    return text[:at] + phrase + text[at + size :]
        return text

    def _words_from(
        self, at: int, steps: Mapping[int, Sequence[Syllable]], end: int
    ) -> Iterator[tuple[str, float, int]]:
        """Every word that may begin here, what it costs, and where it ends."""
        paths: list[tuple[Syllable, ...]] = [(first,) for first in steps[at]]
        while paths:
            path = paths.pop()
            after = path[-1].end
            yield from ((word, cost, after) for word, cost in self._spelt(path))
            if len(path) < LONGEST and after < end and self._goes_on(path):
                paths += [(*path, following) for following in steps.get(after, ())]

    def _goes_on(self, path: tuple[Syllable, ...]) -> bool:
        return len(path) < 2 or self._longer.get(f"{path[0].sound} {path[1].sound}", 0) > len(path)

    def _spelt(self, path: tuple[Syllable, ...]) -> Iterator[tuple[str, float]]:
        """Words that this row of syllables may mean; of a single one, itself at least."""
        if len(path) == 1:
            yield self._alone(path[0])
        elif all(not one.typed.isascii() for one in path):
            return  # characters that stand there need no reading
        for word, cost in self._words.get(" ".join([one.sound for one in path]), ()):
            slurs = [_slur(one.typed, meant) for one, meant in zip(path, _spelling(word), strict=True)]
            if all(one.typed.isascii() or one.typed == char for one, char in zip(path, word, strict=True)):
                yield word, cost + sum(slurs)

    def _alone(self, one: Syllable) -> tuple[str, float]:
        if not one.typed.isascii():
            return one.typed, 0.0
        return self._characters.get(one.typed) or f"~{one.sound}", STRANGE


def ear_for(
    lexicon: Lexicon, phrases: Iterable[str], readings: Readings, combinations: Combinations
) -> Callable[[], Ear]:
    """An ear that is made when the first pinyin is typed, and kept: most messages need none.

    Making it takes some tenths of a second, so a service does it once beforehand (`bot/library.py`).
    """

    @undisturbed()
    def made() -> Ear:
        together = (combinations.docs, lexicon.elsewhere_together.docs, lexicon.details_together.docs)
        combined = (word for docs in together for words in docs for word in words)
        others = chain(combined, sorted(lexicon.elsewhere), lexicon.details)
        return Ear.of(chain(phrases, readings.phrases), others, readings)

    return lru_cache(maxsize=1)(made)


def _costs(phrases: Iterable[str], others: Counter[str]) -> dict[str, float]:
    """What each word costs: by its rank among the words of asking, else by how often it is said."""
    often = math.log(sum(others.values()) + 1)
    costs = {word: RARE + min(0.0, often - math.log(n) - RARE) for word, n in others.items()}
    costs |= {phrase: min(costs.get(phrase, PHRASE), PHRASE) for phrase in phrases}
    for rank, word in enumerate(speech().aloud, 1):
        costs[word] = min(costs.get(word, RARE), FIRST + STEEPER * math.log(rank))
    return costs


def _with_sounds(words: Iterable[str]) -> Iterator[tuple[list[str], str]]:
    """Each word with a folded sound for each character; only words that have one."""
    chinese = [word for word in words if len(word) <= LONGEST and not word.isascii()]
    heard, start = syllables("\n".join(chinese)), 0
    for word in chinese:
        end = start + len(word)
        if all(sounds := heard[start:end]):
            yield sounds, word
            if "谁" in word:
                yield ["sei" if sound == "sui" else sound for sound in sounds], word  # 谁 is said shei, too
        start = end + 1


def _commonest(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for char, _ in Counter(text).most_common():
        found.setdefault(spelling(char)[0], char)
    return found


def _steps(text: str) -> dict[int, list[Syllable]]:
    """At each place the syllables that may begin there, of the ways to cut the whole, if there are any."""
    begun: dict[int, list[Syllable]] = {}
    for unit in _UNIT.finditer(text):
        start, end = unit.span(1)
        if unit[1].isascii():
            begun |= {at: _syllables_at(text, at, end, unit.end()) for at in range(start, end)}
        else:
            begun[start] = [Syllable(unit[1], syllables(unit[1])[0], unit.end())]
    return _leading(begun, len(text))


def _syllables_at(text: str, at: int, end: int, after: int) -> list[Syllable]:
    """`after` is where the next stretch begins: blanks between syllables say nothing."""
    cuts = (text[at:stop] for stop in range(at + 1, min(end, at + 6) + 1))
    legal = ((cut, at + len(cut)) for cut in cuts if is_syllable(cut))
    return [Syllable(cut, fold(cut), after if stop == end else stop) for cut, stop in legal]


def _leading(begun: Mapping[int, list[Syllable]], end: int) -> dict[int, list[Syllable]]:
    """Only what leads from the beginning to the end."""
    ending = {end}
    for at in sorted(begun, reverse=True):
        if any(one.end in ending for one in begun[at]):
            ending.add(at)
    reached = {0} & ending
    for at in sorted(begun):
        if at in reached:
            reached |= {one.end for one in begun[at] if one.end in ending}
    kept = ((at, [one for one in begun[at] if one.end in ending]) for at in sorted(reached & begun.keys()))
    return {at: ways for at, ways in kept if ways}


def _followed(ways: Mapping[int, Way], end: int) -> list[str]:
    words = []
    while end:
        words.append(ways[end].word)
        end = ways[end].before
    return words[::-1]


@lru_cache(maxsize=4_096)
def _spelling(word: str) -> tuple[str, ...]:
    return tuple(spelling(word))


@lru_cache(maxsize=4_096)
def _slur(typed: str, meant: str) -> float:
    """How unlikely it is that somebody who means this syllable types that one."""
    typed, meant, cost = typed.replace("v", "u"), meant.replace("v", "u"), 0.0
    if typed == meant or not typed.isascii():
        return cost
    if bool(_SHARP.match(typed)) != bool(_SHARP.match(meant)):
        cost += WRONG if _SHARP.match(typed) else LAZY
    if typed.endswith("ng") != meant.endswith("ng"):
        cost += WRONG if typed.endswith("ng") else LAZY
    if typed[0] != meant[0] and "l" in (typed[0], meant[0]):
        cost += DULL
    return cost
