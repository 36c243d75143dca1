"""`bqw outbox`: shows the messages that could not be sent, with the next step, and sends them again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot import clock

if TYPE_CHECKING:
    from bot.cli import Tools


@click.command()
@click.option("--config", type=click.Path(path_type=Path), help="配置文件；不给时只读环境变量")
@click.option("--retry", multiple=True, metavar="编号|all", help="重新发送；可以给多个编号，或写 all")
@click.pass_obj
def outbox(tools: Tools, config: Path | None, retry: tuple[str, ...]) -> None:
    """看搁置的消息和处理办法，或用 --retry 重新发送。"""
    if retry and retry != ("all",) and not all(number.isdigit() for number in retry):
        raise click.BadParameter("请写消息编号，或写 all", param_hint="--retry")
    asyncio.run(_release(tools, config, retry) if retry else _show(tools, config))


async def _show(tools: Tools, config: Path | None) -> None:
    from storage import outbox as rows
    from storage import parked as aside

    async with tools.transaction(config) as conn:
        counts = await rows.counts(conn)
        parked = await aside.listed(conn)
    waiting = sum(count for state, count in counts.items() if state != "parked")
    click.echo(f"待发 {waiting} 条，搁置 {counts.get('parked', 0)} 条")
    for row in parked:
        when = row.created_at.astimezone(clock.SHANGHAI)
        click.echo(f"{row.id}  {when:%Y-%m-%d %H:%M}  给 {row.target}:{row.beginning}")
        click.echo(f"    {row.reason}")


async def _release(tools: Tools, config: Path | None, retry: tuple[str, ...]) -> None:
    from storage import parked as aside

    ids = None if retry == ("all",) else [int(number) for number in retry]
    async with tools.transaction(config) as conn:
        count = await aside.release(conn, ids, clock.real())
    click.echo(f"已放回 {count} 条，服务运行时会自动发送")
