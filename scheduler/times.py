"""The settings of the clock: at what time of day each job is due, which rest, how long its traces are kept.

`bot/settings.py` assembles them as `[schedule]` and `[keep]`; `scheduler/jobs.py` lays the table out by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from supervision.setting import between, read_time, setting


def _wrong_time(value: str) -> str | None:
    try:
        at = read_time(value)
    except ValueError:
        return "应写成 09:10 这样的时刻"
    return "请避开整点和半点，例如 09:10" if at.minute in (0, 30) else None


def _wrong_end(value: str) -> str | None:
    """The first and last time of a span: the times between them step aside by themselves."""
    try:
        read_time(value)
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
    return setting(default, about, check=_wrong_time)


@dataclass(frozen=True, slots=True)
class Keep:
    """How many days what the clock leaves behind is kept."""

    runs_days: int = setting(400, "定时任务的记录（bqw jobs log）留多少天", check=between(30, 3650))
    files_days: int = setting(60, "专报的图片、明细表留多少天；还没发出的不删", check=between(7, 3650))


@dataclass(frozen=True, slots=True)
class Times:
    """Times of day as the office writes them, 09:10; all on working days."""

    rounds: str = _at("08:50", "到开窗日自动开月报、季报的时刻")
    digest_from: str = setting(
        "07:30", "最早几点开始发每日专报（领导可以自己定时刻，默认 08:40）", check=_wrong_end
    )
    digest_until: str = setting("18:00", "最晚几点发每日专报", check=_wrong_end)
    digest_minutes: int = setting(10, "隔几分钟看一次有没有到点的专报", check=between(1, 60))
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
    bulletin: str = _at("09:50", "上月通报初稿（Word），每月第一个工作日发办公室")
    tidy: str = _at("13:10", "清理过期的任务记录和专报文件")
    off: tuple[str, ...] = setting(
        (), '不自动办的任务，写任务名，例如 ["rounds"]；仍可用 bqw jobs run 手动办', check=_unknown
    )
    lease_seconds: int = setting(
        120, "一次任务由一个进程办多久；进程意外退出后过这么久由别的进程接手", check=between(10, 3600)
    )
    tick_seconds: float = setting(3.0, "隔几秒看一次有没有到点的任务", check=between(0.05, 60))
