"""“撤回”: what a person's last message did is undone, and what stood before it stands again.

Pure. Nothing is erased: a withdrawal is a version that replaces another, either empty, or equal to the one
before with the messages its figures came from, or with the one figure that was taken back as it stood before.
What is taken back when it is not the last message says `supervision/taking.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge.reading import Reading
from storage import rounds
from storage.reports import RESTORED, TRIMMED, WITHDRAWN, Figure, Report
from supervision.desk import Desk
from supervision.prompts import Mark, serves, state_of
from supervision.reporting import Settled
from supervision.taking import Taking


@dataclass(frozen=True, slots=True)
class Past:
    """Every version there ever was of the points in question, by id."""

    rows: Mapping[int, Report]

    def origin(self, row: Report) -> Report:
        """The version as it was first written, which this one repeats or trims."""
        replaced = self.rows.get(row.replaces or 0)
        if row.kind == TRIMMED and replaced is not None:
            said = self.origin(replaced)
            before = self.rows.get(said.replaces or 0)
            return self.origin(before) if before and _alike(row, before) else said
        if row.kind == RESTORED and replaced is not None and (before := self.before(replaced)):
            return self.origin(before)
        return row

    def before(self, row: Report) -> Report | None:
        """What stood in its place before it was written."""
        return self.rows.get(self.origin(row).replaces or 0)

    def earlier(self, figure: Figure, row: Report) -> Figure | None:
        """The figure as it stood before the message that said it corrected it; None where that was the
        first word of its version."""
        said = [
            one
            for one in self.rows.values()
            if (one.point, one.unit) == (row.point, row.unit) and figure.message_key == one.message_key
        ]
        before = self.rows.get(min(said, key=lambda one: one.id).replaces or 0) if said else None
        return next((old for old in before.figures if old.target == figure.target), None) if before else None

    def without(self, row: Report, taking: Collection[str]) -> tuple[Figure, ...]:
        """The row's figures, those taken back as they were before."""
        kept = [self.earlier(one, row) if one.target in taking else one for one in row.figures]
        return tuple(one for one in kept if one is not None)


def _alike(row: Report, other: Report) -> bool:
    """Whether two versions say the same, whoever wrote them."""
    told = ("percent", "status", "difficulty", "help_needed", "next_step", "due")
    return set(row.figures) == set(other.figures) and all(
        getattr(row, name) == getattr(other, name) for name in told
    )


def mine(desk: Desk) -> list[Report]:
    """What stands of this person's own words."""
    return [row for row in desk.standing if _by(row, desk)]


def withdraw(reading: Reading, desk: Desk, out: Settled, past: Sequence[Report], taking: Taking) -> None:
    """Adds to `out` what takes back what is meant by `taking`, the points named, or else the last message."""
    history = Past({row.id: row for row in past})
    kept = len(out.versions)
    if taking.everything:
        _undo_all(desk, out, history, today=taking.today)
    elif taking.targets:
        _trim(desk, out, taking.targets, history)
    else:
        _undo_last(reading, desk, out, history, taking.points)
    out.marks += _reopened(out.versions[kept:], desk)


def _undo_last(reading: Reading, desk: Desk, out: Settled, history: Past, points: Collection[int]) -> None:
    rows = sorted(mine(desk), key=lambda row: history.origin(row).id)
    points = points or {point for point in reading.points if str(point) in desk.text}
    if points:
        gone = list({(row.point, row.unit): row for row in rows if row.point in points}.values())
    else:
        last = history.origin(rows[-1]).message_key if rows else ""
        gone = [row for row in rows if history.origin(row).message_key == last]
    told = {record.point for record in reading.records}
    done: set[tuple[int, str]] = set()
    for row in reversed(gone):
        if row.point not in told and (row.point, row.unit) not in done:
            done.add((row.point, row.unit))  # a message writes one version of a point and unit
            _undo(row, history.before(row), desk, out)


def _undo_all(desk: Desk, out: Settled, history: Past, *, today: bool) -> None:
    """All he told today, or in the rounds that are open (the newest one, when none is)."""
    within = _told_on(desk) if today else _told_in_rounds(desk)
    for row in mine(desk):
        if not within(history.origin(row)):
            continue
        before = history.before(row)
        while before is not None and within(history.origin(before)):
            before = history.before(before)
        _undo(row, before, desk, out)


def _told_on(desk: Desk) -> Callable[[Report], bool]:
    return lambda row: row.as_of == desk.on and _by(row, desk)


def _told_in_rounds(desk: Desk) -> Callable[[Report], bool]:
    """What was told without being asked counts with the day it was told."""
    newest = max((row.round_id for row in mine(desk) if row.round_id is not None), default=0)
    meant = {one.round.id for one in desk.asked if one.round.closed_at is None} or {newest}
    said_now = _told_on(desk)
    return lambda row: _by(row, desk) and (row.round_id in meant or (not row.round_id and said_now(row)))


def _by(row: Report, desk: Desk) -> bool:
    return row.person.lower() == desk.person.lower()


def _undo(row: Report, before: Report | None, desk: Desk, out: Settled) -> None:
    version = _anew(row, before, RESTORED, desk) if before is not None else _emptied(row, desk)
    out.versions.append(version)


def _trim(desk: Desk, out: Settled, taking: Collection[str], history: Past) -> None:
    """The newest version that has such a figure is written again with what stood before it, if anything."""
    old = {row.id: row for row in desk.standing}
    out.versions[:] = [_rewritten(one, old.get(one.replaces or 0), taking, history) for one in out.versions]
    done = {(one.point, one.unit) for one in out.versions}
    for row in sorted(mine(desk), key=lambda row: _newest(row, taking), reverse=True):
        if (row.point, row.unit) in done or not any(figure.target in taking for figure in row.figures):
            continue
        done.add((row.point, row.unit))
        trimmed = _anew(row, replace(row, figures=history.without(row, taking)), TRIMMED, desk)
        out.versions.append(trimmed if _says(trimmed) else _emptied(row, desk))


def _newest(row: Report, taking: Collection[str]) -> int:
    return max((figure.said or row.id for figure in row.figures if figure.target in taking), default=0)


def _rewritten(version: Report, old: Report | None, taking: Collection[str], history: Past) -> Report:
    """“撤回②，①改成26”: of the figures carried over from the old version, those taken back fall back."""
    kept = [figure for figure in version.figures if figure.target not in taking]
    fallen = history.without(old, taking) if old is not None else ()
    return replace(version, figures=(*kept, *(figure for figure in fallen if figure.target in taking)))


def _says(row: Report) -> bool:
    told = (row.status, row.difficulty, row.help_needed, row.next_step, row.due, row.nothing_new)
    return bool(row.figures) or row.percent is not None or any(told)


def _anew(row: Report, like: Report, kind: str, desk: Desk) -> Report:
    """A version in the place of `row` that says what `like` says, with the messages that said it."""
    return replace(like, kind=kind, replaces=row.id, message_key=desk.key, at=desk.now, id=0)


def _emptied(row: Report, desk: Desk) -> Report:
    """The version that takes `row` back: nothing of it stands, and its words stay in the older one."""
    return Report(
        doc_number=row.doc_number,
        point=row.point,
        unit=row.unit,
        person=desk.person,
        message_key=desk.key,
        at=desk.now,
        as_of=desk.on,
        text=desk.text,
        kind=WITHDRAWN,
        round_id=row.round_id,
        replaces=row.id,
    )


def _reopened(undone: Sequence[Report], desk: Desk) -> list[Mark]:
    """The prompts that were answered by what is gone wait again, for all of it or for the rest."""
    replaced = {row.id: row for row in desk.standing}
    gone = {version.replaces for version in undone}
    held = [row for row in desk.standing if row.id not in gone]
    held += [version for version in undone if version.kind != WITHDRAWN]
    found = []
    for version in undone:
        row, place = replaced[version.replaces or 0], (version.point, version.unit)
        left = [other for other in held if (other.point, other.unit) == place]
        found += [
            Mark(one, state_of(one, left))
            for one in desk.prompts(*place)
            if one.prompt.state != rounds.EXEMPT
            and (one.round.id == row.round_id or (one.round.closed_at is None and serves(row, one)))
        ]
    return found
