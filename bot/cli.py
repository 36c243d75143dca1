"""The `bqw` command. Each group of commands lives in its own file, imported when it is asked for.

So `bqw ask` does not wait for a web server, nor `bqw serve` for a spreadsheet library.
"""

from __future__ import annotations

import asyncio
import importlib
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot import clock as clocks
from bot import settings as configuration

if TYPE_CHECKING:
    from storage.engine import Connection, Database


@dataclass(frozen=True, slots=True)
class Tools:
    """What commands need from the process; click hands it to them as `ctx.obj`."""

    @staticmethod
    def settings(config: Path | None, *, serving: bool = False) -> configuration.Settings:
        """The configuration, or every mistake in it on standard error and exit code 2."""
        try:
            return configuration.load(config, serving=serving)
        except configuration.SettingsError as error:
            for mistake in error.mistakes:
                click.echo(mistake, err=True)
            raise SystemExit(2) from None

    @asynccontextmanager
    async def database(self, config: Path | None) -> AsyncIterator[Database]:
        """The configured database, upgraded first if needed."""
        from storage.engine import Database, DatabaseRefused
        from storage.migrate import DatabaseTooNew

        try:
            database = await Database.open(self.settings(config).database.url)
        except (DatabaseRefused, DatabaseTooNew) as error:
            click.echo(str(error), err=True)
            raise SystemExit(1) from None
        try:
            yield database
        finally:
            await database.close()

    @asynccontextmanager
    async def transaction(self, config: Path | None) -> AsyncIterator[Connection]:
        """One transaction on the configured database."""
        async with self.database(config) as database, database.transaction() as conn:
            yield conn


ELSEWHERE = {
    "ask": "bot.cli_ask:ask",
    "audit": "bot.cli_audit:audit",
    "calendar": "bot.cli_calendar:calendar_",
    "demo": "bot.cli_demo:demo",
    "digest": "bot.cli_digest:digest",
    "doctor": "bot.doctor:doctor",
    "eval": "bot.cli_ask:evaluate",
    "export": "bot.cli_export:export",
    "jobs": "bot.cli_jobs:jobs",
    "notice": "bot.cli_knowledge:notice",
    "outbox": "bot.cli_outbox:outbox",
    "parse": "bot.cli_parse:parse",
    "people": "bot.cli_people:people",
    "round": "bot.cli_round:round_",
    "units": "bot.cli_knowledge:units",
}


class _Commands(click.Group):
    """A group that imports a command's module only when that command is used or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *ELSEWHERE])

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in ELSEWHERE:
            return super().get_command(ctx, name)
        module, _, attribute = ELSEWHERE[name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=None, version="0.1.0", prog_name="bqw")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """百千万督办助手：在企业微信里答问、督办、报送。"""
    ctx.obj = Tools()


@cli.command()
@click.option("--config", type=click.Path(path_type=Path), help="配置文件；不给时只读环境变量")
@click.option("--now", help="把现在当作这个时刻，例如 2024-07-15T09:00（演练用）")
@click.pass_obj
def serve(tools: Tools, config: Path | None, now: str | None) -> None:
    """启动服务，接收企业微信回调。"""
    settings = tools.settings(config, serving=True)
    from bot import logs

    logs.set_up(settings.log.level)
    raise SystemExit(asyncio.run(_serve(settings, moment(now))))


def moment(now: str | None) -> datetime | None:
    """The value of a --now option."""
    if now is None:
        return None
    try:
        return clocks.parse(now)
    except ValueError:
        raise click.BadParameter("时间应写成 2024-07-15T09:00", param_hint="--now") from None


async def _serve(settings: configuration.Settings, now: datetime | None) -> int:
    from bot import app
    from storage.engine import DatabaseRefused
    from storage.migrate import DatabaseTooNew

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        service = await app.start(settings, clock=clocks.from_now_on(now))
    except (DatabaseRefused, DatabaseTooNew) as error:
        click.echo(str(error), err=True)
        return 1
    except OSError as error:
        click.echo(
            f"不能在 {settings.server.host}:{settings.server.port} 监听（{error.strerror}）："
            "请换一个端口，或停掉占用它的程序",
            err=True,
        )
        return 1
    await stop.wait()
    await service.close()
    return 0


@cli.group()
def db() -> None:
    """数据库。"""


@db.command()
@click.option("--config", type=click.Path(path_type=Path))
@click.pass_obj
def upgrade(tools: Tools, config: Path | None) -> None:
    """把数据库升级到本程序的版本；可以多个进程同时执行。"""
    from storage import migrate
    from storage.engine import DatabaseRefused, check_sound, open_engine

    async def run() -> bool:
        engine = open_engine(tools.settings(config).database.url)
        try:
            await check_sound(engine)
            return await migrate.upgrade(engine)
        finally:
            await engine.dispose()

    try:
        changed = asyncio.run(run())
    except (DatabaseRefused, migrate.DatabaseTooNew) as error:
        click.echo(str(error), err=True)
        raise SystemExit(1) from None
    newest = migrate.newest()
    click.echo(f"数据库已升级到 {newest}" if changed else f"数据库已是 {newest}，不用升级")


@cli.command()
def config() -> None:
    """打印配置样例：全部设置、说明和默认值。"""
    click.echo(configuration.example(), nl=False)


def main() -> int:
    """The entry point of `.venv/bin/bqw`."""
    cli.main(prog_name="bqw")
    return 0


if __name__ == "__main__":
    sys.exit(main())
