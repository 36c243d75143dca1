"""“报案例 …”, “报改革 …”: what units send for points 41 and 42, counted against what the notice asks.

Each county owes five of each, each unit one (the notice's own figures). Texts and files are kept as they
came.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from handlers.context import Context, UserError, folded, typed
from handlers.standing import eyes_of
from knowledge.targets import Target
from storage import cases, reports
from storage.cases import CASE, REFORM, Case
from storage.message import Message, Reply, Text
from supervision.rounds import MEMBER_UNITS
from supervision.wording import number_words
from supervision.workdays import SHANGHAI

_NAMES = {CASE: "案例", REFORM: "改革"}
_TELL = re.compile(
    r"(?:现|特|再|我?(?:们|区|县|市|局|办|单位)?要?)(?:报送?|上报|提交|推荐)(?:一个|一项|1个|1项)?(?:典型|自主)?"
    r"(?P<what>案例|改革)(?:举措|事项)?(?:如下)?(?:(?:[:：,，。、\s]+|(?=《))(?P<text>.+))?",
    re.S,
)
_LIST = re.compile(
    r"(?:各单位|各县区?)?(?:典型)?(?P<what>案例|改革)(?:举措|事项)?(?:情况|清单|有哪些|报了几个|报了多少|数|库)"
)
_FIND = re.compile(r"(?P<what>案例|改革)\s+(?P<words>\S.*)")
_WITHDRAW = re.compile(r"撤回(?P<what>案例|改革)\s*(?P<words>.*)")
_TITLE = 30  # characters of a first line that serve as a title
_LEAST = 6  # characters; less says nothing
_SHOWN = 10


def _kind(what: str) -> str:
    return CASE if what == "案例" else REFORM


async def tell(message: Message, ctx: Context) -> Reply | None:
    """“报案例 凤凰镇示范街先议后建：……”: kept for the unit, and counted."""
    found = _TELL.fullmatch(typed(message).strip())
    if found is None:
        return None
    if not ctx.units:
        raise UserError(
            "案例和改革由各单位、各县（区）指挥办的联络员报送。您还没有绑定单位，请与市百千万办联系。"
        )
    kind, text = _kind(found["what"]), (found["text"] or "").strip()
    if len(text) < _LEAST:
        raise UserError(_usage(kind))
    unit = ctx.units[0]
    doc_number = ctx.knows.book.notice.doc_number
    title = _title(text)
    if any(one.title == title for one in await cases.all(ctx.conn, doc_number, kind, unit)):
        raise UserError(
            f"“{title}”已经报过了。内容有更新的，请先回复：撤回{found['what']} {title}，再重新报。"
        )
    case = Case(doc_number, kind, unit, title, text, message.person, message.key, ctx.now)
    number = await cases.add(ctx.conn, case)
    ctx.memory = {**(ctx.memory or {}), "files_for": {"subject": f"case:{number}", "at": ctx.now.isoformat()}}
    many = (await cases.counts(ctx.conn, doc_number, kind)).get(unit, 0)
    return Text(
        f"已收{found['what']}：《{title}》，谢谢。{_against(kind, unit, many, ctx)}"
        "\n有照片、文件的，接着发来就会附在后面；要收回请回复：撤回" + found["what"]
    )


def _usage(kind: str) -> str:
    name = _NAMES[kind]
    return (
        f"请把内容一起写上，第一句当标题，例如：报{name} 凤凰镇示范街先议后建。"
        "沿街商户先议定立面标准，再由镇里统一设计……"
    )


def _title(text: str) -> str:
    """The first sentence, or what stands in book-title marks."""
    if named := re.match(r"\s*《([^》]{2,40})》", text):
        return named[1]
    first = re.split(r"[\n。;；:：]", text, maxsplit=1)[0].strip()
    return first if len(first) <= _TITLE else f"{first[:_TITLE]}……"


def _against(kind: str, unit: str, many: int, ctx: Context) -> str:
    target = _target(kind, unit, ctx)
    name = _NAMES[kind]
    if target is None or target.value is None:
        return f"贵单位累计{many}个{name}。"
    more = max(0, int(target.value) - many)
    rest = f"还差{more}个" if more else "已达到要求"
    return f"{unit}累计{many}个（要点{target.point}：{target.quote}），{rest}。"


def _target(kind: str, unit: str, ctx: Context) -> Target | None:
    """The notice's figure for this unit: its county's, else that of every unit."""
    word = "案例" if kind == CASE else "改革"
    found = [target for target in ctx.knows.book.targets if word in target.what and target.value is not None]
    own = next((target for target in found if target.scope == unit), None)
    return own or next((target for target in found if target.scope == MEMBER_UNITS), None)


async def listed(message: Message, ctx: Context) -> Reply | None:
    """“案例情况”: how many each unit sent, counties first; a liaison sees his own."""
    found = _LIST.fullmatch(folded(message))
    eyes = eyes_of(ctx)
    if found is None or not eyes.anything:
        return None
    kind = _kind(found["what"])
    doc_number = ctx.knows.book.notice.doc_number
    rows = [
        one
        for one in await cases.all(ctx.conn, doc_number, kind)
        if eyes.everything or one.unit in eyes.units
    ]
    counties = [area.short for area in ctx.knows.book.directory.counties]
    units = dict.fromkeys([*(counties if eyes.everything else eyes.units), *(one.unit for one in rows)])
    order = ctx.knows.book.directory.order_of
    figures = await reports.cumulative(ctx.conn, doc_number)
    told = {place: figure.value for place, figure in figures.items()}
    shown = sorted(units, key=lambda unit: (unit not in counties, order(unit)))
    lines = [_count_line(kind, unit, rows, told, ctx) for unit in shown]
    return Text(f"{found['what']}报送情况：\n" + "\n".join(lines[:20]))


def _count_line(
    kind: str, unit: str, rows: Sequence[Case], told: Mapping[tuple[str, str], float], ctx: Context
) -> str:
    """A number that was reported is no text that was sent: where both are told, both are shown."""
    own = [one for one in rows if one.unit == unit]
    target = _target(kind, unit, ctx)
    goal = f"（要求{target.stated}）" if target is not None and target.stated else ""
    titles = "：" + "、".join(f"《{one.title}》" for one in own[:3]) if own else ""
    number = told.get((unit, target.id)) if target is not None else None
    count = f"{len(own)}个" if number is None else f"报送{number_words(number)}个、已收材料{len(own)}个"
    return f"{unit} {count}{goal}{titles}"


async def find(message: Message, ctx: Context) -> Reply | None:
    """“案例 示范街”: the case with these words, whole. What a unit sent is shown to units and the office."""
    found = _FIND.fullmatch(folded(message))
    if found is None or not eyes_of(ctx).anything:
        return None
    kind, words = _kind(found["what"]), found["words"].split()
    doc_number = ctx.knows.book.notice.doc_number
    rows = [
        one
        for one in await cases.all(ctx.conn, doc_number, kind)
        if all(word in one.title or word in one.text for word in words)
    ]
    if not rows:
        return Text(f"{found['what']}库里没有找到“{found['words']}”。")
    if len(rows) > 1:
        shown = "\n".join(f"《{one.title}》（{one.unit}）" for one in rows[:_SHOWN])
        return Text(f"找到{len(rows)}个，请写得具体一点：\n{shown}")
    (one,) = rows
    day = one.at.astimezone(SHANGHAI)
    return Text(f"《{one.title}》（{one.unit}，{day.month}月{day.day}日报）\n{one.text}")


async def withdraw(message: Message, ctx: Context) -> Reply | None:
    """“撤回案例”: the newest one this unit sent, or the one whose title has these words."""
    found = _WITHDRAW.fullmatch(folded(message))
    if found is None or not ctx.units:
        return None
    kind, words = _kind(found["what"]), found["words"].strip("《》 ")
    doc_number = ctx.knows.book.notice.doc_number
    rows = [
        one
        for unit in ctx.units
        for one in await cases.all(ctx.conn, doc_number, kind, unit)
        if words in one.title
    ]
    if not rows:
        return Text(f"没有找到可以撤回的{found['what']}。")
    await cases.withdraw(ctx.conn, rows[0], by=message.person, now=ctx.now)
    return Text(f"已撤回{found['what']}《{rows[0].title}》，不再计数，原文留底。")
