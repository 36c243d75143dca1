"""A unit has another liaison: what firms' problems his unit has before it goes to him in one message.

Called when the office binds somebody in chat: whoever was told of them before may be gone, or nobody was
there to be told when they were assigned.
"""

from __future__ import annotations

from collections.abc import Iterable

from storage import problem, problems
from storage.message import Text
from storage.problem import Problem
from supervision import problem_words
from supervision.problem_desk import Desk

_SHOWN = 8
_HIS = frozenset({*problem.WITH_UNIT, problem.OBJECTED, problem.TRACKED_ON})


async def succeeded(desk: Desk, units: Iterable[str]) -> None:
    """Nothing where nothing is open, or nobody is bound."""
    wanted = sorted(set(units))
    running = await problems.running(desk.conn) if wanted else []
    for unit in wanted:
        found = [p for p in running if _concerns(p, unit)]
        if found and await desk.liaison(unit) is not None:
            key = f"problem:handover:{desk.key}:{unit}"
            await desk.tell_unit(key, unit, Text(_text(unit, found, desk)))


def _concerns(p: Problem, unit: str) -> bool:
    helps = p.state in problem.WITH_UNIT and unit in p.helpers and unit not in p.helped
    return (p.lead == unit and p.state in _HIS) or helps


def _text(unit: str, found: list[Problem], desk: Desk) -> str:
    lines = [f"【政企问题】您好，{unit}有{len(found)}件政企问题在办，现由您联系："]
    lines += [problem_words.row(p, desk.now) for p in found[:_SHOWN]]
    if len(found) > _SHOWN:
        lines.append(f"另有{len(found) - _SHOWN}件，回复“诉求”查看")
    lines.append(f"看一件、知道怎么回复，请说：诉求{found[0].number}")
    return "\n".join([*lines, problem_words.OFFICE])
