"""What is done with a problem until it is answered: recorded, assigned, taken, objected to, planned, put off.

Called with a `Desk` by the office's and the units' chat; every act is a step of the story, and whoever it
concerns is told. Raises ProblemError with a sentence where an act makes no sense.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from storage import drafts, outbox, problem, problem_steps, problems
from storage.drafts import Decision
from storage.message import Text
from storage.problem import Problem
from supervision import firm_words, problem_words
from supervision.problem_desk import Desk, ProblemError
from supervision.problems import STATES, after_pause, due_at, may_ask_for_time, may_object
from supervision.workdays import SHANGHAI

DRAFTED = "problem"  # how the kinds of drafts about problems begin
CLOCK = "bqw"  # who decides where no person did
_BEFORE_ANSWER = frozenset({problem.NEW, problem.OBJECTED, *problem.WITH_UNIT})


async def record(desk: Desk, found: Problem) -> Problem:
    """A new problem with its number; the office is told, a refused one is only kept."""
    p = await problems.add(desk.conn, found, words=found.text[:200])
    if p.state == problem.NEW:
        card = problem_words.new_card(p, desk.at.after(p.received_at, desk.rules.assign))
        await desk.tell_office(f"problem:{p.id}:new", card)
    return p


async def assign(desk: Desk, p: Problem, lead: str, helpers: Sequence[str]) -> tuple[Problem, str]:
    """The office gives it to a unit, or to another one: then its time begins anew."""
    if p.state not in (*_BEFORE_ANSWER, problem.REFUSED, problem.REVIEW):
        raise ProblemError(_not_now(p, "分办"))
    first = p.state == problem.NEW
    since = p.counts_from if first else desk.now
    kind = problem.ORDINARY if p.kind == problem.REFUSED else p.kind
    after = await desk.change(
        p,
        problem_steps.ASSIGN,
        lead + (f"，协办{'、'.join(helpers)}" if helpers else ""),
        state=problem.ASSIGNED,
        kind=kind,
        lead=lead,
        helpers=tuple(helpers),
        helped=(),
        assigned_at=desk.now,
        objected_at=None,
        accepted_at=None,
        contacted_at=None,
        planned_at=None,
        wanted_until=None,
        closed_at=None,
        counts_from=since,
        due_at=p.due_at if first else due_at(kind, since, desk.rules, desk.at),
    )
    await settle_drafts(desk, after, "已改由其他单位办理")
    return after, await _tell_assigned(desk, p, after)


async def _tell_assigned(desk: Desk, before: Problem, p: Problem) -> str:
    key = f"problem:{p.id}:{p.version}"
    card = problem_words.unit_card(p, desk.rules, desk.now, desk.at)
    told = [await desk.tell_unit(f"{key}:lead", p.lead, card)]
    by = desk.at.end_of_day(desk.now, desk.rules.helper_days)
    for helper in p.helpers:
        text = Text(problem_words.helper_text(p, by))
        told.append(await desk.tell_unit(f"{key}:{helper}", helper, text))
    if before.lead and before.lead != p.lead:
        thanks = Text(f"{p.label}已改由{p.lead}办理，贵单位不用再办。谢谢。{problem_words.OFFICE}")
        await desk.tell_unit(f"{key}:before", before.lead, thanks)
    await desk.tell_firm(p, f"{key}:firm", firm_words.assigned_line(p))
    return "；".join(told)


async def sort(desk: Desk, p: Problem, words: str, *, kind: str = "", urgent: bool | None = None) -> Problem:
    """The office calls it an inquiry, ordinary or complex, urgent or not; its day follows its kind."""
    if p.state not in _BEFORE_ANSWER:
        raise ProblemError(_not_now(p, "改分类"))
    sorted_as = kind or p.kind
    due = due_at(sorted_as, p.counts_from, desk.rules, desk.at) if kind and kind != p.kind else p.due_at
    is_urgent = p.urgent if urgent is None else urgent
    return await desk.change(
        p, problem_steps.SORT, words, kind=sorted_as, urgent=is_urgent, due_at=max(due, desk.now)
    )


async def refuse(desk: Desk, p: Problem, words: str) -> tuple[Problem, bool]:
    """Not taken, with the door it belongs to; whether the firm was told in writing."""
    if p.state not in _BEFORE_ANSWER:
        raise ProblemError(_not_now(p, "改为不受理"))
    after = await desk.change(
        p, problem_steps.REFUSE, words, state=problem.REFUSED, kind=problem.REFUSED, closed_at=desk.now
    )
    await settle_drafts(desk, after, "不予受理")
    told = f"您反映的问题（{p.label}）不在受理范围：{words}\n{problem_words.OFFICE}"
    return after, await desk.tell_firm(after, f"problem:{p.id}:{after.version}:firm", told, must=True)


# --- the unit -------------------------------------------------------------------------------------


async def accept(desk: Desk, p: Problem) -> Problem:
    if p.state in (problem.ACCEPTED, problem.CONTACTED):
        raise ProblemError(f"{p.label}已经接办了，请联系企业后回复：{p.number}已联系企业")
    if p.state != problem.ASSIGNED:
        raise ProblemError(_not_now(p, "接办"))
    return await desk.change(p, problem_steps.ACCEPT, state=problem.ACCEPTED, accepted_at=desk.now)


async def contact(desk: Desk, p: Problem, words: str) -> Problem:
    """The firm was called; who calls has taken it."""
    if p.state not in problem.WITH_UNIT:
        raise ProblemError(_not_now(p, "记联系企业"))
    return await desk.change(
        p,
        problem_steps.CONTACT,
        words,
        state=problem.CONTACTED,
        accepted_at=p.accepted_at or desk.now,
        contacted_at=p.contacted_at or desk.now,
    )


async def plan(desk: Desk, p: Problem, words: str) -> tuple[Problem, bool]:
    """How it will be done; the firm reads it where it can be written to."""
    if p.state not in problem.WITH_UNIT:
        raise ProblemError(_not_now(p, "报方案"))
    after = await desk.change(
        p,
        problem_steps.PLAN,
        words,
        state=problem.ACCEPTED if p.state == problem.ASSIGNED else p.state,
        accepted_at=p.accepted_at or desk.now,
        planned_at=desk.now,
    )
    told = await desk.tell_firm(after, f"problem:{p.id}:{after.version}:firm", firm_words.plan_line(p, words))
    return after, told


async def object_to(desk: Desk, p: Problem, words: str) -> tuple[Problem, datetime]:
    """“不属”: within a day of the assignment, once; until when the office decides."""
    if p.state == problem.OBJECTED:
        raise ProblemError(f"{p.label}的异议已经收到，市百千万办当日定，定之前不催。")
    if not may_object(p, desk.now, desk.rules, desk.at):
        raise ProblemError(
            f"{p.label}已过提出异议的时间（分办后{desk.rules.accept_days}个工作日内、联系企业之前）。"
            "确有困难的，请直接联系市百千万办，由办公室改派。"
        )
    kept = (await problem_steps.acts(desk.conn, [p.id], problem_steps.KEEP)).get(p.id, [])
    if any(one.at >= (p.assigned_at or one.at) for one in kept):
        raise ProblemError(f"{p.label}的责任市百千万办已经核定，请先办理；有新情况请直接联系市百千万办。")
    after = await desk.change(p, problem_steps.OBJECT, words, state=problem.OBJECTED, objected_at=desk.now)
    by = desk.at.end_of_day(desk.now)
    await desk.tell_office(
        f"problem:{p.id}:{after.version}:objection", problem_words.objection_card(p, desk.unit, words, by)
    )
    return after, by


async def keep(desk: Desk, p: Problem, words: str) -> tuple[Problem, str]:
    """The office decides that it stays; its day moves by the working time this took."""
    if p.state != problem.OBJECTED or p.objected_at is None:
        raise ProblemError(f"{p.label}没有待定的责任异议。")
    after = await desk.change(
        p,
        problem_steps.KEEP,
        words,
        state=problem.ACCEPTED if p.accepted_at else problem.ASSIGNED,
        objected_at=None,
        assigned_at=desk.now,
        due_at=after_pause(p, p.objected_at, desk.now, desk.at),
    )
    why = f"（{words}）" if words else ""
    text = (
        f"{p.label}经核定仍由{p.lead}主办{why}，请接办并及时联系企业，"
        f"{problem_words.until(after.due_at)}前办结。回复：接办{p.number}\n{problem_words.OFFICE}"
    )
    return after, await desk.tell_unit(f"problem:{p.id}:{after.version}:kept", p.lead, Text(text))


async def help_with(desk: Desk, p: Problem, unit: str, words: str) -> Problem:
    """A helper's opinion reaches the lead."""
    if p.state not in problem.WITH_UNIT:
        raise ProblemError(_not_now(p, "报协办意见"))
    after = await desk.change(p, problem_steps.HELP, words, helped=tuple(dict.fromkeys((*p.helped, unit))))
    text = Text(f"【政企问题 {p.label}】{unit}协办意见：{words[:400]}")
    await desk.tell_unit(f"problem:{p.id}:{after.version}:help", p.lead, text)
    return after


# --- more time ------------------------------------------------------------------------------------


async def extend(desk: Desk, p: Problem, day: datetime, why: str) -> Problem:
    """A unit asks for more time, a working day before it is due at the latest."""
    _may_be_put_off(p, day)
    if p.wanted_until is not None:
        raise ProblemError(f"{p.label}的延期申请已经收到，市百千万办定了就告诉您。")
    if not may_ask_for_time(p, desk.now, desk.at):
        raise ProblemError(
            f"{p.label}离到期（{problem_words.until(p.due_at)}）不足1个工作日，按约定不能再申请延期。"
            "请先按现有进展答复，或直接联系市百千万办。"
        )
    after = await desk.change(
        p,
        problem_steps.EXTEND,
        f"到{problem_words.until(day)} {why}".strip(),
        wanted_until=day,
        wanted_why=why,
    )
    await desk.tell_office(
        f"problem:{p.id}:{after.version}:extension", problem_words.extension_card(after, desk.unit)
    )
    return after


async def grant(desk: Desk, p: Problem, day: datetime | None, words: str) -> tuple[Problem, str]:
    """The office grants what was asked, or another day; the firm is told in any case."""
    until = day or p.wanted_until
    if until is None:
        raise ProblemError(
            f"{p.label}没有待定的延期申请。要直接延期请写明日期，例如：{p.number}延期到7月10日"
        )
    _may_be_put_off(p, until)
    after = await desk.change(
        p, problem_steps.GRANT, words, due_at=until, wanted_until=None, wanted_why=p.wanted_why or words
    )
    await settle_drafts(desk, after, "已同意延期")
    text = f"{p.label}同意延到{problem_words.until(until)}。届时请办结并答复企业。{problem_words.OFFICE}"
    told = await desk.tell_unit(f"problem:{p.id}:{after.version}:granted", p.lead, Text(text))
    key = f"problem:{p.id}:{after.version}:firm"
    wrote = await desk.tell_firm(after, key, firm_words.extended_line(after), must=True)
    return after, f"{told}；{'已告知企业' if wrote else '请电话告知企业'}"


async def deny(desk: Desk, p: Problem, words: str) -> tuple[Problem, str]:
    if p.wanted_until is None:
        raise ProblemError(f"{p.label}没有待定的延期申请。")
    after = await desk.change(p, problem_steps.DENY, words, wanted_until=None)
    why = f"（{words}）" if words else ""
    text = (
        f"{p.label}的延期申请这次没有同意{why}，请于{problem_words.until(p.due_at)}前办结。"
        f"{problem_words.OFFICE}"
    )
    return after, await desk.tell_unit(f"problem:{p.id}:{after.version}:denied", p.lead, Text(text))


def _may_be_put_off(p: Problem, day: datetime) -> None:
    if p.state not in problem.WITH_UNIT:
        raise ProblemError(_not_now(p, "延期"))
    if day <= p.due_at:
        on = problem_words.until(p.due_at.astimezone(SHANGHAI))
        raise ProblemError(f"{p.label}本来就是{on}到期，请写一个更晚的日期。")


# --- drafts ---------------------------------------------------------------------------------------


async def settle_drafts(desk: Desk, p: Problem, why: str) -> None:
    """What was drafted about it and has not left is taken back."""
    about = [
        one
        for one in await drafts.of_kind(desk.conn, DRAFTED, p.received_at)
        if one.detail.get("problem") == p.id and one.state != drafts.DROPPED
    ]
    leaving = await outbox.waiting_from(desk.conn, "draft:") if about else {}
    for draft in about:
        keys = [key for key in leaving if key.split(":")[1] == str(draft.id)]
        if draft.state == drafts.RELEASED and not keys:
            continue
        await outbox.take_back(desk.conn, keys)
        await drafts.decide(desk.conn, draft, Decision("drop", drafts.DROPPED, CLOCK, desk.now, why))


def _not_now(p: Problem, what: str) -> str:
    return f"{p.label}现在是“{STATES[p.state]}”，不能{what}。回复“诉求{p.number}”看详情。"
