"""The sentences of an answer: who is responsible and how sure that is, exact words, figures, lists.

`handlers/composing.py` decides what to say, this file how: what was asked first, then the point, then the
notice's own words on a line of their own. It never rewords the notice and never shows a unit without saying
whether it is confirmed. Its own punctuation is full-width; the notice's words keep theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from knowledge.assignments import Assignment
from knowledge.book import Book
from knowledge.notice import WorkPoint
from knowledge.targets import Target

LONGEST_QUOTE = 150
SHORT_QUOTE = 32
LONG_FIGURES = 220  # characters; figures in the notice's own words need no quote beside them then
TASKS = 15  # tasks a unit leads that are told; no unit of a city has more
FULL_HINT = "回复“全文”看第{n}点整条；不是您要问的，回复“不对”。"
NOT_IT_HINT = "不是您要问的，回复“不对”。"

EXAMPLES = "“冷链哪个单位牵头”“第17条”“潮安有哪些”"
GREETING = f"您好，我是百千万督办助手。可以直接问我，例如：{EXAMPLES}。"
THANKS = f"不客气。还想了解哪一项，直接问就好，例如：{EXAMPLES}。"
EMPTY = f"没有收到文字内容。请用一句话问我，例如：{EXAMPLES}。"
NONE_OF_THEM = (
    "好的，这几条都不是您要的。请换个说法再问一次，写上具体事项（例如“农村供水谁负责”）会更准。已记下，"
    "市百千万办会看到。"
)

ELSEWHERE_IN_IT = "要的也可能在第{n}点的其他任务里，回复“第{n}条全文”看整条。"
AGAIN = "好的，请换个说法再问一次，写上具体事项或条号会更准，例如“农村供水谁负责”“第17条”。"
SORRY = "抱歉，答得不对，已记下，市百千万办会看到。"

UNKNOWN = (
    "抱歉，这个问题在通知里没有找到对应内容。我能回答工作要点的牵头单位、原文、指标和各地各单位任务，"
    f"例如：{EXAMPLES}。已记下，市百千万办会看到。"
)
TOO_LONG = (
    "内容较长，没能从中认出是问哪一条。请用一句话写出想问的事项，例如“农村供水谁负责”。已记下，"
    "市百千万办会看到。"
)

OTHER_YEAR = "我手上只有{ours}年的工作要点，{theirs}年的情况通知没有写，不能回答。已记下，市百千万办会看到。"
COUNTY_BUREAU = (
    "名录里只有市级单位，没有“{name}”；县（区）部门的分工由县（区）自行确定，不能用市级部门代替。"
    "{told}已记下，市百千万办会看到。"
)
NO_SUCH_POINT = "这份通知的工作要点是第{first}点到第{last}点，没有您说的这一条。请核对条号，或直接写事项。"
NO_SUCH_PLACE = "通知原文没有单独写到{name}。已记下，市百千万办会看到。"
NO_MORE = "这一项在通知里就这些了。可以回复“全文”看原文，或写上别的事项再问。"
NOTHING_BEFORE = f"不确定您指的是哪一条。请写上事项或条号，例如：{EXAMPLES}。"
BELONGS = "{town}属{county}。看通知写到它的任务，可以问：{town}有哪些任务"
NO_TASKS = "分工表里目前没有{name}的任务。已记下，市百千万办会看到。"
LEADS_NOTHING = "分工表里{name}没有牵头任务，有配合任务。"
JOINS_NOTHING = "分工表里{name}没有配合任务，有牵头任务。"
NO_FIGURES_OF = "分工表里{name}牵头的任务，通知没有写数字指标。看它的任务，可以问：{name}负责哪些"
NO_SUCH_SECTION = "这份通知共{count}个部分，没有第{number}部分。"
QUANTIFIED = "写有{kind}指标的共{count}点："
QUANTIFIED_OF_THEM = "刚才列出的各点里，写有{kind}指标的共{count}点："
NONE_QUANTIFIED = "刚才列出的各点里，没有写{kind}指标的。"
DATED = "单独写明时间的共{count}点（其余都是{year}年度的任务）："
AT_PLACE = "通知原文写到“{name}”的共{count}点（另有面向所有县区、镇街的要求，未列入）："
AT_LEVEL = "通知原文直接写到{name}的共{count}点（分工表里要配合的不止这些，可按事项再问）："
ABOUT_WORD = "和“{name}”有关的共{count}点："
SIZE = (
    "这份通知共{sections}个部分、{points}点。可以直接问事项、条号（如“第17条”）或部分（如“第三部分有哪些”）。"
)
ASKED_FOR = "您问的共{count}点："
MORE = "还有："
LISTED_BEFORE = "刚才列出的是："
THE_NOTICE = "{title}（{number}），由{issuer}于{day}印发。问其中哪一条，写上事项或条号就行。"
NO_DAY = "（通知没有写明日期）"
PICK_ONE = "想看其中一条，回复条号，例如“第{n}条”。"
SAME_POINT = "这几件事在同一条。"
PLACE_TOLD = "通知中写到{name}的有{rows}。"

YES = "是的。"
AS_SUGGESTED = "按目前的建议分工，"
ONLY_TAKES_PART = "{name}是配合单位，不是牵头单位。"
DOES_NOT_LEAD = "不是{name}牵头。"
YES_FIGURE = "是的，通知写的是【{stated}】。"
FIGURE_IS = "通知写的是【{stated}】。"
NO_FIGURE = "与通知不一致：您说的是{said}，通知写的是【{stated}】。"


def heading(point: WorkPoint) -> str:
    return f"第{point.number}点 {point.title}"


def exact(text: str, limit: int = LONGEST_QUOTE) -> str:
    """Word for word; what is left out is marked, and the cut is at a stop or comma where one is near."""
    text = text.strip().rstrip("。")
    if len(text) <= limit:
        return text
    stop = max(text.rfind(mark, limit // 2, limit) for mark in "。；;，,、")
    return f"{text[: stop if stop > 0 else limit]}……"


def original(text: str, limit: int = LONGEST_QUOTE) -> str:
    """The notice's words on a line of their own."""
    return f"原文：{exact(text, limit)}"


def responsible(row: Assignment | None) -> str:
    """由…牵头, with its standing: a suggestion says so, a confirmation names by whom and when."""
    if row is None:
        return "通知没有写明责任单位，分工表里也还没有这一项"
    leads = "、".join((row.lead, *row.co_leads))
    about = f"{row.part}：" if row.part else ""
    if row.confirmed:
        return f"{about}由{leads}牵头（{_confirmation(row)}确认）"
    return f"{about}建议由{leads}牵头（待市百千万办确认）"


def _confirmation(row: Assignment) -> str:
    """By whom and on which day, as far as it is recorded."""
    day = row.confirmed_on
    return (row.confirmed_by or row.source) + (f"于{day.year}年{day.month}月{day.day}日" if day else "")


def all_responsible(rows: Sequence[Assignment], *, everybody: bool = False) -> str:
    """Who leads, a line for each part of the clause (地理标志…, 非遗…), and who takes part.

    Of many partners the first few are named, or `everybody` when they were asked for.
    """
    if not rows:
        return responsible(None)
    partners = rows[0].participants if len(rows) == 1 else ()
    joined = f"配合：{_some(partners, len(partners) if everybody else 4)}" if partners else ""
    return _lines(*map(responsible, rows), joined)


def other_leads(book: Book, point: WorkPoint) -> str:
    """That parts of a point may have leads of their own, where they differ from the point's."""
    own = book.assignments.of_point(point.number)
    shown = (own.lead, *own.co_leads) if own else ()
    names = [n for n in book.assignments.leads(point.number) if n not in shown]
    return f"部分任务另有牵头单位：{_some(names, 6)}，可按具体事项再问" if names else ""


def who(point: WorkPoint, verdict: str, quote: str, extra: str = "") -> str:
    words = original(quote) if quote else ""
    return _lines(verdict, heading(point), words, extra, FULL_HINT.format(n=point.number))


def content(point: WorkPoint, quote: str, verdict: str) -> str:
    return _lines(heading(point), verdict, original(quote), FULL_HINT.format(n=point.number))


def whole(point: WorkPoint, verdict: str, extra: str = "") -> str:
    """The first words of a point that was asked for by number."""
    body = point.text.removeprefix(point.title).lstrip("。 ")
    limit = LONGEST_QUOTE - len(extra)
    hint = FULL_HINT.format(n=point.number) if len(body) > limit else NOT_IT_HINT
    return _lines(heading(point), verdict, original(body, limit), extra, hint)


def full_text(point: WorkPoint, verdict: str) -> str:
    return _lines(heading(point), verdict, f"原文：{point.text}")


def figure(point: WorkPoint, targets: Sequence[Target], quote: str, verdict: str) -> str:
    """The figures in front of the words that state them, a line each, then where they stand."""
    told = "\n".join(dict.fromkeys(map(_figure, targets)))
    said = {t.quote for t in targets}
    enough = quote.strip("。") in ("", *said) or (len(said) > 2 and len(told) + len(quote) > LONG_FIGURES)
    words = "" if enough else original(quote)
    return _lines(told, heading(point), verdict, words, FULL_HINT.format(n=point.number))


def _figure(target: Target) -> str:
    """【不少于28个项目】潮安区不少于28个项目; a softer wording further up in the sentence is told."""
    label = f"【{target.stated}】" if target.stated else ""
    soft = f"（通知用语是“{target.stance}”）" if target.stance and target.stance not in target.quote else ""
    spread = "（由“每个县（区）”展开）" if target.note and target.kind == "expanded" else ""
    return f"{label}{target.quote}{soft}{spread}"


def deadline(point: WorkPoint, target: Target | None, quote: str, year: int, verdict: str) -> str:
    """The stated date; or that the notice only says 定期, or nothing but its year."""
    if target is not None and target.due is not None and target.due_stated:
        first = f"{target.quote}（期限{target.due.year}年{target.due.month}月{target.due.day}日）"
    elif target is not None and target.unit:
        first = f"通知只写“{target.unit}”，没有写明具体时间。"
    else:
        first = f"通知没有为这一项单独写明时限，它是{year}年度的工作要点。"
    return _lines(first, heading(point), verdict, original(quote), FULL_HINT.format(n=point.number))


def with_figures(text: str, targets: Sequence[Target]) -> str:
    """An answer below the figures that were asked for in the same breath."""
    return _lines(*dict.fromkeys(map(_figure, targets)), text)


NO_PROGRESS = "目前还没有收到这一项的进展报送，只能先给您通知的要求。"


def progress(point: WorkPoint, quote: str, verdict: str) -> str:
    return _lines(NO_PROGRESS, heading(point), verdict, original(quote))


def not_stated(point: WorkPoint, what: str, quote: str) -> str:
    """A near miss: the subject is there, the detail is not."""
    return _lines(
        f"通知没有写明{what}，我不能替它回答。相关的是：",
        heading(point),
        original(quote),
        f"回复“1”看第{point.number}点。您问的已记下，市百千万办会看到。",
    )


SCOPE = "这是{scope}的数："


def not_own(names: Sequence[str], whose: str) -> str:
    """Before figures that are not the place's own."""
    return f"通知没有单独写{'、'.join(names)}的数" + (f"，下面是{whose}的：" if whose else "。")


def ask_the_lead(what: str) -> str:
    """Before an answer about a thing whose how-to the notice leaves to its units."""
    return f"通知没有写明{what}，可向牵头单位了解。"


def suggest(points: Sequence[WorkPoint]) -> str:
    rows = [f"{i}. {heading(p)}" for i, p in enumerate(points, 1)]
    return _lines("您是不是想问：", *rows, "回复序号即可；都不是请回复“都不是”。")


def sorry(points: Sequence[WorkPoint], shown: int) -> str:
    """After “不对”; what was meant may also stand elsewhere in the point that was shown."""
    rows = [f"{i}. {heading(p)}" for i, p in enumerate(points, 1)]
    offer = (
        ("您是不是想问：", *rows, "回复序号即可。") if rows else ("请换个说法再问一次，写上具体事项会更准。",)
    )
    return _lines(SORRY + offer[0], *offer[1:], ELSEWHERE_IN_IT.format(n=shown))


def neighbours(points: Sequence[WorkPoint]) -> str:
    return f"另见：{'、'.join(map(heading, points))}"


def section(title: str, number: int, count: int) -> str:
    return f"第{number}部分 {title}，共{count}点："


def listing(title: str, points: Sequence[WorkPoint], snippets: Sequence[str] = (), left: int = 0) -> str:
    """Numbered points under a title, each with the words that put it there where there are any; `left` are
    further points that are not shown."""
    rows = [heading(p) for p in points]
    for at, snippet in enumerate(snippets):
        rows[at] += f"：{exact(snippet, SHORT_QUOTE)}" if snippet else ""
    rows += [f"……另有{left}点未列出，加上县区名称或更具体的词再问，范围会更小。"] if left else []
    return _lines(title, *rows, f"回复条号（如“第{points[0].number}条”）看详情。")


def around(text: str, word: str, limit: int = SHORT_QUOTE) -> str:
    """The comma-part of a point's words in which a word stands."""
    parts = re.split(r"(?<=[。;；])", text)
    part = next((p for p in parts if word in p), parts[0])
    at = part.find(word)
    if len(part) <= limit or at < 0:
        return part
    start = max(part.rfind(",", 0, at), part.rfind("，", 0, at)) + 1
    return part[start:]


def busiest(led: Sequence[tuple[str, int]], *, sure: bool) -> str:
    """Units with the number of points they lead something in."""
    title = "按已确认的分工，" if sure else "按目前的分工（待市百千万办确认），"
    rows = [f"{name}：{count}个要点" for name, count in led]
    return _lines(
        f"{title}有牵头任务的要点最多的是：", *rows, f"看某个单位的任务，可以问：{led[0][0]}负责哪些"
    )


def unit_tasks(book: Book, name: str, led: Sequence[Assignment], joined: Sequence[int]) -> str:
    """One unit's rows; what is only suggested is said once, what is confirmed at its row."""
    sure = sum(r.confirmed for r in led)
    mixed = "未注明“已确认”的待市百千万办确认"
    state = "均待市百千万办确认" if not sure else "均已确认" if sure == len(led) else mixed
    lines = [f"{name}的任务（{state}）："]
    if led:
        lines.append("建议牵头：" if not sure else "牵头：")
        lines.extend(_task(book, r, mark=0 < sure < len(led)) for r in by_point(led)[:TASKS])
        more = len(by_point(led)) - TASKS
        lines.extend([f"……另有{more}项牵头任务"] if more > 0 else [])
    if joined:
        lines.append("配合：" + "、".join(f"第{n}点" for n in joined))
    lines.append(f"回复条号（如“第{led[0].point if led else joined[0]}条”）看详情。")
    return "\n".join(lines)


def unit_figures(name: str, targets: Sequence[Target], *, sure: bool) -> str:
    """The figures in what a unit leads, each below its point."""
    state = "已确认" if sure else "牵头待市百千万办确认"
    rows = list(dict.fromkeys(f"第{t.point}点：{_figure(t)}" for t in targets))
    return _lines(
        f"{name}牵头的任务里，写有数字指标的共{len(rows)}项（{state}）：",
        *rows,
        f"回复条号（如“第{targets[0].point}条”）看详情。",
    )


def county_figures(name: str, targets: Sequence[Target]) -> str:
    """What a county has to reach, its own figures and those that every county has."""
    rows = list(dict.fromkeys(f"第{t.point}点：{_figure(t)}" for t in targets))
    return _lines(
        f"通知给{name}定的数字指标共{len(rows)}项（全市的指标没有分到县区的不算）：",
        *rows,
        f"回复条号（如“第{targets[0].point}条”）看详情。",
    )


def leads_also(name: str, rows: Sequence[Assignment]) -> str:
    """Below the points that name a place: those that it leads by the division of work."""
    numbers = "、".join(f"第{n}点" for n in dict.fromkeys(row.point for row in rows))
    if all(row.confirmed for row in rows):
        return f"由{name}牵头的还有：{numbers}（已确认）"
    return f"建议由{name}牵头的还有：{numbers}（待市百千万办确认）"


def by_point(rows: Sequence[Assignment]) -> list[Assignment]:
    """The whole-point row where there is one, else its clauses."""
    whole = {r.point for r in rows if not r.clause}
    return [r for r in rows if not r.clause or r.point not in whole]


def _task(book: Book, row: Assignment, mark: bool) -> str:
    point = book.notice.point(row.point)
    title = f" {point.title}" if point else ""
    words = f"：{exact(row.part or row.clause, SHORT_QUOTE)}" if row.clause else title
    return f"第{row.point}点{words}" + ("（已确认）" if mark and row.confirmed else "")


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def _some(names: Iterable[str], most: int) -> str:
    names = list(names)
    return "、".join(names[:most]) + (f"等{len(names)}个单位" if len(names) > most else "")
