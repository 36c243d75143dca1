"""From what a reply was read into to what is written: versions, marks on prompts, and at most one question.

Pure. A number that falls, is off by ten thousand or runs far beyond its target is asked about and not stored;
nobody reports for another unit; a correction becomes a new version of what it corrects.
`handlers/progress.py` hands in what the speaker has before him and writes what comes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from knowledge.aims import fits
from knowledge.reading import Quantity, Reading, Record
from knowledge.targets import Target
from storage.reports import CORRECTION, Figure, Report
from supervision import checking, others, queries, unsaid
from supervision.desk import Desk
from supervision.measures import in_unit
from supervision.prompts import Mark, marks
from supervision.queries import Query
from supervision.standing import Standing
from supervision.steps import step_of
from supervision.wording import number_words

_ATTACHED = re.compile(
    r"附件|附表|附上|详见|见(?:上|下)?[图表]|材料见|以(?:图|表)为准|见[^,，。]{0,4}(?:发|传|交)的"
)
_ALTOGETHER = re.compile(r"等|各|全市|全区|全县|合计|累计|总计|共")
_UNCHANGED = re.compile(
    r"没变|不变|未变|(?:无|没有?)(?:什么|新的?)?(?:变化|进展|变动|新增|更新)|照旧|维持|同上|一样|一致|平台|系统|沿用|报过"
)


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
    others: list[tuple[str, str]] = field(default_factory=list)  # figures of another unit, and whose
    foreign: list[str] = field(default_factory=list)  # counties whose numbers were told by another's liaison
    attached: bool = False  # he points to a file: its numbers are still wanted in words
    eased: dict[int, Report] = field(default_factory=dict)  # what told a difficulty that stands no longer

    def add(self, other: Settled) -> None:
        self.eased |= other.eased
        self.attached |= other.attached
        for name in ("versions", "marks", "queries", "refused", "others", "foreign"):
            getattr(self, name).extend(getattr(other, name))


def settle(reading: Reading, desk: Desk, *, sure: frozenset[str] = frozenset()) -> Settled:
    """What a report or correction comes to. Figures of the targets in `sure` were asked about already."""
    out = Settled(attached=_in_a_file(desk.text))
    for record in reading.records:
        if record.point is not None:
            told = replace(record, nothing_new=False) if out.attached else record
            for part, unit in _by_unit(told, record.point, desk):
                _record(part, unit, reading, desk, sure, out)
    out.queries += queries.of_doubts(reading, desk, out.queries)
    return out


def _by_unit(record: Record, point: int, desk: Desk) -> list[tuple[Record, str | None]]:
    """Each number under that unit of his which it is asked of, where he speaks for several; “无变化” is for
    all that wait."""
    first = desk.unit_for(point)
    if len(desk.units) < 2:
        return [(record, first)]
    if replace(record, nothing_new=False, elsewhere=False) == Record(point):
        waiting = dict.fromkeys(one.prompt.unit for one in desk.waiting if one.prompt.point == point)
        return [(record, unit) for unit in waiting] or [(record, first)]
    owners = {target: desk.unit_of(target, point) for target in record.same}
    owners |= {one.target: desk.unit_of(one.target, point) for one in record.quantities}
    others = [unit for unit in dict.fromkeys(owners.values()) if unit not in (None, first)]

    def of(unit: str | None) -> Record:
        mine = (unit, None) if unit == first else (unit,)
        numbers = tuple(one for one in record.quantities if owners[one.target] in mine)
        same = tuple(target for target in record.same if owners[target] in mine)
        return replace(record if unit == first else Record(point), quantities=numbers, same=same)

    parts = [(of(unit), unit) for unit in (first, *others)]
    return [(part, unit) for part, unit in parts if not others or part != Record(point)]


def _record(
    record: Record, unit: str | None, reading: Reading, desk: Desk, sure: frozenset[str], out: Settled
) -> None:
    assert record.point is not None  # noqa: S101  the caller looked
    if unit is None:
        out.refused.append(Refused(record.point, desk.book.assignments.leads(record.point)))
        return
    corrects = reading.kind == "correction"
    if thing := unsaid.of_one_thing(record, unit, desk):
        wanted = queries.number_wanted(record.point, unit, desk)
        out.queries.append(replace(wanted, target=thing))
        return
    if target := unsaid.unlike(record, unit, desk):
        said = record.quantities[0]
        words = f"{number_words(said.value)}{said.unit}"
        out.queries.append(Query("measure", record.point, unit, words, target=target))
        return
    before = desk.stands(record.point, unit)
    figures = [*_figures(record, unit, before, desk, sure, corrects, out), *_unchanged(record, before, desk)]
    percent = _percent(record, unit, before, sure, corrects, out)
    told = _says(record, figures, percent) or _in_a_file(desk.text)
    if not told and out.others:
        return
    if not told and not _task_told(record.point, unit, reading, desk):
        if not any(query.point in (record.point, None) for query in out.queries) and not _doubted(
            record, reading
        ):
            out.queries.append(queries.number_wanted(record.point, unit, desk))
        return
    version = _version(record, unit, figures, percent, desk)
    out.versions.append(_corrected(version, before) if corrects and before.versions else version)
    out.marks += marks(version, record, before, desk)


def _in_a_file(text: str) -> bool:
    """“见附件”, and not “没有变化，附件同上月”: a file is no word on the numbers."""
    return bool(_ATTACHED.search(text)) and not _UNCHANGED.search(text)


def _task_told(point: int, unit: str, reading: Reading, desk: Desk) -> bool:
    """“正在建” answers where only words were asked, and no number; so does what was sent back for words."""
    if any(one.returned and one.waits for one in desk.prompts(point, unit)) and not reading.doubts:
        return True
    items = [item for one in desk.prompts(point, unit) for item in one.prompt.items]
    return bool(items) and not any(item.target for item in items) and not reading.doubts


def _doubted(record: Record, reading: Reading) -> bool:
    return any(doubt.point in (None, record.point) for doubt in reading.doubts)


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
    out.marks += marks(version, record, before, desk)
    return out


def confirmed(query: Query, desk: Desk) -> Settled:
    """After a plain yes: the number asked about is stored as it was said then."""
    quantities: tuple[Quantity, ...] = ()
    if query.figure is not None:
        said = query.figure
        quantities = (Quantity(said.what, said.value, said.unit, said.target or query.target),)
    record = Record(query.point, percent=query.percent, quantities=quantities)
    kind = "correction" if query.kind == "falls" else "report"
    return settle(Reading(kind, (record,)), desk, sure=frozenset({"percent", query.target} - {""}))


def _says(record: Record, figures: Sequence[Figure], percent: float | None) -> bool:
    told = (record.status, record.difficulty, record.help_needed, record.next_step, record.by)
    return bool(figures) or percent is not None or record.nothing_new or any(told)


# --- numbers ----------------------------------------------------------------------------------------------


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
    for said in record.quantities:
        quantity = _placed(_of_a_town(said, desk), record.point, unit, desk)
        if quantity is None:
            out.queries.append(Query("point", words=f"{number_words(said.value)}{said.unit}"))
            continue
        figure, target = _figure(quantity, desk)
        if target is None and (owner := others.owner(quantity, record.point, unit, desk.book)):
            out.others.append((f"{quantity.what}{number_words(quantity.value)}{quantity.unit}", owner))
            continue
        last = before.figures.get(figure.target) if figure.target else None
        query = None
        if target is not None and figure.target not in sure:
            query = checking.of_figure(figure, target, None if corrects else last)
        if query is None:
            yield figure
        else:
            out.queries.append(replace(query, point=record.point, unit=unit, target=figure.target))


def _of_a_town(said: Quantity, desk: Desk) -> Quantity:
    """“凤凰镇改造12户” is a part and never the number, unless the notice asks for that town's; what stands
    under a number of the message that asked is the number."""
    at = desk.text.find(said.words) if said.target and said.words else -1
    lead = re.split(r"[,，。;；\n]", desk.text[:at])[-1] + said.words if at >= 0 else ""
    if not lead or lead.strip()[0] in "①②③④⑤⑥⑦⑧⑨⑩" or _ALTOGETHER.search(lead):
        return said
    towns = [mention.town for mention in desk.book.directory.find(lead) if mention.town]
    wanted = next((target.quote for target in desk.book.targets if target.id == said.target), "")
    if len(towns) != 1 or towns[0][:-1] in wanted:
        return said
    what = said.what if towns[0][:-1] in said.what else f"{towns[0]}{said.what}"
    return replace(said, target="", what=what)


def _placed(said: Quantity, point: int | None, unit: str, desk: Desk) -> Quantity | None:
    """A number without a name is the one thing asked in such a unit; None where there are several."""
    if said.target or not unsaid.NAMELESS.fullmatch(said.what) or point is None:
        return said
    items = [item for one in desk.prompts(point, unit) for item in one.prompt.items if item.target]
    targets = list(dict.fromkeys(item.target for item in items if said.unit and fits(said.unit, item.unit)))
    if len(targets) > 1:
        return None
    return replace(said, what="", target=targets[0]) if targets else said


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


def _percent(
    record: Record, unit: str, before: Standing, sure: frozenset[str], corrects: bool, out: Settled
) -> float | None:
    """The percentage that may be stored; any other becomes a query."""
    said = record.percent
    if said is None or "percent" in sure:
        return said
    query = checking.of_percent(said, None if corrects else before.percent)
    if query is None:
        return said
    out.queries.append(replace(query, point=record.point, unit=unit))
    return None


# --- versions ---------------------------------------------------------------------------------------------


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
        percent=old.percent if version.percent is None and before.percent_of is old else version.percent,
        status=version.status or (old.status if old.status == before.status else ""),
        difficulty=version.difficulty or old.difficulty,
        help_needed=version.help_needed or old.help_needed,
        next_step=version.next_step or old.next_step,
        due=version.due or old.due,
        figures=(*version.figures, *kept),
    )


def _name(figure: Figure) -> str:
    return figure.target or figure.what
