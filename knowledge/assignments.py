"""Who is responsible for which point and clause, and how sure that is.

Suggestions come from units.toml, confirmations from an imported 分工表, from a units.toml that says by whom
and when, or from the notice itself.
Answers, prompts and exports read it; it never turns a suggestion into a fact.

How rows of different standing live together:
1. Rows for the same words (point, clause, part): a confirmed one replaces a suggested one; between two of
   the same standing the later (imported) one counts.
2. A confirmed row governs the words it names (a whole point, or a clause). A suggestion *inside* those words
   survives only if its lead is among the units confirmed there, as lead, co-lead or participant. So a guess
   never contradicts a decision; and the decision "the roads bureau leads point 17, the co-operative takes
   part" is not stretched into "it is confirmed that the roads bureau builds the cold stores": the clause's
   suggestion stays, still marked as a suggestion.
3. Of several rows for the words asked about, those for another part of the sentence come last; then
   confirmed comes before suggested; then the one whose words are closest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from knowledge.notice import Notice
from knowledge.units import Directory
from knowledge.width import fold
from storage.assignment import Assignment as Assignment


class AssignmentError(ValueError):
    """Rows that cannot be used with this notice; every one is named."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Assignments:
    """The rows of one notice, in the order of its words."""

    rows: tuple[Assignment, ...]
    _texts: Mapping[int, str] = field(default_factory=dict, repr=False)
    _wholes: Mapping[int, Assignment] = field(init=False, repr=False, compare=False)
    _clauses: Mapping[int, tuple[Assignment, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        wholes: dict[int, Assignment] = {}
        clauses: dict[int, tuple[Assignment, ...]] = {}
        for row in self.rows:
            if row.clause:
                clauses[row.point] = (*clauses.get(row.point, ()), row)
            else:
                wholes.setdefault(row.point, row)
        object.__setattr__(self, "_wholes", wholes)
        object.__setattr__(self, "_clauses", clauses)

    @classmethod
    def of(cls, notice: Notice, rows: Iterable[Assignment]) -> Assignments:
        """Checked against the notice: an unknown point or a quote that is not its own words is refused."""
        texts = {p.number: p.text for p in notice.points}
        rows = tuple(rows)
        if problems := [problem for row in rows for problem in _problems(row, texts)]:
            raise AssignmentError(problems)
        return cls(tuple(sorted(rows, key=lambda r: (r.point, *_place(r, texts)))), texts)

    def overlaid(self, newer: Iterable[Assignment], notice: Notice) -> Assignments:
        """These rows with imported ones laid over them, by the rules at the top of this file."""
        rows = {row.place: row for row in self.rows}
        for row in newer:
            if not (old := rows.get(row.place)) or row.confirmed or not old.confirmed:
                rows[row.place] = row
        decisions = [row for row in rows.values() if row.confirmed]
        kept = [row for row in rows.values() if not any(_refutes(d, row) for d in decisions)]
        return Assignments.of(notice, kept)

    def __iter__(self) -> Iterator[Assignment]:
        return iter(self.rows)

    def of_point(self, n: int) -> Assignment | None:
        """The row for the whole point."""
        return self._wholes.get(n)

    def clauses(self, n: int) -> tuple[Assignment, ...]:
        """The rows for parts of the point, in the order of its words."""
        return self._clauses.get(n, ())

    def of_clause(self, n: int, clause_text: str) -> Assignment | None:
        """The most specific row for these words of the point, else the row for the whole point."""
        return next(iter(self.overlapping(n, clause_text)), None) or self.of_point(n)

    def overlapping(self, n: int, clause_text: str) -> tuple[Assignment, ...]:
        """Every clause row that shares words with this text, best first (see rule 3)."""
        text = self._texts.get(n, "")
        spans = occurrences(text, clause_text)
        near: list[tuple[Assignment, int]] = []
        for row in self.clauses(n):
            shared = max((_shared(span, _span(row, text)) for span in spans), default=0)
            if shared or (row.part and row.part in clause_text):
                near.append((row, shared))
        near.sort(key=lambda pair: _closeness(pair[0], pair[1], clause_text), reverse=True)
        return tuple(row for row, _ in near)

    def leads(self, n: int) -> tuple[str, ...]:
        """Every unit leading something in the point: the point's own lead first, then as the words go."""
        own = self.of_point(n)
        rows = ([own] if own else []) + list(self.clauses(n))
        return tuple(dict.fromkeys(name for r in rows for name in (r.lead, *r.co_leads)))

    def led_by(self, unit_short: str) -> tuple[Assignment, ...]:
        """Rows the unit leads or co-leads."""
        return tuple(r for r in self.rows if unit_short in (r.lead, *r.co_leads))

    def joined_by(self, unit_short: str) -> tuple[Assignment, ...]:
        """Rows the unit takes part in without leading."""
        return tuple(r for r in self.rows if unit_short in r.participants)


def listed(data: Mapping[str, Any]) -> list[Assignment]:
    """The rows of units.toml. One counts as confirmed only if the file says by whom and when."""
    meta = data.get("meta", {})
    rows: list[Assignment] = []
    for point in data.get("point", ()):
        n = point.get("n", 0)
        rows.append(_listed(n, point, "", meta))
        rows.extend(_listed(n, row, row.get("quote", "?"), meta) for row in point.get("clause", ()))
    return rows


def named_by(notice: Notice, directory: Directory) -> list[Assignment]:
    """Rows for units the notice itself names. Its own word needs no further confirmation."""
    rows: list[Assignment] = []
    for point in notice.points:
        if point.lead:
            rows.append(_printed(notice, directory, point.number, "", point.lead, point.units))
        noted = [c for c in point.clauses if c.lead]
        rows.extend(_printed(notice, directory, point.number, c.text, c.lead or "", c.units) for c in noted)
    return rows


def locate(text: str, quote: str) -> str | None:
    """The exact words of `text` that `quote` means, whatever widths and blanks it was typed with."""
    if quote in text:
        return quote or None
    kept = [at for at, char in enumerate(text) if not char.isspace()]
    plain = fold("".join(text[at] for at in kept))
    wanted = fold("".join(quote.split()))
    at = plain.find(wanted) if wanted else -1
    return text[kept[at] : kept[at + len(wanted) - 1] + 1] if at >= 0 else None


def occurrences(text: str, words: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    at = text.find(words) if words else -1
    while at >= 0:
        spans.append((at, at + len(words)))
        at = text.find(words, at + 1)
    return spans


def _listed(n: int, row: Mapping[str, Any], quote: str, meta: Mapping[str, Any]) -> Assignment:
    by = str(row.get("confirmed_by") or meta.get("confirmed_by") or "")
    on = _day(row.get("confirmed_on") or meta.get("confirmed_on"))
    sure = row.get("status") == "confirmed" and bool(by) and on is not None
    return Assignment(
        point=n,
        clause=quote,
        lead=row.get("lead", ""),
        participants=tuple(row.get("with", ())),
        status="confirmed" if sure else "suggested",
        source="单位名录" if sure else "按部门职能推定",
        reason=row.get("reason", ""),
        confirmed_by=by if sure else "",
        confirmed_on=on if sure else None,
        co_leads=tuple(row.get("co_leads", ())),
        part=row.get("part", ""),
    )


def _day(value: object) -> date | None:
    """A TOML date, or one written as text; anything else is no date."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _printed(
    notice: Notice, directory: Directory, n: int, clause: str, lead: str, units: tuple[str, ...]
) -> Assignment:
    def short(name: str) -> str:
        found = directory.unit(name)
        return found.short if found else name

    others = dict.fromkeys(short(u) for u in units)
    others.pop(short(lead), None)
    return Assignment(
        point=n,
        clause=clause,
        lead=short(lead),
        participants=tuple(others),
        status="confirmed",
        source=notice.doc_number,
        confirmed_by=notice.doc_number,
        confirmed_on=notice.issued_on,
    )


def _problems(row: Assignment, texts: Mapping[int, str]) -> list[str]:
    where = f"第{row.point}点" + (f"“{row.clause}”" if row.clause else "")
    if row.point not in texts:
        return [f"{where}：通知里没有第{row.point}点"]
    problems = []
    if row.clause not in texts[row.point]:
        problems.append(f"{where}：分句不是该点原文")
    if row.part not in row.clause:
        problems.append(f"{where}：“{row.part}”不在分句里")
    if not row.lead:
        problems.append(f"{where}：没有牵头单位")
    return problems


def _span(row: Assignment, text: str) -> tuple[int, int]:
    """Where the row's words stand; the whole point for a row without a clause."""
    if not row.clause:
        return 0, len(text)
    at = max(0, text.find(row.clause))
    return at, at + len(row.clause)


def _place(row: Assignment, texts: Mapping[int, str]) -> tuple[int, int, int]:
    start, end = _span(row, texts.get(row.point, ""))
    return (0 if not row.clause else 1), start, row.clause.find(row.part) if row.part else -end


def _shared(a: tuple[int, int], b: tuple[int, int]) -> int:
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def _closeness(row: Assignment, shared: int, asked: str) -> tuple[bool, bool, bool, float]:
    names_it = bool(row.part) and (row.part in asked or asked in row.part)
    share = 2 * shared / (len(row.clause) + len(asked) or 1)
    return names_it or not row.part, row.confirmed, names_it, share


def _refutes(decision: Assignment, row: Assignment) -> bool:
    """Whether a suggestion inside a decision's words names a lead the decision leaves out."""
    if row.confirmed or row.point != decision.point or row.clause == decision.clause == "":
        return False
    inside = row.clause != "" and row.clause in (decision.clause or row.clause)
    return inside and not (decision.part and row.part != decision.part) and row.lead not in decision.units
