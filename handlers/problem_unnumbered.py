"""“接办”, “办结：……”, “同意延期” without a number: said in answer to the message about the one that waits.

Where exactly one of the speaker's waits for it, that is meant; where several do, he is asked which.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from handlers.context import Context, UserError
from knowledge.problem_orders import Order, unnumbered
from storage import problem, problems
from storage.problem import Problem
from supervision import problem_words

_SHOWN = 5
_WAITS: dict[str, Callable[[Problem], bool]] = {
    "accept": lambda p: p.state == problem.ASSIGNED,
    "contact": lambda p: p.state in (problem.ASSIGNED, problem.ACCEPTED),
    "plan": lambda p: p.state in problem.WITH_UNIT,
    "answer": lambda p: p.state in problem.WITH_UNIT,
    "grant": lambda p: p.wanted_until is not None,
    "deny": lambda p: p.wanted_until is not None,
    "assign": lambda p: p.state == problem.NEW,
}
_OFFICES = frozenset({"grant", "deny", "assign"})
_SAY = {
    "accept": "接办{n}", "contact": "{n}已联系企业", "plan": "{n}方案：……", "answer": "{n}办结：……",
    "grant": "{n}同意延期", "deny": "{n}不同意延期 理由", "assign": "分办{n}",
}  # fmt: skip


async def meant(text: str, ctx: Context) -> Order | None:
    """The order with the number it means; None where nothing of the speaker's waits for it."""
    order = unnumbered(text)
    if order is None or (order.verb in _OFFICES and not ctx.is_admin):
        return None
    running = await problems.running(ctx.conn)
    waits = [p for p in running if _WAITS[order.verb](p) and (order.verb in _OFFICES or p.lead in ctx.units)]
    if not waits:
        return None
    if len(waits) > 1:
        named = "；".join(f"{p.label}（{problem_words.subject(p, 16)}）" for p in waits[:_SHOWN])
        more = f"等{len(waits)}件" if len(waits) > _SHOWN else ""
        say = _SAY[order.verb].format(n=waits[0].number)
        raise UserError(f"不止一件：{named}{more}。请写明编号，例如：{say}")
    return replace(order, number=waits[0].number, year=waits[0].year, explicit=True)
