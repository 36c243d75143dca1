"""The door of the self-built app: opens callbacks, waits until they are durable, answers in time.

`bot/app.py` mounts `routes()`. A request that WeCom would not have sent gets a 4xx with an empty body and
one log line; a message that could not be stored in time gets a 503, and WeCom delivers it again. The
WeCom API is never called here, so a slow or dead API cannot delay an answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from bot.answering import Handled
from bot.dispatch import Dispatcher, Unavailable
from bot.metrics import Metrics
from bot.settings import App as Settings
from bot.wecom.client import Client
from bot.wecom.crypto import XML_BODY_LIMIT, BadCallback, Crypto, fresh, read_envelope, reply_envelope
from bot.wecom.errors import DropRecipient, Rejected, Unsupported
from bot.wecom.inbound import BadMessage, passive_text, to_message
from bot.wecom.render import Send, Step, Update, Upload, pieces, render
from storage.message import Card, CardUpdate, Markdown, Message, Payload, Reply, Text

log = structlog.get_logger("app-door")

_CLICKED = "已选择"
_PARAMETERS = ("msg_signature", "timestamp", "nonce")


class AppChannel:
    """What dispatch needs to know about this channel."""

    def __init__(self, *, cards: bool, markdown: bool = False) -> None:
        self.cards = cards
        self.markdown = markdown

    def payloads(self, message: Message, reply: Reply) -> Sequence[Payload]:
        """One payload per message; a card that was clicked is closed, so that it is not clicked twice."""
        found = list(pieces(reply, cards=self.cards, markdown=self.markdown))
        if code := message.extra.get("response_code"):
            found.append(CardUpdate(code, _CLICKED))
        return found

    def inline(self, payload: Payload) -> bool:
        """A callback's answer carries plain text only; cards and markdown are pushed."""
        return isinstance(payload, Text)


class AppSender:
    """The outgoing half: delivery calls it for rows that were not answered inline."""

    def __init__(self, client: Client, *, cards: bool, markdown: bool = True) -> None:
        self._client = client
        self._cards = cards
        self._markdown = markdown

    async def send(self, target: str, payload: Payload, *, key: str, maybe_sent: timedelta | None) -> None:
        """Raises a WeComError that says what to do next. A form that is not known there goes out as text."""
        steps = render(payload, task_id=key, cards=self._cards, markdown=self._markdown)
        try:
            await self._all(target, steps, maybe_sent)
        except Unsupported as error:
            if not isinstance(payload, Card | Markdown) or not payload.text:
                raise
            feature = "cards" if isinstance(payload, Card) else "markdown"
            log.warning("sent as text", code=error.code, next_step=f"[tenant] without: {feature}")
            await self._all(target, render(Text(payload.text), task_id=key), maybe_sent)

    async def _all(self, target: str, steps: Sequence[Step], maybe_sent: timedelta | None) -> None:
        for step in steps:
            await self._do(target, step, maybe_sent)

    async def _do(self, target: str, step: Step, maybe_sent: timedelta | None) -> None:
        match step:
            case Send(body):
                await self._post(target, body, maybe_sent)
            case Update(body):
                await self._close_card(target, body)
            case Upload(path, name, kind):
                media_id = await self._client.upload(Path(path), name, kind)
                await self._post(target, step.send(media_id).body, maybe_sent)

    async def _post(self, target: str, body: Mapping[str, Any], maybe_sent: timedelta | None) -> None:
        result = await self._client.send([target], body, maybe_sent=maybe_sent)
        if target.lower() in (user.lower() for user in result.invalid):
            # WeCom says "ok" and leaves out whom it cannot reach.
            raise DropRecipient(
                "接收人无效，或者不在应用可见范围内", "请核对成员账号，并在管理后台把成员加入应用可见范围"
            )

    async def _close_card(self, target: str, body: Mapping[str, Any]) -> None:
        try:
            await self._client.update_card([target], body)
        except Rejected as error:
            # The code works once and for three days; an open button is no reason to trouble anyone.
            log.info("card stays open", person=target, code=error.code)


class AppDoor:
    """`GET|POST /wecom/app`."""

    def __init__(
        self,
        *,
        settings: Settings,
        crypto: Crypto,
        dispatcher: Dispatcher,
        clock: Callable[[], datetime],
        metrics: Metrics,
        kf: Callable[[Message], Awaitable[bool]] | None = None,
    ) -> None:
        self._kf = kf
        self._settings = settings
        self._agent = str(settings.agent_id)
        self._crypto = crypto
        self._dispatcher = dispatcher
        self._clock = clock
        self._metrics = metrics

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/wecom/app", self.verify, allow_head=False), web.post("/wecom/app", self.receive)]

    async def verify(self, request: web.Request) -> web.StreamResponse:
        """Saving the URL in the console: the opened echostr, and nothing else, within a second."""
        try:
            return web.Response(text=self._open(request, request.query.get("echostr", "")))
        except BadCallback as error:
            return self._refuse(request, error.reason, 403)

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """One delivery of a message or event."""
        try:
            message = await self._message(request)
        except (BadCallback, BadMessage) as error:
            return self._refuse(request, error.reason, 403 if error.reason in _NOT_ALLOWED else 400)
        self._note(message)
        if message.event == "kf_msg_or_event" and self._kf is not None:
            return web.Response(status=200 if await self._kf(message) else 503)
        try:
            handled = await self._dispatcher.handle(message)
        except Unavailable:
            self._metrics.unavailable.inc()
            log.error("not acknowledged in time; WeCom will deliver it again", message=message.key)
            return web.Response(status=503)
        return await self._answer(request, message, handled)

    def _note(self, message: Message) -> None:
        """What the operator should see of a message, beside its answer."""
        if message.kind == "unknown":
            self._metrics.unknown.labels((message.event or message.extra.get("type", ""))[:40]).inc()
        if message.event in _WARNINGS:
            log.warning(
                "WeCom warns about this app", warning=message.event, next_step=_WARNINGS[message.event]
            )

    async def _message(self, request: web.Request) -> Message:
        envelope = read_envelope(await self._body(request))
        if envelope.agent_id not in ("", "0", self._agent):
            raise BadMessage("unknown_agent")
        now = self._clock()
        return to_message(self._open(request, envelope.encrypted), agent=self._agent, received_at=now)

    async def _body(self, request: web.Request) -> bytes:
        if (request.content_length or 0) > XML_BODY_LIMIT:
            raise BadCallback("too_large")
        try:
            return await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise BadCallback("too_large") from None

    def _open(self, request: web.Request, encrypted: str) -> str:
        signature, timestamp, nonce = (request.query.get(name, "") for name in _PARAMETERS)
        if not (signature and timestamp and nonce):
            raise BadCallback("missing_parameter")
        if not fresh(timestamp, self._clock(), self._settings.replay_window_seconds):
            raise BadCallback("stale")
        return self._crypto.open(signature, timestamp, nonce, encrypted)

    async def _answer(self, request: web.Request, message: Message, handled: Handled) -> web.StreamResponse:
        if not isinstance(handled.inline, Text):
            return web.Response()
        now = self._clock()
        xml = passive_text(message.person, self._settings.corp_id, handled.inline.text, now)
        sealed = self._crypto.seal(xml, request.query["nonce"], str(int(now.timestamp())))
        response = web.Response(text=reply_envelope(sealed), content_type="application/xml")
        try:
            await response.prepare(request)
            await response.write_eof()
        except ConnectionError:
            # WeCom hung up: it will deliver the message again, or the lease ends and delivery pushes.
            log.warning("sender hung up before the answer", message=message.key)
            return response
        self._dispatcher.answered(f"re:{message.key}")
        return response

    def _refuse(self, request: web.Request, reason: str, status: int) -> web.Response:
        self._metrics.refused.labels(reason).inc()
        log.warning("callback refused", reason=reason, remote=request.remote, method=request.method)
        return web.Response(status=413 if reason == "too_large" else status)


_WARNINGS = {
    "inactive_alert": "使用太少，企业微信将停用此应用：请在管理后台处理，并提醒成员使用",
    "close_inactive_agent": "应用因使用太少已被停用：请在管理后台重新启用",
    "low_active_alert": "应用活跃度偏低，可能被限制：请在管理后台查看",
    "low_active": "应用因活跃度低已被限制：请在管理后台处理",
}
_NOT_ALLOWED = frozenset({"signature_mismatch", "stale", "receive_id_mismatch", "unknown_agent"})
