"""微信客服, the outgoing half: what a reply becomes there, and how it is sent within WeCom's rule.

Five messages may follow each of the visitor's, within 48 hours of his last: counted here before sending, so
that WeCom throws nothing away. What may not go is set aside for the office (搁置的消息) with what to do, and
so is what WeChat could not deliver. While a human being answers, nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bot.channels.slices import Kf as Settings
from bot.wecom import kf as calls
from bot.wecom.client import Client
from bot.wecom.errors import Rejected, RetryLater, WeComError, of_code
from bot.wecom.render import TEXT_BYTES, plain
from bot.wecom.split import parts
from storage import kf
from storage.engine import Database
from storage.kf import Visitor
from storage.message import (
    Card,
    CardUpdate,
    File,
    HandOver,
    Markdown,
    Message,
    OnEvent,
    Payload,
    Picture,
    Ping,
    Reply,
    Text,
)

log = structlog.get_logger("kf")

_CODES = ("welcome_code", "msg_code")  # in a message's extra: an event that may be answered once
_DIED = timedelta(minutes=1)  # a code lives 20 seconds


class KfChannel:
    """What dispatch needs to know about this channel; buttons become lines to touch."""

    cards = True
    markdown = False

    def payloads(self, message: Message, reply: Reply) -> Sequence[Payload]:
        """What an event allows to be said goes against its code, and counts for nothing."""
        if code := next((message.extra[name] for name in _CODES if message.extra.get(name)), ""):
            return (OnEvent(code, reply.text),)
        if isinstance(reply, Card) and calls.menu_body(reply) is not None:
            return (reply,)
        return tuple(Text(part) for part in parts(plain(reply.text), TEXT_BYTES))

    def inline(self, payload: Payload) -> bool:
        """The callback says only that something came: every answer is a call."""
        return False


class KfSender:
    def __init__(
        self, client: Client, *, settings: Settings, database: Database, clock: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._settings = settings
        self._database = database
        self._clock = clock

    async def send(self, target: str, payload: Payload, *, key: str, maybe_sent: timedelta | None) -> None:
        """Raises a WeComError that says what to do next."""
        visitor = await self._visitor(target)
        match payload:
            case OnEvent(code, text):
                await self._on_event(code, text, maybe_sent)
            case HandOver(servicer):
                await self._hand_over(visitor, servicer)
            case CardUpdate():
                return
            case _:
                await self._say(visitor, payload, key, counted=maybe_sent is not None)

    async def _visitor(self, target: str) -> Visitor:
        async with self._database.transaction() as conn:
            found = await kf.visitor(conn, target)
        if found is None:
            raise Rejected("这个微信用户没有在微信客服里说过话", "请换别的方式联系")
        return found

    # -- saying something

    async def _say(self, visitor: Visitor, payload: Payload, key: str, *, counted: bool) -> None:
        """`counted`: an earlier attempt was, and may have worked; its id keeps it from being shown twice."""
        if visitor.handed_at is not None:
            raise of_code(calls.NOT_OURS, "", self._clock())
        if not counted and not await self._take(visitor):
            raise self._too_much(visitor)
        try:
            body = await self._body(payload)
            await calls.send(self._client, visitor.open_kfid, visitor.external_userid, body, key=key)
        except WeComError as error:
            await self._account(visitor, error)
            raise

    async def _take(self, visitor: Visitor) -> bool:
        since = self._clock() - timedelta(hours=self._settings.hours)
        async with self._database.transaction() as conn:
            return await kf.take(conn, visitor, most=self._settings.per_message, since=since)

    def _too_much(self, visitor: Visitor) -> WeComError:
        """In the words WeCom would have used."""
        over = visitor.heard_at is None or self._clock() - visitor.heard_at >= timedelta(
            hours=self._settings.hours
        )
        return of_code(calls.TOO_LATE if over else calls.TOO_MANY, "", self._clock())

    async def _account(self, visitor: Visitor, error: WeComError) -> None:
        """Puts the count right after a message that was refused."""
        async with self._database.transaction() as conn:
            if error.code == calls.TOO_MANY:
                await kf.use_up(conn, visitor, self._settings.per_message)
            elif error.code == calls.NOT_OURS:
                await kf.hand_over(conn, visitor, "", self._clock())
            elif not (isinstance(error, RetryLater) and error.maybe_done):
                await kf.give_back(conn, visitor)

    async def _body(self, payload: Payload) -> dict[str, object]:
        match payload:
            case Card():
                return calls.menu_body(payload) or calls.text_body(payload.text)
            case Text(text) | Markdown(_, text) | Ping(text):
                return calls.text_body(text)
            case Picture(path):
                media_id = await self._client.upload(Path(path), Path(path).name, "image")
                return {"msgtype": "image", "image": {"media_id": media_id}}
            case File(path, name):
                media_id = await self._client.upload(Path(path), name, "file")
                return {"msgtype": "file", "file": {"media_id": media_id}}
        raise Rejected("这类消息发不到微信客服", "请把这条消息的编号和日志发给运维人员")

    # -- events and human beings

    async def _on_event(self, code: str, text: str, maybe_sent: timedelta | None) -> None:
        """A greeting that comes too late is no matter for the office."""
        if maybe_sent is not None and maybe_sent > _DIED:
            return
        try:
            await calls.send_on_event(self._client, code, text)
        except Rejected as error:
            log.info("the code was used or has expired", code=error.code)

    async def _hand_over(self, visitor: Visitor, servicer: str) -> None:
        """To the first of the configured servicers who is receiving, else into the pool."""
        wanted = (servicer,) if servicer else self._settings.servicers
        for one in (*wanted, ""):
            try:
                await calls.pass_on(self._client, visitor.open_kfid, visitor.external_userid, one)
            except Rejected as error:
                if one and error.code == calls.NO_SERVICER:
                    continue
                raise
            async with self._database.transaction() as conn:
                await kf.hand_over(conn, visitor, one, self._clock())
            return
