"""What this tenant can do, one line per feature: works, replaced by what, or impossible, and why.

`bqw doctor` prints it below its checks. The table is `bot/wecom/features.py`; here it meets the settings and
what the console told of the app.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from bot.finding import Finding
from bot.settings import Settings
from bot.tenant import SWITCHES, used
from bot.wecom.agent import Agent
from bot.wecom.features import EDITIONS, FEATURES, STANDINGS, Feature

_UNUSED = "未启用"


def standings(settings: Settings, agent: Agent | None = None) -> Iterator[Finding]:
    """In the table's order; none of them is a failure."""
    for feature in FEATURES:
        mark, why = _of(feature, settings, agent)
        yield Finding(f"功能 {feature.label.zh}", why, mark=mark)


def _of(feature: Feature, settings: Settings, agent: Agent | None) -> tuple[str, str]:
    standing = settings.tenant.features.standing(feature)
    if standing == "off":
        return STANDINGS["off"], f"{feature.external.zh}；{feature.instead.zh}"
    why = _why(feature, settings) if standing == "fallback" else _held_back(feature, settings, agent)
    if why:
        return STANDINGS["fallback"], f"{feature.instead.zh}。{why}"
    here = (feature.external if feature.internal.zh == "—" else feature.internal).zh
    sections = {item.name: getattr(settings, item.name) for item in fields(settings)}
    if not used(sections, feature.name):
        section, key = SWITCHES[feature.name]
        return _UNUSED, f"{here}；要用请设置 [{section}] {key}"
    return STANDINGS["works"], here


def _held_back(feature: Feature, settings: Settings, agent: Agent | None) -> str:
    """Why something that the edition has goes by its substitute all the same."""
    if feature.name in ("cards", "markdown") and not getattr(settings.app, feature.name):
        return f"按 [app] {feature.name} 的设置不用"
    if feature.name == "appchat" and settings.tenant.edition == "public" and agent and not agent.everybody:
        return "应用没有对全单位可见"
    return ""


def _why(feature: Feature, settings: Settings) -> str:
    if feature.name in settings.tenant.without:
        return "按 [tenant] without 的设置不用"
    edition = EDITIONS[settings.tenant.edition]
    return f"{edition}通常没有；{feature.needs}的，在 [tenant] also 写 {feature.name}"
