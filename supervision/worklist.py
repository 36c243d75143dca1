"""What waits for the office itself: drafts, objections, units without a liaison, looks back, collections.

Pure; `supervision/sight.py` calls it for the work list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from storage import problem
from supervision.collecting import falls_on
from supervision.digest_facts import OfficeFacts
from supervision.overview import PointState
from supervision.problem_words import numbers
from supervision.situation import Situation
from supervision.workdays import SHANGHAI


def office_facts(situation: Situation, states: Sequence[PointState]) -> OfficeFacts:
    """What waits for the office itself."""
    today = [r for r in situation.standing if r.at.astimezone(SHANGHAI).date() == situation.view.today]
    order = situation.book.directory.order_of
    waiting = {p.unit for one in situation.rounds for p in one.waiting if not p.bundle}
    return OfficeFacts(
        received=len(today),
        received_from=tuple(sorted({row.unit for row in today}, key=order)),
        red=tuple(s.point.number for s in states if s.light.colour == "red"),
        yellow=tuple(s.point.number for s in states if s.light.colour == "yellow"),
        red_drafts=tuple(s.point.number for s in states if s.light.colour == "red" and s.light.draft),
        objections=tuple(f"{one.unit}要点{one.point}" for one in situation.objections),
        drafts=situation.drafts,
        unasked=tuple(sorted(waiting - set(situation.liaisons or ()), key=order)),
        lookbacks=tuple(_lookbacks(situation)),
        collections=tuple(_collections(situation)),
        problems=tuple(_problems(situation)),
    )


def _lookbacks(situation: Situation) -> Iterator[str]:
    """Asked and not answered, and what the next working day asks."""
    today = situation.view.today
    tomorrow = situation.view.workdays.shift(today, 1)
    for one in situation.lookbacks:
        place = f"要点{one.closing.point}{one.closing.unit}"
        if one.closing.reopened_at is not None or one.answered_at is not None:
            continue
        if one.asked_at is not None:
            at = one.asked_at.astimezone(SHANGHAI)
            yield f"{place}{at.month}月{at.day}日已问未答"
        elif one.due_on <= tomorrow:
            yield f"{place}{one.due_on.month}月{one.due_on.day}日第{one.number}次"


def _problems(situation: Situation) -> Iterator[str]:
    """Counts of what only the office can go on with, each with how it is listed."""
    kinds = [
        ("待分办", {problem.NEW}),
        ("异议待定", {problem.OBJECTED}),
        ("待定性", {problem.REVIEW}),
        ("待评价", {problem.ANSWERED}),
    ]
    for name, states in kinds:
        if own := [one for one in situation.problems if one.state in states]:
            yield f"{name}{numbers(own, 4)}"
    if asked := [one for one in situation.problems if one.wanted_until]:
        yield f"延期待定{numbers(asked, 4)}"


def _collections(situation: Situation) -> Iterator[str]:
    workdays = situation.view.workdays
    tomorrow = workdays.shift(situation.view.today, 1)
    for one in situation.collections:
        if falls_on(one, tomorrow, workdays):
            yield f"{tomorrow.month}月{tomorrow.day}日收“{one.name}”（{len(one.units)}个单位）"
