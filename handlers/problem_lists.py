"""“诉求”, “诉求38”, “超期诉求”, “潮安区诉求”, “诉求统计”: firms' problems as each may see them.

The office and city leaders see all, a unit what it has, a county what lies in it; in a group nobody sees more
than a number and a neutral line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from handlers.context import Context, UserError, typed
from handlers.problem_desk import handles, in_group, is_staff, named, only
from handlers.standing import eyes_of, named_in
from knowledge.problem_orders import order_of
from storage import people, problem, problem_steps, problems
from storage.message import Message, Reply, Text
from storage.problem import Problem
from supervision import problem_figures, problem_words
from supervision.problems import is_late
from supervision.workdays import SHANGHAI
from supervision.worktime import Worktime

_NOUN = r"(?:(?:企业|政企)?诉求|政企问题|企业问题)"
_LIST = re.compile(
    r"(?:看一?下?|查看?|我的|本单位的?|有哪些|有什么|有多少|还有|几件|多少件|(?:目前|今天|本周|这周|最近|现在)的?)*"
    r"(?P<which>超期的?|逾期的?|待分办的?|待评价的?|长期跟踪的?|紧急的?|在办的?|全部)?"
    rf"{_NOUN}(?:清单|列表|情况|有哪些|有多少|有几件|办?理?得?怎么样了?|处理得怎么样了?)*[?？。]*"
)
_OF = re.compile(rf"(?P<who>\S{{2,14}}?)的?(?P<which>超期的?)?{_NOUN}(?:清单|情况|有哪些)?[?？。]*")
_FIGURES = re.compile(
    rf"{_NOUN}(?:办理)?统计\s*(?:(?P<month>\d{{1,2}})月份?|(?P<span>本月|上月|今年|本年|本季度))?[?？。]*"
)
_SHOWN = 10
_Fits = Callable[[Problem, datetime], bool]
_STATE: dict[str, _Fits] = {
    "超期": is_late,
    "逾期": is_late,
    "待分办": lambda p, _: p.state in (problem.NEW, problem.OBJECTED),
    "待评价": lambda p, _: p.state in (problem.ANSWERED, problem.REVIEW),
    "长期跟踪": lambda p, _: p.state == problem.TRACKED_ON,
    "紧急": lambda p, _: p.urgent,
}


async def listed(message: Message, ctx: Context) -> Reply | None:
    """“诉求”, “超期诉求”, “潮安区诉求”: what is open."""
    said = typed(message).strip()
    found = _LIST.fullmatch(said)
    if not said or not is_staff(ctx) or (found is None and not _OF.fullmatch(said)):
        return None
    if found is not None:
        return await _shown((found["which"] or "").rstrip("的"), "", ctx)
    of = _OF.fullmatch(said)
    who = named_in(of["who"], ctx) if of else ""
    if of is None or not who:
        return None
    return await _shown((of["which"] or "").rstrip("的"), who, ctx)


async def _shown(which: str, who: str, ctx: Context) -> Reply:
    running = only(await problems.running(ctx.conn), ctx)
    of = [one for one in running if not who or who in (one.lead, one.county, *one.helpers)]
    fits = _STATE.get(which)
    found = [one for one in of if fits is None or fits(one, ctx.now)]
    name = f"{who}{which}"
    if in_group(ctx.message):
        late = sum(is_late(one, ctx.now) for one in of)
        return Text(f"政企问题在办{len(of)}件，超期{late}件。详情请在与我的单聊里查看。")
    if not found:
        return Text(f"目前没有{name}政企问题。" if name else "目前没有在办的政企问题。")
    found.sort(key=lambda one: (not is_late(one, ctx.now), not one.urgent, one.due_at, one.number))
    late = sum(is_late(one, ctx.now) for one in found)
    lines = [f"{name}政企问题{len(found)}件（超期{late}件）："]
    lines += [_row(one, ctx) for one in found[:_SHOWN]]
    if len(found) > _SHOWN:
        lines.append(f"另有{len(found) - _SHOWN}件，可按单位或县（区）看，例如：潮安区诉求")
    lines.append(f"看一件请回复：诉求{found[0].number}")
    return Text("\n".join(lines))


def _row(p: Problem, ctx: Context) -> str:
    """With its year where it is not this one's: numbers begin anew."""
    year = "" if p.year == ctx.knows.book.notice.year else f"{p.year}年"
    return f"{year}{problem_words.row(p, ctx.now)}"


async def detail(message: Message, ctx: Context) -> Reply | None:
    """“诉求38”: facts, state and story; the contact only to who calls the firm."""
    order = order_of(typed(message))
    if order is None or order.verb != "show" or not is_staff(ctx):
        return None
    if not (eyes_of(ctx).anything):
        raise UserError("政企问题由市百千万办、承办单位和市领导查看。")
    p = await named(order, ctx)
    if in_group(message):
        return Text(problem_words.group_line(p))
    steps = await problem_steps.of(ctx.conn, p.id)
    names = await people.names(ctx.conn, [one.person for one in steps])
    text = problem_words.detail(p, steps, names, ctx.now, handles=handles(p, ctx))
    return Text("\n".join(filter(None, (text, _next(p, ctx)))))


def _next(p: Problem, ctx: Context) -> str:
    """What the reader can say next."""
    n = p.number
    if p.lead in ctx.units:
        if p.state == problem.ASSIGNED:
            return f"请回复：接办{n}／{n}不属 理由"
        if p.state in (problem.ACCEPTED, problem.CONTACTED):
            return f"请回复：{n}已联系企业／{n}方案：……／{n}延期到×月×日 原因／{n}办结：……"
    if ctx.is_admin:
        if p.state in (problem.NEW, problem.OBJECTED):
            return f"请回复：分办{n} 单位 协办 单位"
        if p.state == problem.ANSWERED:
            return f"电话回访后请回复：{n}企业满意／{n}企业基本满意／{n}企业不满意 原因"
        if p.state == problem.REVIEW:
            return f"请回复：{n}定性 已解决／已答复／长期跟踪 理由，或{n}重办"
    return ""


# --- figures --------------------------------------------------------------------------------------


async def figures(message: Message, ctx: Context) -> Reply | None:
    """“诉求统计”, “诉求统计 6月”: what came in and how it was done, for the office and city leaders."""
    found = _FIGURES.fullmatch(typed(message).strip())
    if found is None or not is_staff(ctx):
        return None
    if not eyes_of(ctx).everything:
        raise UserError("诉求统计由市百千万办和市领导查看。回复“诉求”看贵单位的。")
    today = ctx.now.astimezone(SHANGHAI).date()
    first, last, name = _span(found["month"], found["span"], ctx.knows.book.notice.year, today)
    since, until = (datetime.combine(day, time(0), SHANGHAI) for day in (first, last))
    rows = await problems.of_year(ctx.conn, ctx.knows.book.notice.year)
    told = problem_figures.figures(rows, since, min(until, ctx.now), ctx.now, Worktime(ctx.workdays))
    return Text(problem_figures.words(told, name, ctx.now, ctx.knows.book.directory.order_of))


def _span(month: str | None, span: str | None, year: int, today: date) -> tuple[date, date, str]:
    """From, until (not included), and how it is called; the notice's year where nothing is said."""
    if month and 1 <= int(month) <= 12:
        return *_month(year, int(month)), f"{int(month)}月"
    if span == "本月":
        return *_month(today.year, today.month), "本月"
    if span == "上月":
        before = today.replace(day=1) - timedelta(days=1)
        return *_month(before.year, before.month), "上月"
    if span == "本季度":
        first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
        return first, _month(first.year, first.month + 2)[1], "本季度"
    return date(year, 1, 1), date(year + 1, 1, 1), f"{year}年"


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
