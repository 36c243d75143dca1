"""What the handlers of firms' problems share: the desk to act at, who is a firm, who may see what."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.context import Context, UserError
from handlers.standing import eyes_of
from knowledge.problem_orders import Order
from storage import problem, problems
from storage.message import Message
from storage.problem import Problem
from supervision.problem_desk import Desk


def desk_of(ctx: Context, unit: str = "") -> Desk:
    """`unit` is whom the speaker acts for; "" for the office and for firms."""
    return Desk(
        ctx.conn,
        ctx.knows.book,
        ctx.workdays,
        ctx.problems,
        ctx.now,
        ctx.message.person,
        unit,
        ctx.message.key,
        ctx.admins,
    )


def is_firm(message: Message, ctx: Context) -> bool:
    """Whoever writes through 微信客服, and people with an account here whom the office knows as a firm's."""
    if message.outside:
        return True
    return bool(ctx.bindings) and all(one.role == "enterprise" for one in ctx.bindings)


def in_group(message: Message) -> bool:
    """Whether others read along: the chat of 微信客服 is only its account."""
    return message.in_group


def is_staff(ctx: Context) -> bool:
    """Anybody of the office or a unit."""
    known = ctx.is_admin or any(one.role != "enterprise" for one in ctx.bindings)
    return known and not ctx.message.outside


def door_of(message: Message) -> str:
    """Where this firm can be written to."""
    return problem.KF if message.outside else problem.APP


async def own(message: Message, ctx: Context) -> list[Problem]:
    """What this firm brought, newest first."""
    return await problems.of_origin(ctx.conn, door_of(message), origin_of(message))


def origin_of(message: Message) -> str:
    """An external id keeps its case; a userid has none."""
    return message.person if message.outside else message.person.lower()


def may_see(p: Problem, ctx: Context) -> bool:
    """The office and city leaders all, a unit its own, a county what lies in it."""
    eyes = eyes_of(ctx)
    return eyes.everything or bool({p.lead, p.county, *p.helpers} & set(eyes.units))


def handles(p: Problem, ctx: Context) -> bool:
    """Who calls the firm: the office, and the lead once it has taken the problem; never in a group."""
    if in_group(ctx.message):
        return False
    return ctx.is_admin or (p.lead in ctx.units and p.accepted_at is not None)


async def numbered(order: Order, ctx: Context) -> Problem | None:
    """Of the year that was said, else of the notice's; in January still of the year before."""
    year = order.year or ctx.knows.book.notice.year
    found = await problems.numbered(ctx.conn, year, order.number)
    if found is None and not order.year:
        found = await problems.numbered(ctx.conn, year - 1, order.number)
    return found


async def named(order: Order, ctx: Context) -> Problem:
    """The same; a sentence where there is none that the speaker may know of."""
    found = await numbered(order, ctx)
    if found is None or not may_see(found, ctx):
        raise UserError(f"没有您能看的第{order.number:04d}号政企问题。回复“诉求”看清单。")
    return found


def only(found: Sequence[Problem], ctx: Context) -> list[Problem]:
    return [one for one in found if may_see(one, ctx)]
