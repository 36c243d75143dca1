"""Turns what a smart robot hears, by either transport, into a `Message`.

Both doors call it with the JSON that was inside. A type nobody has heard of is a message of kind "unknown",
never an error; the mention that woke the robot in a group is taken off, and a quoted message keeps its words.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from bot.wecom.inbound import TEXT_LIMIT, BadMessage, clean
from storage.message import Message

Fields: TypeAlias = Mapping[str, Any]

QUOTE_LIMIT = 4000  # characters kept of what is quoted
_NAME_LIMIT = 64
_ID_LIMIT = 128
_KINDS = frozenset({"text", "image", "mixed", "voice", "file", "video"})
_EVENTS = {"enter_chat": "event", "template_card_event": "click", "feedback_event": "event"}
# A mention ends with a blank, which may be one of WeCom's own.
_BLANK = r"[\s\u2005\u3000]"
_ANY_MENTION = re.compile(rf"@\S{{1,40}}(?:{_BLANK}+|$)")


def read_body(text: str) -> Fields:
    """The JSON object inside a callback; BadMessage when it is none. Real ones carry control characters."""
    try:
        found = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        raise BadMessage("not_json") from None
    if not isinstance(found, dict):
        raise BadMessage("not_json")
    return found


def to_message(body: Fields, *, name: str, received_at: datetime) -> Message:
    """What a person said or did; `name` is the robot's own, as in the console."""
    sender = _at(body, "from", "userid")
    if not 0 < len(sender) <= _NAME_LIMIT:
        raise BadMessage("no_sender")
    kind, event = _kind(body)
    chat = _chat(body)
    text = _event_text(body, event) if event else _text(body)
    return Message(
        key=_key(body, sender),
        channel="robot",
        person=sender,
        received_at=received_at,
        kind=kind,
        text=(without_mention(text, name) if chat and not event else text)[:TEXT_LIMIT],
        event=event,
        chat=chat,
        agent=_at(body, "aibotid")[:32],
        quote=_text(_part(body, "quote"))[:QUOTE_LIMIT],
        extra=_extra(body, kind, event),
    )


def without_mention(text: str, name: str) -> str:
    """The words after the mention they begin with; a robot's name may hold blanks, so it is matched whole."""
    said = text.lstrip()
    mention = f"@{name}"
    if name and said.startswith(mention):
        return said[len(mention) :].lstrip(" \t\n\u2005\u3000")
    found = None if name else _ANY_MENTION.match(said)
    return said[found.end() :] if found else text


def response_url(body: Fields) -> str:
    """The address the message may be answered by, once; a bearer secret."""
    return _at(body, "response_url")[:2048]


def stream_id(body: Fields) -> str:
    """What a poll asks for; empty when this is no poll."""
    return _at(body, "stream", "id")[:_ID_LIMIT] if body.get("msgtype") == "stream" else ""


def key_of(robot: str, msgid: str) -> str:
    """The key of a message: the same however often and by whichever transport it comes."""
    return f"robot:{robot[:_NAME_LIMIT]}:{msgid[:_ID_LIMIT]}"


def _key(body: Fields, sender: str) -> str:
    if msgid := _at(body, "msgid"):
        return key_of(_at(body, "aibotid"), msgid)
    said = json.dumps(body, ensure_ascii=False, sort_keys=True, default=str)
    return f"robot:{sender.lower()}:{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:24]}"


def _kind(body: Fields) -> tuple[str, str]:
    """Our kind and, for events, WeCom's name of it."""
    kind = _at(body, "msgtype").lower()
    if kind == "event":
        event = _at(body, "event", "eventtype").lower()[:_NAME_LIMIT]
        return _EVENTS.get(event, "unknown"), event or "unknown"
    if kind not in _KINDS:
        if not kind:
            raise BadMessage("no_type")
        return "unknown", ""
    if kind == "mixed":
        return ("text" if _text(body).strip() else "image"), ""
    return ("text" if kind == "voice" else kind), ""  # a voice comes as the words it was heard as


def _chat(body: Fields) -> str:
    if _at(body, "chattype").lower() != "group":
        return ""
    chat = _at(body, "chatid")
    if not 0 < len(chat) <= _NAME_LIMIT:
        raise BadMessage("no_chat")
    return chat


def _event_text(body: Fields, event: str) -> str:
    told = _part(_part(body, "event"), event)
    return _at(told, "event_key") or _at(told, "content")


def _text(body: Fields) -> str:
    """The words of a message, or of a quoted one; what is no word is named."""
    kind = _at(body, "msgtype").lower()
    if kind == "mixed":
        return "\n".join(filter(None, map(_text, _items(_part(body, "mixed"), "msg_item"))))
    if kind in ("text", "voice"):
        return _at(body, kind, "content")
    return ""


def _extra(body: Fields, kind: str, event: str) -> dict[str, str]:
    told = _part(_part(body, "event"), event) if event else {}
    told_of = {name: _at(told, name)[:1024] for name in ("task_id", "card_type", "type")}
    extra = {name: value for name, value in told_of.items() if value}
    if selected := dict(_selected(told)):
        extra["selected"] = json.dumps(selected, ensure_ascii=False)
    if kind == "unknown":
        extra["type"] = _at(body, "msgtype")[:_NAME_LIMIT]
    if _at(body, "msgtype") == "voice":
        extra["spoken"] = "1"
    return extra


def _selected(told: Fields) -> Iterator[tuple[str, list[str]]]:
    """Question key → the options chosen in a card with choices."""
    for item in _items(_part(told, "selected_items"), "selected_item"):
        chosen = _part(item, "option_ids").get("option_id")
        options = chosen if isinstance(chosen, list) else [chosen]
        yield _at(item, "question_key"), [clean(one) for one in options if isinstance(one, str)]


def _part(body: Fields, name: str) -> Fields:
    part = body.get(name)
    return part if isinstance(part, Mapping) else {}


def _items(body: Fields, name: str) -> Sequence[Fields]:
    found = body.get(name)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def _at(body: Fields, *path: str) -> str:
    """The text at the end of the path, without what no database takes; empty when there is none. A number
    counts as its digits."""
    found: Any = body
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    if not isinstance(found, str):
        return ""
    return found if found.isprintable() else clean(found.encode("utf-8", "replace").decode())
