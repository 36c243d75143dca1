"""One of several things is not theirs: which, whose it is said to be, and what else was told."""

import pytest

from knowledge.book import shipped
from knowledge.reading import Item
from supervision.refusing import refused
from tests.town import Town

BOOK = shipped()
ITEMS = (
    Item(17, "新改建农村公路", "公里", "17-1"),
    Item(17, "改造农村公路危旧桥梁", "座", "17-2"),
    Item(17, "完成农村公路安全生命防护工程", "公里", "17-3"),
)


@pytest.mark.parametrize(
    ("said", "targets", "refers_to", "rest"),
    [
        ("①25 ②5 ③不属于我们，是公安局的", ["17-3"], "市公安局", "①25 ，②5 "),
        ("③不归我们管", ["17-3"], "", ""),
        ("②③不归我局", ["17-2", "17-3"], "", ""),
        ("公路25，安防不归我们管", ["17-3"], "", "公路25"),
        ("第17项安防工程不属于本单位职责", ["17-3"], "", ""),
        ("我们不负责安防", ["17-3"], "", ""),
        ("③由公安局报送", ["17-3"], "市公安局", ""),
    ],
)
def test_what_is_refused_is_what_is_named(said: str, targets: list[str], refers_to: str, rest: str) -> None:
    found = refused(said, ITEMS, BOOK, ("市交通运输局",), delegates=False)
    assert found is not None
    assert [item.target for item in found.items] == targets
    assert (found.refers_to, found.rest) == (refers_to, rest)


@pytest.mark.parametrize(
    "said",
    [
        "不属本单位",
        "第17项不属本单位职责",
        "这个不归我们管",
        "①25 ②5 ③26",
        "桥5座，有1座不归我们管",
        "公路25，困难：桥梁不归我们管，迁改谈不拢",
        "桥梁权属不是我们的",
        "公路是潮安区负责的，25公里",
        "安防归我们管吗",
    ],
)
def test_nothing_by_itself_is_refused(said: str) -> None:
    assert refused(said, ITEMS, BOOK, ("市交通运输局",), delegates=False) is None


async def test_one_thing_of_several_is_refused_and_the_rest_is_told(office: Town) -> None:
    """“③不属于我们” was asked for its number; “公路25，安防不归我们管” lost that and refused all."""
    await office.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await office.dialogue(
        "huangwei",
        (
            "①25 ②5 ③不属于我们，是公安局的",
            "中的“完成农村公路安全生命防护工程”，贵单位提出不属本单位，建议由市公安局负责|25公里|5座|本轮已报齐",
        ),
        ("我的任务", "本轮要报的都已报齐"),
    )
    await office.dialogue(
        "wanglei",
        (
            "异议",
            "市交通运输局：第17点 推动基础设施提能升级中的“完成农村公路安全生命防护工程”，认为应由市公安局",
        ),
        ("异议1不成立", "要点17中的“完成农村公路安全生命防护工程”仍由市交通运输局报送"),
        ("哪些没报", "市交通运输局：要点17（部分）"),
    )
    await office.dialogue(
        "huangwei",
        ("我的任务", "③要点17 完成农村公路安全生命防护工程"),
        ("安防不归我们管", "中的“完成农村公路安全生命防护工程”"),
    )
    await office.dialogue("wanglei", ("异议1成立", "不由市交通运输局报送"))
    assert "市交通运输局" not in await office.hears("wanglei", "哪些没报")
    await office.dialogue("huangwei", ("①26", "26公里|本轮已报齐"))
    await office.dialogue(
        "zhengyun",
        ("慈善超市不归我们管，项目库21个", "第22点 提升社会保障水平，贵单位提出不属|21个|还差2项"),
    )
    assert {name: value for (_, name), (value, _) in (await office.figures()).items()} == {
        "17-1": 26,
        "17-2": 5,
        "03-1": 21,
    }
