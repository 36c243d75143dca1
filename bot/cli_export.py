"""`bqw export FILE`: a 台账 as a workbook, or the progress as a document, by the name of the file.

Firms' problems are a 台账 of their own. What is taken out is noted with who took it.
"""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot import clock
from bot.cli import moment
from bot.cli_files import book_of, config_option, existing, file_argument, login, refuse, write_out

if TYPE_CHECKING:
    from bot.cli import Tools
    from knowledge.book import Book
    from knowledge.ledger import LedgerRow
    from storage.cases import Case


@click.command()
@file_argument
@config_option
@click.option("--now", help="把现在当作这个时刻，例如 2024-07-15T09:00")
@click.pass_obj
def export(tools: Tools, file: Path, config: Path | None, now: str | None) -> None:
    """导出台账.xlsx、诉求台账.xlsx 或 进展.docx（文件名带“通报”的，写成通报初稿）。"""
    kind = file.suffix.lower()
    if kind not in (".xlsx", ".docx"):
        refuse([f"“{file.name}”应以 .xlsx（台账）或 .docx（进展）结尾"])
    at = moment(now) or clock.real()
    if kind == ".xlsx" and ("诉求" in file.stem or "政企" in file.stem):
        many, data = asyncio.run(_problems(tools, config, file.name, at))
        write_out(file, data)
        click.echo(f"已写出 {file}：{many} 件诉求")
        return
    rows, book, told_cases = asyncio.run(_rows(tools, config, file.name, at))
    on = at.astimezone(clock.SHANGHAI).date()
    if kind == ".xlsx":
        write_out(file, _ledger(rows, book, on))
    else:
        write_out(file, _document(rows, book, told_cases if "通报" in file.stem else None, on))
    told = len({row.point for row in rows if row.source})
    click.echo(f"已写出 {file}：{len(book.notice.points)} 个要点，{len(rows)} 项，其中 {told} 个要点有报送")


async def _rows(
    tools: Tools, config: Path | None, name: str, now: datetime
) -> tuple[list[LedgerRow], Book, list[Case]]:
    from storage import audit, cases
    from supervision import ledger, pausing

    async with existing(tools, config) as conn:
        if conn is None:
            refuse(["还没有数据库，没有可导出的进展；请先启动服务或导入人员表"])
        book = await book_of(conn)
        settings = tools.settings(config)
        workdays = await pausing.workdays(conn, settings.working_hours)
        rows = await ledger.rows(conn, book, now, workdays=workdays, rules=settings.rules)
        await audit.note(conn, audit.Entry(now, login(), "export", name, {"rows": len(rows)}))
        doc_number = book.notice.doc_number
        told = [one for kind in (cases.CASE, cases.REFORM) for one in await cases.all(conn, doc_number, kind)]
        return rows, book, told


async def _problems(tools: Tools, config: Path | None, name: str, now: datetime) -> tuple[int, bytes]:
    """Every problem of the notice's year, and its figures."""
    from knowledge.problem_sheet import write
    from storage import audit, problems
    from supervision import problem_figures, problem_rows
    from supervision.pausing import workdays
    from supervision.worktime import Worktime

    async with existing(tools, config) as conn:
        if conn is None:
            refuse(["还没有数据库，没有可导出的诉求；请先启动服务"])
        book = await book_of(conn)
        year = book.notice.year
        found = await problems.of_year(conn, year)
        at = Worktime(await workdays(conn, tools.settings(config).working_hours))
        since = datetime(year, 1, 1, tzinfo=clock.SHANGHAI)
        until = min(since.replace(year=year + 1), now)
        told = problem_figures.figures(found, since, until, now, at)
        here = now.astimezone(clock.SHANGHAI)
        lines = problem_figures.words(told, f"{year}年", here, book.directory.order_of).split("\n")
        await audit.note(conn, audit.Entry(now, login(), "export", name, {"rows": len(found)}))
    return len(found), write(problem_rows.rows(found, now), lines)


def _ledger(rows: list[LedgerRow], book: Book, on: date) -> bytes:
    from knowledge.ledger import write
    from supervision.progress import OFFICE, campaign

    return write(rows, title=f"{campaign(book)}工作要点台账", as_of=on, office=OFFICE)


def _document(rows: list[LedgerRow], book: Book, told_cases: list[Case] | None, on: date) -> bytes:
    """A 进展, or with the cases to name a 通报's draft."""
    from knowledge.circular import write
    from supervision import ledger
    from supervision.circular import draft
    from supervision.progress import compose

    shown = ledger.outside(rows)  # the 台账 shows the office's drafts, this text does not
    if told_cases is None:
        return write(compose(shown, book, on))
    return write(draft(shown, book, on, told_cases, note="初稿，未经审定"))
