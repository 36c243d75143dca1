"""A firm's problem comes in: from the firm itself, or forwarded by staff (“诉求：……”, “座谈会 诉求：……”).

The firm gets its receipt at any hour; what is no problem is answered as a question. In a group nobody reads
more than a neutral line. What happens to it afterwards is in `handlers/problem_orders.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers import ask, firms, problem_firm, problem_unclear
from handlers.ask import Answer, reply_to
from handlers.context import Context, typed
from handlers.memory import Memory
from handlers.problem_desk import desk_of, door_of, handles, in_group, is_firm, is_staff, origin_of, own
from knowledge import problem as reader
from knowledge.normalize import plain
from knowledge.problem_entry import Entry, contact_in, entry_of, quoting
from knowledge.problem_kind import Sorted, kind_of
from knowledge.problem_lead import Suggestion, county_of, suggest
from storage import problem
from storage.message import Message, Reply, Text
from storage.problem import Problem
from supervision import firm_words, problem_acts, problem_words
from supervision.problem_desk import Desk
from supervision.problems import CHANNELS, due_at

_SAME = timedelta(days=3)  # how long the same words, or the same matter, are taken as one problem
_ASKED = timedelta(hours=2)  # how long “登记” is about what was just asked
_ANOTHER = re.compile(r"^(?:另外?(?:还)?(?:有)?一?[件个]|还有一[件个]|再反映一[件个])(?:事|问题)?[，,：:\s]*")
_KEEP = re.compile(r"(?:请)?(?:帮我)?(?:仍要|还是)?登记(?:一下|下|诉求)?[。!！]*")
_HELP = frozenset({"帮助", "怎么用", "help", "?", "菜单"})
_GREETINGS = frozenset({"您好", "你好", "在吗", "您好!", "你好!", "在吗?", "有人吗", "有人吗?"})
_OPENS = re.compile(  # “我要反映个问题”: nothing is said yet
    r"(?:您好|你好|[,，。!！\s])*(?:我们?|厂里|公司)?(?:这边|这里)?(?:有|要|想|需要|能不能|可以)*(?:向你们|跟你们)?"
    r"(?:投诉|反映|求助|诉求|提)(?:一?[个下件些])?(?:问题|情况|诉求|意见|困难|事情?|你们)?(?:吗|呢)?[。!！?？]*"
)
_PLEASE_TELL = (
    "请讲。请写明企业名称、事情经过和希望怎样解决，登记后由工作人员联系您，"
    "例如：凤塘工业区××陶瓷厂，停电三天，请协调恢复供电。"
)
_ALONE = "您反映的问题，看进度、作评价请在与我的单聊里说，群里不公开。"
_NUDGE = "，麻烦处理"  # nobody doubts that what staff forward is a problem


# --- the firm -------------------------------------------------------------------------------------


async def firm(message: Message, ctx: Context) -> Reply | None:
    """Everything a firm says: a rating, an answer to a visit, a question after its problem, a problem, or a
    question about the notice."""
    if not is_firm(message, ctx):
        return None
    said = typed(message)
    if not said and not in_group(message):
        return await problem_unclear.not_words(message, await own(message, ctx), ctx)
    if not said or plain(said) in _HELP:
        return None
    mine = await own(message, ctx)
    if message.outside and plain(said) in _GREETINGS:
        return await problem_firm.with_answers(Text(firms.WELCOME), mine, ctx)
    if _OPENS.fullmatch(said) or (not message.outside and firms.asks_for_human(said)):
        return Text(_PLEASE_TELL)
    if in_group(message):  # what it brought before is nobody else's affair
        own_affair = problem_firm.is_of_own(said) and bool(mine)
        return Text(_ALONE) if own_affair else await _brings(said, mine, message, ctx)
    reply = await problem_firm.about_own(said, mine, ctx) or await _brings(said, mine, message, ctx)
    if reply is None:
        says = _says(message, ctx)
        reply = await problem_unclear.heard(said, mine, says, ctx)
        if reply is None:
            return await problem_unclear.answer(message, says, ctx)
    return await problem_firm.with_answers(reply, mine, ctx)


async def _brings(said: str, mine: list[Problem], message: Message, ctx: Context) -> Reply | None:
    entry = entry_of(said)
    if entry is None and _KEEP.fullmatch(said):
        entry = _just_asked(ctx)
        if entry is None:
            return Text("请直接写您要反映的问题，例如：凤塘工业区停电，请帮忙协调。")
    text = entry.body if entry else _ANOTHER.sub("", said)
    if entry is None and reader.read(contact_in(text).rest, ctx.knows.book, ctx.knows.index) is None:
        return None
    found = _read(text, message, ctx, door_of(message), mine)
    if entry is None and found.sorted.kind == problem.INQUIRY:
        if in_group(message) and _says(message, ctx).answered:
            return None  # a question like anybody's: the route for questions quotes and answers it
        if not in_group(message) and (answer := await _answered(message, ctx)):
            return answer
    if not _ANOTHER.match(said) and (same := _same(found, mine, ctx.now)):
        more = await problem_firm.add_words(same, text, ctx)
        return Text(f"{problem_words.group_line(same)}这次说的也已记下。") if in_group(message) else more
    p = await problem_acts.record(desk_of(ctx), found.problem)
    if in_group(message):
        return Text(f"{problem_words.group_line(p)}企业名称和联系人请在与我的单聊里告诉我。")
    if p.state == problem.REFUSED:
        return Text(_refused(found.sorted, p))
    problem_firm.expect_details(p, ctx)
    return Text(firm_words.received(p, ctx.problems, ctx.now, desk_of(ctx).at))


def _says(message: Message, ctx: Context) -> Answer:
    """What the notice itself answers."""
    return reply_to(message.text, Memory.from_json(ctx.memory), ctx.knows, ctx.now)


async def _answered(message: Message, ctx: Context) -> Reply | None:
    """An inquiry the notice itself answers; the firm may still have it recorded."""
    found = _says(message, ctx)
    if not found.answered:
        return None
    reply = await ask.answer(message, ctx)
    ctx.memory = {**(ctx.memory or {}), "asked": {"text": message.text, "at": ctx.now.isoformat()}}
    return Text(f"{reply.text}\n需要承办单位答复的，请回复“登记”。") if reply is not None else None


def _just_asked(ctx: Context) -> Entry | None:
    asked = (ctx.memory or {}).get("asked")
    if not asked or ctx.now - datetime.fromisoformat(asked["at"]) > _ASKED:
        return None
    return Entry("", asked["text"])


def _same(found: _Found, mine: list[Problem], now: datetime) -> Problem | None:
    """The firm's open problem of the last days that these words are about."""
    new = found.problem
    for p in mine:
        lately = p.is_open and p.state != problem.ANSWERED and now - p.received_at <= _SAME
        about = bool(new.points) and list(p.points[:1]) == list(new.points[:1])
        if lately and (plain(p.text) == plain(new.text) or (about and new.place in ("", p.place))):
            return p
    return None


def _refused(found: Sorted, p: Problem) -> str:
    return (
        f"您反映的属于{found.about}，不在政企问题受理范围。{found.door}\n"
        f"已留存备查（{p.label}）。如果您认为应由政府部门协调，请说明是哪个部门的什么事。{problem_words.OFFICE}"
    )


# --- staff ----------------------------------------------------------------------------------------


async def record(message: Message, ctx: Context) -> Reply | None:
    """“诉求：……”, “12345转来：……”, or “诉求” beside a quoted message: staff forward a problem."""
    said = typed(message)
    entry = entry_of(said) if said else None
    quoted = message.quote.strip()
    if entry is None and quoted and (bare := quoting(said)):
        entry = Entry(bare.channel, quoted)
    if not is_staff(ctx):
        return None
    if entry is None and said.endswith((":", "：")) and quoting(said.rstrip(":：")):
        return Text("请把诉求写在后面，例如：诉求：凤塘工业区停电，联系人陈先生 手机号")
    if entry is None:
        return None
    found = _read(entry.body, message, ctx, "", [], channel=entry.channel or problem.GROUP)
    p = await problem_acts.record(desk_of(ctx), found.problem)
    if in_group(message):
        return Text(f"已登记。{problem_words.group_line(p)}")
    if p.state == problem.REFUSED:
        return Text(f"已登记{p.label}，按不受理处理（{found.sorted.about}）：{found.sorted.door}\n"
                    f"认为应当受理的，请管理员回复：分办{p.number} 单位")  # fmt: skip
    return Text(_recorded(p, found.suggestion, desk_of(ctx), ctx))


def _recorded(p: Problem, suggestion: Suggestion, desk: Desk, ctx: Context) -> str:
    n = p.number
    by = problem_words.until(desk.at.after(p.received_at, desk.rules.assign))
    lines = [
        f"已登记{p.subject}（{CHANNELS[p.channel]}）。",
        *problem_words.facts(p, handles=handles(p, ctx)),
    ]
    if suggestion.lead:
        sure = "分工已确认" if suggestion.confirmed else "分工为建议"
        lines.append(f"建议依据：{suggestion.basis}，{sure}")
    lines.append(f"时限：{by}前分办，{problem_words.until(p.due_at)}前办结")
    if not (p.firm and (p.contact or p.phone)):
        lines.append(f"还缺企业名称或联系人，请补：{n}联系人 陈先生 手机号；{n}企业 名称")
    if ctx.is_admin:
        lines.append(f"请回复：分办{n}" + ("（按建议）" if p.suggested else " 单位 协办 单位"))
    return "\n".join(lines)


# --- reading --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    problem: Problem
    sorted: Sorted
    suggestion: Suggestion


def _read(
    text: str, message: Message, ctx: Context, door: str, mine: list[Problem], *, channel: str = ""
) -> _Found:
    """The row these words make: the contact apart, points and unit suggested, its day by its kind."""
    book, index = ctx.knows.book, ctx.knows.index
    contact = contact_in(text)
    words = contact.rest or text
    read = reader.read(words, book, index) or reader.read(words[:200] + _NUDGE, book, index)
    points = read.points if read else ()
    place = (read.place if read else None) or ""
    county = county_of(words, place, book)
    suggestion = suggest(words, points, county, book, index)
    urgent = read is not None and read.urgency == "urgent"
    kind = kind_of(words, book.directory, urgent=urgent)
    name, firm, phone = _who(
        contact.name, contact.phone, (read.enterprise if read else None) or "", mine, ctx
    )
    refused = kind.kind == problem.REFUSED
    row = Problem(
        doc_number=book.notice.doc_number,
        year=book.notice.year,
        channel=channel or (problem.KF if door == problem.KF else problem.APP),
        recorded_by=message.person,
        message_key=message.key,
        text=words,
        received_at=ctx.now,
        counts_from=ctx.now,
        due_at=due_at(kind.kind, ctx.now, ctx.problems, desk_of(ctx).at),
        door=door,
        origin=origin_of(message) if door else "",
        firm=firm[:128],
        contact=name,
        phone=phone,
        place=place[:64],
        county=county,
        points=tuple(points),
        kind=kind.kind,
        urgent=urgent,
        suggested=suggestion.lead,
        suggested_helpers=suggestion.helpers,
        state=problem.REFUSED if refused else problem.NEW,
        closed_at=ctx.now if refused else None,
    )
    return _Found(row, kind, suggestion)


def _who(name: str, phone: str, firm: str, mine: list[Problem], ctx: Context) -> tuple[str, str, str]:
    """Contact, firm and number: as said now, as said before, as the office has them of its firms."""
    before = next((one for one in mine if one.firm or one.phone), None)
    known = next((one for one in ctx.bindings if one.role == "enterprise"), None)
    if not (name or phone):
        name = (before.contact if before else "") or (known.name if known else "")
        phone = (before.phone if before else "") or (known.mobile if known else "")
    firm = firm or (before.firm if before else "") or (known.unit if known else "")
    return name[:32], firm, phone[:32]
