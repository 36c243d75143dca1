"""The one ordered table of what happens when someone speaks: the first handler that answers, answers.

Order is meaning: events before words, exact commands before free questions. The help text, the docs and the
tests read the same table, so a route without an example does not exist.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from handlers import admin, ask, help, teach, welcome
from handlers.context import Context
from storage.message import Message, Reply

Handler: TypeAlias = Callable[[Message, Context], Awaitable[Reply | None]]


@dataclass(frozen=True, slots=True)
class Route:
    """`examples` are things a person could type that reach this handler and no other."""

    name: str
    handler: Handler
    usage: str
    examples: tuple[str, ...]
    who: str = "所有人"


_OFFICE = "市百千万办管理员"

ROUTES: tuple[Route, ...] = (
    Route("welcome", welcome.greet, "进入应用时的问候（不用输入）", ()),
    Route("not-text", welcome.not_text, "图片、语音、位置等：告诉您目前怎样最方便", ()),
    Route("help", help.show, "看能问什么", ("帮助", "怎么用", "help")),
    Route(
        "unanswered",
        admin.unanswered,
        "看没答上、答得不准的问题，每个都带序号",
        ("没答上的问题", "待答问题"),
        who=_OFFICE,
    ),
    Route(
        "ignore",
        admin.ignore,
        "按序号让问题不再列出",
        ("忽略 3", "忽略 3、5"),
        who=_OFFICE,
    ),
    Route(
        "teach",
        teach.teach,
        "教一个说法指哪一点、哪件事，马上起作用；右边也可以写词，左边也可以写列表里的序号（教 3=17）",
        ("教 冻库=17", "教 冻库、冷藏库=17 冷链", "教 冻库=冷链"),
        who=_OFFICE,
    ),
    Route("forget", teach.forget, "撤销教过的说法", ("取消教 冻库", "忘掉 冻库"), who=_OFFICE),
    Route("taught", teach.taught, "看教过哪些说法、谁教的", ("教过的", "教过的说法"), who=_OFFICE),
    Route(
        "ask",
        ask.answer,
        "问工作要点：谁牵头、原文、指标、某单位或某地有哪些任务；"
        "答后可以接着说“全文”“那湘桥呢”“上一条”“还有吗”，答得不对就说“不对”",
        (
            "冷链哪个单位牵头？",
            "第17条",
            "今年要新增多少冷库",
            "市水务局负责哪些",
            "which unit leads cold chain?",
        ),
    ),
)


async def walk(message: Message, ctx: Context) -> tuple[str, Reply | None]:
    """The name of the route that took the message, and its reply; ("ignored", None) when none did."""
    for route in ROUTES:
        reply = await route.handler(message, ctx)
        if reply is not None:
            return route.name, reply
    return "ignored", None
