"""代报: what a unit says by telephone, entered in its name by an admin and told to its liaison."""

from storage import reports
from tests.town import Town

DOC = "潮百千万发〔2024〕7号"


async def test_the_office_enters_what_a_unit_said_by_telephone(office: Town) -> None:
    await office.dialogue("wanglei", ("开月报 放行17", "7月进展报送"))
    await office.pushed("huangwei")
    await office.dialogue(
        "wanglei",
        (
            "代报 市交通运输局 要点17 新改建农村公路32公里，危旧桥改造5座",
            "以市交通运输局的名义|已记：要点17 新改建农村公路32公里|还差1项|会告诉联络员黄伟",
        ),
        ("代市交通局报：桥4座", "上次报5座，这次报4座|是更正吗"),
        ("是", "以市交通运输局的名义|已更正|4座（目标10座"),
        ("哪些没报", "市交通运输局"),  # nothing is asked back any more: his own words are his own again
    )
    told = "\n".join(await office.pushed("huangwei"))
    assert "市百千万办按贵单位提供的情况代记了" in told
    assert "要点17 新改建农村公路32公里（目标超48.7公里" in told
    async with office.bot.database.transaction() as conn:
        rows = await reports.history(conn, DOC, 17, "市交通运输局")
    assert {row.person for row in rows} == {"wanglei"}
    await office.dialogue("huangwei", ("更正：公路33公里", "已更正|33公里"))
    assert (await office.figures())[("市交通运输局", "17-1")][0] == 33


async def test_what_cannot_be_entered_is_said_and_nothing_written(office: Town) -> None:
    await office.dialogue(
        "wanglei",
        ("代报 市交通运输句 要点17 公路32公里", "单位名录里没有“市交通运输句”|是不是“市交通运输局”"),
        ("代报 市交通运输局 今天天气不错", "没有看出报的是哪个要点|没有记"),
        ("代报 市交通运输局 要点17 公路32公里", "已记"),
        ("代报 市交通运输局 撤回", "已撤回：要点17"),
    )
    await office.dialogue("huangwei", ("代报 市水务局 要点16 万里碧道2公里", "由市百千万办管理员进行"))
    assert await office.figures() == {}


async def test_an_admin_who_is_a_liaison_as_well_confirms_for_the_unit_he_entered(here: Town) -> None:
    """His “是” was taken for his own unit's."""
    await here.dialogue(
        "wanglei",
        ("绑定 wanglei 王磊 市供销社联络员", "已换人"),
        ("代报 市交通运输局 要点17 危旧桥改造5座", "以市交通运输局的名义|5座"),
        ("代报 市交通运输局 要点17 危旧桥改造4座", "上次报5座，这次报4座|是更正吗"),
        ("是", "以市交通运输局的名义|已更正|4座"),
        ("冷库1800吨", "1800吨"),
    )
    stands = await here.figures()
    assert stands["市交通运输局", "17-2"][0] == 4
    assert stands["市供销社", "17-6"][0] == 1800
