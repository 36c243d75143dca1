"""Firms' problems in the words of officials: the card a unit gets, what the office reads, the neutral line.

Pure. Telephone numbers appear only where `handles` says that the reader calls the firm; a group reads
`group_line` and nothing else. What the firm itself is told is in `supervision/firm_words.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from knowledge.problem_entry import called, masked
from storage import problem
from storage.message import Button, Card
from storage.problem import Problem
from storage.problem_steps import Step
from supervision.listing import CARD_BODY, CARD_TITLE, cut
from supervision.problem_rules import ProblemRules
from supervision.problems import CHANNELS, ENDINGS, KINDS, RATINGS, STATES, is_late
from supervision.rounds import due_words
from supervision.saying import clipped
from supervision.workdays import SHANGHAI
from supervision.worktime import Worktime

OFFICE = "市百千万办"
_SAID = 160  # characters of a problem's words on a list of facts
_ANSWERED = 300  # characters of an answer
_STORY = 12  # steps shown


def number_of(p: Problem) -> str:
    """38, as people type it."""
    return str(p.number)


def moment(at: datetime) -> str:
    """6月24日10:12"""
    here = at.astimezone(SHANGHAI)
    return f"{here.month}月{here.day}日{here.hour}:{here:%M}"


def until(at: datetime) -> str:
    """7月3日（周三）17:30"""
    return due_words(at.astimezone(SHANGHAI))


def subject(p: Problem, most: int = 24) -> str:
    """What it is about, in the firm's words."""
    return clipped(masked(p.text), most)


def units(p: Problem) -> str:
    """潮州供电局（协办：市城管执法局）"""
    if not p.lead:
        return "待分办"
    return p.lead + (f"（协办：{'、'.join(p.helpers)}）" if p.helpers else "")


def group_line(p: Problem) -> str:
    """What a group may read: neither firm nor unit nor matter."""
    if p.state == problem.REFUSED:
        return f"【政企问题】{p.label}已答复反映人。"
    if p.state in (problem.CLOSED, problem.ANSWERED, problem.TRACKED_ON):
        return f"【政企问题】{p.label}已答复反映人。谢谢大家的支持。"
    if p.state == problem.NEW:
        return f"【政企问题】{p.label}已收到，正在分办。办理情况单独告知反映人。"
    return f"【政企问题】{p.label}正在办理，{until(p.due_at)}前答复反映人。"


# --- facts ----------------------------------------------------------------------------------------


def facts(p: Problem, *, handles: bool = False) -> list[str]:
    """The lines of the card: who, whence, what, which kind, whose."""
    kind = KINDS[p.kind] + ("·紧急" if p.urgent else "")
    points = f"（涉及要点{'、'.join(map(str, p.points))}）" if p.points else ""
    return [
        f"反映单位：{_firm(p, handles)}",
        f"来源：{CHANNELS[p.channel]} {moment(p.received_at)}",
        *([f"地点：{p.place}"] if p.place else []),
        f"诉求：{clipped(masked(p.text), _SAID)}",
        f"分类：{kind}{points}",
        _whose(p),
    ]


def _firm(p: Problem, handles: bool) -> str:
    firm = p.firm or "未写明"
    if not (p.contact or p.phone):
        return f"{firm}（联系方式未登记）"
    if handles:
        return f"{firm}（联系人：{' '.join(filter(None, (p.contact, p.phone)))}）"
    return f"{firm}（联系人已登记：{called(p.contact, p.phone)}）"


def _whose(p: Problem) -> str:
    if p.lead:
        return f"主办：{units(p)}"
    if not p.suggested:
        return "建议主办：未能判断，请办公室分办"
    helpers = f" 协办：{'、'.join(p.suggested_helpers)}" if p.suggested_helpers else ""
    return f"建议主办：{p.suggested}（待办公室确认）{helpers}"


def limits(p: Problem, rules: ProblemRules, now: datetime, at: Worktime) -> str:
    """时限：接办后1个工作小时内联系企业；……7月3日（周三）17:30前办结"""
    told = [f"接办后{rules.contact_hours:g}个工作小时内联系企业"]
    if p.kind == problem.COMPLEX:
        told.append(f"接办后{rules.plan_days}个工作日内给办理方案")
    return f"时限：{'；'.join(told)}；{until(p.due_at)}前办结"


# --- cards ----------------------------------------------------------------------------------------


def new_card(p: Problem, assign_by: datetime) -> Card:
    """For the office: a problem that waits to be assigned; one tap confirms the suggestion."""
    n = number_of(p)
    lines = [*facts(p, handles=True), f"请于{until(assign_by)}前分办，{until(p.due_at)}前办结"]
    how = f"请回复：分办{n}（按建议）／分办{n} 单位 协办 单位／{n}不受理 理由"
    if not p.suggested:
        how = f"请回复：分办{n} 单位 协办 单位／{n}不受理 理由"
    buttons = [Button("看全文", f"诉求{n}")]
    if p.suggested:
        buttons.insert(0, Button("按建议分办", f"分办{n}"))
    body = f"{subject(p, 60)}\n{_whose(p)}"
    urgent = "（紧急）" if p.urgent else ""
    text = "\n".join([f"【政企问题 {p.label}】新收{urgent}", *lines, how])
    return Card(
        cut(f"政企问题 {p.label} 新收{urgent}", CARD_TITLE), cut(body, CARD_BODY), tuple(buttons), text
    )


def unit_card(p: Problem, rules: ProblemRules, now: datetime, at: Worktime) -> Card:
    """For the lead's liaison: take it, or say within a day whose it is."""
    n = number_of(p)
    accept_by = at.after_days(p.assigned_at or now, rules.accept_days)
    how = f"请回复：接办{n}／{n}不属 理由和应由哪个单位办（{until(accept_by)}前）"
    text = "\n".join([f"【政企问题 {p.label}】请接办", *facts(p), limits(p, rules, now, at), how, OFFICE])
    body = f"{p.firm or '企业'}：{subject(p, 50)}\n{until(p.due_at)}前办结"
    buttons = (
        Button("接办", f"接办{n}"),
        Button("看全文", f"诉求{n}"),
        Button("不属本单位", f"{n}不属"),
    )
    return Card(cut(f"政企问题 {p.label} 请接办", CARD_TITLE), cut(body, CARD_BODY), buttons, text)


def helper_text(p: Problem, by: datetime) -> str:
    return "\n".join(
        [
            f"【政企问题 {p.label}】请协办",
            *facts(p),
            f"请于{until(by)}前把意见给主办单位，回复：{number_of(p)}意见：……",
            OFFICE,
        ]
    )


def settled_text(p: Problem, words: str) -> str:
    """For the lead: how the office has decided, and what is left to do."""
    day = f"，请于{p.follow_on.month}月{p.follow_on.day}日前再次答复企业" if p.follow_on else ""
    why = f"理由：{clipped(words, 120)}。" if words else ""
    return f"【政企问题 {p.label}】两次评价不满意，市百千万办定性：{ENDINGS[p.ending]}{day}。{why}{OFFICE}"


def objection_card(p: Problem, unit: str, words: str, by: datetime) -> Card:
    n = number_of(p)
    what = f"{unit}提出{p.label}不属本单位：“{clipped(words, 120)}”\n诉求：{subject(p, 60)}"
    how = f"请于{until(by)}前定：{n}异议成立 转××单位／{n}异议不成立 理由"
    buttons = (Button("异议不成立", f"{n}异议不成立"), Button("看全文", f"诉求{n}"))
    text = f"【政企问题·责任异议】\n{what}\n{how}"
    return Card(cut(f"责任异议 {p.label}", CARD_TITLE), cut(what, CARD_BODY), buttons, text)


def extension_card(p: Problem, unit: str) -> Card:
    n = number_of(p)
    wanted = until(p.wanted_until) if p.wanted_until else ""
    what = f"{unit}申请{p.label}由{until(p.due_at)}延到{wanted}，原因：{clipped(p.wanted_why, 100) or '未写'}"
    how = f"请回复：{n}同意延期／{n}同意延期到×月×日／{n}不同意延期 理由。同意的会告知企业。"
    buttons = (Button("同意延期", f"{n}同意延期"), Button("不同意延期", f"{n}不同意延期"))
    return Card(cut(f"延期申请 {p.label}", CARD_TITLE), cut(what, CARD_BODY), buttons,
                f"【政企问题·延期申请】\n{what}\n{how}")  # fmt: skip


# --- lists and stories ----------------------------------------------------------------------------


def row(p: Problem, now: datetime) -> str:
    """第0038号 潮州供电局 办理中，7月3日（周三）17:30前办结：新厂房接电周期长……"""
    late = "，已超期" if is_late(p, now) else ""
    if p.state in (problem.NEW, *problem.WITH_UNIT):
        state = f"{STATES[p.state]}，{until(p.due_at)}前办结{late}"
    else:
        state = STATES[p.state]
    again = "（重办）" if p.level else ""
    urgent = "（急）" if p.urgent else ""
    who = f" {p.lead}" if p.lead else ""
    return f"{p.label}{urgent}{who} {state}{again}：{subject(p)}"


def detail(p: Problem, steps: Sequence[Step], names: dict[str, str], now: datetime, *, handles: bool) -> str:
    """The whole of one problem: facts, state, story."""
    late = "，已超期" if is_late(p, now) else ""
    lines = [f"【{p.subject}】{STATES[p.state]}{late}", *facts(p, handles=handles)]
    if p.state in (problem.NEW, problem.OBJECTED, *problem.WITH_UNIT):
        lines.append(f"时限：{until(p.due_at)}前办结")
    if p.ending:
        day = f"，{p.follow_on.month}月{p.follow_on.day}日前再答复" if p.follow_on else ""
        result = "上次答复" if p.state in problem.WITH_UNIT else "结果"
        lines.append(f"{result}：{ENDINGS[p.ending]}{day}。{clipped(p.answer, _ANSWERED)}")
    if p.rating:
        why = f"（{clipped(p.rating_why, 80)}）" if p.rating_why else ""
        lines.append(f"企业评价：{RATINGS[p.rating]}{why}")
    return "\n".join([*lines, *story(steps, names)])


def story(steps: Sequence[Step], names: dict[str, str]) -> list[str]:
    shown = list(steps)[-_STORY:]
    return ["经过："] + [f"{moment(one.at)} {_step(one, names)}" for one in shown] if shown else []


ACTS = {
    "record": "登记", "detail": "补充", "assign": "分办", "sort": "改分类", "refuse": "不予受理",
    "accept": "接办", "object": "提出不属本单位", "keep": "核定异议不成立", "contact": "已联系企业",
    "plan": "办理方案", "help": "协办意见", "note": "进展", "extend": "申请延期", "grant": "同意延期",
    "deny": "不同意延期", "answer": "答复", "told": "已告知企业", "rate": "企业评价",
    "redo": "退回重办，企业评价",
    "settle": "办公室定性", "visit": "回访", "again": "重新立项", "overdue": "超期提示",
}  # fmt: skip


_NOBODYS = frozenset({"told", "overdue", "rate", "redo", "visit"})  # the firm, or the clock


def _step(one: Step, names: dict[str, str]) -> str:
    who = "" if one.act in _NOBODYS else one.unit or names.get(one.person.lower(), "")
    words = (
        f"：{clipped(masked(one.words), 60)}" if one.words and one.act not in ("record", "overdue") else ""
    )
    return f"{who}{ACTS.get(one.act, one.act)}{words}"


def numbers(found: Iterable[Problem], most: int = 8) -> str:
    """第0031、0038号"""
    rows = list(found)
    told = "、".join(one.label.removeprefix("第").replace("号", "") for one in rows[:most])
    return f"第{told}号" + (f"等{len(rows)}件" if len(rows) > most else "")
