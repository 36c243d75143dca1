"""The outgoing half of the long connection: what leaves by it, answers and pushes alike, and how much may.

There is one for the process. `bot/channels/robot_socket.py` puts the connection in and takes it out again;
delivery sends its rows through it while it is up. WeCom counts replies and pushes of a conversation together,
and only the replica with the connection sends any, so they are counted here.
"""

from __future__ import annotations

import asyncio
import functools
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from bot import pacing
from bot.channels.ways import closing, only_once
from bot.pacing import Window
from bot.wecom import robot_frames as frames
from bot.wecom import robot_render
from bot.wecom.errors import RateLimited, Rejected, RetryLater
from bot.wecom.robot_link import Link
from bot.wecom.robot_upload import upload
from storage.chats import ROBOT, Address
from storage.engine import Database
from storage.message import Card, CardUpdate, File, Payload, Picture, Text

_ANSWER = "re:"  # the keys of answers: better twice than never, while a notice is better looked for first
_UPLOADING = 25.0  # seconds: less than the lease of a row that is being sent
_CONVERSATIONS = 10_000  # whose last hour is remembered


@dataclass(slots=True)
class RobotLine:
    """`link` is the connection that is up; `groups` and `people` are whom it has heard from."""

    clock: Callable[[], datetime]
    windows: tuple[Window, ...]
    database: Database
    link: Link | None = None
    groups: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    _sent: dict[str, deque[datetime]] = field(default_factory=dict)

    @property
    def resting(self) -> bool:
        """Nothing can be sent from this process just now."""
        return self.link is None or not self.link.alive

    async def send(self, target: str, payload: Payload, *, key: str, maybe_sent: timedelta | None) -> None:
        """Pushes one payload. Raises a WeComError."""
        if isinstance(payload, CardUpdate):
            return  # a card is closed while its click is answered, or not at all
        if not key.startswith(_ANSWER):
            only_once(maybe_sent)
        if isinstance(payload, Card) and maybe_sent is not None:
            payload = Text(payload.text)  # no card with this name is taken twice
        link = self._up()
        if (until := self.full_until(target)) is not None:
            raise RateLimited("该会话本时段消息已达上限", "会自动等待后继续，不需要处理", until=until)
        body = await self._body(link, payload, key)
        self.count(target)
        whole = {"chatid": target, **self._chat_type(target), **body}
        await closing(
            Address(ROBOT, target), functools.partial(_pushed, link, whole), self.database, self.clock
        )

    def full_until(self, target: str) -> datetime | None:
        """When the conversation may hear from us again; None when it may now."""
        now = self.clock()
        return pacing.free_at(tuple(self._sent.get(target, ())), self.windows, now)

    def count(self, target: str) -> None:
        """Something is about to be said there."""
        if target not in self._sent and len(self._sent) >= _CONVERSATIONS:
            self._forget()
        most = max(window.most for window in self.windows)
        self._sent.setdefault(target, deque(maxlen=most)).append(self.clock())

    def _forget(self) -> None:
        span = max(window.span for window in self.windows)
        quiet = [name for name, times in self._sent.items() if times[-1] < self.clock() - span]
        for name in quiet or list(self._sent)[: _CONVERSATIONS // 10]:
            del self._sent[name]

    def _up(self) -> Link:
        if self.link is None or not self.link.alive:
            raise RetryLater("智能机器人的长连接没有建立", "会自动重新连接，不需要处理", after=2.0)
        return self.link

    async def _body(self, link: Link, payload: Payload, key: str) -> Mapping[str, Any]:
        match payload:
            case Picture(path):
                return await _uploaded(link, Path(path), Path(path).name, "image")
            case File(path, name):
                return await _uploaded(link, Path(path), name, "file")
        return robot_render.push(payload, key=key)

    def _chat_type(self, target: str) -> dict[str, int]:
        """Said outright where it is known; WeCom finds out by itself otherwise."""
        if target in self.groups:
            return {"chat_type": robot_render.GROUP}
        return {"chat_type": robot_render.PERSON} if target in self.people else {}


async def _pushed(link: Link, body: Mapping[str, Any]) -> None:
    await link.ask(frames.SEND, body)


async def _uploaded(link: Link, path: Path, name: str, kind: Literal["image", "file"]) -> Mapping[str, Any]:
    try:
        data = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise Rejected("要发送的文件读不出来", "请重新生成文件后再发", detail=type(error).__name__) from None
    try:
        async with asyncio.timeout(_UPLOADING):
            ask = functools.partial(link.ask, patience=2 * link.patience)  # a piece is a large frame
            return robot_render.media(kind, await upload(ask, data, name, kind))
    except TimeoutError:
        raise RetryLater("上传文件太慢", "请检查网络", after=60.0) from None
