"""A liaison answers in his own words: it becomes versions of reports, is repeated, and can be corrected.

Reading is `knowledge/reply.py`, judging `supervision/reporting.py`; here a message meets what its sender
owes. One question at a time is asked back, and remembered beside the conversation until it is answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from handlers import attaching
from handlers import progress_words as words
from handlers.context import Context, typed
from handlers.objecting import object_to
from knowledge import reply as reader
from knowledge.normalize import plain
from knowledge.reading import Asked, Item, Reading, Record
from storage import attachments, reports, rounds
from storage.message import Message, Reply, Text
from supervision import asking, counties, reporting, withdrawing
from supervision.reporting import Desk, Query, Settled
from supervision.workdays import SHANGHAI

LATE_FOR = timedelta(days=45)  # how long after its close a round still takes an answer
TOLD_FOR = timedelta(minutes=30)  # how long a bare “不对” is about what was just repeated
ASKED_FOR = timedelta(days=7)  # how long a question back is remembered
_YES = re.compile(
    r"(?:是|对|嗯|没错|确认|正确|属实|是更正|更正|是的|对的|好的?,?是的?)(?:的|了|吧|呀|啊)*[。.!]*"
)
_NO = re.compile(r"(?:不是|不对|错了|不|否|写错了|打错了|弄错了)(?:的|了|吧)*[。.!]*")
_ONLY_HELP = re.compile(  # says that help is needed and not with what
    r"(?:(?:第|要点)?\d{1,2}[项点条]?)?(?:目前|现)?(?:有|还)?(?:事项|问题|困难)?(?:需要?|要|请)(?:市里|上级|市)?"
    r"(?:帮忙|协助)?协调(?:解决|支持)?的?(?:事项|问题|困难)?[。.!]*"
)
_NAMED = re.compile(r"(?<!\d)(\d{1,2})[项点]|要点(\d{1,2})")
_PLACES = re.compile(r"[①-⑳]")
_PLACE = re.compile(r"(?:第?(\d{1,2})[项点条个]?|([①-⑳]))[。.]*")


async def reply(message: Message, ctx: Context) -> Reply | None:
    """Takes what a liaison says of his work; declines questions, so that they are answered as questions."""
    said = typed(message)
    if not said or not ctx.units:
        return None
    desk = await desk_of(message, ctx, said)
    pending = _pending(ctx)
    if pending and (answer := await _answer(pending, said, desk, ctx)):
        return answer
    if not pending and _NO.fullmatch(plain(said)) and _just_told(ctx):
        return Text(words.WHAT_IS_WRONG)
    if by_county := counties.parts(said, desk.units, desk.book):
        return await _of_counties(by_county, desk, ctx)
    reading = _read(said, desk, ctx, pending)
    if desk.asked and ((reading.needs_help and not reading.records) or _ONLY_HELP.fullmatch(plain(said))):
        return Text(words.WHICH_HELP)
    if reading.withdraws and not reading.records and not withdrawing.mine(desk):
        return Text(words.NOTHING_TO_WITHDRAW)
    if not _is_ours(reading, desk, said, ctx):
        return None
    if reading.kind == "ack":
        return words.acknowledged(desk)
    if reading.kind == "delegation":
        return await object_to(reading, desk, ctx)
    settled = reporting.settle(_whole(reading, desk), desk)
    if reading.withdraws:
        past = await reports.of_places(ctx.conn, desk.standing)
        taking = withdrawing.named(said, asked_of(desk).items, desk)
        withdrawing.withdraw(reading, desk, settled, past, taking)
    return await _write(settled, desk, ctx)


async def _of_counties(parts: Iterable[counties.Part], desk: Desk, ctx: Context) -> Reply | None:
    """Each county's numbers under its own name; another county's are refused."""
    out = Settled()
    for part in parts:
        own = desk.of(part.county)
        reading = reader.read(part.text, asked_of(own), desk.book, ctx.knows.index)
        if reading.kind not in ("report", "correction"):
            return None
        if part.county in desk.units:
            out.add(reporting.settle(_whole(reading, own), own))
        else:
            out.foreign.append(part.county)
    return await _write(out, desk, ctx)


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
        return Text(f"{told}{words.WHICH_POINT if reporting.waiting(desk.asked) else ''}")
    answer = await _write(reporting.attached(point, desk), desk, ctx)
    return Text(words.kept_file(told, point, answer))


def _belongs(name: str, desk: Desk, ctx: Context) -> tuple[str, int | None]:
    """What a file belongs to: the case or report just told, else the point in its name, else the one owed."""
    memory = ctx.memory or {}
    for_what = memory.get("files_for") or {}
    if for_what and ctx.now - datetime.fromisoformat(for_what["at"]) <= TOLD_FOR:
        return str(for_what["subject"]), for_what.get("point")
    if (named := _NAMED.search(plain(name))) and desk.book.notice.point(int(named[1] or named[2])):
        return "", int(named[1] or named[2])
    points = {one.prompt.point for one in reporting.waiting(desk.asked)}
    return "", points.pop() if len(points) == 1 else None


async def desk_of(message: Message, ctx: Context, said: str) -> Desk:
    """What the speaker has before him."""
    doc_number = ctx.knows.book.notice.doc_number
    return Desk(
        book=ctx.knows.book,
        units=ctx.units,
        asked=tuple(await rounds.of_units(ctx.conn, ctx.units, since=ctx.now - LATE_FOR)),
        standing=tuple(await reports.standing(ctx.conn, doc_number, units=ctx.units)),
        person=message.person,
        key=message.key,
        now=ctx.now,
        on=ctx.now.astimezone(SHANGHAI).date(),
        text=said,
    )


# --- reading ------------------------------------------------------------------------------------------


def _read(said: str, desk: Desk, ctx: Context, pending: Query | None) -> Reading:
    asked = asked_of(desk)
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


def asked_of(desk: Desk) -> Asked:
    """What his words may refer to: the numbers of the newest message that asks, and the one point owed."""
    waiting = reporting.waiting(desk.asked)
    bundle = max((one.prompt.bundle for one in waiting or desk.asked), default="")
    recent = waiting or list(desk.asked)
    points = {one.prompt.point for one in recent}
    return Asked(
        on=desk.on,
        unit=desk.units[0],
        prompted=points.pop() if len(points) == 1 else None,
        items=tuple(_item(one, item) for one, item in asking.numbered(words.in_bundle(desk, bundle))),
        own=reporting.answered_for(desk),
        stood=reporting.stood(desk),
    )


def _item(one: rounds.Asked, item: rounds.Item) -> Item:
    return Item(one.prompt.point, item.what, item.unit, item.target)


def _items_of(pending: Query, desk: Desk) -> tuple[Item, ...]:
    """The thing asked about; without one, all that was asked of the point."""
    items = [item for item in asked_of(desk).items if item.point == pending.point]
    return tuple(item for item in items if not pending.target or item.target == pending.target)


def _is_ours(reading: Reading, desk: Desk, said: str, ctx: Context) -> bool:
    """Whether it answers what was asked, or tells numbers unasked. A plain “第17条” is a question."""
    if reading.kind not in ("report", "correction", "ack", "delegation"):
        return False
    if reporting.waiting(desk.asked):
        return True
    if reading.kind == "ack":
        return False
    if reading.kind == "correction":
        return bool(desk.standing)
    if reading.kind == "delegation":
        return bool(desk.asked)
    told = any(record.percent is not None or record.quantities or record.status for record in reading.records)
    return told or bool(desk.asked and (reading.records or reading.doubts))


def _whole(reading: Reading, desk: Desk) -> Reading:
    """“无变化”, “都正常推进” to a message that asks for several points answer for each of them."""
    if len(reading.records) != 1 or reading.records[0].point is not None:
        return reading
    record = reading.records[0]
    if replace(record, nothing_new=False, elsewhere=False, status=None) != Record(None):
        return reading
    points = dict.fromkeys(one.prompt.point for one in reporting.waiting(desk.asked))
    doubts = tuple(doubt for doubt in reading.doubts if doubt.kind != "point")
    return replace(reading, records=tuple(replace(record, point=point) for point in points), doubts=doubts)


# --- questions back -----------------------------------------------------------------------------------


def _pending(ctx: Context) -> Query | None:
    row = (ctx.memory or {}).get("asked_back")
    if not row:
        return None
    try:
        if ctx.now - datetime.fromisoformat(row["at"]) > ASKED_FOR:
            return None
        return reporting.from_json(row["queries"][0])
    except (KeyError, TypeError, ValueError, IndexError):  # written by another version
        return None


def _rest(ctx: Context) -> list[Query]:
    rows = (ctx.memory or {}).get("asked_back", {}).get("queries", [])[1:]
    return [reporting.from_json(row) for row in rows]


def remember(ctx: Context, queries: Sequence[Query]) -> None:
    """The questions that are open now; the first of them is the one that was asked."""
    memory = {name: value for name, value in (ctx.memory or {}).items() if name != "asked_back"}
    if queries:
        rows = [reporting.to_json(query) for query in queries]
        memory["asked_back"] = {"at": ctx.now.isoformat(), "queries": rows}
    if memory or ctx.memory:
        ctx.memory = memory


async def _answer(pending: Query, said: str, desk: Desk, ctx: Context) -> Reply | None:
    """An answer to the question back, where it is a plain one; anything else is read like any message."""
    text = plain(said)
    if pending.kind == "point":
        return await _placed(pending, text, desk, ctx)
    if not _still_asked(ctx):  # a bare word after another question is about that one
        return None
    if _YES.fullmatch(text) and (pending.figure or pending.percent is not None):
        desk = await _confirming(pending, said, desk, ctx)
        return await _write(reporting.confirmed(pending, desk), desk, ctx, rest=_rest(ctx))
    if _NO.fullmatch(text):
        remember(ctx, [replace(pending, figure=None, percent=None), *_rest(ctx)])
        return Text(words.NOT_STORED)
    if pending.kind == "contradiction" and (found := _completed(text, pending)):
        desk = await _confirming(pending, said, desk, ctx)
        return await _write(reporting.settle(found, desk), desk, ctx, rest=_rest(ctx))
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


def _completed(text: str, pending: Query) -> Reading | None:
    """“完成” to “已完成还是完成了50%？”."""
    if not re.fullmatch(r"(?:全部|已经?|都)*完成(?:了)?[。.]*", text):
        return None
    return Reading("report", (Record(pending.point, percent=100.0, status="done"),))


async def _placed(pending: Query, text: str, desk: Desk, ctx: Context) -> Reply | None:
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
    return await _write(reporting.settle(reading, told), told, ctx, rest=_rest(ctx))


def _just_told(ctx: Context) -> bool:
    """Whether the last thing said to him was what had been understood, and not an answer to a question."""
    memory = ctx.memory or {}
    told = memory.get("told_at", "")
    if not told or ctx.now - datetime.fromisoformat(told) > TOLD_FOR:
        return False
    return bool(told > (memory.get("at") or ""))


# --- writing ------------------------------------------------------------------------------------------


async def _write(settled: Settled, desk: Desk, ctx: Context, *, rest: Sequence[Query] = ()) -> Reply | None:
    written = await reports.add(ctx.conn, settled.versions)
    for mark in settled.marks:
        await rounds.mark(ctx.conn, mark.asked.prompt.id, mark.state, now=ctx.now, key=desk.key)
    await asking.answered(
        ctx.conn, desk.book, {mark.asked.prompt.bundle for mark in settled.marks}, now=ctx.now
    )
    asked = [replace(query, said=desk.text, key=desk.key) for query in settled.queries]
    remember(ctx, [*asked, *rest])
    if written:
        await _tie_files(written[-1], desk, ctx)
    after = await desk_of(ctx.message, ctx, desk.text)
    return words.told(settled, written, [*settled.queries, *rest][:1], desk, after)


async def _tie_files(newest: reports.Report, desk: Desk, ctx: Context) -> None:
    """Files sent just before belong to this report, and those that follow will."""
    at = ctx.now.isoformat()
    subject = f"report:{newest.id}"
    sent = await attachments.of_person(ctx.conn, desk.person, ctx.now - TOLD_FOR)
    loose = [one.message_key for one in sent if not one.subject]
    await attachments.link(ctx.conn, loose, subject=subject, point=newest.point)
    follow = {"subject": subject, "point": newest.point, "at": at}
    ctx.memory = {**(ctx.memory or {}), "told_at": at, "files_for": follow}
