"""Whose figure is told: never the city's as a county's own, never one county's lead for two of them."""

import re

import pytest

from tests.chat import Chat


@pytest.mark.parametrize(
    ("question", "place", "figure"),
    [
        ("湘桥区农村公路多少公里", "湘桥区", "【超48.7公里】"),
        ("潮安区适老化多少户", "潮安区", "【不少于600户】"),
        ("柘林镇海洋牧场几个项目", "柘林镇", "【2个】"),
    ],
)
def test_the_citys_figure_is_not_given_as_a_places_own(
    chat: Chat, question: str, place: str, figure: str
) -> None:
    chat.says(question, f"通知没有单独写{place}的数，下面是全市的：", figure)


def test_the_citys_figure_is_not_given_as_the_provinces(chat: Chat) -> None:
    chat.says("广东省今年修多少农村公路", "通知没有单独写广东省的数，下面是全市的：", point=17)


def test_a_town_is_not_given_what_every_county_has_to_reach(chat: Chat) -> None:
    chat.says("意溪镇要报几个案例", "通知没有单独写意溪镇的数", point=41)
    chat.says("枫溪的项目库要几个", "通知没有单独写枫溪镇的数，下面是各县（区）的：", "28个", "25个", "22个")


@pytest.mark.parametrize(
    ("question", "figure"),
    [
        ("潮安区项目库要多少个", "【不少于28个项目】"),
        ("饶平改革不少于几项", "【不少于5项】"),
        ("饶平的示范街几条", "【至少2条】"),
        ("凤凰镇和柘林镇是几个典型镇", "【2个】"),
    ],
)
def test_a_figure_that_is_the_places_own_needs_no_remark(chat: Chat, question: str, figure: str) -> None:
    chat.says(question, figure, without="没有单独写")


def test_a_remark_about_the_place_also_comes_in_english(chat: Chat) -> None:
    chat.says("how many km of rural roads in Raoping", "no figure for 饶平县", "whole city's", "48.7")


def test_another_place_in_the_conversation_is_not_answered_with_the_last_ones_figure(chat: Chat) -> None:
    chat.says("饶平项目库多少个", "25个项目", point=3)
    chat.says("那枫溪呢", "没有单独写枫溪镇", "28个项目", "22个项目", point=3)
    chat.says("那湘桥呢", "【不少于22个项目】", point=3, without="25个项目】")
    chat.says("谁管", "建议由湘桥区牵头")
    chat.says("意溪镇呢", "建议由市发展改革局牵头")


def test_each_of_two_counties_has_its_own_lead(chat: Chat) -> None:
    found = chat.says("饶平和潮安各要多少个项目", "28个项目", "25个项目", point=3).text
    assert "潮安区：建议由潮安区牵头" in found
    assert "饶平县：建议由饶平县牵头" in found


@pytest.mark.parametrize("question", ["湘桥区和潮安区谁的项目多", "三个县区谁的项目最少"])
def test_who_has_more_is_a_question_of_figures(chat: Chat, question: str) -> None:
    chat.says(question, "【不少于28个项目】", "【不少于22个项目】", point=3)


def test_figures_of_one_lead_name_it_once_with_all_who_take_part(chat: Chat) -> None:
    found = chat.says("供水覆盖率和水质合格率各到多少", "【87%】", "【90%以上】", "配合：潮安区").text
    assert found.count("建议由市水务局牵头") == 1


@pytest.mark.parametrize("question", ["案例我们局要报几个", "我局要报几个案例", "咱局案例几个"])
def test_a_bureau_asks_for_what_every_unit_has_to_reach(chat: Chat, question: str) -> None:
    chat.says(question, "【不少于1个案例】", point=41)


@pytest.mark.parametrize(
    ("question", "level", "whose"),
    [
        ("每个镇要报几个案例", "各镇街", "各县（区）"),
        ("镇里要搞几项改革", "各镇街", "各县（区）"),
        ("我们局适老化要几户", "各单位", "全市"),
        ("每个县农村公路多少公里", "各县（区）", "全市"),
        ("我们村冷库多少吨", "各村", "全市"),
    ],
)
def test_a_level_that_has_no_figure_is_told_so(chat: Chat, question: str, level: str, whose: str) -> None:
    chat.says(question, f"通知没有单独写{level}的数，下面是{whose}的：")


@pytest.mark.parametrize(
    "question",
    ["每个镇几条示范街", "每个县慈善超市几个", "各县区项目库多少", "村里那种快垮的老桥，今年要修几座"],
)
def test_a_level_that_has_its_figure_needs_no_remark(chat: Chat, question: str) -> None:
    chat.says(question, "【", without="没有单独写")


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("适老化600户是全市还是一个县", "下面是全市的："),
        ("示范街是每个镇两条还是全市两条", "这是每个镇街的数："),
        ("案例5个是每个县还是全市", "这是每个县(区)的数："),
        ("项目库28个是全市还是潮安", "这是潮安区的数："),
    ],
)
def test_whose_a_figure_is_can_be_asked(chat: Chat, question: str, told: str) -> None:
    chat.says(question, told, "【")


def test_our_county_asks_for_what_every_county_has_to_reach(chat: Chat) -> None:
    chat.says("我们县要报几个案例", "【不少于5个案例】", point=41)


def test_the_words_quoted_below_a_figure_hold_it(chat: Chat) -> None:
    chat.says(
        "单位自主改革几项", "每个单位开展不少于1项改革探索", without="原文：每个县区开展不少于5项自主改革\n"
    )
    chat.says(
        "湘桥区县域重点项目库项目数不少于多少",
        "原文：建立县域重点项目库,其中",
        "湘桥区不少于22个项目",
        point=3,
    )


@pytest.mark.parametrize(
    ("question", "figures"),
    [
        ("农产品加工企业要培育几家", ["2家", "超10家"]),
        ("农产品加工年营收1亿元以上农业企业要培育多少家", ["超10家"]),
        ("五亿级农业企业几家", ["2家"]),
        ("过亿的农业企业要几家", ["超10家"]),
        ("过亿的和过五亿的农业企业各几家", ["2家", "超10家"]),
    ],
)
def test_of_twin_figures_the_one_that_was_named_is_told_or_both(
    chat: Chat, question: str, figures: list[str]
) -> None:
    found = chat.says(question, point=10).text
    assert [label for label in ("2家", "超10家") if f"【{label}】" in found] == figures


def test_a_town_named_beside_a_figure_of_every_town(chat: Chat) -> None:
    chat.says("凤凰镇示范街几条", "【至少2条】", point=15, without="【2个】")


@pytest.mark.parametrize("asked", ["哪个单位任务最多", "牵头最多的是哪家单位", "谁的活最多？"])
def test_who_has_most_to_lead_is_counted_over_the_division_of_work(chat: Chat, asked: str) -> None:
    rows = chat.knows.book.assignments
    points = [p.number for p in chat.knows.book.notice.points]
    found = chat.says(asked, "按目前的分工（待市百千万办确认）")
    told = re.findall(r"^(.+)：(\d+)个要点$", found.text, re.MULTILINE)
    assert len(told) >= 5
    assert all(int(count) == sum(name in rows.leads(n) for n in points) for name, count in told)
    counts = [int(count) for _, count in told]
    assert counts == sorted(counts, reverse=True)


def test_where_a_town_belongs_is_told_from_the_directory(chat: Chat) -> None:
    chat.says("凤凰镇归哪个区", "凤凰镇属潮安区")
    chat.says("柘林镇是哪个县的？", "柘林镇属饶平县")
    chat.says("凤凰镇示范街归哪个单位管", "牵头", point=15)
