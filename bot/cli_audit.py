"""`bqw audit`: who did what, on the screen or as a workbook for an inspection.

Taking it out is itself an act that is noted. Rows are only read; no command changes one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot import clock
from bot.cli_files import config_option, existing, login, refuse, write_out

if TYPE_CHECKING:
    from bot.cli import Tools
    from storage.audit import Entry

_SHOWN = 20
_MOST = 50_000
_WORDS = {
    "bind": "登记人员", "unbind": "停用人员", "calendar": "改工作日",
    "case": "报案例", "case-withdraw": "撤回案例", "reform": "报改革", "reform-withdraw": "撤回改革",
    "close-point": "销号", "reopen-point": "取消销号", "collection-set": "设定期收集",
    "collection-end": "停定期收集", "correction": "更正", "draft-change": "改草稿", "draft-drop": "不发草稿",
    "draft-hold": "暂缓草稿", "draft-release": "放行草稿", "drop": "不再发送", "export": "导出",
    "extension": "申请延期", "extension-decide": "核定延期", "forget": "取消所教", "group-bind": "绑定群",
    "group-key": "设群机器人", "group-off": "停用群", "group-unbind": "解绑群", "group-weekly": "设群周报",
    "ignore": "忽略问题", "lookback": "回头看", "object": "责任异议", "object-decide": "核定异议",
    "pause": "暂停催办", "release-red": "放行红灯", "remind": "提醒", "report": "报送", "resend": "重发",
    "restored": "恢复前报", "resume": "恢复催办", "return": "退回补充", "round-close": "收口轮次",
    "round-open": "开轮次", "round-release": "放行要点", "subscribe": "改专报订阅", "teach": "教",
    "trimmed": "去掉一项", "withdrawn": "撤回报送",
}  # fmt: skip


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@config_option
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="从哪一天起，例如 2024-07-01；默认不限")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="到哪一天为止（含当天）；默认不限")
@click.pass_obj
def audit(
    tools: Tools, file: Path | None, config: Path | None, since: datetime | None, until: datetime | None
) -> None:
    """审计记录：谁在什么时候做了什么；给出 .xlsx 文件名就导出，供巡察、测评查阅。"""
    if file is not None and file.suffix.lower() != ".xlsx":
        refuse([f"“{file.name}”应以 .xlsx 结尾"])
    span = (_day(since), _day(until, after=timedelta(days=1)))
    entries, names = asyncio.run(_read(tools, config, span, file))
    if file is None:
        for entry in entries:
            click.echo("  ".join(_line(entry, names)[:4]))
        return
    write_out(file, _sheet([_line(entry, names) for entry in entries]))
    click.echo(f"已写出 {file}：{len(entries)} 条审计记录")


def _day(given: datetime | None, after: timedelta = timedelta(0)) -> datetime | None:
    if given is None:
        return None
    return datetime.combine(given.date(), time(), clock.SHANGHAI) + after


async def _read(
    tools: Tools, config: Path | None, span: tuple[datetime | None, datetime | None], file: Path | None
) -> tuple[list[Entry], dict[str, str]]:
    """Oldest first, with the names of those who are known; what leaves is noted in the same transaction."""
    from storage import audit as records
    from storage import people

    async with existing(tools, config) as conn:
        if conn is None:
            refuse(["还没有数据库，没有审计记录"])
        entries = await records.between(conn, *span, limit=_SHOWN if file is None else _MOST + 1)
        if len(entries) > _MOST:
            refuse([f"超过 {_MOST} 条，请用 --since、--until 分段导出"])
        if file is not None:
            detail = {"rows": len(entries)}
            await records.note(conn, records.Entry(clock.real(), login(), "export", file.name, detail))
        names = {person.userid.lower(): person.name for person in await people.everybody(conn)}
        return entries, names


def _line(entry: Entry, names: Mapping[str, str]) -> list[str]:
    name = names.get(entry.person.lower(), "")
    return [
        f"{entry.at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}",
        f"{name}（{entry.person}）" if name else entry.person,
        _WORDS.get(entry.action, entry.action),
        entry.subject,
        json.dumps(entry.detail, ensure_ascii=False) if entry.detail else "",
    ]


def _sheet(lines: list[list[str]]) -> bytes:
    from knowledge.workbook import Column, Layout, saved, table

    layout = Layout(
        "审计记录",
        (
            Column("at", "时间", 20),
            Column("person", "谁", 24),
            Column("action", "做了什么", 16),
            Column("subject", "对象", 40),
            Column("detail", "明细", 60),
        ),
        (),
    )
    return saved(table(layout, lines))
