"""Which point a question leans to, whatever its words: naive Bayes over single characters and pairs.

It learns from what people asked (`knowledge/data/asked.tsv`), the lexicon and the notice; what is not there
leans to none. `handlers/ask.py` asks it for a second opinion where the known words say too little.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from itertools import chain, pairwise

from knowledge.lexicon import Lexicon
from knowledge.normalize import plain
from knowledge.notice import Notice

NOWHERE = 0  # what the notice does not deal with
LARGEST = 250  # points; a province's say the same a hundred times, and its questions lean to none of them
LEVEL, HIGHEST = 32, 255  # what a gram speaks is kept in steps of 1/32, in a byte
ASKED, SAID = 3, 1  # what an example counts for: a whole question, a saying
SMOOTH = 0.33  # what a gram counts for that no example of a point has
LONGEST = 200  # characters of a question that are looked at
SEEN = 2  # a gram of one example alone tells nothing
_NUMBER = re.compile(r"\d+")
_PART = re.compile(r"[^。;,、]{3,}")

Example = tuple[str, int, int]  # comparable text, point, what it counts for
Leant = tuple[int, float]  # a point and its share of the likelihood


@dataclass(frozen=True, slots=True)
class Leaning:
    """`_speaks`: for each gram, points and how much it speaks for each, in turn; `_rest`: what others do."""

    _speaks: Mapping[str, bytes] = field(default_factory=dict)
    _rest: Mapping[int, float] = field(default_factory=dict)

    @classmethod
    def of(cls, notice: Notice, lexicon: Lexicon) -> Leaning:
        """Of everything at hand that speaks of this notice; of a large one, nothing."""
        if len(notice.points) > LARGEST:
            return cls()
        return cls.learnt([*_asked(notice), *_sayings(notice, lexicon), *_clauses(notice)])

    @classmethod
    def learnt(cls, examples: Iterable[Example]) -> Leaning:
        """Multinomial naive Bayes with every point as likely as any other."""
        counts: dict[str, Counter[int]] = defaultdict(Counter)
        seen = Counter[str]()
        for text, point, weight in examples:
            for gram in _grams(text):
                counts[gram][point] += weight
                seen[gram] += 1
        known = {gram: found for gram, found in counts.items() if seen[gram] >= SEEN}
        sums = Counter[int]()
        for found in known.values():
            sums.update(found)
        speaks = {gram: bytes(chain(*map(_level, found.items()))) for gram, found in known.items()}
        rest = {point: math.log(SMOOTH / (total + SMOOTH * len(known))) for point, total in sums.items()}
        return cls(speaks, rest)

    def likeliest(self, text: str) -> Leant:
        """The point and its share of the likelihood, 0 to 1; a long question is not surer for its length."""
        told = [found for gram in _grams(plain(text[:LONGEST])) if (found := self._speaks.get(gram))]
        if not told:
            return NOWHERE, 0.0
        sums = {point: len(told) * rest for point, rest in self._rest.items()}
        for found in told:
            for point, level in zip(found[::2], found[1::2], strict=True):
                sums[point] += level / LEVEL
        best = max(sums, key=sums.__getitem__)
        scale = math.sqrt(len(told))
        return best, 1 / sum(math.exp((each - sums[best]) / scale) for each in sums.values())


@lru_cache(maxsize=512)
def _level(told: tuple[int, int]) -> tuple[int, int]:
    point, count = told
    return point, min(HIGHEST, round(LEVEL * math.log((count + SMOOTH) / SMOOTH)))


def _grams(words: str) -> set[str]:
    """Of a comparable text."""
    words = _NUMBER.sub("0", words)
    return {*words, *map("".join, pairwise(words))}


def _asked(notice: Notice) -> Iterator[Example]:
    """Questions by the title of the point they meant, none for what is not in the notice."""
    numbers = {point.title: point.number for point in notice.points} | {"": NOWHERE}
    for line in (files("knowledge") / "data" / "asked.tsv").read_text("utf-8").splitlines():
        title, _, question = line.partition("\t")
        if (number := numbers.get(title)) is not None:
            yield plain(question), number, ASKED


def _sayings(notice: Notice, lexicon: Lexicon) -> Iterator[Example]:
    for say in lexicon.says:
        points = [point.number for point in notice.points if say.quote in point.text]
        if len(points) == 1:
            yield from ((phrase, points[0], SAID) for phrase in (*say.zh, *say.en))
    for word in (*lexicon.elsewhere, *lexicon.elsewhere_en, *lexicon.details):
        yield word, NOWHERE, SAID


def _clauses(notice: Notice) -> Iterator[Example]:
    for point in notice.points:
        yield from ((part, point.number, SAID) for part in _PART.findall(plain(point.text)))
