"""Firms' problems from entry to rating and visit: an objection, more time, over time, and who sees what."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from scheduler import digests
from scheduler.problems import near_due, visit
from storage.tables import audit
from tests.firms import FIRM, comes, dialogue, firms_town, pushed, run, told
from tests.town import Town

CALL = "急！凤塘工业区整片停电，窑炉里还有货，请供电局马上处理"


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Town]:
    async with firms_town(database_url) as found:
        yield found


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with firms_town(f"sqlite:///{tmp_path / 'bqw.db'}") as found:
        yield found


async def acts(place: Town) -> list[str]:
    async with place.bot.database.transaction() as conn:
        rows = await conn.execute(select(audit.c.action).order_by(audit.c.id))
        return [action for action in rows.scalars() if action.startswith(("problem", "draft"))]


async def assigned(place: Town, words: str = CALL) -> None:
    """A firm's problem that the power bureau has taken."""
    await dialogue(place, (words, "已登记"))
    await place.dialogue("wanglei", ("分办1 潮州供电局", "已分办：潮州供电局，"))
    await place.dialogue("linxiao", ("接办1", "已接办"))


async def test_from_a_firms_first_word_to_its_rating_and_the_visits(office: Town) -> None:
    await dialogue(
        office,
        (
            CALL,
            "已登记（政企问题第0001号）|4个工作小时内转到承办单位，7月22日（周一）17:30前答复您"
            "|请先拨打110|还请回复单位名称、联系人和电话，只给经办人看",
        ),
        ("宏瑞陶瓷有限公司 陈明 13800138000", "已记下，谢谢。联系方式只给经办人看"),
        ("还没来电，急死了，请供电局来看看", "已记入第0001号|如果是另一件事，请以“另一件：”开头"),
        ("进度", "第0001号（急！凤塘工业区整片停电|正在分办，7月22日"),
    )
    ((_, card),) = await pushed(office, "wanglei", "problem:")
    assert "【政企问题 第0001号】新收（紧急）" in card
    assert "建议主办：潮州供电局（待办公室确认） 协办：潮安区" in card
    assert "请于7月15日（周一）16:42前分办" in card
    await office.dialogue(
        "wanglei",
        ("诉求", "政企问题1件（超期0件）|第0001号（急） 待分办，7月22日（周一）17:30前办结"),
        ("诉求1", "宏瑞陶瓷有限公司（联系人：陈明 13800138000）|建议主办：潮州供电局|请回复：分办1"),
        ("分办1", "已分办：潮州供电局（协办：潮安区）|已告知潮州供电局联络员林晓；已告知潮安区联络员郑云"),
    )
    (_, given), *_ = await pushed(office, "linxiao", "problem:")
    assert "反映单位：宏瑞陶瓷有限公司（联系人已登记：陈**，138****8000）" in given
    assert "接办后1个工作小时内联系企业；7月22日（周一）17:30前办结" in given
    assert "13800138000" not in given
    await office.dialogue(
        "linxiao",
        ("诉求1", "138****8000|请回复：接办1"),
        ("接办1", "请于7月15日（周一）11:12前联系企业|联系人：陈明 13800138000|回复：1办结"),
        ("接办1", "已经接办了"),
        ("1已联系企业", "已记：联系企业"),
        ("1方案：今晚抢修，明早送电", "已记办理方案，并告知企业"),
    )
    await office.dialogue("zhengyun", ("1意见：镇里已清出抢修通道", "已转潮州供电局"))
    await comes(office, "07-16T09:05")
    await office.dialogue(
        "linxiao",
        ("1办结：办了", "请写明第0001号是哪一种结果|已解决|政策不支持|长期跟踪"),
        ("1办结：已解决，7月16日8点送电", "已记：已解决。已告知企业并请评价"),
    )
    told = await pushed(office, FIRM)
    assert "已转潮州供电局办理" in told[0][1]
    assert "潮州供电局提出办理方案：今晚抢修，明早送电" in told[1][1]
    assert told[2][1].startswith("宏瑞陶瓷有限公司：\n您7月15日10:12反映的问题（第0001号）已解决")
    await dialogue(
        office,
        ("不满意", "请写一句原因"),
        ("只送了一半的电", "已退回潮州供电局重办，并提一级督办，7月23日（周二）17:30前再次答复您"),
    )
    await office.dialogue(
        "wanglei", ("草稿1", "政企问题不满意重办：第0001号|企业对答复评价不满意（只送了一半的电）")
    )
    await office.dialogue("linxiao", ("1办结：已解决，整片恢复供电", "已告知企业"))
    assert "没有待审核的草稿" in await office.hears("wanglei", "草稿")  # settled with the answer
    await dialogue(office, ("基本满意", "已记录：基本满意|30天、90天后各回访一次"), ("满意吗？", "您"))
    await office.dialogue(
        "wanglei",
        (
            "诉求1",
            "已办结|企业评价：基本满意|潮州供电局接办|退回重办，企业评价：不满意：只送了一半的电",
        ),
        ("诉求统计 7月", "收件1件|办结1件，其中按时答复1件|基本满意1件|潮州供电局 新收1办结1在办0"),
    )
    assert await run(office, visit, "08-14T09:20") == "没有要回访的"
    assert await run(office, visit, "08-15T09:20") == "回访1件，其中请办公室电话1件"
    ((_, call),) = await pushed(office, "wanglei", "visits:")
    assert "第0001号" in call
    assert "宏瑞陶瓷有限公司 陈明 13800138000；回复：1回访 正常" in call
    await dialogue(office, ("又停电了，每天跳闸两次", "已转市百千万办"))
    ((_, relapse),) = await pushed(office, "wanglei", "problem:1:visit")
    assert "企业说：“又停电了，每天跳闸两次”" in relapse
    assert "1重办（编号沿用，加“-2”）" in relapse
    await office.dialogue("wanglei", ("1重办 每天跳闸", "第0001号-2已重办，8月22日（周四）17:30前办结"))
    assert await run(office, visit, "10-14T09:20") == "没有要回访的"  # it is being done again
    assert [act for act in await acts(office) if act.startswith("problem")] == [
        "problem-assign",
        "problem-again",
    ]


async def test_an_objection_is_decided_the_same_day_and_once(office: Town) -> None:
    await dialogue(office, ("新厂房接电周期长，需要占道施工，希望提前", "已登记"))
    await office.dialogue("wanglei", ("分办1 潮州供电局 协办 市城管执法局", "协办：市城管执法局"))
    await office.dialogue(
        "linxiao",
        ("1不属", "请写明理由和应由哪个单位办"),
        ("1不属 占道许可属市城管执法局职责", "异议已收到，市百千万办7月15日（周一）17:30前定"),
        ("1不属 再说一次", "异议已经收到"),
        ("接办1", "不能接办"),
    )
    card = await told(office, "wanglei", "objection")
    assert "潮州供电局提出第0001号不属本单位：“占道许可属市城管执法局职责”" in card
    assert await run(office, near_due, "07-15T14:50") == "提示1人，起草0份"  # the office itself, due today
    ((_, note),) = await pushed(office, "wanglei", "near-pm:")
    assert "第0001号请定责任异议" in note
    await office.dialogue(
        "wanglei", ("1异议不成立 接电由供电部门牵头", "核定仍由潮州供电局主办，7月25日（周四）")
    )
    kept = await told(office, "linxiao", "kept")
    assert "经核定仍由潮州供电局主办（接电由供电部门牵头）" in kept
    await office.dialogue("linxiao", ("1不属 还是不归我们", "市百千万办已经核定"), ("接办1", "已接办"))
    await comes(office, "07-16T15:00")
    await office.dialogue("linxiao", ("1转市城管执法局", "已过提出异议的时间"))
    await office.dialogue(
        "wanglei", ("分办1 市城管执法局", "已分办：市城管执法局，7月25日（周四）17:30前办结")
    )
    assert "已改由市城管执法局办理" in await told(office, "linxiao", "before")
    assert await acts(office) == ["problem-assign", "problem-keep", "problem-assign"]


async def test_what_is_over_time_reaches_a_leaders_digest_when_a_person_lets_it_out(office: Town) -> None:
    await assigned(office, "新厂房接电周期要12周，需要占道施工，影响8月投产，希望提前")
    await office.dialogue("linxiao", ("1已联系企业", "已记"), ("1方案：先临时接入，需协调占道许可", "已记"))
    assert await run(office, near_due, "07-22T09:20") == "没有临期的"
    assert await run(office, near_due, "07-23T09:20") == "提示1人，起草0份"
    ((_, near),) = await pushed(office, "linxiao", "near-am:")
    assert "贵单位有1件政企问题需要抓紧" in near
    assert "7月24日（周三）17:30前办结，还剩1.9个工作日" in near
    assert await run(office, near_due, "07-25T09:20") == "提示1人，起草0份"  # its liaison first
    assert "已过时限：第0001号" in (await pushed(office, "linxiao", "near-am:2024-07-25"))[0][1]
    assert await run(office, near_due, "07-25T14:50") == "提示2人，起草1份"
    await office.dialogue(
        "wanglei",
        ("超期诉求", "超期政企问题1件（超期1件）|已超期"),
        ("草稿1", "政企问题超期：第0001号（潮州供电局）|原定7月24日（周三）17:30前办结，目前尚未办结"),
        ("放行 草稿1", "潮州供电局还没有绑定分管领导"),
        ("草稿1已电话 说明天定", "已记为办结"),
    )
    assert await run(office, near_due, "07-26T09:20") == "提示2人，起草1份"
    assert await run(office, near_due, "07-26T14:50") == "提示1人，起草0份"  # drafted once
    await office.dialogue(
        "wanglei",
        (
            "草稿2",
            "呈市领导专题：第0001号|事项：新厂房接电周期要12周|办理：潮州供电局主办，7月15日分办"
            "|方案：先临时接入，需协调占道许可|已超期2个工作日|请您定：是否由市里召集潮州供电局研究"
            "|依据：要点43“深入推进问题在一线协调解决”",
        ),
    )
    assert await run(office, digests.daily, "07-29T10:01") == "发出1份"  # not let out: he reads a number
    sent = dict(await pushed(office, "zhoumin", "digest:2024-07-29"))
    assert "政企问题：新收0件，办结0件，超期1件" in sent["digest:2024-07-29:zhoumin"]
    assert "请您定" not in sent["digest:2024-07-29:zhoumin"]
    body = "事项：新厂房接电（政企问题第0001号）\n请您定：是否由周敏同志召集供电、城管于8月1日前定施工时段。"
    await office.dialogue(
        "wanglei", (f"草稿2改为：{body}", "8月1日前"), ("放行 草稿2 呈周敏", "列入周敏下一份每日专报（专题）")
    )
    assert await run(office, digests.daily, "07-30T08:40") == "发出1份"
    topic = dict(await pushed(office, "zhoumin", "digest:2024-07-30"))["digest:2024-07-30:zhoumin"]
    assert topic == f"“百千万工程”每日专报（7月30日，星期二）·专题\n{body}\n市百千万办"
    assert await run(office, digests.daily, "07-31T08:40") == "发出1份"
    again = dict(await pushed(office, "zhoumin", "digest:2024-07-31"))["digest:2024-07-31:zhoumin"]
    assert "没有新情况" in again
    assert "同意，由我召集" not in again
    await office.dialogue("zhoumin", ("收到，7月31日前召集三方", "已转市百千万办"))
    ((_, heard),) = await pushed(office, "wanglei", "leader:")
    assert "周敏就“呈市领导专题：第0001号（潮州供电局）”回复" in heard
    await office.dialogue("linxiao", ("1办结：已解决，临时接入送电", "发不到，已请市百千万办电话告知"))
    ((_, call),) = await pushed(office, "wanglei", "call:")
    assert "超过48小时没有说话" in call
    assert "告知后请回复：1企业满意" in call
    assert "请您评价" not in call
    await dialogue(office, ("您好", "企业服务|潮州供电局答复：临时接入送电"), ("进度", "请您评价"))
    await dialogue(office, ("满意", "已记录：满意"))
    assert [act for act in await acts(office) if act.startswith("draft")] == [
        "draft-release",
        "draft-change",
        "draft-release",
    ]
