"""A leader says when he wants his digest and of what: “每天9点发我”, “只看产业”, “周末不要”, “我挂钩凤凰镇”.

Several may stand in one message; an admin says the same for him, beginning with his name. Every change is
answered with the whole setting, so that nobody has to remember it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import time

from handlers.context import Context, UserError, typed
from handlers.digest import reader_here
from knowledge.book import Book
from knowledge.header import chinese_number
from scheduler.digests import reader_of
from storage import people, subscriptions
from storage.message import Message, Reply, Text
from storage.person import Person
from storage.subscriptions import Scope, Subscription

EARLIEST, LATEST = time(7, 30), time(17, 50)  # between the first and the last look of the ticker

_AT = re.compile(
    r"(?P<often>每天|每日|每个?工作日|以后)?的?(?P<part>早上|早晨|上午|中午|下午|傍晚)?"
    r"(?P<hour>\d{1,2}|[一二三四五六七八九十]{1,3})[点时:](?P<minute>半|一刻|三刻|[0-5]?\d)?分?"
    r"(?P<what>(?:给我|把)?(?:发|推送|看|收|要)?(?:给?我)?的?(?:每日|今日)?专报(?:发给?我)?|发给?我|给我发?)?"
)
_ONLY = re.compile(r"(?:专报)?(?:以后)?只(?:要|想)?看(?P<what>.+?)(?:的|方面|这块|部分的)?")
_LINK = re.compile(r"我(?:是)?(?:挂钩|挂点|联系|分管|包联|驻点|负责联系)(?:的是|联系)?(?P<what>.+)")
_UNLINK = re.compile(r"(?:我)?(?:不再|取消|不)(?:挂钩|联系|分管)(?P<what>.+)")
_QUESTION = re.compile(r"[谁吗呢几?]|哪|什么|多少|怎么|如何|是否")
_REST = r"(?:周末|节假日|休息日)(?:和节假日)?"
_NO_NEWS = r"(?:没有?|无)(?:新情况|变化|新的?|事)(?:的?(?:话|时候?))?"
_FROM_NOW, _NO_MORE = r"(?:专报)?(?:以后)?", r"(?:不用|不要|不必|别|不)再?"
_SEND, _IMAGE = r"(?:发|带|配|附|加|要)", r"(?:图片?|图表|卡片)"
_SWITCHES: tuple[tuple[str, Callable[[Subscription], Subscription]], ...] = (
    (rf"{_REST}就?(?:不要|不发|别发|不用发?|不看)(?:了|专报)?", lambda one: replace(one, weekends=False)),
    (rf"{_REST}也?(?:要|发|看|照发)(?:发|专报)?", lambda one: replace(one, weekends=True)),
    (rf"{_NO_NEWS}就?(?:不用|不要|不必|别)发(?:了|专报)?", lambda one: replace(one, empty_line=False)),
    (rf"{_NO_NEWS}也要?(?:发|告诉我)(?:一行|一句|专报)?", lambda one: replace(one, empty_line=True)),
    (
        r"(?:恢复|看|要)全部|全部都?看|恢复默认",
        lambda one: replace(one, scope=Scope(linked=one.scope.linked)),
    ),
    (rf"{_FROM_NOW}(?:不用|不要|不必|别)再?发(?:专报)?了?", lambda one: replace(one, active=False)),
    (
        rf"{_FROM_NOW}(?:都|也|再)?{_SEND}(?:一?张)?{_IMAGE}|{_IMAGE}也要",
        lambda one: replace(one, picture=True),
    ),
    (
        rf"{_FROM_NOW}{_NO_MORE}{_SEND}?{_IMAGE}了?|{_IMAGE}{_NO_MORE}发?了?",
        lambda one: replace(one, picture=False),
    ),
    (r"(?:停发?|取消|退订)专报", lambda one: replace(one, active=False)),
    (r"(?:恢复|继续|重新)(?:发|收)?专报(?:发我)?", lambda one: replace(one, active=True)),
)
_NOISE = frozenset({"专报", "每日专报", "请", "谢谢", "发我", "发给他"})
_LEFT_OVER = 8  # characters of a part of a wish that was not understood
_SHOW = frozenset({"专报设置", "我的专报", "我的专报设置", "专报怎么设的", "我的订阅", "订阅"})
_USAGE = (
    "可以这样说：每天9点发我；只看产业；周末不要；我挂钩凤凰镇；带图；没有新情况就不用发；恢复全部；不用发了"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a message asks for: changes in the order they were said, and what of it was not understood."""

    changes: tuple[Callable[[Subscription], Subscription], ...]
    missed: tuple[str, ...] = ()

    def on(self, one: Subscription) -> Subscription:
        for change in self.changes:
            one = change(one)
        return one


async def change(message: Message, ctx: Context) -> Reply | None:
    """A leader's own wish, or an admin's for a leader whose name stands first."""
    said = _folded(message)
    reader = await reader_here(ctx) if said else None
    if reader is None:
        return None
    if said in _SHOW:
        return Text(described(await subscriptions.of(ctx.conn, message.person), ctx.knows.book))
    if (wish := read_wish(said, ctx.knows.book)) is not None:
        return await _put(message.person, "您", wish, ctx)
    return await _for_another(said, ctx) if ctx.is_admin else None


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
    missed = f"\n“{'，'.join(wish.missed)}”没有听懂，没有设。{_USAGE}" if wish.missed else ""
    return Text(told + described(after, ctx.knows.book) + missed)


# --- reading what was said ----------------------------------------------------------------------------


def _folded(message: Message) -> str:
    return unicodedata.normalize("NFKC", typed(message)).strip().rstrip("。!?")


def read_wish(said: str, book: Book) -> Wish | None:
    """None for what is no wish: a question, or words of which only one of many could be one."""
    whole = _one(re.sub(r"\s+", "", said), book)
    if whole is not None:
        return Wish((whole,))
    parts = [part for part in re.split(r"[,;。\s]+", said) if part and part not in _NOISE]
    changes = [(part, _one(part, book)) for part in parts]
    known = tuple(one for _, one in changes if one is not None)
    missed = tuple(part for part, one in changes if one is None)
    if not known or (missed and not _plainly_a_wish(parts, missed)):
        return None
    return Wish(known, missed)


def _plainly_a_wish(parts: Sequence[str], missed: Sequence[str]) -> bool:
    """“每天9点发我，发图”: an hour is nothing but a wish, and what is left over no question of its own."""
    timed = any((found := _AT.fullmatch(part)) and found["often"] and found["what"] for part in parts)
    return timed and not any(len(part) > _LEFT_OVER or _QUESTION.search(part) for part in missed)


def _one(part: str, book: Book) -> Callable[[Subscription], Subscription] | None:
    if _QUESTION.search(part):  # a leader's question stays a question
        return None
    if (found := _AT.fullmatch(part)) and (found["often"] or found["what"]):
        at = _time(found)
        return lambda one: replace(one, at=at, active=True)
    for pattern, switch in _SWITCHES:
        if re.fullmatch(pattern, part):
            return switch
    if found := _ONLY.fullmatch(part):
        return _narrowed(found["what"], book)
    if found := _UNLINK.fullmatch(part):
        return _unlinked(_names(found["what"], book))
    if (found := _LINK.fullmatch(part)) and _only_names(found["what"], book):
        return _linked(_names(found["what"], book))
    return None


def _time(found: re.Match[str]) -> time:
    hour = int(found["hour"]) if found["hour"].isdigit() else chinese_number(found["hour"]) or 0
    minute = {"半": 30, "一刻": 15, "三刻": 45}.get(found["minute"] or "0") or _minutes(found["minute"])
    if found["part"] in ("下午", "傍晚") and hour < 12:
        hour += 12
    if not hour <= 23 or not EARLIEST <= time(hour, minute) <= LATEST:
        raise UserError("专报在7:30到17:50之间发送，请选这段时间里的一刻，例如：每天9点发我")
    return time(hour, minute)


def _minutes(words: str | None) -> int:
    return int(words) if words and words.isdigit() else 0


def _narrowed(what: str, book: Book) -> Callable[[Subscription], Subscription]:
    scope = scope_of(what, book)
    return lambda one: replace(one, scope=replace(scope, linked=one.scope.linked))


def scope_of(what: str, book: Book) -> Scope:
    """产业; 第三部分; 要点17、19; 潮安区. Raises UserError naming what there is to choose from."""
    scope = Scope()
    for name in filter(None, re.split(r"[、,和及]", what)):
        if section := _section(name, book):
            scope = replace(scope, sections=(*scope.sections, section))
        elif (number := re.fullmatch(r"(?:要点|第)?(\d{1,3})[点条项]?", name)) and book.notice.point(
            int(number[1])
        ):
            scope = replace(scope, points=(*scope.points, int(number[1])))
        else:
            scope = replace(scope, units=(*scope.units, *_units(name, book)))
    return scope


def _section(name: str, book: Book) -> int | None:
    """By its number or by words of its title."""
    found = re.fullmatch(r"第?(\d|[一二三四五六七八九十]+)(?:部分|板块|块)", name)
    if found:
        number = int(found[1]) if found[1].isdigit() else chinese_number(found[1])
        return number if number and book.notice.section(number) else None
    word = name.removesuffix("部分").removesuffix("板块")
    hits = [one.number for one in book.notice.sections if len(word) > 1 and word in one.title]
    return hits[0] if len(hits) == 1 else None


def _units(name: str, book: Book) -> list[str]:
    named = [one.unit or one.area for one in book.directory.find(name)]
    if not named:
        sections = "、".join(f"第{one.number}部分“{one.title}”" for one in book.notice.sections)
        raise UserError(f"“{name}”不知道指哪一部分。可以写{sections}，也可以写要点号、单位或县（区）。")
    return [one.short for one in named if one]


def _names(what: str, book: Book) -> tuple[str, ...]:
    """Towns, counties and units, as the directory calls them, and points by number."""
    points = [f"要点{number}" for number in re.findall(r"(?:要点|第)(\d{1,3})", what)]
    known = [name for name in points if book.notice.point(int(name[2:]))]
    found = [one.town or (one.unit or one.area) for one in book.directory.find(what)]
    names = known + [one if isinstance(one, str) else one.short for one in found if one]
    if not names:
        raise UserError(f"名录里没有“{what}”。请写镇街、县（区）或单位的名称，例如：我挂钩凤凰镇")
    return tuple(dict.fromkeys(names))


def _only_names(what: str, book: Book) -> bool:
    """“我挂钩凤凰镇,让他们来汇报” is an order to somebody, not a list."""
    others = [part for part in re.split(r"[,;。]", what)[1:] if part]
    return all(book.directory.find(one) or re.search(r"(?:要点|第)\d", one) for one in others)


def _linked(names: Sequence[str]) -> Callable[[Subscription], Subscription]:
    return lambda one: replace(
        one, scope=replace(one.scope, linked=tuple(dict.fromkeys((*one.scope.linked, *names))))
    )


def _unlinked(names: Sequence[str]) -> Callable[[Subscription], Subscription]:
    return lambda one: replace(
        one, scope=replace(one.scope, linked=tuple(n for n in one.scope.linked if n not in names))
    )


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
