"""The smart robot by callback: `GET|POST /wecom/robot`, JSON in a sealed envelope, answers as streams.

A message is answered in the response itself once it is durable. When that takes more than a second, the
asker is told to wait, and WeCom's polls get the rest: from this process while the message is being worked on,
and from the database by any replica afterwards. What cannot travel in a response is posted to the address
that came with the message (`bot/wecom/response_url.py`); without one, nothing can be pushed this way.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from aiohttp import web

from bot.answering import Handled
from bot.channels.robot import SORRY, WAIT_A_MOMENT, Asking, clicked
from bot.channels.robot_slice import Robot as Settings
from bot.dispatch import Dispatcher
from bot.metrics import Metrics
from bot.wecom import response_url, robot_render
from bot.wecom.crypto import (
    JSON_BODY_LIMIT,
    BadCallback,
    Crypto,
    fresh,
    read_json_envelope,
    reply_json_envelope,
)
from bot.wecom.errors import Rejected, RetryLater, TargetGone
from bot.wecom.inbound import BadMessage
from bot.wecom.robot_inbound import Fields, key_of, read_body, stream_id, to_message
from bot.wecom.robot_inbound import response_url as url_of
from storage import outbox, robots
from storage.engine import Database
from storage.message import CardUpdate, File, Message, Payload, Picture, Text, load

log = structlog.get_logger("robot-door")

PATIENCE = 1.0  # seconds before the asker is told to wait
POLL_PATIENCE = 0.9  # seconds a poll waits for news
FORGOTTEN = 15.0  # seconds after which polls for what nobody knows are told so
CLOSING = 5.0  # seconds messages at hand may still take when the process ends
WINDOW = 600  # seconds a callback's timestamp may be off
_URL_LIFE = timedelta(minutes=58)  # WeCom's hour, less the time of an answer
_NO_URL = "回调方式不能主动发消息：请把智能机器人改为长连接，或把这类消息改发群机器人、应用消息"


class ResponseSender:
    """The outgoing half: what was not said in a response goes to a message's own address, once."""

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        settings: Settings,
        proxy: str,
        database: Database,
        clock: Callable[[], datetime],
    ) -> None:
        self._session = session
        self._settings = settings
        self._proxy = proxy
        self._database = database
        self._clock = clock

    @property
    def resting(self) -> bool:
        return False

    async def send(self, target: str, payload: Payload, *, key: str, maybe_sent: timedelta | None) -> None:
        """Raises a WeComError; TargetGone when no address is left for this chat."""
        if isinstance(payload, CardUpdate):
            return
        body = robot_render.push(_sayable(payload), key=key)
        message = key.removeprefix("re:")
        url = await self._take(message, target)
        if url is None:
            raise TargetGone("没有可用的回复地址", _NO_URL)
        try:
            await response_url.post(
                self._session,
                url,
                body,
                domains=self._settings.domains,
                clock=self._clock,
                proxy=self._proxy,
            )
        except RetryLater as error:
            if not error.maybe_done:
                await self._keep(message, target, url)
            raise

    async def _take(self, message: str, target: str) -> str | None:
        async with self._database.transaction() as conn:
            return await robots.take(conn, message, target, self._clock())

    async def _keep(self, message: str, target: str, url: str) -> None:
        now = self._clock()
        async with self._database.transaction() as conn:
            await robots.keep(conn, message, target, url, now=now, until=now + _URL_LIFE / 2)


class RobotDoor:
    """`GET|POST /wecom/robot`."""

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        dispatcher: Dispatcher,
        clock: Callable[[], datetime],
        metrics: Metrics,
        on_queued: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._crypto = Crypto(settings.token, settings.aes_key, "")
        self._database = database
        self._dispatcher = dispatcher
        self._asking = Asking(dispatcher, metrics)
        self._clock = clock
        self._metrics = metrics
        self._on_queued = on_queued
        self._running: dict[str, asyncio.Task[Handled | None]] = {}
        self._missed: dict[str, float] = {}

    async def start(self) -> None:
        """Nothing to begin: the web server listens."""

    async def close(self) -> None:
        """What waits for its next try is given up; dispatch finishes what it has."""
        self._asking.close()
        if self._running:
            await asyncio.wait(self._running.values(), timeout=CLOSING)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/wecom/robot", self.verify, allow_head=False),
            web.post("/wecom/robot", self.receive),
        ]

    async def verify(self, request: web.Request) -> web.StreamResponse:
        """Saving the URL in the console: the opened echostr, and nothing else, within a second."""
        try:
            return web.Response(text=self._open(request, request.query.get("echostr", "")))
        except BadCallback as error:
            return self._refuse(request, error.reason, 403)

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """One delivery of a message, an event or a poll."""
        try:
            body = await self._body(request)
            if polled := stream_id(body):
                return await self._poll(request, key_of(str(body.get("aibotid", "")), polled), polled)
            message = to_message(body, name=self._settings.name, received_at=self._clock())
        except (BadCallback, BadMessage) as error:
            return self._refuse(request, error.reason, 403 if error.reason in _NOT_ALLOWED else 400)
        await self._keep_url(message, url_of(body))
        return await self._answer(request, message)

    # -- a message ------------------------------------------------------------------------------------------

    async def _answer(self, request: web.Request, message: Message) -> web.StreamResponse:
        task = self._work_on(message)
        await asyncio.wait({task}, timeout=PATIENCE if not message.event else PATIENCE * 4)
        if not task.done():
            return self._sealed(request, _stream(message, WAIT_A_MOMENT, finish=False))
        handled = task.result()
        if handled is None:
            return web.Response() if message.event else self._sealed(request, _stream(message, SORRY))
        return await self._say(request, message, handled.inline)

    def _work_on(self, message: Message) -> asyncio.Task[Handled | None]:
        """The task that takes the message through dispatch; the same one when it is delivered again."""
        task = self._running.get(message.key)
        if task is None:
            task = asyncio.create_task(self._asking.handle(message))
            self._running[message.key] = task
            task.add_done_callback(lambda _: self._running.pop(message.key, None))
        return task

    async def _say(
        self, request: web.Request, message: Message, payload: Payload | None
    ) -> web.StreamResponse:
        key = f"re:{message.key}"
        if message.kind == "click":  # the response closes the card; the answer itself goes to its address
            if payload is not None:
                await self._hand_over(key)
            return self._sealed(request, await self._closed_card(message))
        if payload is None:
            return web.Response()
        if message.kind == "event":
            body = robot_render.welcome(payload, key=key)
        else:
            body = robot_render.reply(payload, stream_id=_stream_of(message), key=key)
        return await self._send(request, key, body)

    async def _send(self, request: web.Request, key: str, body: Mapping[str, Any]) -> web.StreamResponse:
        """The response with an answer in it; noted as said when it has left."""
        response = self._sealed(request, body)
        try:
            await response.prepare(request)
            await response.write_eof()
        except ConnectionError:
            log.warning("sender hung up before the answer", message=key)
            return response
        self._dispatcher.answered(key)
        return response

    async def _closed_card(self, message: Message) -> Mapping[str, Any]:
        task_id = message.extra.get("task_id", "")
        title, label = await clicked(self._database, robot_render.row_of_task(task_id), message.text)
        only = message.person if message.chat else ""
        return robot_render.closed_card(task_id, title or "已收到", label or message.text, only=only)

    async def _hand_over(self, key: str) -> None:
        async with self._database.transaction() as conn:
            await outbox.hand_over(conn, key, self._clock(), maybe_sent=False)
        self._on_queued()

    async def _keep_url(self, message: Message, url: str) -> None:
        """Kept before the message is worked on: whoever answers it later, in whichever process, needs it."""
        if not url:
            return
        if not response_url.allowed(url, self._settings.domains):
            self._metrics.refused.labels("response_url").inc()
            log.warning("response address refused", message=message.key, next_step="[robot] domains")
            return
        now, target = self._clock(), message.answer_to
        async with self._database.transaction() as conn:
            await robots.keep(conn, message.key, target, url, now=now, until=now + _URL_LIFE)

    # -- a poll ---------------------------------------------------------------------------------------------

    async def _poll(self, request: web.Request, key: str, polled: str) -> web.StreamResponse:
        """How the answer stands now."""
        if (task := self._running.get(key)) is not None:
            await asyncio.wait({task}, timeout=POLL_PATIENCE)
            if not task.done():
                return self._sealed(request, robot_render.stream(polled, WAIT_A_MOMENT, finish=False))
            if task.result() is None:
                return self._sealed(request, robot_render.stream(polled, SORRY))
        async with self._database.transaction() as conn:
            said = await outbox.payload_of(conn, f"re:{key}")
        if said is None:
            return self._sealed(request, self._unknown(polled))
        self._missed.pop(polled, None)
        body = robot_render.stream(polled, robot_render.words(load(said)))
        return await self._send(request, f"re:{key}", body)

    def _unknown(self, polled: str) -> Mapping[str, Any]:
        """Another replica may be at it; after a while, whoever was at it has died."""
        now = asyncio.get_running_loop().time()
        if len(self._missed) > 1000:
            self._missed.clear()
        if now - self._missed.setdefault(polled, now) < FORGOTTEN:
            return robot_render.stream(polled, WAIT_A_MOMENT, finish=False)
        return robot_render.stream(polled, SORRY)

    # -- the envelope ---------------------------------------------------------------------------------------

    async def _body(self, request: web.Request) -> Fields:
        if (request.content_length or 0) > JSON_BODY_LIMIT:
            raise BadCallback("too_large")
        raw = bytearray()
        async for chunk in request.content.iter_any():  # the server's own limit is the app's, which is less
            raw += chunk
            if len(raw) > JSON_BODY_LIMIT:
                raise BadCallback("too_large")
        return read_body(self._open(request, read_json_envelope(bytes(raw)).encrypted))

    def _open(self, request: web.Request, encrypted: str) -> str:
        names = ("msg_signature", "msgsignature", "signature")
        signature = next((request.query[name] for name in names if name in request.query), "")
        timestamp, nonce = request.query.get("timestamp", ""), request.query.get("nonce", "")
        if not (signature and timestamp and nonce):
            raise BadCallback("missing_parameter")
        if not fresh(timestamp, self._clock(), WINDOW):
            raise BadCallback("stale")
        return self._crypto.open(signature, timestamp, nonce, encrypted)

    def _sealed(self, request: web.Request, body: Mapping[str, Any]) -> web.Response:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        now = str(int(self._clock().timestamp()))
        return web.Response(text=reply_json_envelope(self._crypto.seal(text, request.query["nonce"], now)))

    def _refuse(self, request: web.Request, reason: str, status: int) -> web.Response:
        self._metrics.refused.labels(reason).inc()
        log.warning("callback refused", reason=reason, remote=request.remote, method=request.method)
        return web.Response(status=413 if reason == "too_large" else status)


def _sayable(payload: Payload) -> Payload:
    """Pictures and files cannot go this way: their words do."""
    if isinstance(payload, (Picture, File)):
        if not (words := robot_render.words(payload)):
            raise Rejected("回调方式不能发图片和文件", "请把智能机器人改为长连接")
        return Text(words)
    return payload


def _stream(message: Message, words: str, *, finish: bool = True) -> Mapping[str, Any]:
    return robot_render.stream(_stream_of(message), words, finish=finish)


def _stream_of(message: Message) -> str:
    return message.key.split(":", 2)[2]


_NOT_ALLOWED = frozenset({"signature_mismatch", "stale", "receive_id_mismatch"})
