"""The simulator's doors for groups and 微信客服 refuse what WeCom refuses, with its codes."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from simulator import server
from simulator.clock import Clock
from simulator.server import Simulator
from simulator.world import START, demo_world
from tests.browser import CONSOLE, Caller

OFFICE = "wr-office"
KEY = "0f3a5b7c-1111-2222-3333-444455556666"
ACCOUNT, WU = "wkDemoFirms000000000000000001", "wmDemoWuLi0000000000000000001"
TEXT = {"msgtype": "text", "text": {"content": "通报"}}


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    clock = Clock(START, seconds=lambda: 0.0)
    simulator = await server.start(demo_world(), retry_delay=0, clock=clock, **CONSOLE)
    simulator.groups.add_webhook(OFFICE, "通报机器人", KEY)
    yield simulator
    await simulator.close()


@pytest.fixture
async def api(sim: Simulator) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        caller = Caller(sim.api_base, session)
        await caller.log_in()
        yield caller


async def say(api: Caller, body: dict[str, Any], key: str = KEY) -> int:
    """The code a group robot's message is answered with."""
    async with api.session.post(f"{api.base}webhook/send", params={"key": key}, json=body) as reply:
        return int((await reply.json())["errcode"])


async def code(api: Caller, endpoint: str, **body: object) -> int:
    return int((await api.post(endpoint, body))["errcode"])


async def test_a_webhook_pings_members_by_list_and_inline_and_nobody_else(
    sim: Simulator, api: Caller
) -> None:
    text = {"content": "请看 <@zhoumin>", "mentioned_list": ["ChenJing", "linxiao", "nobody"]}
    assert await say(api, {"msgtype": "text", "text": text}) == 0
    assert await say(api, {"msgtype": "markdown", "markdown": {"content": "**请看** <@huangwei>"}}) == 0
    assert await say(api, {"msgtype": "text", "text": {"content": "都看", "mentioned_list": ["@all"]}}) == 0
    first, second, third = sim.group_chat("wanglei", OFFICE)
    assert (first.robot, first.pinged) == ("通报机器人", ("chenjing", "zhoumin"))
    assert second.pinged == ("huangwei",)
    assert third.pinged == ("wanglei", "zhoumin", "chenjing", "huangwei", "zhengyun")


async def test_a_webhook_refuses_what_wecom_refuses(sim: Simulator, api: Caller) -> None:
    assert await say(api, TEXT, key="wrong") == 93000
    assert await say(api, {"msgtype": "text", "text": {"content": ""}}) == 93017
    assert await say(api, {"msgtype": "text", "text": {"content": "长" * 683}}) == 40058
    assert await say(api, {"msgtype": "poem", "poem": {}}) == 40008
    card = {"card_type": "button_interaction", "task_id": "t", "main_title": {"title": "x"}}
    assert await say(api, {"msgtype": "template_card", "template_card": card}) == 40058
    assert await say(api, {"msgtype": "image", "image": {"base64": "eA==", "md5": "0"}}) == 40058
    assert sim.group_chat("wanglei", OFFICE) == ()
    codes = [await say(api, TEXT) for _ in range(21)]
    assert codes[-1] == 45009
    assert codes.count(0) < 20  # what was refused for its content has passed the counter, too
    sim.clock.step(timedelta(minutes=1))
    assert await say(api, TEXT) == 0
    sim.faults.arm("group_gone")
    assert await say(api, TEXT) == 93000
    sim.groups.remove_webhook(KEY)
    assert await say(api, TEXT) == 93000


async def test_an_app_makes_groups_and_writes_only_to_its_own(sim: Simulator, api: Caller) -> None:
    make = {"chatid": "own1", "name": "专班群", "userlist": ["zhengyun", "linxiao"]}
    assert await code(api, "appchat/create", **make) == 0
    assert await code(api, "appchat/create", **make) == 86215
    assert await code(api, "appchat/create", **{**make, "chatid": "own2", "userlist": ["linxiao"]}) == 86216
    assert await code(api, "appchat/create", **{**make, "chatid": "wr-x"}) == 86001
    assert await code(api, "appchat/send", chatid="own1", **TEXT) == 0
    assert await code(api, "appchat/send", chatid=OFFICE, **TEXT) == 86001
    assert await code(api, "appchat/send", chatid="OWN1", **TEXT) == 86001
    card = {"msgtype": "template_card", "template_card": {}}
    assert await code(api, "appchat/send", chatid="own1", **card) == 40008
    assert await code(api, "appchat/update", chatid="own1", add_user_list=["wanglei"]) == 0
    info = (await api.get("appchat/get", access_token=api.token, chatid="own1"))["chat_info"]
    assert info["userlist"] == ["zhengyun", "linxiao", "wanglei"]
    assert await code(api, "appchat/update", chatid="own1", del_user_list=["linxiao", "wanglei"]) == 86216
    assert await code(api, "message/send", agentid=1000002, touser="own1", **TEXT) == 81013
    sim.hide_the_app()
    assert await code(api, "appchat/send", chatid="own1", **TEXT) == 48002


async def test_kf_keeps_to_five_messages_48_hours_and_the_states_of_a_session(
    sim: Simulator, api: Caller
) -> None:
    async def send(**more: object) -> int:
        return await code(api, "kf/send_msg", open_kfid=ACCOUNT, touser=WU, **{**TEXT, **more})

    async def trans(state: int, **more: object) -> int:
        whose = {"open_kfid": ACCOUNT, "external_userid": WU}
        return await code(api, "kf/service_state/trans", **whose, service_state=state, **more)

    assert await send() == 95002  # he has not written
    assert await trans(3, servicer_userid="wanglei") == 95016  # nothing has begun
    await sim.kf.say(WU, "您好")
    assert [await send(msgid=f"m{number}") for number in range(6)] == [0, 0, 0, 0, 0, 95001]
    assert await send(msgid="m0") == 0  # the same id is not shown again
    assert len(sim.inbox(WU)) == 5
    await sim.kf.say(WU, "还在吗")
    assert await trans(3, servicer_userid="chenjing") == 95014
    assert await trans(3, servicer_userid="wanglei") == 0
    assert await send() == 95018
    assert await trans(1) == 95016
    await sim.kf.answer(WU, "我来")
    await sim.kf.end(WU)
    assert await send() == 95013
    await sim.kf.say(WU, "再问")
    assert await send() == 0
    sim.clock.step(timedelta(hours=48))
    await api.log_in()
    assert await send() == 95002
    assert await code(api, "kf/send_msg", open_kfid="wk-none", touser=WU, **TEXT) == 95000
    assert await code(api, "kf/send_msg", open_kfid=ACCOUNT, touser=WU.lower(), **TEXT) == 40096


async def test_kfs_log_is_pulled_by_cursor_with_a_token_that_ends(sim: Simulator, api: Caller) -> None:
    async def sync(**more: object) -> dict[str, Any]:
        return await api.post("kf/sync_msg", {"open_kfid": ACCOUNT, **more})

    await sim.kf.say(WU, "四天前")
    sim.clock.step(timedelta(days=4))
    await api.log_in()
    await sim.kf.say(WU, "现在")
    await sim.kf.enter(WU)
    page = await sync(limit=1)
    assert [one["text"]["content"] for one in page["msg_list"]] == ["现在"]
    assert page["has_more"] == 1
    rest = await sync(cursor=page["next_cursor"])
    assert rest["msg_list"][0]["event"]["event_type"] == "enter_session"
    assert "external_userid" not in rest["msg_list"][0]
    assert (rest["has_more"], (await sync(cursor=rest["next_cursor"]))["msg_list"]) == (0, [])
    token = sim.desk.token(ACCOUNT)
    assert (await sync(token=token))["errcode"] == 0
    sim.clock.step(timedelta(minutes=10))
    assert (await sync(token=token))["errcode"] == 95007
    assert [(await sync())["errcode"] for _ in range(11)][-1] == 45009


async def test_a_welcome_goes_once_within_twenty_seconds(sim: Simulator, api: Caller) -> None:
    async def welcome_code() -> str:
        await sim.kf.enter(WU)
        page = await api.post("kf/sync_msg", {"open_kfid": ACCOUNT})
        return str(page["msg_list"][-1]["event"].get("welcome_code", ""))

    first = await welcome_code()
    sim.clock.step(timedelta(seconds=20))
    assert await code(api, "kf/send_msg_on_event", code=first, **TEXT) == 95007
    second = await welcome_code()
    assert await code(api, "kf/send_msg_on_event", code=second, **TEXT) == 0
    assert await code(api, "kf/send_msg_on_event", code=second, **TEXT) == 95007
    assert await welcome_code() == ""  # he was greeted within the last 48 hours


async def test_a_menu_is_checked_and_its_line_writes_its_words(sim: Simulator, api: Caller) -> None:
    def menu(*clicks: tuple[str, str]) -> dict[str, Any]:
        items = [{"type": "click", "click": {"id": key, "content": words}} for key, words in clicks]
        return {"msgtype": "msgmenu", "msgmenu": {"head_content": "满意吗", "list": items}}

    whose = {"open_kfid": ACCOUNT, "touser": WU}
    await sim.kf.say(WU, "办好了")
    assert await code(api, "kf/send_msg", **whose, **menu()) == 95006
    assert await code(api, "kf/send_msg", **whose, **menu(("a" * 129, "满意"))) == 40058
    assert await code(api, "kf/send_msg", **whose, **menu(("yes", "满意"), ("no", "不满意"))) == 0
    await sim.kf.touch(WU, sim.inbox(WU)[-1].id, "no")
    page = await api.post("kf/sync_msg", {"open_kfid": ACCOUNT})
    assert page["msg_list"][-1]["text"] == {"content": "不满意", "menu_id": "no"}
