"""The office runs rounds in chat: opens, looks, releases suggested units, decides objections, closes.

What was typed is read here; `supervision/asking.py` does it, for the command line just as well.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime, time

from handlers.context import Context, UserError, folded, only_admins
from knowledge.book import Book
from storage import drafts, rounds
from storage.message import Message, Reply, Text
from storage.rounds import Prompt, Round
from supervision import asking, caps, opening
from supervision.asking import Opened
from supervision.opening import RoundError
from supervision.rounds import Choice, Kind, due_words
from supervision.workdays import SHANGHAI

_KIND_WORDS: tuple[tuple[str, Kind], ...] = (
    ("月报", "monthly"), ("月度", "monthly"), ("季报", "quarterly"), ("季度", "quarterly"),
    ("周报", "weekly"), ("重点", "weekly"), ("专项", "once"), ("一次性", "once"), ("下班前", "once"),
)  # fmt: skip
_OPEN = re.compile(
    r"(?:请|现在)?(?:开|发起|启动)(?:一?轮次?|一下)?\s*(?:(?P<month>\d{1,2})月份?的?)?(?P<kind>月报|月度|季报|季度|周报|重点|专项|一次性)"
    r"(?:进展)?(?:报送|催报|收集)?(?P<rest>.*)"
)
_TODAY = re.compile(r"(?P<kind>下班前)报\s*(?P<rest>.+)")
_BY_EVENING = re.compile(
    r"[^?？]{0,24}?(?:今天|今日)?(?P<kind>下班前)(?:请|把|将)?[^?？]{0,40}?报(?!(?:来|送)?[了过])[^?？]*"
)
_CLOSE = re.compile(r"(?:请|把)?(?P<name>.*?)(?:关轮次?|收口|关闭|结束)(?:本轮|轮次)?(?P<after>.*)")
_ASKS_WHEN = re.compile(r"什么时候|何时|几[点号时]|多久|了没|吗|[?？]")
_STATUS = re.compile(
    r"(?:看一?下|看看|查一?下|查|看|给我|说说)*(?:轮次(?:情况|进度)?|(?:报送|收报|上报|报数|本轮)(?:的?情况|进度|怎么样了?)"
    r"|(?:收|报)(?:上来|了)*(?:多少|几家|几项)(?:了|单位)?)(?:怎么样了?|如何|给我看看|呢)?"
)
_MISSING = re.compile(
    r"(?:看一?下|看看|查一?下|现在|目前|这个月|本月|本轮|这轮|这次|还)*(?:有|差|剩|欠)?"
    r"(?:谁|(?:哪些|哪个|哪几|几|多少|什么)(?:个|家)?(?:单位|部门|县区?|局|要点|项)?)"
    r"(?:都|还)*(?:没有?|未|不)(?:报|交|回复?)(?:送|上来|齐|的|了|呢|啊)*|还差(?:谁|哪些|哪几家|几家)"
    r"|(?:没|未)报(?:的(?:单位)?|名单|单位)(?:有谁|有哪些)?"
)
_URGE = re.compile(r"(?:再|帮我|给我|请|麻烦)*(?:催(?:一?下|一催|促|办|报)?|提醒一?下)[^,，。]{0,16}")
_RELEASE = re.compile(r"放行(?:建议|要点|第)*\s*(?P<points>\d[\d、,，和\s项点条号第要]*)")
_POINTS = re.compile(r"(?:要点|第)\s*(\d[\d、,和到至~\-\s第项点条要]*)")
_RELEASED = re.compile(r"放行\D{0,4}(\d[\d、,和\s第项点条要]*)")
_DUE = re.compile(r"(?:(\d{1,2})月)?(\d{1,2})[日号](?:\D{0,4}(\d{1,2})[:点时](\d{2})?)?[^\d、,]{0,4}前")
_MONTHS_BACK = 6  # a month named that lies further back is next year's
_SHOWN = 12
URGED_BY_RULE = (
    "不用手动催：没报的单位我会按规则提醒，同一位联络员一天最多一条，答了就停；逾期的起草好给您放行。\n"
    "要马上找人，请直接打电话。"
)
_TOLD = 3  # rounds that are told at length
_GUESS = (
    "\n该年放假安排还没有登记，截止日按周末和法定节假日预计。公布后请回复“导入 ×年放假安排”，下面每行写一段。"
)


async def open_round(message: Message, ctx: Context) -> Reply | None:
    """“开月报”, “开季报 7月25日前 要点17、19 放行17”, “下班前报 要点17”; admins only."""
    said = folded(message)
    found = _OPEN.fullmatch(said) or _TODAY.fullmatch(said) or _by_evening(said, ctx)
    if found is None:
        return None
    only_admins(ctx, "开轮次由市百千万办管理员进行")
    kind = next(kind for word, kind in _KIND_WORDS if word == found["kind"])
    rest = found.groupdict().get("rest") or said
    now, workdays = ctx.now, ctx.workdays
    month = _month(kind, found.groupdict().get("month"), ctx)
    due = _due(rest, ctx) or _due_in(month, ctx) or opening.usual_due(kind, now, workdays)
    choice = Choice(kind, _points(rest), _units(rest, ctx), _released(rest))
    try:
        opened = await opening.open_round(
            ctx.conn,
            ctx.knows.book,
            choice,
            by=message.person,
            now=now,
            due_at=due,
            workdays=workdays,
            rules=ctx.rules,
            name=opening.name_of(kind, month) if month else "",
        )
    except RoundError as error:
        raise UserError(str(error)) from None
    guess = _GUESS if workdays.guessed(due.astimezone(SHANGHAI).date()) else ""
    return Text(opened_words(opened, ctx.knows.book) + guess)


def _by_evening(said: str, ctx: Context) -> re.Match[str] | None:
    """“请市交通运输局下班前把要点17报一下”: an order only of an admin, and only with a point in it."""
    if not ctx.is_admin or not _POINTS.search(said) or _ASKS_WHEN.search(said):
        return None
    return _BY_EVENING.fullmatch(said)


def _month(kind: Kind, said: str | None, ctx: Context) -> date | None:
    """The first day of the month a monthly or quarterly round is for, where one was named."""
    if not said or kind not in ("monthly", "quarterly"):
        return None
    month = int(said)
    if not 1 <= month <= 12:
        raise UserError(f"没有{month}月，请核对月份。")
    return date(_year(month, ctx), month, 1)


def _year(month: int, ctx: Context) -> int:
    """In December 1月 is next year's; in July 6月 is this year's, and over."""
    today = ctx.now.astimezone(SHANGHAI).date()
    return today.year + (today.month - month > _MONTHS_BACK)


def _due_in(month: date | None, ctx: Context) -> datetime | None:
    if month is None:
        return None
    due = opening.due_in(month.year, month.month, ctx.workdays)
    if due <= ctx.now:
        said = f"{month.month}月"
        raise UserError(
            f"{said}的截止日（{due_words(due)}）已经过去。要补报请写明新的截止日，例如：开{said}月报 ×月×日前"
        )
    return due


def _due(text: str, ctx: Context) -> datetime | None:
    found = _DUE.search(text)
    if found is None:
        return None
    today = ctx.now.astimezone(SHANGHAI).date()
    month = int(found[1] or today.month)
    try:
        on = date(_year(month, ctx), month, int(found[2]))
        at = time(int(found[3]), int(found[4] or 0)) if found[3] else ctx.workdays.hours.due
    except ValueError:
        raise UserError(f"“{found[0]}”不是日历上有的时间，请核对。") from None
    if on < today:
        raise UserError(f"{on.month}月{on.day}日已经过去，请写一个将来的截止日。")
    return datetime.combine(on, at, SHANGHAI)


def _points(text: str) -> frozenset[int] | None:
    found = _POINTS.search(_RELEASED.sub("", text))
    return _numbers(found[1]) if found else None


def _released(text: str) -> frozenset[int]:
    found = _RELEASED.search(text)
    return _numbers(found[1]) if found else frozenset()


def _numbers(words: str) -> frozenset[int]:
    """17、19; 15到18."""
    found: set[int] = set()
    for first, last in re.findall(r"(\d{1,3})(?:\s*[到至~-]\s*(\d{1,3}))?", words):
        found |= set(range(int(first), int(last or first) + 1))
    return frozenset(found)


def _units(text: str, ctx: Context) -> frozenset[str] | None:
    named = [mention.unit or mention.area for mention in ctx.knows.book.directory.find(text)]
    return frozenset(one.short for one in named if one) or None


def opened_words(opened: Opened, book: Book) -> str:
    """What the office reads after a round was opened; the command line prints the same."""
    due = due_words(opened.round.due_at.astimezone(SHANGHAI))
    lines = [f"已开轮次“{opened.round.name}”，截止{due}：共{opened.prompts}项，问{opened.people}位联络员。"]
    if opened.first_at is not None:
        at = opened.first_at.astimezone(SHANGHAI)
        lines.append(f"每人合并为一条，{at.month}月{at.day}日{at:%H:%M}起发出。")
    if opened.too_late:
        lines.append(
            f"今天已经收过催报、按一人一天一条要等截止以后才发到的：{_list(opened.too_late)}。"
            "要赶在截止前，请电话告知：在对话里发“我的任务”就能看到，直接回复即可。"
        )
    if opened.unasked:
        lines.append(f"还没有联络员的单位：{_list(opened.unasked)}。请先绑定联络员。")
    if opened.suggested:
        shown = _list([str(point) for point in opened.suggested])
        lines.append(
            f"分工还只是建议、没有催报的要点：{shown}。要问这些单位，请回复：放行 {opened.suggested[0]}"
        )
    lines += caps.held_lines(opened.held)
    return "\n".join(lines)


def _list(names: Sequence[str]) -> str:
    return "、".join(names[:_SHOWN]) + (f"等{len(names)}个" if len(names) > _SHOWN else "")


async def release(message: Message, ctx: Context) -> Reply | None:
    """“放行 17、19”: the suggested units of these points are asked, too; admins only."""
    found = _RELEASE.fullmatch(folded(message))
    if found is None:
        return None
    only_admins(ctx)
    round = (await _still_open(ctx))[0]
    try:
        opened = await opening.release(
            ctx.conn,
            ctx.knows.book,
            round,
            _numbers(found["points"]),
            by=message.person,
            now=ctx.now,
            workdays=ctx.workdays,
            rules=ctx.rules,
        )
    except RoundError as error:
        raise UserError(f"{error}{await _perhaps_a_draft(_numbers(found['points']), ctx)}") from None
    told = f"已放行，“{round.name}”加问{opened.prompts}项，{opened.people}位联络员。"
    if opened.unasked:
        told += f"还没有联络员的单位：{_list(opened.unasked)}。"
    told += "催报里会注明责任分工以市百千万办确认为准。"
    return Text("\n".join([told, *caps.held_lines(opened.held)]))


async def _perhaps_a_draft(numbers: Collection[int], ctx: Context) -> str:
    """“放行1” may have meant the draft of that number."""
    named = [one.id for one in await drafts.open(ctx.conn) if one.id in numbers]
    return f"\n要放行草稿，请回复：放行 草稿{named[0]}" if named else ""


async def _still_open(ctx: Context) -> list[Round]:
    """The open rounds, newest first; there is at least one."""
    latest = await rounds.latest(ctx.conn, ctx.knows.book.notice.doc_number)
    still = [one for one in latest if one.closed_at is None]
    if not still:
        raise UserError("现在没有开着的轮次。要开一轮，请回复：开月报")
    return still


async def _meant(ctx: Context, name: str) -> Round:
    """The open round of that name or kind; the office is asked which, unless only one can be meant."""
    still = await _still_open(ctx)
    found = [one for one in still if name == one.name]
    found = found or [one for one in still if name in one.name or one.name in name]
    found = found or [one for one in still if one.kind in _kinds(name)]
    if len(found) == 1:
        return found[0]
    told = "" if found else f"没有开着的轮次“{name}”。"
    rows = [f"{one.name}（截止{due_words(one.due_at.astimezone(SHANGHAI))}）" for one in found or still]
    shown = "\n".join(rows[:_SHOWN])
    raise UserError(f"{told}开着的轮次有{len(rows)}个：\n{shown}\n要收口哪一个，请回复：{still[0].name}收口")


def _kinds(name: str) -> set[Kind]:
    return {kind for word, kind in _KIND_WORDS if word in name}


async def close_round(message: Message, ctx: Context) -> Reply | None:
    """“收口”, “7月进展报送收口”: ends a round; what comes later counts as late; admins only."""
    found = _CLOSE.fullmatch(folded(message))
    if found is None or not ctx.is_admin or _ASKS_WHEN.search(message.text):
        return None
    name = (found["name"] or found["after"]).strip('“”" 的')
    round = await _meant(ctx, name)
    await rounds.close(ctx.conn, round, by=message.person, now=ctx.now)
    prompts = await rounds.of_round(ctx.conn, round.id)
    await asking.answered(ctx.conn, ctx.knows.book, {one.bundle for one in prompts}, now=ctx.now)
    return Text(f"“{round.name}”已收口。{tally(prompts)}\n之后的回复照常入台账，按迟报记录。")


async def status(message: Message, ctx: Context) -> Reply | None:
    """“报送情况”, “哪些没报”: how the open rounds stand. Admins and leaders see all, liaisons their own."""
    said = folded(message)
    urging = ctx.is_admin and _URGE.fullmatch(said) is not None
    if not (urging or _STATUS.fullmatch(said) or _MISSING.fullmatch(said)):
        return None
    if not (ctx.is_admin or any(one.role == "leader" for one in ctx.bindings)):
        return None  # a liaison's own list is his tasks
    doc_number = ctx.knows.book.notice.doc_number
    still = [one for one in await rounds.latest(ctx.conn, doc_number) if one.closed_at is None]
    if not still:
        latest = await rounds.latest(ctx.conn, doc_number, limit=1)
        if not latest:
            return Text("还没有开过报送轮次。" + ("要开一轮，请回复：开月报" if ctx.is_admin else ""))
        still = latest
    told = [status_words(one, await rounds.of_round(ctx.conn, one.id), ctx.now) for one in still[:_TOLD]]
    if len(still) > _TOLD:
        told.append(f"还开着的：{_list([one.name for one in still[_TOLD:]])}。")
    return Text("\n\n".join([*told, URGED_BY_RULE] if urging else told))


def tally(prompts: Sequence[Prompt]) -> str:
    """应报39项，已报37项，报送率94.9%。"""
    asked = [one for one in prompts if one.state != rounds.EXEMPT]
    done = [one for one in asked if one.state == rounds.ANSWERED]
    half = [one for one in asked if one.state == rounds.PARTIAL]
    against = [one for one in asked if one.state == rounds.OBJECTED]
    rate = f"，报送率{100 * len(done) / len(asked):.1f}%" if asked else ""
    parts = [f"应报{len(asked)}项，已报{len(done)}项{rate}"]
    parts += [f"报了一部分的{len(half)}项"] if half else []
    parts += [f"责任有异议的{len(against)}项"] if against else []
    return "，".join(parts) + "。"


def status_words(round: Round, prompts: Sequence[Prompt], now: datetime) -> str:
    """How a round stands, and which units it still waits for; the command line prints the same."""
    due = due_words(round.due_at.astimezone(SHANGHAI))
    state = "已收口" if round.closed_at else "已过截止时间" if now > round.due_at else "进行中"
    lines = [f"“{round.name}”（截止{due}，{state}）", tally(prompts)]
    waiting: dict[str, list[str]] = {}
    for one in prompts:
        if one.state in rounds.WAITING:
            part = "（部分）" if one.state == rounds.PARTIAL else ""
            waiting.setdefault(one.unit, []).append(f"{one.point}{part}")
    if waiting:
        rows = [f"{unit}：要点{'、'.join(points)}" for unit, points in waiting.items()]
        more = f"\n……共{len(rows)}个单位" if len(rows) > _SHOWN else ""
        lines.append("尚未报齐：\n" + "\n".join(rows[:_SHOWN]) + more)
    unasked = dict.fromkeys(one.unit for one in prompts if one.state in rounds.WAITING and not one.bundle)
    if unasked:
        lines.append(f"其中没有联络员、没有发出催报的：{_list(list(unasked))}")
    return "\n".join(lines)
