"""`bqw notice` and `bqw units`: bring a notice or a 分工表 in, take the 分工表 out, show a point.

Everything is read and checked before the database is touched, and one transaction holds the whole import:
either all of it is there afterwards or nothing is. `--dry-run` writes nothing and creates nothing.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

import click

from bot import clock
from bot.cli_files import (
    book_in_force,
    by_option,
    config_option,
    dry_run_option,
    file_argument,
    login,
    refuse,
    sheet_in,
    write_out,
)

if TYPE_CHECKING:
    from bot.cli import Tools
    from knowledge.assignments import Assignment
    from knowledge.book import Book
    from knowledge.notice import Notice, WorkPoint
    from storage.engine import Connection

_whole = click.option("--replace", "whole", is_flag=True, help="整表替换：先清掉以前导入的分工")


@click.group()
def notice() -> None:
    """通知：导入、查看。"""


@click.group()
def units() -> None:
    """责任分工：导出、导入分工表。"""


@notice.command("import")
@file_argument
@config_option
@dry_run_option
@click.option("--json", "as_json", is_flag=True, help="与 --dry-run 一起用：把读到的内容按 JSON 打印出来")
@click.option("--use", is_flag=True, help="导入后就按这份通知回答")
@by_option
@click.pass_obj
def import_notice(
    tools: Tools, file: Path, config: Path | None, dry_run: bool, as_json: bool, use: bool, by: str
) -> None:
    """导入通知（.txt、.docx）或分工表（.xlsx）。"""
    if file.suffix.lower() == ".xlsx":
        asyncio.run(_import_units(tools, file, config, dry_run=dry_run, whole=False, by=by))
        return
    found = _read_notice(file)
    if as_json:
        click.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=1))
    else:
        click.echo(_summary(found))
    undated = f"{found.doc_number} 没有成文日期，请在落款处补上单独一行的日期（如“2024年5月6日”）再导入"
    if dry_run:
        if not found.issued_on:
            click.echo(undated, err=True)
        return
    if not found.issued_on:
        refuse([undated])
    stored = asyncio.run(_store_notice(tools, config, found, file.name, use=use, by=by))
    click.echo(stored, err=as_json)


@notice.command("show")
@click.argument("number", type=int)
@config_option
@click.pass_obj
def show_point(tools: Tools, number: int, config: Path | None) -> None:
    """看一个要点：原文、分工、指标。"""

    book = asyncio.run(book_in_force(tools, config))
    point = book.notice.point(number)
    if point is None:
        last = book.notice.points[-1].number
        refuse([f"{book.notice.doc_number} 没有第{number}点，编号是1到{last}"])
    click.echo("\n".join(_page(book, point)))


@units.command("export")
@file_argument
@config_option
@click.pass_obj
def export_units(tools: Tools, file: Path, config: Path | None) -> None:
    """把现在的分工写成分工表.xlsx。"""
    if file.suffix.lower() != ".xlsx":
        refuse([f"“{file.name}”应以 .xlsx 结尾"])

    from knowledge import sheets

    book = asyncio.run(book_in_force(tools, config))
    write_out(file, sheets.write(book.assignments, book.notice))
    confirmed = sum(row.confirmed for row in book.assignments)
    total = len(book.assignments.rows)
    click.echo(f"已写出 {file}：{total} 行，其中已确认 {confirmed} 行、建议 {total - confirmed} 行")


@units.command("import")
@file_argument
@config_option
@dry_run_option
@_whole
@by_option
@click.pass_obj
def import_units(tools: Tools, file: Path, config: Path | None, dry_run: bool, whole: bool, by: str) -> None:
    """导入分工表.xlsx；有一行不对就全部不导入。"""
    asyncio.run(_import_units(tools, file, config, dry_run=dry_run, whole=whole, by=by))


# --- reading and storing --------------------------------------------------------------------------


def _read_notice(file: Path) -> Notice:
    from knowledge.files import read_lines
    from knowledge.notice import NoticeError, parse

    try:
        return parse("\n".join(read_lines(file)))
    except NoticeError as error:
        refuse([str(problem) for problem in error.problems])


async def _store_notice(
    tools: Tools, config: Path | None, found: Notice, source: str, *, use: bool, by: str
) -> str:
    from knowledge.book import shipped
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
        imported_by=by or login(),
        active=use,
    )
    async with tools.transaction(config) as conn:
        changed = await notices.add(conn, row)
        active = await notices.active(conn)
    if not changed:
        return f"{found.doc_number} 此前已经导入，内容相同，没有改动"
    if active and active.doc_number == found.doc_number:
        return f"已导入 {found.doc_number}，从现在起按它回答"
    if not active and found.text == shipped().notice.text:
        return f"已导入 {found.doc_number}，与随程序的通知相同，一直按它回答"
    return f"已导入 {found.doc_number}，与现有通知并存；要按它回答，请加 --use 再导入一次"


async def _import_units(
    tools: Tools, file: Path, config: Path | None, *, dry_run: bool, whole: bool, by: str
) -> None:
    from knowledge import sheets

    data = sheet_in(file, "分工表")
    book = await book_in_force(tools, config)
    try:
        rows = sheets.read(data, book.notice, book.directory, source=file.name)
    except sheets.SheetError as error:
        refuse(error.problems)
    news = _news(rows, book.assignments)
    if not dry_run:
        async with tools.transaction(config) as conn:
            await _store_units(conn, book.notice.doc_number, rows if whole else news, whole, by or login())
    counted = f"共 {len(rows)} 行，已确认 {sum(row.confirmed for row in rows)} 行，有变化的 {len(news)} 行"
    click.echo(f"检查通过，没有写入：{counted}" if dry_run else f"已导入 {file.name}：{counted}")


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


# --- printing -------------------------------------------------------------------------------------


def _as_json(found: Notice) -> dict[str, Any]:
    return {
        "title": found.title,
        "doc_number": found.doc_number,
        "issuer": found.issuer,
        "issued_on": found.issued_on.isoformat() if found.issued_on else None,
        "year": found.year,
        "sections": [
            {"number": s.number, "title": s.title, "points": list(s.points)} for s in found.sections
        ],
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
    when = f"，{_day(found.issued_on)}" if found.issued_on else ""
    return "\n".join(
        [
            found.title,
            f"{found.doc_number}{when}，{found.issuer}",
            f"{len(found.sections)} 个部分，{len(found.points)} 个要点，{found.year} 年",
        ]
    )


def _page(book: Book, point: WorkPoint) -> list[str]:
    section = book.notice.section(point.section)
    where = f" · 第{section.number}部分 {section.title}" if section else ""
    lines = [f"第{point.number}点 {point.title}", f"{book.notice.doc_number}{where}", "", "原文"]
    for clause in point.clauses:
        lines += _wrapped(f"{clause.index + 1}. {clause.text}", indent=2)
    if rows := _responsibilities(book, point.number):
        lines += ["", "分工", *rows]
    if targets := book.targets_of(point.number):
        lines += ["", "指标"]
        for target in targets:
            lines += _wrapped(f"· {target.what}（{target.scope}）：“{target.quote}”", indent=2)
    return lines


def _responsibilities(book: Book, number: int) -> list[str]:
    lines: list[str] = []
    if own := book.assignments.of_point(number):
        lines += _wrapped(f"整个要点：{_responsible(own)}", indent=2)
    for row in book.assignments.clauses(number):
        lines += _wrapped(f"· {row.clause}" + (f"——{row.part}" if row.part else ""), indent=2)
        lines += _wrapped(_responsible(row), indent=4)
    return lines


def _responsible(row: Assignment) -> str:
    leads = "、".join((row.lead, *row.co_leads))
    joined = f"，{'、'.join(row.participants)}配合" if row.participants else ""
    if not row.confirmed:
        return f"建议由{leads}牵头{joined}（待市百千万办确认）"
    when = f"，{_day(row.confirmed_on)}" if row.confirmed_on else ""
    return f"{leads}牵头{joined}（已确认：{row.confirmed_by}{when}）"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _wrapped(text: str, *, indent: int, width: int = 78) -> list[str]:
    """Lines that fit a terminal, where a Chinese character takes two columns."""
    lines = [" " * indent]
    columns = indent
    for word in _WORD.findall(text.replace("\n", "")):
        wide = sum(2 if east_asian_width(char) in "WFA" else 1 for char in word)
        if columns + wide > width:
            lines.append(" " * (indent + 2))
            columns = indent + 2
        lines[-1] += word
        columns += wide
    return lines


# Figures stay whole; opening marks stay with what follows, closing ones with what goes before.
_WORD = re.compile(r"[“《（(]*(?:[A-Za-z0-9.%+-]+|.)[、。，；：？）,;:?)”》]*")
