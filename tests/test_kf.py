"""微信客服: a firm asks, is passed to a human being and back; five messages, 48 hours, no history."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.settings import Settings
from bot.wecom import kf as calls
from storage import kf, outbox
from storage.message import Text, dump
from storage.tables import inbox, kf_accounts
from storage.tables import outbox as table
from tests.town import Town, at

WU, CHEN = "wmDemoWuLi0000000000000000001", "wmDemoChenHai00000000000000002"
ACCOUNT = "wkDemoFirms000000000000000001"
SOON = 5.0


async def asks(place: Town, person: str, text: str) -> str:
    """What a person with WeChat reads after writing this; that it was sent has been counted."""
    place.wecom.clock.set(place.wecom.clock.now() + timedelta(seconds=1))  # WeCom's clock has seconds only
    answer = (await place.wecom.ask_kf(person, text)).text
    await rests(place)
    return answer


async def rests(place: Town) -> None:
    """Everything was read, and nothing that is due waits."""
    async with asyncio.timeout(30):
        while True:
            place.bot.delivery.poke()
            async with place.bot.database.transaction() as conn:
                unread = select(func.count()).select_from(kf_accounts)
                reading = (
                    await conn.execute(unread.where(kf_accounts.c.wanted_at.is_not(None)))
                ).scalar_one()
                now = place.wecom.clock.now()
                due = table.c.state.in_(("queued", "sending")) & (table.c.next_at <= now)
                left = (await conn.execute(select(func.count()).where(due))).scalar_one()
            if not reading and not left:
                return
            await asyncio.sleep(0.02)


async def tell(place: Town, person: str, *texts: str) -> None:
    """The office, or a job, tells a firm something."""
    now = place.wecom.clock.now()
    async with place.bot.database.transaction() as conn:
        rows = [
            outbox.Outgoing(f"told:{person}:{text}", "kf", person, dump(Text(text)), priority=outbox.NOTICE)
            for text in texts
        ]
        await outbox.add(conn, [(row, None) for row in rows], now)
    await rests(place)


def read(place: Town, person: str) -> list[str]:
    return [bubble.text for bubble in place.wecom.inbox(person)]


async def test_a_firm_is_welcomed_asks_is_handed_over_and_comes_back(office: Town) -> None:
    await office.wecom.kf.enter(WU)
    await office.wecom.wait_for(WU, lambda bubble: "企业服务" in bubble.text, seconds=SOON)
    answer = await asks(office, WU, "冷链哪个单位牵头？")
    assert "冷链" in answer
    assert "牵头（待市百千万办确认）" in answer
    assert "正在为您转接工作人员" in await asks(office, WU, "转人工")
    await rests(office)
    notices = [bubble.text for bubble in office.wecom.chat(WU) if bubble.sender == "notice"]
    assert notices == ["王磊为你服务"]
    # The human being talks; the bot is silent, whatever is asked.
    said = len(read(office, WU))
    await office.wecom.kf.say(WU, "第17条说什么")
    await office.wecom.kf.answer(WU, "您好，我是王磊，请讲。")
    await office.wecom.kf.say(WU, "今年要新增多少冷库")
    await rests(office)
    assert read(office, WU)[said:] == ["您好，我是王磊，请讲。"]
    await office.wecom.kf.end(WU)
    await office.wecom.wait_for(WU, lambda bubble: "人工接待已结束" in bubble.text, seconds=SOON)
    assert "第17点" in await asks(office, WU, "第17条说什么")
    async with office.bot.database.transaction() as conn:
        kept = (
            await conn.execute(select(inbox.c.text, inbox.c.outcome).where(inbox.c.channel == "kf"))
        ).all()
        visitor = await kf.visitor(conn, WU)
    assert "今年要新增多少冷库" not in kept  # what a human being was told is not ours
    assert visitor is not None
    assert (visitor.name, visitor.handed_at) == ("吴丽", None)


async def test_what_five_messages_or_48_hours_forbid_becomes_the_offices(office: Town) -> None:
    await asks(office, WU, "你好")
    await tell(office, WU, *(f"通知{number}" for number in range(1, 7)))
    assert read(office, WU)[1:] == ["通知1", "通知2", "通知3", "通知4"]
    assert not [one for one in office.wecom.journal.calls("kf/send_msg") if one.errcode]  # our own count
    await office.dialogue("wanglei", ("搁置的消息", "给吴丽的“通知5”|已经回了 5 条|急事请电话联系"))
    await asks(office, WU, "还有吗")  # the count begins anew
    await office.dialogue("wanglei", ("重发全部", "2条都已放回"))
    await rests(office)
    assert read(office, WU)[-2:] == ["通知5", "通知6"]
    office.wecom.clock.set(at("07-17T09:30"))
    await tell(office, WU, "两天以后")
    assert read(office, WU)[-1] == "通知6"
    await office.dialogue("wanglei", ("搁置的消息", "给吴丽的“两天以后”|超过 48 小时没有发言"))
    assert not [one for one in office.wecom.journal.calls("kf/send_msg") if one.errcode]


async def test_what_was_said_before_we_began_is_history(here: Town) -> None:
    """The bot is connected to an account that has been talked to for days."""
    here.wecom.faults.arm("callback_lost", times=3)
    for text in ("三天前的问题", "昨天的问题", "刚才的问题"):
        await here.wecom.kf.say(CHEN, text)
    here.wecom.clock.set(at("07-15T11:00"))
    answer = await asks(here, CHEN, "冷库今年要建多少")
    await rests(here)
    assert read(here, CHEN) == [answer]
    async with here.bot.database.transaction() as conn:
        kept = (await conn.execute(select(inbox.c.text).where(inbox.c.channel == "kf"))).scalars().all()
    assert kept == ["冷库今年要建多少"]


async def test_a_lost_callback_is_made_up_for_with_the_next(here: Town) -> None:
    await asks(here, WU, "你好")
    here.wecom.faults.arm("callback_lost")
    await here.wecom.kf.say(WU, "第17条说什么")
    await here.wecom.kf.say(CHEN, "第18条说什么")
    await here.wecom.wait_for(WU, lambda bubble: "第17点" in bubble.text, seconds=SOON)
    await here.wecom.wait_for(CHEN, lambda bubble: "第18点" in bubble.text, seconds=SOON)


async def test_a_log_of_several_pages_is_read_to_its_end_without_a_token(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The callback's token is not good (95007): we ask without one, and page after page."""
    monkeypatch.setattr(calls, "PAGE", 2)
    await asks(here, CHEN, "谢谢")
    here.wecom.faults.arm("callback_lost", times=5)
    for number in range(14, 19):
        await here.wecom.kf.say(CHEN if number % 2 else WU, f"第{number}条说什么")
    async with here.bot.database.transaction() as conn:
        await kf.want(conn, ACCOUNT, "no-token-of-wecom", here.wecom.clock.now())
    for number in range(14, 19):
        await here.wecom.wait_for(
            CHEN if number % 2 else WU, lambda one, n=number: f"第{n}点" in one.text, seconds=SOON
        )
    await rests(here)
    asked = [one.errcode for one in here.wecom.journal.calls("kf/sync_msg")]
    assert 95007 in asked
    assert asked.count(0) >= 4


async def test_other_accounts_and_strange_entries_are_left_alone(here: Town) -> None:
    await here.wecom.kf.say(WU, "谢谢")
    account, customer = here.wecom.world.kf[0], here.wecom.world.customers[0]
    here.wecom.desk.write(customer, account, "channels_shop_order", {"order_id": "1"})
    here.wecom.desk.write(customer, account, "text", {"content": ["no", "text"]})
    await here.wecom.kf.send_picture(WU, b"\x89PNG\r\n\x1a\n....")
    await rests(here)
    assert sum("这类消息我还看不懂" in text for text in read(here, WU)) == 1
    assert "图片收到了" in read(here, WU)[-1]


async def test_a_firm_learns_nothing_of_the_office(here: Town) -> None:
    """Whatever it says: no progress, no lights, no drafts, no lists of people, and no command works."""
    await here.dialogue(
        "wanglei", ("开月报 放行17", "7月进展报送"), ("绑定 wmdemowuli0000000000000000001 吴丽 管理员", "")
    )
    await here.dialogue("huangwei", ("①25.6 ②5 ③26，其中②有1座待管线迁改", "25.6"))
    hidden = ("25.6", "管线", "黄伟", "红灯", "绿灯", "应报", "草稿1", "已开轮次", "已绑定")
    for number, said in enumerate(
        (
            "第17项怎么样了", "潮安区进展", "红黄灯", "哪些没报", "草稿", "今日专报", "需协调的有哪些",
            "市交通运输局联络员是谁", "开月报", "绑定 a 张三 市水务局联络员", "搁置的消息", "绑定的群",
            "①25.6 ②5", "我的任务", "案例 示范街", "公路修了多少公里",
        )
    ):  # fmt: skip
        answer = await asks(here, (WU, CHEN)[number % 2], said)
        assert answer, said
        assert not [word for word in hidden if word in answer], (said, answer)


async def test_suggestions_are_lines_to_touch(here: Town) -> None:
    delivery = await here.wecom.ask_kf(WU, "补贴")
    (bubble,) = delivery.replies
    assert bubble.kind == "msgmenu"
    first = bubble.body["items"][0]
    before = len(read(here, WU))
    await here.wecom.kf.touch(WU, bubble.id, first["id"])
    await here.wecom.wait_for(WU, lambda one: one.id > bubble.id, seconds=SOON)
    assert len(read(here, WU)) == before + 1


async def test_outside_office_hours_nobody_is_promised_a_human_being_at_once(here: Town) -> None:
    here.wecom.clock.set(at("07-19T18:40"))  # a Friday evening
    assert "7月22日（周一）上班后由工作人员联系您" in await asks(here, WU, "转人工")
    assert "第17点" in await asks(here, WU, "第17条说什么")  # and the bot goes on answering
    here.wecom.clock.set(at("07-22T09:11"))
    await rests(here)
    assert "【客服待办】吴丽7月19日（周五）18:40在微信客服要求转人工" in here.wecom.inbox("wanglei")[-1].text


async def test_a_human_being_who_took_over_elsewhere_silences_the_bot_until_wecom_says_it_is_over(
    here: Town,
) -> None:
    """In the console a servicer takes the chat, and the event that it ended is lost."""
    await asks(here, WU, "谢谢")
    here.wecom.faults.arm("callback_lost")
    session = here.wecom.desk.session(ACCOUNT, WU)
    session.state, session.servicer = 3, "wanglei"
    await here.wecom.kf.answer(WU, "我来处理")
    await here.wecom.kf.say(WU, "第17条说什么")
    await rests(here)
    assert not any("第17点" in text for text in read(here, WU))
    session.state, session.servicer = 4, ""  # nobody tells us
    assert "第18点" in await asks(here, WU, "第18条说什么")


async def test_a_message_wechat_could_not_deliver_becomes_the_offices(here: Town) -> None:
    await asks(here, WU, "你好")
    await tell(here, WU, "已办结，请评价")
    (sent,) = [one for one in here.wecom.inbox(WU) if one.text == "已办结，请评价"]
    await here.wecom.kf.refuse(WU, sent.msgid, 10)
    await rests(here)
    await here.dialogue("wanglei", ("搁置的消息", "给吴丽的“已办结，请评价”|对方拒收了消息：急事请电话联系"))


@pytest.mark.parametrize(
    ("fault", "endpoint"),
    [
        ("busy", "kf/sync_msg"), ("reset", "kf/sync_msg"), ("reply_lost", "kf/sync_msg"),
        ("token_expired", "kf/sync_msg"), ("busy", "kf/send_msg"), ("reset", "kf/send_msg"),
        ("reply_lost", "kf/send_msg"), ("duplicate", ""), ("ignored", ""),
    ],
)  # fmt: skip
async def test_through_every_fault_a_question_is_answered_once(here: Town, fault: str, endpoint: str) -> None:
    await asks(here, WU, "谢谢")
    here.wecom.faults.arm(fault, endpoint=endpoint)
    await here.wecom.kf.say(WU, "第17条说什么")
    for _ in range(40):
        here.wecom.clock.step(timedelta(seconds=2))
        here.bot.delivery.poke()
        await asyncio.sleep(0.05)
        if any("第17点" in text for text in read(here, WU)):
            break
    await rests(here)
    assert sum("第17点" in text for text in read(here, WU)) == 1


def test_both_are_off_by_default() -> None:
    assert not Settings().kf.enabled
    assert not Settings().groups.enabled
