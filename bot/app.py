"""Composition root: every object of the running bot is made here, once, and closed in reverse order.

`bqw serve`, `bqw demo` and the tests call `start`; nothing else constructs a dispatcher or a client.
"""

from __future__ import annotations

import gc
import secrets
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from aiohttp import ClientSession

from bot.answering import Answering
from bot.attachments import Fetcher
from bot.channels import robots
from bot.channels.app import AppChannel, AppDoor, AppSender
from bot.channels.appchat import AppchatSender
from bot.channels.kf import KfChannel, KfSender
from bot.channels.kf_reader import KfReader
from bot.channels.robot import RobotChannel
from bot.channels.robot_callback import ResponseSender, RobotDoor
from bot.channels.robot_line import RobotLine
from bot.channels.robot_socket import RobotSocket
from bot.channels.webhook import WebhookSender
from bot.delivery import Delivery, Sender
from bot.dispatch import Dispatcher
from bot.jobs import jobs_of
from bot.library import Library
from bot.listening import health_routes, listen
from bot.metrics import Metrics
from bot.settings import App, Settings
from bot.tenant import Gateway
from bot.wecom import inbound
from bot.wecom.client import Client, open_session
from bot.wecom.crypto import Crypto
from bot.wecom.tokens import TokenStore, TokenTable
from handlers import routes
from scheduler.running import Running
from scheduler.ticker import Ticker
from storage.engine import Database
from storage.tokens import Tokens

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
        ground = await _ground(settings, clock, stack)
        half, kf = _robot_sender(ground), _kf_client(ground)
        senders = _senders(ground, half, kf)
        delivery = _delivery(ground, senders, half)
        fetcher = _fetcher(ground, delivery)
        dispatcher = _dispatcher(ground, delivery, senders)
        reader = _kf_reader(ground, kf, dispatcher, delivery)
        ticker = _ticker(ground, delivery, replay=replay)
        robot = _robot_doors(ground, half, dispatcher, delivery)
        parts: list[_Part] = [delivery, fetcher, dispatcher, ground.library, ticker, *robot]
        for part in [*parts, *([reader] if reader else [])]:
            await part.start()
            stack.push_async_callback(part.close)
        _settle_down()
        door = _door(ground, dispatcher, reader)
        more = [route for part in robot for route in part.routes()]
        health = health_routes(ground.database, dispatcher, delivery, ground.metrics)
        url = await listen(settings, [*door.routes(), *more, *health], stack)
        log.info("listening", url=url, notice=ground.library.current().book.notice.doc_number)
        return ground.service(url, dispatcher, delivery, ticker, stack.pop_all())


@dataclass(frozen=True, slots=True)
class _Ground:
    """What every part stands on."""

    settings: Settings
    clock: Callable[[], datetime]
    admins: frozenset[str]
    metrics: Metrics
    database: Database
    library: Library
    session: ClientSession
    client: Client

    @property
    def cards(self) -> bool:
        return self.settings.tenant.features.cards and self.settings.app.cards

    def decent(self, now: datetime) -> datetime:
        """The next moment at which the office may be written to."""
        return self.library.workdays().next_slot(now)

    def service(
        self, url: str, dispatcher: Dispatcher, delivery: Delivery, ticker: Ticker, stack: AsyncExitStack
    ) -> Service:
        return Service(url, dispatcher, delivery, self.database, self.library, ticker, self.metrics, stack)


async def _ground(settings: Settings, clock: Callable[[], datetime], stack: AsyncExitStack) -> _Ground:
    database = await Database.open(settings.database.url)
    stack.push_async_callback(database.close)
    library = await Library.open(database, settings.working_hours)
    session = open_session(ca_file=settings.app.ca_file)
    stack.push_async_callback(session.close)
    client = make_client(settings.app, session, Tokens(database), clock, settings.gateway)
    admins = frozenset(admin.lower() for admin in settings.office.admins)
    return _Ground(settings, clock, admins, Metrics(), database, library, session, client)


def _robot_sender(ground: _Ground) -> RobotLine | ResponseSender | None:
    return robots.sender(
        ground.settings, session=ground.session, database=ground.database, clock=ground.clock
    )


def _kf_client(ground: _Ground) -> Client | None:
    """微信客服's, where this tenant has it and the configuration uses it."""
    settings = ground.settings
    if not (settings.kf.enabled and settings.tenant.features.kf):
        return None
    return make_kf_client(settings, ground.client, ground.session, Tokens(ground.database), ground.clock)


def _senders(
    ground: _Ground, half: RobotLine | ResponseSender | None, kf: Client | None
) -> dict[str, Sender]:
    """The channels that this tenant has and this configuration uses."""
    features, groups = ground.settings.tenant.features, ground.settings.groups
    client, database, clock = ground.client, ground.database, ground.clock
    found: dict[str, Sender] = {"app": AppSender(client, cards=ground.cards, markdown=features.markdown)}
    if groups.enabled and features.webhook:
        found["webhook"] = WebhookSender(client, keys=groups.keys, database=database, clock=clock)
    if groups.enabled and features.appchat:
        found["appchat"] = AppchatSender(client, database=database, clock=clock)
    if half is not None:
        found["robot"] = half
    if kf is not None:
        found["kf"] = KfSender(kf, settings=ground.settings.kf, database=database, clock=clock)
    return found


def _delivery(
    ground: _Ground, senders: Mapping[str, Sender], half: RobotLine | ResponseSender | None
) -> Delivery:
    return Delivery(
        database=ground.database,
        senders=senders,
        settings=ground.settings.delivery,
        clock=ground.clock,
        metrics=ground.metrics,
        admins=ground.admins,
        workdays=ground.library.workdays,
        resting=lambda channel: channel == "robot" and half is not None and half.resting,
    )


def _fetcher(ground: _Ground, delivery: Delivery) -> Fetcher:
    return Fetcher(
        database=ground.database,
        source=ground.client,
        settings=ground.settings.files,
        clock=ground.clock,
        metrics=ground.metrics,
        on_queued=delivery.poke,
    )


def _dispatcher(ground: _Ground, delivery: Delivery, senders: Mapping[str, Sender]) -> Dispatcher:
    settings, cards = ground.settings, ground.cards
    answering = Answering(
        walk=routes.walk,
        knows=ground.library.current,
        channels={
            "app": AppChannel(
                cards=cards, markdown=settings.tenant.features.markdown and settings.app.markdown
            ),
            "robot": RobotChannel(cards=cards),
            "kf": KfChannel(),
        },
        admins=ground.admins,
        workdays=ground.library.workdays,
        rules=settings.rules,
        problems=settings.problems,
        inline_lease=timedelta(seconds=settings.delivery.inline_lease_seconds),
        pushes=dict.fromkeys(senders, frozenset(settings.groups.keys)),
    )
    return Dispatcher(
        database=ground.database,
        answering=answering,
        catch_up=ground.library.catch_up,
        clock=ground.clock,
        metrics=ground.metrics,
        on_queued=delivery.poke,
        deadline=settings.app.inline_deadline_seconds,
    )


def _kf_reader(
    ground: _Ground, kf: Client | None, dispatcher: Dispatcher, delivery: Delivery
) -> KfReader | None:
    if kf is None:
        return None
    return KfReader(
        kf,
        settings=ground.settings.kf,
        dispatcher=dispatcher,
        database=ground.database,
        clock=ground.clock,
        admins=ground.admins,
        decent=ground.decent,
        on_queued=delivery.poke,
    )


def _ticker(ground: _Ground, delivery: Delivery, *, replay: bool) -> Ticker:
    schedule = ground.settings.schedule
    running = Running(
        database=ground.database,
        book=lambda: ground.library.current().book,
        workdays=ground.library.workdays,
        admins=ground.admins,
        lease=timedelta(seconds=schedule.lease_seconds),
        rules=ground.settings.rules,
    )
    return Ticker(
        running=running,
        table=jobs_of(ground.settings),
        clock=ground.clock,
        tick_seconds=schedule.tick_seconds,
        on_queued=delivery.poke,
        on_run=lambda job, result: ground.metrics.jobs.labels(job, result).inc(),
        replay=replay,
    )


def _robot_doors(
    ground: _Ground,
    half: RobotLine | ResponseSender | None,
    dispatcher: Dispatcher,
    delivery: Delivery,
) -> list[RobotSocket | RobotDoor]:
    return robots.door(
        ground.settings,
        half,
        session=ground.session,
        database=ground.database,
        dispatcher=dispatcher,
        clock=ground.clock,
        metrics=ground.metrics,
        admins=ground.admins,
        decent=ground.decent,
        on_queued=delivery.poke,
    )


def _door(ground: _Ground, dispatcher: Dispatcher, reader: KfReader | None) -> AppDoor:
    app = ground.settings.app
    return AppDoor(
        settings=app,
        crypto=Crypto(app.token, app.aes_key, app.corp_id),
        dispatcher=dispatcher,
        clock=ground.clock,
        metrics=ground.metrics,
        kf=reader.noted if reader else None,
    )


def _settle_down() -> None:
    """What is alive now lives until the end: the collector need not walk over it again and again."""
    inbound.warm_up()
    gc.collect()
    gc.freeze()


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
