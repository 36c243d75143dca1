"""The settings of the clock: at what time of day each job is due, and which jobs rest.

`bot/settings.py` assembles it as `[schedule]`; `scheduler/jobs.py` lays the table out by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time
from typing import Any


def _setting(default: Any, about: str, check: Callable[[Any], str | None] | None = None) -> Any:
    metadata = {"about": about, "secret": False, "check": check}
    if isinstance(default, tuple):
        return field(default_factory=lambda: default, metadata=metadata)
    return field(default=default, metadata=metadata)


def _wrong_time(value: str) -> str | None:
    try:
        at = read(value)
    except ValueError:
        return "应写成 09:10 这样的时刻"
    return "请避开整点和半点，例如 09:10" if at.minute in (0, 30) else None


def _wrong_end(value: str) -> str | None:
    """The first and last time of a span: the times between them step aside by themselves."""
    try:
        read(value)
    except ValueError:
        return "应写成 07:30 这样的时刻"
    return None


def _unknown(names: tuple[str, ...]) -> str | None:
    if not names:
        return None
    from scheduler.jobs import table  # which brings most rooms along

    known = [job.name for job in table(Times())]
    wrong = [name for name in names if name not in known]
    return f"没有名为 {'、'.join(wrong)} 的任务，可以写的是 {'、'.join(known)}" if wrong else None


def _at(default: str, about: str) -> Any:
    return _setting(default, about, _wrong_time)


@dataclass(frozen=True, slots=True)
class Times:
    """Times of day as the office writes them, 09:10; all on working days."""

    rounds: str = _at("08:50", "到开窗日自动开月报、季报的时刻")
    digest_from: str = _setting(
        "07:30", "最早几点开始发每日专报（领导可以自己定时刻，默认 08:40）", _wrong_end
    )
    digest_until: str = _setting("18:00", "最晚几点发每日专报", _wrong_end)
    digest_minutes: int = _setting(
        10,
        "隔几分钟看一次有没有到点的专报",
        lambda value: None if 1 <= value <= 60 else "应在 1 到 60 之间",
    )
    weekly: str = _at("08:40", "周报，每周第一个工作日")
    reminders: str = _at("09:10", "催报、提醒、退回补充，合并成一条")
    group_lines: str = _at("14:20", "群周报，每周第一个工作日")
    problems: str = _at("09:20", "政企问题临期提示，上午一次")
    problems_again: str = _at("14:50", "政企问题临期提示，下午一次")
    drafts: str = _at("11:40", "待审核草稿清单，发办公室")
    escalation: str = _at("14:40", "逾期升级的草稿")
    due_list: str = _at("16:40", "下周到期与红黄灯清单，每周四")
    summary: str = _at("17:10", "当日收报汇总、明日到期，发办公室")
    calendar: str = _at("09:40", "下一年节假日安排还没有公布时提醒管理员，每月一次")
    off: tuple[str, ...] = _setting(
        (), '不自动办的任务，写任务名，例如 ["rounds"]；仍可用 bqw jobs run 手动办', _unknown
    )
    lease_seconds: int = _setting(
        120,
        "一次任务由一个进程办多久；进程意外退出后过这么久由别的进程接手",
        lambda value: None if 10 <= value <= 3600 else "应在 10 到 3600 之间",
    )
    tick_seconds: float = _setting(
        3.0,
        "隔几秒看一次有没有到点的任务",
        lambda value: None if 0.05 <= value <= 60 else "应在 0.05 到 60 之间",
    )


def read(text: str) -> time:
    """`09:10`; raises ValueError for anything else."""
    if len(text) != 5:
        raise ValueError(text)
    return time.fromisoformat(text)
