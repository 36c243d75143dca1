"""What a speaker still owes, by the numbers of the message that asked him last.

Pure. Answers, questions back and “我的任务” name things as he sees them there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from storage.rounds import Asked, Item
from supervision.asking import numbered, thing
from supervision.desk import Desk
from supervision.prompts import missing
from supervision.rounds import circled


def open_items(desk: Desk) -> Iterator[tuple[str, Asked, Item]]:
    """What is still owed, once whichever rounds ask it: each thing with the number under which the newest
    message asked for it."""
    waiting = desk.waiting
    owed = _owed(waiting, desk)
    for bundle in sorted({one.prompt.bundle for one in waiting}, reverse=True):
        inside = in_bundle(desk, bundle)
        for number, (one, item) in enumerate(numbered(inside), start=1):
            if thing(one.prompt, item) in owed:
                owed.remove(thing(one.prompt, item))
                yield circled(number) if bundle else "", one, item
    for one in waiting:
        if one.returned:
            yield "", one, Item(f"请补充：{one.returned}")


def _owed(waiting: Iterable[Asked], desk: Desk) -> set[tuple[int, str, str]]:
    return {thing(one.prompt, one.prompt.items[at]) for one in waiting for at in missing(one, desk.standing)}


def in_bundle(desk: Desk, bundle: str) -> list[Asked]:
    """The prompts one message asks for, in the order of their numbers."""
    inside = [one for one in desk.asked if one.prompt.bundle == bundle]
    return sorted(inside, key=lambda one: (one.round.id, one.prompt.point, one.prompt.id))
