"""Answers a robot's message later, by the address that came with it: once, and only to a host we know.

The address was sealed with our key, and is still not trusted: it must be https on one of the configured
domains, redirects are not followed, the answer is capped and timed. It is a bearer secret: no error and no
log line ever holds it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.wecom.errors import RateLimited, Rejected, RetryLater, WeComError, of_code

TIMEOUT = 8.0
_ANSWER_LIMIT = 64 * 1024
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_GONE = "请改用长连接，或请对方再发一次"


def allowed(url: str, domains: Sequence[str]) -> bool:
    """Whether the address may be called: https, no user in it, and a host in or under one of the domains."""
    try:
        parts = urlsplit(url)
        host, named = (parts.hostname or "").rstrip("."), parts.username is None and parts.password is None
        parts.port  # noqa: B018 - raises for what is no port
    except ValueError:
        return False
    if parts.scheme != "https" or not named or not _HOST.fullmatch(host) or re.search(r"[\s\\]", url):
        return False
    known = [domain.lower().strip(".") for domain in domains]
    return any(host == domain or host.endswith(f".{domain}") for domain in known if domain)


async def post(
    session: aiohttp.ClientSession,
    url: str,
    body: Mapping[str, Any],
    *,
    domains: Sequence[str],
    clock: Callable[[], datetime],
    proxy: str = "",
) -> None:
    """Sends the answer. Raises a WeComError; RetryLater without `maybe_done` means the address is unused."""
    if not allowed(url, domains):
        raise Rejected("回复地址不在允许的域名内", "请核对 [robot] domains")
    data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    try:
        async with session.post(
            url,
            data=data,
            headers={"Content-Type": "application/json; charset=utf-8"},
            proxy=proxy or None,
            timeout=aiohttp.ClientTimeout(total=TIMEOUT),
            allow_redirects=False,
        ) as response:
            status, raw = response.status, await response.content.read(_ANSWER_LIMIT)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise RetryLater("连接不上回复地址", "请检查网络和代理", detail=type(error).__name__) from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise RetryLater(
            "回复地址没有应答", "请检查网络和代理", detail=type(error).__name__, maybe_done=True
        ) from None
    _check(status, raw, clock())


def _check(status: int, raw: bytes, now: datetime) -> None:
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        answer = None
    if status != 200 or not isinstance(answer, dict):
        raise Rejected(f"回复地址没有按约定回应（HTTP {status}）", _GONE)
    code = answer.get("errcode", 0)
    if isinstance(code, int) and code != 0:
        raise _spent(of_code(code, str(answer.get("errmsg", ""))[:200], now))


def _spent(error: WeComError) -> WeComError:
    """The address has been used, whatever came of it: trying the same again cannot help."""
    if isinstance(error, (RateLimited, RetryLater)):
        return error
    return Rejected(error.reason, _GONE, code=error.code, detail=error.detail)
