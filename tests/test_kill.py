"""kill -9 at any moment: whatever was acknowledged is there, and nothing was done twice."""

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from sqlalchemy import func, select

from bot.wecom.crypto import Crypto, read_envelope
from storage.engine import Database
from storage.tables import inbox, outbox
from tests import process

MESSAGES = 400
QUESTION = "冷链哪个单位牵头?"


@dataclass
class Sender:
    """A WeCom that tries again with the same MsgId until it gets a 200."""

    url: str
    crypto: Crypto = field(default_factory=lambda: Crypto(process.TOKEN, process.AES_KEY, process.CORP_ID))
    answered: dict[int, str] = field(default_factory=dict)
    tries: int = 0

    async def deliver(self, session: aiohttp.ClientSession, number: int) -> None:
        xml = (
            f"<xml><ToUserName>{process.CORP_ID}</ToUserName><FromUserName>user{number % 20}</FromUserName>"
            f"<CreateTime>1700000000</CreateTime><MsgType>text</MsgType><Content>{QUESTION}</Content>"
            f"<MsgId>{9_000_000 + number}</MsgId><AgentID>{process.AGENT_ID}</AgentID></xml>"
        )
        while number not in self.answered:
            self.tries += 1
            stamp = str(int(time.time()))
            sealed = self.crypto.seal(xml, f"n{self.tries}", stamp)
            query = {"msg_signature": sealed.signature, "timestamp": stamp, "nonce": sealed.nonce}
            body = f"<xml><AgentID>{process.AGENT_ID}</AgentID><Encrypt>{sealed.encrypted}</Encrypt></xml>"
            try:
                async with session.post(f"{self.url}/wecom/app", params=query, data=body.encode()) as answer:
                    text = await answer.text()
                    if answer.status == 200:
                        self.answered[number] = text
            except aiohttp.ClientError:
                await asyncio.sleep(0.02)  # nobody listens just now

    async def run(self, numbers: list[int]) -> None:
        waiting = iter(numbers)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=40)) as session:

            async def work() -> None:
                for number in waiting:
                    await self.deliver(session, number)

            await asyncio.gather(*(work() for _ in range(40)))


async def committed(database_url: str) -> set[int]:
    database = await Database.open(database_url)
    async with database.transaction() as conn:
        keys = [row.key for row in await conn.execute(select(inbox.c.key))]
    await database.close()
    return {int(key.rsplit(":", 1)[1]) - 9_000_000 for key in keys}


async def test_a_killed_process_loses_nothing_and_repeats_nothing(database_url: str, tmp_path: Path) -> None:
    port = process.free_port()
    config = process.write_config(tmp_path, database_url, port)
    sender = Sender(f"http://127.0.0.1:{port}")
    bot = await process.serve(config, port)
    sending = asyncio.create_task(sender.run(list(range(MESSAGES))))
    in_the_gap = 0
    for part in (0.2, 0.4, 0.6, 0.8):
        while len(sender.answered) < part * MESSAGES:
            await asyncio.sleep(0.001)
        acknowledged = set(sender.answered)
        bot.kill()
        durable = await committed(database_url)
        assert acknowledged <= durable, "an acknowledged message is gone"
        in_the_gap += len(durable - set(sender.answered))
        bot = await process.serve(config, port)
    await sending
    code = bot.stop()
    assert code == 0
    assert len(sender.answered) == MESSAGES
    assert in_the_gap > 0, "no kill fell between commit and reply: the test proved nothing"
    assert await committed(database_url) == set(range(MESSAGES))
    await each_was_answered_once(database_url)
    for text in sender.answered.values():
        assert read_envelope(text.encode()).encrypted


async def each_was_answered_once(database_url: str) -> None:
    database = await Database.open(database_url)
    async with database.transaction() as conn:
        rows = (await conn.execute(select(func.count()).select_from(outbox))).scalar_one()
        texts = {row.payload["text"] for row in await conn.execute(select(outbox.c.payload))}
    await database.close()
    assert rows == MESSAGES
    assert len(texts) == 1
    assert "市供销社" in texts.pop()
