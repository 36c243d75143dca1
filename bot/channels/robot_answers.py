"""Answers what the long connection brings: through dispatch, then back under the same request id.

Every message has a task of its own, so reading never waits. An answer that cannot be given here any more (the
connection was cut, the stream expired, the chat has heard too much) is handed to delivery, which pushes it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

import structlog

from bot.answering import Handled
from bot.channels.robot import SORRY, WAIT_A_MOMENT, Asking, clicked
from bot.channels.robot_line import RobotLine
from bot.dispatch import Dispatcher
from bot.metrics import Metrics
from bot.wecom import robot_frames as frames
from bot.wecom import robot_render
from bot.wecom.errors import RetryLater, WeComError
from bot.wecom.inbound import BadMessage
from bot.wecom.robot_frames import Frame
from bot.wecom.robot_inbound import to_message
from bot.wecom.robot_link import Link
from storage import outbox
from storage.engine import Database, StorageError
from storage.message import Card, Message, Payload, Text

log = structlog.get_logger("robot")

SLOW = 0.1  # seconds after which the asker sees that it is being looked up
CROWD = 16  # messages at hand from which on nobody's answer comes sooner than that
_STREAM_ENDED = 846608
_LATER = "问候没有在时限内送达，不再补发"
_ELSEWHERE = "已另发一条答复。"
_CLOSING = 5.0  # seconds answers may still take when the process ends


class Answers:
    """One for the process; `heard` is called by whichever connection is up."""

    def __init__(
        self,
        *,
        name: str,
        line: RobotLine,
        database: Database,
        dispatcher: Dispatcher,
        clock: Callable[[], datetime],
        metrics: Metrics,
        on_queued: Callable[[], None],
        slow: float = SLOW,
    ) -> None:
        self._name = name
        self._line = line
        self._database = database
        self._dispatcher = dispatcher
        self._asking = Asking(dispatcher, metrics)
        self._clock = clock
        self._metrics = metrics
        self._on_queued = on_queued
        self._slow = slow
        self._tasks: set[asyncio.Task[None]] = set()

    def heard(self, link: Link, frame: Frame) -> None:
        """A message or event: returns at once, the rest happens beside."""
        try:
            message = to_message(frame.body, name=self._name, received_at=self._clock())
        except BadMessage as error:
            self.bad(error.reason)
            return
        if message.kind == "unknown":
            self._metrics.unknown.labels((message.event or message.extra.get("type", ""))[:40]).inc()
        if message.chat:
            self._line.groups.add(message.chat)
        else:
            self._line.people.add(message.person)
        task = asyncio.create_task(self._guarded(link, frame.req_id, message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def bad(self, reason: str) -> None:
        """A frame that is nothing for us: noted, and the connection goes on."""
        self._metrics.refused.labels(reason).inc()
        log.warning("frame ignored", reason=reason)

    async def close(self) -> None:
        """Gives the answers at hand a moment; what is left is pushed by whoever connects next."""
        self._asking.close()
        if self._tasks:  # and none is cancelled: it may be in the middle of a transaction
            await asyncio.wait(self._tasks, timeout=_CLOSING)

    async def _guarded(self, link: Link, req_id: str, message: Message) -> None:
        """A message that makes us stumble must not end the connection; what it asked is in the outbox."""
        try:
            await self._answer(link, req_id, message)
        except StorageError as error:
            log.error("answer not noted", message=message.key, error=type(error).__name__)
        except Exception:  # the edge of a task nobody waits for
            log.exception("answering raised what it should not", message=message.key)

    # -- one message --------------------------------------------------------------------------------------

    async def _answer(self, link: Link, req_id: str, message: Message) -> None:
        waits = self._patience(link, req_id, message)
        try:
            handled = await self._asking.handle(message)
        finally:
            waiting = await waits.ended()
        if handled is None or handled.inline is None:
            await self._nothing_to_say(link, req_id, message, handled, waiting=waiting)
            return
        payload = handled.inline
        if waiting and isinstance(payload, Card):
            payload = Text(payload.text)  # the stream that was begun can only end in words
        await self._say(link, req_id, message, payload)

    def _patience(self, link: Link, req_id: str, message: Message) -> _Patience:
        """After a while, who asked is told that it takes a moment; in a crowd at once."""
        slow = self._slow if len(self._tasks) < CROWD else 0.0
        body = robot_render.stream(_stream(message), WAIT_A_MOMENT, finish=False)
        return _Patience(slow, lambda: self._try(link, req_id, body), begun=not message.event)

    async def _nothing_to_say(
        self, link: Link, req_id: str, message: Message, handled: Handled | None, *, waiting: bool
    ) -> None:
        """Only an asker who was told to wait, or whose words are lost, is told so."""
        if not message.event and (handled is None or waiting):
            words = SORRY if handled is None else _ELSEWHERE
            await self._try(link, req_id, robot_render.stream(_stream(message), words))

    async def _say(self, link: Link, req_id: str, message: Message, payload: Payload) -> None:
        key = f"re:{message.key}"
        if message.kind == "click":  # it may be answered by closing the card only
            await self._close_card(link, req_id, message)
            await self._hand_over(key, maybe_sent=False)
            return
        if self._line.full_until(message.answer_to) is not None:
            await self._hand_over(key, maybe_sent=False)
            return
        try:
            await self._deliver(link, req_id, message, payload)
        except WeComError as error:
            await self._not_said(message, error)
        else:
            self._dispatcher.answered(key)

    async def _deliver(self, link: Link, req_id: str, message: Message, payload: Payload) -> None:
        key = f"re:{message.key}"
        self._line.count(message.answer_to)
        if message.kind == "event":
            await link.ask(frames.WELCOME, robot_render.welcome(payload, key=key), req_id=req_id)
            return
        body = robot_render.reply(payload, stream_id=_stream(message), key=key)
        try:
            await link.ask(frames.RESPOND, body, req_id=req_id)
        except RetryLater:
            if isinstance(payload, Card) or not link.alive:
                raise
            await self._say_again(link, req_id, body)

    async def _say_again(self, link: Link, req_id: str, body: dict[str, Any]) -> None:
        """Perhaps only the acknowledgement was lost. The same stream said twice is still one message, and one
        that cannot be changed any more has arrived."""
        try:
            await link.ask(frames.RESPOND, body, req_id=req_id)
        except WeComError as error:
            if error.code != _STREAM_ENDED:
                raise

    async def _not_said(self, message: Message, error: WeComError) -> None:
        key = f"re:{message.key}"
        log.warning("not answered here", message=message.key, code=error.code, reason=error.reason)
        if message.kind == "event":  # nobody wants to be greeted minutes later
            async with self._database.transaction() as conn:
                await outbox.let_be(conn, key, _LATER)
            return
        await self._hand_over(key, maybe_sent=isinstance(error, RetryLater) and error.maybe_done)

    async def _hand_over(self, key: str, *, maybe_sent: bool) -> None:
        """Delivery pushes it, at once when the connection is up."""
        async with self._database.transaction() as conn:
            await outbox.hand_over(conn, key, self._clock(), maybe_sent=maybe_sent)
        self._on_queued()

    async def _close_card(self, link: Link, req_id: str, message: Message) -> None:
        """The card that was clicked loses its buttons: for everybody, or in a group for who clicked."""
        task_id = message.extra.get("task_id", "")
        title, label = await clicked(self._database, robot_render.row_of_task(task_id), message.text)
        body = robot_render.closed_card(
            task_id, title or "已收到", label or message.text, only=message.person if message.chat else ""
        )
        await self._try(link, req_id, body, cmd=frames.UPDATE)

    async def _try(self, link: Link, req_id: str, body: dict[str, Any], *, cmd: str = frames.RESPOND) -> None:
        """Says what is not worth saying twice."""
        try:
            await link.ask(cmd, body, req_id=req_id)
        except WeComError as error:
            log.info("frame not taken", command=cmd, code=error.code, reason=error.reason)


class _Patience:
    """Does something once, when it takes too long until `ended` is called. A timer costs less than a task."""

    def __init__(self, seconds: float, do: Callable[[], Coroutine[Any, Any, None]], *, begun: bool) -> None:
        self._do = do
        self._task: asyncio.Task[None] | None = None
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(seconds, self._begin) if begun else None

    async def ended(self) -> bool:
        """Whether it was done."""
        if self._timer is not None:
            self._timer.cancel()
        if self._task is None:
            return False
        await self._task
        return True

    def _begin(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._do())


def _stream(message: Message) -> str:
    """The id of the one stream that answers this message, however often it comes."""
    return message.key.split(":", 2)[2]
