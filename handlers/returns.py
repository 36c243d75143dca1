"""退回补充 in chat: the office sends a report back for what it lacks; the second time it telephones.

A returned prompt waits again, two working days; only what was asked for need be told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from handlers import telling
from handlers.context import Context, UserError, only_admins, typed
from storage import drafts, extensions, people, quiets, rounds
from storage.drafts import Draft
from storage.extensions import GRANTED, RETURNED, Extension
from storage.message import Message, Reply, Text
from storage.people import Person
from storage.rounds import Asked
from supervision import escalation, quiet
from supervision.rounds import due_words
from supervision.workdays import SHANGHAI

_BACK = re.compile(
    r"(?:退回补充|退回|打回)\s*(?P<unit>\S+?)\s*(?:的)?要点\s*(?P<point>\d{1,2})[\s,，:：]+(?P<what>.+)",
    re.DOTALL,
)
_COMMAND = re.compile(r"(?:请|把|将|麻烦|帮我)*(?P<back>退回|打回)?(?:补充)?(?:一下)?\s*")
_THEIRS = r"(?:的|报的?|那个|那份|那条|那边|数字?|数据|进展|月报|材料)*"
_POINT = r"(?:的?(?:要点|第)\s*(?P<point>\d{1,2})\s*[项点条]?)?"
_REASON = r"(?:[\s,，。:：]+(?P<what>.+))?"
_AFTER = re.compile(rf"{_THEIRS}{_POINT}{_REASON}", re.DOTALL)  # 退回交通局，危桥要写清楚
_AHEAD = re.compile(  # 交通局那个退回，数字和上月对不上
    rf"{_THEIRS}{_POINT}{_THEIRS}(?:请|要|先)?(?:退回|打回)(?:去|一下|补充|给他们?)*{_REASON}", re.DOTALL
)
_AGAIN = re.compile(  # 交通局报的公路不对，让他们再核一下
    r"报的(?P<thing>[^,，。]{0,12}?)(?:不对|有误|有问题|对不上)[\s,，。]*(?:请|让|叫|要)(?:他们?)?(?:再|重新)?(?P<do>[核报补查写].*)"
)
_DAYS_BACK = 2  # working days after a return
_TIMES = 2  # a second return is made by telephone
_SINCE = timedelta(days=60)


async def give_back(message: Message, ctx: Context) -> Reply | None:
    """“退回 市交通运输局 要点17 请写明镇街和原因”: two working days; the second time by telephone; admins."""
    wish = _wish(typed(message).strip(), ctx)
    if wish is None:
        return None
    only_admins(ctx, "退回补充由市百千万办管理员进行")
    asked = await _reported(wish, ctx)
    what = wish.what.rstrip("。")
    before = (await extensions.of_prompts(ctx.conn, [asked.prompt.id])).get(asked.prompt.id, [])
    times = 1 + sum(one.kind == RETURNED for one in before)
    due = ctx.workdays.shift(ctx.now.astimezone(SHANGHAI).date(), _DAYS_BACK)
    until = ctx.workdays.due_at(due)
    row = Extension(
        asked.prompt.id, RETURNED, asked.prompt.point, asked.prompt.unit, message.person, message.key,
        ctx.now, until, what, GRANTED, ctx.now, message.person,
    )  # fmt: skip
    (written,) = await extensions.ask(ctx.conn, [row])
    await rounds.mark(ctx.conn, asked.prompt.id, rounds.PARTIAL, now=ctx.now, key=message.key)
    liaison = (await people.liaison_of(ctx.conn, [row.unit])).get(row.unit)
    if times >= _TIMES or liaison is None:
        return await _by_phone(written, asked, times, liaison, ctx)
    await _send_back(written, asked, liaison, ctx)
    return Text(f"已退回{row.unit}要点{row.point}，请{liaison.name}于{due_words(until)}前补充。")


@dataclass(frozen=True, slots=True)
class _Wish:
    """Whose report is to go back, of which point (None where none was named), and what it lacks."""

    unit: str
    point: int | None
    what: str


def _wish(said: str, ctx: Context) -> _Wish | None:
    """As the help says it, or in an office's own words: 退回交通局，危桥要写清楚."""
    if found := _BACK.fullmatch(said):
        return _Wish(found["unit"], int(found["point"]), found["what"].strip())
    named = next(iter(ctx.knows.book.directory.find(said)), None) if ctx.is_admin else None
    owner = named and (named.unit or named.area)
    if named is None or not owner:
        return None
    head, tail = _COMMAND.fullmatch(said[: named.start]), said[named.end :]
    if head is None:
        return None
    if again := _AGAIN.fullmatch(tail):
        return _Wish(owner.short, None, f"{again['thing']}请再{again['do']}")
    found = (_AFTER if head["back"] else _AHEAD).fullmatch(tail)
    if found is None:
        return None
    return _Wish(owner.short, int(found["point"]) if found["point"] else None, (found["what"] or "").strip())


async def _reported(wish: _Wish, ctx: Context) -> Asked:
    unit = ctx.knows.book.directory.unit(wish.unit)
    if unit is None:
        raise UserError(f"单位名录里没有“{wish.unit}”。请这样写：退回 市交通运输局 要点17 请写明镇街和原因")
    asked = await rounds.of_units(ctx.conn, [unit.short], since=ctx.now - _SINCE)
    mine = [one for one in asked if wish.point in (None, one.prompt.point)]
    reported = [one for one in mine if one.prompt.state in (rounds.ANSWERED, rounds.PARTIAL)]
    which = f"要点{wish.point}" if wish.point else "进展"
    if not reported:
        raise UserError(f"{unit.short}本轮{'还没有报' if mine else '没有要报的'}{which}，没有可以退回的。")
    points = list(dict.fromkeys(one.prompt.point for one in reported))
    if len(points) > 1:
        raise UserError(
            f"{unit.short}报了要点{'、'.join(map(str, points))}，退回哪一个？"
            f"例如：退回 {unit.short} 要点{points[0]} {wish.what or '请写明镇街和原因'}"
        )
    if not wish.what:
        raise UserError(f"请写明要补充什么，例如：退回 {unit.short} 要点{points[0]} 请写明镇街和原因")
    if reported[0].round.closed_at is not None:
        raise UserError(f"“{reported[0].round.name}”已经收口，请直接联系{unit.short}，或另开专项。")
    return reported[0]


async def _send_back(row: Extension, asked: Asked, liaison: Person, ctx: Context) -> None:
    round = asked.round.name.removesuffix("报送")
    text = (
        f"【请补充】您好，要点{row.point}的{round}已收到，谢谢。请补充：\n{row.reason}\n"
        f"请于{due_words(row.until.astimezone(SHANGHAI))}前回复，其余内容不用重报。\n市百千万办"
    )
    periods = await quiets.since(ctx.conn, ctx.now)
    at = quiet.slot(ctx.now, ctx.workdays, periods)
    await telling.person(f"return:{row.id}", liaison.userid, Text(text), ctx, at=at)


async def _by_phone(row: Extension, asked: Asked, times: int, liaison: Person | None, ctx: Context) -> Reply:
    """同一份退回两次的改由办公室打电话: a to-do for the office instead of another message."""
    due = row.until.astimezone(SHANGHAI).date()
    detail = {
        "prompts": [row.prompt_id],
        "unit": row.unit,
        "round": asked.round.name.removesuffix("报送"),
        "due": due.isoformat(),
        "reply_by": due.isoformat(),
        "liaison": liaison.name if liaison else "",
        "mobile": liaison.mobile if liaison else "",
        "why": f"已退回{times}次" if liaison else "没有绑定联络员",
        "rows": [{"prompt": row.prompt_id, "point": row.point, "returned": row.reason}],
    }
    title, body = escalation.title(escalation.PHONE, detail), escalation.body(escalation.PHONE, detail)
    draft = await drafts.write(
        ctx.conn, Draft(escalation.PHONE, f"phone:{row.id}", title, body, "", detail, ctx.now)
    )
    return Text(f"这一份改由电话联系，不再发消息：\n{body}\n办完请回复：草稿{draft.id}已电话 情况")
