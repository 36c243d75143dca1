"""A problem as a row of the 诉求台账: what happened when, in the words of the office; nobody's number.

Pure; `bqw export` hands the rows to `knowledge/problem_sheet.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from knowledge.problem_entry import called, masked
from storage import problem
from storage.problem import Problem
from supervision.problem_words import moment
from supervision.problems import CHANNELS, ENDINGS, KINDS, RATINGS, STATES, is_late


def rows(found: Iterable[Problem], now: datetime) -> list[list[int | str]]:
    """In the order of `knowledge/problem_sheet.py`'s columns."""
    return [_row(p, now) for p in found]


def _row(p: Problem, now: datetime) -> list[int | str]:
    return [
        p.label,
        moment(p.received_at),
        CHANNELS[p.channel],
        p.firm,
        called(p.contact, p.phone),
        p.county,
        p.place,
        masked(p.text),
        "、".join(map(str, p.points)),
        KINDS[p.kind],
        "是" if p.urgent else "",
        p.lead,
        "、".join(p.helpers),
        STATES[p.state],
        _at(p.assigned_at),
        _at(p.accepted_at),
        _at(p.contacted_at),
        moment(p.due_at) if p.state != problem.REFUSED else "",
        _at(p.answered_at),
        "是" if _was_late(p, now) else "",
        ENDINGS.get(p.ending, ""),
        masked(p.answer),
        _on(p.follow_on),
        RATINGS.get(p.rating, ""),
        masked(p.rating_why),
        p.level,
        _at(p.closed_at),
    ]


def _was_late(p: Problem, now: datetime) -> bool:
    return is_late(p, now) or (p.answered_at is not None and p.answered_at > p.due_at)


def _at(at: datetime | None) -> str:
    return moment(at) if at else ""


def _on(day: date | None) -> str:
    return f"{day.month}月{day.day}日" if day else ""
