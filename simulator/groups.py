"""The groups there are: who is in them, which group robots (webhooks) they have, and what is said there.

`Corp` holds one. The demo world's groups are there from the start, an app may make more (appchat). A webhook
belongs to one group and is nothing but its key; 20 messages a minute may pass it.
"""

from __future__ import annotations

import re
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from simulator.errors import ApiError
from simulator.hub import Hub
from simulator.mailbox import Bubble, Content, Mailbox
from simulator.world import Group, World

PER_MINUTE = 20
_CHATID = re.compile(r"[0-9A-Za-z]{1,32}")
_LEAST, _MOST = 2, 2000
_INLINE = re.compile(r"<@([0-9A-Za-z_.@-]{1,64})>")


@dataclass(frozen=True, slots=True)
class Webhook:
    """A group robot: whoever knows its key speaks in its group under its name."""

    key: str
    name: str
    chatid: str


class Groups:
    def __init__(self, world: World, hub: Hub, mailbox: Mailbox, now: Callable[[], datetime]) -> None:
        self._world = world
        self._hub = hub
        self._mailbox = mailbox
        self._now = now
        self._groups = {group.chatid: group for group in world.groups}
        self._made: set[str] = set()  # by the app: only there it may push
        self._webhooks: dict[str, Webhook] = {}
        self._passed: dict[str, deque[datetime]] = {}

    # -- who is where

    def all(self) -> tuple[Group, ...]:
        return tuple(self._groups.values())

    def of(self, userid: str) -> tuple[Group, ...]:
        return tuple(group for group in self.all() if userid in group.members)

    def named(self, chatid: str) -> Group | None:
        """Case counts."""
        return self._groups.get(chatid)

    def speak(
        self,
        group: Group,
        name: str,
        content: Content,
        *,
        pinged: Sequence[str] = (),
        msgid: str = "",
    ) -> Bubble:
        """A robot says something; members it pings are told so by their phones."""
        return self._mailbox.put(
            "", "app", content, msgid=msgid, via="push", group=group.chatid, robot=name, pinged=tuple(pinged)
        )

    def pinged(self, group: Group, listed: Iterable[str], text: str) -> tuple[str, ...]:
        """Whom `mentioned_list` and `<@userid>` in the text reach: members only, everybody for “@all”."""
        called = [*listed, *_INLINE.findall(text)]
        if any(one.lower() in ("@all", "all") for one in called):
            return group.members
        people = filter(None, map(self._world.person, called))
        found = [person.userid for person in people if person.userid in group.members]
        return tuple(dict.fromkeys(found))

    # -- group robots

    def add_webhook(self, chatid: str, name: str, key: str = "") -> Webhook:
        """What a member does in the group's settings; the console shows the address once."""
        hook = Webhook(key or _uuid(), name, self._groups[chatid].chatid)
        self._webhooks[hook.key] = hook
        return hook

    def remove_webhook(self, key: str) -> None:
        del self._webhooks[key]

    def through(self, key: str) -> tuple[Webhook, Group]:
        """The robot of this key and its group; one more message has passed."""
        hook = self._webhooks.get(key)
        if hook is None:
            raise ApiError(93000, "invalid webhook url")
        passed, now = self._passed.setdefault(key, deque()), self._now()
        while passed and not timedelta(0) <= now - passed[0] < timedelta(minutes=1):
            passed.popleft()
        if len(passed) >= PER_MINUTE:
            raise ApiError(45009, "api freq out of limit")
        passed.append(now)
        return hook, self._groups[hook.chatid]

    # -- appchat

    def make(self, chatid: str, name: str, owner: str, members: Sequence[str]) -> Group:
        if chatid and not _CHATID.fullmatch(chatid):
            raise ApiError(86001, "invalid chatid")
        if chatid in self._groups:
            raise ApiError(86215, "chatid existed")
        people = self._members(members)
        if not _LEAST <= len(people) <= _MOST or (owner and owner not in people):
            raise ApiError(86216, "invalid userlist or owner")
        group = Group(chatid or secrets.token_hex(16), name[:50] or "群聊", people)
        self._groups[group.chatid] = group
        self._made.add(group.chatid)
        self._changed()
        return group

    def made(self, chatid: str) -> Group:
        """A group of this app; there is no other for it."""
        if chatid not in self._made:
            raise ApiError(86001, "invalid chatid")
        return self._groups[chatid]

    def dissolve(self, chatid: str) -> None:
        """Its members have left it; for the app it is not there any more."""
        self._made.discard(chatid)
        del self._groups[chatid]
        self._changed()

    def change(self, group: Group, *, name: str, join: Sequence[str], leave: Sequence[str]) -> None:
        people = self._members([*group.members, *join])
        left = tuple(one for one in people if one not in self._members(leave))
        if len(left) < _LEAST:
            raise ApiError(86216, "too few members")
        self._groups[group.chatid] = replace(group, name=name or group.name, members=left)
        self._changed()

    def _members(self, userids: Iterable[str]) -> tuple[str, ...]:
        found = []
        for userid in userids:
            person = self._world.person(str(userid))
            if person is None:
                raise ApiError(40003, "invalid userid")
            found.append(person.userid)
        return tuple(dict.fromkeys(found))

    def _changed(self) -> None:
        self._hub.publish({"type": "groups", "groups": self.as_json()})

    def as_json(self) -> list[dict[str, object]]:
        return [{"id": one.chatid, "name": one.name, "members": list(one.members)} for one in self.all()]


def _uuid() -> str:
    digits = secrets.token_hex(16)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
