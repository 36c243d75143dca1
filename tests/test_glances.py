"""What leaders ask in passing, in words nobody taught them."""

from tests.town import Town


async def test_a_leader_asks_in_his_own_words(here: Town) -> None:
    """“第17项完成多少了” and “改造了几座桥” were answered with the target, as if it were reached."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue("huangwei", ("①25 ②5，困难：两座桥管线迁改没谈拢", "已记"), ("③20", "本轮已报齐"))
    await here.dialogue(
        "zhoumin",
        (
            "第17项完成多少了",
            "25公里|截至7月15日，市交通运输局报|困难：两座桥管线迁改没谈拢（市交通运输局，7月15日报）",
        ),
        ("17项谁报的", "25公里|市交通运输局报"),
        ("17项最新情况", "25公里"),
        ("要点3现在进展", "还没有收到进展报送"),
        ("公路谁报的", "新改建农村公路25公里|市交通运输局报"),
        ("改造了几座桥", "改造农村公路危旧桥梁5座"),
        ("有没有什么困难", "各单位报来的困难共1项|市交通运输局：两座桥管线迁改没谈拢"),
        ("哪些单位有困难", "困难共1项"),
        ("总体进展怎么样", "45个要点"),
        ("哪些进度慢", "45个要点"),
        ("报了多少了", "应报15项"),
        ("今年要改造几座桥", "10座"),  # what the notice wants
    )
    assert "5座" not in await here.hears("linxiao", "改造了几座桥")
    assert "没谈拢" not in await here.hears("chenjing", "有没有什么困难")


async def test_a_light_names_the_county_it_is_about(here: Town) -> None:
    """“另有2项未报（培育典型案例数、培育典型案例数）” told nobody whose."""
    await here.dialogue("wanglei", ("开月报", "已开轮次"))
    await here.dialogue("zhengyun", ("③2", "要点41"))
    await here.dialogue(
        "zhoumin",
        (
            "第41项怎么样了",
            "亮灯依据：潮安区培育典型案例数：现为2个案例|另有2项未报（饶平县培育典型案例数、湘桥区培育典型案例数）",
        ),
    )
