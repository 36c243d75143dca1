"""Tells the admins while the working days of the coming year are only a guess.

Once a month: from December on about the next year, then about the year itself for as long as it takes.
"""

from __future__ import annotations

from datetime import date, timedelta

from scheduler import admins
from scheduler.shift import Shift
from supervision.workdays import SHANGHAI, Workdays


async def warn_calendar(shift: Shift) -> str:
    """One message per admin and month, or none when the year is known."""
    today = shift.now.astimezone(SHANGHAI).date()
    year = today.year + (today.month == 12)
    if not guessed(year, shift.workdays):
        return f"{year}年的节假日安排已经齐全"
    told = await admins.tell(shift, f"calendar:{year}:{today:%Y-%m}", _words(year))
    return f"{year}年的节假日安排还没有，已提醒{told}位管理员"


def guessed(year: int, workdays: Workdays) -> bool:
    """Whether any day of the year is a guess."""
    first = date(year, 1, 1)
    return any(workdays.guessed(first + timedelta(n)) for n in range((date(year + 1, 1, 1) - first).days))


def _words(year: int) -> str:
    return (
        f"【节假日安排】{year}年的放假和调休安排还没有登记，眼下按周末和法定节假日推算，调休上班的周末还不知道，"
        "涉及的日期都是预计。\n"
        "国务院办公厅公布后请及时登记，没有发出的催报和到期日会随之调整。\n"
        "市百千万办"
    )
