"""Turns a `Payload` into what the self-built app's API takes: message bodies, a card update or an upload.

The app channel cuts a reply into pieces before it writes outbox rows, delivery renders one piece when it
sends. Nothing here talks to WeCom, and nothing a person wrote can become a link, a mention or a colour.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from bot.wecom.errors import Rejected
from bot.wecom.split import parts
from storage.message import Card, CardUpdate, File, Markdown, Payload, Picture, Ping, Text

TEXT_BYTES = 2048
MARKDOWN_BYTES = 2048
CARD_BUTTONS = 6
# WeCom advises these lengths (characters); clients cut what is longer.
CARD_TITLE, CARD_BODY, BUTTON_LABEL = 26, 112, 10
BUTTON_KEY_BYTES = 1024

_TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
_ANCHOR = re.compile(r"<(?=\s*/?\s*a\b|@)", re.IGNORECASE)
_NOT_A_FONT = re.compile(r"<(?!font color=\"(?:info|comment|warning)\">|/font>)")


@dataclass(frozen=True, slots=True)
class Send:
    """A body for message/send, without receivers and agent id."""

    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Update:
    """A body for message/update_template_card, without receivers and agent id."""

    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """The file must be uploaded first; `send` then makes the message of the media id."""

    path: str
    name: str
    kind: Literal["image", "file"]

    def send(self, media_id: str) -> Send:
        return Send({"msgtype": self.kind, self.kind: {"media_id": media_id}})


Step: TypeAlias = Send | Update | Upload


def render(payload: Payload, *, task_id: str, cards: bool = True, markdown: bool = True) -> list[Step]:
    """The calls that deliver `payload`, in order. `task_id` is the row's key: a card's clicks carry it."""
    return [_step(piece, task_id) for piece in pieces(payload, cards=cards, markdown=markdown)]


def pieces(payload: Payload, *, cards: bool = True, markdown: bool = True) -> tuple[Payload, ...]:
    """`payload` as payloads that are one message each, in the form this app can show."""
    match payload:
        case Text(text) | Ping(text):
            return tuple(Text(part) for part in parts(plain(text), TEXT_BYTES))
        case Markdown(content, text):
            fits = markdown and len(_markdown(content).encode()) <= MARKDOWN_BYTES
            return (payload,) if fits else pieces(Text(text))
        case Card():
            return (payload,) if cards and fits_card(payload) else pieces(Text(payload.text))
        case CardUpdate():
            return (payload,) if cards else ()
    return (payload,)


def plain(text: str) -> str:
    """Text in which nothing is a link or a mention: WeCom reads `<a href>` and `<@userid>` in plain text."""
    return _ANCHOR.sub("＜", text)


def escaped(text: str) -> str:
    """Text that reads the same where markdown is read: nothing in it is a mention, a link, a heading, a list
    that numbers itself anew, or code. What would be is written in its full-width form."""
    whole = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    for pattern, put in _MARKUP:
        whole = pattern.sub(put, whole)
    return whole.translate(_WIDE)


# In this order: what only means something at the start of a line, then what does anywhere.
_WIDE = str.maketrans({char: chr(ord(char) + 0xFEE0) for char in "<[]*`|\\"})
_MARKUP: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"^[ \t]+", re.M), lambda found: "\u3000" * len(found[0].expandtabs(4))),
    (re.compile(r"^(\u3000*)([#>=+-])", re.M), lambda found: found[1] + chr(ord(found[2]) + 0xFEE0)),
    (re.compile(r"^(\u3000*\d+)([.)])(?=\s|$)", re.M), lambda found: found[1] + chr(ord(found[2]) + 0xFEE0)),
    (re.compile(r"~~+"), lambda found: "～" * len(found[0])),
    (re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"), "＿"),
    (re.compile(r"&(?=#?\w+;)"), "＆"),
)


def _markdown(content: str) -> str:
    """Colours stay; every other tag, mentions above all, is only text."""
    return _NOT_A_FONT.sub("＜", content.encode("utf-8", "replace").decode())


def _step(piece: Payload, task_id: str) -> Step:
    match piece:
        case Text(text):
            return Send({"msgtype": "text", "text": {"content": text}})
        case Markdown(content):
            return Send({"msgtype": "markdown", "markdown": {"content": _markdown(content)}})
        case Card():
            return Send({"msgtype": "template_card", "template_card": card_body(piece, task_id)})
        case CardUpdate(response_code, label):
            return Update({"response_code": response_code, "button": {"replace_name": label}})
        case Picture(path):
            return Upload(path, re.split(r"[/\\]", path)[-1], "image")
        case File(path, name):
            return Upload(path, name, "file")
        case _:
            raise Rejected("这类消息只能发到群里或微信客服", "请把这条消息的编号和日志发给运维人员")


def fits_card(card: Card) -> bool:
    """Whether nothing would be lost: what does not fit a card goes out as its text."""
    keys = [button.key for button in card.buttons]
    return (
        1 <= len(card.buttons) <= CARD_BUTTONS
        and len(card.title) <= CARD_TITLE
        and len(card.body) <= CARD_BODY
        and bool(card.title or card.body)
        and len(set(keys)) == len(keys)
        and all(button.label for button in card.buttons)
        and all(0 < len(key.encode("utf-8", "replace")) <= BUTTON_KEY_BYTES for key in keys)
    )


def card_body(card: Card, task_id: str) -> dict[str, Any]:
    """The card as WeCom takes it, from the app and from the robot alike."""
    body: dict[str, Any] = {"card_type": "button_interaction", "task_id": _task_id(task_id)}
    if card.title:
        body["main_title"] = {"title": plain(card.title)}
    if card.body:
        body["sub_title_text"] = plain(card.body)
    body["button_list"] = [
        {"text": _shorten(plain(button.label)), "style": 1 if at == 0 else 2, "key": button.key}
        for at, button in enumerate(card.buttons)
    ]
    return body


def _shorten(label: str) -> str:
    return label if len(label) <= BUTTON_LABEL else label[: BUTTON_LABEL - 1] + "…"


def _task_id(key: str) -> str:
    """The key itself where WeCom allows its characters, else a name that the key always gets again."""
    return key if _TASK_ID.fullmatch(key) else hashlib.sha256(key.encode()).hexdigest()[:40]
