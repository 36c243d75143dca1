"""A year by the clock: all jobs of 2024, the clock an argument; `python -m tests.year` prints what came.

Every unit has a liaison; some answer at once, some late, some never. What the jobs write is taken as
delivered at the moment it may leave, and held against the rules: when, how often, and never after an answer.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

from sqlalchemy import select, update

from handlers import progress
from handlers.context import Context
from handlers.turn import Knowing
from knowledge.assignments import Assignments
from knowledge.book import Book, shipped
from scheduler.jobs import Entry, table
from scheduler.shift import Shift
from scheduler.times import Times
from storage import drafts, people, rounds
from storage.engine import Connection, Database
from storage.message import Message
from storage.people import PersonRow
from storage.tables import digests as digests_table
from storage.tables import outbox as outbox_table
from supervision.rounds import Choice, owed
from supervision.workdays import SHANGHAI, Workdays

ADMIN = "office"
LEADERS = ("mayor", "vice", "secretary")
URGING = ("ask:", "remind:")
# How a unit answers: days before (negative) or after the due day; None never does.
HABITS: tuple[int | None, ...] = (-5, -4, -2, -1, 0, 1, 4, None)


@dataclass
class Figures:
    """What the year came to; `faults` must all be nought."""

    days: int = 0
    messages: int = 0
    per_day: Counter[int] = field(default_factory=Counter)  # urging messages one person got on one day
    off_days: int = 0
    off_hours: int = 0
    after_answer: int = 0
    twice: int = 0
    missing_digests: int = 0
    answers: int = 0
    drafts: int = 0
    rounds: int = 0
    months: Counter[str] = field(default_factory=Counter)

    @property
    def faults(self) -> dict[str, int]:
        return {
            "sent on a day off": self.off_days,
            "sent outside hours": self.off_hours,
            "urged after an answer": self.after_answer,
            "duplicates": self.twice,
            "missing digests": self.missing_digests,
            "more than one urging a day": sum(n for many, n in self.per_day.items() if many > 1),
        }


@dataclass
class Year:
    """One run; `book` has every suggestion confirmed, so that every unit owes something."""

    database: Database
    knows: Knowing
    workdays: Workdays
    entries: tuple[Entry, ...]
    figures: Figures = field(default_factory=Figures)
    habits: dict[str, int | None] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)
    urged: Counter[tuple[str, date]] = field(default_factory=Counter)
    numbers: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    async def run(self, first: date, last: date) -> Figures:
        await self._people()
        day = first
        while day <= last:
            await self._day(day)
            day += timedelta(1)
        await self._sum_up(first, last)
        return self.figures

    async def _people(self) -> None:
        """A liaison and a leader for every unit that ever owes anything, and three city leaders."""
        everything = Choice("quarterly", released=frozenset(range(1, 100)))
        units = sorted({row.unit for row in owed(self.knows.book, everything)} | set(self._named_units()))
        rows = [PersonRow(f"l{at}", f"联络员{at}", "liaison", unit) for at, unit in enumerate(units)]
        rows += [PersonRow(f"b{at}", f"局长{at}", "leader", unit) for at, unit in enumerate(units)]
        rows += [PersonRow(name, name, "leader", "") for name in LEADERS]
        rows.append(PersonRow(ADMIN, "王科", "admin", "市百千万办"))
        async with self.database.transaction() as conn:
            await people.bind(conn, rows, by="year", now=at_time(date(2024, 1, 1), 0))
        self.habits = {f"l{at}": HABITS[at % len(HABITS)] for at in range(len(units))}

    def _named_units(self) -> Iterator[str]:
        directory = self.knows.book.directory
        yield from (unit.short for unit in directory.units[:65])

    async def _day(self, day: date) -> None:
        times = sorted(
            (at, order, entry)
            for order, entry in enumerate(self.entries)
            for at in entry.rule.on(day, self.workdays)
        )
        if self.workdays.is_workday(day):
            self.figures.days += 1
        for at, _, entry in times:
            now = datetime.combine(day, at, SHANGHAI)
            async with self.database.transaction() as conn:
                shift = Shift(conn, self.knows.book, self.workdays, now, now, frozenset({ADMIN}))
                await entry.do(shift)
                await self._deliver(conn, now)
            if entry.name == "reminders":
                await self._answers(day)
        async with self.database.transaction() as conn:
            await self._deliver(conn, at_time(day, 23, 59))

    async def _deliver(self, conn: Connection, now: datetime) -> None:
        """Everything that may leave by now, as if WeCom took it at once."""
        rows = (
            await conn.execute(
                select(outbox_table.c.id, outbox_table.c.key, outbox_table.c.target, outbox_table.c.next_at,
                       outbox_table.c.payload)
                .where(outbox_table.c.state == "queued", outbox_table.c.next_at <= now)
                .order_by(outbox_table.c.next_at, outbox_table.c.id)
            )
        ).all()  # fmt: skip
        for row in rows:
            await self._hold(conn, row.key, row.target, row.next_at.astimezone(SHANGHAI), row.payload)
        if rows:
            await conn.execute(
                update(outbox_table)
                .where(outbox_table.c.id.in_([row.id for row in rows]))
                .values(state="sent", via="push", sent_at=outbox_table.c.next_at, attempts=1)
            )

    async def _hold(self, conn: Connection, key: str, target: str, at: datetime, payload: dict) -> None:
        """One delivery against the rules."""
        found, day = self.figures, at.date()
        found.messages += 1
        found.months[f"{day:%m}"] += 1
        found.off_days += not self.workdays.is_workday(day)
        decent = self.workdays.in_hours(at) or (key.startswith(("digest:", "work:")) and at.hour >= 7)
        found.off_hours += self.workdays.is_workday(day) and not decent
        text = str(payload.get("text", ""))
        found.twice += (f"{target}:{day}", text) in self.seen
        self.seen.add((f"{target}:{day}", text))
        if key.startswith(URGING) and key.count(":") == 2:  # a further part is the same message
            self.urged[target, day] += 1
            units = [one.unit for one in (await people.bindings(conn, [target])).get(target, ())]
            asked = await rounds.of_units(conn, units, since=at)
            found.after_answer += not any(one.waits and one.round.closed_at is None for one in asked)

    async def _answers(self, day: date) -> None:
        """Those whose day it is answer in their own words: a number that grows, or a sentence."""
        async with self.database.transaction() as conn:
            waiting = await rounds.waiting(conn, self.knows.book.notice.doc_number)
            liaisons = await people.liaison_of(conn, sorted({one.prompt.unit for one in waiting}))
        first: dict[str, datetime] = {}
        for one in waiting:
            if person := liaisons.get(one.prompt.unit):
                first[person.userid] = min(one.round.due_at, first.get(person.userid, one.round.due_at))
        now = at_time(day, 10, 20)
        for userid, due_at in sorted(first.items()):
            due = due_at.astimezone(SHANGHAI).date()
            habit = self.habits[userid]
            if habit is not None and self.workdays.shift(due, habit) <= day:
                await self._say(userid, "无变化" if day.month % 2 else "都正常推进，无变化", now)

    async def _say(self, userid: str, text: str, now: datetime) -> None:
        self.numbers[userid] += 1
        message = Message(f"y:{userid}:{self.numbers[userid]}", "app", userid, now, text=text)
        async with self.database.transaction() as conn:
            bindings = (await people.bindings(conn, [userid])).get(userid, ())
            ctx = Context(message, now, self.knows, conn, bindings=bindings, workdays=self.workdays)
            reply = await progress.reply(message, ctx)
        assert reply is not None, text
        self.figures.answers += 1

    async def _sum_up(self, first: date, last: date) -> None:
        async with self.database.transaction() as conn:
            given = await conn.execute(select(digests_table.c.person, digests_table.c.day))
            had = {(row.person, row.day) for row in given}
            self.figures.drafts = len(await drafts.open(conn))
            self.figures.rounds = len(await rounds.latest(conn, self.knows.book.notice.doc_number, limit=99))
        day = first
        while day <= last:
            if self.workdays.is_workday(day):
                self.figures.missing_digests += sum((leader, day) not in had for leader in LEADERS)
            day += timedelta(1)
        self.figures.per_day = Counter(self.urged.values())


def at_time(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, clock_time(hour, minute), SHANGHAI)


def confirmed() -> Book:
    """The shipped division of work as if the office had confirmed all of it."""
    book = shipped()
    rows = [
        replace(row, status="confirmed", confirmed_by="year", confirmed_on=date(2024, 1, 2))
        for row in book.assignments
    ]
    return replace(book, assignments=Assignments.of(book.notice, rows))


async def simulate(first: date, last: date, url: str) -> Figures:
    database = await Database.open(url)
    try:
        year = Year(database, Knowing.of(confirmed()), Workdays(), table(Times(digest_minutes=60)))
        return await year.run(first, last)
    finally:
        await database.close()


def report(found: Figures, seconds: float) -> str:
    spread = "，".join(f"{many} a day: {n:,} person-days" for many, n in sorted(found.per_day.items()))
    lines = [
        f"working days {found.days}, messages {found.messages:,}, rounds {found.rounds}, "
        f"answers {found.answers:,}, drafts waiting {found.drafts}, {seconds:.0f} s",
        f"urging messages per person and day: most {max(found.per_day, default=0)}（{spread}）",
        *(f"{name}: {number}" for name, number in found.faults.items()),
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.year", description=__doc__)
    parser.add_argument("--first", type=date.fromisoformat, default=date(2024, 1, 1))
    parser.add_argument("--last", type=date.fromisoformat, default=date(2024, 12, 31))
    options = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="bqw-year-") as folder:
        found = asyncio.run(simulate(options.first, options.last, f"sqlite:///{Path(folder) / 'y.db'}"))
    print(report(found, time.perf_counter() - began))
    return 1 if any(found.faults.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
