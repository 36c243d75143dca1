"""How points stand: what each unit reported, judged by lights, with everything a number is traced by.

Answers about progress, the 台账 and digests read it. Pure: reports that stand and a day come in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from knowledge.book import Book
from knowledge.notice import WorkPoint
from knowledge.targets import Target
from storage.reports import Figure, Report
from supervision.light_rules import LightRules
from supervision.lights import Light, Reported, light, light_of_percent, point_light
from supervision.rounds import MEMBER_UNITS, is_figure
from supervision.standing import Standing, folded
from supervision.workdays import Workdays

STATUSES = ("done", "ahead", "on_track", "behind", "not_started")


@dataclass(frozen=True, slots=True)
class View:
    """By which rules and on which day things are looked at. `released` are the messages of red lights that a
    person let out."""

    today: date
    workdays: Workdays = field(default_factory=Workdays)
    rules: LightRules = field(default_factory=LightRules)
    released: frozenset[tuple[int, str]] = frozenset()  # (point, message key)


@dataclass(frozen=True, slots=True)
class TargetState:
    """A figure of the notice: who answers for it, the newest number, and its light."""

    target: Target
    unit: str  # who reports it, or should
    figure: Figure | None
    light: Light


@dataclass(frozen=True, slots=True)
class PointState:
    point: WorkPoint
    targets: tuple[TargetState, ...]
    units: Mapping[str, Standing]  # what stands from each unit that reported
    light: Light

    @property
    def reported(self) -> bool:
        return bool(self.units)


def overview(book: Book, reports: Iterable[Report], view: View) -> list[PointState]:
    """Every point of the notice, in its order."""
    by_point: dict[int, list[Report]] = {}
    for row in reports:
        by_point.setdefault(row.point, []).append(row)
    return [state_of(book, point, by_point.get(point.number, ()), view) for point in book.notice.points]


def state_of(book: Book, point: WorkPoint, reports: Sequence[Report], view: View) -> PointState:
    """One point, from the versions that stand of it, oldest first."""
    by_unit: dict[str, list[Report]] = {}
    for row in reports:
        by_unit.setdefault(row.unit, []).append(row)
    order = book.directory.order_of
    units = {unit: folded(by_unit[unit]) for unit in sorted(by_unit, key=order)}
    targets = tuple(
        _target_state(book, point, target, units, view)
        for target in book.of_point(point.number)
        if _counts(book, target)
    )
    return PointState(
        point, targets, units, _released(point, _light(book, point, targets, units, view), view)
    )


def _counts(book: Book, target: Target) -> bool:
    """Figures asked of somebody; one spread over the counties counts county by county."""
    expanded = any(other.parent == target.id for other in book.of_point(target.point))
    return is_figure(target) and target.scope != MEMBER_UNITS and not expanded


def _target_state(
    book: Book, point: WorkPoint, target: Target, units: Mapping[str, Standing], view: View
) -> TargetState:
    unit = answers_for(book, target)
    if unit not in units or target.id not in units[unit].figures:
        unit = next((u for u in units if _may_stand_in(book, u, target, units)), unit)
    standing = units.get(unit)
    figure = standing.figures.get(target.id) if standing else None
    reported = None
    if figure is not None and figure.as_of is not None:
        reported = Reported(figure.in_target_unit, None, figure.as_of, unit, figure.message_key)
    found = light(
        target,
        reported,
        view.today,
        started=date(book.notice.year, 1, 1),
        rules=view.rules,
        workdays=view.workdays,
    )
    return TargetState(target, unit, figure, found)


def answers_for(book: Book, target: Target) -> str:
    """The unit that reports this figure: the county it is set for, else who leads its words."""
    if any(area.short == target.scope for area in book.directory.counties):
        return target.scope
    row = book.assignments.of_clause(target.point, target.quote)
    return row.lead if row else ""


def _may_stand_in(book: Book, unit: str, target: Target, units: Mapping[str, Standing]) -> bool:
    """A city's figure told by another city unit; a county's share is never taken for the city's."""
    counties = {area.short for area in book.directory.counties}
    return unit not in counties and target.scope not in counties and target.id in units[unit].figures


def _light(
    book: Book,
    point: WorkPoint,
    targets: Sequence[TargetState],
    units: Mapping[str, Standing],
    view: View,
) -> Light:
    lights = [one.light for one in targets]
    spoken = _spoken(units)
    if spoken is not None or not lights:
        started = date(book.notice.year, 1, 1)
        whole = light_of_percent(
            spoken, view.today, started=started, rules=view.rules, workdays=view.workdays
        )
        if not any(one.colour in ("green", "yellow", "red") for one in lights):
            return whole
    return point_light(lights)


def _spoken(units: Mapping[str, Standing]) -> Reported | None:
    """The newest percentage or word for the whole point."""
    told = [
        row
        for standing in units.values()
        for row in standing.versions
        if row.percent is not None or row.status
    ]
    if not told:
        return None
    row = max(told, key=lambda one: one.id)
    standing = units[row.unit]
    status = next((known for known in STATUSES if known == standing.status), None)
    return Reported(None, standing.percent, row.as_of, row.unit, row.message_key, status)  # type: ignore[arg-type]


def _released(point: WorkPoint, found: Light, view: View) -> Light:
    out = found.colour == "red" and (point.number, found.message) in view.released
    return replace(found, draft=False) if out else found
