"""The grams of a question: its words, pairs of neighbours, and sounds where the characters are unknown.

`Index.search` reads a question's runs into `Terms` and hands them to `knowledge/scoring.py`. Here is what
each kind of gram is worth, and how much of a question there is to explain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from knowledge.grams import join
from knowledge.pinyin import syllables
from knowledge.postings import SAID, Gram, Term, View
from knowledge.teaching import owned

PAIR, SINGLE, SOUND = 1.0, 0.22, 0.75  # what each kind is worth
UNKNOWN = 0.6  # how much of the rarest gram's weight an unknown one has: it is unexplained, not proof
STOP = frozenset(
    "的了吗呢啊吧嘛呀哦哈是在有要和跟与及我你他它这那个把被就都也还又很太不没去来到对给让得着过会能可想说问讲看弄搞点些里多少几什么怎哪谁何请么为以于从向按"
)


class Terms:
    """Iterating gives each gram once. `ears` lets sounds count even where the characters are known ones."""

    def __init__(
        self, pairs: View, singles: View, sounds: View, *, ears: bool, owners: Mapping[str, tuple[int, ...]]
    ) -> None:
        self.weight = 0.0  # how much there is to explain
        self._pairs, self._singles, self._sounds = pairs, singles, sounds
        self._rarest = pairs.rarest
        self._ears, self._owners = ears, owners
        self._full: dict[tuple[str, str, tuple[int, ...] | None], float] = {}
        self._grams: list[Gram] = []  # in the order of `_full`

    def __iter__(self) -> Iterator[Term]:
        return map(Term, self._full.values(), self._grams)

    def read(self, run: Sequence[str]) -> None:
        """Adds the grams of one run of words."""
        heard = _Heard(run)
        owners = owned(run, self._owners) if self._owners else {}
        last = len(run) - 1
        for at, word in enumerate(run):
            self._read_single(word, owners.get((at, at + 1)))
            if at < last:
                self._read_pair(word, run[at + 1], heard, at, owners.get((at, at + 2)))

    def _read_single(self, word: str, owner: tuple[int, ...] | None) -> None:
        worth = SINGLE if len(word) == 1 else PAIR
        if word in STOP:
            return
        if gram := self._singles.gram(word):
            self.weight += self._add(self._singles, word, gram, worth, owner)
        else:
            self.weight += UNKNOWN * worth * self._rarest

    def _read_pair(self, a: str, b: str, heard: _Heard, at: int, owner: tuple[int, ...] | None) -> None:
        pair = join(a, b)
        known = self._pairs.gram(pair)
        if known:
            self.weight += self._add(self._pairs, pair, known, PAIR, owner)
            if not self._ears:
                return
        sound = heard.pair(at)
        if gram := self._sounds.gram(sound):
            by_ear = self._add(self._sounds, sound, gram, SOUND, owner)
            self.weight += 0.0 if known else by_ear / SOUND
        elif not known and len(a) == len(b) == 1:
            self.weight += _unknown_pair(a, b) * self._rarest

    def _add(self, view: View, text: str, gram: Gram, worth: float, owner: tuple[int, ...] | None) -> float:
        """Adds a known gram, or adds to it; returns how much it weighs."""
        full = worth * gram.weight
        key = (view.name, text, owner)
        if (known := self._full.get(key)) is None:
            known = 0.0
            self._grams.append(gram if owner is None else Gram.of_texts(owner, 1))
        self._full[key] = known + (full if owner is None else SAID * full)
        return full


class _Heard:
    """What a run of words sounds like, worked out only when some of it is asked for."""

    def __init__(self, run: Sequence[str]) -> None:
        self._run = run
        self._sounds: list[str] | None = None

    def pair(self, at: int) -> str:
        """What two neighbours sound like, "" unless both can be heard."""
        if (sounds := self._sounds) is None:
            sounds = self._sounds = _sounds_of(self._run)
        return f"{sounds[at]} {sounds[at + 1]}" if sounds[at] and sounds[at + 1] else ""


def _sounds_of(run: Sequence[str]) -> list[str]:
    """By word; a syllable that was typed (~lian) is its own sound."""
    heard = syllables("".join([w if len(w) == 1 else " " for w in run]))
    return [s or (w[1:] if w.startswith("~") else "") for s, w in zip(heard, run, strict=True)]


def _unknown_pair(a: str, b: str) -> float:
    """An unknown pair of content characters is something unexplained; with a function word, hardly."""
    return (0.0, 0.15, UNKNOWN)[(a not in STOP) + (b not in STOP)]
