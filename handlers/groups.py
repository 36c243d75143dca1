"""The office binds groups: what a group is for, by which way it is reached, whom its weekly line pings.

In a group it arrives through the smart robot (“绑定本群 …”), a group robot's address is typed in private
(“绑定群 … webhook …”). An address is as good as a password: whoever else types one is stopped here, so that
it is never answered, kept or taught as a question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from handlers.context import Context, UserError, folded, only_admins
from knowledge.book import Book
from knowledge.header import chinese_number
from storage import chats, outbox, people
from storage.chats import APPCHAT, ROBOT, WEBHOOK, Address, Group, Purpose
from storage.message import Message, Reply, Text, dump
from supervision import groups

PURPOSE_NAMES: dict[Purpose, str] = {
    chats.HEADQUARTERS: "工作群", chats.COUNTY: "县区群", chats.TASK_FORCE: "专班群", chats.FIRMS: "政企群",
}  # fmt: skip
_WAYS = {ROBOT: "智能机器人", WEBHOOK: "群机器人", APPCHAT: "应用群"}
_KEY = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_HERE = re.compile(r"(?:请)?绑定(?:本|这个|此)群\s*(?P<rest>.*)", re.DOTALL)
_BIND = re.compile(
    r"(?:请)?绑定群聊?\s+(?P<rest>.+?)\s+(?P<way>webhook|群机器人|机器人|应用群|appchat)\s*[:=]?\s*(?P<value>\S+)",
    re.DOTALL | re.IGNORECASE,
)
_UNBIND = re.compile(r"(?:解绑|解除绑定|取消绑定)群聊?\s+(?P<name>\S+)")
_UNBIND_HERE = re.compile(r"(?:解绑|解除绑定|取消绑定)(?:本|这个|此)群")
_LIST = frozenset({"绑定的群", "群清单", "有哪些群", "绑定了哪些群", "群聊清单", "绑定群清单"})
_WEEKLY = re.compile(
    r"群周报\s*(?P<name>\S+?)(?:\s+(?:提醒|@)\s*(?P<who>\S+)|\s+(?P<off>停|停发|不发|关))?|停(?:发)?群周报\s*(?P<stop>\S+)"
)
_NAME = 20  # characters
_HELLO = "大家好，本群已接上百千万督办助手：只发通报、感谢和要办的事，不提醒全体成员。市百千万办"
_PURPOSES = "用途写：办公室、潮安区（县区名）、产业发展专班、政企"
_HOW = f"请写明群名和用途，例如：\n绑定群 市百千万办工作群 办公室 webhook 机器人地址\n{_PURPOSES}"
_HOW_HERE = (
    f"请写明群名和用途，例如：\n绑定本群 市百千万办工作群 办公室\n{_PURPOSES}"  # no address in a group
)
_NOT_ENABLED = "群推送还没有启用：请运维在配置里把 [groups] enabled 改为 true，重启后再绑定。"
_OTHERWISE = (
    "本单位的企业微信没有群机器人。可以由助手建一个群来推送，例如：\n建群 潮安区专班群 潮安区 成员 郑云、林晓"
)
_NOT_YOURS = "群机器人的地址等于密码，谁拿到都能往群里发消息，请不要转发。绑定群由市百千万办管理员进行。"


@dataclass(frozen=True, slots=True)
class Meant:
    """What the words after “绑定” name."""

    name: str
    purpose: Purpose
    scope: str


async def unknown_group(message: Message, ctx: Context) -> Reply | None:
    """Somebody asks in a group that nobody has bound: the office is told, the group only gets its answer."""
    if (
        message.channel == ROBOT
        and message.chat
        and not ctx.bound
        and not _HERE.fullmatch(folded(message, "。!"))
    ):
        await groups.note_unbound(
            ctx.conn, ROBOT, message.chat, admins=ctx.admins, now=ctx.now, workdays=ctx.workdays
        )
    return None


async def bind_here(message: Message, ctx: Context) -> Reply | None:
    """“绑定本群 市百千万办工作群 办公室”, said in the group itself; admins only."""
    found = _HERE.fullmatch(folded(message, "。!"))
    if found is None:
        return None
    only_admins(ctx, "绑定群由市百千万办管理员进行")
    if message.channel != ROBOT or not message.chat:
        raise UserError(f"“绑定本群”要在那个群里@我说。在单聊里{_HOW}")
    meant = _meant(found["rest"], ctx.knows.book, _HOW_HERE)
    here = Address(ROBOT, message.chat)
    group = await _open(meant, here, ctx)
    return Text(
        f"已绑定：本群为“{group.name}”（{described(group)}）。"
        "群里只答通知内容；报进展、看进展请到单聊。不@所有人。"
    )


async def bind(message: Message, ctx: Context) -> Reply | None:
    """“绑定群 政企微信群 政企 webhook 名称或地址”, in private; admins only."""
    said = folded(message, "。!")
    found = _BIND.fullmatch(said)
    if found is None and not _KEY.search(said) and not re.match(r"(?:请)?绑定群", said):
        return None
    if _KEY.search(said) and not ctx.is_admin:
        raise UserError(_NOT_YOURS)
    only_admins(ctx, "绑定群由市百千万办管理员进行")
    if message.chat:
        raise UserError("群机器人的地址等于密码，请到单聊里绑定，并请在群里撤回刚才那条。")
    if found is None:
        raise UserError(_HOW)
    meant = _meant(found["rest"], ctx.knows.book)
    way = APPCHAT if found["way"].lower() in ("应用群", "appchat") else WEBHOOK
    if way not in ctx.pushes:
        raise UserError(_OTHERWISE if APPCHAT in ctx.pushes else _NOT_ENABLED)
    address = await _webhook(meant, found["value"], ctx) if way == WEBHOOK else _appchat(found["value"])
    group = await _open(meant, address, ctx)
    row = outbox.Outgoing(
        f"bound:{message.key}", way, address.target, dump(Text(_HELLO)), priority=outbox.NOTICE
    )
    await outbox.add(ctx.conn, [(row, None)], ctx.now)
    more = f"\n要每周在群里发一行，请回复：群周报 {group.name} 提醒 姓名"
    return Text(
        f"已绑定：“{group.name}”（{described(group)}），往后经{_WAYS[way]}推送。"
        "刚往群里发了一句问候，请看一眼收到没有；没收到的，回复“搁置的消息”看原因。"
        f"{more if group.purpose != chats.FIRMS else ''}"
    )


async def _webhook(meant: Meant, value: str, ctx: Context) -> Address:
    """A name of the settings, or a key typed here, which is kept under the group's name."""
    if value in ctx.pushes[WEBHOOK]:
        return Address(WEBHOOK, value)
    key = _KEY.search(value)
    if key is None:
        known = "、".join(sorted(ctx.pushes[WEBHOOK]))
        there = f"配置里有：{known}。" if known else ""
        raise UserError(f"“{value[:20]}”不是群机器人的地址，也不是配置里的名称。{there}{_HOW}")
    kept = await chats.keys(ctx.conn)
    if other := next((name for name, old in kept.items() if old == key[0] and name != meant.name), ""):
        raise UserError(f"这个机器人已经绑定在“{other}”。一个机器人只在一个群里，请核对地址。")
    if meant.name in ctx.pushes[WEBHOOK]:
        raise UserError(f"配置里已经有名为“{meant.name}”的机器人，请直接写：webhook {meant.name}")
    await chats.keep_key(ctx.conn, meant.name, key[0], by=ctx.message.person, now=ctx.now)
    return Address(WEBHOOK, meant.name)


def _appchat(value: str) -> Address:
    if not re.fullmatch(r"[0-9A-Za-z]{1,32}", value):
        raise UserError("应用群的群聊 ID 应是 32 位以内的字母和数字，大小写也要一致。")
    return Address(APPCHAT, value)


async def _open(meant: Meant, address: Address, ctx: Context) -> Group:
    """Binds the group, or one more way into it; says what stands in the way."""
    there = await chats.at(ctx.conn, address.channel, address.target)
    known = await chats.named(ctx.conn, meant.name)
    if there is not None and there.name != meant.name:
        raise UserError(
            f"这个群已经绑定为“{there.name}”（{described(there)}）。要改请先回复：解绑群 {there.name}"
        )
    if known is not None and (known.purpose, known.scope) != (meant.purpose, meant.scope):
        raise UserError(f"“{known.name}”已经绑定为{described(known)}。要改用途请先回复：解绑群 {known.name}")
    if known is not None and (old := known.through(address.channel)):
        if old == address:
            return known
        raise UserError(f"“{known.name}”已经有{_WAYS[address.channel]}。要换请先回复：解绑群 {known.name}")
    return await chats.bind(ctx.conn, _group(meant, known, ctx), address)


def _group(meant: Meant, known: Group | None, ctx: Context) -> Group:
    number = known.id if known else 0
    return Group(meant.name, meant.purpose, meant.scope, ctx.message.person, ctx.now, id=number)


def described(group: Group) -> str:
    """工作群; 县区群，潮安区; 专班群，第一部分."""
    of = f"第{group.scope}部分" if group.purpose == chats.TASK_FORCE else group.scope
    return f"{PURPOSE_NAMES[group.purpose]}，{of}" if of else PURPOSE_NAMES[group.purpose]


# --- what it is for -----------------------------------------------------------------------------------


def _meant(rest: str, book: Book, how: str = _HOW) -> Meant:
    """Name and purpose: “市百千万办工作群 办公室”; without a purpose the name itself says it."""
    name, _, words = " ".join(rest.split()).partition(" ")
    name = name.strip("“”\"'《》")
    if not name or len(name) > _NAME:
        raise UserError(f"群名请写1到{_NAME}个字。{how}")
    return Meant(name, *purpose_of(words or name, book, how))


def purpose_of(words: str, book: Book, how: str = _HOW) -> tuple[Purpose, str]:
    """Raises UserError naming what there is to choose from."""
    if "政企" in words or "企业" in words:
        return chats.FIRMS, ""
    if section := _section(words, book):
        return chats.TASK_FORCE, str(section)
    named = [mention.area for mention in book.directory.find(words) if mention.area]
    for area in book.directory.counties:
        if area in named:
            return chats.COUNTY, area.short
    if re.search(r"办公室|指挥部|工作群|百千万办", words):
        return chats.HEADQUARTERS, ""
    raise UserError(f"没看出这个群的用途。{how}")


def _section(words: str, book: Book) -> int:
    """第一部分专班, 产业发展专班: the section's number; 0 for none."""
    if "专班" not in words and "部分" not in words:
        return 0
    number = re.search(r"第?([一二三四五六七八九]|\d)(?:部分|专班)", words)
    if number:
        at = int(number[1]) if number[1].isdigit() else chinese_number(number[1]) or 0
        return at if any(one.number == at for one in book.notice.sections) else 0
    core = re.sub(r"专班|部分|群|工作", "", words)
    pairs = {core[at : at + 2] for at in range(len(core) - 1)}
    best = max(book.notice.sections, key=lambda one: sum(pair in one.title for pair in pairs))
    return best.number if any(pair in best.title for pair in pairs) else 0


# --- looking, unbinding -------------------------------------------------------------------------------


async def listed(message: Message, ctx: Context) -> Reply | None:
    """“绑定的群”: every group, its purpose, the ways into it, its weekly line; admins only."""
    if folded(message, "。!").rstrip("?") not in _LIST:
        return None
    only_admins(ctx, "绑定的群由市百千万办管理员查看")
    found = await chats.bound(ctx.conn)
    if not found:
        return Text(f"还没有绑定群。{_HOW}")
    names = await people.names(ctx.conn, [one.ping for one in found if one.ping])
    lines = [f"{at}. {_line(one, names)}" for at, one in enumerate(found, start=1)]
    return Text("\n".join([f"绑定的群{len(found)}个：", *lines, f"解绑请回复：解绑群 {found[0].name}"]))


def _line(group: Group, names: dict[str, str]) -> str:
    ways = "、".join(_WAYS[one.channel] for one in group.addresses) or "没有可用的推送方式，请重新绑定"
    pinged = f"，提醒{names.get(group.ping, group.ping)}" if group.ping else ""
    weekly = f"；每周一行{pinged}" if group.weekly else ""
    return f"{group.name}（{described(group)}）：{ways}{weekly}"


async def unbind(message: Message, ctx: Context) -> Reply | None:
    """“解绑群 政企微信群”, “解绑本群”: nothing goes there any more; admins only."""
    said = folded(message, "。!")
    here = _UNBIND_HERE.fullmatch(said)
    found = _UNBIND.fullmatch(said)
    if here is None and found is None:
        return None
    only_admins(ctx, "解绑群由市百千万办管理员进行")
    if found:
        group = await named(found["name"], ctx)
    else:
        there = await chats.at(ctx.conn, message.channel, message.chat)
        if there is None:
            raise UserError("本群没有绑定，不用解绑。在单聊里请写群名，例如：解绑群 政企微信群")
        group = there
    await chats.unbind(ctx.conn, group, by=message.person, now=ctx.now)
    return Text(f"已解绑：“{group.name}”。不再往那里发消息，记录保留；在这里输入过的机器人密钥已删除。")


async def named(name: str, ctx: Context) -> Group:
    """The group of that name, or the only one whose name has it; raises UserError."""
    name = name.strip("“”\"'《》")
    found = await chats.bound(ctx.conn)
    exact = [one for one in found if one.name == name] or [one for one in found if name in one.name]
    if len(exact) == 1:
        return exact[0]
    known = "、".join(one.name for one in exact or found) or "还没有绑定群"
    raise UserError(f"{'有几个群的名称里有' if exact else '没有绑定过群'}“{name}”。绑定的群：{known}")


# --- the weekly line ----------------------------------------------------------------------------------


async def weekly(message: Message, ctx: Context) -> Reply | None:
    """“群周报 潮安区工作群 提醒 郑云”: a line a week, which really pings one person; admins only."""
    found = _WEEKLY.fullmatch(folded(message, "。!"))
    if found is None:
        return None
    only_admins(ctx, "群周报由市百千万办管理员设定")
    group = await named(found["name"] or found["stop"], ctx)
    by, now = ctx.message.person, ctx.now
    if found["stop"] or found["off"]:
        await chats.set_weekly(ctx.conn, group, weekly=False, ping="", by=by, now=now)
        return Text(f"好的，“{group.name}”不再发群周报。")
    if group.purpose == chats.FIRMS:
        raise UserError("政企群不发督办进展，只回应企业反映的问题。")
    if group.address is None:
        raise UserError(f"“{group.name}”现在没有可用的推送方式，请先重新绑定群机器人，再设群周报。")
    ((userid, name),) = await persons(found["who"], ctx) if found["who"] else [("", "")]
    await chats.set_weekly(ctx.conn, group, weekly=True, ping=userid, by=by, now=now)
    whom = f"并提醒{name}一人" if name else "不提醒任何人"
    way = group.address
    how = "" if way and way.channel != ROBOT else "智能机器人不能真正@人，要提醒到人请再绑定群机器人。"
    return Text(f"好的，每周第一个工作日下午在“{group.name}”发一行上周进展，{whom}。{how}")


async def persons(words: str, ctx: Context) -> list[tuple[str, str]]:
    """(userid, name) of each person named; raises UserError for who is not known or not one."""
    everybody = await people.everybody(ctx.conn)
    found: list[tuple[str, str]] = []
    for said in filter(None, re.split(r"[、,，和\s]+", words.replace("@", " "))):
        same = {one.userid: one.name for one in everybody if said == one.name or said.lower() == one.userid}
        if len(same) > 1:
            raise UserError(f"叫“{said}”的不止一位，请写成员账号：{'、'.join(sorted(same))}")
        if not same:
            raise UserError(f"没有找到“{said}”。请写已绑定人员的姓名或成员账号；不能@所有人。")
        found += same.items()
    return list(dict.fromkeys(found))
