"""A correction before it is read: put into the form people are asked to use, or answered by one question.

`handlers/progress.py` calls it; the words are `supervision/amending.py`'s. What stands is said back, so that
one number is answer enough.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from handlers import asking_back
from handlers import progress_words as words
from handlers.asking_back import NO
from handlers.booking import TOLD_FOR
from handlers.context import Context
from handlers.desk import asked_of
from knowledge.normalize import plain
from knowledge.reading import Item, Reading
from storage.message import Reply
from storage.reports import Figure
from supervision import amending, withdrawing
from supervision.desk import Desk
from supervision.queries import Query

WRONG = "wrong"  # the kind of question that asks for a number in the place of a wrong one


def reworded(said: str, desk: Desk, ctx: Context, pending: Query | None) -> str:
    """What is to be read: a correction in the reader's own form, anything else as it was said."""
    if not withdrawing.mine(desk) and not pending:
        return said
    return amending.amended(said, _last(desk, ctx, pending)) or said


def as_meant(reading: Reading, pending: Query | None) -> Reading:
    """A number that was asked for in the place of a wrong one corrects, whatever it is."""
    corrects = pending is not None and pending.kind == WRONG and reading.kind == "report"
    return replace(reading, kind="correction") if corrects else reading


def ask(said: str, desk: Desk, ctx: Context) -> Reply | None:
    """To “刚才那个数错了”: what stands, and which number to write."""
    wrong = amending.complaint(said)
    if wrong is None or NO.fullmatch(plain(said)) or not withdrawing.mine(desk):
        return None
    items = asked_of(desk).items
    item = amending.meant(wrong, items)
    if wrong.what and item is None:
        return None
    if item is None and (figure := _only_told(desk)):
        item = next((one for one in items if one.target == figure.target), None)
    if item is None:
        return words.which_is_wrong(desk)
    unit = _unit(item, desk) or ""
    asking_back.remember(ctx, [Query(WRONG, item.point, unit, target=item.target)])
    return words.what_is_right(item, items.index(item) + 1, _stood(item, desk))


def just_told(ctx: Context) -> bool:
    """Whether the last thing said to him was what had been understood, and not an answer to a question."""
    memory = ctx.memory or {}
    told = memory.get("told_at", "")
    if not told or ctx.now - datetime.fromisoformat(told) > TOLD_FOR:
        return False
    return bool(told > (memory.get("at") or ""))


def _last(desk: Desk, ctx: Context, pending: Query | None) -> str:
    """What “那个数” is: what was asked about, else the one figure that was told last."""
    if pending and pending.target:
        target = next((t for t in desk.book.targets if t.id == pending.target), None)
        return target.what if target else ""
    figure = _only_told(desk) if just_told(ctx) else None
    return figure.what if figure else ""


def _only_told(desk: Desk) -> Figure | None:
    """The figure of his newest message that said one."""
    told = [figure for row in withdrawing.mine(desk) for figure in row.figures if figure.target]
    rows = sorted(withdrawing.mine(desk), key=lambda row: row.id)
    newest = rows[-1].message_key if rows else ""
    found = [figure for figure in told if figure.message_key == newest]
    return found[0] if len(found) == 1 else None


def _stood(item: Item, desk: Desk) -> Figure | None:
    unit = _unit(item, desk)
    return desk.stands(item.point, unit).figures.get(item.target) if unit else None


def _unit(item: Item, desk: Desk) -> str | None:
    return desk.unit_of(item.target, item.point) or desk.unit_for(item.point)
