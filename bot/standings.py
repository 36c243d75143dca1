"""What this tenant can do, one line per feature: works, replaced by what, or impossible, and why.

`bqw doctor` prints it below its checks. The table is `bot/wecom/features.py`; here it meets the settings and
what the console told of the app.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.finding import Finding
from bot.settings import Settings
from bot.wecom.agent import Agent
from bot.wecom.features import EDITIONS, FEATURES, STANDINGS, Feature, Standing


def standings(settings: Settings, agent: Agent | None = None) -> Iterator[Finding]:
    """In the table's order; none of them is a failure."""
    for feature in FEATURES:
        standing, why = _of(feature, settings, agent)
        yield Finding(f"功能 {feature.label.zh}", why, mark=STANDINGS[standing])


def _of(feature: Feature, settings: Settings, agent: Agent | None) -> tuple[Standing, str]:
    standing = settings.tenant.features.standing(feature)
    if standing == "off":
        return standing, f"{feature.external.zh}；{feature.instead.zh}"
    if standing == "fallback":
        return standing, f"{feature.instead.zh}（{_why(feature, settings)}）"
    if feature.name in ("cards", "markdown") and not getattr(settings.app, feature.name):
        return "fallback", f"{feature.instead.zh}（按 [app] {feature.name} 的设置不用）"
    if feature.name == "appchat" and settings.tenant.edition == "public" and agent and not agent.everybody:
        return "fallback", f"{feature.instead.zh}（应用没有对全单位可见）"
    here = feature.external if feature.internal.zh == "—" else feature.internal
    return standing, here.zh


def _why(feature: Feature, settings: Settings) -> str:
    if feature.name in settings.tenant.without:
        return "按 [tenant] without 的设置不用"
    edition = EDITIONS[settings.tenant.edition]
    return f"{edition}通常没有；本单位若有（{feature.needs}），在 [tenant] also 写 {feature.name}"
