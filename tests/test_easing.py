"""A difficulty that is over: what is said to be, and that every list drops it at once."""

import pytest

from supervision.easing import DIFFICULTY, HELP, eased
from tests.town import Town


@pytest.mark.parametrize(
    "said",
    [
        "困难已解决",
        "17项困难已经解决了",
        "之前说的困难已解决",
        "两座桥管线迁改的问题已解决",
        "①26，目前没有困难",
        "困难：无",
        "撤回困难",
        "更正：没有困难了",
    ],
)
def test_a_difficulty_is_over_and_with_it_the_help(said: str) -> None:
    assert eased(said) == {DIFFICULTY, HELP}


@pytest.mark.parametrize(
    "said",
    [
        "不用协调了",
        "无需市里协调",
        "②不需要协调了",
        "协调事项已解决",
        "更正：没有需要协调的",
        "需协调：无",
        "撤回需协调",
    ],
)
def test_help_alone_is_wanted_no_longer(said: str) -> None:
    assert eased(said) == {HELP}


@pytest.mark.parametrize(
    "said",
    [
        "困难尚未解决",
        "3处问题已解决",
        "迁改问题基本解决",
        "争取月底前问题得到解决",
        "问题已解决吗？",
        "没有新的困难",
        "没问题",
        "困难：管线迁改没谈拢",
        "请市里协调解决",
        "①25 ②5",
    ],
)
def test_what_is_not_over(said: str) -> None:
    assert eased(said) == frozenset()


async def test_what_is_over_is_listed_no_more(office: Town) -> None:
    """It stayed in “需协调的有哪些” until the next round; “撤回困难” took back the newest number instead."""
    await office.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await office.dialogue(
        "huangwei",
        ("①25 ②5 ③20，困难：两座桥管线迁改没谈拢，请市里协调", "本轮已报齐"),
        ("不用协调了", "要点17不再列需协调“请市里协调”，原话仍留底"),
    )
    await office.dialogue(
        "zhoumin", ("需协调的有哪些", "没有单位提出需要协调"), ("第17项怎么样了", "困难：两座桥")
    )
    await office.dialogue(
        "huangwei",
        ("①26，困难：缺砂石料，请市里协调供料", "26公里|困难：缺砂石料"),
        (
            "①27，困难已解决",
            "27公里|不再列困难“两座桥管线迁改没谈拢”、困难“缺砂石料”、需协调“请市里协调供料”",
        ),
    )
    seen = await office.hears("zhoumin", "第17项怎么样了")
    assert "困难" not in seen
    assert "27公里" in seen
    await office.dialogue("zhoumin", ("需协调的有哪些", "没有单位提出需要协调"))
    await office.dialogue(
        "huangwei",
        ("②6，困难：涨水", "6座|困难：涨水"),
        ("撤回困难", "要点17不再列困难“涨水”"),
        ("我的任务", "27公里|6座|20公里"),
    )


async def test_which_difficulty_is_asked_where_there_are_several(here: Town) -> None:
    await here.dialogue("wanglei", ("开月报", "已开轮次"))
    await here.dialogue(
        "zhengyun",
        ("要点3 21个，困难：用地没批", "困难：用地没批"),
        ("要点42 3项，困难：缺人手", "困难：缺人手"),
        ("困难已解决", "是哪个要点的困难解决了？要点3、要点42"),
        ("要点3困难已解决", "要点3不再列困难“用地没批”"),
    )
    await here.dialogue("zhoumin", ("潮安区进展", "困难：缺人手"))
