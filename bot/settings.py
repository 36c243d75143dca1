"""One config file, read once at start; every mistake in it is named at once.

Each room declares the slice it wants as a frozen dataclass of `setting(...)` fields; this file only assembles
them, applies `BQW_<SECTION>_<KEY>` from the environment and `<key>_file` for secrets, and refuses what is
wrong. Plain dataclasses and tomllib: a settings library would cost a fifth of the start-up time allowed.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

from bot import config_file
from bot.channels.robot_slice import Robot, missing_for_robot
from bot.channels.slices import Groups, Kf
from bot.option import is_key, is_token
from bot.tenant import Gateway, Tenant, at_odds
from scheduler.times import Keep, Times
from supervision.light_rules import LightRules
from supervision.problem_rules import ProblemRules
from supervision.rules import Caps, LookbackRules, OfficeHours, Rules
from supervision.setting import between, read_time, setting
from supervision.workdays import Hours


class SettingsError(Exception):
    """Everything that is wrong with the configuration, each with what to write instead."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Server:
    host: str = setting("127.0.0.1", "监听地址；放在反向代理后面时保持本机地址")
    port: int = setting(8080, "监听端口", check=between(0, 65535))


@dataclass(frozen=True, slots=True)
class Database:
    url: str = setting(
        "sqlite:///data/bqw.db",
        "数据库：SQLite 文件，或 postgresql://用户名@主机/库名（密码建议用环境变量或 .pgpass）",
        check=lambda url: (
            None if str(url).startswith(("sqlite:", "postgresql:")) else "应以 sqlite: 或 postgresql: 开头"
        ),
        secret=True,  # it may hold a password
    )


def _is_ca_file(path: str) -> str | None:
    if not path:
        return None
    try:
        ssl.create_default_context(cafile=path)
    except ssl.SSLError:
        return "不是有效的 CA 证书文件（应为 PEM 格式）"
    except OSError:
        return "找不到这个文件，或者没有权限读"
    return None


def _is_web_address(url: str) -> str | None:
    return None if not url or re.match(r"https?://[^\s/]", url) else "应以 http:// 或 https:// 开头"


@dataclass(frozen=True, slots=True)
class App:
    """The self-built app of the tenant."""

    corp_id: str = setting("", "企业（单位）ID，管理后台“我的企业”页最下方")
    agent_id: int = setting(0, "自建应用的 AgentId", check=between(0, 2**31))
    secret: str = setting("", "自建应用的 Secret", secret=True)
    token: str = setting("", "“接收消息”页的 Token", secret=True, check=is_token)
    aes_key: str = setting("", "“接收消息”页的 EncodingAESKey,43 个字符", secret=True, check=is_key)
    api_base: str = setting(
        "https://qyapi.weixin.qq.com/cgi-bin/",
        "接口地址；政务微信、粤政易等私有部署填自己的地址，可以带路径前缀",
        check=lambda url: (
            None if url.startswith(("http://", "https://")) else "应以 http:// 或 https:// 开头"
        ),
    )
    ca_file: str = setting(
        "",
        "接口证书的 CA 文件（私有部署用自签证书时填写）；留空用系统自带的",
        check=_is_ca_file,
    )
    proxy: str = setting(
        "", "访问接口用的代理，例如 http://10.0.0.1:3128；留空不用", secret=True, check=_is_web_address
    )
    cards: bool = setting(True, "是否用带按钮的卡片；旧版政务微信不支持时改为 false，自动改用文字")
    markdown: bool = setting(
        False,
        "回答是否用 markdown（条目加粗、数字上色）；微信插件里看不到，成员都用企业微信客户端时再改为 true",
    )
    replay_window_seconds: int = setting(
        600, "回调时间戳与本机时间相差超过多少秒就拒绝，防止重放", check=between(10, 86400)
    )
    inline_deadline_seconds: float = setting(
        4.0, "回调最多等多少秒；企业微信 5 秒断开", check=between(0.5, 4.8)
    )


@dataclass(frozen=True, slots=True)
class Delivery:
    """WeCom drops what exceeds its windows without an error, so the bot keeps them itself."""

    per_member_minute: int = setting(
        30, "同一成员每分钟最多推送几条（企业微信上限 30）", check=between(1, 10000)
    )
    per_member_hour: int = setting(
        1000, "同一成员每小时最多推送几条（企业微信上限 1000）", check=between(1, 100000)
    )
    per_app_minute: int = setting(
        6000, "应用每分钟最多推送几人次，各进程合计；均匀发出（企业微信上限 20000）", check=between(60, 20000)
    )
    per_tenant_day: int = setting(
        50000,
        "本单位每天最多推送几人次，各进程合计（企业微信上限为账号数的 200 倍）",
        check=between(100, 10**8),
    )
    per_webhook_minute: int = setting(
        18, "同一个群机器人每分钟最多推送几条（企业微信上限 20）", check=between(1, 20)
    )
    lease_seconds: int = setting(
        30, "一条消息由一个进程占用多久；进程意外退出后过这么久由别的进程接手", check=between(20, 600)
    )
    inline_lease_seconds: int = setting(
        25, "即时回复多久没有送达就改为推送；应大于企业微信全部重试的时间", check=between(1, 600)
    )
    poll_seconds: float = setting(1.0, "隔多久看一次别的进程放入的待发消息", check=between(0.05, 60))
    at_once: int = setting(32, "同时推送几条，其中四分之一只留给答复", check=between(1, 64))
    max_attempts: int = setting(8, "一条消息最多试几次，之后搁置并提示管理员", check=between(1, 100))


def _are_kept(kinds: tuple[str, ...]) -> str | None:
    from knowledge.attachment import KINDS

    unknown = [kind for kind in kinds if kind not in KINDS]
    return f"有不能收的类型 {'、'.join(unknown)}，可以收的是 {'、'.join(KINDS)}" if unknown else None


@dataclass(frozen=True, slots=True)
class Files:
    """What people send besides words; WeCom keeps it for three days, so it is fetched at once."""

    folder: str = setting("data/files", "收到的图片和文件存放的目录；同时运行多个进程时，应是它们共用的目录")
    max_mb: int = setting(20, "单个文件最大多少兆，更大的不收", check=between(1, 100))
    kinds: tuple[str, ...] = setting(
        (
            *("jpg", "png", "gif", "bmp", "webp", "heic", "pdf", "ofd", "docx", "xlsx", "pptx"),
            *("doc", "wps", "txt", "csv", "amr", "mp4"),
        ),
        "收哪些类型；压缩包、程序和带宏的文件一律不收",
        check=_are_kept,
    )
    lease_seconds: int = setting(
        300, "一个文件由一个进程下载多久；进程意外退出后过这么久由别的进程接手", check=between(150, 3600)
    )
    at_once: int = setting(2, "同时下载几个", check=between(1, 16))
    poll_seconds: float = setting(1.0, "隔多久看一次有没有要下载的", check=between(0.05, 60))


@dataclass(frozen=True, slots=True)
class Office:
    admins: tuple[str, ...] = setting((), "市百千万办管理员的成员账号(userid)")


@dataclass(frozen=True, slots=True)
class Digest:
    picture: bool = setting(False, "专报后面是否再发一张图片（各板块灯色和进度条）")
    table: bool = setting(True, "周报后面是否附明细表（Excel，只含收件人看得到的要点和单位）")


@dataclass(frozen=True, slots=True)
class Log:
    level: str = setting(
        "info",
        "日志级别：debug、info、warning、error",
        check=lambda level: (
            None if level in ("debug", "info", "warning", "error") else "应为 debug、info、warning 或 error"
        ),
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration; each field is a section of the file."""

    server: Server = field(default_factory=Server)
    database: Database = field(default_factory=Database)
    app: App = field(default_factory=App)
    tenant: Tenant = field(default_factory=Tenant)
    gateway: Gateway = field(default_factory=Gateway)
    robot: Robot = field(default_factory=Robot)
    delivery: Delivery = field(default_factory=Delivery)
    files: Files = field(default_factory=Files)
    office: Office = field(default_factory=Office)
    groups: Groups = field(default_factory=Groups)
    kf: Kf = field(default_factory=Kf)
    hours: OfficeHours = field(default_factory=OfficeHours)
    schedule: Times = field(default_factory=Times)
    caps: Caps = field(default_factory=Caps)
    lights: LightRules = field(default_factory=LightRules)
    digest: Digest = field(default_factory=Digest)
    lookback: LookbackRules = field(default_factory=LookbackRules)
    problems: ProblemRules = field(default_factory=ProblemRules)
    keep: Keep = field(default_factory=Keep)
    log: Log = field(default_factory=Log)

    @property
    def working_hours(self) -> Hours:
        return self.hours.made(read_time(self.schedule.reminders))

    @property
    def rules(self) -> Rules:
        """The numbers by which the office supervises, as the rooms take them."""
        return Rules(self.caps, self.lights, self.lookback)


_ABOUT = {
    "server": "服务",
    "database": "数据库",
    "app": "企业微信自建应用（政务微信、粤政易相同）",
    "tenant": "哪一种企业微信，本单位的版本有什么、没有什么",
    "gateway": "接口前面的政务网关（粤政易等）；没有网关就不用写",
    "robot": "智能机器人：在内部群里 @ 它提问，或与它单聊",
    "delivery": "推送",
    "files": "收到的图片和文件",
    "office": "市百千万办",
    "groups": "群里的推送",
    "kf": "微信客服",
    "hours": "工作时间：催办、提醒、告知只在这段时间里发，延到下一个工作时段的不会丢",
    "schedule": "定时任务（只在工作日，避开整点和半点）",
    "caps": "发送量上限：超过的自动并条或顺延，并告诉管理员",
    "lights": "红黄绿灯（docs/lights.md 逐条说明）",
    "digest": "专报",
    "lookback": "回头看",
    "problems": "政企问题的时限（按工作时间计，下班后和节假日停表；都是建议值，由市百千万办定）",
    "keep": "留存",
    "log": "日志",
}


def load(path: Path | None, environ: Mapping[str, str] | None = None, *, serving: bool = False) -> Settings:
    """Reads the file (or only the environment, when `path` is None); `serving` asks for a complete app.

    Raises SettingsError naming every mistake: unreadable file, unknown names, wrong types and values.
    """
    mistakes: list[str] = []
    sections = get_type_hints(Settings)
    table = config_file.read(path, mistakes)
    config_file.apply_environment(table, os.environ if environ is None else environ, sections, mistakes)
    for name in table.keys() - sections.keys():
        mistakes.append(f"没有 [{name}] 这一节{config_file.did_you_mean(name, sections)}")
    made = {
        name: config_file.section(name, kind, table.get(name, {}), path, mistakes)
        for name, kind in sections.items()
    }
    mistakes += at_odds(made)
    mistakes += out_of_hours(made["schedule"], made["hours"])
    if serving:
        for section, missing in (("app", missing_for_app), ("robot", missing_for_robot)):
            given = {name.removesuffix("_file") for name in table.get(section, {})}
            mistakes += [line for name, line in missing(made[section]).items() if name not in given]
    if mistakes:
        raise SettingsError(mistakes)
    return Settings(**made)


# What is written to people at these times would otherwise wait for another day.
_IN_HOURS = (
    *("reminders", "drafts", "escalation", "due_list", "summary", "calendar", "bulletin"),
    *("problems", "problems_again"),
)


def out_of_hours(times: Times, office: OfficeHours) -> list[str]:
    """The jobs that would write to people when the office is closed."""
    hours = office.made(read_time(times.reminders))
    said = f"{office.morning}、{office.afternoon}"
    return [
        f"[schedule] {name} 应在工作时间（{said}）里，现在是 {getattr(times, name)}"
        for name in _IN_HOURS
        if not hours.include(read_time(getattr(times, name)))
    ]


def missing_for_app(app: App) -> dict[str, str]:
    """What the self-built app still needs before it can serve, by setting; empty when it is complete."""
    return {
        name: f"[app] {name} 还没有填：{_about(App, name)}"
        for name in ("corp_id", "agent_id", "secret", "token", "aes_key")
        if not getattr(app, name)
    }


def files_with_secrets(path: Path) -> list[Path]:
    """The configuration file, if a secret stands in it, and the files that its `*_file` settings name."""
    found = set()
    for section, given in config_file.read(path, []).items():
        for item in fields(get_type_hints(Settings)[section]):
            if not item.metadata["secret"]:
                continue
            value = given.get(item.name)
            if value and not str(value).startswith("sqlite:"):
                found.add(path)
            if named := given.get(f"{item.name}_file"):
                found.add(path.parent / str(named))
    return sorted(found)


def example() -> str:
    """The text of config.example.toml: every setting with its comment and default."""
    lines = [
        "# 百千万督办助手的全部设置。等号右边是默认值，需要改的才用写。",
        f"# 每一项也可以用环境变量设置，例如 {config_file.PREFIX}APP_SECRET。",
        '# 密钥还可以放在单独的文件里，例如 secret_file = "/run/secrets/wecom"。',
        "# 密钥不要写进会提交的文件。",
    ]
    for section, kind in get_type_hints(Settings).items():
        lines += ["", f"# {_ABOUT[section]}", f"[{section}]"]
        for item in fields(kind):
            lines.append(f"# {item.metadata['about']}")
            lines.append(f"{item.name} = {config_file.as_toml(config_file.default_of(item))}")
    return "\n".join(lines) + "\n"


def _about(kind: Any, name: str) -> str:
    return next(str(item.metadata["about"]) for item in fields(kind) if item.name == name)
