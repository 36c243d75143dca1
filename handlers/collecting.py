"""定期收集 in chat: the office sets how often something is collected of whom, sees the list, and ends it.

Where the notice says 定期 without a period, the answer says so, and that the period is the office's own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from handlers.context import Context, UserError, folded, only_admins
from knowledge.header import chinese_number
from knowledge.notice import WorkPoint
from storage import collections
from storage.collections import Collection
from storage.message import Message, Reply, Text
from supervision.collecting import next_day, rhythm_words
from supervision.rounds import day
from supervision.workdays import SHANGHAI

_SET = re.compile(
    r"每(?:个)?(?P<every>月|两周|双周|周|星期|礼拜|季度?|季度末月)(?:的)?(?:周|星期|礼拜)?"
    r"(?P<day>\d{1,2}|[一二三四五六日天])?(?:日|号)?(?:前)?\s*(?:收集?|收取|报送?)\s*"
    r"(?P<name>\S+?)\s*(?:要点|第)\s*(?P<point>\d{1,3})[点项条]?[\s,:]*(?P<units>.*)"
)
_LIST = frozenset({"收集清单", "定期收集", "定期报送", "收集情况", "定期收集清单", "定期报送清单"})
_STOP = re.compile(r"(?:停止|取消|不再)(?:收集?|收取|定期收集)\s*(?P<name>.+)")
_EVERY = {
    "月": "monthly",
    "周": "weekly",
    "星期": "weekly",
    "礼拜": "weekly",
    "两周": "fortnightly",
    "双周": "fortnightly",
}
_LONGEST = 20


async def set_up(message: Message, ctx: Context) -> Reply | None:
    """“每月10日收 无人机视频 要点40 潮安区、饶平县、湘桥区”; admins only."""
    found = _SET.fullmatch(folded(message))
    if found is None:
        return None
    only_admins(ctx, "定期收集由市百千万办管理员设定")
    book = ctx.knows.book
    point = book.notice.point(int(found["point"]))
    if point is None:
        raise UserError(f"这份通知没有要点{found['point']}，请核对。")
    units = _units(found["units"], ctx)
    one = Collection(
        book.notice.doc_number,
        _name(found["name"]),
        point.number,
        units,
        _EVERY.get(found["every"], "quarterly"),
        _day(found["every"], found["day"]),
        message.person,
        ctx.now,
    )
    await collections.put(ctx.conn, one)
    return Text(_told(one, point, ctx))


def _name(words: str) -> str:
    if len(words) > _LONGEST:
        raise UserError(f"名称请在{_LONGEST}个字以内，例如：无人机视频")
    return words


def _units(words: str, ctx: Context) -> tuple[str, ...]:
    """Those named, in protocol order; all counties for “各县区”."""
    directory = ctx.knows.book.directory
    if re.search(r"各县|三县|县[(（]?区", words):
        return tuple(area.short for area in directory.counties)
    named = [one.unit or one.area for one in directory.find(words)]
    units = {one.short for one in named if one}
    if not units:
        raise UserError("请写明向哪些单位收，例如：每月10日收 无人机视频 要点40 潮安区、饶平县、湘桥区")
    return tuple(sorted(units, key=directory.order_of))


def _day(every: str, said: str | None) -> int:
    """Of the week for weeks, of the month otherwise."""
    said = said or ""
    number = (
        7 if said in ("日", "天") else int(said) if (said or "").isdigit() else chinese_number(said or "")
    )
    most = 7 if "周" in every or every in ("星期", "礼拜") else 31
    if not 1 <= number <= most:
        raise UserError("请写明是哪一天，例如：每月10日收……、每周三收……、每季度10日收……")
    return number


def _told(one: Collection, point: WorkPoint, ctx: Context) -> str:
    first = next_day(one, ctx.now.astimezone(SHANGHAI).date(), ctx.workdays)
    return (
        f"已设好：{rhythm_words(one)}（遇节假日顺延到下一个工作日）向{'、'.join(one.units)}收“{one.name}”"
        f"（要点{one.point}），最近一次{day(first)}9:10起发，两个工作日内报，和当天别的催报并成一条。\n"
        f"{period_words(point)}这个周期由市百千万办设定。停止请回复：停止收集 {one.name}"
    )


def period_words(point: WorkPoint) -> str:
    """What the notice says of the period: nothing, or 定期."""
    if "定期" in point.text:
        return f"通知要点{point.number}写的是“定期”，没有写明周期；"
    return f"通知要点{point.number}没有写明要定期报送；"


async def listed(message: Message, ctx: Context) -> Reply | None:
    """“收集清单”; admins only."""
    if folded(message) not in _LIST:
        return None
    only_admins(ctx)
    found = await collections.running(ctx.conn, ctx.knows.book.notice.doc_number)
    if not found:
        return Text("没有在收的定期报送。要设一项，例如：每月10日收 无人机视频 要点40 潮安区、饶平县、湘桥区")
    return Text("\n".join(["定期收集（周期由市百千万办设定）：", *_rows(found, ctx)]))


def _rows(found: Sequence[Collection], ctx: Context) -> list[str]:
    today = ctx.now.astimezone(SHANGHAI).date()
    return [
        f"{number}. “{one.name}”（要点{one.point}）：{rhythm_words(one)}，{'、'.join(one.units)}，"
        f"下一次{day(next_day(one, today, ctx.workdays))}"
        for number, one in enumerate(found, start=1)
    ]


async def stop(message: Message, ctx: Context) -> Reply | None:
    """“停止收集 无人机视频”; admins only."""
    found = _STOP.fullmatch(folded(message))
    if found is None:
        return None
    only_admins(ctx, "定期收集由市百千万办管理员停止")
    name = found["name"].strip('“”" 《》')
    running = await collections.running(ctx.conn, ctx.knows.book.notice.doc_number)
    one = next((each for each in running if name in (each.name, f"“{each.name}”")), None)
    if one is None:
        names = "、".join(each.name for each in running) or "没有"
        raise UserError(f"没有叫“{name}”的定期收集。在收的：{names}")
    await collections.end(ctx.conn, one, by=message.person, now=ctx.now)
    return Text(f"已停止定期收集“{one.name}”。已经开的轮次照常收完，记录留底。")
