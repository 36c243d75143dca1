"""A leader says when he wants his digest and of what: “每天9点发我”, “只看产业”, “周末不要”, “我挂钩凤凰镇”.

Several may stand in one message; an admin says the same for him, with his name in front. Every change is
answered with the whole setting, so that nobody has to remember it. `handlers/wishes.py` reads the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from handlers.context import Context, UserError, folded
from handlers.digest import reader_here
from handlers.wishes import HOW, Wish, read_wish
from knowledge.book import Book
from scheduler.digests import reader_of
from storage import people, subscriptions
from storage.message import Message, Reply, Text
from storage.person import Person
from storage.subscriptions import Scope, Subscription

_SHOW = re.compile(
    r"(?:我的)?(?:专报)?(?:设置|订阅)(?:情况)?|我的专报(?:设置)?"
    r"|(?:我的)?专报(?:是)?(?:怎么设的?|怎么(?:调|改|定)|(?:每天)?(?:几点|什么时候|何时)发的?)"
)
_BEFORE = re.compile(r"请?(?:把|给|帮|为|替)")  # what leads to a name
_TITLE = r"(?:同志|领导|(?:副?(?:市长|书记|主席|主任|秘书长)))?"
_ABOUT = re.compile(
    rf"{_TITLE}(?:的|设置?|订|开)*(?P<digest>(?:每日)?专报)?(?:设置?(?:成|为)?)?[\s,:]*(?P<wish>.*)",
    re.DOTALL,
)
_OWN = re.compile(r"每[天日]|只看|挂钩|挂点|周末|双休|节假日")  # what needs no “专报” to be about one


async def change(message: Message, ctx: Context) -> Reply | None:
    """A leader's own wish, or an admin's for a leader whose name stands first."""
    said = folded(message)
    reader = await reader_here(ctx) if said else None
    if reader is None:
        return None
    if _SHOW.fullmatch(said):
        return Text(described(await subscriptions.of(ctx.conn, message.person), ctx.knows.book))
    if ctx.is_admin and (told := await _for_named(said, ctx)) is not None:
        return told
    if (wish := read_wish(said, ctx.knows.book)) is not None:
        return await _put(message.person, "您", wish, ctx)
    return await _for_another(said, ctx) if ctx.is_admin else None


async def _for_named(said: str, ctx: Context) -> Reply | None:
    """“周敏的专报改成9点”, “给周敏设专报：每天9点，周末不要”, “周敏挂钩凤凰镇”: a leader who is known."""
    rest = _BEFORE.sub("", said, count=1) if _BEFORE.match(said) else said
    leaders = _leading(await people.everybody(ctx.conn))
    named = next((one for one in leaders if one.name and rest.startswith(one.name)), None)
    if named is None:
        return None
    found = _ABOUT.fullmatch(rest[len(named.name) :])
    if found is None or not (found["digest"] or _OWN.search(found["wish"])):
        return None
    if found["digest"] and _SHOW.fullmatch(f"专报{found['wish']}" if found["wish"] else "专报设置"):
        leader = await _leader(named.name, ctx) or named
        return Text(
            f"{leader.name}：" + described(await subscriptions.of(ctx.conn, leader.userid), ctx.knows.book)
        )
    wish = read_wish(found["wish"].removeprefix("我"), ctx.knows.book, of_digest=bool(found["digest"]))
    leader = await _leader(named.name, ctx) or named
    return await _put(leader.userid, leader.name, wish, ctx) if wish else None


def _leading(found: Iterable[Person]) -> list[Person]:
    """Longest names first."""
    return sorted((one for one in found if one.role in ("leader", "admin")), key=lambda one: -len(one.name))


async def _for_another(said: str, ctx: Context) -> Reply | None:
    """“周敏 每天9点 专报 只看产业”"""
    name, _, rest = said.partition(" ")
    if not rest or ("专报" not in rest and not re.match(r"每[天日]", rest)):
        return None
    wish = read_wish(rest, ctx.knows.book)
    if wish is None:
        return None
    leader = await _leader(name, ctx)
    if leader is None:
        raise UserError(f"没有找到叫“{name}”的领导。请先把他导入人员表（角色为分管领导），或核对姓名。")
    return await _put(leader.userid, leader.name, wish, ctx)


async def _leader(name: str, ctx: Context) -> Person | None:
    found = [
        one
        for one in await people.everybody(ctx.conn)
        if name in (one.name, one.userid) and one.role in ("leader", "admin")
    ]
    if len({one.userid for one in found}) > 1:
        raise UserError(f"叫“{name}”的不止一位，请写成员账号：{'、'.join(one.userid for one in found)}")
    return found[0] if found else None


async def _put(person: str, name: str, wish: Wish, ctx: Context) -> Reply:
    before = await subscriptions.of(ctx.conn, person)
    after = wish.on(before)
    bindings = (await people.bindings(ctx.conn, [person])).get(person.lower(), ())
    if reader_of(person, bindings, after, is_admin=ctx.is_admin and name == "您") is None:
        raise UserError("专报只发给领导和市百千万办。")
    await subscriptions.put(ctx.conn, after, by=ctx.message.person, now=ctx.now)
    told = f"已为{name}设好。" if name != "您" else "好的，已按您说的设好。"
    missed = f"\n“{'，'.join(wish.missed)}”没有听懂，没有设。{HOW}" if wish.missed else ""
    return Text(told + described(after, ctx.knows.book) + missed)


# --- telling ------------------------------------------------------------------------------------------


def described(one: Subscription, book: Book) -> str:
    """The whole setting in a sentence or three."""
    if not one.active:
        return "专报已停发。想看时回复“今日专报”；要恢复请回复“恢复专报”。"
    days = "每天（周末和节假日有新情况时也发）" if one.weekends else "工作日"
    parts = [f"专报{days}{one.at.hour}:{one.at:%M}起十分钟内发出", f"内容：{_about(one.scope, book)}"]
    if one.scope.linked:
        parts.append(f"挂钩：{'、'.join(one.scope.linked)}")
    if one.picture is not None:
        parts.append("后面再发一张图" if one.picture else "不发图")
    parts.append("没有新情况时发一行" if one.empty_line else "没有新情况时不发")
    return "；".join(parts) + "。每周第一个工作日发周报代替专报。随时可以回复“今日专报”查看。"


def _about(scope: Scope, book: Book) -> str:
    titles = [section.title for number in scope.sections if (section := book.notice.section(number))]
    points = [f"要点{'、'.join(map(str, scope.points))}"] if scope.points else []
    return "、".join([*titles, *points, *scope.units]) or "全部要点"
