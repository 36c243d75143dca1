"""A firm says something that is no rating, no problem and no question the notice answers.

It is about what it brought, as a rule: thanks before it has rated, impatience while a unit is at it,
displeasure after all was closed. None of it may be lost, and the firm always reads what to say next.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from handlers import ask, phrasing, problem_firm
from handlers.ask import Answer
from handlers.context import Context
from handlers.problem_desk import desk_of
from knowledge.problem_entry import masked
from knowledge.problem_orders import rating_of
from storage import problem, problem_steps
from storage.message import Message, Reply, Text
from storage.problem import Problem
from supervision import problem_words
from supervision.problems import STATES

_LATELY = timedelta(days=120)  # until after the second visit
_ASKS = ("?", "？", "吗", "呢", "什么", "怎么办")
_NUMBER = re.compile(r"\s*(?:诉求|问题)?第?\s*0{0,4}([1-9]\d{0,4})号?(?![\d月日天年点])")
_SHOWN = 4
_HOW = "要反映问题，请写明企业名称、事情经过和希望怎样解决；问政策可以这样问：陶瓷产业有什么安排？"
_HUMAN = "\n回复“转人工”，工作时间由工作人员接待。"


async def heard(said: str, mine: Sequence[Problem], says: Answer, ctx: Context) -> Reply | None:
    """About what it brought before; None where that cannot be meant. `says` is what the notice answers."""
    if says.answered or not mine or said.rstrip("。！!").endswith(_ASKS):
        return None
    rating, _ = rating_of(said)
    if answered := next((one for one in mine if one.state == problem.ANSWERED), None):
        return Text(_please_rate(answered, says))
    if not rating:
        return None
    meant = _meant(said, [one for one in mine if one.is_open or _is_closed_lately(one, ctx)])
    if len(meant) > 1 and rating == problem.UNSATISFIED:
        named = "；".join(f"{one.label}（{problem_words.subject(one, 16)}）" for one in meant[:_SHOWN])
        return Text(f"您说的是哪一件：{named}？请在前面写上编号再说一次，例如：{meant[0].number}还是没有解决")
    running = next((one for one in meant if one.is_open), None)
    if running is not None and rating == problem.UNSATISFIED:
        return await problem_firm.add_words(running, said, ctx)
    if running is not None:
        return Text(f"谢谢。{problem_firm.told(running)}答复后再请您评价。")
    return await _after_all(meant[0], said, ctx) if meant and rating == problem.UNSATISFIED else None


def _meant(said: str, found: list[Problem]) -> list[Problem]:
    """The one whose number comes first in the words; all of them where none does."""
    number = _NUMBER.match(said)
    return [one for one in found if number and one.number == int(number[1])] or found


def _please_rate(p: Problem, says: Answer) -> str:
    thanks = "不客气。" if says.text == phrasing.THANKS else ""
    return (
        f"{thanks}您对{p.label}（{problem_words.subject(p)}）的答复满意吗？"
        f"请回复“满意”“基本满意”或“不满意”，不满意的请写一句原因。\n"
        "要反映别的事，请以“另一件：”开头。"
    )


def _is_closed_lately(p: Problem, ctx: Context) -> bool:
    return (
        p.state in (problem.CLOSED, problem.TRACKED_ON)
        and p.closed_at is not None
        and ctx.now - p.closed_at <= _LATELY
    )


async def _after_all(p: Problem, said: str, ctx: Context) -> Reply:
    """The rating stands, as figures must; whether it is done again the office decides."""
    desk = desk_of(ctx)
    await desk.note(p, problem_steps.DETAIL, said[:500])
    note = (
        f"【政企问题 {p.label}】{p.lead or '不受理'}，{STATES[p.state]}，企业现在说：“{masked(said)[:200]}”\n"
        f"请电话了解。需要重办请回复：{p.number}重办（编号沿用，加“-{p.again + 2}”）"
    )
    await desk.tell_office(f"problem:{p.id}:after:{ctx.message.key}", Text(note))
    return Text(
        f"您说的情况已记入{p.label}并转市百千万办，核实后与您联系。有新的困难，请写明是什么事，我们另行登记。"
    )


_KINDS = {
    "image": "图片", "voice": "语音", "video": "视频", "file": "文件", "location": "位置", "link": "链接",
}  # fmt: skip


async def not_words(message: Message, mine: Sequence[Problem], ctx: Context) -> Reply | None:
    """A picture, a voice message: nobody reads it here, so the firm says it in words, and who handles its
    problem learns that there is something to look at."""
    what = _KINDS.get(message.kind)
    if what is None or message.event:
        return None
    how = (
        "请长按语音“转文字”再发，或直接打字" if message.kind == "voice" else "请用一句话写明是哪里、什么情况"
    )
    running = next((one for one in mine if one.is_open), None)
    if running is None:
        human = "，或回复“转人工”" if message.outside else ""
        return Text(f"{what}收到了，我还看不懂{what}。{how}{human}。")
    await desk_of(ctx).note(running, problem_steps.DETAIL, f"企业发来{what}，请联系时向企业要")
    return Text(f"{what}收到了，我还看不懂{what}，已在{running.label}记下，经办人会向您要。{how}，办得更快。")


async def answer(message: Message, says: Answer, ctx: Context) -> Reply | None:
    """What the notice says; where it says nothing, how a firm gets on."""
    reply = await ask.answer(message, ctx)
    if reply is None or says.answered or says.suggestions:
        return reply
    human = _HUMAN if message.outside else ""
    if says.text == phrasing.THANKS:
        return Text(f"不客气。还有什么困难，直接告诉我就行。{human}")
    return Text(f"抱歉，没有听明白。{_HOW}{human}") if says.outcome == "unknown" else reply
