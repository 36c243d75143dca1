"""What the office decides about a firm's problem: “分办38 …”, “38同意延期”, “38不受理”, “38企业满意”.

Every decision is a step of the problem's story and an audit row. A rating the office writes down is the
firm's own, told on the telephone.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from handlers.context import Context, UserError, only_admins, typed
from handlers.problem_desk import desk_of, numbered
from handlers.problem_orders import OFFICE_VERBS, follow_day, last_day, without
from handlers.problem_unnumbered import meant
from knowledge.problem_entry import contact_in
from knowledge.problem_orders import Order, Verb, ending_of, order_of, rating_of
from storage import drafts, problem, problem_steps, problem_visits
from storage.message import Message, Reply, Text
from storage.people import Person
from storage.problem import Problem
from supervision import listing, problem_acts, problem_drafts, problem_endings, problem_words
from supervision.problem_desk import Desk, ProblemError
from supervision.problems import ENDINGS, KINDS, RATINGS

_HELPERS = re.compile(r"(?:由|请)?\s*(?:协办|配合|协同|会同)(?:单位)?\s*[:：]?\s*(?:有|为|是)?")
_LEAD_IN = re.compile(r"^(?:给|由|到|至|转|请|主办|单位|[:：\s])+|(?:主办|牵头|办理|办|负责)\s*$")
_SORTS = (("咨询", problem.INQUIRY), ("复杂", problem.COMPLEX), ("一般", problem.ORDINARY))
_LOOSE: frozenset[Verb] = frozenset(("assign", "grant", "deny", "sort", "detail"))  # words of reports, too
_TOLD = re.compile(
    r"^\s*(?:纳入|转)?(?:已解决|已答复|长期跟踪)(?:[(（][^)）]*[)）])?|[到至]?前?再(?:次)?答复(?:企业)?"
)
_LONGEST = 500


async def office_order(message: Message, ctx: Context) -> Reply | None:
    """Admins only; a bare number that is no problem's is left to others."""
    order = order_of(typed(message)) or await meant(typed(message), ctx)
    if order is None or order.verb not in OFFICE_VERBS:
        return None
    p = await numbered(order, ctx)
    if not order.explicit and _is_something_else(p, order, ctx):
        return None
    if not ctx.is_admin and not ctx.bindings:
        return None
    only_admins(ctx, "政企问题的分办和核定由市百千万办管理员进行")
    if p is None:
        raise UserError(f"没有第{order.number:04d}号政企问题，请核对编号。回复“诉求”看清单。")
    try:
        return Text(await _ACTS[order.verb](p, order, desk_of(ctx), ctx))
    except ProblemError as error:
        raise UserError(str(error)) from None


def _is_something_else(p: Problem | None, order: Order, ctx: Context) -> bool:
    """“17同意” of who has nothing to grant; “17给市住建局发函” in a liaison's report."""
    if order.verb in ("grant", "deny") and "延" not in order.words:
        return p is None or (p.wanted_until is None and not ctx.is_admin)
    if order.words.startswith("分办"):
        return False
    return not ctx.is_admin and (p is None or order.verb in _LOOSE)


# --- whose it is ----------------------------------------------------------------------------------


async def _assign(p: Problem, order: Order, desk: Desk, ctx: Context) -> str:
    lead, helpers = _units(order.rest, p, ctx)
    after, told = await problem_acts.assign(desk, p, lead, helpers)
    return (
        f"{p.label}已分办：{problem_words.units(after)}，{problem_words.until(after.due_at)}前办结。{told}。"
    )


def _units(words: str, p: Problem, ctx: Context) -> tuple[str, list[str]]:
    """The lead and the helpers named; without a name those that were suggested."""
    if not words:
        if not p.suggested:
            raise UserError(f"{p.label}没有建议单位，请写明，例如：分办{p.number} 市住房城乡建设局")
        return p.suggested, list(p.suggested_helpers)
    first, *rest = _HELPERS.split(words, maxsplit=1)
    named = _named(_LEAD_IN.sub("", first.strip()).strip(" ,，。"), ctx)
    helpers = _named(rest[0], ctx) if rest else []
    if not named and helpers and p.suggested:
        named = [p.suggested]
    if not named:
        raise UserError(f"没有看到主办单位，例如：分办{p.number} 潮州供电局 协办 市城管执法局")
    lead, *others = named
    return lead, [one for one in dict.fromkeys([*others, *helpers]) if one != lead]


def _named(words: str, ctx: Context) -> list[str]:
    """The units and counties that words name, in their order; an unknown name is told with the nearest."""
    directory = ctx.knows.book.directory
    if not words.strip(" ,，。"):
        return []
    if exact := directory.unit(words.strip(" ,，。")):
        return [exact.short]
    found = [one.unit or one.area for one in directory.find(words) if not one.county_bureau]
    if not found:
        raise UserError(f"{directory.why_unknown(words[:30])}。")
    return list(dict.fromkeys(one.short for one in found if one is not None))


async def _keep(p: Problem, order: Order, desk: Desk, ctx: Context) -> str:
    after, told = await problem_acts.keep(desk, p, order.rest[:_LONGEST])
    return f"{p.label}核定仍由{p.lead}主办，{problem_words.until(after.due_at)}前办结。{told}。"


async def _refuse(p: Problem, order: Order, desk: Desk, ctx: Context) -> str:
    if len(order.rest) < 2:
        raise UserError(f"请写明理由和该去哪里办，例如：{p.number}不受理 属合同纠纷，可拨打12348")
    _, told = await problem_acts.refuse(desk, p, order.rest[:_LONGEST])
    return f"{p.label}已记为不受理。{'已告知企业' if told else '企业发不到，请电话说明'}。"


async def _sort(p: Problem, order: Order, desk: Desk, ctx: Context) -> str:
    kind = next((kind for word, kind in _SORTS if word in order.words), "")
    urgent = None if kind else not any(word in order.words for word in ("不急", "普通"))
    after = await problem_acts.sort(desk, p, order.words[:_LONGEST], kind=kind, urgent=urgent)
    what = KINDS[after.kind] if kind else ("紧急" if after.urgent else "不加急")
    return f"{p.label}已改为{what}，{problem_words.until(after.due_at)}前办结。"


async def _detail(p: Problem, order: Order, desk: Desk, ctx: Context) -> str:
    """“38联系人 陈明 138…”, “38企业 宏瑞陶瓷”: what was missing when it was recorded."""
    contact = contact_in(order.words if "联系人" in order.words else f"联系人{order.rest}")
    firm = re.search(r"(?:企业|单位|公司)(?:名称)?[:：是为\s]*(?P<name>[^\s,，。\d]{2,40})", contact.rest)
    name = firm["name"] if firm and "联系人" not in firm["name"] else ""
    if not (contact.name or contact.phone or name):
        raise UserError(f"请这样补：{p.number}联系人 陈明 手机号；{p.number}企业 ××公司")
    await desk.change(
        p,
        problem_steps.DETAIL,
        "单位名称、联系方式",
        firm=name or p.firm,
        contact=contact.name or p.contact,
        phone=contact.phone or p.phone,
    )
    return f"{p.label}已补：{'、'.join(filter(None, (name, contact.name, contact.phone)))}。"


# --- more time ------------------------------------------------------------------------------------


async def _grant(p: Problem, order: Order, desk: Desk, ctx: Context) -> str:
    found = last_day(order.rest, ctx)
    day = ctx.workdays.due_at(ctx.workdays.shift(found.day, 0)) if found and found.day else None
    words = without(order.rest, found) if found else order.rest
    after, told = await problem_acts.grant(desk, p, day, words.strip(" ,，。到至")[:_LONGEST])
    return f"{p.label}同意延到{problem_words.until(after.due_at)}。{told}。"


async def _deny(p: Problem, order: Order, desk: Desk, ctx: Context) -> str:
    _, told = await problem_acts.deny(desk, p, order.rest[:_LONGEST])
    return f"{p.label}不同意延期，仍是{problem_words.until(p.due_at)}前办结。{told}。"


# --- how it ends ----------------------------------------------------------------------------------


async def _rate(p: Problem, order: Order, desk: Desk, ctx: Context) -> str:
    """The firm's rating, told on the telephone."""
    rating, why = rating_of(order.rest)
    if not rating:
        raise UserError(f"请写明评价，例如：{p.number}企业满意；{p.number}企业不满意 还没送电")
    if rating == problem.UNSATISFIED and not why:
        raise UserError(f"请写一句企业不满意的原因，例如：{p.number}企业不满意 还没送电")
    after = await problem_endings.rate(desk, p, rating, why[:_LONGEST])
    told = f"{p.label}已记企业评价：{RATINGS[rating]}。"
    if after.state == problem.REVIEW:
        return f"{told}两次不满意，请定性：{p.number}定性 已解决／已答复／长期跟踪 理由，或{p.number}重办"
    if rating == problem.UNSATISFIED:
        return (
            f"{told}已退回{p.lead}重办，{problem_words.until(after.due_at)}前办结；告知分管领导的草稿待放行。"
        )
    return f"{told}{'已转长期跟踪' if after.state == problem.TRACKED_ON else '已办结，回访已排好'}。"


async def _settle(p: Problem, order: Order, desk: Desk, ctx: Context) -> str:
    ending = ending_of(order.rest) or ("explained" if "答复" in order.rest else "")
    if not ending:
        raise UserError(
            f"请写明定为哪一种：{p.number}定性 已解决／已答复（政策不支持）／长期跟踪 到×月×日，并写理由"
        )
    day = follow_day(order.rest, ctx) if ending == problem.TRACKED else None
    if ending == problem.TRACKED and day is None:
        raise UserError(f"长期跟踪请写明下次答复的日期，例如：{p.number}定性 长期跟踪 12月20日再答复")
    _, told = await problem_endings.settle(desk, p, ending, _reason(order.rest, ctx)[:_LONGEST], day)
    return f"{p.label}已定性：{ENDINGS[ending]}。{'已告知企业' if told else '请电话告知企业'}。"


def _reason(words: str, ctx: Context) -> str:
    """Without the ending and the day, which are told beside it."""
    found = last_day(words, ctx)
    words = without(words, found) if found else words
    return _TOLD.sub("", words).strip(" ,，。:：;；（）()")


async def _redo(p: Problem, order: Order, desk: Desk, ctx: Context) -> str:
    after, told = await problem_endings.again(desk, p, order.rest[:_LONGEST])
    return f"{after.label}已重办，{problem_words.until(after.due_at)}前办结。{told}。"


async def _visit(p: Problem, order: Order, desk: Desk, ctx: Context) -> str:
    """“38回访 正常”: what the firm said on the telephone."""
    if len(order.rest) < 2:
        raise UserError(f"请写明企业怎么说，例如：{p.number}回访 正常")
    if p.state == problem.ANSWERED and rating_of(order.rest)[0]:
        return await _rate(p, order, desk, ctx)
    waiting = [
        one
        for one in await problem_visits.of(ctx.conn, [p.id])
        if one.asked_at is not None and one.answered_at is None
    ]
    if not waiting:
        raise UserError(f"{p.label}目前没有要回访的。")
    finding = await problem_endings.visited(desk, p, waiting[-1], order.rest[:_LONGEST])
    said = {"holds": "巩固", "mostly": "基本巩固", "relapsed": "反弹"}.get(finding, "已记原话")
    again = f"需要重新立项请回复：{p.number}重办" if finding == "relapsed" else ""
    return f"{p.label}第{waiting[-1].number}次回访已记：{said}。{again}"


# --- to a city leader -----------------------------------------------------------------------------


async def _raise(p: Problem, order: Order, desk: Desk, ctx: Context) -> str:
    """“提请协调 诉求38 周敏”: a topic for his digest, a draft until it is let out."""
    if p.state not in problem.WITH_UNIT:
        raise UserError(f"{p.label}现在不在办理中，无从提请。")
    leader = await city_leader(order.rest, ctx)
    steps = await problem_steps.of(ctx.conn, p.id)
    basis = problem_drafts.basis_in(ctx.knows.book)
    draft = problem_drafts.topic(p, steps, ctx.now, ctx.workdays, basis, leader)
    there = [one for one in await drafts.of_kind(ctx.conn, draft.kind, p.received_at) if one.key == draft.key]
    if there:
        raise UserError(f"{p.label}的专题已经起草，见草稿{there[0].id}。")
    return listing.draft_text(await drafts.write(ctx.conn, draft))


async def city_leader(words: str, ctx: Context) -> Person:
    """The city leader that is named; the only one there is, where none was."""
    name = words.strip(" ,，。给呈报请")
    leaders = await problem_drafts.city_leaders(ctx.conn)
    named = [one for one in leaders if name and (name.startswith(one.name) or name.lower() == one.userid)]
    chosen = named or (leaders if not name else [])
    if len(chosen) == 1:
        return chosen[0]
    names = "、".join(one.name for one in leaders[:8]) or "（还没有绑定市领导）"
    raise UserError(f"请写明呈哪位市领导，例如：提请协调 诉求38 周敏。已绑定的有：{names}")


_Act = Callable[[Problem, Order, Desk, Context], Awaitable[str]]
_ACTS: dict[Verb, _Act] = {
    "assign": _assign,
    "keep": _keep,
    "refuse": _refuse,
    "sort": _sort,
    "detail": _detail,
    "grant": _grant,
    "deny": _deny,
    "rate": _rate,
    "settle": _settle,
    "redo": _redo,
    "visit": _visit,
    "raise": _raise,
}
