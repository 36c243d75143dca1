"""Callbacks to the bot: sealed, delivered, retried as WeCom does, and the passive reply read back.

`server.py` and the chat page call `deliver`. Each attempt carries the same message, freshly sealed; only
HTTP 200 within five seconds ends the retries.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import aiohttp

from simulator import crypto, envelope, passive
from simulator.corp import Corp
from simulator.errors import ApiError
from simulator.journal import Attempt, Delivery

RETRIES = 3
PATIENCE = 5.0
_ECHO_PATIENCE = 1.0  # saving the address in the console waits no longer
_SAVES = 3


@dataclass(frozen=True, slots=True)
class Sending:
    """One message or event on its way; the same for every attempt."""

    person: str
    kind: str
    msg_id: str
    plaintext: str
    card_msgid: str = ""
    awaited: bool = True  # a person is waiting for something to come of it


class Callbacks:
    def __init__(
        self, corp: Corp, *, retry_delay: float, patience: float = PATIENCE, retries: int = RETRIES
    ) -> None:
        self._corp = corp
        self._retry_delay = retry_delay
        self._patience = patience
        self._retries = retries
        self._session: aiohttp.ClientSession | None = None
        self._busy: dict[str, int] = {}

    async def verify_url(self, url: str) -> bool:
        """What saving the address in the console does: the bot must open and return the echo exactly.

        Too slow an answer is refused as in the console, and saved again as a person would.
        """
        for _ in range(_SAVES):
            try:
                return await self._echoes(url)
            except TimeoutError:
                continue
            except (aiohttp.ClientError, UnicodeDecodeError):
                return False
        return False

    async def deliver(self, sending: Sending) -> Delivery:
        """Hand it over, trying again until the bot has it; the reply is shown to the person once."""
        before = self._corp.mailbox.last
        self._typing(sending.person, +1)
        try:
            attempts = await self._attempts(sending)
        finally:
            self._typing(sending.person, -1)
        attempts = self._show_reply(sending, attempts)
        if sending.awaited and not any(attempt.accepted for attempt in attempts):
            self._corp.mailbox.notice(sending.person, "机器人没有应答，这条消息没有送达")
        delivery = Delivery(
            sending.person, sending.kind, sending.msg_id, sending.plaintext, attempts,
            self._corp.mailbox.inbox(sending.person, before),
        )  # fmt: skip
        self._corp.journal.add_delivery(delivery)
        return delivery

    def typing(self, person: str) -> bool:
        return self._busy.get(person, 0) > 0

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _echoes(self, url: str) -> bool:
        echo = str(secrets.randbits(62))
        sealed = crypto.seal(self._corp.app.keys, echo)
        timestamp, nonce = self._stamp()
        query = self._query(sealed, timestamp, nonce) | {"echostr": sealed}
        patience = aiohttp.ClientTimeout(total=_ECHO_PATIENCE)
        async with self._http().get(_with_query(url, query), timeout=patience) as response:
            return response.status == 200 and await response.text() == echo

    async def _attempts(self, sending: Sending) -> tuple[Attempt, ...]:
        attempts: list[Attempt] = []
        if self._corp.faults.take("duplicate", "callback"):
            attempts += await asyncio.gather(self._attempt(sending, 1), self._attempt(sending, 1))
        while len(attempts) <= self._retries and not any(attempt.accepted for attempt in attempts):
            if attempts:
                await asyncio.sleep(self._retry_delay)
            attempts.append(await self._attempt(sending, len(attempts) + 1))
        return tuple(attempts)

    async def _attempt(self, sending: Sending, number: int) -> Attempt:
        sealed = crypto.seal(self._corp.app.keys, sending.plaintext)
        timestamp, nonce = self._stamp()
        attempt = Attempt(number, self._corp.clock.now(), timestamp, nonce, sealed, None, "unreachable")
        try:
            attempt = await self._post(attempt)
        except TimeoutError:
            attempt = replace(attempt, landing="timeout")
        except aiohttp.ClientError as error:
            attempt = replace(attempt, problem=type(error).__name__)
        if attempt.accepted and self._corp.faults.take("ignored", "callback"):
            attempt = replace(attempt, landing="ignored")
        self._corp.journal.add_attempt(sending.kind, attempt)
        return attempt

    async def _post(self, attempt: Attempt) -> Attempt:
        app = self._corp.app
        url = _with_query(
            self._corp.callback_url, self._query(attempt.encrypted, attempt.timestamp, attempt.nonce)
        )
        body = envelope.callback_body(app.corp_id, app.agent_id, attempt.encrypted).encode()
        headers = {"Content-Type": "text/xml"}
        async with self._http().post(
            url, data=body, headers=headers, timeout=self._timeout(), allow_redirects=False
        ) as response:
            raw = await response.read()
            if response.status != 200:
                return replace(attempt, status=response.status, landing="refused")
            return replace(attempt, status=200, **self._opened(raw))

    def _opened(self, raw: bytes) -> dict[str, Any]:
        try:
            text = raw.decode()
            reply = envelope.open_reply(self._corp.app.keys, text)
        except (crypto.BadEnvelope, UnicodeDecodeError) as error:
            return {"landing": "bad_reply", "problem": str(error)}
        return {"landing": "answered", "reply": reply} if reply else {"landing": "silent"}

    def _show_reply(self, sending: Sending, attempts: tuple[Attempt, ...]) -> tuple[Attempt, ...]:
        """Only the first answer is shown: a message delivered twice has one reply in the chat."""
        for place, attempt in enumerate(attempts):
            if attempt.landing == "answered":
                shown = self._shown(sending, attempt)
                return (*attempts[:place], shown, *attempts[place + 1 :])
        return attempts

    def _shown(self, sending: Sending, attempt: Attempt) -> Attempt:
        try:
            said = passive.read(self._corp, sending.person, envelope.read(attempt.reply))
            passive.apply(self._corp, sending.person, said, card_msgid=sending.card_msgid)
        except (crypto.BadEnvelope, ApiError) as error:
            return replace(attempt, landing="bad_reply", problem=str(error))
        return attempt

    def _query(self, sealed: str, timestamp: str, nonce: str) -> dict[str, str]:
        signature = crypto.sign(self._corp.app.keys.token, timestamp, nonce, sealed)
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}

    def _stamp(self) -> tuple[str, str]:
        return str(int(self._corp.clock.now().timestamp())), str(secrets.randbelow(10**10))

    def _timeout(self) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(total=self._patience)

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            # A fresh connection each time: a kept one that the bot closed would look like a failed attempt.
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        return self._session

    def _typing(self, person: str, change: int) -> None:
        self._busy[person] = self._busy.get(person, 0) + change
        self._corp.hub.publish({"type": "typing", "person": person, "on": self.typing(person)})


def _with_query(url: str, query: dict[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"
