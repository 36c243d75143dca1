"""What robots hear and say, without a connection: frames, messages, mentions, markup, addresses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.robot_socket import LONGEST_WAIT, wait_before
from bot.wecom import robot_frames, robot_render
from bot.wecom.crypto import Crypto
from bot.wecom.inbound import BadMessage
from bot.wecom.render import escaped
from bot.wecom.response_url import allowed
from bot.wecom.robot_frames import FRAME_LIMIT, BadFrame, Frame
from bot.wecom.robot_inbound import read_body, response_url, stream_id, to_message, without_mention
from storage.message import Button, Card, File, Markdown, Message, Picture, Text
from tests.conftest import MONDAY

VECTORS = json.loads((Path(__file__).parent / "data" / "vectors.json").read_text(encoding="utf-8"))
CARD = Card("您是不是想问", "回复序号即可", (Button("第17点", "第17条"),), "您是不是想问第17点")
NAME = "督办 助手"
SIGNS = list("<>@all[](){}*_`~#-+=.|&;\\!12 \t\n\r冷链ab/:&lt")
MARKUP = re.compile(
    r"[<\[\]*`|\\]|^[ \t]|^(?:[#>+-]|\d+[.)](?=\s|$))|~~|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&#?\w+;", re.M
)
JSON = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


def heard(**more: Any) -> Message:
    body = {
        "msgid": "m1", "aibotid": "aib1", "chattype": "single", "from": {"userid": "zhangsan"},
        "msgtype": "text", "text": {"content": "冷链谁牵头"},
    }  # fmt: skip
    return to_message({**body, **more}, name=NAME, received_at=MONDAY)


def in_group(text: str, **more: Any) -> Message:
    return heard(chattype="group", chatid="wrA", text={"content": text}, **more)


# -- frames -------------------------------------------------------------------------------------------------


def test_a_request_and_its_acknowledgement() -> None:
    raw = robot_frames.write("aibot_send_msg", "r1", {"chatid": "wrA"})
    assert json.loads(raw) == {
        "cmd": "aibot_send_msg",
        "headers": {"req_id": "r1"},
        "body": {"chatid": "wrA"},
    }
    assert "body" not in json.loads(robot_frames.write("ping", "r2"))
    answer = robot_frames.read('{"headers":{"req_id":"r1"},"errcode":93006,"errmsg":"invalid chatid"}')
    assert answer == Frame("r1", code=93006, detail="invalid chatid")


def test_raw_control_characters_do_not_hide_a_frame() -> None:
    raw = '{"cmd":"aibot_msg_callback",\x00"headers":{"req_id":"r"},"body":{"a":"x\x07\ny\tz"}}'
    assert robot_frames.read(raw).body == {"a": "x\ny\tz"}


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "frame_not_json"),
        ("{", "frame_not_json"),
        ("[" * 100_000, "frame_not_json"),
        ("7", "frame_without_headers"),
        ("{}", "frame_without_headers"),
        ('{"headers":7}', "frame_without_headers"),
        ('{"headers":{"req_id":""}}', "frame_without_headers"),
        ('{"headers":{"req_id":["r"]}}', "frame_without_headers"),
        ('{"headers":{"req_id":"r"},"body":"' + "x" * FRAME_LIMIT + '"}', "frame_too_large"),
    ],
)
def test_what_is_no_frame_is_named(raw: str, reason: str) -> None:
    with pytest.raises(BadFrame) as caught:
        robot_frames.read(raw)
    assert caught.value.reason == reason


@given(st.text() | st.recursive(st.none() | st.text(), lambda inner: st.lists(inner)).map(json.dumps))
def test_nothing_that_comes_raises_anything_else(raw: str) -> None:
    try:
        robot_frames.read(raw)
    except BadFrame:
        return


def test_waits_grow_with_luck_and_end_at_a_minute() -> None:
    assert [wait_before(n, 1.0) for n in range(4)] == [1.0, 2.0, 4.0, 8.0]
    assert [wait_before(n, 0.0) for n in range(2)] == [0.5, 1.0]
    assert wait_before(10_000, 1.0) == LONGEST_WAIT


# -- messages -----------------------------------------------------------------------------------------------


def test_the_published_group_message_is_understood() -> None:
    (vector,) = [v for v in VECTORS["good"] if v["id"] == "robot-text-group-at"]
    crypto = Crypto(vector["token"], vector["aes_key"], "")
    sealed = json.loads(vector["request_body"])["encrypt"]
    opened = crypto.open(vector["signature"], vector["timestamp"], vector["nonce"], sealed)
    message = to_message(read_body(opened), name="小助手", received_at=MONDAY)
    assert message.key == "robot:AIBOTID:CAIQ16HMjQYY/NGagIOAgAMgq4KM0AI="
    assert (message.channel, message.person, message.chat) == ("robot", "zhangsan", "wrkTEST0001")
    assert (message.text, message.quote) == ("本周督办事项有哪些？", "昨日通报")
    assert response_url(read_body(opened)).startswith("https://qyapi.weixin.qq.com/cgi-bin/aibot/response?")
    assert "CODE" not in repr(message), "the address is a secret and travels beside the message"


def test_the_published_poll_is_one() -> None:
    (vector,) = [v for v in VECTORS["good"] if v["id"] == "robot-stream-refresh"]
    assert stream_id(read_body(vector["plaintext"])) == "S1"
    assert stream_id({"msgtype": "text", "stream": {"id": "S1"}}) == ""


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (f"@{NAME} 冷链谁牵头", "冷链谁牵头"),
        (f"  @{NAME}\u2005冷链谁牵头", "冷链谁牵头"),
        (f"@{NAME}\u3000冷链", "冷链"),
        (f"@{NAME}冷链", "冷链"),
        (f"@{NAME}", ""),
        ("@别人 冷链", "@别人 冷链"),
        (f"冷链 @{NAME} 谁牵头", f"冷链 @{NAME} 谁牵头"),
    ],
)
def test_the_mention_that_woke_the_robot_is_taken_off(said: str, text: str) -> None:
    assert in_group(said).text == text


def test_a_robot_without_a_configured_name_takes_off_the_first_mention() -> None:
    assert without_mention("@小助手 冷链", "") == "冷链"
    assert without_mention("@小助手", "") == ""
    assert without_mention("冷链 @小助手", "") == "冷链 @小助手"


def test_in_a_private_chat_a_mention_is_words() -> None:
    assert heard(text={"content": f"@{NAME} 冷链"}).text == f"@{NAME} 冷链"


def test_every_kind_of_message() -> None:
    picture = {"msgtype": "image", "image": {"url": "https://x"}}
    words = {"msgtype": "text", "text": {"content": "谁管"}}
    assert heard(msgtype="voice", voice={"content": "冷链谁牵头"}).kind == "text"
    assert heard(msgtype="voice", voice={"content": "冷链谁牵头"}).text == "冷链谁牵头"
    assert heard(msgtype="image", image={"url": "https://x"}).kind == "image"
    assert heard(msgtype="file", file={"url": "https://x"}).kind == "file"
    assert heard(msgtype="mixed", mixed={"msg_item": [words, picture, words]}).text == "谁管\n谁管"
    assert heard(msgtype="mixed", mixed={"msg_item": [picture]}).kind == "image"
    assert heard(quote={"msgtype": "mixed", "mixed": {"msg_item": [words, picture]}}).quote == "谁管"
    assert heard(quote=picture).quote == ""
    unknown = heard(msgtype="hologram")
    assert (unknown.kind, unknown.extra["type"]) == ("unknown", "hologram")


def test_events_and_clicks() -> None:
    entered = heard(msgtype="event", event={"eventtype": "enter_chat", "enter_chat": {}})
    assert (entered.kind, entered.event) == ("event", "enter_chat")
    chosen = {"selected_item": [{"question_key": "q", "option_ids": {"option_id": ["a", "b"]}}]}
    told = {"event_key": "第17条", "task_id": "t", "card_type": "c", "selected_items": chosen}
    click = heard(msgtype="event", event={"eventtype": "template_card_event", "template_card_event": told})
    assert (click.kind, click.text, click.extra["task_id"]) == ("click", "第17条", "t")
    assert json.loads(click.extra["selected"]) == {"q": ["a", "b"]}
    assert heard(msgtype="event", event={"eventtype": "something_new"}).kind == "unknown"
    assert heard(msgtype="event", event=7).kind == "unknown"


def test_the_same_message_has_the_same_key_and_another_another() -> None:
    assert heard().key == heard().key == "robot:aib1:m1"
    assert heard(msgid="").key == heard(msgid="").key
    assert heard(msgid="").key != heard(msgid="", text={"content": "别的"}).key


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"from": {}}, "no_sender"),
        ({"from": {"userid": "x" * 65}}, "no_sender"),
        ({"msgtype": ""}, "no_type"),
        ({"chattype": "group"}, "no_chat"),
        ({"chattype": "group", "chatid": "x" * 65}, "no_chat"),
    ],
)
def test_what_is_no_message_is_named(body: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadMessage) as caught:
        heard(**body)
    assert caught.value.reason == reason


@pytest.mark.parametrize("text", ["", "[]", "7", "{", "[" * 100_000])
def test_a_body_that_is_no_object_is_named(text: str) -> None:
    with pytest.raises(BadMessage):
        read_body(text)


@given(st.dictionaries(st.sampled_from(["msgid", "msgtype", "text", "event", "quote", "chatid"]), JSON))
def test_any_body_is_a_message_or_named(body: dict[str, Any]) -> None:
    try:
        message = heard(**body)
    except BadMessage:
        return
    stored = f"{message.key}{message.text}{message.quote}{message.chat}{dict(message.extra)}"
    assert "\x00" not in stored
    stored.encode()


def test_half_characters_and_nothings_never_reach_the_database() -> None:
    message = heard(msgid="m\x00\ud800", text={"content": "冷\x00链\ud800"})
    assert message.key == "robot:aib1:m?"
    assert message.text == "冷链?"


# -- words out ----------------------------------------------------------------------------------------------


@given(st.text(alphabet=st.sampled_from(SIGNS), max_size=60))
@example("<@all> [看](http://x) **粗** `code`")
@example("3. 三\n5. 五\n- 一\n---\n> 引\n# 题")
@example("&lt;@all&gt;")
def test_no_word_of_a_person_is_markup(text: str) -> None:
    shown = escaped(text)
    assert not MARKUP.search(shown), shown
    assert escaped(shown) == shown


def test_escaped_words_still_read_the_same() -> None:
    assert escaped("要点17完成0.25万吨，zhang_san报") == "要点17完成0.25万吨，zhang_san报"
    assert escaped("3. 三\n5. 五") == "3． 三\n5． 五", "a list must not be numbered anew"
    assert escaped("<@all>请看") == "＜@all>请看"
    assert escaped("第1行\n第2行") == "第1行\n第2行"


def test_every_payload_has_its_body() -> None:
    reply = robot_render.reply(Text("<@all>"), stream_id="s", key="re:k")
    assert reply == {"msgtype": "stream", "stream": {"id": "s", "finish": True, "content": "＜@all>"}}
    assert robot_render.push(Markdown("**粗**", "粗"), key="k")["markdown"] == {"content": "粗"}
    assert robot_render.welcome(Text("您好"), key="k") == {"msgtype": "text", "text": {"content": "您好"}}
    card = robot_render.reply(CARD, stream_id="s", key="re:k")["template_card"]
    assert card["button_list"] == [{"text": "第17点", "style": 1, "key": "第17条"}]
    assert robot_render.words(Picture("/x.png", "图")) == "图"
    assert robot_render.words(File("/x", "台账.xlsx")) == "[文件] 台账.xlsx"


def test_a_click_finds_the_row_of_its_card() -> None:
    for key in ("re:robot:aib1:CAIQ16HMjQYY/NGagIOAgAMgq4KM0AI=", "k", "re:中文"):
        task = robot_render.push(CARD, key=key)["template_card"]["task_id"]
        assert re.fullmatch(r"[0-9A-Za-z_\-@]{1,128}", task)
        assert robot_render.row_of_task(task) == key
    long = robot_render.push(CARD, key="k" * 200)["template_card"]["task_id"]
    assert len(long) <= 128
    assert robot_render.row_of_task(long) == ""
    assert robot_render.row_of_task("bqw-!") == robot_render.row_of_task("bqw-gICA") == ""


def test_fields_of_a_card_never_link_or_ping() -> None:
    card = Card("<@all>", "<a href='x'>点我</a>", (Button("<@all>", "k"),), "t")
    body = robot_render.push(card, key="k")["template_card"]
    assert "<" not in json.dumps(body, ensure_ascii=False)
    assert "<" not in json.dumps(robot_render.closed_card("t", "<@all>", "<a>"), ensure_ascii=False)


@given(st.text(min_size=1, max_size=60).map(lambda part: part * 500))
def test_a_long_text_goes_in_parts_that_fit(text: str) -> None:
    for piece in robot_render.pieces(Text(text), cards=True):
        body = robot_render.reply(piece, stream_id="s", key="k")
        assert len(body["stream"]["content"].encode()) <= robot_render.CONTENT_BYTES


# -- addresses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=C", True),
        ("https://QYAPI.weixin.qq.com./x", True),
        ("https://a.qyapi.weixin.qq.com:8443/x", True),
        ("http://qyapi.weixin.qq.com/x", False),
        ("https://weixin.qq.com/x", False),
        ("https://evilqyapi.weixin.qq.com.evil.com/x", False),
        ("https://qyapi.weixin.qq.com@evil.com/x", False),
        ("https://user:pw@qyapi.weixin.qq.com/x", False),
        ("https://evil.com/qyapi.weixin.qq.com", False),
        ("https://evil.com#qyapi.weixin.qq.com", False),
        ("https://evil.com\\.qyapi.weixin.qq.com/", False),
        ("https://[::1]/x", False),
        ("https://127.0.0.1/x", False),
        ("https://qyapi.weixin.qq.com:x/", False),
        ("https://qyapi。weixin。qq。com/", False),
        ("//qyapi.weixin.qq.com/x", False),
        ("https:///x", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_only_https_under_the_known_domains_is_called(url: str, may: bool) -> None:
    assert allowed(url, ("qyapi.weixin.qq.com",)) is may


@given(st.text())
def test_any_address_is_judged(url: str) -> None:
    assert allowed(url, ("qyapi.weixin.qq.com",)) in (True, False)
    assert not allowed(url, ())
    assert not allowed(f"https://{url}", ("",))
