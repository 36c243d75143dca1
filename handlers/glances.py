"""What a leader asks in passing: “公路修了多少公里”, “潮安区怎么样”, “交通局报了吗”.

The same progress that `handlers/standing.py` tells when it is asked for by number, for the office and
leaders; a question about what the notice wants (“今年要新增多少冷库”) is left to `handlers/ask.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from handlers import lights
from handlers.context import Context, folded
from handlers.phrasing import heading
from handlers.standing import eyes_of, named_in, point_words, states, target_words, troubles, unit_words
from storage import rounds
from storage.message import Message, Reply, Text
from supervision.overview import PointState, TargetState

_HOW = r"(?:怎么样|如何|咋样|怎样)了?呢?"
_AMOUNT = r"(?:多少|几)(?:公里|座|个|项|条|家|吨|万吨|处|间|人|万元|亿元)?[了呢]?"
_MATTER = re.compile(
    rf"(?P<what>\D{{2,16}}?)(?:已经?|目前|现在|今年)*(?:(?:新?[修建改做办增培开]|完成|投产|入库|建成|推进)(?:了|到|得)?)?(?:{_AMOUNT}|{_HOW})"
)
_DONE = re.compile(r"了|得|到|目前|现在|已|怎么样|如何|咋样|怎样")
_WANTED = re.compile(r"要|应|需|该|计划|目标|打算|将|任务")
_HAS_TOLD = re.compile(
    r"(?P<who>.{2,14}?)(?:这个月|本月|本轮|这轮|这次|的?进展|的?月报)*(?:都|已经?)?(?:报|交|回复|反馈)(?:送|齐|上来)?(?:了|过)?"
    r"(?:吗|没有?|么)"
)
_UNIT_HOW = re.compile(rf"(?P<who>.{{2,14}}?)(?:最近|目前|现在|那边|工作|情况)*(?:报得|做得)?{_HOW}")
_NUMBERED = re.compile(  # 17项谁报的, 第17项完成多少了, 要点17最新情况
    r"(?:第(?P<a>\d{1,2})(?:[项点条]|个?要点)?|要点(?P<b>\d{1,2})|(?P<c>\d{1,2})(?:[项点条]|个?要点))的?"
    r"(?:(?:数字?|数据|进展|进度|最新|现在|目前|已经?|的|是)*(?:(?:情况|进展|进度|数据?)|(?:完成|做|干|推进|办)(?:了|到|得)?"
    r"(?:多少|几成|哪一?步|哪里|哪儿)|(?:谁|哪个单位|哪天|什么时候|几号|哪一天)(?:报|交|填)(?:上来|来)?的))[了呢啊呀]?"
)
_TOLD_BY = re.compile(  # 公路谁报的, 冷库0.1是谁报的
    r"(?P<what>\D{2,16}?)(?:那个|这个)?的?(?:数字?|数据|进展)?(?:[\d.]+[^\d是谁哪]{0,3})?(?:都?是)?"
    r"(?:谁|哪个单位|哪天|什么时候|几号|哪一天)(?:报|交|填)(?:上来|来)?的[呢啊呀]?"
)
_VERB_FIRST = re.compile(  # 改造了几座桥
    rf"(?:目前|现在|今年|一共|总共|已经?)*(?P<verb>[\u3400-\u9fff]{{1,3}})了{_AMOUNT}(?P<what>[\u3400-\u9fff]{{1,12}})"
)
_WHOLE = re.compile(
    rf"(?:现在|目前|全市|整体|总体|总的|各项|所有|大家)+的?(?:工作|任务|要点)?(?:进展|进度|情况|推进|完成)*(?:情况|得)?{_HOW}"
    r"|(?:全市|整体|总体)的?(?:进展|进度|情况|推进情况|完成情况)"
)
_SLOW = re.compile(
    r"(?:有)?(?:哪些|什么|哪个|哪几项)?(?:单位|要点|任务|工作|项)?(?:的)?(?:进度|进展|推进|完成)(?:得)?(?:最|比较|较)?慢"
    r"(?:了)?的?(?:是)?(?:有?哪些|哪个|哪几项|单位|要点|任务)*"
    r"|(?:现在|目前)?(?:有)?(?:哪些|哪几项|哪几个|哪项|什么)(?:要点|任务|工作|指标)?(?:比较|最|还|进度)*(?:滞后|落后|偏慢|慢)(?:了|的)?"
)
_TROUBLE = re.compile(
    r"(?:现在|目前|各单位|大家|下面|还)*(?:有没有|有|存在)?(?:什么|哪些|啥)?(?:单位)?(?:报了?|遇到|存在|有|反映)?(?:什么|哪些|啥)?(?:困难|难处|难题)"
    r"(?:有?哪些|吗|没有|呢)?|(?:有)?(?:什么|哪些)(?:事项?|问题|困难)?(?:需要?|要)(?:我|我们|市里|领导)(?:来|出面)?(?:协调|解决)(?:的|吗)?"
)
_ASKED = re.compile(r"什么|哪|啥|有没有|吗|没有|谁")
_SURE = 5.0  # the score from which a subject is what was meant
_BACK = timedelta(days=45)


async def glance(message: Message, ctx: Context) -> Reply | None:
    """The answer to one of these, for those who may see everything."""
    if not eyes_of(ctx).everything or not (said := folded(message)):
        return None
    if found := _NUMBERED.fullmatch(said):
        return await _point(int(found["a"] or found["b"] or found["c"]), ctx)
    if _TROUBLE.fullmatch(said) and _ASKED.search(said):
        return await troubles(ctx)
    if _WHOLE.fullmatch(said) or (_SLOW.fullmatch(said) and _ASKED.search(said)):
        return await lights.lights(replace(message, text="红黄灯"), ctx)
    if found := _TOLD_BY.fullmatch(said):
        return await _matter(found["what"], ctx)
    if (found := _VERB_FIRST.fullmatch(said)) and not _WANTED.search(said):
        return await _matter(found["verb"] + found["what"], ctx)
    if (found := _HAS_TOLD.fullmatch(said)) and (unit := named_in(found["who"], ctx)):
        return Text(await _round_words(unit, ctx) or f"最近没有要{unit}报送的轮次。")
    if (found := _UNIT_HOW.fullmatch(said)) and (unit := named_in(found["who"], ctx)):
        lines = [await unit_words(unit, ctx), await _round_words(unit, ctx)]
        return Text("\n".join(filter(None, lines)))
    if (found := _MATTER.fullmatch(said)) and _DONE.search(said) and not _WANTED.search(said):
        return await _matter(found["what"], ctx)
    return None


async def _round_words(unit: str, ctx: Context) -> str:
    """What the unit told and still owes, in the open rounds or else the newest."""
    asked = await rounds.of_units(ctx.conn, (unit,), since=ctx.now - _BACK)
    still = [one for one in asked if one.round.closed_at is None]
    newest = max((one.round.id for one in asked), default=0)
    shown = still or [one for one in asked if one.round.id == newest]
    return "\n".join(
        _told_and_owed(unit, [one for one in shown if one.round.id == number])
        for number in dict.fromkeys(one.round.id for one in shown)
    )


def _told_and_owed(unit: str, asked: Sequence[rounds.Asked]) -> str:
    parts = [
        f"{name}：要点{'、'.join(points)}"
        for name, state in _STATES
        if (points := [str(one.prompt.point) for one in asked if one.prompt.state in state])
    ]
    return f"{unit}，“{asked[0].round.name}”{'；'.join(parts)}。"


_STATES = (
    ("已报", (rounds.ANSWERED,)),
    ("报了一部分", (rounds.PARTIAL,)),
    ("还没有报", tuple(one for one in rounds.WAITING if one != rounds.PARTIAL)),
    ("责任有异议", (rounds.OBJECTED,)),
    ("本轮不用报", (rounds.EXEMPT,)),
)


async def _point(number: int, ctx: Context) -> Reply | None:
    (state,) = await states(ctx, [number]) or (None,)
    if state is None:
        return None
    if not state.reported:
        return Text(f"{heading(state.point)}：还没有收到进展报送。")
    return Text(point_words(state, eyes_of(ctx), ctx))


async def _matter(what: str, ctx: Context) -> Reply | None:
    """The figures that are called so, else the point that is about it."""
    hits = ctx.knows.found(ctx.knows.read(what)).hits
    if not hits or hits[0].score < _SURE:
        return None
    (state,) = await states(ctx, [hits[0].point]) or (None,)
    if state is None:
        return None
    meant = _called(what, state)
    if meant:
        lines = [target_words(one, ctx) for one in meant]
        more = f"看整条，请回复：第{state.point.number}项怎么样了"
        return Text("\n".join([heading(state.point), *lines, more]))
    return await _point(state.point.number, ctx)


def _called(what: str, state: PointState) -> list[TargetState]:
    """The figures whose name has the longest run of these characters, two at least."""
    alike = [(_common(what, one.target.what), one) for one in state.targets]
    best = max((length for length, _ in alike), default=0)
    return [one for length, one in alike if length == best] if best > 1 else []


def _common(one: str, other: str) -> int:
    runs = (one[at:end] for at in range(len(one)) for end in range(at + 1, len(one) + 1))
    return max((len(run) for run in runs if run in other), default=0)
