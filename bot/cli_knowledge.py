"""`bqw notice` and `bqw units`: bring a notice or a 分工表 in, take the 分工表 out, show a point.

Everything is read and checked before the database is touched, and one transaction holds the whole import:
either all of it is there afterwards or nothing is. `--dry-run` never opens the database.
"""

from __future__ import annotations

import asyncio
import getpass
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from bot import clock

if TYPE_CHECKING:
    from bot.cli import Tools
    from knowledge.assignments import Assignment
    from knowledge.book import Book
    from knowledge.notice import Notice, WorkPoint
    from storage.engine import Connection

_config = click.option("--config", type=click.Path(path_type=Path), help="配置文件;不给时只读环境变量")
_file = click.argument("file", type=click.Path(path_type=Path))
_dry_run = click.option("--dry-run", is_flag=True, help="只检查,不写入")
_by = click.option("--by", default="", help="导入人;不给时记登录名")
_whole = click.option("--replace", "whole", is_flag=True, help="整表替换:先清掉以前导入的分工")


@click.group()
def notice() -> None:
    """通知:导入、查看。"""


@click.group()
def units() -> None:
    """责任分工:导出、导入分工表。"""


@notice.command("import")
@_file
@_config
@_dry_run
@click.option("--json", "as_json", is_flag=True, help="与 --dry-run 一起用:把读到的内容按 JSON 打印出来")
@click.option("--use", is_flag=True, help="导入后就按这份通知回答")
@_by
@click.pass_obj
def import_notice(
    tools: Tools, file: Path, config: Path | None, dry_run: bool, as_json: bool, use: bool, by: str
) -> None:
    """导入通知(.txt、.docx)或分工表(.xlsx)。"""
    if file.suffix.lower() == ".xlsx":
        asyncio.run(_import_units(tools, file, config, dry_run=dry_run, whole=False, by=by))
        return
    found = _read_notice(file)
    if as_json:
        click.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=1))
    else:
        click.echo(_summary(found))
    if dry_run:
        return
    stored = asyncio.run(_store_notice(tools, config, found, file.name, use=use, by=by))
    click.echo(stored, err=as_json)


@notice.command("show")
@click.argument("number", type=int)
@_config
@click.pass_obj
def show_point(tools: Tools, number: int, config: Path | None) -> None:
    """看一个要点:原文、分工、指标。"""

    async def run() -> Book:
        from bot.library import in_force

        async with tools.transaction(config) as conn:
            return await in_force(conn)

    book = asyncio.run(run())
    point = book.notice.point(number)
    if point is None:
        last = book.notice.points[-1].number
        _refuse([f"{book.notice.doc_number} 没有第{number}点,编号是1到{last}"])
    click.echo("\n".join(_page(book, point)))


@units.command("export")
@_file
@_config
@click.pass_obj
def export_units(tools: Tools, file: Path, config: Path | None) -> None:
    """把现在的分工写成分工表.xlsx。"""
    if file.suffix.lower() != ".xlsx":
        _refuse([f"“{file.name}”应以 .xlsx 结尾"])

    async def run() -> Book:
        from bot.library import in_force

        async with tools.transaction(config) as conn:
            return await in_force(conn)

    from knowledge import sheets

    book = asyncio.run(run())
    try:
        file.write_bytes(sheets.write(book.assignments, book.notice))
    except OSError as error:
        _refuse([f"写不了“{file}”:{error.strerror}"])
    confirmed = sum(row.confirmed for row in book.assignments)
    total = len(book.assignments.rows)
    click.echo(f"已写出 {file}:{total} 行,其中已确认 {confirmed} 行、建议 {total - confirmed} 行")


@units.command("import")
@_file
@_config
@_dry_run
@_whole
@_by
@click.pass_obj
def import_units(
    tools: Tools, file: Path, config: Path | None, dry_run: bool, whole: bool, by: str
) -> None:
    """导入分工表.xlsx;有一行不对就全部不导入。"""
    asyncio.run(_import_units(tools, file, config, dry_run=dry_run, whole=whole, by=by))


# --- reading and storing --------------------------------------------------------------------------


def _read_notice(file: Path) -> Notice:
    from knowledge.files import read_lines
    from knowledge.notice import NoticeError, parse

    try:
        return parse("\n".join(read_lines(file)))
    except NoticeError as error:
        _refuse([str(problem) for problem in error.problems])


async def _store_notice(
    tools: Tools, config: Path | None, found: Notice, source: str, *, use: bool, by: str
) -> str:
    from storage import notices

    row = notices.StoredNotice(
        doc_number=found.doc_number,
        title=found.title,
        issuer=found.issuer,
        issued_on=found.issued_on,
        year=found.year,
        text=found.text,
        source_name=source,
        imported_at=clock.real(),
        imported_by=by or _login(),
        active=use,
    )
    async with tools.transaction(config) as conn:
        changed = await notices.add(conn, row)
        active = await notices.active(conn)
    if not changed:
        return f"{found.doc_number} 早已导入,内容相同,没有改动"
    if active and active.doc_number == found.doc_number:
        return f"已导入 {found.doc_number},从现在起按它回答"
    return f"已导入 {found.doc_number},与现有通知并存;要按它回答,请加 --use 再导入一次"


async def _import_units(
    tools: Tools, file: Path, config: Path | None, *, dry_run: bool, whole: bool, by: str
) -> None:
    from bot.library import in_force
    from knowledge import sheets
    from knowledge.files import read_bytes
    from knowledge.notice import NoticeError

    if file.suffix.lower() != ".xlsx":
        _refuse([f"“{file.name}”不是 .xlsx 文件,分工表请用 .xlsx"])
    try:
        data = read_bytes(file)
    except NoticeError as error:
        _refuse([str(problem) for problem in error.problems])
    async with tools.transaction(config) as conn:
        book = await in_force(conn)
        try:
            rows = sheets.read(data, book.notice, book.directory, source=file.name)
        except sheets.SheetError as error:
            _refuse(error.problems)
        news = _news(rows, book.assignments)
        if not dry_run:
            await _store_units(conn, book.notice.doc_number, rows if whole else news, whole, by or _login())
    confirmed = sum(row.confirmed for row in rows)
    counted = f"共 {len(rows)} 行,其中已确认 {confirmed} 行、建议 {len(rows) - confirmed} 行;有变化的 {len(news)} 行"
    click.echo(f"检查通过,没有写入:{counted}" if dry_run else f"已导入 {file.name}:{counted}")


def _news(rows: Iterable[Assignment], known: Iterable[Assignment]) -> list[Assignment]:
    """Rows that say something new; the rest keep the source they already have."""
    from dataclasses import replace

    said = {replace(row, source="") for row in known}
    return [row for row in rows if replace(row, source="") not in said]


async def _store_units(
    conn: Connection, doc_number: str, rows: Iterable[Assignment], whole: bool, by: str
) -> None:
    """New rows join those of earlier imports, so that a sheet of a few rows undoes nothing else."""
    from storage import assignments

    earlier = () if whole else await assignments.all(conn, doc_number)
    merged = {row.place: row for row in (*earlier, *rows)}
    await assignments.replace(conn, doc_number, merged.values(), now=clock.real(), by=by)


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container user without a name
        return "命令行"


def _refuse(problems: Iterable[str]) -> NoReturn:
    for problem in problems:
        click.echo(problem, err=True)
    raise SystemExit(1)


# --- printing -------------------------------------------------------------------------------------


def _as_json(found: Notice) -> dict[str, Any]:
    return {
        "title": found.title,
        "doc_number": found.doc_number,
        "issuer": found.issuer,
        "issued_on": found.issued_on.isoformat() if found.issued_on else None,
        "year": found.year,
        "sections": [{"number": s.number, "title": s.title, "points": list(s.points)} for s in found.sections],
        "points": [
            {
                "number": p.number,
                "section": p.section,
                "title": p.title,
                "text": p.text,
                "lead": p.lead,
                "units": list(p.units),
                "clauses": [c.text for c in p.clauses],
            }
            for p in found.points
        ],
    }


def _summary(found: Notice) -> str:
    when = f",{found.issued_on:%Y年%-m月%-d日}" if found.issued_on else ""
    return "\n".join(
        [
            found.title,
            f"{found.doc_number}{when},{found.issuer}",
            f"{len(found.sections)} 个部分,{len(found.points)} 个要点,{found.year} 年",
        ]
    )


def _page(book: Book, point: WorkPoint) -> list[str]:
    section = book.notice.section(point.section)
    lines = [
        f"第{point.number}点 {point.title}",
        f"{book.notice.doc_number}" + (f" · {_HAN_COMMA.join((str(section.number), section.title))}" if section else ""),
        "",
        "原文",
        *(f"  {line}" for clause in point.clauses for line in _wrapped(clause.text)),
    ]
    own = book.assignments.of_point(point.number)
    if own:
        lines += ["", "分工", f"  整个要点:{_responsible(own)}"]
    for row in book.assignments.clauses(point.number):
        words = f"{row.clause}({row.part})" if row.part else row.clause
        lines += [f"  · {words}", f"    {_responsible(row)}"]
    if targets := book.targets_of(point.number):
        lines += ["", "指标", *(f"  · {t.what}({t.scope}):“{t.quote}”" for t in targets)]
    return lines


def _responsible(row: Assignment) -> str:
    leads = "、".join((row.lead, *row.co_leads))
    joined = f",{'、'.join(row.participants)}配合" if row.participants else ""
    if not row.confirmed:
        return f"建议由{leads}牵头{joined}(待市百千万办确认)"
    when = f",{row.confirmed_on:%Y年%-m月%-d日}" if row.confirmed_on else ""
    return f"{leads}牵头{joined}({row.confirmed_by}确认{when})"
