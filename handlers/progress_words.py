"""The sentences a liaison reads after a report: what was understood, what is still open, and one question.

`handlers/progress.py` calls it. A number is always shown with what it was compared with; the notice's own
wording (超, 不少于, 争取) stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from handlers.phrasing import heading
from handlers.progress_questions import choices, question
from knowledge.book import Book
from knowledge.reading import Item
from storage.message import Reply, Text
from storage.reports import CORRECTION, RESTORED, TRIMMED, WITHDRAWN, Figure, Report
from storage.rounds import WAITING
from supervision.desk import Desk
from supervision.owed import open_items
from supervision.queries import Query
from supervision.reporting import Refused, Settled
from supervision.rounds import circled, day, due_words
from supervision.steps import step_words
from supervision.wording import STATUS, name_of, number_words
from supervision.wording import figure_words as figure_words
from supervision.workdays import SHANGHAI

NOT_STORED = "好的，这个数没有记。请直接写正确的，例如：②5座"
WHAT_IS_WRONG = "哪里不对？请直接写正确的，例如：②6座；整条不要的回复“撤回”。"
WHICH_POINT = "请再回复一句是哪个要点的，例如：要点17"
WHICH_HELP = (
    "好的，请写一句：哪个要点、需要协调什么、希望谁来牵头。"
    "例如：要点17 两座桥管线迁改没谈拢，请市里召集权属单位定时间"
)
NOTHING_ASKED = (
    "目前没有要贵单位报的，①②③对不上是哪几项，这些数没有记。"
    "要报新数，请写明是什么，例如：要点17 新改建农村公路25.6公里"
)
NOTHING_TO_WITHDRAW = "目前没有您报的数可以撤回。要报新数，直接写就行，例如：②5座"
NOTHING_TO_REFUSE = "目前没有要贵单位报的，不用提异议。分工有变动的，请告诉市百千万办。"
_CLOSING = "有误请直接说。"
_UNDOES = (WITHDRAWN, RESTORED, TRIMMED)


OFFICE_WILL_BIND = "好的，已告诉市百千万办，由办公室换绑联络员。"
NO_TROUBLE = "好的，没有困难就按已报的记。"
COLLEAGUE = "好的。要请同事自己来报的，告诉市百千万办换绑联络员就行。"


def which_is_wrong(desk: Desk) -> Reply:
    """What stands of what he told, and how to put it right."""
    rows = [row for row in desk.standing if row.person.lower() == desk.person.lower()]
    rows = list({(row.point, row.unit): row for row in rows}.values())
    stands = [line for row in rows[-3:] if (line := _stands(row, desk)) and "现在没有" not in line]
    return Text("\n".join([*stands, WHAT_IS_WRONG]))


def what_is_right(item: Item, place: int, stood: Figure | None) -> Reply:
    """One number is answer enough."""
    now = f"现在记的是{number_words(stood.value)}{stood.unit}" if stood else "现在没有记数"
    example = f"只回一个数就行，也可以写：{circled(place)}×{item.unit}"
    return Text(f"要点{item.point} {item.what}{now}。请回复正确的累计数（{item.unit}），{example}。")


def told(
    settled: Settled, written: Sequence[Report], queries: Sequence[Query], desk: Desk, after: Desk
) -> Reply | None:
    """What was understood, what is missing, at most one question; None when there is nothing to say."""
    lines = []
    kept = [row for row in written if row.kind not in _UNDOES]
    gone = [row for row in written if row.kind in _UNDOES and row.replaces not in settled.eased]
    if gone:
        places = [[row for row in gone if _place(row) == place] for place in dict.fromkeys(map(_place, gone))]
        lines.append(f"已撤回：{'、'.join(_gone(rows, desk, after) for rows in places)}。原话仍留底。")
        lines += [_stands(rows[0], after) for rows in places]
    if kept:
        verb = "已更正" if all(row.kind == CORRECTION for row in kept) else "已记"
        body = "\n".join(version_words(row, after) for row in kept)
        lines.append(f"{verb}：{body}" + ("" if queries else f"。{_CLOSING}"))
    lines += _eased(settled, written)
    lines += [_late(row, desk) for row in kept[:1] if row.late]
    lines += [_refused(one) for one in settled.refused]
    lines += [_other(*one) for one in settled.others]
    lines += [_foreign(county, desk) for county in dict.fromkeys(settled.foreign)]
    lines += [question(query, desk) for query in queries]
    if not queries:
        left = _left(settled, after)
        unread = settled.attached and any("还差" in line for line in left)
        lines += ["文件里的数我不会自己读，请写在这里。"] * unread + left
    text = "\n".join(line for line in lines if line)
    return Text(text) if text else None


def _eased(settled: Settled, written: Sequence[Report]) -> list[str]:
    """What stands no longer, in the words that told it."""
    rows = [(settled.eased[row.replaces], row) for row in written if row.replaces in settled.eased]
    told: dict[int, list[str]] = {}
    for old, now in rows:
        for name, label in (("difficulty", "困难"), ("help_needed", "需协调")):
            if getattr(old, name) and not getattr(now, name):
                told.setdefault(old.point, []).append(f"{label}“{getattr(old, name)}”")
    return [f"要点{point}不再列{'、'.join(parts)}，原话仍留底。" for point, parts in told.items()]


def which_is_eased(points: Sequence[int]) -> Reply:
    """Several points have a difficulty, and none was named."""
    named = [f"要点{point}" for point in points]
    return Text(
        f"是哪个要点的困难解决了？{'、'.join(named)}都记有困难。请连要点号再说一次，例如：{named[0]}困难已解决"
    )


def _place(row: Report) -> tuple[int, str]:
    return row.point, row.unit


def _gone(rows: Sequence[Report], desk: Desk, after: Desk) -> str:
    """What was taken back of one point: the figures that no longer are what they were, and what they are
    again; else all that was last said."""
    said = [(old, row) for row in rows for old in desk.standing if old.id == row.replaces]
    lost = [figure for old, row in said for figure in old.figures if figure not in row.figures]
    if not lost or (len(rows) == 1 and rows[0].kind == RESTORED and len(lost) > 1):
        return f"要点{rows[0].point}刚才的数"
    now = after.stands(*_place(rows[0])).figures
    newest = {figure.target or figure.what: figure for figure in sorted(lost, key=lambda one: one.said)}
    told = [_figure(figure, desk) + _again(now.get(figure.target), figure) for figure in newest.values()]
    return f"要点{rows[0].point} {'、'.join(told)}"


def _figure(figure: Figure, desk: Desk) -> str:
    return f"{name_of(figure, desk.book)}{number_words(figure.value)}{figure.unit}"


def _again(now: Figure | None, lost: Figure) -> str:
    """What a figure goes back to: the number that stood before, with its day."""
    if now is None or not lost.target:
        return "（之前没有报过，这一项现在没有数）"
    said = f"，{now.as_of.month}月{now.as_of.day}日报" if now.as_of else ""
    return f"（恢复为之前的{number_words(now.value)}{now.unit}{said}）"


def _stands(row: Report, after: Desk) -> str:
    """What holds of the point now."""
    standing = after.stands(row.point, row.unit)
    parts = [figure_words(figure, after.book) for figure in standing.figures.values()]
    if standing.percent is not None:
        parts.append(f"整体进度{number_words(standing.percent)}%")
    if standing.status:
        parts.append(STATUS[standing.status])
    none = f"要点{row.point}现在没有贵单位的数。"
    return f"现在记的是：要点{row.point} {'，'.join(parts)}。" if parts else none


def version_words(row: Report, desk: Desk) -> str:
    """要点17 新改建农村公路32公里（目标超48.7公里，完成65.7%），整体进度66%: what one version says."""
    parts = [figure_words(figure, desk.book) for figure in row.figures if _is_new(figure, row)]
    if row.percent is not None:
        parts.append(f"整体进度{number_words(row.percent)}%")
    if row.status:
        parts.append(STATUS[row.status])
    if row.elsewhere:
        parts.append("省平台已报，不重复报送")
    elif row.nothing_new and not parts:
        parts.append("本期没有新数")
    step = step_words(row)
    for label, text in (("困难", row.difficulty), ("需协调", row.help_needed), ("下一步", step)):
        if text:
            parts.append(f"{label}：{text}")
    if row.due:
        parts.append(f"时限{_day(row.due, desk.on)}")
    where = f"要点{row.point}" + (f"（{row.unit}）" if len(desk.units) > 1 else "")
    return f"{where} {'，'.join(parts)}" if parts else f"{where} 已收到"


def _is_new(figure: Figure, row: Report) -> bool:
    return figure.message_key in ("", row.message_key) or row.kind != CORRECTION


def _late(row: Report, desk: Desk) -> str:
    asked = next((one for one in desk.prompts(row.point, row.unit) if one.round.id == row.round_id), None)
    if asked is None:
        return ""
    due = due_words(asked.due_at.astimezone(SHANGHAI))
    closed = "本轮已经收口，" if asked.round.closed_at is not None else ""
    return f"{closed}截止时间是{due}，这次按迟报记录，数据照常入台账。"


def _foreign(county: str, desk: Desk) -> str:
    own = "、".join(desk.units)
    return f"{county}的数由{county}联络员报送，没有记到{own}名下。是{own}的数请写明再报一次。"


def _other(said: str, owner: str) -> str:
    return f"{said}由{owner}报送，没有记到贵单位名下。分工有变动的，请告诉市百千万办。"


def _refused(one: Refused) -> str:
    leads = "、".join(one.leads[:3])
    whose = f"目前登记由{leads}负责" if leads else "目前没有登记责任单位"
    return f"要点{one.point}{whose}，没有记到贵单位名下。分工有变动的，请告诉市百千万办。"


def _left(settled: Settled, after: Desk) -> list[str]:
    """What is still owed, by the numbers of the message that asked; thanks when nothing is."""
    if not settled.marks:
        return []
    waiting = after.waiting
    undone = any(row.kind in _UNDOES for row in settled.versions)
    served = {mark.asked.round.id for mark in settled.marks}
    closed = [one for one in after.asked if one.round.id in served and one.prompt.state in WAITING]
    names = [f"{mark}{item.what}" for mark, _, item in open_items(after, waiting or closed)]
    if not names:
        return [] if undone else ["本轮已报齐，谢谢。"]
    shown = "、".join(names[:6]) + ("等" if len(names) > 6 else "")
    if not waiting:
        return [] if undone else [f"这一轮还差{len(names)}项：{shown}，有数了也请补报。"]
    due_at = min(one.due_at for one in waiting)
    when = f"{due_words(due_at.astimezone(SHANGHAI))}前报即可" if after.now <= due_at else "请尽快补报"
    return [f"还差{len(names)}项：{shown}。{when}；没有变化的回复“无变化”。"]


def acknowledged(desk: Desk) -> Reply | None:
    """A word to “收到”: what was asked still waits, so it says until when, and no more."""
    if not desk.waiting:
        return None
    return Text(f"好的。{_when(desk)}" if _overdue(desk) else f"好的，{_when(desk)}")


def still_owed(desk: Desk) -> str:
    """By when what was asked is still wanted."""
    return f"本轮要报的仍由您报：{_when(desk)}" if desk.waiting else ""


def _when(desk: Desk) -> str:
    due = due_words(min(one.due_at for one in desk.waiting).astimezone(SHANGHAI))
    return f"原定{due}报送，请尽快直接在这里补报。" if _overdue(desk) else f"{due}前直接在这里回复就行。"


def _overdue(desk: Desk) -> bool:
    return desk.now > min(one.due_at for one in desk.waiting)


def wants_another_liaison(desk: Desk) -> str:
    """What the office reads, with the words that do it."""
    unit = "、".join(desk.units)
    return f"{unit}联络员说：“{desk.text}”。要换人请回复：绑定 账号 姓名 {desk.units[0]}联络员"


def no_such_place(marks: str, desk: Desk) -> Reply:
    """He told something under a number that nobody asked for."""
    rows = "\n".join(choices(desk)[:12])
    return Text(
        f"请您报的里面没有{marks}，这条没有记。现在请您报的是：\n{rows}\n请按这些序号，或写明是什么再报一次。"
    )


def kept_file(told: str, point: int, answer: Reply | None) -> str:
    """After a file that came alone: what became of it, and the numbers that are still wanted in words."""
    rest = answer.text.partition("\n")[2] if isinstance(answer, Text) else ""
    words = "文件里的数我不会自己读，" if "还差" in rest else ""
    return f"{told}已记到要点{point}。\n{words}{rest}".rstrip()


# --- “不属本单位” ------------------------------------------------------------------------------------------


def which_not_yours(desk: Desk) -> Reply:
    rows = dict.fromkeys(f"要点{one.prompt.point}" for one in desk.waiting)
    return Text(
        f"是哪一个要点不属贵单位？请连要点号再说一次，例如：{next(iter(rows))}不属本单位。目前请贵单位报送的是{'、'.join(rows)}。"
    )


@dataclass(frozen=True, slots=True)
class Disputed:
    """What a unit says is not its own: a point it was asked, or only some things of it."""

    point: int
    unit: str
    bundle: str
    items: tuple[str, ...] = ()


def objected(taken: Sequence[Disputed], refers_to: str, desk: Desk) -> Reply:
    points = "、".join(dict.fromkeys(_point(one.point, desk.book) + things(one.items) for one in taken))
    instead = f"，建议由{refers_to}负责" if refers_to else ""
    return Text(
        f"已记下：{points}，贵单位提出不属本单位{instead}。市百千万办核定前不再向贵单位催报这一项，核定后告诉您。"
    )


def for_the_office(taken: Sequence[Disputed], refers_to: str, desk: Desk) -> str:
    """What an admin reads: who objects to what, in their own words, and how to decide."""
    points = "、".join(dict.fromkeys(_quoted(one.point, desk.book) + things(one.items) for one in taken))
    instead = f"，认为应由{refers_to}负责" if refers_to else ""
    return (
        f"【责任异议】{taken[0].unit}对{points}提出不属本单位{instead}。\n"
        f"原话：{desk.text[:120]}\n请回复“异议”查看并核定。"
    )


def things(items: Sequence[str]) -> str:
    """中的“新改建农村公路”; nothing where all of it is meant."""
    return f"中的{'、'.join(f'“{item}”' for item in items)}" if items else ""


def _quoted(number: int, book: Book) -> str:
    """要点17“推动基础设施提能升级”"""
    point = book.notice.point(number)
    return f"要点{number}“{point.title}”" if point else f"要点{number}"


def _point(number: int, book: Book) -> str:
    point = book.notice.point(number)
    return heading(point) if point else f"要点{number}"


def _day(on: date, today: date) -> str:
    return (f"{on.year}年" if on.year != today.year else "") + day(on)
