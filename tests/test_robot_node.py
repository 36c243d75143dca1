"""The simulator and the crypto of robots, judged by WeCom's own Node client, which npm installs on first use.

Its version and the sums of everything it brings stand in tests/node/package-lock.json. Where there is no npm,
nobody judges, and the skip says so.
"""

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.wecom.crypto import Crypto, read_json_envelope, reply_json_envelope
from simulator import crypto as simulated
from simulator.server import Simulator
from tests.robots import OFFICE, wecom

HERE = Path(__file__).parent / "node"
VECTORS = json.loads((Path(__file__).parent / "data" / "vectors.json").read_text(encoding="utf-8"))
FIELDS = ("id", "token", "aes_key", "signature", "timestamp", "nonce", "encrypted")
CACHE = Path(os.environ.get("BQW_NODE_CACHE") or Path.home() / ".cache" / "bqw-node")


@pytest.fixture(scope="module")
def client() -> Path:
    """The folder with the client in it, made once per lock file."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("NO NPM: WeCom's own robot client judges the simulator only where node and npm are there")
    lock = (HERE / "package-lock.json").read_bytes()
    folder = CACHE / hashlib.sha256(lock).hexdigest()[:16]
    if not folder.exists():
        install(npm, folder)
    return folder


def install(npm: str, folder: Path) -> None:
    """Beside its place first: another worker may be at it, too."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as made:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, made)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command, cwd=made, check=True, timeout=110)
        with suppress(OSError):  # the other was faster
            shutil.copytree(made, folder.with_suffix(f".{os.getpid()}"))
            folder.with_suffix(f".{os.getpid()}").rename(folder)


@dataclass
class Session:
    """The client at work; `until` waits for what it says it did."""

    process: asyncio.subprocess.Process
    said: list[dict[str, Any]] = field(default_factory=list)

    async def until(self, did: str) -> dict[str, Any]:
        assert self.process.stdout is not None
        while True:
            line = await asyncio.wait_for(self.process.stdout.readline(), 30)
            assert line, f"the client ended before it had {did}: {self.said}"
            self.said.append(json.loads(line))
            if self.said[-1]["did"] == did:
                return self.said[-1]


@asynccontextmanager
async def session(folder: Path, mode: str, there: Simulator, secret: str = "") -> AsyncIterator[Session]:
    keys = there.robot.keys
    process = await asyncio.create_subprocess_exec(
        "node", str(HERE / "session.mjs"), str(folder), mode, there.robot.ws_url, keys.bot_id,
        secret or keys.secret, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Session(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_the_official_client_passes_a_whole_session(client: Path) -> None:
    async with wecom() as there, session(client, "talk", there) as node:
        await node.until("authenticated")

        there.robot.say("linxiao", "流式", group=OFFICE, quote="昨日通报")
        heard = (await node.until("heard"))["body"]
        assert (heard["chattype"], heard["chatid"], heard["from"]["userid"]) == ("group", OFFICE, "linxiao")
        assert heard["text"]["content"] == f"@{there.robot.keys.name} 流式"
        assert heard["quote"]["text"]["content"] == "昨日通报"
        assert (await node.until("streamed"))["acks"] == [0, 0, 0, 846608], "a finished stream is over"
        assert [bubble.text for bubble in there.robot.inbox(OFFICE)] == ["市供销社牵头"]

        there.robot.say("linxiao", "排队", group=OFFICE)
        assert (await node.until("queued"))["acks"] == [0] * 20
        assert there.robot.inbox(OFFICE)[-1].text == "第19帧"
        assert there.robot.socket.out_of_turn == 0

        there.robot.say("linxiao", "卡片", group=OFFICE)
        assert (await node.until("card"))["ack"] == 0
        there.robot.press("chenjing", there.robot.inbox(OFFICE)[-1], "ok")
        updated = await node.until("updated")
        assert (updated["event_key"], updated["ack"]) == ("ok", 0)
        assert there.robot.inbox(OFFICE)[-1].text == "已确认"
        there.robot.say("linxiao", "图文", group=OFFICE)
        assert (await node.until("both"))["ack"] == 0

        there.robot.enter("linxiao")
        assert (await node.until("welcomed"))["ack"] == 0
        there.robot.say("linxiao", "推送", group=OFFICE)
        pushed = await node.until("pushed")
        assert (pushed["sent"], pushed["refused"]) == (0, 93006)
        there.robot.say("linxiao", "文件", group=OFFICE)
        uploaded = await node.until("uploaded")
        assert (uploaded["type"], uploaded["replied"], uploaded["sent"]) == ("file", 0, 0)
        assert there.robot.inbox(OFFICE)[-1].body["size"] == 1_300_000
        assert there.robot.socket.connected, "its heart beats five times a second, and is answered"

        for code in (1000, 1006):
            await there.robot.socket.cut(code)
            await node.until("authenticated")
        subscribed = there.robot.socket.subscriptions
        await there.robot.socket.kick()
        await node.until("kicked")
        await node.until("disconnected")
        there.robot.say("linxiao", "流式", group=OFFICE)
        assert there.robot.socket.subscriptions == subscribed, "who was kicked does not fight"


async def test_the_official_client_gives_up_on_a_wrong_secret(client: Path) -> None:
    async with wecom() as there, session(client, "knock", there, secret="wrong") as node:
        while (await node.until("error")).get("code") != "WS_AUTH_FAILURE_EXHAUSTED":
            assert "853000" in node.said[-1]["message"]
        assert not there.robot.socket.connected
    assert not any(line["did"] == "authenticated" for line in node.said)


async def test_robots_json_is_sealed_as_the_official_client_seals_it(client: Path) -> None:
    """Published vectors, and what both of our own cryptos seal; then the other way round."""
    published = [
        {
            name: one[name]
            for name in ("id", "token", "aes_key", "signature", "timestamp", "nonce", "encrypted")
        }
        | {"text": one["plaintext"]}
        for one in VECTORS["good"]
        if one["mode"] == "robot_json"
    ]
    keys = simulated.Keys(published[0]["token"], published[0]["aes_key"], "")
    ours = Crypto(keys.token, keys.aes_key, "")
    body = json.dumps({"msgtype": "stream", "stream": {"id": "S1", "finish": True, "content": "冷链<@all>"}})
    sealed = ours.seal(body, "n1", "1700000000")
    own = {"id": "bot", "signature": sealed.signature, "encrypted": sealed.encrypted, "text": body}
    by_simulator = simulated.seal(keys, body)
    signature = simulated.sign(keys.token, "1700000000", "n1", by_simulator)
    others = {"id": "simulator", "signature": signature, "encrypted": by_simulator, "text": body}
    shared = {"token": keys.token, "aes_key": keys.aes_key, "timestamp": "1700000000", "nonce": "n1"}
    cases = [*published, shared | own, shared | others]
    done = subprocess.run(
        ["node", str(HERE / "session.mjs"), str(client), "crypt"],
        input=json.dumps(cases), capture_output=True, check=True, text=True, timeout=60,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["id"], line["fine"], line["text"]) for line in lines] == [
        (case["id"], True, case["text"]) for case in cases
    ]
    for case, line in zip(cases, lines, strict=True):
        theirs = line["sealed"]
        found = Crypto(case["token"], case["aes_key"], "").open(
            theirs["signature"], case["timestamp"], case["nonce"], theirs["encrypt"]
        )
        assert found == case["text"]
    envelope = reply_json_envelope(sealed)
    assert read_json_envelope(envelope.encode()).encrypted == sealed.encrypted
