"""WeCom's API over HTTP: tokens, messages, cards, media, contacts, with its codes and its quiet limits.

The bot calls it as it would call the real one. Every call lands in the journal; armed faults strike here.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import quote

from aiohttp import web

from simulator import cards, contents
from simulator.corp import Corp, new_message_id
from simulator.errors import ApiError
from simulator.exchange import Exchange
from simulator.groups_api import OPEN, GroupsApi
from simulator.journal import Call, Outcome
from simulator.kf_api import KfApi
from simulator.mailbox import Content
from simulator.media import Media
from simulator.tenant import Refusal
from simulator.world import Department, Person

Json: TypeAlias = dict[str, Any]
_RECALL = timedelta(hours=24)
_NO_TOKEN = OPEN | {"gettoken"}
_UPLOADS = ("media/upload", "webhook/upload_media")
_MOST_USERS = 1000
_MOST_PARTIES = 100


class Api:
    def __init__(self, corp: Corp) -> None:
        self._corp = corp
        self._sent: dict[str, datetime] = {}  # when each message went out, for recall
        self._routes: dict[str, tuple[str, Callable[[Exchange], Json | Media]]] = {
            "gettoken": ("GET", self._gettoken),
            "message/send": ("POST", self._send),
            "message/update_template_card": ("POST", self._update_template_card),
            "message/recall": ("POST", self._recall),
            "media/upload": ("POST", self._upload),
            "media/get": ("GET", self._media_get),
            "agent/get": ("GET", self._agent_get),
            "auth/getuserinfo": ("GET", lambda call: {"userid": self._signed_in(call)}),
            "user/getuserinfo": ("GET", lambda call: {"UserId": self._signed_in(call), "DeviceId": ""}),
            "user/get": ("GET", self._user_get),
            "user/simplelist": ("GET", self._user_simplelist),
            "user/list": ("GET", self._user_list),
            "department/list": ("GET", self._department_list),
            "getcallbackip": ("GET", self._ips),
            "get_api_domain_ip": ("GET", self._ips),
            **GroupsApi(corp).routes(),
            **KfApi(corp).routes(),
        }

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One call of the API, faults included."""
        endpoint = request.match_info["endpoint"].strip("/")
        if (refusal := self._stopped(request)) is not None:
            return web.json_response(refusal.body, status=refusal.status, dumps=_dumps)
        if endpoint not in self._routes and not self._corp.tenant.lacks(endpoint):
            raise web.HTTPNotFound
        exchange = Exchange(request.method, endpoint, dict(request.query))
        wants_body = self._routes.get(endpoint, ("GET",))[0] == "POST"
        # At once: a caller who gives up has still asked.
        broken = await _read_body(request, exchange, wants_body)
        slow = self._corp.faults.take("slow", endpoint)
        if slow:
            await asyncio.sleep(slow.seconds)
        if self._corp.faults.take("reset", endpoint):
            self._note(exchange, {}, "reset")
            return await _break_off(request)
        result = self._result(exchange, broken, request.remote)
        reply = {} if isinstance(result, Media) else result
        if not reply.get("errcode") and self._corp.faults.take("reply_lost", endpoint):
            self._note(exchange, reply, "reply_lost")
            return _hang_up(request)
        self._note(exchange, reply, "answered")
        return _download(result) if isinstance(result, Media) else web.json_response(result, dumps=_dumps)

    def _stopped(self, request: web.Request) -> Refusal | None:
        """What the gateway in front says; nothing of it reaches WeCom."""
        gateway = self._corp.tenant.gateway
        return gateway.refuses(request.method, request.headers, self._corp.clock.now()) if gateway else None

    def _result(self, exchange: Exchange, broken: ApiError | None, caller: str | None) -> Json | Media:
        try:
            if broken is not None:
                raise broken
            return self._do(exchange)
        except ApiError as error:
            hint = f"{error.message}, hint: [{new_message_id()}], from ip: {caller}"
            return {"errcode": error.code, "errmsg": hint}

    def _do(self, exchange: Exchange) -> Json | Media:
        if self._corp.tenant.lacks(exchange.endpoint):
            raise ApiError(404, "request api doesn't exist")
        method, run = self._routes[exchange.endpoint]
        if not self._corp.tenant.takes(exchange.method, method):
            raise ApiError(43001 if method == "GET" else 43002, f"require {method} method")
        self._strike(exchange.endpoint)
        if exchange.endpoint not in _NO_TOKEN:
            self._corp.tokens.check(exchange.token)
        result = run(exchange)
        return result if isinstance(result, Media) else {"errcode": 0, "errmsg": "ok", **result}

    def _strike(self, endpoint: str) -> None:
        faults = self._corp.faults
        if faults.take("busy", endpoint):
            raise ApiError(-1, "system busy")
        if faults.take("rate_limited", endpoint):
            raise ApiError(45009, "api freq out of limit")
        if endpoint not in _NO_TOKEN and faults.take("token_expired", endpoint):
            self._corp.tokens.revoke()
            raise ApiError(42001, "access_token expired")

    def _note(self, exchange: Exchange, reply: Json, outcome: Outcome) -> None:
        self._corp.journal.add_call(
            Call(
                at=self._corp.clock.now(),
                method=exchange.method,
                endpoint=exchange.endpoint,
                token=exchange.token[-6:],
                body=exchange.body,
                errcode=reply.get("errcode", 0),
                errmsg=reply.get("errmsg", ""),
                outcome=outcome,
                vanished=exchange.vanished,
                duplicate=exchange.duplicate,
            )
        )

    # -- tokens and addresses

    def _gettoken(self, exchange: Exchange) -> Json:
        app = self._corp.app
        if exchange.query.get("corpid") != app.corp_id:
            raise ApiError(40013, "invalid corpid")
        if exchange.query.get("corpsecret") != app.secret:
            raise ApiError(40001, "invalid credential")
        token, seconds = self._corp.tokens.issue()
        return {"access_token": token, "expires_in": seconds}

    def _ips(self, exchange: Exchange) -> Json:
        return {"ip_list": ["127.0.0.1"]}

    # -- messages

    def _send(self, exchange: Exchange) -> Json:
        body = exchange.body
        self._check_agent(body)
        if body.get("msgtype") in self._corp.tenant.no_messages:
            raise ApiError(40008, "invalid message type")
        people, invalid = self._receivers(body)
        content = contents.read(body, self._corp.media.get)
        if not people:
            raise ApiError(81013, "user & party & tag all invalid")
        interactive = content.kind == "template_card" and cards.is_interactive(content.body)
        if interactive and not self._corp.callback_url:
            raise ApiError(40058, "an interactive card needs a callback url")
        exchange.duplicate = self._corp.duplicates.repeats(body, self._corp.clock.now())
        msgid = new_message_id()
        reply = {"msgid": msgid, **invalid}
        if exchange.duplicate:
            return reply
        if content.kind == "template_card":
            self._corp.codes.claim_task(str(content.body.get("task_id") or ""))
        exchange.vanished = self._hand_out(msgid, people, content)
        return {**reply, "response_code": self._corp.codes.issue(msgid)} if interactive else reply

    def _hand_out(self, msgid: str, people: Iterable[Person], content: Content) -> tuple[str, ...]:
        now = self._corp.clock.now()
        self._sent[msgid] = now
        vanished = []
        for person in people:
            if self._corp.limit.admits(person.userid, now):
                self._corp.mailbox.put(person.userid, "app", content, msgid=msgid, via="push")
            else:
                vanished.append(person.userid)
        return tuple(vanished)

    def _update_template_card(self, exchange: Exchange) -> Json:
        body = exchange.body
        self._check_agent(body)
        change = _card_change(body)
        wanted = self._updated_people(body)
        msgid = self._corp.codes.spend(str(body.get("response_code") or ""))
        missed = [user for user in wanted(msgid) if not self._change_card(msgid, user, change)]
        return {"invaliduser": missed} if missed else {}

    def _updated_people(self, body: Json) -> Callable[[str], tuple[str, ...]]:
        if body.get("atall") == 1:
            return self._corp.mailbox.receivers
        users = [str(user) for user in _list(body, "userids")]
        for party in _list(body, "partyids"):
            users += [p.userid for p in self._corp.world.people if str(p.department) == str(party)]
        if not users:
            raise ApiError(82001, "user & party & tag all empty")
        return lambda _: tuple(users)

    def _change_card(self, msgid: str, user: str, change: Callable[..., Any]) -> bool:
        person = self._corp.world.person(user)
        return person is not None and self._corp.mailbox.change(msgid, person.userid, change)

    def _recall(self, exchange: Exchange) -> Json:
        msgid = str(exchange.body.get("msgid") or "")
        sent = self._sent.get(msgid)
        if sent is None or self._corp.clock.now() - sent > _RECALL:
            raise ApiError(40058, "msgid is unknown or older than 24 hours")
        self._corp.mailbox.recall(msgid)
        return {}

    def _check_agent(self, body: Json) -> None:
        agent = body.get("agentid")
        if not str(agent).isdigit():
            raise ApiError(40056, "invalid agentid")
        if int(str(agent)) != self._corp.app.agent_id:
            raise ApiError(301002, "not allow operate another agent with this accesstoken")

    def _receivers(self, body: Json) -> tuple[list[Person], Json]:
        """Everyone meant, each once, and what was not understood in WeCom's own fields."""
        users, parties, tags = (_split(body, key) for key in ("touser", "toparty", "totag"))
        if not (users or parties or tags):
            raise ApiError(82001, "user & party & tag all empty")
        if len(users) > _MOST_USERS:
            raise ApiError(40032, "invalid userlist size")
        if len(parties) > _MOST_PARTIES or len(tags) > _MOST_PARTIES:
            raise ApiError(40035, "too many parties or tags")
        if users == ["@all"]:
            return list(self._corp.world.people), {}
        world, found, lost_parties = self._corp.world, {}, []
        lost_users = [user.lower() for user in users if world.person(user) is None]
        for person in filter(None, map(world.person, users)):
            found[person.userid] = person
        for party in parties:
            if not any(str(department.id) == party for department in world.departments):
                lost_parties.append(party)
            else:
                found |= {person.userid: person for person in world.members(int(party))}
        lost = {"invaliduser": lost_users, "invalidparty": lost_parties, "invalidtag": tags}
        return list(found.values()), {key: "|".join(names) for key, names in lost.items() if names}

    # -- media

    def _upload(self, exchange: Exchange) -> Json:
        if exchange.upload is None:
            raise ApiError(41005, "media data missing")
        name, data = exchange.upload
        media = self._corp.media.upload(exchange.query.get("type", ""), name, data)
        return {"type": media.kind, "media_id": media.id, "created_at": str(int(media.at.timestamp()))}

    def _media_get(self, exchange: Exchange) -> Media:
        return self._corp.media.get(exchange.query.get("media_id", ""))

    # -- the app, who signs in, contacts

    def _agent_get(self, exchange: Exchange) -> Json:
        if exchange.query.get("agentid") != str(self._corp.app.agent_id):
            raise ApiError(301002, "not allow operate another agent with this accesstoken")
        return {
            "agentid": self._corp.app.agent_id,
            "name": self._corp.world.app_name,
            "allow_userinfos": {"user": []},
            "allow_partys": {"partyid": self._corp.visible},
            "allow_tags": {"tagid": []},
            "close": 0,
            "redirect_domain": "",
        }

    def _signed_in(self, exchange: Exchange) -> str:
        return self._corp.logins.spend(exchange.query.get("code", ""))

    def _user_get(self, exchange: Exchange) -> Json:
        person = self._corp.world.person(exchange.query.get("userid", ""))
        if person is None:
            raise ApiError(60111, "userid not found")
        return _user_detail(person)

    def _user_simplelist(self, exchange: Exchange) -> Json:
        people = self._corp.world.members(self._department(exchange, "department_id").id)
        shown = ("userid", "name", "department")
        return {"userlist": [{key: _user_detail(person)[key] for key in shown} for person in people]}

    def _user_list(self, exchange: Exchange) -> Json:
        people = self._corp.world.members(self._department(exchange, "department_id").id)
        return {"userlist": [_user_detail(person) for person in people]}

    def _department_list(self, exchange: Exchange) -> Json:
        known = self._corp.world.departments
        top = self._department(exchange, "id") if exchange.query.get("id") else known[0]
        return {"department": [_department(d) for d in known if top.id in (d.id, d.parent)]}

    def _department(self, exchange: Exchange, name: str) -> Department:
        wanted = exchange.query.get(name, "")
        for department in self._corp.world.departments:
            if str(department.id) == wanted:
                return department
        raise ApiError(60003, "department not found")


async def _read_body(request: web.Request, exchange: Exchange, wanted: bool) -> ApiError | None:
    """Fill in what was posted; returns the error to answer with when it makes no sense."""
    if request.method != "POST" or not wanted:
        return None
    if exchange.endpoint in _UPLOADS:
        exchange.upload = await _read_upload(request)
        return None
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return ApiError(40058, "wrong json format")
    exchange.body = body
    return None


async def _read_upload(request: web.Request) -> tuple[str, bytes] | None:
    if not request.content_type.startswith("multipart/"):
        return None
    part = (await request.post()).get("media")
    return (part.filename, part.file.read()) if isinstance(part, web.FileField) else None


async def _break_off(request: web.Request) -> web.StreamResponse:
    """Half an answer, then the line goes dead."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "64"})
    await response.prepare(request)
    await response.write(b'{"errcode":0,"err')
    return _hang_up(request, response)


def _hang_up(request: web.Request, response: web.StreamResponse | None = None) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return response or web.Response()


def _download(media: Media) -> web.Response:
    name = quote(media.name)
    return web.Response(
        body=media.data,
        content_type=media.content_type,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


_dumps = partial(json.dumps, ensure_ascii=False)


def _card_change(body: Json) -> Callable[..., Any]:
    card, button = body.get("template_card"), body.get("button")
    if isinstance(card, dict):
        return partial(cards.updated, card=cards.read_card(card, update=True).body)
    name = button.get("replace_name") if isinstance(button, dict) else ""
    if not name:
        raise ApiError(40058, "button.replace_name or template_card is required")
    return partial(cards.updated, replace_name=str(name))


def _split(body: Json, key: str) -> list[str]:
    return [part for part in str(body.get(key) or "").split("|") if part]


def _list(body: Json, key: str) -> list[Any]:
    value = body.get(key) or []
    if not isinstance(value, list):
        raise ApiError(40058, f"{key} must be a list")
    return value


def _user_detail(person: Person) -> Json:
    return {
        "userid": person.userid,
        "name": person.name,
        "department": [person.department],
        "order": [0],
        "position": person.position,
        "is_leader_in_dept": [0],
        "direct_leader": [],
        "status": 1,
        "main_department": person.department,
    }


def _department(department: Department) -> Json:
    return {
        "id": department.id,
        "name": department.name,
        "parentid": department.parent,
        "order": department.order,
        "department_leader": [],
    }
