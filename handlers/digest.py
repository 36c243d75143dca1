"""“今日专报” on demand, and “来源”: where each number of a digest comes from.

The text is what the clock sends (`scheduler/digests.py`), composed now. For leaders and the office; what
others say with these words stays a question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from handlers.context import Context, UserError, folded, only_admins, typed
from scheduler import digests as jobs
from storage import digests, people, reports, subscriptions
from storage.digests import DAILY, WEEKLY, WORK
from storage.message import Message, Reply, Text
from storage.reports import WITHDRAWN, Report
from supervision.digest_facts import Reader
from supervision.rounds import circled
from supervision.workdays import SHANGHAI

_PLEASE = r"(?:请|把|给我|发我|看一?看|看一下|看|查看|发一?下|来一?份|我?要|我?想|一份|有没有|有)*"
_SEND = r"(?:发?给我|发我|发过?来|看一?看|看一下|看|一下|拿来|一份|呢|吗)*"
_TODAY = re.compile(rf"{_PLEASE}(?:今日|今天|每日|当日|今天的|今日的|最新的?)?(?:的)?(?:每日)?专报{_SEND}")
_WEEK = re.compile(rf"{_PLEASE}(?:本周|上周|这周|一周|最新)?的?周报{_SEND}")
_WORK = re.compile(r"(?:今日|今天|今天的|办公室)?(?:的)?(?:工作单|待办清单)")
_SOURCE = re.compile(r"(?:数据|数字)?(?:来源|出处)\s*第?(?P<at>\d{1,2}|[①-⑳])?[个条项号]?")
_ASK_FOR = timedelta(days=7)  # how long numbers of a digest are remembered
_SHOWN, _WORDS = 10, 60


async def today(message: Message, ctx: Context) -> Reply | None:
    """“今日专报”, “周报”: the digest as of now, compared with the last one before today."""
    said = folded(message)
    kind: jobs.Kind | None = DAILY if _TODAY.fullmatch(said) else WEEKLY if _WEEK.fullmatch(said) else None
    if kind is None:
        return None
    reader = await reader_here(ctx)
    if reader is None:
        return None
    composed = await _composed(reader, kind, ctx)
    told = {"at": ctx.now.isoformat(), "sources": composed.told["sources"]}
    ctx.memory = {**(ctx.memory or {}), "digest": told}
    return Text(composed.text)


async def work_list(message: Message, ctx: Context) -> Reply | None:
    """“工作单”: what the office itself has to do now; admins only."""
    said = folded(message)
    if not _WORK.fullmatch(said):
        return None
    only_admins(ctx)
    reader = Reader(message.person.lower(), office=True)
    return Text((await _composed(reader, WORK, ctx)).text)


async def _composed(reader: Reader, kind: jobs.Kind, ctx: Context) -> jobs.Composed:
    return await jobs.compose(
        ctx.conn, ctx.knows.book, reader, kind, now=ctx.now, workdays=ctx.workdays, rules=ctx.rules
    )


async def reader_here(ctx: Context) -> Reader | None:
    """The speaker as a reader of digests; None for who is none."""
    person = ctx.message.person
    if not ctx.is_admin and not any(one.role in ("leader", "admin") for one in ctx.bindings):
        return None  # the many, without a look into the database
    subscription = await subscriptions.of(ctx.conn, person)
    return jobs.reader_of(person, ctx.bindings, subscription, is_admin=ctx.is_admin)


# --- where numbers come from --------------------------------------------------------------------------


async def sources(message: Message, ctx: Context) -> Reply | None:
    """“来源”, “来源2”: unit, person, day and own words behind the numbers of the digest read last."""
    found = _SOURCE.fullmatch(typed(message).strip().rstrip("。？?！!"))
    if found is None or await reader_here(ctx) is None:
        return None
    rows = await _numbered(ctx)
    if not rows:
        raise UserError("近期没有给您发过带序号的专报。请先回复“今日专报”，再回复“来源”。")
    if not found["at"]:
        return Text(await _all(rows, ctx))
    at = int(found["at"]) if found["at"].isdigit() else ord(found["at"]) - ord("①") + 1
    if not 1 <= at <= len(rows):
        raise UserError(f"专报里有{len(rows)}个序号，没有第{at}个。回复“来源”看全部。")
    label, ids = rows[at - 1]
    told = await _told(ids, ctx, whole=True)
    return Text("\n".join([f"{circled(at)}{label}", *told]))


async def _numbered(ctx: Context) -> list[tuple[str, list[int]]]:
    """The numbered lines of the newest digest, sent or asked for."""
    latest = await digests.latest(ctx.conn, ctx.message.person.lower())
    here: dict[str, Any] = (ctx.memory or {}).get("digest") or {}
    asked_at = datetime.fromisoformat(here["at"]) if here else None
    if asked_at is not None and ctx.now - asked_at <= _ASK_FOR and (latest is None or latest.at < asked_at):
        return [(label, ids) for label, ids in here["sources"]]
    return [(label, ids) for label, ids in latest.told.get("sources", [])] if latest else []


async def _all(rows: Sequence[tuple[str, list[int]]], ctx: Context) -> str:
    lines = []
    for number, (label, ids) in enumerate(rows[:_SHOWN], start=1):
        told = await _told(ids[-1:], ctx, whole=False)
        lines.append(f"{circled(number)}{label}：{'；'.join(told)}")
    more = f"共{len(rows)}项，" if len(rows) > _SHOWN else ""
    return "\n".join([*lines, f"{more}回复“来源1”看第1项的全部原话。灯色的依据回复“红黄灯”。"])


async def _told(ids: Sequence[int], ctx: Context, *, whole: bool) -> list[str]:
    found = await reports.with_ids(ctx.conn, ids)
    names = await people.names(ctx.conn, [row.person for row in found.values()])
    rows = [_source(row, names.get(row.person.lower(), row.person), whole) for row in found.values()]
    return rows or ["按最新报送和时间进度判定"]


def _source(row: Report, name: str, whole: bool) -> str:
    """市交通运输局 黄伟，7月15日9:05报：“①25.6 ②5”"""
    at = row.at.astimezone(SHANGHAI)
    words = row.text if whole or len(row.text) <= _WORDS else f"{row.text[:_WORDS]}……"
    verb = "撤回" if row.kind == WITHDRAWN else "报"
    return f"{row.unit} {name}，{at.month}月{at.day}日{at.hour}:{at:%M}{verb}：“{words}”"
