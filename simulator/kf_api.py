"""The API's endpoints of 微信客服: pulling the log, sending, states, who is who.

`wecom.py` mounts `routes()`; what they do is `kf.py`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from simulator import contents
from simulator.corp import Corp
from simulator.errors import ApiError
from simulator.exchange import Exchange
from simulator.mailbox import Content

Json: TypeAlias = dict[str, Any]
_ITEMS, _HEAD_BYTES, _ITEM_BYTES = 10, 1024, 128
_MSGID = re.compile("[0-9A-Za-z_-]{0,32}")
_KINDS = ("text", "image", "voice", "video", "file", "msgmenu")


class KfApi:
    def __init__(self, corp: Corp) -> None:
        self._corp = corp

    def routes(self) -> dict[str, tuple[str, Callable[[Exchange], Json]]]:
        return {
            "kf/sync_msg": ("POST", self._sync),
            "kf/send_msg": ("POST", self._send),
            "kf/send_msg_on_event": ("POST", self._on_event),
            "kf/service_state/get": ("POST", self._state),
            "kf/service_state/trans": ("POST", self._trans),
            "kf/account/list": ("GET", self._accounts),
            "kf/servicer/list": ("GET", self._servicers),
            "kf/customer/batchget": ("POST", self._customers),
        }

    def _sync(self, exchange: Exchange) -> Json:
        body = exchange.body
        limit = body.get("limit")
        return self._corp.kf.sync(
            str(body.get("open_kfid") or ""),
            str(body.get("cursor") or ""),
            str(body.get("token") or ""),
            limit if isinstance(limit, int) else 1000,
        )

    def _send(self, exchange: Exchange) -> Json:
        body = exchange.body
        content = self._content(body, _KINDS)
        person = self._person(str(body.get("touser") or ""))
        msgid = str(body.get("msgid") or "")
        if not _MSGID.fullmatch(msgid):
            raise ApiError(40058, "invalid msgid")
        return {"msgid": self._corp.kf.send(str(body.get("open_kfid") or ""), person, content, msgid)}

    def _on_event(self, exchange: Exchange) -> Json:
        content = self._content(exchange.body, ("text", "msgmenu"))
        return {"msgid": self._corp.kf.on_event(str(exchange.body.get("code") or ""), content)}

    def _content(self, body: Json, kinds: tuple[str, ...]) -> Content:
        kind = str(body.get("msgtype") or "")
        if kind not in kinds:
            raise ApiError(40008, "invalid message type")
        if kind == "msgmenu":
            return _menu(body.get("msgmenu"))
        return contents.read(body, self._corp.media.get)

    def _person(self, external_userid: str) -> str:
        """Case counts."""
        if self._corp.world.customer(external_userid) is None:
            raise ApiError(40096, "invalid external userid")
        return external_userid

    def _state(self, exchange: Exchange) -> Json:
        open_kfid, person = self._whose(exchange)
        one = self._corp.kf.session(open_kfid, person)
        return {"service_state": one.state, "servicer_userid": one.servicer}

    def _trans(self, exchange: Exchange) -> Json:
        open_kfid, person = self._whose(exchange)
        state = exchange.body.get("service_state")
        if not isinstance(state, int):
            raise ApiError(40058, "service_state is required")
        return self._corp.kf.trans(open_kfid, person, state, str(exchange.body.get("servicer_userid") or ""))

    def _whose(self, exchange: Exchange) -> tuple[str, str]:
        account = self._corp.kf.account(str(exchange.body.get("open_kfid") or ""))
        return account.open_kfid, self._person(str(exchange.body.get("external_userid") or ""))

    def _accounts(self, exchange: Exchange) -> Json:
        found = [{"open_kfid": one.open_kfid, "name": one.name} for one in self._corp.world.kf]
        return {"account_list": found}

    def _servicers(self, exchange: Exchange) -> Json:
        account = self._corp.kf.account(exchange.query.get("open_kfid", ""))
        return {"servicer_list": [{"userid": one, "status": 0} for one in account.servicers]}

    def _customers(self, exchange: Exchange) -> Json:
        asked = exchange.body.get("external_userid_list") or []
        if not isinstance(asked, list) or len(asked) > 100:
            raise ApiError(40058, "external_userid_list: up to a hundred")
        known = [one for one in map(self._corp.world.customer, map(str, asked)) if one]
        names = {one.external_userid for one in known}
        return {
            "customer_list": [
                {"external_userid": one.external_userid, "nickname": one.name} for one in known
            ],
            "invalid_external_userid": [one for one in asked if one not in names],
        }


def _menu(part: object) -> Content:
    """A question with lines to touch; touching one writes its words."""
    if not isinstance(part, Mapping):
        raise ApiError(40058, "missing msgmenu")
    items = part.get("list")
    if not isinstance(items, list) or not 1 <= len(items) <= _ITEMS:
        raise ApiError(95006, "one to ten items")
    head, tail = str(part.get("head_content") or ""), str(part.get("tail_content") or "")
    clicks = []
    for item in items:
        click = item.get("click") if isinstance(item, Mapping) else None
        if not isinstance(click, Mapping) or item.get("type") != "click" or not click.get("content"):
            raise ApiError(40058, "an item needs click.content")
        if any(len(str(click.get(name) or "").encode()) > _ITEM_BYTES for name in ("id", "content")):
            raise ApiError(40058, "an item is too long")
        clicks.append({"id": str(click.get("id") or ""), "content": str(click["content"])})
    if len(head.encode()) > _HEAD_BYTES or len(tail.encode()) > _HEAD_BYTES:
        raise ApiError(40058, "head or tail is too long")
    lines = [head, *(f"[{one['content']}]" for one in clicks), tail]
    return Content("msgmenu", {"head": head, "items": clicks, "tail": tail}, "\n".join(filter(None, lines)))
