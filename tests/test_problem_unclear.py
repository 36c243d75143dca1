"""What a firm says in passing about what it brought: impatience, thanks, other words for a rating,
displeasure after all was closed. None of it is lost or answered with a point of the notice."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from scheduler.problems import near_due
from storage.tables import outbox
from tests.firms import FIRM, dialogue, firms_town, in_group, pushed, run, says
from tests.town import Town


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with firms_town(f"sqlite:///{tmp_path / 'bqw.db'}") as found:
        yield found


async def read(place: Town) -> list[str]:
    """Everything that was written for the firm."""
    async with place.bot.database.transaction() as conn:
        rows = await conn.execute(select(outbox.c.payload).where(outbox.c.target == FIRM))
        return [payload["text"] for payload in rows.scalars() if "text" in payload]


async def test_a_firm_speaks_as_people_do_from_the_first_word_to_after_the_last(here: Town) -> None:
    await dialogue(
        here,
        ("我要反映个问题", "请讲。请写明企业名称、事情经过"),
        ("阿斯顿", "没有听明白|转人工"),
        (
            "我们厂里电老是跳闸，烧坏两台机器，供电所来看过就没下文",
            "已登记（政企问题第0001号）|还请回复单位名称",
        ),
        ("潮州市枫溪区兴隆瓷业，老陈 13512345678", "已记下，谢谢。联系方式只给经办人看"),
        ("办得怎么样了呀", "第0001号|正在分办"),
        ("有人处理吗？", "第0001号|正在分办"),
        ("还要多久", "第0001号|正在分办"),
        ("满意", "答复后再请您评价"),
        ("没人来过", "已记入第0001号"),
        ("谢谢", "不客气。还有什么困难"),
    )
    await here.wecom.kf.send_picture(FIRM, b"\x89PNG\r\n\x1a\n....")
    assert "第0001号" in await says(here, "进度")  # the picture before it was read as well
    assert any("图片收到了，我还看不懂图片，已在第0001号记下" in text for text in await read(here))
    await here.dialogue(
        "wanglei",
        (
            "诉求1",
            "反映单位：潮州市枫溪区兴隆瓷业（联系人：老陈 13512345678）|补充：没人来过|企业发来图片",
        ),
        ("分办1 潮州供电局", "已分办"),
    )
    await here.dialogue("linxiao", ("1不属 应由工信局", "异议已收到"))
    assert "正在核定由哪个单位办理" in await says(here, "进度")
    await here.dialogue("wanglei", ("1异议不成立", "核定仍由"))
    await here.dialogue("linxiao", ("接办1", "已接办"), ("1办结：已解决，7月16日换了变压器", "已告知企业"))
    await dialogue(
        here,
        ("谢谢", "不客气。您对第0001号|请回复“满意”“基本满意”或“不满意”"),
        ("马马虎虎", "请回复“满意”“基本满意”或“不满意”"),
        ("不满意", "请写一句原因"),
        ("算了，还行吧", "已记录：基本满意"),
        ("又不行了，根本没解决", "已记入第0001号并转市百千万办，核实后与您联系"),
    )
    told = (await pushed(here, "wanglei", "problem:1:after:"))[0][1]
    assert "已办结，企业现在说：“又不行了，根本没解决”" in told
    assert "1重办（编号沿用，加“-2”）" in told
    await here.dialogue("wanglei", ("诉求统计", "基本满意1件"))
    await dialogue(
        here,
        ("另一件：厂门口路灯坏了三个月没人修", "第0002号"),
        ("我还是不满意", "您说的是哪一件：第0002号（|第0001号（|请在前面写上编号"),
        ("1还是没解决", "已记入第0001号并转市百千万办"),
    )
    assert len(await pushed(here, "wanglei", "problem:1:after:")) == 2
    assert not any("第17点" in text for _, text in await pushed(here, FIRM))


async def test_officials_leave_out_the_number_and_say_it_their_way(here: Town) -> None:
    await dialogue(here, ("凤塘工业区停电，请供电局处理", "已登记"))
    await here.dialogue("wanglei", ("1同意", "第0001号|没有待定的延期申请"))
    await here.dialogue("wanglei", ("分办", "第0001号已分办：潮州供电局"))
    await here.dialogue(
        "linxiao",
        ("接办", "第0001号已接办"),
        ("已电话联系企业，下午去现场", "已记：联系企业"),
        ("1推迟到7月26日", "请写一句原因，同意后企业也会看到，例如：1延期到7月26日"),
        ("1推迟到7月26日 变压器要调货", "申请延到7月26日（周五）17:30"),
    )
    await here.dialogue(
        "wanglei",
        ("1同意", "同意延到7月26日（周五）17:30"),
        ("1企业满意", "还没有到评价的时候"),
    )
    await dialogue(here, ("另一件：厂里电压不稳，影响烧窑", "第0002号"))
    await here.dialogue("wanglei", ("2由供电局办", "第0002号已分办：潮州供电局"))
    await here.dialogue(
        "linxiao",
        ("办结：已解决，换了变压器", "不止一件：|请写明编号，例如：1办结：……"),
        ("接办", "第0002号已接办"),
        ("1办结：已解决", "请加一句是怎么办的，企业看得到"),
        ("1已处理好了，换了变压器", "已记：已解决"),
        ("1办结：已解决，换了两台变压器", "正等企业评价。有补充的请回复：1进展：……"),
        ("2不属 应由工信局", "异议已收到"),
        ("2办结：已解决，换了变压器", "责任异议还在核定"),
    )
    await here.dialogue(
        "wanglei",
        ("2异议不成立", "7月23日（周二）17:30前办结"),  # the end of a day, like any other
        ("1回访 企业说不满意，还在跳闸", "已退回潮州供电局重办"),
        ("诉求1", "上次答复：已解决。已处理好了，换了变压器"),
        ("今天有什么诉求", "政企问题2件"),
    )
    await here.dialogue("zhoumin", ("企业诉求办得怎么样", "政企问题2件"))
    assert "管理员" not in await here.hears("huangwei", "2给市住建局发函3份")  # a report, for all we know


async def test_what_is_overdue_with_its_helper_is_drafted_once_and_what_ends_today_is_said(
    here: Town,
) -> None:
    """The sweep failed whole, for everybody, when lead and helper of one problem were both late."""
    await dialogue(here, ("凤塘工业区停电，请供电局处理", "已登记"))
    await here.dialogue("wanglei", ("分办1", "协办：潮安区"))
    await here.dialogue("linxiao", ("接办1", "已接办"))
    assert await run(here, near_due, "07-22T09:20") == "提示2人，起草0份"
    ((_, note),) = await pushed(here, "linxiao", "near-am:")
    assert "7月22日（周一）17:30前办结，还剩" in note  # though the firm was to be called a week ago
    assert "来不及办完的，请先按现有进展答复" in note
    await run(here, near_due, "07-23T09:20")
    assert await run(here, near_due, "07-24T09:20") == "提示3人，起草2份"
    await here.dialogue("wanglei", ("草稿2", "呈市领导专题：第0001号"))


async def test_a_new_liaison_is_told_what_his_unit_has_before_it(here: Town) -> None:
    """Nobody was told where nobody was bound when it was assigned, and a successor knew of nothing."""
    await dialogue(
        here,
        ("凤塘工业区停电，请供电局处理", "已登记"),
        ("另一件：自来水压力小，烧窑的水不够", "第0002号"),
    )
    await here.dialogue(
        "wanglei",
        ("分办1", "已告知潮州供电局联络员"),
        ("分办2 市水务局", "没有绑定联络员，请电话告知"),
        ("绑定 hemin 何敏 市水务局联络员", "已绑定"),
        ("绑定 chenjing 陈静 潮州供电局联络员", "已换人"),
        ("绑定 chenjing 陈静 潮州供电局联络员", "没有改动"),
    )
    ((_, first),) = await pushed(here, "hemin", "problem:handover:")
    assert "市水务局有1件政企问题在办，现由您联系：\n第0002号 市水务局 待接办" in first
    ((_, second),) = await pushed(here, "chenjing", "problem:handover:")
    assert "潮州供电局有1件政企问题在办" in second
    assert "请说：诉求1" in second
    await here.dialogue("chenjing", ("接办1", "已接办"))


async def test_a_firm_in_a_group_is_asked_into_the_private_chat_and_counted_once(here: Town) -> None:
    """“进度” and “满意” were answered there with points of the notice; every further word was another one."""
    said = await in_group(here, "sumingzhu", "我们厂停电三天了，请帮忙")
    assert "第0001号已收到，正在分办" in said
    again = await in_group(here, "sumingzhu", "厂里还在停电，窑都凉了")
    assert again.startswith("【政企问题】第0001号已收到")
    assert again.endswith("这次说的也已记下。")
    for words in ("进度", "满意", "1满意", "根本没人来过"):
        assert "请在与我的单聊里说" in await in_group(here, "sumingzhu", words), words
    await here.dialogue(
        "sumingzhu",
        ("转人工", "请讲。|登记后由工作人员联系您"),
        ("苏记茶业 苏明珠 13800138000", "已记下，谢谢。联系方式只给经办人看"),
        ("进度", "第0001号"),
    )
    await here.dialogue(
        "wanglei", ("诉求1", "反映单位：苏记茶业（联系人：苏明珠 13800138000）|补充：厂里还在停电")
    )
