"""What the simulator's tests stand on: a tiny scripted bot with its own crypto, and a Chromium to look with.

The bot shares no code with the simulator or with the real bot, so neither can hide the other's mistake.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import shutil
import struct
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from aiohttp import ClientSession, web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

if TYPE_CHECKING:
    from playwright.async_api import Browser

TOKEN = "demoToken2024"
AES_KEY = "mAmTNBfZzkVlVRNaj2HVm2LmexEGemQ+8fH2c/2a+MT"
CORP_ID = "ww0123456789abcdef"
AGENT_ID = 1000002
SECRET = "app-secret"
CONSOLE: dict[str, Any] = {
    "token": TOKEN,
    "aes_key": AES_KEY,
    "corp_id": CORP_ID,
    "agent_id": AGENT_ID,
    "secret": SECRET,
}


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted((TOKEN, *parts))).encode(), usedforsecurity=False).hexdigest()


def read_xml(xml: str) -> ElementTree.Element:
    return ElementTree.fromstring(xml)  # noqa: S314 - it comes from our own simulator


def encrypt(text: str) -> str:
    data = os.urandom(16) + struct.pack("!I", len(text.encode())) + text.encode() + CORP_ID.encode()
    data += bytes([32 - len(data) % 32]) * (32 - len(data) % 32)
    box = _cipher().encryptor()
    return base64.b64encode(box.update(data) + box.finalize()).decode()


def decrypt(text: str) -> str:
    box = _cipher().decryptor()
    data = box.update(base64.b64decode(text)) + box.finalize()
    (size,) = struct.unpack("!I", data[16:20])
    assert data[20 + size : -data[-1]] == CORP_ID.encode()
    return data[20 : 20 + size].decode()


def _cipher() -> Cipher[modes.CBC]:
    key = base64.b64decode(AES_KEY + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


@dataclass
class Heard:
    """One callback as it arrived: the sealed text, the opened fields, the XML."""

    sealed: str
    nonce: str
    fields: dict[str, str]
    xml: str


Answer = str | int | None  # inner XML fields of a passive reply, an HTTP status, or nothing


@dataclass
class ScriptedBot:
    """Answers what `script` says. While `gate` is cleared it does not answer at all."""

    script: Callable[[Heard], Answer] = lambda heard: None
    heard: list[Heard] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    raw: str | None = None  # answer every callback with exactly this body
    url: str = ""
    head: Callable[[str], str] = lambda right: right  # spoils the names a reply is sent under
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def hears(self, number: int) -> None:
        """Wait until that many callbacks have come in."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.heard) >= number)

    async def verify(self, request: web.Request) -> web.Response:
        query = request.query
        assert query["msg_signature"] == signature(query["timestamp"], query["nonce"], query["echostr"])
        return web.Response(text=decrypt(query["echostr"]))

    async def receive(self, request: web.Request) -> web.Response:
        sealed = read_xml(await request.text()).findtext("Encrypt") or ""
        query = request.query
        assert query["msg_signature"] == signature(query["timestamp"], query["nonce"], sealed)
        xml = decrypt(sealed)
        fields = {child.tag: child.text or "" for child in read_xml(xml)}
        heard = Heard(sealed, query["nonce"], fields, xml)
        async with self.arrived:
            self.heard.append(heard)
            self.arrived.notify_all()
        await self.gate.wait()
        answer = self.script(heard)
        if isinstance(answer, int):
            return web.Response(status=answer)
        return web.Response(text=self.raw if self.raw is not None else self.reply(heard, answer))

    def reply(self, heard: Heard, answer: str | None) -> str:
        if answer is None:
            return ""
        person = heard.fields["FromUserName"]
        names = f"<ToUserName>{person}</ToUserName><FromUserName>{CORP_ID}</FromUserName>"
        sealed = encrypt(f"<xml>{self.head(names)}<CreateTime>1721005200</CreateTime>{answer}</xml>")
        sign = signature("1721005200", "n1", sealed)
        return (
            f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt><MsgSignature>{sign}</MsgSignature>"
            "<TimeStamp>1721005200</TimeStamp><Nonce>n1</Nonce></xml>"
        )


def text(content: str) -> str:
    safe = content.replace("]]>", "]]]]><![CDATA[>")
    return f"<MsgType>text</MsgType><Content><![CDATA[{safe}]]></Content>"


@asynccontextmanager
async def scripted_bot(script: Callable[[Heard], Answer] = lambda heard: None) -> AsyncIterator[ScriptedBot]:
    bot = ScriptedBot(script)
    bot.gate.set()
    app = web.Application()
    app.add_routes([web.get("/wecom/app", bot.verify), web.post("/wecom/app", bot.receive)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    bot.url = f"http://127.0.0.1:{runner.addresses[0][1]}/wecom/app"
    try:
        yield bot
    finally:
        bot.gate.set()
        await runner.cleanup()


class Caller:
    """The bot's side of the API, as bare as can be: no cache, no retry."""

    def __init__(self, base: str, session: ClientSession) -> None:
        self.base = base
        self.session = session
        self.token = ""

    async def get(self, endpoint: str, **query: str) -> dict[str, Any]:
        async with self.session.get(self.base + endpoint, params=query) as response:
            reply: dict[str, Any] = await response.json()
        return reply

    async def log_in(self) -> dict[str, Any]:
        reply = await self.get("gettoken", corpid=CORP_ID, corpsecret=SECRET)
        self.token = reply["access_token"]
        return reply

    async def post(self, endpoint: str, body: Any) -> dict[str, Any]:
        url = f"{self.base}{endpoint}"
        async with self.session.post(url, params={"access_token": self.token}, json=body) as response:
            reply: dict[str, Any] = await response.json()
        return reply

    async def send(self, touser: str, msgtype: str = "text", **extra: Any) -> dict[str, Any]:
        body = {"touser": touser, "msgtype": msgtype, "agentid": AGENT_ID, **extra}
        return await self.post("message/send", body)


def chromium_path() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def has_chinese_font() -> bool:
    """Without one every browser draws boxes, whatever the page asks for."""
    fonts = shutil.which("fc-list")
    if fonts is None:
        return False
    listed = subprocess.run([fonts, ":lang=zh", "family"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A headless browser that calls nobody by itself."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(),
            args=[
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
            ],
        )  # fmt: skip
        yield browser
        await browser.close()
