"""What `bqw doctor` finds out about the smart robot: settings, and whether its way in or out is open.

It never subscribes: a second connection of the same robot would push the running one out.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from bot import clock
from bot.channels.robot_slice import missing_for_robot
from bot.finding import Finding
from bot.settings import Settings
from bot.wecom.errors import WeComError

if TYPE_CHECKING:
    from aiohttp import ClientSession

_WHAT = "智能机器人"
_NAMELESS = "没有填 [robot] name：群里的话只按第一个空格去掉“@名称”，名称里有空格时会认错，建议照管理后台填写"


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Nothing when it is off."""
    if settings.robot.transport == "off":
        return
    if missing := missing_for_robot(settings.robot):
        for sentence in missing.values():
            yield Finding(_WHAT, sentence, "在配置文件里填写，密钥也可以用环境变量")
        return
    if not settings.robot.name:
        yield Finding(_WHAT, _NAMELESS)
    from bot.wecom.client import open_session

    async with open_session(ca_file=settings.app.ca_file) as session:
        way = _out if settings.robot.transport == "socket" else _in
        yield await way(settings, session)


async def _out(settings: Settings, session: ClientSession) -> Finding:
    from bot.wecom.robot_link import open_socket

    what = f"{_WHAT}长连接 {settings.robot.ws_url}"
    try:
        socket = await open_socket(session, settings.robot.ws_url, proxy=settings.app.proxy)
    except WeComError as error:
        return Finding(what, error.reason, error.next_step)
    await socket.close()
    return Finding(
        what, "连得上（没有订阅，免得顶掉正在运行的服务；是否连着看 /metrics 的 bqw_robot_connected）"
    )


async def _in(settings: Settings, session: ClientSession) -> Finding:
    """The service's own address; the console's leads to it or not."""
    from bot.wecom.crypto import BadCallback, Crypto
    from bot.wecom.visits import fetch_text

    url = f"http://{settings.server.host}:{settings.server.port}/wecom/robot"
    what = f"{_WHAT}回调地址 {url}"
    try:
        crypto = Crypto(settings.robot.token, settings.robot.aes_key, "")
    except BadCallback:
        return Finding(what, "EncodingAESKey 不对", "到管理后台重新复制，应为 43 个字母和数字")
    said = secrets.token_hex(8)
    sealed = crypto.seal(said, secrets.token_hex(5), str(int(clock.real().timestamp())))
    query = {
        "msg_signature": sealed.signature,
        "timestamp": sealed.timestamp,
        "nonce": sealed.nonce,
        "echostr": sealed.encrypted,
    }
    try:
        status, answer = await fetch_text(session, url, query, seconds=1.0)
    except WeComError as error:
        return Finding(what, f"访问不到（{error.reason}）", "先启动服务（bqw serve），再运行一次")
    if (status, answer) == (200, said):
        return Finding(what, "一秒内答对了验证；这是本机地址，管理后台里填的要能转到这里")
    step = "服务用的 Token、EncodingAESKey 与这份配置不同，或 [robot] transport 没有设为 callback"
    return Finding(what, f"回答不对（HTTP {status}）", step)
