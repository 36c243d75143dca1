"""回头看 in chat: what the looks back found, and a liaison's answer to one.

A relapse is told to the office, which puts the point back on the list itself; the unit's own words are kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from handlers import telling
from handlers.closing import short
from handlers.context import Context, UserError, folded, typed
from storage import lookbacks, rounds
from storage.closings import Closing
from storage.lookbacks import HOLDS, RELAPSED, Lookback
from storage.message import Message, Reply, Text
from supervision.lookback import FINDINGS, finding_of, inspected
from supervision.rounds import day

_LIST = re.compile(r"(?:看看?)?回头看(?:结果|情况|清单|名单)?|销号(?:清单|情况|名单)")
_TOLD = re.compile(
    r"回头看\s*[::,]?\s*(?:(?:要点|第)(?P<point>\d{1,3})[点项条]?\s*[::,]?\s*)?(?P<words>.+)", re.S
)
_BARE = re.compile(
    r"(?:目前|现在|一切|都|均|管护|运行|情况)*(?:基本)?(?:正常|良好|稳定|完好|没有?问题|有?反弹|复发)(?:的|了)?"
)
_QUESTION = re.compile(r"复查|抽查|销号|列入|哪个|哪些|谁|什么|怎么|多少|情况|结果")
_SHOWN = 8


async def listed(message: Message, ctx: Context) -> Reply | None:
    """“回头看”: what was closed, what the looks back found, what comes next; the office and leaders."""
    if not _LIST.fullmatch(folded(message)):
        return None
    if not (ctx.is_admin or any(one.role == "leader" and not one.unit for one in ctx.bindings)):
        return None
    found = await lookbacks.everything(ctx.conn, ctx.knows.book.notice.doc_number)
    if not found:
        return Text("还没有销号的事项。销号请回复，例如：销号 要点16 市林业局 验收文号潮林验〔2024〕3号")
    return Text("\n".join([_summary(found), *_relapsed(found), *_ahead(found), *_drawn(found, ctx)]))


def _closed(found: Sequence[Lookback]) -> dict[int, Closing]:
    return {one.closing.id: one.closing for one in found}


def _summary(found: Sequence[Lookback]) -> str:
    closed = _closed(found).values()
    back = sum(one.reopened_at is not None for one in closed)
    counts = Counter(one.finding for one in found if one.finding)
    told = "、".join(f"{name}{counts[key]}件" for key, name in FINDINGS.items())
    again = f"（其中重新列入{back}件）" if back else ""
    return f"已销号{len(closed)}件{again}；回头看已答{counts.total()}件：{told}。"


def _relapsed(found: Sequence[Lookback]) -> Iterator[str]:
    for one in [one for one in found if one.finding == RELAPSED][:_SHOWN]:
        yield f"反弹：{_place(one)}“{short(one.answer)}”"


def _ahead(found: Sequence[Lookback]) -> Iterator[str]:
    """Asked and not answered, then what is still to be asked, the nearest first."""
    still = [one for one in found if not one.closing.reopened_at]
    if silent := [one for one in still if one.asked_at and not one.answered_at]:
        yield f"已问未答：{'、'.join(_place(one) for one in silent[:_SHOWN])}"
    for one in sorted((one for one in still if not one.asked_at), key=lambda one: one.due_on)[:_SHOWN]:
        yield f"待问：{_place(one)}，{day(one.due_on)}第{one.number}次"


def _drawn(found: Sequence[Lookback], ctx: Context) -> Iterator[str]:
    closed = [one for one in _closed(found).values() if not one.reopened_at]
    if drawn := [one for one in closed if inspected(one, ctx.rules.lookback)]:
        shown = "、".join(f"要点{one.point}{one.unit}" for one in drawn[:_SHOWN])
        yield f"抽中实地抽查（{ctx.rules.lookback.sampling}%）：{shown}"


def _place(one: Lookback) -> str:
    return f"要点{one.closing.point}{one.closing.unit}"


# --- an answer ----------------------------------------------------------------------------------------


async def answer(message: Message, ctx: Context) -> Reply | None:
    """“回头看 正常，由××镇管护”, or a bare “正常”: what a liaison says of what was closed."""
    said = folded(message)
    told = _TOLD.fullmatch(said)
    if not ctx.units or not (told or _BARE.fullmatch(said)):
        return None
    if told is not None and _QUESTION.match(told["words"]):
        return None
    waiting = await lookbacks.waiting(ctx.conn, ctx.knows.book.notice.doc_number, ctx.units)
    if told is None and (not waiting or await _owes(ctx)):
        return None
    point = int(told["point"]) if told and told["point"] else None
    finding = finding_of(said.removeprefix("回头看"))
    if not waiting:
        return Text("目前没有等贵单位答复的回头看，谢谢。") if finding else None
    meant = _meant(waiting, point, finding)
    for one in meant:
        await lookbacks.answered(
            ctx.conn, one, typed(message), finding, by=message.person, key=message.key, now=ctx.now
        )
    if finding == RELAPSED:
        await _tell_office(meant, ctx)
    return Text(_thanks(meant, finding))


async def _owes(ctx: Context) -> bool:
    """Whether a bare word may be about a round instead."""
    return any(one.waits for one in await rounds.of_units(ctx.conn, ctx.units, since=ctx.now))


def _meant(waiting: Sequence[Lookback], point: int | None, finding: str) -> list[Lookback]:
    """What the answer is about: the point named, or everything when all of it holds."""
    meant = [one for one in waiting if point in (None, one.closing.point)]
    if not meant or (len({one.closing.id for one in meant}) > 1 and finding != HOLDS):
        left = "、".join(_place(one) for one in waiting[:_SHOWN])
        example = f"回头看 要点{waiting[0].closing.point} 正常"
        raise UserError(f"请写明是哪一个要点，例如：{example}。待答的有{left}")
    if not finding:
        raise UserError(
            "谢谢。是正常、基本正常，还是有反弹？请带上这个词再说一次，例如：回头看 正常，由××镇管护"
        )
    return meant


def _thanks(meant: Sequence[Lookback], finding: str) -> str:
    places = "、".join(f"要点{one.closing.point}" for one in meant)
    if finding == RELAPSED:
        return (
            f"已记下：{places}有反弹，谢谢如实告知。已告诉市百千万办，由办公室研究是否重新列入，会与您联系。"
        )
    return f"已记下：{places}{FINDINGS[finding]}，谢谢。原话一并留存。"


async def _tell_office(meant: Sequence[Lookback], ctx: Context) -> None:
    words = short(typed(ctx.message), 120)
    for one in meant:
        back = f"重新列入 要点{one.closing.point} {one.closing.unit}"
        text = (
            f"【回头看】{_place(one)}“{one.closing.what}”有反弹。\n原话：“{words}”\n"
            f"建议重新列入，请回复：{back}。不用重新列入的不必回复。"
        )
        await telling.office(f"relapse:{one.id}", Text(text), ctx)
