"""Reads the sections of a config file and what the environment says, and names what is wrong with them.

`bot/settings.py` hands in its slices: frozen dataclasses of `setting(...)` fields, and perhaps a `mistakes`
method for what is wrong with several values together. Knows no section by name.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, TypeVar, get_origin, get_type_hints

PREFIX = "BQW_"


def read(path: Path | None, mistakes: list[str]) -> dict[str, dict[str, Any]]:
    """The file's sections; {} where there is no file, or it cannot be read."""
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


def apply_environment(
    table: dict[str, dict[str, Any]],
    environ: Mapping[str, str],
    sections: Mapping[str, type[Any]],
    mistakes: list[str],
) -> None:
    """Lays the environment over the file."""
    known = {
        f"{PREFIX}{section}_{item.name}{suffix}".upper(): (section, item.name + suffix)
        for section, kind in sections.items()
        for item in fields(kind)
        for suffix in (("", "_file") if item.metadata["secret"] else ("",))
    }
    for name, value in environ.items():
        if not name.startswith(PREFIX):
            continue
        if name not in known:
            mistakes.append(f"环境变量 {name} 不认识{did_you_mean(name, known)}")
            continue
        section, key = known[name]
        table.setdefault(section, {})[key] = _Said(value)


class _Said(str):
    """A value from the environment: always text, to be read as the setting's own type."""

    __slots__ = ()


_Slice = TypeVar("_Slice")


def section(
    section: str, kind: type[_Slice], given: dict[str, Any], path: Path | None, mistakes: list[str]
) -> _Slice:
    """One slice of the configuration; a value that is wrong is named and keeps its default."""
    before = len(mistakes)
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
            mistakes.append(f"{where} 不认识{did_you_mean(name, [*items, *secrets])}")
            continue
        if value is not None and _fits(where, items[name], value, mistakes):
            values[name] = value
    made = kind(**values)
    together = getattr(made, "mistakes", None)  # of values that are right one by one
    if together is not None and len(mistakes) == before:
        mistakes += [f"[{section}] {line}" for line in together()]
    return made


def _fits(where: str, item: Field[Any], value: Any, mistakes: list[str]) -> bool:
    check = item.metadata["check"]
    wrong = check(value) if check else None
    if wrong:
        shown = "" if item.metadata["secret"] else f"，现在是 {value!r}"
        mistakes.append(f"{where} {wrong}{shown}")
    return not wrong


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
_TABLE = '对照表，例如 { "17-4" = "statistic" }'


def _as_type(where: str, kind: Any, raw: Any, mistakes: list[str]) -> Any:
    value = _from_text(kind, raw) if isinstance(raw, _Said) else raw
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind == tuple[str, ...] and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    if _is_table(kind) and isinstance(value, dict) and all(isinstance(v, str) for v in value.values()):
        return value
    if kind in (str, int, float, bool) and type(value) is kind:
        return value
    mistakes.append(f"{where} 应为{_TABLE if _is_table(kind) else _KINDS[kind]}")
    return None


def _is_table(kind: Any) -> bool:
    return get_origin(kind) is Mapping


def _from_text(kind: Any, said: str) -> Any:
    text = str(said)
    if _is_table(kind):
        pairs = [part.partition("=") for part in text.split(",") if part.strip()]
        return {name.strip(): value.strip() for name, _, value in pairs}
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


def did_you_mean(name: str, known: Any) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"，是不是 {close[0]}" if close else ""


def default_of(item: Field[Any]) -> Any:
    return (
        item.default_factory()
        if item.default is MISSING and item.default_factory is not MISSING
        else item.default
    )


def as_toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{as_toml(name)} = {as_toml(part)}" for name, part in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, tuple):
        return "[" + ", ".join(as_toml(part) for part in value) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
