"""kill -9 at any moment: whatever was acknowledged is there, and nothing was done twice."""

import asyncio
import re
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from sqlalchemy import func, select

from bot.wecom.crypto import Crypto
from storage.engine import Database
from storage.tables import inbox, outbox
from tests import process

MESSAGES = 200
_REPLY = ("MsgSignature", "TimeStamp", "Nonce", "Encrypt")
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
                await asyncio.sleep(0.2)  # nobody listens just now

    def read(self, body: str) -> str:
        """The text of a sealed passive reply."""
        fields = {name: re.search(f"<{name}>(?:<!\\[CDATA\\[)?([^<\\]]*)", body) for name in _REPLY}
        signature, stamp, nonce, encrypted = (found[1] for found in fields.values() if found)
        opened = self.crypto.open(signature, stamp, nonce, encrypted)
        return opened.split("<Content><![CDATA[")[1].split("]]></Content>")[0]

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


async def test_a_process_killed_at_any_moment_loses_nothing_and_repeats_nothing(
    database_url: str, tmp_path: Path
) -> None:
    port = process.free_port()
    config = process.write_config(tmp_path, database_url, port)
    sender = Sender(f"http://127.0.0.1:{port}")
    bot = await process.serve(config, port)
    sending = asyncio.create_task(sender.run(list(range(MESSAGES))))
    for part in (0.3, 0.7):
        while len(sender.answered) < part * MESSAGES:
            await asyncio.sleep(0.001)
        bot.kill()
        acknowledged = set(sender.answered)
        assert acknowledged <= await committed(database_url), "an acknowledged message is gone"
        bot = await process.serve(config, port)
    await sending
    assert bot.stop() == 0
    assert await committed(database_url) == set(range(MESSAGES))
    await each_was_answered_once(database_url, sender)


KILLED_BEFORE_THE_REPLY = """
import os, signal, sys
from bot.channels import app
from bot.cli import main

async def die(self, request, message, handled):
    os.kill(os.getpid(), signal.SIGKILL)

app.AppDoor._answer = die
sys.argv = ["bqw", "serve", "--config", sys.argv[1]]
main()
"""


async def test_a_process_killed_between_commit_and_reply_answers_the_retry(
    database_url: str, tmp_path: Path
) -> None:
    port = process.free_port()
    config = process.write_config(tmp_path, database_url, port)
    dying = [sys.executable, "-c", KILLED_BEFORE_THE_REPLY, str(config)]
    bot = await process.serve(config, port, command=dying)
    sender = Sender(f"http://127.0.0.1:{port}")
    sending = asyncio.create_task(sender.run(list(range(MESSAGES))))
    assert await asyncio.to_thread(bot.process.wait) == -signal.SIGKILL
    stored = await committed(database_url)
    assert stored, "it died before the commit"
    assert sender.answered == {}, "it died after a reply"
    bot = await process.serve(config, port)
    await sending
    assert bot.stop() == 0
    assert await committed(database_url) == set(range(MESSAGES)) >= stored
    await each_was_answered_once(database_url, sender)


async def each_was_answered_once(database_url: str, sender: Sender) -> None:
    database = await Database.open(database_url)
    async with database.transaction() as conn:
        rows = (await conn.execute(select(func.count()).select_from(outbox))).scalar_one()
        texts = {row.payload["text"] for row in await conn.execute(select(outbox.c.payload))}
    await database.close()
    assert rows == MESSAGES
    assert len(texts) == 1
    assert len(sender.answered) == MESSAGES
    assert all(texts == {said} for said in map(sender.read, sender.answered.values()))
    assert "市供销社" in texts.pop()
