"""The smart robot: what people say to it in groups and alone, and what WeCom lets it answer.

Two transports hand its words over (`robot_socket.py`, `robot_callback.py`); the rules are the same and stand
here. What it says appears in the group, or in the person's private chat with it, whose key is `robot:userid`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeAlias

from simulator import cards
from simulator.contents import media_content
from simulator.corp import Corp, new_message_id
from simulator.errors import ApiError
from simulator.mailbox import Bubble, Content
from simulator.phone import NotPossible
from simulator.world import Group, Person

Json: TypeAlias = dict[str, Any]
CONTENT_BYTES = 20_480
STREAM_LIFE = timedelta(minutes=6)
REPLY_LIFE = timedelta(hours=24)
PROMPT = timedelta(seconds=5)  # for a greeting and for a clicked card
BAD_REQUEST, EXPIRED, NOT_SUBSCRIBED, BAD_CHAT, BAD_LOGIN = 846605, 846608, 846609, 93006, 853000
_PER_MINUTE, _PER_HOUR = 30, 1000
_MEDIA = ("file", "image", "voice", "video")


@dataclass(frozen=True, slots=True)
class RobotKeys:
    """The robot as the console shows it."""

    name: str = "百千万督办助手"
    bot_id: str = "aib0demo0chaozhou00"
    secret: str = "long-connection-secret"  # noqa: S105 - made up, like the rest
    token: str = "robotToken2024"  # noqa: S105
    aes_key: str = "cMfHHBQoH6wVwnX4jZhGaga9M1ekE2U0K0qzHSgmifY"


@dataclass(slots=True)
class Asked:
    """Something the robot was told, and what it has answered so far."""

    person: str
    group: str
    kind: str  # the msgtype, or the event's name
    body: Json
    at: datetime
    since: int = 0  # the number of the last bubble before it
    card: str = ""  # the message whose card was clicked
    stream: str = ""
    bubble: str = ""  # the message its answer is
    begun: datetime | None = None
    done: bool = False
    frames: list[Json] = field(default_factory=list)
    first_frame: float = 0.0  # by the loop's clock, like the next
    answered: float = 0.0

    @property
    def msgid(self) -> str:
        return str(self.body["msgid"])

    @property
    def chat(self) -> str:
        """The key of the chat in the mailbox."""
        return self.group or f"robot:{self.person}"

    @property
    def target(self) -> str:
        """What WeCom calls the conversation."""
        return self.group or self.person


class Transport(Protocol):
    """How the robot is told things; False when nobody is there to hear."""

    def hand_over(self, asked: Asked) -> bool: ...


class Robot:
    def __init__(self, corp: Corp, keys: RobotKeys) -> None:
        self.keys = keys
        self.transport: Transport | None = None
        self._corp = corp
        self._spoke: set[str] = set()
        self._said: dict[str, deque[datetime]] = {}
        self._tasks: set[str] = set()
        self.asked: list[Asked] = []

    # -- what people do -----------------------------------------------------------------------------------

    def say(self, person: str, text: str, *, group: str = "", quote: str = "") -> Asked:
        """Write to the robot: alone, or in a group, where the words begin with its name. Shown by the phone
        when it was written there."""
        content = f"@{self.keys.name} {text}" if group else text
        if not group:
            who = self._person(person)
            shown = Content("text", {"content": text}, text)
            self._corp.mailbox.put(who.userid, "person", shown, group=f"robot:{who.userid}")
        body: Json = {"msgtype": "text", "text": {"content": content}}
        if quote:
            body["quote"] = {"msgtype": "text", "text": {"content": quote}}
        return self.tell(person, body, group=group)

    def overhear(self, person: Person, group: Group, text: str) -> None:
        """What somebody wrote in a group: the robot is told what mentions it, and nothing else."""
        mention = f"@{self.keys.name}"
        if text.startswith(mention) and self.transport is not None:
            self.say(person.userid, text.removeprefix(mention).strip(), group=group.chatid)

    def tell(self, person: str, body: Json, *, group: str = "", card: str = "") -> Asked:
        """Any message or event at all; who, where and when are added."""
        who = self._person(person)
        place = {"chatid": group, "chattype": "group"} if group else {"chattype": "single"}
        now = self._corp.clock.now()
        whole = {
            "msgid": new_message_id(), "aibotid": self.keys.bot_id, **place, "from": {"userid": who.userid},
            "create_time": int(now.timestamp()), **body,
        }  # fmt: skip
        kind = whole["event"]["eventtype"] if whole.get("msgtype") == "event" else str(whole.get("msgtype"))
        asked = Asked(who.userid, group, kind, whole, now, self._corp.mailbox.last, card)
        if whole.get("msgtype") != "event":
            self._spoke.add(asked.target)
        self.asked.append(asked)
        if self.transport is None or not self.transport.hand_over(asked):
            self._corp.mailbox.put("", "notice", Content("notice", {}, "机器人不在线"), group=asked.chat)
        return asked

    def enter(self, person: str) -> Asked:
        """Open the private chat for the first time that day."""
        return self.tell(person, {"msgtype": "event", "event": {"eventtype": "enter_chat", "enter_chat": {}}})

    def press(self, person: str, bubble: Bubble, key: str) -> Asked:
        """Press a button of a card that the robot sent."""
        if bubble.kind != "template_card" or not bubble.body.get("button_list"):
            raise NotPossible("the card has no buttons")
        card = bubble.body
        told = {"card_type": card["card_type"], "event_key": key, "task_id": card.get("task_id", "")}
        event = {"eventtype": "template_card_event", "template_card_event": told}
        group = "" if bubble.group.startswith("robot:") else bubble.group
        return self.tell(person, {"msgtype": "event", "event": event}, group=group, card=bubble.msgid)

    def pressed(self, person: Person, bubble_id: int, key: str) -> bool:
        """The chat page's press: False when the card is none of the robot's in his groups."""
        for group in self._corp.groups.of(person.userid):
            bubble = self._corp.mailbox.find(group.chatid, bubble_id)
            if bubble is not None and bubble.robot == self.keys.name:
                self.press(person.userid, bubble, key)
                return True
        return False

    async def hear(self, asked: Asked, *, seconds: float = 5.0) -> Bubble:
        """What the robot said in that chat since, once it has said it all; TimeoutError for nothing."""
        with self._corp.hub.listen() as queue:
            async with asyncio.timeout(seconds):
                while True:
                    for bubble in self.inbox(asked.chat):
                        if bubble.id > asked.since and bubble.body.get("finish", True):
                            return bubble
                    await queue.get()

    async def ask(self, person: str, text: str, *, group: str = "", quote: str = "") -> Bubble:
        """Write, and wait for the whole answer."""
        return await self.hear(self.say(person, text, group=group, quote=quote))

    def inbox(self, chat: str) -> tuple[Bubble, ...]:
        """What the robot said in a group, or to a person under `robot:userid`."""
        return self._corp.mailbox.inbox(chat)

    def _person(self, userid: str) -> Person:
        person = self._corp.world.person(userid)
        if person is None:
            raise NotPossible(f"nobody is called {userid!r}")
        return person

    # -- what the robot may answer --------------------------------------------------------------------------

    def reply(self, asked: Asked, body: Mapping[str, Any]) -> None:
        """An answer to a message, or the next frame of one. Raises ApiError for what WeCom refuses."""
        now = self._corp.clock.now()
        if asked.at + REPLY_LIFE < now or asked.kind == "enter_chat" or "_event" in asked.kind:
            raise ApiError(BAD_REQUEST, "invalid req_id")
        asked.frames.append(dict(body))
        kind = str(body.get("msgtype"))
        if kind in ("stream", "stream_with_template_card"):
            self._stream(asked, _part(body, "stream"), now)
            if card := _part(body, "template_card"):
                self._show(asked, self._card(card), new=True)
        elif kind == "template_card":
            self._new(asked, self._card(_part(body, "template_card")), now)
        elif kind == "markdown":
            self._new(asked, _markdown(_part(body, "markdown")), now)
        elif kind in _MEDIA:
            self._new(asked, self._media(body, kind), now)
        else:
            raise ApiError(40008, "invalid message type")

    def welcome(self, asked: Asked, body: Mapping[str, Any]) -> None:
        if asked.kind != "enter_chat" or asked.done:
            raise ApiError(BAD_REQUEST, "invalid req_id")
        now = self._in_time(asked)
        asked.frames.append(dict(body))
        asked.done = True
        if body.get("msgtype") == "template_card":
            self._new(asked, self._card(_part(body, "template_card")), now)
        elif body.get("msgtype") == "text" and (text := str(_part(body, "text").get("content") or "")):
            self._new(asked, Content("text", {"content": text}, text), now)
        else:
            raise ApiError(40008, "invalid message type")

    def update(self, asked: Asked, body: Mapping[str, Any]) -> None:
        """Another card in the place of the clicked one."""
        card = _part(body, "template_card")
        if asked.kind != "template_card_event" or body.get("response_type") != "update_template_card":
            raise ApiError(BAD_REQUEST, "invalid req_id")
        self._in_time(asked)
        told = asked.body["event"]["template_card_event"]
        if card.get("task_id") != told["task_id"]:
            raise ApiError(42014, "task_id is not the clicked card's")
        asked.frames.append(dict(body))
        asked.done = True
        content = self._card(card, update=True)
        self._corp.mailbox.change(asked.card, asked.chat, partial(_saying, content=content))

    def push(self, body: Mapping[str, Any]) -> str:
        """A message that answers none; its id."""
        target = str(body.get("chatid") or "")
        if target not in self._spoke:
            raise ApiError(BAD_CHAT, "invalid chatid")
        group = (
            any(group.chatid == target for group in self._corp.world.groups) or target not in self._people()
        )
        if body.get("chat_type", 0) not in ((0, 2) if group else (0, 1)):
            raise ApiError(BAD_CHAT, "invalid chat_type")
        content = self._pushed(body)
        self._admit(target, self._corp.clock.now())
        bubble = self._corp.mailbox.put(
            "",
            "app",
            content,
            msgid=new_message_id(),
            via="push",
            group=target if group else f"robot:{target}",
        )
        return bubble.msgid

    def _pushed(self, body: Mapping[str, Any]) -> Content:
        kind = str(body.get("msgtype"))
        if kind == "markdown":
            return _markdown(_part(body, "markdown"))
        if kind == "template_card":
            return self._card(_part(body, "template_card"))
        if kind in _MEDIA:
            return self._media(body, kind)
        raise ApiError(40008, "invalid message type")

    def _stream(self, asked: Asked, stream: Mapping[str, Any], now: datetime) -> None:
        name, text = str(stream.get("id") or ""), str(stream.get("content") or "")
        if not name or asked.stream not in ("", name):
            raise ApiError(40058, "stream.id")
        if asked.done or (asked.begun is not None and asked.begun + STREAM_LIFE < now):
            raise ApiError(EXPIRED, "stream message update expired")
        if len(text.encode()) > CONTENT_BYTES:
            raise ApiError(45002, "content size out of limit")
        finish = bool(stream.get("finish"))
        content = Content("markdown", {"content": text, "finish": finish}, text)
        if asked.begun is None:
            self._admit(asked.target, now)
            asked.begun, asked.stream = now, name
        asked.done = finish
        self._show(asked, content)

    def _new(self, asked: Asked, content: Content, now: datetime) -> None:
        self._admit(asked.target, now)
        asked.done = True
        self._show(asked, content, new=True)

    def _show(self, asked: Asked, content: Content, *, new: bool = False) -> None:
        now = asyncio.get_running_loop().time()
        asked.first_frame, asked.answered = asked.first_frame or now, now
        mailbox = self._corp.mailbox
        if asked.bubble and not new:
            mailbox.change(asked.bubble, asked.chat, partial(_saying, content=content))
            return
        asked.bubble = new_message_id()
        name = self.keys.name
        mailbox.put("", "app", content, msgid=asked.bubble, via="passive", group=asked.chat, robot=name)

    def _card(self, card: Mapping[str, Any], *, update: bool = False) -> Content:
        """A robot's cards need no action of their own, and a task's name is taken once."""
        content = cards.read_card({**card, **_ACTION}, update=update)
        task = str(card.get("task_id") or "")
        if not update and task:
            if task in self._tasks:
                raise ApiError(42014, "taskid has existed")
            self._tasks.add(task)
        return replace(content, body=dict(card))

    def _media(self, body: Mapping[str, Any], kind: str) -> Content:
        media = self._corp.media.get(str(_part(body, kind).get("media_id") or ""))
        if media.kind != kind:
            raise ApiError(40007, "media_id is of another type")
        return media_content(media)

    def _in_time(self, asked: Asked) -> datetime:
        now = self._corp.clock.now()
        if now > asked.at + PROMPT:
            raise ApiError(EXPIRED, "too late")
        return now

    def _admit(self, target: str, now: datetime) -> None:
        said = self._said.setdefault(target, deque(maxlen=_PER_HOUR))
        lately = sum(at > now - timedelta(minutes=1) for at in said)
        if lately >= _PER_MINUTE or (len(said) == _PER_HOUR and said[0] > now - timedelta(hours=1)):
            raise ApiError(45009, "api freq out of limit")
        said.append(now)

    def _people(self) -> set[str]:
        return {person.userid for person in self._corp.world.people}


_ACTION = {"card_action": {"type": 1, "url": "https://work.weixin.qq.com"}}


def _saying(old: Bubble, *, content: Content) -> Bubble:
    return replace(old, body=content.body, text=content.text)


def _markdown(part: Mapping[str, Any]) -> Content:
    text = str(part.get("content") or "")
    if not text:
        raise ApiError(44004, "markdown content is empty")
    if len(text.encode()) > CONTENT_BYTES:
        raise ApiError(45002, "content size out of limit")
    return Content("markdown", {"content": text}, text)


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = body.get(name)
    return part if isinstance(part, Mapping) else {}
