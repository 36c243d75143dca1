"""Takes out of a situation what one reader may see and has not been told: the facts of his digest.

Pure: a situation, a reader and what his last digest told come in. Nobody's words are changed; a red light
that nobody released is yellow to everybody but the office.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from knowledge.book import Book
from storage import rounds
from storage.drafts import RELEASED, Draft
from storage.problem import WITH_UNIT, Problem
from storage.reports import WITHDRAWN, Report
from supervision.desk import concerns
from supervision.digest_facts import (
    OVERLAP,
    BarFact,
    CountyFact,
    Facts,
    Link,
    Need,
    News,
    OfficeFacts,
    Reader,
    RoundFact,
    SectionFact,
    Told,
    Topic,
    Turn,
)
from supervision.lights import Light
from supervision.overview import PointState, overview
from supervision.problem_figures import Count, count
from supervision.saying import basis, difficulty, link, need, said, speaks_of
from supervision.situation import OpenRound, Situation
from supervision.wording import number_words
from supervision.workdays import SHANGHAI
from supervision.worklist import office_facts
from supervision.worktime import Worktime

JUDGED = ("green", "yellow", "red")
NEAR = 2  # working days before its due day a round is spoken of


def facts_for(situation: Situation, reader: Reader, told: Told | None, *, first: date | None = None) -> Facts:
    """What this reader is told; without an earlier digest what came in since the day `first`, or since the
    working day before."""
    sight = _Sight(situation, reader, told, first)
    states = sight.states()
    colours = {state.point.number: shown(state.light, reader) for state in states}
    needs = tuple(sight.needs(states))
    turns = tuple(sight.turns(states)) if told else ()
    return Facts(
        at=situation.now,
        since=told.day if told else None,
        points=len(states),
        narrow=reader.scope.narrow or not reader.everything,
        colours=Counter(colours.values()),
        before=Counter(told.lights.get(number, "grey") for number in colours) if told else None,
        news=tuple(sight.news(states, needs, turns)),
        turns=turns,
        needs=needs,
        links=tuple(sight.links()),
        rounds=tuple(sight.rounds()),
        sections=tuple(_sections(situation.book, states, reader)),
        counties=tuple(_counties(states, situation.book)),
        bars=tuple(_bars(states, reader)),
        problems=sight.problems(),
        county_problems=sight.county_problems(),
        topics=tuple(sight.topics()),
        office=office_facts(situation, states) if reader.office else OfficeFacts(),
    )


def states_for(situation: Situation, reader: Reader) -> list[PointState]:
    """How the points stand that this reader may see and chose to."""
    return _Sight(situation, reader, None).states()


def shown(light: Light, reader: Reader) -> str:
    """The colour this reader sees: red only after a person let it out."""
    return "yellow" if light.colour == "red" and light.draft and not reader.office else light.colour


def told_by(situation: Situation, reader: Reader, facts: Facts) -> Told:
    """What a digest of these facts has told. Lights are kept beyond the scope, which may change tomorrow."""
    whole = Reader(reader.person, reader.everything, reader.units, reader.office)
    floor = situation.newest - OVERLAP
    return Told(
        situation.now.date(),
        {state.point.number: shown(state.light, reader) for state in _Sight(situation, whole, None).states()},
        situation.newest,
        frozenset(row.id for row in situation.versions if row.id > floor),
        frozenset(one.key for one in facts.needs),
        situation.now,
        frozenset(one.id for one in situation.topics if _is_for(one, reader)),
    )


# --- what a reader sees -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sight:
    situation: Situation
    reader: Reader
    told: Told | None
    first: date | None = None

    def states(self) -> list[PointState]:
        found: Sequence[PointState] = self.situation.states
        if not self.reader.everything:
            rows = [row for row in self.situation.standing if self._may(row.unit)]
            found = overview(self.situation.book, rows, self.situation.view)
        return [state for state in found if self._has_point(state.point.number)]

    def _may(self, unit: str) -> bool:
        return self.reader.everything or unit in self.reader.units

    def _has_point(self, number: int) -> bool:
        book, scope = self.situation.book, self.reader.scope
        mine = self.reader.everything or any(leads(book, number, unit) for unit in self.reader.units)
        chosen = number in scope.points or self._section(number) in scope.sections
        return mine and (not scope.narrow or chosen or any(leads(book, number, unit) for unit in scope.units))

    def _section(self, number: int) -> int:
        point = self.situation.book.notice.point(number)
        return point.section if point else 0

    def _concerns(self, row: Report) -> bool:
        scope = self.reader.scope
        if not self._may(row.unit):
            return False
        if not scope.narrow:
            return True
        in_points = row.point in scope.points or self._section(row.point) in scope.sections
        return in_points or row.unit in scope.units

    def new(self) -> list[Report]:
        """Versions this reader was not told of, oldest first."""
        if self.told is None:
            day = self.first or self.situation.view.workdays.shift(self.situation.view.today, -1)
            rows = [r for r in self.situation.standing if r.at.astimezone(SHANGHAI).date() >= day]
        else:
            floor, seen = self.told.after, self.told.seen
            rows = [row for row in self.situation.versions if row.id > floor and row.id not in seen]
        return [row for row in rows if self._concerns(row)]

    def news(
        self, states: Sequence[PointState], needs: Iterable[Need], turns: Iterable[Turn]
    ) -> Iterator[News]:
        """By point, then in protocol order; what a turned light tells is not told again."""
        asked = {one.report for one in needs if one.fresh}
        turned = {report for one in turns for report in one.reports}
        by_point = {state.point.number: state for state in states}
        for (point, unit), rows in self._grouped():
            ids = tuple(row.id for row in rows)
            words = said(rows, by_point.get(point), self.situation.book)
            stuck = "" if rows[-1].id in asked else difficulty(rows)
            if (words or stuck) and not (turned.issuperset(ids) and not stuck and len(words) < 2):
                yield News(point, unit, words, rows[-1].as_of, ids, stuck=stuck)
            elif any(row.kind == WITHDRAWN and row.replaces not in ids for row in rows):  # it had been told
                yield News(point, unit, (), rows[-1].as_of, ids, withdrawn=True)

    def _grouped(self) -> list[tuple[tuple[int, str], list[Report]]]:
        groups: dict[tuple[int, str], list[Report]] = {}
        for row in self.new():
            groups.setdefault((row.point, row.unit), []).append(row)
        order = self.situation.book.directory.order_of
        return sorted(groups.items(), key=lambda group: (group[0][0], order(group[0][1])))

    def turns(self, states: Iterable[PointState]) -> Iterator[Turn]:
        assert self.told is not None  # noqa: S101  the caller looked
        for state in states:
            before = self.told.lights.get(state.point.number)
            if before is None:
                continue
            after = shown(state.light, self.reader)
            worse = before not in JUDGED and after in ("yellow", "red")
            if worse or (before in JUDGED and after in JUDGED and before != after):
                yield Turn(state.point.number, before, after, state.light.reason, basis(state))

    def needs(self, states: Iterable[PointState]) -> Iterator[Need]:
        """What units ask for, the new matters first; by point, in protocol order."""
        told = self.told.needs if self.told else frozenset()
        found = [
            one
            for state in states
            for unit, standing in state.units.items()
            if (one := need(state.point.number, unit, standing, told))
            and self._concerns(standing.versions[-1])
        ]
        return iter(sorted(found, key=lambda one: not one.fresh))

    def links(self) -> Iterator[Link]:
        new = [] if not self.reader.scope.linked else self._everything_new()
        for name in self.reader.scope.linked:
            yield link(name, [row for row in new if speaks_of(row, name)], self.situation.book)

    def _everything_new(self) -> list[Report]:
        whole = Reader(self.reader.person, self.reader.everything, self.reader.units)
        return _Sight(self.situation, whole, self.told, self.first).new()

    def problems(self) -> Count:
        """Firms' problems that concern this reader: since his last digest, and now."""
        return self._counted(self._own_problems())

    def county_problems(self) -> dict[str, Count]:
        """By county, in the notice's order."""
        own = self._own_problems()
        names = [area.short for area in self.situation.book.directory.counties]
        return {name: self._counted([one for one in own if one.county == name]) for name in names}

    def _counted(self, rows: Sequence[Problem]) -> Count:
        return count(rows, self._since(), self.situation.now, Worktime(self.situation.view.workdays))

    def _since(self) -> datetime:
        if self.told and self.told.at:
            return self.told.at
        view = self.situation.view
        day = self.told.day if self.told else view.workdays.shift(view.today, -1)
        return datetime.combine(day, time(0), SHANGHAI)

    def _own_problems(self) -> list[Problem]:
        return [one for one in self.situation.problems if self._has_problem(one)]

    def _has_problem(self, p: Problem) -> bool:
        units, scope = {p.lead, p.county, *p.helpers}, self.reader.scope
        if not (self.reader.everything or units & set(self.reader.units)):
            return False
        chosen = units & set(scope.units) or any(self._has_point(number) for number in p.points)
        return not scope.narrow or bool(chosen)

    def topics(self) -> Iterator[Topic]:
        """What was let out to this reader, is still to be decided, and has not been told."""
        told = self.told.topics if self.told else frozenset()
        waiting = {p.id for p in self.situation.problems if p.state in WITH_UNIT}
        for one in self.situation.topics:
            fresh = _is_for(one, self.reader) and one.id not in told
            if fresh and one.detail.get("problem") in waiting:
                yield Topic(one.id, one.body)

    def rounds(self) -> Iterator[RoundFact]:
        for one in self.situation.rounds:
            found = _round(one, self, self.situation)
            if found.asked:
                yield found


def _is_for(draft: Draft, reader: Reader) -> bool:
    """Whether somebody let it out to this reader."""
    return draft.state == RELEASED and draft.target == reader.person


def leads(book: Book, point: int, unit: str) -> bool:
    """Whether a unit answers for part of a point; for a county, whether a figure is set for it."""
    if any(area.short == unit for area in book.directory.counties):
        return any(target.scope == unit for target in book.of_point(point))
    return concerns(book, point, unit)


# --- counts -------------------------------------------------------------------------------------------


def _round(one: OpenRound, sight: _Sight, situation: Situation) -> RoundFact:
    own = [p for p in one.prompts if sight._may(p.unit) and p.state != rounds.EXEMPT]
    order = situation.book.directory.order_of
    missing = {p.unit for p in own if p.state in rounds.WAITING}
    due_at = one.round.due_at.astimezone(SHANGHAI)
    left = situation.view.workdays.count(situation.view.today, due_at.date())
    return RoundFact(
        one.round.name,
        due_at,
        len(own),
        sum(p.state == rounds.ANSWERED for p in own),
        tuple(sorted(missing, key=order)),
        near=0 <= left <= NEAR and bool(missing),
        over=due_at < situation.now,
    )


def _sections(book: Book, states: Sequence[PointState], reader: Reader) -> Iterator[SectionFact]:
    for section in book.notice.sections:
        own = [state for state in states if state.point.number in section.points]
        if own:
            yield SectionFact(section.title, len(own), Counter(shown(s.light, reader) for s in own))


def _counties(states: Iterable[PointState], book: Book) -> Iterator[CountyFact]:
    """The notice's figures for each county, in the notice's order."""
    names = {area.short for area in book.directory.counties}
    for state in states:
        for one in state.targets:
            if one.target.scope not in names:
                continue
            value = f"{number_words(one.figure.value)}{one.figure.unit}" if one.figure else ""
            yield CountyFact(
                one.target.scope,
                one.target.what,
                one.target.stated,
                value,
                one.figure.as_of if one.figure else None,
            )


def _bars(states: Iterable[PointState], reader: Reader) -> Iterator[BarFact]:
    """The figures that are held against time, in the notice's order."""
    for state in states:
        for one in state.targets:
            light, figure = one.light, one.figure
            if figure is None or figure.as_of is None or light.done is None or light.elapsed is None:
                continue
            yield BarFact(
                state.point.number,
                one.target.what,
                one.unit,
                f"{number_words(figure.value)}{figure.unit}",
                one.target.stated,
                light.done,
                light.elapsed,
                shown(light, reader),
                figure.as_of,
            )
