"""“撤回”: what a person's last message did is undone, and what stood before it stands again.

Pure. Nothing is erased: a withdrawal is a version that replaces another, either empty, or equal to the one
before with the messages its figures came from, or with the one figure that was taken back as it stood before.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge.reading import Item, Reading
from storage import rounds
from storage.reports import RESTORED, TRIMMED, WITHDRAWN, Figure, Report
from supervision.desk import Desk
from supervision.prompts import Mark, closes, missing, serves
from supervision.reporting import Settled

_TAKES = re.compile(r"撤回|撤销|作废|取消")
_PLACES = re.compile(r"[①-⑳]")


@dataclass(frozen=True, slots=True)
class Taking:
    """What is taken back when not everything is: figures, or all that was said of points."""

    targets: frozenset[str] = frozenset()
    points: frozenset[int] = frozenset()


def named(said: str, items: Sequence[Item], desk: Desk) -> Taking:
    """“撤回②”, “撤回危旧桥梁”: by the numbers of the message that asked, or by name."""
    clauses = [part for part in re.split(r"[,，。;；]", said) if _TAKES.search(part)]
    places = [ord(mark) - ord("①") for part in clauses for mark in _PLACES.findall(part)]
    if places:
        found = [items[at] for at in places if at < len(items)]
        points = frozenset(item.point for item in found if not item.target)
        return Taking(frozenset(item.target for item in found if item.target), points)
    name = _TAKES.sub("", clauses[0]).strip() if len(clauses) == 1 else ""
    told = [figure for row in mine(desk) for figure in row.figures if len(name) > 1]
    return Taking(frozenset(figure.target for figure in told if figure.target and name in figure.what))


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
    return [row for row in desk.standing if row.person.lower() == desk.person.lower()]


def withdraw(reading: Reading, desk: Desk, out: Settled, past: Sequence[Report], taking: Taking) -> None:
    """Adds to `out` what takes back the figures in `taking`, else the points named, else the last message."""
    history = Past({row.id: row for row in past})
    if taking.targets:
        _trim(desk, out, taking.targets, history)
        return
    rows = sorted(mine(desk), key=lambda row: history.origin(row).id)
    points = taking.points or {point for point in reading.points if str(point) in desk.text}
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


def _undo(row: Report, before: Report | None, desk: Desk, out: Settled) -> None:
    version = _anew(row, before, RESTORED, desk) if before is not None else _emptied(row, desk)
    _replace(row, version, desk, out)


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
        _replace(row, trimmed if _says(trimmed) else _emptied(row, desk), desk, out)


def _newest(row: Report, taking: Collection[str]) -> int:
    return max((figure.said or row.id for figure in row.figures if figure.target in taking), default=0)


def _rewritten(version: Report, old: Report | None, taking: Collection[str], history: Past) -> Report:
    """“撤回②，①改成26”: of the figures carried over from the old version, those taken back fall back."""
    kept = [figure for figure in version.figures if figure.target not in taking]
    fallen = history.without(old, taking) if old is not None else ()
    return replace(version, figures=(*kept, *(figure for figure in fallen if figure.target in taking)))


def _replace(row: Report, version: Report, desk: Desk, out: Settled) -> None:
    out.versions.append(version)
    out.marks += _reopened(row, version, desk)


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


def _reopened(row: Report, version: Report, desk: Desk) -> list[Mark]:
    """The prompts it had answered wait again, for all of it or for the rest."""
    place = (row.point, row.unit)
    left = [other for other in desk.standing if other.id != row.id and (other.point, other.unit) == place]
    if version.kind != WITHDRAWN:
        left.append(version)
    return [
        Mark(one, _state(one, [other for other in left if serves(other, one)]))
        for one in desk.prompts(*place)
        if one.prompt.state != rounds.EXEMPT
        and (one.round.id == row.round_id or (one.round.closed_at is None and serves(row, one)))
    ]


def _state(one: rounds.Asked, left: Sequence[Report]) -> str:
    if not left:
        return rounds.OWED
    done = any(closes(row) for row in left) or not missing(one, left)
    return rounds.ANSWERED if done else rounds.PARTIAL
