"""“第17项怎么样了”: how points, counties and units stand, each to whom it concerns.

Admins and leaders see everything, a liaison what his own units reported, others only the notice. Every number
comes with its day and who reported it; a red light that nobody released is shown to the office alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from handlers import phrasing
from handlers.context import Context, UserError, folded
from handlers.phrasing import heading
from handlers.progress_words import figure_words
from storage import releases, reports
from storage.message import Message, Reply, Text
from supervision.overview import PointState, TargetState, View, overview
from supervision.standing import Standing
from supervision.wording import COLOURS, STATUS, day_words, number_words
from supervision.workdays import SHANGHAI

_OF_UNIT = re.compile(
    r"(?P<who>.+?)(?:的|目前|现在|今年|最近|各项|工作|任务|指标)*(?:进展|进度|推进|完成)(?:情况|得)?(?:怎么样了?|如何|怎样|咋样|到哪了|好不好)?"
)
_NEEDS = re.compile(
    r"(?:有)?(?:哪些|什么)?(?:事项|问题|困难)?(?:需要?协调|要协调|要市里协调|待协调)的?(?:事项|问题|困难)?(?:有)?(?:哪些|什么)?"
)
# What a liaison says of his own work.
_ANSWERS = re.compile(r"有?(?:事项|问题|困难)?(?:需要?|要)协调的?(?:事项|问题|困难)?")
_STOCK = frozenset(
    {"项目库", "项目库情况", "县域项目库", "项目库进展", "各县项目库", "项目储备", "项目储备情况"}
)
_SHOWN = 8
_BARE = 10  # characters; a wish for help this short does not say with what
_QUOTED = 60


@dataclass(frozen=True, slots=True)
class Eyes:
    """What this person may see."""

    everything: bool
    units: tuple[str, ...]  # whose own reports he may see
    office: bool

    @property
    def anything(self) -> bool:
        return self.everything or bool(self.units)


def eyes_of(ctx: Context) -> Eyes:
    leads = [one for one in ctx.bindings if one.role == "leader"]
    city = any(not one.unit for one in leads)
    own = tuple(dict.fromkeys([*ctx.units, *(one.unit for one in leads if one.unit)]))
    return Eyes(ctx.is_admin or city, own, ctx.is_admin)


async def view_of(ctx: Context) -> View:
    doc_number = ctx.knows.book.notice.doc_number
    released = await releases.of_kind(ctx.conn, releases.RED, doc_number)
    return View(ctx.now.astimezone(SHANGHAI).date(), ctx.workdays, ctx.rules.lights, released)


async def states(ctx: Context, points: Iterable[int] | None = None) -> list[PointState]:
    """How these points stand, or all of them, as far as this person may see."""
    eyes = eyes_of(ctx)
    book = ctx.knows.book
    rows = await reports.standing(
        ctx.conn,
        book.notice.doc_number,
        points=None if points is None else tuple(points),
        units=None if eyes.everything else eyes.units,
    )
    wanted = None if points is None else set(points)
    found = overview(book, rows, await view_of(ctx))
    return [one for one in found if wanted is None or one.point.number in wanted]


# --- one point ----------------------------------------------------------------------------------------


NOT_FOR_YOU = "进展由市百千万办和责任单位掌握，这里只能给您通知的要求。"
NOT_IN_A_GROUP = "进展请到单聊里问我，群里只答通知的要求。"
NOT_YET = "贵单位还没有报送这一项的进展。"


async def of_point(number: int, notice: str, ctx: Context) -> str:
    """What a question about the progress of one point is answered with; `notice` is what the notice says."""
    eyes = eyes_of(ctx)
    requirement = notice.removeprefix(phrasing.NO_PROGRESS).strip()
    if not eyes.anything:
        return f"{NOT_FOR_YOU}\n{requirement}"
    (state,) = await states(ctx, [number]) or (None,)
    if state is not None and state.reported:
        return point_words(state, eyes, ctx)
    return f"{phrasing.NO_PROGRESS if eyes.everything else NOT_YET}\n{requirement}"


def point_words(state: PointState, eyes: Eyes, ctx: Context) -> str:
    head = heading(state.point)
    if eyes.everything:
        head += f"：{colour_words(state, eyes)}"
    lines = [head]
    mine = [one for one in state.targets if eyes.everything or one.unit in eyes.units]
    told = [one for one in mine if one.figure is not None]
    lines += [_target(one, ctx) for one in told]
    missing = [f"{one.target.what}（{one.unit}）" for one in mine if one.figure is None and one.unit]
    if missing:
        lines.append("未报：" + "、".join(missing[:4]) + ("等" if len(missing) > 4 else ""))
    for unit, standing in state.units.items():
        lines += _unit(unit, standing)
    if eyes.everything and state.light.colour in ("green", "yellow", "red"):
        lines.append(f"亮灯依据：{state.light.reason}")
    return "\n".join(lines)


def colour_words(state: PointState, eyes: Eyes) -> str:
    """The light's name; a red one nobody let out yet is told as such to the office, and not to others."""
    if state.light.colour == "red" and state.light.draft:
        return "红灯（草稿，待放行）" if eyes.office else "黄灯（滞后较多，正在核实）"
    return COLOURS[state.light.colour]


def target_words(one: TargetState, ctx: Context) -> str:
    """How one figure stands, or that nobody told it yet."""
    if one.figure is not None:
        return _target(one, ctx) + ("" if one.light.draft else f"，{COLOURS[one.light.colour]}")
    wanted = [f"目标{one.target.stated}" if one.target.stated else "", f"由{one.unit}报" if one.unit else ""]
    return f"{one.target.what}：尚未报送（{'，'.join(filter(None, wanted))}）"


def _target(one: TargetState, ctx: Context) -> str:
    assert one.figure is not None  # noqa: S101  the caller looked
    today = ctx.now.astimezone(SHANGHAI).date()
    as_of = day_words(one.figure.as_of, today) if one.figure.as_of else ""
    return f"{figure_words(one.figure, ctx.knows.book)}，截至{as_of}，{one.unit}报"


def _unit(unit: str, standing: Standing) -> list[str]:
    """What a unit said beside the notice's figures, in its own words, and when: a difficulty stands until it
    is told no longer."""
    versions, parts = standing.versions, []
    newest = versions[-1]
    whole = next((row for row in reversed(versions) if row.percent is not None), None)
    if whole is not None and whole.percent is not None:
        parts.append(f"整体进度{number_words(whole.percent)}%")
    status = next((row.status for row in reversed(versions) if row.status), "")
    if status:
        parts.append(STATUS[status])
    others = [figure for figure in newest.figures if not figure.target]
    parts += [f"{one.what}{number_words(one.value)}{one.unit}" for one in others[:4]]
    if newest.nothing_new:
        parts.append("省平台已报" if newest.elsewhere else "本期没有新数")
    told: dict[date, list[str]] = {newest.as_of: parts} if parts else {}
    for label, name in (("困难", "difficulty"), ("需协调", "help_needed"), ("下一步", "next_step")):
        if text := standing.told(name):
            row = next((row for row in reversed(versions) if getattr(row, name)), newest)
            told.setdefault(row.as_of, []).append(f"{label}：{text}")
    return [f"{'；'.join(said)}（{unit}，{on.month}月{on.day}日报）" for on, said in told.items()]


# --- a unit or a county -------------------------------------------------------------------------------


async def of_unit(message: Message, ctx: Context) -> Reply | None:
    """“潮安区进展”, “市水务局进展怎么样”: what one unit or county reported."""
    found = _OF_UNIT.fullmatch(folded(message))
    if found is None:
        return None
    named = named_in(found["who"], ctx)
    if not named:
        return None
    eyes = eyes_of(ctx)
    if not eyes.everything and named not in eyes.units:
        raise UserError(f"{named}的进展由市百千万办和它自己的联络员查看。您可以直接问通知里的任务和指标。")
    return Text(await unit_words(named, ctx))


def named_in(who: str, ctx: Context) -> str:
    """The one unit or county that these words are the name of, by its short name; else ""."""
    who = who.strip("的 ")
    mentions = [m for m in ctx.knows.book.directory.find(who) if (m.unit or m.area) and not m.county_bureau]
    if len(mentions) != 1 or mentions[0].end - mentions[0].start < len(who) - 1:
        return ""
    named = mentions[0].unit or mentions[0].area
    return named.short if named else ""


async def unit_words(unit: str, ctx: Context) -> str:
    """What a unit or county reported, a line for each point."""
    eyes = eyes_of(ctx)
    shown = [line for state in await states(ctx) if (line := _of_unit(state, unit, eyes, ctx))]
    if not shown:
        return f"还没有收到{unit}的进展报送。"
    return f"{unit}报送的进展：\n" + "\n".join(shown[:20])


def _of_unit(state: PointState, unit: str, eyes: Eyes, ctx: Context) -> str:
    standing = state.units.get(unit)
    if standing is None:
        return ""
    told = [_target(one, ctx) for one in state.targets if one.unit == unit and one.figure is not None]
    told += _unit(unit, standing)
    return f"要点{state.point.number} " + "；".join(told) if told else ""


# --- lists --------------------------------------------------------------------------------------------


async def needs(message: Message, ctx: Context) -> Reply | None:
    """“需协调的有哪些”: what units asked the city's help for."""
    said = folded(message)
    if len(said) < 3 or not _NEEDS.fullmatch(said):
        return None
    eyes = eyes_of(ctx)
    if not eyes.anything or (ctx.units and _ANSWERS.fullmatch(said)):
        return None
    rows = []
    for state in await states(ctx):
        for unit, standing in state.units.items():
            asked, why = standing.told("help_needed"), standing.told("difficulty")
            if asked and standing.newest is not None:
                on = standing.newest.as_of
                reason = f"（{why or _in_full(asked, standing)}）" if why or len(asked) < _BARE else ""
                rows.append(f"{heading(state.point)}｜{unit}：{asked}{reason}，{on.month}月{on.day}日报")
    if not rows:
        return Text("目前没有单位提出需要协调的事项。")
    more = f"\n……共{len(rows)}项" if len(rows) > _SHOWN else ""
    return Text(f"需协调的事项共{len(rows)}项：\n" + "\n".join(rows[:_SHOWN]) + more)


async def troubles(ctx: Context) -> Reply:
    """“有什么困难”: what units find hard, with the help they ask for."""
    rows = []
    for state in await states(ctx):
        for unit, standing in state.units.items():
            hard, asked = standing.told("difficulty"), standing.told("help_needed")
            if (hard or asked) and standing.newest is not None:
                told = "；".join(filter(None, [hard, f"需协调：{asked}" if asked else ""]))
                on = standing.newest.as_of
                rows.append(f"{heading(state.point)}｜{unit}：{told}，{on.month}月{on.day}日报")
    if not rows:
        return Text("目前没有单位报来困难。")
    more = f"\n……共{len(rows)}项" if len(rows) > _SHOWN else ""
    return Text(f"各单位报来的困难共{len(rows)}项：\n" + "\n".join(rows[:_SHOWN]) + more)


def _in_full(asked: str, standing: Standing) -> str:
    """“请市里协调” alone tells nobody with what: the unit's own words do."""
    row = next(row for row in reversed(standing.versions) if row.help_needed == asked)
    return phrasing.exact(" ".join(row.text.split()), _QUOTED)


async def stock(message: Message, ctx: Context) -> Reply | None:
    """“项目库”: every county's figure of the points that the notice divides by county."""
    if folded(message) not in _STOCK:
        return None
    eyes = eyes_of(ctx)
    if not eyes.anything:
        return None
    counties = {area.short for area in ctx.knows.book.directory.counties}
    lines = []
    for state in await states(ctx, _stock_points(ctx)):
        for one in state.targets:
            if one.target.scope not in counties or not (eyes.everything or one.unit in eyes.units):
                continue
            told = _target(one, ctx) if one.figure is not None else f"尚未报送（目标{one.target.stated}）"
            lines.append(f"{one.target.scope}：{told}")
    return Text("县域重点项目库：\n" + "\n".join(lines)) if lines else None


def _stock_points(ctx: Context) -> list[int]:
    return [target.point for target in ctx.knows.book.targets if "项目库" in target.what][:1]
