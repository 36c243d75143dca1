"""Turns a `Payload` into what the smart robot takes: a reply to a message, a welcome, a push, a closed card.

Robots only know markdown, so every text is escaped on its way (`bot/wecom/render.py:escaped`): what a person
wrote is read as he wrote it and never pings, links or formats. Nothing here talks to WeCom.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Literal

from bot.wecom.render import card_body, escaped, fits_card, plain
from bot.wecom.split import parts
from storage.message import Card, CardUpdate, File, Markdown, Payload, Picture, Text

CONTENT_BYTES = 20_480
_TASK = re.compile(r"bqw-([A-Za-z0-9_-]+)")
_TASK_LIMIT = 128
PERSON, GROUP = 1, 2  # WeCom's chat_type


def pieces(payload: Payload, *, cards: bool) -> tuple[Payload, ...]:
    """`payload` as payloads that are one message each; a card that does not fit goes as its text."""
    match payload:
        case Text(text):
            return tuple(Text(part) for part in parts(text, CONTENT_BYTES // 3))
        case Markdown(_, text):
            return pieces(Text(text), cards=cards)
        case Card():
            return (payload,) if cards and fits_card(payload) else pieces(Text(payload.text), cards=cards)
        case CardUpdate():
            return ()
    return (payload,)


def stream(stream_id: str, text: str, *, finish: bool = True) -> dict[str, Any]:
    """One frame of an answer; each frame says the whole of it anew."""
    return {"msgtype": "stream", "stream": {"id": stream_id, "finish": finish, "content": escaped(text)}}


def reply(payload: Payload, *, stream_id: str, key: str) -> dict[str, Any]:
    """The body that answers a message; `key` is the outbox row's, which a card's clicks carry back."""
    if isinstance(payload, Card):
        return _card(payload, key)
    return stream(stream_id, words(payload))


def welcome(payload: Payload, *, key: str) -> dict[str, Any]:
    """The body that greets who opens the chat: the one place where a robot may send plain text."""
    if isinstance(payload, Card):
        return _card(payload, key)
    return {"msgtype": "text", "text": {"content": plain(words(payload))}}


def push(payload: Payload, *, key: str) -> dict[str, Any]:
    """The body of a message that answers none, without its chat; pictures and files need `media` instead."""
    if isinstance(payload, Card):
        return _card(payload, key)
    return {"msgtype": "markdown", "markdown": {"content": escaped(words(payload))}}


def media(kind: Literal["image", "file"], media_id: str) -> dict[str, Any]:
    return {"msgtype": kind, kind: {"media_id": media_id}}


def closed_card(task_id: str, title: str, chosen: str, *, only: str = "") -> dict[str, Any]:
    """The body that puts a card without buttons in the place of the clicked one; for all, or `only` him.

    The kind without buttons is the one the official client's documentation shows for this.
    """
    card: dict[str, Any] = {"card_type": "text_notice", "task_id": task_id, "card_action": {"type": 0}}
    card["main_title"] = {"title": plain(title)}
    card["sub_title_text"] = plain(f"已选择：{chosen}")
    body: dict[str, Any] = {"response_type": "update_template_card", "template_card": card}
    return {**body, "userids": [only]} if only else body


def words(payload: Payload) -> str:
    """What a payload says in words."""
    match payload:
        case Text(text) | Markdown(_, text) | Card(text=text) | Picture(_, text):
            return text
        case File(_, name):
            return f"[文件] {name}"
    return ""


def row_of_task(task_id: str) -> str:
    """The key of the outbox row whose card was clicked; empty when the id does not tell."""
    found = _TASK.fullmatch(task_id)
    if found is None:
        return ""
    try:
        return base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _card(card: Card, key: str) -> dict[str, Any]:
    return {"msgtype": "template_card", "template_card": card_body(card, _task_id(key))}


def _task_id(key: str) -> str:
    """The key in WeCom's alphabet, so that a click finds its row; too long a key is shortened for good."""
    name = "bqw-" + base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")
    return name if len(name) <= _TASK_LIMIT else key


def label_of(card: Mapping[str, Any], key: str) -> str:
    """The label of the button with this key in a card that an outbox row keeps."""
    for button in card.get("buttons", ()):
        if button.get("key") == key:
            return str(button.get("label", ""))
    return ""
