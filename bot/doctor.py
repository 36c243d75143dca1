"""`bqw doctor`: checks what a deployment needs, one line each, and says the next step for every failure.

It reads and calls, but changes nothing; run it as the service's user, with the service's configuration.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import click

from bot import checkup, clock, robot_checkup
from bot import settings as configuration
from bot.finding import Finding
from bot.settings import Settings

_LEAST_ROOM = 500  # MB: a round of an office's files


@click.command()
@click.option("--config", type=click.Path(path_type=Path), help="配置文件；不给时只读环境变量")
@click.option("--url", default="", help="外网回调地址，例如 https://bot.example.gov.cn/wecom/app；给了才检查")
@click.option("--people", is_flag=True, help="逐个核对人员表里的人能不能收到消息")
def doctor(config: Path | None, url: str, people: bool) -> None:
    """检查配置、数据库、密钥、凭证和回调是否可用，逐项给出下一步。"""
    raise SystemExit(asyncio.run(_report(config, url, people)))


async def _report(config: Path | None, url: str, people: bool) -> int:
    try:
        settings = configuration.load(config)
    except configuration.SettingsError as error:
        for mistake in error.mistakes:
            click.echo(Finding("配置", mistake, "改正后再运行一次"))
        return 1
    healthy = True
    async for finding in _everything(settings, config, url, people):
        click.echo(finding)
        healthy = healthy and finding.ok
    return 0 if healthy else 1


async def _everything(
    settings: Settings, config: Path | None, url: str, people: bool
) -> AsyncIterator[Finding]:
    for finding in _readable(config):
        yield finding
    async for finding in examine(settings, url):
        yield finding
    if people:
        async for finding in reached(settings):
            yield finding


def _readable(config: Path | None) -> Iterator[Finding]:
    """Files with secrets that other users of this machine may read."""
    kept = configuration.files_with_secrets(config) if config else []
    for path in kept:
        if path.stat().st_mode & 0o077 and not path.absolute().is_relative_to("/run"):  # a container's own
            yield Finding("密钥存放", f"{path} 里有密钥，本机别的用户也能读", f"运行 chmod 600 {path}")


async def examine(settings: Settings, url: str = "") -> AsyncIterator[Finding]:
    """Every check in the order a person would mend things."""
    missing = configuration.missing_for_app(settings.app)
    for sentence in missing.values():
        yield Finding("配置", sentence, "在配置文件里填写，密钥也可以用环境变量")
    if not missing:
        yield Finding("配置", "自建应用的各项都已填写")
    yield await _database(settings)
    yield _files(settings)
    yield _key(settings)
    async for finding in robot_checkup.examine(settings):
        yield finding
    async for finding in checkup.examine(settings, url, complete=not missing):
        yield finding


async def reached(settings: Settings) -> AsyncIterator[Finding]:
    """Whether each of the office's people gets messages; firms need no account."""
    from storage.engine import DatabaseRefused

    try:
        staff = await _staff(settings)
    except DatabaseRefused:
        return  # told above
    async for finding in checkup.everybody(settings, staff):
        yield finding


async def _staff(settings: Settings) -> dict[str, str]:
    """Userids and names; nobody while the tables are not there."""
    from storage import migrate, people
    from storage.engine import Database, check_sound, open_engine

    engine = open_engine(settings.database.url)
    try:
        await check_sound(engine)
        if await migrate.current(engine) != migrate.newest():
            return {}
        async with Database(engine).transaction() as conn:
            bound = await people.everybody(conn)
    finally:
        await engine.dispose()
    return {person.userid: person.name for person in bound if person.role != "enterprise"}


async def _database(settings: Settings) -> Finding:
    from storage import migrate, outbox
    from storage.engine import Database, DatabaseRefused, StorageError, check_sound, open_engine

    what = "数据库"
    try:
        engine = open_engine(settings.database.url)
    except DatabaseRefused as error:
        return Finding(what, str(error), "改正 [database] url")
    try:
        await check_sound(engine)
        found = await migrate.current(engine)
        if found is None:
            return Finding(what, "可以使用，还是空的（服务启动时自动建表）")
        if found > migrate.newest():
            return Finding(what, f"版本 {found} 比程序新", "用新版程序启动，或恢复旧备份")
        if found < migrate.newest():
            return Finding(what, f"版本 {found} 待升级", "运行 bqw db upgrade，或重启服务")
        async with Database(engine).transaction() as conn:
            parked = (await outbox.counts(conn)).get("parked", 0)
    except DatabaseRefused as error:
        return Finding(what, "不能使用", str(error))
    except StorageError as error:
        return Finding(what, f"读写失败（{type(error).__name__}）", "检查磁盘空间和目录权限")
    finally:
        await engine.dispose()
    if parked:
        return Finding(what, f"可以使用，版本 {found}；有 {parked} 条消息搁置", "运行 bqw outbox 看原因")
    return Finding(what, f"可以使用，版本 {found}")


def _files(settings: Settings) -> Finding:
    """Whether files could be stored; the folder is made with the first of them."""
    what, folder = "文件目录", Path(settings.files.folder).absolute()
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return Finding(what, f"{there} 不是目录或没有写权限", "改正 [files] folder 或目录权限")
    room = shutil.disk_usage(there).free // 1_000_000
    if room < _LEAST_ROOM:
        return Finding(what, f"{there} 只剩 {room} 兆", "清理磁盘，或把 [files] folder 改到别处")
    return Finding(what, f"{folder} 可以使用，还有 {room} 兆")


def _key(settings: Settings) -> Finding:
    from bot.wecom.crypto import BadCallback, Crypto

    what = "回调密钥"
    app = settings.app
    try:
        crypto = Crypto(app.token, app.aes_key, app.corp_id)
    except BadCallback:
        return Finding(what, "EncodingAESKey 不对", "到管理后台“接收消息”页重新复制，应为 43 个字母和数字")
    sealed = crypto.seal("自检", secrets.token_hex(5), str(int(clock.real().timestamp())))
    opened = crypto.open(sealed.signature, sealed.timestamp, sealed.nonce, sealed.encrypted)
    return Finding(what, "加密、解密、签名一致" if opened == "自检" else "自检不一致")
