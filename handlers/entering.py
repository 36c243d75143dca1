"""代报 in chat: what a unit told the office by telephone or on paper, entered by an admin in the unit's name.

The words are read and judged exactly as the liaison's own (`handlers/progress.py`); the versions carry the
admin's name and message, and the liaison is told, so that nothing stands in a unit's name behind its back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from handlers import asking_back, progress, telling
from handlers import progress_words as words
from handlers.context import Context, UserError, only_admins, typed
from handlers.desk import desk_of
from storage import quiets, reports
from storage.message import Message, Reply, Text
from storage.people import Person
from storage.reports import Report
from supervision import quiet

_ENTER = re.compile(
    r"(?:代报|代录|代填|补录)\s*(?:一下)?[\s,，:：]*(?P<unit>[^\s,，:：]+)[\s,，:：]+(?P<said>.+)"
    r"|(?:代|替)\s*(?P<unit_>[^\s,，:：]{2,20}?)(?:报|记|填|录)(?:一下|一笔)?[\s,，:：]+(?P<said_>.+)",
    re.DOTALL,
)
_HOW = "请这样写：代报 市交通运输局 要点17 新改建农村公路32公里"
_NOTHING = "没有看出报的是哪个要点、什么数，所以没有记。" + _HOW


async def enter(message: Message, ctx: Context) -> Reply | None:
    """“代报 市交通运输局 要点17 新改建农村公路32公里”: by an admin, in the unit's name."""
    found = _ENTER.fullmatch(typed(message).strip())
    if found is None:
        return None
    only_admins(ctx, "代单位报数由市百千万办管理员进行")
    name = found["unit"] or found["unit_"]
    unit = ctx.knows.book.directory.unit(name)
    if unit is None:
        raise UserError(f"{ctx.knows.book.directory.why_unknown(name)}。{_HOW}")
    answer = await _as_liaison(unit.short, found["said"] or found["said_"], ctx)
    return answer or Text(_NOTHING)


async def answer(message: Message, ctx: Context) -> Reply | None:
    """The answer to a question that was asked back about what was entered: it goes on in the unit's name."""
    unit = (ctx.memory or {}).get("entering")
    if not unit or not ctx.is_admin or not typed(message) or asking_back.pending(ctx) is None:
        return None
    return await _as_liaison(unit, typed(message), ctx)


async def _as_liaison(unit: str, said: str, ctx: Context) -> Reply | None:
    """What the unit's liaison would be answered to these words, and the word to the liaison."""
    binding = Person(userid=ctx.message.person, name="", role="liaison", unit=unit)
    acting = replace(ctx, message=replace(ctx.message, text=said), bindings=(binding,))
    pending = asking_back.pending(ctx)
    keys = {ctx.message.key, pending.key if pending else ctx.message.key}
    before = {row.id for key in keys for row in await reports.of_message(ctx.conn, key)}
    reply = await progress.reply(acting.message, acting)
    _remember(unit, acting, ctx)
    rows = [row for key in keys for row in await reports.of_message(ctx.conn, key) if row.id not in before]
    if not isinstance(reply, Text) or not rows:
        return reply
    told = await _tell_liaison(unit, rows, acting)
    return Text(f"以{unit}的名义：\n{reply.text}\n{told}")


def _remember(unit: str, acting: Context, ctx: Context) -> None:
    """Whose figures a question back is about, for as long as it waits."""
    memory = {name: value for name, value in (acting.memory or {}).items() if name != "entering"}
    if "asked_back" in memory:
        memory["entering"] = unit
    if memory or ctx.memory:
        ctx.memory = memory


async def _tell_liaison(unit: str, rows: Sequence[Report], ctx: Context) -> str:
    """One message a version set; returns the sentence for the admin."""
    desk = await desk_of(ctx.message, ctx, ctx.message.text)
    told = "\n".join(words.version_words(row, desk) for row in rows)
    text = (
        f"您好，市百千万办按贵单位提供的情况代记了：\n{told}\n"
        "有误请直接在这里说，例如：更正：17项应为65%。\n市百千万办"
    )
    at = quiet.slot(ctx.now, ctx.workdays, await quiets.since(ctx.conn, ctx.now))
    liaison = await telling.liaison(f"entered:{rows[0].id}", unit, text, ctx, at=at)
    return f"会告诉联络员{liaison.name}。" if liaison else f"{unit}没有绑定联络员，没有另行告知。"
