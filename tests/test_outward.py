"""What goes out to groups and firms, and what comes in from 微信客服: pure parts, and hostile words."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app import make_client, make_kf_client
from bot.channels.kf import KfChannel
from bot.channels.slices import Groups, Kf, webhook_keys
from bot.settings import App, Settings, SettingsError, load
from bot.wecom import groups, kf
from bot.wecom.client import open_session
from bot.wecom.errors import Rejected
from bot.wecom.kf_inbound import to_message
from bot.wecom.tokens import MemoryTable
from handlers.context import UserError
from handlers.groups import purpose_of
from handlers.turn import Knowing
from storage.masking import masked
from storage.message import Button, Card, CardUpdate, HandOver, Message, OnEvent, Ping, Text, dump
from storage.message import load as read
from tests.conftest import MONDAY

KEY = "0f3a5b7c-1111-2222-3333-444455556666"
URL = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"
MARKUP = st.text(alphabet="<>@/ aAlL所有人全体href=\"'[]()*`\n", max_size=60)


@given(MARKUP)
def test_no_words_ping_or_link_in_a_group(words: str) -> None:
    for body in groups.bodies(Text(words or "x")):
        content = body["text"]["content"]
        assert "<@" not in content
        assert not re.search(r"<\s*/?\s*a\b", content, re.IGNORECASE)
        assert "@all" not in content.lower()
        assert "@所有人" not in content
        assert "mentioned_list" not in body["text"]


def test_a_ping_names_people_once_and_never_everybody() -> None:
    (body,) = groups.bodies(Ping("请看", ("chenjing", "@all", "a|b", "chenjing", "ALL", "所有人")))
    assert body["text"]["mentioned_list"] == ["chenjing"]
    first, second = groups.bodies(Ping("长" * 700, ("chenjing",)))
    assert first["text"]["mentioned_list"] == ["chenjing"]
    assert "mentioned_list" not in second["text"]
    with pytest.raises(Rejected):
        groups.bodies(HandOver("wanglei"))


@pytest.mark.parametrize(
    "form",
    [
        Ping("请看", ("chenjing", "huangwei")),
        OnEvent("code", "您好"),
        HandOver(""),
        Card("题", "文", (Button("好", "k"),), "文"),
    ],
)
def test_the_new_forms_survive_the_outbox(form: Any) -> None:
    assert read(dump(form)) == form


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ((f"工作群={URL}", "政企=ffffffff-1111-2222-3333-444455556666"), None),
        ((URL,), "没有名称"),
        (("工作群=abc",), "“工作群”等号后面不是"),
        ((f"={KEY}",), "没有名称"),
        ((f"工作群={KEY}", f"政企={URL}"), "同一个机器人"),
        ((f"工作群={KEY}", "工作群=ffffffff-1111-2222-3333-444455556666"), "名称有重复：工作群"),
    ],
)
def test_webhooks_in_the_settings_are_checked_without_showing_a_key(
    tmp_path: Any, lines: tuple[str, ...], wrong: str | None
) -> None:
    (tmp_path / "hooks").write_text("\n".join(lines), encoding="utf-8")
    file = tmp_path / "config.toml"
    file.write_text('[groups]\nenabled = true\nwebhooks_file = "hooks"\n', encoding="utf-8")
    if wrong is None:
        made = load(file, {}).groups
        assert made.keys == {"工作群": KEY, "政企": "ffffffff-1111-2222-3333-444455556666"}
        assert KEY not in repr(made)
        return
    with pytest.raises(SettingsError) as refused:
        load(file, {})
    assert wrong in str(refused.value)
    assert KEY not in str(refused.value)


def test_what_is_wrong_in_kf_is_named() -> None:
    with pytest.raises(SettingsError) as refused:
        load(None, {"BQW_KF_SERVICERS": "@all", "BQW_KF_PER_MESSAGE": "6", "BQW_KF_ACCOUNTS": "wk 1"})
    told = str(refused.value)
    assert "不是成员账号" in told
    assert "应在 1 到 5 之间" in told
    assert "不是客服账号 ID" in told


def test_webhook_addresses_and_keys_are_read_alike() -> None:
    assert webhook_keys([f"a={URL}", f"b = {KEY} ", "c", "d=<key>"]) == {"a": KEY, "b": KEY}
    assert Groups().keys == {}


@given(st.text(max_size=80))
def test_masking_leaves_other_words_alone(words: str) -> None:
    assert KEY not in masked(f"{words}{URL}{words}")
    if "key=" not in words and words.count("-") < 4:
        assert masked(words) == words


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
ENTRY = st.fixed_dictionaries(
    {},
    optional={
        "msgid": JSON, "send_time": JSON, "origin": JSON, "external_userid": JSON,
        "msgtype": st.sampled_from(["text", "event", "image", "location", "link", "other"]) | JSON,
        "text": JSON, "event": JSON, "image": JSON, "location": JSON, "link": JSON,
    },
)  # fmt: skip


@given(ENTRY)
def test_any_entry_of_the_log_is_a_message_or_none(entry: dict[str, Any]) -> None:
    message = to_message(entry, "wk1")
    if message is not None:
        assert (message.channel, message.chat) == ("kf", "wk1")
        assert 0 < len(message.person) <= 64
        assert message.received_at.tzinfo is not None


def test_buttons_become_lines_to_touch_and_an_event_is_answered_against_its_code() -> None:
    said = Message("kf:1", "kf", "wmA", MONDAY, chat="wk1")
    card = Card("您是不是想问", "选一个", (Button("第17点", "第17条"), Button("都不是", "都不是")), "文字")
    assert KfChannel().payloads(said, card) == (card,)
    body = kf.menu_body(card)
    assert body is not None
    assert body["msgmenu"]["list"][0] == {"type": "click", "click": {"id": "第17条", "content": "第17点"}}
    long = Card("题", "长" * 400, (Button("好", "k"),), "全文")
    assert KfChannel().payloads(said, long) == (Text("全文"),)
    event = Message("kf:2", "kf", "wmA", MONDAY, kind="event", chat="wk1", extra={"welcome_code": "c"})
    assert KfChannel().payloads(event, Text("您好")) == (OnEvent("c", "您好"),)
    assert not KfChannel().inline(Text("您好"))
    assert (said.answer_to, said.outside) == ("wmA", True)
    assert isinstance(read(dump(CardUpdate("r", "已选择"))), CardUpdate)


async def test_kfs_own_secret_has_a_token_of_its_own() -> None:
    """A token of the app cannot serve an account that was granted to 微信客服's secret."""
    asked: list[str] = []

    class Table(MemoryTable):
        async def get(self, key: str) -> tuple[str, datetime] | None:
            asked.append(key)
            return "token", MONDAY + timedelta(hours=1)

    table = Table()
    app = App(corp_id="ww1", agent_id=1000002, secret="s1")
    async with open_session() as session:
        client = make_client(app, session, table, lambda: MONDAY)
        settings = Settings(app=app)
        assert make_kf_client(settings, client, session, table, lambda: MONDAY) is client
        own = replace(settings, kf=Kf(enabled=True, secret="s2"))
        other = make_kf_client(own, client, session, table, lambda: MONDAY)
        await client.check()
        await other.check()
    assert len(set(asked)) == 2


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("办公室", ("headquarters", "")),
        ("指挥部", ("headquarters", "")),
        ("市百千万办工作群", ("headquarters", "")),
        ("潮安区", ("county", "潮安区")),
        ("县区 饶平县", ("county", "饶平县")),
        ("湘桥百千万工作群", ("county", "湘桥区")),
        ("产业发展专班", ("task_force", "1")),
        ("专班 人居环境", ("task_force", "2")),
        ("第三部分专班", ("task_force", "3")),
        ("政企", ("firms", "")),
        ("政企微信群", ("firms", "")),
    ],
)
def test_the_purpose_of_a_group_is_read_from_its_words(
    knows: Knowing, words: str, meant: tuple[str, str]
) -> None:
    assert purpose_of(words, knows.book) == meant


@pytest.mark.parametrize("words", ["同学群", "第九部分专班", "天气专班"])
def test_an_unclear_purpose_is_asked_about(knows: Knowing, words: str) -> None:
    with pytest.raises(UserError, match="用途"):
        purpose_of(words, knows.book)
