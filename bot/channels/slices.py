"""The settings of groups and of 微信客服; `bot/settings.py` assembles them as [groups] and [kf].

Both are off until a deployment asks for them: what is off costs nothing and answers nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.option import between, setting

_KEY = re.compile(r"[0-9A-Za-z-]{16,64}")
_ADDRESS = re.compile(r"(?:https?://\S+?[?&]key=)?(?P<key>[0-9A-Za-z-]+)(?:&\S*)?")
_NAME_CHARACTERS = 32
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_USERID = re.compile(r"[0-9A-Za-z_.@-]{1,64}")


def webhook_keys(lines: Sequence[str]) -> Mapping[str, str]:
    """“名称=密钥” or “名称=地址” → the keys by name; lines that are neither are left out."""
    found = {}
    for line in lines:
        name, _, value = line.partition("=")
        match = _ADDRESS.fullmatch(value.strip())
        if name.strip() and match and _KEY.fullmatch(match["key"]):
            found[name.strip()] = match["key"]
    return found


def _are_webhooks(lines: tuple[str, ...]) -> str | None:
    """What is wrong, in words that show no key."""
    keys = webhook_keys(lines)
    names = [line.partition("=")[0].strip() for line in lines]
    for number, name in enumerate(names, start=1):
        if not name or len(name) > _NAME_CHARACTERS:
            return f"第{number}个没有名称，或名称超过{_NAME_CHARACTERS}个字；应写成“名称=机器人地址”"
        if name not in keys:
            return f"“{name}”等号后面不是群机器人的地址或密钥"
    if len(keys) < len(names):
        return f"名称有重复：{'、'.join(sorted({name for name in names if names.count(name) > 1}))}"
    if len(set(keys.values())) < len(keys):
        return "两个名称用了同一个机器人；一个机器人只起一个名称，限量才数得准"
    return None


@dataclass(frozen=True, slots=True)
class Groups:
    """Pushes into internal groups."""

    enabled: bool = setting(False, "是否向群里推送（群机器人、应用群）；改为 true 后由管理员在聊天里绑定群")
    webhooks: tuple[str, ...] = setting(
        (),
        '群机器人，写“名称=机器人地址”，例如 ["工作群=https://…/webhook/send?key=…"]；地址就是密钥，'
        "建议放在 webhooks_file 里，一行一个；也可以由管理员在单聊里绑定",
        secret=True,
        check=_are_webhooks,
    )

    @property
    def keys(self) -> Mapping[str, str]:
        return webhook_keys(self.webhooks)


def _are_userids(names: tuple[str, ...]) -> str | None:
    wrong = [name for name in names if not _USERID.fullmatch(name) or name.lower() == "@all"]
    return f"{'、'.join(wrong)} 不是成员账号（userid）" if wrong else None


def _are_accounts(names: tuple[str, ...]) -> str | None:
    wrong = [name for name in names if not _ID.fullmatch(name)]
    return f"{'、'.join(wrong)} 不是客服账号 ID（open_kfid，一般以 wk 开头）" if wrong else None


@dataclass(frozen=True, slots=True)
class Kf:
    """微信客服: firms and citizens who have only WeChat."""

    enabled: bool = setting(
        False, "是否接待微信客服；回调地址与自建应用相同，要在微信客服里把账号授权给这个应用"
    )
    secret: str = setting("", "微信客服的 Secret；留空用自建应用的", secret=True)
    accounts: tuple[str, ...] = setting(
        (), "接待哪些客服账号（open_kfid）；留空为授权给应用的全部", check=_are_accounts
    )
    servicers: tuple[str, ...] = setting(
        (),
        "“转人工”转给谁（成员账号，须已设为该客服账号的接待人员）；写几个时转给第一个能接待的，留空进待接入池",
        check=_are_userids,
    )
    per_message: int = setting(5, "对方每发一条消息，之后最多回几条（微信客服上限 5）", check=between(1, 5))
    hours: int = setting(48, "对方最后一条消息之后多少小时内可以回（微信客服上限 48）", check=between(1, 48))
    lease_seconds: int = setting(
        60, "一个客服账号由一个进程收取多久；进程意外退出后过这么久由别的进程接手", check=between(20, 600)
    )
    poll_seconds: float = setting(1.0, "隔多久看一次别的进程记下的新消息", check=between(0.05, 60))
