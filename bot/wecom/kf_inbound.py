"""Turns an entry of 微信客服's log into a `Message`: what a visitor wrote or touched, or what befell him.

The reader calls it for every entry of a page. An entry without an id or a person is none for us; a type
nobody has heard of is a `Message` of kind "unknown", never an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.wecom.inbound import TEXT_LIMIT, clean
from storage.message import Message

VISITOR, SYSTEM, SERVICER = 3, 4, 5  # origins
ENTERED, FAILED, SESSION = "enter_session", "msg_send_fail", "session_status_change"
TAKEN, PASSED, ENDED = "1", "2", "3"  # change types of a session
_MEDIA = ("image", "voice", "video", "file")
_EXTRA = (
    "welcome_code",
    "msg_code",
    "scene",
    "change_type",
    "fail_msgid",
    "fail_type",
    "new_servicer_userid",
)
_LIMIT = 512  # characters of an extra
_ID_LIMIT = 64


def to_message(entry: Mapping[str, Any], open_kfid: str) -> Message | None:
    """None for what is no message of or about a visitor (servicers who come and go)."""
    kind = _text(entry, "msgtype")
    part = entry.get(kind)
    body: Mapping[str, Any] = part if isinstance(part, Mapping) else {}
    about = body if kind == "event" else entry
    person, msgid = _text(about, "external_userid"), _text(entry, "msgid")
    if not msgid or not 0 < len(person) <= _ID_LIMIT:
        return None
    said, text = _said(kind, body)
    return Message(
        key=f"kf:{msgid[:256]}",
        channel="kf",
        person=person,
        received_at=sent_at(entry),
        kind=said,
        text=clean(text)[:TEXT_LIMIT],
        event=_text(body, "event_type")[:_ID_LIMIT] if kind == "event" else "",
        chat=open_kfid,
        extra=_extra(kind, body),
    )


def sent_at(entry: Mapping[str, Any]) -> datetime:
    """When WeCom says it was sent; the beginning of time where it does not."""
    at = entry.get("send_time")
    return datetime.fromtimestamp(at if isinstance(at, int) and 0 <= at < 2**33 else 0, UTC)


def _said(kind: str, body: Mapping[str, Any]) -> tuple[str, str]:
    """Our kind, and the words of it; a touch on a menu's line says the line's key, like any button."""
    if kind == "text":
        key = _text(body, "menu_id")
        return ("click", key) if key else ("text", _text(body, "content"))
    if kind in _MEDIA:
        return kind, ""
    if kind == "location":
        return kind, " ".join(filter(None, (_text(body, "name"), _text(body, "address"))))
    if kind == "link":
        return kind, _text(body, "title")
    return ("event" if kind == "event" else "unknown"), ""


def _extra(kind: str, body: Mapping[str, Any]) -> dict[str, str]:
    if kind == "event":
        return {name: _text(body, name)[:_LIMIT] for name in _EXTRA if _text(body, name)}
    if kind in _MEDIA:
        return {"media_id": _text(body, "media_id")[:_LIMIT]}
    return {} if kind in ("text", "location", "link") else {"type": kind[:_LIMIT]}


def _text(part: Mapping[str, Any], name: str) -> str:
    value = part.get(name)
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
