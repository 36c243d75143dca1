"""What is said in a group: questions about the notice get a short answer that quotes them, nothing else does.

`handlers/routes.py:walk` comes here for every message of a group. Whatever concerns progress, people or the
office's own work is asked for in the private chat: what was begun of it is undone, so a group neither reads
anybody's progress nor changes any. The rest of a long answer goes to the asker alone, as a push of the app.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from handlers.context import Context, UserError
from knowledge.problem_entry import masked
from storage import outbox
from storage.message import Card, Markdown, Message, Reply, Text, dump
from storage.trial import Trial

if TYPE_CHECKING:
    from handlers.routes import Route

LINES, LINE = 3, 60  # of an answer that a group reads, and characters of each
QUOTED = 20  # characters of the asker's words
_CARD_BODY = 112  # characters a card's text may have
ALONE = "这项请到单聊里对我说：进展和办理不在群里公开。群里可以问通知里的内容，例如：冷链哪个单位牵头？"
REST = "其余内容已发到您的单聊。"
_AFTERWARDS = timedelta(seconds=2)  # what the groups wait for goes first
_HINT = re.compile(r"回复“|Reply “")
_ADDRESS = re.compile(r"(?<=[A-Za-z0-9])\.(?=[A-Za-z])")
_BLANKS = re.compile(r"\s+")


async def walk(message: Message, ctx: Context, routes: Sequence[Route]) -> tuple[str, Reply | None]:
    """The route that took it and what the group reads; ("group-private", …) for what a group may not hear."""
    memory, kept, changed = ctx.memory, len(ctx.kept), ctx.knowledge_changed
    trial = Trial(ctx.conn)
    try:
        route, reply = await _first(message, ctx, routes)
    finally:
        trial.end()
    if route is None or route.group:
        await trial.keep()
        words = quoted(message, ctx) if route is None or route.quotes else ""
        name = route.name if route else "ignored"
        return name, None if reply is None else _told(reply, words, message, ctx)
    await trial.undo()
    ctx.memory, ctx.knowledge_changed = memory, changed
    del ctx.kept[kept:]
    return "group-private", Text(f"{quoted(message, ctx)}\n{ALONE}")


async def _first(
    message: Message, ctx: Context, routes: Sequence[Route]
) -> tuple[Route | None, Reply | None]:
    for route in routes:
        try:
            reply = await route.handler(message, ctx)
        except UserError:
            if route.group:
                raise
            return route, None  # what it would have told is for the private chat, too
        if reply is not None:
            return route, reply
    return None, None


def _told(reply: Reply, words: str, message: Message, ctx: Context) -> Reply:
    """The reply as the group reads it; what was left out is on its way to the asker."""
    if isinstance(reply, Card):
        return _on_card(reply, words)
    whole = reply.text if isinstance(reply, (Text, Markdown)) else ""
    short, cut = shortened(whole)
    if cut:
        _send_rest(whole, message, ctx)
    return Text("\n".join(filter(None, (words, short, REST if cut else ""))))


def _on_card(card: Card, words: str) -> Card:
    body = f"{words}\n{card.body}".strip()
    text = f"{words}\n{card.text}"
    return replace(card, body=body if len(body) <= _CARD_BODY else card.body, text=text)


def shortened(text: str) -> tuple[str, bool]:
    """The first lines, and whether anything but hints was left out."""
    lines = [line for line in text.split("\n") if line.strip() and not _HINT.search(line)]
    kept = [line if len(line) <= LINE else line[: LINE - 1] + "…" for line in lines[:LINES]]
    return "\n".join(kept), kept != lines


def quoted(message: Message, ctx: Context) -> str:
    """「林晓：冷链哪个单位牵头？」; no address in it can be touched."""
    words = masked(_BLANKS.sub(" ", message.text).strip())
    words = _ADDRESS.sub("．", words.replace("://", "：//"))
    words = words if len(words) <= QUOTED else words[: QUOTED - 1] + "…"
    name = ctx.bindings[0].name if ctx.bindings else ""
    return f"「{name}：{words}」" if name else f"「{words}」"


def _send_rest(whole: str, message: Message, ctx: Context) -> None:
    """The whole answer, to the asker alone, by the app, which may write to him at any time."""
    lines = [line for line in whole.split("\n") if not _HINT.search(line)]
    words = _BLANKS.sub(" ", message.text).strip()[:QUOTED]
    payload = dump(Text("\n".join([f"您在群里问的“{words}”：", *lines])))
    row = outbox.Outgoing(
        key=f"aside:{message.key}",
        channel="app",
        target=message.person,
        payload=payload,
        priority=outbox.NOTICE,
        at=ctx.now + _AFTERWARDS,
    )
    ctx.asides.append(row)
