"""Reads what came back from a call: WeCom's JSON, a gateway's refusal, an address that leads elsewhere.

`Client` asks here before it looks at `errcode`. Pure; no error made here carries an address or a secret.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import aiohttp

from bot.wecom.errors import TABLE, ConfigError, RetryLater, Unsupported, WeComError

NETWORK = "请检查网络、代理和 api_base"
_ADDRESS = "请核对 api_base 和代理，经过网关的还要核对 [gateway]"
_SIGNING = (
    "请核对 [gateway] 的 id 和 token，本机时间与网关相差不能超过 3 分钟，"
    "并请网关管理方确认已授权本应用调用这些接口"
)
_PASSING = (408, 425, 429)  # a gateway asks for patience, not for another address
_CORE = ("gettoken", "message/send", "media/upload", "media/get")  # every version has them
_GATEWAY_CODES = 100_000_000  # WeCom's own codes are shorter


def of_transport(error: Exception) -> WeComError:
    """Whether the request can have reached WeCom decides how it may be repeated."""
    name = type(error).__name__
    if isinstance(error, aiohttp.InvalidURL):
        return ConfigError("接口地址不正确", "请核对 api_base", detail=name)
    if isinstance(error, (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError)):
        return ConfigError("接口的证书无法核验", "私有部署请在 ca_file 填写签发证书的 CA 文件", detail=name)
    if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
        return RetryLater("连接不上企业微信接口", NETWORK, detail=name)
    return RetryLater("与企业微信接口的连接中断或超时", NETWORK, detail=name, maybe_done=True)


def read(path: str, status: int, raw: bytes) -> Mapping[str, Any]:
    """The JSON object of an answer, whatever its errcode. Raises what no errcode tells."""
    detail = f"HTTP {status}"
    answer = _parsed(raw)
    if status == 404 or answer.get("errcode") == 404:
        raise _no_such(path, detail)
    if (refused := _of_gateway(answer, detail)) is not None:
        raise refused
    if 300 <= status < 500 and status not in _PASSING:
        raise ConfigError(f"接口地址没有按约定回应（HTTP {status}）", _ADDRESS, detail=detail)
    if status != 200 or not answer:
        raise RetryLater(f"接口暂时没有正常回应（HTTP {status}）", NETWORK, detail=detail, maybe_done=True)
    return answer


def _parsed(raw: bytes) -> Mapping[str, Any]:
    """The JSON object of an answer; nothing for whatever else came."""
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _no_such(path: str, detail: str) -> WeComError:
    """What every version has means that the address is wrong; anything else, that this version lacks it."""
    if path in _CORE:
        return ConfigError("这个地址上没有企业微信接口", _ADDRESS, code=404, detail=detail)
    row = TABLE[404]
    return Unsupported(row.reason, row.next_step, code=404, detail=detail)


def _of_gateway(answer: Mapping[str, Any], detail: str) -> WeComError | None:
    """The refusal of a gateway before WeCom, which never came there: its own `code`, or a nine-digit one."""
    code = answer.get("errcode", answer.get("code"))
    own = "errcode" not in answer and "code" in answer
    if not own and not (isinstance(code, int) and code >= _GATEWAY_CODES):
        return None
    told = f"{detail}, gateway code {str(code)[:20]}"
    if str(code).startswith("5"):
        return RetryLater("网关后面的接口暂时没有回应", NETWORK, detail=told, maybe_done=True)
    return ConfigError("网关没有放行这次请求", _SIGNING, detail=told)
