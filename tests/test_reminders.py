"""A round by the clock: reminders, drafts let out by a person, extensions, returns, and what keeps it quiet.

The clock of the town is set to each job's time and the job called as the ticker does, in one transaction.
"""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from handlers import extensions
from knowledge.dates import whens
from scheduler.digests import daily
from scheduler.reminders import drafts_waiting, escalate, remind, summary
from storage import drafts
from storage.drafts import Draft
from storage.tables import outbox
from supervision.workdays import SHANGHAI, Workdays
from tests.town import Town, at

REMIND, ESCALATE, LIST, SUM = "09:10", "14:40", "11:40", "17:10"


async def days(place: Town, first: str, last: str, workdays: Workdays | None = None) -> None:
    """Every job at its time on each day, also on days off: the jobs themselves keep quiet."""
    on = date.fromisoformat(f"2024-{first}")
    while on <= date.fromisoformat(f"2024-{last}"):
        for when, job in ((REMIND, remind), (LIST, drafts_waiting), (ESCALATE, escalate), (SUM, summary)):
            await place.does(job, f"{on:%m-%d}T{when}")
        on += timedelta(1)


async def got(place: Town, person: str) -> list[tuple[str, str]]:
    """What was pushed to this person: (key without its name, text), in the order it left."""
    async with place.bot.database.transaction() as conn:
        rows = await conn.execute(
            select(outbox.c.key, outbox.c.payload, outbox.c.sent_at)
            .where(outbox.c.target == person, outbox.c.via == "push", outbox.c.state == "sent")
            .order_by(outbox.c.sent_at, outbox.c.id)
        )
        return [
            (row.key.rsplit(f":{person}", 1)[0], row.payload["text"])
            for row in rows.all()
            if not row.key.startswith("re:")
        ]


async def keys(place: Town, person: str) -> list[str]:
    return [key for key, _ in await got(place, person)]


async def all_drafts(place: Town) -> list[Draft]:
    async with place.bot.database.transaction() as conn:
        return await drafts.of_kind(conn, "", at("01-01T00:00"))


async def opened(place: Town) -> None:
    """July's round: point 3 of 潮安区 by the notice's own words, point 17 released; due on the 25th."""
    await place.comes("07-18T08:40")
    await place.dialogue(
        "wanglei",
        ("绑定 linxiao 林晓 潮安区分管领导", "已绑定"),
        ("开月报 放行17", "7月进展报送|7月25日（周四）17:30"),
    )
    await place.comes("07-18T09:11")


async def test_a_unit_that_never_answers_is_reminded_twice_and_its_leader_told_by_a_person(
    office: Town,
) -> None:
    await opened(office)
    await days(office, "07-19", "07-25")
    assert await keys(office, "zhengyun") == ["ask:2024-07-18", "remind:2024-07-23", "remind:2024-07-25"]
    (_, early), (_, final) = (await got(office, "zhengyun"))[1:]
    assert early.startswith("【临期提醒】您好，贵单位7月进展（要点3")
    assert "将于7月25日（周四）17:30到期，尚未收到回复" in early
    assert "分管领导" not in early
    assert final.startswith("【今日到期】")
    assert "今天17:30到期，尚未收到回复" in final
    assert "如今天仍未收到，市百千万办将于7月26日（周五）下午告知贵单位分管领导" in final
    assert await all_drafts(office) == []

    await office.does(escalate, "07-26T14:40")
    (draft,) = await all_drafts(office)
    assert (draft.kind, draft.target, draft.state) == ("escalation-1", "linxiao", "draft")
    assert draft.detail["reminded"] == ["2024-07-23", "2024-07-25"]
    assert draft.detail["asked"] == "2024-07-18"
    assert "ask" not in str(await keys(office, "linxiao"))  # nothing leaves by itself
    await office.dialogue(
        "wanglei",
        ("草稿", f"草稿{draft.id} 升级一：潮安区"),
        (
            f"草稿{draft.id}",
            "升级一：潮安区 要点3|郑云同志7月18日收到催报，7月23日、7月25日收到提醒，目前尚未回复",
        ),
        (f"放行 草稿{draft.id}", "已放行|发给林晓"),
        (f"放行 草稿{draft.id}", "已由wanglei7月26日放行"),
    )
    await office.comes("07-26T14:45")
    ((key, told),) = await got(office, "linxiao")
    assert key == f"draft:{draft.id}"
    assert told.startswith("林晓同志：\n贵单位负责报送的要点3")
    assert "于7月29日（周一）12:00前告知办理时间" in told
    assert (await keys(office, "zhengyun"))[-1] == f"draft:{draft.id}:copy"
    await office.dialogue("linxiao", ("需协调：项目用地没有落实，8月2日前报", "已转市百千万办"))
    await office.comes("07-26T14:50")
    assert any("【领导回复】林晓" in text for _, text in await got(office, "wanglei"))

    await days(office, "07-27", "08-02")
    kinds = [(one.kind, one.created_at.astimezone(SHANGHAI).day) for one in await all_drafts(office)]
    assert kinds == [("escalation-1", 26), ("escalation-2", 30), ("escalation-3", 1)]
    phone, circular = (await all_drafts(office))[1:]
    assert "7月26日告知分管领导" in phone.body
    assert "通知原文写明" in phone.body
    assert "截至8月1日，潮安区要点3" in circular.body
    await office.dialogue("wanglei", (f"草稿{phone.id}已电话 周五报来", "已记为办结：周五报来"))
    assert [key for key in await keys(office, "zhengyun") if key.startswith("remind")] == [
        "remind:2024-07-23",
        "remind:2024-07-25",
    ]


async def test_who_answers_before_the_day_gets_nothing_more(here: Town) -> None:
    await opened(here)
    await days(here, "07-19", "07-23")
    assert "remind:2024-07-23" in await keys(here, "huangwei")
    await here.comes("07-24T10:03")
    await here.dialogue("huangwei", ("①25.6 ②5", "还差1项"))
    await here.comes("07-24T10:20")
    await here.dialogue("huangwei", ("③26", "本轮已报齐"))
    await days(here, "07-24", "08-02")
    assert await keys(here, "huangwei") == ["ask:2024-07-18", "remind:2024-07-23"]
    assert not [one for one in await all_drafts(here) if one.detail["unit"] == "市交通运输局"]


async def test_a_part_is_asked_for_by_its_number_and_a_word_of_the_day_keeps_the_day_quiet(
    here: Town,
) -> None:
    await opened(here)
    await here.comes("07-19T10:03")
    await here.dialogue("huangwei", ("①25.6 ②5", "还差1项"))
    await days(here, "07-22", "07-23")
    text = dict(await got(here, "huangwei"))["remind:2024-07-23"]
    assert "目前还差③完成农村公路安全生命防护工程" in text
    await here.comes("07-25T08:50")
    await here.dialogue("huangwei", ("收到", "直接在这里回复"))
    await here.does(remind, "07-25T09:10")
    assert (await keys(here, "huangwei"))[-1] == "remind:2024-07-23"
    await here.does(remind, "07-26T09:10")  # who was not warned is warned first
    text = dict(await got(here, "huangwei"))["remind:2024-07-26"]
    assert text.startswith("【逾期提醒】")
    assert "原定7月25日（周四）17:30报送，请今天补报" in text


async def test_the_office_decides_the_one_draft_that_waits_by_one_word(here: Town) -> None:
    await opened(here)
    await here.does(remind, "07-23T09:10")
    await here.does(remind, "07-25T09:10")
    await here.dialogue("wanglei", ("放行", "没有找到"))
    await here.does(escalate, "07-26T14:40")
    await here.dialogue("chenjing", ("放行", ""))
    assert [one.state for one in await all_drafts(here)] == ["draft"]
    await here.dialogue(
        "wanglei",
        ("别发了", ""),  # nothing is dropped without its name
        ("放行1", "要放行草稿，请回复：放行 草稿1"),
        ("缓一缓", "草稿1先放着，期间不再升级"),
        ("草稿1先放一放 等台风过后", "草稿1先放着（等台风过后）"),
        ("草稿1可以发了", "已放行草稿1|发给林晓"),
    )
    await here.does(escalate, "07-30T14:40")
    await here.dialogue(
        "wanglei",
        ("全部放行", "草稿2（升级二：潮安区|请单独定"),
        ("打过电话了 周五报来", "草稿2已记为办结：周五报来"),
    )


async def test_all_that_goes_to_leaders_is_let_out_at_once(here: Town) -> None:
    await opened(here)
    await here.dialogue("wanglei", ("绑定 sumingzhu 苏明珠 市交通运输局分管领导", "已绑定"))
    async with here.bot.database.transaction() as conn:
        for unit, leader in (("潮安区", "林晓"), ("市交通运输局", "苏明珠")):
            detail = {"unit": unit, "points": [17]}
            draft = Draft(
                "escalation-4",
                unit,
                f"提请协调：{unit}",
                f"{leader}同志：……",
                "zhoumin",
                detail,
                at("07-26T14:40"),
            )
            await drafts.write(conn, draft)
    await here.comes("07-26T15:10")
    await here.dialogue(
        "wanglei",
        ("放行", "待审核的草稿2份|草稿1|草稿2"),
        ("全部放行", "已放行草稿1|已放行草稿2"),
        ("草稿", "没有待审核的草稿"),
    )


async def test_what_was_only_released_is_reminded_of_but_never_escalated(here: Town) -> None:
    await opened(here)
    await days(here, "07-19", "08-05")
    assert await keys(here, "chenjing") == [
        "ask:2024-07-18",
        "remind:2024-07-23",
        "remind:2024-07-25",
    ]
    assert "将于" not in dict(await got(here, "chenjing"))["remind:2024-07-25"]
    assert {one.detail["unit"] for one in await all_drafts(here)} == {"潮安区"}


async def test_a_quiet_period_silences_and_gives_time_afterwards(here: Town) -> None:
    await opened(here)
    await here.comes("07-22T16:00")
    await here.dialogue("wanglei", ("暂停催办 台风 到7月26日", "到7月26日（周五）为止"))
    await days(here, "07-23", "07-28")
    assert await keys(here, "zhengyun") == ["ask:2024-07-18"]
    await days(here, "07-29", "07-29")
    text = dict(await got(here, "zhengyun"))["remind:2024-07-29"]
    assert "将于7月30日（周二）17:30到期（已顺延）" in text
    assert "暂停中（台风" in dict(await got(here, "wanglei"))["summary:2024-07-24"]
    await days(here, "07-30", "07-30")  # two working days after it: the new last day
    text = dict(await got(here, "zhengyun"))["remind:2024-07-30"]
    assert "今天17:30到期" in text
    assert "7月31日（周三）下午告知" in text
    await days(here, "07-31", "07-31")
    (draft,) = await all_drafts(here)
    assert draft.created_at.astimezone(SHANGHAI).date() == date(2024, 7, 31)


async def test_who_reports_after_a_quiet_period_is_not_late_and_an_early_end_gives_its_day_back(
    here: Town,
) -> None:
    await opened(here)
    await here.comes("07-22T16:00")
    await here.dialogue("wanglei", ("暂停催办 台风 到7月26日", "再给两个工作日"))
    await here.dialogue("zhengyun", ("我的任务", "7月30日（周二）17:30前"))
    await here.comes("07-23T08:40")
    await here.dialogue("wanglei", ("恢复催办", "已恢复"))
    await here.dialogue("zhengyun", ("我的任务", "7月25日（周四）17:30前"))
    await here.dialogue("wanglei", ("暂停催办 又一个台风 到7月28日", "再给两个工作日"))
    await here.comes("07-29T10:05")
    assert "迟报" not in await here.hears("zhengyun", "①21 ②1")


async def test_an_extension_asked_and_granted_moves_the_day(office: Town) -> None:
    await opened(office)
    await office.comes("07-22T15:10")
    await office.dialogue(
        "zhengyun",
        ("能不能晚两天报", "想延到哪一天"),
        ("7月30日", "申请延到7月30日（周二）17:30|定之前不再催"),
        ("要点3申请延期到7月20日", "不用延期"),
    )
    await days(office, "07-23", "07-23")
    assert await keys(office, "zhengyun") == ["ask:2024-07-18"]  # undecided: left in peace
    request = next(text for key, text in await got(office, "wanglei") if key.startswith("extension:"))
    assert "潮安区要点3" in request
    assert "原定7月25日（周四）17:30" in request
    number = request.split("延期申请】延期")[1].split("：")[0]
    await office.dialogue("chenjing", (f"延期{number}同意", "管理员"))
    await office.dialogue(
        "wanglei",
        ("延期", f"延期{number} 潮安区要点3"),
        (f"延期{number}同意到7月29日", "同意延到7月29日（周一）17:30|会告诉联络员郑云"),
        (f"延期{number}同意", "没有待定的延期"),
    )
    await days(office, "07-24", "07-30")
    texts = dict(await got(office, "zhengyun"))
    assert "同意延到7月29日（周一）17:30" in texts[f"extended:{number}"]
    assert [key for key in texts if key.startswith("remind")] == ["remind:2024-07-29"]
    (draft,) = await all_drafts(office)
    assert draft.created_at.astimezone(SHANGHAI).date() == date(2024, 7, 30)
    assert "原定7月29日（周一）17:30" in draft.body
    await office.dialogue("zhengyun", ("要点3申请延期到8月5日，因入库审核未完", "已记下"))
    await office.dialogue(
        "wanglei",
        (f"放行 草稿{draft.id}", "申请了延期，还没有定"),
        ("延期5不同意", "不同意延期"),
    )
    await office.dialogue("zhengyun", ("①21 ②1 ③5 ④3", "已记"))
    assert {one.state for one in await all_drafts(office)} == {"dropped"}
    await office.dialogue("wanglei", (f"放行 草稿{draft.id}", "撤下（已报送"))


async def test_a_report_within_its_extension_is_not_late(here: Town) -> None:
    await opened(here)
    await here.comes("07-24T10:10")
    await here.dialogue("zhengyun", ("要点3申请延期到7月30日，因项目入库审核未完", "已记下"))
    await here.dialogue("wanglei", ("延期1同意", "同意延到7月30日"))
    await here.comes("07-29T10:10")
    assert "迟报" not in await here.hears("zhengyun", "①21 ②1")


async def test_a_refused_extension_says_until_when(here: Town) -> None:
    await opened(here)
    await here.comes("07-22T10:10")
    await here.dialogue("zhengyun", ("要点3申请延期到7月30日，因项目入库审核未完", "已记下"))
    await here.dialogue("wanglei", ("延期1不同意 月底要汇总", "不同意延期"))
    await here.comes("07-22T10:20")
    text = dict(await got(here, "zhengyun"))["extended:1"]
    assert "没有同意（月底要汇总），请于7月25日（周四）17:30前报送" in text
    await days(here, "07-23", "07-26")
    assert [one.kind for one in await all_drafts(here)] == ["escalation-1"]


@pytest.mark.parametrize(
    ("said", "until"),
    [
        ("能不能晚两天报", None),
        ("今天来不及,下周五再报行吗", date(2024, 7, 26)),
        ("我们能不能7月29日报", date(2024, 7, 29)),
        ("要点17请求推迟到下周三报,数据还没出来", date(2024, 7, 24)),
        ("要点17申请延期到7月30日,因管线迁改未定", date(2024, 7, 30)),
        ("想缓几天报", None),
        ("请宽限到月底", date(2024, 7, 31)),
        ("能不能晚两天,数据还在核", None),
        ("可以晚点给吗", None),
        ("下周一给你行吗", date(2024, 7, 22)),
    ],
)
def test_more_time_is_asked_for_in_many_ways(said: str, until: date | None) -> None:
    on = date(2024, 7, 15)
    named = next((one.day for one in reversed(whens(said, on)) if one.day), None)
    assert extensions.wants(said, named)
    assert named == until


@pytest.mark.parametrize(
    "said",
    [
        "①25.6 ②5 ③26",
        "开工推迟,请市里协调",
        "工程申请延期验收",
        "7月30日前完成",
        "资料7月底能报批",
        "今天能报吗",
        "没有变化",
        "收到",
    ],
)
def test_what_is_no_request_for_more_time(said: str) -> None:
    named = next((one.day for one in reversed(whens(said, date(2024, 7, 15))) if one.day), None)
    assert not extensions.wants(said, named)


async def test_time_is_asked_for_and_given_in_ordinary_words(here: Town) -> None:
    """“能不能晚两天，数据还在核” was answered with the point on data, “到28号” with “想延到哪一天？”."""
    await opened(here)
    await here.comes("07-24T10:10")
    await here.dialogue(
        "zhengyun",
        ("延期批了吗", "没有收到过贵单位的延期申请"),
        ("能不能晚两天，数据还在核", "想延到哪一天"),
        ("延期批了吗", "想延到哪一天"),
        ("30号", "申请延到7月30日（周二）17:30"),
        ("延期批了没", "还没有定"),
    )
    await here.dialogue("huangwei", ("能否延期到29号？分管领导出差没审", "要点17申请延到7月29日"))
    await here.dialogue(
        "wanglei",
        ("有没有申请延期的", "延期1 潮安区要点3、22、41、42"),
        ("同意水务局延期", "市水务局没有待定的延期申请"),
        ("同意潮安区延期到29号", "潮安区要点3、22、41、42同意延到7月29日（周一）17:30"),
        ("谁申请了延期", "申请共1件|市交通运输局要点17"),
    )
    await here.dialogue("zhengyun", ("延期批了吗", "同意延到7月29日（周一）17:30"))
    await here.dialogue("zhengyun", ("能否再延期到2号？", "申请延到8月2日（周五）17:30"))
    await here.dialogue("wanglei", ("不同意潮安区的延期 月底要汇总", "不同意延期"))
    await here.dialogue("zhengyun", ("延期批了吗", "没有同意"))


async def test_late_works_are_no_request_for_more_time(here: Town) -> None:
    await opened(here)
    answer = await here.hears("huangwei", "①25.6，其中两座桥因管线迁改开工推迟，请市里协调")
    assert "申请延" not in answer
    assert "25.6公里" in answer


async def test_an_open_objection_is_never_escalated_and_drops_what_was_drafted(here: Town) -> None:
    await opened(here)
    await days(here, "07-23", "07-26")
    (draft,) = await all_drafts(here)
    assert "要点3、22、41、42" in draft.body
    await here.comes("07-26T18:00")
    await here.dialogue("wanglei", (f"放行 草稿{draft.id}", "7月29日（周一）09:10发给"))
    await here.dialogue("zhengyun", ("要点3不属本单位", "核定前不再"))
    await here.dialogue("wanglei", (f"草稿{draft.id}", "要点22、41、42（7月进展）"))
    await here.dialogue("zhengyun", ("要点22、41、42不属本单位", "核定前不再"))
    await days(here, "07-29", "08-05")
    assert await keys(here, "linxiao") == []  # taken back before it left
    assert [one.state for one in await all_drafts(here)] == ["dropped"]
    await here.dialogue("wanglei", ("异议1不成立", "仍由潮安区报送"))
    await days(here, "08-06", "08-07")
    assert len(await all_drafts(here)) == 1  # two working days after the decision
    await here.does(escalate, "08-08T14:40")
    (_, again) = await all_drafts(here)
    assert [row["point"] for row in again.detail["rows"]] == [3]


async def test_a_draft_is_changed_held_and_dropped_in_chat(here: Town) -> None:
    await opened(here)
    await days(here, "07-23", "07-26")
    (draft,) = await all_drafts(here)
    name = f"草稿{draft.id}"
    assert "管理员" in await here.hears("zhengyun", f"放行 {name}")
    await here.dialogue(
        "wanglei",
        (f"{name}暂缓 等电话", "先放着（等电话）"),
        (name, "暂缓中：等电话"),
        (f"{name}改为：林晓同志：请了解要点3报送情况。市百千万办", "请了解要点3报送情况"),
        (f"{name}放行", "已放行"),
        ("草稿", "没有待审核的草稿"),
        ("放行 草稿99", "没有草稿99"),
        ("放行 17", "没有可以加问的单位"),  # another word altogether
    )
    await here.comes("07-29T09:11")
    assert [text for _, text in await got(here, "linxiao")] == ["林晓同志：请了解要点3报送情况。市百千万办"]
    await days(here, "07-30", "07-30")
    second = (await all_drafts(here))[-1]
    await here.dialogue("wanglei", (f"草稿{second.id}不发 已当面说清", "不再往上升级"))
    await days(here, "07-31", "08-05")
    assert [one.kind for one in await all_drafts(here)] == ["escalation-1", "escalation-2"]


async def test_without_a_leader_bound_a_draft_waits_for_one(here: Town) -> None:
    await opened(here)
    await here.dialogue("wanglei", ("解绑 linxiao", "已解绑"))
    await days(here, "07-23", "07-26")
    text = dict(await got(here, "zhengyun"))["remind:2024-07-25"]
    assert "电话联系贵单位" in text
    (draft,) = await all_drafts(here)
    await here.dialogue(
        "wanglei",
        (f"放行 草稿{draft.id}", "还没有绑定分管领导"),
        ("绑定 linxiao 林晓 潮安区分管领导", "已绑定"),
        (f"放行 草稿{draft.id}", "发给林晓"),
    )


async def test_a_leader_is_told_three_times_a_month_and_then_rung_up(here: Town) -> None:
    await here.comes("07-02T08:40")
    await here.dialogue("wanglei", ("绑定 linxiao 林晓 潮安区分管领导", "已绑定"))
    for due in ("7月4日", "7月5日", "7月8日", "7月9日"):  # six reminders, which a month may have
        await here.dialogue("wanglei", (f"开专项 {due}前 要点3", "已开轮次"))
    await days(here, "07-02", "07-10")
    found = [one for one in await all_drafts(here) if one.kind == "escalation-1"]
    assert len(found) == 4
    await here.comes("07-10T18:00")
    for draft in found[:3]:
        await here.dialogue("wanglei", (f"放行 草稿{draft.id}", "发给林晓"))
    name = f"草稿{found[3].id}"
    await here.dialogue(
        "wanglei",
        (f"放行 {name}", "本月升级告知已达3条上限|电话联系"),
        (f"{name}已电话 周五报", "已记为办结：周五报"),
    )
    await here.comes("07-11T09:11")
    assert len(await keys(here, "linxiao")) == 3


async def test_what_is_returned_is_due_in_two_working_days_and_the_second_time_by_telephone(
    here: Town,
) -> None:
    await opened(here)
    await here.comes("07-19T10:03")
    await here.dialogue("huangwei", ("①25.6 ②5 ③26", "本轮已报齐"))
    await here.dialogue(
        "wanglei",
        ("退回 市交通运输局 要点9 请写明", "没有要报的要点9"),
        ("退回 市交通运输局 要点17 请写明镇街和原因", "请黄伟于7月23日（周二）17:30前补充"),
    )
    await here.comes("07-19T10:20")
    (_, text) = (await got(here, "huangwei"))[-1]
    assert text.startswith("【请补充】您好，要点17的7月进展已收到，谢谢。请补充：\n请写明镇街和原因")
    await here.dialogue("huangwei", ("我的任务", "请补充：请写明镇街和原因"))
    await here.dialogue("huangwei", ("要点17困难：凤凰镇两座桥管线迁改未定", "已记|本轮已报齐"))
    await here.dialogue(
        "wanglei", ("退回 市交通运输局 要点17 请写明权属单位", "改由电话联系|已退回2次|黄伟|已电话")
    )
    assert len(await got(here, "huangwei")) == 2
    assert [one.kind for one in await all_drafts(here)] == ["phone"]


async def test_a_returned_report_that_is_not_completed_becomes_a_call(here: Town) -> None:
    await opened(here)
    await here.comes("07-19T10:03")
    await here.dialogue("huangwei", ("①25.6 ②5 ③26", "本轮已报齐"))
    await here.dialogue("wanglei", ("退回 市交通运输局 要点17 请写明镇街", "已退回"))
    await days(here, "07-22", "07-23")
    text = dict(await got(here, "huangwei"))["remind:2024-07-23"]
    assert "补充“请写明镇街”" in text
    assert "下午" not in text
    await days(here, "07-24", "07-25")
    (draft,) = [one for one in await all_drafts(here) if one.detail["unit"] == "市交通运输局"]
    assert (draft.kind, draft.target) == ("phone", "")


async def test_a_new_round_takes_the_reminder_along(here: Town) -> None:
    """One message a day: the prompt of a second round carries what is due in the first."""
    await opened(here)
    await here.comes("07-24T18:00")
    await here.dialogue("wanglei", ("开专项 8月2日前 要点3", "7月25日09:10起发出"))
    here.wecom.clock.set(at("07-25T09:08"))
    await here.does(remind, "07-25T09:08")
    await here.comes("07-25T09:11")
    texts = dict(await got(here, "zhengyun"))
    assert [key for key in texts if "07-25" in key] == ["ask:2024-07-25"]
    assert "另请留意：贵单位7月进展（要点3" in texts["ask:2024-07-25"]
    assert "7月26日（周五）下午告知贵单位分管领导" in texts["ask:2024-07-25"]
    assert texts["ask:2024-07-25"].endswith("市百千万办")
    await here.does(escalate, "07-26T14:40")
    assert [one.kind for one in await all_drafts(here)] == ["escalation-1"]


@pytest.mark.parametrize(
    ("first", "due", "last", "off"),
    [
        ("06-05", "6月12日", "06-20", {date(2024, 6, 8), date(2024, 6, 9), date(2024, 6, 10)}),
        ("09-09", "9月18日", "09-20", {date(2024, 9, 15), date(2024, 9, 16), date(2024, 9, 17)}),
    ],
)
async def test_nothing_leaves_on_a_holiday(
    here: Town, first: str, due: str, last: str, off: set[date]
) -> None:
    await here.comes(f"{first}T08:40")
    await here.dialogue("wanglei", (f"开专项 {due}前 要点3", "已开轮次"))
    await days(here, first, last)
    async with here.bot.database.transaction() as conn:
        rows = await conn.execute(select(outbox.c.key, outbox.c.sent_at).where(outbox.c.via == "push"))
        left = {row.key: row.sent_at.astimezone(SHANGHAI) for row in rows.all()}
    official = Workdays()
    assert len([key for key in left if key.startswith("remind")]) == 2
    assert not [key for key, when in left.items() if not official.is_workday(when.date())]
    assert not off & {when.date() for when in left.values()}
    assert all(official.in_hours(when) for when in left.values())


async def test_a_liaison_bound_after_the_opening_is_asked_the_next_morning(here: Town) -> None:
    await opened(here)
    await here.dialogue("wanglei", ("绑定 sumingzhu 苏明珠 饶平县联络员", "已绑定"))
    await here.does(remind, "07-19T09:10")
    ((key, text),) = await got(here, "sumingzhu")
    assert key == "ask:2024-07-19"
    assert "饶平县联络员您好" in text
    await here.does(remind, "07-22T09:10")
    await here.does(remind, "07-23T09:10")
    assert await keys(here, "sumingzhu") == ["ask:2024-07-19", "remind:2024-07-23"]


async def test_a_successor_is_asked_for_the_rest_and_answers_it_by_its_numbers(here: Town) -> None:
    await opened(here)
    await here.comes("07-18T09:15")
    await here.dialogue("huangwei", ("①25.6", "还差2项：②"))
    await here.comes("07-24T10:00")
    await here.dialogue("wanglei", ("绑定 sumingzhu 苏明珠 市交通运输局联络员", "已换人"))
    await here.comes("07-24T11:00")
    ((key, text),) = await got(here, "sumingzhu")
    assert key == "ask:2024-07-24"
    assert "①" not in text
    assert "②改造农村公路危旧桥梁" in text
    assert "③完成农村公路安全生命防护工程" in text
    await here.dialogue("sumingzhu", ("②5 ③26", "5座|26公里|本轮已报齐"))
    await here.does(remind, "07-25T09:10")
    assert await keys(here, "sumingzhu") == ["ask:2024-07-24"]
    assert await keys(here, "huangwei") == ["ask:2024-07-18"]


async def test_the_office_reads_what_waits_before_noon_and_what_came_in_the_evening(here: Town) -> None:
    await opened(here)
    await here.comes("07-24T10:03")
    await here.dialogue("huangwei", ("①25.6 ②5 ③26", "本轮已报齐"))
    await here.does(summary, "07-24T17:10")
    text = dict(await got(here, "wanglei"))["summary:2024-07-24"]
    assert "【当日收报】7月24日（周三）" in text
    assert "今日收报：1项（市交通运输局）" in text
    assert "尚欠：7月进展报送14项，7月25日到期" in text
    assert "下一个工作日到期（7月25日）：14项" in text
    assert await here.does(drafts_waiting, "07-25T11:40") == "没有待审核的草稿"
    await days(here, "07-25", "07-26")
    assert await here.does(drafts_waiting, "07-29T11:40") == "1份草稿待审核"
    assert "升级一：潮安区" in dict(await got(here, "wanglei"))["drafts:2024-07-29"]
    again = await here.does(drafts_waiting, "07-29T11:40")
    assert again == "1份草稿待审核"
    assert (await keys(here, "wanglei")).count("drafts:2024-07-29") == 1


async def test_a_job_run_twice_says_nothing_twice(here: Town) -> None:
    await opened(here)
    for job, when in ((remind, "07-23T09:10"), (remind, "07-25T09:10"), (escalate, "07-26T14:40")):
        await here.does(job, when)
        await here.does(job, when)
    assert (await keys(here, "zhengyun")).count("remind:2024-07-25") == 1
    assert len(await all_drafts(here)) == 1


async def test_a_matter_is_put_before_a_city_leader_by_a_persons_decision(here: Town) -> None:
    await opened(here)
    assert await here.does(daily, "07-18T08:40") == "发出1份"
    await here.dialogue(
        "wanglei",
        ("提请协调 要点17 周敏", "没有单位报过需要协调"),
        ("提请协调 要点17 赵某", "哪位市领导|周敏"),
    )
    await here.dialogue("huangwei", ("①25.6，困难：两座桥管线迁改没谈拢，请市里协调", "已记"))
    await here.dialogue(
        "wanglei", ("提请协调 要点17 周敏", "【提请协调】呈：周敏|需请协调|依据：市交通运输局")
    )
    (draft,) = await all_drafts(here)
    await here.dialogue(  # one message a day
        "wanglei",
        (f"放行 草稿{draft.id}", "7月19日（周五）08:40发给周敏（当天专报已达1条上限）"),
    )
    await here.comes("07-19T08:45")
    assert f"draft:{draft.id}" in await keys(here, "zhoumin")


async def test_a_report_goes_back_in_an_offices_own_words_and_words_complete_it(here: Town) -> None:
    """It was shown the point's text; and the unit's “5座是完工的” was asked for numbers."""
    await here.dialogue(
        "wanglei", ("开月报 放行17", "已开轮次"), ("退回交通局，危桥要写清楚", "本轮还没有报进展")
    )
    await here.dialogue("huangwei", ("公路26，桥5，安防24", "已报齐"))
    await here.dialogue("zhengyun", ("项目库24个，案例2个，改革3项", "已记"))
    await here.dialogue(
        "wanglei",
        ("退回交通局", "请写明要补充什么"),
        ("退回交通局，危桥要写清楚是完工还是动工", "已退回市交通运输局要点17，请黄伟"),
        ("潮安区那个退回，数字和上月对不上", "潮安区报了要点3、41、42，退回哪一个？"),
        ("潮安区要点3退回，数字和上月对不上", "已退回潮安区要点3，请郑云"),
        ("哪些没报", "市交通运输局：要点17（部分）"),
    )
    await here.dialogue("huangwei", ("5座是完工的", "要点17 已收到|已报齐"))
    await here.dialogue("wanglei", ("交通局报的公路不对，让他们再核一下", "这一份改由电话联系"))
