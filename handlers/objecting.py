"""“不属本单位”: an objection to being asked, kept for the office to decide; until then nobody is urged.

`handlers/progress.py` reads the words; here the prompts they are about are found and marked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from handlers import progress_words as words
from handlers import telling
from handlers.context import Context
from knowledge.match import Index
from knowledge.normalize import plain
from knowledge.reading import Reading
from knowledge.topics import among
from storage import objections, rounds
from storage.message import Reply, Text
from storage.objections import Objection
from supervision import asking
from supervision.desk import Desk
from supervision.prompts import state_of
from supervision.refusing import Refusal

_REFUSES = re.compile(
    r"(?:这一?项)?不(?:属|归|属于)(?:本|我|我们|贵)?(?:单位|局|办)?(?:的?职责|管)?[。.!！]*"
)


@dataclass(frozen=True, slots=True)
class _Theirs:
    """What an objection is about; `unclear` when several things are owed and none was named."""

    prompts: tuple[rounds.Asked, ...] = ()
    unclear: bool = False


def _meant(reading: Reading, desk: Desk, index: Index) -> _Theirs:
    """By the point's number, else by what is said of it: “改革那个不归我们”."""
    waiting = desk.waiting
    points = {one.prompt.point for one in waiting}
    named = points.intersection(reading.points)
    if not named and len(said := among(points, plain(desk.text), index)) == 1:
        named = set(said)
    if named:
        return _Theirs(tuple(one for one in waiting if one.prompt.point in named))
    return _Theirs(tuple(waiting)) if len(points) == 1 else _Theirs(unclear=len(points) > 1)


async def object_to_some(refusal: Refusal, desk: Desk, ctx: Context) -> Reply | None:
    """Takes the objection to some of the things asked; where nothing else is asked there, to all of it."""
    meant = {(item.point, item.target or item.what) for item in refusal.items}
    taken = []
    for one in desk.waiting:
        things = [item.target or item.what for item in one.prompt.items]
        refused = [name for name in things if (one.prompt.point, name) in meant]
        if not refused:
            continue
        items = tuple(
            replace(item, state=rounds.OBJECTED) if (item.target or item.what) in refused else item
            for item in one.prompt.items
        )
        left = [item for item in items if not item.state]
        about = tuple(item.what for item in items if (item.target or item.what) in refused) if left else ()
        if left:
            one = replace(one, prompt=replace(one.prompt, items=items))
            await rounds.set_items(ctx.conn, one.prompt.id, items)
        taken.append(await _take(one, about, refusal.refers_to, desk, ctx))
    if not taken:
        return None
    await _settle(taken, refusal.refers_to, desk, ctx)
    return words.objected(taken, refusal.refers_to, desk)


async def _take(
    one: rounds.Asked, about: tuple[str, ...], refers_to: str, desk: Desk, ctx: Context
) -> words.Disputed:
    """Writes down one objection, and what becomes of its prompt."""
    prompt = one.prompt
    instead = refers_to if refers_to != prompt.unit else ""
    await objections.raise_(
        ctx.conn,
        Objection(
            prompt.id,
            prompt.point,
            prompt.unit,
            desk.person,
            desk.key,
            ctx.now,
            desk.text,
            instead,
            items=about,
        ),
    )
    state = state_of(one, desk.standing) if about else rounds.OBJECTED
    await rounds.mark(ctx.conn, prompt.id, state, now=ctx.now, key=desk.key)
    return words.Disputed(prompt.point, prompt.unit, prompt.bundle, about)


async def _settle(taken: Sequence[words.Disputed], refers_to: str, desk: Desk, ctx: Context) -> None:
    """Messages that have not left ask no more for it, and the office gets one line at a decent hour."""
    await asking.answered(ctx.conn, desk.book, {one.bundle for one in taken}, now=ctx.now)
    text = words.for_the_office(taken, refers_to, desk)
    await telling.office(f"objection:{desk.key}", Text(text), ctx)


async def object_to(reading: Reading, desk: Desk, ctx: Context) -> Reply | None:
    """Takes the objection for what is named, or for the one thing owed, and tells the office."""
    meant = _meant(reading, desk, ctx.knows.index)
    if meant.unclear:
        return words.which_not_yours(desk)
    if not meant.prompts:
        return Text(words.NOTHING_TO_REFUSE) if _REFUSES.fullmatch(desk.text.strip()) else None
    taken = [await _take(one, (), reading.refers_to, desk, ctx) for one in meant.prompts]
    await _settle(taken, reading.refers_to, desk, ctx)
    return words.objected(taken, reading.refers_to, desk)
