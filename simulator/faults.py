"""Faults on demand: what to break, how often, and where.

Tests arm them by name, the chat page's drawer by button. A fault is used up each time it strikes; nothing
here does the striking (`wecom.py` and `callbacks.py` ask).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that can go wrong; `side` says whether an API call or a callback is hit."""

    name: str
    side: str
    label: str
    hint: str


KINDS: tuple[Kind, ...] = (
    Kind("token_expired", "api", "令牌失效", "下一次接口调用返回 42001，原令牌作废"),
    Kind("busy", "api", "系统繁忙", "下一次接口调用返回 -1"),
    Kind("rate_limited", "api", "接口限流", "下一次接口调用返回 45009"),
    Kind("slow", "api", "接口变慢", "下一次接口调用先等几秒再应答"),
    Kind("reset", "api", "应答中断", "什么也没办，应答写到一半连接断开"),
    Kind("reply_lost", "api", "应答丢失", "事情已经办成，应答没有送达"),
    Kind("group_gone", "api", "群已不在", "下一条群推送返回 93000 或 86001：机器人被移除，或群已解散"),
    Kind("duplicate", "callback", "重复送达", "下一条消息同时送达机器人两次"),
    Kind("callback_lost", "callback", "回调丢失", "下一条客服消息的回调没有送出，要等下一次收取"),
    Kind("ignored", "callback", "应答被忽略", "机器人的应答当作没收到，随后重试"),
)
_BY_NAME = {kind.name: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Armed:
    kind: str
    times: int
    endpoint: str  # "" strikes any endpoint
    seconds: float  # how long "slow" waits


class Faults:
    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._armed: list[Armed] = []
        self._changed = changed

    def arm(self, kind: str, *, times: int = 1, endpoint: str = "", seconds: float = 2.0) -> None:
        """Let `kind` strike the next `times` calls, of `endpoint` only (such as "message/send") if given."""
        if kind not in _BY_NAME:
            raise ValueError(f"no fault is called {kind!r}; there are {', '.join(_BY_NAME)}")
        if times < 1:
            raise ValueError("a fault strikes at least once; use disarm() to take it back")
        self._armed.append(Armed(kind, times, endpoint.strip("/"), seconds))
        self._changed()

    def disarm(self, kind: str = "") -> None:
        """Take back every fault, or only those of one kind."""
        self._armed = [fault for fault in self._armed if kind and fault.kind != kind]
        self._changed()

    def take(self, kind: str, endpoint: str = "") -> Armed | None:
        """The fault that strikes now, used up by this question; None when nothing is armed."""
        for place, fault in enumerate(self._armed):
            if fault.kind == kind and fault.endpoint in ("", endpoint):
                self._use_up(place, fault)
                return fault
        return None

    def armed(self, kind: str) -> int:
        return sum(fault.times for fault in self._armed if fault.kind == kind)

    def as_json(self) -> list[dict[str, Any]]:
        return [
            {"kind": k.name, "side": k.side, "label": k.label, "hint": k.hint, "armed": self.armed(k.name)}
            for k in KINDS
        ]

    def _use_up(self, place: int, fault: Armed) -> None:
        if fault.times > 1:
            self._armed[place] = replace(fault, times=fault.times - 1)
        else:
            del self._armed[place]
        self._changed()
