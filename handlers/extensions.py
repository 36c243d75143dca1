"""延期 in chat: a unit asks for more time, the office decides, the unit is told.

A granted extension moves the day of those prompts and nobody reminds of them until then. While a request is
undecided its unit is left in peace, too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from handlers import telling
from handlers.context import Context, UserError, folded, only_admins, typed
from handlers.desk import desk_of
from knowledge.dates import whens
from storage import extensions, people, rounds
from storage.extensions import ASKED, GRANTED, REFUSED, Extension
from storage.message import Button, Card, Message, Reply, Text
from storage.rounds import Asked
from supervision import asking, drafting
from supervision.listing import CARD_BODY, cut
from supervision.rounds import day, due_words
from supervision.workdays import SHANGHAI

_WANTS = re.compile(
    r"(?:申请|请求|恳请|请(?:予|准|允许)?|想|希望|能不能|能否|可否|可不可以|是否可以|可以)\S{0,8}?"
    r"(?:延期|延后|延迟|推迟|宽限|缓[报几两一二三]|(?:晚|迟)(?:点|些|几|两|一|二|三|四|五|\d)\S{0,3}?报|晚报"
    r"|(?:晚|迟)(?:[点些]|[几两一二三四五\d]天)(?:交|给|发|行|可以|吗|[,，。?？]|$))"
)
_BY_DAY = re.compile(  # 周五给你行吗
    r"\S{0,12}(?:报|交|给|发)(?:你们?|您|过[来去])?(?:行吗|行不行|可以吗|可不可以|成吗|好吗|来得及吗)[?？]?"
)
_OF_MONTH = re.compile(r"(?<![\d月./])(?P<day>\d{1,2})[号日](?![线楼桥机文路])")
_NO_WAY = re.compile(r"(?:来不及|报不了|报不上|赶不上|赶不及)\S*?(?:再?报|延|晚|缓|行吗|行不行|可以吗|好吗)")
_LATER = re.compile(
    r"\S{0,8}(?:能不能|能否|可否|可不可以)\S{1,12}报\S{0,2}[吗么]?\??|\S{0,8}(?:可以|能)\S{1,12}报[吗么]\??"
)
_WORK = re.compile(  # the work is late, not its report
    r"(?:验收|完工|竣工|开工|施工|投产|交付)\S{0,4}(?:延期|延后|推迟)|(?:延期|推迟)(?:验收|完工|竣工|开工|施工)"
)
_POINTS = re.compile(r"要点\s*(\d{1,2}(?:\s*[、,和]\s*\d{1,2})*)|第\s*(\d{1,2})\s*[项点]")
_REASON = re.compile(r"(?:因为|由于|原因是|原因[:：]|因|,|，)\s*(?P<why>.+)")
_ONLY_DAY = re.compile(r"[到至延期就可以吧的前报\s。,，.!]*")
_LIST = re.compile(
    r"(?:待定的?|有哪些|有没有|谁|哪些单位|哪家|哪几家)?(?:在|还|要|想)?(?:申请|要求)?(?:的|了)?延期的?(?:申请|清单|单位)?(?:吗|没有?)?"
)
_SETTLED = re.compile(  # 延期批了吗
    r"(?:请问|我们?|我们单位|本单位|申请|要求|的|那个)*延期(?:申请|的事|那个|到底)*"
    r"(?:批|同意|准|定|通过)(?:下来|准)?(?:了|没|没有|吗|不)+[?？]?"
)
_OF_UNIT = re.compile(  # 同意交通局延期到7月28日
    r"(?P<how>不同意|不批准|不批|驳回|同意|批准|准予?)\s*(?P<unit>[^\s\d,，]{2,14}?)(?:的|申请)*延期(?:申请)?"
    r"\s*(?:延?(?:到|至)\s*(?P<until>[^\s,，]+))?[\s,，:：]*(?P<why>.*)"
)
_DECIDE = re.compile(
    r"延期\s*第?(?P<number>\d{1,6})[个条项号]?\s*(?P<how>不同意|不批准|不批|驳回|同意|批准|准予?)"
    r"\s*(?:延?(?:到|至)\s*(?P<until>[^\s,，]+))?[\s,，:：]*(?P<why>.*)"
)
_WHICH_DAY = "想延到哪一天？请回复日期，例如：7月30日"
_LONG = 60  # characters; a longer message has more to say than that time is wanted
_REMEMBERED = timedelta(days=1)


# --- a unit asks ------------------------------------------------------------------------------------------


async def ask(message: Message, ctx: Context) -> Reply | None:
    """“要点17申请延期到7月30日，因…”, “能不能晚两天报”: asks until when where it was not said."""
    said = unicodedata.normalize("NFKC", typed(message)).strip()
    if not said or not ctx.units:
        return None
    if _SETTLED.fullmatch(said):
        return await _told(message, ctx)
    until = _day(said, ctx)
    if not wants(said, until):
        return await _until_when(said, until, ctx)
    waiting = (await desk_of(message, ctx, said)).waiting
    chosen = _chosen(said, waiting)
    if not chosen:
        return _nothing(waiting, said)
    if until is None:
        return _ask_until(chosen, _reason(said) or said[:100], ctx)
    return await _ask(chosen, until, _reason(said), ctx)


def wants(said: str, until: date | None) -> bool:
    """Whether it asks for time to report; that the work itself is late is a report."""
    if _WORK.search(said):
        return False
    if _WANTS.search(said) or _NO_WAY.search(said) or said in ("延期", "要延期", "需要延期"):
        return True
    return until is not None and bool(_LATER.fullmatch(said) or _BY_DAY.fullmatch(said))


async def _told(message: Message, ctx: Context) -> Reply:
    """“延期批了吗”: what became of his newest request."""
    asked = (await desk_of(message, ctx, typed(message))).asked
    found = await extensions.of_prompts(ctx.conn, [one.prompt.id for one in asked])
    rows = [row for told in found.values() for row in told if row.kind == ASKED]
    if not rows:
        begun = "extension" in (ctx.memory or {})
        return Text(
            _WHICH_DAY if begun else "没有收到过贵单位的延期申请。要延期，例如：申请延期到7月30日，因……"
        )
    key = max(rows, key=lambda row: row.id).message_key
    newest = [row for row in rows if row.message_key == key]
    until = due_words(newest[0].until.astimezone(SHANGHAI))
    if newest[0].decided_at is None:
        return Text(f"{_points(newest)}申请延到{until}，市百千万办还没有定，定了就告诉您，定之前不再催。")
    if newest[0].decision == GRANTED:
        return Text(f"{_points(newest)}同意延到{until}，之前不再催。")
    return Text(f"{_points(newest)}的延期申请没有同意，请尽快报送，暂时没有准数的可先报已有的。")


def _ask_until(chosen: Sequence[Asked], reason: str, ctx: Context) -> Reply:
    prompts = [one.prompt.id for one in chosen]
    kept = {"at": ctx.now.isoformat(), "prompts": prompts, "reason": reason}
    ctx.memory = {**(ctx.memory or {}), "extension": kept}
    due = due_words(min(one.due_at for one in chosen).astimezone(SHANGHAI))
    return Text(f"{_named(chosen)}原定{due}报送。{_WHICH_DAY}")


async def _until_when(said: str, until: date | None, ctx: Context) -> Reply | None:
    """A bare day after “想延到哪一天？”."""
    kept = (ctx.memory or {}).get("extension")
    if not kept or until is None or not _only_a_day(said, ctx):
        return None
    if ctx.now - datetime.fromisoformat(kept["at"]) > _REMEMBERED:
        return None
    found = await rounds.some(ctx.conn, kept["prompts"])
    chosen = [one for one in found if one.waits and one.prompt.unit in ctx.units]
    return await _ask(chosen, until, kept["reason"], ctx) if chosen else None


def _day(said: str, ctx: Context) -> date | None:
    on = ctx.now.astimezone(SHANGHAI).date()
    return next((one.day for one in reversed(whens(said, on)) if one.day), None) or _of_month(said, on)


def _of_month(said: str, on: date) -> date | None:
    """“28号”, the next one that comes."""
    found = _OF_MONTH.search(said)
    if found is None:
        return None
    months = [(on.year, on.month), (on.year + on.month // 12, on.month % 12 + 1)]
    for year, month in months:
        try:
            named = date(year, month, int(found["day"]))
        except ValueError:  # 30号 in February
            continue
        if named >= on:
            return named
    return None


def _only_a_day(said: str, ctx: Context) -> bool:
    for one in reversed(whens(said, ctx.now.astimezone(SHANGHAI).date())):
        said = said[: one.start] + said[one.end :]
    return bool(_ONLY_DAY.fullmatch(_OF_MONTH.sub("", said)))


def _chosen(said: str, waiting: Sequence[Asked]) -> list[Asked]:
    """The prompts named by their points; without a name all that he still owes."""
    named = {int(number) for found in _POINTS.finditer(said) for number in re.findall(r"\d+", found[0])}
    return [one for one in waiting if not named or one.prompt.point in named]


def _nothing(waiting: Sequence[Asked], said: str) -> Reply | None:
    if not waiting and len(said) <= _LONG and "%" not in said:
        return Text("目前没有要贵单位报的，不用申请延期。要报新数，直接写就行。")
    if not waiting:
        return None  # a report that tells of a delay
    return Text(f"贵单位还要报的是{_named(waiting)}，请写明是哪一个要点申请延期。")


def _named(found: Sequence[Asked]) -> str:
    return f"要点{'、'.join(dict.fromkeys(str(one.prompt.point) for one in found))}"


def _reason(said: str) -> str:
    found = _REASON.search(said)
    return found["why"].strip("。 ") if found else ""


async def _ask(chosen: Sequence[Asked], until: date, reason: str, ctx: Context) -> Reply:
    due_at = ctx.workdays.due_at(ctx.workdays.shift(until, 0))
    first = min(one.due_at for one in chosen)
    if due_at <= first:
        return Text(f"{_named(chosen)}本来就是{due_words(first.astimezone(SHANGHAI))}到期，不用延期。")
    message = ctx.message
    rows = [
        Extension(
            one.prompt.id, ASKED, one.prompt.point, one.prompt.unit, message.person, message.key, ctx.now,
            due_at, reason or typed(message)[:200],
        )
        for one in chosen
    ]  # fmt: skip
    written = await extensions.ask(ctx.conn, rows)
    await asking.answered(ctx.conn, ctx.knows.book, {one.prompt.bundle for one in chosen}, now=ctx.now)
    ctx.memory = {name: value for name, value in (ctx.memory or {}).items() if name != "extension"}
    await _tell_office(written, chosen, ctx)
    return Text(
        f"已记下：{_named(chosen)}申请延到{due_words(due_at)}，市百千万办定了就告诉您，定之前不再催。"
        "能先报一部分的，欢迎先报。"
    )


async def _tell_office(rows: Sequence[Extension], chosen: Sequence[Asked], ctx: Context) -> None:
    card = _request(rows, min(one.due_at for one in chosen), chosen[0].round.name)
    await telling.office(f"extension:{rows[0].id}", card, ctx)


def _request(rows: Sequence[Extension], due_at: datetime, round: str) -> Card:
    """What an admin reads: who asks, from when until when, in whose words; one tap decides."""
    name = f"延期{rows[0].id}"
    what = (
        f"{rows[0].unit}{_points(rows)}（{round}，原定{due_words(due_at.astimezone(SHANGHAI))}）"
        f"申请延到{due_words(rows[0].until.astimezone(SHANGHAI))}。\n原话：{rows[0].reason[:120]}"
    )
    how = f"请回复：{name}同意／{name}同意到7月28日／{name}不同意 原因"
    buttons = (Button("同意", f"{name}同意"), Button("不同意", f"{name}不同意"))
    text = f"【延期申请】{name}：{what}\n{how}"
    return Card(f"延期申请 {name}", cut(what, CARD_BODY), buttons, text)


def _points(rows: Sequence[Extension]) -> str:
    return f"要点{'、'.join(dict.fromkeys(str(row.point) for row in rows))}"


# --- the office decides -----------------------------------------------------------------------------------


async def listed(message: Message, ctx: Context) -> Reply | None:
    """“延期”: the requests nobody has decided; admins only."""
    if not _LIST.fullmatch(typed(message).strip().rstrip("?？。")) or not ctx.is_admin:
        return None
    found = await extensions.unsettled(ctx.conn)
    if not found:
        return Text("没有待定的延期申请。")
    lines = []
    for rows in found:
        until = due_words(rows[0].until.astimezone(SHANGHAI))
        lines.append(
            f"延期{rows[0].id} {rows[0].unit}{_points(rows)}：申请延到{until}（“{rows[0].reason[:40]}”）"
        )
    first = f"延期{found[0][0].id}"
    return Text(
        f"待定的延期申请共{len(found)}件：\n"
        + "\n".join(lines)
        + f"\n请回复：{first}同意／{first}不同意 原因"
    )


async def decide(message: Message, ctx: Context) -> Reply | None:
    """“延期1同意”, “延期1同意到7月28日”, “延期1不同意 原因”: decides, and tells the liaison; admins only."""
    said = folded(message, "。")
    found = _DECIDE.fullmatch(said) or _of_a_unit(said, ctx)
    if found is None:
        return None
    only_admins(ctx, "延期由市百千万办管理员决定")
    rows = _meant(found, await extensions.unsettled(ctx.conn), ctx)
    granted = not found["how"].startswith(("不", "驳"))
    until = _until(found["until"], rows, ctx) if granted else rows[0].until
    decision = GRANTED if granted else REFUSED
    if not await extensions.decide(ctx.conn, rows, decision, until=until, by=message.person, now=ctx.now):
        raise UserError("这件延期刚才已经定过了。")
    await drafting.settle(ctx.conn, ctx.now)
    told = await _tell_unit(rows, granted, until, found["why"].strip(), ctx)
    what = f"同意延到{due_words(until.astimezone(SHANGHAI))}" if granted else "不同意延期"
    return Text(f"已定：{rows[0].unit}{_points(rows)}{what}。{told}")


def _of_a_unit(said: str, ctx: Context) -> re.Match[str] | None:
    """“同意交通局延期”: a unit in the place of the request's number."""
    found = _OF_UNIT.fullmatch(said)
    return found if found and ctx.knows.book.directory.unit(found["unit"]) else None


def _meant(found: re.Match[str], groups: Sequence[Sequence[Extension]], ctx: Context) -> Sequence[Extension]:
    """The one request of that number, or of that unit. Raises UserError where there is none, or several."""
    if found.re is _DECIDE:
        rows = next((rows for rows in groups if rows[0].id == int(found["number"])), None)
        if rows is None:
            raise UserError(f"没有待定的延期{found['number']}。请回复“延期”看清单。")
        return rows
    unit = ctx.knows.book.directory.unit(found["unit"])
    name = unit.short if unit else ""
    theirs = [rows for rows in groups if rows[0].unit == name]
    if not theirs:
        raise UserError(f"{name}没有待定的延期申请。请回复“延期”看清单。")
    if len(theirs) > 1:
        numbers = "、".join(f"延期{rows[0].id}（{_points(rows)}）" for rows in theirs)
        raise UserError(f"{name}有{len(theirs)}件待定：{numbers}。请写编号，例如：延期{theirs[0][0].id}同意")
    return theirs[0]


def _until(words: str | None, rows: Sequence[Extension], ctx: Context) -> datetime:
    if not words:
        return rows[0].until
    on = _day(words, ctx)
    if on is None:
        raise UserError(f"“{words}”没有看懂是哪一天，例如：延期{rows[0].id}同意到7月28日")
    return ctx.workdays.due_at(ctx.workdays.shift(on, 0))


async def _tell_unit(
    rows: Sequence[Extension], granted: bool, until: datetime, why: str, ctx: Context
) -> str:
    unit = rows[0].unit
    led = unit in await people.leaders_of(ctx.conn, [unit])
    (first, *_) = await rounds.some(ctx.conn, [row.prompt_id for row in rows])
    text = _granted(rows, until, led, ctx) if granted else _refused(rows, first, why, led, ctx)
    liaison = await telling.liaison(f"extended:{rows[0].id}", unit, text, ctx)
    return f"会告诉联络员{liaison.name}。" if liaison else f"{unit}没有绑定联络员，请另行告知。"


def _granted(rows: Sequence[Extension], until: datetime, led: bool, ctx: Context) -> str:
    local = until.astimezone(SHANGHAI)
    return (
        f"您好，{_points(rows)}同意延到{due_words(local)}，之前不再催。\n"
        f"{_after(local.date(), led, ctx)}\n市百千万办"
    )


def _after(due: date, led: bool, ctx: Context) -> str:
    told = "告知贵单位分管领导" if led else "电话联系贵单位"
    return f"届时仍未收到的，市百千万办将于{day(ctx.workdays.shift(due, 1))}下午{told}。"


def _refused(rows: Sequence[Extension], asked: Asked, why: str, led: bool, ctx: Context) -> str:
    due = asked.due_at.astimezone(SHANGHAI)
    if due < ctx.now:
        due = ctx.workdays.due_at(ctx.workdays.shift(ctx.now.astimezone(SHANGHAI).date(), 1))
    because = f"（{why}）" if why else ""
    return (
        f"您好，{_points(rows)}的延期申请这次没有同意{because}，请于{due_words(due)}前报送，"
        f"暂时没有准数的可先报已有的。\n{_after(due.date(), led, ctx)}\n市百千万办"
    )
