"""微信客服: the welcome, passing a visitor to a human being, and the end of that.

A visitor has WeChat alone and is nobody's liaison (`Message.outside`): `handlers/routes.py` lets him reach
what is for everybody and for firms, nothing of the office. What he asks is answered from the notice.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

from handlers import telling
from handlers.context import Context, typed
from storage import kf, outbox
from storage.message import HandOver, Message, Reply, Text, dump
from supervision.rounds import day
from supervision.workdays import SHANGHAI

_HUMAN = re.compile(
    r"(?:我要|请|帮我|麻烦|要|想)?(?:转接?|找|叫|接)?(?:一下)?(?:人工|真人|工作人员|客服人员|人工客服)(?:客服|服务|接待|处理|回复)?(?:吧|谢谢)?"
)
_CHANNEL = "kf"
_AFTER = timedelta(milliseconds=1)  # the answer of the same moment

WELCOME = """您好，这里是潮州市百千万办企业服务。
可以直接问政策和工作安排，例如：陶瓷产业有什么安排？冷库归哪个单位管？
要反映问题，请写明企业名称、事情经过和希望怎样解决。
回复“转人工”，工作时间由工作人员接待。"""
HELP = """可以这样问我：
①谁管：冷链哪个单位牵头？
②原文：第17条说什么
③指标：今年要新增多少冷库
④地方：潮安有哪些安排
要反映问题，请写明企业名称、事情经过和希望怎样解决；回复“进度”看办到哪一步，答复后请回复“满意”“基本满意”或“不满意”。
回复“转人工”，工作时间由工作人员接待。"""
_OVER = "人工接待已结束。还有问题可以接着问我；没有解决的，请再回复“转人工”。"


async def welcome(message: Message, ctx: Context) -> Reply | None:
    """Said once when a visitor opens the chat, where WeCom allows it."""
    if message.channel != _CHANNEL or not message.extra.get("welcome_code"):
        return None
    return Text(WELCOME)


async def session_over(message: Message, ctx: Context) -> Reply | None:
    """The human being ended the session, and WeCom lets one more sentence go."""
    if message.channel != _CHANNEL or not message.extra.get("msg_code"):
        return None
    return Text(_OVER)


def asks_for_human(said: str) -> bool:
    return bool(_HUMAN.fullmatch(unicodedata.normalize("NFKC", said).strip().rstrip("。!?~")))


async def human(message: Message, ctx: Context) -> Reply | None:
    """“转人工”: to a servicer in office hours; outside them the office finds it in the morning."""
    if message.channel != _CHANNEL or not asks_for_human(typed(message)):
        return None
    if ctx.workdays.in_hours(ctx.now):
        # The answer first: once a human being is there, the bot may say nothing.
        key, at = f"human:{message.key}", ctx.now + _AFTER
        row = outbox.Outgoing(key, _CHANNEL, message.person, dump(HandOver("")), at=at)
        await outbox.add(ctx.conn, [(row, None)], ctx.now)
        return Text("正在为您转接工作人员，请稍候，接通后由工作人员直接回复您。")
    return Text(await _tomorrow(message, ctx))


async def _tomorrow(message: Message, ctx: Context) -> str:
    at = ctx.workdays.next_slot(ctx.now)
    name = (await kf.names(ctx.conn, [message.person])).get(message.person.lower(), "一位微信用户")
    here = ctx.now.astimezone(SHANGHAI)
    text = (
        f"【客服待办】{name}{day(here.date())}{here:%H:%M}在微信客服要求转人工，当时不在上班时间。\n"
        "请在微信客服里联系对方；48小时内有效，过后要等对方再次发言。"
    )
    await telling.office(f"human:{message.key}", Text(text), ctx)
    return (
        f"现在不是上班时间，已经记下，{day(at.astimezone(SHANGHAI).date())}上班后由工作人员联系您。"
        "您可以先把企业名称、事情经过和联系电话写在这里。"
    )
