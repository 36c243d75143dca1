"""What a leader wishes of his digest, read from his own words: “改成9点发”, “只看产业”, “双休日不要”.

Pure: a book and words come in, changes of a subscription come out. A question stays a question, and of a
message of which only a part was understood the rest is handed back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import time

from handlers.context import UserError
from knowledge.book import Book
from knowledge.header import chinese_number
from storage.subscriptions import Scope, Subscription

EARLIEST, LATEST = time(7, 30), time(17, 50)  # between the first and the last look of the ticker
HOW = (
    "可以这样说：每天9点发我；只看产业；周末不要；我挂钩凤凰镇；带图；没有新情况就不用发；恢复全部；不用发了"
)

Change = Callable[[Subscription], Subscription]

_HAN = "一二两三四五六七八九十"
_LEAD = re.compile(
    r"请|麻烦|帮我|帮忙|(?:从)?(?:今天|明天|后天|下周|下个?月|现在|本周)(?:起|开始)|以后|今后|往后|改一下|我想|我要"
)
_DIGEST = re.compile(r"(?:我的|给我的|发我的|把)?(?:每日|今日|每天的?)?专报(?:的?(?:发送)?时间)?")
_POLITE = re.compile(r"(?:能不能|可不可以|能否|可否|可以|能)(?P<core>.+?)[吗么]?")
_TAIL = re.compile(r"(?:就(?:行|好|可以|够)了?|即可|吧|哦|啊|谢谢|[,。.!~])+$")
_AT = re.compile(
    r"(?P<often>每天|每日|天天|每个?工作日|工作日|以后)?(?:都|就)?的?"
    r"(?P<changed>(?:改|调整?|换|提前|推迟|延后|定|设|放)(?:到|成|为|在|至))?(?:每天|每日)?"
    r"(?P<part>大?清早|早上|早晨|一早|早|上午|中午|下午|傍晚|晚上|晚|夜里)?"
    rf"(?P<hour>\d{{1,2}}|[{_HAN}]{{1,3}})[点时:]钟?(?P<minute>半|一刻|三刻|[0-5]?\d|[{_HAN}]{{1,3}})?分?(?:左右)?"
    r"(?:再|就)?(?P<what>(?:给我|把)?(?:发|推送?|看|收|要)?(?:给?我)?的?(?:每日|今日)?专报(?:发给?我)?"
    r"|发给?我|给我(?:发|推送?)?|推送?(?:给?我)?|发)?"
)
_ONLY = re.compile(
    r"(?:专报)?(?:别的不看)?只(?:需)?(?:要|想|用)?(?P<verb>看|关注|关心|发|推|要)(?P<what>.+?)"
    r"(?:的|方面|这一?块|部分的|板块的|相关)*(?:内容|情况)?"
)
_ENOUGH = re.compile(r"(?P<what>.+?)(?:方面|部分|板块|这一?块)的?(?:就行|就好|就可以|就够)了?")
_KIND = r"(?:挂钩|挂点|联系|分管|包联|驻点|负责联系|蹲点)(?:联系)?"
_LINK = re.compile(
    rf"我(?:的)?(?:是)?{_KIND}(?:的)?(?:镇街?|乡镇|街道|单位|县区?|点)?(?:的)?(?:是|在)?(?P<what>.+)"
)
_BARE_LINK = re.compile(r"(?:挂钩|挂点|包联|驻点)(?:联系)?的?(?:镇街?|点)?(?:是|在)?(?P<what>.+)")
_UNLINK = re.compile(r"(?:我)?(?:(?:不再|取消|不)(?:挂钩|挂点|联系|分管|包联)|去掉|删掉)(?P<what>.+?)了?")
_QUESTION = re.compile(r"[谁吗呢几?]|哪|什么(?!新|变化|事|情况)|多少|怎么|如何|是否")
_OTHERS = re.compile(r"(?:别的|其他的?|其它的?|其余的?)(?:都|就)?(?:不看|不要|不用发?|不用看)了?")
_REST = (
    r"(?:周末|双休日?|周六[、和]?周?[日天]|星期六[、和]?(?:星期)?[日天]|节假日|假日|休息日|放假|假期|非工作日)"
    r"(?:[、和]?节假日)?(?:的?(?:时候|期间))?"
)
_NO_NEWS = r"(?:没有?|无)什?么?(?:新情况|新变化|变化|情况|新的?|事)(?:的?(?:话|时候?|日子))?"
_NO_MORE = r"(?:不用|不要|不必|不需要|别)再?"
_SEND, _IMAGE = r"(?:发|带|配|附|加|要)", r"(?:图片?|图表|卡片)"
_OUT = r"(?:发|推送?|报)"
_STOP = rf"(?:先|暂时|就)*(?:{_NO_MORE}(?:给我|向我)?{_OUT}(?:给?我)?|停发|停止{_OUT}|暂停{_OUT})(?:了|专报)*"
_SWITCHES: tuple[tuple[str, Change], ...] = (
    (
        rf"{_REST}(?:就|都|也)*(?:不要|不发|不推|不用|不必|不看|不需要|别|免|停)(?:再|给我)*{_OUT}?(?:了|专报)*",
        lambda one: replace(one, weekends=False),
    ),
    (
        rf"{_REST}(?:也|都|照样?)*(?:要|{_OUT}|看)(?:{_OUT}|看|专报|给?我)*",
        lambda one: replace(one, weekends=True),
    ),
    (
        rf"{_NO_NEWS}(?:就|的)*(?:不用|不要|不必|不|别|免)(?:给我)?{_OUT}(?:了|专报)*",
        lambda one: replace(one, empty_line=False),
    ),
    (
        rf"{_NO_NEWS}也要?(?:{_OUT}|告诉我|说)(?:我|一行|一句|一声|专报)*",
        lambda one: replace(one, empty_line=True),
    ),
    (
        r"(?:恢复|看|要)全部|全部都?看|恢复默认",
        lambda one: replace(one, scope=Scope(linked=one.scope.linked)),
    ),
    (_STOP, lambda one: replace(one, active=False)),
    (rf"(?:都|也|再)?{_SEND}(?:一?张)?{_IMAGE}|{_IMAGE}也要", lambda one: replace(one, picture=True)),
    (rf"{_NO_MORE}{_SEND}?{_IMAGE}了?|{_IMAGE}{_NO_MORE}发?了?", lambda one: replace(one, picture=False)),
    (r"(?:停发?|取消|退订|关掉|关闭|停掉|暂停)(?:每日)?专报", lambda one: replace(one, active=False)),
    (rf"(?:恢复|继续|重新)(?:{_OUT}|收)?(?:每日)?专报(?:发?给?我)?", lambda one: replace(one, active=True)),
    (r"(?:恢复|继续|重新)(?:发|推送)(?:给?我)?", lambda one: replace(one, active=True)),
)
# What is plain only behind “专报”.
_OF_DIGEST: tuple[tuple[str, Change], ...] = (
    (
        r"(?:先|暂时|就)*(?:停|停发|停掉|停一停|停一下|暂停|取消|关掉|关闭|退订|不用|不要|不看)(?:一下)?了?",
        lambda one: replace(one, active=False),
    ),
    (r"(?:恢复|继续|重新发|照发)", lambda one: replace(one, active=True)),
)
_ONLY_WEEKLY = re.compile(r"(?:每周)?只(?:要|看|发|想看|收)(?:给?我)?(?:每?周报|每周的)")
_NOISE = frozenset({"专报", "每日专报", "请", "谢谢", "发我", "发给他"})
_LEFT_OVER = 8  # characters of a part of a wish that was not understood


@dataclass(frozen=True, slots=True)
class Wish:
    """What a message asks for: changes in the order they were said, and what of it was not understood."""

    changes: tuple[Change, ...]
    missed: tuple[str, ...] = ()

    def on(self, one: Subscription) -> Subscription:
        for change in self.changes:
            one = change(one)
        return one


def read_wish(said: str, book: Book, *, of_digest: bool = False) -> Wish | None:
    """None for what is no wish: a question, or words of which only one of many could be one. `of_digest`: it
    was said that the digest is meant."""
    whole = _one(re.sub(r"\s+", "", said), book, of_digest)
    if whole is not None:
        return Wish((whole,))
    parts = [part for part in re.split(r"[,;。\s]+", said) if part and part not in _NOISE]
    parts = [part for part in parts if not _OTHERS.fullmatch(part)]
    changes = [(part, _one(part, book, of_digest)) for part in parts]
    known = tuple(one for _, one in changes if one is not None)
    missed = tuple(part for part, one in changes if one is None)
    if not known or (missed and not of_digest and not _plainly_a_wish(parts, missed)):
        return None
    return Wish(known, missed)


def _plainly_a_wish(parts: Sequence[str], missed: Sequence[str]) -> bool:
    """“每天9点发我，发图”: an hour is nothing but a wish, and what is left over no question of its own."""
    timed = any((found := _AT.fullmatch(part)) and found["often"] and found["what"] for part in parts)
    return timed and not any(len(part) > _LEFT_OVER or _QUESTION.search(part) for part in missed)


def _one(part: str, book: Book, of_digest: bool) -> Change | None:
    if enough := _ENOUGH.fullmatch(part):
        return _if_known(enough["what"], book)
    part = _TAIL.sub("", part)
    if polite := _POLITE.fullmatch(part):
        part = polite["core"]
    if _QUESTION.search(part):  # a leader's question stays a question
        return None
    bare, meant = _core(part)
    return _timed(bare, of_digest or meant) or _switched(bare, of_digest or meant) or _placed(bare, book)


def _core(part: str) -> tuple[str, bool]:
    """Without what only leads to it; whether it named the digest."""
    meant = False
    while True:
        if found := _LEAD.match(part):
            part = part[found.end() :]
        elif (found := _DIGEST.match(part)) and found.end() < len(part):
            part, meant = part[found.end() :].removeprefix("的"), True
        else:
            return part, meant


def _timed(part: str, meant: bool) -> Change | None:
    found = _AT.fullmatch(part)
    if found is None or not (meant or found["often"] or found["what"] or found["changed"]):
        return None
    at = _time(found)
    return lambda one: replace(one, at=at, active=True)


def _switched(part: str, meant: bool) -> Change | None:
    if _ONLY_WEEKLY.fullmatch(part):
        raise UserError(
            "眼下不能只发周报：每周第一个工作日的周报随专报一起订。"
            "可以回复“没有新情况就不用发”；或者回复“不用发了”，想看时回复“周报”。"
        )
    switches = (*_SWITCHES, *_OF_DIGEST) if meant else _SWITCHES
    return next((switch for pattern, switch in switches if re.fullmatch(pattern, part)), None)


def _placed(part: str, book: Book) -> Change | None:
    """What it is to be about, and the places he is linked with."""
    if found := _ONLY.fullmatch(part):
        return _narrowed(found["what"], book) if found["verb"] == "看" else _if_known(found["what"], book)
    if (found := _UNLINK.fullmatch(part)) and (part[0] not in "去删" or _all_names(found["what"], book)):
        return _unlinked(_names(found["what"], book))
    if (found := _LINK.fullmatch(part)) and _only_names(found["what"], book):
        return _linked(_names(found["what"], book))
    if (found := _BARE_LINK.fullmatch(part)) and _all_names(found["what"], book):
        return _linked(_names(found["what"], book))
    return None


def _time(found: re.Match[str]) -> time:
    hour = _number(found["hour"])
    minute = {"半": 30, "一刻": 15, "三刻": 45}.get(found["minute"] or "0")
    minute = _number(found["minute"]) if minute is None else minute
    if found["part"] in ("下午", "傍晚", "晚上", "晚", "夜里") and hour < 12:
        hour += 12
    if not hour <= 23 or minute > 59 or not EARLIEST <= time(hour, minute) <= LATEST:
        raise UserError("专报在7:30到17:50之间发送，请选这段时间里的一刻，例如：每天9点发我")
    return time(hour, minute)


def _number(words: str | None) -> int:
    if not words or words.isdigit():
        return int(words or 0)
    return chinese_number(words.replace("两", "二")) or 0


def _if_known(what: str, book: Book) -> Change | None:
    """For words that may mean something else: nothing where they are more than names of parts of the work."""
    names = [name for name in re.split(r"[、,和及]", what) if name]
    point = re.compile(r"(?:要点|第)?\d{1,3}[点条项]?")
    known = all(_section(one, book) or point.fullmatch(one) or _all_names(one, book) for one in names)
    return _narrowed(what, book) if known else None


def _narrowed(what: str, book: Book) -> Change:
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
        raise UserError(
            f"名录里没有“{what}”。请写镇街、县（区）或单位的名称，例如：我挂钩凤凰镇；只要一个板块的，例如：只看产业"
        )
    return tuple(dict.fromkeys(names))


def _all_names(what: str, book: Book) -> bool:
    """“凤凰镇、彩塘镇” and nothing else."""
    pieces = [piece for piece in re.split(r"[、和及与,]", what) if piece]
    return all(
        re.fullmatch(r"\S{2,8}[镇街道区县局办委乡]", one) and book.directory.find(one) for one in pieces
    )


def _only_names(what: str, book: Book) -> bool:
    """“我挂钩凤凰镇,让他们来汇报” is an order to somebody, not a list."""
    others = [part for part in re.split(r"[,;。]", what)[1:] if part]
    return all(book.directory.find(one) or re.search(r"(?:要点|第)\d", one) for one in others)


def _linked(names: Sequence[str]) -> Change:
    return lambda one: replace(
        one, scope=replace(one.scope, linked=tuple(dict.fromkeys((*one.scope.linked, *names))))
    )


def _unlinked(names: Sequence[str]) -> Change:
    return lambda one: replace(
        one, scope=replace(one.scope, linked=tuple(n for n in one.scope.linked if n not in names))
    )
