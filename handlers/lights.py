"""“红黄灯”, “17项是什么灯”: lights with their reasons, to each whom they concern.

The office and leaders see every point, a liaison the lights of the figures her own units answer for, others a
sentence. A red light that nobody let out is told as red to the office alone.
"""

from __future__ import annotations

import re

from handlers.context import Context, UserError, folded, only_admins, typed
from handlers.phrasing import heading
from handlers.standing import Eyes, colour_words, eyes_of, states
from storage import releases
from storage.message import Message, Reply, Text
from supervision.overview import PointState, TargetState
from supervision.wording import COLOURS

_LIGHTS = re.compile(
    r"(?:给我|发我|我要?|请|看(?:一?下|看)?|查(?:一?下|看)?|有?哪些|有没有)*(?:亮|是)?(?:红黄绿?灯|[红黄]灯|亮灯(?:情况)?|灯)"
    r"(?:的?有?(?:哪些|几个|多少)|情况|清单|给我看看|发我(?:看看)?|呢)?"
)
_BEHIND = re.compile(
    r"(?:有没有|有|还有)?(?:哪些|什么)?(?:要点|任务|工作|事项|指标|单位)?(?:滞后|落后|慢)了?的?"
    r"(?:要点|任务|工作|事项|指标)?(?:有?哪些|有没有|吗|呢|情况)?"
)
_ASKED = re.compile(r"有没有|哪些|什么|吗|情况")
_ONE = re.compile(
    r"(?:第|要点)?(?P<point>\d{1,2})(?:[项点条]|个?要点)?的?(?:现在|目前)?(?:是|亮)?的?"
    r"(?:(?:什么|哪种|哪个)(?:颜色的?)?灯|[红黄绿]灯还是[红黄绿]灯|[红黄绿]灯[吗呢么]|红黄绿?灯|亮灯情况)[呢啊呀了]?"
)
_RELEASE_RED = re.compile(r"放行(?:红灯|第?(?P<first>\d{1,2})[点项条]?红灯)\s*第?(?P<point>\d{0,2})[点项条]?")
_SHOWN = 8
_NOT_YOURS = "红黄灯由市百千万办、市领导和责任单位查看。您可以直接问通知里的任务和指标，例如：第17条"


async def lights(message: Message, ctx: Context) -> Reply | None:
    """Which points are behind, or the light of one; never a report, whatever was asked of the person."""
    said = folded(message)
    one = _ONE.fullmatch(said)
    if not (one or _LIGHTS.fullmatch(said) or _asks_behind(message, said)):
        return None
    eyes = eyes_of(ctx)
    if not eyes.anything:
        return Text(_NOT_YOURS)
    points = [int(one["point"])] if one else None
    found = await states(ctx, points)
    if not found:
        return None
    if not eyes.everything:
        return Text(_own(found, eyes, many=one is None))
    return Text(_of_one(found[0], eyes)) if one else Text(_every(found, eyes))


def _asks_behind(message: Message, said: str) -> bool:
    """“有没有滞后的”; a plain “滞后” is an answer to what was asked."""
    asks = _ASKED.search(said) or typed(message).rstrip()[-1:] in ("?", "？")
    return bool(asks and _BEHIND.fullmatch(said))


def _every(found: list[PointState], eyes: Eyes) -> str:
    count = {colour: sum(one.light.colour == colour for one in found) for colour in COLOURS}
    drafts = [one for one in found if one.light.colour == "red" and one.light.draft]
    if not eyes.office:
        count["red"] -= len(drafts)
        count["yellow"] += len(drafts)
    told = "、".join(f"{COLOURS[colour]}{number}" for colour, number in count.items() if number)
    lit = [one for one in found if one.light.colour in ("red", "yellow")]
    lit += [one for one in found if one.light.colour == "green"]
    lines = [f"{len(found)}个要点：{told}。", *(_of_one(one, eyes) for one in lit[:_SHOWN])]
    if len(lit) > _SHOWN:
        lines.append(f"……共{len(lit)}个。看其中一个，请回复：{lit[_SHOWN].point.number}项是什么灯")
    if drafts and eyes.office:
        lines.append(f"红灯放行后才给领导看。放行请回复：放行红灯 {drafts[0].point.number}")
    return "\n".join(lines)


def _of_one(state: PointState, eyes: Eyes) -> str:
    return f"{heading(state.point)}：{colour_words(state, eyes)}。{state.light.reason}"


def _own(found: list[PointState], eyes: Eyes, *, many: bool) -> str:
    """The lights of what the person's units answer for; without figures, of the points they reported on."""
    lines = []
    for state in found:
        own = [one for one in state.targets if one.unit in eyes.units and one.light.colour != "none"]
        if many:
            own = [one for one in own if one.figure is not None]
        if own:
            lines += [heading(state.point), *(_of_target(one, state, eyes) for one in own)]
        elif state.units:
            lines.append(_of_one(state, eyes))
    if lines:
        return "\n".join(["贵单位的亮灯情况：", *lines[:20]])
    if many:
        return "贵单位报送的要点目前没有亮灯。报了数以后，按时间进度判定红黄绿灯。"
    return f"贵单位还没有报送{heading(found[0].point)}的进展，没有亮灯。"


def _of_target(one: TargetState, state: PointState, eyes: Eyes) -> str:
    colour = colour_words(PointState(state.point, (one,), state.units, one.light), eyes)
    return f"{one.target.what}：{colour}。{one.light.reason}"


async def release_red(message: Message, ctx: Context) -> Reply | None:
    """“放行红灯 17”: a person stands for a red light; only then others see it."""
    found = _RELEASE_RED.fullmatch(folded(message))
    if found is None:
        return None
    only_admins(ctx, "红灯由市百千万办管理员放行")
    number = int(found["point"] or found["first"] or 0)
    (state,) = await states(ctx, [number]) or (None,)
    if state is None:
        raise UserError("请写明要点号，例如：放行红灯 17")
    if state.light.colour != "red":
        raise UserError(f"{heading(state.point)}现在是{COLOURS[state.light.colour]}，没有红灯要放行。")
    doc_number = ctx.knows.book.notice.doc_number
    new = await releases.release(
        ctx.conn, releases.RED, doc_number, number, state.light.message, by=message.person, now=ctx.now
    )
    told = "已放行" if new else "已经放行过"
    return Text(f"{told}：{heading(state.point)}红灯。{state.light.reason}\n数据更新后会重新判定。")
