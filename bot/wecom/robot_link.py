"""One long connection of the smart robot: reads frames, routes acknowledgements, keeps the heart beating.

`bot/channels/robot_socket.py` opens it, subscribes, and opens another when it has ended. Reading never waits
for anybody: what arrives is handed to `on_call` at once, and who sends waits for his own acknowledgement.
Frames of one request id leave one after another, each when the one before is acknowledged, as WeCom asks.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp

from bot.wecom import robot_frames as frames
from bot.wecom.errors import RetryLater, WeComError, of_code
from bot.wecom.robot_frames import BadFrame, Frame

PATIENCE = 5.0  # seconds for an acknowledgement
BEAT = 30.0  # seconds between pings
MISSED = 2  # pings without an answer after which the connection is dead
CONNECTING = 10.0  # seconds
_LARGEST = 16 * 1024 * 1024  # bytes: larger frames end the connection, those in between are only ignored
_NOT_SUBSCRIBED = 846609
_KICK = "disconnected_event"

KICKED, DEAD, DROPPED = "kicked", "heartbeat", "closed here"  # why a connection ended


async def open_socket(
    session: aiohttp.ClientSession, url: str, *, proxy: str = ""
) -> aiohttp.ClientWebSocketResponse:
    """Connects; RetryLater when nobody answers."""
    try:
        async with asyncio.timeout(CONNECTING):
            return await session.ws_connect(
                url,
                proxy=proxy or None,
                max_msg_size=_LARGEST,
                timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
            )
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise RetryLater(
            "连接不上智能机器人的长连接地址", "请检查网络、代理和 [robot] ws_url", detail=type(error).__name__
        ) from None


@dataclass(slots=True)
class _Turn:
    """Whose turn it is to send under a request id, and how many wait for it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class Link:
    """A connection that is open. `run` reads until it ends; `ask` sends, from any number of tasks."""

    def __init__(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        *,
        clock: Callable[[], datetime],
        on_call: Callable[[Frame], None],
        on_bad: Callable[[str], None],
        patience: float = PATIENCE,
        beat: float = BEAT,
    ) -> None:
        self._socket = socket
        self._clock = clock
        self._on_call = on_call
        self._on_bad = on_bad
        self.patience = patience
        self._pause = beat
        self._waiting: dict[str, asyncio.Future[Frame]] = {}
        self._turns: dict[str, _Turn] = {}
        self._why = ""

    @property
    def alive(self) -> bool:
        return not self._socket.closed and not self._why

    async def run(self) -> str:
        """Reads until the connection ends; why it did."""
        beating = asyncio.create_task(self._beat(), name="robot-heartbeat")
        try:
            async for said in self._socket:
                self._take(said)
                if self._why:
                    break
        finally:
            beating.cancel()
            self._why = self._why or f"closed {self._socket.close_code}"
            self._fail_waiting()
            await self._socket.close()
        return self._why

    async def close(self, why: str = DROPPED) -> None:
        """Ends it; `run` returns `why`."""
        self._why = self._why or why
        await self._socket.close()

    async def ask(
        self,
        cmd: str,
        body: Mapping[str, Any] | None = None,
        *,
        req_id: str = "",
        patience: float | None = None,
    ) -> Mapping[str, Any]:
        """Sends a request and waits for its acknowledgement; what that carries. Raises a WeComError.

        RetryLater with `maybe_done` when the acknowledgement was lost.
        """
        name = req_id or f"{cmd}_{secrets.token_hex(8)}"
        async with self._turn(name):
            frame = await self._exchange(name, frames.write(cmd, name, body), patience or self.patience)
        if frame.code:
            if frame.code == _NOT_SUBSCRIBED:  # WeCom has forgotten us while the connection stands
                await self.close("not subscribed")
            raise of_code(frame.code, frame.detail, self._clock())
        return frame.body

    # -- sending ----------------------------------------------------------------------------------------

    async def _exchange(self, req_id: str, text: str, patience: float) -> Frame:
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        if not self.alive:
            raise _lost(maybe_done=False)
        self._waiting[req_id] = answer
        try:
            async with asyncio.timeout(patience):
                await self._socket.send_str(text)
                return await answer
        except (TimeoutError, aiohttp.ClientError, OSError):
            raise _lost(maybe_done=True) from None
        finally:
            del self._waiting[req_id]

    @contextlib.asynccontextmanager
    async def _turn(self, req_id: str) -> AsyncIterator[None]:
        turn = self._turns.setdefault(req_id, _Turn())
        turn.users += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.users -= 1
            if turn.users == 0:
                del self._turns[req_id]

    async def _beat(self) -> None:
        missed = 0
        while missed < MISSED:
            await asyncio.sleep(self._pause)
            try:
                await self.ask(frames.PING)
                missed = 0
            except WeComError:
                missed += 1
        await self.close(DEAD)

    # -- reading ----------------------------------------------------------------------------------------

    def _take(self, said: aiohttp.WSMessage) -> None:
        try:
            if said.type is not aiohttp.WSMsgType.TEXT:
                raise BadFrame("frame_not_text")
            frame = frames.read(said.data)
        except BadFrame as error:
            self._on_bad(error.reason)
            return
        if not frame.cmd:
            self._acknowledged(frame)
        elif frame.event == _KICK:
            self._why = self._why or KICKED
        elif frame.cmd in (frames.MESSAGE, frames.EVENT):
            self._on_call(frame)
        else:
            self._on_bad("frame_unknown_command")

    def _acknowledged(self, frame: Frame) -> None:
        answer = self._waiting.get(frame.req_id)
        if frame.code is None or answer is None or answer.done():
            self._on_bad("frame_answers_nothing")  # too late, twice, or out of order
            return
        answer.set_result(frame)

    def _fail_waiting(self) -> None:
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(_lost(maybe_done=True))


def _lost(*, maybe_done: bool) -> RetryLater:
    return RetryLater(
        "智能机器人的长连接没有回执", "会自动重试，不需要处理", after=1.0, maybe_done=maybe_done
    )
