"""Groups the self-built app made itself (应用群聊): makes them, changes their members, pushes with pings.

Delivery calls it. The app cannot hear anything there; it must be visible to the whole unit, else WeCom
refuses with 48002 or 86217.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from bot.channels.ways import closing, only_once
from bot.wecom import groups
from bot.wecom.client import Client
from bot.wecom.errors import WeComError
from storage import chats
from storage.chats import Address
from storage.engine import Database
from storage.message import File, GroupChange, NewGroup, Payload, Picture, Text


class AppchatSender:
    def __init__(self, client: Client, *, database: Database, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._database = database
        self._clock = clock

    async def send(self, target: str, payload: Payload, *, key: str, maybe_sent: timedelta | None) -> None:
        """Raises a WeComError that says what to do next."""
        if not isinstance(payload, NewGroup | GroupChange):  # which may be repeated without harm
            only_once(maybe_sent)
        address = Address(chats.APPCHAT, target)
        await closing(address, lambda: self._do(target, payload), self._database, self._clock)

    async def _do(self, chatid: str, payload: Payload) -> None:
        match payload:
            case NewGroup(name, owner, members, text):
                await self._create(chatid, name, owner, members)
                await self._say(chatid, Text(text))
            case GroupChange(join, leave):
                await groups.update(self._client, chatid, join, leave)
            case Picture(path):
                media_id = await self._client.upload(Path(path), Path(path).name, "image")
                await groups.send(self._client, chatid, {"msgtype": "image", "image": {"media_id": media_id}})
            case File(path, name):
                media_id = await self._client.upload(Path(path), name, "file")
                await groups.send(self._client, chatid, {"msgtype": "file", "file": {"media_id": media_id}})
            case _:
                await self._say(chatid, payload)

    async def _create(self, chatid: str, name: str, owner: str, members: tuple[str, ...]) -> None:
        try:
            await groups.create(self._client, chatid, name, owner, members)
        except WeComError as error:
            if error.code != groups.EXISTS:
                raise

    async def _say(self, chatid: str, payload: Payload) -> None:
        for body in groups.bodies(payload):
            await groups.send(self._client, chatid, body)
