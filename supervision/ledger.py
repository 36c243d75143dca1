"""The rows of the 台账: every task of the notice, with what its unit said last.

`bqw export` asks for them. A figure stands at its target, with the message that said it; what was not said
stays empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from knowledge.assignments import Assignment
from knowledge.book import Book
from knowledge.ledger import LedgerRow
from knowledge.notice import WorkPoint
from knowledge.targets import Target
from storage import heads, people
from storage.engine import Connection
from storage.heads import Head, SaidFigure

_HAN = "〇一二三四五六七八九"


async def rows(conn: Connection, book: Book, now: datetime) -> list[LedgerRow]:
    """In the notice's order; `now` is for lights, which are not lit yet."""
    latest = await heads.latest(conn, book.notice.doc_number)
    names = await people.names(conn, [head.person for head in latest])
    return list(_Rows(book, names).of(latest))


@dataclass(frozen=True, slots=True)
class _Rows:
    book: Book
    names: Mapping[str, str]

    def of(self, latest: Sequence[Head]) -> Iterator[LedgerRow]:
        for point in self.book.notice.points:
            own = [head for head in latest if head.point == point.number]
            yield from self._of_point(point, own)

    def _of_point(self, point: WorkPoint, own: Sequence[Head]) -> Iterator[LedgerRow]:
        spoken: set[int] = set()  # reports whose words stand in a row already
        for words, target in _matters(point, _measured(self.book, point.number)):
            row = self._blank(point, words, target)
            if said := _said(own, target):
                head, figure = said
                row = self._filled(row, head, words_too=head.id not in spoken)
                row = _measured_by(row, figure, target)
                spoken.add(head.id)
            yield row
        for head in own:
            if head.id not in spoken:
                yield self._filled(self._blank(point, "", None), head, words_too=True)

    def _blank(self, point: WorkPoint, words: str, target: Target | None) -> LedgerRow:
        section = self.book.notice.section(point.section)
        assigned = self.book.assignments
        row = assigned.of_clause(point.number, words) if words else assigned.of_point(point.number)
        return LedgerRow(
            section=f"{_HAN[section.number]}、{section.title}" if section else "",
            point=point.number,
            title=point.title,
            clause=words,
            target=_stated(target),
            **_responsible(row),
            **dict.fromkeys(_TOLD, ""),
        )

    def _filled(self, row: LedgerRow, head: Head, *, words_too: bool) -> LedgerRow:
        row = replace(
            row,
            done=f"{head.percent:g}%" if head.percent is not None else "",
            status=head.status,
            as_of=_day(head.as_of),
            reporter=f"{head.unit} {self.names.get(head.person, head.person)}",
            source=head.message_key,
        )
        if not words_too:
            return row
        return replace(
            row,
            difficulty=head.difficulty,
            help_needed=head.help_needed,
            next_step=head.next_step,
            due=_day(head.due),
        )


_TOLD = (
    *("latest", "done", "light", "status", "difficulty", "help_needed"),
    *("next_step", "due", "as_of", "reporter", "source"),
)


def _measured(book: Book, point: int) -> list[Target]:
    """Figures one can report against; county by county where the notice sets one for each county."""
    found = [t for t in book.of_point(point) if t.kind in ("target", "coverage", "expanded")]
    parents = {t.parent for t in found if t.kind == "expanded"}
    return [t for t in found if t.id not in parents]


def _matters(point: WorkPoint, targets: Sequence[Target]) -> Iterator[tuple[str, Target | None]]:
    """Each figure at its own words, and each clause that sets none."""
    left = list(targets)
    for clause in point.clauses:
        within = [target for target in left if target.quote in clause.text]
        left = [target for target in left if target not in within]
        yield from ((target.quote, target) for target in within)
        if not within:
            yield clause.text, None
    yield from ((target.quote, target) for target in left)


def _said(own: Sequence[Head], target: Target | None) -> tuple[Head, SaidFigure] | None:
    """The newest figure for a target; for a county's own, the notice numbers one target each."""
    told = [
        (head, figure) for head in own for figure in head.figures if target and figure.target == target.id
    ]
    return max(told, key=lambda pair: (pair[1].as_of, pair[0].at), default=None)


def _measured_by(row: LedgerRow, figure: SaidFigure, target: Target | None) -> LedgerRow:
    reached = figure.in_target_unit
    done = row.done
    if target and target.value and reached is not None and target.unit != "%":
        done = f"{reached / target.value:.1%}".replace(".0%", "%")
    return replace(
        row,
        latest=f"{figure.value:.10g}{figure.unit}",
        done=done,
        as_of=_day(figure.as_of),
        source=figure.message_key,
    )


def _stated(target: Target | None) -> str:
    if target is None:
        return ""
    scope = f"{target.scope}：" if target.kind == "expanded" else ""
    return scope + (target.stated or target.quote)


def _responsible(row: Assignment | None) -> dict[str, str]:
    if row is None:
        return {"lead": "", "participants": "", "assignment": ""}
    return {
        "lead": "、".join((row.lead, *row.co_leads)),
        "participants": "、".join(row.participants),
        "assignment": "已确认" if row.confirmed else "建议",
    }


def _day(day: date | None) -> str:
    return f"{day.month}月{day.day}日" if day else ""
