"""Passive replies: the XML a bot answers a callback with, turned into what the person sees.

`read` only translates; `apply` writes to the mailbox. Anything WeCom would not show raises BadEnvelope
or ApiError, which the delivery notes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element

from simulator import cards, contents
from simulator.corp import Corp
from simulator.crypto import BadEnvelope
from simulator.mailbox import Content

# Elements that stand for a list: WeCom repeats the element itself, without a wrapper.
_LISTS = (
    "ActionList", "HorizontalContentList", "VerticalContentList", "JumpList", "OptionList", "ButtonList",
    "SelectList",
)  # fmt: skip
_NAMES = {name: name.lower() for name in ("KeyName", "AppId", "PagePath", "UserId", "CheckBox")}
_NUMBERS = ("type", "style", "desc_color", "mode")
_FLAGS = ("disable", "is_checked")


@dataclass(frozen=True, slots=True)
class Said:
    """A message to show."""

    content: Content


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of the card that was clicked: a new card, or one word instead of its buttons."""

    card: dict[str, Any] | None = None
    replace_name: str = ""


def read(corp: Corp, person: str, reply: Element) -> Said | Changed:
    """What the opened reply means for `person`."""
    if reply.findtext("FromUserName") != corp.app.corp_id:
        raise BadEnvelope("from_is_not_the_corp")
    if (reply.findtext("ToUserName") or "").lower() != person.lower():
        raise BadEnvelope("to_is_another_person")
    kind = reply.findtext("MsgType") or ""
    if kind == "text":
        return Said(contents.text_content(reply.findtext("Content") or ""))
    if kind in ("image", "voice", "video"):
        return Said(contents.media_content(corp.media.get(reply.findtext(f"{kind.title()}/MediaId") or "")))
    if kind == "news":
        return Said(contents.news_content([_lower(item) for item in reply.findall("Articles/item")]))
    if kind == "update_button":
        return Changed(replace_name=reply.findtext("Button/ReplaceName") or "")
    if kind == "update_template_card" and (card := reply.find("TemplateCard")) is not None:
        return Changed(card=dict(cards.read_card(_card(card), update=True).body))
    raise BadEnvelope(f"unknown_reply_type {kind}")


def apply(corp: Corp, person: str, said: Said | Changed, *, card_msgid: str = "") -> None:
    """Show the reply to the person; a change only touches the card he clicked."""
    if isinstance(said, Said):
        corp.mailbox.put(person, "app", said.content, via="passive")
        return
    if not card_msgid:
        raise BadEnvelope("no_card_was_clicked")
    change = partial(cards.updated, card=said.card, replace_name=said.replace_name)
    corp.mailbox.change(card_msgid, person, change)


def _lower(item: Element) -> dict[str, str]:
    return {child.tag.lower(): child.text or "" for child in item}


def _card(element: Element) -> dict[str, Any]:
    card: dict[str, Any] = {}
    for child in element:
        name = _snake(child.tag)
        value = _card_value(name, child)
        if child.tag in _LISTS:
            card.setdefault(name, []).append(value)
        else:
            card[name] = value
    return card


def _card_value(name: str, child: Element) -> Any:
    if len(child):
        return _card(child)
    text = child.text or ""
    if name in _FLAGS:
        return text.lower() in ("1", "true")
    return int(text) if name in _NUMBERS and text.isdigit() else text


def _snake(tag: str) -> str:
    return _NAMES.get(tag) or re.sub(r"(?<!^)(?=[A-Z])", "_", tag).lower()
