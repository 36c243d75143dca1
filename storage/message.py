"""The frozen values that rows and rooms share: a message that came in, and what goes out.

Doors build a `Message`, handlers return a `Reply`, `bot/delivery.py` turns the reply into a channel's
own format. Nothing here knows WeCom: a value says what is meant, a channel says how it looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Message:
    """One thing a person said or did.

    `key` is unique for ever: a sender that tries again sends the same key, and nothing runs twice.
    `kind` is text, image, voice, video, location, link, file, event, click or unknown.
    """

    key: str
    channel: str  # "app" (self-built app), "cli", later "robot", "kf"
    person: str  # WeCom userid, compared without regard to case
    received_at: datetime  # aware
    kind: str = "text"
    text: str = ""  # what was said; for a click the button's key
    event: str = ""  # WeCom's own event name, in lower case, when kind is "event" or "click"
    chat: str = ""  # group chat id; empty in a private chat
    agent: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)  # e.g. response_code and task_id of a click

    @property
    def conversation(self) -> str:
        """Whose memory this belongs to: one person in one chat, never shared."""
        return f"{self.channel}:{self.chat}:{self.person.lower()}"


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text, the one form every channel has."""

    text: str


@dataclass(frozen=True, slots=True)
class Markdown:
    """WeCom's markdown subset, with the plain text for channels that have none."""

    content: str
    text: str


@dataclass(frozen=True, slots=True)
class Button:
    """`key` comes back as the click's text, so a button says what a person could have typed."""

    label: str
    key: str


@dataclass(frozen=True, slots=True)
class Card:
    """A short notice with up to six buttons; `text` says the same where cards do not exist."""

    title: str
    body: str
    buttons: tuple[Button, ...]
    text: str


@dataclass(frozen=True, slots=True)
class CardUpdate:
    """Closes a card that was clicked: its buttons become the one word in `label`."""

    response_code: str
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    """PNG or JPEG bytes are on disk at `path`; the channel uploads them when it sends."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class File:
    path: str
    name: str


Reply: TypeAlias = Text | Markdown | Card
Payload: TypeAlias = Text | Markdown | Card | CardUpdate | Picture | File

_FORMS: dict[str, type[Any]] = {
    form.__name__: form for form in (Text, Markdown, Card, CardUpdate, Picture, File)
}


def dump(payload: Payload) -> dict[str, Any]:
    """The JSON object an outbox row keeps."""
    # Not asdict: it copies deeply, and this runs for every message.
    row: dict[str, Any] = {"form": type(payload).__name__}
    for name in payload.__slots__:
        row[name] = getattr(payload, name)
    if isinstance(payload, Card):
        row["buttons"] = [{"label": button.label, "key": button.key} for button in payload.buttons]
    return row


def load(row: Mapping[str, Any]) -> Payload:
    """The payload that `dump` wrote.

    Raises KeyError for a form this version does not know (a row written by a newer one).
    """
    values = dict(row)
    form = _FORMS[values.pop("form")]
    if form is Card:
        values["buttons"] = tuple(Button(**button) for button in values["buttons"])
    payload: Payload = form(**values)
    return payload
