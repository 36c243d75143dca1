"""What happens by the clock, as a table: name, when, how late it may still be done, who does it, what it is.

The ticker, `bqw jobs` and docs/schedule.md read this one table. A new job is one line here, with its time in
`scheduler/times.py`; its function gets a Shift and returns what it did in a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from scheduler import groups
from scheduler.beside import Beside
from scheduler.bulletins import monthly
from scheduler.calendar import warn_calendar
from scheduler.collections import collect
from scheduler.desk import drafts_waiting, summary
from scheduler.digests import Kind, daily, prepare, weekly, work_list
from scheduler.lookbacks import look_back
from scheduler.problems import near_due, visit
from scheduler.reminders import escalate, remind
from scheduler.rounds import open_due_rounds
from scheduler.shift import Job, Prepare
from scheduler.tidying import tidy
from scheduler.times import Keep, Times
from scheduler.when import Daily, Every, FirstOfWeek, MonthDay, Rule, Twice, Weekday
from storage.digests import DAILY, WEEKLY
from supervision.problem_rules import ProblemRules
from supervision.setting import read_time as read

DIGESTS = Path("data/files/digests")


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the table.

    `newest_only`: of several fire times that were missed only the newest is done, and stands for the others.
    """

    name: str
    rule: Rule
    grace: timedelta
    do: Job
    about: str
    newest_only: bool = False
    off: bool = False  # done by hand only
    prepare: Prepare | None = None


def table(
    at: Times,
    *,
    beside: Beside | None = None,
    keep: Keep | None = None,
    folder: Path = DIGESTS,
    problems: ProblemRules | None = None,
) -> tuple[Entry, ...]:
    """The jobs, in the order in which they are done when they fall due together.

    A grace ends where a late run would be a nuisance: what is told to people is told within office hours.
    `beside` is what follows the words of a digest; None: nothing. Such files lie in `folder` for as long as
    `keep` says.
    """
    keep = keep or Keep()
    day = Every(at.digest_minutes, read(at.digest_from), read(at.digest_until), days_off=True)
    rows = (
        Entry("rounds", Daily(read(at.rounds)), _hours(8), open_due_rounds,
              "到期前5个工作日自动开月报、季报"),
        Entry("collect", Daily(read(at.rounds)), _hours(8), collect, "到日子开定期收集，例如无人机视频"),
        Entry("weekly", FirstOfWeek(read(at.weekly)), _hours(6), partial(weekly, beside=beside),
              "给领导发上周周报，当天代替专报", prepare=_prepared(WEEKLY, beside)),
        Entry("digest", day, _hours(3), partial(daily, beside=beside),
              "按各位领导定的时刻发每日专报，一人一天一份；休息日有新情况时只发给要的",
              newest_only=True, prepare=_prepared(DAILY, beside)),
        Entry("reminders", Daily(read(at.reminders)), _hours(8), remind,
              "提醒还没报的联络员，一人一天最多一条，答了就停"),
        Entry("lookbacks", Daily(read(at.reminders)), _hours(8), look_back,
              "销号后30日、90日回头看"),
        Entry("circulars", Daily(read(at.reminders)), _hours(30), groups.drafts,
              "轮次到期后起草群里的报送情况，等人放行"),
        Entry("group-lines", FirstOfWeek(read(at.group_lines)), _hours(3), groups.lines,
              "给要群周报的群发一行上周进展，可@到一个人"),
        Entry("problems", Twice(read(at.problems), read(at.problems_again)), _hours(2.5),
              partial(near_due, rules=problems),
              "政企问题临期提示承办人和办公室，超期的起草草稿", newest_only=True),
        Entry("problem-visits", Daily(read(at.problems)), _hours(8), partial(visit, rules=problems),
              "政企问题办结后30日、90日回访企业，发不到的请办公室打电话"),
        Entry("calendar", MonthDay(1, read(at.calendar)), _hours(96), warn_calendar,
              "下一年节假日安排没有登记时提醒管理员（十二月起）"),
        Entry("bulletin", MonthDay(1, read(at.bulletin)), _hours(96), partial(monthly, folder=folder),
              "起草上月通报（Word初稿），发给管理员修改签发"),
        Entry("drafts", Daily(read(at.drafts)), _hours(5), drafts_waiting, "有待审核草稿时告诉管理员"),
        Entry("escalation", Daily(read(at.escalation)), _hours(24), escalate,
              "逾期的写成升级草稿，等人放行"),
        Entry("work-list", Weekday(4, read(at.due_list)), _hours(16), work_list,
              "给管理员下周工作单：到期、待审、待定、红黄灯"),
        Entry("summary", Daily(read(at.summary)), _hours(14), summary, "当日收报汇总、明日到期，发管理员"),
        Entry("tidy", Daily(read(at.tidy)), _hours(20), partial(tidy, keep=keep, folder=folder),
              "清理过期的任务记录和专报文件"),
    )  # fmt: skip
    return tuple(replace(row, off=row.name in at.off) for row in rows)


def _prepared(kind: Kind, beside: Beside | None) -> Prepare | None:
    return partial(prepare, kind=kind, beside=beside) if beside and beside.folder else None


def _hours(many: float) -> timedelta:
    return timedelta(hours=many)
