"""The settings of the smart robot; `bot/settings.py` assembles them as [robot].

Off until a deployment asks for it. Which of the two transports is right is chosen in WeCom's console, and
only what that transport needs has to be filled in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from bot.option import between, is_key, is_token, setting


def _is_socket_address(url: str) -> str | None:
    return None if re.match(r"wss?://[^\s/]", url) else "应以 wss:// 或 ws:// 开头"


@dataclass(frozen=True, slots=True)
class Robot:
    """The smart robot (智能机器人, API mode), by one of its two transports."""

    transport: str = setting(
        "off",
        "怎样接智能机器人，与管理后台一致：socket 长连接（不需要公网地址）、callback 回调地址、off 不用",
        check=lambda way: None if way in ("off", "socket", "callback") else "应为 socket、callback 或 off",
    )
    name: str = setting(
        "", "智能机器人的名称，与管理后台一字不差；群里的话开头的“@名称”按它去掉，留空则去掉第一个空格前的"
    )
    bot_id: str = setting("", "智能机器人的 BotID")
    secret: str = setting("", "长连接的 Secret（不是 EncodingAESKey）", secret=True)
    ws_url: str = setting(
        "wss://openws.work.weixin.qq.com",
        "长连接地址；私有部署填管理后台显示的地址",
        check=_is_socket_address,
    )
    token: str = setting("", "回调方式的 Token", secret=True, check=is_token)
    aes_key: str = setting("", "回调方式的 EncodingAESKey，43 个字符", secret=True, check=is_key)
    domains: tuple[str, ...] = setting(
        ("qyapi.weixin.qq.com",), "回调里给的回复地址只准是这些域名（含下级域名）；私有部署填自己的"
    )
    lease_seconds: int = setting(
        12, "长连接由一个进程占用多久；进程意外退出后过这么久由别的进程接手", check=between(2, 120)
    )


_NEEDS: dict[str, tuple[str, ...]] = {"socket": ("bot_id", "secret"), "callback": ("token", "aes_key")}


def missing_for_robot(robot: Robot) -> dict[str, str]:
    """What the robot still needs for the transport it is set to, by setting; nothing when it is off."""
    about = {item.name: item.metadata["about"] for item in fields(robot)}
    return {
        name: f"[robot] {name} 还没有填：{about[name]}"
        for name in _NEEDS.get(robot.transport, ())
        if not getattr(robot, name)
    }
