"""Everything a digest may speak of, read from storage once for all its readers.

The clock's jobs, “今日专报” and `bqw digest` gather it; `supervision/sight.py` takes out of it what one
reader is told. Only `gather` awaits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge.book import Book
from storage import (
    collections,
    drafts,
    lookbacks,
    objections,
    people,
    problems,
    releases,
    reports,
    rounds,
)
from storage.collections import Collection
from storage.drafts import Draft
from storage.engine import Connection
from storage.lookbacks import Lookback
from storage.objections import Objection
from storage.person import Person
from storage.problem import Problem
from storage.reports import Report
from storage.rounds import Prompt, Round
from supervision.digest_facts import OVERLAP
from supervision.overview import PointState, View, overview
from supervision.problem_drafts import TOPIC
from supervision.rules import Rules
from supervision.workdays import SHANGHAI, Workdays

_LATELY = timedelta(days=7)  # how far back problems are told of without an earlier digest
_TOPICS = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class OpenRound:
    """A round that still runs, and all it asks."""

    round: Round
    prompts: tuple[Prompt, ...]

    @property
    def waiting(self) -> tuple[Prompt, ...]:
        return tuple(one for one in self.prompts if one.state in rounds.WAITING)


@dataclass(frozen=True, slots=True)
class Situation:
    """`standing` are the versions that hold, `versions` all since the oldest digest that matters, those taken
    back too; both oldest first. `now` is local."""

    book: Book
    view: View
    now: datetime
    states: tuple[PointState, ...] = ()
    standing: tuple[Report, ...] = ()
    versions: tuple[Report, ...] = ()
    rounds: tuple[OpenRound, ...] = ()
    objections: tuple[Objection, ...] = ()
    drafts: tuple[str, ...] = ()
    liaisons: Mapping[str, Person] | None = None  # of the units that are asked
    lookbacks: tuple[Lookback, ...] = ()
    collections: tuple[Collection, ...] = ()
    problems: tuple[Problem, ...] = ()  # open, or received or ended since the oldest digest that matters
    topics: tuple[Draft, ...] = ()  # about problems, let out to city leaders

    @property
    def newest(self) -> int:
        """The id of the newest version."""
        return max((row.id for row in (*self.standing, *self.versions)), default=0)


async def gather(
    conn: Connection,
    book: Book,
    *,
    now: datetime,
    workdays: Workdays,
    rules: Rules,
    after: int | None = None,
    told_at: datetime | None = None,
) -> Situation:
    """How things stand now; `after` is the oldest version that somebody was told of last, `told_at` when."""
    doc_number = book.notice.doc_number
    here = now.astimezone(SHANGHAI)
    released = await releases.of_kind(conn, releases.RED, doc_number)
    still = [one for one in await rounds.latest(conn, doc_number) if one.closed_at is None]
    prompts = await rounds.of_rounds(conn, [one.id for one in still])
    asked = tuple(OpenRound(one, tuple(prompts[one.id])) for one in reversed(still))
    standing = await reports.standing(conn, doc_number)
    lately = max((row.id for row in standing), default=0) - OVERLAP
    since = lately if after is None else min(after, lately)
    units = {prompt.unit for one in asked for prompt in one.prompts}
    view = View(here.date(), workdays, rules.lights, released)
    return Situation(
        book=book,
        view=view,
        now=here,
        states=tuple(overview(book, standing, view)),
        standing=tuple(standing),
        versions=tuple(await reports.after(conn, doc_number, since)),
        rounds=asked,
        objections=tuple(await objections.unsettled(conn)),
        drafts=tuple([one.title for one in await drafts.open(conn)]),
        liaisons=await people.liaison_of(conn, sorted(units)),
        lookbacks=tuple(await lookbacks.everything(conn, doc_number)),
        collections=tuple(await collections.running(conn, doc_number)),
        problems=tuple(await problems.since(conn, told_at or now - _LATELY)),
        topics=tuple(await drafts.of_kind(conn, TOPIC, now - _TOPICS)),
    )
