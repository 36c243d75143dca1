"""What groups hear by the clock: one line a week where the office wants it, and a draft after a round's day.

The line carries totals and pings one person; the draft waits for a person like every circular. Nothing is
written where no group is bound.
"""

from __future__ import annotations

from datetime import datetime

from scheduler import admins
from scheduler.shift import Shift
from storage import chats
from storage.chats import Group
from supervision import caps, group_news, group_words, groups
from supervision.caps import Slot
from supervision.workdays import SHANGHAI


async def lines(shift: Shift) -> str:
    """On the first working day of a week: last week's line to every group that has one."""
    wanted = [one for one in await chats.bound(shift.conn) if one.weekly]
    said = [one for one in wanted if await _line(shift, one)]
    return f"发给{len(said)}个群" if said else "没有要发的群"


async def _line(shift: Shift, group: Group) -> bool:
    week = await group_news.week_of(shift.conn, shift.book, group, shift.now)
    name = await group_news.called(shift.conn, group)
    text = group_words.weekly(week, name)
    if not text:
        return False
    told = await groups.say(
        shift.conn, group, text, key=f"week:{week.first.isoformat()}", now=shift.now,
        workdays=shift.workdays, rules=shift.rules, ping=[group.ping] if name else [],
    )  # fmt: skip
    if told is None:
        await admins.tell(shift, f"group:{group.id}:{_day(shift.now)}", _no_way(group))
        return False
    if told.over:
        held = [(f"“{group.name}”", Slot(told.at, told.over))]
        await caps.tell_admins(shift.conn, held, shift.admins, shift.now, shift.workdays)
    return True


def _no_way(group: Group) -> str:
    return (
        f"“{group.name}”的群周报没有发出：群里的机器人已经失效或被移除。\n"
        f"请在群里重新添加群机器人，再回复：解绑群 {group.name}，然后重新绑定。"
    )


def _day(now: datetime) -> str:
    return now.astimezone(SHANGHAI).date().isoformat()


async def drafts(shift: Shift) -> str:
    """The day after a round was due: 报送情况 for the work group, to be let out by a person."""
    if not any(one.address for one in await chats.of_purpose(shift.conn, chats.HEADQUARTERS)):
        return "没有绑定工作群"
    made = 0
    for one in await group_news.due_rounds(shift.conn, shift.book, shift.now):
        made += await group_news.draft_reported(shift.conn, shift.book, one, shift.now) is not None
    return f"起草{made}份群通报" if made else "没有要起草的群通报"
