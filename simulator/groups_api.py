"""The API's endpoints for groups: a group robot's webhook, and groups the app makes (appchat).

`wecom.py` mounts `routes()`. A webhook asks for no token: the key in its address is all there is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from simulator import cards, contents
from simulator.corp import Corp, new_message_id
from simulator.errors import ApiError
from simulator.exchange import Exchange
from simulator.mailbox import Content

Json: TypeAlias = dict[str, Any]
OPEN = frozenset({"webhook/send", "webhook/upload_media"})  # which ask for no access token
_TEXT_BYTES, _MARKDOWN_BYTES, _PICTURE_BYTES = 2048, 4096, 2 * 1024 * 1024
_APPCHAT_KINDS = ("text", "markdown", "image", "voice", "video", "file", "textcard", "news")


class GroupsApi:
    def __init__(self, corp: Corp) -> None:
        self._corp = corp

    def routes(self) -> dict[str, tuple[str, Callable[[Exchange], Json]]]:
        return {
            "webhook/send": ("POST", self._say),
            "webhook/upload_media": ("POST", self._upload),
            "appchat/create": ("POST", self._create),
            "appchat/update": ("POST", self._update),
            "appchat/get": ("GET", self._get),
            "appchat/send": ("POST", self._send),
        }

    # -- webhook

    def _say(self, exchange: Exchange) -> Json:
        key = exchange.query.get("key", "")
        self._gone(exchange, 93000)
        hook, group = self._corp.groups.through(key)
        content = self._webhook_content(exchange.body, key)
        pinged = self._corp.groups.pinged(group, _mentioned(exchange.body, content), _inline(content))
        self._corp.groups.speak(group, hook.name, content, pinged=pinged, msgid=new_message_id())
        return {}

    def _webhook_content(self, body: Json, key: str) -> Content:
        kind = str(body.get("msgtype", ""))
        part = body.get(kind)
        if not isinstance(part, Mapping):
            raise ApiError(40058, f"missing {kind}")
        match kind:
            case "text":
                return _limited("text", part, _TEXT_BYTES)
            case "markdown" | "markdown_v2":
                return _limited(kind, part, _MARKDOWN_BYTES)
            case "image":
                return self._picture(part)
            case "template_card":
                if part.get("card_type") not in cards.NOTICES:
                    raise ApiError(40058, "a webhook takes text_notice and news_notice only")
            case "file" | "voice":
                media = self._corp.media.get(str(part.get("media_id") or ""))
                if self._corp.media_keys.get(media.id) != key:
                    raise ApiError(40007, "media_id was uploaded for another robot")
            case "news":
                pass
            case _:
                raise ApiError(40008, "invalid message type")
        return contents.read(body, self._corp.media.get)

    def _picture(self, part: Mapping[str, Any]) -> Content:
        try:
            data = base64.b64decode(str(part.get("base64") or ""), validate=True)
        except binascii.Error:
            raise ApiError(40058, "base64 is broken") from None
        if not data or len(data) > _PICTURE_BYTES:
            raise ApiError(93018, "image is empty or larger than 2 MB")
        if hashlib.md5(data, usedforsecurity=False).hexdigest() != part.get("md5"):
            raise ApiError(40058, "md5 does not fit")
        return contents.media_content(self._corp.media.keep("image", "图片.png", data))

    def _upload(self, exchange: Exchange) -> Json:
        key = exchange.query.get("key", "")
        self._corp.groups.through(key)
        kind = exchange.query.get("type", "")
        if kind not in ("file", "voice"):
            raise ApiError(40005, "invalid file type")
        if exchange.upload is None:
            raise ApiError(41005, "media data missing")
        media = self._corp.media.upload(kind, *exchange.upload)
        self._corp.media_keys[media.id] = key
        return {"type": kind, "media_id": media.id, "created_at": str(int(media.at.timestamp()))}

    # -- appchat

    def _create(self, exchange: Exchange) -> Json:
        body = exchange.body
        self._visible()
        made = self._corp.groups.make(
            str(body.get("chatid") or ""),
            str(body.get("name") or ""),
            str(body.get("owner") or ""),
            _list(body, "userlist"),
        )
        return {"chatid": made.chatid}

    def _update(self, exchange: Exchange) -> Json:
        body = exchange.body
        group = self._corp.groups.made(str(body.get("chatid") or ""))
        join, leave = _list(body, "add_user_list"), _list(body, "del_user_list")
        self._corp.groups.change(group, name=str(body.get("name") or ""), join=join, leave=leave)
        return {}

    def _get(self, exchange: Exchange) -> Json:
        group = self._corp.groups.made(exchange.query.get("chatid", ""))
        info = {"chatid": group.chatid, "name": group.name, "owner": group.members[0]}
        return {"chat_info": {**info, "userlist": list(group.members)}}

    def _send(self, exchange: Exchange) -> Json:
        body = exchange.body
        self._visible()
        self._gone(exchange, 86001)
        group = self._corp.groups.made(str(body.get("chatid") or ""))
        if body.get("msgtype") not in _APPCHAT_KINDS:
            raise ApiError(40008, "invalid message type")
        content = contents.read(body, self._corp.media.get)
        pinged = self._corp.groups.pinged(group, _mentioned(body, content), _inline(content))
        name = self._corp.world.app_name
        self._corp.groups.speak(group, name, content, pinged=pinged, msgid=new_message_id())
        return {}

    def _visible(self) -> None:
        if 1 not in self._corp.visible:
            raise ApiError(48002, "the app is not visible to the root department")

    def _gone(self, exchange: Exchange, code: int) -> None:
        if self._corp.faults.take("group_gone", exchange.endpoint):
            raise ApiError(code, "the group or its robot is gone")


def _limited(kind: str, part: Mapping[str, Any], limit: int) -> Content:
    text = str(part.get("content") or "")
    if not text:
        raise ApiError(93017, "content is empty")
    if len(text.encode()) > limit:
        raise ApiError(40058, f"content exceeds max length {limit}")
    return Content(kind, {"content": text}, text)


def _mentioned(body: Json, content: Content) -> list[str]:
    """Only a text has the list; markdown and the others may only name people inline."""
    part = body.get("text")
    if content.kind != "text" or not isinstance(part, Mapping):
        return []
    listed = part.get("mentioned_list") or []
    if not isinstance(listed, list):
        raise ApiError(40058, "mentioned_list must be a list")
    return [str(one) for one in listed]


def _inline(content: Content) -> str:
    return str(content.body.get("content", "")) if content.kind in ("text", "markdown") else ""


def _list(body: Json, key: str) -> list[str]:
    value = body.get(key) or []
    if not isinstance(value, list):
        raise ApiError(40058, f"{key} must be a list")
    return [str(one) for one in value]
