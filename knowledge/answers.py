"""Answers to the things a prompt asked for, by their numbers or names, become one record per point.

`knowledge/numbered.py` and `knowledge/listed.py` find them; here each gets what else is said of it.
`knowledge/message.py` asks for them before it reads a message as prose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.aims import aimed, named_county
from knowledge.amounts import amounts, stretches
from knowledge.book import Book
from knowledge.dates import When
from knowledge.due import due, names_of
from knowledge.figures import figures
from knowledge.listed import listed
from knowledge.mood import mood
from knowledge.numbered import Numbered, numbered
from knowledge.page import Clause, Page
from knowledge.reading import Asked, Doubt, Record
from knowledge.remarks import remarks
from knowledge.wording import wording


@dataclass(frozen=True, slots=True)
class Answers:
    """A message as answers; `taken` are places of days and points' numbers."""

    page: Page
    clauses: Sequence[Clause]
    asked: Asked
    book: Book
    days: tuple[When, ...]
    taken: tuple[tuple[int, int], ...]

    def by_number(self) -> tuple[list[Record], list[Doubt]]:
        """①25.6 ②5: records and doubts; neither where the message has no such numbers."""
        if not self.asked.items:
            return [], []
        answered, doubts = numbered(self.page, self.asked)
        records, about = self._of_items(answered)
        return records, doubts + about

    def by_name(self) -> tuple[list[Record], list[Doubt]] | None:
        """公路25,桥5: the prompt's things by their names; None where the message is no such list."""
        if not self.asked.items:
            return None
        answered, doubts, kept = listed(self.page, self.asked)
        said = [one.quantity.words for one in answered if one.quantity]
        if not (answered or doubts or kept) or any(named_county(w, self.asked, self.book) for w in said):
            return None
        records, about = self._of_items(answered)
        if kept and records:
            records[0] = replace(records[0], quantities=(*records[0].quantities, *kept))
        return (records, doubts + about) if records or doubts else None

    def _of_items(self, answered: Sequence[Numbered]) -> tuple[list[Record], list[Doubt]]:
        """One record per point of the prompt's items that were answered."""
        made: dict[int, Record] = {}
        doubts: list[Doubt] = []
        for one in answered:
            known = made.get(one.item.point, Record(one.item.point))
            made[one.item.point] = self._with_item(known, one)
        records = []
        for record in made.values():
            record, about = aimed(record, self.asked, self.book)
            records.append(record)
            doubts += about
        return records, doubts

    def _with_item(self, record: Record, one: Numbered) -> Record:
        rest = self._clauses_in(*one.rest)
        if one.again:
            return self._with_trouble(record, one, rest)
        said = remarks(rest)
        percent = self._overall(said.left) if record.percent is None else record.percent
        quantities = record.quantities
        until = due(rest, said, self.days, self.asked.on, names_of((one.item.point,), self.book))
        same = (*record.same, one.item.target) if one.same and one.item.target else record.same
        if one.quantity and one.quantity.unit == "%" and not one.item.target and not one.item.unit:
            percent = one.quantity.value
        elif one.quantity:
            quantities = (*quantities, one.quantity)
        return replace(
            record,
            percent=percent,
            quantities=quantities,
            status=record.status or mood(said.left).status,
            difficulty=record.difficulty or said.said("difficulty", self.page),
            help_needed=record.help_needed or said.said("help", self.page),
            next_step=record.next_step or said.said("next", self.page) or until.planned(self.page),
            due=record.due or until.whole,
            step_due=record.step_due or until.of_step,
            step=record.step or until.words(self.page),
            nothing_new=record.nothing_new or (one.same and not one.item.target),
            same=same,
        )

    def _with_trouble(self, record: Record, one: Numbered, rest: Sequence[Clause]) -> Record:
        """“其中②有1座待迁改，7月15日前动工”: said of that item alone, in its own words with its name; no
        deadline of the whole."""
        table = wording()
        if record.difficulty or not any(table.has("trouble", clause.words) for clause in rest):
            return record
        words = self.page.said(rest[0].start, rest[-1].end).strip(" ，,；;。")
        return replace(record, difficulty=f"{one.item.what}：{words}")

    def _overall(self, clauses: Sequence[Clause]) -> float | None:
        """“③26，总体60%”: behind a numbered answer only what is plainly said of the whole."""
        told = [clause for clause in clauses if wording().has("overall", clause.words.rstrip("0123456789.%"))]
        return figures(amounts(stretches(told), self.taken)).percent

    def _clauses_in(self, start: int, end: int) -> list[Clause]:
        """Clauses of a stretch, cut where it begins or ends inside one."""
        found = []
        for clause in self.clauses:
            since, to = max(start, clause.start), min(end, clause.end)
            words = self.page.words[since:to]
            if since < to and words.strip(" ,;。"):
                found.append(Clause(since, to, words, clause.sentence, clause.line))
        return found
