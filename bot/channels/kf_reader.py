"""微信客服, the incoming half: a callback says that something came, the log is pulled by its cursor.

The app's door calls `noted`; the loop here reads, one replica at a time per account, and hands every message
to dispatch like any door. The cursor moves when everything before it is durable, so that a killed process
reads a page again and dispatch knows its messages. What was said before we began is history.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot import parking
from bot.channels.slices import Kf as Settings
from bot.dispatch import GROUP, Dispatcher, Unavailable
from bot.wecom import kf as calls
from bot.wecom import kf_inbound as inbound
from bot.wecom.client import Client
from bot.wecom.errors import ConfigError, RateLimited, WeComError
from storage import kf, parked, people
from storage.engine import Connection, Database, StorageError
from storage.kf import Account, Visitor
from storage.message import Message

log = structlog.get_logger("kf-reader")

EVENT = "kf_msg_or_event"
_TOKEN_LIFE = timedelta(minutes=9)  # WeCom says ten
_GRACE = timedelta(minutes=1)  # between a visitor's message and the first callback we ever get
_SWEEP = 600.0  # seconds between looks without a callback: one may have been lost
_AGAIN, _MEND = timedelta(seconds=5), timedelta(minutes=5)
_FAILED_SINCE = timedelta(days=3)
_WHY_FAILED = {
    "4": "对方超过 48 小时没有发言", "5": "会话已经关闭", "6": "超过 5 条", "10": "对方拒收了消息",
}  # fmt: skip


class KfReader:
    """One per process: `start`, `noted` from the door, `close` at the end."""

    def __init__(
        self,
        client: Client,
        *,
        settings: Settings,
        dispatcher: Dispatcher,
        database: Database,
        clock: Callable[[], datetime],
        admins: frozenset[str] = frozenset(),
        decent: Callable[[datetime], datetime] = lambda now: now,
        on_queued: Callable[[], None] = lambda: None,
    ) -> None:
        self._client = client
        self._settings = settings
        self._dispatcher = dispatcher
        self._database = database
        self._clock = clock
        self._admins = admins
        self._decent = decent
        self._on_queued = on_queued
        self._owner = secrets.token_hex(8)
        self._wake = asyncio.Event()
        self._closing = False
        self._worker: asyncio.Task[None] | None = None
        self._sweep_at = 0.0

    async def start(self) -> None:
        self._worker = asyncio.create_task(self._work(), name="kf-reader")

    async def close(self) -> None:
        """Finishes the page at hand."""
        self._closing = True
        self._wake.set()
        if self._worker is not None:
            await self._worker

    async def noted(self, message: Message) -> bool:
        """A callback came; False when it could not be made durable, and WeCom must deliver it again."""
        open_kfid = message.extra.get("open_kfid", "")
        if not open_kfid or (self._settings.accounts and open_kfid not in self._settings.accounts):
            return True
        try:
            async with self._database.transaction() as conn:
                await kf.want(conn, open_kfid, message.extra.get("kf_token", ""), self._clock())
        except StorageError:
            log.exception("callback not noted; WeCom will deliver it again")
            return False
        self._wake.set()
        return True

    # -- the loop

    async def _work(self) -> None:
        while not self._closing:
            self._wake.clear()
            if await self._round():
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._settings.poll_seconds)

    async def _round(self) -> bool:
        """Reads one account that has something; whether there was one. The loop must survive everything."""
        try:
            async with self._database.transaction() as conn:
                await self._sweep(conn)
                account = await kf.claim(conn, owner=self._owner, now=self._clock(), until=self._until())
            if account is not None:
                await self._read_or_put_off(account)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("reading 微信客服 failed; another try follows", next_step="bqw doctor")
            return False
        return account is not None

    async def _sweep(self, conn: Connection) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._sweep_at:
            self._sweep_at = now + _SWEEP
            await kf.want_all(conn, self._clock())

    async def _read_or_put_off(self, account: Account) -> None:
        try:
            await self._read(account)
        except (WeComError, Unavailable) as error:
            at = self._clock() + (_MEND if isinstance(error, ConfigError) else _AGAIN)
            if isinstance(error, RateLimited):
                at = max(at, error.until)
            step = error.next_step if isinstance(error, WeComError) else ""
            log.warning("could not read", account=account.open_kfid, error=str(error), next_step=step)
            async with self._database.transaction() as conn:
                await kf.put_off(conn, account, at, owner=self._owner)

    async def _read(self, account: Account) -> None:
        """Page after page; an empty one may have more behind it."""
        cursor = account.cursor
        while True:
            page = await self._page(account, cursor)
            await self._take(account, page.messages)
            async with self._database.transaction() as conn:
                ours = await kf.read_to(
                    conn, account, page.cursor or cursor, owner=self._owner, until=self._until()
                )
            on = page.more and page.cursor not in ("", cursor)
            if not ours or self._closing or not on:
                break
            cursor = page.cursor
        if ours and not on:
            async with self._database.transaction() as conn:
                await kf.finish(conn, account, owner=self._owner)

    async def _page(self, account: Account, cursor: str) -> calls.Page:
        """With the callback's token while it lives: without one we may not ask often."""
        fresh = account.token_at is not None and self._clock() - account.token_at < _TOKEN_LIFE
        try:
            return await calls.sync(self._client, account.open_kfid, cursor, account.token if fresh else "")
        except WeComError as error:
            if error.code != calls.BAD_TOKEN or not fresh:
                raise
            return await calls.sync(self._client, account.open_kfid, cursor, "")

    def _until(self) -> datetime:
        return self._clock() + timedelta(seconds=self._settings.lease_seconds)

    # -- a page

    async def _take(self, account: Account, entries: Sequence[Mapping[str, Any]]) -> None:
        """Everything a page tells, in order; returns when it is durable."""
        since = account.since - _GRACE
        recent = [one for one in entries if inbound.sent_at(one) >= since]
        found = [(one, inbound.to_message(one, account.open_kfid)) for one in recent]
        told = [(one.get("origin"), message) for one, message in found if message is not None]
        await self._meet(account.open_kfid, told)
        answered = await self._for_us(account.open_kfid, told)
        for start in range(0, len(answered), GROUP):
            await asyncio.gather(*map(self._dispatcher.handle, answered[start : start + GROUP]))
        if entries:
            log.info(
                "read",
                account=account.open_kfid,
                messages=len(answered),
                silent=len(told) - len(answered),
                history=len(entries) - len(recent),
            )

    async def _meet(self, open_kfid: str, told: Sequence[tuple[object, Message]]) -> None:
        """Who wrote when: from here five messages and 48 hours count."""
        last: dict[str, datetime] = {}
        for origin, message in told:
            if origin == inbound.VISITOR:
                last[message.person] = max(last.get(message.person, message.received_at), message.received_at)
        async with self._database.transaction() as conn:
            await kf.heard(conn, open_kfid, last)
            for _, message in told:
                if message.event == inbound.ENTERED:
                    await kf.entered(conn, open_kfid, message.person)
            known = await kf.of_account(conn, open_kfid, [message.person for _, message in told])
        await self._ask_names(open_kfid, [one for one in known.values() if not one.name])

    async def _ask_names(self, open_kfid: str, unnamed: Sequence[Visitor]) -> None:
        """For the office to read; nobody waits for a name."""
        if not unnamed:
            return
        try:
            found = await calls.names(self._client, [one.external_userid for one in unnamed])
        except WeComError as error:
            log.info("names are not told", code=error.code)
            return
        async with self._database.transaction() as conn:
            await kf.call(conn, open_kfid, found)

    async def _for_us(self, open_kfid: str, told: Sequence[tuple[object, Message]]) -> list[Message]:
        """What the bot is to answer: while a human being is there it is silent."""
        with_human = await self._with_human(open_kfid, told)
        answered = []
        for origin, message in told:
            person = message.person.lower()
            if origin == inbound.SERVICER or _is_taken(message):
                if person not in with_human:
                    with_human.add(person)
                    await self._note_human(open_kfid, message)
            elif _is_ended(message):
                with_human.discard(person)
                await self._note_end(open_kfid, message)
                answered.append(message)
            elif message.event == inbound.FAILED:
                await self._set_aside(message)
            elif person not in with_human:
                answered.append(message)
        return answered

    async def _with_human(self, open_kfid: str, told: Iterable[tuple[object, Message]]) -> set[str]:
        """Who is, by what we know; where no end is told of, WeCom is asked: the event may have been lost."""
        writing = {message.person for origin, message in told if origin == inbound.VISITOR}
        ended = {message.person.lower() for _, message in told if _is_ended(message)}
        async with self._database.transaction() as conn:
            known = await kf.of_account(conn, open_kfid, writing)
        found = set()
        for person, visitor in known.items():
            if visitor.handed_at is None:
                continue
            if person in ended or await self._is_there(visitor):
                found.add(person)
        return found

    async def _is_there(self, visitor: Visitor) -> bool:
        state = await calls.state(self._client, visitor.open_kfid, visitor.external_userid)
        if state in (calls.POOL, calls.HUMAN):
            return True
        async with self._database.transaction() as conn:
            await kf.take_back(conn, visitor.open_kfid, visitor.external_userid)
        return False

    async def _note_human(self, open_kfid: str, message: Message) -> None:
        async with self._database.transaction() as conn:
            known = await kf.of_account(conn, open_kfid, [message.person])
            for visitor in known.values():
                servicer = message.extra.get("new_servicer_userid", "")
                await kf.hand_over(conn, visitor, servicer, self._clock())

    async def _note_end(self, open_kfid: str, message: Message) -> None:
        async with self._database.transaction() as conn:
            await kf.take_back(conn, open_kfid, message.person)

    async def _set_aside(self, message: Message) -> None:
        """WeChat did not deliver what we sent: it becomes the office's, with the reason."""
        why = _WHY_FAILED.get(message.extra.get("fail_type", ""), "微信没有送达")
        now = self._clock()
        async with self._database.transaction() as conn:
            gone = await parked.undelivered(
                conn,
                "kf",
                message.person,
                lambda key: calls.message_id(key) == message.extra.get("fail_msgid", ""),
                reason=f"{why}：急事请电话联系",
                since=now - _FAILED_SINCE,
            )
            if gone:
                admins = self._admins | await people.admins(conn)
                await parking.tell(conn, admins, now=now, at=self._decent(now))
        if gone:
            self._on_queued()


def _is_ended(message: Message) -> bool:
    return message.event == inbound.SESSION and message.extra.get("change_type") == inbound.ENDED


def _is_taken(message: Message) -> bool:
    return message.event == inbound.SESSION and message.extra.get("change_type") in (
        inbound.TAKEN,
        inbound.PASSED,
    )
