"""What a handler is given besides the message, and the one error it may show to a person.

`bot/dispatch.py` makes a Context per message inside the transaction; handlers read it, set `memory`, keep
questions, and return a reply. They never send and never commit.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from storage.masking import masked
from storage.message import Message
from storage.outbox import Outgoing
from storage.people import Person
from storage.questions import KeptQuestion
from supervision.problem_rules import ProblemRules
from supervision.rules import Rules
from supervision.workdays import Workdays

if TYPE_CHECKING:
    from handlers.ask import Knowing
    from storage.engine import Connection


class UserError(Exception):
    """Its text is shown to the person as it is; everything the handler did is undone."""


@dataclass(slots=True)
class Context:
    """One message's surroundings.

    `memory` is this conversation's own, None when there is none; assigning to it stores it with the reply.
    Setting `knowledge_changed` has this process look anew at what it knows, before the reply leaves.
    """

    message: Message
    now: datetime
    knows: Knowing
    conn: Connection
    memory: dict[str, Any] | None = None
    cards: bool = False  # whether this channel shows cards with buttons
    markdown: bool = False  # whether everybody on this channel sees markdown
    is_admin: bool = False
    bindings: tuple[Person, ...] = ()  # as whom the office knows this person
    admins: frozenset[str] = frozenset()  # whom the office's own notes go to
    workdays: Workdays = field(default_factory=Workdays)
    rules: Rules = field(default_factory=Rules)
    pushes: Mapping[str, frozenset[str]] = field(default_factory=dict)  # channels that push, with set names
    problems: ProblemRules = field(default_factory=ProblemRules)
    kept: list[KeptQuestion] = field(default_factory=list)
    asides: list[Outgoing] = field(default_factory=list)  # said beside the reply, written with it
    bound: bool = False  # whether the office has bound the group in which it was said
    knowledge_changed: bool = False

    @property
    def units(self) -> tuple[str, ...]:
        """The units this person reports for."""
        return tuple(one.unit for one in self.bindings if one.role == "liaison")

    def keep_question(self, text: str, outcome: str, points: tuple[int, ...]) -> None:
        """Keeps a question for the office; it is written together with the reply.

        `outcome` is unknown, suggest, picked or wrong (`storage/questions.py`).
        """
        said = self.message
        self.kept.append(KeptQuestion(said.key, said.person, masked(text), outcome, points, self.now))


def typed(message: Message) -> str:
    """What was said, typed or by a button; "" for anything else."""
    said = message.kind in ("text", "click") or message.event == "click"
    return message.text.strip() if said else ""


def folded(message: Message, marks: str = "。!?") -> str:
    """What was typed, as commands are compared: full-width forms made plain, none of `marks` at the end."""
    return unicodedata.normalize("NFKC", typed(message)).strip().rstrip(marks)


def only_admins(ctx: Context, what: str = "这项操作由市百千万办管理员进行") -> None:
    """Refused commands are not audited: the inbox has them, and nothing happened."""
    if not ctx.is_admin:
        raise UserError(f"{what}。您可以直接提问，例如：冷链哪个单位牵头？")
