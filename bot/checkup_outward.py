"""What `bqw doctor` asks about groups and 微信客服: are the bound groups there, may we serve the accounts.

Reads only; nothing is sent into a group, so a group robot's key is checked by the first line it says. No
finding shows a key.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from bot import clock
from bot.finding import Finding
from bot.settings import Settings
from bot.wecom.errors import WeComError

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from bot.wecom.client import Client
    from storage.chats import Group

_MOST = 20  # groups asked about


async def examine(settings: Settings, client: Client, session: ClientSession) -> AsyncIterator[Finding]:
    """A line per thing that is switched on; nothing for what is off."""
    features = settings.tenant.features
    if settings.groups.enabled and (features.webhook or features.appchat):
        async for finding in _groups(settings, client):
            yield finding
    if settings.kf.enabled and features.kf:
        async for finding in _kf(settings, client, session):
            yield finding


async def _groups(settings: Settings, client: Client) -> AsyncIterator[Finding]:
    bound = await _bound(settings)
    names = "、".join(settings.groups.keys) or "没有"
    yield Finding("群推送", f"配置里的群机器人：{names}；已绑定的群 {len(bound)} 个")
    for group in bound[:_MOST]:
        yield await _group(group, client)


async def _bound(settings: Settings) -> list[Group]:
    """None while the tables are not there, which is told elsewhere."""
    from storage import chats, migrate
    from storage.engine import Database, DatabaseRefused, StorageError, check_sound, open_engine

    try:
        engine = open_engine(settings.database.url)
    except DatabaseRefused:
        return []
    try:
        await check_sound(engine)
        if await migrate.current(engine) != migrate.newest():
            return []
        async with Database(engine).transaction() as conn:
            return await chats.bound(conn)
    except (DatabaseRefused, *StorageError):
        return []
    finally:
        await engine.dispose()


async def _group(group: Group, client: Client) -> Finding:
    from bot.wecom import groups
    from storage.chats import APPCHAT

    what = f"群“{group.name}”"
    if group.address is None:
        return Finding(what, "没有可用的推送方式", "在群里重新添加群机器人，请管理员解绑后重新绑定")
    made = group.through(APPCHAT)
    if made is None:
        return Finding(
            what, "经群机器人推送" if group.address.channel != "robot" else "只有智能机器人，不能@人"
        )
    try:
        found = await groups.get(client, made.target)
    except WeComError as error:
        return Finding(what, error.reason, error.next_step or "稍后再试")
    return Finding(what, f"应用群，成员 {len(found.members)} 人")


async def _kf(settings: Settings, client: Client, session: ClientSession) -> AsyncIterator[Finding]:
    from bot.app import make_kf_client
    from bot.wecom import kf
    from bot.wecom.tokens import MemoryTable

    what = "微信客服"
    own = make_kf_client(settings, client, session, MemoryTable(), clock.real)
    try:
        accounts = await kf.accounts(own)
    except WeComError as error:
        yield Finding(what, error.reason, error.next_step or "在微信客服里把账号授权给应用")
        return
    missing = [one for one in settings.kf.accounts if one not in accounts]
    if missing or not accounts:
        lost = f"没有授权的账号：{'、'.join(missing)}" if missing else "没有一个客服账号授权给应用"
        yield Finding(what, lost, "在微信客服的“可调用接口的应用”里选中本应用，并授权客服账号")
        return
    for open_kfid, name in accounts.items():
        if not settings.kf.accounts or open_kfid in settings.kf.accounts:
            try:
                yield _servicers(name, await kf.servicers(own, open_kfid), settings.kf.servicers)
            except WeComError as error:
                yield Finding(f"{what}“{name}”", error.reason, error.next_step or "稍后再试")


def _servicers(name: str, there: Sequence[str], wanted: Sequence[str]) -> Finding:
    what = f"微信客服“{name}”"
    known = {one.lower() for one in there}
    missing = [one for one in wanted if one.lower() not in known]
    if missing:
        lost = f"{'、'.join(missing)} 不是接待人员，转人工转不过去"
        return Finding(what, lost, "在微信客服里把他们设为该账号的接待人员，或改 [kf] servicers")
    told = f"“转人工”转给 {'、'.join(wanted)}" if wanted else "“转人工”进待接入池"
    return Finding(what, f"已授权，接待人员 {len(there)} 人，{told}")
