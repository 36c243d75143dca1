"""The robot called back by URL: sealed JSON, streams and their polls, late answers by address, forgeries."""

import asyncio
import datetime as dt
import io
import ipaddress
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.channels import robot as robot_module
from bot.channels import robot_callback
from bot.dispatch import Unavailable
from bot.wecom.client import open_session
from bot.wecom.crypto import Crypto
from handlers.context import Context
from simulator.robot import Asked
from simulator.server import Simulator
from storage import outbox
from storage.engine import Database
from storage.message import Button, Card, Message, Reply, Text, dump
from storage.tables import inbox, robot_urls
from tests.robots import OFFICE, Bot, Walk, callback_bot, echo, wecom

CARD = Card("您是不是想问", "点一下就答", (Button("第17点", "第17条"),), "第17点")


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """An authority of our own for 127.0.0.1: addresses for late answers must be https."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, both = folder / "ca.pem", folder / "server.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both.write_bytes(secret + pem.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return pem, context


@asynccontextmanager
async def called(there: Simulator, database: Database, folder: Path, walk: Walk = echo) -> AsyncIterator[Bot]:
    """A bot whose late answers go to the simulator over TLS."""
    pem, context = certificate(folder)
    application = web.Application()
    application.add_routes(there.robot.routes())
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    base = f"https://localhost:{runner.addresses[0][1]}"
    try:
        async with (
            open_session(ca_file=str(pem)) as session,
            callback_bot(there, database, walk, session=session, domains=("localhost",), base=base) as bot,
        ):
            yield bot
    finally:
        await runner.cleanup()


@pytest.fixture
async def there() -> AsyncIterator[Simulator]:
    async with wecom() as simulator:
        yield simulator


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(f"sqlite:///{tmp_path / 'bqw.db'}")
    yield opened
    await opened.close()


def replies(there: Simulator, asked: Asked) -> list[dict[str, object] | None]:
    """What the bot answered to the message itself, polls left out."""
    assert there.robot.callback is not None
    return [one.reply for one in there.robot.callback.exchanges if one.sent.get("msgid") == asked.msgid]


async def test_a_question_is_answered_in_the_response(
    there: Simulator, database: Database, tmp_path: Path
) -> None:
    async with called(there, database, tmp_path) as bot:
        assert there.robot.callback is not None
        assert await there.robot.callback.verify_url()
        asked = there.robot.say("linxiao", "<@all> 冷链", group=OFFICE)
        answer = await there.robot.hear(asked)
        assert answer.text == "您说：＜@all> 冷链"
        rows = await bot.settled("sent")
    assert [row[:2] for row in rows.values()] == [("sent", "inline")]
    (reply,) = replies(there, asked)
    assert reply is not None
    assert reply["stream"] == {"id": asked.msgid, "finish": True, "content": "您说：＜@all> 冷链"}


async def test_a_message_delivered_again_gets_the_same_answer(
    there: Simulator, store: Database, tmp_path: Path
) -> None:
    async with called(there, store, tmp_path) as bot:
        asked = there.robot.say("linxiao", "冷链")
        await there.robot.hear(asked)
        assert there.robot.callback is not None
        again = await there.robot.callback._exchange(asked.body)
        assert again.reply is not None
        assert again.reply["stream"]["content"] == "您说：冷链"
        await bot.settled("sent")
    async with store.transaction() as conn:
        assert len((await conn.execute(select(inbox))).all()) == 1


async def test_a_slow_answer_is_polled_until_it_is_there(
    there: Simulator, store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robot_callback, "PATIENCE", 0.05)
    monkeypatch.setattr(robot_callback, "POLL_PATIENCE", 0.01)
    ready = asyncio.Event()

    async def slowly(message: Message, ctx: Context) -> tuple[str, Reply | None]:
        await ready.wait()
        return "slowly", CARD

    async with called(there, store, tmp_path, slowly) as bot:
        asked = there.robot.say("linxiao", "冷链", group=OFFICE)
        while len(asked.frames) < 3:
            await asyncio.sleep(0.01)
        ready.set()
        assert (await there.robot.hear(asked)).text == "第17点"
        rows = await bot.settled("sent")
    assert [row[1] for row in rows.values()] == ["inline"]
    assert {frame["stream"]["content"] for frame in asked.frames[:-1]} == {"正在查，请稍候……"}


async def test_a_poll_is_answered_by_any_replica_and_a_lost_message_ends_in_an_apology(
    there: Simulator, store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with called(there, store, tmp_path):
        asked = there.robot.say("linxiao", "冷链")
        await there.robot.hear(asked)
    async with called(there, store, tmp_path):  # another process
        assert there.robot.callback is not None
        poll = {**asked.body, "msgid": "p", "msgtype": "stream", "stream": {"id": asked.msgid}}
        found = await there.robot.callback._exchange(poll)
        assert found.reply is not None
        assert found.reply["stream"] == {"id": asked.msgid, "finish": True, "content": "您说：冷链"}
        nobody = {**poll, "stream": {"id": "nobody"}}
        waiting = (await there.robot.callback._exchange(nobody)).reply
        assert waiting is not None
        assert waiting["stream"]["finish"] is False
        monkeypatch.setattr(robot_callback, "FORGOTTEN", 0.0)
        lost = (await there.robot.callback._exchange(nobody)).reply
        assert lost is not None
        assert "请过几分钟再问一次" in lost["stream"]["content"]


async def test_what_cannot_be_stored_is_told_so(
    there: Simulator, store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(message: Message) -> object:
        raise Unavailable

    monkeypatch.setattr(robot_module, "TRY_AGAIN", (0.01,))
    async with called(there, store, tmp_path) as bot:
        monkeypatch.setattr(bot.dispatcher, "handle", never)
        assert "请过几分钟再问一次" in (await there.robot.ask("linxiao", "冷链")).text


async def test_a_click_closes_the_card_and_its_answer_goes_to_the_address(
    there: Simulator, store: Database, tmp_path: Path
) -> None:
    async def cards(message: Message, ctx: Context) -> tuple[str, Reply | None]:
        return "cards", Text(f"您点了{message.text}") if message.kind == "click" else CARD

    with capture_logs() as logs:
        async with called(there, store, tmp_path, cards) as bot:
            card = await there.robot.ask("linxiao", "冷链")
            pressed = there.robot.press("linxiao", card, "第17条")
            assert (await there.robot.hear(pressed)).text == "您点了第17条"
            await bot.settled("sent")
    assert there.robot.inbox("robot:linxiao")[0].text == "您是不是想问\n已选择：第17点"
    code = str(pressed.body["response_url"]).rpartition("=")[2]
    assert code not in str(logs), "the address is a bearer secret"
    async with store.transaction() as conn:
        left = (await conn.execute(select(robot_urls.c.url))).scalars().all()
    assert not any(code in url for url in left), "it works once"


async def test_a_push_needs_an_address_and_is_parked_without_one(
    there: Simulator, store: Database, tmp_path: Path
) -> None:
    async with called(there, store, tmp_path) as bot:
        await there.robot.ask("linxiao", "冷链", group=OFFICE)
        async with store.transaction() as conn:
            for key in ("first", "second"):
                row = outbox.Outgoing(key, "robot", OFFICE, dump(Text(key)))
                await outbox.add(conn, [(row, None)], bot.clock())
        bot.delivery.poke()
        rows = await bot.settled("sent", "parked")
    assert there.robot.inbox(OFFICE)[-1].text == "first"
    assert rows["second"][0] == "parked"
    assert "回调方式不能主动发消息" in rows["second"][2]


async def test_a_greeting_and_an_event_nobody_answers(
    there: Simulator, store: Database, tmp_path: Path
) -> None:
    async def greet(message: Message, ctx: Context) -> tuple[str, Reply | None]:
        return "greet", Text("您好") if message.event == "enter_chat" else None

    async with called(there, store, tmp_path, greet) as bot:
        greeted = there.robot.enter("linxiao")
        assert (await there.robot.hear(greeted)).text == "您好"
        feedback = {
            "msgtype": "event",
            "event": {"eventtype": "feedback_event", "feedback_event": {"type": 2}},
        }
        silent = there.robot.tell("linxiao", feedback)
        while not replies(there, silent):
            await asyncio.sleep(0.01)
        await bot.settled("sent")
    assert replies(there, greeted) == [{"msgtype": "text", "text": {"content": "您好"}}]


async def test_an_address_outside_the_domains_is_neither_called_nor_kept(
    there: Simulator, store: Database, tmp_path: Path
) -> None:
    with capture_logs() as logs:
        async with called(there, store, tmp_path) as bot:
            assert there.robot.callback is not None
            there.robot.callback.base = "https://evil.example"
            assert (await there.robot.ask("linxiao", "冷链")).text == "您说：冷链"
            await bot.settled("sent")
    assert any(line["event"] == "response address refused" for line in logs)
    assert "evil.example" not in str(logs)
    async with store.transaction() as conn:
        assert (await conn.execute(select(robot_urls))).all() == []


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ('{"errcode":0}', "sent"),
        ('{"errcode":40058,"errmsg":"used"}', "parked"),
        ("no json", "parked"),
        ("x" * 200_000, "parked"),
        (None, "parked"),  # a redirect is not followed
    ],
)
async def test_the_answer_of_an_address_is_capped_and_judged(
    there: Simulator, store: Database, tmp_path: Path, answer: str | None, state: str
) -> None:
    pem, context = certificate(tmp_path)
    asked = 0

    async def later(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        if answer is None:
            raise web.HTTPFound("https://localhost/elsewhere")
        return web.Response(text=answer)

    application = web.Application()
    application.add_routes([web.route("*", "/{any:.*}", later)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    base = f"https://localhost:{runner.addresses[0][1]}"
    async with (
        open_session(ca_file=str(pem)) as session,
        callback_bot(there, store, session=session, domains=("localhost",), base=base) as bot,
    ):
        await there.robot.ask("linxiao", "冷链", group=OFFICE)
        async with store.transaction() as conn:
            await outbox.add(
                conn, [(outbox.Outgoing("late", "robot", OFFICE, dump(Text("晚到"))), None)], bot.clock()
            )
        bot.delivery.poke()
        rows = await bot.settled("sent", "parked")
    await runner.cleanup()
    assert rows["late"][0] == state
    assert asked == 1


async def test_forgeries_learn_nothing(there: Simulator, store: Database, tmp_path: Path) -> None:
    async with called(there, store, tmp_path) as bot, aiohttp.ClientSession() as session:
        assert there.robot.callback is not None
        url, keys = there.robot.callback.url, there.robot.keys
        crypto = Crypto(keys.token, keys.aes_key, "")
        stamp = str(int(bot.clock().timestamp()))

        async def sent(
            body: str, *, stamp: str = stamp, signature: str = "", with_key: Crypto = crypto
        ) -> int:
            sealed = with_key.seal(body, "n1", stamp)
            query = {"msg_signature": signature or sealed.signature, "timestamp": stamp, "nonce": "n1"}
            data = json.dumps({"encrypt": sealed.encrypted})
            async with session.post(url, params=query, data=data) as response:
                assert await response.read() == b"" or response.status == 200
                return response.status

        other = Crypto(keys.token, keys.aes_key[::-1], "")
        owned = Crypto(keys.token, keys.aes_key, "wwsomecorp")
        assert await sent("{}", signature="0" * 40) == 403
        assert await sent("{}", stamp=str(int(stamp) - 3600)) == 403
        assert await sent("{}", with_key=owned) == 403
        assert await sent("{}", with_key=other) in (400, 403)
        assert await sent("not json") == 400
        assert await sent("[]") == 400
        assert await sent('{"msgtype":"text"}') == 400
        async with session.post(url, data=io.BytesIO(b"x" * 2_000_000)) as response:
            assert response.status == 413
        async with session.post(url, data=b"{}") as response:
            assert response.status == 400
        async with session.get(url) as response:
            assert response.status == 403
        assert (await there.robot.ask("linxiao", "冷链")).text == "您说：冷链"
        quote = {"msgtype": "text", "text": {"content": "长" * 150_000}}
        big = {**there.robot.asked[-1].body, "msgid": "big", "quote": quote}
        assert (await there.robot.callback._exchange(big)).status == 200, "longer than the app allows"
