"""The robot's long connection, seen from WeCom: one connection per robot, acknowledgements, faults.

A request id belongs to the connection it was handed over on: the next one does not know it. Nothing is kept
for a robot that is away.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import defaultdict
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from simulator.errors import ApiError
from simulator.robot import BAD_LOGIN, BAD_REQUEST, NOT_SUBSCRIBED, Asked, Json, Robot, RobotKeys
from simulator.robot_upload import Uploads

_LARGEST = 4 * 1024 * 1024


@dataclass(slots=True, eq=False)
class Connection:
    """One robot that connected; subscribed once its secret was right."""

    socket: web.WebSocketResponse
    request: web.Request
    subscribed: bool = False
    asked: dict[str, Asked] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=set)  # request ids whose acknowledgement is held back

    async def send(self, frame: Json) -> None:
        if not self.socket.closed:
            await self.socket.send_str(json.dumps(frame, ensure_ascii=False))


@dataclass(slots=True)
class Faults:
    """What goes wrong: acknowledgements that are lost, codes that refuse, a door that is shut."""

    lost: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # by command, "" for any
    codes: list[tuple[str, int]] = field(default_factory=list)
    shut: bool = False
    forgotten: bool = False  # WeCom has forgotten the subscription while the connection stands

    def loses(self, cmd: str) -> bool:
        for name in (cmd, ""):
            if self.lost[name] > 0:
                self.lost[name] -= 1
                return True
        return False

    def code(self, cmd: str) -> int:
        for place, (wanted, code) in enumerate(self.codes):
            if wanted in ("", cmd):
                del self.codes[place]
                return code
        return 0


class RobotSocket:
    """`GET /robot`, upgraded. Also a `Transport` of the robot."""

    def __init__(self, robot: Robot, uploads: Uploads) -> None:
        self.faults = Faults()
        self.acknowledging = asyncio.Event()  # cleared: acknowledgements are held back
        self.acknowledging.set()
        self.frames: list[Json] = []  # everything robots sent, without what files hold
        self.out_of_turn = 0  # frames that came before the one before them was acknowledged
        self.subscriptions = 0
        self._robot = robot
        self._uploads = uploads
        self._current: Connection | None = None
        self._all: set[Connection] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._changed = asyncio.Event()

    @property
    def keys(self) -> RobotKeys:
        return self._robot.keys

    @property
    def connected(self) -> bool:
        return self._current is not None

    async def wait_connected(self, *, times: int = 0, seconds: float = 10.0) -> None:
        """Until a robot is subscribed, for at least the n-th time when `times` is given."""
        async with asyncio.timeout(seconds):
            while self._current is None or self.subscriptions < times:
                self._changed.clear()
                await self._changed.wait()

    # -- acts of a test -------------------------------------------------------------------------------------

    async def cut(self, code: int = 1000) -> None:
        """Ends the connection: with a close code, or (1006) as a broken line does."""
        current = self._current
        if current is None:
            return
        self._leave(current)
        if code != 1006:
            await current.socket.close(code=code)
        elif current.request.transport is not None:
            current.request.transport.abort()

    async def kick(self) -> None:
        """What the old connection hears when somebody else subscribes."""
        if (current := self._current) is not None:
            self._leave(current)
            await self._kick(current)

    async def raw(self, text: str) -> None:
        """Any text at all, as if WeCom had sent it."""
        if self._current is not None:
            await self._current.socket.send_str(text)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for connection in tuple(self._all):
            await connection.socket.close(code=1001)

    # -- the wire -------------------------------------------------------------------------------------------

    def hand_over(self, asked: Asked) -> bool:
        current = self._current
        if current is None:
            return False
        req_id = f"cb_{secrets.token_hex(8)}"
        current.asked[req_id] = asked
        cmd = "aibot_event_callback" if asked.body.get("msgtype") == "event" else "aibot_msg_callback"
        self._later(current.send({"cmd": cmd, "headers": {"req_id": req_id}, "body": asked.body}))
        return True

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One connection, from its upgrade to its end."""
        if self.faults.shut:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(max_msg_size=_LARGEST, timeout=1.0)
        await socket.prepare(request)
        connection = Connection(socket, request)
        self._all.add(connection)
        try:
            async for said in socket:
                if said.type is WSMsgType.TEXT:
                    await self._take(connection, said.data)
        finally:
            self._all.discard(connection)
            self._leave(connection)
        return socket

    async def _take(self, connection: Connection, text: str) -> None:
        frame = json.loads(text)
        cmd, req_id = str(frame.get("cmd")), str(frame["headers"]["req_id"])
        body = frame.get("body") or {}
        self.frames.append({**frame, "body": {k: v for k, v in body.items() if k != "base64_data"}})
        self.out_of_turn += req_id in connection.unanswered
        connection.unanswered.add(req_id)
        try:
            if code := self.faults.code(cmd):
                raise ApiError(code, "refused on purpose")
            answer = {"errcode": 0, "errmsg": "ok", **await self._do(connection, cmd, req_id, body)}
        except ApiError as error:
            answer = {"errcode": error.code, "errmsg": error.message}
        if self.faults.loses(cmd):
            connection.unanswered.discard(req_id)
            return
        self._later(self._acknowledge(connection, req_id, answer))

    async def _acknowledge(self, connection: Connection, req_id: str, answer: Json) -> None:
        await self.acknowledging.wait()
        connection.unanswered.discard(req_id)
        await connection.send({"headers": {"req_id": req_id}, **answer})

    async def _do(self, connection: Connection, cmd: str, req_id: str, body: Mapping[str, Any]) -> Json:
        if cmd == "aibot_subscribe":
            await self._subscribe(connection, body)
            return {}
        if not connection.subscribed or self.faults.forgotten:
            raise ApiError(NOT_SUBSCRIBED, "aibot websocket not subscribed")
        if cmd == "ping":
            return {}
        if cmd == "aibot_send_msg":
            self._robot.push(body)
            return {}
        if cmd.startswith("aibot_upload_media_"):
            return {"body": self._uploads.do(cmd, body)}
        self._respond(connection, cmd, req_id, body)
        return {}

    def _respond(self, connection: Connection, cmd: str, req_id: str, body: Mapping[str, Any]) -> None:
        ways = {
            "aibot_respond_msg": self._robot.reply,
            "aibot_respond_welcome_msg": self._robot.welcome,
            "aibot_respond_update_msg": self._robot.update,
        }
        if cmd not in ways:
            raise ApiError(40008, "unknown cmd")
        if (asked := connection.asked.get(req_id)) is None:
            raise ApiError(BAD_REQUEST, "invalid req_id")
        ways[cmd](asked, body)

    async def _subscribe(self, connection: Connection, body: Mapping[str, Any]) -> None:
        if (body.get("bot_id"), body.get("secret")) != (self.keys.bot_id, self.keys.secret):
            raise ApiError(BAD_LOGIN, "invalid bot_id or secret")
        before, self._current = self._current, connection
        connection.subscribed = True
        self.faults.forgotten = False
        self.subscriptions += 1
        self._changed.set()
        if before is not None and before is not connection:
            await self._kick(before)

    async def _kick(self, connection: Connection) -> None:
        connection.subscribed = False
        body = {"msgtype": "event", "event": {"eventtype": "disconnected_event"}, "aibotid": self.keys.bot_id}
        headers = {"req_id": f"ev_{secrets.token_hex(8)}"}
        await connection.send({"cmd": "aibot_event_callback", "headers": headers, "body": body})
        self._later(connection.socket.close(code=1000))

    def _leave(self, connection: Connection) -> None:
        if self._current is connection:
            self._current = None
            self._changed.set()

    def _later(self, act: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(act)
        self._tasks.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[Any]) -> None:
        """A robot that has hung up hears nothing."""
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, ConnectionError):
            raise error
