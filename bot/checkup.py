"""What `bqw doctor` asks WeCom itself: is it there, does it know us, who sees the app, does it reach us.

Reads only, and says the next step in the words of the edition's own console. No finding holds a secret: of
addresses only what the operator gave as an address is shown.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot import checkup_outward, clock
from bot.finding import Finding
from bot.settings import Settings
from bot.standings import standings
from bot.wecom.errors import ConfigError, DropRecipient, Unsupported, WeComError
from bot.wecom.features import EDITIONS

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from bot.wecom.agent import Agent
    from bot.wecom.client import Client

_SKEW = 60  # seconds; gateways refuse at three minutes
_FROM_IP = re.compile(r"from ip: ?([0-9A-Fa-f.:]+)")
_MOST_ADMINS = 20
_AT_ONCE = 8


async def examine(settings: Settings, url: str, *, complete: bool) -> AsyncIterator[Finding]:
    """From the address to what this tenant can do; `complete` says that the app is filled in."""
    from bot.app import make_client
    from bot.wecom.client import open_session
    from bot.wecom.tokens import MemoryTable

    agent: Agent | None = None
    yield _edition(settings)
    async with open_session(ca_file=settings.app.ca_file) as session:
        yield await _reached(settings, session)
        if settings.app.corp_id and settings.app.secret:
            client = make_client(settings.app, session, MemoryTable(), clock.real, settings.gateway)
            yield (known := await _token(settings, client))
            if known.ok:
                agent, finding = await _range(settings, client)
                yield finding
                async for finding in _admins(settings, client):
                    yield finding
                async for finding in checkup_outward.examine(settings, client, session):
                    yield finding
        if complete:
            yield await _callback(settings, session, url)
    for finding in standings(settings, agent):
        yield finding


# -- where it is --------------------------------------------------------------------------------------------


def _edition(settings: Settings) -> Finding:
    app, gateway = settings.app, settings.gateway
    sign_in = settings.tenant.sign_in
    told = [
        EDITIONS[settings.tenant.edition],
        f"接口 {_address(app.api_base)}",
        f"代理 {_address(app.proxy)}" if app.proxy else "不用代理",
        f"网关签名 {gateway.signer}（标识 {gateway.id}）" if gateway.signer else "不经网关签名",
        f"网页授权 {_address(sign_in.oauth)}",
        f"扫码登录 {_address(sign_in.qr)}" if sign_in.qr else "没有扫码登录地址",
    ]
    return Finding("版本", "，".join(told))


def _address(url: str) -> str:
    """The address without a name and password that may stand in it."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}".rstrip("/")


async def _reached(settings: Settings, session: ClientSession) -> Finding:
    """A wrong clock is told here: signatures and callbacks fail by it, and it is seldom suspected."""
    from bot.wecom.visits import server_time

    what, app = "接口地址", settings.app
    try:
        there = await server_time(session, app.api_base, proxy=app.proxy, seconds=8.0)
    except WeComError as error:
        return Finding(what, error.reason, error.next_step)
    if there is None:
        return Finding(what, "连得上（对方没有报时，无法核对本机时间）")
    return _in_time(what, there, clock.real())


def _in_time(what: str, there: datetime, here: datetime) -> Finding:
    ahead = round((here - there).total_seconds())
    if abs(ahead) <= _SKEW:
        return Finding(what, "连得上，本机时间一致")
    told = f"连得上，但本机时间{'快' if ahead > 0 else '慢'}了 {abs(ahead)} 秒"
    return Finding(what, told, "校准本机时间（例如启用 chrony），否则网关签名和回调会被拒绝")


# -- whether it knows us ------------------------------------------------------------------------------------


async def _token(settings: Settings, client: Client) -> Finding:
    what = "接口凭证"
    try:
        await client.check()
        told = f"可以取得凭证并调用接口（回调来源地址 {len(await client.callback_ips())} 个）"
    except Unsupported:
        told = "可以取得凭证（这一版不提供回调来源地址）"
    except WeComError as error:
        return Finding(what, error.reason, advice(error, settings.tenant.edition))
    return Finding(what, told)


def advice(error: WeComError, edition: str) -> str:
    """What to do, with our own address as WeCom sees it: nobody finds that one out by himself."""
    if error.code != 60020:
        return error.next_step or "稍后再试"
    seen = _FROM_IP.search(error.detail)
    ours = f"对方看到的本机出口地址 {seen[1]}" if seen else "本机的出口地址（经过代理时是代理的）"
    if edition == "public":
        return f"在管理后台该应用的“企业可信IP”里加入{ours}，约一分钟后生效"
    return f"请运维在该应用的“IP 安全策略”里加入{ours}"


async def _range(settings: Settings, client: Client) -> tuple[Agent | None, Finding]:
    what = "应用可见范围"
    try:
        agent = await client.agent()
    except Unsupported:
        return None, Finding(what, "这一版查不到，请在管理后台核对")
    except WeComError as error:
        return None, Finding(what, error.reason, advice(error, settings.tenant.edition))
    if agent.closed:
        return agent, Finding(what, "应用已被停用", "在管理后台启用应用")
    if agent.nobody:
        return agent, Finding(what, "没有一个人", "在管理后台把要用的部门或成员加入可见范围")
    counted = f"成员 {len(agent.people)} 人、部门 {len(agent.departments)} 个、标签 {agent.tags} 个"
    return agent, Finding(what, f"{counted}{'，含全单位' if agent.everybody else ''}")


async def _admins(settings: Settings, client: Client) -> AsyncIterator[Finding]:
    """Who is to hear of parked messages must be reachable himself."""
    step = "核对 [office] admins 里的账号，并在管理后台把他加入可见范围"
    for admin in settings.office.admins[:_MOST_ADMINS]:
        if why := await _unreachable(client, admin):
            yield Finding(f"管理员 {admin}", why, step)


async def _unreachable(client: Client, userid: str) -> str:
    """Why this member gets no message; empty when he does, or when contacts are closed to the app."""
    try:
        member = await client.user(userid)
    except DropRecipient as error:
        return error.reason
    except (ConfigError, Unsupported):
        return ""
    except WeComError as error:
        return f"没有查到（{error.reason}）"
    return "" if member.active else "账号没有激活，或已停用"


async def everybody(settings: Settings, people: Mapping[str, str]) -> AsyncIterator[Finding]:
    """Each of the people (userid and name) who would get no message, then how many were asked about."""
    from bot.app import make_client
    from bot.wecom.client import open_session
    from bot.wecom.tokens import MemoryTable

    lost = 0
    async with open_session(ca_file=settings.app.ca_file) as session:
        client = make_client(settings.app, session, MemoryTable(), clock.real, settings.gateway)
        for at in range(0, len(people), _AT_ONCE):
            userids = list(people)[at : at + _AT_ONCE]
            reasons = await asyncio.gather(*(_unreachable(client, userid) for userid in userids))
            for userid, why in zip(userids, reasons, strict=True):
                if why:
                    lost += 1
                    step = "核对人员表里的账号，并在管理后台把他加入可见范围"
                    yield Finding(f"人员 {people[userid]}（{userid}）", why, step)
    yield Finding("人员", f"核对了 {len(people)} 人，{lost} 人收不到消息")


# -- whether it reaches us ----------------------------------------------------------------------------------


async def _callback(settings: Settings, session: ClientSession, url: str) -> Finding:
    """Does what the console does when the URL is saved: a signed echostr, to be answered in clear."""
    from bot.wecom.crypto import Crypto
    from bot.wecom.visits import fetch_text

    own = f"http://{settings.server.host}:{settings.server.port}/wecom/app"
    what = f"回调地址 {_address(url or own)}"
    said = secrets.token_hex(8)
    crypto = Crypto(settings.app.token, settings.app.aes_key, settings.app.corp_id)
    sealed = crypto.seal(said, secrets.token_hex(5), str(int(clock.real().timestamp())))
    query = {
        "msg_signature": sealed.signature,
        "timestamp": sealed.timestamp,
        "nonce": sealed.nonce,
        "echostr": sealed.encrypted,
    }
    try:
        status, answer = await fetch_text(session, url or own, query, seconds=1.0)
    except WeComError as error:
        return Finding(what, f"访问不到（{error.reason}）", _way_in(settings, own=not url))
    if status == 200 and answer == said:
        asked = "" if url else "；这是本机地址，请再用 --url 检查管理后台里填的那个"
        return Finding(what, f"一秒内答对了验证{asked}")
    return _answered_wrongly(what, status)


def _answered_wrongly(what: str, status: int) -> Finding:
    if status == 403:
        step = "服务用的 Token、EncodingAESKey 或企业 ID 与这份配置不同，或两边时间相差太大"
        return Finding(what, "能访问，但拒绝了验证", step)
    step = "这个地址后面不是本服务，或代理改动了内容（回调须原样转发查询串和正文）"
    return Finding(what, f"回答不对（HTTP {status}）", step)


def _way_in(settings: Settings, *, own: bool) -> str:
    if own:
        return "先启动服务（bqw serve），再运行一次"
    if settings.tenant.edition == "public":
        return "检查域名、反向代理和防火墙是否把请求转到本服务"
    name = EDITIONS[settings.tenant.edition]
    return f"填{name}的服务器访问得到的地址（政务外网或内网），并请运维放行它到本服务的端口"
