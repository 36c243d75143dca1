"""What open rounds wait for, with everything that was asked, reminded and put off.

Reminders, escalation and the office's summary read it inside their transaction. What was reminded is read
from the audit, and counts only while its message is there: one taken back in time reminded nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from knowledge.book import Book
from storage import audit, extensions, objections, outbox, quiets, reports, rounds
from storage.engine import Connection
from storage.quiets import Quiet
from storage.reports import Report
from storage.rounds import Asked
from supervision import quiet
from supervision.asking import numbered, thing
from supervision.prompts import missing
from supervision.reminding import Owing
from supervision.rounds import circled
from supervision.workdays import SHANGHAI, Workdays

REMIND = "remind"  # in the audit: which prompts each message reminded of


async def owing(conn: Connection, book: Book, workdays: Workdays) -> list[Owing]:
    """Every prompt that waits in an open round."""
    waiting = await rounds.waiting(conn, book.notice.doc_number)
    if not waiting:
        return []
    since = min(one.round.opened_at for one in waiting)
    periods = await quiets.since(conn, since)
    early, final = await _reminded(conn, since)
    put_off = await extensions.of_prompts(conn, [one.prompt.id for one in waiting])
    unsent = await outbox.waiting_from(conn, "ask:")
    labels = await _labels(conn, book, waiting)
    rejected = await objections.rejected(conn, since)
    paused = quiet.working_days(periods, workdays)
    return [
        Owing(
            one,
            _due(one, rejected.get(one.prompt.id), workdays, periods),
            None if one.prompt.bundle in unsent else asked_on(one.prompt.bundle),
            tuple(early.get(one.prompt.id, ())),
            tuple(final.get(one.prompt.id, ())),
            tuple(put_off.get(one.prompt.id, ())),
            labels[one.prompt.id],
            paused,
        )
        for one in waiting
    ]


def _due(one: Asked, rejected: datetime | None, workdays: Workdays, periods: Sequence[Quiet]) -> date:
    """Its own day; after a quiet period or a rejected objection there are two working days more."""
    due = quiet.due_day(one.due_at, workdays, periods)
    if rejected is None:
        return due
    return max(due, workdays.shift(rejected.astimezone(SHANGHAI).date(), quiet.GRACE))


def asked_on(bundle: str) -> date | None:
    """The day in the key of the message that asks: ask:2024-07-15:chenjing."""
    parts = bundle.split(":")
    return date.fromisoformat(parts[1]) if len(parts) > 2 else None


async def _reminded(conn: Connection, since: datetime) -> tuple[dict[int, list[date]], dict[int, list[date]]]:
    """For each prompt the days of its early and of its last reminders."""
    early: dict[int, list[date]] = {}
    final: dict[int, list[date]] = {}
    acts = await audit.acts(conn, REMIND, since)
    there = await _there(conn, [entry.detail["day"] for entry in acts])
    for entry in acts:
        on = date.fromisoformat(entry.detail["day"])
        for key, told in entry.detail["messages"].items():
            if key in there:
                _add(early, told["early"], on)
                _add(final, told["final"], on)
    return early, final


async def _there(conn: Connection, days: Sequence[str]) -> frozenset[str]:
    """The messages of these days and those between, with which people are reminded."""
    if not days:
        return frozenset()
    first, last = min(days), max(days)
    reminders = await outbox.state_of(conn, f"remind:{first}:", f"remind:{last}:")
    return frozenset([*reminders, *await outbox.state_of(conn, f"ask:{first}:", f"ask:{last}:")])


def _add(found: dict[int, list[date]], prompt_ids: Iterable[int], on: date) -> None:
    for prompt_id in prompt_ids:
        found.setdefault(prompt_id, []).append(on)


async def _labels(conn: Connection, book: Book, waiting: Sequence[Asked]) -> dict[int, tuple[str, ...]]:
    """What each prompt still misses, by its number in the message that asked."""
    points = sorted({one.prompt.point for one in waiting})
    told: dict[tuple[int, str], list[Report]] = {}
    for row in await reports.standing(conn, book.notice.doc_number, points=points):
        told.setdefault((row.point, row.unit), []).append(row)
    numbers = _numbers(await rounds.bundled(conn, sorted({one.prompt.bundle for one in waiting} - {""})))
    return {one.prompt.id: _open(one, told, numbers) for one in waiting}


def _numbers(bundles: Mapping[str, Sequence[Asked]]) -> dict[tuple[int, int], int]:
    """(prompt, place of the item) → the number under which it was asked."""
    found: dict[tuple[int, int], int] = {}
    for inside in bundles.values():
        numbers = {thing(one.prompt, item): at for at, (one, item) in enumerate(numbered(inside), start=1)}
        for one in inside:
            for place, item in enumerate(one.prompt.items):
                found[one.prompt.id, place] = numbers[thing(one.prompt, item)]
    return found


def _open(
    one: Asked,
    told: Mapping[tuple[int, str], Sequence[Report]],
    numbers: Mapping[tuple[int, int], int],
) -> tuple[str, ...]:
    prompt = one.prompt
    places = missing(one, told.get((prompt.point, prompt.unit), ()))
    labels = [
        f"{circled(numbers[prompt.id, at]) if (prompt.id, at) in numbers else ''}{prompt.items[at].what}"
        for at in places
    ]
    return (*labels, f"补充“{one.returned}”") if one.returned else tuple(labels)
