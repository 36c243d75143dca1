"""`bqw round`: opens a round of reporting, shows how it stands, ends it; the office can do the same in chat.

The running bot sends what is written here; nothing is sent by the command itself.
"""

from __future__ import annotations

import asyncio
import getpass
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from bot import clock

if TYPE_CHECKING:
    from bot.cli import Tools
    from knowledge.book import Book
    from storage.engine import Connection
    from storage.rounds import Round
    from supervision.rounds import Kind

_config = click.option("--config", type=click.Path(path_type=Path), help="配置文件；不给时只读环境变量")
_now = click.option("--now", help="把现在当作这个时刻，例如 2024-07-15T09:00")
_by = click.option("--by", default="", help="操作人；不给时记登录名")


@click.group("round")
def round_() -> None:
    """报送轮次：开、看、收口。"""


@round_.command("open")
@click.option("--kind", type=click.Choice(["monthly", "quarterly", "weekly", "once"]), default="monthly",
              show_default=True, help="月报、季报、重点周报、专项")  # fmt: skip
@click.option("--points", default="", help="只问这些要点，例如 17,19,21-23；不给时按类别全问")
@click.option("--units", default="", help="只问这些单位，用顿号或逗号隔开")
@click.option("--release", "released", default="", help="这些要点的责任单位只是建议，也放行催报，例如 17,21")
@click.option("--due", help="截止时间，例如 2024-07-25T17:30；不给时按默认节奏")
@click.option("--name", default="", help="轮次名称；不给时按类别和月份取名")
@_now
@_by
@_config
@click.pass_obj
def open_(
    tools: Tools,
    config: Path | None,
    kind: Kind,
    points: str,
    units: str,
    released: str,
    due: str | None,
    name: str,
    now: str | None,
    by: str,
) -> None:
    """开一轮报送，给每位联络员排好一条合并的催报。"""
    at = _moment(now, "--now") or clock.real()
    chosen = _Chosen(kind, _points(points), units, _points(released), _moment(due, "--due"), name)
    asyncio.run(_open(tools, config, at, by or getpass.getuser(), chosen))


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The round as it was asked for."""

    kind: Kind
    points: frozenset[int]
    units: str
    released: frozenset[int]
    due: datetime | None
    name: str


async def _open(tools: Tools, config: Path | None, now: datetime, by: str, chosen: _Chosen) -> None:
    from bot.library import in_force
    from handlers.rounds import opened_words
    from supervision import opening, pausing
    from supervision.rounds import Choice

    async with tools.transaction(config) as conn:
        settings = tools.settings(config)
        workdays = await pausing.workdays(conn, settings.working_hours)
        book = await in_force(conn)
        units = frozenset(_unit(name, book) for name in re.split(r"[、,，]", chosen.units) if name.strip())
        try:
            opened = await opening.open_round(
                conn,
                book,
                Choice(chosen.kind, chosen.points or None, units or None, chosen.released),
                by=by,
                now=now,
                due_at=chosen.due or opening.usual_due(chosen.kind, now, workdays),
                workdays=workdays,
                rules=settings.rules,
                name=chosen.name,
            )
        except opening.RoundError as error:
            _refuse(str(error))
    click.echo(opened_words(opened, book))


@round_.command("status")
@click.option("--name", default="", help="轮次名称；不给时看全部开着的")
@_now
@_config
@click.pass_obj
def status(tools: Tools, config: Path | None, now: str | None, name: str) -> None:
    """看报了多少、哪些没报。"""
    asyncio.run(_status(tools, config, _moment(now, "--now") or clock.real(), name))


async def _status(tools: Tools, config: Path | None, now: datetime, name: str) -> None:
    from handlers.rounds import status_words
    from storage import rounds

    async with tools.transaction(config) as conn:
        found = await _found(conn, name)
        told = [status_words(one, await rounds.of_round(conn, one.id), now) for one in found]
    click.echo("\n\n".join(told) if told else "没有开着的轮次")


@round_.command("close")
@click.argument("name", default="")
@_now
@_by
@_config
@click.pass_obj
def close(tools: Tools, config: Path | None, name: str, now: str | None, by: str) -> None:
    """收口一轮，之后的回复按迟报记录；开着的只有一轮时可以不写名称。"""
    asyncio.run(_close(tools, config, name, _moment(now, "--now") or clock.real(), by or getpass.getuser()))


async def _close(tools: Tools, config: Path | None, name: str, now: datetime, by: str) -> None:
    from bot.library import in_force
    from handlers.rounds import tally
    from storage import rounds
    from supervision import asking

    async with tools.transaction(config) as conn:
        found = await _found(conn, name)
        if len(found) != 1:
            _refuse(_which(name, found or await _found(conn, "")))
        await rounds.close(conn, found[0], by=by, now=now)
        prompts = await rounds.of_round(conn, found[0].id)
        await asking.answered(conn, await in_force(conn), {one.bundle for one in prompts}, now=now)
    click.echo(f"“{found[0].name}”已收口。{tally(prompts)}")


def _which(name: str, still: Sequence[Round]) -> str:
    """Why nothing was closed: no round is open, or which of the open ones was meant is not clear."""
    told = f"没有开着的轮次“{name}”" if name else "没有开着的轮次" if not still else "请写明收口哪一轮"
    return told + (f"；开着的有：{'、'.join(one.name for one in still)}" if still else "")


async def _found(conn: Connection, name: str) -> Sequence[Round]:
    """The open rounds, or the open one of that name."""
    from bot.library import in_force
    from storage import rounds

    book = await in_force(conn)
    latest = await rounds.latest(conn, book.notice.doc_number)
    return [one for one in latest if one.closed_at is None and name in ("", one.name)]


def _points(words: str) -> frozenset[int]:
    found: set[int] = set()
    for part in filter(None, re.split(r"[、,，\s]+", words)):
        span = re.fullmatch(r"(\d{1,4})(?:[-~到](\d{1,4}))?", part)
        if span is None:
            raise click.BadParameter(f"“{part}”不是要点号", param_hint="--points/--release")
        found |= set(range(int(span[1]), int(span[2] or span[1]) + 1))
    return frozenset(found)


def _unit(name: str, book: Book) -> str:
    found = book.directory.unit(name.strip())
    if found is None:
        raise click.BadParameter(f"单位名录里没有“{name.strip()}”", param_hint="--units")
    return str(found.short)


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
