"""`bqw jobs`: what happens by the clock, when it happened last and happens next; does one by hand.

By hand a fire time is done as the ticker would do it, and only once: done already, it says so. The running
bot sends what a job writes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from bot import clock

if TYPE_CHECKING:
    from bot.cli import Tools
    from scheduler.jobs import Entry
    from scheduler.running import Running
    from storage.engine import Database
    from storage.job_runs import Run

_STATES = {"running": "正在办", "done": "已办", "skipped": "略过", "failed": "没有办成"}
_config = click.option("--config", type=click.Path(path_type=Path), help="配置文件；不给时只读环境变量")
_now = click.option("--now", help="把现在当作这个时刻，例如 2024-07-15T09:00")


@click.group(invoke_without_command=True)
@_config
@_now
@click.pass_context
def jobs(ctx: click.Context, config: Path | None, now: str | None) -> None:
    """看定时任务上一次、下一次在什么时候，或手动办一次。"""
    if ctx.invoked_subcommand is None:
        asyncio.run(_show(ctx.obj, config, _moment(now, "--now") or clock.real()))
    given = {name: value for name, value in ctx.params.items() if value is not None}
    ctx.default_map = dict.fromkeys(("log", "run"), given)  # said before the command, it holds there too


async def _show(tools: Tools, config: Path | None, now: datetime) -> None:
    from bot.jobs import jobs_of
    from scheduler.ledger import fire_words
    from scheduler.when import next_time
    from storage import job_runs
    from supervision import pausing

    async with tools.transaction(config) as conn:
        settings = tools.settings(config)
        workdays = await pausing.workdays(conn, settings.working_hours)
        rows = jobs_of(settings)
        last = {entry.name: await job_runs.latest(conn, entry.name) for entry in rows}
    for entry in rows:
        upcoming = next_time(entry.rule, now, workdays)
        click.echo(f"{entry.name}  {entry.rule.words}  {entry.about}")
        click.echo("\n".join(_told(last[entry.name]) or ["    还没有办过"]))
        click.echo(f"    下次 {'已停用' if entry.off or upcoming is None else fire_words(upcoming)}")


@jobs.command("log")
@click.argument("name")
@click.option("--last", default=20, show_default=True, help="看最近几次")
@_config
@click.pass_obj
def log(tools: Tools, config: Path | None, name: str, last: int) -> None:
    """看一项任务最近几次办得怎样。"""
    _entry(tools, config, name)

    async def show() -> None:
        from storage import job_runs

        async with tools.transaction(config) as conn:
            click.echo("\n".join(_told(await job_runs.latest(conn, name, last)) or ["还没有办过"]))

    asyncio.run(show())


def _told(runs: Sequence[Run]) -> list[str]:
    from scheduler.ledger import fire_words

    return [
        f"    {fire_words(run.fire_at)} {_STATES[run.state]}{f'：{run.note}' * bool(run.note)}"
        for run in runs
    ]


@jobs.command("run")
@click.argument("name")
@click.option("--at", help="办哪个时刻的一次，例如 2024-07-15T08:50；不给时办最近到点的一次")
@_now
@_config
@click.pass_obj
def run(tools: Tools, config: Path | None, name: str, at: str | None, now: str | None) -> None:
    """手动办一次；同一时刻的只办一遍，办过的不会重复。"""
    entry = _entry(tools, config, name)
    moment = _moment(now, "--now") or clock.real()
    asyncio.run(_run(tools, config, entry, _moment(at, "--at"), moment))


async def _run(tools: Tools, config: Path | None, entry: Entry, at: datetime | None, now: datetime) -> None:
    from scheduler.ledger import fire_words
    from scheduler.when import last_time

    async with tools.database(config) as database:
        running = await _running(tools, config, database)
        fire_at = at or last_time(entry.rule, now, running.workdays())
        if fire_at is None:
            _refuse(f"{entry.name} 近两个月没有到过点，请用 --at 写明时刻")
        if fire_at > now:
            _refuse(f"{fire_words(fire_at)}还没有到，到时会自动办")
        said = await _by_hand(running, entry, fire_at, now)
    click.echo(f"{entry.name} {fire_words(fire_at)} {said}")


async def _by_hand(running: Running, entry: Entry, fire_at: datetime, now: datetime) -> str:
    from scheduler.ledger import fire_words
    from storage import job_runs

    taken = await running.take_by_hand(entry, fire_at, now)
    if taken is not None:
        state, note = await running.do(entry, taken, now)
        if state == job_runs.DONE:
            return f"已办：{note}"
        _refuse(f"{entry.name} {fire_words(fire_at)} {note or '别的进程正在办'}")
    async with running.database.transaction() as conn:
        found = await job_runs.find(conn, entry.name, fire_at)
    if found is None or found.state != job_runs.DONE:
        return "别的进程正在办"
    return f"早已办过，没有重复：{found.note}"


async def _running(tools: Tools, config: Path | None, database: Database) -> Running:
    from bot.library import in_force
    from scheduler.running import Running
    from supervision import pausing

    settings = tools.settings(config)
    async with database.transaction() as conn:
        book = await in_force(conn)
        workdays = await pausing.workdays(conn, settings.working_hours)
    return Running(
        database=database,
        book=lambda: book,
        workdays=lambda: workdays,
        admins=frozenset(admin.lower() for admin in settings.office.admins),
        lease=timedelta(seconds=settings.schedule.lease_seconds),
        rules=settings.rules,
    )


def _entry(tools: Tools, config: Path | None, name: str) -> Entry:
    from bot.jobs import jobs_of

    rows = {entry.name: entry for entry in jobs_of(tools.settings(config))}
    if name not in rows:
        raise click.BadParameter(f"没有名为“{name}”的任务，有的是 {'、'.join(rows)}", param_hint="NAME")
    return rows[name]


def _moment(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        return clock.parse(text)
    except ValueError:
        raise click.BadParameter("时间应写成 2024-07-15T09:00", param_hint=option) from None


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(1)
