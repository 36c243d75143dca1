"""The smart robot as dispatch sees it, and what its two transports share.

A message of a robot is worked on like any other; what differs is how it comes and how the answer leaves
(`bot/channels/robot_socket.py`, `bot/channels/robot_callback.py`). Neither transport brings a message again
when we could not store it in time, so it is tried again here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence

import structlog

from bot.answering import Handled
from bot.channels.lanes import Crowded, Lanes
from bot.dispatch import Dispatcher, Unavailable
from bot.metrics import Metrics
from bot.wecom.robot_render import label_of, pieces
from storage import outbox
from storage.engine import Database
from storage.message import File, Message, Payload, Picture, Reply

log = structlog.get_logger("robot")

# Seconds to wait between tries while messages cannot be stored; together less than a stream may stay open.
TRY_AGAIN = (0.2, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 60.0, 60.0)

WAIT_A_MOMENT = "正在查，请稍候……"
SORRY = "抱歉，系统刚才没能处理这条消息，请过几分钟再问一次；急事请直接联系市百千万办。"


class RobotChannel:
    """What dispatch needs to know about this channel."""

    markdown = False  # robots render another dialect than the app: what is bold there would be stars here

    def __init__(self, *, cards: bool) -> None:
        self.cards = cards

    def payloads(self, message: Message, reply: Reply) -> Sequence[Payload]:
        """One payload per message; what answers an event that nobody may answer twice is only one."""
        found = pieces(reply, cards=self.cards)
        return found[:1] if message.kind == "event" else found

    def inline(self, payload: Payload) -> bool:
        """Pictures and files are uploaded first, which takes longer than an answer may."""
        return not isinstance(payload, (Picture, File))


class Asking:
    """Takes messages through dispatch: a few of each conversation at a time, again while storage is away."""

    def __init__(self, dispatcher: Dispatcher, metrics: Metrics) -> None:
        self._dispatcher = dispatcher
        self._metrics = metrics
        self._lanes = Lanes()
        self._closing = asyncio.Event()

    def close(self) -> None:
        """What waits for its next try is given up."""
        self._closing.set()

    async def handle(self, message: Message) -> Handled | None:
        """None when it could not be stored for minutes, or its chat is flooded."""
        try:
            async with self._lanes.turn(message.chat or message.person.lower()):
                return await self._patiently(message)
        except Crowded:
            log.warning("too many messages of one chat wait; left out", message=message.key)
            self._metrics.refused.labels("crowded").inc()
            return None

    async def _patiently(self, message: Message) -> Handled | None:
        for wait in (*TRY_AGAIN, None):
            try:
                return await self._dispatcher.handle(message)
            except Unavailable:
                self._metrics.unavailable.inc()
                log.error("not stored; will be tried again", message=message.key, seconds=wait)
            if wait is None or await self._closes_within(wait):
                break
        return None

    async def _closes_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)
        return self._closing.is_set()


async def clicked(database: Database, row: str, button: str) -> tuple[str, str]:
    """Title of the card that the outbox row holds, and the label of its button; empty where it is gone."""
    card: Mapping[str, object] | None = None
    if row:
        async with database.transaction() as conn:
            card = await outbox.payload_of(conn, row)
    if card is None:
        return "", ""
    return str(card.get("title", "")), label_of(card, button)
