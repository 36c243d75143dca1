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
    channel: str  # "app" (self-built app), "cli", "robot" (smart robot), "kf" (微信客服)
    person: str  # WeCom userid, compared without regard to case
    received_at: datetime  # aware
    kind: str = "text"
    text: str = ""  # what was said; for a click the button's key
    event: str = ""  # WeCom's own event name, in lower case, when kind is "event" or "click"
    chat: str = ""  # group chat id, of 微信客服 the account; empty in a private chat
    agent: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)  # e.g. response_code and task_id of a click
    quote: str = ""  # the words of another message that this one quotes

    @property
    def outside(self) -> bool:
        """Whether it came from somebody who is no member: he is nobody's liaison, whatever his id."""
        return self.channel == "kf"

    @property
    def in_group(self) -> bool:
        """Whether many read the answer."""
        return bool(self.chat) and not self.outside

    @property
    def answer_to(self) -> str:
        """Where an answer goes: the group, or the person; in 微信客服 the chat is only the account."""
        return self.person if self.outside else self.chat or self.person

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


@dataclass(frozen=True, slots=True)
class Ping:
    """Text in a group that calls these people by name (userids); everybody is never called."""

    text: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group the app makes itself; it is seen by its members when the first `text` is there."""

    name: str
    owner: str
    members: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class GroupChange:
    """Members who join or leave a group the app made."""

    join: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OnEvent:
    """Said once, against a code that an event of 微信客服 brought; both end within seconds."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """A visitor of 微信客服 is passed to this member, or to whoever takes him from the pool when empty."""

    servicer: str


Reply: TypeAlias = Text | Markdown | Card
GroupForm: TypeAlias = Ping | NewGroup | GroupChange
KfForm: TypeAlias = OnEvent | HandOver
Payload: TypeAlias = Text | Markdown | Card | CardUpdate | Picture | File | GroupForm | KfForm

_FORMS: dict[str, type[Any]] = {
    form.__name__: form
    for form in (
        *(Text, Markdown, Card, CardUpdate, Picture, File),
        *(Ping, NewGroup, GroupChange, OnEvent, HandOver),
    )
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
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.items()
    }
    form = _FORMS[values.pop("form")]
    if form is Card:
        values["buttons"] = tuple(Button(**button) for button in values["buttons"])
    payload: Payload = form(**values)
    return payload
