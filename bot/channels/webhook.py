"""The group robot's webhook (群机器人): pushes text, pictures and files into one group, with real pings.

Delivery calls it. A row carries the robot's name; the key, which is all that WeCom asks for, is looked up at
the moment of sending and goes into no log and no error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.channels.ways import closing, only_once
from bot.wecom import groups
from bot.wecom.client import Client, read_file
from bot.wecom.errors import Rejected
from storage import chats
from storage.chats import Address
from storage.engine import Database
from storage.message import File, Payload, Picture


class WebhookSender:
    """`keys` are those of the settings, by name; those typed in chat are in the database."""

    def __init__(
        self, client: Client, *, keys: Mapping[str, str], database: Database, clock: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._keys = dict(keys)
        self._database = database
        self._clock = clock

    async def send(self, target: str, payload: Payload, *, key: str, maybe_sent: timedelta | None) -> None:
        """Raises a WeComError that says what to do next."""
        only_once(maybe_sent)
        secret = await self._secret(target)

        async def say() -> None:
            for body in await self._bodies(payload, secret):
                await groups.say(self._client, secret, body)

        await closing(Address(chats.WEBHOOK, target), say, self._database, self._clock)

    async def _secret(self, name: str) -> str:
        if name in self._keys:
            return self._keys[name]
        async with self._database.transaction() as conn:
            typed = await chats.keys(conn)
        if name not in typed:
            raise Rejected(
                f"没有名为“{name}”的群机器人", "请在单聊里重新绑定，或在配置 [groups] webhooks 里补上，再重发"
            )
        return typed[name]

    async def _bodies(self, payload: Payload, secret: str) -> list[dict[str, Any]]:
        match payload:
            case Picture(path):
                return [groups.picture_body(await read_file(Path(path)))]
            case File(path, name):
                media_id = await self._client.upload(Path(path), name, "file", key=secret)
                return [{"msgtype": "file", "file": {"media_id": media_id}}]
        return groups.bodies(payload)
