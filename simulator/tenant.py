"""Which WeCom is played: the public one, or a private deployment behind a gateway, without what came later.

`server.start` takes one. The gateway checks signatures with code of its own; the bot's is not asked.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

_TOLERANCE = 180  # seconds
_FIELDS = ("paasid", "timestamp", "nonce", "signature")


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a gateway says no: some with a status, some with a nine-digit code and HTTP 200."""

    status: int
    body: dict[str, Any]


@dataclass(slots=True)
class Gateway:
    """Lets a request through when its headers are signed with the app's key, once per nonce."""

    paas_id: str
    token: str
    prefix: str = "x-tif-"
    post_only: bool = False
    _seen: set[str] = field(default_factory=set)

    def refuses(self, method: str, headers: Mapping[str, str], now: datetime) -> Refusal | None:
        if self.post_only and method != "POST":
            return Refusal(405, {"code": 400405, "msg": "method not allowed"})
        found = [headers.get(self.prefix + name, "") for name in _FIELDS]
        if not all(found):
            return Refusal(200, {"errcode": 400000400, "errmsg": "missing headers."})
        paas_id, timestamp, nonce, signature = found
        if paas_id != self.paas_id or not self._signed(timestamp, nonce, signature):
            return Refusal(500, {"code": 400001, "msg": "鉴权失败，鉴权信息有误。"})
        if abs(now.timestamp() - int(timestamp)) > _TOLERANCE or nonce in self._seen:
            return Refusal(500, {"code": 400001, "msg": "鉴权失败，请求已经过期。"})
        self._seen.add(nonce)
        return None

    def _signed(self, timestamp: str, nonce: str, signature: str) -> bool:
        if not (timestamp.isascii() and timestamp.isdigit()):
            return False
        wanted = hashlib.sha256((timestamp + self.token + nonce + timestamp).encode()).hexdigest()
        return hmac.compare_digest(wanted, signature.lower())


@dataclass(frozen=True, slots=True)
class Tenant:
    """`no_messages` are kinds of message, `no_calls` beginnings of calls that this version does not know."""

    prefix: str = ""
    gateway: Gateway | None = None
    no_messages: frozenset[str] = frozenset()
    no_calls: tuple[str, ...] = ()

    def takes(self, method: str, usual: str) -> bool:
        """Whether a call may be made so; behind some gateways everything is posted."""
        return method == usual or (method == "POST" and self.gateway is not None and self.gateway.post_only)

    def lacks(self, endpoint: str) -> bool:
        return endpoint.startswith(self.no_calls) if self.no_calls else False


def private(gateway: Gateway | None = None, *, prefix: str = "/ebus/yzyapi") -> Tenant:
    """A government's own server of some years ago."""
    return Tenant(
        prefix,
        gateway,
        frozenset({"template_card", "markdown"}),
        (
            "message/update_template_card",
            "webhook/",
            "kf/",
            "aibot/",
            "externalcontact/",
            "get_api_domain_ip",
            "auth/",
        ),
    )
