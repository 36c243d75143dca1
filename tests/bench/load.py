"""The load generator: sends sealed callbacks over keep-alive connections and checks every reply afterwards.

Run as `python -m tests.bench.load`, with a `Job` as JSON on standard input; prints an `Outcome` as JSON. It
speaks HTTP through bare asyncio protocols, so that it costs less than what it measures.
"""

import asyncio
import json
import secrets
import sys
import time
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from bot.wecom.crypto import BadCallback, Crypto
from tests.bench import machine

TOKEN, AES_KEY = "benchToken", "fpYVqus/vCi84hgM7uhWddbdrOM7pbLrQ+BDgxFsAJo"
CORP, AGENT = "ww0123456789abcdef", 1000002
CRYPTO = Crypto(TOKEN, AES_KEY, CORP)


@dataclass(frozen=True, slots=True)
class Job:
    """`expected` is the answer to each question; an empty mapping means an echo. `keep` hands the replies
    back instead of checking them: that is how the expected ones are gathered."""

    port: int
    core: int
    connections: int
    first_id: int
    questions: list[str]  # one per callback
    expected: dict[str, str]
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    seconds: float
    latencies_ms: list[float]
    replies: list[str]
    wrong: list[str]  # what was wrong with the first few wrong replies
    wrong_count: int


@dataclass(slots=True)
class Call:
    """One callback on its way."""

    request: bytes
    person: str
    question: str
    sent: float = 0.0
    ms: float = 0.0
    status: int = 0
    body: bytes = b""


def run(job: Job) -> Outcome:
    """Sends everything, then looks at every reply outside the timed section."""
    machine.pin(job.core)
    calls = [_call(job, number) for number in range(len(job.questions))]
    seconds = asyncio.run(_drive(job, calls))
    if job.keep:
        return Outcome(seconds, [], [_read(call.body)[1] if call.body else "" for call in calls], [], 0)
    faults = [fault for call in calls if (fault := _fault(call, job.expected))]
    return Outcome(seconds, [call.ms for call in calls], [], faults[:5], len(faults))


def _call(job: Job, number: int) -> Call:
    question, msg_id = job.questions[number], job.first_id + number
    person, now = f"person{msg_id}", int(time.time())
    plain = (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName>"
        f"<FromUserName><![CDATA[{person}]]></FromUserName><CreateTime>{now}</CreateTime>"
        f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{question}]]></Content>"
        f"<MsgId>{msg_id}</MsgId><AgentID>{AGENT}</AgentID></xml>"
    )
    sealed = CRYPTO.seal(plain, secrets.token_hex(5), str(now))
    body = (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><AgentID><![CDATA[{AGENT}]]></AgentID>"
        f"<Encrypt><![CDATA[{sealed.encrypted}]]></Encrypt></xml>"
    ).encode()
    query = urlencode(
        {"msg_signature": sealed.signature, "timestamp": sealed.timestamp, "nonce": sealed.nonce}
    )
    head = (
        f"POST /wecom/app?{query} HTTP/1.1\r\nHost: 127.0.0.1:{job.port}\r\n"
        f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    return Call(head + body, person, question)


async def _drive(job: Job, calls: list[Call]) -> float:
    loop = asyncio.get_running_loop()
    waiting = iter(calls)
    links = []
    for _ in range(job.connections):
        link = _Link(waiting, loop.create_future())
        await loop.create_connection(partial(_same, link), "127.0.0.1", job.port)
        links.append(link)
    began = time.perf_counter()
    for link in links:
        link.next()
    await asyncio.gather(*(link.done for link in links))
    return time.perf_counter() - began


def _same(link: "_Link") -> "_Link":
    return link


class _Link(asyncio.Protocol):
    """One connection: sends a call, waits for its whole answer, takes the next."""

    def __init__(self, waiting: Any, done: asyncio.Future[None]) -> None:
        self.done = done
        self._waiting = waiting
        self._call: Call | None = None
        self._buffer = bytearray()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def next(self) -> None:
        self._call = next(self._waiting, None)
        if self._call is None:
            self._transport.close()
            self.done.set_result(None)
            return
        self._call.sent = time.perf_counter()
        self._transport.write(self._call.request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[:end]).lower()
        size = int(head.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
        if len(self._buffer) < end + 4 + size or self._call is None:
            return
        call = self._call
        call.ms = 1000 * (time.perf_counter() - call.sent)
        call.status = int(head.split(b" ", 2)[1])
        call.body = bytes(self._buffer[end + 4 : end + 4 + size])
        del self._buffer[: end + 4 + size]
        self.next()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError("the server closed a connection"))


def _fault(call: Call, expected: dict[str, str]) -> str:
    """What is wrong with a reply; empty when it is the right person's right answer."""
    if call.status != 200:
        return f"{call.question!r}: HTTP {call.status}"
    if not call.body:
        return f"{call.question!r}: empty reply"
    try:
        to, said = _read(call.body)
    except (BadCallback, ElementTree.ParseError) as error:
        return f"{call.question!r}: {error!r}"
    wanted = expected[call.question] if expected else call.question
    if to != call.person:
        return f"{call.question!r}: for {to} instead of {call.person}"
    return "" if said == wanted else f"{call.question!r}: {said!r} instead of {wanted!r}"


def _read(body: bytes) -> tuple[str, str]:
    outer = ElementTree.fromstring(body)  # noqa: S314 - from the server this benchmark has started
    names = ("MsgSignature", "TimeStamp", "Nonce", "Encrypt")
    inner = ElementTree.fromstring(CRYPTO.open(*(outer.findtext(name) or "" for name in names)))  # noqa: S314
    return inner.findtext("ToUserName") or "", inner.findtext("Content") or ""


if __name__ == "__main__":
    print(json.dumps(asdict(run(Job(**json.load(sys.stdin))))))
