"""Composition root: every object of the running bot is made here, once, and closed in reverse order.

`bqw serve`, `bqw demo` and the tests call `start`; nothing else constructs a dispatcher or a client.
"""

from __future__ import annotations

import asyncio
import gc
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog
from aiohttp import ClientSession, web

from bot.attachments import Fetcher
from bot.channels import robots
from bot.channels.app import AppChannel, AppDoor, AppSender
from bot.channels.appchat import AppchatSender
from bot.channels.kf import KfChannel, KfSender
from bot.channels.kf_reader import KfReader
from bot.channels.robot import RobotChannel
from bot.channels.webhook import WebhookSender
from bot.delivery import Delivery, Sender
from bot.dispatch import Dispatcher
from bot.library import Library
from bot.metrics import Metrics
from bot.settings import App, Settings
from bot.tenant import Gateway
from bot.wecom import inbound
from bot.wecom.client import Client, open_session
from bot.wecom.crypto import XML_BODY_LIMIT, Crypto
from bot.wecom.tokens import TokenStore, TokenTable
from handlers import routes
from scheduler.jobs import table
from scheduler.running import Running
from scheduler.ticker import Ticker
from storage.engine import Database
from storage.tokens import Tokens
from supervision.lookback import LookbackRules

log = structlog.get_logger("app")

KF_AGENT = 0  # no app has this number: the name of 微信客服's token among the others


class _Part(Protocol):
    """What runs beside the doors; the last to start is the first to close."""

    async def start(self) -> None: ...

    async def close(self) -> None: ...


@dataclass(slots=True)
class Service:
    """A running bot. `url` is where it listens; `close` finishes what was accepted."""

    url: str
    dispatcher: Dispatcher
    delivery: Delivery
    database: Database
    library: Library
    ticker: Ticker
    metrics: Metrics
    _stack: AsyncExitStack

    async def close(self) -> None:
        await self._stack.aclose()


async def start(settings: Settings, *, clock: Callable[[], datetime], replay: bool = False) -> Service:
    """Opens the database, builds the bot and listens. `replay`: a jump of the clock is time that passed.

    Raises DatabaseRefused or DatabaseTooNew with what to do, OSError when the port is taken.
    """
    async with AsyncExitStack() as stack:
        metrics = Metrics()
        lookback = LookbackRules(
            (settings.lookback.first_days, settings.lookback.second_days), settings.lookback.sampling
        )
        admins = frozenset(admin.lower() for admin in settings.office.admins)
        database = await Database.open(settings.database.url)
        stack.push_async_callback(database.close)
        library = await Library.open(database)
        session = open_session(ca_file=settings.app.ca_file)
        stack.push_async_callback(session.close)
        features = settings.tenant.features
        cards = features.cards and settings.app.cards
        client = make_client(settings.app, session, Tokens(database), clock, settings.gateway)
        admins = frozenset(admin.lower() for admin in settings.office.admins)
        senders: dict[str, Sender] = {"app": AppSender(client, cards=cards, markdown=features.markdown)}
        if settings.groups.enabled and features.webhook:
            keys = settings.groups.keys
            senders["webhook"] = WebhookSender(client, keys=keys, database=database, clock=clock)
        if settings.groups.enabled and features.appchat:
            senders["appchat"] = AppchatSender(client, database=database, clock=clock)
        half = robots.sender(settings, session=session, database=database, clock=clock)
        if half is not None:
            senders["robot"] = half
        serves_kf = settings.kf.enabled and features.kf
        if serves_kf:
            kf_client = make_kf_client(settings, client, session, Tokens(database), clock)
            senders["kf"] = KfSender(kf_client, settings=settings.kf, database=database, clock=clock)
        delivery = Delivery(
            database=database,
            senders=senders,
            settings=settings.delivery,
            clock=clock,
            metrics=metrics,
            admins=admins,
            decent=lambda now: library.workdays().next_slot(now),
            resting=lambda channel: channel == "robot" and half is not None and half.resting,
        )
        fetcher = Fetcher(
            database=database,
            source=client,
            settings=settings.files,
            clock=clock,
            metrics=metrics,
            on_queued=delivery.poke,
        )
        dispatcher = Dispatcher(
            database=database,
            walk=routes.walk,
            knows=library.current,
            catch_up=library.catch_up,
            channels={
                "app": AppChannel(cards=cards, markdown=features.markdown and settings.app.markdown),
                "robot": RobotChannel(cards=cards),
                "kf": KfChannel(),
            },
            clock=clock,
            admins=admins,
            workdays=library.workdays,
            lookback=lookback,
            problems=settings.problems,
            metrics=metrics,
            inline_lease=timedelta(seconds=settings.delivery.inline_lease_seconds),
            on_queued=delivery.poke,
            deadline=settings.app.inline_deadline_seconds,
            pushes=dict.fromkeys(senders, frozenset(settings.groups.keys)),
        )
        reader = None
        if serves_kf:
            reader = KfReader(
                kf_client,
                settings=settings.kf,
                dispatcher=dispatcher,
                database=database,
                clock=clock,
                admins=admins,
                decent=lambda now: library.workdays().next_slot(now),
                on_queued=delivery.poke,
            )
        ticker = Ticker(
            running=Running(
                database=database,
                book=lambda: library.current().book,
                workdays=library.workdays,
                admins=admins,
                lease=timedelta(seconds=settings.schedule.lease_seconds),
            ),
            table=table(
                settings.schedule,
                pictures=Path(settings.files.folder) / "digests" if settings.digest.picture else None,
                lookback=lookback,
                problems=settings.problems,
            ),
            clock=clock,
            tick_seconds=settings.schedule.tick_seconds,
            on_queued=delivery.poke,
            on_run=lambda job, result: metrics.jobs.labels(job, result).inc(),
            replay=replay,
        )
        robot = robots.door(
            settings,
            half,
            session=session,
            database=database,
            dispatcher=dispatcher,
            clock=clock,
            metrics=metrics,
            admins=admins,
            decent=lambda now: library.workdays().next_slot(now),
            on_queued=delivery.poke,
        )
        running: list[_Part] = [delivery, fetcher, dispatcher, library, ticker, *robot]
        for part in [*running, *([reader] if reader else [])]:
            await part.start()
            stack.push_async_callback(part.close)
        inbound.warm_up()
        # What is alive now lives until the end: the collector need not walk over it again and again.
        gc.collect()
        gc.freeze()
        door = AppDoor(
            settings=settings.app,
            crypto=Crypto(settings.app.token, settings.app.aes_key, settings.app.corp_id),
            dispatcher=dispatcher,
            clock=clock,
            metrics=metrics,
            kf=reader.noted if reader else None,
        )
        url = await _listen(
            settings,
            [
                *door.routes(),
                *(route for part in robot for route in part.routes()),
                *_health(database, dispatcher, delivery, metrics),
            ],
            stack,
        )
        log.info("listening", url=url, notice=library.current().book.notice.doc_number)
        return Service(url, dispatcher, delivery, database, library, ticker, metrics, stack.pop_all())


def make_client(
    settings: App,
    session: ClientSession,
    table: TokenTable,
    clock: Callable[[], datetime],
    gateway: Gateway = Gateway(),  # noqa: B008 - frozen
) -> Client:
    """A client for the configured app; tokens are shared through `table`."""
    return Client(
        session,
        api_base=settings.api_base,
        corp_id=settings.corp_id,
        agent_id=settings.agent_id,
        secret=settings.secret,
        tokens=TokenStore(table, owner=secrets.token_hex(8), clock=clock),
        clock=clock,
        proxy=settings.proxy,
        signer=gateway.made,
        post_only=gateway.post_only,
    )


def make_kf_client(
    settings: Settings,
    client: Client,
    session: ClientSession,
    table: TokenTable,
    clock: Callable[[], datetime],
) -> Client:
    """With 微信客服's own secret where there is one; its token stands beside the app's."""
    if not settings.kf.secret:
        return client
    own = replace(settings.app, secret=settings.kf.secret, agent_id=KF_AGENT)
    return make_client(own, session, table, clock, settings.gateway)


async def _listen(settings: Settings, found: list[web.RouteDef], stack: AsyncExitStack) -> str:
    app = web.Application(client_max_size=XML_BODY_LIMIT, middlewares=[_say_nothing])
    app.add_routes(found)
    # WeCom never compresses, so nothing is unpacked: a forger's archive is just no XML.
    runner = web.AppRunner(
        app, access_log=None, handle_signals=False, shutdown_timeout=5, auto_decompress=False
    )
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, settings.server.host, settings.server.port).start()
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"


@web.middleware
async def _say_nothing(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """A wrong path or method learns nothing but its status."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return web.Response(status=error.status)


def _health(
    database: Database, dispatcher: Dispatcher, delivery: Delivery, metrics: Metrics
) -> list[web.RouteDef]:
    async def healthz(_request: web.Request) -> web.Response:
        """The process turns. Says nothing of the database: a restart does not mend an outage."""
        return web.Response(text="ok\n")

    async def touch() -> None:
        async with database.transaction():
            pass

    async def readyz(_request: web.Request) -> web.Response:
        """Messages are worked on, and the database takes a transaction within two seconds."""
        if not dispatcher.alive:
            return web.Response(text="dispatch\n", status=503)
        # Not a timeout: a driver waiting for a lock cannot be interrupted, only left behind.
        asked = asyncio.ensure_future(touch())
        asked.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.wait({asked}, timeout=2)
        if not asked.done() or asked.exception():
            return web.Response(text="database\n", status=503)
        return web.Response(text="ok\n")

    async def page(_request: web.Request) -> web.Response:
        await asyncio.wait({asyncio.ensure_future(delivery.measure())}, timeout=2)
        return web.Response(body=metrics.page(), content_type="text/plain", charset="utf-8")

    return [web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", page)]
