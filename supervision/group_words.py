"""What groups read: one line a week, and three kinds of circular (报送情况, 重点事项, 做法交流).

Pure. A line a week carries totals and thanks; a circular is a draft that a person lets out. Units are named
where they did well, or where the office decided to name them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from storage import rounds
from storage.cases import Case
from storage.rounds import Prompt, Round
from supervision.circular import kind_of
from supervision.overview import PointState
from supervision.rounds import circled, day, due_words
from supervision.workdays import SHANGHAI, Workdays

REPORTED, ATTENTION, PRACTICE = "circular-1", "circular-2", "circular-3"
NAMES = {REPORTED: "报送情况", ATTENTION: "重点事项提示", PRACTICE: "做法交流"}
OFFICE = "市百千万办"
_ITEMS = 4  # matters of one circular: it must fit one message
_ANSWER_IN = 5  # working days
_CASE = 220  # characters
_CASES_POINT = 41


@dataclass(frozen=True, slots=True)
class Count:
    """How a round stands among the prompts that concern a group."""

    name: str
    due_at: datetime  # local
    asked: int
    done: int
    closed: bool

    @property
    def line(self) -> str:
        whole = f"应报{self.asked}项，已报{self.done}项"
        if self.closed:
            return f"{self.name}已收口：{whole}。"
        return f"{self.name}：{whole}；{due_words(self.due_at)}到期。"


@dataclass(frozen=True, slots=True)
class Week:
    """`where` is the county or section the group is for, empty for all; `heard` counts what came in."""

    first: date
    last: date
    counts: tuple[Count, ...]
    heard: int
    where: str = ""


def count(round: Round, prompts: Sequence[Prompt]) -> Count:
    asked = [one for one in prompts if one.state != rounds.EXEMPT]
    done = sum(one.state == rounds.ANSWERED for one in asked)
    due_at = round.due_at.astimezone(SHANGHAI)
    return Count(round.name, due_at, len(asked), done, round.closed_at is not None)


def weekly(week: Week, called: str = "") -> str:
    """The line of the week; "" when there is nothing to say. `called` is the name of who is pinged."""
    lines = [one.line for one in week.counts if one.asked]
    if week.heard:
        lines.append(f"上周收到进展{week.heard}条，谢谢各位。")
    if not lines:
        return ""
    month = f"{week.last.month}月" if week.last.month != week.first.month else ""
    span = f"{week.first.month}月{week.first.day}日至{month}{week.last.day}日"
    if called:
        lines.append(f"请{called}同志留意，办理细节在督办助手单聊里说。")
    where = f"{week.where}，" if week.where else ""
    return "\n".join([f"【一周进展】（{where}{span}）", *lines, OFFICE])


# --- circulars ------------------------------------------------------------------------------------------


def reported(
    round: Round,
    prompts: Sequence[Prompt],
    counties: Sequence[str],
    difficulties: Iterable[str],
    now: datetime,
) -> str:
    """【6月进展报送情况】: totals, thanks, which counties are complete, kinds of problems; nobody late."""
    until = min(now, round.due_at).astimezone(SHANGHAI)
    asked = [one for one in prompts if one.state != rounds.EXEMPT]
    done = sum(one.state == rounds.ANSWERED for one in asked)
    rate = f"，报送率{100 * done / len(asked):.1f}%" if asked else ""
    points = len({one.point for one in asked})
    lines = [
        f"【{round.name}情况】",
        f"截至{until.month}月{until.day}日{until:%H:%M}，{points}个要点应报{len(asked)}项，已报{done}项{rate}。",
    ]
    if done:
        lines.append(f"感谢各单位按时报送。{_complete(asked, counties)}")
    if done < len(asked):
        lines.append(f"尚未报齐的{len(asked) - done}项由市百千万办与责任单位单独联系。")
    return "\n".join([*lines, *_kinds(difficulties), OFFICE])


def _complete(asked: Sequence[Prompt], counties: Sequence[str]) -> str:
    """潮安区、饶平县指挥办均已报齐。"""
    owing = {one.unit for one in asked if one.state != rounds.ANSWERED}
    complete = [name for name in counties if name not in owing and any(one.unit == name for one in asked)]
    return f"{'、'.join(complete)}指挥办{'均' * (len(complete) > 1)}已报齐。" if complete else ""


def _kinds(difficulties: Iterable[str]) -> list[str]:
    kinds = list(dict.fromkeys(kind_of(said).removesuffix("方面") for said in difficulties if said))
    if not kinds:
        return []
    return [f"各单位反映的共性问题{len(kinds)}类：{'、'.join(kinds)}，市百千万办正在梳理。"]


def attention(states: Iterable[PointState], today: date, workdays: Workdays) -> str:
    """【重点事项提示】: what is behind, why in the unit's own words, who answers by when; "" for nothing."""
    behind = [one for one in states if one.light.colour in ("yellow", "red") and one.units]
    behind.sort(key=lambda one: (one.light.colour != "red", one.point.number))
    if not behind:
        return ""
    until = workdays.shift(today, _ANSWER_IN)
    lines = [
        "【重点事项提示】（经市百千万办主任审定）",
        f"对照时间进度，截至{today.month}月{today.day}日有{len(behind)}项工作需要加快：",
        *(_matter(number, one, until) for number, one in enumerate(behind[:_ITEMS], start=1)),
    ]
    if len(behind) > _ITEMS:
        lines.append(f"其余{len(behind) - _ITEMS}项单独通知责任单位。")
    return "\n".join([*lines, "数据来源：责任单位报送。对数据有异议的，请于1个工作日内反馈。", OFFICE])


def _matter(number: int, state: PointState, until: date) -> str:
    told = [standing.told("difficulty") for standing in state.units.values()]
    why = next(filter(None, told), "原报未写明")
    units, point = "、".join(state.units), state.point
    return (
        f"{circled(number)}要点{point.number}“{point.title}”：{_clipped(state.light.reason, 60)}。"
        f"主要原因：{_clipped(why, 40)}。请{units}于{day(until)}前报加快计划。"
    )


def practice(case: Case, keyword: str) -> str:
    """【做法交流】: a case as its unit told it, and how to read the whole."""
    return "\n".join(
        [
            f"【做法交流】{case.title}（{case.unit}）",
            _clipped(case.text, _CASE),
            f"材料全文已存入案例库（要点{_CASES_POINT}），需要的单位可向督办助手回复“案例 {keyword}”。",
            OFFICE,
        ]
    )


def _clipped(text: str, most: int) -> str:
    flat = " ".join(text.split()).rstrip("。；;")
    return flat if len(flat) <= most else f"{flat[:most]}……"
