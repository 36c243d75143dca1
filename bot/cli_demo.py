"""`bqw demo`: the bot, a WeCom of our own and its chat page in one process, no account needed.

The database is made anew each time, so that every demonstration starts on the same Monday morning. The one
module where bot and simulator meet.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import signal
import string
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.app import Service
    from bot.cli import Tools
    from bot.settings import Settings
    from bot.tenant import Tenant
    from simulator.clock import Day
    from simulator.server import Simulator
    from simulator.tenant import Tenant as Played
    from simulator.world import World
    from supervision.workdays import Workdays

# The app's menu: a label, and the key, which is what a person could have typed.
MENU = (("能问什么", "帮助"), ("我的任务", "我的任务"), ("产业发展", "第一部分有哪些"))
# Group robots a member has added already, by the chat id of the group; the office binds them by name.
ROBOTS = (("wr-office", "工作群通报"), ("wr-chaoan", "潮安区通报"), ("wr-firms", "政企服务"))
CORP_ID, AGENT_ID = "ww0demo0chaozhou00", 1000002
PAAS_ID = "yzy_demo"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="聊天页监听的地址")
@click.option("--port", default=8765, show_default=True, help="聊天页监听的端口，0 为任选")
@click.option("--folder", default="data/demo", show_default=True, type=click.Path(path_type=Path),
              help="演示数据库所在目录，每次启动重新建立")  # fmt: skip
@click.option("--now", help="演示从哪一刻开始，默认 2024-07-15T09:00")
@click.option("--edition", default="public", show_default=True,
              type=click.Choice(["public", "private", "yuezhengyi"]), help="演示哪一种企业微信")  # fmt: skip
@click.option("--config", type=click.Path(path_type=Path),
              help="用这个配置里的上限、红黄灯、时刻、专报等演示；账号、数据库仍用演示自己的")  # fmt: skip
@click.pass_obj
def demo(
    tools: Tools,
    host: str,
    port: int,
    folder: Path,
    now: str | None,
    edition: str,
    config: Path | None,
) -> None:
    """演示：启动助手、模拟的企业微信和聊天页，不需要企业微信账号。"""
    from bot import logs
    from bot.cli import moment
    from bot.tenant import Tenant

    logs.set_up("warning")
    settings = tools.settings(config) if config else None
    run = _run(host, port, folder, moment(now), Tenant(edition=edition), settings)
    raise SystemExit(asyncio.run(run))


async def _run(
    host: str, port: int, folder: Path, now: datetime | None, tenant: Tenant, settings: Settings | None
) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await asyncio.to_thread(_empty, folder)
    try:
        database = f"sqlite:///{folder / 'bqw.db'}"
        simulator, service = await start(
            database,
            files=folder / "files",
            host=host,
            port=port,
            now=now,
            settings=settings,
            tenant=tenant,
        )
    except OSError as error:
        click.echo(f"不能在 {host}:{port} 监听（{error.strerror}）：请用 --port 换一个端口", err=True)
        return 1
    click.echo(f"演示已就绪，请用浏览器打开聊天页：{simulator.url}/")
    click.echo(f"时间从 {simulator.clock.now():%Y年%m月%d日 %H:%M} 开始。按 Ctrl+C 结束。")
    await stop.wait()
    await simulator.close()
    await service.close()
    return 0


def _empty(folder: Path) -> None:
    """Only what an earlier demonstration left: the folder may be anybody's."""
    folder.mkdir(parents=True, exist_ok=True)
    for suffix in ("", "-wal", "-shm"):
        (folder / f"bqw.db{suffix}").unlink(missing_ok=True)
    shutil.rmtree(folder / "files", ignore_errors=True)


async def start(
    database_url: str,
    *,
    files: Path,
    host: str = "127.0.0.1",
    port: int = 0,
    now: datetime | None = None,
    retry_delay: float = 1.0,
    settings: Settings | None = None,
    tenant: Tenant | None = None,
) -> tuple[Simulator, Service]:
    """A simulator and a bot that know each other, on one clock; close both.

    Of `settings` everything holds but what connects the two. A `tenant` of a private edition is played
    without what such versions lack; 粤政易 stands behind a gateway.
    """
    from bot import app
    from bot.settings import Settings
    from supervision.workdays import Workdays

    keys = _Keys()
    bots: list[Service] = []  # the page is there first; from then on a day is what the bot's calendar says
    async with AsyncExitStack() as stack:
        simulator = await _simulator(
            keys,
            host=host,
            port=port,
            now=now,
            retry_delay=retry_delay,
            calendar=lambda day: _day(day, bots[0].library.workdays() if bots else Workdays()),
            tenant=keys.played(tenant),
        )
        stack.push_async_callback(simulator.close)
        own = keys.settings(settings or Settings(), database_url, files, simulator, tenant)
        service = await app.start(own, clock=simulator.clock.now, replay=True)
        stack.push_async_callback(service.close)
        bots.append(service)
        simulator.clock.watch(service.ticker.poke)
        await _bind(service, simulator.world, simulator.clock.now())
        if not await simulator.connect(f"{service.url}/wecom/app"):
            raise RuntimeError("the bot did not pass the simulator's URL verification")
        stack.pop_all()
    return simulator, service


async def _simulator(
    keys: _Keys,
    *,
    host: str,
    port: int,
    now: datetime | None,
    retry_delay: float,
    calendar: Callable[[date], Day],
    tenant: Played | None,
) -> Simulator:
    """A WeCom with every unit of the directory in it."""
    from knowledge import book
    from simulator import server
    from simulator.clock import Clock
    from simulator.robot import RobotKeys
    from simulator.world import START, MenuEntry, demo_world

    directory = book.shipped().directory
    world = demo_world(
        [*(unit.short for unit in directory.units), *(area.short for area in directory.areas)],
        start=now or START,
        menu=[MenuEntry(label, said) for label, said in MENU],
    )
    return await server.start(
        world,
        token=keys.token,
        aes_key=keys.aes_key,
        corp_id=CORP_ID,
        agent_id=AGENT_ID,
        secret=keys.secret,
        host=host,
        port=port,
        clock=Clock(world.start),
        retry_delay=retry_delay,
        calendar=calendar,
        tenant=tenant,
        robot=RobotKeys(secret=keys.secret, token=keys.token, aes_key=keys.aes_key),
    )


def _day(day: date, workdays: Workdays) -> Day:
    """What the chat page says of a day."""
    from simulator.clock import Day

    works, weekend = workdays.is_workday(day), day.weekday() >= 5
    label = ("调休上班" if weekend else "工作日") if works else "休息日" if weekend else "节假日"
    return Day(works, label + ("（预计）" if workdays.guessed(day) else ""))


async def _bind(service: Service, world: World, now: datetime) -> None:
    """The office knows the demo's people from the start, as after an import of its roster."""
    from storage import people

    roles: dict[str, people.Role] = {role: role for role in people.ROLE_NAMES}
    rows = [
        people.PersonRow(
            userid=person.userid,
            name=person.name,
            role=roles[person.role],
            unit="" if person.role == "leader" else person.unit,
            post=person.position,
        )
        for person in world.people
    ]
    async with service.database.transaction() as conn:
        await people.bind(conn, rows, by="demo", now=now)


class _Keys:
    """Credentials made up for this run: a demonstration has no secrets to keep."""

    def __init__(self) -> None:
        letters = string.ascii_letters + string.digits
        self.token = "".join(secrets.choice(letters) for _ in range(16))
        self.aes_key = "".join(secrets.choice(letters) for _ in range(43))
        self.secret = secrets.token_urlsafe(32)
        self.paas_token = secrets.token_urlsafe(24)

    def played(self, tenant: Tenant | None) -> Played | None:
        """The simulator's side of the bot's `tenant`."""
        from simulator import tenant as simulated

        if tenant is None or tenant.edition == "public":
            return None
        if tenant.edition == "private":
            return simulated.private(prefix="")
        return simulated.private(simulated.Gateway(PAAS_ID, self.paas_token, post_only=True))

    def settings(
        self, given: Settings, database_url: str, files: Path, simulator: Simulator, tenant: Tenant | None
    ) -> Settings:
        """What was given, with the demonstration's own connection, groups and robot."""
        from bot.channels.robot_slice import Robot
        from bot.channels.slices import Groups, Kf
        from bot.settings import Database, Office, Server
        from bot.tenant import Gateway, Tenant

        tenant = tenant or Tenant()
        gateway = Gateway(signer="tif", id=PAAS_ID, token=self.paas_token, post_only=True)
        robot = simulator.robot.keys
        robots = [simulator.groups.add_webhook(chatid, name) for chatid, name in ROBOTS]
        admins = tuple(person.userid for person in simulator.world.people if person.role == "admin")
        return replace(
            given,
            server=Server(port=0),
            database=Database(url=database_url),
            app=replace(
                given.app,
                corp_id=CORP_ID,
                agent_id=AGENT_ID,
                secret=self.secret,
                token=self.token,
                aes_key=self.aes_key,
                api_base=simulator.api_base,
                ca_file="",
                proxy="",
            ),
            robot=Robot(
                transport="socket" if tenant.features.robot else "off",
                name=robot.name,
                bot_id=robot.bot_id,
                secret=robot.secret,
                ws_url=simulator.robot.ws_url,
            ),
            tenant=tenant,
            gateway=gateway if tenant.edition == "yuezhengyi" else Gateway(),
            files=replace(given.files, folder=str(files)),
            office=Office(admins=admins),
            groups=Groups(enabled=True, webhooks=tuple(f"{one.name}={one.key}" for one in robots)),
            kf=Kf(enabled=True, servicers=admins),
        )
