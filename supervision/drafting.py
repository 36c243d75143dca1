"""Lets drafts out, changes, holds and drops them; and takes back those whose matter was settled meanwhile.

The office's chat and the clock's jobs call it inside their transaction. Releasing writes the outbox row at
the next moment allowed; until it has left, an answer of the unit still takes it back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from storage import drafts, extensions, outbox, people, quiets, rounds, subscriptions
from storage.chats import Purpose
from storage.drafts import Decision, Draft
from storage.engine import Connection
from storage.extensions import Extension
from storage.message import Text, dump
from supervision import caps, escalation, groups, problem_drafts
from supervision.caps import Decision as Slot
from supervision.rules import Rules
from supervision.workdays import SHANGHAI, Workdays

SETTLED = "已报送、已延期或有异议，不再需要"
_LEVELS = (*escalation.LEVELS, escalation.PHONE)
_TO_LEADERS = (drafts.LEVEL_ONE, problem_drafts.LEADER)


class DraftError(ValueError):
    """Something that cannot be done with a draft; the message is a sentence for the office."""


async def release(
    conn: Connection, draft: Draft, *, by: str, now: datetime, workdays: Workdays, rules: Rules
) -> Slot | None:
    """Lets it out; when it leaves, None where it is for the office itself."""
    draft = await _fresh(conn, draft, now, workdays)
    meant = groups.meant_by(draft.target)
    apart = meant is not None or draft.kind == problem_drafts.TOPIC  # a topic goes with his next digest
    slot = None if apart else await _slot(conn, draft, now, workdays, rules)
    draft = _answerable(draft, slot.at, workdays) if slot else draft
    values = {"body": draft.body, "target": draft.target, "detail": dict(draft.detail)}
    decision = Decision("release", drafts.RELEASED, by, now, "", values)
    if not await drafts.decide(conn, draft, decision):
        raise DraftError("这份草稿刚才已经处理过了。")
    if meant is not None:
        return await _to_groups(conn, draft, *meant, now=now, workdays=workdays, rules=rules)
    if slot is None:
        return None
    rows = [_row(f"draft:{draft.id}", draft.target, draft.body, slot.at)]
    if draft.kind in _TO_LEADERS and (copy := await _copy(conn, draft, slot.at)):
        rows.append(copy)
    await outbox.add(conn, [(row, None) for row in rows], now)
    return slot


def _answerable(draft: Draft, at: datetime, workdays: Workdays) -> Draft:
    """Whoever reads it at that moment has a working day to answer; the office's own words are left alone."""
    if draft.kind != drafts.LEVEL_ONE or draft.detail.get("edited"):
        return draft
    first = workdays.shift(at.astimezone(SHANGHAI).date(), 1).isoformat()
    detail = {**draft.detail, "reply_by": max(first, draft.detail["reply_by"])}
    return replace(draft, detail=detail, body=escalation.body(draft.kind, detail))


async def put_off(conn: Connection, key: str, at: datetime, workdays: Workdays) -> None:
    """What was let out and has not left, leaves then; it names no day that is over by that time."""
    await outbox.move(conn, [key], at)
    _, number, *copy = key.split(":")
    draft = None if copy else await drafts.one(conn, int(number))
    if draft is None or (later := _answerable(draft, at, workdays)) == draft:
        return
    await drafts.rewrite(conn, later)
    await outbox.amend(conn, key, dump(Text(later.body)))


async def _to_groups(
    conn: Connection,
    draft: Draft,
    purpose: Purpose,
    scope: str | None,
    *,
    now: datetime,
    workdays: Workdays,
    rules: Rules,
) -> Slot:
    """What is for many goes to the groups bound to its purpose, at their next slot."""
    key = f"draft:{draft.id}"
    told = await groups.tell(
        conn, purpose, draft.body, key=key, now=now, workdays=workdays, rules=rules, scope=scope
    )
    if not told:
        raise DraftError(
            "还没有绑定能推送的工作群，发不出去。"
            "请先绑定，例如：绑定群 市百千万办工作群 办公室 webhook 机器人地址"
        )
    first = min(told, key=lambda one: one.at)
    return caps.Slot(first.at, first.over)


async def settled_by_hand(conn: Connection, draft: Draft, *, by: str, now: datetime, reason: str) -> None:
    """“已电话”, “列入通报”: the office did it itself, and nothing is sent."""
    if not await drafts.decide(conn, draft, Decision("release", drafts.RELEASED, by, now, reason)):
        raise DraftError("这份草稿刚才已经处理过了。")


async def _slot(
    conn: Connection, draft: Draft, now: datetime, workdays: Workdays, rules: Rules
) -> Slot | None:
    """When it leaves. A unit's leader is not told too often in a month; what goes to a city leader who had
    his digest today leaves with the next."""
    if not draft.target and draft.kind in _TO_LEADERS:
        raise DraftError(
            f"{draft.detail['unit']}还没有绑定分管领导，发不出去。请先绑定，例如："
            f"绑定 账号 姓名 {draft.detail['unit']}分管领导；或电话联系后回复：草稿{draft.id}已电话"
        )
    if not draft.target:
        return None
    kind: caps.Kind = "escalation" if draft.kind in _TO_LEADERS else "digest"
    at = (await subscriptions.of(conn, draft.target)).at if kind == "digest" else None
    asked = caps.Asked(await quiets.since(conn, now), at)
    slot = await caps.may_push(conn, kind, draft.target, now, workdays, caps.rules_of(rules.caps), asked)
    if kind == "escalation" and slot.over:
        raise DraftError(f"给这位领导的{slot.over}。请改由电话联系，办完回复：草稿{draft.id}已电话")
    return slot


def _row(key: str, target: str, text: str, at: datetime) -> outbox.Outgoing:
    return outbox.Outgoing(key, "app", target, dump(Text(text)), priority=outbox.NOTICE, at=at)


async def _copy(conn: Connection, draft: Draft, at: datetime) -> outbox.Outgoing | None:
    """抄联络员: nobody learns from his leader what he could have known."""
    unit = draft.detail["unit"]
    liaison = (await people.liaison_of(conn, [unit])).get(unit)
    if liaison is None or liaison.userid == draft.target:
        return None
    what = f"{unit}的{draft.detail['round']}尚未收到回复" if draft.kind == drafts.LEVEL_ONE else draft.title
    text = f"您好，{what}，已按约定告知贵单位分管领导。现在回复仍然有效，有特殊情况请直接说明。市百千万办"
    return _row(f"draft:{draft.id}:copy", liaison.userid, text, at)


async def _fresh(conn: Connection, draft: Draft, now: datetime, workdays: Workdays) -> Draft:
    """What of it still holds: without what was answered since, to whoever leads the unit now."""
    if draft.kind in problem_drafts.KINDS:
        return await _fresh_problem(conn, draft, now, workdays)
    if draft.kind not in escalation.LEVELS:
        return draft
    waiting = await rounds.open_still(conn, draft.prompts, now)
    if not waiting:
        raise DraftError("这份草稿里的事项已经报送、延期或有异议，不用再发。")
    if asked := await _undecided(conn, waiting):
        raise DraftError(f"{asked[0].unit}申请了延期，还没有定。请先定：延期{asked[0].id}同意或不同意。")
    detail = escalation.reduced(draft.detail, waiting)
    detail["reply_by"] = max(
        workdays.shift(now.astimezone(SHANGHAI).date(), 1), date.fromisoformat(detail["reply_by"])
    ).isoformat()
    target = draft.target
    if draft.kind == drafts.LEVEL_ONE:
        leader = (await people.leaders_of(conn, [detail["unit"]])).get(detail["unit"])
        detail["leader"] = facts_of(leader)
        target = leader.userid if leader else ""
    body = draft.body if detail.get("edited") else escalation.body(draft.kind, detail)
    return replace(draft, detail=detail, body=body, target=target)


async def _fresh_problem(conn: Connection, draft: Draft, now: datetime, workdays: Workdays) -> Draft:
    fresh = await problem_drafts.fresh(conn, draft, now, workdays)
    if fresh is None:
        raise DraftError("这件政企问题已经答复或改由其他单位办理，不用再发。")
    if fresh.kind == problem_drafts.TOPIC and not fresh.target:
        raise DraftError(f"请写明呈哪位市领导，例如：放行 草稿{draft.id} 呈周敏")
    return fresh


def facts_of(person: people.Person | None) -> dict[str, str] | None:
    """Of a leader or liaison what a draft says."""
    return {"name": person.name, "post": person.post, "mobile": person.mobile} if person else None


async def _undecided(conn: Connection, waiting: frozenset[int]) -> list[Extension]:
    """Requests for more time that the office must decide first."""
    found = await extensions.of_prompts(conn, waiting)
    return [one for rows in found.values() for one in rows if not one.decision]


async def change(conn: Connection, draft: Draft, body: str, *, by: str, now: datetime) -> None:
    """“改为：…”: the office's own words from now on."""
    values = {"body": body, "detail": {**draft.detail, "edited": True}}
    if not await drafts.decide(conn, draft, Decision("change", drafts.DRAFT, by, now, "", values)):
        raise DraftError("这份草稿刚才已经处理过了。")


async def drop(conn: Connection, draft: Draft, *, by: str, now: datetime, reason: str) -> None:
    if not await drafts.decide(conn, draft, Decision("drop", drafts.DROPPED, by, now, reason)):
        raise DraftError("这份草稿刚才已经处理过了。")


async def hold(conn: Connection, draft: Draft, *, by: str, now: datetime, reason: str) -> None:
    """“暂缓”: it stays on the list, and nothing further is drafted of the matter meanwhile."""
    if not await drafts.decide(conn, draft, Decision("hold", drafts.HELD, by, now, reason)):
        raise DraftError("这份草稿刚才已经处理过了。")


async def settle(conn: Connection, now: datetime) -> int:
    """Drops drafts whose matter nobody waits for, also those let out that have not left; how many.

    One of which a part was settled speaks of the rest from now on.
    """
    gone = 0
    leaving = await outbox.waiting_from(conn, "draft:")
    released = await drafts.some(conn, sorted({int(key.split(":")[1]) for key in leaving}))
    ours = [draft for draft in [*await drafts.open(conn), *released] if draft.kind in _LEVELS]
    still = await rounds.open_still(conn, {id for draft in ours for id in draft.prompts}, now)
    for draft in ours:
        waiting = draft.prompts & still
        if waiting and waiting < draft.prompts:
            await _speak_of(conn, draft, waiting)
        elif not waiting:
            await outbox.take_back(conn, [key for key in leaving if key.split(":")[1] == str(draft.id)])
            decision = Decision("drop", drafts.DROPPED, escalation.CLOCK, now, SETTLED)
            gone += await drafts.decide(conn, draft, decision)
    return gone


async def _speak_of(conn: Connection, draft: Draft, waiting: frozenset[int]) -> None:
    """Composes it anew from what still waits; the office's own words are left as they are."""
    if draft.detail.get("edited"):
        return
    detail = escalation.reduced(draft.detail, waiting)
    body = escalation.body(draft.kind, detail)
    await drafts.rewrite(
        conn, replace(draft, detail=detail, body=body, title=escalation.title(draft.kind, detail))
    )
    if draft.state == drafts.RELEASED:
        await outbox.amend(conn, f"draft:{draft.id}", dump(Text(body)))
