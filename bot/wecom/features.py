"""What a tenant can do, by its edition: one table that the program, `bqw doctor` and the documents read.

A private deployment (政务微信, 粤政易) lacks what its version was built without. What is absent has something
in its place that works everywhere: plain text, and the private chat with the app.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Standing: TypeAlias = Literal["works", "fallback", "off"]

EDITIONS: dict[str, str] = {
    "public": "企业微信（公有云）",
    "private": "政务微信（私有部署）",
    "yuezhengyi": "粤政易",
}
STANDINGS: dict[Standing, str] = {"works": "可用", "fallback": "代替", "off": "没有"}


@dataclass(frozen=True, slots=True)
class Words:
    """The same in both languages of the documents."""

    zh: str
    en: str


_NONE = Words("—", "—")
_NO = Words("不行", "no")
_YES = Words("可以", "yes")


@dataclass(frozen=True, slots=True)
class Feature:
    """One line of the table. `standing` is that of public, private and 粤政易 before the operator says more.

    `internal` and `external` say what becomes of it in groups of the own unit, and with outsiders;
    `instead` what takes its place where it is absent, `needs` what to ask for to have it.
    """

    name: str
    label: Words
    standing: tuple[Standing, Standing, Standing]
    internal: Words
    external: Words
    instead: Words
    needs: str = ""

    def of(self, edition: str) -> Standing:
        return self.standing[tuple(EDITIONS).index(edition)]

    @property
    def optional(self) -> bool:
        """Whether a private deployment may have it, depending on its version."""
        return "fallback" in self.standing


_EVERYWHERE: tuple[Standing, Standing, Standing] = ("works", "works", "works")
_PUBLIC_ONLY: tuple[Standing, Standing, Standing] = ("works", "fallback", "fallback")
_NOWHERE: tuple[Standing, Standing, Standing] = ("off", "off", "off")

FEATURES: tuple[Feature, ...] = (
    Feature(
        "app",
        Words("应用单聊（自建应用）", "Private chat with the app (自建应用)"),
        _EVERYWHERE,
        Words("提问、报送、催报、专报都可以", "questions, reports, reminders and digests"),
        Words("不行：外部人员看不到应用", "no: outsiders cannot see the app"),
        _NONE,
        "自建应用开启“接收消息”，成员在可见范围内",
    ),
    Feature(
        "files",
        Words("收发图片和文件", "Pictures and files, both ways"),
        _EVERYWHERE,
        Words("在应用单聊里可以", "in the private chat"),
        _NO,
        _NONE,
    ),
    Feature(
        "robot",
        Words("群里 @ 机器人提问（智能机器人）", "@ the robot in a group (智能机器人)"),
        _PUBLIC_ONLY,
        Words("可以，只听得到 @ 它的话", "yes; it hears only what mentions it"),
        _NO,
        Words("在应用单聊里问", "ask in the private chat"),
        "管理后台有“智能机器人”并给出长连接地址",
    ),
    Feature(
        "webhook",
        Words("群里推送并 @ 到人（群机器人）", "Push into a group with a real @ (群机器人 webhook)"),
        _PUBLIC_ONLY,
        Words("可以，每个机器人每分钟 20 条", "yes, 20 a minute per robot"),
        _NO,
        Words("逐人推送到应用单聊", "pushed to each person's private chat"),
        "群里可以添加群机器人并复制地址",
    ),
    Feature(
        "appchat",
        Words("应用建的群里推送（应用群聊）", "Push into a group the app made (应用群聊 appchat)"),
        _EVERYWHERE,
        Words("可以，听不到群里说的话", "yes; it hears nothing there"),
        _NO,
        Words("逐人推送到应用单聊", "pushed to each person's private chat"),
        "公有云要求应用对全单位可见；私有部署只要成员都在可见范围内",
    ),
    Feature(
        "kf",
        Words("企业用微信提诉求（微信客服）", "Firms write from WeChat (微信客服)"),
        _PUBLIC_ONLY,
        _NONE,
        Words(
            "可以，一对一，从自建应用的回调进来；企业说话后 48 小时内最多回 5 条",
            "yes, one to one, by the callback of the app; 5 messages within 48 hours of theirs",
        ),
        Words("由工作人员在应用单聊里代为登记", "staff record it in the private chat"),
        "开通了微信客服并授权给应用",
    ),
    Feature(
        "external_groups",
        Words("在外部群（含企业人员）里即时问答", "Answer in an external group, with firms in it"),
        _NOWHERE,
        _NONE,
        Words(
            "不可能：没有接口能即时读到外部群",
            "impossible: nothing can read an external group in real time",
        ),
        Words("请企业用微信客服，或由工作人员转述", "微信客服, or staff pass it on"),
    ),
    Feature(
        "cards",
        Words("带按钮的卡片", "Cards with buttons"),
        _PUBLIC_ONLY,
        _YES,
        _NONE,
        Words("改用文字，回复序号或原话", "plain text, answered by a number or in words"),
        "服务端版本支持模板卡片（template_card）",
    ),
    Feature(
        "markdown",
        Words("加粗和上色的答复（markdown）", "Bold and coloured answers (markdown)"),
        _PUBLIC_ONLY,
        Words("可以，默认不用（微信插件里看不到）", "yes, off by default (the WeChat plug-in shows none)"),
        _NONE,
        Words("改用纯文字", "plain text"),
        "服务端版本支持 markdown 消息",
    ),
)
OPTIONAL: tuple[str, ...] = tuple(feature.name for feature in FEATURES if feature.optional)
REMOVABLE: tuple[str, ...] = tuple(
    feature.name for feature in FEATURES if feature.instead != _NONE and feature.of("public") == "works"
)


@dataclass(frozen=True, slots=True)
class Features:
    """What this tenant has. A channel that is absent is never built, so nothing is sent in vain."""

    edition: str
    present: frozenset[str]

    @staticmethod
    def of(edition: str, *, also: Iterable[str] = (), without: Iterable[str] = ()) -> Features:
        """The edition's usual, with what the operator found this version to have or to lack."""
        usual = {feature.name for feature in FEATURES if feature.of(edition) == "works"}
        return Features(edition, frozenset((usual | set(also)) - set(without)))

    def standing(self, feature: Feature) -> Standing:
        if feature.name in self.present:
            return "works"
        return "off" if feature.of("public") == "off" else "fallback"

    @property
    def robot(self) -> bool:
        return "robot" in self.present

    @property
    def webhook(self) -> bool:
        return "webhook" in self.present

    @property
    def appchat(self) -> bool:
        return "appchat" in self.present

    @property
    def kf(self) -> bool:
        return "kf" in self.present

    @property
    def cards(self) -> bool:
        return "cards" in self.present

    @property
    def markdown(self) -> bool:
        return "markdown" in self.present

    @property
    def files(self) -> bool:
        return "files" in self.present
