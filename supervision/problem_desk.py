"""The desk at which problems are acted on: who acts, when, by which rules, and how word of it gets about.

Handlers and jobs make a `Desk` inside their transaction and hand it to the acts. Every message is an outbox
row; what a firm cannot be told in writing becomes a note to the office to ring it up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from knowledge.book import Book
from storage import outbox, people, problem_steps, problems
from storage.engine import Connection
from storage.message import Payload, Text, dump
from storage.people import Person
from storage.problem import ANSWERED, Problem
from storage.problem_steps import Step
from supervision import firms
from supervision.problem_rules import ProblemRules
from supervision.problem_words import OFFICE, subject
from supervision.workdays import Workdays
from supervision.worktime import Worktime


class ProblemError(ValueError):
    """Something that cannot be done with a problem; the message is a sentence for who wanted it."""


@dataclass(frozen=True)
class Desk:
    """`by` is the person who acts, `unit` whom he acts for ("" for the office); `key` his message."""

    conn: Connection
    book: Book
    workdays: Workdays
    rules: ProblemRules
    now: datetime
    by: str
    unit: str = ""
    key: str = ""
    admins: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def at(self) -> Worktime:
        return Worktime(self.workdays)

    def step(self, p: Problem, act: str, words: str = "") -> Step:
        return Step(p.id, self.now, self.by, act, words, self.unit)

    async def change(self, p: Problem, act: str, words: str = "", **values: object) -> Problem:
        """The problem as it is after the act. Raises ProblemError when another act came first."""
        after = await problems.change(self.conn, p, self.step(p, act, words), **values)
        if after is None:
            raise ProblemError(f"{p.label}刚刚有了变化，请回复“诉求{p.number}”再看一眼。")
        return after

    async def note(self, p: Problem, act: str, words: str = "") -> None:
        """A step that changes nothing else."""
        await problem_steps.add(self.conn, p.subject, self.step(p, act, words))

    # -- word gets about -----------------------------------------------------------------------------

    async def office(self) -> list[str]:
        return sorted(self.admins | await people.admins(self.conn))

    async def liaison(self, unit: str) -> Person | None:
        return (await people.liaison_of(self.conn, [unit])).get(unit)

    async def push(self, key: str, persons: Iterable[str], payload: Payload, *, himself: bool = False) -> int:
        """To each of them, at a decent hour, to who acts only where he must keep it; how many."""
        rows = [
            self._row(f"{key}:{person}", "app", person, payload)
            for person in dict.fromkeys(persons)
            if himself or person.lower() != self.by.lower()
        ]
        if rows:
            await outbox.add(self.conn, [(row, None) for row in rows], self.now)
        return len(rows)

    async def tell_office(self, key: str, payload: Payload) -> int:
        return await self.push(key, await self.office(), payload)

    async def tell_unit(self, key: str, unit: str, payload: Payload) -> str:
        """To the unit's liaison; what came of it, in words for the office."""
        person = await self.liaison(unit)
        if person is None:
            return f"{unit}没有绑定联络员，请电话告知"
        await self.push(key, [person.userid], payload)
        return f"已告知{unit}联络员{person.name}"

    async def tell_firm(
        self, p: Problem, key: str, text: str, *, must: bool = False, card: Payload | None = None
    ) -> bool:
        """In writing where that is possible; else, when it must know, the office rings up."""
        at = self.workdays.next_slot(self.now)
        why = await firms.obstacle(self.conn, p, at)
        if not why:
            await outbox.add(
                self.conn, [(self._row(key, p.door, p.origin, card or Text(text)), None)], self.now
            )
            return True
        if must:
            await self.push(f"call:{key}", await self.office(), Text(self._call(p, text, why)), himself=True)
        return False

    def _call(self, p: Problem, text: str, why: str) -> str:
        n, asks = p.number, p.state == ANSWERED
        whom = " ".join(filter(None, (p.firm, p.contact, p.phone))) or "（没有登记联系方式，请向登记人了解）"
        return "\n".join(
            [
                f"【请电话告知企业】{p.subject}：{subject(p)}",
                f"联系：{whom}（{why}）",
                f"内容：{_spoken(text)}",
                *([f"告知后请回复：{n}企业满意／{n}企业基本满意／{n}企业不满意 原因"] if asks else []),
            ]
        )

    def _row(self, key: str, channel: str, target: str, payload: Payload) -> outbox.Outgoing:
        at = self.workdays.next_slot(self.now)
        return outbox.Outgoing(key, channel, target, dump(payload), priority=outbox.NOTICE, at=at)


def _spoken(text: str) -> str:
    """What is told on the telephone: without the signature, and without how to reply in writing."""
    lines = text.removesuffix(OFFICE).strip().split("\n")
    return "\n".join(line for line in lines if not line.startswith("请您评价"))
