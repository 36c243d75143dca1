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
from storage import people, releases, reports
from storage.engine import Connection
from storage.reports import Report
from supervision.lights import Light
from supervision.overview import PointState, TargetState, View, overview
from supervision.rules import Rules
from supervision.standing import Standing
from supervision.wording import COLOURS, STATUS, number_words
from supervision.workdays import SHANGHAI, Workdays

_DRAFT = f"{COLOURS['red']}（草稿）"
_HAN = "〇一二三四五六七八九"


async def rows(
    conn: Connection, book: Book, now: datetime, *, workdays: Workdays, rules: Rules
) -> list[LedgerRow]:
    """In the notice's order; lights are judged as of `now`."""
    doc_number = book.notice.doc_number
    standing = await reports.standing(conn, doc_number)
    released = await releases.of_kind(conn, releases.RED, doc_number)
    names = await people.names(conn, [row.person for row in standing])
    view = View(now.astimezone(SHANGHAI).date(), workdays, rules.lights, released)
    words = {row.message_key: row.text for row in await reports.everything(conn, doc_number) if row.said}
    return rows_of(book, overview(book, standing, view), names, words)


def rows_of(
    book: Book,
    states: Sequence[PointState],
    names: Mapping[str, str],
    words: Mapping[str, str] | None = None,
) -> list[LedgerRow]:
    """The rows of these points; `names` of who reported, by userid in lower case, and the `words` of messages
    whose versions were replaced, by key."""
    return list(_Rows(book, names, words or {}).of(states))


def outside(rows: Sequence[LedgerRow]) -> list[LedgerRow]:
    """As they may leave the office: a red light that nobody let out is yellow."""
    return [replace(row, light=COLOURS["yellow"]) if row.light.startswith(_DRAFT) else row for row in rows]


@dataclass(frozen=True, slots=True)
class _Rows:
    book: Book
    names: Mapping[str, str]
    words: Mapping[str, str]

    def of(self, states: Sequence[PointState]) -> Iterator[LedgerRow]:
        for state in states:
            yield from self._of_point(state)

    def _of_point(self, state: PointState) -> Iterator[LedgerRow]:
        point = state.point
        judged = {one.target.id: one for one in state.targets}
        spoken: set[str] = set()  # units whose words stand in a row already
        for words, target in _matters(point, _measured(self.book, point.number)):
            row = self._blank(point, words, target)
            one = judged.get(target.id) if target else None
            if one is not None:
                row = replace(row, light=_light(one.light))
            if one is not None and one.figure is not None:
                standing = state.units[one.unit]
                row = self._filled(row, standing, words_too=one.unit not in spoken)
                row = self._measured_by(row, one, standing)
                spoken.add(one.unit)
            yield row
        for unit, standing in state.units.items():
            if unit not in spoken:
                row = self._filled(self._blank(point, "", None), standing, words_too=True)
                yield replace(row, latest=_others(standing), light=_light(state.light))

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

    def _filled(self, row: LedgerRow, standing: Standing, *, words_too: bool) -> LedgerRow:
        newest = standing.versions[-1]
        row = replace(
            row,
            done=f"{number_words(standing.percent)}%" if standing.percent is not None else "",
            status=STATUS.get(standing.status, ""),
            as_of=_day(newest.as_of),
            reporter=self._reporter(newest),
            source=newest.message_key,
            words=newest.text,
        )
        if not words_too:
            return row
        return replace(
            row,
            difficulty=standing.told("difficulty"),
            help_needed=standing.told("help_needed"),
            next_step=standing.told("next_step"),
            due=_day(newest.due),
        )

    def _measured_by(self, row: LedgerRow, one: TargetState, standing: Standing) -> LedgerRow:
        """The figure itself, with who said it and when; the whole point's percentage is not its own."""
        figure, target = one.figure, one.target
        assert figure is not None  # noqa: S101  the caller looked
        reached = figure.in_target_unit
        done = ""
        if target.value and reached is not None and target.unit != "%":
            done = f"{number_words(round(100 * reached / target.value, 1))}%"
        said = next((r for r in standing.versions if r.message_key == figure.message_key), None)
        return replace(
            row,
            latest=f"{number_words(figure.value)}{figure.unit}",
            done=done,
            as_of=_day(figure.as_of),
            reporter=self._reporter(said or standing.versions[-1]),
            source=figure.message_key,
            words=said.text if said else self.words.get(figure.message_key, ""),
        )

    def _reporter(self, row: Report) -> str:
        return f"{row.unit} {self.names.get(row.person.lower(), row.person)}"


def _others(standing: Standing) -> str:
    """Figures the notice sets no target for, as they were said."""
    told = [f"{one.what}{number_words(one.value)}{one.unit}" for one in standing.figures.values()]
    return "，".join(told)


def _light(found: Light) -> str:
    if found.colour == "none":
        return ""
    return _DRAFT if found.colour == "red" and found.draft else COLOURS[found.colour]


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
