"""Firms' problems in figures: for digests, for the office's statistics, for the appraisal of point 45.

Pure. What was explained and what is followed up are counted apart from what was solved; nothing is ranked,
units stand in protocol order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage import problem
from storage.problem import Problem
from supervision.problems import CHANNELS, ENDINGS, RATINGS, is_late
from supervision.worktime import Worktime


@dataclass(frozen=True, slots=True)
class Count:
    """New and finished since a moment, late and open now."""

    new: int = 0
    done: int = 0
    late: int = 0
    open: int = 0
    satisfied: int = 0
    rated: int = 0
    days: float = 0.0  # working days from receipt to answer, on average; 0 where nothing was answered

    @property
    def anything(self) -> bool:
        return bool(self.new or self.done or self.late or self.open)


@dataclass(frozen=True, slots=True)
class Figures:
    """`refused` are no problems of the government's; `endings` and `ratings` of what ended in the span."""

    received: int
    refused: int
    finished: int
    in_time: int
    late: int
    open: int
    endings: Mapping[str, int]
    ratings: Mapping[str, int]
    channels: Mapping[str, int]
    units: Mapping[str, Count]
    counties: Mapping[str, Count]
    days: float


def count(rows: Iterable[Problem], since: datetime, now: datetime, at: Worktime) -> Count:
    """Of these problems, what a digest tells."""
    taken = [one for one in rows if one.kind != problem.REFUSED]
    done = [one for one in taken if _ended(one, since, now)]
    rated = [one for one in done if one.rating]
    return Count(
        new=sum(since <= one.received_at < now for one in taken),
        done=len(done),
        late=sum(is_late(one, now) for one in taken),
        open=sum(_is_open(one) for one in taken),
        satisfied=sum(one.rating in (problem.SATISFIED, problem.MOSTLY) for one in rated),
        rated=len(rated),
        days=_days(done, at),
    )


def figures(
    rows: Sequence[Problem], since: datetime, until: datetime, now: datetime, at: Worktime
) -> Figures:
    """Of the problems received or ended from `since` until `until`; late and open are as of `now`."""
    taken = [one for one in rows if one.kind != problem.REFUSED]
    came = [one for one in taken if since <= one.received_at < until]
    done = [one for one in taken if _ended(one, since, until)]
    concerned = {one.id: one for one in (*came, *done, *(o for o in taken if _is_open(o)))}.values()
    return Figures(
        received=len(came),
        refused=sum(one.kind == problem.REFUSED and since <= one.received_at < until for one in rows),
        finished=len(done),
        in_time=sum(one.answered_at is not None and one.answered_at <= one.due_at for one in done),
        late=sum(is_late(one, now) for one in taken),
        open=sum(_is_open(one) for one in taken),
        endings=Counter(one.ending for one in done if one.ending),
        ratings=Counter(one.rating for one in done if one.rating),
        channels=Counter(CHANNELS[one.channel] for one in came),
        units=_by(concerned, lambda one: one.lead, since, until, at),
        counties=_by(concerned, lambda one: one.county, since, until, at),
        days=_days(done, at),
    )


def _by(
    rows: Iterable[Problem], key: Callable[[Problem], str], since: datetime, until: datetime, at: Worktime
) -> dict[str, Count]:
    groups: dict[str, list[Problem]] = {}
    for one in rows:
        if key(one):
            groups.setdefault(key(one), []).append(one)
    return {name: count(own, since, until, at) for name, own in groups.items()}


def _ended(p: Problem, since: datetime, until: datetime) -> bool:
    """Closed, or followed up after the firm's word."""
    return p.closed_at is not None and p.state != problem.REFUSED and since <= p.closed_at < until


def _is_open(p: Problem) -> bool:
    """Not yet rated; what is followed up over a long time is counted by its ending."""
    return p.is_open and p.state != problem.TRACKED_ON


def _days(done: Sequence[Problem], at: Worktime) -> float:
    spent = [at.days(one.received_at, one.answered_at) for one in done if one.answered_at]
    return round(sum(spent) / len(spent), 1) if spent else 0.0


# --- in words -------------------------------------------------------------------------------------


def line(found: Count) -> str:
    """新收3件，办结2件，超期0件"""
    return f"新收{found.new}件，办结{found.done}件，超期{found.late}件"


def week_line(found: Count) -> str:
    """The same with how long it took and what firms thought of it."""
    told = line(found)
    if found.days:
        told += f"，平均{found.days:g}个工作日"
    if found.rated:
        told += f"，企业评价满意或基本满意{found.satisfied}件（共评价{found.rated}件）"
    return told


def words(found: Figures, span: str, now: datetime, order: Callable[[str], int]) -> str:
    """What the office reads; the appraisal takes the same figures."""
    ends, rates = found.endings, found.ratings
    on = f"{now.month}月{now.day}日{now.hour}:{now:%M}"
    ended = "，".join(f"{name}{ends.get(key, 0)}件" for key, name in ENDINGS.items())
    lines = [
        f"【政企问题统计】{span}（截至{on}）",
        f"收件{found.received}件，另有不受理{found.refused}件；"
        f"办结{found.finished}件，其中按时答复{found.in_time}件；在办{found.open}件，超期{found.late}件。",
        f"办结中：{ended}。",
        f"企业评价：{_rated(rates)}。" + (f"平均{found.days:g}个工作日答复。" if found.days else ""),
    ]
    if found.channels:
        lines.append("来源：" + "、".join(f"{name}{many}件" for name, many in found.channels.items()) + "。")
    lines += _rows("主办单位", found.units, order) + _rows("县（区）", found.counties, order)
    return "\n".join([*lines, "单位按规范顺序排列，不作排名。用于要点45考评时以导出的台账为准。"])


def _rated(rates: Mapping[str, int]) -> str:
    return "，".join(f"{name}{rates.get(key, 0)}件" for key, name in RATINGS.items())


def _rows(title: str, found: Mapping[str, Count], order: Callable[[str], int], most: int = 8) -> list[str]:
    if not found:
        return []
    names = sorted(found, key=order)
    told = [
        f"{name} 新收{found[name].new}办结{found[name].done}在办{found[name].open}" for name in names[:most]
    ]
    more = f"；另有{len(names) - most}家" if len(names) > most else ""
    return [f"{title}：{'；'.join(told)}{more}"]


def _short(own: Count) -> str:
    return f"新收{own.new}办结{own.done}在办{own.open}"
