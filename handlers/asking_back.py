"""The question that was asked back: remembered beside the conversation, and what answers it.

One question is asked at a time; the rest wait behind it. A plain yes stands for the number asked about,
traced to the words that gave it. `handlers/progress.py` writes what an answer comes to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handlers import progress_words as words
from handlers.context import Context
from handlers.desk import asked_of
from knowledge import reply as reader
from knowledge.aims import fits
from knowledge.normalize import plain
from knowledge.reading import Asked, Quantity, Reading, Record
from storage import reports
from storage.message import Text
from supervision import queries, reporting
from supervision.desk import Desk
from supervision.queries import Query
from supervision.reporting import Settled

ASKED_FOR = timedelta(days=7)  # how long a question back is remembered
_YES = re.compile(
    r"(?:是|对|嗯|没错|确认|正确|属实|是更正|更正|是的|对的|好的?,?是的?)(?:的|了|吧|呀|啊)*[。.!]*"
)
NO = re.compile(r"(?:不是|不对|错了|不|否|写错了|打错了|弄错了)(?:的|了|吧)*[。.!]*")
_NUMBER = re.compile(  # “是的，45”, “不是，是46公里”: whatever comes before it, the number is the answer
    r"(?:(?:是|对|嗯|没错|确认|正确|属实|不是(?:加|新增|这个)?|不对|错了|不|否|写错了|打错了)(?:的|了)?[,，。、\s]*)?"
    r"(?:就|确实|应该|实际|累计|应|改)*(?:是|为|成)?(?:总共|一共|总的|合计|累计)?(?:是|有)?\s*(?P<value>\d{1,9}(?:\.\d{1,4})?)\s*(?P<unit>[^\d\s,，。!！?？]{0,6})[。.!！]*"
)
_UNIT = re.compile(r"(?:单位)?(?:是|应该是|应为|为)?(?P<unit>[^\d\s,，。!！?？]{1,4}?)(?:的|吧|哈)?[。.!！]*")
_PLACE = re.compile(r"(?:第?(\d{1,2})[项点条个]?|([①-⑳]))[。.]*")


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer comes to; `desk` holds the words and the message it is traced to."""

    settled: Settled
    desk: Desk


def pending(ctx: Context) -> Query | None:
    """The question that waits for an answer."""
    row = (ctx.memory or {}).get("asked_back")
    if not row:
        return None
    try:
        if ctx.now - datetime.fromisoformat(row["at"]) > ASKED_FOR:
            return None
        return queries.from_json(row["queries"][0])
    except (KeyError, TypeError, ValueError, IndexError):  # written by another version
        return None


def rest(ctx: Context) -> list[Query]:
    """The questions behind it."""
    rows = (ctx.memory or {}).get("asked_back", {}).get("queries", [])[1:]
    return [queries.from_json(row) for row in rows]


def remember(ctx: Context, asked: Sequence[Query]) -> None:
    """The questions that are open now; the first of them is the one that was asked."""
    memory = {name: value for name, value in (ctx.memory or {}).items() if name != "asked_back"}
    if asked:
        rows = [queries.to_json(query) for query in asked]
        memory["asked_back"] = {"at": ctx.now.isoformat(), "queries": rows}
    if memory or ctx.memory:
        ctx.memory = memory


async def answer(pending: Query, said: str, desk: Desk, ctx: Context) -> Answered | Text | None:
    """What answers the question back, where it is a plain one: what it comes to, or a word. Anything else is
    read like any message."""
    text = plain(said)
    if pending.kind == "point":
        return _placed(pending, text, desk, ctx)
    if not _still_asked(ctx):  # a bare word after another question is about that one
        return None
    if _YES.fullmatch(text) and (pending.figure or pending.percent is not None):
        desk = await _confirming(pending, said, desk, ctx)
        return Answered(reporting.confirmed(pending, desk), desk)
    if NO.fullmatch(text):
        remember(ctx, [replace(pending, figure=None, percent=None), *rest(ctx)])
        return Text(words.NOT_STORED)
    if number := _number(text, pending):
        if number.same:
            desk = await _confirming(pending, said, desk, ctx)
            return Answered(reporting.confirmed(pending, desk), desk)
        return Answered(reporting.settle(number.reading, desk), desk)
    if found := _in_unit(text, pending):
        desk = await _confirming(pending, said, desk, ctx)
        return Answered(reporting.settle(found, desk), desk)
    if pending.kind == "contradiction" and (found := _completed(text, pending)):
        desk = await _confirming(pending, said, desk, ctx)
        return Answered(reporting.settle(found, desk), desk)
    return None


async def _confirming(pending: Query, said: str, desk: Desk, ctx: Context) -> Desk:
    """A number that was confirmed is traced to the message that gave it, and the words hold both; one that
    already wrote a version of the point cannot write another."""
    if not pending.said:  # remembered by another version
        return desk
    wrote = await reports.of_message(ctx.conn, pending.key)
    key = desk.key if any(row.point == pending.point for row in wrote) else pending.key
    return replace(desk, text=f"{pending.said}（确认：{said}）", key=key)


def _still_asked(ctx: Context) -> bool:
    """Whether nothing else was answered since."""
    memory = ctx.memory or {}
    return bool(memory["asked_back"]["at"] > (memory.get("at") or ""))


@dataclass(frozen=True, slots=True)
class _Number:
    """The number that answers a question about one: the same again, or what is right instead."""

    same: bool
    reading: Reading


def _number(text: str, pending: Query) -> _Number | None:
    """Who was asked about a number that falls and writes one has written the right one; one that runs far
    beyond its target is said twice. None for a number of something else, or anything but a number."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    value, unit = float(found["value"]), found["unit"]
    if pending.percent is not None:
        if pending.kind != "falls" or unit not in ("", "%"):
            return None
        record = Record(pending.point, percent=value)
        return _Number(value == pending.percent, Reading("correction", (record,)))
    figure = pending.figure
    if figure is None or (unit and not fits(unit, figure.unit)):
        return None
    same = value == figure.value and unit in ("", figure.unit)
    if pending.kind not in ("falls", "far") or (pending.kind == "far" and not same):
        return None
    quantity = Quantity(figure.what, value, unit or figure.unit, figure.target or pending.target)
    return _Number(same, Reading("correction", (Record(pending.point, quantities=(quantity,)),)))


def _in_unit(text: str, pending: Query) -> Reading | None:
    """“吨” to “是不是单位写错了？”: the number that was told, in that unit."""
    found, figure = _UNIT.fullmatch(text), pending.figure
    if found is None or figure is None or pending.kind != "scale" or not fits(found["unit"], figure.unit):
        return None
    quantity = Quantity(figure.what, figure.value, found["unit"], figure.target or pending.target)
    return Reading("report", (Record(pending.point, quantities=(quantity,)),))


def _completed(text: str, pending: Query) -> Reading | None:
    """“完成” to “已完成还是完成了50%？”."""
    if not re.fullmatch(r"(?:全部|已经?|都)*完成(?:了)?[。.]*", text):
        return None
    return Reading("report", (Record(pending.point, percent=100.0, status="done"),))


def _placed(pending: Query, text: str, desk: Desk, ctx: Context) -> Answered | None:
    """“③” or “17” to “这个数是哪一项？”."""
    found = _PLACE.fullmatch(text.replace("要点", ""))
    if found is None:
        return None
    items = asked_of(desk).items
    number = int(found[1]) if found[1] else ord(found[2]) - ord("①") + 1
    points = {item.point for item in items}
    item = items[number - 1] if number <= len(items) and number not in points else None
    point = item.point if item else number
    if desk.book.notice.point(point) is None:
        return None
    asked = Asked(desk.on, desk.units[0], point, (item,) if item else ())
    reading = reader.read(pending.words, asked, desk.book, ctx.knows.index)
    told = replace(desk, text=f"{pending.words}（{text}）")
    return Answered(reporting.settle(reading, told), told)
