"""Who is bound to what, in chat: the office binds, replaces and unbinds; a stranger is told how to be bound.

A replaced liaison's reports stay his; what is still owed goes to the new one with the next message.
"""

from __future__ import annotations

import re

from handlers.context import Context, UserError, folded, only_admins, typed
from handlers.problem_desk import desk_of
from knowledge import reply as reader
from knowledge.reading import Asked
from storage import people
from storage.message import Message, Reply, Text
from storage.people import PersonRow, Role
from supervision import asking, problem_handover
from supervision.overview import answers_for
from supervision.workdays import SHANGHAI

_BIND = re.compile(
    r"(?:绑定|换联络员|更换联络员|添加)\s*(?P<userid>[A-Za-z0-9_.@-]{1,64})[\s,，]+(?P<name>[\u3400-\u9fff·]{2,8})[\s,，]+(?P<place>[^\d]+?)"
    r"(?P<role>联络员|分管领导|市领导|管理员|干部)?\s*(?P<mobile>1\d{10})?"
)
_REPLACES = re.compile(
    r"(?:请|把|将)*(?P<place>[^,，。A-Za-z\d]{2,24}?)的?(?:旧|老|原)?联络员(?:由|从)?[^,，。]{0,16}?"
    r"(?:换成|换为|换|改成|改为|变更为|变成|更换为|调整为|现在是|现由)了?[:：,，\s]*(?P<rest>.+)"
)
_IN_HIS_PLACE = re.compile(  # 换人，水务局以后是林晓 linxiao; 交通局黄伟调走了，换成林晓，账号linxiao
    r"(?:换人|换个人|人员变动)[:：,，\s]*(?P<place>[^,，。A-Za-z\d]{2,24}?)的?(?:联络员)?(?:以后|今后|现在|改)*(?:是|由|换成|换为)[:：,，\s]*(?P<rest>.+)"
    r"|(?P<at>[^,，。A-Za-z\d]{4,28}?)(?:已经?|要)?(?:调走|调离|离任|离职|退休|辞职|借调|换岗|转岗)了?[,，。\s]*"
    r"(?:现在|以后|改|就|由)*(?:换成|换为|换|改成|改为|由|是)[:：,，\s]*(?P<by>.+)"
)
_LEFT = re.compile(
    r"(?P<name>[\u3400-\u9fff·]{2,4}?)(?:同志|老师|科长)?(?:已经?|要|因)*(?:工作)?(?:调走|调离|调动|调岗|转岗|换岗|离任|离职|退休|辞职|借调)了?.{0,24}"
)
_ACCOUNT = re.compile(r"[A-Za-z0-9_.@-]{2,64}")
_NAME = re.compile(r"[\u3400-\u9fff·]{2,8}")
_UNBIND = re.compile(r"(?:解绑|解除绑定|取消绑定)\s*(?P<userid>[A-Za-z0-9_.@-]{1,64})(?P<unit>.*)")
_WHO = re.compile(
    r"谁是(?P<of>.+?)的?联络员|(?P<unit>.+?)(?:的)?联络员(?:是谁|是哪个|是哪位)?|联络员\s+(?P<after>.+)"
)
_ME = re.compile(r"我是.{2,20}(?:联络员|报送员|信息员|新来的|负责报送).{0,10}")
_DIGIT = re.compile(r"\d|成|过半")
_COUNTED = re.compile(r"\d\s*[项点]|^[①-⑳]\s*\d")
_ROLES: dict[str, Role] = {
    "联络员": "liaison", "分管领导": "leader", "市领导": "leader", "管理员": "admin", "干部": "official",
}  # fmt: skip
_HOW = "请这样写：绑定 账号 姓名 市水务局联络员 手机（手机可不写）。"


async def bind(message: Message, ctx: Context) -> Reply | None:
    """“绑定 zhangsan 张三 市水务局联络员”: binds, and ends the binding of who was there before."""
    said = _as_command(folded(message, "。"), ctx)
    if not said.startswith(("绑定", "换联络员", "更换联络员")):
        return None
    only_admins(ctx, "绑定人员由市百千万办管理员进行")
    found = _BIND.fullmatch(said)
    if found is None:
        raise UserError(_HOW)
    role = _ROLES[found["role"] or "联络员"]
    row = PersonRow(
        found["userid"].lower(),
        found["name"],
        role,
        _unit(found["place"], ctx, city=found["role"] == "市领导"),
        "",
        found["mobile"] or "",
    )
    bound = await people.bind(ctx.conn, [row], by=message.person, now=ctx.now)
    await _hand_over([change.begun.unit for change in bound.changes if change.begun.role == "liaison"], ctx)
    return Text(_bound(row, bound))


def _as_command(said: str, ctx: Context) -> str:
    """“市水务局联络员换成 lisi 李四” as “绑定 lisi 李四 市水务局联络员”; an office's words alone."""
    place, rest = _replacing(said, ctx)
    if not place:
        return said
    only_admins(ctx, "绑定人员由市百千万办管理员进行")
    mobile = re.search(r"1\d{10}", rest)
    account = _ACCOUNT.search(rest.replace(mobile[0], "") if mobile else rest)
    name = _NAME.search(rest)
    if account is None or name is None:
        wanted = f"绑定 账号 {name[0] if name else '姓名'} {place}联络员"
        raise UserError(f"还差账号（企业微信通讯录里的账号，不是姓名）。请回复：{wanted}")
    return f"绑定 {account[0]} {name[0]} {place}联络员 {mobile[0] if mobile else ''}".strip()


def _replacing(said: str, ctx: Context) -> tuple[str, str]:
    """Whose liaison is replaced, and the words on the new one; "" where nobody is."""
    known = ctx.knows.book.directory.unit
    if found := _REPLACES.fullmatch(said):
        place, rest = found["place"].strip(), found["rest"]
        return (place, rest) if known(place) else ("", "")
    found = _IN_HIS_PLACE.fullmatch(said)
    if found is None:
        return "", ""
    whole, rest = found["place"] or found["at"], (found["rest"] or found["by"]).replace("账号", " ")
    places = [whole[:end].removesuffix("的") for end in range(len(whole), 1, -1)] if found["at"] else [whole]
    return next((place for place in places if known(place)), ""), rest


def _unit(words: str, ctx: Context, *, city: bool) -> str:
    name = words.strip("的 ,，")
    if city:
        return ""
    if found := ctx.knows.book.directory.unit(name):
        return found.short
    near = ctx.knows.book.directory.find(name)
    if near and near[0].county_bureau and near[0].area:
        raise UserError(
            f"“{name}”是县（区）部门。县（区）由指挥办统一报送，请绑定为“{near[0].area.short}”的联络员。"
        )
    choices = ctx.knows.book.directory.ambiguous(name)
    if choices:
        raise UserError(f"“{name}”可能是{'或'.join(choices)}，请写明。")
    raise UserError(f"单位名录里没有“{name}”。请写单位的简称或全称，例如：市水务局。")


def _bound(row: PersonRow, bound: people.Bound) -> str:
    if not bound.changes:
        return f"{row.name}（{row.userid}）已经是{row.title}，没有改动。"
    ended = bound.changes[0].ended
    if ended is not None and ended.userid != row.userid:
        return (
            f"已换人：{row.title}由{ended.name}（{ended.userid}）换为{row.name}（{row.userid}）。"
            "原来报送的记录都保留。"
        )
    return f"已绑定：{row.name}（{row.userid}）为{row.title}。"


async def unbind(message: Message, ctx: Context) -> Reply | None:
    """“解绑 zhangsan”: ends a person's bindings; what was reported stays."""
    said = folded(message, "。")
    found = _UNBIND.fullmatch(said)
    if found is None:
        return await _left(said, ctx)
    only_admins(ctx, "解绑由市百千万办管理员进行")
    unit = _unit(found["unit"], ctx, city=False) if found["unit"].strip() else None
    gone = await people.unbind(ctx.conn, found["userid"], by=message.person, now=ctx.now, unit=unit)
    if not gone:
        return Text(f"{found['userid']}目前没有绑定，不用解绑。")
    told = "、".join(one.title for one in gone)
    left = [one.unit for one in gone if one.role == "liaison"]
    await _hand_over(left, ctx)
    after = f"{'、'.join(left)}现在没有联络员，请尽快绑定新的。" if left else ""
    return Text(f"已解绑：{gone[0].name}（{told}）。历史记录保留。{after}")


async def _left(said: str, ctx: Context) -> Reply | None:
    """“林晓调走了”: whose liaison that is, and how to bind another; nothing is done on such a word alone."""
    found = _LEFT.fullmatch(said) if ctx.is_admin else None
    if found is None:
        return None
    rows = [one for one in await people.everybody(ctx.conn) if one.name == found["name"]]
    rows = [one for one in rows if one.role == "liaison"]
    if not rows:
        return None
    lines = [
        f"{one.name}（{one.userid}）现在是{one.title}。换人请回复：绑定 新账号 姓名 {one.title}；"
        f"还没有接手的人，请回复：解绑 {one.userid}"
        for one in rows
    ]
    return Text("\n".join(lines))


async def _hand_over(units: list[str], ctx: Context) -> None:
    """What these units were to be asked and has not left goes to whom it is now for."""
    if units:
        book, rules = ctx.knows.book, ctx.rules
        await asking.succeeded(ctx.conn, book, units, now=ctx.now, workdays=ctx.workdays, rules=rules)
        await problem_handover.succeeded(desk_of(ctx), units)


async def who(message: Message, ctx: Context) -> Reply | None:
    """“市水务局联络员是谁”: who is bound there, for the office and the unit itself."""
    found = _WHO.fullmatch(typed(message).strip().rstrip("?？。"))
    if found is None:
        return None
    name = (found["unit"] or found["after"] or found["of"]).strip()
    unit = ctx.knows.book.directory.unit(name)
    if unit is None:
        return None
    leads = any(one.role == "leader" for one in ctx.bindings)
    if not (ctx.is_admin or leads or unit.short in ctx.units):
        return Text("联络员名单由市百千万办管理。要找某个单位，请与市百千万办联系。")
    person = (await people.liaison_of(ctx.conn, [unit.short])).get(unit.short)
    if person is None:
        return Text(f"{unit.short}还没有绑定联络员。{_HOW if ctx.is_admin else ''}")
    on = person.bound_at.astimezone(SHANGHAI) if person.bound_at else None
    since = f"，{on.year}年{on.month}月{on.day}日起" if on else ""
    mobile = f"，手机{person.mobile}" if person.mobile and ctx.is_admin else ""
    return Text(f"{unit.short}联络员：{person.name}（{person.userid}）{mobile}{since}。")


async def stranger(message: Message, ctx: Context) -> Reply | None:
    """Somebody nobody knows reports numbers, or says who he is: told how to be bound; nothing is stored."""
    said = typed(message)
    known = ctx.units or ctx.is_admin or any(one.role == "leader" for one in ctx.bindings)
    if not said or known or message.outside:
        return None
    if _ME.fullmatch(said.strip().rstrip("。")):
        named = [m.unit or m.area for m in ctx.knows.book.directory.find(said) if not m.county_bureau]
        return Text(_how_to_be_bound(message, named[0].short if named and named[0] else ""))
    if told := await _was_replaced(said, message.person, ctx):
        return told
    if not _reports(said, ctx):
        return None
    return Text("您还没有绑定为哪个单位的联络员，这条没有入台账。\n" + _how_to_be_bound(message, ""))


async def _was_replaced(said: str, userid: str, ctx: Context) -> Reply | None:
    """Who handed over and reports all the same is told that it counts no longer, and who does it now."""
    if not _DIGIT.search(said) or not (units := await people.served(ctx.conn, userid)):
        return None
    book, on = ctx.knows.book, ctx.now.astimezone(SHANGHAI).date()
    own = frozenset(target.id for target in book.targets if answers_for(book, target) in units)
    reading = reader.read(said, Asked(on, units[0], own=own), book, ctx.knows.index)
    told = any(record.percent is not None or record.quantities for record in reading.records)
    if reading.kind not in ("report", "correction") or not told:
        return None
    now = (await people.liaison_of(ctx.conn, [units[0]])).get(units[0])
    who = f"现在是{now.name}，请转告" if now else "请与市百千万办联系"
    return Text(f"您已不是{units[0]}的联络员（{who}），这条没有入台账。您以前报的都保留。")


def _reports(said: str, ctx: Context) -> bool:
    """Numbers for a point that is named by its number: nothing one would say as a question."""
    if not _COUNTED.search(said.strip()):
        return False
    on = ctx.now.astimezone(SHANGHAI).date()
    reading = reader.read(said, Asked(on), ctx.knows.book, ctx.knows.index)
    told = any(record.percent is not None or record.quantities for record in reading.records)
    return reading.kind in ("report", "correction") and (told or said.strip()[0] in "①②③④⑤⑥⑦⑧⑨⑩")


def _how_to_be_bound(message: Message, unit: str) -> str:
    return (
        f"绑定由市百千万办办理：请把您的账号（{message.person}）、姓名和单位告诉市百千万办，"
        f"管理员回复“绑定 {message.person} 姓名 {unit or '单位'}联络员”即可。"
        "绑定后您在这里说的进展就会入台账。"
    )
