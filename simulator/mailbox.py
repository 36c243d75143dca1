"""What people see: bubbles, in order, in each one's chat with the app and in the groups, kept in memory.

The API, the passive replies and the page write here; tests read it and wait for it. A bubble is never
changed: an updated card or a recalled message takes its place under the same number.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Literal

from simulator.hub import Hub

Sender = Literal["person", "app", "notice"]
Via = Literal["", "passive", "push"]


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says: `body` in WeCom's own JSON, `text` the same as plain words.

    `cut` tells that WeCom threw away what was over the limit.
    """

    kind: str
    body: Mapping[str, Any]
    text: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as the person sees it. Sender "notice" is a grey line in the middle.

    In a `group` there is one bubble for all its members, and `person` is who wrote it; `robot` is the name of
    a group robot or of a human being at the other end, and `pinged` are the members who were called.
    """

    id: int
    person: str
    sender: Sender
    kind: str
    body: Mapping[str, Any]
    text: str
    at: datetime
    msgid: str = ""
    via: Via = ""
    cut: bool = False
    group: str = ""
    robot: str = ""
    pinged: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        # Not asdict: it copies whatever lies deep in it.
        shown = {one.name: getattr(self, one.name) for one in fields(self)}
        return shown | {"at": self.at.isoformat()}


class Mailbox:
    def __init__(self, hub: Hub, now: Callable[[], datetime]) -> None:
        self._hub = hub
        self._now = now
        self._chats: dict[str, list[Bubble]] = {}  # by person: with the app; by group id: of the group
        self._read: dict[tuple[str, str], int] = {}
        self._last = 0

    def put(
        self,
        person: str,
        sender: Sender,
        content: Content,
        *,
        msgid: str = "",
        via: Via = "",
        group: str = "",
        robot: str = "",
        pinged: tuple[str, ...] = (),
    ) -> Bubble:
        self._last += 1
        bubble = Bubble(
            self._last, person, sender, content.kind, content.body, content.text, self._now(),
            msgid, via, content.cut, group, robot, pinged,
        )  # fmt: skip
        self._chats.setdefault(group or person, []).append(bubble)
        self._show(bubble)
        return bubble

    def notice(self, person: str, text: str) -> Bubble:
        return self.put(person, "notice", Content("notice", {}, text))

    def chat(self, key: str) -> tuple[Bubble, ...]:
        """A person's chat with the app, or everything said in the group of that id."""
        return tuple(self._chats.get(key, ()))

    def inbox(self, person: str, after: int = 0) -> tuple[Bubble, ...]:
        """Only what the app said, newer than bubble number `after`."""
        return tuple(b for b in self._chats.get(person, ()) if b.sender == "app" and b.id > after)

    def find(self, person: str, bubble_id: int) -> Bubble | None:
        return next((b for b in self._chats.get(person, ()) if b.id == bubble_id), None)

    def receivers(self, msgid: str) -> tuple[str, ...]:
        return tuple(p for p, chat in self._chats.items() if any(b.msgid == msgid for b in chat))

    def change(self, msgid: str, person: str, to: Callable[[Bubble], Bubble]) -> bool:
        """Replace that person's bubble of message `msgid`; False when he has none."""
        chat = self._chats.get(person, [])
        for place, bubble in enumerate(chat):
            if bubble.msgid == msgid:
                chat[place] = to(bubble)
                self._show(chat[place])
                return True
        return False

    def recall(self, msgid: str) -> bool:
        people = self.receivers(msgid)
        for person in people:
            self.change(msgid, person, _recalled)
        return bool(people)

    @property
    def last(self) -> int:
        return self._last

    def mark_read(self, person: str, upto: int, group: str = "") -> None:
        if upto > self.read_upto(person, group):
            self._read[person, group] = upto
            self._hub.publish({"type": "read", "person": person, "group": group, "upto": upto})

    def read_upto(self, person: str, group: str = "") -> int:
        return self._read.get((person, group), 0)

    async def wait_for(
        self, person: str, wanted: Callable[[Bubble], bool], *, after: int = 0, seconds: float = 5.0
    ) -> Bubble:
        """The first thing the app said (now or soon) that fits; TimeoutError when none comes."""
        with self._hub.listen() as queue:
            async with asyncio.timeout(seconds):
                while True:
                    for bubble in self.inbox(person, after):
                        if wanted(bubble):
                            return bubble
                    if await queue.get() is None:
                        raise TimeoutError("the simulator was closed while waiting")

    def _show(self, bubble: Bubble) -> None:
        self._hub.publish({"type": "bubble", "bubble": bubble.as_json()})


def _recalled(bubble: Bubble) -> Bubble:
    return replace(bubble, sender="notice", kind="notice", body={}, text="对方撤回了一条消息")
