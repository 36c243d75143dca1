"""The chat page's own routes: the static files, one live stream, and the acts of its buttons.

Served by the simulator for a person trying the bot. It only passes acts on to `phone.py`; every answer
reaches the page through the live stream.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Coroutine
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from aiohttp import web

from simulator.callbacks import Callbacks
from simulator.clock import SHANGHAI, Calendar, next_working
from simulator.corp import Corp
from simulator.kf import HUMAN
from simulator.kf_phone import KfPhone
from simulator.phone import NotPossible, Phone
from simulator.world import ROLES, Customer, Person

Json: TypeAlias = dict[str, Any]
_FILES = Path(__file__).parent / "page"
_HEARTBEAT = 15.0
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class ChatPage:
    def __init__(
        self,
        corp: Corp,
        phone: Phone,
        kf: KfPhone,
        callbacks: Callbacks,
        calendar: Calendar,
        robot: str = "",
    ) -> None:
        self._corp = corp
        self._calendar = calendar
        self._phone = phone
        self._kf = kf
        self._robot = robot  # the name by which the smart robot is called in groups
        self._callbacks = callbacks
        self._acts: set[asyncio.Task[Any]] = set()
        self._entered: dict[str, date] = {}
        corp.clock.watch(lambda: corp.hub.publish(self._clock_event()))

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", _file("index.html")),
            *(web.get(f"/page/{path.name}", _file(path.name)) for path in sorted(_FILES.iterdir())),
            web.get("/chat/stream", self._stream),
            web.get("/chat/clock", self._today),
            web.get("/chat/media/{id}", self._media),
            web.post("/chat/picture", _guarded(self._picture)),
            web.post("/chat/file", _guarded(self._file)),
            *(web.post(f"/chat/{name}", _guarded(_json(act))) for name, act in self._by_name().items()),
        ]

    async def close(self) -> None:
        """Give up acts still waiting for the bot."""
        for act in self._acts:
            act.cancel()
        await asyncio.gather(*self._acts, return_exceptions=True)

    def _by_name(self) -> dict[str, Callable[[Json], None]]:
        return {
            "say": self._say, "enter": self._enter, "menu": self._menu, "press": self._press,
            "read": self._read, "clock": self._set_clock, "faults": self._set_faults,
            "touch": self._touch, "answer": self._answer, "end": self._end,
        }  # fmt: skip

    # -- the live stream

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """Everything so far in one event, then each change as it happens."""
        response = web.StreamResponse(headers=_HEADERS | {"Content-Type": "text/event-stream"})
        with self._corp.hub.listen() as queue, contextlib.suppress(ConnectionResetError):
            await response.prepare(request)
            await _write(response, self._state())
            while True:
                try:
                    event = await asyncio.wait_for(queue.get(), _HEARTBEAT)
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    continue
                if event is None:
                    break
                await _write(response, event)
        return response

    def _state(self) -> Json:
        world, mailbox = self._corp.world, self._corp.mailbox
        return {
            "type": "state",
            "app": {"name": world.app_name, "menu": [{"label": m.label, "key": m.key} for m in world.menu]},
            "people": [*map(_person, world.people), *map(_customer, world.customers)],
            "robot": self._robot,
            "kf": {"name": world.kf[0].name if world.kf else "", "sessions": self._corp.kf.as_json()},
            "groups": self._corp.groups.as_json(),
            "chats": {key: [bubble.as_json() for bubble in mailbox.chat(key)] for key in self._chats()},
            "read": {who: self._read_by(who) for who in self._everybody()},
            "typing": [who for who in self._everybody() if self._callbacks.typing(who)],
            "clock": self._clock_event(),
            "faults": self._corp.faults.as_json(),
            "log": self._corp.journal.lines(),
        }

    def _chats(self) -> tuple[str, ...]:
        """The key of every chat there is: a person's with the app or 微信客服, and each group's."""
        return (*self._everybody(), *(group.chatid for group in self._corp.groups.all()))

    def _everybody(self) -> tuple[str, ...]:
        world = self._corp.world
        return (*(one.userid for one in world.people), *(one.external_userid for one in world.customers))

    def _read_by(self, person: str) -> dict[str, int]:
        """How far he has read: "" is the chat with the app."""
        chats = ("", *(group.chatid for group in self._corp.groups.of(person)))
        return {chat: self._corp.mailbox.read_upto(person, chat) for chat in chats}

    def _clock_event(self) -> Json:
        now = self._corp.clock.now()
        day = self._calendar(now.date())
        return {"type": "clock", "now": now.isoformat(), "works": day.works, "day": day.label}

    async def _today(self, _: web.Request) -> web.Response:
        """The page asks when midnight has passed on its own."""
        return web.json_response(self._clock_event())

    # -- acts

    def _say(self, body: Json) -> None:
        text = str(body.get("text", ""))
        if not text.strip():
            raise NotPossible("nothing was written")
        who = self._who(body)
        if group := self._group(body):
            self._phone.say_in_group(who, group, text)
        else:
            self._start(self._kf.say(who, text) if self._is_customer(who) else self._phone.say(who, text))

    def _enter(self, body: Json) -> None:
        """WeCom reports every opening; for a pleasant demo the page reports the first of a day."""
        who, today = self._who(body), self._corp.clock.now().date()
        if self._entered.get(who) != today:
            self._entered[who] = today
            self._start(self._kf.enter(who) if self._is_customer(who) else self._phone.enter(who))

    def _menu(self, body: Json) -> None:
        self._start(self._phone.click_menu(self._who(body), str(body.get("key", ""))))

    def _press(self, body: Json) -> None:
        chosen = {str(k): [str(v) for v in values] for k, values in dict(body.get("chosen") or {}).items()}
        press = self._phone.press(self._who(body), int(body["bubble"]), str(body.get("key", "")), chosen)
        self._start(press)

    def _touch(self, body: Json) -> None:
        """A line of a menu in 微信客服."""
        self._start(self._kf.touch(self._who(body), int(body["bubble"]), str(body.get("key", ""))))

    def _answer(self, body: Json) -> None:
        """As the human being at the other end of 微信客服."""
        self._with_human(body)
        text = str(body.get("text", ""))
        if not text.strip():
            raise NotPossible("nothing was written")
        self._start(self._kf.answer(self._who(body), text))

    def _end(self, body: Json) -> None:
        self._with_human(body)
        self._start(self._kf.end(self._who(body)))

    def _with_human(self, body: Json) -> None:
        who = self._who(body)
        if not any(one["person"] == who and one["state"] == HUMAN for one in self._corp.kf.as_json()):
            raise NotPossible("no human being is talking to him")

    def _read(self, body: Json) -> None:
        self._corp.mailbox.mark_read(self._who(body), int(body["upto"]), self._group(body))

    def _set_clock(self, body: Json) -> None:
        if "hours" in body:
            self._corp.clock.step(timedelta(hours=float(body["hours"])))
            return
        if body.get("to") == "work":
            self._corp.clock.set(next_working(self._corp.clock.now(), self._calendar))
            return
        moment = datetime.fromisoformat(str(body["now"]))
        self._corp.clock.set(moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI))

    def _set_faults(self, body: Json) -> None:
        if body.get("disarm"):
            self._corp.faults.disarm(str(body.get("kind", "")))
        else:
            self._corp.faults.arm(str(body.get("kind", "")), seconds=float(body.get("seconds", 3)))

    async def _picture(self, request: web.Request) -> web.Response:
        who, name, data = await self._upload(request)
        phone = self._kf if self._is_customer(who) else self._phone
        self._start(phone.send_picture(who, data, name or "图片"))
        return web.json_response({})

    async def _file(self, request: web.Request) -> web.Response:
        who, name, data = await self._upload(request)
        if self._is_customer(who):
            raise NotPossible("files are not sent here")
        self._start(self._phone.send_file(who, data, name or "文件"))
        return web.json_response({})

    async def _upload(self, request: web.Request) -> tuple[str, str, bytes]:
        """Who sends, the file's name, its bytes."""
        data = await request.read()
        who = self._who({"person": request.query.get("person", "")})
        if not data:
            raise NotPossible("the file is empty")
        return who, request.query.get("name", "")[:80], data

    async def _media(self, request: web.Request) -> web.Response:
        media = self._corp.media.on_phone(request.match_info["id"])
        if media is None:
            raise web.HTTPNotFound
        # The type is read off the bytes, never taken from the sender, and a browser may not guess.
        return web.Response(body=media.data, content_type=media.content_type, headers=_HEADERS)

    def _is_customer(self, who: str) -> bool:
        return self._corp.world.customer(who) is not None

    def _who(self, body: Json) -> str:
        named = str(body.get("person", ""))
        if self._is_customer(named):
            return named
        person = self._corp.world.person(named)
        if person is None:
            raise NotPossible("nobody by that name")
        return person.userid

    def _group(self, body: Json) -> str:
        """The group the person acts in; "" is the chat with the app."""
        wanted = str(body.get("group") or "")
        return self._phone.group(self._who(body), wanted).chatid if wanted else ""

    def _start(self, act: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(act)
        self._acts.add(task)
        task.add_done_callback(self._acts.discard)


def _person(person: Person) -> Json:
    return {
        "userid": person.userid,
        "name": person.name,
        "role": ROLES.get(person.role, person.role),
        "kind": person.role,
        "position": person.position,
        "unit": person.unit,
        "examples": list(person.examples),
    }


def _customer(customer: Customer) -> Json:
    return {
        "userid": customer.external_userid,
        "name": customer.name,
        "role": "微信用户",
        "kind": "customer",
        "position": customer.firm,
        "unit": customer.firm,
        "examples": list(customer.examples),
    }


async def _write(response: web.StreamResponse, event: Json) -> None:
    await response.write(f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode())


def _file(name: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(_: web.Request) -> web.StreamResponse:
        return web.FileResponse(_FILES / name, headers=_HEADERS)

    return serve


def _json(act: Callable[[Json], None]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def run(request: web.Request) -> web.Response:
        body = await request.json()
        if not isinstance(body, dict):
            raise NotPossible("the request is not an object")
        act(body)
        return web.json_response({})

    return run


def _guarded(
    run: Callable[[web.Request], Awaitable[web.Response]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Refuse other sites' pages, and answer what cannot be done with a sentence."""

    async def guard(request: web.Request) -> web.Response:
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            return web.json_response({"problem": "another site may not act here"}, status=403)
        try:
            return await run(request)
        except (NotPossible, ValueError, KeyError, TypeError, OverflowError) as error:
            return web.json_response({"problem": str(error)}, status=400)

    return guard
