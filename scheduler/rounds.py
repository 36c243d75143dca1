"""Opens the month's round five working days before it is due, unless the office has done so itself.

Runs every working morning, so that a day missed is made up for on the next; the quarter's round takes the
place of the month's. The office reads what was opened and who could not be asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from scheduler import admins
from scheduler.shift import Shift
from storage import rounds
from supervision.asking import Opened
from supervision.caps import held_lines
from supervision.opening import RoundError, name_of, open_round, usual_due
from supervision.rounds import QUARTER_ENDS, Choice, Kind, day, due_words
from supervision.workdays import SHANGHAI

BY = "clock"  # who opened it, in the audit
_SHOWN = 12


async def open_due_rounds(shift: Shift) -> str:
    """Opens what is due; says what it did, or why nothing."""
    due_at = usual_due("monthly", shift.now, shift.workdays)
    kind: Kind = "quarterly" if due_at.month in QUARTER_ENDS else "monthly"
    today, windows = shift.now.astimezone(SHANGHAI).date(), shift.workdays.windows(due_at.date())
    name = name_of(kind, windows.due)
    if today < windows.opens:
        return f"{name}{day(windows.opens)}开窗，还没到"
    if there := await _there(shift, windows.due):
        return f"“{there}”已经开过"
    if today > windows.reminder:
        return await _left_to_the_office(shift, name, "离到期已不足两个工作日")
    try:
        opened = await open_round(
            shift.conn,
            shift.book,
            Choice(kind),
            by=BY,
            now=shift.now,
            due_at=due_at,
            workdays=shift.workdays,
            rules=shift.rules,
        )
    except RoundError as error:
        return await _left_to_the_office(shift, name, str(error).rstrip("。"))
    await admins.tell(shift, f"opened:{name}:{windows.due}", _opened_words(opened, shift.now))
    return f"已开“{name}”，问{opened.people}人{opened.prompts}项"


async def _there(shift: Shift, due: date) -> str:
    """The name of that month's round, open or closed, by whomever; "" when there is none."""
    found = await rounds.latest(shift.conn, shift.book.notice.doc_number)
    month = (due.year, due.month)
    return next(
        (one.name for one in found if one.kind in ("monthly", "quarterly") and _month(one.due_at) == month),
        "",
    )


def _month(moment: datetime) -> tuple[int, int]:
    here = moment.astimezone(SHANGHAI)
    return here.year, here.month


async def _left_to_the_office(shift: Shift, name: str, why: str) -> str:
    text = f"【没有自动开轮】{name}：{why}。\n请看要不要人工开轮，开轮请回复“开月报”或“开季报”。\n市百千万办"
    await admins.tell(shift, f"not-opened:{name}:{_month(shift.now)}", text)
    return f"没有开“{name}”：{why}"


def _opened_words(opened: Opened, now: datetime) -> str:
    due_at = opened.round.due_at.astimezone(SHANGHAI)
    lines = [
        f"【已自动开轮】{opened.round.name}，{due_words(due_at)}到期。",
        f"共{opened.prompts}项，问{opened.people}位联络员{_leaving(opened, now)}。",
    ]
    if opened.unasked:
        lines.append(f"还没有联络员的单位：{_some(opened.unasked)}。")
    if opened.suggested:
        numbers = _some([str(number) for number in opened.suggested])
        lines.append(
            f"分工还只是建议、没有催报的要点：{numbers}。要问这些单位，请回复“放行 {opened.suggested[0]}”。"
        )
    return "\n".join([*lines, *held_lines(opened.held), "市百千万办"])


def _leaving(opened: Opened, now: datetime) -> str:
    if opened.first_at is None:
        return ""
    first = opened.first_at.astimezone(SHANGHAI)
    on = "今天" if first.date() == now.astimezone(SHANGHAI).date() else day(first.date())
    return f"，{on}{first:%H:%M}起发出"


def _some(names: Sequence[str]) -> str:
    return "、".join(names[:_SHOWN]) + (f"等{len(names)}个" if len(names) > _SHOWN else "")
