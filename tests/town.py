"""A bot and a WeCom side by side, with real crypto over real HTTP; only the clock is ours."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from bot import cli_demo
from bot.app import Service
from bot.tenant import Tenant
from simulator.journal import Delivery
from simulator.server import Simulator
from storage.tables import outbox


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


@asynccontextmanager
async def town(
    database_url: str, *, ticking: bool = False, tenant: Tenant | None = None
) -> AsyncIterator[Town]:
    """With `ticking`, jobs run by themselves when the clock moves; otherwise a test says what runs when."""
    with tempfile.TemporaryDirectory() as folder:
        wecom, service = await cli_demo.start(database_url, files=Path(folder), retry_delay=0, tenant=tenant)
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
