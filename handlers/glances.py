"""What a leader asks in passing: “公路修了多少公里”, “潮安区怎么样”, “交通局报了吗”.

The same progress that `handlers/standing.py` tells when it is asked for by number, for the office and
leaders; a question about what the notice wants (“今年要新增多少冷库”) is left to `handlers/ask.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from handlers.context import Context, folded
from handlers.phrasing import heading
from handlers.standing import eyes_of, named_in, point_words, states, target_words, unit_words
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
_SURE = 5.0  # the score from which a subject is what was meant
_BACK = timedelta(days=45)


async def glance(message: Message, ctx: Context) -> Reply | None:
    """The answer to one of these, for those who may see everything."""
    if not eyes_of(ctx).everything or not (said := folded(message)):
        return None
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
    if not state.reported:
        return Text(f"{heading(state.point)}：还没有收到进展报送。")
    return Text(point_words(state, eyes_of(ctx), ctx))


def _called(what: str, state: PointState) -> list[TargetState]:
    """The figures whose name has the longest run of these characters, two at least."""
    alike = [(_common(what, one.target.what), one) for one in state.targets]
    best = max((length for length, _ in alike), default=0)
    return [one for length, one in alike if length == best] if best > 1 else []


def _common(one: str, other: str) -> int:
    runs = (one[at:end] for at in range(len(one)) for end in range(at + 1, len(one) + 1))
    return max((len(run) for run in runs if run in other), default=0)
