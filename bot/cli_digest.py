"""`bqw digest --preview`: prints what a leader would read now; nothing is sent or remembered."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot import clock
from bot.cli import moment
from bot.cli_files import book_of, config_option, existing, refuse, write_out

if TYPE_CHECKING:
    from bot.cli import Tools
    from scheduler.digests import Composed, Kind
    from storage.engine import Connection
    from supervision.digest_facts import Reader


@click.command()
@click.option("--preview", is_flag=True, help="打印出来看，不发送、不留痕")
@click.option("--person", default="", help="以谁的眼光看（成员账号）；不给时看全部")
@click.option("--kind", type=click.Choice(["daily", "weekly", "work"]), default="daily", show_default=True,
              help="每日专报、周报、办公室工作单")  # fmt: skip
@click.option("--picture", type=click.Path(path_type=Path), help="另把图片写到这个 .png 文件")
@click.option("--now", help="把现在当作这个时刻，例如 2024-07-15T09:00")
@config_option
@click.pass_obj
def digest(
    tools: Tools,
    config: Path | None,
    preview: bool,
    person: str,
    kind: Kind,
    picture: Path | None,
    now: str | None,
) -> None:
    """预览专报：领导现在会读到什么。"""
    if not preview:
        refuse(["专报由服务定时发送；只想看内容请加 --preview"])
    composed = asyncio.run(_composed(tools, config, person, kind, moment(now) or clock.real()))
    click.echo(composed.text)
    if picture is not None:
        from knowledge.card import draw
        from supervision.card import picture_of

        write_out(picture, draw(picture_of(composed.facts, kind)))


async def _composed(tools: Tools, config: Path | None, person: str, kind: Kind, now: datetime) -> Composed:
    from scheduler.digests import compose
    from supervision import pausing

    async with existing(tools, config) as conn:
        if conn is None:
            refuse(["还没有数据库，没有可预览的；请先启动服务或导入人员表"])
        reader = await _reader(conn, person, kind)
        book = await book_of(conn)
        settings = tools.settings(config)
        workdays = await pausing.workdays(conn, settings.working_hours)
        return await compose(conn, book, reader, kind, now=now, workdays=workdays, rules=settings.rules)


async def _reader(conn: Connection, person: str, kind: Kind) -> Reader:
    from scheduler.digests import reader_of
    from storage import people, subscriptions
    from supervision.digest_facts import Reader

    if not person:
        return Reader("", office=kind == "work")
    bindings = (await people.bindings(conn, [person])).get(person.lower(), ())
    reader = reader_of(person, bindings, await subscriptions.of(conn, person))
    if reader is None:
        refuse([f"“{person}”没有绑定为领导或管理员，不读专报"])
    return reader
