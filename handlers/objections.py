"""责任异议 at the office's desk: what units said is not theirs is listed, decided, and the unit told.

How a unit objects is `handlers/objecting.py`; while an objection is open its unit is not prompted for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from handlers import progress_words as words
from handlers import telling
from handlers.context import Context, UserError, folded, only_admins
from handlers.phrasing import heading
from knowledge.book import Book
from storage import objections, reports, rounds
from storage.message import Message, Reply, Text
from storage.objections import REJECTED, UPHELD, Objection
from supervision.prompts import state_of
from supervision.workdays import SHANGHAI

_OBJECTIONS = re.compile(
    r"(?:待核定的?|有哪些|有没有|有无|现在有|谁|哪些单位|哪家|哪几家)?(?:还|提了?|有)*(?:责任)?异议(?:的)?(?:清单|单位)?(?:吗|没有?|要核定)?"
)
_DECIDE = re.compile(
    r"异议\s*第?(?P<at>\d{1,2})[个条项号]?\s*(?P<how>不成立|不同意|驳回|成立|同意|属实)(?P<why>.*)"
)
_SHOWN = 12


async def listed(message: Message, ctx: Context) -> Reply | None:
    """“异议”: what units said is not theirs and nobody has decided; admins only."""
    if not _OBJECTIONS.fullmatch(folded(message)):
        return None
    only_admins(ctx)
    found = await objections.unsettled(ctx.conn)
    if not found:
        return Text("目前没有待核定的责任异议。")
    rows = [f"{at}. {_objection(one, ctx.knows.book)}" for at, one in enumerate(found, start=1)]
    return Text(
        f"待核定的责任异议共{len(found)}件：\n"
        + "\n".join(rows[:_SHOWN])
        + "\n核定请回复：异议1成立（不再向它催报）或 异议1不成立（继续催报并告知单位）。"
    )


def _objection(one: Objection, book: Book) -> str:
    instead = f"，认为应由{one.refers_to}负责" if one.refers_to else ""
    point = book.notice.point(one.point)
    day = one.at.astimezone(SHANGHAI)
    named = (heading(point) if point else f"要点{one.point}") + words.things(one.items)
    return f"{one.unit}：{named}{instead}（{day.month}月{day.day}日，“{one.text[:40]}”）"


@dataclass(frozen=True, slots=True)
class _Decision:
    objection: Objection
    upheld: bool


async def decide(message: Message, ctx: Context) -> Reply | None:
    """“异议1成立”, “异议1不成立”: decides an objection and tells the unit's liaison; admins only."""
    found = _DECIDE.fullmatch(folded(message))
    if found is None:
        return None
    only_admins(ctx)
    waiting = await objections.unsettled(ctx.conn)
    at = int(found["at"])
    if not 1 <= at <= len(waiting):
        raise UserError(f"待核定的异议有{len(waiting)}件，没有第{at}件。请回复“异议”看清单。")
    decision = _Decision(waiting[at - 1], found["how"] in ("成立", "同意", "属实"))
    await objections.decide(
        ctx.conn,
        decision.objection,
        UPHELD if decision.upheld else REJECTED,
        by=message.person,
        now=ctx.now,
    )
    state = await _state_after(decision, ctx)
    await rounds.mark(
        ctx.conn, decision.objection.prompt_id, state, now=ctx.now, key=decision.objection.message_key
    )
    await _tell(decision, state, ctx)
    return Text(_decided(decision, state))


async def _state_after(decision: _Decision, ctx: Context) -> str:
    """What the prompt is now: its unit may have reported all the same, or refused only some of it."""
    one, book = decision.objection, ctx.knows.book
    (asked,) = await rounds.some(ctx.conn, [one.prompt_id])
    if decision.upheld and not one.items:
        return rounds.EXEMPT
    if one.items:
        after = rounds.EXEMPT if decision.upheld else ""
        items = tuple(
            replace(item, state=after) if item.what in one.items else item for item in asked.prompt.items
        )
        await rounds.set_items(ctx.conn, one.prompt_id, items)
        asked = replace(asked, prompt=replace(asked.prompt, items=items))
    told = await reports.standing(ctx.conn, book.notice.doc_number, points=[one.point], units=[one.unit])
    return state_of(asked, told)


def _decided(decision: _Decision, state: str) -> str:
    one = decision.objection
    matter = f"要点{one.point}{words.things(one.items)}"
    if decision.upheld:
        return f"已核定：{matter}不由{one.unit}报送，本轮不再向它催报。分工表请相应调整。"
    told = "本轮它已经报了，" if state == rounds.ANSWERED else ""
    return f"已核定：{matter}仍由{one.unit}报送，{told}已告知它的联络员。"


async def _tell(decision: _Decision, state: str, ctx: Context) -> None:
    one = decision.objection
    if decision.upheld:
        told = "不由贵单位报送，本轮不用再报"
    elif state == rounds.ANSWERED:
        told = "仍由贵单位报送，本轮的数已收到，不用再报"
    else:
        told = "仍请贵单位报送，在本对话回复即可"
    text = f"您好，要点{one.point}{words.things(one.items)}的责任异议已核定：{told}。市百千万办"
    await telling.liaison(f"decided:{one.id}", one.unit, text, ctx)
