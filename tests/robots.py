"""A robot's bot without the knowledge: dispatch, delivery and the robot's door beside a simulator, made fast.

What it answers is said by a `walk` of the test, which gets what a handler gets.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import select

from bot.answering import Answering
from bot.channels.robot import RobotChannel
from bot.channels.robot_answers import Answers
from bot.channels.robot_callback import ResponseSender, RobotDoor
from bot.channels.robot_line import RobotLine
from bot.channels.robot_slice import Robot
from bot.channels.robot_socket import RobotSocket
from bot.delivery import Delivery
from bot.dispatch import Dispatcher
from bot.metrics import Metrics
from bot.pacing import Window
from bot.settings import Delivery as DeliverySettings
from handlers.context import Context
from simulator import server
from simulator.clock import Clock
from simulator.robot import RobotKeys
from simulator.server import Simulator
from simulator.world import START, demo_world
from storage.engine import Database
from storage.message import Message, Payload, Reply, Text
from storage.tables import outbox as table
from supervision.problem_rules import ProblemRules
from supervision.rules import Rules
from supervision.workdays import Workdays
from tests.browser import CONSOLE

Walk = Callable[[Message, Context], Awaitable[tuple[str, Reply | None]]]
OFFICE, FIRMS = "wr-office", "wr-firms"
PATIENCE = 0.3  # seconds for an acknowledgement, in these tests
WINDOWS = (Window(30, timedelta(minutes=1)), Window(1000, timedelta(hours=1)))


async def echo(message: Message, ctx: Context) -> tuple[str, Reply | None]:
    return "echo", Text(f"您说：{message.text}")


@dataclass
class App:
    """The self-built app's outgoing half: keeps what the robot's trouble has the admins told."""

    told: list[tuple[str, str]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, target: str, payload: Payload, *, key: str, maybe_sent: timedelta | None) -> None:
        assert isinstance(payload, Text)
        self.told.append((target, payload.text))
        self.arrived.set()


@dataclass
class Bot:
    database: Database
    dispatcher: Dispatcher
    delivery: Delivery
    door: RobotSocket | RobotDoor
    metrics: Metrics
    app: App
    clock: Callable[[], Any]

    async def rows(self) -> dict[str, tuple[str, str, str]]:
        """State, way and reason of every outbox row."""
        async with self.database.transaction() as conn:
            return {row.key: (row.state, row.via, row.reason) for row in await conn.execute(select(table))}

    async def settled(self, *states: str) -> dict[str, tuple[str, str, str]]:
        """The rows, once there are some and all are in one of these states."""
        async with asyncio.timeout(20):
            while True:
                rows = await self.rows()
                if rows and all(state in states for state, _, _ in rows.values()):
                    return rows
                await asyncio.sleep(0.01)


@asynccontextmanager
async def wecom(**more: Any) -> AsyncIterator[Simulator]:
    clock = Clock(START)
    simulator = await server.start(demo_world(), clock=clock, retry_delay=0, **CONSOLE, **more)
    try:
        yield simulator
    finally:
        await simulator.close()


@asynccontextmanager
async def bot_beside(
    there: Simulator,
    database: Database,
    walk: Walk = echo,
    *,
    secret: str = "",
    slow: float = 30.0,
    beat: float = 30.0,
    lease: int = 12,
    wait: bool = True,
) -> AsyncIterator[Bot]:
    """A bot whose robot has connected."""
    keys, clock, app, metrics = there.robot.keys, there.clock.now, App(), Metrics()
    settings = Robot(
        transport="socket",
        name=keys.name,
        bot_id=keys.bot_id,
        secret=secret or keys.secret,
        ws_url=there.robot.ws_url,
        lease_seconds=lease,
    )
    line = RobotLine(clock, WINDOWS, database)
    async with (
        aiohttp.ClientSession() as session,
        _working(database, walk, clock, app, line, metrics) as both,
    ):
        dispatcher, delivery = both
        answers = Answers(
            name=keys.name,
            line=line,
            database=database,
            dispatcher=dispatcher,
            clock=clock,
            metrics=metrics,
            on_queued=delivery.poke,
            slow=slow,
        )
        door = RobotSocket(
            settings=settings,
            line=line,
            answers=answers,
            session=session,
            proxy="",
            database=database,
            clock=clock,
            metrics=metrics,
            admins=frozenset({"wanglei"}),
            decent=lambda now: now,
            on_queued=delivery.poke,
            patience=PATIENCE,
            beat=beat,
        )
        before = there.robot.socket.subscriptions
        await door.start()
        if wait:
            await there.robot.socket.wait_connected(times=before + 1)
            while line.resting:  # WeCom knows it a moment before the bot does
                await asyncio.sleep(0.001)
        try:
            yield Bot(database, dispatcher, delivery, door, metrics, app, clock)
        finally:
            await door.close()


@asynccontextmanager
async def callback_bot(
    there: Simulator,
    database: Database,
    walk: Walk = echo,
    *,
    session: aiohttp.ClientSession,
    domains: tuple[str, ...],
    base: str,
) -> AsyncIterator[Bot]:
    """A bot whose robot is called back; `base` is where addresses for later answers lead."""
    keys, clock, app, metrics = there.robot.keys, there.clock.now, App(), Metrics()
    settings = Robot(
        transport="callback", name=keys.name, token=keys.token, aes_key=keys.aes_key, domains=domains
    )
    sender = ResponseSender(session=session, settings=settings, proxy="", database=database, clock=clock)
    async with _working(database, walk, clock, app, sender, metrics) as (dispatcher, delivery):
        door = RobotDoor(
            settings=settings,
            database=database,
            dispatcher=dispatcher,
            clock=clock,
            metrics=metrics,
            on_queued=delivery.poke,
        )
        application = web.Application(client_max_size=64 * 1024)
        application.add_routes(door.routes())
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/wecom/robot"
        there.robot.by_callback(url, base=base, poll_delay=0.05, retry_delay=0)
        try:
            yield Bot(database, dispatcher, delivery, door, metrics, app, clock)
        finally:
            await door.close()
            await runner.cleanup()


@asynccontextmanager
async def _working(
    database: Database,
    walk: Walk,
    clock: Callable[[], Any],
    app: App,
    half: RobotLine | ResponseSender,
    metrics: Metrics,
) -> AsyncIterator[tuple[Dispatcher, Delivery]]:
    delivery = Delivery(
        database=database,
        senders={"app": app, "robot": half},
        settings=DeliverySettings(poll_seconds=0.05),
        clock=clock,
        metrics=metrics,
        admins=frozenset({"wanglei"}),
        resting=lambda channel: channel == "robot" and half.resting,
    )

    async def nothing_new() -> None:
        return

    answering = Answering(
        walk=walk,
        knows=lambda: None,  # type: ignore[arg-type,return-value]  # these walks ask nothing
        channels={"robot": RobotChannel(cards=True)},
        admins=frozenset({"wanglei"}),
        workdays=Workdays,
        rules=Rules(),
        problems=ProblemRules(),
        inline_lease=timedelta(seconds=25),
    )
    dispatcher = Dispatcher(
        answering=answering,
        database=database,
        catch_up=nothing_new,
        clock=clock,
        metrics=metrics,
        on_queued=delivery.poke,
        deadline=4.0,
    )
    await delivery.start()
    await dispatcher.start()
    try:
        yield dispatcher, delivery
    finally:
        await dispatcher.close()
        await delivery.close()


__all__ = ["FIRMS", "OFFICE", "App", "Bot", "RobotKeys", "bot_beside", "callback_bot", "echo", "wecom"]
