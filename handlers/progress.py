"""A liaison answers in his own words: it becomes versions of reports, is repeated, and can be corrected.

Reading is `knowledge/reply.py`, judging `supervision/reporting.py`; here a message meets what its sender
owes (`handlers/desk.py`). `handlers/asking_back.py` has the question back, `handlers/booking.py` writes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from handlers import asking_back, correcting
from handlers import progress_words as words
from handlers.asking_back import NO
from handlers.booking import write
from handlers.context import Context, typed
from handlers.desk import asked_of, desk_of
from handlers.objecting import object_to, object_to_some
from handlers.passing_on import pass_on
from knowledge import reply as reader
from knowledge.normalize import plain
from knowledge.reading import Item, Reading, Record
from knowledge.width import narrow
from storage import reports
from storage.message import Message, Reply, Text
from supervision import counties, easing, hats, reporting, withdrawing
from supervision.desk import Desk
from supervision.queries import Query
from supervision.refusing import Refusal, refused
from supervision.reporting import Settled
from supervision.taking import taken, takes_everything

_ONLY_HELP = re.compile(  # says that help is needed and not with what
    r"(?:(?:第|要点)?\d{1,2}[项点条]?)?(?:目前|现)?(?:有|还)?(?:事项|问题|困难)?(?:需要?|要|请)(?:市里|上级|市)?"
    r"(?:帮忙|协助)?协调(?:解决|支持)?的?(?:事项|问题|困难)?[。.!]*"
)
_NOT_OURS = re.compile(r"不属|不归|不是|不该|无关|不负责")
_LATER = re.compile(  # “安防的数要问公路局，明天给” only asks for a day
    r"(?:今天|明天|明早|后天|稍后|晚点|[上下]午|晚上|周[一二三四五六日]|[一两几]天|尽快|马上|拿到)[^,，。]{0,6}(?:给|报|发|回复|反馈|补|提供)"
)
_ASKS_FIRST = re.compile(  # “冷库的事我问下业务科”: he asks a colleague, and says nothing of whose it is
    r"(?:问|核实|核对|了解|确认|查)(?:一?下|问看?|一问|看看?|清楚)|(?:去|先|再|得|要)(?:问|核实|核对|了解|确认|查)"
)
_NO_TROUBLE = re.compile(
    r"(?:[\d一二两三四五六七八九十]+[个项])?(?:都|均|也|目前|暂时?|各项)*(?:没有?|无|不存在)(?:什么|任何)?"
    r"(?:困难|问题|需要?(?:上级|市里)?(?:协调|帮助|支持)的?(?:事项|问题|地方)?)(?:了|的|哈|。)*"
)
_OF_ONE = re.compile(r"(?<!其他)(?<!其余)[那这](?:一|个)?(?:项|块|条|件|样)")
_PLACES = re.compile(r"[①-⑳]")
_BARE = re.compile(r"[\d.]+\s*[^\d\s,，。①-⑳]{0,4}[。.!！]*")
_NUMBERED = re.compile(r"\s*①\s*[:是约]?\s*\d.*②", re.DOTALL)  # by the places of a message that asked


async def reply(message: Message, ctx: Context) -> Reply | None:
    """Takes what a liaison says of his work; declines questions, so that they are answered as questions."""
    said = typed(message)
    if not said or not ctx.units:
        return None
    desk = await desk_of(message, ctx, said)
    pending = asking_back.pending(ctx)
    if pending and (answer := await asking_back.answer(pending, said, desk, ctx)):
        if isinstance(answer, Text):
            return answer
        return await write(answer.settled, answer.desk, ctx, rest=asking_back.rest(ctx))
    if not pending and NO.fullmatch(plain(said)) and correcting.just_told(ctx):
        return Text(words.WHAT_IS_WRONG)
    by_unit = hats.parts(said, desk.units, desk.book)
    if len(by_unit) > 1:
        return await _of_each(by_unit, desk, ctx)
    if by_unit and by_unit[0].text:
        said, desk = by_unit[0].text, desk.of(by_unit[0].unit)
    if question := correcting.ask(said, desk, ctx):
        return question
    if not desk.asked and _NUMBERED.match(said):
        return Text(words.NOTHING_ASKED)
    if by_county := counties.parts(said, desk.units, desk.book):
        return await _of_each(by_county, desk, ctx)
    reading = _read(correcting.reworded(said, desk, ctx, pending), desk, ctx, pending)
    return await _taken(correcting.as_meant(reading, pending), said, desk, message, ctx)


async def _taken(reading: Reading, said: str, desk: Desk, message: Message, ctx: Context) -> Reply | None:
    """What a message that was read comes to: something refused, ended or taken back, a word, or a version."""
    delegates = reading.kind == "delegation" and not _only_later(said)
    if refusal := refused(said, asked_of(desk).items, desk.book, desk.units, delegates=delegates):
        return await _refusing(refusal, desk, message, ctx)
    if names := easing.eased(said):
        told = await _easing(names, reading, desk, ctx)
        if told is not None:
            return told
    if takes_everything(said) and (desk.asked or withdrawing.mine(desk)):
        reading = Reading("correction", withdraws=True)
    if desk.asked and ((reading.needs_help and not reading.records) or _ONLY_HELP.fullmatch(plain(said))):
        return Text(words.WHICH_HELP)
    if reading.withdraws and not reading.records and not withdrawing.mine(desk):
        return Text(words.NOTHING_TO_WITHDRAW)
    if _NO_TROUBLE.fullmatch(plain(said)):
        return words.acknowledged(desk) or (Text(words.NO_TROUBLE) if desk.asked else None)
    if not _is_ours(reading, desk, said, ctx):
        return None
    if reading == Reading("correction", points=reading.points):  # “安防和桥写反了”
        return words.which_is_wrong(desk)
    if stray := _stray(said, desk):
        return words.no_such_place(stray, desk)
    if reading.kind == "ack" or (reading.kind == "delegation" and _only_later(said)):
        return words.acknowledged(desk)
    if reading.kind == "delegation":
        if passed_on := await pass_on(reading, said, desk, ctx):
            return passed_on
        return await object_to(reading, desk, ctx)
    settled = reporting.settle(_whole(reading, desk), desk)
    if reading.withdraws:
        past = await reports.of_places(ctx.conn, desk.standing)
        taking = taken(said, asked_of(desk).items, withdrawing.mine(desk), desk)
        withdrawing.withdraw(reading, desk, settled, past, taking)
    return await write(settled, desk, ctx)


async def _refusing(refusal: Refusal, desk: Desk, message: Message, ctx: Context) -> Reply | None:
    """“①25 ②5，③不归我们管”: one thing is not theirs, and the rest is told."""
    objected = await object_to_some(refusal, desk, ctx)
    if objected is None:
        return None
    desk = await desk_of(message, ctx, desk.text)
    reading = _read(refusal.rest, desk, ctx, None)
    told = None
    if reading.kind in ("report", "correction"):
        settled = reporting.settle(_whole(reading, desk), desk)
        if settled.versions:
            told = await write(settled, desk, ctx)
    parts = [one.text for one in (objected, told) if isinstance(one, Text)]
    return Text("\n".join(parts))


async def _easing(names: Collection[str], reading: Reading, desk: Desk, ctx: Context) -> Reply | None:
    """“困难已解决”: what stood is told no longer; numbers beside it are taken as ever."""
    where = easing.places(names, desk)
    named = {point for point in reading.points if str(point) in desk.text}
    where = [place for place in where if place[0] in named] if named else where
    points = list(dict.fromkeys(point for point, _ in where))
    if not points:
        return None
    if len(points) > 1 and not named:
        return words.which_is_eased(points)
    settled = Settled()
    if reading.kind in ("report", "correction") and any(map(_tells, reading.records)):
        settled = reporting.settle(_whole(reading, desk), desk)
    easing.ease(names, where, desk, settled)
    return await write(settled, desk, ctx)


def _tells(record: Record) -> bool:
    """Whether a record says more than that there is nothing new."""
    return replace(record, nothing_new=False, elsewhere=False) != Record(record.point)


async def _of_each(parts: Iterable[counties.Part], desk: Desk, ctx: Context) -> Reply | None:
    """Each unit's numbers under its own name; another county's are refused."""
    out = Settled()
    for part in parts:
        own = desk.of(part.unit)
        said = correcting.reworded(part.text, own, ctx, None)
        reading = reader.read(said, asked_of(own), desk.book, ctx.knows.index)
        if reading.kind not in ("report", "correction"):
            return None
        if part.unit in desk.units:
            out.add(reporting.settle(_whole(reading, own), own))
        else:
            out.foreign.append(part.unit)
    return await write(out, desk, ctx)


# --- reading ------------------------------------------------------------------------------------------


def _read(said: str, desk: Desk, ctx: Context, pending: Query | None) -> Reading:
    asked = asked_of(desk, newest=bool(_BARE.fullmatch(narrow(said).strip())))
    whole = reader.read(said, asked, desk.book, ctx.knows.index)
    if not pending or pending.point is None or _PLACES.search(said) or _speaks_of_others(whole, pending):
        return whole
    asked = replace(asked, prompted=pending.point, items=_items_of(pending, desk))
    return reader.read(said, asked, desk.book, ctx.knows.index)


def _speaks_of_others(reading: Reading, pending: Query) -> bool:
    """Whether it names another figure than the one asked about, so that it is no answer to that."""
    told = {quantity.target for record in reading.records for quantity in record.quantities}
    doubted = {doubt.target for doubt in reading.doubts}
    return bool((told | doubted) - {"", pending.target})


def _items_of(pending: Query, desk: Desk) -> tuple[Item, ...]:
    """The thing asked about; without one, all that was asked of the point."""
    items = [item for item in asked_of(desk).items if item.point == pending.point]
    return tuple(item for item in items if not pending.target or item.target == pending.target)


def _is_ours(reading: Reading, desk: Desk, said: str, ctx: Context) -> bool:
    """Whether it answers what was asked, or tells numbers unasked. A plain “第17条” is a question."""
    if reading.kind not in ("report", "correction", "ack", "delegation"):
        return False
    if desk.waiting:
        return True
    if reading.kind == "ack":
        return False
    if reading.kind == "correction":
        return bool(desk.standing)
    if reading.kind == "delegation":
        return bool(desk.asked)
    told = any(record.percent is not None or record.quantities or record.status for record in reading.records)
    return told or bool(desk.asked and (reading.records or reading.doubts))


def _stray(said: str, desk: Desk) -> str:
    """The places nothing was asked under, where a number is told there."""
    known = len(asked_of(desk).items)
    told = re.findall(r"([①-⑳])\s*[:：是约]?\s*\d", said)
    return "".join(dict.fromkeys(mark for mark in told if ord(mark) - ord("①") >= known)) if known else ""


def _only_later(said: str) -> bool:
    """Whether who names another body will report himself as soon as he has asked it."""
    return bool(_LATER.search(said) or _ASKS_FIRST.search(said)) and not _NOT_OURS.search(said)


def _whole(reading: Reading, desk: Desk) -> Reading:
    """“无变化”, “都正常推进” to a message that asks for several points answer for each of them; “那项没变化”
    speaks of one, and which one is asked."""
    if len(reading.records) != 1 or reading.records[0].point is not None:
        return reading
    if any(_OF_ONE.search(doubt.words) for doubt in reading.doubts) and len(desk.waiting) > 1:
        return reading
    record = reading.records[0]
    if replace(record, nothing_new=False, elsewhere=False, status=None) != Record(None):
        return reading
    points = dict.fromkeys(one.prompt.point for one in desk.waiting)
    doubts = tuple(doubt for doubt in reading.doubts if doubt.kind != "point")
    return replace(reading, records=tuple(replace(record, point=point) for point in points), doubts=doubts)
