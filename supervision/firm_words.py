"""What a firm is told of its own problem: the receipt, who has it and until when, the answer, the visits.

Pure, and in the tone offices use to firms. A unit's own words are quoted as its own.
"""

from __future__ import annotations

from datetime import datetime

from storage import problem
from storage.message import Button, Card, Payload, Text
from storage.problem import Problem
from supervision.listing import CARD_BODY, CARD_TITLE, cut
from supervision.problem_rules import ProblemRules
from supervision.problem_words import OFFICE, moment, subject, until
from supervision.problems import ENDINGS, RATINGS
from supervision.saying import clipped
from supervision.workdays import SHANGHAI
from supervision.worktime import Worktime

_ANSWERED = 300  # characters of an answer


def addressed(p: Problem) -> str:
    return f"{p.firm}：\n" if p.firm else "您好，"


def received(p: Problem, rules: ProblemRules, now: datetime, at: Worktime) -> str:
    """The receipt, at any hour: it promises what the clocks hold, and says how the contact is kept."""
    begins = at.begins(now)
    lines = [f"您反映的问题已登记（{p.subject}），谢谢您的信任。"]
    if begins > now:
        lines.append(f"现在不是上班时间，时限从{until(begins)}算起。")
    lines.append(
        f"我们在{rules.assign_hours:g}个工作小时内转到承办单位，{until(p.due_at)}前答复您。回复“进度”随时查看。"
    )
    if p.urgent:
        lines.append("涉及人身安全、火情的，请先拨打110、119、120。")
    if asked := wanted(p):
        lines.append(asked)
    return "\n".join([*lines, OFFICE])


def wanted(p: Problem) -> str:
    """What the firm is still asked for."""
    missing = [
        *([] if p.firm else ["单位名称"]),
        *([] if p.contact or p.phone else ["联系人和电话"]),
    ]
    return f"还请回复{'、'.join(missing)}，只给经办人看，不在群里公开。" if missing else ""


def assigned_line(p: Problem) -> str:
    return f"您反映的问题（{p.label}）已转{p.lead}办理，{until(p.due_at)}前答复您。{OFFICE}"


def plan_line(p: Problem, words: str) -> str:
    return f"您反映的问题（{p.label}），{p.lead}提出办理方案：{clipped(words, _ANSWERED)}\n{OFFICE}"


def extended_line(p: Problem) -> str:
    why = f"（{clipped(p.wanted_why, 80)}）" if p.wanted_why else ""
    return (
        f"您反映的问题（{p.label}）需要延长办理时间{why}，新的答复时限是{until(p.due_at)}，请您谅解。{OFFICE}"
    )


def answer_text(p: Problem) -> str:
    """What the firm reads at the end, and how it says what it thinks of it."""
    told = f"{p.lead}答复：{clipped(p.answer, _ANSWERED)}"
    day = f"（{p.follow_on.month}月{p.follow_on.day}日前再次答复）" if p.follow_on else ""
    return "\n".join(
        [
            f"{addressed(p)}您{moment(p.received_at)}反映的问题（{p.label}）{ENDINGS[p.ending]}{day}。",
            told,
            "请您评价：回复“满意”“基本满意”或“不满意”。不满意的请写一句原因，我们将退回重办。",
            OFFICE,
        ]
    )


def answer_card(p: Problem) -> Payload:
    """The same with a rating a touch away, where nothing of the answer would be lost."""
    body = f"{p.lead}答复：{p.answer}\n请您评价："
    if len(body) > CARD_BODY:
        return Text(answer_text(p))
    words = RATINGS.values()
    buttons = tuple(Button(word, f"{p.number}{word}") for word in words)
    return Card(cut(f"{p.label} {ENDINGS[p.ending]}", CARD_TITLE), body, buttons, answer_text(p))


def settled_text(p: Problem, words: str) -> str:
    """After two unsatisfied ratings: how the office has decided, until when, and why."""
    day = f"，{p.follow_on.month}月{p.follow_on.day}日前再次答复您" if p.follow_on else ""
    return "\n".join(
        [
            f"{addressed(p)}您反映的问题（{p.label}）经市百千万办核定：{ENDINGS[p.ending]}{day}。",
            *([f"说明：{clipped(words, _ANSWERED)}"] if words else []),
            OFFICE,
        ]
    )


def redo_line(p: Problem) -> str:
    return f"收到您的评价。{p.label}已退回{p.lead}重办，并提一级督办，{until(p.due_at)}前再次答复您。{OFFICE}"


def review_line(p: Problem) -> str:
    return f"收到您的评价。{p.label}两次办理您都不满意，由市百千万办重新核定后答复您。"


def thanks(p: Problem, rules: ProblemRules) -> str:
    later = (
        "我们会继续跟进，到期再答复您。"
        if p.ending == problem.TRACKED
        else f"我们会在{rules.first_visit_days}天、{rules.second_visit_days}天后各回访一次。"
    )
    return f"谢谢您的评价，已记录：{RATINGS[p.rating]}。{later}{OFFICE}"


def visit_text(p: Problem, days: int) -> str:
    on = p.closed_at or p.received_at
    here = on.astimezone(SHANGHAI)
    return "\n".join(
        [
            f"【回访】{p.firm + '您好' if p.firm else '您好'}：",
            f"您反映的问题（{p.label}：{subject(p)}）{here.month}月{here.day}日办结，已满{days}天。请问：",
            "①答复的事项是否已经落实 ②有没有新的影响",
            "回复“正常”，或写明情况即可。您的回复只由办公室查看，不在群内公开。",
            OFFICE,
        ]
    )
