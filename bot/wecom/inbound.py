"""Turns an opened callback into a `Message`, and a text into the XML of a passive reply.

The app door calls it after `crypto` has opened the body. wechatpy reads the XML behind one wrapper, because
malformed input makes it raise half a dozen built-in errors and it knows no card clicks; here there is one
error, `BadMessage`, and a type nobody has heard of is a `Message` of kind "unknown", never an error.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias
from xml.parsers.expat import ExpatError

from storage.message import Message

Problem: TypeAlias = Literal["not_xml", "not_json", "no_type", "no_sender", "no_chat", "unknown_agent"]
Fields: TypeAlias = Mapping[str, Any]

TEXT_LIMIT = 20_000  # characters kept of what a person wrote; WeCom itself sends far less
_EXTRA_LIMIT = 4096
_NAME_LIMIT = 64  # WeCom's own bound for a userid
_PROLOG = re.compile(r"\s*(<\?xml[^>]*\?>\s*)?<xml>")
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CARD_CLICKS = frozenset({"template_card_event", "template_card_menu_event"})
_EVENTS = _CARD_CLICKS | {
    "subscribe", "unsubscribe", "enter_agent", "location", "click", "view", "view_miniprogram",
    "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin",
    "location_select", "batch_job_result", "change_contact", "open_approval_change", "share_agent_change",
    "share_chain_change", "inactive_alert", "close_inactive_agent", "reopen_inactive_agent",
    "low_active_alert", "low_active", "active_restored", "kf_msg_or_event",
}  # fmt: skip
_TEXT_OF = {"text": "Content", "location": "Label", "link": "Title", "file": "FileName"}
_MEDIA = frozenset({"image", "voice", "video"})
# What a handler may want to know beside the text: path in the XML → name in `Message.extra`.
_EXTRA = {
    "MediaId": "media_id",
    "ThumbMediaId": "thumb_media_id",
    "PicUrl": "pic_url",
    "Format": "format",
    "Location_X": "latitude",
    "Location_Y": "longitude",
    "Scale": "scale",
    "AppType": "app_type",
    "Description": "description",
    "Url": "url",
    "FileName": "file_name",
    "TaskId": "task_id",
    "CardType": "card_type",
    "ResponseCode": "response_code",
    "ChangeType": "change_type",
    "UserID": "user_id",
    "NewUserID": "new_user_id",
    "EffectTime": "effect_time",
    "Token": "kf_token",
    "OpenKfId": "open_kfid",
    "Latitude": "latitude",
    "Longitude": "longitude",
    "Precision": "precision",
    "ScanCodeInfo/ScanType": "scan_type",
    "ScanCodeInfo/ScanResult": "scan_result",
    "SendPicsInfo/Count": "picture_count",
    "SendLocationInfo/Location_X": "latitude",
    "SendLocationInfo/Location_Y": "longitude",
    "SendLocationInfo/Scale": "scale",
    "SendLocationInfo/Label": "label",
    "SendLocationInfo/Poiname": "poi_name",
    "BatchJob/JobId": "job_id",
    "BatchJob/JobType": "job_type",
    "BatchJob/ErrCode": "job_error",
}


class BadMessage(Exception):
    """The body was sealed with our key and is still no message for us: answer 400, log the reason."""

    def __init__(self, reason: Problem) -> None:
        super().__init__(reason)
        self.reason = reason


def to_message(plaintext_xml: str, *, agent: str, received_at: datetime) -> Message:
    """What a person (or WeCom itself, as "sys") said or did to the app `agent`."""
    fields = _parse(plaintext_xml)
    sender = _at(fields, "FromUserName") or _nobody(fields)
    if not 0 < len(sender) <= _NAME_LIMIT:
        raise BadMessage("no_sender")
    # Contact and job events belong to no app and carry no AgentID, or 0.
    if _at(fields, "AgentID") not in ("", "0", agent):
        raise BadMessage("unknown_agent")
    kind, event = _kind(fields)
    return Message(
        key=_key(fields, agent, sender),
        channel="app",
        person=sender,
        received_at=received_at,
        kind=kind,
        text=clean(_at(fields, "EventKey" if event else _TEXT_OF.get(kind, "")))[:TEXT_LIMIT],
        event=event,
        agent=agent,
        extra=_extra(fields, kind),
    )


def _nobody(fields: Fields) -> str:
    """微信客服 says that something came, and not from whom: it speaks for itself, like the contacts."""
    return "sys" if _at(fields, "Event").lower() == "kf_msg_or_event" else ""


def warm_up() -> None:
    """Loads wechatpy (a tenth of a second) before the first callback has to wait for it."""
    _parse("<xml><MsgType>text</MsgType></xml>")


def passive_text(to_user: str, corp_id: str, text: str, now: datetime) -> str:
    """The reply that travels inside the callback's answer; WeCom cuts it at 2048 bytes."""
    return _passive(to_user, corp_id, "text", f"<Content>{_cdata(text)}</Content>", now)


def clean(text: str) -> str:
    """Without control characters, and with every line end as "\\n"."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", unified)


def _parse(xml: str) -> Fields:
    """The body's elements as wechatpy reads them, for known and unknown types alike."""
    # Real bodies can carry raw control characters, which XML forbids: better cleaned than lost.
    body = _ILLEGAL.sub("", xml)
    if not _PROLOG.match(body):
        raise BadMessage("not_xml")
    from wechatpy.work import parse_message

    try:
        fields = parse_message(body)._data
    except (ExpatError, ValueError, TypeError, AttributeError) as error:
        raise BadMessage("not_xml") from error
    except KeyError as error:  # a message without its type, an event without its name
        raise BadMessage("no_type") from error
    if not isinstance(fields, dict) or not _at(fields, "MsgType"):
        raise BadMessage("no_type")
    return fields


def _kind(fields: Fields) -> tuple[str, str]:
    """Our kind and, for events, WeCom's name of it."""
    kind = _at(fields, "MsgType").lower()
    if kind != "event":
        return (kind if kind in _TEXT_OF or kind in _MEDIA else "unknown"), ""
    event = _at(fields, "Event").lower()[:_NAME_LIMIT]
    if event in _CARD_CLICKS:
        return "click", event
    return ("event" if event in _EVENTS else "unknown"), event


def _key(fields: Fields, agent: str, sender: str) -> str:
    msg_id = _at(fields, "MsgId")
    if msg_id:
        return f"app:{agent}:{msg_id[:64]}"
    name = _at(fields, "Event") or _at(fields, "MsgType")
    parts = (sender.lower(), _at(fields, "CreateTime"), name, _at(fields, "EventKey"), _at(fields, "TaskId"))
    return ":".join(("evt", agent, *(part[:64] for part in parts), _fingerprint(fields)))


def _fingerprint(fields: Fields) -> str:
    """Tells two events of one second apart; a retry's fresh response code does not make it another event."""
    lasting = {name: value for name, value in fields.items() if name != "ResponseCode"}
    try:
        body = json.dumps(lasting, ensure_ascii=False, sort_keys=True, default=str)
    except RecursionError:  # nothing but brackets
        raise BadMessage("not_xml") from None
    return hashlib.sha256(body.encode()).hexdigest()[:12]


def _extra(fields: Fields, kind: str) -> dict[str, str]:
    extra = {_EXTRA[path]: clean(text)[:_EXTRA_LIMIT] for path, text in _texts(fields) if path in _EXTRA}
    if kind == "click" and (selected := _selected(fields)):
        extra["selected"] = json.dumps(selected, ensure_ascii=False)
    if kind == "unknown":
        extra["type"] = clean(_at(fields, "MsgType"))[:_EXTRA_LIMIT]
    return extra


def _texts(fields: Fields) -> Iterator[tuple[str, str]]:
    """Every text of the body and of its one level of groups, under its path."""
    for name, value in fields.items():
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, Mapping):
            for inner, text in value.items():
                if isinstance(text, str):
                    yield f"{name}/{inner}", text


def _selected(fields: Fields) -> dict[str, list[str]]:
    """Question key → the options chosen in a card with choices."""
    return {
        clean(_at(item, "QuestionKey")): [
            clean(option) for option in _items(item, "OptionIds", "OptionId") if isinstance(option, str)
        ]
        for item in _items(fields, "SelectedItems", "SelectedItem")
        if isinstance(item, dict)
    }


def _items(fields: Fields, outer: str, inner: str) -> list[Any]:
    """A list in the XML: wechatpy gives one element as itself and several as a list."""
    holder = fields.get(outer)
    found = holder.get(inner) if isinstance(holder, dict) else None
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def _at(fields: Fields, name: str) -> str:
    """The text of an element, empty when it is missing or not a text."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _passive(to_user: str, corp_id: str, kind: str, body: str, now: datetime) -> str:
    return (
        f"<xml><ToUserName>{_cdata(to_user)}</ToUserName>"
        f"<FromUserName>{_cdata(corp_id)}</FromUserName>"
        f"<CreateTime>{int(now.timestamp())}</CreateTime>"
        f"<MsgType><![CDATA[{kind}]]></MsgType>{body}</xml>"
    )


def _cdata(text: str) -> str:
    """`text` as character data that cannot end early, without what XML 1.0 forbids."""
    legal = _ILLEGAL.sub("", text)
    return f"<![CDATA[{legal.replace(']]>', ']]]]><![CDATA[>')}]]>"
