"""What a unit said it will do next, with the day its own words name: 下周五前报方案（7月26日）.

Answers, the 台账 and drafts show it. A deadline of the point is another thing and has its own column.
"""

from __future__ import annotations

from datetime import date

from knowledge.dates import whens
from knowledge.page import Page
from knowledge.reading import Record
from storage.reports import Report
from supervision.wording import day_words

_ANY_DAY = date(2000, 1, 3)


def step_of(record: Record) -> str:
    """The next step in the person's own words, with the words that name its day."""
    step, dated = record.next_step or "", record.step or ""
    if not dated or dated in step:
        return step
    return f"{step}；{dated}" if step else dated


def step_day(step: str, on: date) -> date | None:
    """The last day that is named for a step, said on the day `on`."""
    days = [when.day for when in whens(Page.of(step).words, on) if when.day is not None and when.day >= on]
    return max(days, default=None)


def step_words(row: Report) -> str:
    """The step, followed by its day where the words alone do not give the date. Words kept from an older
    message are shown as they were said: 下周五 was reckoned from that day."""
    step = row.next_step
    day = step_day(step, row.as_of) if step and _said_here(row) else None
    if day is None or day == row.due or f"{day.month}月{day.day}日" in step:
        return step
    return f"{step}（{day_words(day, row.as_of)}）"


def names_day(step: str) -> bool:
    """Whether it tells by when, in words or reckoned."""
    return bool(whens(Page.of(step).words, _ANY_DAY))


def _said_here(row: Report) -> bool:
    return all(part in row.text for part in row.next_step.split("；"))
