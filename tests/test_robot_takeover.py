"""Two replicas of `bqw serve` and one robot: one is killed in the middle of an answer, the other gives it."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from sqlalchemy import select

from bot.channels.robot import WAIT_A_MOMENT
from simulator.server import Simulator
from storage.engine import Database
from storage.tables import inbox, outbox
from tests import process
from tests.robots import OFFICE, wecom

# The answer is durable, and not a byte of it has left.
KILLED_BEFORE_THE_ANSWER = """
import os, signal, sys
from bot.channels import robot_answers
from bot.cli import main

async def die(self, *answer):
    os.kill(os.getpid(), signal.SIGKILL)

robot_answers.Answers._say = die
sys.argv = ["bqw", "serve", "--config", sys.argv[1]]
main()
"""


def configured(folder: Path, database_url: str, port: int, there: Simulator) -> Path:
    path = process.write_config(folder, database_url, port)
    keys = there.robot.keys
    path.write_text(
        path.read_text(encoding="utf-8")
        + f"""
[delivery]
inline_lease_seconds = 1
[robot]
transport = "socket"
name = "{keys.name}"
bot_id = "{keys.bot_id}"
secret = "{keys.secret}"
ws_url = "{there.robot.ws_url}"
lease_seconds = 3
""",
        encoding="utf-8",
    )
    return path


@contextmanager
def running(bot: process.Bot) -> Iterator[process.Bot]:
    """Never left behind."""
    try:
        yield bot
    finally:
        if bot.process.poll() is None:
            bot.kill()


async def test_a_replica_killed_before_its_answer_is_taken_over(database_url: str, tmp_path: Path) -> None:
    ports = [process.free_port(), process.free_port()]
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    async with wecom() as there, AsyncExitStack() as stack:
        one, two = (
            configured(folder, database_url, port, there) for folder, port in zip(folders, ports, strict=True)
        )
        dying = [sys.executable, "-c", KILLED_BEFORE_THE_ANSWER, str(one)]
        first = stack.enter_context(running(await process.serve(one, ports[0], command=dying)))
        await there.robot.socket.wait_connected()
        second = stack.enter_context(running(await process.serve(two, ports[1])))
        assert there.robot.socket.subscriptions == 1, "the lease is held"
        asked = there.robot.say("linxiao", "冷链哪个单位牵头？", group=OFFICE)
        assert await asyncio.to_thread(first.process.wait, 20) == -9
        began = asyncio.get_running_loop().time()
        await there.robot.socket.wait_connected(times=2, seconds=15)
        taken_over = asyncio.get_running_loop().time() - began
        answer = await there.robot.hear(asked, seconds=20)
        assert "市供销社牵头" in answer.text
        assert answer.via == "push"
        again = await there.robot.hear(there.robot.say("linxiao", "第17条", group=OFFICE), seconds=20)
        assert "第17点" in again.text
        assert await asyncio.to_thread(second.stop) == 0
        assert taken_over < 10
    database = await Database.open(database_url)
    async with database.transaction() as conn:
        keys = (await conn.execute(select(inbox.c.key))).scalars().all()
        states = (
            (await conn.execute(select(outbox.c.state).where(outbox.c.channel == "robot"))).scalars().all()
        )
    await database.close()
    assert len(keys) == 2
    assert states == ["sent", "sent"]
    said = [bubble for bubble in there.robot.inbox(OFFICE) if bubble.text != WAIT_A_MOMENT]
    assert len(said) == 2, "nothing was said twice, though the dying process may have begun to"
