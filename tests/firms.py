"""Firms in a town: they write through 微信客服, and what they and others read is looked up in the outbox."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy import select

from scheduler.shift import Job
from storage.message import Message
from storage.tables import inbox, outbox
from supervision.workdays import SHANGHAI
from tests.town import Town, town

FIRM = "wmDemoWuLi0000000000000000001"
GROUP = "wrFirmsContact2024"
POWER = "绑定 linxiao 林晓 潮州供电局联络员"


@asynccontextmanager
async def firms_town(database_url: str) -> AsyncIterator[Town]:
    """A town on the morning of 15 July in which somebody answers for the power company."""
    async with town(database_url) as found:
        at(found, "07-15T10:12")
        await found.dialogue("wanglei", (POWER, "已绑定"))
        yield found


async def says(place: Town, text: str, firm: str = FIRM) -> str:
    """What the firm reads in answer to `text`, whatever else is on its way to it."""
    before = await _answers(place, firm)
    place.wecom.clock.set(place.wecom.clock.now() + timedelta(seconds=1))  # WeCom's clock has seconds only
    await place.wecom.kf.say(firm, text)
    async with asyncio.timeout(60):
        while len(found := await _answers(place, firm)) == len(before):
            await asyncio.sleep(0.02)
    await delivered(place)  # before it speaks again: each of its messages counts what follows it anew
    return "\n".join(found[len(before) :])


async def _answers(place: Town, firm: str) -> list[str]:
    """The answer to each of its messages, oldest first."""
    async with place.bot.database.transaction() as conn:
        asked = await conn.execute(
            select(inbox.c.key)
            .where(inbox.c.person == firm, inbox.c.kind.in_(("text", "click")))
            .order_by(inbox.c.id)
        )
        keys = [f"re:{key}" for key in asked.scalars()]
        rows = await conn.execute(select(outbox.c.key, outbox.c.payload).where(outbox.c.key.in_(keys)))
        found = {row.key: row.payload["text"] for row in rows}
    return [found[key] for key in keys if key in found]


async def dialogue(place: Town, *turns: tuple[str, str], firm: str = FIRM) -> None:
    """Each turn is what the firm said and what the answer must contain (several, split by |)."""
    for said, expected in turns:
        answer = await says(place, said, firm)
        for words in expected.split("|"):
            assert words in answer, f"{said!r} was answered with {answer!r}, without {words!r}"


async def pushed(place: Town, target: str, prefix: str = "") -> list[tuple[str, str]]:
    """key and text of what was pushed to somebody, in order; answers to messages are left out."""
    async with place.bot.database.transaction() as conn:
        query = select(outbox).where(outbox.c.target == target, outbox.c.key.startswith(prefix))
        rows = await conn.execute(query.order_by(outbox.c.id))
        return [(row.key, row.payload["text"]) for row in rows if not row.key.startswith("re:")]


async def delivered(place: Town) -> None:
    """Everything that is due by the town's clock has left, or was set aside."""
    async with asyncio.timeout(30):
        while True:
            place.bot.delivery.poke()
            async with place.bot.database.transaction() as conn:
                due = outbox.c.state.in_(("queued", "sending")) & (
                    outbox.c.next_at <= place.wecom.clock.now()
                )
                if not (await conn.execute(select(outbox.c.id).where(due).limit(1))).first():
                    return
            await asyncio.sleep(0.02)


def at(place: Town, moment: str) -> datetime:
    """Sets the town's clock to a moment of 2024: 07-15T10:12."""
    found = datetime.fromisoformat(f"2024-{moment}").replace(tzinfo=SHANGHAI)
    place.wecom.clock.set(found)
    return found


async def comes(place: Town, moment: str) -> datetime:
    """The same, once what is on its way has arrived: a lease does not outlast a jump."""
    await delivered(place)
    return at(place, moment)


async def run(place: Town, job: Job, moment: str) -> str:
    """The job at this moment, once what is on its way has arrived."""
    done = await place.does(job, await comes(place, moment))
    await delivered(place)
    return done


async def told(place: Town, person: str, about: str) -> str:
    """The one push to this person whose key has this word."""
    (text,) = [text for key, text in await pushed(place, person) if about in key.split(":")]
    return text


async def in_group(place: Town, person: str, text: str, quote: str = "") -> str:
    """What a group reads after somebody wrote there: no door hears groups here, so dispatch is handed it."""
    key = f"group:{person}:{text}"
    said = Message(key, "robot", person, place.wecom.clock.now(), text=text, chat=GROUP, quote=quote)
    await place.bot.dispatcher.handle(said)
    async with place.bot.database.transaction() as conn:
        row = (await conn.execute(select(outbox).where(outbox.c.key == f"re:{key}"))).one()
    return str(row.payload["text"])
