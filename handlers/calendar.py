"""The office sets the days worked in chat, and pauses reminders: “2月9日放假”, “暂停催办 台风 到7月20日”.

What was typed is read here and by `supervision/holidays.py`; `supervision/pausing.py` writes it and moves
what waits. `bqw calendar` does the same with a file.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from handlers.context import Context, UserError, folded, only_admins, typed
from knowledge.dates import whens
from storage import quiets
from storage.message import Message, Reply, Text
from storage.quiets import Quiet
from supervision import holidays, pausing
from supervision.holidays import CalendarError, Plan
from supervision.pausing import Changed
from supervision.rounds import day
from supervision.wording import day_words
from supervision.workdays import SHANGHAI

_IMPORT = re.compile(r"导入\s*(?:(?P<year>20\d\d)年?)?(?:放假|节假日|假日)(?:安排|通知)?(?P<lines>[\s\S]*)")
_PAUSE = re.compile(r"(?:暂停|停止|先停)(?:一下)?(?:催办|催报|提醒)[\s,:，：]*(?P<rest>.*)", re.DOTALL)
_PAUSE_TOO = re.compile(  # “台风来了，先别催了”
    r"(?:(?P<why>[^\s,，。]{2,12})[\s,，。]+)?(?:请|先|这几天|这两天|这段时间|近期|最近|今天|暂时|都|就|大家)*"
    r"(?:别|不要|不用|停止?|暂停|暂缓|缓一缓)再?(?:催[办报促]?|提醒)(?:各?单位|他们|大家)?了?[\s,:，：]*(?P<rest>.*)",
    re.DOTALL,
)
_UNTIL = re.compile(r"[\s,(]*(?:到|至|直到|截至|截止到?)\s*(?P<day>[^\s到至]+?)(?:为止|止|结束)?[\s)。]*$")
_RESUME = re.compile(r"(?:恢复|继续|重新开始)(?:催办|催报|提醒)|(?:取消|结束|解除)暂停(?:催办|催报)?")
_STATUS = frozenset({"暂停情况", "催办暂停情况", "暂停催办情况", "是否暂停催办", "暂停了吗", "暂停催办了吗"})
_HOW = "请写明停到哪一天，例如：暂停催办 台风 到7月20日。到期自动恢复，也可以提前回复“恢复催办”。"
_SHOWN = 12


async def set_days(message: Message, ctx: Context) -> Reply | None:
    """“2027年2月8日上班”, “2月9日放假”, “导入 2027年放假安排” with its lines; admins only."""
    said = typed(message)
    try:
        plan = _plan(said, ctx)
    except CalendarError as error:
        raise UserError(str(error)) from None
    if plan is None:
        return None
    only_admins(ctx, "放假安排由市百千万办管理员登记")
    done = await pausing.set_days(
        ctx.conn,
        ctx.knows.book,
        plan,
        by=message.person,
        now=ctx.now,
        hours=ctx.workdays.hours,
        rules=ctx.rules,
    )
    ctx.knowledge_changed = True
    return Text(set_words(plan, done, _today(ctx)))


def _plan(said: str, ctx: Context) -> Plan | None:
    if found := _IMPORT.fullmatch(unicodedata.normalize("NFKC", said)):
        only_admins(ctx, "放假安排由市百千万办管理员登记")
        return holidays.year_plan(found["lines"], int(found["year"]) if found["year"] else None)
    return holidays.typed(said, _today(ctx)) if ctx.is_admin else None


def _today(ctx: Context) -> date:
    return ctx.now.astimezone(SHANGHAI).date()


def set_words(plan: Plan, done: Changed, today: date) -> str:
    """What the office reads after a change; the command line prints the same."""
    off = [one for one, works in sorted(plan.days.items()) if not works]
    on = [one for one, works in sorted(plan.days.items()) if works]
    whose = f"{'、'.join(map(str, sorted(plan.years)))}年放假安排" if plan.years else "日历"
    lines = [f"已登记{whose}：" + "；".join(filter(None, (_days("放假", off), _days("上班", on)))) + "。"]
    if not done.days:
        lines = [f"{whose}本来就是这样，没有改动。"]
    if done.moved:
        lines.append(f"还没发出的催办有{done.moved}条随之改了时间，改到允许发的第一个工作时段。")
    if plan.years:
        lines.append("这些年份其余的日子按周一至周五上班算。写错了可以再说一遍，例如：2月8日上班")
    return "\n".join(lines)


def _days(verb: str, days: list[date]) -> str:
    """放假1月1日、2日共2天"""
    if not days:
        return ""
    shown = "、".join(f"{one.year}年{one.month}月{one.day}日" for one in days[:_SHOWN])
    return f"{verb}{shown}{'等' if len(days) > _SHOWN else ''}共{len(days)}天"


# --- quiet periods --------------------------------------------------------------------------------------


async def pause(message: Message, ctx: Context) -> Reply | None:
    """“暂停催办 台风 到7月20日”: an end is required; admins only."""
    found = _PAUSE.fullmatch(folded(message))
    rest = found["rest"] if found else _said_otherwise(message) if ctx.is_admin else None
    if rest is None or rest in ("情况", "了吗"):
        return None
    only_admins(ctx, "暂停催办由市百千万办管理员决定")
    until = _UNTIL.search(rest)
    last = _day(until["day"], ctx) if until else None
    if until is None or last is None:
        return Text(_HOW)
    if last < _today(ctx):
        raise UserError(f"{day_words(last, _today(ctx))}已经过去了。{_HOW}")
    reason = rest[: until.start()].strip(" ,，。") or "未写明原因"
    end = datetime.combine(last + timedelta(1), time(0), SHANGHAI)
    period = Quiet(reason, ctx.now, end, message.person)
    moved = await pausing.pause(ctx.conn, ctx.knows.book, period, ctx.workdays, ctx.rules)
    waits = f"已排好还没发的{moved}条改到恢复以后。" if moved else ""
    return Text(
        f"好的，从现在起暂停催办（{reason}），到{day(last)}为止；期间不催报、不提醒、不升级。{waits}\n"
        "期间到期的，恢复后再给两个工作日。单位主动报来的照常入台账。提前恢复请回复：恢复催办"
    )


def _said_otherwise(message: Message) -> str | None:
    """“台风来了，先别催了，到7月20日”: the reason, and until when."""
    found = _PAUSE_TOO.fullmatch(folded(message))
    if found is None or not (_UNTIL.search(found["rest"]) or not found["rest"]):
        return None
    return f"{found['why'] or ''} {found['rest']}".strip()


def _day(words: str, ctx: Context) -> date | None:
    named = whens(words, _today(ctx))
    return named[0].day if named else None


async def resume(message: Message, ctx: Context) -> Reply | None:
    """“恢复催办”: ends the quiet period before its time; admins only."""
    if not _RESUME.fullmatch(folded(message)):
        return None
    only_admins(ctx, "恢复催办由市百千万办管理员决定")
    ended = await pausing.resume(
        ctx.conn, ctx.knows.book, by=message.person, now=ctx.now, workdays=ctx.workdays, rules=ctx.rules
    )
    if not ended:
        return Text("现在没有暂停催办。")
    names = "、".join(one.reason for one in ended)
    return Text(f"已恢复催办（{names}）。等着发的，在下一个工作时段发出。")


async def status(message: Message, ctx: Context) -> Reply | None:
    """“暂停情况”: what is paused, by whom and until when; admins only."""
    if folded(message) not in _STATUS:
        return None
    only_admins(ctx)
    found = [one for one in await quiets.since(ctx.conn, ctx.now) if one.since <= ctx.now]
    if not found:
        return Text("现在没有暂停催办。要暂停，请回复，例如：暂停催办 台风 到7月20日")
    rows = []
    for one in found:
        last = (one.end.astimezone(SHANGHAI) - timedelta(seconds=1)).date()
        since = one.since.astimezone(SHANGHAI)
        rows.append(f"{one.reason}：{day(since.date())}{since:%H:%M}起，到{day(last)}为止（{one.by}）")
    return Text("正在暂停催办：\n" + "\n".join(rows) + "\n提前恢复请回复：恢复催办")
