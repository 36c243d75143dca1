"""The office decides about messages that could not be sent: looks, sends them again, or lets them be.

Numbers are those of the list last shown to this admin, remembered beside the conversation. What is decided
is audited; delivery sends what was put back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from handlers.context import Context, UserError, folded, only_admins
from storage import audit, inbox, kf, paces, parked, people
from storage.message import Message, Reply, Text
from storage.parked import Parked
from supervision.workdays import SHANGHAI

_LIST = frozenset(
    {"搁置的消息", "搁置", "搁置消息", "没发出去的消息", "没送达的消息", "未送达的消息", "哪些消息没发出去"}
)
_NUMBERS = r"第?\s*\d{1,2}\s*[条个号]?(?:[\s、,和及到至~-]+第?\s*\d{1,2}\s*[条个号]?)*"
_AGAIN = re.compile(rf"(?:请|把)?重发\s*(?P<all>全部|所有|全都)?(?P<numbers>{_NUMBERS})?")
_NOT = re.compile(rf"(?:请)?(?:不发|不用发|不再发)\s*(?P<numbers>{_NUMBERS})")
_SHOWN = 10


async def listed(message: Message, ctx: Context) -> Reply | None:
    """“搁置的消息”: what could not be sent, why, and what to do; admins only."""
    if folded(message) not in _LIST:
        return None
    only_admins(ctx, "这项内容由市百千万办管理员查看")
    pauses = [_pause(pace) for pace in await paces.paused(ctx.conn, ctx.now)]
    rows = await parked.listed(ctx.conn, limit=_SHOWN)
    if not rows:
        return Text("\n".join([*pauses, "目前没有搁置的消息。"]))
    await inbox.remember(ctx.conn, {_key(ctx): {"rows": [row.id for row in rows]}}, ctx.now)
    total = await parked.count(ctx.conn)
    targets = [row.target for row in rows]
    names = {**await people.names(ctx.conn, targets), **await kf.names(ctx.conn, targets)}
    more = f"，先列{len(rows)}条" if total > len(rows) else ""
    lines = [*pauses, f"没有送达、已经搁置的消息共{total}条{more}："]
    lines += [f"{number}. {_line(row, names)}" for number, row in enumerate(rows, start=1)]
    return Text("\n".join([*lines, "处理好原因后回复：重发 1，或“重发全部”；不用再发的回复：不发 1"]))


def _pause(pace: paces.Pace) -> str:
    until = pace.paused_until.astimezone(SHANGHAI) if pace.paused_until else ""
    return f"推送暂停到{until:%H:%M}：{pace.reason.rstrip('。')}。"


def _line(row: Parked, names: Mapping[str, str]) -> str:
    day = row.created_at.astimezone(SHANGHAI)
    who = names.get(row.target.lower(), row.target)
    return f"{day.month}月{day.day}日给{who}的“{row.beginning}”\n   {row.reason}"


async def again(message: Message, ctx: Context) -> Reply | None:
    """“重发 3”, “重发 1、2”, “重发全部”: puts them back to be sent; admins only."""
    found = _AGAIN.fullmatch(folded(message))
    if found is None or not (found["all"] or found["numbers"]):
        return None
    only_admins(ctx)
    if found["all"]:
        count = await parked.release(ctx.conn, None, ctx.now)
        await _note(ctx, "resend", count, ())
        return Text(f"好的，{count}条都已放回，马上重发。" if count else "目前没有搁置的消息。")
    ids = await _meant(_numbers(found["numbers"]), ctx)
    count = await parked.release(ctx.conn, ids, ctx.now)
    await _note(ctx, "resend", count, ids)
    return Text(_done(count, len(ids), "已放回，马上重发"))


async def never(message: Message, ctx: Context) -> Reply | None:
    """“不发 3”: these will not be sent any more; admins only."""
    found = _NOT.fullmatch(folded(message))
    if found is None:
        return None
    only_admins(ctx)
    ids = await _meant(_numbers(found["numbers"]), ctx)
    count = await parked.drop(ctx.conn, ids)
    await _note(ctx, "drop", count, ids)
    return Text(_done(count, len(ids), "不再发送，记录保留"))


def _numbers(words: str) -> list[int]:
    """1、3; 1到3."""
    if between := re.fullmatch(r"\D*(\d+)\D*?(?:到|至|~|-)\D*(\d+)\D*", words):
        first, last = sorted((int(between[1]), int(between[2])))
        return list(range(first, last + 1))
    return list(dict.fromkeys(map(int, re.findall(r"\d+", words))))


async def _meant(numbers: Iterable[int], ctx: Context) -> list[int]:
    """The rows of these numbers in the list last shown."""
    kept = (await inbox.memories(ctx.conn, [_key(ctx)])).get(_key(ctx), {})
    rows = [int(row) for row in kept.get("rows", ())]
    if not rows:
        raise UserError("序号指的是列表里的消息。请先回复“搁置的消息”，看过列表再说重发哪一条。")
    for number in numbers:
        if not 1 <= number <= len(rows):
            raise UserError(f"刚才的列表是第1条到第{len(rows)}条，没有第{number}条。请核对序号。")
    return [rows[number - 1] for number in numbers]


def _done(count: int, wanted: int, what: str) -> str:
    before = f"其余{wanted - count}条已经处理过了。" if 0 < count < wanted else ""
    return f"好的，{count}条{what}。{before}" if count else "这些消息已经处理过了。"


async def _note(ctx: Context, action: str, count: int, ids: Sequence[int]) -> None:
    """What came too late changed nothing, and leaves no trace."""
    if count:
        subject, detail = f"搁置的消息{count}条", {"rows": list(ids)}
        await audit.note(ctx.conn, audit.Entry(ctx.now, ctx.message.person, action, subject, detail))


def _key(ctx: Context) -> str:
    """A memory of its own: a question asked in between must not make the numbers forgotten."""
    return f"{ctx.message.conversation}:parked"
