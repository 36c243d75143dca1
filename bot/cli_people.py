"""`bqw people`: bring the 人员表 in, take it out, see who is bound.

The sheet is read and checked before the database is touched, and one transaction holds the whole import.
`--dry-run` says what would change and writes nothing.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot import clock
from bot.cli_files import (
    book_in_force,
    book_of,
    by_option,
    config_option,
    dry_run_option,
    existing,
    file_argument,
    login,
    refuse,
    sheet_in,
    write_out,
)

if TYPE_CHECKING:
    from bot.cli import Tools
    from knowledge.book import Book
    from storage.people import Bound, Change
    from storage.person import Person, PersonRow


@click.group()
def people() -> None:
    """人员：导入、查看、导出联络员、领导和管理员。"""


@people.command("import")
@file_argument
@config_option
@dry_run_option
@by_option
@click.pass_obj
def import_people(tools: Tools, file: Path, config: Path | None, dry_run: bool, by: str) -> None:
    """导入人员表.xlsx；有一格不对就全部不导入。"""
    rows = asyncio.run(_read(tools, config, file))
    done = asyncio.run(_compare(tools, config, rows) if dry_run else _bind(tools, config, rows, by))
    counted = _counted(done)
    click.echo(f"检查通过，没有写入：{counted}" if dry_run else f"已导入 {file.name}：{counted}")
    for change in done.replaced:
        click.echo(_replacement(change))


@people.command("list")
@config_option
@click.pass_obj
def list_people(tools: Tools, config: Path | None) -> None:
    """看现在登记的人员，以及还没有联络员的牵头单位。"""
    from supervision.liaisons import units_without

    everybody, book = asyncio.run(_everybody(tools, config))
    for person in sorted(everybody, key=lambda p: (book.directory.order_of(p.unit), p.unit, p.id)):
        click.echo(_line(person))
    click.echo(f"共 {len(everybody)} 条")
    if missing := units_without(everybody, book):
        click.echo(f"还没有联络员的牵头单位 {len(missing)} 个：{'、'.join(missing)}")


@people.command("export")
@file_argument
@config_option
@click.pass_obj
def export_people(tools: Tools, file: Path, config: Path | None) -> None:
    """把现在的人员写成人员表.xlsx；还没有人员时，是一张可以填写的空表。"""
    if file.suffix.lower() != ".xlsx":
        refuse([f"“{file.name}”应以 .xlsx 结尾"])
    from knowledge import roster

    everybody, book = asyncio.run(_everybody(tools, config, taken_out_as=file.name))
    write_out(file, roster.write((person.row for person in everybody), book.directory))
    click.echo(f"已写出 {file}：{len(everybody)} 条")


# --- reading and storing --------------------------------------------------------------------------


async def _read(tools: Tools, config: Path | None, file: Path) -> tuple[PersonRow, ...]:
    from knowledge import roster

    data = sheet_in(file, "人员表")
    book = await book_in_force(tools, config)
    try:
        return roster.read(data, book.directory)
    except roster.SheetError as error:
        refuse(error.problems)


async def _compare(tools: Tools, config: Path | None, rows: tuple[PersonRow, ...]) -> Bound:
    from storage import people as bindings

    async with existing(tools, config) as conn:
        if conn is None:
            return bindings.Bound(tuple(bindings.Change(row) for row in rows), ())
        return await bindings.compare(conn, rows)


async def _bind(tools: Tools, config: Path | None, rows: tuple[PersonRow, ...], by: str) -> Bound:
    from bot.library import in_force
    from storage import people as bindings
    from supervision import asking, pausing

    settings = tools.settings(config)
    async with tools.transaction(config) as conn:
        now = clock.real()
        bound = await bindings.bind(conn, rows, by=by or login(), now=now)
        units = [change.begun.unit for change in bound.changes if change.begun.role == "liaison"]
        workdays = await pausing.workdays(conn, settings.working_hours)
        book = await in_force(conn)
        await asking.succeeded(conn, book, units, now=now, workdays=workdays, rules=settings.rules)
        return bound


async def _everybody(
    tools: Tools, config: Path | None, *, taken_out_as: str = ""
) -> tuple[tuple[Person, ...], Book]:
    """Everybody and what they are responsible for; telephone numbers that leave are noted."""
    from storage import audit
    from storage import people as bindings

    async with existing(tools, config) as conn:
        everybody = await bindings.everybody(conn) if conn else ()
        if conn and taken_out_as:
            detail = {"rows": len(everybody)}
            await audit.note(conn, audit.Entry(clock.real(), login(), "export", taken_out_as, detail))
        return everybody, await book_of(conn)


# --- printing -------------------------------------------------------------------------------------


def _counted(done: Bound) -> str:
    parts = {"新增": done.new, "换人": done.replaced, "资料有变化": done.updated, "没有变化": done.unchanged}
    total = sum(map(len, parts.values()))
    return f"共 {total} 条，" + "，".join(f"{what} {len(rows)} 条" for what, rows in parts.items())


def _replacement(change: Change) -> str:
    before = f"{change.ended.name}（{change.ended.userid}）" if change.ended else ""
    return f"{change.begun.title}：{before} 换成 {change.begun.name}（{change.begun.userid}）"


def _line(person: Person) -> str:
    since = person.bound_at.astimezone(clock.SHANGHAI) if person.bound_at else None
    parts = [f"{person.title}  {person.name}（{person.userid}）", person.post, _masked(person.mobile)]
    return "  ".join(filter(None, [*parts, f"{since:%Y-%m-%d} 起" if since else ""]))


def _masked(mobile: str) -> str:
    """138****8000: enough to recognise, too little to call."""
    return f"{mobile[:3]}****{mobile[-4:]}" if len(mobile) >= 11 else "*" * len(mobile)
