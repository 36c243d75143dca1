"""A bot and a WeCom side by side, with real crypto over real HTTP; only the clock is ours."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, func, select

from bot import cli_demo
from bot.app import Service
from bot.settings import Digest, Settings
from bot.tenant import Tenant
from scheduler.shift import Job, Shift
from simulator.journal import Delivery
from simulator.server import Simulator
from storage import reports
from storage.tables import outbox
from supervision.workdays import SHANGHAI


@dataclass(slots=True)
class Town:
    wecom: Simulator
    bot: Service
    files: Path  # where the bot keeps what people send

    async def hears(self, person: str, text: str) -> str:
        """What the person reads after writing `text`; whatever else arrives meanwhile comes with it."""
        before = len(self.wecom.inbox(person))
        heard = await self.wecom.say(person, text)
        await self._settled(heard.msg_id)
        if replies(heard):
            return heard.text
        return "\n".join(bubble.text for bubble in self.wecom.inbox(person)[before:])

    async def _settled(self, msg_id: str) -> None:
        """The answer has left, and that it has is in the database: a clock that jumps before would have it
        sent again."""
        answer = outbox.c.key.contains(f":{msg_id}") & outbox.c.state.in_(("inline", "queued", "sending"))
        for _ in range(400):
            async with self.bot.database.transaction() as conn:
                if not (await conn.execute(select(func.count()).where(answer))).scalar_one():
                    return
            await asyncio.sleep(0.005)

    async def dialogue(self, person: str, *turns: tuple[str, str]) -> None:
        """Each turn is what was said and what the answer must contain (several, split by |)."""
        for said, expected in turns:
            answer = await self.hears(person, said)
            for words in expected.split("|"):
                assert words in answer, f"{said!r} was answered with {answer!r}, without {words!r}"

    async def reaches(self, when: str | datetime) -> None:
        """The clock says `when` (07-18T09:20 for 2024): what was due by then is done, and has left."""
        moment = when if isinstance(when, datetime) else at(when)
        self.wecom.clock.set(moment)
        await self.bot.ticker.tick()
        await self.comes(moment)

    async def comes(self, when: str | datetime) -> None:
        """The clock says `when`, and what lay in the outbox to leave by then has left or been parked."""
        moment = when if isinstance(when, datetime) else at(when)
        self.wecom.clock.set(moment)
        self.bot.delivery.poke()
        due = outbox.c.state.in_(("queued", "sending", "inline")) & (outbox.c.next_at <= moment)
        async with asyncio.timeout(60):
            while await self._count(due):
                await asyncio.sleep(0.02)

    async def _count(self, which: ColumnElement[bool]) -> int:
        async with self.bot.database.transaction() as conn:
            return int((await conn.execute(select(func.count()).where(which))).scalar_one())

    async def does(self, job: Job, when: str | datetime) -> str:
        """The job at its time, in one transaction, by the calendar and the rules of this bot; then what it
        wrote leaves."""
        now = when if isinstance(when, datetime) else at(when)
        self.wecom.clock.set(now)
        async with self.bot.database.transaction() as conn:
            library, running = self.bot.library, self.bot.ticker._running
            book, rules = library.current().book, running.rules
            shift = Shift(conn, book, library.workdays(), now, now, frozenset({"wanglei"}), rules)
            told = await job(shift)
        await self.comes(now)
        return told

    async def queued(self, prefix: str) -> dict[str, tuple[str, str]]:
        """What was put into the outbox under keys that begin so: to whom, and what it says."""
        async with self.bot.database.transaction() as conn:
            rows = await conn.execute(
                select(outbox).where(outbox.c.key.startswith(prefix)).order_by(outbox.c.id)
            )
            return {row.key: (row.target, row.payload.get("text", "")) for row in rows}

    async def pushed(self, person: str) -> list[str]:
        """What lies in the outbox for this person besides answers, sent or not."""
        found = await self.queued("")
        return [text for key, (to, text) in found.items() if to == person and not key.startswith("re:")]

    async def figures(self) -> dict[tuple[str, str], tuple[float, str]]:
        """Every figure that stands: (unit, what the notice calls it) → its value and the words that said
        it."""
        async with self.bot.database.transaction() as conn:
            doc_number = self.bot.library.current().book.notice.doc_number
            rows = await reports.standing(conn, doc_number)
            said = {row.message_key: row.text for row in await reports.everything(conn, doc_number)}
        told = [(figure.said, row.unit, figure) for row in rows for figure in row.figures]
        return {
            (unit, figure.target or figure.what): (figure.value, said[figure.message_key])
            for _, unit, figure in sorted(told, key=lambda one: one[0])
        }

    def read(self, person: str) -> list[str]:
        """Everything this person was sent."""
        return [bubble.text for bubble in self.wecom.inbox(person)]


def at(when: str) -> datetime:
    """07-18T09:20 of 2024, as the office means it."""
    return datetime.fromisoformat(f"2024-{when}").replace(tzinfo=SHANGHAI)


@asynccontextmanager
async def town(
    database_url: str,
    settings: Settings | None = None,
    *,
    ticking: bool = False,
    tenant: Tenant | None = None,
) -> AsyncIterator[Town]:
    """With `ticking`, jobs run by themselves when the clock moves; otherwise a test says what runs when. Of
    `settings` everything holds but the connection of the two; without any, no tables are made, which would
    only take time."""
    settings = settings or Settings(digest=Digest(table=False))
    with tempfile.TemporaryDirectory() as folder:
        wecom, service = await cli_demo.start(
            database_url, files=Path(folder), retry_delay=0, settings=settings, tenant=tenant
        )
        try:
            if not ticking:
                await service.ticker.close()
            yield Town(wecom, service, Path(folder))
        finally:
            await wecom.close()
            await service.close()


def replies(delivery: Delivery) -> list[str]:
    """The passive replies of all attempts that carried one."""
    return [attempt.reply for attempt in delivery.attempts if attempt.reply]
