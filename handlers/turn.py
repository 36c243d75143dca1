"""One message in its conversation, and what is made of it: the values the files of answering share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from handlers.memory import Memory
from knowledge.book import Book, shipped
from knowledge.indexing import undisturbed
from knowledge.match import Found, Index, Span
from knowledge.notice import Notice, WorkPoint
from knowledge.question import Question, read
from knowledge.stored import index_of
from knowledge.units import Mention
from storage.taught import Taught

KEPT = 512  # texts and searches
WORTH_KEEPING = 60  # characters; longer ones are not asked twice
LATELY = 4  # searches of long messages: several kinds of question look for the same
NEARER = 0.3  # how much a reference back favours the last point


class Knowing:
    """What answering needs: a book and the index over its notice, built once.

    People ask the same things in the same words, so what a text was read as, and what was found for it, is
    kept for the latest few hundred; both depend on nothing but the text and this index.
    """

    def __init__(self, book: Book, index: Index, untaught: Knowing | None = None) -> None:
        self.book = book
        self.index = index
        self._untaught = untaught or self
        self._read = lru_cache(KEPT)(lambda text: read(text, index))
        self._found = lru_cache(KEPT)(self._search)
        self._found_lately = lru_cache(LATELY)(self._search)
        self._mentions = lru_cache(KEPT)(book.directory.find)

    @classmethod
    def of(cls, book: Book) -> Knowing:
        return cls(book, _index_of(book.notice, tuple(book.directory.spoken_names)))

    @classmethod
    def shipped(cls) -> Knowing:
        with undisturbed():
            return cls.of(shipped())

    def taught(self, rows: Sequence[Taught]) -> Knowing:
        """The same with what the office taught laid over it: these rows, and none laid over it before."""
        base = self._untaught
        return Knowing(base.book, base.index.taught(rows), base) if rows else base

    def read(self, text: str) -> Question:
        """Understand one message, as typed."""
        return self._read(text) if len(text) <= WORTH_KEEPING else read(text, self.index)

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """The units and places a text names."""
        return self._mentions(text) if len(text) <= WORTH_KEEPING else self.book.directory.find(text)

    def found(
        self,
        q: Question,
        *,
        only: tuple[int, ...] | None = None,
        nearer: tuple[int, ...] = (),
        ears: bool = False,
    ) -> Found:
        """`Index.search` for this question; the points in `nearer` are favoured a little."""
        search = self._found if len(q.text) <= WORTH_KEEPING else self._found_lately
        return search(q.runs, q.spans, only, nearer, ears)

    def _search(
        self,
        runs: tuple[tuple[str, ...], ...],
        spans: tuple[Span, ...],
        only: tuple[int, ...] | None,
        nearer: tuple[int, ...],
        ears: bool,
    ) -> Found:
        favour = dict.fromkeys(nearer, NEARER)
        return self.index.search(map(list, runs), spans, only=only, nearer=favour, ears=ears)


@lru_cache(maxsize=1)
def _index_of(notice: Notice, names: tuple[str, ...]) -> Index:
    """The latest is kept: an imported division of work changes no word of the notice, and searching nothing
    of the index, so that whoever in this process knows the same notice may share it."""
    return index_of(notice, names)


@dataclass(frozen=True, slots=True)
class Note:
    """What the office should see of a message: which question, how it went, and the points in question."""

    question: str
    outcome: str  # unknown | suggest | picked (of the suggestions) | wrong (said the person)
    points: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """`points` best first; `answered` is False when it only suggests, does not know, or just greets."""

    text: str
    points: tuple[int, ...]
    answered: bool
    outcome: str  # answer | list | suggest | unknown | wrong | chatter
    memory: Memory
    suggestions: tuple[tuple[str, str], ...] = ()
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One message in its conversation."""

    said: str
    q: Question
    memory: Memory
    knows: Knowing
    now: datetime
    mentions: tuple[Mention, ...] = ()  # units and places named in it

    @property
    def book(self) -> Book:
        return self.knows.book

    def point(self, number: int) -> WorkPoint | None:
        return self.book.notice.point(number)

    def printing(self, word: str) -> tuple[int, ...]:
        """The points that have exactly this word."""
        printed = self.book.printed
        return tuple(n for n in self.knows.index.may_print(word) if word in printed[n])

    def prints(self, word: str) -> bool:
        """Whether any point has exactly this word."""
        printed = self.book.printed
        return any(word in printed[n] for n in self.knows.index.may_print(word))

    def points(self, numbers: Sequence[int]) -> list[WorkPoint]:
        return [p for n in numbers if (p := self.point(n)) is not None]
