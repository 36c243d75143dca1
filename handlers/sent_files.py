"""A file or picture from a liaison: kept, and tied to the point, case or report it came with.

It belongs to what he just told, else to the point in its name, else to the only point he owes. The numbers
inside are not read: they are still asked for in words.
"""

from __future__ import annotations

import re
from datetime import datetime

from handlers import attaching
from handlers import progress_words as words
from handlers.booking import TOLD_FOR, write
from handlers.context import Context
from handlers.desk import desk_of
from knowledge.normalize import plain
from storage.message import Message, Reply, Text
from supervision import reporting
from supervision.desk import Desk

_NAMED = re.compile(r"(?<!\d)(\d{1,2})[项点]|要点(\d{1,2})")


async def file(message: Message, ctx: Context) -> Reply | None:
    """A file or picture from a liaison: kept, and tied to the point, case or report it came with."""
    if message.kind not in attaching.KINDS or message.event or not ctx.units:
        return None
    name = message.extra.get("file_name") or message.text
    desk = await desk_of(message, ctx, f"[{attaching.KINDS[message.kind]}]{name}")
    subject, point = _belongs(name, desk, ctx)
    unit = (desk.unit_for(point) if point is not None else None) or ctx.units[0]
    told = await attaching.keep(message, ctx, unit=unit, point=point, subject=subject)
    if subject or "已收到" not in told:
        return Text(told)
    if point is None:
        return Text(f"{told}{words.WHICH_POINT if desk.waiting else ''}")
    answer = await write(reporting.attached(point, desk), desk, ctx)
    return Text(words.kept_file(told, point, answer))


def _belongs(name: str, desk: Desk, ctx: Context) -> tuple[str, int | None]:
    """What a file belongs to: the case or report just told, else the point in its name, else the one owed."""
    memory = ctx.memory or {}
    for_what = memory.get("files_for") or {}
    if for_what and ctx.now - datetime.fromisoformat(for_what["at"]) <= TOLD_FOR:
        return str(for_what["subject"]), for_what.get("point")
    if (named := _NAMED.search(plain(name))) and desk.book.notice.point(int(named[1] or named[2])):
        return "", int(named[1] or named[2])
    points = {one.prompt.point for one in desk.waiting}
    return "", points.pop() if len(points) == 1 else None
