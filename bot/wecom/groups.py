"""Calls that reach groups: a group robot's webhook by its key, and groups the app made itself (appchat).

The senders of `bot/channels/` use it. Neither can receive anything, both really ping people; nobody pings
everybody, and nothing that a person wrote becomes a mention or a link.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.wecom.client import Client
from bot.wecom.errors import Rejected
from bot.wecom.render import TEXT_BYTES, plain
from bot.wecom.split import parts
from storage.message import Card, Markdown, Payload, Ping, Text

PICTURE_BYTES = 2 * 1024 * 1024  # of a picture that travels inside a webhook's body
MOST_MEMBERS = 2000
NAME_CHARACTERS = 50
EXISTS = 86215  # appchat/create: an earlier attempt made it

_USERID = re.compile(r"[0-9A-Za-z_.@-]{1,64}")
_EVERYBODY = re.compile(r"@(?=\s*(?:all\b|所有人|全体))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Appchat:
    """A group the app made, as WeCom has it."""

    chatid: str
    name: str
    owner: str
    members: tuple[str, ...]


def bodies(payload: Payload) -> list[dict[str, Any]]:
    """The messages that say it in a group, in order; the people are pinged by the first.

    Raises Rejected for what is no text: pictures and files are uploaded by the senders.
    """
    match payload:
        case Text(text) | Markdown(_, text) | Card(_, _, _, text):
            return _texts(text, ())
        case Ping(text, people):
            return _texts(text, people)
    raise Rejected("这类消息发不到群里", "请把这条消息的编号和日志发给运维人员")


def _texts(text: str, people: Sequence[str]) -> list[dict[str, Any]]:
    found = [{"msgtype": "text", "text": {"content": part}} for part in parts(harmless(text), TEXT_BYTES)]
    if pinged := callable_people(people):
        found[0]["text"]["mentioned_list"] = pinged  # type: ignore[index]  # the text's own dict
    return found


def harmless(text: str) -> str:
    """Text in which nothing is a link, a mention, or looks like a call to everybody."""
    return _EVERYBODY.sub("＠", plain(text))


def callable_people(people: Sequence[str]) -> list[str]:
    """The userids among them, each once: “@all” is no person."""
    known = [one for one in people if _USERID.fullmatch(one) and one.lower() not in ("@all", "all")]
    return list(dict.fromkeys(known))


# --- webhook ------------------------------------------------------------------------------------------


async def say(client: Client, key: str, body: Mapping[str, Any]) -> None:
    """One message of a group robot; there is no message id, and nothing can be taken back."""
    await client.post("webhook/send", body, key=key)


def picture_body(data: bytes) -> dict[str, Any]:
    """A picture inside the message itself; raises Rejected when it is too large for that."""
    if len(data) > PICTURE_BYTES:
        raise Rejected("图片太大，群机器人发不出去", "请换一张小于 2 MB 的图片")
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return {"msgtype": "image", "image": {"base64": base64.b64encode(data).decode(), "md5": digest}}


# --- appchat ------------------------------------------------------------------------------------------


async def create(client: Client, chatid: str, name: str, owner: str, members: Sequence[str]) -> None:
    """Makes the group under a chat id of ours, so that a repetition finds it: code EXISTS then."""
    people = callable_people(members)
    body = {"chatid": chatid, "name": name[:NAME_CHARACTERS], "userlist": people[:MOST_MEMBERS]}
    await client.post("appchat/create", {**body, "owner": owner} if owner else body)


async def update(client: Client, chatid: str, join: Sequence[str], leave: Sequence[str]) -> None:
    """Adds and removes members."""
    body: dict[str, Any] = {"chatid": chatid}
    if join:
        body["add_user_list"] = callable_people(join)
    if leave:
        body["del_user_list"] = callable_people(leave)
    await client.post("appchat/update", body)


async def get(client: Client, chatid: str) -> Appchat:
    """Raises TargetGone when WeCom has no such group of this app."""
    answer = await client.get("appchat/get", {"chatid": chatid})
    info = answer.get("chat_info")
    found = info if isinstance(info, Mapping) else {}
    members = found.get("userlist")
    return Appchat(
        str(found.get("chatid") or chatid),
        str(found.get("name") or ""),
        str(found.get("owner") or ""),
        tuple(map(str, members)) if isinstance(members, list) else (),
    )


async def send(client: Client, chatid: str, body: Mapping[str, Any]) -> None:
    """One message to a group the app made."""
    await client.post("appchat/send", {**body, "chatid": chatid})
