"""What a person with WeChat alone can do at 微信客服, and the human being who takes over.

Each act lands in the desk's log (`kf.py`); the bot is told by an event without content, as WeCom does. The
chat page and the tests act through here.
"""

from __future__ import annotations

from simulator import envelope
from simulator.callbacks import Callbacks, Sending
from simulator.contents import media_content
from simulator.corp import Corp
from simulator.journal import Delivery
from simulator.mailbox import Content
from simulator.phone import NotPossible
from simulator.world import Customer, KfAccount

EVENT = "kf_msg_or_event"


class KfPhone:
    def __init__(self, corp: Corp, callbacks: Callbacks) -> None:
        self._corp = corp
        self._callbacks = callbacks

    async def enter(self, person: str) -> Delivery:
        customer, account = self._customer(person), self._account()
        self._corp.kf.enter(customer, account)
        return await self._tell(customer.external_userid, account, awaited=False)

    async def say(self, person: str, text: str, *, menu_id: str = "") -> Delivery:
        """Write a text; `menu_id` when it was a touch on a menu's line."""
        customer, account = self._customer(person), self._account()
        self._corp.mailbox.put(customer.external_userid, "person", Content("text", {"content": text}, text))
        body = {"content": text, "menu_id": menu_id} if menu_id else {"content": text}
        self._corp.kf.write(customer, account, "text", body)
        return await self._tell(customer.external_userid, account)

    async def send_picture(self, person: str, data: bytes, name: str = "照片.png") -> Delivery:
        customer, account = self._customer(person), self._account()
        media = self._corp.media.keep("image", name, data)
        self._corp.mailbox.put(customer.external_userid, "person", media_content(media))
        self._corp.kf.write(customer, account, "image", {"media_id": media.id})
        return await self._tell(customer.external_userid, account)

    async def touch(self, person: str, bubble_id: int, item_id: str) -> Delivery:
        """Touch a line of a menu the bot sent."""
        customer = self._customer(person)
        bubble = self._corp.mailbox.find(customer.external_userid, bubble_id)
        items = bubble.body.get("items", ()) if bubble and bubble.kind == "msgmenu" else ()
        item = next((one for one in items if one["id"] == item_id), None)
        if item is None:
            raise NotPossible(f"message {bubble_id} has no line {item_id!r}")
        return await self.say(person, str(item["content"]), menu_id=item_id)

    async def answer(self, person: str, text: str) -> Delivery:
        """The human being at the other end writes."""
        customer, account = self._customer(person), self._account()
        self._corp.kf.speak(account, customer.external_userid, text)
        return await self._tell(customer.external_userid, account, awaited=False)

    async def end(self, person: str) -> Delivery:
        """The human being ends the session."""
        customer, account = self._customer(person), self._account()
        self._corp.kf.end(account, customer.external_userid)
        return await self._tell(customer.external_userid, account, awaited=False)

    async def refuse(self, person: str, msgid: str, fail_type: int = 10) -> Delivery:
        """WeChat reports that a message of the bot did not arrive."""
        customer, account = self._customer(person), self._account()
        self._corp.kf.refuse(account, customer.external_userid, msgid, fail_type)
        return await self._tell(customer.external_userid, account, awaited=False)

    async def _tell(self, person: str, account: KfAccount, *, awaited: bool = True) -> Delivery:
        """The event: a token, the account, and nothing of what was said. It comes from nobody."""
        plaintext = envelope.document(
            [
                ("ToUserName", self._corp.app.corp_id),
                ("CreateTime", int(self._corp.clock.now().timestamp())),
                ("MsgType", "event"),
                ("Event", EVENT),
                ("Token", self._corp.kf.token(account.open_kfid)),
                ("OpenKfId", account.open_kfid),
            ]
        )
        sending = Sending(person, EVENT, "", plaintext, "", awaited)
        if not self._corp.callback_url or self._corp.faults.take("callback_lost", "callback"):
            return Delivery(person, EVENT, "", plaintext, ())
        return await self._callbacks.deliver(sending)

    def _customer(self, person: str) -> Customer:
        found = self._corp.world.customer(person)
        if found is None:
            raise NotPossible(f"nobody with WeChat is called {person!r}")
        return found

    def _account(self) -> KfAccount:
        if not self._corp.world.kf:
            raise NotPossible("there is no account of 微信客服")
        return self._corp.world.kf[0]
