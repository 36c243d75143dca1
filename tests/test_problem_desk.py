"""Around a firm's problem: who may record, see and decide, more time, other doors, and what a group reads."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from scheduler.problems import near_due, visit
from storage import kf
from storage.tables import inbox, problem_steps, problems
from tests.firms import FIRM, comes, dialogue, firms_town, in_group, pushed, run, says, told
from tests.town import Town

STUCK = "新厂房接电周期要12周，需要占道施工，影响8月投产，联系人陈明 13800138000"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with firms_town(f"sqlite:///{tmp_path / 'bqw.db'}") as found:
        yield found


async def test_staff_record_by_every_channel_and_a_group_reads_a_neutral_line(here: Town) -> None:
    await here.dialogue(
        "wanglei",
        (
            f"面对面座谈会 诉求：{STUCK}",
            "已登记政企问题第0001号（面对面座谈会）|联系人：陈明 13800138000|建议主办：|诉求类·复杂"
            "|7月15日（周一）16:42前分办，7月24日（周三）17:30前办结|还缺企业名称",
        ),
        ("1企业 宏瑞陶瓷有限公司", "已补：宏瑞陶瓷有限公司"),
        ("12345转来：凤塘工业区路灯坏了三个月没人修", "第0002号（12345热线）|一般"),
    )
    await here.dialogue(
        "chenjing",
        ("挂钩走访：茶厂招工难，一个月没招到人", "第0003号（挂钩走访）|建议主办：市人力资源社会保障局"),
        ("诉求3", "没有您能看的第0003号"),  # it is another unit's from now on
        ("诉求：", "请把诉求写在后面"),
    )
    for said in ("诉求：彩塘工业区断水，联系人李总 13912345678", "12345转来：村道塌方"):
        answer = await in_group(here, "huangwei", said)
        assert "已登记。【政企问题】第000" in answer
        assert "正在分办。办理情况单独告知反映人" in answer
        assert "1391" not in answer
        assert "彩塘" not in answer
    quoted = await in_group(here, "huangwei", "诉求", quote="我们厂招工难，联系人王总 13712345678")
    assert "已登记。【政企问题】第0006号" in quoted
    quoted = await in_group(here, "huangwei", "请登记一下", quote="门口断水三天了，急")
    assert "已登记。【政企问题】第0007号" in quoted
    assert "1371" not in quoted
    assert "王总 13712345678" in await here.hears("wanglei", "诉求6")
    listed = await in_group(here, "wanglei", "诉求")
    assert "政企问题在办7件，超期0件。详情请在与我的单聊里查看。" in listed
    shown = await in_group(here, "wanglei", "诉求1")
    assert shown == "「王磊：诉求1」\n【政企问题】第0001号已收到，正在分办。办理情况单独告知反映人。"
    for person, said in (("wanglei", "分办1 潮州供电局"), ("linxiao", "接办1")):
        assert "请到单聊里对我说" in await in_group(here, person, said)
    await here.dialogue("wanglei", ("诉求1", "待分办"))


async def test_each_sees_what_concerns_him_and_only_who_calls_sees_the_number(here: Town) -> None:
    await dialogue(here, (f"凤塘工业区停电，请供电局处理，{STUCK}", "已登记"))
    await here.dialogue("wanglei", ("分办1", "已分办：潮州供电局"))
    for person, sees in (("linxiao", True), ("zhoumin", True), ("zhengyun", True), ("chenjing", False)):
        answer = await here.hears(person, "诉求1")
        assert ("联系人已登记：陈**，138****8000" in answer) is sees, answer
        assert "13800138000" not in answer
    await here.dialogue("linxiao", ("接办1", "陈明 13800138000"), ("诉求1", "联系人：陈明 13800138000"))
    await here.dialogue(
        "huangwei",
        ("接办1", "不由贵单位办理"),
        ("诉求7接办", "没有第0007号政企问题"),
        ("诉求", "目前没有在办的政企问题"),
    )
    await here.dialogue("zhengyun", ("接办1", "由潮州供电局主办，贵单位协办"), ("潮安区诉求", "政企问题1件"))
    await here.dialogue(
        "linxiao", ("诉求1同意延期", "由市百千万办管理员进行"), ("诉求统计", "由市百千万办和市领导")
    )
    await here.dialogue("zhoumin", ("诉求统计", "收件1件|微信客服1件"), ("超期诉求", "没有超期政企问题"))
    await here.dialogue("wanglei", ("饶平县诉求", "没有饶平县政企问题"), ("潮州供电局诉求", "第0001号"))
    await here.dialogue(
        "wanglei",
        ("提请协调 诉求1 周敏", "呈市领导专题：第0001号|放行 草稿1"),
        ("提请协调 诉求1 周敏", "专题已经起草，见草稿1"),
        ("提请协调 诉求1 张三", "请写明呈哪位市领导|周敏"),
    )
    await here.hears("zhoumin", "不用发了")
    await here.dialogue("wanglei", ("放行 草稿1", "停了每日专报"))
    async with here.bot.database.transaction() as conn:
        words = (await conn.execute(select(problem_steps.c.words))).scalars().all()
        text = (await conn.execute(select(problems.c.text))).scalar_one()
    assert not any("13800138000" in one for one in [*words, text])


async def test_more_time_is_asked_for_a_day_before_and_the_firm_is_told(here: Town) -> None:
    await dialogue(here, ("凤塘工业区停电，请供电局处理", "已登记"))
    await here.dialogue("wanglei", ("分办1 潮州供电局", "已分办"))
    await here.dialogue(
        "linxiao",
        ("接办1", "已接办"),
        ("1已联系企业", "已记"),
        ("1延期", "请写明延到哪一天和原因"),
        ("1延期到7月20日 太忙", "本来就是7月22日（周一）17:30到期"),
        ("1延期到7月26日 变压器要调货", "申请延到7月26日（周五）17:30，已报市百千万办"),
        ("1延期到7月29日", "延期申请已经收到"),
    )
    asked = await told(here, "wanglei", "extension")
    assert "由7月22日（周一）17:30延到7月26日（周五）17:30，原因：变压器要调货" in asked
    assert await run(here, near_due, "07-22T14:50") == "提示1人，起草0份"  # the office's to decide
    assert not await pushed(here, "linxiao", "near-")
    await here.dialogue(
        "wanglei",
        ("1同意延期到7月25日", "同意延到7月25日（周四）17:30。已告知潮州供电局联络员林晓；请电话告知企业"),
        ("1同意延期", "没有待定的延期申请"),
    )
    assert "变压器要调货" in await told(here, "wanglei", "call")
    await dialogue(here, ("进度", "潮州供电局办理，7月25日（周四）17:30前答复您"))
    await comes(here, "07-25T09:00")
    await here.dialogue("linxiao", ("1延期到7月30日 还没到货", "不足1个工作日"))
    await here.dialogue("wanglei", ("1延期到7月30日 到货晚", "已延到7月30日（周二）17:30"))
    await comes(here, "07-26T09:00")
    await here.dialogue("linxiao", ("1延期到8月2日 还没到货", "已报市百千万办"))
    await here.dialogue("wanglei", ("1不同意延期 企业等着投产", "不同意延期，仍是7月30日（周二）17:30前办结"))
    assert "没有同意（企业等着投产）" in await told(here, "linxiao", "denied")


async def test_other_doors_are_shown_and_the_office_may_take_it_after_all(here: Town) -> None:
    await dialogue(
        here,
        ("登记", "请直接写"),
        ("客户欠货款三十万收不回来，请政府帮忙", "不在政企问题受理范围|12348|已留存备查（第0001号）"),
        ("请问冷链哪个单位牵头？", "市供销社牵头"),
    )
    await here.dialogue(
        "wanglei", ("诉求", "目前没有在办的"), ("分办1 市商务局", "已分办：市商务局，7月22日")
    )
    await dialogue(here, ("进度", "市商务局办理"))
    await dialogue(here, ("另一件：我厂招工难，一个月没招到人，请人社帮忙", "第0002号"))
    await here.dialogue(
        "wanglei",
        ("2不受理", "请写明理由和该去哪里办"),
        ("2不受理 可到市人力资源市场登记招工", "已记为不受理。已告知企业"),
        ("2复杂", "不能改分类"),
        ("1复杂", "已改为诉求类·复杂，7月24日（周三）17:30前办结"),
        ("1加急", "已改为紧急"),
    )
    assert "不在受理范围：可到市人力资源市场登记招工" in (await pushed(here, FIRM))[-1][1]


async def test_twice_unsatisfied_the_office_decides_and_a_long_matter_is_answered_again(here: Town) -> None:
    await dialogue(here, ("厂区外道路拓宽修到一半停了，能不能催一下交通部门", "已登记"))
    await here.dialogue("wanglei", ("分办1", "已分办：市交通运输局"))
    await here.dialogue(
        "huangwei",
        ("接办1", "企业没有留联系方式"),
        ("1办结：纳入长期跟踪，列入明年计划", "请写明下次答复的日期"),
        ("1办结：纳入长期跟踪，规划未批，8月20日再答复", "纳入长期跟踪"),
    )
    await dialogue(here, ("不满意，要等太久", "退回市交通运输局重办"))
    await here.dialogue("huangwei", ("1办结：已答复，政策不支持，本年没有计划", "政策不支持"))
    await dialogue(here, ("还是不满意 没解决", "由市百千万办重新核定"))
    assert "请办公室定性" in await told(here, "wanglei", "review")
    await here.dialogue(
        "wanglei",
        ("工作单", "待定性第0001号"),
        ("1定性", "请写明定为哪一种"),
        ("1定性 长期跟踪", "请写明下次答复的日期"),
        ("1定性 长期跟踪 8月20日再答复，等规划批复", "已定性：纳入长期跟踪。已告知企业"),
        ("诉求统计 7月", "办结1件|纳入长期跟踪1件|在办0件"),
        ("诉求", "长期跟踪"),
    )
    settled = (await pushed(here, FIRM))[-1][1]
    assert "核定：纳入长期跟踪，8月20日前再次答复您。\n说明：等规划批复\n市百千万办" in settled
    assert "请于8月20日前再次答复企业。理由：等规划批复" in await told(here, "huangwei", "settled")
    assert await run(here, near_due, "08-16T09:20") == "没有临期的"
    assert await run(here, near_due, "08-20T09:20") == "提示1人，起草0份"
    assert "再次答复企业（长期跟踪）" in (await pushed(here, "huangwei", "near-am:"))[0][1]
    await here.dialogue("huangwei", ("1办结：已解决，8月19日恢复施工", "电话告知"))
    await here.dialogue(
        "wanglei",
        ("1企业不满意", "请写一句企业不满意的原因"),
        ("1企业满意", "已记企业评价：满意。已办结"),
        ("1企业满意", "还没有到评价的时候"),
    )


async def test_a_firm_with_an_account_is_written_to_and_visited_there(here: Town) -> None:
    await here.dialogue(
        "sumingzhu",
        ("我们厂门口路灯坏了三个月没人修，请帮忙", "已登记（政企问题第0001号）"),
        ("陶瓷产业有什么支持政策？", "第"),
        ("帮助", "【企业】|不满意 原因"),
    )
    await here.dialogue("wanglei", ("分办1", "已分办"), ("1办结：已解决，路灯已修好", "已告知企业"))
    await here.dialogue("sumingzhu", ("1满意", "已记录：满意"))
    assert await run(here, visit, "08-14T09:20") == "回访1件，其中请办公室电话0件"
    ((_, asked),) = await pushed(here, "sumingzhu", "visit:")
    assert "7月15日办结，已满30天" in asked
    await here.dialogue("sumingzhu", ("正常，路灯都亮", "谢谢您的回复"))
    await here.dialogue("wanglei", ("1回访 正常", "目前没有要回访的"))
    assert await run(here, visit, "10-14T09:20") == "回访1件，其中请办公室电话0件"
    assert await run(here, visit, "10-14T09:25") == "没有要回访的"
    await comes(here, "10-14T10:00")
    await here.dialogue(
        "wanglei", ("1回访 又坏了两盏，有反弹", "第2次回访已记：反弹。需要重新立项请回复：1重办")
    )


async def test_a_bare_number_that_is_a_point_of_his_is_asked_back(here: Town) -> None:
    for number in range(17):
        await dialogue(here, (f"另一件：第{number}条村道坑洼，运货震碎瓷坯，请交通部门修", "已登记"))
    await here.dialogue("wanglei", ("分办17 市交通运输局", "已分办"), ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "huangwei",
        ("17不属本单位", "指的是要点17，还是政企问题第0017号？"),
        ("诉求17不属 属市住建局", "异议已收到"),
        ("①25.6 ②5 ③26", "已记"),
    )


async def test_one_firm_is_written_to_only_as_wecom_allows(here: Town) -> None:
    """Five messages within 48 hours of the firm's own; what cannot be written is a call for the office."""
    await dialogue(here, ("凤塘工业区停电，请供电局处理", "已登记"))
    await here.dialogue("wanglei", ("分办1 潮州供电局", "已分办"))
    await comes(here, "07-17T09:00")
    await here.dialogue("linxiao", ("1方案：换变压器", "已记办理方案，并告知企业"))
    await comes(here, "07-17T10:00")
    await here.dialogue("linxiao", ("1方案：换变压器，7月18日", "已记办理方案。"))
    assert len(await pushed(here, FIRM)) == 2
    assert await says(here, "进度") != ""
    await here.dialogue("linxiao", ("1方案：换变压器，7月19日", "并告知企业"))
    async with here.bot.database.transaction() as conn:
        rows = (await conn.execute(select(inbox.c.key).where(inbox.c.channel == "kf"))).all()
    assert len(rows) == 2
    async with here.bot.database.transaction() as conn:
        visitor = await kf.visitor(conn, FIRM)
        assert visitor is not None
        await kf.use_up(conn, visitor, 4)
    await comes(here, "07-17T10:30")
    await here.dialogue("linxiao", ("1办结：已解决，已换变压器", "已请市百千万办电话告知"))
