"""“接办38”, “38方案：……”, “38办结：……”: what the unit that has a firm's problem says of it.

A bare number may mean a work point, too: what is not clearly about a problem of the speaker's unit is left to
other handlers, or asked back. The office may say the same for a unit; its own orders are in
`handlers/problem_office.py`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

from handlers.context import Context, UserError, typed
from handlers.problem_desk import desk_of, is_staff, numbered
from handlers.problem_unnumbered import meant
from knowledge.dates import When, whens
from knowledge.problem_orders import Order, Verb, ending_of, order_of
from storage import problem, problem_steps, rounds
from storage.message import Message, Reply, Text
from storage.problem import Problem
from supervision import problem_acts, problem_endings, problem_words
from supervision.problem_desk import Desk, ProblemError
from supervision.problems import ENDINGS
from supervision.workdays import SHANGHAI

OFFICE_VERBS: frozenset[Verb] = frozenset(
    (
        *("assign", "keep", "refuse", "sort", "detail", "grant", "deny"),
        *("rate", "settle", "redo", "visit", "raise"),
    )
)
_DOUBTFUL: frozenset[Verb] = frozenset(
    ("object", "assign", "extend", "note", "detail", "answer", "help", "plan")
)
_ENDED = re.compile(r"^(?:已解决|已答复|纳入长期跟踪)[\s,，。;；:：]*")  # the ending is told beside the words
_NOTHING = re.compile(  # an ending and not a word of how
    r"(?:已经?|问题|全部|都|得到|予以|现场|协调|企业|政策(?:暂)?不(?:支持|允许)|向|作了?|做了?|处理|解决|办[好妥完结理]|完毕|恢复|答复|说明|解释"
    r"|好|了|[\s,，。;；:：!！])*"
)
_SAMPLES = {
    problem.SOLVED: "已解决，7月16日更换了变压器",
    problem.EXPLAINED: "已答复，政策不支持，新厂房不在补贴范围，已当面说明",
    problem.TRACKED: "纳入长期跟踪，道路未列入今年计划，12月20日再答复",
}
_WAITING = timedelta(days=45)
_LONGEST = 1_000


async def unit_order(message: Message, ctx: Context) -> Reply | None:
    """What a unit's liaison does with a problem of his; an admin may do it for him."""
    if not is_staff(ctx):
        return None
    order = order_of(typed(message)) or await meant(typed(message), ctx)
    if order is None or order.verb == "show":
        return None
    if order.verb in ("note", "plan", "help") and not (order.rest or order.explicit):
        return None  # “17进展” asks for the progress of a point
    if order.verb in OFFICE_VERBS and not (order.verb == "assign" and ctx.units and not ctx.is_admin):
        return None
    p = await numbered(order, ctx)
    unit = _acts_for(p, order, ctx)
    if p is None or unit is None:
        return _not_yours(p, order, ctx)
    if not order.explicit and order.verb in _DOUBTFUL and await _is_a_point(order.number, ctx):
        return Text(
            f"“{order.number}”指的是要点{order.number}，还是政企问题{p.label}？"
            f"请写“要点{order.number}……”或“诉求{order.number}……”再发一次。"
        )
    try:
        return Text(await _ACTS[order.verb](p, order, desk_of(ctx, unit), ctx))
    except ProblemError as error:
        raise UserError(str(error)) from None


def _acts_for(p: Problem | None, order: Order, ctx: Context) -> str | None:
    """The unit the speaker speaks for, "" for the office; None where it is not his."""
    if p is None:
        return None
    if p.lead and p.lead in ctx.units:
        return p.lead
    helping = next((unit for unit in p.helpers if unit in ctx.units), None)
    if helping is not None and order.verb in ("help", "note"):
        return helping
    return "" if ctx.is_admin else None


def _not_yours(p: Problem | None, order: Order, ctx: Context) -> Reply | None:
    """A clear sentence where a problem was meant; None where it may be about anything else."""
    only_problems = order.verb in ("accept", "contact") or order.explicit
    if not only_problems or not (ctx.units or ctx.is_admin):
        return None
    if p is None:
        raise UserError(f"没有第{order.number:04d}号政企问题，请核对编号。回复“诉求”看清单。")
    helps = any(unit in p.helpers for unit in ctx.units)
    if helps:
        raise UserError(f"{p.label}由{p.lead}主办，贵单位协办，请回复：{p.number}意见：……")
    raise UserError(f"{p.label}不由贵单位办理，请核对编号。回复“诉求”看贵单位的清单。")


async def _is_a_point(number: int, ctx: Context) -> bool:
    """Whether his unit is just asked about the work point of this number."""
    asked = await rounds.of_units(ctx.conn, ctx.units, since=ctx.now - _WAITING)
    return any(one.waits and one.prompt.point == number for one in asked)


# --- the acts -------------------------------------------------------------------------------------


async def _accept(p: Problem, _order: Order, desk: Desk, ctx: Context) -> str:
    after = await problem_acts.accept(desk, p)
    by = problem_words.until(desk.at.after(desk.now, desk.rules.contact))
    n = p.number
    lines = [f"{p.label}已接办，谢谢。请于{by}前联系企业，联系后回复：{n}已联系企业"]
    if p.contact or p.phone:
        lines.append(f"企业：{p.firm or '未写明'}，联系人：{p.contact} {p.phone}".rstrip())
    else:
        lines.append("企业没有留联系方式，请向市百千万办了解。")
    if p.kind == problem.COMPLEX:
        plan_by = problem_words.until(desk.at.after_days(desk.now, desk.rules.plan_days))
        lines.append(f"{plan_by}前请回复：{n}方案：……")
    lines.append(f"{problem_words.until(after.due_at)}前办结，回复：{n}办结：……")
    return "\n".join(lines)


async def _contact(p: Problem, order: Order, desk: Desk, ctx: Context) -> str:
    after = await problem_acts.contact(desk, p, order.rest[:_LONGEST])
    return f"{p.label}已记：联系企业。{_then(after)}"


async def _plan(p: Problem, order: Order, desk: Desk, ctx: Context) -> str:
    if len(order.rest) < 4:
        raise UserError(f"请写明方案，例如：{p.number}方案：先临时接入，7月2日送电")
    after, told = await problem_acts.plan(desk, p, order.rest[:_LONGEST])
    return f"{p.label}已记办理方案{'，并告知企业' if told else ''}。{_then(after)}"


def _then(p: Problem) -> str:
    return f"{problem_words.until(p.due_at)}前办结，回复：{p.number}办结：……"


async def _object(p: Problem, order: Order, desk: Desk, ctx: Context) -> str:
    """“38不属 理由”, or “38转市住建局” said by the unit itself."""
    if not desk.unit:
        raise UserError(f"异议由主办单位提出。要改派请回复：分办{p.number} 单位")
    words = order.rest.strip(" 。我们本单位的") if order.verb == "object" else f"应转{order.rest}"
    if len(words) < 2:
        raise UserError(f"请写明理由和应由哪个单位办，例如：{p.number}不属 属市住建局职责")
    _, by = await problem_acts.object_to(desk, p, words[:_LONGEST])
    return f"{p.label}的异议已收到，市百千万办{problem_words.until(by)}前定，定之前不催。谢谢说明。"


async def _help(p: Problem, order: Order, desk: Desk, ctx: Context) -> str:
    if len(order.rest) < 2:
        raise UserError(f"请写明协办意见，例如：{p.number}意见：占道许可3天内可批")
    unit = desk.unit or next((one for one in p.helpers if one not in p.helped), "")
    if unit not in p.helpers:
        raise UserError(f"{p.label}没有协办单位，请回复：{p.number}进展：……")
    await problem_acts.help_with(desk, p, unit, order.rest[:_LONGEST])
    return f"{p.label}的协办意见已转{p.lead}，谢谢。"


async def _note(p: Problem, order: Order, desk: Desk, ctx: Context) -> str:
    if len(order.rest) < 2:
        raise UserError(f"请写明进展，例如：{p.number}进展：材料已齐，明天报批")
    await desk.note(p, problem_steps.NOTE, order.rest[:_LONGEST])
    return f"{p.label}的进展已记。"


async def _extend(p: Problem, order: Order, desk: Desk, ctx: Context) -> str:
    found = last_day(order.rest, ctx)
    if found is None or found.day is None:
        raise UserError(f"请写明延到哪一天和原因，例如：{p.number}延期到7月10日 占道许可未批")
    day = ctx.workdays.due_at(ctx.workdays.shift(found.day, 0))
    why = without(order.rest, found).strip(" ,，。:：到至延因为由于")
    if not desk.unit:
        _, told = await problem_acts.grant(desk, p, day, why)
        return f"{p.label}已延到{problem_words.until(day)}。{told}。"
    if not why and p.wanted_until is None:
        when = f"{found.day.month}月{found.day.day}日"
        raise UserError(f"请写一句原因，同意后企业也会看到，例如：{p.number}延期到{when} 占道许可未批")
    after = await problem_acts.extend(desk, p, day, why)
    granted = problem_words.until(after.wanted_until or day)
    return f"{p.label}申请延到{granted}，已报市百千万办，定了就告诉您；同意后我们也会告知企业。"


async def _answer(p: Problem, order: Order, desk: Desk, ctx: Context) -> str:
    problem_endings.may_answer(p)
    words = order.rest[:_LONGEST]
    ending = ending_of(words)
    n = p.number
    if not ending:
        raise UserError(
            f"请写明{p.label}是哪一种结果，以便如实告诉企业：\n{n}办结：已解决，……\n"
            f"{n}办结：已答复，政策不支持，已说明……\n{n}办结：纳入长期跟踪，12月20日再答复，……"
        )
    day = follow_day(words, ctx) if ending == problem.TRACKED else None
    if ending == problem.TRACKED and day is None:
        raise UserError(f"长期跟踪请写明下次答复的日期，例如：{n}办结：纳入长期跟踪，12月20日再答复")
    if _NOTHING.fullmatch(words):
        raise UserError(f"请加一句是怎么办的，企业看得到，例如：{n}办结：{_SAMPLES[ending]}")
    _, told = await problem_endings.answer(desk, p, ending, _ENDED.sub("", words) or words, day)
    firm = "已告知企业并请评价" if told else "企业暂时发不到，已请市百千万办电话告知并请评价"
    return f"{p.label}已记：{ENDINGS[ending]}。{firm}。评价后办结，谢谢。"


_Act = Callable[[Problem, Order, Desk, Context], Awaitable[str]]
_ACTS: dict[Verb, _Act] = {
    "accept": _accept,
    "contact": _contact,
    "plan": _plan,
    "object": _object,
    "assign": _object,
    "help": _help,
    "note": _note,
    "extend": _extend,
    "answer": _answer,
}


# --- days -----------------------------------------------------------------------------------------


def last_day(words: str, ctx: Context) -> When | None:
    """The last day that is named."""
    found = [one for one in whens(words, ctx.now.astimezone(SHANGHAI).date()) if one.day is not None]
    return found[-1] if found else None


def follow_day(words: str, ctx: Context) -> date | None:
    """The day a long-term matter is answered again: the latest named that is still to come."""
    today = ctx.now.astimezone(SHANGHAI).date()
    return max((one.day for one in whens(words, today) if one.day and one.day > today), default=None)


def without(words: str, found: When) -> str:
    return words[: found.start] + words[found.end :]
