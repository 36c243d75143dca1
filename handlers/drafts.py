"""The office decides its drafts in chat: “草稿”, “放行 草稿1”, “草稿1改为：…”, “草稿1不发 原因”, “草稿1暂缓”.

A draft's number is its own and never changes. What is let out leaves at the next decent moment; the leader
who answers is heard here, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from handlers import telling
from handlers.context import Context, UserError, only_admins, typed
from handlers.problem_office import city_leader
from storage import chats, drafts, people, reports, subscriptions
from storage.drafts import Draft
from storage.message import Card, Message, Reply, Text
from supervision import drafting, escalation, groups, listing, problem_drafts
from supervision.digest_facts import Need
from supervision.drafting import DraftError
from supervision.rounds import due_words
from supervision.saying import need
from supervision.standing import folded
from supervision.workdays import SHANGHAI

_NAME = r"草稿\s*(?:第|#)?\s*(?P<number>\d{1,6})\s*[号份]?\s*"
_LIST = frozenset({"草稿", "草稿箱", "待审草稿", "待审核草稿", "待审核的草稿", "有哪些草稿", "看草稿"})
_ONE = re.compile(rf"(?:看一?下?)?{_NAME}")
_FIRST = re.compile(rf"(?P<verb>放行|同意|发送|发出|不发|暂缓)\s*{_NAME}(?P<why>.*)", re.DOTALL)
_THEN = re.compile(
    rf"{_NAME}(?P<verb>放行|同意|发送|发出|列入通报|进入通报|已电话|已办|不发|不同意|删除|作废|暂缓)[\s,，:：(（]*"
    r"(?P<why>.*?)[)）。]*",
    re.DOTALL,
)
_CHANGE = re.compile(rf"{_NAME}(?:改为|改成|修改为)\s*[:：]?\s*(?P<body>.+)", re.DOTALL)
_NAMED = _NAME.replace("?P<number>", "")
_ALIASES = (  # other words for a decision; dropping one wants its name
    (re.compile(rf"({_NAMED}|^)(?:已经?打过?电话|打过电话|电话打过|已?经?电话联系过?)了?"), "已电话"),
    (re.compile(rf"({_NAMED}|^)(?:缓发|先?缓一?缓|先放一?放|先放着|压一压)"), "暂缓"),
    (re.compile(rf"({_NAMED})(?:先不发|先别发|推迟)"), "暂缓"),
    (re.compile(rf"({_NAMED}|^)(?:可以发|发吧|发出去|可以放行)了?"), "放行"),
    (re.compile(rf"({_NAMED})(?:不用发|不要发|别发)了?"), "不发"),
)
_WORD = re.compile(
    r"(?:(?P<verb>放行)|(?P<other>暂缓|不发|已电话|列入通报)(?:[\s,，:：(（]+(?P<why>.*?))?)[)）。]*"
)
_ALL = re.compile(r"(?:草稿)?(?:都|全部|全)放行|放行(?:全部|所有)(?:的?草稿)?")
_DONE = ("已电话", "已办", "列入通报", "进入通报")
_FOR_OFFICE = (drafts.LEVEL_TWO, drafts.LEVEL_THREE, escalation.PHONE)  # nobody to send them to
_NO, _LATER = ("不发", "不同意", "删除", "作废"), "暂缓"
_RAISE = re.compile(r"提请协调\s*要点\s*(?P<point>\d{1,2})\s*(?:给|呈|报|请)?\s*(?P<who>\S*)")
_ANSWER = re.compile(r"需协调|协调|人员变动|数据未出|有异议|不属|知悉|收到|[日号天周].{0,8}(?:前|报|办|完成)")
_BARE = re.compile(
    r"(?:恳请|请求?|希望|望)?(?:市里|市级|市|上级)?(?:层面)?(?:帮助|帮忙|给予|予以|出面)?协调(?:解决|一下)?"
)
_HEARD_FOR = timedelta(days=10)  # how long a leader's words are taken as an answer to what he was told
_LONGEST = 600  # characters of an edited draft: it must fit one message


async def listed(message: Message, ctx: Context) -> Reply | None:
    """“草稿”: what waits to be let out; “草稿1”: one of them in full; admins only."""
    said = typed(message).strip().rstrip("?？。")
    if said in _LIST:
        only_admins(ctx, "草稿由市百千万办管理员审核")
        await drafting.settle(ctx.conn, ctx.now)
        found = await drafts.open(ctx.conn)
        return _shown(listing.card(found), ctx) if found else Text("没有待审核的草稿。")
    if one := _ONE.fullmatch(said):
        only_admins(ctx, "草稿由市百千万办管理员审核")
        draft = await _draft(int(one["number"]), ctx)
        if draft.state in drafts.OPEN:
            return Text(listing.draft_text(draft))
        return Text(f"{_decided(draft)}\n{draft.body}")
    return None


def _shown(card: Card, ctx: Context) -> Reply:
    return card if ctx.cards else Text(card.text)


async def _draft(number: int, ctx: Context) -> Draft:
    found = await drafts.one(ctx.conn, number)
    if found is None:
        raise UserError(f"没有草稿{number}。请回复“草稿”看清单。")
    return found


def _decided(draft: Draft) -> str:
    what = "放行" if draft.state == drafts.RELEASED else "撤下"
    on = draft.decided_at.astimezone(SHANGHAI) if draft.decided_at else None
    when = f"{on.month}月{on.day}日" if on else ""
    why = f"（{draft.reason}）" if draft.reason else ""
    return f"草稿{draft.id}已由{draft.decided_by}{when}{what}{why}。"


async def decide(message: Message, ctx: Context) -> Reply | None:
    """Lets a draft out, drops it or puts it off, with the reason where one was given; admins only."""
    said = _in_usual_words(typed(message).strip())
    found = _FIRST.fullmatch(said) or _THEN.fullmatch(said)
    if found is None:
        return await _by_one_word(said, ctx) if ctx.is_admin else None
    only_admins(ctx, "草稿由市百千万办管理员审核")
    draft = await _draft(int(found["number"]), ctx)
    if draft.state not in drafts.OPEN:
        return Text(_decided(draft))
    return Text(await _tried(found["verb"], found["why"].strip(" 。,，:：()（）"), draft, ctx))


def _in_usual_words(said: str) -> str:
    """“草稿1先放一放” is “草稿1暂缓”."""
    for alias, verb in _ALIASES:
        if alias.match(said):
            return alias.sub(rf"\g<1>{verb}", said, count=1)
    return said


async def _by_one_word(said: str, ctx: Context) -> Reply | None:
    """“放行”, “暂缓 等台风过后”: the one draft that waits; where several do, their list."""
    found, everything = _WORD.fullmatch(said), _ALL.fullmatch(said)
    if found is None and everything is None:
        return None
    await drafting.settle(ctx.conn, ctx.now)
    waiting = [one for one in await drafts.open(ctx.conn) if one.state == drafts.DRAFT]
    if not waiting:
        return None
    if found is None:
        return Text("\n".join([await _each(one, ctx) for one in waiting]))
    if len(waiting) > 1:
        return _shown(listing.card(waiting), ctx)
    return Text(await _tried(found["verb"] or found["other"], found["why"] or "", waiting[0], ctx))


async def _each(draft: Draft, ctx: Context) -> str:
    """One of “全部放行”: what goes to a person leaves, what wants a look of its own is named."""
    name = f"草稿{draft.id}"
    if draft.kind in _FOR_OFFICE:
        return f"{name}（{draft.title}）是办公室自己办的，请单独定：回复“{name}”看全文"
    if draft.kind == problem_drafts.TOPIC or groups.meant_by(draft.target) is not None:
        return f"{name}（{draft.title}）请看过再单独放行：放行 {name}"
    try:
        return await _act("放行", "", draft, ctx)
    except DraftError as error:
        return f"{name}没有放行：{error}"


async def _tried(verb: str, why: str, draft: Draft, ctx: Context) -> str:
    try:
        return await _act(verb, why, draft, ctx)
    except DraftError as error:
        raise UserError(str(error)) from None


async def _act(verb: str, why: str, draft: Draft, ctx: Context) -> str:
    by, now = ctx.message.person, ctx.now
    if verb in _NO:
        await drafting.drop(ctx.conn, draft, by=by, now=now, reason=why)
        return f"草稿{draft.id}不发了{f'，原因：{why}' if why else ''}。同一事项不再往上升级。"
    if verb == _LATER:
        await drafting.hold(ctx.conn, draft, by=by, now=now, reason=why)
        because = f"（{why}）" if why else ""
        return f"草稿{draft.id}先放着{because}，期间不再升级。要发请回复：放行 草稿{draft.id}"
    if verb in _DONE or draft.kind in _FOR_OFFICE:
        await drafting.settled_by_hand(ctx.conn, draft, by=by, now=now, reason=why or verb)
        return f"草稿{draft.id}已记为办结{f'：{why}' if why else f'（{verb}）'}。"
    if draft.kind == problem_drafts.TOPIC:
        return await _to_city_leader(draft, why, ctx)
    slot = await drafting.release(ctx.conn, draft, by=by, now=now, workdays=ctx.workdays, rules=ctx.rules)
    if slot is None:
        return f"草稿{draft.id}已放行。"
    target = (await _draft(draft.id, ctx)).target
    if (meant := groups.meant_by(target)) is not None:
        named = "、".join(f"“{one.name}”" for one in await chats.of_purpose(ctx.conn, *meant) if one.address)
        return f"已放行草稿{draft.id}，{_moment(slot.at)}发到{named}。不@所有人。"
    to = (await people.names(ctx.conn, [target])).get(target, target)
    why = f"（{slot.over}）" if slot.over else ""
    return f"已放行草稿{draft.id}，{_moment(slot.at)}发给{to}{why}。发出前单位报来的话会自动撤回。"


async def _to_city_leader(draft: Draft, why: str, ctx: Context) -> str:
    """A topic goes with the next digest of the leader that is named: “放行 草稿3 呈周敏”."""
    target = draft.target
    if why or not target:
        target = (await city_leader(why, ctx)).userid
    if not (await subscriptions.of(ctx.conn, target)).active:
        raise UserError(f"这位领导停了每日专报，专题送不到。请另行呈报，办完回复：草稿{draft.id}已办")
    named = replace(draft, target=target)
    by, now = ctx.message.person, ctx.now
    await drafting.release(ctx.conn, named, by=by, now=now, workdays=ctx.workdays, rules=ctx.rules)
    to = (await people.names(ctx.conn, [target])).get(target, target)
    return f"已放行草稿{draft.id}，列入{to}下一份每日专报（专题）。之前答复了企业的不再列入。"


def _moment(at: datetime) -> str:
    return due_words(at.astimezone(SHANGHAI))


async def change(message: Message, ctx: Context) -> Reply | None:
    """“草稿1改为：…”: the office's own words; it still has to be let out; admins only."""
    found = _CHANGE.fullmatch(typed(message).strip())
    if found is None:
        return None
    only_admins(ctx, "草稿由市百千万办管理员修改")
    draft = await _draft(int(found["number"]), ctx)
    if draft.state not in drafts.OPEN:
        return Text(_decided(draft))
    if len(found["body"]) > _LONGEST:
        raise UserError(f"改后的文字有{len(found['body'])}字，一条发不下。请压到{_LONGEST}字以内。")
    await drafting.change(ctx.conn, draft, found["body"].strip(), by=message.person, now=ctx.now)
    return Text(listing.draft_text(await _draft(draft.id, ctx)))


# --- the linked city leader -------------------------------------------------------------------------------


async def raise_(message: Message, ctx: Context) -> Reply | None:
    """“提请协调 要点17 周敏”: level four, by a person's decision alone: what a unit wants help with."""
    found = _RAISE.fullmatch(typed(message).strip().rstrip("。"))
    if found is None:
        return None
    only_admins(ctx, "提请市领导协调由市百千万办管理员起草")
    leader = await _city_leader(found["who"], ctx)
    number = int(found["point"])
    book = ctx.knows.book
    rows = await reports.standing(ctx.conn, book.notice.doc_number, points=[number])
    wanted = _newest_need(number, rows)
    if wanted is None:
        raise UserError(f"要点{number}没有单位报过需要协调的事项，无从提请。请先请单位写明要协调什么。")
    body = _coordination(wanted, leader)
    said = next(row.message_key for row in rows if row.id == wanted.report)
    detail = {"points": [number], "unit": wanted.unit, "report": wanted.report, "message": said}
    key = f"{drafts.LEVEL_FOUR}:{wanted.report}:{leader.userid}:{ctx.now.isoformat()}"
    title = f"{escalation.NAMES[drafts.LEVEL_FOUR]}：要点{number}（呈{leader.name}）"
    draft = Draft(drafts.LEVEL_FOUR, key, title, body, leader.userid, detail, ctx.now)
    return Text(listing.draft_text(await drafts.write(ctx.conn, draft)))


async def _city_leader(who: str, ctx: Context) -> people.Person:
    leaders = [one for one in await people.everybody(ctx.conn) if one.role == "leader" and not one.unit]
    named = [one for one in leaders if who and (who.startswith(one.name) or who.lower() == one.userid)]
    if len(named) == 1:
        return named[0]
    names = "、".join(one.name for one in leaders[:8]) or "（还没有绑定市领导）"
    raise UserError(f"请写明呈哪位市领导，例如：提请协调 要点17 周敏。已绑定的有：{names}")


def _newest_need(number: int, rows: Sequence[reports.Report]) -> Need | None:
    """What a unit last asked of the city, with the difficulty as it stands now."""
    units = dict.fromkeys(row.unit for row in rows)
    standing = [(unit, folded([row for row in rows if row.unit == unit])) for unit in units]
    found = [one for unit, told in standing if (one := need(number, unit, told, frozenset()))]
    return max(found, key=lambda one: one.report, default=None)


def _coordination(wanted: Need, leader: people.Person) -> str:
    """In the unit's own words; where it only wrote “请市里协调”, the matter is its difficulty."""
    bare = wanted.why and _BARE.fullmatch(wanted.asked.strip("。 "))
    lines = [
        f"【提请协调】呈：{escalation.addressed(leader.name, leader.post)}",
        f"要点{wanted.point}中有事项需市里协调，由{wanted.unit}提出：",
        *([f"原因：{wanted.why}"] if wanted.why else []),
        f"需请协调：上述事项（单位原话“{wanted.asked}”）" if bare else f"需请协调：{wanted.asked}",
        f"依据：{wanted.unit}{wanted.on.month}月{wanted.on.day}日报送",
        "市百千万办",
    ]
    return "\n".join(lines)


# --- the leader answers -----------------------------------------------------------------------------------


async def answered(message: Message, ctx: Context) -> Reply | None:
    """A leader's word on what he was told goes to the office as he said it."""
    said = typed(message)
    if not any(one.role == "leader" for one in ctx.bindings) or not _ANSWER.search(said) or len(said) > 500:
        return None
    told = [
        one
        for one in await drafts.of_kind(ctx.conn, "", ctx.now - _HEARD_FOR)
        if one.state == drafts.RELEASED and one.target == message.person.lower()
    ]
    if not told or said.rstrip().endswith(("?", "？", "吗", "呢")):
        return None
    name = next(one.name for one in ctx.bindings if one.role == "leader")
    text = f"【领导回复】{name}就“{told[-1].title}”回复：\n{said[:400]}"
    await telling.office(f"leader:{message.key}", Text(text), ctx)
    return Text("收到，已转市百千万办，有进展及时向您报告。")
