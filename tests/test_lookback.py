"""销号, 回头看 and recurring collections: asked again after thirty days, put back on a relapse."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from knowledge.book import shipped
from scheduler.collections import collect
from scheduler.lookbacks import look_back
from storage.closings import Closing
from storage.collections import Collection
from storage.tables import audit, prompts
from supervision.collecting import falls_on, next_day, rhythm_words
from supervision.lookback import days_after, finding_of, inspected
from supervision.rules import LookbackRules
from supervision.workdays import SHANGHAI, Workdays
from tests.chat import MONDAY
from tests.town import Town

DAYS = Workdays()
CLOSE = "销号 要点17 市供销社 验收文号潮供验〔2024〕3号"


async def queued(place: Town, prefix: str) -> list[str]:
    return [f"{to}: {text}" for to, text in (await place.queued(prefix)).values()]


async def test_what_is_closed_is_looked_at_again_and_put_back(office: Town) -> None:
    await office.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await office.dialogue("chenjing", ("冷库2500吨", "已记"))
    await office.dialogue(
        "wanglei",
        (
            CLOSE,
            "【销号通知】要点17“|（市供销社）|市供销社7月15日报送：“冷库2500吨”|依据：验收文号潮供验〔2024〕3号"
            "|转入回头看名单（8月14日、10月14日各一次）|审核：市百千万办王磊同志，7月15日|已告知市供销社联络员陈静",
        ),
        (CLOSE, "已经销号"),
        ("销号 要点17 市供销社", "请写明依据"),
        ("销号 要点99 市供销社 x", "没有要点99"),
        ("回头看", "已销号1件；回头看已答0件|待问：要点17市供销社，8月14日（周三）第1次"),
    )
    (told,) = await queued(office, "closing:")
    assert told.startswith("chenjing: 【销号通知】")
    assert await office.does(look_back, MONDAY + timedelta(days=29)) == "问0位联络员"
    assert await office.does(look_back, MONDAY + timedelta(days=30)) == "问1位联络员"
    assert await office.does(look_back, MONDAY + timedelta(days=30)) == "问0位联络员"
    (asked,) = await queued(office, "lookback:")
    assert "市供销社联络员您好" in asked
    assert "已于7月15日销号，按计划做第1次回头看" in asked
    assert "请于8月19日（周一）17:30前回复" in asked
    await office.dialogue(
        "chenjing",
        ("回头看 还行", "是正常、基本正常，还是有反弹"),
        ("回头看 有反弹，两间库停用", "要点17有反弹，谢谢如实告知"),
        ("回头看哪个单位牵头", "第44点"),
    )
    (note,) = await queued(office, "relapse:")
    assert "原话：“回头看 有反弹，两间库停用”" in note
    await office.dialogue(
        "wanglei",
        ("回头看结果", "反弹1件|反弹：要点17市供销社“回头看 有反弹，两间库停用”"),
        ("重新列入 要点17 市供销社", "已重新列入：市供销社要点17"),
        ("重新列入 要点17 市供销社", "没有这个单位已销号的事项"),
        ("回头看", "其中重新列入1件"),
    )
    assert await office.does(look_back, MONDAY + timedelta(days=120)) == "问0位联络员"
    async with office.bot.database.transaction() as conn:
        acts = [row.action for row in await conn.execute(select(audit).order_by(audit.c.id))]
    assert [act for act in acts if act in ("close-point", "lookback", "reopen-point")] == [
        "close-point",
        "lookback",
        "reopen-point",
    ]


async def test_nobody_is_asked_for_what_is_closed(here: Town) -> None:
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"), (CLOSE, "同意销号"))
    assert "市供销社" not in await here.hears("wanglei", "哪些没报")
    await here.dialogue("wanglei", ("收口", "已收口"))
    here.wecom.clock.set(MONDAY + timedelta(days=31))
    await here.dialogue("wanglei", ("开月报 8月26日前 放行17", "8月进展报送"))
    assert "市供销社" not in await here.hears("wanglei", "哪些没报")


async def test_a_bare_word_answers_only_when_nothing_else_is_owed(here: Town) -> None:
    await here.dialogue("wanglei", (CLOSE, "同意销号"))
    await here.does(look_back, MONDAY + timedelta(days=30))
    await here.dialogue("chenjing", ("正常", "要点17巩固，谢谢"))
    assert "巩固1件" in await here.hears("zhoumin", "回头看")
    assert "巩固" not in await here.hears("linxiao", "回头看")


async def test_the_office_sets_what_the_notice_leaves_open(office: Town) -> None:
    said = "每月10日收 无人机视频 要点40 潮安区、饶平县、湘桥区"
    await office.dialogue(
        "wanglei",
        (
            said,
            "每月10日（遇节假日顺延到下一个工作日）向潮安区、饶平县、湘桥区收“无人机视频”（要点40）"
            "|最近一次8月12日（周一）|通知要点40写的是“定期”，没有写明周期；这个周期由市百千万办设定",
        ),
        ("收集清单", "“无人机视频”（要点40）：每月10日，潮安区、饶平县、湘桥区，下一次8月12日（周一）"),
        ("每月收 无人机视频 要点40 潮安区", "请写明是哪一天"),
        ("每月10日收 无人机视频 要点40", "请写明向哪些单位收"),
    )
    assert await office.does(collect, datetime(2024, 8, 9, 9, tzinfo=SHANGHAI)) == "今天没有要收的"
    day = datetime(2024, 8, 12, 8, tzinfo=SHANGHAI)
    assert await office.does(collect, day) == "开8月无人机视频"
    assert await office.does(collect, day) == "今天没有要收的"
    (asked,) = await queued(office, "ask:2024-08-12")
    assert asked.startswith("zhengyun: 【8月无人机视频】潮安区联络员您好：")
    assert "请于8月14日（周三）17:30前" in asked
    assert "①无人机视频（市百千万办每月10日收集）" in asked
    await office.dialogue("zhengyun", ("平台已报", "已记|本轮已报齐"))
    async with office.bot.database.transaction() as conn:
        rows = (await conn.execute(select(prompts).where(prompts.c.point == 40))).all()
    assert {row.unit: row.state for row in rows} == {
        "潮安区": "answered",
        "饶平县": "owed",
        "湘桥区": "owed",
    }
    await office.dialogue(
        "wanglei",
        ("停止收集 航拍", "没有叫“航拍”的定期收集"),
        ("停止收集 无人机视频", "已停止"),
        ("收集清单", "没有在收的"),
    )
    assert await office.does(collect, datetime(2024, 9, 10, 8, tzinfo=SHANGHAI)) == "今天没有要收的"


def collection(every: str, day: int) -> Collection:
    return Collection("7号", "x", 40, ("潮安区",), every, day, "wanglei", MONDAY)


@pytest.mark.parametrize(
    ("every", "day", "wanted"),
    [
        ("monthly", 10, [date(2024, 8, 12), date(2024, 9, 10), date(2024, 10, 10)]),
        ("monthly", 31, [date(2024, 7, 31), date(2024, 9, 2), date(2024, 9, 30)]),
        ("quarterly", 10, [date(2024, 9, 10), date(2024, 12, 10)]),
        ("weekly", 3, [date(2024, 7, 17), date(2024, 7, 24), date(2024, 7, 31)]),
        ("fortnightly", 1, [date(2024, 7, 15), date(2024, 7, 29), date(2024, 8, 12)]),
    ],
)
def test_a_collection_falls_on_working_days(every: str, day: int, wanted: list[date]) -> None:
    one = collection(every, day)
    found, on = [], MONDAY.date()
    for _ in wanted:
        on = next_day(one, on, DAYS)
        found.append(on)
        on += timedelta(days=1)
    assert found == wanted


def test_the_national_holidays_move_a_collection_behind_them() -> None:
    """1 October to 7 October 2024 were days off, 8 October the first worked."""
    assert falls_on(collection("monthly", 1), date(2024, 10, 8), DAYS)
    assert not falls_on(collection("monthly", 1), date(2024, 10, 9), DAYS)
    assert rhythm_words(collection("fortnightly", 1)) == "每两周的周一"


@pytest.mark.parametrize(
    ("said", "finding"),
    [
        ("正常，由凤凰镇管护", "holds"),
        ("没有反弹", "holds"),
        ("未发现问题", "holds"),
        ("基本正常，个别地方要补种", "mostly"),
        ("不正常", "relapsed"),
        ("有反弹，两处积水", "relapsed"),
        ("没有问题，但是北侧又出现积水", "relapsed"),
        ("收到", ""),
    ],
)
def test_what_an_answer_means(said: str, finding: str) -> None:
    assert finding_of(said) == finding


def test_looks_back_move_to_working_days_and_the_sample_is_steady() -> None:
    assert days_after(date(2024, 6, 26), LookbackRules(), DAYS) == [date(2024, 7, 26), date(2024, 9, 24)]
    assert days_after(date(2024, 9, 3), LookbackRules(30, 35), DAYS) == [date(2024, 10, 8)] * 2
    rows = [Closing("7号", 1, "x", "", "", "", MONDAY, None, number) for number in range(1000)]
    drawn = [one for one in rows if inspected(one, LookbackRules(sampling=20))]
    assert 150 < len(drawn) < 250
    assert not any(inspected(one, LookbackRules(sampling=0)) for one in rows)
    assert all(inspected(one, LookbackRules(sampling=100)) for one in rows)


def test_the_notice_says_regularly_without_a_period() -> None:
    point = shipped().notice.point(40)
    assert point is not None
    assert "定期" in point.text
