"""Opens and seals WeCom callbacks, stricter than the protocol asks.

The doors call it for every request before anything else looks at the body. It never reads a clock, never
logs, and knows one failure, `BadCallback`, whose reason is for our log and never for the sender.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from xml.parsers import expat

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

Reason: TypeAlias = Literal[
    "missing_parameter",
    "too_large",
    "not_xml",
    "not_json",
    "doctype",
    "no_encrypt",
    "stale",
    "empty",
    "signature_mismatch",
    "bad_base64",
    "truncated",
    "bad_padding",
    "length_out_of_range",
    "receive_id_mismatch",
    "bad_utf8",
    "bad_key_length",
    "bad_key",
]

XML_BODY_LIMIT = 64 * 1024  # a text callback of 2 kB is about 4 kB when sealed
JSON_BODY_LIMIT = 1024 * 1024  # a robot's quoted message may be long
_BLOCK = 32  # WeCom pads to 32 although an AES block has 16 bytes
_HEAD = 20  # 16 random bytes and the length
_KEY_TEXT = re.compile(r"[A-Za-z0-9+/]{43}")


class BadCallback(Exception):
    """The request is not what WeCom would send: answer 4xx with an empty body and log the reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Sealed:
    """A reply ready for its envelope."""

    encrypted: str
    signature: str
    timestamp: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """The outside of a callback. Only `encrypted` is covered by the signature."""

    to_user: str
    agent_id: str
    encrypted: str


class Crypto:
    """One token and key pair of the console; `receive_id` is the corp id, or empty for robots."""

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        key = _read_key(aes_key)
        self._token = token
        self._receive_id = receive_id.encode()
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def open(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> str:
        """The text inside; BadCallback for anything the holder of our key would not have written."""
        if not encrypted:
            raise BadCallback("empty")
        if not (signature and timestamp and nonce):
            raise BadCallback("missing_parameter")
        expected = self._sign(timestamp, nonce, encrypted)
        if not hmac.compare_digest(expected.encode(), _bytes(signature)):
            raise BadCallback("signature_mismatch")
        return self._unpack(self._decrypt(_decode(encrypted)))

    def seal(self, plaintext: str, nonce: str, timestamp: str, random16: bytes | None = None) -> Sealed:
        """Encrypts and signs; `random16` is for tests that compare bytes with published vectors."""
        message = plaintext.encode()
        prefix = secrets.token_bytes(16) if random16 is None else random16
        data = b"".join((prefix, struct.pack(">I", len(message)), message, self._receive_id))
        pad = _BLOCK - len(data) % _BLOCK
        encryptor = self._cipher.encryptor()
        sealed = encryptor.update(data + bytes((pad,)) * pad) + encryptor.finalize()
        encrypted = base64.b64encode(sealed).decode("ascii")
        return Sealed(encrypted, self._sign(timestamp, nonce, encrypted), timestamp, nonce)

    def _sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        parts = sorted(map(_bytes, (self._token, timestamp, nonce, encrypted)))
        return hashlib.sha1(b"".join(parts), usedforsecurity=False).hexdigest()

    def _decrypt(self, data: bytes) -> bytes:
        decryptor = self._cipher.decryptor()
        padded = decryptor.update(data) + decryptor.finalize()
        pad = padded[-1]
        if not 1 <= pad <= _BLOCK or padded[-pad:] != padded[-1:] * pad:
            raise BadCallback("bad_padding")
        return padded[:-pad]

    def _unpack(self, data: bytes) -> str:
        if len(data) < _HEAD:
            raise BadCallback("length_out_of_range")
        end = _HEAD + int.from_bytes(data[16:_HEAD], "big")
        if end > len(data):
            raise BadCallback("length_out_of_range")
        if not hmac.compare_digest(data[end:], self._receive_id):
            raise BadCallback("receive_id_mismatch")
        try:
            return data[_HEAD:end].decode()
        except UnicodeDecodeError:
            raise BadCallback("bad_utf8") from None


def fresh(timestamp: str, now: datetime, window_seconds: float) -> bool:
    """Whether the signed timestamp lies within the window, early or late; false for what is no time."""
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        return False
    return abs(now.timestamp() - int(timestamp)) <= window_seconds


def read_envelope(body: bytes, limit: int = XML_BODY_LIMIT) -> Envelope:
    """The XML envelope of a self-built app's callback; other elements may come in any order."""
    if len(body) > limit:
        raise BadCallback("too_large")
    found = _children(body)
    if not found.get("Encrypt"):
        raise BadCallback("no_encrypt")
    return Envelope(found.get("ToUserName", ""), found.get("AgentID", ""), found["Encrypt"])


def reply_envelope(sealed: Sealed) -> str:
    """The XML that answers a self-built app's callback."""
    return (
        f"<xml><Encrypt><![CDATA[{sealed.encrypted}]]></Encrypt>"
        f"<MsgSignature><![CDATA[{sealed.signature}]]></MsgSignature>"
        f"<TimeStamp>{sealed.timestamp}</TimeStamp>"
        f"<Nonce><![CDATA[{sealed.nonce}]]></Nonce></xml>"
    )


def read_json_envelope(body: bytes, limit: int = JSON_BODY_LIMIT) -> Envelope:
    """The JSON envelope of a smart robot's callback."""
    if len(body) > limit:
        raise BadCallback("too_large")
    try:
        # RecursionError: a body of nothing but brackets.
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise BadCallback("not_json") from None
    encrypted = found.get("encrypt") or found.get("Encrypt") if isinstance(found, dict) else None
    if not isinstance(encrypted, str):
        raise BadCallback("no_encrypt")
    return Envelope("", "", encrypted)


def reply_json_envelope(sealed: Sealed) -> str:
    """The JSON that answers a robot: here the signature's name has no underscore and the time is a number."""
    fields = {
        "encrypt": sealed.encrypted,
        "msgsignature": sealed.signature,
        "timestamp": int(sealed.timestamp),
        "nonce": sealed.nonce,
    }
    return json.dumps(fields, separators=(",", ":"))


def _read_key(aes_key: str) -> bytes:
    if len(aes_key) != 43:
        raise BadCallback("bad_key_length")
    if not _KEY_TEXT.fullmatch(aes_key):
        raise BadCallback("bad_key")
    # The console's own sample key has spare bits set in its last character: b64decode lets them pass.
    return base64.b64decode(aes_key + "=")


def _decode(encrypted: str) -> bytes:
    try:
        data = base64.b64decode(_bytes(encrypted), validate=True)
    except binascii.Error:
        raise BadCallback("bad_base64") from None
    if len(data) < _BLOCK or len(data) % 16:
        raise BadCallback("truncated")
    return data


def _bytes(text: str) -> bytes:
    # A query string can carry half a character; it must fail the signature, not the program.
    return text.encode("utf-8", "surrogatepass")


def _children(body: bytes) -> dict[str, str]:
    """The texts of the root's children. Document types are refused before an entity could be declared."""
    reader = _EnvelopeReader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError):
        # ValueError and LookupError: an encoding this Python does not have.
        raise BadCallback("not_xml") from None
    return reader.found


class _EnvelopeReader:
    """Collects texts one level below the root; a name that comes twice is nobody's envelope."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._path: list[str] = []

    def start(self, name: str, _attributes: object) -> None:
        self._path.append(name)
        if len(self._path) == 2:
            if name in self.found:
                raise BadCallback("not_xml")
            self.found[name] = ""

    def end(self, _name: str) -> None:
        self._path.pop()

    def text(self, data: str) -> None:
        if len(self._path) == 2:
            self.found[self._path[1]] += data


def _refuse_doctype(*_declaration: object) -> None:
    raise BadCallback("doctype")
