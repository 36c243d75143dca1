"""暂停催办 as a rule: when a reminder may leave, and what becomes of a day that falls into a quiet period.

Pure. Rounds, reminders and drafts ask it with the periods read in their own transaction, so that a period
holds from the moment it is declared.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from storage.quiets import Quiet
from supervision.workdays import SHANGHAI, Workdays

GRACE = 2  # working days after a quiet period for what fell due in it


def in_force(moment: datetime, quiets: Sequence[Quiet]) -> Quiet | None:
    """The period `moment` lies in."""
    return next((one for one in quiets if one.since <= moment < one.end), None)


def slot(moment: datetime, workdays: Workdays, quiets: Sequence[Quiet], at: time | None = None) -> datetime:
    """The first moment a reminder may leave: at a decent hour, and in no quiet period."""
    found = workdays.next_slot(moment, at)
    while one := in_force(found, quiets):
        found = workdays.next_slot(one.end, at)
    return found


def working_days(quiets: Sequence[Quiet], workdays: Workdays) -> frozenset[date]:
    """The working days that lie in quiet periods, as seen when the afternoon begins and drafts come."""
    found, noon = set(), workdays.hours.afternoon[0]
    for one in quiets:
        on = one.since.astimezone(SHANGHAI).date()
        while on <= one.end.astimezone(SHANGHAI).date():
            if workdays.is_workday(on) and in_force(datetime.combine(on, noon, SHANGHAI), quiets):
                found.add(on)
            on += timedelta(1)
    return frozenset(found)


def due_day(due_at: datetime, workdays: Workdays, quiets: Sequence[Quiet]) -> date:
    """The day something is due; what falls into a quiet period gets two working days after it."""
    one = in_force(due_at, quiets)
    if one is None:
        return due_at.astimezone(SHANGHAI).date()
    first = workdays.next_slot(one.end).astimezone(SHANGHAI).date()
    return workdays.shift(first, GRACE - 1)
