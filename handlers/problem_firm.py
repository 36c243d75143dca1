"""A firm speaks of what it has brought already: its rating, its answer to a visit, its name, how far it is.

`handlers/problem.py` hands in the firm's own problems. An answer that could not be sent is told with the next
thing the firm says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from handlers.context import Context, UserError
from handlers.problem_desk import desk_of
from knowledge import problem as reader
from knowledge.problem_entry import contact_in
from knowledge.problem_orders import order_of, rating_of
from storage import problem, problem_steps, problem_visits, problems
from storage.message import Reply, Text
from storage.problem import Problem
from storage.problem_visits import Visit
from supervision import firm_words, lookback, problem_endings, problem_words
from supervision.problem_desk import ProblemError
from supervision.problems import ENDINGS, RATINGS, STATES

_PROGRESS = re.compile(
    r"(?:请问|想问|查一?下|看一?下|问一?下|我们?的?|上次|之前|那个|反映的|提的|政企)*(?:诉求|问题|事情|进度|进展|情况|办理情况)"
    r"(?:现在|目前)?(?:办得?|处理|解决|进展)?(?:怎么样|怎样|如何|到哪(?:里|一步|步)?|得怎么样|情况)?了?(?:没有?|吗)?[?？。!！]*"
    r"|(?:有结果|有消息|有进展)(?:了)?(?:没有?|吗)[?？]*|(?:办|处理)(?:得)?(?:怎么样|到哪(?:里|一步)?)了?[?？]*"
)
_HOW_LONG = re.compile(  # “有人处理吗”, “还要多久”, “怎么还没消息”, “我的事办好了没有呀”
    r"(?:请问|那|到底|现在|目前|这个?|那个?|我们?的?|上次|反映|提|的|事情?|问题|诉求|[,，])*"
    r"(?:(?:有没有|有)(?:人|哪个单位)?(?:在)?(?:处理|管|跟进|办|结果|消息|进展|回复)"
    r"|(?:还要|要|得)?(?:多久|多长时间|等到什么时候|什么时候|几时|哪天)(?:才)?(?:能|会|可以)?(?:解决|处理|办好|办完|弄好|好|有结果|答复|回复)?"
    r"|怎么还(?:没有?|不)(?:消息|结果|回复|动静|人来|人联系|解决|处理|来)"
    r"|(?:处理|解决|办)(?:得|好|完)?(?:怎么样|到哪里?)?)(?:了)?(?:没有?|吗|呢|呀|啊|吧)*[?？。!！~]*"
)
_FIRM_NAME = re.compile(
    r"^(?:我们?(?:这里|这边)?是|我司|我厂|单位名称|公司名称|企业名称|单位|公司|企业)?[是为:：\s]*"
    r"(?P<name>(?![我你他这那做请想问])[\u4e00-\u9fffA-Za-z0-9()（）·]{2,40}?(?:公司|厂|店|社|行|场|坊|馆|中心|企业|集团|工作室|基地|酒店|餐饮|商行"
    r"|瓷业|陶瓷|瓷艺|工艺|制衣|服饰|服装|食品|五金|电器|电子|包装|印刷|卫浴|洁具|塑料|塑胶|科技|实业|物流|建材|家具|茶业|茶叶|纸业|机械|不锈钢))"
    r"(?=[,，。\s的]|$)"
)
_REMEMBERED = timedelta(days=2)
_VISITED = timedelta(days=10)  # how long what the firm says next is its answer to a visit
_SHOWN = 5


async def about_own(said: str, mine: Sequence[Problem], ctx: Context) -> Reply | None:
    """The first that fits, or None: then it brings something new, or asks something."""
    if not mine:
        return None
    try:
        return (
            await _rates(said, mine, ctx)
            or _asks(said, mine, ctx)
            or await _completes(said, mine, ctx)
            or await _answers_visit(said, mine, ctx)
        )
    except ProblemError as error:
        raise UserError(str(error)) from None


async def with_answers(reply: Reply, mine: Sequence[Problem], ctx: Context) -> Reply:
    """The reply, and beneath it what the firm was to be told and could not be."""
    waiting = [one for one in mine if one.state == problem.ANSWERED and one.told_at is None]
    now = {one.id: one for one in await _as_now(waiting, ctx)}
    texts = []
    for p in waiting:
        current = now.get(p.id)
        if current is not None and current.state == problem.ANSWERED and current.told_at is None:
            texts.append(firm_words.answer_text(current))
            await problem_endings.told(desk_of(ctx), current)
    return Text("\n\n".join([reply.text, *texts])) if texts else reply


async def _as_now(found: Sequence[Problem], ctx: Context) -> list[Problem]:
    """As they are after what this message did."""
    return list((await problems.with_ids(ctx.conn, [one.id for one in found])).values())


# --- rating ---------------------------------------------------------------------------------------


async def _rates(said: str, mine: Sequence[Problem], ctx: Context) -> Reply | None:
    answered = [one for one in mine if one.state == problem.ANSWERED]
    if not answered:
        return None
    rating, why = rating_of(said)
    asked = _remembered("rating", ctx) if rating in ("", problem.UNSATISFIED) else None
    if asked and (p := _with_id(asked["id"], answered)):
        return await _rated(p, problem.UNSATISFIED, (why or said)[:200], ctx)
    if not rating:
        return None
    order = order_of(said)
    named = [one for one in answered if order and one.number == order.number] or answered
    if len(named) > 1:
        told = "；".join(f"{one.label}（{problem_words.subject(one)}）" for one in named[:_SHOWN])
        return Text(f"您有{len(named)}件已答复：{told}。请写明是哪一件，例如：{named[0].number}满意")
    if rating == problem.UNSATISFIED and not why:
        _remember("rating", named[0], ctx)
        return Text("很抱歉没有让您满意。请写一句原因，我们退回重办。")
    return await _rated(named[0], rating, why, ctx)


async def _rated(p: Problem, rating: str, why: str, ctx: Context) -> Reply:
    after = await problem_endings.rate(desk_of(ctx), p, rating, why)
    _forget("rating", ctx)
    if after.state == problem.REVIEW:
        return Text(firm_words.review_line(after))
    if rating == problem.UNSATISFIED:
        return Text(firm_words.redo_line(after))
    return Text(firm_words.thanks(after, ctx.problems))


# --- how far it is --------------------------------------------------------------------------------


def _asks(said: str, mine: Sequence[Problem], ctx: Context) -> Reply | None:
    order = order_of(said)
    if order is not None and order.verb == "show":
        found = [one for one in mine if one.number == order.number]
        return Text("\n".join(map(told, found)) if found else f"您没有反映过第{order.number:04d}号问题。")
    if not _asks_how_far(said):
        return None
    shown = [one for one in mine if one.is_open][:_SHOWN] or list(mine[:1])
    return Text("\n".join(map(told, shown)))


def _asks_how_far(said: str) -> bool:
    words = said.strip().rstrip("呀啊呢吧~ ")
    return bool(_PROGRESS.fullmatch(words) or _HOW_LONG.fullmatch(words))


def is_of_own(said: str) -> bool:
    """Whether it asks how far its problem is, or rates the answer: in a group that is said to nobody."""
    order = order_of(said)
    return _asks_how_far(said) or bool(rating_of(said)[0]) or (order is not None and order.verb == "show")


def told(p: Problem) -> str:
    """What the firm may know of its own problem."""
    about = f"{p.label}（{problem_words.subject(p)}）"
    if p.state in (problem.NEW, problem.OBJECTED):
        doing = "正在分办" if p.state == problem.NEW else "正在核定由哪个单位办理"
        return f"{about}：{doing}，{problem_words.until(p.due_at)}前答复您。"
    if p.state in problem.WITH_UNIT:
        again = "重办中，" if p.level or p.again else ""
        return f"{about}：{again}{p.lead}办理，{problem_words.until(p.due_at)}前答复您。"
    if p.state == problem.ANSWERED:
        return f"{about}：{ENDINGS[p.ending]}，请您评价。"
    if p.state == problem.TRACKED_ON and p.follow_on:
        return f"{about}：长期跟踪，{p.follow_on.month}月{p.follow_on.day}日前再答复您。"
    rated = f"，您的评价：{RATINGS[p.rating]}" if p.rating else ""
    return f"{about}：{STATES[p.state]}{rated}。"


# --- more words, and whom to call -----------------------------------------------------------------


def expect_details(p: Problem, ctx: Context) -> None:
    """What the firm says next may be its name and whom to call."""
    if firm_words.wanted(p):
        _remember("problem", p, ctx)


async def _completes(said: str, mine: Sequence[Problem], ctx: Context) -> Reply | None:
    contact = contact_in(said)
    name = _FIRM_NAME.match(contact.rest)
    asked = _remembered("problem", ctx)
    p = _with_id(asked["id"], mine) if asked else None
    if p is None and contact.phone and (not contact.rest or (name and name.end() == len(contact.rest))):
        p = next((one for one in mine if one.is_open), None)  # whom to call, and nothing else
    if p is None or not p.is_open:
        return None
    has_contact = bool(contact.name or contact.phone)
    firm = name["name"] if name and (has_contact or not p.firm) else p.firm
    if not has_contact and firm == p.firm:
        return None
    if reader.read(contact.rest, ctx.knows.book, ctx.knows.index) is not None and not has_contact:
        return None
    after = await desk_of(ctx).change(
        p,
        problem_steps.DETAIL,
        "单位名称、联系方式",
        firm=firm[:128],
        contact=contact.name or p.contact,
        phone=contact.phone or p.phone,
    )
    if missing := firm_words.wanted(after):
        return Text(f"已记下，谢谢。{missing}")
    _forget("problem", ctx)
    return Text("已记下，谢谢。联系方式只给经办人看。")


async def add_words(p: Problem, text: str, ctx: Context) -> Reply:
    """The same matter again: one problem, with more words; who has it reads them."""
    desk = desk_of(ctx)
    words = contact_in(text).rest
    await desk.note(p, problem_steps.DETAIL, words)
    if p.lead:
        note = f"【政企问题 {p.label}】企业补充：{words[:300]}"
        await desk.tell_unit(f"problem:{p.id}:more:{ctx.message.key}", p.lead, Text(note))
    return Text(
        f"您补充的情况已记入{p.label}，谢谢。\n{told(p)}\n如果是另一件事，请以“另一件：”开头再说一次。"
    )


# --- 回访 -----------------------------------------------------------------------------------------


async def _answers_visit(said: str, mine: Sequence[Problem], ctx: Context) -> Reply | None:
    closed = {one.id: one for one in mine if one.state == problem.CLOSED}
    if not closed:
        return None
    since = ctx.now - _VISITED
    waiting = [
        one
        for one in await problem_visits.of(ctx.conn, list(closed))
        if one.asked_at is not None and one.asked_at >= since and one.answered_at is None
    ]
    if not waiting or said.rstrip().endswith(("?", "？", "吗", "呢")):
        return None
    visit = waiting[-1]
    if not lookback.finding_of(said) and reader.read(said, ctx.knows.book, ctx.knows.index) is None:
        return None
    return await _visited(closed[visit.problem_id], visit, said, ctx)


async def _visited(p: Problem, visit: Visit, said: str, ctx: Context) -> Reply:
    finding = await problem_endings.visited(desk_of(ctx), p, visit, said[:500])
    if finding == "holds":
        return Text("谢谢您的回复，有新的情况随时告诉我们。")
    return Text("谢谢如实告知，已转市百千万办，核实后与您联系。")


# --- what is remembered ---------------------------------------------------------------------------


def _remember(what: str, p: Problem, ctx: Context) -> None:
    ctx.memory = {**(ctx.memory or {}), what: {"id": p.id, "at": ctx.now.isoformat()}}


def _forget(what: str, ctx: Context) -> None:
    ctx.memory = {name: value for name, value in (ctx.memory or {}).items() if name != what}


def _remembered(what: str, ctx: Context) -> dict[str, Any] | None:
    kept: dict[str, Any] | None = (ctx.memory or {}).get(what)
    if kept and ctx.now - datetime.fromisoformat(kept["at"]) <= _REMEMBERED:
        return kept
    return None


def _with_id(id: int, found: Sequence[Problem]) -> Problem | None:
    return next((one for one in found if one.id == id), None)
