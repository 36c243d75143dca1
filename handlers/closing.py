"""销号 in chat: an admin closes what a unit finished, or puts it back on the list.

Closing tells the liaison, plans the looks back (`handlers/lookback.py` takes their answers) and ends what
open rounds still asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from handlers import telling
from handlers.context import Context, UserError, folded, only_admins, typed
from knowledge.notice import WorkPoint
from storage import closings, lookbacks, people, reports, rounds
from storage.closings import Closing
from storage.message import Message, Reply, Text
from supervision import asking
from supervision.lookback import days_after
from supervision.workdays import SHANGHAI

_CLOSE = re.compile(r"(?:同意)?销号\s*(?:要点|第)\s*(?P<point>\d{1,3})[点项条]?(?P<rest>[\s,].*)?", re.S)
_REOPEN = re.compile(
    r"(?:重新列入|恢复办理|取消销号)\s*(?:要点|第)\s*(?P<point>\d{1,3})[点项条]?(?P<rest>.*)"
)
_SHOWN = 8


async def close(message: Message, ctx: Context) -> Reply | None:
    """“销号 要点16 市林业局 验收文号潮林验〔2024〕3号”; admins only."""
    found = _CLOSE.fullmatch(folded(message))
    if found is None:
        return None
    only_admins(ctx, "销号由市百千万办管理员办理")
    point = _point(int(found["point"]), ctx)
    unit, evidence = await _whose(point, typed(message).partition(found["point"])[2], ctx)
    if not evidence:
        raise UserError(f"请写明依据，例如：销号 要点{point.number} {unit} 验收文号潮林验〔2024〕3号")
    doc_number = ctx.knows.book.notice.doc_number
    if (point.number, unit) in await closings.places(ctx.conn, doc_number):
        raise UserError(f"{unit}的要点{point.number}已经销号。回复“回头看”看清单。")
    what = _what(point, unit, ctx)
    closing = Closing(doc_number, point.number, unit, what, evidence, message.person, ctx.now)
    closing = await closings.close(ctx.conn, closing)
    days = days_after(_today(ctx), ctx.rules.lookback, ctx.workdays)
    await lookbacks.plan(ctx.conn, closing, days)
    await _end_prompts(closing, ctx)
    text = await _notice(closing, days, ctx)
    told = await _tell_liaison(closing, text, ctx)
    return Text(f"{text}\n（{told}）")


def _today(ctx: Context) -> date:
    return ctx.now.astimezone(SHANGHAI).date()


def _point(number: int, ctx: Context) -> WorkPoint:
    point = ctx.knows.book.notice.point(number)
    if point is None:
        raise UserError(f"这份通知没有要点{number}，请核对。")
    return point


async def _whose(point: WorkPoint, rest: str, ctx: Context) -> tuple[str, str]:
    """The unit meant and the evidence: what is named first, else the only one that reported or leads."""
    words = re.sub(r"^[点项条]?[\s,，、]*", "", rest).strip()
    mentions = ctx.knows.book.directory.find(words)
    first = mentions[0] if mentions and mentions[0].start == 0 else None
    named = (first.unit or first.area) if first else None
    if first is not None and named is not None:
        return named.short, words[first.end :].strip(" ,，:：")
    candidates = await _candidates(point.number, ctx)
    if len(candidates) != 1:
        shown = "、".join(candidates[:_SHOWN]) or "还没有单位报过这一点"
        example = f"销号 要点{point.number} 单位 依据"
        raise UserError(f"要点{point.number}是哪个单位的（{shown}）？请写明，例如：{example}")
    return candidates[0], words


async def _candidates(point: int, ctx: Context) -> list[str]:
    book = ctx.knows.book
    rows = await reports.standing(ctx.conn, book.notice.doc_number, points=[point])
    found = {row.unit for row in rows} or set(book.assignments.leads(point))
    return sorted(found, key=book.directory.order_of)


def _what(point: WorkPoint, unit: str, ctx: Context) -> str:
    """The notice's words that this unit answers for."""
    rows = [row for row in ctx.knows.book.assignments if row.point == point.number and row.lead == unit]
    words = next((row.part or row.clause for row in rows if row.part or row.clause), point.title)
    return words.rstrip("。；;，,")


async def _end_prompts(closing: Closing, ctx: Context) -> None:
    """What open rounds still asked of it is asked no more."""
    asked = await rounds.of_units(ctx.conn, [closing.unit], since=ctx.now)
    over = [one for one in asked if one.waits and one.prompt.point == closing.point]
    for one in over:
        await rounds.mark(ctx.conn, one.prompt.id, rounds.EXEMPT, now=ctx.now, key=ctx.message.key)
    await asking.answered(ctx.conn, ctx.knows.book, {one.prompt.bundle for one in over}, now=ctx.now)


async def _notice(closing: Closing, days: Sequence[date], ctx: Context) -> str:
    """The words of 销号通知, with what the unit said last."""
    rows = await reports.standing(ctx.conn, closing.doc_number, points=[closing.point], units=[closing.unit])
    said = ""
    if rows:
        on = rows[-1].as_of
        said = f"{closing.unit}{on.month}月{on.day}日报送：“{short(rows[-1].text)}”\n"
    names = await people.names(ctx.conn, [closing.by])
    who = names.get(closing.by.lower(), closing.by)
    looks = "、".join(f"{one.month}月{one.day}日" for one in days)
    today = _today(ctx)
    return (
        f"【销号通知】要点{closing.point}“{closing.what}”（{closing.unit}）\n{said}依据：{closing.evidence}。\n"
        f"经审核，同意销号，转入回头看名单（{looks}各一次）。\n"
        f"审核：市百千万办{who}同志，{today.month}月{today.day}日\n"
        "如后续标准或上级口径有变化，将重新列入。"
    )


def short(text: str, limit: int = 60) -> str:
    """Somebody's words on one line, for a place between “ and ”."""
    flat = " ".join(text.split()).replace("“", "‘").replace("”", "’")
    return flat if len(flat) <= limit else f"{flat[:limit]}……"


async def _tell_liaison(closing: Closing, text: str, ctx: Context) -> str:
    liaison = await telling.liaison(f"closing:{closing.id}", closing.unit, f"{text}\n市百千万办", ctx)
    if liaison is None:
        return f"{closing.unit}还没有联络员，请另行告知"
    return f"已告知{closing.unit}联络员{liaison.name}"


async def reopen(message: Message, ctx: Context) -> Reply | None:
    """“重新列入 要点16 市林业局”: back on the list; admins only."""
    found = _REOPEN.fullmatch(folded(message))
    if found is None:
        return None
    only_admins(ctx)
    point = int(found["point"])
    book = ctx.knows.book
    own = [one for one in await closings.standing(ctx.conn, book.notice.doc_number) if one.point == point]
    named = [one.unit or one.area for one in book.directory.find(found["rest"])]
    if named:
        own = [one for one in own if one.unit in {each.short for each in named if each}]
    if not own:
        raise UserError(f"要点{point}没有这个单位已销号的事项。回复“回头看”看清单。")
    if len(own) > 1:
        units = "、".join(one.unit for one in own)
        raise UserError(f"请写明单位（{units}），例如：重新列入 要点{point} {own[0].unit}")
    await closings.reopen(ctx.conn, own[0], by=message.person, now=ctx.now)
    return Text(
        f"已重新列入：{own[0].unit}要点{point}“{own[0].what}”。"
        "原销号记录留底，之后的轮次照常催报，回头看不再问。"
    )
