"""What can go wrong with a call to WeCom, one class per next action.

The client raises them, delivery and `bqw doctor` act on them. `reason` and `next_step` are Chinese sentences
for the administrator; `detail` is WeCom's own `errmsg`, for the log only, and no error carries a secret.

    WeComError
    ├── RefreshToken      fetch a new token once and call again (the client does that itself)
    ├── RetryLater        try the same call again after `after` seconds; `maybe_done` when it may have worked
    ├── RateLimited       leave this endpoint alone until `until`
    ├── UploadAgain       the media has expired: upload the file once more, then send; or ask for it again
    ├── TooLarge          the media exceeds what we take: refuse it, the next is not concerned
    ├── DropRecipient     nobody to send to: park the row, the others are not concerned
    ├── Rejected          this message will never be accepted: park it
    │   └── Unsupported   this version of WeCom does not know such a message or call: use another form
    ├── TargetGone        the group or robot is gone: switch the target off, park
    └── ConfigError       no message will be accepted until a person changes a setting: stop and tell him
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_WINDOW = timedelta(seconds=60)  # WeCom does not say which window was hit; the shortest is a minute


class WeComError(Exception):
    """A call to WeCom failed; the class says what to do next."""

    def __init__(self, reason: str, next_step: str = "", *, code: int = 0, detail: str = "") -> None:
        super().__init__(f"{reason}({code})" if code else reason)
        self.reason = reason
        self.next_step = next_step
        self.code = code
        self.detail = detail


class RefreshToken(WeComError):
    """The access token is not valid (any more)."""


class RetryLater(WeComError):
    """A passing trouble of the network or of WeCom."""

    def __init__(
        self,
        reason: str,
        next_step: str = "",
        *,
        code: int = 0,
        detail: str = "",
        after: float = 5.0,
        maybe_done: bool = False,
    ) -> None:
        super().__init__(reason, next_step, code=code, detail=detail)
        self.after = after
        self.maybe_done = maybe_done


class RateLimited(WeComError):
    """The endpoint's window is full."""

    def __init__(
        self, reason: str, next_step: str = "", *, until: datetime, code: int = 0, detail: str = ""
    ) -> None:
        super().__init__(reason, next_step, code=code, detail=detail)
        self.until = until


class UploadAgain(WeComError):
    """The media id is unknown or older than three days."""


class TooLarge(WeComError):
    """The media is larger than the caller takes; no more of it was read."""


class DropRecipient(WeComError):
    """The receiver does not exist, has left, or may not see the app."""


class Rejected(WeComError):
    """WeCom refuses this very message."""


class Unsupported(Rejected):
    """An older or private version does not know this kind of message, or this call."""


class TargetGone(WeComError):
    """The group, or our robot in it, does not exist any more."""


class ConfigError(WeComError):
    """A setting here or in WeCom's console is wrong."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: the next action, and the two sentences the administrator reads."""

    error: type[WeComError]
    reason: str
    next_step: str
    after: float = 0.0


_BUG = "请把这条消息的编号和日志发给运维人员"
_ROBOT = "请在群里重新添加机器人，并更新配置中的地址"
_SECRET = "请核对 corp_id 与 secret 是否同属一个应用，应用是否被停用"  # noqa: S105 - a sentence
_AGENT = "请核对 agent_id 与 secret 是否同属一个应用"
_EGRESS = "请在管理后台“企业可信IP”中加入日志里 from ip 后面的地址，约一分钟后生效"
_VERSION = "本单位的版本不支持，请在配置 [tenant] 里写明"
_SPLIT = "请缩短内容后重新发送"
_LATER = "急事请电话联系；等对方再次发言后可以重发"

TABLE: dict[int, Row] = {
    -1: Row(RetryLater, "企业微信系统繁忙", "会自动重试，不需要处理", after=2.0),
    40001: Row(RefreshToken, "应用密钥不正确，或凭证已经失效", _SECRET),
    40014: Row(RefreshToken, "访问凭证不正确", _SECRET),
    42001: Row(RefreshToken, "访问凭证已经过期", _SECRET),
    40003: Row(DropRecipient, "成员账号不正确", "请核对名单中的账号"),
    60111: Row(DropRecipient, "通讯录中没有这个成员", "请核对名单，成员可能已经离职或改名"),
    81013: Row(DropRecipient, "接收人都无效，或者不在应用可见范围内", "请在管理后台把成员加入应用可见范围"),
    40007: Row(UploadAgain, "图片或文件已经过期", "会重新上传后发送，不需要处理"),
    40008: Row(Unsupported, "这个版本不认识这种消息", _VERSION),
    404: Row(Unsupported, "这个版本没有这个接口", _VERSION),
    40013: Row(ConfigError, "企业 ID 不正确", "请核对 corp_id（管理后台“我的企业”页最下方）"),
    40029: Row(Rejected, "登录凭证已经用过或过期", "请重新登录"),
    40032: Row(Rejected, "一次发送的人数超过 1000", "请分批发送"),
    40035: Row(Rejected, "参数不正确", _BUG),
    40056: Row(ConfigError, "应用 ID 不正确", _AGENT),
    40058: Row(Rejected, "参数不正确，或者内容过长", _BUG),
    40066: Row(Rejected, "部门 ID 不正确", "请核对部门"),
    41001: Row(Rejected, "请求没有带访问凭证", _BUG),
    44004: Row(Rejected, "消息内容为空", _BUG),
    45002: Row(Rejected, "消息内容过长", _SPLIT),
    45008: Row(Rejected, "图文超过 8 条", _SPLIT),
    45009: Row(RateLimited, "调用过于频繁，被企业微信暂停", "会自动等待后继续，不需要处理"),
    45029: Row(Rejected, "消息内容过长", _SPLIT),
    45033: Row(RetryLater, "同时调用过多", "会自动重试；经常出现时请调小 delivery.at_once", after=2.0),
    48002: Row(ConfigError, "应用没有调用这个接口的权限", "请在管理后台给应用开通权限，或核对 secret"),
    48007: Row(ConfigError, "客服账号没有授权给应用", "请在微信客服中把账号授权给应用"),
    50001: Row(ConfigError, "网页域名不在可信域名内", "请在管理后台设置可信域名，端口也要一致"),
    50003: Row(ConfigError, "应用已被停用", "请在管理后台启用应用"),
    60003: Row(DropRecipient, "部门不存在", "请核对部门"),
    60011: Row(DropRecipient, "成员或部门不在应用可见范围内", "请在管理后台把成员加入应用可见范围"),
    60020: Row(ConfigError, "本机出口 IP 不在企业可信 IP 内", _EGRESS),
    82001: Row(Rejected, "没有指定接收人", _BUG),
    86001: Row(TargetGone, "群聊不存在", "请核对群聊 ID"),
    86003: Row(TargetGone, "群聊不属于这个应用", "请核对群聊 ID"),
    86215: Row(Rejected, "同名群聊已经存在", "请换一个群聊 ID"),
    86216: Row(Rejected, "群成员不正确", "请核对群成员账号"),
    86217: Row(ConfigError, "应用不允许创建或使用群聊", "请把应用的可见范围设为全单位"),
    93000: Row(TargetGone, "群机器人地址无效，或机器人已被移除", _ROBOT),
    93001: Row(TargetGone, "机器人不允许向这个群发消息", _ROBOT),
    93004: Row(TargetGone, "机器人已被停用", _ROBOT),
    93006: Row(TargetGone, "群聊 ID 不正确", "请核对群聊 ID，大小写也要一致"),
    93008: Row(TargetGone, "机器人不在这个群里", _ROBOT),
    93017: Row(Rejected, "消息内容为空", _BUG),
    93018: Row(Rejected, "图片过大", "请换一张小于 2 MB 的图片"),
    93019: Row(ConfigError, "机器人 ID 不正确", "请核对机器人 ID"),
    95000: Row(ConfigError, "客服账号不存在", "请核对 [kf] accounts，并在微信客服里把账号授权给应用"),
    95001: Row(Rejected, "对方发言后已经回了 5 条，微信客服不让再发", _LATER),
    95002: Row(Rejected, "对方超过 48 小时没有发言，微信客服不让发", _LATER),
    95007: Row(Rejected, "微信客服的凭证已经过期", "会自动改用别的方式，不需要处理"),
    95013: Row(Rejected, "会话已经结束", _LATER),
    95014: Row(Rejected, "转接的成员不是接待人员，或没有在接待", "请在微信客服里设置接待人员"),
    95016: Row(Rejected, "会话现在不能转接", "会话可能已由人工接待或已经结束，请在微信客服里查看"),
    95018: Row(Rejected, "会话正由人工接待，助手不能发", "请人工在微信客服里答复"),
    301002: Row(ConfigError, "访问凭证属于另一个应用", _AGENT),
    846601: Row(RetryLater, "智能机器人服务暂时不可用", "会自动重试，不需要处理", after=2.0),
    846602: Row(RetryLater, "智能机器人服务暂时不可用", "会自动重试，不需要处理", after=2.0),
    846605: Row(Rejected, "这条消息已经不能直接回复（长连接换过，或超过时限）", "会改为主动发送"),
    846608: Row(Rejected, "这条回复的流式消息已经过期", "会改为主动发送"),
    846609: Row(RetryLater, "智能机器人的长连接没有订阅", "会自动重新连接，不需要处理", after=1.0),
    853000: Row(ConfigError, "智能机器人的 BotID 或 Secret 不正确", "请核对 [robot] bot_id 和 secret"),
    301042: Row(ConfigError, "本机出口 IP 不在会话存档的可信 IP 内", "请在管理后台加入本机出口 IP"),
}  # fmt: skip


def of_code(code: int, errmsg: str, now: datetime) -> WeComError:
    """The error for a non-zero `errcode`. `errmsg` is kept for the log and never read: its words change."""
    row = TABLE.get(code)
    if row is None:
        return Rejected("企业微信返回了没有登记的错误码", _BUG, code=code, detail=errmsg)
    if row.error is RateLimited:
        return RateLimited(row.reason, row.next_step, until=now + _WINDOW, code=code, detail=errmsg)
    if row.error is RetryLater:
        return RetryLater(row.reason, row.next_step, after=row.after, code=code, detail=errmsg)
    return row.error(row.reason, row.next_step, code=code, detail=errmsg)
