"""Takes out of a situation what one reader may see and has not been told: the facts of his digest.

Pure: a situation, a reader and what his last digest told come in. Nobody's words are changed; a red light
that nobody released is yellow to everybody but the office.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from knowledge.book import Book
from storage import rounds
from storage.reports import WITHDRAWN, Report
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
    Turn,
)
from supervision.lights import Light
from supervision.overview import PointState, overview
from supervision.reporting import concerns
from supervision.situation import OpenRound, Situation
from supervision.standing import Standing
from supervision.wording import STATUS, figure_words, number_words
from supervision.workdays import SHANGHAI

JUDGED = ("green", "yellow", "red")
NEAR = 2  # working days before its due day a round is spoken of


def facts_for(situation: Situation, reader: Reader, told: Told | None) -> Facts:
    """What this reader is told; without an earlier digest what came in since the working day before."""
    sight = _Sight(situation, reader, told)
    states = sight.states()
    colours = {state.point.number: shown(state.light, reader) for state in states}
    needs = tuple(sight.needs(states))
    return Facts(
        at=situation.now,
        since=told.day if told else None,
        points=len(states),
        narrow=reader.scope.narrow or not reader.everything,
        colours=Counter(colours.values()),
        before=Counter(told.lights.get(number, "grey") for number in colours) if told else None,
        news=tuple(sight.news(states, needs)),
        turns=tuple(sight.turns(states)) if told else (),
        needs=needs,
        links=tuple(sight.links()),
        rounds=tuple(sight.rounds()),
        sections=tuple(_sections(situation.book, states, reader)),
        counties=tuple(_counties(states, situation.book)),
        bars=tuple(_bars(states, reader)),
        office=sight.office(states) if reader.office else OfficeFacts(),
    )


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
    )


# --- what a reader sees -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sight:
    situation: Situation
    reader: Reader
    told: Told | None

    def states(self) -> list[PointState]:
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
            day = self.situation.view.workdays.shift(self.situation.view.today, -1)
            rows = [r for r in self.situation.standing if r.at.astimezone(SHANGHAI).date() >= day]
        else:
            floor, seen = self.told.after, self.told.seen
            rows = [row for row in self.situation.versions if row.id > floor and row.id not in seen]
        return [row for row in rows if self._concerns(row)]

    def news(self, states: Sequence[PointState], needs: Iterable[Need]) -> Iterator[News]:
        """By point, then in protocol order."""
        asked = {need.report for need in needs if need.fresh}
        by_point = {state.point.number: state for state in states}
        order = self.situation.book.directory.order_of
        groups: dict[tuple[int, str], list[Report]] = {}
        for row in self.new():
            groups.setdefault((row.point, row.unit), []).append(row)
        for point, unit in sorted(groups, key=lambda key: (key[0], order(key[1]))):
            rows = groups[point, unit]
            words = _said(rows, by_point.get(point), self.situation.book, plain=rows[-1].id in asked)
            ids = tuple(row.id for row in rows)
            if words:
                yield News(point, unit, words, rows[-1].as_of, ids)
            elif any(row.kind == WITHDRAWN and row.replaces not in ids for row in rows):  # it had been told
                yield News(point, unit, (), rows[-1].as_of, ids, withdrawn=True)

    def turns(self, states: Iterable[PointState]) -> Iterator[Turn]:
        assert self.told is not None  # noqa: S101  the caller looked
        for state in states:
            before = self.told.lights.get(state.point.number)
            if before is None:
                continue
            after = shown(state.light, self.reader)
            worse = before not in JUDGED and after in ("yellow", "red")
            if worse or (before in JUDGED and after in JUDGED and before != after):
                yield Turn(state.point.number, before, after, state.light.reason, _basis(state))

    def needs(self, states: Iterable[PointState]) -> Iterator[Need]:
        """What units ask for, the new matters first; by point, in protocol order."""
        told = self.told.needs if self.told else frozenset()
        found = [
            need
            for state in states
            for unit, standing in state.units.items()
            if (need := _need(state.point.number, unit, standing, told))
        ]
        return iter(sorted(found, key=lambda need: not need.fresh))

    def links(self) -> Iterator[Link]:
        new = [] if not self.reader.scope.linked else self._everything_new()
        for name in self.reader.scope.linked:
            yield _link(name, [row for row in new if _speaks_of(row, name)], self.situation.book)

    def _everything_new(self) -> list[Report]:
        whole = Reader(self.reader.person, self.reader.everything, self.reader.units)
        return _Sight(self.situation, whole, self.told).new()

    def rounds(self) -> Iterator[RoundFact]:
        for one in self.situation.rounds:
            found = _round(one, self, self.situation)
            if found.asked:
                yield found

    def office(self, states: Sequence[PointState]) -> OfficeFacts:
        situation = self.situation
        today = [r for r in situation.standing if r.at.astimezone(SHANGHAI).date() == situation.view.today]
        order = situation.book.directory.order_of
        waiting = {p.unit for one in situation.rounds for p in one.waiting if not p.bundle}
        return OfficeFacts(
            received=len(today),
            received_from=tuple(sorted({row.unit for row in today}, key=order)),
            red_drafts=tuple(s.point.number for s in states if s.light.colour == "red" and s.light.draft),
            objections=tuple(f"{one.unit}要点{one.point}" for one in situation.objections),
            drafts=situation.drafts,
            unasked=tuple(sorted(waiting - set(situation.liaisons or ()), key=order)),
        )


def leads(book: Book, point: int, unit: str) -> bool:
    """Whether a unit answers for part of a point; for a county, whether a figure is set for it."""
    if any(area.short == unit for area in book.directory.counties):
        return any(target.scope == unit for target in book.of_point(point))
    return concerns(book, point, unit)


# --- words of reports ---------------------------------------------------------------------------------


def _said(rows: Sequence[Report], state: PointState | None, book: Book, *, plain: bool) -> tuple[str, ...]:
    """What these versions of one unit newly say, newest word on each thing; `plain` leaves difficulties to
    the matter that tells them."""
    standing = [row for row in rows if row.kind != WITHDRAWN]
    gone = {row.replaces for row in rows if row.kind == WITHDRAWN}
    standing = [row for row in standing if row.id not in gone]
    figures = {
        one.target or one.what: one
        for row in standing
        for one in row.figures
        if one.message_key in ("", row.message_key)
    }
    parts = [_with_pace(figure_words(one, book), one.target, state) for one in figures.values()]
    percent = next((row.percent for row in reversed(standing) if row.percent is not None), None)
    if percent is not None:
        parts.append(f"整体进度{number_words(percent)}%")
    status = next((row.status for row in reversed(standing) if row.status), "")
    if status and not parts:
        parts.append(STATUS[status])
    for label, name in () if plain else (("困难", "difficulty"), ("下一步", "next_step")):
        told = next((getattr(row, name) for row in reversed(standing) if getattr(row, name)), "")
        if told:
            parts.append(f"{label}：“{told}”")
    return tuple(parts)


def _with_pace(words: str, target: str, state: PointState | None) -> str:
    """完成52.6% beside how much of the time has gone, where the figure grows through the year."""
    found = next((one.light for one in state.targets if one.target.id == target), None) if state else None
    if found is None or found.elapsed is None or not words.endswith("）"):
        return words
    return f"{words[:-1]}，时间进度{number_words(found.elapsed)}%）"


def _need(point: int, unit: str, standing: Standing, told: frozenset[str]) -> Need | None:
    asked = standing.told("help_needed")
    if not asked or standing.newest is None:
        return None
    row = next(r for r in reversed(standing.versions) if r.help_needed == asked)
    found = Need(point, unit, asked, standing.told("difficulty"), row.as_of, row.id)
    return (
        found
        if found.key not in told
        else Need(point, unit, asked, found.why, row.as_of, row.id, fresh=False)
    )


def _basis(state: PointState) -> tuple[int, ...]:
    """The versions a light was judged on."""
    rows = [row for standing in state.units.values() for row in standing.versions]
    return tuple(row.id for row in rows if row.message_key == state.light.message)


def _speaks_of(row: Report, name: str) -> bool:
    short = name.removesuffix("镇").removesuffix("街道") if len(name) > 2 else name
    return row.kind != WITHDRAWN and (row.unit == name or name in row.text or short in row.text)


def _link(name: str, rows: Sequence[Report], book: Book) -> Link:
    """A unit's or county's own news, or words in which a town is named, as they were said."""
    if not rows:
        return Link(name, ())
    ids = tuple(row.id for row in rows)
    if rows[-1].unit == name:
        points = "、".join(map(str, dict.fromkeys(row.point for row in rows)))
        return Link(name, (f"新报要点{points}",), rows[-1].as_of, ids)
    newest = rows[-1]
    return Link(name, (f"{newest.unit}报要点{newest.point}：“{_clipped(newest.text)}”",), newest.as_of, ids)


def _clipped(text: str, limit: int = 40) -> str:
    flat = " ".join(text.split()).replace("“", "‘").replace("”", "’")
    return flat if len(flat) <= limit else f"{flat[:limit]}……"


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
