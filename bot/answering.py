"""What one transaction does with messages: walks each through the routes and writes what follows.

Message, reply, memory and everything a handler changed are written together; who commits them, and what
becomes of a message that fails, is `bot/dispatch.py`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from handlers.context import Context
from storage import chats, inbox, outbox, people, questions
from storage.engine import Connection
from storage.message import Message, Payload, Reply, dump, load
from storage.people import Person

if TYPE_CHECKING:
    from handlers.ask import Knowing
    from supervision.problem_rules import ProblemRules
    from supervision.rules import Rules
    from supervision.workdays import Workdays

Walk: TypeAlias = Callable[[Message, Context], Awaitable[tuple[str, Reply | None]]]


class Channel(Protocol):
    """What dispatch asks of the channel a message came by."""

    cards: bool
    markdown: bool

    def payloads(self, message: Message, reply: Reply) -> Sequence[Payload]:
        """What this reply to this message takes on this channel, in order."""

    def inline(self, payload: Payload) -> bool:
        """Whether this payload can travel in the answer to the callback itself."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What the door does next: answer with `inline` if it is set, and say so by `answered(key)`."""

    key: str
    inline: Payload | None
    duplicate: bool


@dataclass(slots=True)
class Group:
    """What one transaction is about to write."""

    handled: list[inbox.Handled] = field(default_factory=list)
    outgoing: list[tuple[outbox.Outgoing, datetime | None]] = field(default_factory=list)
    kept: list[questions.KeptQuestion] = field(default_factory=list)
    knowledge_changed: bool = False
    memories: dict[str, dict[str, Any]] = field(default_factory=dict)
    remembered: dict[str, dict[str, Any]] = field(default_factory=dict)
    bindings: Mapping[str, tuple[Person, ...]] = field(default_factory=dict)
    bound: frozenset[str] = frozenset()  # chats of groups that the office has bound
    results: dict[str, Handled] = field(default_factory=dict)


def _known_as(message: Message, bindings: tuple[Person, ...]) -> tuple[Person, ...]:
    """Who is no member is a firm's person, whatever roles a member of his id may have."""
    if not message.outside:
        return bindings
    own = tuple(one for one in bindings if one.role == "enterprise")
    return own or (Person(message.person.lower(), "", "enterprise", ""),)


@dataclass(frozen=True, slots=True)
class Answering:
    """What every message is answered with: the routes, what this process knows, and whom it serves.

    `inline_lease` is how long the answer inside a callback may take to be confirmed before it is pushed.
    """

    walk: Walk
    knows: Callable[[], Knowing]
    channels: Mapping[str, Channel]
    admins: frozenset[str]
    workdays: Callable[[], Workdays]
    rules: Rules
    problems: ProblemRules
    inline_lease: timedelta
    pushes: Mapping[str, frozenset[str]] = field(default_factory=dict)

    async def known(self, conn: Connection, messages: Sequence[Message], group: Group) -> None:
        """A retry gets the same answer again, unless it has been pushed already."""
        for key, before in (await inbox.known(conn, [message.key for message in messages])).items():
            inline = None if before.inline is None else load(before.inline)
            group.results[key] = Handled(key, inline=inline, duplicate=True)

    async def fresh(self, conn: Connection, messages: Sequence[Message], group: Group, now: datetime) -> None:
        """Each message in turn, as somebody who said the ones before it; then everything is written."""
        group.memories = await inbox.memories(conn, sorted({m.conversation for m in messages}))
        group.bindings = await people.bindings(conn, sorted({m.person.lower() for m in messages}))
        group.bound = await chats.bound_among(
            conn, chats.ROBOT, sorted({m.chat for m in messages if m.in_group})
        )
        for message in messages:
            await self._walk_one(conn, message, group, now)
            await asyncio.sleep(0)  # doors that have something to say do so in between
        await self.write(conn, group, now)

    async def _walk_one(self, conn: Connection, message: Message, group: Group, now: datetime) -> None:
        ctx = self._context(conn, message, group, now)
        remembered = ctx.memory
        began = time.perf_counter()
        outcome, reply = await self.walk(message, ctx)
        ms = 1000 * (time.perf_counter() - began)
        if ctx.memory is not None and ctx.memory is not remembered:
            group.memories[message.conversation] = group.remembered[message.conversation] = ctx.memory
        group.kept += ctx.kept
        group.outgoing += [(row, None) for row in ctx.asides]
        group.knowledge_changed |= ctx.knowledge_changed
        self.finish(group, message, outcome, reply, now, ms)

    def _context(self, conn: Connection, message: Message, group: Group, now: datetime) -> Context:
        channel = self.channels[message.channel]
        person = message.person.lower()
        bindings = _known_as(message, group.bindings.get(person, ()))
        admin = person in self.admins or any(one.role == "admin" for one in bindings)
        return Context(
            message=message,
            now=now,
            knows=self.knows(),
            conn=conn,
            memory=group.memories.get(message.conversation),
            cards=channel.cards,
            markdown=channel.markdown,
            is_admin=admin and not message.outside,
            bindings=bindings,
            admins=self.admins,
            workdays=self.workdays(),
            rules=self.rules,
            pushes=self.pushes,
            problems=self.problems,
            bound=message.in_group and message.chat in group.bound,
        )

    def finish(
        self,
        group: Group,
        message: Message,
        outcome: str,
        reply: Reply | None,
        now: datetime,
        ms: float,
        *,
        state: str = "done",
        error_ref: str = "",
    ) -> None:
        """Adds the message and the rows of its answer to what will be written."""
        channel = self.channels[message.channel]
        parts = [] if reply is None else channel.payloads(message, reply)
        inline = parts[0] if parts and channel.inline(parts[0]) else None
        before = None
        for number, part in enumerate(parts):
            key = f"re:{message.key}" if number == 0 else f"re:{message.key}:{number}"
            row = outbox.Outgoing(
                key=key,
                channel=message.channel,
                target=message.answer_to,
                payload=dump(part),
                after=before,
            )
            group.outgoing.append((row, now + self.inline_lease if part is inline else None))
            before = key
        group.handled.append(inbox.Handled(message, state, outcome, error_ref, ms))
        group.results[message.key] = Handled(message.key, inline=inline, duplicate=False)

    async def write(self, conn: Connection, group: Group, now: datetime) -> None:
        """Writes all that the group came to; its commit is the caller's."""
        # Sorted, so that two replicas given the same messages meet at the same row and not in a ring.
        await inbox.add(conn, sorted(group.handled, key=lambda item: item.message.key))
        if group.outgoing:
            await outbox.add(conn, group.outgoing, now)
        if group.remembered:
            await inbox.remember(conn, group.remembered, now)
        if group.kept:
            await questions.keep(conn, group.kept)
