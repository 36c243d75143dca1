"""What the office reads of its own desk: its drafts with their buttons, the day's collection.

Pure. The numbers in “放行 草稿3” are the drafts' own and never change, so that two admins mean the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from storage import drafts
from storage.drafts import Draft
from storage.message import Button, Card
from storage.parked import Parked
from storage.quiets import Quiet
from supervision import escalation
from supervision.reminding import Owing
from supervision.rounds import day
from supervision.workdays import SHANGHAI, Workdays

_BUTTONS = 6
_SHOWN = 10
CARD_TITLE, CARD_BODY = 26, 112  # characters WeCom shows
DECEMBER = 12


def draft_text(draft: Draft) -> str:
    """One draft in full, and how to decide it."""
    held = f"（暂缓中：{draft.reason or '未写原因'}）" if draft.state == drafts.HELD else ""
    return f"草稿{draft.id}{held}【{draft.title}】\n{draft.body}\n\n{_how(draft)}"


def _how(draft: Draft) -> str:
    name = f"草稿{draft.id}"
    if draft.kind == drafts.LEVEL_TWO or draft.kind == escalation.PHONE:
        return f"请回复：{name}已电话 情况／{name}暂缓 原因／{name}不发 原因"
    if draft.kind == drafts.LEVEL_THREE:
        return f"请回复：{name}列入通报／{name}改为：……／{name}暂缓 原因／{name}不发 原因"
    return f"请回复：放行 {name}／{name}改为：……／{name}暂缓 原因／{name}不发 原因"


def draft_card(draft: Draft) -> Card:
    """What it is about, on a card: one tap lets it out, another shows it in full."""
    name = f"草稿{draft.id}"
    yes = "已电话" if draft.kind in (drafts.LEVEL_TWO, escalation.PHONE) else "放行"
    if draft.kind == drafts.LEVEL_THREE:
        yes = "列入通报"
    buttons = (
        Button(yes, f"{name}{yes}"),
        Button("看全文", name),
        Button("暂缓", f"{name}暂缓"),
        Button("不发", f"{name}不发"),
    )
    return Card(cut(f"{name} {draft.title}", CARD_TITLE), _brief(draft), buttons, draft_text(draft))


def _brief(draft: Draft) -> str:
    brief = escalation.brief(draft.kind, draft.detail) if not draft.detail.get("edited") else ""
    return cut(brief or draft.body, CARD_BODY)


def cut(text: str, most: int) -> str:
    """At most so many characters: a card that is longer goes out as text, without its buttons."""
    return text if len(text) <= most else f"{text[: most - 2]}……"


def card(found: Sequence[Draft]) -> Card:
    """The list; a single one is shown whole."""
    if len(found) == 1:
        return draft_card(found[0])
    lines = [_line(one) for one in found[:_SHOWN]]
    lines += [f"……共{len(found)}份"] if len(found) > _SHOWN else []
    head = f"待审核的草稿{len(found)}份："
    buttons = tuple(Button(f"看草稿{one.id}", f"草稿{one.id}") for one in found[:_BUTTONS])
    how = f"看全文回复：草稿{found[0].id}；放行回复：放行 草稿{found[0].id}"
    return Card("待审核草稿", "\n".join([head, *lines]), buttons, "\n".join([head, *lines, how]))


def _line(draft: Draft) -> str:
    held = "（暂缓）" if draft.state == drafts.HELD else ""
    return f"草稿{draft.id} {draft.title}{held}"


# --- the day's collection -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Collected:
    """What the day left on the desk: what `came`; `drafts` are those that wait and those that are held."""

    came: Sequence[tuple[int, str]]  # point and unit
    owing: Sequence[Owing]
    objections: int
    extensions: int
    drafts: tuple[int, int]
    parked: Sequence[Parked]
    paused: Quiet | None = None


def summary(found: Collected, now: datetime, workdays: Workdays) -> str:
    """当日收报汇总; "" where there is nothing to say."""
    lines = [*_came(found), *_owed(found, now, workdays), *_open(found), *_due_next(found, now, workdays)]
    lines += [*_parked(found), *_calendar(now, workdays)]
    if found.paused:
        last = (found.paused.end - timedelta(seconds=1)).astimezone(SHANGHAI).date()
        lines.append(f"催办：暂停中（{found.paused.reason}，到{day(last)}为止）")
    if not lines:
        return ""
    return "\n".join([f"【当日收报】{day(now.astimezone(SHANGHAI).date())}", *lines])


def _came(found: Collected) -> list[str]:
    if not found.came:
        return ["今日收报：没有"] if found.owing else []
    units = list(dict.fromkeys(unit for _, unit in found.came))
    return [f"今日收报：{len(found.came)}项（{_names(units)}）"]


def _owed(found: Collected, now: datetime, workdays: Workdays) -> list[str]:
    today = now.astimezone(SHANGHAI).date()
    rounds: dict[tuple[str, date], list[Owing]] = {}
    for one in found.owing:
        rounds.setdefault((one.asked.round.name, one.due), []).append(one)
    lines = []
    for (name, due), rows in sorted(rounds.items(), key=lambda item: item[0][1]):
        late = workdays.count(due, today)
        when = f"已过期{late}个工作日" if late > 0 else f"{due.month}月{due.day}日到期"
        lines.append(f"尚欠：{name}{len(rows)}项，{when}（{_names(_units(rows))}）")
    nobody = _units([one for one in found.owing if not one.asked.prompt.bundle])
    return [*lines, f"其中没有联络员、没有发出催报的：{_names(nobody)}"] if nobody else lines


def _units(rows: Sequence[Owing]) -> list[str]:
    return list(dict.fromkeys(one.asked.prompt.unit for one in rows))


def _names(units: Sequence[str]) -> str:
    return "、".join(units[:6]) + (f"等{len(units)}个单位" if len(units) > 6 else "")


def _open(found: Collected) -> list[str]:
    waiting, held = found.drafts
    told = [
        (found.objections, "责任异议{}件（回复“异议”）"),
        (found.extensions, "延期申请{}件（回复“延期”）"),
        (waiting, "草稿{}份（回复“草稿”）"),
        (held, "暂缓的草稿{}份"),
    ]
    parts = [words.format(count) for count, words in told if count]
    return [f"待定：{'，'.join(parts)}"] if parts else []


def _due_next(found: Collected, now: datetime, workdays: Workdays) -> list[str]:
    following = workdays.shift(now.astimezone(SHANGHAI).date(), 1)
    due = [one for one in found.owing if one.due == following]
    if not due:
        return []
    return [f"下一个工作日到期（{following.month}月{following.day}日）：{len(due)}项"]


def _parked(found: Collected) -> list[str]:
    lines = [f"没有发出去、搁置的消息{len(found.parked)}条："] if found.parked else []
    lines += [f"给{one.target}：{one.reason}" for one in found.parked[:3]]
    return [*lines, "改好后请运维执行 bqw outbox 重发"] if lines else []


def _calendar(now: datetime, workdays: Workdays) -> list[str]:
    """From December the office is told that the next year's days off are only a guess."""
    today = now.astimezone(SHANGHAI).date()
    following = today.replace(year=today.year + 1, month=6, day=15)
    if today.month < DECEMBER or not workdays.guessed(following):
        return []
    return [
        f"{following.year}年放假安排还没有登记，目前按周末和法定节假日预计。"
        f"请回复“导入 {following.year}年放假安排”，下面每行写一段"
    ]
