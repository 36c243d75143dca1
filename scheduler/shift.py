"""What a job is given when its time has come.

The ticker opens one transaction per fire time; what a job writes commits together with “done”, or not at all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from knowledge.book import Book
from storage.engine import Connection
from supervision.rules import Rules
from supervision.workdays import Workdays


@dataclass(frozen=True, slots=True)
class Shift:
    """`fire_at` is the time the job was due, `now` when it runs: later after an outage. Both aware."""

    conn: Connection
    book: Book
    workdays: Workdays
    fire_at: datetime
    now: datetime
    admins: frozenset[str] = field(default_factory=frozenset)
    rules: Rules = field(default_factory=Rules)


Job: TypeAlias = Callable[[Shift], Awaitable[str]]  # what it did, in a sentence for `bqw jobs`
# Reads what the job will need, and gives what then takes long without the database.
Prepare: TypeAlias = Callable[[Shift], Awaitable[Callable[[], None]]]
