"""“撤回”: what a person's last message did is undone, and what stood before it stands again.

Pure. Nothing is erased: a withdrawal is a version that replaces another, either empty, or equal to the one
before with the messages its figures came from, or without the one figure that was taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge.reading import Reading
from storage import rounds
from storage.reports import RESTORED, TRIMMED, WITHDRAWN, Report
from supervision.reporting import Desk, Mark, Settled, closes, missing, serves


@dataclass(frozen=True, slots=True)
class Past:
    """Every version there ever was of the points in question, by id."""

    rows: Mapping[int, Report]

    def origin(self, row: Report) -> Report:
        """The version as it was first written, which this one repeats or trims."""
        replaced = self.rows.get(row.replaces or 0)
        if row.kind == TRIMMED and replaced is not None:
            return self.origin(replaced)
        if row.kind == RESTORED and replaced is not None and (before := self.before(replaced)):
            return self.origin(before)
        return row

    def before(self, row: Report) -> Report | None:
        """What stood in its place before it was written."""
        return self.rows.get(self.origin(row).replaces or 0)


def mine(desk: Desk) -> list[Report]:
    """What stands of this person's own words."""
    return [row for row in desk.standing if row.person.lower() == desk.person.lower()]


def withdraw(
    reading: Reading, desk: Desk, out: Settled, past: Sequence[Report], taking: Collection[str] = ()
) -> None:
    """Adds to `out` what takes back the figures of the targets in `taking`, else the points named, else
    the last message."""
    if taking:
        _trim(desk, out, taking)
        return
    history = Past({row.id: row for row in past})
    rows = sorted(mine(desk), key=lambda row: history.origin(row).id)
    named = [point for point in reading.points if str(point) in desk.text]
    if named:
        gone = list({(row.point, row.unit): row for row in rows if row.point in named}.values())
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


def _trim(desk: Desk, out: Settled, taking: Collection[str]) -> None:
    """The newest version that has such a figure is written again without it."""
    out.versions[:] = [
        replace(one, figures=tuple(f for f in one.figures if f.target not in taking)) for one in out.versions
    ]
    done = {(one.point, one.unit) for one in out.versions}
    for row in reversed(mine(desk)):
        rest = tuple(figure for figure in row.figures if figure.target not in taking)
        if rest == row.figures or (row.point, row.unit) in done:
            continue
        done.add((row.point, row.unit))
        trimmed = _anew(row, replace(row, figures=rest), TRIMMED, desk)
        _replace(row, trimmed if _says(trimmed) else _emptied(row, desk), desk, out)


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
