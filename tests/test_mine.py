"""What a liaison asks of his own reporting between two reports, in the words that come first."""

from tests.town import Town


async def test_a_liaison_asks_of_what_he_told_and_owes(here: Town) -> None:
    """Each of these was answered from the notice, or with “没有找到对应内容”."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "huangwei",
        ("你好，这个月要报啥", "①要点17 新改建农村公路"),
        ("什么叫累计数", "从今年1月1日到现在"),
        ("上次报的是多少", "还没有收到贵单位报的数"),
        ("公路26，桥5", "已记"),
        ("这个月要报的还差啥", "③要点17 完成农村公路安全生命防护工程（目标：48公里）"),
        ("完成率多少", "新改建农村公路26公里（目标超48.7公里，完成53.4%）"),
        ("那还差多少公里", "③要点17 完成农村公路安全生命防护工程（目标：48公里）"),
        ("报完了吗我", "还要报（7月25日（周四）17:30前|③要点17"),
        (
            "我刚才公路报的是多少",
            "您报的是：新改建农村公路26公里（目标超48.7公里，完成53.4%）（7月15日报）。",
        ),
        ("下次什么时候报", "7月25日（周四）17:30前"),
        ("安防24", "已报齐"),
        ("报完了", "本轮要报的都已报齐。"),
        ("冷链谁牵头", "市供销社牵头"),
    )
    assert "您报的是" not in await here.hears("huangwei", "完成率多少")  # another talk since


async def test_a_liaison_asks_whether_it_is_late_and_why_it_came_back(here: Town) -> None:
    await here.dialogue("huangwei", ("现在报还算吗", "没有正在报的轮次"))
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "huangwei",
        ("有没有什么要我补充的", "目前没有退回"),
        ("①25 ②5 ③20", "已报齐"),
        ("现在报还算迟报吗", "7月25日（周四）17:30前报都不算迟报"),
    )
    await here.dialogue("wanglei", ("退回 市交通运输局 要点17 请写明镇街", "已退回"))
    await here.dialogue("huangwei", ("为啥退回", "要点17：请写明镇街|7月17日（周三）17:30前"))
    await here.comes("07-26T10:00")
    await here.dialogue("huangwei", ("现在报还算吗", "按迟报记录"))
