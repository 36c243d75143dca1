"""One message in its conversation, and what is made of it: the values the files of answering share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.memory import Memory
from knowledge.book import Book, shipped
from knowledge.lexicon import shipped_lexicon
from knowledge.match import Index
from knowledge.notice import WorkPoint
from knowledge.question import Question
from knowledge.units import Mention


@dataclass(frozen=True, slots=True)
class Knowing:
    """What answering needs: a book and the index over its notice, built once."""

    book: Book
    index: Index

    @classmethod
    def of(cls, book: Book) -> Knowing:
        return cls(book, Index.of(book.notice, shipped_lexicon(book.notice)))

    @classmethod
    def shipped(cls) -> Knowing:
        return cls.of(shipped())


@dataclass(frozen=True, slots=True)
class Answer:
    """`points` best first; `answered` is False when it only suggests, does not know, or just greets."""

    text: str
    points: tuple[int, ...]
    answered: bool
    outcome: str  # answer | list | suggest | unknown | chatter
    memory: Memory
    suggestions: tuple[tuple[str, str], ...] = ()


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

    def points(self, numbers: Sequence[int]) -> list[WorkPoint]:
        return [p for n in numbers if (p := self.point(n)) is not None]
