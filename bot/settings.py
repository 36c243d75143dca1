"""One config file, read once at start; every mistake in it is named at once.

Each room declares the slice it wants as a frozen dataclass of `setting(...)` fields; this file only assembles
them, applies `BQW_<SECTION>_<KEY>` from the environment and `<key>_file` for secrets, and refuses what is
wrong. Plain dataclasses and tomllib: a settings library would cost a fifth of the start-up time allowed.
"""

from __future__ import annotations

import difflib
import os
import re
import ssl
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from bot.channels.robot_slice import Robot, missing_for_robot
from bot.channels.slices import Groups, Kf
from bot.option import between, is_key, is_token, setting
from bot.tenant import Gateway, Tenant, at_odds
from scheduler.times import Times
from supervision.problem_rules import ProblemRules

_PREFIX = "BQW_"


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


@dataclass(frozen=True, slots=True)
class Lookback:
    """回头看, point 44."""

    first_days: int = setting(30, "销号后多少天做第一次回头看，遇节假日顺延", check=between(1, 366))
    second_days: int = setting(90, "销号后多少天做第二次回头看，遇节假日顺延", check=between(1, 366))
    sampling: int = setting(20, "回头看时另行实地抽查的比例，百分之几", check=between(0, 100))


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
    schedule: Times = field(default_factory=Times)
    digest: Digest = field(default_factory=Digest)
    lookback: Lookback = field(default_factory=Lookback)
    problems: ProblemRules = field(default_factory=ProblemRules)
    log: Log = field(default_factory=Log)


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
    "schedule": "定时任务（只在工作日，避开整点和半点）",
    "digest": "专报",
    "lookback": "回头看",
    "problems": "政企问题的时限（按工作时间计，下班后和节假日停表；都是建议值，由市百千万办定）",
    "log": "日志",
}


def load(path: Path | None, environ: Mapping[str, str] | None = None, *, serving: bool = False) -> Settings:
    """Reads the file (or only the environment, when `path` is None); `serving` asks for a complete app.

    Raises SettingsError naming every mistake: unreadable file, unknown names, wrong types and values.
    """
    mistakes: list[str] = []
    table = _read(path, mistakes)
    _apply_environment(table, os.environ if environ is None else environ, mistakes)
    sections = get_type_hints(Settings)
    for name in table.keys() - sections.keys():
        mistakes.append(f"没有 [{name}] 这一节{_did_you_mean(name, sections)}")
    made = {
        name: _section(name, kind, table.get(name, {}), path, mistakes) for name, kind in sections.items()
    }
    mistakes += at_odds(made)
    if serving:
        for section, missing in (("app", missing_for_app), ("robot", missing_for_robot)):
            given = {name.removesuffix("_file") for name in table.get(section, {})}
            mistakes += [line for name, line in missing(made[section]).items() if name not in given]
    if mistakes:
        raise SettingsError(mistakes)
    return Settings(**made)


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
    for section, given in _read(path, []).items():
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
        f"# 每一项也可以用环境变量设置，例如 {_PREFIX}APP_SECRET。",
        '# 密钥还可以放在单独的文件里，例如 secret_file = "/run/secrets/wecom"。',
        "# 密钥不要写进会提交的文件。",
    ]
    for section, kind in get_type_hints(Settings).items():
        lines += ["", f"# {_ABOUT[section]}", f"[{section}]"]
        for item in fields(kind):
            lines.append(f"# {item.metadata['about']}")
            lines.append(f"{item.name} = {_toml(_default(item))}")
    return "\n".join(lines) + "\n"


def _read(path: Path | None, mistakes: list[str]) -> dict[str, dict[str, Any]]:
    if path is None:
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        mistakes.append(f"找不到配置文件 {path}：可以复制 config.example.toml 再改")
    except (OSError, UnicodeDecodeError) as error:
        mistakes.append(f"配置文件 {path} 读不出来（{type(error).__name__}），请检查权限和编码（应为 UTF-8）")
    except tomllib.TOMLDecodeError as error:
        mistakes.append(f"配置文件 {path} 写法有误：{error}")
    else:
        loose = [name for name, value in table.items() if not isinstance(value, dict)]
        mistakes += [f"“{name}”应写在某一节下面，例如 [server]" for name in loose]
        return {name: dict(value) for name, value in table.items() if isinstance(value, dict)}
    return {}


def _apply_environment(
    table: dict[str, dict[str, Any]], environ: Mapping[str, str], mistakes: list[str]
) -> None:
    known = {
        f"{_PREFIX}{section}_{item.name}{suffix}".upper(): (section, item.name + suffix)
        for section, kind in get_type_hints(Settings).items()
        for item in fields(kind)
        for suffix in (("", "_file") if item.metadata["secret"] else ("",))
    }
    for name, value in environ.items():
        if not name.startswith(_PREFIX):
            continue
        if name not in known:
            mistakes.append(f"环境变量 {name} 不认识{_did_you_mean(name, known)}")
            continue
        section, key = known[name]
        table.setdefault(section, {})[key] = _Said(value)


class _Said(str):
    """A value from the environment: always text, to be read as the setting's own type."""

    __slots__ = ()


_Slice = TypeVar("_Slice")


def _section(
    section: str, kind: type[_Slice], given: dict[str, Any], path: Path | None, mistakes: list[str]
) -> _Slice:
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    items = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]  # always a dataclass
    secrets = {f"{name}_file": name for name, item in items.items() if item.metadata["secret"]}
    for name, raw in given.items():
        where = f"[{section}] {name}"
        if name in secrets:
            value: Any = _from_file(where, str(raw), path, mistakes)
            name = secrets[name]
            if value is not None and hints[name] == tuple[str, ...]:
                value = tuple(line.strip() for line in value.splitlines() if line.strip())
        elif name in items:
            value = _as_type(where, hints[name], raw, mistakes)
        else:
            mistakes.append(f"{where} 不认识{_did_you_mean(name, [*items, *secrets])}")
            continue
        if value is not None:
            values[name] = value
            _check(where, items[name], value, mistakes)
    return kind(**values)


def _check(where: str, item: Field[Any], value: Any, mistakes: list[str]) -> None:
    check = item.metadata["check"]
    wrong = check(value) if check else None
    if wrong:
        shown = "" if item.metadata["secret"] else f"，现在是 {value!r}"
        mistakes.append(f"{where} {wrong}{shown}")


def _from_file(where: str, name: str, path: Path | None, mistakes: list[str]) -> str | None:
    target = Path(name) if path is None else path.parent / name
    try:
        return target.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        mistakes.append(f"{where} 指的文件 {target} 读不出来（{type(error).__name__}）")
        return None


_KINDS = {
    str: "文字",
    int: "整数",
    float: "数字",
    bool: "true 或 false",
    tuple[str, ...]: '列表，例如 ["wangwu"]',
}


def _as_type(where: str, kind: Any, raw: Any, mistakes: list[str]) -> Any:
    value = _from_text(kind, raw) if isinstance(raw, _Said) else raw
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind == tuple[str, ...] and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    if kind in (str, int, float, bool) and type(value) is kind:
        return value
    mistakes.append(f"{where} 应为{_KINDS[kind]}")
    return None


def _from_text(kind: Any, said: str) -> Any:
    text = str(said)
    if kind is bool:
        return {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower())
    if kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            return None
    if kind is str:
        return text
    return [part.strip() for part in text.split(",") if part.strip()]


def _did_you_mean(name: str, known: Any) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"，是不是 {close[0]}" if close else ""


def _about(kind: Any, name: str) -> str:
    return next(str(item.metadata["about"]) for item in fields(kind) if item.name == name)


def _default(item: Field[Any]) -> Any:
    return (
        item.default_factory()
        if item.default is MISSING and item.default_factory is not MISSING
        else item.default
    )


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
