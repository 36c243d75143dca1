"""The settings that say which WeCom this is: edition, what it lacks, addresses, the gateway before it.

`bot/settings.py` assembles them as `[tenant]` and `[gateway]`; `bot/app.py` and `bqw doctor` ask for what
follows from them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.option import setting
from bot.wecom.addresses import SignIn
from bot.wecom.features import EDITIONS, OPTIONAL, REMOVABLE, Features
from bot.wecom.signing import Signer, TifSigner

PUBLIC_API, PUBLIC_LINE = "qyapi.weixin.qq.com", "openws.work.weixin.qq.com"
# What exists in the tenant is used only when its own section says so.
SWITCHES = {
    "robot": ("robot", "transport"),
    "webhook": ("groups", "enabled"),
    "appchat": ("groups", "enabled"),
    "kf": ("kf", "enabled"),
}
SIGNERS = ("tif",)


def _one_of(known: tuple[str, ...]) -> Callable[[str], str | None]:
    return lambda value: None if value in known else f"应为 {'、'.join(filter(None, known))} 中的一个"


def _some_of(known: tuple[str, ...]) -> Callable[[tuple[str, ...]], str | None]:
    def check(values: tuple[str, ...]) -> str | None:
        wrong = [value for value in values if value not in known]
        return f"不认识 {'、'.join(wrong)}，可以写的是 {'、'.join(known)}" if wrong else None

    return check


def _address(schemes: str) -> Callable[[str], str | None]:
    pattern = re.compile(rf"(?:{schemes})://[^\s/?#]+[^\s?#]*")
    return lambda value: (
        None if not value or pattern.fullmatch(value) else f"应以 {schemes.replace('|', ':// 或 ')}:// 开头"
    )


def _is_prefix(value: str) -> str | None:
    return None if re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*-", value) else "应是字母、数字和短横线，以短横线结尾"


def _is_header(value: str) -> str | None:
    return None if re.fullmatch(r"[!-~]*", value) else "应是字母、数字和半角符号，不能有空格"


@dataclass(frozen=True, slots=True)
class Tenant:
    """`[tenant]`: the edition, and where this installation differs from its usual."""

    edition: str = setting(
        "public", "版本：public（企业微信公有云）、private（政务微信等私有部署）、yuezhengyi（粤政易）",
        check=_one_of(tuple(EDITIONS)),
    )  # fmt: skip
    also: tuple[str, ...] = setting(
        (),
        f"私有部署中，本单位这一版另外支持的功能，可以写 {'、'.join(OPTIONAL)}；没写的自动改用文字和应用单聊",
        check=_some_of(OPTIONAL),
    )
    without: tuple[str, ...] = setting(
        (),
        f"本单位用不了或不想用的功能，可以写 {'、'.join(REMOVABLE)}",
        check=_some_of(REMOVABLE),
    )
    oauth_base: str = setting(
        "",
        "网页授权地址；留空用 open.weixin.qq.com，私有部署的客户端通常也认它",
        check=_address("https|http"),
    )
    qr_base: str = setting(
        "",
        "电脑扫码登录地址；留空用公有云或粤政易的地址，其他私有部署须向运维要",
        check=_address("https|http"),
    )

    @property
    def features(self) -> Features:
        return Features.of(self.edition, also=self.also, without=self.without)

    @property
    def sign_in(self) -> SignIn:
        return SignIn.of(self.edition, oauth=self.oauth_base, qr=self.qr_base)


@dataclass(frozen=True, slots=True)
class Gateway:
    """`[gateway]`: a government gateway before the API that wants every request signed."""

    signer: str = setting(
        "", "网关要的签名方式：留空不签名，tif 为粤政易等网关的 x-tif-* 请求头", check=_one_of(("", *SIGNERS))
    )
    id: str = setting("", "网关分配的应用标识（paasid）", check=_is_header)
    token: str = setting("", "网关分配的密钥（paastoken）", secret=True)
    header_prefix: str = setting("x-tif-", "签名请求头的前缀；有的测试环境是 x-rio-", check=_is_prefix)
    uppercase: bool = setting(False, "签名是否写成大写十六进制；多数网关不区分")
    service_id: str = setting("", "网关另外要求的服务标识（serviceid）；没有就留空", check=_is_header)
    post_only: bool = setting(False, "网关只放行 POST 时改为 true，查询类接口也改用 POST")

    @property
    def made(self) -> Signer | None:
        """The signer of these settings; None where the API is called directly."""
        if self.signer != "tif":
            return None
        return TifSigner(
            self.id,
            self.token,
            prefix=self.header_prefix,
            uppercase=self.uppercase,
            service_id=self.service_id,
        )


def at_odds(made: Mapping[str, Any]) -> list[str]:
    """What does not fit together in these sections, though each setting is right by itself."""
    tenant: Tenant = made["tenant"]
    if tenant.edition not in EDITIONS:
        return []  # told already
    return [*_wrong_server(made, tenant), *_switched_on_in_vain(made, tenant), *_unsigned(made["gateway"])]


def _wrong_server(made: Mapping[str, Any], tenant: Tenant) -> Iterator[str]:
    name = EDITIONS[tenant.edition]
    if tenant.edition != "public" and urlsplit(made["app"].api_base).hostname == PUBLIC_API:
        yield f"[app] api_base 还是公有云的地址：{name}要填本单位的接口地址"
    line = getattr(made.get("robot"), "ws_url", "") if tenant.features.robot and used(made, "robot") else ""
    if tenant.edition != "public" and urlsplit(line).hostname == PUBLIC_LINE:
        yield f"[robot] ws_url 还是公有云的地址：{name}要填管理后台显示的长连接地址"


def _switched_on_in_vain(made: Mapping[str, Any], tenant: Tenant) -> Iterator[str]:
    both = [feature for feature in tenant.also if feature in tenant.without]
    if both:
        yield f"[tenant] also 和 without 都写了 {'、'.join(both)}，请只留一处"
    for feature in ("robot", "kf"):
        if used(made, feature) and feature not in tenant.features.present:
            section, key = SWITCHES[feature]
            why = f"{EDITIONS[tenant.edition]}通常没有；确实有的，在 [tenant] also 写 {feature}"
            without = f"[tenant] without 写了 {feature}，请只留一处"
            yield f"[{section}] {key} 开着，但{without if feature in tenant.without else why}"


def _unsigned(gateway: Gateway) -> list[str]:
    lacking = [key for key in ("id", "token") if gateway.signer in SIGNERS and not getattr(gateway, key)]
    return [f"[gateway] {key} 还没有填：要签名就要填网关分配的标识和密钥" for key in lacking]


def used(made: Mapping[str, Any], feature: str) -> bool:
    """Whether the section that switches this feature on does so; what has no switch is always on."""
    if feature not in SWITCHES:
        return True
    section, key = SWITCHES[feature]
    return getattr(made.get(section), key, False) not in (False, "off", "")
