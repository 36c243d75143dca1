"""[robot] in the configuration, and what `bqw doctor` says of it; it never pushes the running robot out."""

from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from bot import robot_checkup
from bot.channels.robot_slice import Robot
from bot.finding import Finding
from bot.settings import Server, Settings, SettingsError, load
from storage.engine import Database
from tests.robots import bot_beside, callback_bot, wecom

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP = f"""
[app]
corp_id = "ww1"
agent_id = 1
secret = "s"
token = "t"
aes_key = "{KEY}"
"""


async def examined(robot: Robot, port: int = 1) -> list[Finding]:
    settings = Settings(robot=robot, server=Server(port=port))
    return [finding async for finding in robot_checkup.examine(settings)]


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ('transport = "off"', []),
        ('transport = "socket"', ["[robot] bot_id 还没有填", "[robot] secret 还没有填"]),
        ('transport = "callback"', ["[robot] token 还没有填", "[robot] aes_key 还没有填"]),
        ('transport = "websocket"', ["[robot] transport 应为 socket、callback 或 off"]),
        (f'transport = "callback"\ntoken = "t"\naes_key = "{KEY[:-1]}"', ["[robot] aes_key 应为 43 个字符"]),
        ('ws_url = "https://openws.work.weixin.qq.com"', ["[robot] ws_url 应以 wss:// 或 ws:// 开头"]),
        ("lease_seconds = 1", ["[robot] lease_seconds 应在 2 到 120 之间"]),
    ],
)
def test_mistakes_are_named_before_serving(tmp_path: Path, text: str, mistakes: list[str]) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"{APP}[robot]\n{text}\n", encoding="utf-8")
    found: list[str] = []
    try:
        load(path, {}, serving=True)
    except SettingsError as error:
        found = error.mistakes
    assert len(found) == len(mistakes)
    for line, beginning in zip(found, mistakes, strict=True):
        assert line.startswith(beginning)


def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "robot-secret").write_text("long-secret\n", encoding="utf-8")
    path = tmp_path / "config.toml"
    words = 'transport = "socket"\nbot_id = "b"\nsecret_file = "robot-secret"'
    path.write_text(f"{APP}[robot]\n{words}\n", encoding="utf-8")
    settings = load(path, {}, serving=True)
    assert settings.robot.secret == "long-secret"
    assert "long-secret" not in repr(settings)


async def test_doctor_finds_the_long_connection_and_leaves_it_alone(tmp_path: Path) -> None:
    assert await examined(Robot()) == []
    missing = await examined(Robot(transport="socket"))
    assert [finding.ok for finding in missing] == [False, False]
    database = await Database.open(f"sqlite:///{tmp_path / 'bqw.db'}")
    async with wecom() as there, bot_beside(there, database):
        robot = Robot(transport="socket", bot_id="b", secret="s", ws_url=there.robot.ws_url)
        nameless, way = await examined(robot)
        assert nameless.ok
        assert "没有填 [robot] name" in nameless.found
        assert way.ok
        assert "连得上" in way.found
        assert there.robot.socket.subscriptions == 1
        assert there.robot.socket.connected
    (way,) = await examined(
        Robot(transport="socket", name="n", bot_id="b", secret="s", ws_url="ws://127.0.0.1:1")
    )
    assert not way.ok
    assert "ws_url" in way.next_step
    await database.close()


async def test_doctor_visits_the_robots_own_callback(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite:///{tmp_path / 'bqw.db'}")
    async with wecom() as there, aiohttp.ClientSession() as session:
        keys = there.robot.keys
        robot = Robot(transport="callback", name=keys.name, token=keys.token, aes_key=keys.aes_key)
        async with callback_bot(there, database, session=session, domains=(), base="https://x.invalid"):
            assert there.robot.callback is not None
            port = urlsplit(there.robot.callback.url).port or 0
            # The simulator's clock is in 2024, so the bot refuses ours: it is there, and it checks.
            (refused,) = await examined(robot, port)
            assert "HTTP 403" in refused.found
        (gone,) = await examined(robot, 1)
        assert "访问不到" in gone.found
        (wrong,) = await examined(Robot(transport="callback", name="n", token="t", aes_key="短" * 43), 1)
        assert "EncodingAESKey" in wrong.found
    await database.close()
