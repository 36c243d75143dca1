"""WeCom's callback encryption, written from the published description only.

Callbacks are sealed with it and passive replies opened. It is strict on purpose (padding, length, receiver),
so a bot that seals carelessly is noticed here, not at the customer's.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32  # WeCom pads to 32 bytes, not to the cipher's 16


class BadEnvelope(Exception):
    """What came back cannot be opened; the first argument is one word for the log."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What both sides agreed on in the console."""

    token: str
    aes_key: str
    receive_id: str

    def __post_init__(self) -> None:
        if len(self.aes_key) != 43:
            raise ValueError("EncodingAESKey must have 43 characters")

    @property
    def aes(self) -> bytes:
        # The 43rd character may carry spare bits, which this decoder ignores as WeCom does.
        return base64.b64decode(self.aes_key + "=")


def sign(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    joined = "".join(sorted((token, timestamp, nonce, encrypted)))
    return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()


def seal(keys: Keys, message: str, *, random16: bytes | None = None) -> str:
    """The base64 text for `message`; `random16` is fixed only when a published vector is checked."""
    body = message.encode()
    prefix = secrets.token_bytes(16) if random16 is None else random16
    plain = prefix + struct.pack(">I", len(body)) + body + keys.receive_id.encode()
    pad = _BLOCK - len(plain) % _BLOCK
    encryptor = _cipher(keys).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def unseal(keys: Keys, encrypted: str) -> str:
    """The message inside; raises BadEnvelope with the reason."""
    plain = _unpad(_decrypt(keys, encrypted))
    if len(plain) < 20:
        raise BadEnvelope("truncated")
    end = 20 + int(struct.unpack(">I", plain[16:20])[0])
    if end > len(plain):
        raise BadEnvelope("length_out_of_range")
    if plain[end:] != keys.receive_id.encode():
        raise BadEnvelope("receive_id_mismatch")
    try:
        return plain[20:end].decode()
    except UnicodeDecodeError as error:
        raise BadEnvelope("not_utf8") from error


def verify(keys: Keys, signature: str, timestamp: str, nonce: str, encrypted: str) -> None:
    expected = sign(keys.token, timestamp, nonce, encrypted)
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise BadEnvelope("signature_mismatch")


def _decrypt(keys: Keys, encrypted: str) -> bytes:
    if not encrypted:
        raise BadEnvelope("empty")
    try:
        data = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadEnvelope("bad_base64") from error
    if len(data) < _BLOCK or len(data) % _BLOCK:
        raise BadEnvelope("truncated")
    decryptor = _cipher(keys).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def _unpad(padded: bytes) -> bytes:
    pad = padded[-1]
    if not 1 <= pad <= _BLOCK or padded[-pad:] != bytes([pad]) * pad:
        raise BadEnvelope("bad_padding")
    return padded[:-pad]


def _cipher(keys: Keys) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(keys.aes), modes.CBC(keys.aes[:16]))
