"""`bqw calendar`: brings a year's holidays in from a file, and shows a year as the bot works by it.

The same as “导入 2027年放假安排” in chat; running replicas take it over within seconds.
"""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot import clock
from bot.cli_files import by_option, config_option, existing, file_argument, login, refuse

if TYPE_CHECKING:
    from bot.cli import Tools
    from supervision.holidays import Plan
    from supervision.workdays import Workdays


@click.group("calendar")
def calendar_() -> None:
    """工作日：导入放假安排，看某一年哪些天上班。"""


@calendar_.command("import")
@file_argument
@click.option("--now", help="把现在当作这个时刻，例如 2024-07-15T09:00")
@by_option
@config_option
@click.pass_obj
def import_(tools: Tools, file: Path, now: str | None, by: str, config: Path | None) -> None:
    """导入放假安排（.toml 或 .txt）；没有发出的催办随之改时间。"""
    plan = _read(file)
    asyncio.run(_import(tools, config, plan, now, by or login()))


def _read(file: Path) -> Plan:
    from supervision import holidays

    if file.suffix.lower() not in (".toml", ".txt"):
        refuse([f"“{file.name}”应是 .toml 或 .txt"])
    try:
        text = file.read_text(encoding="utf-8-sig")
        return holidays.from_toml(text) if file.suffix.lower() == ".toml" else holidays.year_plan(text)
    except holidays.CalendarError as error:
        refuse([f"{file.name}：{error}"])
    except (OSError, UnicodeDecodeError) as error:
        refuse([f"{file.name} 读不出来（{type(error).__name__}），请检查路径，并存为 UTF-8"])


async def _import(tools: Tools, config: Path | None, plan: Plan, now: str | None, by: str) -> None:
    from bot.library import in_force
    from handlers.calendar import set_words
    from supervision import pausing

    try:
        moment = clock.parse(now) if now else clock.real()
    except ValueError:
        raise click.BadParameter("时间应写成 2024-07-15T09:00", param_hint="--now") from None
    async with tools.transaction(config) as conn:
        settings = tools.settings(config)
        done = await pausing.set_days(
            conn,
            await in_force(conn),
            plan,
            by=by,
            now=moment,
            hours=settings.working_hours,
            rules=settings.rules,
        )
    click.echo(set_words(plan, done, moment.date()))


@calendar_.command("show")
@click.argument("year", type=click.IntRange(2000, 2100))
@config_option
@click.pass_obj
def show(tools: Tools, year: int, config: Path | None) -> None:
    """看某一年与“周一至周五上班”不同的日子，以及是谁定的。"""
    workdays = asyncio.run(_workdays(tools, config))
    for line in _year(workdays, year):
        click.echo(line)


async def _workdays(tools: Tools, config: Path | None) -> Workdays:
    from supervision import pausing
    from supervision.workdays import Workdays

    async with existing(tools, config) as conn:
        hours = tools.settings(config).working_hours
        return Workdays(hours=hours) if conn is None else await pausing.workdays(conn, hours)


def _year(workdays: Workdays, year: int) -> list[str]:
    days = [date(year, 1, 1) + timedelta(n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    worked = sum(map(workdays.is_workday, days))
    source = "本办导入" if year in workdays.announced else "国务院办公厅通知"
    if workdays.guessed(date(year, 6, 30)):
        source = "预计：放假安排还没有公布，请公布后导入"
    lines = [f"{year}年共{worked}个工作日（{source}）"]
    for one in days:
        works = workdays.is_workday(one)
        if works is not (one.weekday() < 5):
            own = "（本办登记）" if one in workdays.overrides else ""
            weekday = "一二三四五六日"[one.weekday()]
            lines.append(f"{one.month}月{one.day}日（周{weekday}）{'上班' if works else '放假'}{own}")
    return lines
