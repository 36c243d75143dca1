"""回头看 in words and days: when what was closed is looked at again, what is asked, what the answer means.

Pure. The office's numbers come in as `LookbackRules`; `scheduler/lookbacks.py` asks and `handlers/closing.py`
takes the answer.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date, timedelta

from storage.closings import Closing
from storage.lookbacks import HOLDS, MOSTLY, RELAPSED, Lookback
from supervision.rounds import circled, day
from supervision.rules import LookbackRules
from supervision.workdays import SHANGHAI, Workdays

FINDINGS = {HOLDS: "巩固", MOSTLY: "基本巩固", RELAPSED: "反弹"}
ANSWER_WITHIN = 3  # working days

# Read in this order: “基本正常” is not “正常”, and “没有反弹” no relapse.
_NONE = re.compile(
    r"(?:没有?|无|未|不存在|未发现)(?:出现|发现|发生)?(?:任何)?(?:新增?的?)?(?:反弹|复发|问题|异常|损坏|回潮)"
)
_SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        RELAPSED,
        re.compile(r"反弹|复发|回潮|回退|退化|又出现|再次出现|重新出现|损坏|损毁|不正常|荒废|无人管护|停用"),
    ),
    (MOSTLY, re.compile(r"基本(?:正常|巩固|稳定|保持|良好)|总体(?:正常|稳定)|个别|少数|小问题")),
    (HOLDS, re.compile(r"正常|巩固|稳定|良好|完好|保持|没有?问题|无(?:新增)?问题|都好|运行好")),
)


def days_after(closed_on: date, rules: LookbackRules, workdays: Workdays) -> list[date]:
    """Moved to the next working day."""
    return [workdays.shift(closed_on + timedelta(days=number), 0) for number in rules.days]


def inspected(closing: Closing, rules: LookbackRules) -> bool:
    """Whether this one is in the sample: by its number, so that everybody who asks gets the same answer."""
    drawn = hashlib.sha256(f"{closing.doc_number}:{closing.id}".encode()).digest()
    return int.from_bytes(drawn[:4]) % 100 < rules.sampling


def finding_of(answer: str) -> str:
    """holds, mostly or relapsed; empty where the words say none of them."""
    rest, negated = _NONE.subn("", answer)
    for finding, sign in _SIGNS:
        if sign.search(rest):
            return finding
    return HOLDS if negated else ""


def question(due: Sequence[Lookback], today: date, rules: LookbackRules, workdays: Workdays) -> str:
    """What one liaison is asked of everything of his that is due."""
    units = "、".join(dict.fromkeys(one.closing.unit for one in due))
    until = day(workdays.shift(today, ANSWER_WITHIN))
    plural = len(due) > 1
    head = f"【回头看】{units}联络员您好："
    rows = [_row(one, number if plural else 0) for number, one in enumerate(due, start=1)]
    sample = f"回头看 要点{due[0].closing.point} 正常，由××管护" if plural else "回头看 正常，由××管护"
    lines = [
        head,
        *rows,
        f"请于{until}17:30前回复：目前是否正常、由谁管护；有无新增问题或上级反馈。",
        f"不需另写材料，一两句话即可，例如：{sample}。有反弹的请直说，办公室一起想办法。",
    ]
    if any(inspected(one.closing, rules) for one in due):
        lines.append("实地抽查另行约定时间。")
    return "\n".join([*lines, "市百千万办"])


def _row(one: Lookback, number: int) -> str:
    closed = one.closing.at.astimezone(SHANGHAI)
    mark = circled(number) if number else ""
    return (
        f"{mark}要点{one.closing.point}“{one.closing.what}”已于{closed.month}月{closed.day}日销号，"
        f"按计划做第{one.number}次回头看。"
    )
