"""Whom to remind of what today, in which words: T-2 what is owed, T with who will be told and when.

Pure; `scheduler/reminders.py` hands in what waits and writes what comes back. At most three messages per
round with the one that opened it, one a day and person, none on a day on which he said something.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from storage.extensions import ASKED, GRANTED, PAUSED, RETURNED, Extension
from storage.rounds import Asked
from supervision.rounds import day, due_words
from supervision.workdays import SHANGHAI, Workdays

MOST = 3  # messages of a round to one person, with the one that opened it
Stage = Literal["", "early", "final"]
_SHOWN = 3  # open things that are named
_BYTES = 2_000  # what WeCom takes is 2048
_NUMBER = re.compile(r"^(?:[①-⑳]|\(\d+\))")


@dataclass(frozen=True, slots=True)
class Owing:
    """A prompt that waits. `due` is its day after extensions and quiet periods, `open` what is missing by its
    number in the message that asked."""

    asked: Asked
    due: date
    asked_on: date | None  # when its message left; empty: it has not
    early: tuple[date, ...] = ()
    final: tuple[date, ...] = ()
    extensions: tuple[Extension, ...] = ()
    open: tuple[str, ...] = ()
    paused: frozenset[date] = frozenset()  # working days on which nobody was reminded

    @property
    def undecided(self) -> bool:
        """Whether the unit waits for the office."""
        return any(not one.decision for one in self.extensions)

    @property
    def partial(self) -> bool:
        return len(self.open) < len(self.asked.prompt.items) or bool(self.asked.returned)

    @property
    def moved_by(self) -> str:
        """What moved its day last; "" for its own day."""
        granted = [one for one in self.extensions if one.decision == GRANTED]
        return granted[-1].kind if granted else ""

    @property
    def moved(self) -> bool:
        """Whether it is later than the unit was told."""
        return self.moved_by == PAUSED or self.due > self.asked.due_at.astimezone(SHANGHAI).date()

    @property
    def due_at(self) -> datetime:
        moment = self.asked.due_at.astimezone(SHANGHAI)
        return datetime.combine(self.due, moment.time(), SHANGHAI)


def stage(owing: Owing, today: date, workdays: Workdays) -> Stage:
    """Whether to remind of it today, if its person has said nothing today."""
    if owing.asked_on is None or owing.asked_on >= today or owing.undecided:
        return ""
    given = (*owing.early, *owing.final)
    if len(given) >= MOST - 1 or today in given:
        return ""
    if today >= owing.due:
        return "" if any(one >= owing.due for one in owing.final) else "final"
    opens = workdays.shift(owing.due, -2)
    if owing.moved_by in (ASKED, RETURNED) or owing.early or owing.asked_on >= opens:
        return ""  # what was put off is left in peace until its day
    return "early" if today >= opens else ""


# --- the words ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group:
    """What one round, or several at once, still wait for from one unit, due at one time."""

    stage: Stage
    round: str  # 7月进展、三季度进展
    unit: str
    points: tuple[int, ...]
    due_at: datetime
    open: tuple[str, ...]
    partial: bool
    warns: bool  # whether its leader is told next
    moved: bool = False  # after a quiet period or a rejected objection


@dataclass(frozen=True, slots=True)
class Who:
    """To whom a reminder speaks: `units` he reports for; `led` are those with a leader to be told."""

    units: tuple[str, ...]
    led: frozenset[str]


def grouped(found: Sequence[tuple[Stage, Owing]]) -> list[Group]:
    """Final ones first, then by the day they are due. What several rounds ask of a point is one answer: it
    stands once, with the most urgent of them."""
    rows: dict[tuple[Stage, int, str, datetime], list[Owing]] = {}
    for asked in _by_point(found):
        stage, lead = asked[0]
        key = (stage, lead.asked.round.id, lead.asked.prompt.unit, lead.due_at)
        rows.setdefault(key, []).extend(owing for _, owing in asked)
    groups = [_grouped(stage, unit, due_at, owed) for (stage, _, unit, due_at), owed in rows.items()]
    return sorted(groups, key=_urgency)


def _by_point(found: Sequence[tuple[Stage, Owing]]) -> list[list[tuple[Stage, Owing]]]:
    """What is asked of each point and unit, the most urgent first."""
    asked: dict[tuple[str, int], list[tuple[Stage, Owing]]] = {}
    for one, owing in found:
        asked.setdefault((owing.asked.prompt.unit, owing.asked.prompt.point), []).append((one, owing))
    return [sorted(rows, key=lambda row: (row[0] != "final", row[1].due_at)) for rows in asked.values()]


def _urgency(one: Group) -> tuple[bool, datetime]:
    return one.stage != "final", one.due_at


def _grouped(stage: Stage, unit: str, due_at: datetime, owed: Sequence[Owing]) -> Group:
    names = dict.fromkeys(one.asked.round.name.removesuffix("报送") for one in owed)
    return Group(
        stage,
        "、".join(names),
        unit,
        tuple(dict.fromkeys(one.asked.prompt.point for one in owed)),
        due_at,
        _open(owed),
        any(one.partial for one in owed),
        any(one.asked.prompt.basis != "released" and not one.asked.returned for one in owed),
        any(one.moved for one in owed if one.due_at == due_at),
    )


def _open(owed: Sequence[Owing]) -> tuple[str, ...]:
    """What is missing, each thing once, by its number in the newest message that asked."""
    labels: dict[tuple[int, str], str] = {}
    for one in sorted(owed, key=lambda one: one.asked.prompt.bundle):
        for label in one.open:
            labels[one.asked.prompt.point, _NUMBER.sub("", label)] = label
    places = [(one.asked.prompt.point, _NUMBER.sub("", label)) for one in owed for label in one.open]
    return tuple(labels[place] for place in dict.fromkeys(places))


def compose(groups: Sequence[Group], who: Who, today: date, workdays: Workdays) -> str:
    """One message for everything one person is reminded of today."""
    final = [one for one in groups if one.stage == "final"]
    title = "【今日到期】" if any(one.due_at.date() == today for one in final) else "【临期提醒】"
    if final and title == "【临期提醒】":
        title = "【逾期提醒】"
    if len(groups) == 1:
        lines = [f"{title}您好，{_group(groups[0], who, today)}。"]
    else:
        lines = [f"{title}您好，以下报送请留意：", *(f"{_group(one, who, today)}；" for one in groups)]
    if final:
        lines.append("没有变化请回复“无变化”，不属于贵单位职责请回复“不属本单位”。")
        lines.append(f"{warning(final, who, today, workdays)}有特殊情况请直接说明，我们做好记录。")
    else:
        lines.append("若暂时没有准确数，可先报已有的，其余注明预计时间。")
        lines.append("已在办理的请忽略本条。")
    return "\n".join([*lines, "市百千万办"])


def joined(text: str, groups: Sequence[Group], who: Who, today: date, workdays: Workdays) -> str:
    """The message that asks today, with a line that reminds; `text` itself where both do not fit."""
    final = [one for one in groups if one.stage == "final"]
    line = f"另请留意：{'；'.join(_group(one, who, today) for one in groups)}。"
    line += warning(final, who, today, workdays) if final else ""
    head, sign, foot = text.rpartition("\n市百千万办")
    both = f"{head}\n{line}{sign}{foot}" if sign else f"{text}\n{line}"
    return both if len(both.encode()) <= _BYTES else text


def warning(final: Sequence[Group], who: Who, today: date, workdays: Workdays) -> str:
    """Who will be told, and when; nothing where nobody will be."""
    warned = [one for one in final if one.warns]
    if not warned:
        return ""
    told = "告知贵单位分管领导" if any(one.unit in who.led for one in warned) else "电话联系贵单位"
    return f"如今天仍未收到，市百千万办将于{day(workdays.shift(today, 1))}下午{told}。"


def _group(one: Group, who: Who, today: date) -> str:
    """贵单位6月进展（要点19，共3项）今天17:30到期，尚未收到回复"""
    whose = "贵单位" if len(who.units) == 1 else one.unit
    points = f"要点{'、'.join(map(str, one.points[:6]))}{'等' if len(one.points) > 6 else ''}"
    count = f"，共{len(one.open)}项" if not one.partial else ""
    when = _when(one, today)
    if not one.partial:
        return f"{whose}{one.round}（{points}{count}）{when}，尚未收到回复"
    named = "、".join(one.open[:_SHOWN]) + (f"等{len(one.open)}项" if len(one.open) > _SHOWN else "")
    return f"{whose}{one.round}（{points}）{when}，目前还差{named}"


def _when(one: Group, today: date) -> str:
    moved = "（已顺延）" if one.moved else ""
    if one.due_at.date() == today:
        return f"今天{one.due_at:%H:%M}到期{moved}"
    if one.due_at.date() < today:
        return f"原定{due_words(one.due_at)}报送，请今天补报"
    return f"将于{due_words(one.due_at)}到期{moved}"
