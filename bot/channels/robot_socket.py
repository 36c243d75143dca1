"""Keeps the smart robot's long connection: one for all replicas, opened again whenever it ends.

The replica with the lease connects; the others wait for the lease to end. Whatever closes the connection, it
is opened again, a little later each time. Two things are not fought: somebody else connecting as the same
robot (each would push the other out for ever), and credentials that are refused; both are told to the admins.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from datetime import datetime

import aiohttp
import structlog
from aiohttp import web

from bot.channels.robot_answers import Answers
from bot.channels.robot_line import RobotLine
from bot.channels.robot_slice import Robot as Settings
from bot.lease import Lease
from bot.metrics import Metrics
from bot.pacing import SHANGHAI
from bot.wecom import robot_frames as frames
from bot.wecom.errors import ConfigError, RateLimited, RefreshToken, RetryLater, WeComError
from bot.wecom.robot_link import BEAT, DROPPED, KICKED, PATIENCE, Link, open_socket
from storage import outbox, people
from storage.engine import Database, StorageError
from storage.message import Text, dump

log = structlog.get_logger("robot")

STEADY = 5.0  # seconds a connection must have stood for the next wait to be a short one
LONGEST_WAIT = 60.0
PATIENT_WAITS = (300.0, 900.0, 3600.0)  # seconds, after the n-th time somebody else took the robot over
REFUSALS = 3  # tries with refused credentials, before one an hour is enough
REFUSED, LIMITED, UNREACHABLE = "refused", "rate limited", "unreachable"

_KICKED = (
    "智能机器人的长连接被别处顶下线了：同一个机器人同时只能有一处连接。"
    "请确认没有别的程序（例如测试环境）在用同一个 BotID。现在群里 @ 机器人不会有回答，稍后会自动再试。"
)
_REFUSED = (
    "智能机器人连接不上：BotID 或 Secret 没有通过核验，群里 @ 机器人不会有回答。"
    "请在管理后台核对后改正配置，并重启服务。"
)


def wait_before(attempt: int, luck: float) -> float:
    """Seconds before the n-th try in a row, from 0; `luck` (0 to 1) keeps many from trying together."""
    longest = min(LONGEST_WAIT, 2.0 ** min(attempt, 10))
    return longest * (0.5 + luck / 2)


class RobotSocket:
    """One per process: `start`, and `close` before what it answers through is closed."""

    def __init__(
        self,
        *,
        settings: Settings,
        line: RobotLine,
        answers: Answers,
        session: aiohttp.ClientSession,
        proxy: str,
        database: Database,
        clock: Callable[[], datetime],
        metrics: Metrics,
        admins: frozenset[str],
        decent: Callable[[datetime], datetime],
        on_queued: Callable[[], None],
        patience: float = PATIENCE,
        beat: float = BEAT,
    ) -> None:
        self._settings = settings
        self._line = line
        self._patience = patience
        self._beat = beat
        self._answers = answers
        self._session = session
        self._proxy = proxy
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._admins = admins
        self._decent = decent
        self._on_queued = on_queued
        self._lease = Lease(
            database, f"robot:{settings.bot_id}"[:96], clock=clock, seconds=settings.lease_seconds
        )
        self._kicks = 0
        self._refusals = 0
        self._closing = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._worker = asyncio.create_task(self._work(), name="robot")

    async def close(self) -> None:
        """Finishes the answers at hand, then lets another replica connect at once."""
        await self._answers.close()
        self._closing.set()
        if self._line.link is not None:
            await self._line.link.close()
        if self._worker is not None:
            await self._worker
        await self._lease.let_go()

    def routes(self) -> list[web.RouteDef]:
        """None: the connection goes out from here."""
        return []

    # -- one connection after another -----------------------------------------------------------------------

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        attempt = 0
        while not self._closing.is_set():
            if not await self._lease.take():
                await self._nap(self._lease.look_again)
                continue
            began = loop.time()
            ended = await self._once()
            if self._closing.is_set():
                return
            attempt = 0 if loop.time() - began > STEADY else attempt + 1
            log.warning("robot disconnected; connects again", why=ended, attempt=attempt)
            await self._rest(ended, attempt)

    async def _once(self) -> str:
        """One connection from its beginning to its end; why it ended. A loop must survive it, so it may catch
        everything."""
        try:
            socket = await open_socket(self._session, self._settings.ws_url, proxy=self._proxy)
            link = Link(
                socket,
                clock=self._clock,
                on_call=lambda frame: self._answers.heard(link, frame),
                on_bad=self._answers.bad,
                patience=self._patience,
                beat=self._beat,
            )
            return await self._stay(link)
        except RetryLater as error:
            log.warning("robot cannot connect", reason=error.reason, detail=error.detail)
            return UNREACHABLE
        except Exception:  # the loop must go on
            log.exception("the robot's connection failed in a way it should not", next_step="bqw doctor")
            return UNREACHABLE

    async def _stay(self, link: Link) -> str:
        reading = asyncio.create_task(link.run(), name="robot-reading")
        try:
            await link.ask(
                frames.SUBSCRIBE, {"bot_id": self._settings.bot_id, "secret": self._settings.secret}
            )
        except WeComError as error:
            await link.close()
            return self._not_subscribed(error, await reading)
        self._refusals = 0
        ended = asyncio.Event()
        keeping = asyncio.create_task(self._keep(link, ended), name="robot-lease")
        self._put_in(link)
        try:
            return await reading
        finally:
            self._put_in(None)
            ended.set()
            await keeping  # never cancelled: it may be in the middle of a transaction

    def _put_in(self, link: Link | None) -> None:
        self._line.link = link
        self._metrics.robot.set(0 if link is None else 1)
        if link is not None:
            log.info("robot connected")
            self._on_queued()  # what waited for the connection

    def _not_subscribed(self, error: WeComError, why: str) -> str:
        log.warning("robot not subscribed", code=error.code, reason=error.reason, next_step=error.next_step)
        if isinstance(error, (ConfigError, RefreshToken)):
            return REFUSED
        if isinstance(error, RateLimited):
            return LIMITED
        return why if why != DROPPED else UNREACHABLE

    async def _keep(self, link: Link, ended: asyncio.Event) -> None:
        """Prolongs the lease while the connection stands; without it, another replica has connected."""
        while not ended.is_set() and await self._lease.take():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), self._lease.look_again)
        await link.close("the lease passed to another replica")

    # -- between connections --------------------------------------------------------------------------------

    async def _rest(self, ended: str, attempt: int) -> None:
        if ended == KICKED:
            await self._make_way()
        elif ended == REFUSED and (times := self._refused()) >= REFUSALS:
            await self._tell("refused", _REFUSED if times == REFUSALS else "")
            await self._stand_back(PATIENT_WAITS[-1])
        elif ended == LIMITED:  # each further try would prolong it
            await self._nap(LONGEST_WAIT * (1 + random.random()))  # noqa: S311 - luck, no secret
        else:
            await self._nap(wait_before(attempt, random.random()))  # noqa: S311 - luck, no secret

    def _refused(self) -> int:
        self._refusals += 1
        return self._refusals

    async def _make_way(self) -> None:
        """Another replica of ours has the lease by now, and this one just waits. A stranger has not."""
        if not await self._lease.take():
            return
        wait = PATIENT_WAITS[min(self._kicks, len(PATIENT_WAITS) - 1)]
        self._kicks += 1
        log.error("somebody else connected as this robot", seconds=wait, next_step=_KICKED)
        await self._tell("kicked", _KICKED)
        await self._stand_back(wait)

    async def _stand_back(self, seconds: float) -> None:
        """Keeps the lease meanwhile, so that no other replica runs into the same."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while loop.time() < until and not self._closing.is_set() and await self._lease.take():
            await self._nap(min(self._lease.look_again, until - loop.time()))

    async def _tell(self, what: str, words: str) -> None:
        """One line a day to each admin."""
        if not words:
            return
        now = self._clock()
        at = self._decent(now)
        day = at.astimezone(SHANGHAI).date().isoformat()
        try:
            async with self._database.transaction() as conn:
                for admin in sorted(self._admins | await people.admins(conn)):
                    key = f"robot-{what}:{day}:{admin}"
                    row = outbox.Outgoing(key, "app", admin, dump(Text(words)), priority=outbox.NOTICE, at=at)
                    await outbox.put(conn, row, now)
        except StorageError as error:
            log.warning("admins not told", what=what, error=type(error).__name__)
        self._on_queued()

    async def _nap(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), max(seconds, 0.01))
