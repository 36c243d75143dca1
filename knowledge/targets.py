"""The figures the notice sets, each tied to the words that set it.

Answers, lights and digests read them. Loading fails when a quote is not word for word in its point:
a figure that cannot be traced must never reach a reader.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from knowledge.notice import Notice

_BOUNDS = "不少于|不低于|不超过|不高于|超过|超|突破|至少|达到|约|近"


@dataclass(frozen=True, slots=True)
class Target:
    """量化指标. `op` is how the notice states it, `met_when` how a count may be compared with it."""

    id: str
    point: int  # 0 is the notice as a whole
    what: str
    op: str
    value: float | None  # None where the notice gives no number ("全面完成")
    unit: str
    scope: str  # 全市, a county, 每个县(区), 每个单位 …
    quote: str
    kind: str  # target | condition | coverage | time | expanded
    due: date | None
    due_stated: bool
    note: str
    met_when: str | None = None
    stance: str = ""  # 争取, 力争: softer than a bare target and to be shown as stated
    parent: str = ""  # an expanded row's original

    @property
    def stated(self) -> str:
        """The figure as the notice prints it, with what stands at its side: 不少于28个项目, 90%以上."""
        if self.value is None or not self.unit:
            return ""
        number = rf"(?<![\d.])0*{re.escape(f'{self.value:g}')}{re.escape(self.unit)}"
        found = re.search(rf"(?:{_BOUNDS})?{number}(?:以上|以下|以内|左右)?", self.quote)
        if found is None:
            return ""
        apart = re.search(rf"至少[^,。]{{1,6}}{number}", self.quote)  # 至少完成打造2条
        soft = self.stance if self.stance in self.quote else ""
        return soft + ("至少" if apart else "") + found[0]


class TargetError(ValueError):
    """Figures that are not in the notice's own words; every one is named."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


def load(jsonl: str, notice: Notice) -> tuple[Target, ...]:
    """Targets from JSON lines, each quote checked against the notice."""
    rows = [_target(json.loads(line)) for line in jsonl.splitlines() if line.strip()]
    check(rows, notice)
    return tuple(rows)


def check(targets: Iterable[Target], notice: Notice) -> None:
    """Raise TargetError naming each target whose quote is not word for word in its point."""
    problems = []
    for target in targets:
        point = notice.point(target.point)
        words = point.text if point else notice.header if target.point == 0 else ""
        if not target.quote or target.quote not in words:
            problems.append(f"指标{target.id}：“{target.quote}”不是第{target.point}点原文")
    if problems:
        raise TargetError(problems)


def targets_of(targets: Iterable[Target], point: int) -> tuple[Target, ...]:
    """The figures of a point as the notice states them, without the ones expanded county by county."""
    return tuple(t for t in targets if t.point == point and t.kind != "expanded")


def _target(row: dict[str, Any]) -> Target:
    value = row["value"]
    return Target(
        id=row["id"],
        point=row["point"],
        what=row["what"],
        op=row["op"],
        value=float(value) if isinstance(value, int | float) else None,
        unit=row["unit"],
        scope=row["scope"],
        quote=row["quote"],
        kind=row["kind"],
        due=date.fromisoformat(row["due"]) if row["due"] else None,
        due_stated=row["due_stated"],
        note=row.get("note", ""),
        met_when=row.get("met_when"),
        stance=row.get("stance", ""),
        parent=row.get("parent", ""),
    )
