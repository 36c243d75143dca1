"""What the commands that read and write files share: their options, the file itself, and how they refuse.

`bot/cli_knowledge.py`, `bot/cli_people.py` and `bot/cli_export.py` use it; it decides nothing.
"""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from bot.cli import Tools
    from knowledge.book import Book
    from storage.engine import Connection

config_option = click.option("--config", type=click.Path(path_type=Path), help="配置文件；不给时只读环境变量")
file_argument = click.argument("file", type=click.Path(path_type=Path))
dry_run_option = click.option("--dry-run", is_flag=True, help="只检查，不写入")
by_option = click.option("--by", default="", help="导入人；不给时记登录名")


def sheet_in(file: Path, kind: str) -> bytes:
    """The bytes of a workbook, or the reason why not and exit code 1."""
    from knowledge.files import read_bytes
    from knowledge.notice import NoticeError

    if file.suffix.lower() != ".xlsx":
        refuse([f"“{file.name}”不是 .xlsx 文件，{kind}请用 .xlsx"])
    try:
        return read_bytes(file)
    except NoticeError as error:
        refuse([str(problem) for problem in error.problems])


def write_out(file: Path, data: bytes) -> None:
    """Writes the file, or says why it cannot and exits with code 1."""
    try:
        file.write_bytes(data)
    except OSError as error:
        refuse([f"写不了“{file}”：{_why_unwritten(error)}"])


@asynccontextmanager
async def existing(tools: Tools, config: Path | None) -> AsyncIterator[Connection | None]:
    """A transaction, or None where there is no database yet: looking must not create one."""
    if not await asyncio.to_thread(_may_exist, tools.settings(config).database.url):
        yield None
        return
    async with tools.transaction(config) as conn:
        yield conn


async def book_in_force(tools: Tools, config: Path | None) -> Book:
    """What the office works by: the shipped notice, and what was imported over it."""
    async with existing(tools, config) as conn:
        return await book_of(conn)


async def book_of(conn: Connection | None) -> Book:
    """`book_in_force`, inside a transaction that is open already."""
    from knowledge.book import shipped

    if conn is None:
        return shipped()
    from bot.library import in_force

    return await in_force(conn)


def _may_exist(url: str) -> bool:
    return not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).exists()


def login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container user without a name
        return "命令行"


def refuse(problems: Sequence[str]) -> NoReturn:
    for problem in problems:
        click.echo(problem, err=True)
    if len(problems) > 1:
        click.echo(f"共 {len(problems)} 处问题，这次什么也没有导入；都改好后请再导入一次", err=True)
    raise SystemExit(1)


def _why_unwritten(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "没有这个文件夹"
    if isinstance(error, PermissionError):
        return "没有写入权限，或者文件正在 Excel、WPS 里打开着"
    return error.strerror or "写入失败"
