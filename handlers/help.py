"""Says what the bot can do, with questions a person can copy."""

from __future__ import annotations

from handlers.context import Context
from storage.message import Message, Reply, Text

_WORDS = frozenset(
    {"帮助", "help", "?", "菜单", "怎么用", "使用说明", "能问什么", "你能做什么", "你会什么", "有什么功能"}
)

TEXT = """我是百千万督办助手，可以这样问我：
①谁牵头：冷链哪个单位牵头？
②原文：第17条说什么；第三部分有哪些
③指标：今年要新增多少冷库
④单位任务：市水务局负责哪些
⑤地方任务：潮安有哪些
⑥接着问：全文；那湘桥呢；还有吗；答得不对就说“不对”
也可以用拼音或英文提问，例如 lenglian shei qiantou。
责任分工在市百千万办确认前都会注明“建议”。"""

_ADMIN = "\n管理员还可以说：没答上的问题；教 冻库=17；教过的"


async def show(message: Message, ctx: Context) -> Reply | None:
    """Answers a request for help, typed or from the app's menu."""
    if (
        message.kind not in ("text", "event", "click")
        or message.text.strip().lower().rstrip("?？。") not in _WORDS
    ):
        return None
    return Text(TEXT + _ADMIN if ctx.is_admin else TEXT)
