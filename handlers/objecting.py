"""“不属本单位”: an objection to being asked, kept for the office to decide; until then nobody is urged.

`handlers/progress.py` reads the words; here the prompts they are about are found and marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

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


async def object_to(reading: Reading, desk: Desk, ctx: Context) -> Reply | None:
    """Takes the objection for what is named, or for the one thing owed, and tells the office."""
    meant = _meant(reading, desk, ctx.knows.index)
    if meant.unclear:
        return words.which_not_yours(desk)
    if not meant.prompts:
        return Text(words.NOTHING_TO_REFUSE) if _REFUSES.fullmatch(desk.text.strip()) else None
    for one in meant.prompts:
        prompt = one.prompt
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
                reading.refers_to if reading.refers_to != prompt.unit else "",
            ),
        )
        await rounds.mark(ctx.conn, prompt.id, rounds.OBJECTED, now=ctx.now, key=desk.key)
    await asking.answered(ctx.conn, desk.book, {one.prompt.bundle for one in meant.prompts}, now=ctx.now)
    await _tell_office(meant.prompts, reading, desk, ctx)
    return words.objected(meant.prompts, reading.refers_to, desk)


async def _tell_office(prompts: Iterable[rounds.Asked], reading: Reading, desk: Desk, ctx: Context) -> None:
    """One line to each admin, at a decent hour: the office decides the same or the next day."""
    text = words.for_the_office(prompts, reading.refers_to, desk)
    await telling.office(f"objection:{desk.key}", Text(text), ctx)
