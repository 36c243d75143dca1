"""The self-built app's door, through a WeCom of our own: dialogues, retries, forgeries, faults."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from bot.wecom.crypto import Crypto
from storage import outbox
from storage.message import Button, Card, Text, dump
from storage.tables import inbox
from storage.tables import outbox as outbox_table
from tests.town import Town, replies, town


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Town]:
    async with town(database_url) as found:
        yield found


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Town]:
    """On SQLite only: for what has nothing to do with the database."""
    async with town(f"sqlite:///{tmp_path / 'bqw.db'}") as found:
        yield found


async def rows(place: Town, table: Any) -> int:
    async with place.bot.database.transaction() as conn:
        return int((await conn.execute(select(func.count()).select_from(table))).scalar_one())


# -- people talk ------------------------------------------------------------------------------------------


async def test_an_official_asks_who_leads_cold_chain(here: Town) -> None:
    await here.dialogue(
        "linxiao",
        ("冷链哪个单位牵头?", "市供销社|建议|待市百千万办确认|17|新增投产冷库库容0.25万吨"),
        ("which unit leads cold chain?", "Point 17|市供销社|not yet confirmed|新增投产冷库库容0.25万吨"),
        ("第17条", "推动基础设施提能升级"),
    )


async def test_a_person_is_greeted_once_a_month_and_not_at_every_opening(office: Town) -> None:
    first = await office.wecom.phone.enter("linxiao")
    office.wecom.clock.step(timedelta(minutes=1))
    again = await office.wecom.phone.enter("linxiao")
    assert "您好，我是百千万督办助手" in first.replies[0].text
    assert again.accepted
    assert again.replies == ()
    await office.dialogue("linxiao", ("冷链哪个单位牵头?", "市供销社"))
    assert (await office.wecom.phone.enter("linxiao")).replies == ()
    office.wecom.clock.step(timedelta(days=31))
    assert (await office.wecom.phone.enter("linxiao")).replies != ()


async def test_a_new_member_is_greeted(office: Town) -> None:
    assert "百千万督办助手" in (await office.wecom.phone.subscribe("chenjing")).replies[0].text


async def test_the_greeting_begins_with_what_this_person_will_want(office: Town) -> None:
    said = {
        who: (await office.wecom.phone.enter(who)).replies[0].text
        for who in ("linxiao", "huangwei", "zhoumin", "wanglei")
    }
    assert "冷链哪个单位牵头" in said["linxiao"]
    assert "我的任务" in said["huangwei"]
    assert "今日专报" in said["zhoumin"]
    assert "报送情况" in said["wanglei"]


async def test_the_menu_says_what_a_person_could_have_typed(office: Town) -> None:
    for entry in office.wecom.world.menu:
        delivery = await office.wecom.phone.click_menu("linxiao", entry.key)
        assert delivery.replies, f"nothing answered to the menu entry {entry.label}"


@pytest.mark.parametrize("event", ["unsubscribe", "view", "location_select", "something_new"])
async def test_an_event_that_asks_nothing_is_acknowledged_in_silence(office: Town, event: str) -> None:
    delivery = await office.wecom.phone.event("linxiao", event, [("EventKey", "https://example.invalid")])
    assert delivery.accepted
    assert delivery.replies == ()
    async with aiohttp.ClientSession() as session, session.get(f"{office.bot.url}/metrics") as answer:
        page = await answer.text()
    assert ('bqw_unknown_types_total{name="something_new"} 1.0' in page) == (event == "something_new")


async def test_what_is_not_text_gets_a_useful_sentence(office: Town) -> None:
    phone = office.wecom.phone
    for delivery, word in (
        (await phone.send_picture("linxiao", b"\x89PNG....."), "图片"),
        (await phone.send_voice("linxiao"), "语音"),
        (await phone.send_video("linxiao"), "视频"),
        (await phone.send_file("linxiao", b"%PDF-1.4", "通知.pdf"), "文件"),
        (await phone.send_location("linxiao", 23.6, 116.6, "潮州市湘桥区"), "位置"),
        (await phone.send_link("linxiao", "一个链接", "https://example.invalid"), "链接"),
    ):
        assert word in delivery.text
        assert len(delivery.text) > 15


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \u3000\n",
        "😀😀👍🏽",
        "\x07\x08冷链\x00谁牵头",
        "冷链" * 2500,
        "?",
        "]]>",
        "<a href='x'>点我</a>",
    ],
)
async def test_odd_words_get_a_kind_sentence(office: Town, text: str) -> None:
    delivery = await office.wecom.say("linxiao", text)
    assert delivery.accepted
    assert delivery.text.strip()
    assert all(len(bubble.text.encode()) <= 2048 for bubble in delivery.replies)
    assert "Error" not in delivery.text
    assert "Traceback" not in delivery.text


async def test_only_the_office_reads_the_questions_nobody_could_answer(office: Town) -> None:
    await office.dialogue("linxiao", ("今天潮州天气怎么样", ""), ("没答上的问题", "由市百千万办管理员查看"))
    answer = await office.hears("wanglei", "没答上的问题")
    assert "今天潮州天气怎么样" in answer


# -- WeCom delivers again ---------------------------------------------------------------------------------


async def test_a_reply_that_was_lost_is_given_again_and_nothing_runs_twice(here: Town) -> None:
    here.wecom.faults.arm("ignored", times=2)
    delivery = await here.wecom.say("linxiao", "冷链哪个单位牵头?")
    assert len(delivery.attempts) == 3
    contents = {re.sub(r"<CreateTime>\d+", "", reply) for reply in replies(delivery)}
    assert len(contents) == 1
    assert await rows(here, inbox) == await rows(here, outbox_table) == 1


async def test_a_message_delivered_twice_in_parallel_has_one_effect(here: Town) -> None:
    here.wecom.faults.arm("duplicate")
    delivery = await here.wecom.say("linxiao", "冷链哪个单位牵头?")
    assert len(delivery.attempts) == 2
    assert all(attempt.accepted for attempt in delivery.attempts)
    assert await rows(here, inbox) == await rows(here, outbox_table) == 1


async def test_an_answer_given_inline_is_not_pushed_as_well(here: Town) -> None:
    await here.wecom.say("linxiao", "冷链哪个单位牵头?")
    await outbox_is(here, {"sent"})
    here.wecom.clock.step(timedelta(minutes=5))
    here.bot.delivery.poke()
    await here.wecom.say("linxiao", "第17条")
    await outbox_is(here, {"sent"})
    assert here.wecom.journal.calls("message/send") == ()


async def outbox_is(place: Town, states: set[str]) -> None:
    async with asyncio.timeout(20):
        while True:
            async with place.bot.database.transaction() as conn:
                found = {row.state for row in await conn.execute(select(outbox_table.c.state))}
            if found == states:
                return
            place.bot.delivery.poke()
            await asyncio.sleep(0.01)


async def test_the_api_being_dead_does_not_delay_an_answer(office: Town) -> None:
    office.wecom.faults.arm("slow", times=50, seconds=30)
    began = asyncio.get_running_loop().time()
    answers = await asyncio.gather(*(office.hears("linxiao", "冷链哪个单位牵头?") for _ in range(50)))
    assert asyncio.get_running_loop().time() - began < 4
    assert all("市供销社" in answer for answer in answers)


# -- pushes, and what WeCom may do to them ----------------------------------------------------------------


async def push(place: Town, payload: Text | Card, key: str = "push") -> None:
    async with place.bot.database.transaction() as conn:
        row = outbox.Outgoing(key=key, channel="app", target="linxiao", payload=dump(payload))
        await outbox.add(conn, [(row, None)], place.wecom.clock.now())
    place.bot.delivery.poke()


async def arrives(place: Town, times: int = 1) -> None:
    """Moves the clock on whenever a row waits for its next try, until everything has left."""
    async with asyncio.timeout(30):
        while True:
            async with place.bot.database.transaction() as conn:
                found = [(row.state, row.next_at) for row in await conn.execute(select(outbox_table))]
            if all(state in ("sent", "parked") for state, _ in found):
                break
            later = [at for state, at in found if state == "queued" and at > place.wecom.clock.now()]
            if later:
                place.wecom.clock.set(min(later))
            place.bot.delivery.poke()
            await asyncio.sleep(0.01)
    assert [state for state, _ in found] == ["sent"] * times


@pytest.mark.parametrize("fault", ["token_expired", "busy", "rate_limited", "reset", "reply_lost"])
async def test_a_push_survives_what_wecom_does_to_it_and_arrives_once(office: Town, fault: str) -> None:
    office.wecom.faults.arm(fault, endpoint="message/send")
    await push(office, Text("今日专报"))
    await arrives(office)
    assert [bubble.text for bubble in office.wecom.inbox("linxiao")] == ["今日专报"]
    if fault == "token_expired":
        assert len(office.wecom.journal.calls("gettoken")) == 2


async def test_the_same_words_twice_are_two_messages(office: Town) -> None:
    await push(office, Text("今日专报"), "one")
    await push(office, Text("今日专报"), "two")
    office.wecom.faults.arm("busy", endpoint="message/send")
    await arrives(office, times=2)
    assert [bubble.text for bubble in office.wecom.inbox("linxiao")] == ["今日专报"] * 2


async def test_a_person_wecom_leaves_out_is_not_taken_for_served(office: Town) -> None:
    async with office.bot.database.transaction() as conn:
        row = outbox.Outgoing("k", "app", "nobody", dump(Text("您好")))
        await outbox.add(conn, [(row, None)], office.wecom.clock.now())
    office.bot.delivery.poke()
    await outbox_is(office, {"parked", "queued"})  # the line that tells the admins waits for 09:10


async def test_a_card_is_pushed_its_button_answers_and_it_closes(office: Town) -> None:
    question = Card("您是不是想问", "1. 冷链", (Button("冷链", "冷链哪个单位牵头?"),), "您是不是想问 1. 冷链")
    await push(office, question)
    card = await office.wecom.wait_for("linxiao", lambda bubble: bubble.kind == "template_card")
    pressed = await office.wecom.phone.press("linxiao", card.id, "冷链哪个单位牵头?")
    assert "市供销社" in pressed.text
    await arrives(office, times=3)
    closed = next(bubble for bubble in office.wecom.inbox("linxiao") if bubble.id == card.id)
    assert "已选择" in str(closed.body)


async def test_a_thousand_words_arrive_whole_and_in_order(office: Town) -> None:
    lines = "\n".join(f"{number}、推进“四好农村路”提档升级,新改建农村公路。" for number in range(100))
    from bot.channels.app import AppChannel
    from storage.message import Message

    message = Message("k", "app", "linxiao", office.wecom.clock.now())
    parts = AppChannel(cards=True).payloads(message, Text(lines))
    async with office.bot.database.transaction() as conn:
        keys = [f"long:{number}" for number in range(len(parts))]
        for key, before, part in zip(keys, [None, *keys], parts, strict=False):
            row = outbox.Outgoing(key=key, channel="app", target="linxiao", payload=dump(part), after=before)
            await outbox.add(conn, [(row, None)], office.wecom.clock.now())
    await arrives(office, times=len(parts))
    read = office.wecom.inbox("linxiao")
    assert not any(bubble.cut for bubble in read)
    whole = "".join(re.sub(r"^（\d+/\d+）", "", bubble.text) for bubble in read)
    assert [line.strip() for line in whole.splitlines()] == lines.splitlines()


# -- forgeries --------------------------------------------------------------------------------------------


class Forger:
    """Knows the protocol, and each secret unless told otherwise."""

    def __init__(self, place: Town) -> None:
        app = place.wecom._corp.app
        self.place, self.app = place, app
        self.crypto = Crypto(app.keys.token, app.keys.aes_key, app.corp_id)
        self.now = place.wecom.clock.now()

    def xml(self, **more: str) -> str:
        fields = {
            "ToUserName": self.app.corp_id, "FromUserName": "linxiao", "CreateTime": "1720999999",
            "MsgType": "text", "Content": "冷链哪个单位牵头?", "MsgId": "70001",
            "AgentID": str(self.app.agent_id), **more,
        }  # fmt: skip
        return "<xml>" + "".join(f"<{name}>{value}</{name}>" for name, value in fields.items()) + "</xml>"

    async def post(
        self,
        xml: str = "",
        *,
        at: datetime | None = None,
        crypto: Crypto | None = None,
        body: bytes | None = None,
        agent: str | None = None,
        query: dict[str, str] | None = None,
        packed: bool = False,
    ) -> tuple[int, bytes]:
        stamp = str(int((at or self.now).timestamp()))
        sealed = (crypto or self.crypto).seal(xml or self.xml(), "nonce1", stamp)
        shown = str(self.app.agent_id) if agent is None else agent
        inside = f"<AgentID>{shown}</AgentID><Encrypt>{sealed.encrypted}</Encrypt>"
        envelope = f"<xml><ToUserName>x</ToUserName>{inside}</xml>"
        asked = {"msg_signature": sealed.signature, "timestamp": stamp, "nonce": "nonce1", **(query or {})}
        url = f"{self.place.bot.url}/wecom/app"
        async with aiohttp.ClientSession() as session:
            data = envelope.encode() if body is None else body
            headers = {"Content-Encoding": "gzip"} if packed else {}
            async with session.post(url, params=asked, data=data, headers=headers) as answer:
                return answer.status, await answer.read()


async def test_a_forger_who_knows_everything_is_let_in(office: Town) -> None:
    """Otherwise the refusals below would prove nothing."""
    status, body = await Forger(office).post()
    assert status == 200
    assert b"<Encrypt>" in body


async def test_forged_and_broken_callbacks_get_4xx_an_empty_body_and_one_log_line(office: Town) -> None:
    forger = Forger(office)
    keys = forger.app.keys
    other_corp = Crypto(keys.token, keys.aes_key, "ww-somebody-else")
    other_key = Crypto(keys.token, "x" * 43, forger.app.corp_id)
    day = timedelta(days=1)
    cases: dict[str, tuple[tuple[int, bytes], int]] = {}
    with capture_logs() as logged:
        attempts = {
            "signature": (forger.post(query={"msg_signature": "0" * 40}), 403),
            "stale": (forger.post(at=forger.now - day), 403),
            "from the future": (forger.post(at=forger.now + day), 403),
            "no time": (forger.post(query={"timestamp": "soon"}), 403),
            "receiveid": (forger.post(crypto=other_corp), 403),
            "another key": (forger.post(crypto=other_key), 400),
            "unknown agent": (forger.post(agent="999"), 403),
            "agent inside": (forger.post(forger.xml(AgentID="999")), 403),
            "no parameters": (forger.post(query={"nonce": ""}), 400),
            "oversized": (forger.post(body=b"<xml>" + b"x" * 100_000), 413),
            "not xml": (forger.post(body=b"hello"), 400),
            "empty": (forger.post(body=b""), 400),
            "doctype": (
                forger.post(body=b"<!DOCTYPE x [<!ENTITY a 'b'>]><xml><Encrypt>&a;</Encrypt></xml>"),
                400,
            ),
            "no encrypt": (forger.post(body=b"<xml><ToUserName>x</ToUserName></xml>"), 400),
            "not base64": (forger.post(body=b"<xml><Encrypt>@@@</Encrypt></xml>"), 403),
            "deep": (forger.post(body=b"<xml>" + b"<a>" * 20_000), 400),
            "inside no xml": (forger.post("hello"), 400),
            "inside doctype": (forger.post("<!DOCTYPE x><xml><MsgType>text</MsgType></xml>"), 400),
        }
        for name, (attempt, expected) in attempts.items():
            cases[name] = (await attempt, expected)
    wrong = {name: got for name, (got, expected) in cases.items() if got != (expected, b"")}
    assert wrong == {}
    refused = [line for line in logged if line["event"] == "callback refused"]
    assert len(refused) == len(cases)
    assert "exc_info" not in str(logged)
    assert keys.token not in str(logged)
    assert await rows(office, inbox) == 0


async def test_wrong_paths_methods_and_packed_bodies_learn_nothing(office: Town) -> None:
    url = f"{office.bot.url}/wecom/app"
    async with aiohttp.ClientSession() as session:
        for method, where, status in (
            ("PUT", url, 405),
            ("DELETE", url, 405),
            ("GET", f"{office.bot.url}/wecom/none", 404),
            ("POST", f"{office.bot.url}/", 404),
        ):
            async with session.request(method, where) as answer:
                assert (answer.status, await answer.read()) == (status, b"")
    forger = Forger(office)
    assert await forger.post(body=b"\x1f\x8b junk", packed=True) == (400, b"")
    deep = forger.xml(MsgType="event", Event="view", MsgId="", EventKey="<a>" * 3000 + "</a>" * 3000)
    assert await forger.post(deep) == (400, b"")


async def test_a_url_is_verified_only_with_the_right_signature(office: Town) -> None:
    assert await office.wecom.connect(f"{office.bot.url}/wecom/app")
    forger = Forger(office)
    stamp = str(int(forger.now.timestamp()))
    sealed = forger.crypto.seal("12345", "n", stamp)
    query = {"msg_signature": sealed.signature, "timestamp": stamp, "nonce": "n", "echostr": sealed.encrypted}
    url = f"{office.bot.url}/wecom/app"
    async with aiohttp.ClientSession() as session:
        async with session.get(url, params=query) as answer:
            assert (answer.status, await answer.read()) == (200, b"12345")
        query["msg_signature"] = "0123456789abcdef" * 2 + "01234567"
        async with session.get(url, params=query) as answer:
            assert (answer.status, await answer.read()) == (403, b"")
        async with session.get(url) as answer:
            assert (answer.status, await answer.read()) == (403, b"")


async def test_a_locked_database_is_not_ready_and_says_so_soon(office: Town) -> None:
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession() as session:
        async with office.bot.database.transaction():
            began = loop.time()
            async with session.get(f"{office.bot.url}/readyz") as answer:
                assert (answer.status, await answer.text()) == (503, "database\n")
            assert loop.time() - began < 5
            async with session.get(f"{office.bot.url}/healthz") as answer:
                assert answer.status == 200
        async with asyncio.timeout(20):
            while True:
                async with session.get(f"{office.bot.url}/readyz") as answer:
                    if answer.status == 200:
                        return


async def test_health_pages_tell_the_truth(office: Town) -> None:
    async with aiohttp.ClientSession() as session:
        for page in ("healthz", "readyz"):
            async with session.get(f"{office.bot.url}/{page}") as answer:
                assert (answer.status, await answer.text()) == (200, "ok\n")
        await office.hears("linxiao", "冷链哪个单位牵头?")
        async with session.get(f"{office.bot.url}/metrics") as answer:
            page = await answer.text()
    assert 'bqw_messages_total{channel="app",kind="text",outcome="ask"} 1.0' in page
    assert "冷链" not in page
