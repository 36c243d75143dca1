"""What only the headquarters office may ask: so far, the questions the bot could not answer."""

from __future__ import annotations

from handlers.context import Context, UserError
from storage import inbox
from storage.inbox import KeptQuestion
from storage.message import Message, Reply, Text

_UNANSWERED = frozenset({"没答上的问题", "待答问题", "未答问题", "没答上的"})
_SHOWN = 10
_OUTCOMES = {"unknown": "没答上", "suggest": "拿不准"}


async def unanswered(message: Message, ctx: Context) -> Reply | None:
    """The latest questions without a sure answer, newest first; admins only."""
    if message.kind != "text" or message.text.strip() not in _UNANSWERED:
        return None
    if not ctx.is_admin:
        raise UserError("这项内容由市百千万办管理员查看。您可以直接提问，例如：冷链哪个单位牵头？")
    kept = await inbox.kept_questions(ctx.conn, _SHOWN)
    if not kept:
        return Text("目前没有积压的问题。")
    lines = [f"最近没有把握的问题（{len(kept)}条）："]
    lines += [f"{number}. {_line(question)}" for number, question in enumerate(kept, start=1)]
    return Text("\n".join(lines))


def _line(question: KeptQuestion) -> str:
    offered = "、".join(f"要点{point}" for point in question.points)
    how = _OUTCOMES[question.outcome] + (f"，曾给出{offered}" if offered else "")
    return f"{question.text[:60]}（{how}）"
