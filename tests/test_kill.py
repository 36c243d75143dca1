"""kill -9 at any moment: whatever was acknowledged is there, and nothing was done twice."""

import asyncio
import re
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from sqlalchemy import func, select

from bot.wecom.crypto import Crypto
from knowledge.book import shipped
from storage import people, reports, rounds
from storage.engine import Database
from storage.people import PersonRow
from storage.tables import inbox, outbox
from supervision import opening
from supervision.rounds import Choice
from supervision.rules import Rules
from supervision.workdays import Workdays
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
    says: Callable[[int], tuple[str, str]] = lambda number: (f"user{number % 20}", QUESTION)

    async def deliver(self, session: aiohttp.ClientSession, number: int) -> None:
        person, text = self.says(number)
        xml = (
            f"<xml><ToUserName>{process.CORP_ID}</ToUserName><FromUserName>{person}</FromUserName>"
            f"<CreateTime>1700000000</CreateTime><MsgType>text</MsgType><Content>{text}</Content>"
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


LIAISONS = {"zhang": "市交通运输局", "li": "市供销社", "wang": "市水务局"}
REPORTS = 90


def a_report(number: int) -> tuple[str, str]:
    """The same numbers again and again, so that none falls; only the next step tells the messages apart."""
    person = ("zhang", "li", "wang")[number % 3]
    told = ("农村公路新改建25公里", "新增投产冷库0.1万吨", "水质合格率91%")[number % 3]
    return person, f"要点17 {told}。下一步：办第{number}件事"


async def test_a_round_survives_being_killed_at_any_step(database_url: str, tmp_path: Path) -> None:
    """Prompts, reports, figures and marks: whatever was acknowledged is there, and nothing is there twice."""
    await a_round_is_open(database_url)
    port = process.free_port()
    config = process.write_config(tmp_path, database_url, port)
    sender = Sender(f"http://127.0.0.1:{port}", says=a_report)
    dying = [sys.executable, "-c", KILLED_BEFORE_THE_REPLY, str(config)]
    bot = await process.serve(config, port, command=dying)
    sending = asyncio.create_task(sender.run(list(range(REPORTS))))
    assert await asyncio.to_thread(bot.process.wait) == -signal.SIGKILL
    bot = await process.serve(config, port)
    for part in (0.2, 0.5, 0.8):
        while len(sender.answered) < part * REPORTS:
            await asyncio.sleep(0.001)
        bot.kill()
        bot = await process.serve(config, port)
    await sending
    assert bot.stop() == 0
    await each_was_reported_once(database_url)


async def a_round_is_open(database_url: str) -> None:
    database = await Database.open(database_url)
    rows = [PersonRow(userid, userid, "liaison", unit) for userid, unit in LIAISONS.items()]
    now = datetime.now(UTC)
    async with database.transaction() as conn:
        await people.bind(conn, rows, by="test", now=now)
        await opening.open_round(
            conn,
            shipped(),
            Choice("monthly", frozenset({17}), released=frozenset({17})),
            by="test",
            now=now,
            due_at=now + timedelta(days=10),
            workdays=Workdays(),
            rules=Rules(),
        )
    await database.close()


async def each_was_reported_once(database_url: str) -> None:
    database = await Database.open(database_url)
    async with database.transaction() as conn:
        rows = await reports.everything(conn, shipped().notice.doc_number)
        prompts = await rounds.of_units(conn, list(LIAISONS.values()), since=datetime.now(UTC))
        asked = (
            await conn.execute(
                select(func.count()).select_from(outbox).where(outbox.c.key.startswith("ask:"))
            )
        ).scalar_one()
    await database.close()
    said = sorted(int(re.search(r"第(\d+)件", row.text)[1]) for row in rows)  # type: ignore[index]
    assert said == list(range(REPORTS))
    assert all(len(row.figures) == 1 and row.figures[0].message_key == row.message_key for row in rows)
    assert {one.prompt.unit: one.prompt.state for one in prompts} == {
        "市交通运输局": "partial",
        "市供销社": "answered",
        "市水务局": "partial",
    }
    assert asked <= len(LIAISONS)  # what was answered before it left was taken back or asks for the rest
