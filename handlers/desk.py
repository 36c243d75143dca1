"""Lays out what a liaison has before him, and what his words may refer to.

Every handler that takes progress, asks for more time or shows what is owed begins here. It only reads.
"""

from __future__ import annotations

from datetime import timedelta

from handlers.context import Context
from knowledge.reading import Asked, Item
from storage import reports, rounds
from storage.message import Message
from supervision import asking
from supervision.desk import Desk, answered_for, figures_told, stood
from supervision.owed import in_bundle, places
from supervision.workdays import SHANGHAI

LATE_FOR = timedelta(days=45)  # how long after its close a round still takes an answer


async def desk_of(message: Message, ctx: Context, said: str) -> Desk:
    """What the speaker has before him."""
    doc_number = ctx.knows.book.notice.doc_number
    return Desk(
        book=ctx.knows.book,
        units=ctx.units,
        asked=tuple(await rounds.of_units(ctx.conn, ctx.units, since=ctx.now - LATE_FOR)),
        standing=tuple(await reports.standing(ctx.conn, doc_number, units=ctx.units)),
        person=message.person,
        key=message.key,
        now=ctx.now,
        on=ctx.now.astimezone(SHANGHAI).date(),
        text=said,
    )


def asked_of(desk: Desk, *, newest: bool = False) -> Asked:
    """What his words may refer to: the numbers of the messages that ask (of the `newest` alone, where he
    answers it with a bare number), and the one point owed. A number without its unit is in the unit that he
    told last: 1250 after 1200吨 is no 1250万吨."""
    recent = desk.waiting or list(desk.asked)
    bundle = max((one.prompt.bundle for one in recent), default="")
    things = asking.numbered(in_bundle(desk, bundle)) if newest else places(desk)
    points = {one.prompt.point for one in recent}
    units = {figure.target: figure.unit for figure in figures_told(desk) if figure.unit}
    return Asked(
        on=desk.on,
        unit=desk.units[0],
        prompted=points.pop() if len(points) == 1 else None,
        items=tuple(
            Item(one.prompt.point, item.what, units.get(item.target, item.unit), item.target)
            for one, item in things
        ),
        own=answered_for(desk),
        stood=stood(desk),
    )
