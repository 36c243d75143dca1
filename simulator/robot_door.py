"""The robot with both its transports, as the server mounts it: one of them is in use, like in the console."""

from __future__ import annotations

from aiohttp import web

from simulator.corp import Corp
from simulator.robot import Robot, RobotKeys
from simulator.robot_callback import RobotCallback
from simulator.robot_socket import RobotSocket
from simulator.robot_upload import Uploads


class RobotDoor(Robot):
    """By its long connection, until `by_callback` says otherwise."""

    def __init__(self, corp: Corp, keys: RobotKeys, url: str) -> None:
        super().__init__(corp, keys)
        self.ws_url = f"ws{url.removeprefix('http')}/robot"
        self.socket = RobotSocket(self, Uploads(corp))
        self.callback: RobotCallback | None = None
        self.transport = self.socket

    def by_callback(self, url: str, *, base: str, poll_delay: float = 1.0, retry_delay: float = 1.0) -> None:
        """Switch to callbacks; addresses for later answers begin with `base`."""
        if self.callback is None:
            self.callback = RobotCallback(self._corp, self, url, base, poll_delay, retry_delay)
        self.callback.url, self.callback.base = url, base
        self.transport = self.callback

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/robot", self.socket.answer),
            web.post("/cgi-bin/aibot/response", self._later),
        ]

    async def close(self) -> None:
        await self.socket.close()
        if self.callback is not None:
            await self.callback.close()

    async def _later(self, request: web.Request) -> web.Response:
        if self.callback is None:
            raise web.HTTPNotFound
        return await self.callback.later(request)
