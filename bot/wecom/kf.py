"""Calls of 微信客服: pulling what visitors wrote, sending, passing a visitor to a human being.

The reader and the sender of `bot/channels/` use it; the client may be the app's or one with 微信客服's own
secret. It never logs and keeps nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.wecom.client import Client
from bot.wecom.render import plain
from storage.message import Card

PAGE = 1000
ASSISTANT, POOL, HUMAN = 1, 2, 3  # states of a session; 0 is new, 4 has ended
BAD_TOKEN, TOO_MANY, TOO_LATE, OVER, NOT_ALLOWED, NOT_OURS = 95007, 95001, 95002, 95013, 95016, 95018
NO_SERVICER = 95014
TEXT_BYTES = 2048
_MENU_ITEMS, _HEAD_BYTES, _ITEM_BYTES = 10, 1024, 128
_NAMES_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Page:
    """What lies behind a cursor. There may be more although `messages` is empty."""

    messages: tuple[Mapping[str, Any], ...]
    cursor: str
    more: bool


async def sync(client: Client, open_kfid: str, cursor: str, token: str) -> Page:
    """The next page; without a token WeCom limits strictly how often."""
    body: dict[str, Any] = {"open_kfid": open_kfid, "limit": PAGE, "voice_format": 0}
    if cursor:
        body["cursor"] = cursor
    if token:
        body["token"] = token
    answer = await client.post("kf/sync_msg", body)
    found = answer.get("msg_list")
    messages = [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
    following = answer.get("next_cursor")
    return Page(tuple(messages), following if isinstance(following, str) else "", answer.get("has_more") == 1)


async def send(client: Client, open_kfid: str, to: str, body: Mapping[str, Any], *, key: str) -> None:
    """One message; a repetition under the same key carries the same id."""
    await client.post("kf/send_msg", {**body, "touser": to, "open_kfid": open_kfid, "msgid": message_id(key)})


def message_id(key: str) -> str:
    """The id an outbox row's message has at WeCom, for whoever is told that it failed."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


async def send_on_event(client: Client, code: str, text: str) -> None:
    """Against a code that an event brought: once, within seconds, and not counted among the five."""
    body = {"code": code, "msgtype": "text", "text": {"content": plain(text)}}
    await client.post("kf/send_msg_on_event", body)


async def state(client: Client, open_kfid: str, external_userid: str) -> int:
    answer = await client.post(
        "kf/service_state/get", {"open_kfid": open_kfid, "external_userid": external_userid}
    )
    found = answer.get("service_state")
    return found if isinstance(found, int) else 0


async def pass_on(client: Client, open_kfid: str, external_userid: str, servicer: str) -> None:
    """To this member, or into the pool where none is named; he must be a servicer who is receiving."""
    body: dict[str, Any] = {"open_kfid": open_kfid, "external_userid": external_userid}
    body |= {"service_state": HUMAN, "servicer_userid": servicer} if servicer else {"service_state": POOL}
    await client.post("kf/service_state/trans", body)


async def names(client: Client, external_userids: Sequence[str]) -> dict[str, str]:
    """What visitors call themselves; nothing else is asked about them."""
    found: dict[str, str] = {}
    for start in range(0, len(external_userids), _NAMES_AT_ONCE):
        body = {"external_userid_list": list(external_userids[start : start + _NAMES_AT_ONCE])}
        answer = await client.post("kf/customer/batchget", body)
        rows = answer.get("customer_list")
        for row in rows if isinstance(rows, list) else []:
            if isinstance(row, Mapping) and row.get("nickname"):
                found[str(row.get("external_userid") or "")] = str(row["nickname"])
    return found


async def accounts(client: Client) -> dict[str, str]:
    """The accounts this secret may serve, id → name."""
    rows = (await client.get("kf/account/list", {})).get("account_list")
    known = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    return {str(row.get("open_kfid") or ""): str(row.get("name") or "") for row in known}


async def servicers(client: Client, open_kfid: str) -> tuple[str, ...]:
    rows = (await client.get("kf/servicer/list", {"open_kfid": open_kfid})).get("servicer_list")
    known: Iterable[Any] = rows if isinstance(rows, list) else ()
    return tuple(str(row["userid"]) for row in known if isinstance(row, Mapping) and row.get("userid"))


# --- bodies -------------------------------------------------------------------------------------------


def text_body(text: str) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": plain(text)}}


def menu_body(card: Card) -> dict[str, Any] | None:
    """A card's buttons as lines to touch; None where something would be lost, and the text goes out."""
    head = "\n".join(filter(None, (card.title, card.body)))
    keys = [button.key for button in card.buttons]
    words = [*keys, *(button.label for button in card.buttons)]
    fits = (
        1 <= len(card.buttons) <= _MENU_ITEMS
        and len(head.encode()) <= _HEAD_BYTES
        and len(set(keys)) == len(keys)
        and all(0 < len(text.encode()) <= _ITEM_BYTES for text in words)
    )
    if not fits:
        return None
    items = [{"type": "click", "click": {"id": one.key, "content": plain(one.label)}} for one in card.buttons]
    return {"msgtype": "msgmenu", "msgmenu": {"head_content": plain(head), "list": items}}
