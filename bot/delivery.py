"""Outbox to channels: claims due rows, keeps the channels' limits, retries by a table, parks the hopeless.

Runs in every replica; a row is held under a lease, so a killed process loses nothing and two processes do
not send the same row. Which errors are worth another try is said by `bot/wecom/errors.py`; how long to
wait is said here.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from bot.metrics import Metrics
from bot.settings import Delivery as Settings
from bot.wecom.errors import (
    ConfigError,
    DropRecipient,
    RateLimited,
    Rejected,
    RetryLater,
    TargetGone,
    WeComError,
)
from storage import outbox
from storage.engine import Database, StorageError
from storage.message import Payload, load
from storage.outbox import Claimed

log = structlog.get_logger("delivery")

# Seconds to wait after the n-th failure: quick at first (a hiccup), then slow (an outage), never forever.
BACKOFF = (2, 5, 15, 60, 300, 900, 1800)
# A wrong setting is mended by a person, in minutes: until then each try is only noise.
CONFIG_WAIT = timedelta(minutes=5)
# Trying again cannot help these: only a person can.
HOPELESS = (DropRecipient, Rejected, TargetGone)


class Sender(Protocol):
    """The outgoing half of a channel."""

    async def send(self, target: str, payload: Payload, *, key: str, maybe_sent: timedelta | None) -> None:
        """Sends one payload; `key` is the same for every attempt. Raises a WeComError.

        `maybe_sent` says how long ago an earlier attempt may have worked, None when none can have.
        """


class Delivery:
    """One per process: `start`, then `poke` whenever rows were queued, `close` at the end."""

    def __init__(
        self,
        *,
        database: Database,
        senders: Mapping[str, Sender],
        settings: Settings,
        clock: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._senders = senders
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._owner = secrets.token_hex(8)
        self._paused_until = datetime.min.replace(tzinfo=UTC)
        self._wake = asyncio.Event()
        self._closing = False
        self._worker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._worker = asyncio.create_task(self._work(), name="delivery")

    def poke(self) -> None:
        """Rows were queued by this process: look now instead of at the next poll."""
        self._wake.set()

    async def close(self) -> None:
        """Finishes the rows at hand; the others stay in the outbox for the next start."""
        self._closing = True
        self._wake.set()
        if self._worker is not None:
            await self._worker

    async def _work(self) -> None:
        while not self._closing:
            busy = await self._round()
            if busy or self._closing:
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._settings.poll_seconds)
            self._wake.clear()

    async def _round(self) -> bool:
        """Sends what is due; whether there was anything. The second of the three loops that may catch
        everything."""
        try:
            rows = [] if self._clock() < self._paused_until else await self._claim()
            results = await asyncio.gather(*(self._deliver(row) for row in rows), return_exceptions=True)
            for surprise in results:
                if isinstance(surprise, Exception):
                    raise surprise
        except asyncio.CancelledError:
            raise
        except Exception:  # the rows stay leased and come back; the loop must go on
            log.exception(
                "delivery round failed; rows come back when their lease ends", next_step="bqw doctor"
            )
            return False
        return bool(rows)

    async def _claim(self) -> list[Claimed]:
        async with self._database.transaction() as conn:
            return await outbox.claim(
                conn,
                owner=self._owner,
                now=self._clock(),
                lease=timedelta(seconds=self._settings.lease_seconds),
                limit=self._settings.at_once,
            )

    async def _deliver(self, row: Claimed) -> None:
        free_at = await self._within_limits(row)
        if free_at is not None:
            await self._settle(row, "postponed", at=free_at, reason="该成员本时段消息已达上限，稍后再发")
            return
        try:
            payload = load(row.payload)
            sender = self._senders[row.channel]
        except KeyError as error:
            await self._settle(row, "parked", reason=f"这个版本不认识这类消息（{error}）：请升级后重发")
            return
        ago = None if row.maybe_sent_at is None else self._clock() - row.maybe_sent_at
        try:
            await sender.send(row.target, payload, key=row.key, maybe_sent=ago)
        except WeComError as error:
            await self._failed(row, error)
        except Exception:
            # A row that surprises us must not come back for ever, nor hold up what waits behind it.
            log.exception("sending raised what no sender should", row=row.key)
            await self._failed(row, WeComError("程序出错", "请把这条消息的编号和日志发给运维人员"))
        else:
            await self._settle(row, "sent")

    async def _within_limits(self, row: Claimed) -> datetime | None:
        """When the person may be sent something again, or None for now.

        WeCom drops what exceeds its windows without an error, so they are counted here, over all replicas.
        """
        now = self._clock()
        hour, minute = now - timedelta(hours=1), now - timedelta(minutes=1)
        async with self._database.transaction() as conn:
            times = await outbox.pushed_between(conn, row.target, hour, now)
        lately = [at for at in times if at > minute]
        waits = []
        if len(lately) >= self._settings.per_member_minute:
            waits.append(lately[-self._settings.per_member_minute] + timedelta(minutes=1))
        if len(times) >= self._settings.per_member_hour:
            waits.append(times[-self._settings.per_member_hour] + timedelta(hours=1))
        return max(waits) + timedelta(milliseconds=1) if waits else None

    async def _failed(self, row: Claimed, error: WeComError) -> None:
        """What to do next is the error's class; when to do it is ours."""
        log.warning(
            "not sent",
            row=row.key,
            target=row.target,
            attempt=row.attempts,
            error=type(error).__name__,
            code=error.code,
            reason=error.reason,
            next_step=error.next_step,
        )
        advice = "。".join(part for part in (error.reason, error.next_step) if part)
        if isinstance(error, (RateLimited, ConfigError)):
            # It will be the same for every other row: asking again for each only prolongs it.
            self._paused_until = self._next_try(row, error)
        if isinstance(error, HOPELESS):
            await self._settle(row, "parked", reason=advice)
        elif row.attempts >= self._settings.max_attempts:
            await self._settle(row, "parked", reason=f"试了{row.attempts}次仍未成功：{advice}")
        else:
            maybe = isinstance(error, RetryLater) and error.maybe_done
            await self._settle(row, "retry", at=self._next_try(row, error), reason=advice, maybe=maybe)

    def _next_try(self, row: Claimed, error: WeComError) -> datetime:
        now = self._clock()
        wait = now + timedelta(seconds=BACKOFF[min(row.attempts, len(BACKOFF)) - 1])
        if isinstance(error, RetryLater):
            return max(wait, now + timedelta(seconds=error.after))
        if isinstance(error, RateLimited):
            return max(wait, error.until)
        if isinstance(error, ConfigError):
            return now + CONFIG_WAIT
        return wait

    async def _settle(
        self, row: Claimed, result: str, *, at: datetime | None = None, reason: str = "", maybe: bool = False
    ) -> None:
        """Writes the result down; if storage fails now, the lease ends and the row comes back."""
        self._metrics.sent.labels(row.channel, result).inc()
        now = self._clock()
        async with self._database.transaction() as conn:
            if result == "sent":
                kept = await outbox.sent(conn, row, owner=self._owner, now=now)
            elif result == "parked":
                kept = await outbox.park(conn, row, owner=self._owner, reason=reason)
            elif result == "postponed":
                kept = await outbox.postpone(conn, row, owner=self._owner, at=at or now, reason=reason)
            else:
                sent_at = row.maybe_sent_at or (now if maybe else None)
                kept = await outbox.retry_at(
                    conn, row, owner=self._owner, at=at or now, reason=reason, maybe_sent_at=sent_at
                )
        if not kept:
            log.warning("lease passed to another process while sending", row=row.key, result=result)

    async def measure(self) -> None:
        """Refreshes the outbox gauges; `/metrics` asks for it."""
        try:
            async with self._database.transaction() as conn:
                found = await outbox.counts(conn)
        except StorageError:
            return  # the page still shows everything else
        for state in (*outbox.WAITING, "parked"):
            self._metrics.outbox.labels(state).set(found.get(state, 0))
