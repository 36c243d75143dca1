"""Asks: writes who owes what in a round, and one message per liaison and day that asks for all of it.

`supervision/opening.py` calls it, and whoever changes what is owed, inside their own transaction. A message
that has not left yet is written anew when more is asked of the same person, or taken back when everything was
answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from knowledge.book import Book
from storage import outbox, people, quiets, reports, rounds
from storage.engine import Connection
from storage.message import Text, dump
from storage.reports import Figure
from storage.rounds import Asked, Item, Prompt, Round
from supervision import caps, drafting
from supervision.caps import Decision, MergeInto
from supervision.prompts import missing
from supervision.rounds import Bundle, Line, Owed, compose
from supervision.rules import Rules
from supervision.workdays import SHANGHAI, Workdays

_AT_ONCE = 2_000  # rows per statement


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening a round did. `unasked` are units nobody is bound for."""

    round: Round
    prompts: int
    people: int
    unasked: tuple[str, ...]
    suggested: tuple[int, ...]  # points left out because their units are only suggested
    first_at: datetime | None  # when the first message leaves
    held: tuple[tuple[str, Decision], ...] = ()  # whom a cap reached, by what the office calls them, and how
    too_late: tuple[str, ...] = ()  # who will be asked only when it is over, having had a message today


async def ask(
    conn: Connection,
    book: Book,
    round: Round,
    rows: Sequence[Owed],
    suggested: tuple[int, ...] = (),
    *,
    now: datetime,
    workdays: Workdays,
    rules: Rules,
) -> Opened:
    """Writes the prompts and the messages that ask them."""
    liaisons = await people.liaison_of(conn, sorted({row.unit for row in rows}))
    asks = {unit: person.userid for unit, person in liaisons.items()}
    slots = await _slots(conn, set(asks.values()), now, workdays, rules, due_at=round.due_at)
    prompts = [
        Prompt(round.id, row.point, row.unit, row.basis, row.items, slots[asks[row.unit]].key)
        if row.unit in asks
        else Prompt(round.id, row.point, row.unit, row.basis, row.items)
        for row in rows
    ]
    await rounds.ask(conn, prompts)
    new: dict[str, list[Asked]] = {slot.key: [] for slot in slots.values() if not slot.there}
    for prompt in prompts:
        if prompt.bundle in new:
            new[prompt.bundle].append(Asked(prompt, round))
    await _write(conn, book, {slot.key: slot.at for slot in slots.values()}, new, now=now)
    return Opened(
        round,
        len(rows),
        len(slots),
        tuple(dict.fromkeys(prompt.unit for prompt in prompts if not prompt.bundle)),
        suggested,
        min((slot.at for slot in slots.values()), default=None),
        tuple(_held(liaisons, slots)),
        tuple(dict.fromkeys(_too_late(liaisons, slots, round.due_at))),
    )


def _held(
    liaisons: Mapping[str, people.Person], slots: Mapping[str, _Slot]
) -> Iterator[tuple[str, Decision]]:
    """市供销社陈静, once each."""
    names = {person.userid: f"{unit}{person.name}" for unit, person in liaisons.items()}
    for userid, slot in slots.items():
        if caps.is_rare(slot.decision):
            yield names[userid], slot.decision


def _too_late(
    liaisons: Mapping[str, people.Person], slots: Mapping[str, _Slot], due_at: datetime
) -> Iterator[str]:
    """市供销社陈静: one message a day also holds for a round that is due this evening."""
    for unit, person in liaisons.items():
        if slots[person.userid].at > due_at:
            yield f"{unit}{person.name}"


@dataclass(frozen=True, slots=True)
class _Slot:
    """The message that will ask somebody, and when it leaves: one that waits already, or a new one."""

    key: str
    decision: Decision

    @property
    def at(self) -> datetime:
        return self.decision.at

    @property
    def there(self) -> bool:
        return isinstance(self.decision, MergeInto)


async def _slots(
    conn: Connection,
    persons: set[str],
    now: datetime,
    workdays: Workdays,
    rules: Rules,
    *,
    due_at: datetime | None = None,
    moving: frozenset[str] = frozenset(),
) -> dict[str, _Slot]:
    """For each person what asks him; what is due waits for no day after it."""
    no_later = due_at.astimezone(SHANGHAI).date() if due_at else None
    asked = caps.Asked(await quiets.since(conn, now), no_later=no_later, moving=moving)
    found = await caps.may_push_all(
        conn, "reminder", sorted(persons), now, workdays, caps.rules_of(rules.caps), asked
    )
    return {person: _Slot(_key(person, decision), decision) for person, decision in found.items()}


def _key(person: str, decision: Decision) -> str:
    if isinstance(decision, MergeInto):
        return decision.key
    return f"ask:{decision.at.astimezone(SHANGHAI).date().isoformat()}:{person}"


async def _write(
    conn: Connection,
    book: Book,
    slots: Mapping[str, datetime],
    new: Mapping[str, Sequence[Asked]],
    *,
    now: datetime,
) -> None:
    """Puts the messages of these bundles into the outbox, in place of what was there and has not left.

    `new` are bundles that nothing else asks by; the others are looked up.
    """
    if not slots:
        return
    old = sorted(slots.keys() - new.keys())
    last = await reports.cumulative(conn, book.notice.doc_number)
    bundles = {**new, **await rounds.bundled(conn, old)}
    told = await _told_in_part(conn, book, bundles)
    await _take_back(conn, old)
    rows: list[tuple[outbox.Outgoing, datetime | None]] = []
    for key in sorted(slots):
        day = date.fromisoformat(key.split(":")[1])
        if texts := _texts(book, bundles.get(key, ()), last, told, day):
            rows += _outgoing(key, slots[key], texts)
    for start in range(0, len(rows), _AT_ONCE):
        await outbox.add(conn, rows[start : start + _AT_ONCE], now)


async def answered(conn: Connection, book: Book, bundles: Iterable[str], *, now: datetime) -> None:
    """After answers: a message that has not left asks only for what is still owed, or is taken back; so are
    reminders of that person, and drafts about what nobody waits for any more."""
    keys = sorted(set(bundles) - {""})
    for key in keys:
        waiting = await outbox.waiting_until(conn, key)
        if waiting is not None:
            await _write(conn, book, {key: waiting}, {}, now=now)
    for person in sorted(set(map(_asks, keys))):
        await outbox.take_back(conn, [*await outbox.waiting_from(conn, "remind:", target=person)])
    await drafting.settle(conn, now)


async def ask_newcomers(
    conn: Connection,
    book: Book,
    *,
    now: datetime,
    workdays: Workdays,
    rules: Rules,
    units: frozenset[str] | None = None,
) -> int:
    """Units (`units`, or all) whose liaison was bound after a round opened are asked with the next message,
    also for what is overdue; how many people."""
    waiting = await rounds.waiting(conn, book.notice.doc_number)
    unasked = [
        one.prompt for one in waiting if not one.prompt.bundle and (units is None or one.prompt.unit in units)
    ]
    liaisons = await people.liaison_of(conn, {prompt.unit for prompt in unasked})
    slots = await _slots(conn, {person.userid for person in liaisons.values()}, now, workdays, rules)
    asks: dict[str, list[int]] = {}
    for prompt in unasked:
        if person := liaisons.get(prompt.unit):
            asks.setdefault(slots[person.userid].key, []).append(prompt.id)
    for key, prompt_ids in asks.items():
        await rounds.hand_over(conn, prompt_ids, key)
    await _write(conn, book, {found.key: found.at for found in slots.values()}, {}, now=now)
    return len(slots)


async def succeeded(
    conn: Connection, book: Book, units: Iterable[str], *, now: datetime, workdays: Workdays, rules: Rules
) -> None:
    """After another liaison was bound for these units: whatever is still owed goes to his next message,
    asked before or not. After theirs was unbound, what has not been asked yet waits for somebody."""
    wanted = frozenset(units)
    queued = {_whole(key) for key in await outbox.waiting_from(conn, "ask:")}
    waiting = [one.prompt for one in await rounds.waiting(conn, book.notice.doc_number) if one.prompt.bundle]
    liaisons = await people.liaison_of(conn, wanted)
    moved = [
        prompt
        for prompt in waiting
        if prompt.unit in wanted
        and (prompt.unit in liaisons or prompt.bundle in queued)
        and _asks(prompt.bundle) != _userid(liaisons.get(prompt.unit))
    ]
    left = {prompt.bundle for prompt in moved} - queued
    again = [prompt for prompt in waiting if prompt.bundle in left]  # the numbers in it hold no longer
    moved += [prompt for prompt in again if prompt not in moved]
    await rounds.hand_over(conn, [prompt.id for prompt in moved], "")
    await answered(conn, book, {prompt.bundle for prompt in moved}, now=now)
    everyone = wanted | {prompt.unit for prompt in moved}
    await ask_newcomers(conn, book, now=now, workdays=workdays, rules=rules, units=everyone)


def _asks(bundle: str) -> str:
    """Whom a message asks."""
    return bundle.split(":")[2]


def _userid(person: people.Person | None) -> str:
    return person.userid if person else ""


async def catch_up(conn: Connection, book: Book, *, now: datetime, workdays: Workdays, rules: Rules) -> int:
    """What should have left on an earlier day and has not joins the first message of today or after; how many
    people. Its numbers are then those of the newest message, so that an answer is read rightly."""
    today = now.astimezone(SHANGHAI).date().isoformat()
    waiting = await outbox.waiting_from(conn, "ask:")
    late = {_asks(key) for key in waiting if key.split(":")[1] < today}
    moved = {key: at for key, at in waiting.items() if _asks(key) in late}
    return await _move(conn, book, moved, now=now, workdays=workdays, rules=rules)


async def rearrange(conn: Connection, book: Book, *, now: datetime, workdays: Workdays, rules: Rules) -> int:
    """Messages that wait leave on the first day allowed now, one per person; how many bundles moved.

    After a change of the calendar, or when a quiet period begins or ends.
    """
    waiting = await outbox.waiting_from(conn, "ask:")
    return await _move(conn, book, waiting, now=now, workdays=workdays, rules=rules)


async def _move(
    conn: Connection,
    book: Book,
    waiting: Mapping[str, datetime],
    *,
    now: datetime,
    workdays: Workdays,
    rules: Rules,
) -> int:
    held: dict[str, set[tuple[str, datetime]]] = {}
    for key, at in waiting.items():
        held.setdefault(_asks(key), set()).add((_whole(key), at))
    slots = await _slots(conn, set(held), now, workdays, rules, moving=frozenset(map(_whole, waiting)))
    moved = {person: slot for person, slot in slots.items() if held[person] != {(slot.key, slot.at)}}
    for person, found in moved.items():
        old = {key for key, _ in held[person]}
        await rounds.rebundle(conn, sorted(old), found.key)
        await _take_back(conn, sorted(old | {found.key}))
    await _write(conn, book, {found.key: found.at for found in moved.values()}, {}, now=now)
    return len(moved)


async def _take_back(conn: Connection, keys: Sequence[str]) -> None:
    """Removes what these bundles had queued, with their further parts."""
    wanted = frozenset(keys)
    for day in sorted({key.rpartition(":")[0] for key in keys}):
        there = await outbox.state_of(conn, f"{day}:")
        gone = [key for key, queued in there.items() if queued and _whole(key) in wanted]
        for start in range(0, len(gone), _AT_ONCE):
            await outbox.take_back(conn, gone[start : start + _AT_ONCE])


def _whole(key: str) -> str:
    """The bundle a part belongs to: ask:2024-07-15:chenjing of ask:2024-07-15:chenjing:1."""
    return ":".join(key.split(":")[:3])


async def _told_in_part(
    conn: Connection, book: Book, bundles: Mapping[str, Sequence[Asked]]
) -> frozenset[tuple[int, str, str]]:
    """The things of prompts told in part that are told already."""
    everything = [one for inside in bundles.values() for one in inside]
    partial = [one for one in everything if one.prompt.state == rounds.PARTIAL and not one.returned]
    points = sorted({one.prompt.point for one in partial})
    said = await reports.standing(conn, book.notice.doc_number, points=points) if partial else []
    return frozenset(
        thing(one.prompt, item)
        for one in partial
        for at, item in enumerate(one.prompt.items)
        if at not in missing(one, said)
    )


def _texts(
    book: Book,
    asked: Sequence[Asked],
    last: Mapping[tuple[str, str], Figure],
    told: frozenset[tuple[int, str, str]],
    on: date,
) -> list[str]:
    """What is still owed of a bundle, under the numbers that all of it has; [] when nothing is."""
    waiting = [one for one in asked if one.waits]
    if not waiting:
        return []
    lines = tuple(
        replace(_line(book, one.prompt, item, last), number=number)
        for number, (one, item) in enumerate(numbered(asked), start=1)
        if one.waits and not item.state and thing(one.prompt, item) not in told
    )
    units = tuple(dict.fromkeys(one.prompt.unit for one in waiting))
    due_at = min(one.due_at for one in waiting).astimezone(SHANGHAI)
    names = tuple(dict.fromkeys(one.round.name for one in waiting))
    if not lines:
        return []
    return compose(Bundle(names, units, lines), due_at=due_at, on=on)


def thing(prompt: Prompt, item: Item) -> tuple[int, str, str]:
    """What is asked, whichever round asks it: several rounds that want it want one answer."""
    return prompt.point, prompt.unit, item.target or item.what


def numbered(asked: Sequence[Asked]) -> list[tuple[Asked, Item]]:
    """The things a bundle asks, in the order of their numbers: the first is ①. What several rounds ask has
    one number, and stands here with a prompt that still waits, if there is one."""
    found: dict[tuple[int, str, str], tuple[Asked, Item]] = {}
    for one in asked:
        for item in one.prompt.items:
            key = thing(one.prompt, item)
            if key not in found or (one.waits and not found[key][0].waits):
                found[key] = (one, item)  # in place: its number stays
    return list(found.values())


def _line(book: Book, prompt: Prompt, item: Item, last: Mapping[tuple[str, str], Figure]) -> Line:
    stated = next((t.stated for t in book.of_point(prompt.point) if t.id == item.target), "")
    return Line(prompt.point, item, stated, last.get((prompt.unit, item.target)) if item.target else None)


def _outgoing(key: str, at: datetime, texts: Sequence[str]) -> list[tuple[outbox.Outgoing, datetime | None]]:
    person = key.rsplit(":", 1)[1]
    rows: list[tuple[outbox.Outgoing, datetime | None]] = []
    for number, text in enumerate(texts):
        rows.append(
            (
                outbox.Outgoing(
                    key=key if number == 0 else f"{key}:{number}",
                    channel="app",
                    target=person,
                    payload=dump(Text(text)),
                    after=None if number == 0 else key if number == 1 else f"{key}:{number - 1}",
                    priority=outbox.REMINDER,
                    at=at,
                ),
                None,
            )
        )
    return rows
