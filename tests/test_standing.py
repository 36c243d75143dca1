"""Questions about how things stand, from leaders and liaisons: lights, lists, figures, and what was sent."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import reports
from tests.town import Town, town

DOC = "潮百千万发〔2024〕7号"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    """A round is open that asks for point 17."""
    async with town(f"sqlite:///{tmp_path / 'bqw.db'}") as found:
        await found.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
        yield found


async def stored(place: Town) -> list[reports.Report]:
    async with place.bot.database.transaction() as conn:
        return await reports.standing(conn, DOC)


async def test_the_names_of_lights_ask_for_lights_and_are_no_report(here: Town) -> None:
    await here.dialogue(
        "chenjing",
        ("红黄灯", "贵单位报送的要点目前没有亮灯"),
        ("红灯", "目前没有亮灯"),
        ("亮灯情况？", "目前没有亮灯"),
        ("17项是红灯还是黄灯", "新增投产冷库库容：未报。尚未报送（目标0.25万吨"),
    )
    assert await stored(here) == []
    await here.dialogue("linxiao", ("红黄灯", "由市百千万办、市领导和责任单位查看"))
    await here.dialogue("huangwei", ("①20 ②5", "已记"))
    own = await here.hears("huangwei", "红黄灯")
    assert "新改建农村公路：黄灯。完成41.1%" in own
    assert "冷库" not in own  # another unit's
    await here.dialogue("huangwei", ("3项是什么灯", "贵单位还没有报送第3点"))
    await here.dialogue("zhoumin", ("17项是什么灯", "第17点|黄灯。新改建农村公路：完成41.1%"))
    await here.dialogue("chenjing", ("滞后", "已记：要点17 滞后"))  # an answer stays an answer


async def test_a_liaison_asks_until_when_and_by_what_count(here: Town) -> None:
    await here.dialogue(
        "huangwei",
        ("本轮什么时候截止", "“7月进展报送”：7月25日（周四）17:30前"),
        ("最晚几号报？", "7月25日（周四）17:30前"),
        ("请问什么口径，累计还是当月？", "报累计数|不是当月新增"),
        ("新改建公路累计25公里", "已记：要点17"),  # a report stays a report
    )


async def test_a_leader_asks_in_passing(here: Town) -> None:
    await here.dialogue("huangwei", ("①20 ②5", "已记"))
    await here.dialogue(
        "zhoumin",
        ("公路修了多少公里", "新改建农村公路20公里（目标超48.7公里，完成41.1%），截至7月15日|黄灯"),
        ("冷库建得怎么样", "新增投产冷库库容：尚未报送（目标0.25万吨，由市供销社报）"),
        ("交通局报了吗", "市交通运输局，“7月进展报送”报了一部分：要点17"),
        ("供销社交了没有", "市供销社，“7月进展报送”还没有报：要点17"),
        ("这个月谁还没交", "尚未报齐|市供销社：要点17"),
        ("潮安区怎么样", "还没有收到潮安区的进展报送|还没有报：要点3、22、41、42"),
        ("有没有滞后的", "45个要点|第17点|黄灯"),
        ("今年要新增多少冷库", "【0.25万吨】"),  # what the notice wants
    )
    assert "20公里" not in await here.hears("linxiao", "公路修了多少公里")


async def test_a_green_light_says_why_and_what_is_missing(here: Town) -> None:
    await here.dialogue("huangwei", ("①30 ②8", "已记"))
    await here.dialogue(
        "zhoumin",
        ("第17项怎么样了", "绿灯|亮灯依据：|另有4项未报（完成农村公路安全生命防护工程"),
        ("红黄灯", "绿灯1|第17点 推动基础设施提能升级：绿灯。|另有4项未报"),
    )


async def test_a_number_of_cases_stands_beside_the_texts_that_came(here: Town) -> None:
    await here.dialogue("zhengyun", ("典型案例3个", "已记：要点41"))
    await here.dialogue(
        "wanglei", ("案例情况", "潮安区 报送3个、已收材料0个（要求不少于5个案例）|湘桥区 0个")
    )


async def test_a_liaison_asks_for_his_units_tasks_without_naming_it(here: Town) -> None:
    await here.dialogue(
        "chenjing", ("我们单位负责哪些", "市供销社的任务|第17点：完善一体化农产品冷链物流网建设")
    )
    await here.dialogue("zhengyun", ("我们有什么任务", "潮安区的任务|糖果小镇"))
    await here.dialogue("linxiao", ("我们有什么任务", "不确定您指的是哪一条"))
