"""微信客服 as WeCom runs it: sessions and their states, what may be sent when, and the log that is pulled.

`Corp` holds one desk. People with WeChat alone write to an account; the bot learns of it by an event without
content, pulls the log by a cursor, and may answer five times within 48 hours of the person's last message,
while no human being is at the other end.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from simulator.errors import ApiError
from simulator.hub import Hub
from simulator.mailbox import Bubble, Content, Mailbox
from simulator.world import Customer, KfAccount, World

Json: TypeAlias = dict[str, Any]
NEW, ASSISTANT, POOL, HUMAN, ENDED = 0, 1, 2, 3, 4
MOST, LIFE = 5, timedelta(hours=48)
HISTORY = timedelta(days=3)
TOKEN_LIFE = timedelta(minutes=10)
CODE_LIFE = timedelta(seconds=20)
WITHOUT_TOKEN = 10  # calls a minute
_STEPS = {NEW: (1, 2, 3, 4), ASSISTANT: (1, 2, 3, 4), POOL: (2, 3, 4), HUMAN: (3, 4), ENDED: ()}
CUSTOMER, SYSTEM, SERVICER = 3, 4, 5


@dataclass(slots=True)
class Session:
    """One person at one account. He is silent until he writes, and then the state is NEW."""

    state: int = ENDED
    heard_at: datetime | None = None
    sent: int = 0
    servicer: str = ""
    welcomed_at: datetime | None = None
    said: dict[str, str] = field(default_factory=dict)  # our message ids


@dataclass(slots=True)
class _Code:
    account: str
    person: str
    until: datetime


class KfDesk:
    def __init__(self, world: World, hub: Hub, mailbox: Mailbox, now: Callable[[], datetime]) -> None:
        self._world = world
        self._hub = hub
        self._mailbox = mailbox
        self._now = now
        self._sessions: dict[tuple[str, str], Session] = {}
        self._log: dict[str, list[Json]] = {one.open_kfid: [] for one in world.kf}
        self._tokens: dict[str, tuple[str, datetime]] = {}
        self._codes: dict[str, _Code] = {}
        self._bare: deque[datetime] = deque()

    # -- looking

    def account(self, open_kfid: str) -> KfAccount:
        found = next((one for one in self._world.kf if one.open_kfid == open_kfid), None)
        if found is None:
            raise ApiError(95000, "invalid open_kfid")
        return found

    def session(self, open_kfid: str, person: str) -> Session:
        """With the 48 hours over it has ended by itself."""
        one = self._sessions.setdefault((open_kfid, person), Session())
        if one.state != ENDED and one.heard_at is not None and not self._fresh(one.heard_at):
            one.state, one.servicer = ENDED, ""
        return one

    def _fresh(self, at: datetime) -> bool:
        return timedelta(0) <= self._now() - at < LIFE

    def as_json(self) -> list[Json]:
        """How every session stands, for the page."""
        found = []
        for account in self._world.kf:
            for one in self._world.customers:
                state = self.session(account.open_kfid, one.external_userid)
                left = MOST - state.sent if state.heard_at and self._fresh(state.heard_at) else 0
                found.append(
                    {
                        "person": one.external_userid,
                        "state": state.state,
                        "servicer": state.servicer,
                        "left": left,
                    }
                )
        return found

    def _changed(self) -> None:
        self._hub.publish({"type": "kf", "sessions": self.as_json()})

    # -- people act

    def enter(self, customer: Customer, account: KfAccount) -> None:
        """He opens the chat; a welcome is allowed when he had none and heard nothing for 48 hours."""
        one = self.session(account.open_kfid, customer.external_userid)
        quiet = one.heard_at is None or not self._fresh(one.heard_at)
        event = {"event_type": "enter_session", "scene": "", "scene_param": ""}
        if quiet and (one.welcomed_at is None or not self._fresh(one.welcomed_at)):
            event["welcome_code"] = self._code(account, customer.external_userid, CODE_LIFE)
        self._event(account, customer.external_userid, event)

    def write(self, customer: Customer, account: KfAccount, kind: str, body: Mapping[str, Any]) -> Json:
        """He writes: the count begins anew, and an ended session is NEW again."""
        one = self.session(account.open_kfid, customer.external_userid)
        one.heard_at, one.sent = self._now(), 0
        if one.state == ENDED:
            one.state = NEW
        entry = self._add(account, CUSTOMER, kind, dict(body), customer.external_userid)
        self._changed()
        return entry

    def speak(self, account: KfAccount, person: str, text: str) -> Bubble:
        """The human being at the other end answers; it is in the log, and nothing for the bot to answer."""
        one = self.session(account.open_kfid, person)
        if one.state != HUMAN:
            raise ApiError(95018, "send msg session status invalid")
        self._add(account, SERVICER, "text", {"content": text}, person, servicer_userid=one.servicer)
        servicer = self._world.person(one.servicer)
        name = servicer.name if servicer else one.servicer
        return self._mailbox.put(person, "app", Content("text", {"content": text}, text), robot=name)

    def end(self, account: KfAccount, person: str) -> None:
        """The human being ends the session."""
        one = self.session(account.open_kfid, person)
        if one.state != HUMAN:
            raise ApiError(95016, "not allowed to change the state so")
        was, one.state, one.servicer = one.servicer, ENDED, ""
        event = {"event_type": "session_status_change", "change_type": 3, "old_servicer_userid": was}
        event["msg_code"] = self._code(account, person, CODE_LIFE)
        self._event(account, person, event)
        self._mailbox.notice(person, "人工服务已结束")
        self._changed()

    def refuse(self, account: KfAccount, person: str, msgid: str, fail_type: int) -> None:
        """A message we sent did not reach him after all."""
        self._event(
            account, person, {"event_type": "msg_send_fail", "fail_msgid": msgid, "fail_type": fail_type}
        )

    def _event(self, account: KfAccount, person: str, event: Json) -> None:
        whose = {"open_kfid": account.open_kfid, "external_userid": person}
        self._add(account, SYSTEM, "event", {**event, **whose}, "")

    def _add(self, account: KfAccount, origin: int, kind: str, body: Json, person: str, **more: str) -> Json:
        """Events carry whose they are inside."""
        entry: Json = {"msgid": secrets.token_urlsafe(16), "send_time": int(self._now().timestamp())}
        whose = {"open_kfid": account.open_kfid, "external_userid": person} if person else {}
        entry |= {**whose, "origin": origin, "msgtype": kind, kind: body, **more}
        self._log[account.open_kfid].append(entry)
        return entry

    # -- the API

    def token(self, open_kfid: str) -> str:
        """What a callback carries, good for ten minutes."""
        made = secrets.token_urlsafe(32)
        self._tokens[made] = (open_kfid, self._now() + TOKEN_LIFE)
        return made

    def sync(self, open_kfid: str, cursor: str, token: str, limit: int) -> Json:
        """A page of the log behind the cursor; without one the last three days."""
        self.account(open_kfid)
        self._may_look(open_kfid, token)
        log = self._log[open_kfid]
        at = self._place(cursor, log)
        page = log[at : at + max(1, min(limit or 1000, 1000))]
        end = at + len(page)
        return {"next_cursor": f"c{end}", "has_more": int(end < len(log)), "msg_list": page}

    def _place(self, cursor: str, log: list[Json]) -> int:
        if cursor:
            if not (cursor[:1] == "c" and cursor[1:].isdigit()):
                raise ApiError(40058, "invalid cursor")
            return int(cursor[1:])
        since = (self._now() - HISTORY).timestamp()
        return next((at for at, one in enumerate(log) if one["send_time"] >= since), len(log))

    def _may_look(self, open_kfid: str, token: str) -> None:
        now = self._now()
        if token:
            whose, until = self._tokens.get(token, ("", now))
            if whose != open_kfid or now >= until:
                raise ApiError(95007, "invalid msg token")
            return
        while self._bare and not timedelta(0) <= now - self._bare[0] < timedelta(minutes=1):
            self._bare.popleft()
        if len(self._bare) >= WITHOUT_TOKEN:
            raise ApiError(45009, "api freq out of limit")
        self._bare.append(now)

    def send(self, open_kfid: str, person: str, content: Content, msgid: str) -> str:
        """A message of the bot; what was sent under this id before is not shown again."""
        self.account(open_kfid)
        one = self.session(open_kfid, person)
        if msgid in one.said:
            return msgid
        if one.heard_at is None or not self._fresh(one.heard_at):
            raise ApiError(95002, "over 48 hours since the last message")
        if one.sent >= MOST:
            raise ApiError(95001, "more than 5 messages")
        if one.state == ENDED:
            raise ApiError(95013, "session has ended")
        if one.state not in (NEW, ASSISTANT):
            raise ApiError(95018, "send msg session status invalid")
        one.sent += 1
        given = msgid or secrets.token_urlsafe(12)
        one.said[given] = content.text
        self._mailbox.put(person, "app", content, msgid=given, via="push")
        self._changed()
        return given

    def on_event(self, code: str, content: Content) -> str:
        """Against a code: once, and in time."""
        known = self._codes.pop(code, None)
        if known is None or self._now() >= known.until:
            raise ApiError(95007, "invalid msg code")
        self.session(known.account, known.person).welcomed_at = self._now()
        msgid = secrets.token_urlsafe(12)
        self._mailbox.put(known.person, "app", content, msgid=msgid, via="push")
        return msgid

    def trans(self, open_kfid: str, person: str, state: int, servicer: str) -> Json:
        account, one = self.account(open_kfid), self.session(open_kfid, person)
        if state not in _STEPS[one.state]:
            raise ApiError(95016, "not allowed to change the state so")
        if state == HUMAN and servicer not in account.servicers:
            raise ApiError(95014, "not a servicer of this account")
        one.state, one.servicer = state, servicer if state == HUMAN else ""
        if state in (POOL, HUMAN):
            who = self._world.person(servicer)
            self._mailbox.notice(person, f"{who.name}为你服务" if who else "正在为你转接人工")
        self._changed()
        return {"msg_code": self._code(account, person, LIFE if state == POOL else CODE_LIFE)}

    def _code(self, account: KfAccount, person: str, life: timedelta) -> str:
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(account.open_kfid, person, self._now() + life)
        return code
