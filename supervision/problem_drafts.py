"""What goes higher about a firm's problem: a note to the unit's leader, a topic for a city leader's digest.

Drafts both, composed from the problem as it stands; a person of the office lets them out, changes or drops
them as any other draft. They state matters and dates, never an attitude, and name no telephone number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from knowledge.book import Book
from storage import people, problem, problem_steps, problems
from storage.drafts import Draft
from storage.engine import Connection
from storage.person import Person
from storage.problem import Problem
from storage.problem_steps import Step
from supervision.escalation import addressed
from supervision.problem_words import OFFICE, moment, subject, until
from supervision.rounds import day
from supervision.saying import clipped
from supervision.workdays import SHANGHAI, Workdays

LEADER, TOPIC = "problem-leader", "problem-topic"
KINDS = (LEADER, TOPIC)
PREFIX = "problem"
_WAITS = {
    "accept": "原定{by}前接办，目前尚未接办",
    "contact": "原定{by}前联系企业，目前尚未联系",
    "plan": "原定{by}前给出办理方案，目前尚未收到",
    "finish": "原定{by}前办结，目前尚未办结",
    "follow": "原定{by}前再次答复企业，目前尚未答复",
    "redo": "企业对答复评价不满意（{why}），已退回重办并提一级督办，{by}前办结",
}
_NAMES = {
    "accept": "超期未接办", "contact": "超期未联系企业", "plan": "超期未报方案", "finish": "超期",
    "follow": "超期未再次答复", "redo": "不满意重办",
}  # fmt: skip
_LEADS = "问题在一线协调解决"  # the words of the notice a topic stands on


def to_leader(
    p: Problem,
    what: str,
    now: datetime,
    workdays: Workdays,
    leader: Person | None,
    by: datetime | None = None,
) -> Draft:
    """“告知分管领导”: `what` is the clock that ran out, or redo."""
    by = by or p.due_at
    detail = {
        "problem": p.id,
        "unit": p.lead,
        "what": what,
        "by": by.isoformat(),
        "leader": _facts(leader),
    }
    name = _NAMES[what]
    title = f"政企问题{name}：{p.label}（{p.lead}）"
    return Draft(
        LEADER,
        leader_key(p, what, by),
        title,
        leader_body(p, detail, now, workdays),
        leader.userid if leader else "",
        detail,
        now,
    )


def leader_key(p: Problem, what: str, by: datetime) -> str:
    """Drafted once for each time it is late."""
    return f"{LEADER}:{p.id}:{what}:{p.again}.{p.level}:{by.isoformat()}"


def topic_key(p: Problem) -> str:
    return f"{TOPIC}:{p.id}:{p.again}.{p.level}:{p.due_at.isoformat()}"


def leader_body(p: Problem, detail: Mapping[str, Any], now: datetime, workdays: Workdays) -> str:
    leader = detail["leader"]
    by = until(datetime.fromisoformat(detail["by"]))
    waits = _WAITS[detail["what"]].format(by=by, why=clipped(p.rating_why, 60) or "未写原因")
    reply_by = day(workdays.shift(now.astimezone(SHANGHAI).date(), 1))
    firm = f"{p.firm}" if p.firm else "企业"
    return "\n".join(
        [
            f"{addressed(leader['name'], leader['post'])}：" if leader else "（尚未绑定分管领导）：",
            f"政企问题{p.label}由贵单位主办：{firm}{_on(p.received_at)}反映“{subject(p, 50)}”，{waits}。",
            *([f"经过：{walked}。"] if (walked := walk(p)) else []),
            f"请您了解情况，并于{reply_by}12:00前告知办理时间。",
            "需要市里协调的，请直接回复“需协调”并写明事项。",
            OFFICE,
        ]
    )


def topic(
    p: Problem, steps: Sequence[Step], now: datetime, workdays: Workdays, basis: str, leader: Person | None
) -> Draft:
    """“呈市领导专题”: what is asked of him is the office's proposal, to be changed before it is let out.
    `basis` are the notice's own words (`basis_in`)."""
    detail = {"problem": p.id, "unit": p.lead, "what": "topic", "leader": _facts(leader)}
    title = f"呈市领导专题：{p.label}（{p.lead}）"
    body = topic_body(p, steps, now, workdays, basis)
    return Draft(TOPIC, topic_key(p), title, body, leader.userid if leader else "", detail, now)


def topic_body(p: Problem, steps: Sequence[Step], now: datetime, workdays: Workdays, basis: str) -> str:
    plan = next((one.words for one in reversed(steps) if one.act == problem_steps.PLAN), "")
    late = late_days(p, now, workdays)
    passed = f"，已超期{late}个工作日" if late else ""
    done = [
        walk(p) or "尚未接办",
        f"方案：{clipped(plan, 60)}" if plan else "",
        f"原定{until(p.due_at)}前办结{passed}",
    ]
    units = "、".join((p.lead, *p.helpers))
    return "\n".join(
        [
            f"事项：{subject(p, 30)}（{p.subject}）",
            f"情况：企业{_on(p.received_at)}反映“{subject(p, 80)}”。",
            f"办理：{p.lead}主办，{'；'.join(filter(None, done))}。",
            f"请您定：是否由市里召集{units}研究，明确办理时限。",
            *([f"依据：{basis}。"] if basis else []),
        ]
    )


def walk(p: Problem) -> str:
    """6月24日分办，6月24日接办，6月25日联系企业"""
    told = [
        (p.assigned_at, "分办"),
        (p.accepted_at, "接办"),
        (p.contacted_at, "联系企业"),
        (p.planned_at if p.kind == problem.COMPLEX else None, "给出方案"),
    ]
    return "，".join(f"{_on(at)}{what}" for at, what in told if at)


def _on(at: datetime) -> str:
    return moment(at).split("日")[0] + "日"


def basis_in(book: Book) -> str:
    """要点43“深入推进问题在一线协调解决”, where the notice says so."""
    for point in book.notice.points:
        found = next((one.text for one in point.clauses if _LEADS in one.text), "")
        if found:
            words = next(part for part in found.replace("，", ",").split(",") if _LEADS in part)
            return f"要点{point.number}“{words}”"
    return ""


def _facts(person: Person | None) -> dict[str, str] | None:
    return {"name": person.name, "post": person.post} if person else None


async def city_leaders(conn: Connection) -> list[Person]:
    """Whom a topic may be put before, in the order they were bound."""
    found = await people.digest_readers(conn)
    return [one for one in found if one.role == "leader" and not one.unit]


# --- when it is let out -----------------------------------------------------------------------------


async def fresh(conn: Connection, draft: Draft, now: datetime, workdays: Workdays) -> Draft | None:
    """As it would be written now, to whoever leads the unit now; None where its matter is settled.

    The office's own words are left as they are.
    """
    p = await problems.one(conn, draft.detail["problem"])
    waits = {problem.TRACKED_ON} if draft.detail["what"] == "follow" else problem.WITH_UNIT
    if p is None or p.state not in waits or p.lead != draft.detail["unit"]:
        return None
    if draft.kind == TOPIC:
        return draft
    leader = (await people.leaders_of(conn, [p.lead])).get(p.lead)
    detail = {**draft.detail, "leader": _facts(leader)}
    body = draft.body if detail.get("edited") else leader_body(p, detail, now, workdays)
    return replace(draft, detail=detail, body=body, target=leader.userid if leader else "")


def late_days(p: Problem, now: datetime, workdays: Workdays) -> int:
    """Working days since it was due; 0 where it is not."""
    due = p.due_at.astimezone(SHANGHAI).date()
    return max(0, workdays.count(due, now.astimezone(SHANGHAI).date()))
