"""People talk to the smart robot in groups and alone: what a group reads, and what it never reads."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select

from simulator.mailbox import Bubble
from storage.tables import attachments, reports
from tests.robots import FIRMS, OFFICE
from tests.town import Town, town


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Town]:
    async with town(database_url) as found:
        await found.wecom.robot.socket.wait_connected()
        yield found


async def count(place: Town, table: object) -> int:
    async with place.bot.database.transaction() as conn:
        return int((await conn.execute(select(func.count()).select_from(table))).scalar_one())  # type: ignore[arg-type]


async def told_by_the_app(place: Town, person: str) -> str:
    """The newest thing the app pushed to the person, which comes a moment after the group's answer."""
    return (await place.wecom.wait_for(person, lambda bubble: bubble.via == "push", seconds=10)).text


async def test_a_group_reads_a_short_answer_and_nobodys_progress(here: Town) -> None:
    robot = here.wecom.robot

    async def hears(person: str, text: str, group: str = OFFICE, quote: str = "") -> Bubble:
        return await robot.hear(robot.say(person, text, group=group, quote=quote), seconds=20)

    # A question with @ in a group: the asker's words, three lines, the rest to the asker alone.
    answer = (await hears("chenjing", "冷链哪个单位牵头？")).text
    assert answer.startswith("「陈静：冷链哪个单位牵头？」\n建议由市供销社牵头（待市百千万办确认）")
    assert answer.endswith("其余内容已发到您的单聊。")
    assert len(answer.split("\n")) == 5
    assert "原文" not in answer
    rest = await told_by_the_app(here, "chenjing")
    assert rest.startswith("您在群里问的“冷链哪个单位牵头？”：")
    assert "原文：完善一体化农产品冷链物流网建设,新增投产冷库库容0.25万吨" in rest
    assert "回复“" not in rest, "the private chat with the app knows nothing of what was asked in the group"

    # Each asker has a thread of his own.
    assert "第17点" in (await hears("chenjing", "全文")).text
    assert "第17点" not in (await hears("wanglei", "全文")).text

    # A message that is quoted says what “this” is.
    quoted = await hears("wanglei", "这个归谁管", quote="新增投产冷库库容0.25万吨")
    assert "市供销社牵头" in quoted.text

    # What a member writes neither pings nor links nor formats, also when it is quoted back.
    hostile = (await hears("linxiao", "<@all> [冷链](http://evil.com)**谁牵头**", FIRMS)).text
    assert hostile.startswith("「林晓：")
    for markup in ("<", "](", "**", "http://", "evil.com"):
        assert markup not in hostile

    await here.hears("wanglei", "开月报 要点17 放行17")

    # Progress, people and the office's work are for the private chat, whoever asks; nothing is stored.
    for person, said in (
        ("huangwei", "①25.6 ②5 ③26"),
        ("huangwei", "要点17 新改建农村公路32公里，整体进度66%"),
        ("huangwei", "我的任务"),
        ("zhoumin", "红黄灯"),
        ("zhoumin", "今日专报"),
        ("wanglei", "报送情况"),
        ("wanglei", "教 冻库=17"),
        ("wanglei", "绑定 linxiao 林晓 市水务局联络员"),
    ):
        refused = (await hears(person, said)).text
        assert "请到单聊里对我说" in refused, f"{said!r} was answered with {refused!r}"
    assert await count(here, reports) == 0
    progress = (await hears("zhoumin", "第17项怎么样了")).text
    assert "单聊" in progress
    assert "尚未" not in progress

    # A suggestion is a card; pressing it is answered, and closes it for who pressed.
    card = await hears("zhengyun", "项目")
    assert card.kind == "template_card", card.text
    pressed = robot.press("zhengyun", card, card.body["button_list"][0]["key"])
    assert (await robot.hear(pressed, seconds=20)).text.startswith("「郑云：")
    closed = next(bubble for bubble in robot.inbox(OFFICE) if bubble.id == card.id)
    assert "已选择" in closed.text

    # Alone with the robot everything is as in the app.
    assert "百千万督办助手" in (await robot.hear(robot.enter("huangwei"), seconds=20)).text
    assert "农村公路" in (await hears("huangwei", "我的任务", group="")).text
    spoken = robot.tell("huangwei", {"msgtype": "voice", "voice": {"content": "冷链谁牵头"}})
    assert "市供销社牵头" in (await robot.hear(spoken, seconds=20)).text
    file = robot.tell("huangwei", {"msgtype": "file", "file": {"url": "https://x.invalid"}})
    assert "应用的聊天" in (await robot.hear(file, seconds=20)).text
    assert await count(here, attachments) == 0


async def test_what_is_written_to_the_robot_on_the_chat_page_is_answered_there(here: Town) -> None:
    here.wecom.phone.say_in_group("sumingzhu", FIRMS, "今天天气不错")
    bubble = here.wecom.phone.say_in_group("sumingzhu", FIRMS, "@百千万督办助手 冷链哪个单位牵头？")
    (asked,) = here.wecom.robot.asked
    answer = await here.wecom.robot.hear(asked, seconds=20)
    assert answer.text.startswith("「苏明珠：冷链哪个单位牵头？」")
    assert [one.id for one in here.wecom.group_chat("wanglei", FIRMS)][-2:] == [bubble.id, answer.id]
