"""The simulator speaks WeCom's protocol: codes, limits, retries, faults; its crypto meets the vectors."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import cards, contents, crypto, envelope, server
from simulator.clock import SHANGHAI, Clock, Day, next_working, weekdays
from simulator.crypto import BadEnvelope, Keys
from simulator.errors import ApiError
from simulator.media import Media
from simulator.phone import NotPossible
from simulator.server import Simulator
from simulator.world import START, demo_world
from tests.browser import CONSOLE, CORP_ID, SECRET, Caller, Heard, ScriptedBot, scripted_bot, text

VECTORS = json.loads((Path(__file__).parent / "data" / "vectors.json").read_text(encoding="utf-8"))
CARD = {
    "card_type": "button_interaction",
    "task_id": "task-1",
    "main_title": {"title": "冷链库容", "desc": "请确认本期进展"},
    "button_list": [{"text": "确认", "key": "ok"}, {"text": "更正", "key": "fix", "style": 2}],
}
PAGE = Path(server.__file__).parent / "page"
CHAOAN = "wr-chaoan"
Events = asyncio.Queue[dict[str, Any] | None]
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture
async def bot() -> AsyncIterator[ScriptedBot]:
    async with scripted_bot(lambda heard: text(f"收到:{heard.fields.get('Content', '')}")) as bot:
        yield bot


@pytest.fixture
async def sim(bot: ScriptedBot) -> AsyncIterator[Simulator]:
    """A world that stands still until a test moves its clock."""
    clock = Clock(START, seconds=lambda: 0.0)
    simulator = await server.start(demo_world(), callback_url=bot.url, clock=clock, retry_delay=0, **CONSOLE)
    yield simulator
    await simulator.close()


@pytest.fixture
async def api(sim: Simulator) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        caller = Caller(sim.api_base, session)
        await caller.log_in()
        yield caller


async def seen(events: Events, **wanted: Any) -> dict[str, Any]:
    """The next event with these values."""
    while True:
        event = await events.get()
        assert event is not None
        if all(event.get(key) == value for key, value in wanted.items()):
            return event


async def act(sim: Simulator, api: Caller, name: str, body: Any, **headers: str) -> int:
    """The status with which the page's own routes answer one act."""
    async with api.session.post(f"{sim.url}/chat/{name}", json=body, headers=headers) as response:
        return response.status


# -- crypto


@pytest.mark.parametrize("vector", VECTORS["good"], ids=lambda v: v["id"])
def test_sealing_and_opening_match_the_published_vectors_byte_for_byte(vector: dict[str, str]) -> None:
    keys = Keys(vector["token"], vector["aes_key"], vector["receive_id"])
    sealed = crypto.seal(keys, vector["plaintext"], random16=vector["random16"].encode())
    assert sealed == vector["encrypted"]
    assert crypto.unseal(keys, vector["encrypted"]) == vector["plaintext"]
    signature = crypto.sign(vector["token"], vector["timestamp"], vector["nonce"], sealed)
    assert signature == vector["signature"]


@pytest.mark.parametrize("vector", VECTORS["bad"], ids=lambda v: v["id"])
def test_every_bad_vector_is_refused(vector: dict[str, Any]) -> None:
    def open_it() -> str:
        keys = Keys(vector["token"], vector["aes_key"], vector["receive_id"])
        crypto.verify(keys, vector["signature"], vector["timestamp"], vector["nonce"], vector["encrypted"])
        return crypto.unseal(keys, vector["encrypted"])

    with pytest.raises((BadEnvelope, ValueError)):
        open_it()


def test_text_cannot_break_out_of_its_element() -> None:
    nasty = "a]]></Content><Content>b\x00\x0b<!-- & <b>"
    xml = envelope.document([("Content", nasty), ("AgentID", 7)])
    assert envelope.read(xml).findtext("Content") == "a]]></Content><Content>b<!-- & <b>"
    assert envelope.read(xml).findtext("AgentID") == "7"


@pytest.mark.parametrize("body", ["<!DOCTYPE a><xml></xml>", "hello", "<xml>", "<xml></xml>", "{}"])
def test_a_reply_that_is_no_envelope_is_refused(body: str) -> None:
    with pytest.raises(BadEnvelope):
        envelope.open_reply(Keys("t", CONSOLE["aes_key"], CORP_ID), body)


# -- tokens and codes


async def test_the_token_stays_the_same_for_two_hours_of_the_demo_clock(sim: Simulator, api: Caller) -> None:
    first = await api.log_in()
    sim.clock.step(timedelta(seconds=7000))
    second = await api.log_in()
    assert (second["access_token"], second["expires_in"]) == (first["access_token"], 200)
    sim.clock.step(timedelta(seconds=200))
    assert (await api.send("linxiao", text={"content": "早"}))["errcode"] == 42001
    assert (await api.log_in())["access_token"] != first["access_token"]
    assert (await api.send("linxiao", text={"content": "早"}))["errcode"] == 0


async def test_wrong_credentials_have_their_own_codes(api: Caller) -> None:
    assert (await api.get("gettoken", corpid="ww1", corpsecret=SECRET))["errcode"] == 40013
    assert (await api.get("gettoken", corpid=CORP_ID, corpsecret="no"))["errcode"] == 40001
    api.token = ""
    assert (await api.send("linxiao", text={"content": "早"}))["errcode"] == 41001
    api.token = "made-up"
    assert (await api.send("linxiao", text={"content": "早"}))["errcode"] == 40014


@pytest.mark.parametrize(
    ("code", "body"),
    [
        (82001, {"msgtype": "text", "text": {"content": "a"}}),
        (81013, {"touser": "nobody|no-one", "msgtype": "text", "text": {"content": "a"}}),
        (40032, {"touser": "|".join(["u"] * 1001), "msgtype": "text", "text": {"content": "a"}}),
        (44004, {"touser": "linxiao", "msgtype": "text", "text": {"content": ""}}),
        (40008, {"touser": "linxiao", "msgtype": "poem", "poem": {}}),
        (40058, {"touser": "linxiao", "msgtype": "text"}),
        (45002, {"touser": "linxiao", "msgtype": "markdown", "markdown": {"content": "好" * 683}}),
        (40007, {"touser": "linxiao", "msgtype": "image", "image": {"media_id": "gone"}}),
        (45008, {"touser": "linxiao", "msgtype": "news", "news": {"articles": [{"title": "a"}] * 9}}),
        (40058, {"touser": "linxiao", "msgtype": "textcard", "textcard": {"title": "只有标题"}}),
        (301002, {"touser": "linxiao", "agentid": 1, "msgtype": "text", "text": {"content": "a"}}),
        (40056, {"touser": "linxiao", "agentid": "x", "msgtype": "text", "text": {"content": "a"}}),
    ],
)
async def test_what_wecom_refuses_gets_wecoms_code(
    sim: Simulator, api: Caller, code: int, body: dict[str, Any]
) -> None:
    reply = await api.post("message/send", {"agentid": CONSOLE["agent_id"], **body})
    assert reply["errcode"] == code
    assert "hint" in reply["errmsg"]
    assert sim.inbox("linxiao") == ()


@pytest.mark.parametrize("body", ["not json", b"\xff\xfe", "[1]", ""])
async def test_a_body_that_is_no_json_object_is_an_error_not_a_crash(api: Caller, body: str | bytes) -> None:
    url = f"{api.base}message/send?access_token={api.token}"
    async with api.session.post(url, data=body) as response:
        assert response.status == 200
        assert (await response.json())["errcode"] == 40058


async def test_part_of_the_receivers_may_be_unknown_and_case_does_not_matter(
    sim: Simulator, api: Caller
) -> None:
    reply = await api.send("LinXiao|Nobody|linxiao", toparty="999", text={"content": "早"})
    assert (reply["errcode"], reply["invaliduser"], reply["invalidparty"]) == (0, "nobody", "999")
    assert [bubble.text for bubble in sim.inbox("linxiao")] == ["早"]


async def test_everyone_or_one_department_can_be_addressed(sim: Simulator, api: Caller) -> None:
    await api.send("@all", text={"content": "全体"})
    co_op = next(d for d in sim.world.departments if d.name == "市供销社")
    await api.send("", toparty=str(co_op.id), text={"content": "供销社"})
    assert [bubble.text for bubble in sim.inbox("chenjing")] == ["全体", "供销社"]
    assert [bubble.text for bubble in sim.inbox("zhoumin")] == ["全体"]


async def test_the_prefix_of_a_gateway_stands_before_cgi_bin() -> None:
    simulator = await server.start(demo_world(), prefix="/ebus/yzyapi", **CONSOLE)
    assert simulator.api_base == f"{simulator.url}/ebus/yzyapi/cgi-bin/"
    async with aiohttp.ClientSession() as session:
        assert (await Caller(simulator.api_base, session).log_in())["errcode"] == 0
        async with session.get(f"{simulator.url}/cgi-bin/gettoken") as response:
            assert response.status == 404
    await simulator.close()


# -- limits


async def test_the_31st_message_within_a_minute_vanishes_with_errcode_0(sim: Simulator, api: Caller) -> None:
    codes = [(await api.send("linxiao", text={"content": f"第{n}条"}))["errcode"] for n in range(31)]
    assert set(codes) == {0}
    assert len(sim.inbox("linxiao")) == 30
    assert sim.journal.calls("message/send")[-1].vanished == ("linxiao",)
    await api.send("chenjing", text={"content": "别人不受影响"})
    assert len(sim.inbox("chenjing")) == 1
    sim.clock.step(timedelta(seconds=60))
    await api.send("linxiao", text={"content": "一分钟后"})
    assert sim.inbox("linxiao")[-1].text == "一分钟后"


async def test_the_1001st_message_within_an_hour_vanishes(sim: Simulator, api: Caller) -> None:
    for number in range(1001):
        if number % 30 == 0:
            sim.clock.step(timedelta(minutes=1))
        await api.send("linxiao", text={"content": str(number)})
    assert len(sim.inbox("linxiao")) == 1000
    assert sim.journal.calls("message/send")[-1].vanished == ("linxiao",)


async def test_a_text_is_cut_at_2048_bytes_and_half_a_character_is_dropped(
    sim: Simulator, api: Caller
) -> None:
    await api.send("linxiao", text={"content": "a" + "好" * 900})
    bubble = sim.inbox("linxiao")[0]
    assert bubble.text == "a" + "好" * 682
    assert bubble.cut


async def test_a_passive_reply_is_cut_at_2048_bytes_too(sim: Simulator, bot: ScriptedBot) -> None:
    bot.script = lambda heard: text("好" * 900)
    delivery = await sim.say("linxiao", "长一点")
    assert delivery.text == "好" * 682


async def test_a_repeat_is_dropped_when_the_send_asks_for_the_check(sim: Simulator, api: Caller) -> None:
    for _ in range(2):
        reply = await api.send("linxiao", text={"content": "请报进展"}, enable_duplicate_check=1)
        assert reply["errcode"] == 0
    assert len(sim.inbox("linxiao")) == 1
    assert sim.journal.calls("message/send")[-1].duplicate
    sim.clock.step(timedelta(seconds=1800))
    await api.send("linxiao", text={"content": "请报进展"}, enable_duplicate_check=1)
    await api.send("linxiao", text={"content": "请报进展"})
    assert len(sim.inbox("linxiao")) == 3


# -- kinds of messages, media, contacts


async def test_each_kind_of_message_reaches_the_person_in_words(sim: Simulator, api: Caller) -> None:
    url = "https://example.org/1"
    await api.send("linxiao", "markdown", markdown={"content": "**第17点**"})
    card = {"title": "通报", "description": '<div class="gray">7月</div>推进顺利', "url": url}
    await api.send("linxiao", "textcard", textcard=card)
    await api.send("linxiao", "news", news={"articles": [{"title": "简报", "url": url}]})
    notice = {
        "card_type": "text_notice",
        "main_title": {"title": "今日专报"},
        "emphasis_content": {"title": "3", "desc": "项待办"},
        "card_action": {"type": 1, "url": url},
    }
    await api.send("linxiao", "template_card", template_card=notice)
    words = [bubble.text for bubble in sim.inbox("linxiao")]
    assert words == ["**第17点**", "通报\n 7月 推进顺利", "简报", "今日专报\n3\n项待办"]


async def test_media_goes_up_and_comes_back_for_three_days(sim: Simulator, api: Caller) -> None:
    media_id = (await upload(api, "image", "图.png", PNG))["media_id"]
    assert (await api.send("linxiao", "image", image={"media_id": media_id}))["errcode"] == 0
    url = f"{api.base}media/get?access_token={api.token}&media_id={media_id}"
    async with api.session.get(url) as response:
        assert await response.read() == PNG
    sim.clock.step(timedelta(days=3, seconds=1))
    await api.log_in()
    assert (await api.get("media/get", access_token=api.token, media_id=media_id))["errcode"] == 40007
    async with api.session.get(f"{sim.url}/chat/media/{media_id}") as response:
        assert await response.read() == PNG, "what a person was sent stays on his phone"


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [("image", b"12345", 40009), ("image", b"GIF89a....", 40004), ("poem", PNG, 40005), ("file", b"", 40006)],
)
async def test_a_bad_upload_is_refused(api: Caller, kind: str, data: bytes, code: int) -> None:
    assert (await upload(api, kind, "x", data))["errcode"] == code


async def upload(api: Caller, kind: str, name: str, data: bytes) -> dict[str, Any]:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("media", data, filename=name, content_type="application/octet-stream")
    url = f"{api.base}media/upload?access_token={api.token}&type={kind}"
    async with api.session.post(url, data=form) as response:
        reply: dict[str, Any] = await response.json()
    return reply


async def test_contacts_can_be_read(api: Caller) -> None:
    token = {"access_token": api.token}
    chen = await api.get("user/get", userid="CHENJING", **token)
    assert (chen["name"], chen["position"]) == ("陈静", "市供销社联络员")
    assert (await api.get("user/get", userid="nobody", **token))["errcode"] == 60111
    department = str(chen["main_department"])
    people = (await api.get("user/simplelist", department_id=department, **token))["userlist"]
    assert [person["userid"] for person in people] == ["chenjing"]
    assert (await api.get("user/simplelist", department_id="999", **token))["errcode"] == 60003
    names = [d["name"] for d in (await api.get("department/list", **token))["department"]]
    assert "市供销社" in names
    assert (await api.get("getcallbackip", **token))["ip_list"] == ["127.0.0.1"]
    assert (await api.get("get_api_domain_ip", **token))["errcode"] == 0


async def test_a_message_can_be_recalled_for_a_day(sim: Simulator, api: Caller) -> None:
    first = await api.send("linxiao", text={"content": "发错了"})
    assert (await api.post("message/recall", {"msgid": first["msgid"]}))["errcode"] == 0
    assert sim.inbox("linxiao") == ()
    assert sim.chat("linxiao")[0].text == "对方撤回了一条消息"
    second = await api.send("linxiao", text={"content": "又错了"})
    sim.clock.step(timedelta(hours=24, seconds=1))
    await api.log_in()
    assert (await api.post("message/recall", {"msgid": second["msgid"]}))["errcode"] == 40058


# -- cards


async def test_a_card_button_reaches_the_bot_and_a_passive_update_closes_it(
    sim: Simulator, api: Caller, bot: ScriptedBot
) -> None:
    await api.send("linxiao|chenjing", "template_card", template_card=CARD)
    bot.script = lambda heard: (
        "<MsgType>update_button</MsgType><Button><ReplaceName>已确认</ReplaceName></Button>"
    )
    card = sim.inbox("linxiao")[0]
    delivery = await sim.phone.press("linxiao", card.id, "ok")
    assert delivery.accepted
    event = bot.heard[-1].fields
    assert (event["Event"], event["EventKey"], event["TaskId"]) == ("template_card_event", "ok", "task-1")
    assert "MsgId" not in event
    assert sim.inbox("linxiao")[0].text.endswith("[已确认]")
    assert "[确认]" in sim.inbox("chenjing")[0].text
    with pytest.raises(NotPossible):
        await sim.phone.press("linxiao", card.id, "ok")


async def test_a_passive_reply_can_bring_a_whole_new_card(
    sim: Simulator, api: Caller, bot: ScriptedBot
) -> None:
    await api.send("linxiao", "template_card", template_card=CARD)
    bot.script = lambda heard: (
        "<MsgType>update_template_card</MsgType><TemplateCard><CardType>button_interaction</CardType>"
        "<MainTitle><Title>已记下</Title></MainTitle>"
        "<HorizontalContentList><KeyName>库容</KeyName><Value>0.25万吨</Value></HorizontalContentList>"
        "<HorizontalContentList><KeyName>完成</KeyName><Value>60%</Value></HorizontalContentList>"
        "<ButtonList><Text>撤回</Text><Style>1</Style><Key>undo</Key></ButtonList></TemplateCard>"
    )
    await sim.phone.press("linxiao", sim.inbox("linxiao")[0].id, "ok")
    card = sim.inbox("linxiao")[0]
    assert card.text == "已记下\n库容 0.25万吨\n完成 60%\n[撤回]"
    assert card.body["button_list"] == [{"text": "撤回", "style": 1, "key": "undo"}]


async def test_a_response_code_updates_the_card_once(sim: Simulator, api: Caller) -> None:
    code = (await api.send("linxiao|chenjing", "template_card", template_card=CARD))["response_code"]
    change = {
        "agentid": CONSOLE["agent_id"],
        "response_code": code,
        "userids": ["LINXIAO", "zhoumin"],
        "button": {"replace_name": "已由他人处理"},
    }
    reply = await api.post("message/update_template_card", change)
    assert (reply["errcode"], reply["invaliduser"]) == (0, ["zhoumin"])
    assert sim.inbox("linxiao")[0].body["replace_text"] == "已由他人处理"
    assert "replace_text" not in sim.inbox("chenjing")[0].body
    assert (await api.post("message/update_template_card", change))["errcode"] == 40058


async def test_a_response_code_is_good_for_72_hours(sim: Simulator, api: Caller) -> None:
    code = (await api.send("linxiao", "template_card", template_card=CARD))["response_code"]
    sim.clock.step(timedelta(hours=72, seconds=1))
    await api.log_in()
    change = {"agentid": CONSOLE["agent_id"], "response_code": code, "atall": 1}
    reply = await api.post("message/update_template_card", {**change, "button": {"replace_name": "晚了"}})
    assert reply["errcode"] == 40058


async def test_the_code_of_a_click_updates_the_card_for_everyone(
    sim: Simulator, api: Caller, bot: ScriptedBot
) -> None:
    await api.send("linxiao|chenjing", "template_card", template_card=CARD)
    bot.script = lambda heard: None
    await sim.phone.press("linxiao", sim.inbox("linxiao")[0].id, "ok")
    body = {
        "agentid": CONSOLE["agent_id"],
        "atall": 1,
        "response_code": bot.heard[-1].fields["ResponseCode"],
        "template_card": CARD | {"replace_text": "林晓已确认"},
    }
    assert (await api.post("message/update_template_card", body))["errcode"] == 0
    assert sim.inbox("chenjing")[0].text.endswith("[林晓已确认]")


@pytest.mark.parametrize(
    ("code", "change"),
    [
        (42014, {"task_id": ""}),
        (42014, {"task_id": "有空格 的"}),
        (42014, {"task_id": "a" * 129}),
        (40058, {"card_type": "poster"}),
        (40058, {"main_title": {}}),
        (40058, {"button_list": []}),
        (40058, {"button_list": [{"text": "a", "key": "k"}] * 2}),
        (40058, {"button_list": [{"text": "a", "key": str(n)} for n in range(7)]}),
        (40058, {"card_type": "text_notice"}),
        (40058, {"card_type": "vote_interaction"}),
        (40058, {"card_type": "multiple_interaction"}),
    ],
)
async def test_a_bad_card_is_refused(api: Caller, code: int, change: dict[str, Any]) -> None:
    assert (await api.send("linxiao", "template_card", template_card=CARD | change))["errcode"] == code


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["title", "option_list", "button_list", "key", "text", "question_key"]), inner
        )
    ),
    max_leaves=6,
)
CARD_FIELDS = [
    "card_type", "task_id", "main_title", "source", "emphasis_content", "quote_area", "sub_title_text",
    "horizontal_content_list", "vertical_content_list", "jump_list", "card_action", "button_list",
    "button_selection", "checkbox", "select_list", "submit_button", "action_menu", "replace_text",
]  # fmt: skip


@settings(deadline=None)  # a busy machine is not a fault
@given(st.dictionaries(st.sampled_from(CARD_FIELDS), JUNK))
def test_no_card_however_odd_does_more_than_get_refused(change: dict[str, Any]) -> None:
    with contextlib.suppress(ApiError):
        content = cards.read_card(CARD | change)
        assert isinstance(content.text, str)


@settings(deadline=None)
@given(st.sampled_from(["text", "markdown", "textcard", "news", "image", "template_card", "x"]), JUNK)
def test_no_message_however_odd_does_more_than_get_refused(kind: str, part: Any) -> None:
    def no_media(_: str) -> Media:
        raise ApiError(40007, "invalid media_id")

    with contextlib.suppress(ApiError):
        contents.read({"msgtype": kind, kind: part}, no_media)


async def test_a_task_id_serves_one_card_only(api: Caller) -> None:
    assert (await api.send("linxiao", "template_card", template_card=CARD))["errcode"] == 0
    assert (await api.send("linxiao", "template_card", template_card=CARD))["errcode"] == 42014


async def test_ticked_options_reach_the_bot(sim: Simulator, api: Caller, bot: ScriptedBot) -> None:
    options = [{"id": "yes", "text": "已解决"}, {"id": "no", "text": "未解决"}]
    vote = {
        "card_type": "vote_interaction",
        "task_id": "vote-1",
        "main_title": {"title": "诉求解决了吗"},
        "checkbox": {"question_key": "q1", "mode": 0, "option_list": options},
        "submit_button": {"text": "提交", "key": "submit"},
    }
    await api.send("sumingzhu", "template_card", template_card=vote)
    await sim.phone.press("sumingzhu", sim.inbox("sumingzhu")[0].id, "submit", {"q1": ["no"]})
    chosen = envelope.read(bot.heard[-1].xml)
    assert chosen.findtext("SelectedItems/SelectedItem/QuestionKey") == "q1"
    assert chosen.findtext("SelectedItems/SelectedItem/OptionIds/OptionId") == "no"


# -- callbacks


async def test_saying_something_returns_the_passive_reply(sim: Simulator, bot: ScriptedBot) -> None:
    delivery = await sim.say("LinXiao", "冷链哪个单位牵头?")
    assert delivery.text == "收到:冷链哪个单位牵头?"
    fields = bot.heard[0].fields
    assert (fields["ToUserName"], fields["FromUserName"], fields["MsgType"]) == (CORP_ID, "linxiao", "text")
    assert (fields["MsgId"], fields["AgentID"]) == (delivery.msg_id, "1000002")
    assert int(fields["CreateTime"]) == START.timestamp()
    assert [bubble.sender for bubble in sim.chat("linxiao")] == ["person", "app"]


async def test_a_pushed_answer_counts_as_the_answer(sim: Simulator, api: Caller, bot: ScriptedBot) -> None:
    bot.script = lambda heard: None
    with sim.listen() as events:
        saying = asyncio.create_task(sim.say("linxiao", "慢慢想"))
        await seen(events, type="typing", on=False)  # the callback is over, nothing was answered yet
    await api.send("linxiao", text={"content": "想好了"})
    delivery = await saying
    assert (delivery.text, delivery.replies[0].via) == ("想好了", "push")


async def test_the_url_check_wants_the_exact_echo(sim: Simulator, bot: ScriptedBot) -> None:
    assert await sim.connect(bot.url)
    assert not await sim.connect(bot.url.replace("/wecom/app", "/elsewhere"))
    assert not await sim.connect("http://127.0.0.1:9/wecom/app")
    assert (await sim.say("linxiao", "还在")).text == "收到:还在"


async def test_a_refused_callback_comes_three_times_more_with_the_same_msgid(
    sim: Simulator, bot: ScriptedBot
) -> None:
    bot.script = lambda heard: 503
    delivery = await sim.say("linxiao", "在吗")
    assert [attempt.landing for attempt in delivery.attempts] == ["refused"] * 4
    assert [attempt.status for attempt in delivery.attempts] == [503] * 4
    assert len({heard.xml for heard in bot.heard}) == 1
    assert len({heard.sealed for heard in bot.heard}) == 4
    assert len({heard.nonce for heard in bot.heard}) == 4
    assert sim.chat("linxiao")[-1].sender == "notice"


@pytest.mark.parametrize("status", [201, 204, 302, 400])
async def test_only_http_200_ends_the_retries(sim: Simulator, bot: ScriptedBot, status: int) -> None:
    bot.script = lambda heard: status if len(bot.heard) == 1 else text("第二次")
    delivery = await sim.say("linxiao", "在吗")
    assert [attempt.landing for attempt in delivery.attempts] == ["refused", "answered"]
    assert delivery.text == "第二次"


async def test_a_bot_that_does_not_answer_in_time_is_asked_again(bot: ScriptedBot) -> None:
    impatient = await server.start(demo_world(), callback_url=bot.url, retry_delay=0, patience=0.3, **CONSOLE)
    bot.gate.clear()
    saying = asyncio.create_task(impatient.say("linxiao", "在吗"))
    await bot.hears(2)
    bot.gate.set()
    delivery = await saying
    assert delivery.attempts[0].landing == "timeout"
    assert delivery.text == "收到:在吗"
    assert len(impatient.inbox("linxiao")) == 1
    await impatient.close()


async def test_a_dead_bot_is_noticed_in_the_chat() -> None:
    simulator = await server.start(demo_world(), callback_url="http://127.0.0.1:9/", retry_delay=0, **CONSOLE)
    delivery = await simulator.say("linxiao", "有人吗")
    assert [attempt.landing for attempt in delivery.attempts] == ["unreachable"] * 4
    assert simulator.chat("linxiao")[-1].text == "机器人没有应答，这条消息没有送达"
    await simulator.phone.enter("chenjing")
    assert simulator.chat("chenjing") == ()  # nobody sent anything, so nobody is told
    await simulator.close()


async def test_without_a_bot_nothing_is_sent() -> None:
    simulator = await server.start(demo_world(), **CONSOLE)
    delivery = await simulator.say("linxiao", "有人吗")
    assert delivery.attempts == ()
    assert simulator.chat("linxiao")[-1].text == "还没有接上机器人"
    with pytest.raises(NotPossible):
        await simulator.say("nobody", "喂")
    await simulator.close()


@pytest.mark.parametrize(
    "inner",
    [
        "<MsgType>poem</MsgType>",
        "<MsgType>text</MsgType><Content></Content>",
        "<MsgType>image</MsgType><Image><MediaId>gone</MediaId></Image>",
        "<MsgType>update_button</MsgType><Button><ReplaceName>好</ReplaceName></Button>",
        "<MsgType>text",
    ],
)
async def test_a_reply_wecom_would_not_show_is_not_shown(
    sim: Simulator, bot: ScriptedBot, inner: str
) -> None:
    bot.script = lambda heard: inner
    delivery = await sim.say("linxiao", "在吗", wait=0)
    assert [attempt.landing for attempt in delivery.attempts] == ["bad_reply"]
    assert delivery.attempts[0].problem
    assert delivery.replies == ()


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ("<FromUserName>ww-another</FromUserName>", "from_is_not_the_corp"),
        ("<ToUserName>zhoumin</ToUserName>", "to_is_another_person"),
    ],
)
async def test_a_reply_under_a_wrong_name_is_not_shown(
    sim: Simulator, bot: ScriptedBot, wrong: str, problem: str
) -> None:
    bot.script = lambda heard: text("你好")
    tag = wrong[1 : wrong.index(">")]
    bot.head = lambda right: re.sub(rf"<{tag}>.*?</{tag}>", wrong, right)
    delivery = await sim.say("linxiao", "在吗", wait=0)
    assert (delivery.attempts[0].landing, delivery.attempts[0].problem) == ("bad_reply", problem)
    assert sim.inbox("zhoumin") == ()


async def test_a_reply_with_a_forged_signature_is_not_shown(sim: Simulator, bot: ScriptedBot) -> None:
    heard = Heard("", "", {"FromUserName": "linxiao"}, "")
    bot.raw = bot.reply(heard, text("你好")).replace("<TimeStamp>1721005200", "<TimeStamp>1721005201")
    delivery = await sim.say("linxiao", "在吗", wait=0)
    assert (delivery.attempts[0].landing, delivery.attempts[0].problem) == ("bad_reply", "signature_mismatch")


async def test_every_kind_of_message_and_event_has_its_fields(sim: Simulator, bot: ScriptedBot) -> None:
    await sim.phone.send_picture("linxiao", PNG)
    await sim.phone.send_voice("linxiao")
    await sim.phone.send_video("linxiao")
    await sim.phone.send_file("linxiao", b"123456", "台账.xlsx")
    await sim.phone.send_location("linxiao", 23.66, 116.62, "潮州市湘桥区")
    await sim.phone.send_link("linxiao", "简报", "https://example.org/1")
    await sim.phone.subscribe("linxiao")
    await sim.phone.enter("linxiao")
    await sim.phone.click_menu("linxiao", "help")
    await sim.phone.event("linxiao", "brand_new_event")
    fields = [heard.fields for heard in bot.heard]
    kinds = [f.get("Event") or f["MsgType"] for f in fields]
    assert kinds == [
        "image", "voice", "video", "file", "location", "link", "subscribe", "enter_agent", "click",
        "brand_new_event",
    ]  # fmt: skip
    assert fields[0]["PicUrl"].startswith(sim.url)
    assert (fields[4]["Location_X"], fields[4]["Label"]) == ("23.66", "潮州市湘桥区")
    assert fields[8]["EventKey"] == "help"
    assert all(("MsgId" in f) == ("Event" not in f) for f in fields)


# -- faults


async def test_an_expired_token_is_really_gone(sim: Simulator, api: Caller) -> None:
    sim.faults.arm("token_expired")
    before = api.token
    assert (await api.send("linxiao", text={"content": "早"}))["errcode"] == 42001
    assert (await api.send("linxiao", text={"content": "早"}))["errcode"] == 42001
    assert (await api.log_in())["access_token"] != before
    assert (await api.send("linxiao", text={"content": "早"}))["errcode"] == 0


@pytest.mark.parametrize(("kind", "code"), [("busy", -1), ("rate_limited", 45009)])
async def test_an_armed_code_strikes_as_often_as_told_and_only_there(
    sim: Simulator, api: Caller, kind: str, code: int
) -> None:
    sim.faults.arm(kind, times=2, endpoint="message/send")
    assert (await api.log_in())["errcode"] == 0
    codes = [(await api.send("linxiao", text={"content": "早"}))["errcode"] for _ in range(3)]
    assert codes == [code, code, 0]
    assert len(sim.inbox("linxiao")) == 1


async def test_a_slow_call_waits_before_anything_is_done(sim: Simulator, api: Caller) -> None:
    sim.faults.arm("slow", seconds=0.2)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await api.send("linxiao", text={"content": "早"})
    await sim.wait_for("linxiao", lambda bubble: bubble.text == "早")


async def test_a_reset_breaks_off_the_reply_and_does_nothing(sim: Simulator, api: Caller) -> None:
    sim.faults.arm("reset")
    with pytest.raises(aiohttp.ClientError):
        await api.send("linxiao", text={"content": "早"})
    assert sim.inbox("linxiao") == ()
    assert sim.journal.calls("message/send")[-1].outcome == "reset"


async def test_a_lost_reply_has_done_its_work(sim: Simulator, api: Caller) -> None:
    sim.faults.arm("reply_lost")
    with pytest.raises(aiohttp.ClientError):
        await api.send("linxiao", text={"content": "早"})
    assert [bubble.text for bubble in sim.inbox("linxiao")] == ["早"]
    assert sim.journal.calls("message/send")[-1].outcome == "reply_lost"


async def test_a_duplicate_arrives_twice_at_once_and_is_shown_once(sim: Simulator, bot: ScriptedBot) -> None:
    sim.faults.arm("duplicate")
    bot.gate.clear()
    saying = asyncio.create_task(sim.say("linxiao", "在吗"))
    await bot.hears(2)  # both are in the bot's hands before it answers either
    bot.gate.set()
    delivery = await saying
    assert [attempt.landing for attempt in delivery.attempts] == ["answered", "answered"]
    assert len({heard.fields["MsgId"] for heard in bot.heard}) == 1
    assert len(sim.inbox("linxiao")) == 1


async def test_an_ignored_answer_is_asked_for_again(sim: Simulator, bot: ScriptedBot) -> None:
    sim.faults.arm("ignored", times=2)
    delivery = await sim.say("linxiao", "在吗")
    assert [attempt.landing for attempt in delivery.attempts] == ["ignored", "ignored", "answered"]
    assert len({heard.xml for heard in bot.heard}) == 1
    assert len(sim.inbox("linxiao")) == 1


def test_an_unknown_fault_is_refused_with_the_list_of_those_there_are() -> None:
    from simulator.faults import Faults

    faults = Faults()
    with pytest.raises(ValueError, match="token_expired"):
        faults.arm("earthquake")
    with pytest.raises(ValueError, match="at least once"):
        faults.arm("busy", times=0)
    faults.arm("busy", times=2)
    faults.arm("slow")
    faults.disarm("busy")
    assert (faults.armed("busy"), faults.armed("slow")) == (0, 1)


# -- groups


async def test_a_group_message_is_seen_by_its_members_and_told_to_no_app(
    sim: Simulator, api: Caller, bot: ScriptedBot
) -> None:
    bubble = sim.phone.say_in_group("ZhengYun", CHAOAN, "请报进展")
    assert (bubble.person, bubble.sender, bubble.group) == ("zhengyun", "person", CHAOAN)
    for member in ("zhengyun", "linxiao", "wanglei"):
        assert sim.group_chat(member, CHAOAN) == (bubble,)
        assert sim.chat(member) == ()  # the chat with the app stays as it was
    assert (bot.heard, sim.journal.deliveries()) == ([], ())


async def test_a_group_is_not_there_for_who_is_not_in_it(sim: Simulator) -> None:
    for way in (sim.phone.say_in_group, lambda *told: sim.group_chat(*told[:2])):
        with pytest.raises(NotPossible):
            way("chenjing", CHAOAN, "我也看看")
    with pytest.raises(NotPossible):
        sim.phone.say_in_group("linxiao", CHAOAN.upper(), "大小写不同")
    with pytest.raises(NotPossible):
        sim.phone.say_in_group("nobody", CHAOAN, "喂")
    assert sim.group_chat("linxiao", CHAOAN) == ()


async def test_each_member_has_read_a_group_by_himself(sim: Simulator, api: Caller) -> None:
    said = sim.phone.say_in_group("wanglei", CHAOAN, "请报进展")
    assert await act(sim, api, "read", {"person": "linxiao", "group": CHAOAN, "upto": said.id}) == 200
    assert await act(sim, api, "read", {"person": "chenjing", "group": CHAOAN, "upto": said.id}) == 400
    async with api.session.get(f"{sim.url}/chat/stream") as stream:
        state = json.loads((await stream.content.readline()).removeprefix(b"data: "))
    assert state["read"]["linxiao"] == {"": 0, CHAOAN: said.id}
    assert state["read"]["zhengyun"][CHAOAN] == 0
    assert CHAOAN not in state["read"]["chenjing"]
    assert [bubble["text"] for bubble in state["chats"][CHAOAN]] == ["请报进展"]


async def test_an_app_cannot_write_to_a_group_as_to_a_person(sim: Simulator, api: Caller) -> None:
    assert (await api.send(CHAOAN, text={"content": "早"}))["errcode"] == 81013
    assert sim.group_chat("linxiao", CHAOAN) == ()


def test_the_demo_has_three_groups_of_people_who_are_there() -> None:
    world = demo_world()
    assert [group.name for group in world.groups] == ["市百千万办工作群", "潮安区百千万工作群", "政企微信群"]
    roles = [{world.person(name).role for name in group.members} for group in world.groups]  # type: ignore[union-attr]
    assert roles == [
        {"admin", "leader", "liaison"},
        {"admin", "liaison", "official"},
        {"admin", "leader", "liaison", "enterprise"},
    ]
    assert all(re.fullmatch("[0-9A-Za-z-]{1,32}", group.chatid) for group in world.groups)
    assert len({group.chatid for group in world.groups}) == 3


# -- clock, world, waiting


def test_the_clock_runs_and_can_be_set_and_stepped() -> None:
    seconds = [0.0]
    clock = Clock(START, seconds=lambda: seconds[0])
    moves: list[datetime] = []
    end = clock.watch(lambda: moves.append(clock.now()))
    seconds[0] = 90.0
    assert clock() == START + timedelta(seconds=90)
    clock.step(timedelta(hours=1))
    clock.set(datetime(2024, 12, 31, 8, 30, tzinfo=SHANGHAI))
    end()
    clock.step(timedelta(days=-1))
    assert clock.now() == datetime(2024, 12, 30, 8, 30, tzinfo=SHANGHAI)
    assert len(moves) == 2
    with pytest.raises(ValueError, match="aware"):
        clock.set(datetime(2024, 1, 1))  # noqa: DTZ001 - the mistake under test


def test_the_demo_starts_on_a_monday_morning_with_a_person_of_each_role() -> None:
    world = demo_world(["市供销社", "市发展改革局"])
    assert (START.isoformat(), START.isoweekday()) == ("2024-07-15T09:00:00+08:00", 1)
    assert {person.role for person in world.people} == {
        "official", "liaison", "leader", "admin", "enterprise"
    }  # fmt: skip
    names = [department.name for department in world.departments]
    assert names[1:3] == ["市供销社", "市发展改革局"]
    assert len(set(names)) == len(names)
    for person in world.people:
        assert person in world.members(person.department)
        assert person.examples


async def test_waiting_ends_as_soon_as_the_message_is_there(sim: Simulator, api: Caller) -> None:
    waiting = asyncio.create_task(sim.wait_for("linxiao", lambda bubble: "来了" in bubble.text))
    await api.send("linxiao", text={"content": "还没"})
    await api.send("linxiao", text={"content": "来了"})
    assert (await waiting).text == "来了"
    with pytest.raises(TimeoutError):
        await sim.wait_for("linxiao", lambda bubble: bubble.text == "没有", seconds=0)


async def test_the_journal_never_keeps_a_whole_token(sim: Simulator, api: Caller) -> None:
    await api.send("linxiao", text={"content": "早"})
    assert api.token not in repr(sim.journal.calls())
    assert SECRET not in repr(sim.journal.calls())


# -- the page's own routes


async def test_the_page_refuses_other_sites_and_bad_acts(sim: Simulator, api: Caller) -> None:
    body: Any = {"person": "linxiao", "text": "早"}
    assert await act(sim, api, "say", body, Origin="https://example.org") == 403
    assert await act(sim, api, "say", {"person": "nobody", "text": "早"}) == 400
    assert await act(sim, api, "say", {"person": "linxiao", "text": "  "}) == 400
    assert await act(sim, api, "say", {"person": "linxiao", "text": "  ", "group": CHAOAN}) == 400
    assert await act(sim, api, "say", {"person": "chenjing", "text": "早", "group": CHAOAN}) == 400
    assert await act(sim, api, "say", ["早"]) == 400
    assert await act(sim, api, "press", {"person": "linxiao"}) == 400
    assert await act(sim, api, "clock", {"now": "someday"}) == 400
    assert await act(sim, api, "faults", {"kind": "earthquake"}) == 400
    assert sim.chat("linxiao") == sim.group_chat("linxiao", CHAOAN) == ()
    assert await act(sim, api, "say", {"person": "linxiao", "text": "早", "group": CHAOAN}) == 200
    assert [bubble.text for bubble in sim.group_chat("wanglei", CHAOAN)] == ["早"]
    assert await act(sim, api, "clock", {"now": "2024-09-02T08:30"}) == 200
    assert sim.clock.now() == datetime(2024, 9, 2, 8, 30, tzinfo=SHANGHAI)


async def test_a_picture_is_served_as_a_picture_only_when_it_is_one(sim: Simulator, api: Caller) -> None:
    url = f"{sim.url}/chat/picture?person=linxiao&name=evil.html"
    with sim.listen() as events:
        async with api.session.post(url, data=b"<script>alert(1)</script>") as response:
            assert response.status == 200
        await seen(events, type="bubble")
    media = f"{sim.url}/chat/media/{sim.chat('linxiao')[0].body['media_id']}"
    async with api.session.get(media) as response:
        assert response.content_type == "application/octet-stream"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "script-src" not in response.headers["Content-Security-Policy"]


async def test_the_page_is_small_and_allows_nothing_from_elsewhere(sim: Simulator, api: Caller) -> None:
    async with api.session.get(f"{sim.url}/") as response:
        policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    html = (PAGE / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=|https?://", html) == []
    assert sum(path.stat().st_size for path in PAGE.iterdir()) < 80_000
    for path in PAGE.glob("*.js"):
        assert "innerHTML" not in path.read_text(encoding="utf-8").replace("no innerHTML", "")


def test_the_next_working_morning_lies_behind_weekends_and_holidays() -> None:
    holiday = date(2024, 9, 17)  # Mid-Autumn, a Tuesday

    def calendar(day: date) -> Day:
        return Day(False, "节假日") if day == holiday else weekdays(day)

    def after(day: int, hour: int) -> datetime:
        return next_working(datetime(2024, 9, day, hour, tzinfo=SHANGHAI), calendar)

    assert after(13, 8) == datetime(2024, 9, 13, 9, tzinfo=SHANGHAI)  # a Friday, before work
    assert after(13, 9) == datetime(2024, 9, 16, 9, tzinfo=SHANGHAI)
    assert after(16, 10) == datetime(2024, 9, 18, 9, tzinfo=SHANGHAI)
    moment = datetime(2024, 9, 13, tzinfo=SHANGHAI)
    assert next_working(moment, lambda day: Day(False, "休息日")) == moment
