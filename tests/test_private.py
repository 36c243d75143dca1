"""A private deployment: every request signed for the gateway, and text where there are no cards."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest
from sqlalchemy import select

from bot.tenant import Gateway, Tenant
from bot.wecom import answers
from bot.wecom.client import Client, open_session
from bot.wecom.errors import ConfigError, Rejected, RetryLater, Unsupported, WeComError
from bot.wecom.signing import TifSigner
from bot.wecom.tokens import MemoryTable, TokenStore
from simulator import server
from simulator import tenant as simulated
from simulator.server import Simulator
from simulator.world import Group, demo_world
from storage.tables import outbox
from tests.conftest import MONDAY
from tests.town import Town, town

PAAS, KEY = "yzy_test", "pa4sToken"
CONSOLE: dict[str, Any] = {
    "corp_id": "wl0test0chaozhou00",
    "agent_id": 1000002,
    "secret": "s3cret",
    "token": "tokenTest01",
    "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}


# -- the signature ------------------------------------------------------------------------------------------


def test_the_signature_is_the_key_between_two_timestamps_and_a_nonce() -> None:
    signer = TifSigner(PAAS, KEY, nonce=lambda: "n0nce")
    assert signer.headers("GET", "gettoken", MONDAY) == {
        "x-tif-paasid": PAAS,
        "x-tif-timestamp": "1721005200",
        "x-tif-nonce": "n0nce",
        # printf '%s' '1721005200pa4sTokenn0nce1721005200' | sha256sum
        "x-tif-signature": "811be8d48561819ba829b22c0281ecb97986e4009f522795beed141ed31ed1d5",
    }


def test_a_gateway_may_want_another_prefix_upper_case_and_a_service() -> None:
    gateway = Gateway(
        signer="tif", id=PAAS, token=KEY, header_prefix="x-rio-", uppercase=True, service_id="svc"
    )
    assert gateway.made is not None
    headers = gateway.made.headers("GET", "gettoken", MONDAY)
    assert {name.removeprefix("x-rio-") for name in headers} == {
        "paasid",
        "timestamp",
        "nonce",
        "signature",
        "serviceid",
    }
    assert headers["x-rio-signature"].isupper()
    assert KEY not in repr(gateway.made) + repr(gateway) + str(headers)
    assert Gateway().made is None


def test_a_nonce_is_never_used_twice() -> None:
    signer = TifSigner(PAAS, KEY)
    assert len({signer.headers("GET", "gettoken", MONDAY)["x-tif-nonce"] for _ in range(100)}) == 100


# -- what a gateway answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, {"errcode": 400000400, "errmsg": "missing headers."}, ConfigError),
        (500, {"code": 400001, "msg": "鉴权失败"}, ConfigError),
        (200, {"code": "401", "message": "unauthorized"}, ConfigError),
        (401, {"code": 401}, ConfigError),
        (502, {"code": 502, "msg": "upstream"}, RetryLater),
        (200, {"code": 500, "msg": "upstream"}, RetryLater),
        (403, "forbidden", ConfigError),
        (404, "not found", ConfigError),
        (200, {}, RetryLater),
    ],
)
def test_a_refusal_of_the_gateway_never_passes_for_a_success(
    status: int, body: object, kind: type[WeComError]
) -> None:
    """An answer without errcode once counted as errcode 0: the message would have been lost."""
    raw = body if isinstance(body, str) else json.dumps(body)
    with pytest.raises(kind) as refused:
        answers.read("message/send", status, raw.encode())
    assert refused.value.next_step


def test_a_call_that_a_version_lacks_is_told_apart_from_a_wrong_address() -> None:
    for status, body in ((404, b"<html>"), (200, b'{"errcode":404,"errmsg":"request api doesn\'t exist"}')):
        with pytest.raises(Unsupported):
            answers.read("agent/get", status, body)
        with pytest.raises(ConfigError):
            answers.read("gettoken", status, body)


# -- the simulated gateway ----------------------------------------------------------------------------------


@pytest.fixture
async def yzy() -> AsyncIterator[Simulator]:
    gateway = simulated.Gateway(PAAS, KEY, post_only=True)
    simulator = await server.start(demo_world(), tenant=simulated.private(gateway), **CONSOLE)
    yield simulator
    await simulator.close()


def client(
    simulator: Simulator, session: aiohttp.ClientSession, gateway: Gateway, *, ahead: int = 0
) -> Client:
    def clock() -> datetime:
        return simulator.clock.now() + timedelta(seconds=ahead)

    return Client(
        session,
        api_base=simulator.api_base,
        corp_id=CONSOLE["corp_id"],
        agent_id=1000002,
        secret="s3cret",
        tokens=TokenStore(MemoryTable(), owner="a", clock=clock),
        clock=clock,
        signer=gateway.made,
        post_only=gateway.post_only,
    )


async def test_only_a_right_and_recent_signature_passes(yzy: Simulator) -> None:
    right = Gateway(signer="tif", id=PAAS, token=KEY, post_only=True)
    wrong = [
        (Gateway(post_only=True), 0),
        (Gateway(signer="tif", id=PAAS, token="other", post_only=True), 0),
        (Gateway(signer="tif", id="other", token=KEY, post_only=True), 0),
        (Gateway(signer="tif", id=PAAS, token=KEY), 0),  # asks with GET
        (right, 181),
        (right, -181),
    ]
    async with open_session() as session:
        for gateway, ahead in wrong:
            with pytest.raises(ConfigError) as refused:
                await client(yzy, session, gateway, ahead=ahead).check()
            assert "[gateway]" in refused.value.next_step
            assert KEY not in refused.value.detail
        assert yzy.journal.calls() == ()  # nothing of it came to WeCom
        good = client(yzy, session, right)
        assert (await good.user("linxiao")).name == "林晓"
        media_id = await good.upload(b"a file of some bytes", "台账.txt", "file")
        received = bytearray()
        assert await good.media(media_id, received.extend, most=1000) == "台账.txt"
    assert bytes(received) == b"a file of some bytes"
    assert {call.method for call in yzy.journal.calls()} == {"POST"}


async def test_what_came_later_is_not_known_there(yzy: Simulator) -> None:
    """Groups the app makes are; robots in groups, 微信客服 and cards are not."""
    async with open_session() as session:
        caller = client(yzy, session, Gateway(signer="tif", id=PAAS, token=KEY, post_only=True))
        made = await caller.post("appchat/create", {"name": "专班", "userlist": ["linxiao", "zhoumin"]})
        assert made["chatid"]
        for path in ("webhook/send", "kf/sync_msg", "message/update_template_card", "aibot/send"):
            with pytest.raises(Unsupported):
                await caller.post(path, {"msgtype": "text", "text": {"content": "您好"}})
        with pytest.raises(Unsupported) as refused:
            await caller.send(["linxiao"], {"msgtype": "markdown", "markdown": {"content": "**您好**"}})
        assert refused.value.code == 40008


async def test_a_request_caught_on_the_way_cannot_be_sent_again(yzy: Simulator) -> None:
    headers = dict(TifSigner(PAAS, KEY).headers("POST", "gettoken", yzy.clock.now()))
    query = {"corpid": CONSOLE["corp_id"], "corpsecret": "s3cret"}
    async with aiohttp.ClientSession(headers=headers) as session:
        statuses = []
        for _ in range(2):
            async with session.post(f"{yzy.api_base}gettoken", params=query) as response:
                statuses.append(response.status)
    assert statuses == [200, 500]


# -- a day on 粤政易 ----------------------------------------------------------------------------------------


async def test_questions_pushes_and_choices_go_on_without_cards(database_url: str) -> None:
    async with town(database_url, tenant=Tenant(edition="yuezhengyi")) as here:
        await here.dialogue(
            "linxiao",
            ("农村", "您是不是想问|1. |2. "),  # a card elsewhere
            ("2", "第"),
            ("冷链哪个单位牵头？", "市供销社|完善一体化农产品冷链物流网建设"),
        )
        await here.dialogue(
            "wanglei",
            ("开月报 放行17", "已开轮次"),
            (f"绑定群 潮安区群 潮安区 webhook {'0f3a5b7c-' * 3}", "没有群机器人|建群"),
            ("建群 潮安区专班群 潮安区 成员 郑云、王磊", "正在建群"),
        )
        here.wecom.clock.step(timedelta(minutes=11))
        push = await here.wecom.wait_for("zhengyun", lambda bubble: bubble.via == "push")
        assert "潮安区" in push.text
        assert {b.kind for p in ("linxiao", "wanglei", "zhengyun") for b in here.wecom.inbox(p)} == {"text"}
        made = await _group(here)
        assert made.members == ("zhengyun", "wanglei")
        calls = here.wecom.journal.calls()
        assert {call.endpoint for call in calls} == {
            "gettoken",
            "message/send",
            "appchat/create",
            "appchat/send",
        }
        assert {call.errcode for call in calls} == {0}


async def _group(here: Town) -> Group:
    """The group that the app made, when its first message is there."""
    with here.wecom.listen() as events:
        while not here.wecom.journal.calls("appchat/send"):
            await asyncio.wait_for(events.get(), 5)
    (made,) = [group for group in here.wecom.groups.all() if group.name == "潮安区专班群"]
    return made


async def test_a_card_that_the_version_does_not_know_arrives_as_text_at_once(tmp_path: Path) -> None:
    """The operator was told there are cards; there are none."""
    tenant = Tenant(edition="private", also=("cards",))
    async with town(f"sqlite:///{tmp_path / 'bqw.db'}", tenant=tenant) as here:
        answer = await here.wecom.say("linxiao", "农村")
        assert "您是不是想问" in answer.text
        (bubble,) = here.wecom.inbox("linxiao")
        assert (bubble.kind, bubble.via) == ("text", "push")
        assert [call.errcode for call in here.wecom.journal.calls("message/send")] == [40008, 0]
        await here.dialogue("linxiao", ("1", "第"))
        async with here.bot.database.transaction() as conn:
            states = (await conn.execute(select(outbox.c.state))).scalars().all()
        assert "parked" not in states


# -- signing in ---------------------------------------------------------------------------------------------


def test_sign_in_pages_stand_on_the_edition_s_own_hosts() -> None:
    back, state = "https://bqw.example.gov.cn/in?x=1&y=2", "s1"
    public, yuezhengyi = Tenant().sign_in, Tenant(edition="yuezhengyi").sign_in
    inside = public.inside("ww1", 7, back, state)
    assert inside.startswith(
        "https://open.weixin.qq.com/connect/oauth2/authorize?appid=ww1&redirect_uri=https%3A"
    )
    assert inside.endswith("&state=s1&agentid=7#wechat_redirect")
    assert dict(parse_qsl(urlsplit(public.desktop("ww1", 7, back, state)).query)) == {
        "login_type": "CorpApp",
        "appid": "ww1",
        "agentid": "7",
        "redirect_uri": back,
        "state": state,
        "lang": "zh",
    }
    old = urlsplit(yuezhengyi.desktop("wl1", 7, back, state))
    assert (old.netloc, "login_type" in old.query) == ("zwwx.gdzwfw.gov.cn", False)
    own = Tenant(
        edition="private", oauth_base="https://wx.example/oauth2", qr_base="https://wx.example/qrConnect"
    )
    assert own.sign_in.inside("wl1", 7, back, state).startswith("https://wx.example/oauth2?")
    assert own.sign_in.desktop("wl1", 7, back, state).startswith("https://wx.example/qrConnect?appid=wl1")
    assert Tenant(edition="private").sign_in.desktop("wl1", 7, back, state) == ""


async def test_who_signed_in_is_told_once_by_the_new_call_and_by_the_old(yzy: Simulator) -> None:
    public = await server.start(demo_world(), **CONSOLE)
    gateway = Gateway(signer="tif", id=PAAS, token=KEY, post_only=True)
    async with open_session() as session:
        for simulator, through in ((public, Gateway()), (yzy, gateway)):
            caller, code = client(simulator, session, through), simulator.sign_in("zhoumin")
            assert await caller.who(code) == "zhoumin"
            with pytest.raises(Rejected):
                await caller.who(code)
    assert {call.endpoint for call in yzy.journal.calls()} >= {"auth/getuserinfo", "user/getuserinfo"}
    await public.close()
