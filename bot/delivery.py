"""Outbox to channels: claims due rows, keeps the channels' limits, retries by a table, parks the hopeless.

Runs in every replica; a row is held under a lease, so a killed process loses nothing and two processes do
not send the same row. Limits (`bot/pacing.py`) and pauses are rows all replicas share; what an error leads to
is said by `bot/retries.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot import decency, pacing, parking, retries
from bot.metrics import Metrics
from bot.pacing import Limits, Window
from bot.settings import Delivery as Settings
from bot.wecom.errors import RetryLater, WeComError
from storage import outbox, paces, people, pushed
from storage.engine import Connection, Database, StorageError
from storage.message import Payload, load
from storage.outbox import Claimed
from storage.paces import Pace
from supervision.workdays import Workdays

log = structlog.get_logger("delivery")

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_GATHER = 0.01  # seconds: what comes back together is written together, and others may write, too
_BREATH = 0.05  # seconds between looks at a wave that waits its turn
_FOREVER = 1_000_000  # tries


class Sender(Protocol):
    """The outgoing half of a channel."""

    async def send(self, target: str, payload: Payload, *, key: str, maybe_sent: timedelta | None) -> None:
        """Sends one payload; `key` is the same for every attempt. Raises a WeComError.

        `maybe_sent` says how long ago an earlier attempt may have worked, None when none can have.
        """


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of a claimed row: sent, retry or parked."""

    row: Claimed
    what: str
    at: datetime | None = None  # when it was sent, or is to be tried again
    reason: str = ""
    pause_until: datetime | None = None
    maybe_at: datetime | None = None  # it may have worked, then


class Delivery:
    """One per process: `start`, then `poke` whenever rows were queued, `close` at the end.

    `admins` are told when something was parked. By the `workdays`, what is no answer waits for a decent hour;
    without them nothing does. A channel that is `resting` sends nothing from this process.
    """

    def __init__(
        self,
        *,
        database: Database,
        senders: Mapping[str, Sender],
        settings: Settings,
        clock: Callable[[], datetime],
        metrics: Metrics,
        admins: frozenset[str] = frozenset(),
        workdays: Callable[[], Workdays] | None = None,
        resting: Callable[[str], bool] = lambda channel: False,
    ) -> None:
        self._database = database
        self._senders = senders
        self._settings = settings
        self._limits = Limits(settings.per_app_minute, settings.per_tenant_day)
        self._clock = clock
        self._metrics = metrics
        self._admins = admins
        self._workdays = workdays
        self._resting = resting
        self._owner = secrets.token_hex(8)
        self._flying: set[asyncio.Task[None]] = set()
        self._done: list[_Result] = []
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
            self._wake.clear()
            wait = await self._round()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), wait)
            if self._done:
                await asyncio.sleep(_GATHER)
        while self._flying:
            await asyncio.wait(self._flying)
        await self._round()

    async def _round(self) -> float:
        """Writes down what has come back, sends what is due; how long to wait for more. The second of the
        three loops that may catch everything."""
        results, self._done = self._done, []
        try:
            async with self._database.transaction() as conn:
                await outbox.take_turn(conn)
                await self._settle(conn, results)
                rows, wait = ([], 0.0) if self._closing else await self._claim(conn)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # the rows stay leased and come back; the loop must go on
            if isinstance(error, StorageError):
                self._done = results + self._done  # to be written when storage is back
            log.exception(
                "delivery round failed; rows come back when their lease ends", next_step="bqw doctor"
            )
            return self._settings.poll_seconds
        for result in results:
            self._metrics.sent.labels(result.row.channel, result.what).inc()
        for row in rows:
            task = asyncio.create_task(self._send(row))
            self._flying.add(task)
            task.add_done_callback(self._landed)
        return wait

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        self._wake.set()

    # -- what may go --------------------------------------------------------------------------------------

    async def _claim(self, conn: Connection) -> tuple[list[Claimed], float]:
        """The rows to send now, and how long to wait before looking again."""
        rows: list[Claimed] = []
        wait = self._settings.poll_seconds
        for channel in self._senders:
            free = self._settings.at_once - len(self._flying) - len(rows)
            if free > 0 and not self._resting(channel):
                found, soon = await self._claim_on(conn, channel, free)
                rows += found
                wait = min(wait, soon)
        return rows, wait

    async def _claim_on(self, conn: Connection, channel: str, free: int) -> tuple[list[Claimed], float]:
        now = self._clock()
        found = await paces.read(conn, (channel, pacing.TENANT))
        pace, tenant = (found.get(scope) or pacing.fresh(scope, now) for scope in (channel, pacing.TENANT))
        urgent = min(free, pacing.room(pace, tenant, self._limits, now, urgent=True))
        turns = pacing.room(pace, tenant, self._limits, now, urgent=False)
        if urgent == 0:
            return [], self._settings.poll_seconds
        claimed = await outbox.claim(
            conn,
            owner=self._owner,
            now=now,
            lease=timedelta(seconds=self._settings.lease_seconds),
            limit=urgent,
            patient=max(0, min(free - self._settings.at_once // 4, turns)),
            channel=channel,
        )
        going = await self._hold_back(conn, channel, claimed, now)
        if going:
            await self._count(conn, (pace, tenant), going, now)
        wave = claimed or not turns
        return going, _BREATH if wave and free > len(going) else self._settings.poll_seconds

    async def _count(
        self, conn: Connection, both: Sequence[Pace], going: Sequence[Claimed], now: datetime
    ) -> None:
        answers = sum(row.priority == outbox.ANSWER for row in going)
        for pace in both:
            left = pacing.taken(pace, self._limits, now, answers=answers, others=len(going) - answers)
            await paces.write(conn, left)

    async def _hold_back(
        self, conn: Connection, channel: str, rows: Sequence[Claimed], now: datetime
    ) -> list[Claimed]:
        """Gives back the rows whose target may get nothing just now; the others."""
        if not rows:
            return []
        targets = [row.target for row in rows]
        times = await pushed.lately(conn, targets, now - _HOUR, now)
        pauses = {} if channel == "app" else await self._pauses(conn, channel, targets, now)
        going = []
        for row in rows:
            at = pacing.free_at(times.get(row.target, ()), self._windows(channel), now)
            reason = "该成员本时段消息已达上限，稍后再发"
            if row.target in pauses:
                at, reason = pauses[row.target].paused_until, pauses[row.target].reason
            full = at is not None
            if not full and self._workdays is not None:
                at, reason = await decency.later(conn, row, now, self._workdays())
            if at is None:
                going.append(row)
                continue
            self._metrics.sent.labels(channel, "postponed").inc()
            await outbox.postpone(conn, row, owner=self._owner, now=now, at=at, reason=reason, alone=not full)
        return going

    def _windows(self, channel: str) -> tuple[Window, ...]:
        if channel == "webhook":
            return (Window(self._settings.per_webhook_minute, _MINUTE),)
        member = self._settings
        return Window(member.per_member_minute, _MINUTE), Window(member.per_member_hour, _HOUR)

    async def _pauses(
        self, conn: Connection, channel: str, targets: Sequence[str], now: datetime
    ) -> dict[str, Pace]:
        found = await paces.read(conn, [pacing.pause_scope(channel, target) for target in targets])
        return {pace.scope.partition(":")[2]: pace for pace in found.values() if pacing.paused(pace, now)}

    # -- sending ------------------------------------------------------------------------------------------

    async def _send(self, row: Claimed) -> None:
        result = await self._try(row)  # first: a round in between replaces the list
        self._done.append(result)

    async def _try(self, row: Claimed) -> _Result:
        try:
            payload = load(row.payload)
        except KeyError as error:
            reason = f"这个版本不认识这类消息（{error}）：请升级后重发"
            return _Result(row, "parked", reason=reason)
        ago = None if row.maybe_sent_at is None else self._clock() - row.maybe_sent_at
        try:
            await self._senders[row.channel].send(row.target, payload, key=row.key, maybe_sent=ago)
        except WeComError as error:
            return self._failed(row, error)
        except Exception:
            # A row that surprises us must not come back for ever, nor hold up what waits behind it.
            log.exception("sending raised what no sender should", row=row.key)
            return self._failed(row, WeComError("程序出错", "请把这条消息的编号和日志发给运维人员"))
        return _Result(row, "sent", at=self._clock())

    def _failed(self, row: Claimed, error: WeComError) -> _Result:
        now = self._clock()
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
        # The line that says what was parked must come through when the outage is over.
        most = _FOREVER if row.key.startswith(parking.KEY) else self._settings.max_attempts
        verdict = retries.judge(error, row.attempts, now, most=most)
        maybe = isinstance(error, RetryLater) and error.maybe_done
        return _Result(
            row,
            "parked" if verdict.again_at is None else "retry",
            at=verdict.again_at,
            reason=verdict.reason,
            pause_until=verdict.pause_until,
            maybe_at=row.maybe_sent_at or (now if maybe else None),
        )

    # -- writing it down ----------------------------------------------------------------------------------

    async def _settle(self, conn: Connection, results: Sequence[_Result]) -> None:
        if not results:
            return
        now = self._clock()
        kept = await self._sent(conn, [result for result in results if result.what == "sent"])
        for result in results:
            if result.what != "sent" and await self._put_back(conn, result, now):
                kept.add(result.row.id)
            if result.pause_until is not None:
                await self._pause(conn, result, now)
            if result.row.id not in kept:
                log.warning(
                    "lease passed to another process while sending", row=result.row.key, result=result.what
                )
        parked = [r for r in results if r.what == "parked" and not r.row.key.startswith(parking.KEY)]
        if kept & {result.row.id for result in parked}:
            admins = self._admins | await people.admins(conn)
            at = self._workdays().next_slot(now) if self._workdays else now
            await parking.tell(conn, admins, now=now, at=at)

    async def _sent(self, conn: Connection, results: Sequence[_Result]) -> set[int]:
        """Together under the latest time, so that a window never empties too early."""
        times = [result.at for result in results if result.at is not None]
        if not times:
            return set()
        rows = [result.row for result in results]
        return await outbox.sent_all(conn, rows, owner=self._owner, now=max(times))

    async def _put_back(self, conn: Connection, result: _Result, now: datetime) -> bool:
        if result.what == "parked":
            return await outbox.park(conn, result.row, owner=self._owner, reason=result.reason)
        return await outbox.retry_at(
            conn,
            result.row,
            owner=self._owner,
            at=result.at or now,
            reason=result.reason,
            maybe_sent_at=result.maybe_at,
        )

    async def _pause(self, conn: Connection, result: _Result, now: datetime) -> None:
        """It will be the same for every other row, whichever replica sends it."""
        scope = pacing.pause_scope(result.row.channel, result.row.target)
        pace = (await paces.read(conn, [scope])).get(scope) or pacing.fresh(scope, now)
        await paces.write(conn, replace(pace, paused_until=result.pause_until, reason=result.reason))

    async def measure(self) -> None:
        """Refreshes the outbox gauges; `/metrics` asks for it."""
        try:
            async with self._database.transaction() as conn:
                found = await outbox.counts(conn)
        except StorageError:
            return  # the page still shows everything else
        for state in (*outbox.WAITING, "parked"):
            self._metrics.outbox.labels(state).set(found.get(state, 0))
