"""The XML around the crypto: callbacks written for the bot, passive replies read back.

`callbacks.py` uses it. It knows elements and CDATA, not what the messages mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from simulator import crypto

Value: TypeAlias = "str | int | float | Fields"
Fields: TypeAlias = "Iterable[tuple[str, Value]]"

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def document(fields: Fields) -> str:
    """`<xml>…</xml>` with text in CDATA, numbers bare, and nested fields as elements."""
    return f"<xml>{_children(fields)}</xml>"


def callback_body(corp_id: str, agent_id: int, encrypted: str) -> str:
    return document([("ToUserName", corp_id), ("AgentID", str(agent_id)), ("Encrypt", encrypted)])


def open_reply(keys: crypto.Keys, body: str) -> str:
    """The XML of the passive reply inside an HTTP body; empty when the bot answered nothing.

    Raises BadEnvelope for anything WeCom would not show.
    """
    if body.strip() in ("", "success"):
        return ""
    outer = read(body)
    encrypted = outer.findtext("Encrypt") or ""
    crypto.verify(
        keys,
        outer.findtext("MsgSignature") or "",
        outer.findtext("TimeStamp") or "",
        outer.findtext("Nonce") or "",
        encrypted,
    )
    return crypto.unseal(keys, encrypted)


def read(text: str) -> Element:
    if not text.lstrip().startswith("<xml>"):
        raise crypto.BadEnvelope("not_an_xml_element")
    try:
        # A document that starts with its root has no DOCTYPE, and so no entities to abuse.
        return ElementTree.fromstring(text)  # noqa: S314
    except ElementTree.ParseError as error:
        raise crypto.BadEnvelope("not_xml") from error


def _children(fields: Fields) -> str:
    return "".join(f"<{tag}>{_value(value)}</{tag}>" for tag, value in fields)


def _value(value: Value) -> str:
    if isinstance(value, str):
        return f"<![CDATA[{_ILLEGAL.sub('', value).replace(']]>', ']]]]><![CDATA[>')}]]>"
    if isinstance(value, int | float):
        return str(value)
    return _children(value)
