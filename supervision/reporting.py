"""From what a reply was read into to what is written: versions, marks on prompts, and at most one question.

Pure. A number that falls, is off by ten thousand or runs far beyond its target is asked about and not stored;
nobody reports for another unit; a correction becomes a new version of what it corrects.
`handlers/progress.py` hands in what the speaker has before him and writes what comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from knowledge.book import Book
from knowledge.reading import Doubt, Quantity, Reading, Record
from knowledge.targets import Target
from storage import rounds
from storage.reports import CORRECTION, Figure, Report
from storage.rounds import Asked
from supervision.measures import in_unit
from supervision.overview import answers_for
from supervision.standing import Standing, folded
from supervision.steps import step_of

FAR_BEYOND = 3.0  # times the target: rather a slip of the pen than a triumph
TEN_THOUSAND = 10_000.0
_SLIP = 0.2  # a value is off by ten thousand if it is within a fifth to five times of that


@dataclass(frozen=True, slots=True)
class Query:
    """Something to ask back before it is stored. `kind` is falls, far, scale, percent, vague, contradiction,
    date or point; `figure` or `percent` is what a plain yes stands for."""

    kind: str
    point: int | None = None
    unit: str = ""
    words: str = ""  # as written, for the question
    figure: Figure | None = None
    percent: float | None = None
    before: float | None = None
    target: str = ""
    said: str = ""  # the whole message that is asked about, and its key
    key: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the speaker has before him: his units, what they were asked and what stands from them."""

    book: Book
    units: tuple[str, ...]
    asked: tuple[Asked, ...]
    standing: tuple[Report, ...]
    person: str
    key: str
    now: datetime
    on: date  # the local day
    text: str

    def prompts(self, point: int, unit: str) -> list[Asked]:
        return [one for one in self.asked if (one.prompt.point, one.prompt.unit) == (point, unit)]

    def serves(self, point: int, unit: str) -> list[Asked]:
        """The prompts an answer is for: of every open round, newest first; the newest closed one if none is
        open."""
        prompts = self.prompts(point, unit)
        return [one for one in prompts if one.round.closed_at is None] or prompts[:1]

    def stands(self, point: int, unit: str) -> Standing:
        """What holds of this point from this unit."""
        return folded([row for row in self.standing if (row.point, row.unit) == (point, unit)])

    def of(self, unit: str) -> Desk:
        """Only what concerns one of his units."""
        asked = tuple(one for one in self.asked if one.prompt.unit == unit)
        standing = tuple(row for row in self.standing if row.unit == unit)
        return replace(self, units=(unit,), asked=asked, standing=standing)

    def unit_for(self, point: int) -> str | None:
        """For which of his units he may speak of this point: the one asked, the one responsible, a county."""
        owing = [one for one in self.asked if one.prompt.point == point]
        owing.sort(key=lambda one: not one.waits)
        if owing:
            return owing[0].prompt.unit
        return next((unit for unit in self.units if concerns(self.book, point, unit)), None)


@dataclass(frozen=True, slots=True)
class Mark:
    """What becomes of a prompt."""

    asked: Asked
    state: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that was not this person's to report, and whose it is."""

    point: int
    leads: tuple[str, ...]


@dataclass(slots=True)
class Settled:
    """What to write and what to tell."""

    versions: list[Report] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    queries: list[Query] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)  # counties whose numbers were told by another's liaison

    def add(self, other: Settled) -> None:
        for name in ("versions", "marks", "queries", "refused", "foreign"):
            getattr(self, name).extend(getattr(other, name))


def concerns(book: Book, point: int, unit: str) -> bool:
    """Whether a unit has to do with a point: it leads or joins there, or is a county, which every point
    reaches."""
    if any(area.short == unit for area in book.directory.counties):
        return True
    return any(unit in row.units for row in book.assignments if row.point == point)


def answered_for(desk: Desk) -> frozenset[str]:
    """The figures his units report: those they were asked, and those set for them or led by them."""
    asked = {item.target for one in desk.asked for item in one.prompt.items if item.target}
    theirs = {t.id for t in desk.book.targets if answers_for(desk.book, t) in desk.units}
    return frozenset(asked | theirs)


def stood(desk: Desk) -> tuple[tuple[str, float], ...]:
    """What his units last told of each figure, by the figure's id."""
    told = {f.target: f.value for row in desk.standing for f in row.figures if f.target}
    return tuple(told.items())


# --- reports and corrections ---------------------------------------------------------------------------


def settle(reading: Reading, desk: Desk, *, sure: frozenset[str] = frozenset()) -> Settled:
    """What a report or correction comes to. Figures of the targets in `sure` were asked about already."""
    out = Settled()
    for record in reading.records:
        if record.point is not None:
            _record(record, reading, desk, sure, out)
    out.queries += _doubts(reading, desk, out.queries)
    return out


def _record(record: Record, reading: Reading, desk: Desk, sure: frozenset[str], out: Settled) -> None:
    assert record.point is not None  # noqa: S101  the caller looked
    unit = desk.unit_for(record.point)
    if unit is None:
        out.refused.append(Refused(record.point, desk.book.assignments.leads(record.point)))
        return
    corrects = reading.kind == "correction"
    before = desk.stands(record.point, unit)
    figures = [*_figures(record, unit, before, desk, sure, corrects, out), *_unchanged(record, before, desk)]
    percent = _percent(record, unit, before, sure, corrects, out)
    if not _says(record, figures, percent) and not _task_told(record.point, unit, reading, desk):
        if not any(query.point == record.point for query in out.queries) and not _doubted(record, reading):
            out.queries.append(_number_wanted(record.point, unit, desk))
        return
    version = _version(record, unit, figures, percent, desk)
    out.versions.append(_corrected(version, before) if corrects and before.versions else version)
    out.marks += _marks(version, record, before, desk)


def _task_told(point: int, unit: str, reading: Reading, desk: Desk) -> bool:
    """“正在建” answers where only words were asked, and no number."""
    items = [item for one in desk.prompts(point, unit) for item in one.prompt.items]
    return bool(items) and not any(item.target for item in items) and not reading.doubts


def _doubted(record: Record, reading: Reading) -> bool:
    return any(doubt.point in (None, record.point) for doubt in reading.doubts)


def _number_wanted(point: int, unit: str, desk: Desk) -> Query:
    """“冷库正在建” tells of work and no number: which one is wanted is said back."""
    wanted = [item.target for one in desk.prompts(point, unit) for item in one.prompt.items if item.target]
    target = wanted[0] if len(set(wanted)) == 1 else ""
    return Query("number", point, unit, desk.text[:30], target=target)


def attached(point: int, desk: Desk) -> Settled:
    """A file that came without words: it counts as told, but figures are still asked for in words."""
    out = Settled()
    unit = desk.unit_for(point)
    if unit is None:
        out.refused.append(Refused(point, desk.book.assignments.leads(point)))
        return out
    record, before = Record(point), desk.stands(point, unit)
    version = _version(record, unit, (), None, desk)
    out.versions.append(version)
    out.marks += _marks(version, record, before, desk)
    return out


def _says(record: Record, figures: Sequence[Figure], percent: float | None) -> bool:
    told = (record.status, record.difficulty, record.help_needed, record.next_step, record.by)
    return bool(figures) or percent is not None or record.nothing_new or any(told)


def _figures(
    record: Record,
    unit: str,
    before: Standing,
    desk: Desk,
    sure: frozenset[str],
    corrects: bool,
    out: Settled,
) -> Iterator[Figure]:
    """The figures that may be stored; the others become queries."""
    for quantity in record.quantities:
        figure, target = _figure(quantity, desk)
        last = before.figures.get(figure.target) if figure.target else None
        query = None
        if target is not None and figure.target not in sure:
            query = _checked(figure, target, None if corrects else last)
        if query is None:
            yield figure
        else:
            out.queries.append(replace(query, point=record.point, unit=unit, target=figure.target))


def _unchanged(record: Record, before: Standing, desk: Desk) -> Iterator[Figure]:
    """“①没变化”: the number that stood is said again, as of today."""
    for target in record.same:
        if last := before.figures.get(target):
            yield replace(last, message_key=desk.key, as_of=desk.on)


def _figure(quantity: Quantity, desk: Desk) -> tuple[Figure, Target | None]:
    target = next((t for t in desk.book.targets if quantity.target and t.id == quantity.target), None)
    if target is None:
        return Figure(quantity.what, quantity.value, quantity.unit, "", None, desk.key, desk.on), None
    value = in_unit(quantity.value, quantity.unit or target.unit, target.unit)
    known = target.id if value is not None else ""
    figure = Figure(
        quantity.what or target.what,
        quantity.value,
        quantity.unit or target.unit,
        known,
        value,
        desk.key,
        desk.on,
    )
    return figure, target if value is not None else None


def _checked(figure: Figure, target: Target, last: Figure | None) -> Query | None:
    """Why this figure must be asked about first, if it must."""
    value, goal = figure.in_target_unit, target.value
    if value is None or not goal:
        return None
    if target.unit != "%" and _SLIP < value / goal / TEN_THOUSAND < 1 / _SLIP:
        return Query("scale", figure=figure, words=figure.what)
    if value > (100 if target.unit == "%" else goal * FAR_BEYOND):
        return Query("far", figure=figure, words=figure.what, before=goal)
    if last is not None and last.in_target_unit is not None and value < last.in_target_unit:
        return Query("falls", figure=figure, words=figure.what, before=last.in_target_unit)
    return None


def _percent(
    record: Record, unit: str, before: Standing, sure: frozenset[str], corrects: bool, out: Settled
) -> float | None:
    said = record.percent
    if said is None or "percent" in sure:
        return said
    if not 0 <= said <= 100:
        out.queries.append(Query("far", record.point, unit, percent=said, before=100.0))
        return None
    if not corrects and before.percent is not None and said < before.percent:
        out.queries.append(Query("falls", record.point, unit, percent=said, before=before.percent))
        return None
    return said


def _version(
    record: Record, unit: str, figures: Sequence[Figure], percent: float | None, desk: Desk
) -> Report:
    assert record.point is not None  # noqa: S101  the caller looked
    prompts = desk.serves(record.point, unit)
    round = prompts[0].round if prompts else None
    return Report(
        doc_number=desk.book.notice.doc_number,
        point=record.point,
        unit=unit,
        person=desk.person,
        message_key=desk.key,
        at=desk.now,
        as_of=desk.on,
        text=desk.text,
        round_id=round.id if round else None,
        percent=percent,
        status=record.status or "",
        difficulty=record.difficulty or "",
        help_needed=record.help_needed or "",
        next_step=step_of(record),
        due=record.due,
        nothing_new=record.nothing_new,
        elsewhere=record.elsewhere,
        late=round is not None and (round.closed_at is not None or desk.now > prompts[0].due_at),
        figures=tuple(figures),
    )


def _corrected(version: Report, before: Standing) -> Report:
    """A new version of what stood: what was not mentioned stays as it was, with the message that said it."""
    said = {_name(figure) for figure in version.figures}
    old = before.holding({figure.target for figure in version.figures if figure.target})
    kept = tuple(figure for figure in old.figures if _name(figure) not in said)
    return replace(
        version,
        kind=CORRECTION,
        replaces=old.id,
        round_id=old.round_id,
        late=old.late,
        percent=old.percent if version.percent is None else version.percent,
        status=version.status or old.status,
        difficulty=version.difficulty or old.difficulty,
        help_needed=version.help_needed or old.help_needed,
        next_step=version.next_step or old.next_step,
        due=version.due or old.due,
        figures=(*version.figures, *kept),
    )


def _name(figure: Figure) -> str:
    return figure.target or figure.what


# --- what becomes of the prompts ------------------------------------------------------------------------


def _marks(version: Report, record: Record, before: Standing, desk: Desk) -> Iterator[Mark]:
    for one in desk.serves(version.point, version.unit):
        if one.prompt.state == rounds.EXEMPT:
            continue
        version_here = replace(version, round_id=one.round.id)
        left = () if closes(record) else missing(one, (*before.versions, version_here))
        yield Mark(one, rounds.PARTIAL if left else rounds.ANSWERED)


def missing(one: Asked, versions: Iterable[Report]) -> tuple[int, ...]:
    """The places of a prompt's figures that nothing of this round tells yet; its tasks count as told with
    the first word of the round, and in a weekly round that asks for a word so does everything."""
    prompt = one.prompt
    here = [
        row for row in versions if serves(row, one) and (row.point, row.unit) == (prompt.point, prompt.unit)
    ]
    if here and one.round.kind == "weekly":
        return ()
    known = {figure.target for row in here for figure in row.figures}
    return tuple(
        at
        for at, item in enumerate(prompt.items)
        if (item.target and item.target not in known) or (not item.target and not here)
    )


def serves(row: Report, one: Asked) -> bool:
    """Whether a version was told since the round opened: it is filed under the newest round that asked then,
    and answers the older ones as well."""
    return row.round_id is not None and row.round_id >= one.round.id


def closes(record: Record | Report) -> bool:
    """Whether it answers for every figure at once."""
    return record.nothing_new or record.elsewhere or (record.status == "done" and record.percent == 100)


# --- doubts -----------------------------------------------------------------------------------------------


_KINDS = {"unit": "scale", "amount": "far"}


def _doubts(reading: Reading, desk: Desk, asked: Sequence[Query]) -> list[Query]:
    """The reader's own doubts; of a point that is not his, or of a number already asked about, nobody is
    asked again."""
    found = []
    numbers = {query.point for query in asked if query.figure is not None}
    for doubt in reading.doubts:
        unit = desk.unit_for(doubt.point) if doubt.point is not None else ""
        if unit is None or (doubt.kind in _KINDS and doubt.point in numbers):
            continue
        found.append(_query(doubt, unit))
    return found


def _query(doubt: Doubt, unit: str) -> Query:
    return Query(_KINDS.get(doubt.kind, doubt.kind), doubt.point, unit, doubt.words, target=doubt.target)


def confirmed(query: Query, desk: Desk) -> Settled:
    """After a plain yes: the number asked about is stored as it was said then."""
    quantities: tuple[Quantity, ...] = ()
    if query.figure is not None:
        said = query.figure
        quantities = (Quantity(said.what, said.value, said.unit, said.target or query.target),)
    record = Record(query.point, percent=query.percent, quantities=quantities)
    kind = "correction" if query.kind == "falls" else "report"
    return settle(Reading(kind, (record,)), desk, sure=frozenset({"percent", query.target} - {""}))


def to_json(query: Query) -> Mapping[str, object]:
    """What a conversation remembers of a question."""
    figure = query.figure
    return {
        "kind": query.kind,
        "point": query.point,
        "unit": query.unit,
        "words": query.words,
        "percent": query.percent,
        "before": query.before,
        "target": query.target,
        "said": query.said,
        "key": query.key,
        "figure": [figure.what, figure.value, figure.unit, figure.target] if figure else None,
    }


def from_json(row: Mapping[str, object]) -> Query:
    """What `to_json` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    figure = row["figure"]
    made = None
    if isinstance(figure, list):
        what, value, unit, target = figure
        made = Figure(str(what), float(value), str(unit), str(target))
    return Query(
        kind=str(row["kind"]),
        point=_number(row["point"]),
        unit=str(row["unit"]),
        words=str(row["words"]),
        figure=made,
        percent=_amount(row["percent"]),
        before=_amount(row["before"]),
        target=str(row["target"]),
        said=str(row.get("said", "")),
        key=str(row.get("key", "")),
    )


def _number(value: object) -> int | None:
    return None if value is None else int(str(value))


def _amount(value: object) -> float | None:
    return None if value is None else float(str(value))


def waiting(asked: Iterable[Asked]) -> list[Asked]:
    """What is still owed in rounds that are open."""
    return [one for one in asked if one.waits]
