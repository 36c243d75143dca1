"""Opening and sealing callbacks: published vectors, an independent implementation, and hostile input."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.work.crypto import PrpCrypto, WeChatCrypto

from bot.wecom.crypto import (
    XML_BODY_LIMIT,
    BadCallback,
    Crypto,
    fresh,
    read_envelope,
    read_json_envelope,
    reply_envelope,
    reply_json_envelope,
)

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "vectors.json").read_text("utf-8"))
GOOD: list[dict[str, Any]] = VECTORS["good"]
BAD: list[dict[str, Any]] = VECTORS["bad"]
OURS = Crypto("tokenOurs1", "fpYVqus/vCi84hgM7uhWddbdrOM7pbLrQ+BDgxFsAJo", "ww0123456789abcdef")
NOW = datetime(2024, 7, 15, 1, 0, tzinfo=UTC)


def crypto_of(vector: dict[str, Any]) -> Crypto:
    return Crypto(vector["token"], vector["aes_key"], vector["receive_id"])


def opened(vector: dict[str, Any]) -> str:
    crypto = crypto_of(vector)
    return crypto.open(vector["signature"], vector["timestamp"], vector["nonce"], vector["encrypted"])


def only(mode: str, field: str) -> list[dict[str, Any]]:
    return [vector for vector in GOOD if vector["mode"] == mode and field in vector]


def refusal(attempt: Callable[[], object]) -> str:
    """Why the attempt was refused; empty when it was not."""
    try:
        attempt()
    except BadCallback as refused:
        return refused.reason
    return ""


def child(xml: str, name: str) -> str:
    return ElementTree.fromstring(xml).findtext(name) or ""  # noqa: S314 - XML our own side has just written


def named(vectors: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("vector", vectors, ids=lambda vector: vector["id"])


def test_the_vectors_are_all_here() -> None:
    assert (len(GOOD), len(BAD)) == (11, 14)


@named(GOOD)
def test_a_good_vector_is_opened(vector: dict[str, Any]) -> None:
    assert opened(vector) == vector["plaintext"]


@named(GOOD)
def test_a_good_vector_is_sealed_byte_for_byte(vector: dict[str, Any]) -> None:
    sealed = crypto_of(vector).seal(
        vector["plaintext"], vector["nonce"], vector["timestamp"], vector["random16"].encode()
    )
    assert (sealed.encrypted, sealed.signature) == (vector["encrypted"], vector["signature"])


@named(GOOD)
def test_wechatpy_opens_what_we_seal(vector: dict[str, Any]) -> None:
    sealed = crypto_of(vector).seal(vector["plaintext"], "n1", "1700000000")
    theirs = WeChatCrypto(vector["token"], vector["aes_key"], vector["receive_id"])
    body = {"Encrypt": sealed.encrypted}
    plain = theirs.decrypt_message(body, sealed.signature, sealed.timestamp, sealed.nonce)
    assert plain == vector["plaintext"]


@named(GOOD)
def test_we_open_what_wechatpy_seals(vector: dict[str, Any]) -> None:
    theirs = WeChatCrypto(vector["token"], vector["aes_key"], vector["receive_id"])
    xml = theirs.encrypt_message(vector["plaintext"], "n1", "1700000000")
    text = crypto_of(vector).open(child(xml, "MsgSignature"), "1700000000", "n1", child(xml, "Encrypt"))
    assert text == vector["plaintext"]


@named(BAD)
def test_a_bad_vector_is_refused_for_its_own_reason(vector: dict[str, Any]) -> None:
    assert refusal(lambda: opened(vector)) == vector["expected_reject"]


@named(only("app_xml", "request_body"))
def test_the_envelope_of_an_app_is_read(vector: dict[str, Any]) -> None:
    assert read_envelope(vector["request_body"].encode()).encrypted == vector["encrypted"]


@named(only("robot_json", "request_body"))
def test_the_envelope_of_a_robot_is_read(vector: dict[str, Any]) -> None:
    assert read_json_envelope(vector["request_body"].encode()).encrypted == vector["encrypted"]


@named(only("robot_json", "response_body"))
def test_the_answer_to_a_robot_is_the_published_one(vector: dict[str, Any]) -> None:
    random16 = vector["random16"].encode()
    sealed = crypto_of(vector).seal(vector["plaintext"], vector["nonce"], vector["timestamp"], random16)
    assert reply_json_envelope(sealed) == vector["response_body"]


def test_a_sealed_reply_opens_again_from_its_envelope() -> None:
    sealed = OURS.seal("冷链由谁牵头？]]>", "n&1", "1700000000")
    xml = reply_envelope(sealed)
    values = [child(xml, name) for name in ("MsgSignature", "TimeStamp", "Nonce", "Encrypt")]
    assert OURS.open(*values) == "冷链由谁牵头？]]>"


def test_two_seals_of_one_text_differ() -> None:
    assert OURS.seal("同文", "n", "1").encrypted != OURS.seal("同文", "n", "1").encrypted


@given(st.text(), st.text(min_size=1), st.integers(0, 2**40))
def test_what_is_sealed_opens_as_it_was(text: str, nonce: str, timestamp: int) -> None:
    sealed = OURS.seal(text, nonce, str(timestamp))
    assert OURS.open(sealed.signature, sealed.timestamp, sealed.nonce, sealed.encrypted) == text


ANY_TEXT = st.text(st.characters())  # half characters too: a query string can smuggle them in


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_strangers_get_nothing_but_a_refusal(signature: str, timestamp: str, nonce: str, body: str) -> None:
    with pytest.raises(BadCallback):
        OURS.open(signature, timestamp, nonce, body)


@given(st.binary(min_size=0, max_size=200))
def test_any_signed_bytes_open_or_are_refused(content: bytes) -> None:
    """A holder of the token but not of the key gets no further than a refusal either."""
    encrypted = base64.b64encode(content).decode()
    with pytest.raises(BadCallback):
        OURS.open(OURS._sign("1", "n", encrypted), "1", "n", encrypted)


@given(st.binary(max_size=24), st.sampled_from([b"ww1", b"ww2", b""]), st.integers(-4, 4))
def test_a_lying_length_never_moves_the_border(message: bytes, tail: bytes, lie: int) -> None:
    """Correct key and padding, any content: the layout checks must hold on their own."""
    ours = Crypto("t", "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s", "ww1")
    size = max(len(message) + lie, 0)
    content = b"r" * 16 + size.to_bytes(4, "big") + message + tail
    pad = 32 - len(content) % 32
    sealed = PrpCrypto(base64.b64decode("a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=")).cipher.encrypt(
        content + bytes([pad]) * pad
    )
    encrypted = base64.b64encode(sealed).decode()
    reason = refusal(lambda: ours.open(ours._sign("1", "n", encrypted), "1", "n", encrypted))
    assert (reason in {"", "bad_utf8"}) is (content[20 + size :] == b"ww1")


@given(st.binary(max_size=400))
def test_any_body_is_an_envelope_or_refused(body: bytes) -> None:
    assert refusal(lambda: read_envelope(body)) in {"", "not_xml", "no_encrypt", "doctype"}
    assert refusal(lambda: read_json_envelope(body)) in {"", "not_json", "no_encrypt"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_xml"),
        (b"hello", "not_xml"),
        (b'{"encrypt": "AAAA"}', "not_xml"),
        (b"<xml></xml>", "no_encrypt"),
        (b"<xml><Encrypt></Encrypt></xml>", "no_encrypt"),
        (b"<xml><deep><Encrypt>AAAA</Encrypt></deep></xml>", "no_encrypt"),
        (b"<xml><Encrypt>AAAA</Encrypt><Encrypt>BBBB</Encrypt></xml>", "not_xml"),
        (b"<xml><Encrypt>AAAA</Encrypt>", "not_xml"),
        (b'<?xml version="1.0" encoding="no-such"?><xml><Encrypt>A</Encrypt></xml>', "not_xml"),
        (b"<!DOCTYPE xml><xml><Encrypt>AAAA</Encrypt></xml>", "doctype"),
        (b'<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><Encrypt>&a;</Encrypt></xml>', "doctype"),
        (b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><xml><Encrypt>A</Encrypt></xml>', "doctype"),
        ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><xml/>'.encode("utf-16"), "doctype"),
        (b"<xml><Encrypt>&a;</Encrypt></xml>", "not_xml"),
        (b"<xml>" + b"A" * XML_BODY_LIMIT + b"</xml>", "too_large"),
        (b"<a>" * 20_000, "not_xml"),
    ],
)
def test_a_body_that_is_no_envelope_is_refused(body: bytes, reason: str) -> None:
    assert refusal(lambda: read_envelope(body)) == reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        (b"<xml/>", "not_json"),
        (b"[" * 200_000, "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[]", "no_encrypt"),
        (b"{}", "no_encrypt"),
        (b'{"encrypt": 5}', "no_encrypt"),
        (b" " * (1024 * 1024 + 1), "too_large"),
    ],
)
def test_a_body_that_is_no_robot_envelope_is_refused(body: bytes, reason: str) -> None:
    assert refusal(lambda: read_json_envelope(body)) == reason


def test_the_elements_of_an_envelope_come_in_any_order() -> None:
    body = b"<xml><Encrypt>AAAA</Encrypt><Other><x>1</x></Other><AgentID/><ToUserName>ww1</ToUserName></xml>"
    found = read_envelope(body)
    assert (found.to_user, found.agent_id, found.encrypted) == ("ww1", "", "AAAA")


@pytest.mark.parametrize("missing", ["signature", "timestamp", "nonce"])
def test_a_missing_parameter_is_named(missing: str) -> None:
    sealed = OURS.seal("x", "n", "1")
    given_ = {"signature": sealed.signature, "timestamp": "1", "nonce": "n", "encrypted": sealed.encrypted}
    assert refusal(lambda: OURS.open(**(given_ | {missing: ""}))) == "missing_parameter"


def test_a_key_with_a_foreign_character_is_refused() -> None:
    assert refusal(lambda: Crypto("t", "!" * 43, "ww1")) == "bad_key"


@pytest.mark.parametrize(
    ("timestamp", "is_fresh"),
    [
        (str(int(NOW.timestamp())), True),
        (str(int(NOW.timestamp()) - 300), True),
        (str(int(NOW.timestamp()) + 300), True),
        (str(int(NOW.timestamp()) - 301), False),
        (str(int(NOW.timestamp()) + 301), False),
        ("", False),
        ("-1", False),
        ("1e9", False),
        ("１７２１０", False),
        ("9" * 5000, False),
    ],
)
def test_a_callback_outside_the_window_is_stale(timestamp: str, is_fresh: bool) -> None:
    assert fresh(timestamp, NOW, 300) is is_fresh
