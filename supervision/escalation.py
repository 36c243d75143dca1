"""From an unanswered prompt to a draft: the unit's leader, the office's telephone, the circular.

Pure; nothing here reaches anybody before a person lets it out. A draft is composed from its facts alone, so
it can be composed anew when part of it was answered. It states matters and dates, never an attitude.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from storage import drafts
from storage.drafts import Draft
from storage.extensions import ASKED
from supervision.reminding import Owing
from supervision.rounds import day, due_words
from supervision.workdays import SHANGHAI, Workdays

LEVELS = (drafts.LEVEL_ONE, drafts.LEVEL_TWO, drafts.LEVEL_THREE)
CLOCK = "bqw"  # who decides where no person did
PHONE = "phone"  # what was returned twice, or returned and not completed: the office rings up
_AFTER = {drafts.LEVEL_ONE: 1, drafts.LEVEL_TWO: 3, drafts.LEVEL_THREE: 5}  # working days
NAMES = {
    drafts.LEVEL_ONE: "升级一", drafts.LEVEL_TWO: "升级二", drafts.LEVEL_THREE: "拟通报",
    drafts.LEVEL_FOUR: "提请协调", PHONE: "电话补充",
}  # fmt: skip


def level(owing: Owing, today: date, workdays: Workdays, before: Sequence[Draft]) -> str:
    """The kind of draft that is due now, "" for none; `before` are those written about it already.

    One step at a time, each after the one before; what the office dropped or put off goes no further. Nobody
    is escalated who was not told before: the last reminder or the office's word on an extension does. A unit
    that is only suggested never is; that the office rings up about what it returned is no escalation.
    """
    if owing.undecided or owing.asked_on is None:
        return ""
    there = {
        draft.kind: draft
        for draft in before
        if draft.detail.get("due") == owing.due.isoformat() and not _settled(draft)
    }
    if owing.asked.returned:
        late = workdays.count(owing.due, today) >= 1
        return PHONE if late and PHONE not in there else ""
    if owing.asked.prompt.basis == "released":
        return ""
    told = [*owing.final, *(_decided(one) for one in owing.extensions if one.kind == ASKED)]
    if not told:
        return ""
    base = max(owing.due, owing.asked_on, *told)  # a successor may have been asked after it was due
    passed = workdays.count(base, today) - sum(base < day <= today for day in owing.paused)
    for kind in LEVELS:
        draft = there.get(kind)
        if draft is None:
            return kind if passed >= _AFTER[kind] else ""
        if draft.state not in (drafts.DRAFT, drafts.RELEASED) or _on(draft.created_at) >= today:
            return ""
    return ""


def _settled(draft: Draft) -> bool:
    """Taken back by the clock when its matter seemed settled, not by a person's decision."""
    return draft.state == drafts.DROPPED and draft.decided_by == CLOCK


def _decided(one: Any) -> date:
    return _on(one.decided_at or one.at)


def _on(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


# --- the words ------------------------------------------------------------------------------------------


def reduced(detail: Mapping[str, Any], waiting: frozenset[int]) -> dict[str, Any]:
    """The facts of what still waits."""
    rows = [row for row in detail["rows"] if row["prompt"] in waiting]
    return {**detail, "rows": rows, "prompts": [row["prompt"] for row in rows]}


def title(kind: str, detail: Mapping[str, Any]) -> str:
    """升级一：市交通运输局 要点17（7月进展）"""
    return f"{NAMES[kind]}：{detail['unit']} {_points(detail)}（{detail['round']}）"


def body(kind: str, detail: Mapping[str, Any]) -> str:
    return _BODIES[kind](detail)


def brief(kind: str, detail: Mapping[str, Any]) -> str:
    """The facts in a line or two, for a card; "" where there are none of this kind."""
    if kind == PHONE:
        return f"{_points(detail)}（{detail['round']}）{detail['why']}，需要补充：" + "；".join(
            row["returned"] for row in detail["rows"] if row.get("returned")
        )
    if kind not in LEVELS:
        return ""
    leader = detail.get("leader") or {}
    to = {drafts.LEVEL_ONE: f"发给：{leader['name'] if leader else '尚未绑定分管领导'}"}.get(kind, "")
    return (
        f"{_points(detail)}（{detail['round']}）原定{_due(detail)}，{_story(detail, to_office=True)}，"
        f"{_state(detail)}。{to}"
    )


def addressed(name: str, post: str) -> str:
    """陈明副局长; 陈明同志 where the post is none to be called by."""
    return f"{name}{post}" if 0 < len(post) <= 5 and post[-1] in "长任记" else f"{name}同志"


def _to_leader(detail: Mapping[str, Any]) -> str:
    leader = detail.get("leader") or {}
    to = f"{addressed(leader['name'], leader['post'])}：" if leader else "（尚未绑定分管领导）："
    liaison = f"联络员{detail['liaison']}同志" if detail["liaison"] else "联络员"
    return "\n".join(
        [
            to,
            f"贵单位负责报送的{_points(detail)}（{detail['round']}）原定{_due(detail)}报送，"
            f"{liaison}{_story(detail, to_office=False)}，{_state(detail)}。",
            f"请您了解是人员变动、数据未出还是责任有异议，并于{reply_by(detail)}前告知办理时间。",
            "需要市里协调的，请直接回复“需协调”并写明事项。",
            "市百千万办",
        ]
    )


def reply_by(detail: Mapping[str, Any]) -> str:
    return f"{day(date.fromisoformat(detail['reply_by']))}12:00"


def _to_office(detail: Mapping[str, Any]) -> str:
    names = [f"联络员{detail['liaison']}{detail.get('mobile', '')}"] if detail["liaison"] else []
    leader = detail.get("leader") or {}
    names += [f"分管领导{leader['name']}{leader.get('mobile', '')}"] if leader else ["分管领导（尚未绑定）"]
    return "\n".join(
        [
            "（仅办公室可见）",
            f"{_points(detail)}｜{detail['unit']}｜{detail['round']}逾期{detail['passed']}个工作日",
            f"经过：{_story(detail, to_office=True)}，{_state(detail)}",
            f"责任分工状态：{_statuses(detail)}",
            f"建议：①电话联系{'、'.join(names)}；②记录原因；③如仍无答复，于"
            f"{day(date.fromisoformat(detail['circular_on']))}列入通报初稿",
        ]
    )


def _circular(detail: Mapping[str, Any]) -> str:
    on = date.fromisoformat(detail["today"])
    return "\n".join(
        [
            "（仅办公室可见，是否列入通报、是否发督办函由办公室主任定）",
            f"{_points(detail)}｜{detail['unit']}｜{detail['round']}逾期{detail['passed']}个工作日",
            f"经过：{_story(detail, to_office=True)}，{_state(detail)}",
            f"责任分工状态：{_statuses(detail)}",
            f"拟列入通报：截至{on.month}月{on.day}日，{detail['unit']}{_points(detail)}的{detail['round']}"
            f"（原定{_due(detail)}）{_state(detail).removeprefix('目前')}。",
        ]
    )


def _phone(detail: Mapping[str, Any]) -> str:
    liaison = f"{detail['liaison']}{detail.get('mobile', '')}" if detail["liaison"] else "尚未绑定"
    wanted = "；".join(row["returned"] for row in detail["rows"] if row.get("returned"))
    return "\n".join(
        [
            "（仅办公室可见）",
            f"{_points(detail)}｜{detail['unit']}｜{detail['round']}{detail['why']}",
            f"需要补充：{wanted}",
            f"建议：电话联系联络员（{liaison}），当面说清要补什么，并记录原因",
        ]
    )


_BODIES = {
    drafts.LEVEL_ONE: _to_leader,
    drafts.LEVEL_TWO: _to_office,
    drafts.LEVEL_THREE: _circular,
    PHONE: _phone,
}


def _points(detail: Mapping[str, Any]) -> str:
    points = list(dict.fromkeys(row["point"] for row in detail["rows"]))
    return f"要点{'、'.join(map(str, points[:8]))}{'等' if len(points) > 8 else ''}"


def _due(detail: Mapping[str, Any]) -> str:
    return due_words(datetime.fromisoformat(detail["due_at"]))


def _story(detail: Mapping[str, Any], *, to_office: bool) -> str:
    """6月18日收到催报，6月21日、6月25日收到提醒"""
    told = [f"{_days([detail['asked']])}收到催报"] if detail["asked"] else []
    told += [f"{_days(detail['reminded'])}收到提醒"] if detail["reminded"] else []
    if to_office and detail.get("leader_told"):
        told.append(f"{_days([detail['leader_told']])}告知分管领导")
    elif to_office and detail.get("leader_waits"):
        told.append("告知分管领导的草稿尚未放行")
    return "，".join(told)


def _days(days: Sequence[str]) -> str:
    found = map(date.fromisoformat, days)
    return "、".join(f"{one.month}月{one.day}日" for one in found)


def _state(detail: Mapping[str, Any]) -> str:
    if any(row["partial"] for row in detail["rows"]):
        names = [name for row in detail["rows"] for name in row["open"]]
        return f"目前还差{'、'.join(names[:3])}{f'等{len(names)}项' if len(names) > 3 else ''}"
    return "目前尚未回复"


def _statuses(detail: Mapping[str, Any]) -> str:
    return "；".join(dict.fromkeys(row["status"] for row in detail["rows"]))
