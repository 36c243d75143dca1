"""How a problem ends: the unit's answer, the firm's rating, done again one level up, visits, taken up anew.

Called with a `Desk` by chat and by the clock's jobs. Only the firm's word, or the office's after a second
unsatisfied one, closes a problem; an explanation is never counted as solved.
"""

from __future__ import annotations

from datetime import date

from knowledge.problem_entry import masked
from storage import drafts, people, problem, problem_steps, problem_visits
from storage.message import Text
from storage.problem import Problem
from storage.problem_visits import Visit
from supervision import firm_words, lookback, problem_drafts, problem_words
from supervision.problem_acts import settle_drafts
from supervision.problem_desk import Desk, ProblemError
from supervision.problems import ENDINGS, RATINGS, STATES, due_at
from supervision.workdays import SHANGHAI

_ENDS = frozenset({*problem.WITH_UNIT, problem.TRACKED_ON})


def may_answer(p: Problem) -> None:
    """Raises ProblemError with what to do instead, where the unit cannot answer now."""
    if p.state == problem.ANSWERED:
        raise ProblemError(f"{p.label}已经答复企业，正等企业评价。有补充的请回复：{p.number}进展：……")
    if p.state == problem.OBJECTED:
        raise ProblemError(f"{p.label}的责任异议还在核定，定了再答复；愿意办理的，请告诉市百千万办。")
    if p.state not in _ENDS:
        raise ProblemError(f"{p.label}现在是“{STATES[p.state]}”，不能办结。回复“诉求{p.number}”看详情。")


async def answer(
    desk: Desk, p: Problem, ending: str, words: str, follow_on: date | None
) -> tuple[Problem, bool]:
    """The unit's answer with one of the three endings; whether the firm reads it at once."""
    may_answer(p)
    after = await desk.change(
        p,
        problem_steps.ANSWER,
        f"{ENDINGS[ending]}。{words}",
        state=problem.ANSWERED,
        accepted_at=p.accepted_at or desk.now,
        answered_at=desk.now,
        ending=ending,
        answer=words,
        follow_on=follow_on,
        told_at=None,
        rating="",
        rating_why="",
        rated_at=None,
        closed_at=None,
    )
    await settle_drafts(desk, after, "已答复企业")
    key = f"problem:{p.id}:{after.version}:answer"
    text, card = firm_words.answer_text(after), firm_words.answer_card(after)
    if not await desk.tell_firm(after, key, text, must=True, card=card):
        return after, False
    return await told(desk, after), True


async def told(desk: Desk, p: Problem) -> Problem:
    """The firm has the answer: it was written to, or reads it with what it just asked."""
    return await desk.change(p, problem_steps.TOLD, told_at=desk.now)


async def rate(desk: Desk, p: Problem, rating: str, why: str) -> Problem:
    """Satisfied closes it; the first time unsatisfied has it done again one level up, the second the office
    decides."""
    if p.state != problem.ANSWERED:
        raise ProblemError(f"{p.label}现在是“{STATES[p.state]}”，还没有到评价的时候。")
    said = f"{RATINGS[rating]}{f'：{why}' if why else ''}"
    values = {"rating": rating, "rating_why": why, "rated_at": desk.now, "told_at": p.told_at or desk.now}
    if rating != problem.UNSATISFIED:
        return await _close(desk, p, said, values)
    if p.level:
        return await _review(desk, p, said, values)
    return await _redo(desk, p, said, values)


async def _close(desk: Desk, p: Problem, said: str, values: dict[str, object]) -> Problem:
    tracked = p.ending == problem.TRACKED
    state = problem.TRACKED_ON if tracked else problem.CLOSED
    after = await desk.change(p, problem_steps.RATE, said, state=state, closed_at=desk.now, **values)
    if not tracked:
        await _plan_visits(desk, after)
    ends = "转长期跟踪" if tracked else "已办结"
    text = f"【政企问题 {p.label}】企业评价：{said}。{ends}。{problem_words.OFFICE}"
    await desk.tell_unit(f"problem:{p.id}:{after.version}:rated", p.lead, Text(text))
    return after


async def _plan_visits(desk: Desk, p: Problem) -> None:
    on = desk.now.astimezone(SHANGHAI).date()
    days = lookback.days_after(on, desk.rules.visits, desk.workdays)
    await problem_visits.plan(desk.conn, p.id, p.again, days)


async def _redo(desk: Desk, p: Problem, said: str, values: dict[str, object]) -> Problem:
    after = await desk.change(p, problem_steps.REDO, said, level=p.level + 1, **values, **_anew(desk, p))
    until = problem_words.until(after.due_at)
    text = (
        f"【政企问题 {p.label}】企业评价“{said}”，退回重办并提一级督办，"
        f"请再联系企业，{until}前办结。回复：{p.number}已联系企业\n{problem_words.OFFICE}"
    )
    await desk.tell_unit(f"problem:{p.id}:{after.version}:redo", p.lead, Text(text))
    await _draft_to_leader(desk, after)
    note = (
        f"【政企问题 {p.label}】企业评价“{said}”，已退回{p.lead}重办，{until}前再答复。"
        "告知分管领导的草稿待放行，回复“草稿”。"
    )
    await desk.tell_office(f"problem:{p.id}:{after.version}:office", Text(note))
    return after


def _anew(desk: Desk, p: Problem) -> dict[str, object]:
    """The state and times of a problem that its unit has before it again."""
    return {
        "state": problem.ACCEPTED,
        "accepted_at": desk.now,
        "contacted_at": None,
        "planned_at": desk.now if p.kind == problem.COMPLEX else None,  # how is known; now it must be done
        "wanted_until": None,
        "counts_from": desk.now,
        "due_at": due_at(p.kind, desk.now, desk.rules, desk.at),
        "closed_at": None,
    }


async def _draft_to_leader(desk: Desk, p: Problem) -> None:
    """提一级: the unit's own leader is told, once a person of the office lets it out."""
    leader = (await people.leaders_of(desk.conn, [p.lead])).get(p.lead)
    draft = problem_drafts.to_leader(p, "redo", desk.now, desk.workdays, leader)
    await drafts.write(desk.conn, draft)


async def _review(desk: Desk, p: Problem, said: str, values: dict[str, object]) -> Problem:
    after = await desk.change(p, problem_steps.RATE, said, state=problem.REVIEW, **values)
    n = p.number
    text = (
        f"【政企问题 {p.label}】企业两次评价不满意（{said}），请办公室定性：\n"
        f"{n}定性 已解决／{n}定性 已答复（政策不支持） 理由／{n}定性 长期跟踪 到×月×日 理由／{n}重办"
    )
    await desk.tell_office(f"problem:{p.id}:{after.version}:review", Text(text))
    return after


async def settle(
    desk: Desk, p: Problem, ending: str, words: str, follow_on: date | None
) -> tuple[Problem, bool]:
    """The office says how it ends after two unsatisfied ratings; whether the firm reads it at once."""
    if p.state != problem.REVIEW:
        raise ProblemError(f"{p.label}现在是“{STATES[p.state]}”，不需要定性。")
    tracked = ending == problem.TRACKED
    after = await desk.change(
        p,
        problem_steps.SETTLE,
        f"{ENDINGS[ending]}。{words}",
        state=problem.TRACKED_ON if tracked else problem.CLOSED,
        ending=ending,
        answer=words or p.answer,
        follow_on=follow_on,
        closed_at=desk.now,
    )
    if not tracked:
        await _plan_visits(desk, after)
    key = f"problem:{p.id}:{after.version}"
    await desk.tell_unit(f"{key}:settled", p.lead, Text(problem_words.settled_text(after, words)))
    return after, await desk.tell_firm(after, f"{key}:firm", firm_words.settled_text(after, words), must=True)


async def again(desk: Desk, p: Problem, words: str) -> tuple[Problem, str]:
    """The office has it done once more: after two ratings, or after it was closed and came back as “-2”."""
    if p.state not in (problem.REVIEW, problem.CLOSED, problem.TRACKED_ON, problem.ANSWERED) or not p.lead:
        raise ProblemError(f"{p.label}现在是“{STATES[p.state]}”，不用重办。")
    series = p.again + (p.state in (problem.CLOSED, problem.TRACKED_ON))
    fresh = {"again": series, "level": 0 if series != p.again else p.level, "rating": "", "rating_why": ""}
    after = await desk.change(p, problem_steps.AGAIN, words, **fresh, **_anew(desk, p))
    until = problem_words.until(after.due_at)
    why = f"（{words}）" if words else ""
    text = f"【政企问题 {after.label}】请重办{why}，{until}前办结并答复企业。{problem_words.OFFICE}"
    told = await desk.tell_unit(f"problem:{p.id}:{after.version}:again", p.lead, Text(text))
    line = f"您反映的问题（{after.label}）已重新办理，{until}前答复您。{problem_words.OFFICE}"
    await desk.tell_firm(after, f"problem:{p.id}:{after.version}:firm", line)
    return after, told


# --- 回访 -----------------------------------------------------------------------------------------


async def visited(desk: Desk, p: Problem, visit: Visit, words: str) -> str:
    """What the firm said to a visit: kept, and the office is told when it came back; the finding."""
    finding = lookback.finding_of(words)
    await problem_visits.answered(desk.conn, visit, words, finding, desk.key, desk.now)
    await desk.note(p, problem_steps.VISIT, words)
    if finding == "holds":
        return finding
    n = p.number
    what = "反弹" if finding == "relapsed" else "有新情况"
    text = (
        f"【回访{what}】{p.subject}（{p.lead}）第{visit.number}次回访，企业说：“{masked(words)[:200]}”\n"
        f"请回复：{n}重办（编号沿用，加“-{p.again + 2}”）；不需要重办的不用回复。"
    )
    await desk.tell_office(f"problem:{p.id}:visit:{visit.id}", Text(text))
    return finding
