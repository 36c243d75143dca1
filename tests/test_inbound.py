"""What WeCom's messages and events become, and what a passive reply may carry."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wecom.inbound import (
    TEXT_LIMIT,
    BadMessage,
    clean,
    passive_text,
    to_message,
    warm_up,
)
from storage.message import Message

NOW = datetime(2024, 7, 15, 1, 0, tzinfo=UTC)
AGENT = "1000002"
EVENTS = [
    "subscribe", "unsubscribe", "enter_agent", "LOCATION", "click", "view", "view_miniprogram",
    "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin",
    "location_select", "batch_job_result", "change_contact", "open_approval_change", "share_agent_change",
    "share_chain_change", "inactive_alert", "close_inactive_agent", "reopen_inactive_agent",
    "low_active_alert", "low_active", "active_restored",
]  # fmt: skip


def body(kind: str = "text", rest: str = "", sender: str = "ZhangSan", agent: str = AGENT) -> str:
    return (
        "<xml><ToUserName><![CDATA[ww1]]></ToUserName>"
        f"<FromUserName><![CDATA[{sender}]]></FromUserName><CreateTime>1721005200</CreateTime>"
        f"<MsgType><![CDATA[{kind}]]></MsgType>{rest}<AgentID>{agent}</AgentID></xml>"
    )


def said(content: str, msg_id: str = "7") -> str:
    return body(rest=f"<Content><![CDATA[{content}]]></Content><MsgId>{msg_id}</MsgId>")


def event(name: str, rest: str = "") -> str:
    return body("event", f"<Event><![CDATA[{name}]]></Event>{rest}")


def read(xml: str) -> Message:
    return to_message(xml, agent=AGENT, received_at=NOW)


def child(xml: str, path: str) -> str:
    return ElementTree.fromstring(xml).findtext(path) or ""  # noqa: S314 - XML our own side has just written


def test_a_text_becomes_a_message() -> None:
    assert read(said("冷链哪个单位牵头？")) == Message(
        key="app:1000002:7",
        channel="app",
        person="ZhangSan",
        received_at=NOW,
        kind="text",
        text="冷链哪个单位牵头？",
        agent=AGENT,
    )


def test_the_published_texts_become_messages() -> None:
    vectors = json.loads((Path(__file__).parent / "data" / "vectors.json").read_text("utf-8"))["good"]
    plain = {vector["id"]: vector["plaintext"] for vector in vectors}
    assert read(plain["app-text-ascii"]).text == "help"
    chinese = read(plain["app-text-chinese-emoji"])
    assert (chinese.text, chinese.key) == (
        "第3项进展：已完成90% 👍\n请审核 & <确认>",
        "app:1000002:9223372036854775807",
    )
    assert read(plain["app-event-enter-agent-no-msgid"]).event == "enter_agent"
    assert read(plain["app-event-template-card-private-corpid"]).kind == "click"


def test_an_empty_text_is_still_a_message() -> None:
    assert (read(said("")).kind, read(said("")).text) == ("text", "")


def test_a_long_text_is_kept_whole_up_to_the_limit() -> None:
    assert len(read(said("长" * 5_000)).text) == 5_000
    assert len(read(said("长" * (TEXT_LIMIT + 1))).text) == TEXT_LIMIT


def test_raw_control_characters_do_not_lose_the_message() -> None:
    assert read(said("冷\x00链\x0b谁\x1b牵头\ufffe\r\n？")).text == "冷链谁牵头\n？"


def test_a_document_type_written_by_a_person_is_only_text() -> None:
    assert read(said("<!DOCTYPE html> 是什么")).text == "<!DOCTYPE html> 是什么"


@pytest.mark.parametrize(
    ("kind", "rest", "text", "extra"),
    [
        (
            "image",
            "<PicUrl>http://p</PicUrl><MediaId>m1</MediaId>",
            "",
            {"pic_url": "http://p", "media_id": "m1"},
        ),
        ("voice", "<MediaId>m2</MediaId><Format>amr</Format>", "", {"media_id": "m2", "format": "amr"}),
        (
            "video",
            "<MediaId>m3</MediaId><ThumbMediaId>t</ThumbMediaId>",
            "",
            {"media_id": "m3", "thumb_media_id": "t"},
        ),
        (
            "location",
            "<Location_X>23.66</Location_X><Location_Y>116.6</Location_Y><Scale>15</Scale><Label>潮州市湘桥区</Label>",
            "潮州市湘桥区",
            {"latitude": "23.66", "longitude": "116.6", "scale": "15"},
        ),
        (
            "link",
            "<Title>通知</Title><Description>d</Description><Url>http://u</Url>",
            "通知",
            {"description": "d", "url": "http://u"},
        ),
        (
            "file",
            "<MediaId>m4</MediaId><FileName>台账.xlsx</FileName>",
            "台账.xlsx",
            {"media_id": "m4", "file_name": "台账.xlsx"},
        ),
    ],
)
def test_each_kind_keeps_its_fields(kind: str, rest: str, text: str, extra: dict[str, str]) -> None:
    message = read(body(kind, rest + "<MsgId>8</MsgId>"))
    assert (message.kind, message.text, message.extra, message.key) == (kind, text, extra, "app:1000002:8")


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_of_the_protocol_is_known(name: str) -> None:
    message = read(event(name, "<EventKey><![CDATA[17]]></EventKey>"))
    assert (message.kind, message.event, message.text) == ("event", name.lower(), "17")


def test_a_menu_click_is_an_event_whose_text_is_its_key() -> None:
    message = read(event("CLICK", "<EventKey>我的任务</EventKey>"))
    assert (message.kind, message.event, message.text) == ("event", "click", "我的任务")


def test_a_card_click_carries_what_closing_the_card_needs() -> None:
    rest = (
        "<EventKey>确认</EventKey><TaskId>t-1</TaskId><CardType>vote_interaction</CardType>"
        "<ResponseCode>RC</ResponseCode><SelectedItems><SelectedItem><QuestionKey>q1</QuestionKey>"
        "<OptionIds><OptionId>a</OptionId><OptionId>b</OptionId></OptionIds></SelectedItem>"
        "<SelectedItem><QuestionKey>q2</QuestionKey><OptionIds><OptionId>c</OptionId></OptionIds>"
        "</SelectedItem></SelectedItems>"
    )
    message = read(event("template_card_event", rest))
    assert (message.kind, message.event, message.text) == ("click", "template_card_event", "确认")
    assert message.extra == {
        "task_id": "t-1",
        "card_type": "vote_interaction",
        "response_code": "RC",
        "selected": '{"q1": ["a", "b"], "q2": ["c"]}',
    }


def test_nested_fields_of_events_are_found() -> None:
    scan = read(
        event(
            "scancode_waitmsg",
            "<ScanCodeInfo><ScanType>qr</ScanType><ScanResult>x</ScanResult></ScanCodeInfo>",
        )
    )
    assert scan.extra == {"scan_type": "qr", "scan_result": "x"}
    place = read(event("LOCATION", "<Latitude>23.6</Latitude><Longitude>116.6</Longitude>"))
    assert place.extra == {"latitude": "23.6", "longitude": "116.6"}


@pytest.mark.parametrize("kind", ["shortvideo", "mixed", "TEXTCARD", "一种新消息"])
def test_an_unknown_type_is_named_and_never_an_error(kind: str) -> None:
    message = read(body(kind, "<MsgId>9</MsgId>"))
    assert (message.kind, message.extra["type"], message.key) == ("unknown", kind, "app:1000002:9")


def test_an_unknown_event_is_named_and_never_an_error() -> None:
    message = read(event("hologram_event"))
    assert (message.kind, message.event) == ("unknown", "hologram_event")


def test_a_retry_has_the_same_key_and_another_event_of_that_second_has_not() -> None:
    first = event(
        "template_card_event", "<EventKey>k</EventKey><TaskId>t</TaskId><ResponseCode>1</ResponseCode>"
    )
    again = event(
        "template_card_event", "<EventKey>k</EventKey><TaskId>t</TaskId><ResponseCode>2</ResponseCode>"
    )
    other = event(
        "template_card_event", "<EventKey>k</EventKey><TaskId>u</TaskId><ResponseCode>1</ResponseCode>"
    )
    assert read(first).key == read(again).key
    assert read(first).key != read(other).key


def test_two_contact_changes_of_one_second_are_two_events() -> None:
    one = event("change_contact", "<ChangeType>update_user</ChangeType><UserID>a</UserID>")
    two = event("change_contact", "<ChangeType>update_user</ChangeType><UserID>b</UserID>")
    assert read(one).key != read(two).key


def test_an_event_key_names_its_person_without_regard_to_case() -> None:
    key = read(event("enter_agent", "<EventKey></EventKey>")).key
    assert key.startswith("evt:1000002:zhangsan:1721005200:enter_agent:::")


def test_a_very_long_event_key_still_gives_a_short_unique_key() -> None:
    keys = {read(event("view", f"<EventKey>{'u' * 2000}{end}</EventKey>")).key for end in "ab"}
    assert len(keys) == 2
    assert max(map(len, keys)) < 300


def test_a_text_without_an_id_gets_a_key_of_its_content() -> None:
    one, two = (body(rest=f"<Content>{content}</Content>") for content in ("好", "不好"))
    assert read(one).key != read(two).key
    assert read(one).key.startswith("evt:1000002:zhangsan:1721005200:text:")


@pytest.mark.parametrize("agent", ["", "0", AGENT])
def test_events_of_no_app_are_ours_too(agent: str) -> None:
    assert read(body("event", "<Event>change_contact</Event>", sender="sys", agent=agent)).person == "sys"


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        ("", "not_xml"),
        ("hello", "not_xml"),
        ('{"msgtype": "text"}', "not_xml"),
        ("<xml>", "not_xml"),
        ("<xml></xml>", "not_xml"),
        ("<html><MsgType>text</MsgType></html>", "not_xml"),
        ("<xml><MsgType><a/></MsgType></xml>", "not_xml"),
        ("<xml><MsgType>text</MsgType><MsgType>text</MsgType></xml>", "not_xml"),
        ("<!DOCTYPE x><xml><MsgType>text</MsgType></xml>", "not_xml"),
        ("<xml><MsgType>text</MsgType>&undeclared;</xml>", "not_xml"),
        ("<xml><Content>x</Content></xml>", "no_type"),
        ("<xml><MsgType></MsgType><Content>x</Content></xml>", "not_xml"),
        ("<xml><MsgType>event</MsgType><FromUserName>a</FromUserName></xml>", "no_type"),
        ("<xml><MsgType>text</MsgType><Content>x</Content></xml>", "no_sender"),
        ("<xml><MsgType>text</MsgType><FromUserName><a>1</a></FromUserName></xml>", "no_sender"),
        (body(agent="1000009"), "unknown_agent"),
    ],
)
def test_a_body_that_is_no_message_for_us_is_refused(xml: str, reason: str) -> None:
    with pytest.raises(BadMessage) as refused:
        read(xml)
    assert refused.value.reason == reason


TAGS = ["xml", "MsgType", "Event", "FromUserName", "SelectedItems", "MsgId"]
PIECES = st.sampled_from(
    [
        *(f"<{tag}>" for tag in TAGS),
        *(f"</{tag}>" for tag in TAGS),
        "<![CDATA[",
        "]]>",
        "&#0;",
        "text",
        "event",
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=20))
def test_no_body_raises_anything_but_a_refusal(pieces: list[str]) -> None:
    for xml in ("".join(pieces), f"<xml><FromUserName>a</FromUserName>{''.join(pieces)}</xml>"):
        try:
            assert read(xml).key
        except BadMessage:
            continue


def test_warming_up_is_harmless() -> None:
    warm_up()


@given(st.text())
def test_a_passive_text_keeps_every_legal_character(text: str) -> None:
    xml = passive_text("zhangsan", "ww1", text, NOW)
    assert clean(child(xml, "Content")) == clean(text).replace("\ufffe", "").replace("\uffff", "")


def test_a_passive_text_cannot_be_broken_out_of() -> None:
    xml = passive_text("z]]>", "ww1", "]]></Content><MsgType>news</MsgType>]]>", NOW)
    assert child(xml, "Content") == "]]></Content><MsgType>news</MsgType>]]>"
    assert (child(xml, "MsgType"), child(xml, "ToUserName")) == ("text", "z]]>")
    assert (child(xml, "FromUserName"), child(xml, "CreateTime")) == ("ww1", "1721005200")


def test_an_illegal_character_cannot_make_the_end_mark() -> None:
    assert child(passive_text("z", "ww1", "]]\x00>", NOW), "Content") == "]]>"
