"""The log of everything that crossed the wire: API calls, callback attempts, deliveries.

Tests assert on it, the page's drawer shows its end. It keeps the newest ten thousand entries and never
a secret: a token is named by its last characters only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from simulator.hub import Hub
from simulator.mailbox import Bubble

_KEPT = 10_000
Outcome = Literal["answered", "reset", "reply_lost"]
Landing = Literal["answered", "silent", "ignored", "bad_reply", "refused", "timeout", "unreachable"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API by the bot. `vanished` are the people whose copy was over the rate limit."""

    at: datetime
    method: str
    endpoint: str
    token: str
    body: Mapping[str, Any]
    errcode: int
    errmsg: str
    outcome: Outcome
    vanished: tuple[str, ...] = ()
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to hand a callback to the bot. `reply` is the opened passive reply."""

    number: int
    at: datetime
    timestamp: str
    nonce: str
    encrypted: str
    status: int | None
    landing: Landing
    reply: str = ""
    problem: str = ""

    @property
    def accepted(self) -> bool:
        """Only HTTP 200 in time counts; what it says does not matter."""
        return self.landing in ("answered", "silent", "bad_reply")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message or event, all its attempts, and what the person read because of it."""

    person: str
    kind: str
    msg_id: str
    plaintext: str
    attempts: tuple[Attempt, ...]
    replies: tuple[Bubble, ...] = ()

    @property
    def accepted(self) -> bool:
        return any(attempt.accepted for attempt in self.attempts)

    @property
    def text(self) -> str:
        return "\n".join(bubble.text for bubble in self.replies)


class Journal:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._calls: deque[Call] = deque(maxlen=_KEPT)
        self._deliveries: deque[Delivery] = deque(maxlen=_KEPT)
        self._lines: deque[dict[str, Any]] = deque(maxlen=60)

    def add_call(self, call: Call) -> None:
        self._calls.append(call)
        fine = call.errcode == 0 and call.outcome == "answered" and not call.vanished
        self._line(call.at, f"接口 {call.endpoint}", _told(call), fine)

    def add_delivery(self, delivery: Delivery) -> None:
        self._deliveries.append(delivery)

    def add_attempt(self, kind: str, attempt: Attempt) -> None:
        result = _LANDINGS[attempt.landing]
        if attempt.status not in (None, 200):
            result = f"{result} {attempt.status}"
        self._line(attempt.at, f"回调 {kind} 第{attempt.number}次", result, attempt.accepted)

    def calls(self, endpoint: str = "") -> tuple[Call, ...]:
        return tuple(call for call in self._calls if endpoint in ("", call.endpoint))

    def deliveries(self, person: str = "") -> tuple[Delivery, ...]:
        return tuple(d for d in self._deliveries if person in ("", d.person))

    def lines(self) -> list[dict[str, Any]]:
        return list(self._lines)

    def _line(self, at: datetime, what: str, result: str, fine: bool) -> None:
        line = {"at": at.isoformat(), "what": what, "result": result, "fine": fine}
        self._lines.append(line)
        self._hub.publish({"type": "log", "line": line})


_LANDINGS: dict[Landing, str] = {
    "answered": "已应答",
    "silent": "已收到，未当场答复",
    "ignored": "应答被忽略",
    "bad_reply": "应答无法解读",
    "refused": "被拒绝",
    "timeout": "超时",
    "unreachable": "连接不上",
}


def _told(call: Call) -> str:
    if call.outcome == "reset":
        return "应答中断"
    if call.outcome == "reply_lost":
        return "已办成，应答丢失"
    if call.vanished:
        return "超出频率，消息消失"
    if call.duplicate:
        return "内容重复，未再送出"
    return "成功" if call.errcode == 0 else f"{call.errcode} {call.errmsg}"
