"""Signs requests for a government gateway that stands before WeCom's API.

`Client` asks its signer for the headers of each request; a gateway with other rules is another class here.
What is signed is never logged, and the key appears in no header.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


class Signer(Protocol):
    """The headers that let one request through; `path` is the call's, without prefix and query."""

    def headers(self, method: str, path: str, now: datetime) -> Mapping[str, str]: ...


def _nonce() -> str:
    return secrets.token_hex(16)  # gateways take at most 36 characters


@dataclass(frozen=True, slots=True)
class TifSigner:
    """`x-tif-*`, as 粤政易 and others have it: the key between two timestamps, and a nonce used once."""

    paas_id: str
    token: str = field(repr=False)
    prefix: str = "x-tif-"
    uppercase: bool = False
    service_id: str = ""
    nonce: Callable[[], str] = _nonce

    def headers(self, method: str, path: str, now: datetime) -> Mapping[str, str]:
        timestamp, nonce = str(int(now.timestamp())), self.nonce()
        digest = hashlib.sha256(f"{timestamp}{self.token}{nonce}{timestamp}".encode()).hexdigest()
        named = {
            "paasid": self.paas_id,
            "timestamp": timestamp,
            "nonce": nonce,
            "signature": digest.upper() if self.uppercase else digest,
            "serviceid": self.service_id,
        }
        return {self.prefix + name: value for name, value in named.items() if value}
