"""The grams of a question: its words, pairs of neighbours, and sounds where the characters are unknown.

`Index.search` reads a question's runs into `Terms` and hands them to `knowledge/scoring.py`. Here is what
each kind of gram is worth, and how much of a question there is to explain.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence

from knowledge.indexing import join
from knowledge.pinyin import syllables
from knowledge.postings import SAID, Term, View
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
        self._ears, self._owners = ears, owners
        self._found: dict[tuple[str, str, tuple[int, ...] | None], Term] = {}

    def __iter__(self) -> Iterator[Term]:
        return iter(self._found.values())

    def read(self, run: Sequence[str]) -> None:
        """Adds the grams of one run of words."""
        heard = syllables("".join(w if len(w) == 1 else " " for w in run))
        heard = [s or (w[1:] if w.startswith("~") else "") for s, w in zip(heard, run, strict=True)]
        owners = owned(run, self._owners) if self._owners else {}
        for at, word in enumerate(run):
            self._read_single(word, owners.get((at, at + 1)))
            if at + 1 < len(run):
                sound = f"{heard[at]} {heard[at + 1]}" if heard[at] and heard[at + 1] else ""
                self._read_pair(word, run[at + 1], sound, owners.get((at, at + 2)))

    def _read_single(self, word: str, owner: tuple[int, ...] | None) -> None:
        worth = SINGLE if len(word) == 1 else PAIR
        if word in STOP:
            return
        if word in self._singles:
            self.weight += self._add(self._singles, word, worth, owner)
        else:
            self.weight += UNKNOWN * worth * self._singles.rarest

    def _read_pair(self, a: str, b: str, sound: str, owner: tuple[int, ...] | None) -> None:
        pair = join(a, b)
        known = pair in self._pairs
        if known:
            self.weight += self._add(self._pairs, pair, PAIR, owner)
        if sound in self._sounds and (self._ears or not known):
            by_ear = self._add(self._sounds, sound, SOUND, owner)
            self.weight += 0.0 if known else by_ear / SOUND
        elif not known and len(a) == len(b) == 1:
            self.weight += _unknown_pair(a, b) * self._pairs.rarest

    def _add(self, view: View, gram: str, worth: float, owner: tuple[int, ...] | None) -> float:
        """Adds a known gram, or adds to it; returns how much it weighs."""
        full = worth * view.weight(gram)
        key = (view.name, gram, owner)
        term = self._found.get(key)
        if term is None:
            term = view.term(gram) if owner is None else Term(0.0, array("I", owner), 0, len(owner))
            self._found[key] = term
        term.full += full if owner is None else SAID * full
        return full


def _unknown_pair(a: str, b: str) -> float:
    """An unknown pair of content characters is something unexplained; with a function word, hardly."""
    return (0.0, 0.15, UNKNOWN)[(a not in STOP) + (b not in STOP)]
