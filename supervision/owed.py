"""What a speaker still owes, by the numbers of the message that asked him last.

Pure. Answers, questions back and “我的任务” name things as he sees them there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from storage.rounds import Asked, Item
from supervision.asking import numbered, thing
from supervision.desk import Desk
from supervision.prompts import missing
from supervision.rounds import circled


def places(desk: Desk) -> list[tuple[Asked, Item]]:
    """What ①②③ are: the things of the newest message that asks; beyond its last number, those of the ones
    before it."""
    bundles = sorted({one.prompt.bundle for one in desk.waiting or desk.asked}, reverse=True)
    found: list[tuple[Asked, Item]] = []
    for bundle in bundles:
        found += numbered(in_bundle(desk, bundle))[len(found) :]
    return found


def open_items(desk: Desk, owing: Sequence[Asked] | None = None) -> Iterator[tuple[str, Asked, Item]]:
    """What is still owed (of `owing`, or of all that waits), once whichever rounds ask it: each thing with
    the number that means it now, if any does."""
    waiting = desk.waiting if owing is None else list(owing)
    owed = _owed(waiting, desk)
    for number, (one, item) in enumerate(places(desk), start=1):
        if thing(one.prompt, item) in owed:
            owed.remove(thing(one.prompt, item))
            yield circled(number) if one.prompt.bundle else "", one, item
    for one in waiting:
        for item in one.prompt.items:
            if thing(one.prompt, item) in owed:
                owed.remove(thing(one.prompt, item))
                yield "", one, item
    for one in waiting:
        if one.returned:
            yield "", one, Item(f"请补充：{one.returned}")


def _owed(waiting: Iterable[Asked], desk: Desk) -> set[tuple[int, str, str]]:
    return {thing(one.prompt, one.prompt.items[at]) for one in waiting for at in missing(one, desk.standing)}


def in_bundle(desk: Desk, bundle: str) -> list[Asked]:
    """The prompts one message asks for, in the order of their numbers."""
    inside = [one for one in desk.asked if one.prompt.bundle == bundle]
    return sorted(inside, key=lambda one: (one.round.id, one.prompt.point, one.prompt.id))
