"""What a person can do: write to the app, send a picture, open it, press a button; write in his groups.

Each act in the chat with the app goes to the bot as WeCom's own callback; what is said in a group never
does. The chat page and the tests act through here; nothing is answered here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simulator import envelope
from simulator.callbacks import Callbacks, Sending
from simulator.contents import media_content
from simulator.corp import Corp, new_message_id
from simulator.envelope import Fields, Value
from simulator.journal import Delivery
from simulator.mailbox import Bubble, Content
from simulator.media import Media
from simulator.world import Group, Person


class NotPossible(Exception):
    """The person, card or button is not there; the message says which."""


class Phone:
    def __init__(self, corp: Corp, callbacks: Callbacks, *, page_url: str) -> None:
        self._corp = corp
        self._callbacks = callbacks
        self._page_url = page_url
        # What the robot in a group hears, and whether a pressed card was one of its own.
        self.overheard: Callable[[Person, Group, str], None] | None = None
        self.pressed: Callable[[Person, int, str], bool] | None = None

    async def say(self, person: str, text: str) -> Delivery:
        fields = [("Content", text)]
        return await self._send(person, "text", fields, Content("text", {"content": text}, text))

    def say_in_group(self, person: str, group_id: str, text: str) -> Bubble:
        """Every member sees it; WeCom tells no app what is said in a group, a robot only what names it."""
        who, group = self._person(person), self.group(person, group_id)
        content = Content("text", {"content": text}, text)
        msgid = new_message_id()
        bubble = self._corp.mailbox.put(who.userid, "person", content, msgid=msgid, group=group.chatid)
        if self.overheard is not None:
            self.overheard(who, group, text)
        return bubble

    def group(self, person: str, group_id: str) -> Group:
        """The group, if the person is in it: for everybody else it is not there."""
        who = self._person(person)
        for group in self._corp.groups.of(who.userid):
            if group.chatid == group_id:
                return group
        raise NotPossible(f"{who.userid} is in no group {group_id!r}")

    async def send_picture(self, person: str, data: bytes, name: str = "照片.png") -> Delivery:
        media = self._keep("image", name, data)
        fields = [("PicUrl", f"{self._page_url}/chat/media/{media.id}"), ("MediaId", media.id)]
        return await self._send(person, "image", fields, media_content(media))

    async def send_voice(self, person: str, data: bytes = b"#!AMR\n") -> Delivery:
        media = self._keep("voice", "语音.amr", data)
        fields = [("MediaId", media.id), ("Format", "amr")]
        return await self._send(person, "voice", fields, media_content(media))

    async def send_video(self, person: str, data: bytes = b"....ftypmp42") -> Delivery:
        media = self._keep("video", "视频.mp4", data)
        thumb = self._keep("image", "封面.jpg", b"\xff\xd8\xff...")
        fields = [("MediaId", media.id), ("ThumbMediaId", thumb.id)]
        return await self._send(person, "video", fields, media_content(media))

    async def send_file(self, person: str, data: bytes, name: str) -> Delivery:
        """Not on WeCom's page of callbacks, yet its own plug-in reads such a message."""
        media = self._keep("file", name, data)
        return await self._send(
            person, "file", [("MediaId", media.id), ("FileName", name)], media_content(media)
        )

    async def send_location(self, person: str, latitude: float, longitude: float, label: str) -> Delivery:
        fields: Fields = [
            ("Location_X", latitude), ("Location_Y", longitude), ("Scale", 15), ("Label", label),
            ("AppType", "wxwork"),
        ]  # fmt: skip
        return await self._send(person, "location", fields, Content("location", {"label": label}, label))

    async def send_link(self, person: str, title: str, url: str, description: str = "") -> Delivery:
        fields = [("Title", title), ("Description", description), ("Url", url), ("PicUrl", "")]
        body = {"title": title, "description": description, "url": url}
        return await self._send(person, "link", fields, Content("link", body, title))

    async def subscribe(self, person: str) -> Delivery:
        return await self.event(person, "subscribe", awaited=False)

    async def enter(self, person: str) -> Delivery:
        """Open the app's chat; WeCom reports every time."""
        return await self.event(person, "enter_agent", [("EventKey", "")], awaited=False)

    async def click_menu(self, person: str, key: str) -> Delivery:
        return await self.event(person, "click", [("EventKey", key)])

    async def press(
        self, person: str, bubble_id: int, key: str, chosen: Mapping[str, Sequence[str]] | None = None
    ) -> Delivery:
        """Press a card's button; `chosen` are the options ticked, by question."""
        who = self._person(person)
        if self.pressed is not None and self.pressed(who, bubble_id, key):
            return Delivery(who.userid, "robot", "", "", ())
        card = self._card(person, bubble_id)
        event = _event_of_key(card.body, key)
        fields: list[tuple[str, Value]] = [
            ("EventKey", key),
            ("TaskId", str(card.body.get("task_id", ""))),
            ("CardType", str(card.body["card_type"])),
            ("ResponseCode", self._corp.codes.issue(card.msgid)),
        ]
        if chosen:
            fields.append(("SelectedItems", [_selected(*item) for item in chosen.items()]))
        return await self.event(person, event, fields, card_msgid=card.msgid)

    async def event(
        self, person: str, name: str, fields: Fields = (), *, card_msgid: str = "", awaited: bool = True
    ) -> Delivery:
        """Any event at all, also one the bot has never heard of. Events carry no MsgId."""
        who = self._person(person)
        plaintext = self._xml(who, "event", [("Event", name), *fields])
        return await self._deliver(Sending(who.userid, name, "", plaintext, card_msgid, awaited))

    async def _send(self, person: str, kind: str, fields: Fields, content: Content) -> Delivery:
        who, msg_id = self._person(person), new_message_id()
        self._corp.mailbox.put(who.userid, "person", content, msgid=msg_id)
        plaintext = self._xml(who, kind, [*fields, ("MsgId", int(msg_id))])
        return await self._deliver(Sending(who.userid, kind, msg_id, plaintext))

    async def _deliver(self, sending: Sending) -> Delivery:
        if not self._corp.callback_url:
            if sending.awaited:
                self._corp.mailbox.notice(sending.person, "还没有接上机器人")
            return Delivery(sending.person, sending.kind, sending.msg_id, sending.plaintext, ())
        return await self._callbacks.deliver(sending)

    def _xml(self, who: Person, kind: str, fields: Fields) -> str:
        app = self._corp.app
        return envelope.document(
            [
                ("ToUserName", app.corp_id),
                ("FromUserName", who.userid),
                ("CreateTime", int(self._corp.clock.now().timestamp())),
                ("MsgType", kind),
                *fields,
                ("AgentID", app.agent_id),
            ]
        )

    def _person(self, userid: str) -> Person:
        person = self._corp.world.person(userid)
        if person is None:
            raise NotPossible(f"nobody is called {userid!r}")
        return person

    def _card(self, person: str, bubble_id: int) -> Bubble:
        bubble = self._corp.mailbox.find(self._person(person).userid, bubble_id)
        if bubble is None or bubble.kind != "template_card":
            raise NotPossible(f"message {bubble_id} is not a card")
        if bubble.body.get("replace_text"):
            raise NotPossible("the card is closed")
        return bubble

    def _keep(self, kind: str, name: str, data: bytes) -> Media:
        return self._corp.media.keep(kind, name, data)


def _event_of_key(card: Mapping[str, Any], key: str) -> str:
    buttons = [*card.get("button_list", ()), card.get("submit_button", {})]
    if any(button.get("key") == key for button in buttons):
        return "template_card_event"
    if any(action.get("key") == key for action in card.get("action_menu", {}).get("action_list", ())):
        return "template_card_menu_event"
    raise NotPossible(f"the card has no button {key!r}")


def _selected(question: str, options: Sequence[str]) -> tuple[str, Value]:
    ids: Fields = [("OptionId", option) for option in options]
    return "SelectedItem", [("QuestionKey", question), ("OptionIds", ids)]
