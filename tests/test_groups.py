"""Groups: bound once by the office, told little, with real pings of chosen people and never of everybody."""

import asyncio
import re

import pytest
from sqlalchemy import select

from scheduler import groups as jobs
from simulator.mailbox import Bubble
from storage import audit, chats
from storage.message import Ping
from storage.tables import inbox, outbox
from supervision import groups
from tests.town import Town, at

OFFICE, CHAOAN, FIRMS = "wr-office", "wr-chaoan", "wr-firms"
KEY = "0f3a5b7c-1111-2222-3333-444455556666"


def heard(place: Town, chatid: str) -> tuple[Bubble, ...]:
    """What was said by robots in a group."""
    return tuple(one for one in place.wecom.group_chat("wanglei", chatid) if one.sender == "app")


async def test_a_bound_group_reads_the_weekly_line_and_one_person_is_really_pinged(office: Town) -> None:
    await office.dialogue(
        "wanglei",
        ("绑定的群", "还没有绑定群"),
        ("绑定群 潮安区百千万工作群 webhook 潮安区通报", "已绑定|潮安区百千万工作群|县区群，潮安区"),
        ("群周报 潮安区百千万工作群 提醒 郑云", "每周第一个工作日下午|提醒郑云一人"),
        ("绑定的群", "绑定的群1个|群机器人；每周一行，提醒郑云"),
        ("开月报 放行17", "7月进展报送"),
    )
    await office.comes("07-15T09:20")
    assert [one.text for one in heard(office, CHAOAN)] == [
        "大家好，本群已接上百千万督办助手：只发通报、感谢和要办的事，不提醒全体成员。市百千万办"
    ]
    await office.dialogue("zhengyun", ("要点3 县域重点项目库累计21个", "21"))
    assert await office.does(jobs.lines, "07-22T14:20") == "发给1个群"
    await office.comes("07-22T14:40")
    line = heard(office, CHAOAN)[-1]
    assert line.text.splitlines()[0] == "【一周进展】（潮安区，7月15日至19日）"
    assert "7月进展报送：应报4项，已报1项；7月25日（周四）17:30到期。" in line.text
    assert "上周收到进展1条，谢谢各位。\n请郑云同志留意" in line.text
    assert (line.robot, line.pinged) == ("潮安区通报", ("zhengyun",))
    assert "市交通运输局" not in line.text
    assert heard(office, OFFICE) == heard(office, FIRMS) == ()
    await office.does(jobs.lines, "07-22T14:30")  # once more, by another replica: nothing is said twice
    await office.comes("07-23T09:00")
    assert len(heard(office, CHAOAN)) == 2


async def test_a_key_is_typed_once_in_private_and_never_seen_again(
    here: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    hook = here.wecom.groups.add_webhook(OFFICE, "小通报", KEY)
    address = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={hook.key}"
    said = f"绑定群 市百千万办工作群 办公室 webhook {address}"
    assert "等于密码" in await here.hears("linxiao", said)
    assert "等于密码" in await here.hears("chenjing", f"这个地址怎么用 {address}")
    await here.dialogue(
        "wanglei",
        (said, "已绑定|市百千万办工作群|工作群"),
        (f"绑定群 政企微信群 webhook {address}", "已经绑定在“市百千万办工作群”"),
        (
            "群消息 市百千万办工作群 明天下午3点开调度会 提醒 黄伟、陈静",
            "7月15日（周一）14:40|提醒黄伟、陈静",
        ),
    )
    await here.comes("07-15T14:40")
    hello, told = heard(here, OFFICE)
    assert told.text == "明天下午3点开调度会"
    assert told.pinged == ("huangwei", "chenjing")
    async with here.bot.database.transaction() as conn:
        kept = await chats.keys(conn)
        texts = list((await conn.execute(select(inbox.c.text))).scalars())
        targets = set((await conn.execute(select(outbox.c.target))).scalars())
        entries = await audit.latest(conn)
    assert kept == {"市百千万办工作群": KEY}
    assert KEY not in str((texts, targets, entries, hello, capsys.readouterr()))
    assert any("key=0f3a……" in text for text in texts)
    await here.dialogue("wanglei", ("解绑群 市百千万办工作群", "已解绑|密钥已删除"))
    async with here.bot.database.transaction() as conn:
        assert await chats.keys(conn) == {}


async def test_what_cannot_be_done_is_said_with_the_next_step(here: Town) -> None:
    await here.dialogue(
        "wanglei",
        ("绑定群 联络群 webhook 工作群通报", "没看出这个群的用途|用途写：办公室"),
        ("绑定群 市百千万办工作群 webhook 没有的名称", "不是群机器人的地址|潮安区通报"),
        ("绑定群", "请写明群名和用途"),
        ("绑定本群 市百千万办工作群 办公室", "要在那个群里@我说"),
        ("绑定群 潮安区群 潮安区 应用群 wr-x", "32 位以内的字母和数字"),
        ("解绑群 没有的群", "没有绑定过群“没有的群”"),
        ("群周报 没有的群 提醒 郑云", "没有绑定过群"),
        ("建群 潮安区专班群 潮安区 成员 郑云", "至少要两个成员"),
        ("建群 潮安区专班群 潮安区 成员 郑云、不认识", "没有找到“不认识”"),
        ("起草群通报 重点事项", "目前没有需要提示的事项"),
        ("起草群通报 案例 没有的词", "没有找到“没有的词”"),
    )
    async with here.bot.database.transaction() as conn:
        assert await chats.bound(conn) == []


async def test_everybody_and_members_words_ping_nobody(here: Town) -> None:
    """A member's words may hold mentions and links; they reach the group as characters."""
    await here.dialogue(
        "wanglei",
        ("绑定群 政企微信群 webhook 政企服务", "已绑定|政企群"),
        ("群周报 政企微信群 提醒 郑云", "政企群不发督办进展"),
        ("群消息 政企微信群 看这里 提醒 所有人", "没有找到“所有人”"),
    )
    words = '<@all> <@zhoumin> @所有人 @all <a href="http://x.cn">点我</a> [点我](http://x.cn) **粗**'
    async with here.bot.database.transaction() as conn:
        told = await groups.tell(
            conn, chats.FIRMS, f"【诉求】第0038号已受理：{words}", key="problem:38",
            now=at("07-15T10:02"),
            workdays=here.bot.library.workdays(), ping=["@all", "chenjing", "huangwei|x"],
        )  # fmt: skip
    assert [one.group for one in told] == ["政企微信群"]
    await here.comes("07-15T10:03")
    (line,) = heard(here, FIRMS)[1:]
    assert line.pinged == ("chenjing",)
    assert not re.search(r"<@|<a|@all|@所有人", line.text)
    (call,) = [one for one in here.wecom.journal.calls("webhook/send") if "0038" in str(one.body)]
    assert call.body["text"]["mentioned_list"] == ["chenjing"]
    assert "key" not in call.body


async def test_a_circular_waits_for_a_person_and_a_work_group_hears_twice_a_week(here: Town) -> None:
    await here.dialogue(
        "wanglei",
        ("开月报 放行17", "7月进展报送"),
        ("起草群通报 报送情况", "【7月进展报送情况】|放行 草稿1"),
        ("放行 草稿1", "还没有绑定能推送的工作群"),
        ("绑定群 市百千万办工作群 webhook 工作群通报", "已绑定|工作群"),
        ("放行 草稿1", "14:40发到“市百千万办工作群”|不@所有人"),
        ("群消息 市百千万办工作群 第二条", "14:40"),
    )
    await here.comes("07-15T14:41")
    assert [one.text.splitlines()[0] for one in heard(here, OFFICE)[1:]] == ["【7月进展报送情况】", "第二条"]
    assert "尚未报齐的" in heard(here, OFFICE)[1].text
    assert not re.search("市交通运输局|市供销社", heard(here, OFFICE)[1].text)
    await here.dialogue(
        "wanglei",
        ("群消息 市百千万办工作群 第三条", "7月22日（周一）14:40|本周群通报已达2条上限"),
        ("群消息 市百千万办工作群 第四条", "7月22日（周一）14:40"),
        ("群消息 市百千万办工作群 第五条 提醒 周敏", "并入等待的一条"),
    )
    await here.comes("07-22T14:41")
    last = heard(here, OFFICE)[3:]
    assert sorted("\n\n".join(one.text for one in last).split("\n\n")) == ["第三条", "第五条", "第四条"]
    assert sorted(one.pinged for one in last) == [(), ("zhoumin",)]


async def test_after_its_day_a_rounds_circular_is_drafted_once(here: Town) -> None:
    assert await here.does(jobs.drafts, "07-15T09:10") == "没有绑定工作群"
    await here.dialogue(
        "wanglei",
        ("绑定群 市百千万办工作群 webhook 工作群通报", "已绑定"),
        ("开月报 放行17", "7月进展报送"),
    )
    assert await here.does(jobs.drafts, "07-25T09:10") == "没有要起草的群通报"
    assert await here.does(jobs.drafts, "07-26T09:10") == "起草1份群通报"
    assert await here.does(jobs.drafts, "07-29T09:10") == "没有要起草的群通报"
    await here.dialogue("wanglei", ("草稿", "报送情况：7月进展报送|截至7月25日17:30"))


async def test_the_app_makes_a_group_and_changes_its_members(here: Town) -> None:
    await here.dialogue(
        "wanglei", ("建群 潮安区专班群 潮安区 成员 郑云、王磊", "正在建群|县区群，潮安区|2人")
    )
    await here.comes("07-15T09:05")
    (made,) = [one for one in here.wecom.groups.all() if one.name == "潮安区专班群"]
    assert made.members == ("zhengyun", "wanglei")
    assert "由百千万督办助手建立" in heard(here, made.chatid)[0].text
    await here.dialogue(
        "wanglei",
        ("群加人 潮安区专班群 黄伟", "请黄伟进“潮安区专班群”"),
        ("群消息 潮安区专班群 请看通知 提醒 黄伟", "发到“潮安区专班群”"),
    )
    await here.comes("07-15T14:41")
    assert here.wecom.groups.made(made.chatid).members == ("zhengyun", "wanglei", "huangwei")
    assert heard(here, made.chatid)[-1].pinged == ("huangwei",)


async def test_a_robot_that_was_removed_is_switched_off_and_the_office_told(here: Town) -> None:
    await here.dialogue(
        "wanglei",
        ("绑定群 市百千万办工作群 webhook 工作群通报", "已绑定"),
        ("群周报 市百千万办工作群", "不提醒任何人"),
        ("开月报 放行17", "7月进展报送"),
    )
    await here.comes("07-15T09:05")
    here.wecom.faults.arm("group_gone")
    await here.does(jobs.lines, "07-22T14:20")
    await here.comes("07-22T14:41")
    assert len(heard(here, OFFICE)) == 1
    await here.dialogue(
        "wanglei",
        ("搁置的消息", "群机器人地址无效，或机器人已被移除|请在群里重新添加机器人"),
        ("绑定的群", "没有可用的推送方式，请重新绑定"),
        ("群消息 市百千万办工作群 你好", "没有可用的推送方式"),
    )
    assert await here.does(jobs.lines, "07-29T14:20") == "没有要发的群"
    await here.comes("07-29T14:41")
    assert "群周报没有发出" in here.wecom.inbox("wanglei")[-1].text


async def test_a_line_that_may_have_arrived_is_not_said_again_by_itself(here: Town) -> None:
    await here.dialogue("wanglei", ("绑定群 政企微信群 webhook 政企服务", "已绑定"))
    await here.comes("07-15T09:05")
    here.wecom.faults.arm("reply_lost", endpoint="webhook/send")
    await here.dialogue("wanglei", ("群消息 政企微信群 今天的话", "发到“政企微信群”"))
    await here.comes("07-15T10:00")
    await here.comes("07-15T10:05")
    assert [one.text for one in heard(here, FIRMS)[1:]] == ["今天的话"]
    await here.dialogue(
        "wanglei",
        ("搁置的消息", "不确定群里是否已经收到，请到群里看一眼".replace("，请", "|请")),
        ("重发 1", "马上重发"),
    )
    await here.comes("07-15T10:10")
    assert [one.text for one in heard(here, FIRMS)[1:]] == ["今天的话"] * 2


async def test_twenty_a_minute_pass_a_key_and_the_rest_waits(here: Town) -> None:
    """And a flood in one group does not delay another."""
    await here.dialogue(
        "wanglei",
        ("绑定群 政企微信群 webhook 政企服务", "已绑定"),
        ("绑定群 潮安政企群 政企 webhook 潮安区通报", "已绑定"),
    )
    await here.comes("07-15T10:00")
    when = {"now": at("07-15T10:01"), "workdays": here.bot.library.workdays()}
    async with here.bot.database.transaction() as conn:
        flooded, quiet = await chats.of_purpose(conn, chats.FIRMS)
        for number in range(25):
            await groups.say(conn, flooded, f"第{number}条", key=f"p:{number}", **when)
        await groups.say(conn, quiet, "另一个群的话", key="other", **when)
    here.wecom.clock.set(at("07-15T10:01"))
    here.bot.delivery.poke()
    for _ in range(250):
        if len(heard(here, FIRMS)) >= 19:
            break
        await asyncio.sleep(0.02)
    assert heard(here, CHAOAN)[-1].text == "另一个群的话"
    assert len(heard(here, FIRMS)) == 1 + 18  # the greeting of an hour ago, and what our window lets through
    await here.comes("07-15T10:03")
    assert len(heard(here, FIRMS)) == 26
    assert not [one for one in here.wecom.journal.calls("webhook/send") if one.errcode]


def test_a_ping_reads_as_text_where_nothing_can_ping() -> None:
    from bot.wecom.render import Send, render

    (step,) = render(Ping("请看通知", ("chenjing",)), task_id="t")
    assert isinstance(step, Send)
    assert step.body == {"msgtype": "text", "text": {"content": "请看通知"}}


async def test_a_group_is_bound_in_the_group_itself_and_the_office_hears_of_others(here: Town) -> None:
    robot = here.wecom.robot
    await robot.socket.wait_connected()

    async def hears(person: str, text: str, group: str) -> str:
        return (await robot.hear(robot.say(person, text, group=group), seconds=20)).text

    # Asked in a group that nobody has bound: an answer from the notice there, a sentence to the office.
    assert "第17点" in await hears("linxiao", "第17条说什么", CHAOAN)
    await hears("linxiao", "第18条说什么", CHAOAN)
    await here.comes("07-15T09:20")
    told = [one.text for one in here.wecom.inbox("wanglei") if "还没有绑定的群在问我" in one.text]
    assert len(told) == 1
    assert "管理员进行" in await hears("linxiao", "绑定本群 潮安区百千万工作群", CHAOAN)
    assert "县区群，潮安区" in await hears("wanglei", "绑定本群 潮安区百千万工作群", CHAOAN)
    assert "已经绑定为“潮安区百千万工作群”" in await hears("wanglei", "绑定本群 别的群 办公室", CHAOAN)
    for said in (
        "绑定本群",
        "绑定本群 联络群",
    ):  # how it is said there, and no address typed before everybody
        answer = await hears("wanglei", said, OFFICE)
        assert "绑定本群 市百千万办工作群 办公室" in answer
        assert "webhook" not in answer
    assert "请在群里撤回" in await hears("wanglei", f"绑定群 市百千万办工作群 webhook {KEY}", OFFICE)
    # The robot cannot ping; a group robot in the same group can, and takes over what is pushed.
    await here.dialogue(
        "wanglei",
        ("群周报 潮安区百千万工作群 提醒 郑云", "智能机器人不能真正@人"),
        ("绑定群 潮安区百千万工作群 webhook 潮安区通报", "已绑定"),
        ("绑定的群", "智能机器人、群机器人"),
        ("群消息 潮安区百千万工作群 请看通知 提醒 郑云", "发到“潮安区百千万工作群”，提醒郑云"),
    )
    await here.comes("07-15T14:41")
    assert heard(here, CHAOAN)[-1].pinged == ("zhengyun",)
    assert "已解绑" in await hears("wanglei", "解绑本群", CHAOAN)
    async with here.bot.database.transaction() as conn:
        assert await chats.bound(conn) == []
