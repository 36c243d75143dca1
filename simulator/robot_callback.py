"""The robot by callback, seen from WeCom: sealed JSON out, streams polled until they end, one answer later.

Each attempt carries the same message, freshly sealed; a message is tried four times, a clicked card once. The
address for a later answer works once, within the hour, and for a card only in a private chat.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from simulator import crypto
from simulator.corp import Corp, new_message_id
from simulator.crypto import BadEnvelope, Keys
from simulator.errors import ApiError
from simulator.robot import STREAM_LIFE, Asked, Json, Robot

_TRIES = 4
_PATIENCE = 5.0
_PLACES = ("aibotid", "chatid", "chattype", "from")
_URL_LIFE = timedelta(hours=1)


@dataclass(slots=True)
class Exchange:
    """One request to the robot and what came back: the opened reply, or why there is none."""

    sent: Json
    status: int = 0
    reply: Json | None = None
    problem: str = ""


@dataclass(slots=True)
class _Address:
    asked: Asked
    until: datetime


@dataclass(slots=True)
class RobotCallback:
    """A `Transport` of the robot; `base` is where its addresses for later answers lead."""

    corp: Corp
    robot: Robot
    url: str
    base: str
    poll_delay: float = 1.0
    retry_delay: float = 1.0
    exchanges: list[Exchange] = field(default_factory=list)
    _addresses: dict[str, _Address] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _session: aiohttp.ClientSession | None = None

    @property
    def keys(self) -> Keys:
        return Keys(self.robot.keys.token, self.robot.keys.aes_key, "")

    async def verify_url(self) -> bool:
        """What saving the address in the console does."""
        echo = str(secrets.randbits(62))
        sealed = crypto.seal(self.keys, echo)
        patience = aiohttp.ClientTimeout(total=1.0)
        query = self._query(sealed)[1] | {"echostr": sealed}
        async with self._http().get(f"{self.url}?{urlencode(query)}", timeout=patience) as response:
            return response.status == 200 and await response.text() == echo

    def hand_over(self, asked: Asked) -> bool:
        if asked.kind != "enter_chat":
            code = secrets.token_urlsafe(24)
            self._addresses[code] = _Address(asked, self.corp.clock.now() + _URL_LIFE)
            asked.body["response_url"] = f"{self.base}/cgi-bin/aibot/response?response_code={code}"
        task = asyncio.create_task(self._tell(asked))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def later(self, request: web.Request) -> web.Response:
        """`POST /cgi-bin/aibot/response`: an answer by the address of a message."""
        body = await request.json()
        address = self._addresses.pop(request.query.get("response_code", ""), None)
        try:
            if address is None or address.until < self.corp.clock.now():
                raise ApiError(40058, "response_code is used or expired")
            self._answer_later(address.asked, body)
        except ApiError as error:
            return web.json_response({"errcode": error.code, "errmsg": error.message})
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._session is not None:
            await self._session.close()

    def _answer_later(self, asked: Asked, body: Json) -> None:
        kind = body.get("msgtype")
        if kind not in ("markdown", "template_card") or (kind == "template_card" and asked.group):
            raise ApiError(40008, "invalid message type")
        self.robot.push({"chatid": asked.target, **body})

    async def _tell(self, asked: Asked) -> None:
        tries = 1 if asked.kind == "template_card_event" else _TRIES
        for number in range(tries):
            if number:
                await asyncio.sleep(self.retry_delay)
            exchange = await self._exchange(asked.body)
            if exchange.status == 200:
                await self._take(asked, exchange)
                return

    async def _take(self, asked: Asked, exchange: Exchange) -> None:
        if exchange.reply is None:
            return
        try:
            self._show(asked, exchange.reply)
        except ApiError as error:
            exchange.problem = str(error)
            return
        stream = exchange.reply.get("stream")
        if exchange.reply.get("msgtype") == "stream" and isinstance(stream, dict) and not stream["finish"]:
            await self._poll(asked, str(stream["id"]))

    async def _poll(self, asked: Asked, stream: str) -> None:
        places = {
            name: asked.body[name] for name in ("aibotid", "chatid", "chattype", "from") if name in asked.body
        }
        until = self.corp.clock.now() + STREAM_LIFE
        while not asked.done and self.corp.clock.now() < until:
            await asyncio.sleep(self.poll_delay)
            poll = places | {"msgid": new_message_id(), "msgtype": "stream", "stream": {"id": stream}}
            exchange = await self._exchange(poll)
            if exchange.reply is None:
                continue
            try:
                self._show(asked, exchange.reply)
            except ApiError as error:
                exchange.problem = str(error)
                return

    def _show(self, asked: Asked, reply: Json) -> None:
        if "response_type" in reply:
            self.robot.update(asked, reply)
        elif asked.kind == "enter_chat":
            self.robot.welcome(asked, reply)
        else:
            self.robot.reply(asked, reply)

    async def _exchange(self, body: Json) -> Exchange:
        sealed = crypto.seal(self.keys, json.dumps(body, ensure_ascii=False))
        nonce, query = self._query(sealed)
        exchange = Exchange(body)
        self.exchanges.append(exchange)
        try:
            async with self._http().post(
                f"{self.url}?{urlencode(query)}",
                json={"encrypt": sealed},
                timeout=aiohttp.ClientTimeout(total=_PATIENCE),
                allow_redirects=False,
            ) as response:
                exchange.status = response.status
                raw = await response.read()
            exchange.reply = self._opened(raw, nonce) if exchange.status == 200 and raw else None
        except (aiohttp.ClientError, TimeoutError, BadEnvelope, ValueError, KeyError) as error:
            exchange.problem = f"{type(error).__name__} {error}"
        return exchange

    def _opened(self, raw: bytes, nonce: str) -> Json:
        """Its nonce must be the request's, its time a number, its signature right."""
        sealed: dict[str, Any] = json.loads(raw)
        if sealed["nonce"] != nonce or not isinstance(sealed["timestamp"], int):
            raise BadEnvelope("nonce_or_timestamp")
        crypto.verify(self.keys, sealed["msgsignature"], str(sealed["timestamp"]), nonce, sealed["encrypt"])
        opened: Json = json.loads(crypto.unseal(self.keys, sealed["encrypt"]))
        return opened

    def _query(self, sealed: str) -> tuple[str, dict[str, str]]:
        timestamp, nonce = str(int(self.corp.clock.now().timestamp())), str(secrets.randbelow(10**10))
        signature = crypto.sign(self.keys.token, timestamp, nonce, sealed)
        return nonce, {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        return self._session
