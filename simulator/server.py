"""Starts the simulator: one web server with WeCom's API, the chat page, and people to act as.

`bqw demo` and the tests call `start` and get a `Simulator`. It listens on the address it is given and
nowhere else.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC
from email.utils import format_datetime
from typing import Any, TypeAlias

from aiohttp import web

from simulator.callbacks import PATIENCE, Callbacks
from simulator.chatpage import ChatPage
from simulator.clock import Calendar, Clock, weekdays
from simulator.corp import App, Corp
from simulator.crypto import Keys
from simulator.faults import Faults
from simulator.groups import Groups
from simulator.hub import Event
from simulator.journal import Delivery, Journal
from simulator.kf import KfDesk
from simulator.kf_phone import KfPhone
from simulator.mailbox import Bubble
from simulator.phone import Phone
from simulator.robot import RobotKeys
from simulator.robot_door import RobotDoor
from simulator.tenant import Tenant
from simulator.wecom import Api
from simulator.world import World

_LARGEST_BODY = 25 * 1024 * 1024
Stop: TypeAlias = Callable[[], Awaitable[None]]


class Simulator:
    """A running WeCom. Everything a test needs is here or one step away (`phone`, `faults`, `journal`)."""

    def __init__(
        self,
        corp: Corp,
        url: str,
        prefix: str,
        phone: Phone,
        callbacks: Callbacks,
        robot: RobotDoor,
        stop: Stop,
    ) -> None:
        self.url = url
        self.api_base = f"{url}{prefix}/cgi-bin/"
        self.phone = phone
        self.robot = robot
        self.kf = KfPhone(corp, callbacks)
        self._corp = corp
        self._callbacks = callbacks
        self._stop = stop

    @property
    def clock(self) -> Clock:
        return self._corp.clock

    @property
    def faults(self) -> Faults:
        return self._corp.faults

    @property
    def journal(self) -> Journal:
        return self._corp.journal

    @property
    def world(self) -> World:
        return self._corp.world

    def hide_the_app(self) -> None:
        """In the console: the app is visible to some people only, and may make no groups."""
        self._corp.visible = [2]

    @property
    def desk(self) -> KfDesk:
        return self._corp.kf

    @property
    def groups(self) -> Groups:
        return self._corp.groups

    def sign_in(self, person: str) -> str:
        """The code a page gets when `person` follows its sign-in link."""
        return self._corp.logins.issue(self._userid(person))

    async def connect(self, callback_url: str) -> bool:
        """Save the bot's address as the console does; False, and nothing saved, when it fails the check."""
        if not await self._callbacks.verify_url(callback_url):
            return False
        self._corp.callback_url = callback_url
        return True

    async def say(self, person: str, text: str, *, wait: float = 2.0) -> Delivery:
        """Write `text` as `person`; the delivery's `replies` hold the answer, inline or pushed.

        A bot that answers later than its callback is given `wait` seconds more.
        """
        return await self._answered(self.phone.say(person, text), wait)

    async def ask_kf(self, person: str, text: str, *, wait: float = 5.0) -> Delivery:
        """Write to 微信客服 as a person with WeChat alone; the answer is always pushed."""
        return await self._answered(self.kf.say(person, text), wait)

    async def send_file(self, person: str, name: str, data: bytes, *, wait: float = 2.0) -> Delivery:
        """Send a file as `person`, of any size and content; the bot may fetch it for three days."""
        return await self._answered(self.phone.send_file(person, data, name), wait)

    async def send_picture(self, person: str, data: bytes, *, wait: float = 2.0) -> Delivery:
        """Send a picture as `person`; the callback carries no name of it."""
        return await self._answered(self.phone.send_picture(person, data), wait)

    async def _answered(self, act: Coroutine[Any, Any, Delivery], wait: float) -> Delivery:
        before = self._corp.mailbox.last
        delivery = await act
        if delivery.replies or not delivery.accepted:
            return delivery
        try:
            await self._corp.mailbox.wait_for(delivery.person, lambda _: True, after=before, seconds=wait)
        except TimeoutError:
            return delivery
        return replace(delivery, replies=self._corp.mailbox.inbox(delivery.person, before))

    def inbox(self, person: str) -> tuple[Bubble, ...]:
        """What the app said to the person, oldest first."""
        return self._corp.mailbox.inbox(self._userid(person))

    def chat(self, person: str) -> tuple[Bubble, ...]:
        """Both sides and the grey lines between."""
        return self._corp.mailbox.chat(self._userid(person))

    def group_chat(self, person: str, group_id: str) -> tuple[Bubble, ...]:
        """What was said in a group, as one of its members sees it; NotPossible for everybody else."""
        return self._corp.mailbox.chat(self.phone.group(person, group_id).chatid)

    async def wait_for(
        self, person: str, wanted: Callable[[Bubble], bool], *, after: int = 0, seconds: float = 5.0
    ) -> Bubble:
        """The first thing the app said (now or soon) that fits; TimeoutError when none comes."""
        return await self._corp.mailbox.wait_for(self._userid(person), wanted, after=after, seconds=seconds)

    def listen(self) -> AbstractContextManager[asyncio.Queue[Event | None]]:
        """A queue of everything that happens from now on, as the chat page gets it."""
        return self._corp.hub.listen()

    async def close(self) -> None:
        """Let go of everyone who listens, then of the port."""
        self._corp.hub.close()
        await self.robot.close()
        await self._stop()
        await self._callbacks.close()

    def _userid(self, person: str) -> str:
        if (customer := self._corp.world.customer(person)) is not None:
            return customer.external_userid
        known = self._corp.world.person(person)
        if known is None:
            raise LookupError(f"nobody is called {person!r} in this world")
        return known.userid


async def start(
    world: World,
    *,
    token: str,
    aes_key: str,
    corp_id: str,
    agent_id: int,
    secret: str,
    callback_url: str = "",
    host: str = "127.0.0.1",
    port: int = 0,
    clock: Clock | None = None,
    prefix: str = "",
    tenant: Tenant | None = None,
    retry_delay: float = 1.0,
    patience: float = PATIENCE,
    calendar: Calendar = weekdays,
    robot: RobotKeys | None = None,
) -> Simulator:
    """Listen on `host:port` (0 picks a free port).

    `prefix` stands before `/cgi-bin`, as behind a provincial gateway; `tenant` plays a private deployment.
    A `callback_url` given here is taken without the check of `connect`, because the bot may start later.
    `calendar` knows which days are worked.
    """
    app = App(corp_id, agent_id, secret, Keys(token, aes_key, corp_id))
    corp = Corp(world, app, clock or Clock(world.start), tenant)
    prefix = (prefix or corp.tenant.prefix).rstrip("/")
    corp.callback_url = callback_url
    callbacks = Callbacks(corp, retry_delay=retry_delay, patience=patience)
    listening = socket.create_server((host, port))
    url = _url(host, listening.getsockname()[1])
    phone = Phone(corp, callbacks, page_url=url)
    smart = RobotDoor(corp, robot or RobotKeys(), url)
    page = ChatPage(corp, phone, KfPhone(corp, callbacks), callbacks, calendar, robot=smart.keys.name)
    phone.overheard, phone.pressed = smart.overhear, smart.pressed
    stop = await _serve(listening, corp, page, prefix, smart)
    return Simulator(corp, url, prefix, phone, callbacks, smart, stop)


def _url(host: str, port: int) -> str:
    return f"http://{'127.0.0.1' if host in ('', '0.0.0.0') else host}:{port}"  # noqa: S104 - only compared


def _dated(clock: Clock) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Every answer says what time it is here, as HTTP servers do."""

    async def date(_: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(clock.now().astimezone(UTC), usegmt=True)

    return date


async def _serve(listening: socket.socket, corp: Corp, page: ChatPage, prefix: str, robot: RobotDoor) -> Stop:
    application = web.Application(client_max_size=_LARGEST_BODY)
    application.add_routes([*page.routes(), *robot.routes()])
    application.router.add_route("*", prefix + "/cgi-bin/{endpoint:.+}", Api(corp).answer)
    application.on_response_prepare.append(_dated(corp.clock))
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.SockSite(runner, listening).start()

    async def stop() -> None:
        await page.close()
        await runner.cleanup()

    return stop
