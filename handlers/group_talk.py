"""What the office says in its groups: its own words to chosen people, circulars as drafts, groups of the app.

Circulars wait for a person to let them out (`handlers/drafts.py`); an admin's own words go at the group's
next slot. Nothing here sends: everything is an outbox row.
"""

from __future__ import annotations

import hashlib
import re

from handlers.context import Context, UserError, folded, only_admins, typed
from handlers.groups import Meant, described, named, persons, purpose_of
from storage import chats, outbox, rounds
from storage.chats import APPCHAT, Address, Group
from storage.drafts import Draft
from storage.message import GroupChange, Message, NewGroup, Payload, Reply, Text, dump
from supervision import group_news, groups, listing
from supervision.rounds import due_words
from supervision.workdays import SHANGHAI

_SAY = re.compile(
    r"群消息\s*[:：]?\s*(?P<name>\S+)\s+(?P<text>.+?)(?:\s+(?:提醒|@)\s*(?P<who>[^\n]+))?", re.DOTALL
)
_DRAFT = re.compile(
    r"(?:请)?(?:起草|写一?[份个条]?)群通报\s*(?P<what>报送情况|重点事项(?:提示)?|案例|做法交流)\s*(?P<words>.*)"
)
_MAKE = re.compile(r"建群\s+(?P<name>\S+)(?:\s+(?P<purpose>\S+?))?\s+成员\s*[:：]?\s*(?P<who>.+)")
_CHANGE = re.compile(r"群(?P<what>加人|减人)\s+(?P<name>\S+)\s+(?P<who>.+)")
_LONGEST = 600  # characters: it must fit one message
_HELLO = "大家好，本群由百千万督办助手建立：只发通报、感谢和要办的事，不提醒全体成员。市百千万办"


async def say(message: Message, ctx: Context) -> Reply | None:
    """“群消息 市百千万办工作群 明天下午3点开调度会 提醒 黄伟、陈静”; admins only."""
    found = _SAY.fullmatch(typed(message).strip())
    if found is None:
        return None
    only_admins(ctx, "往群里发消息由市百千万办管理员进行")
    group = await named(found["name"], ctx)
    text = found["text"].strip()
    if len(text) > _LONGEST:
        raise UserError(f"这条有{len(text)}字，一条发不下。请压到{_LONGEST}字以内。")
    called = await persons(found["who"], ctx) if found["who"] else []
    told = await groups.say(
        ctx.conn, group, text, key=message.key, now=ctx.now, workdays=ctx.workdays,
        rules=ctx.rules, ping=[userid for userid, _ in called],
    )  # fmt: skip
    if told is None:
        raise UserError(f"“{group.name}”现在没有可用的推送方式，请重新绑定群机器人。")
    whom = f"，提醒{'、'.join(name for _, name in called)}" if called else ""
    over = f"（{told.over}，{'并入等待的一条' if told.joined else '顺延'}）" if told.over else ""
    return Text(f"好的，{due_words(told.at.astimezone(SHANGHAI))}发到“{group.name}”{whom}。{over}")


# --- circulars ----------------------------------------------------------------------------------------


async def draft(message: Message, ctx: Context) -> Reply | None:
    """“起草群通报 报送情况”, “… 重点事项”, “… 案例 示范街”: a draft to be let out; admins only."""
    found = _DRAFT.fullmatch(folded(message, "。!"))
    if found is None:
        return None
    only_admins(ctx, "群通报由市百千万办管理员起草")
    what, words = found["what"], found["words"].strip()
    made: Draft | None
    if what == "报送情况":
        made = await _reported(words, ctx)
    elif what in ("案例", "做法交流"):
        made = await _practice(words, ctx)
    else:
        made = await group_news.draft_attention(ctx.conn, ctx.knows.book, ctx.now, ctx.workdays)
        if made is None:
            raise UserError("对照时间进度，目前没有需要提示的事项，不用发。")
    return Text(listing.draft_text(made))


async def _reported(words: str, ctx: Context) -> Draft:
    latest = await rounds.latest(ctx.conn, ctx.knows.book.notice.doc_number)
    found = [one for one in latest if words in one.name]
    if not found:
        raise UserError(
            "还没有开过报送轮次，没有可通报的情况。" if not latest else f"没有名为“{words}”的轮次。"
        )
    made = await group_news.draft_reported(ctx.conn, ctx.knows.book, found[0], ctx.now)
    if made is None:
        raise UserError(f"“{found[0].name}”的报送情况已经起草过，回复“草稿”查看。")
    return made


async def _practice(words: str, ctx: Context) -> Draft:
    if not words:
        raise UserError("请写上案例里的一个词，例如：起草群通报 案例 示范街")
    made = await group_news.draft_practice(ctx.conn, ctx.knows.book, words, ctx.now)
    if made is None:
        raise UserError(f"案例库里没有找到“{words}”。回复“案例情况”看报了哪些。")
    return made


# --- groups the app makes -----------------------------------------------------------------------------


async def make(message: Message, ctx: Context) -> Reply | None:
    """“建群 潮安区专班群 潮安区 成员 郑云、林晓”: a group of the app, which it may push to; admins only."""
    found = _MAKE.fullmatch(folded(message, "。!"))
    if found is None:
        return None
    only_admins(ctx, "建群由市百千万办管理员进行")
    _needs_appchat(ctx)
    name = found["name"].strip("“”")
    meant = Meant(name, *purpose_of(found["purpose"] or name, ctx.knows.book))
    if await chats.named(ctx.conn, meant.name) is not None:
        raise UserError(f"“{meant.name}”已经绑定过。要重建请先回复：解绑群 {meant.name}")
    members = tuple(userid for userid, _ in await persons(found["who"], ctx))
    if len(members) < 2:
        raise UserError("建群至少要两个成员，请写全，例如：成员 郑云、林晓")
    address = Address(APPCHAT, _chatid(meant.name, message.key))
    group = await chats.bind(
        ctx.conn, Group(meant.name, meant.purpose, meant.scope, message.person, ctx.now), address
    )
    await _queue(ctx, address, NewGroup(meant.name, "", members, _HELLO))
    return Text(
        f"正在建群“{group.name}”（{described(group)}），{len(members)}人，第一条消息发出后成员就能看到。"
        "建不成的会告诉您原因。"
    )


def _chatid(name: str, key: str) -> str:
    """Ours to choose, so that an attempt repeated finds the group of the first."""
    return f"bqw{hashlib.sha256(f'{name}:{key}'.encode()).hexdigest()[:20]}"


async def change(message: Message, ctx: Context) -> Reply | None:
    """“群加人 潮安区专班群 黄伟”, “群减人 …”: members of a group the app made; admins only."""
    found = _CHANGE.fullmatch(folded(message, "。!"))
    if found is None:
        return None
    only_admins(ctx, "群成员由市百千万办管理员调整")
    _needs_appchat(ctx)
    group = await named(found["name"], ctx)
    address = group.through(APPCHAT)
    if address is None:
        raise UserError(f"“{group.name}”不是助手建的群，请在企业微信里直接加人、移人。")
    called = await persons(found["who"], ctx)
    ids, names = tuple(userid for userid, _ in called), "、".join(name for _, name in called)
    joins = found["what"] == "加人"
    await _queue(ctx, address, GroupChange(join=ids) if joins else GroupChange(leave=ids))
    return Text(f"好的，{'请' if joins else '把'}{names}{'进' if joins else '移出'}“{group.name}”。")


def _needs_appchat(ctx: Context) -> None:
    if APPCHAT not in ctx.pushes:
        raise UserError("群推送还没有启用：请运维在配置里把 [groups] enabled 改为 true，重启后再试。")


async def _queue(ctx: Context, address: Address, payload: Payload) -> None:
    row = outbox.Outgoing(
        f"group-act:{ctx.message.key}", APPCHAT, address.target, dump(payload), priority=outbox.NOTICE
    )
    await outbox.add(ctx.conn, [(row, None)], ctx.now)
