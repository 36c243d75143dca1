"""The life of a message: waiting with others, committed with them, and what becomes of one that fails.

A door hands in a `Message` and waits; when it gets its `Handled` back, message, reply and everything a
handler changed are durable. Messages that arrive together share one commit (a disk flush costs more than an
answer); when one of them fails, the group is undone and each gets a transaction of its own, so a
message is never undone by its neighbour. What a message is answered is `bot/answering.py`.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.answering import Answering, Group, Handled
from bot.metrics import Metrics
from handlers.context import UserError
from storage import outbox
from storage.engine import Database, StorageError
from storage.message import Message, Text

log = structlog.get_logger("dispatch")

GROUP = 64  # messages that may share one commit
RECENT = 4096  # messages remembered as handled by this process; WeCom tries again within seconds
QUEUE = 4096  # waiting messages beyond which a door is told to let the sender try again

_APOLOGY = "抱歉，刚才这条没有处理成功，已记录（编号 {ref}）。请稍后再试，急事请直接联系市百千万办。"


class Unavailable(Exception):
    """The message is not durable: the door must not acknowledge it, the sender will try again."""


class HandlerTooSlow(Exception):
    """A handler took longer than a door may wait."""


@dataclass(slots=True)
class _Waiting:
    message: Message
    done: asyncio.Future[Handled]
    deadline: float  # by the loop's clock


class Dispatcher:
    """One per process. `start` it before use and `close` it last: closing finishes what was accepted."""

    def __init__(
        self,
        *,
        database: Database,
        answering: Answering,
        catch_up: Callable[[], Awaitable[None]],
        clock: Callable[[], datetime],
        metrics: Metrics,
        on_queued: Callable[[], None],
        deadline: float,
    ) -> None:
        self._database = database
        self._answering = answering
        self._catch_up = catch_up
        self._clock = clock
        self._metrics = metrics
        self._on_queued = on_queued
        self._deadline = deadline
        self._flying: dict[str, _Waiting] = {}
        self._recent: dict[str, None] = {}
        self._waiting: list[_Waiting] = []
        self._answered: list[str] = []
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._closing = False

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._work(), name="dispatch"),
            asyncio.create_task(self._expire(), name="dispatch-deadlines"),
        ]

    @property
    def alive(self) -> bool:
        """Whether messages are being worked on; `/readyz` asks."""
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    async def close(self) -> None:
        self._closing = True
        self._wake.set()
        worker, watch = self._tasks
        await worker
        watch.cancel()

    async def handle(self, message: Message) -> Handled:
        """Returns once the message is durable, however often and in parallel it is delivered.

        Raises Unavailable when it could not be made durable before the deadline; it may still be later, and
        then the sender's next try is answered from it.
        """
        flying = self._flying.get(message.key)
        if flying is None:
            if self._closing or len(self._waiting) >= QUEUE:
                raise Unavailable
            loop = asyncio.get_running_loop()
            flying = _Waiting(message, loop.create_future(), loop.time() + self._deadline)
            self._flying[message.key] = flying
            self._waiting.append(flying)
            self._wake.set()
        else:
            self._metrics.duplicates.inc()
        # No timeout and no shield per message: together they would cost as much as parsing the request.
        return await flying.done

    def answered(self, key: str) -> None:
        """The door has sent the inline answer; noted with the next commit."""
        self._answered.append(key)
        self._wake.set()

    def _land(self, item: _Waiting, result: Handled | Unavailable) -> None:
        """Tells everyone who waits; nobody does when the deadline has passed or the process is stopping."""
        if self._flying.get(item.message.key) is item:
            del self._flying[item.message.key]
        if item.done.done():
            return
        if isinstance(result, Unavailable):
            item.done.set_exception(result)
            item.done.exception()  # the request may have gone; the failure was logged where it happened
        else:
            item.done.set_result(result)

    async def _expire(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(min(0.1, self._deadline / 4))
            for item in [item for item in self._flying.values() if item.deadline <= loop.time()]:
                self._land(item, Unavailable())

    # -- the worker -------------------------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting or self._answered:
                await self._let_gather()
                batch, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
                answered, self._answered = self._answered, []
                await self._settle(batch, answered)
            if self._closing:
                return

    async def _let_gather(self) -> None:
        """Lets requests already at the door join this commit; costs an idle process three turns."""
        still = 0
        while still < 3 and len(self._waiting) < GROUP:
            before = len(self._waiting)
            await asyncio.sleep(0)
            still = still + 1 if len(self._waiting) == before else 0

    async def _settle(self, batch: list[_Waiting], answered: list[str]) -> None:
        """Commits a group, or its members one by one when it fails. The first of the three loops that may
        catch everything."""
        try:
            results = await self._commit_or_look(batch, answered)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001  # one bad message must not stop the others
            if answered:
                await self._note_answered(answered)
            if len(batch) == 1:
                await self._fail(batch[0], error)
            elif await self._database.is_down(error):
                self._refuse(batch, error)
            else:
                for item in batch:
                    await self._settle([item], [])
            return
        for item in batch:
            self._land(item, results[item.message.key])

    async def _commit_or_look(self, batch: list[_Waiting], answered: list[str]) -> dict[str, Handled]:
        """A group in which nobody was met lately is taken to be new, without a look: a message that was
        handled long ago, or by another replica, collides with its own row, and the group is done again."""
        # By key: a message whose deadline passed while it waited may be here with its retry.
        messages = {item.message.key: item.message for item in batch}
        if not messages.keys() & self._recent.keys():
            try:
                return await self._commit(list(messages.values()), answered, look=False)
            except Exception as error:  # a collision, or what a handler made of a message handled before
                if not messages or await self._database.is_down(error):
                    raise
        return await self._commit(list(messages.values()), answered, look=True)

    async def _commit(
        self, messages: Sequence[Message], answered: Sequence[str], *, look: bool
    ) -> dict[str, Handled]:
        now = self._clock()
        group = Group()
        async with self._database.transaction() as conn:
            if answered:
                await outbox.answered_inline(conn, answered, now)
            if look:
                await self._answering.known(conn, messages, group)
                self._metrics.duplicates.inc(len(group.results))
            if fresh := [message for message in messages if message.key not in group.results]:
                # A handler that hangs must not hold up the others for longer than a door waits.
                try:
                    async with asyncio.timeout(self._deadline):
                        await self._answering.fresh(conn, fresh, group, now)
                except TimeoutError as error:  # which is an OSError, and would pass for an outage
                    raise HandlerTooSlow from error
        if group.knowledge_changed:  # the next question, perhaps by who was just told so, must find it
            await self._catch_up()
        self._note(group)
        return group.results

    def _note(self, group: Group) -> None:
        """Counts and logs what has been committed, and only that."""
        for item in group.handled:
            said = item.message
            self._recent[said.key] = None
            self._metrics.handled(said.channel, said.kind, item.outcome, item.ms)
            log.info(
                "handled",
                message=said.key,
                person=said.person,
                kind=said.kind,
                outcome=item.outcome,
                ms=round(item.ms, 2),
            )
        for key in list(itertools.islice(self._recent, max(0, len(self._recent) - RECENT))):
            del self._recent[key]
        if any(inline_until is None and row.at is None for row, inline_until in group.outgoing):
            self._on_queued()

    # -- when it fails ----------------------------------------------------------------------------------

    async def _fail(self, item: _Waiting, error: Exception) -> None:
        """One message, alone in its transaction, failed: show what may be shown, and keep the rest."""
        if isinstance(error, UserError):
            await self._store(item, "refused", Text(str(error)), "")
        elif await self._database.is_down(error):
            self._refuse([item], error)
        else:
            ref = secrets.token_hex(3).upper()
            log.error(
                "handler failed; the person was given the number",
                message=item.message.key,
                person=item.message.person,
                ref=ref,
                exc_info=error,
            )
            await self._store(item, "failed", Text(_APOLOGY.format(ref=ref)), ref)

    async def _store(self, item: _Waiting, outcome: str, reply: Text, ref: str) -> None:
        now = self._clock()
        group = Group()
        state = "failed" if ref else "done"
        self._answering.finish(group, item.message, outcome, reply, now, 0.0, state=state, error_ref=ref)
        try:
            async with self._database.transaction() as conn:
                await self._answering.write(conn, group, now)
        except StorageError as error:
            self._refuse([item], error)
            return
        self._note(group)
        self._land(item, group.results[item.message.key])

    def _refuse(self, batch: Sequence[_Waiting], error: Exception) -> None:
        log.error(
            "database does not answer; not acknowledged, the sender will try again",
            messages=len(batch),
            error=type(error).__name__,
            next_step="bqw doctor",
        )
        for item in batch:
            self._land(item, Unavailable())

    async def _note_answered(self, keys: list[str]) -> None:
        """The group they travelled with was undone; if this fails too, delivery finds them later."""
        try:
            async with self._database.transaction() as conn:
                await outbox.answered_inline(conn, keys, self._clock())
        except StorageError:
            log.warning("could not note inline answers yet; will try again", answers=len(keys))
            asyncio.get_running_loop().call_later(1.0, self._answered_again, keys)

    def _answered_again(self, keys: list[str]) -> None:
        self._answered += keys
        self._wake.set()
