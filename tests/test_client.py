"""The API client against a small WeCom of this file: tokens, errors, a bad network, secrets kept."""

from __future__ import annotations

import asyncio
import contextlib
import json
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from bot.wecom import errors
from bot.wecom.client import Client, SendResult, open_session
from bot.wecom.tokens import Fetched, MemoryTable, TokenStore
from bot.wecom.visits import fetch_text
from storage.engine import Database
from storage.tokens import Tokens

NOW = datetime(2024, 7, 15, 1, 0, tzinfo=UTC)
SECRET = "s3cret-of-the-app"
HELLO = {"msgtype": "text", "text": {"content": "您好"}}


@dataclass(slots=True)
class WeCom:
    """A few endpoints of WeCom under a path prefix. `answers` are given first, one per call and path."""

    token: str = ""
    fetches: int = 0
    expires_in: int = 7200
    calls: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    answers: dict[str, list[Any]] = field(default_factory=dict)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/gateway/cgi-bin/{path:.+}", self.handle)
        return app

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        scripted = self.answers.get(path, [])
        if path == "gettoken":
            return await self.gettoken(request, scripted)
        body = await uploaded(request) if path == "media/upload" else await request.text()
        self.calls.append((path, dict(request.query), body))
        if scripted:
            answer = scripted.pop(0)
            made = answer(request) if callable(answer) else web.json_response(answer)
            return await made if isinstance(made, Awaitable) else made
        if request.query.get("access_token") != self.token:
            return web.json_response({"errcode": 42001, "errmsg": "access_token expired"})
        return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": "m1"})

    async def gettoken(self, request: web.Request, scripted: list[Any]) -> web.StreamResponse:
        self.fetches += 1
        assert dict(request.query) == {"corpid": "ww1", "corpsecret": SECRET}
        if scripted:
            return web.json_response(scripted.pop(0))
        self.token = f"token-{self.fetches}"
        return web.json_response({"errcode": 0, "access_token": self.token, "expires_in": self.expires_in})

    def bodies(self, path: str) -> list[Any]:
        return [json.loads(body) for called, _, body in self.calls if called == path]


@dataclass(slots=True)
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True)
class World:
    wecom: WeCom
    base: str
    session: aiohttp.ClientSession
    clock: Clock
    table: MemoryTable

    def client(self, owner: str = "a", timeout: float = 8.0, base: str = "") -> Client:
        return Client(
            self.session,
            api_base=base or self.base,
            corp_id="ww1",
            agent_id=1000002,
            secret=SECRET,
            tokens=TokenStore(self.table, owner=owner, clock=self.clock),
            clock=self.clock,
            timeout=timeout,
        )


@pytest.fixture
async def world() -> AsyncIterator[World]:
    wecom = WeCom()
    async with TestServer(wecom.app()) as server, open_session(connections=64) as session:
        yield World(wecom, str(server.make_url("/gateway/cgi-bin/")), session, Clock(), MemoryTable())


async def uploaded(request: web.Request) -> tuple[str, bytes]:
    """The name and the bytes of the file in a form."""
    media = (await request.post())["media"]
    assert isinstance(media, web.FileField)
    return media.filename, media.file.read()


def drop(request: web.Request) -> web.StreamResponse:
    """Takes the request and closes the connection without a word."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


# -- what is sent -------------------------------------------------------------------------------------------


async def test_a_message_is_sent_below_the_path_prefix(world: World) -> None:
    result = await world.client().send(["zhangsan", "lisi"], HELLO)
    assert result == SendResult("m1")
    assert world.wecom.bodies("message/send") == [{**HELLO, "touser": "zhangsan|lisi", "agentid": 1000002}]


@pytest.mark.parametrize(("seconds", "interval"), [(0, 60), (300, 360), (1_000_000, 14_400)])
async def test_a_repetition_is_dropped_only_where_the_message_may_have_arrived(
    world: World, seconds: int, interval: int
) -> None:
    """Always asking made WeCom drop a second, equal message that was meant, and call it sent."""
    await world.client().send(["zhangsan"], HELLO, maybe_sent=timedelta(seconds=seconds))
    body = world.wecom.bodies("message/send")[0]
    assert (body["enable_duplicate_check"], body["duplicate_check_interval"]) == (1, interval)


async def test_the_result_names_who_was_left_out(world: World) -> None:
    answer = {"errcode": 0, "msgid": "m2", "invaliduser": "a|b", "unlicenseduser": "c", "response_code": "RC"}
    world.wecom.answers["message/send"] = [answer]
    assert await world.client().send(["x"], HELLO) == SendResult("m2", ("a", "b", "c"), "RC")


@pytest.mark.parametrize("to", [[], ["@all"], ["a|@all"], ["a|b"], [""], ["u"] * 1001])
async def test_nobody_is_sent_to_by_accident(world: World, to: list[str]) -> None:
    with pytest.raises(ValueError, match="receivers"):
        await world.client().send(to, HELLO)
    assert world.wecom.calls == []


async def test_half_a_character_does_not_stop_a_message(world: World) -> None:
    await world.client().send(["zhangsan"], {"msgtype": "text", "text": {"content": "冷\ud83d链"}})
    assert world.wecom.bodies("message/send")[0]["text"]["content"] == "冷?链"


async def test_a_card_is_updated_for_the_people_who_have_it(world: World) -> None:
    await world.client().update_card(
        ["zhangsan"], {"response_code": "RC", "button": {"replace_name": "已办"}}
    )
    assert world.wecom.bodies("message/update_template_card") == [
        {
            "response_code": "RC",
            "button": {"replace_name": "已办"},
            "userids": ["zhangsan"],
            "agentid": 1000002,
        }
    ]


@pytest.mark.parametrize("from_disk", [False, True])
async def test_a_file_is_uploaded_under_its_chinese_name(
    world: World, from_disk: bool, tmp_path: Path
) -> None:
    world.wecom.answers["media/upload"] = [{"errcode": 0, "media_id": "M1", "type": "file"}]
    (tmp_path / "x").write_bytes(b"0123456789")
    content = tmp_path / "x" if from_disk else b"0123456789"
    assert await world.client().upload(content, '7月"台账"\r\nX: 1.xlsx', "file") == "M1"
    _, query, form = world.wecom.calls[0]
    assert query["type"] == "file"
    assert form == ("7月_台账___X: 1.xlsx", b"0123456789")


@pytest.mark.parametrize(("size", "kind"), [(5, "file"), (2 * 1024 * 1024 + 1, "voice")])
async def test_a_file_of_the_wrong_size_is_not_uploaded(world: World, size: int, kind: Any) -> None:
    with pytest.raises(errors.Rejected, match="文件大小"):
        await world.client().upload(b"x" * size, "x", kind)
    assert world.wecom.calls == []


async def test_a_file_that_has_gone_is_said_so(world: World, tmp_path: Path) -> None:
    with pytest.raises(errors.Rejected, match="读不出来"):
        await world.client().upload(tmp_path / "gone.xlsx", "x", "file")


def sent(body: bytes, disposition: str | None = 'attachment; filename="a.docx"', **headers: str) -> Any:
    """An answer of media/get that carries a file."""
    named = {} if disposition is None else {"Content-Disposition": disposition}
    return lambda request: web.Response(body=body, headers={**named, **headers})


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="17项进展.docx"', "17项进展.docx"),
        ("attachment; filename*=UTF-8''17%E9%A1%B9.docx; filename=\"x.docx\"", "17项.docx"),
        ('attachment; filename="%E5%8F%B0%E8%B4%A6.xlsx"', "台账.xlsx"),
        ("attachment; filename=MEDIA_1.jpg", "MEDIA_1.jpg"),
        ('attachment; filename="../../etc/passwd"', ".._.._etc_passwd"),
        ("attachment", ""),
    ],
)
async def test_what_a_person_sent_is_fetched_with_its_name(world: World, disposition: str, name: str) -> None:
    parts: list[bytes] = []
    world.wecom.answers["media/get"] = [sent(b'{"errcode": 40007}', disposition)]  # a JSON file is a file
    assert await world.client().media("M1", parts.append, most=100) == name
    assert b"".join(parts) == b'{"errcode": 40007}'
    assert world.wecom.calls[0][1]["media_id"] == "M1"


async def test_a_picture_without_a_name_is_a_picture(world: World) -> None:
    parts: list[bytes] = []
    world.wecom.answers["media/get"] = [sent(b"\xff\xd8\xff", None, **{"Content-Type": "image/jpeg"})]
    assert await world.client().media("M1", parts.append, most=100) == ""
    assert parts == [b"\xff\xd8\xff"]


async def test_a_download_renews_its_token_like_every_call(world: World) -> None:
    parts: list[bytes] = []
    expired = {"errcode": 42001, "errmsg": "access_token expired"}
    world.wecom.answers["media/get"] = [expired, sent(b"123456")]
    await world.client().media("M1", parts.append, most=100)
    assert (parts, world.wecom.fetches) == ([b"123456"], 2)


@pytest.mark.parametrize("told", [True, False])
async def test_more_than_is_taken_is_not_read_to_its_end(world: World, told: bool) -> None:
    """Also where the server does not say beforehand how much it is."""

    async def pour(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Disposition": "attachment"})
        response.content_length = 50_000_000 if told else None
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            for _ in range(50):
                await response.write(bytes(1_000_000))
        return response

    got = 0

    def write(chunk: bytes) -> None:
        nonlocal got
        got += len(chunk)

    world.wecom.answers["media/get"] = [pour]
    with pytest.raises(errors.TooLarge):
        await world.client().media("M1", write, most=3_000_000)
    assert got <= 3_000_000
    assert told == (got == 0)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"errcode": 40007, "errmsg": "invalid media_id"}, errors.UploadAgain),
        ({"errcode": 45009, "errmsg": "api freq out of limit"}, errors.RateLimited),
        ({"errcode": -1, "errmsg": "system busy"}, errors.RetryLater),
        ({"errcode": 60020, "errmsg": "not allow to access from your ip"}, errors.ConfigError),
        ({"errcode": 0}, errors.RetryLater),
        (drop, errors.RetryLater),
        (lambda request: web.Response(status=502, text="bad gateway"), errors.RetryLater),
        (lambda request: web.Response(status=404), errors.ConfigError),
    ],
)
async def test_a_download_that_fails_says_what_to_do_next(world: World, answer: Any, error: Any) -> None:
    world.wecom.answers["media/get"] = [answer]
    with pytest.raises(error) as failed:
        await world.client().media("M1", lambda chunk: None, most=100)
    assert "access_token" not in "".join(traceback.format_exception(failed.value))


async def test_a_download_that_breaks_off_is_tried_later(world: World) -> None:
    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Disposition": "attachment", "Content-Length": "99"})
        await response.prepare(request)
        await response.write(b"half")
        return drop(request)

    world.wecom.answers["media/get"] = [half]
    with pytest.raises(errors.RetryLater):
        await world.client().media("M1", lambda chunk: None, most=100)


async def test_a_member_is_read_and_unknown_fields_are_ignored(world: World) -> None:
    world.wecom.answers["user/get"] = [
        {"errcode": 0, "userid": "ZhangSan", "name": "张三", "department": [1, 2], "status": 5, "new": {}}
    ]
    member = await world.client().user("zhangsan")
    assert (member.userid, member.name, member.departments, member.active) == (
        "ZhangSan",
        "张三",
        (1, 2),
        False,
    )


async def test_callback_addresses_are_listed(world: World) -> None:
    world.wecom.answers["getcallbackip"] = [{"errcode": 0, "ip_list": ["10.0.0.1"]}]
    assert await world.client().callback_ips() == ("10.0.0.1",)


# -- tokens -------------------------------------------------------------------------------------------------


async def test_one_token_serves_many_calls(world: World) -> None:
    client = world.client()
    for _ in range(3):
        await client.send(["a"], HELLO)
    assert world.wecom.fetches == 1


async def test_a_token_is_renewed_before_it_ends(world: World) -> None:
    client = world.client()
    await client.send(["a"], HELLO)
    world.clock.now += timedelta(seconds=0.84 * 7200)
    await client.send(["a"], HELLO)
    assert world.wecom.fetches == 1
    world.clock.now += timedelta(seconds=0.02 * 7200)
    await client.send(["a"], HELLO)
    assert world.wecom.fetches == 2


async def test_a_replica_uses_the_token_another_has_fetched(world: World) -> None:
    await world.client("a").send(["a"], HELLO)
    await world.client("b").send(["b"], HELLO)
    assert world.wecom.fetches == 1


async def test_twenty_parallel_sends_on_an_expired_token_fetch_one(world: World) -> None:
    """Two replicas, ten sends each, a token that WeCom has ended early."""
    replicas = [world.client("a"), world.client("b")]
    for client in replicas:
        await client.send(["warm"], HELLO)
    world.wecom.token = "ended early"
    sends = [client.send([f"user{number}"], HELLO) for client in replicas for number in range(10)]
    results = await asyncio.gather(*sends)
    assert [result.msgid for result in results] == ["m1"] * 20
    assert world.wecom.fetches == 2  # the first one, and one for all twenty


async def test_twenty_parallel_sends_of_cold_replicas_fetch_one(world: World) -> None:
    replicas = [world.client("a"), world.client("b")]
    await asyncio.gather(*(client.send(["x"], HELLO) for client in replicas for _ in range(10)))
    assert world.wecom.fetches == 1


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_refused_token_is_renewed_once_and_the_call_repeated_once(world: World, code: int) -> None:
    world.wecom.answers["message/send"] = [{"errcode": code, "errmsg": "no"}]
    assert (await world.client().send(["a"], HELLO)).msgid == "m1"
    assert (world.wecom.fetches, len(world.wecom.calls)) == (2, 2)


async def test_a_new_token_that_is_refused_too_is_a_setting_to_change(world: World) -> None:
    world.wecom.answers["message/send"] = [{"errcode": 40001, "errmsg": "no"}] * 5
    with pytest.raises(errors.ConfigError) as refused:
        await world.client().send(["a"], HELLO)
    assert "secret" in refused.value.next_step
    assert (world.wecom.fetches, len(world.wecom.calls)) == (2, 2)


async def test_a_wrong_secret_is_asked_once_per_call_and_named(world: World) -> None:
    world.wecom.answers["gettoken"] = [{"errcode": 40001, "errmsg": "invalid credential"}]
    with pytest.raises(errors.ConfigError, match="密钥"):
        await world.client().check()
    assert world.wecom.fetches == 1


async def test_a_failed_fetch_does_not_hold_the_others_up(world: World) -> None:
    world.wecom.answers["gettoken"] = [{"errcode": -1, "errmsg": "busy"}]
    with pytest.raises(errors.RetryLater):
        await world.client("a").check()
    async with asyncio.timeout(2):
        await world.client("b").check()
    assert world.wecom.fetches == 2


async def test_a_replica_that_dies_while_fetching_is_replaced_when_its_lease_ends(world: World) -> None:
    await world.table.claim("app:ww1:1000002", "dead", NOW + timedelta(seconds=15), NOW)
    waiting = asyncio.create_task(world.client("b").check())
    await asyncio.sleep(0)  # it looks at the table, finds the claim and waits
    assert world.wecom.fetches == 0
    world.clock.now += timedelta(seconds=16)
    async with asyncio.timeout(5):
        await waiting
    assert world.wecom.fetches == 1


async def test_a_cancelled_fetch_lets_go_of_its_claim() -> None:
    table = MemoryTable()
    started = asyncio.Event()

    async def never() -> Fetched:
        started.set()
        await asyncio.Event().wait()
        raise AssertionError("cancelled before")

    first = asyncio.create_task(TokenStore(table, owner="a", clock=Clock()).get("k", never))
    await started.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await table.claim("k", "b", NOW + timedelta(seconds=1), NOW)


async def test_replicas_on_one_database_fetch_one_token(database: Database) -> None:
    """The real table, on each database: ten callers in each of two processes."""
    fetches = []

    async def fetch() -> Fetched:
        fetches.append(1)
        await asyncio.sleep(0)
        return Fetched(f"token-{len(fetches)}", 7200)

    stores = [TokenStore(Tokens(database), owner=owner, clock=Clock()) for owner in "ab"]
    first = await asyncio.gather(*(store.get("app:ww1:1", fetch) for store in stores for _ in range(10)))
    assert (set(first), len(fetches)) == ({"token-1"}, 1)
    again = (store.renew("app:ww1:1", "token-1", fetch) for store in stores for _ in range(10))
    assert (set(await asyncio.gather(*again)), len(fetches)) == ({"token-2"}, 2)


# -- errors -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (-1, errors.RetryLater),
        (45033, errors.RetryLater),
        (45009, errors.RateLimited),
        (40003, errors.DropRecipient),
        (60111, errors.DropRecipient),
        (81013, errors.DropRecipient),
        (40007, errors.UploadAgain),
        (40058, errors.Rejected),
        (45002, errors.Rejected),
        (48002, errors.ConfigError),
        (60020, errors.ConfigError),
        (301002, errors.ConfigError),
        (93000, errors.TargetGone),
        (987654, errors.Rejected),
    ],
)
async def test_each_code_becomes_its_next_action(
    world: World, code: int, kind: type[errors.WeComError]
) -> None:
    world.wecom.answers["message/send"] = [{"errcode": code, "errmsg": "hint: [1721005200]"}]
    with pytest.raises(kind) as failed:
        await world.client().send(["a"], HELLO)
    assert (failed.value.code, failed.value.detail) == (code, "hint: [1721005200]")
    assert failed.value.reason
    assert failed.value.next_step
    assert len(world.wecom.calls) == 1


def test_every_row_of_the_table_says_what_to_do() -> None:
    for code, row in errors.TABLE.items():
        made = errors.of_code(code, "", NOW)
        assert type(made) is row.error
        assert made.reason
        assert made.next_step


def test_a_full_window_is_left_alone_for_a_minute() -> None:
    limited = errors.of_code(45009, "", NOW)
    assert isinstance(limited, errors.RateLimited)
    assert limited.until == NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: web.Response(text="<html>busy</html>"),
        lambda _: web.Response(status=502, text="bad gateway"),
        lambda _: web.Response(status=429, text="slow down"),
        lambda _: web.json_response(["no", "object"]),
        lambda _: web.json_response({"errcode": "zero"}),
        lambda _: web.Response(body=b"[" * 100_000),
        drop,
    ],
)
async def test_an_answer_that_says_nothing_may_have_worked(
    world: World, answer: Callable[[web.Request], web.StreamResponse]
) -> None:
    world.wecom.answers["message/send"] = [answer]
    with pytest.raises(errors.RetryLater) as failed:
        await world.client().send(["a"], HELLO)
    assert failed.value.maybe_done
    assert len(world.wecom.calls) == 1


async def test_a_slow_answer_may_have_worked(world: World) -> None:
    never = asyncio.Event()

    async def hang(_request: web.Request) -> web.StreamResponse:
        await never.wait()
        return web.Response()

    await world.client().check()
    app = web.Application()
    app.router.add_post("/cgi-bin/message/send", hang)
    async with TestServer(app) as server:
        client = world.client(timeout=0.2, base=str(server.make_url("/cgi-bin")))
        with pytest.raises(errors.RetryLater) as failed:
            await client.send(["a"], HELLO)
        never.set()
    assert failed.value.maybe_done


async def test_a_closed_port_has_certainly_sent_nothing(world: World) -> None:
    client = world.client(base=f"http://127.0.0.1:{unused_port()}/cgi-bin")
    with pytest.raises(errors.RetryLater) as failed:
        await client.send(["a"], HELLO)
    assert not failed.value.maybe_done


@pytest.mark.parametrize("status", [301, 302, 404, 405])
async def test_an_address_that_is_no_api_is_a_setting_to_change(world: World, status: int) -> None:
    world.wecom.answers["message/send"] = [
        lambda _: web.Response(status=status, headers={"Location": "http://127.0.0.1:1/steal"})
    ]
    with pytest.raises(errors.ConfigError, match=str(status)):
        await world.client().send(["a"], HELLO)


async def test_a_base_that_is_no_address_is_a_setting_to_change(world: World) -> None:
    with pytest.raises(errors.ConfigError, match="接口地址"):
        await world.client(base="http://:bad:/x").check()


async def test_no_error_carries_a_secret_or_a_token(world: World) -> None:
    """Neither in its own words nor in the traceback that a log would print."""
    failures = [drop, lambda _: web.Response(status=404), lambda _: web.Response(status=502)]
    world.wecom.answers["message/send"] = [*failures, {"errcode": 40058, "errmsg": "no"}]
    client = world.client()
    printed = ""
    for _ in range(4):
        with pytest.raises(errors.WeComError) as failed:
            await client.send(["a"], HELLO)
        printed += "".join(traceback.format_exception(failed.value))
    closed = world.client(owner="b", base=f"http://127.0.0.1:{unused_port()}/cgi-bin")
    world.table._tokens.clear()
    with pytest.raises(errors.WeComError) as failed:
        await closed.check()
    printed += "".join(traceback.format_exception(failed.value))
    assert "token-1" not in printed
    assert SECRET not in printed
    assert "access_token=" not in printed


async def test_a_missing_ca_file_is_noticed_at_once() -> None:
    with pytest.raises(FileNotFoundError):
        open_session("/no/such/ca.pem")


async def test_a_page_is_fetched_with_its_query_as_it_is(world: World) -> None:
    """`bqw doctor` visits the callback address; the base64 of an echostr must arrive unharmed."""
    world.wecom.answers["echo"] = [lambda request: web.Response(text=request.query["echostr"], status=203)]
    found = await fetch_text(world.session, f"{world.base}echo", {"echostr": "a+b/c=="}, seconds=1.0)
    assert found == (203, "a+b/c==")


async def test_a_page_that_cannot_be_reached_is_said_so(world: World) -> None:
    with pytest.raises(errors.RetryLater, match="连接不上"):
        await fetch_text(world.session, f"http://127.0.0.1:{unused_port()}/", {}, seconds=1.0)


async def test_calls_go_through_the_proxy(world: World) -> None:
    asked: list[str] = []

    async def proxy(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(str(request.rel_url) if request.rel_url.absolute else str(request.url))
        return web.json_response({"errcode": 0, "access_token": "t", "expires_in": 7200, "msgid": "p1"})

    server = web.Server(proxy)
    runner = web.ServerRunner(server)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    client = Client(
        world.session,
        api_base="http://api.invalid/cgi-bin",
        corp_id="ww1",
        agent_id=1,
        secret=SECRET,
        tokens=TokenStore(MemoryTable(), owner="p", clock=world.clock),
        clock=world.clock,
        proxy=f"http://{host}:{port}",
    )
    try:
        assert (await client.send(["a"], HELLO)).msgid == "p1"
    finally:
        await runner.cleanup()
    assert len(asked) == 2
