"""Two things in one message, and figures beside one another."""

import pytest

from tests.chat import Chat


@pytest.mark.parametrize(
    ("question", "points"),
    [
        ("第17条和第18条分别讲什么", [17, 18]),
        ("41条、42条两条一起发给我，写方案用", [41, 42]),
        ("17和27", [17, 27]),
        ("两个问题：1.政银企对接谁办；2.数据授权运营谁办", [29, 32]),
        ("智能卫浴博览会和糖果小镇在同一条吗？分别第几条", [6, 9]),
        ("一个是给老树挂牌建园，一个是屋顶装太阳能板的新式农房，分别哪家牵头", [13, 16]),
        ("海洋牧场和学校项目，哪边总投资大", [8, 19]),
    ],
)
def test_each_of_two_things_is_answered(chat: Chat, question: str, points: list[int]) -> None:
    found = chat.says(question, *(f"第{n}点" for n in points), points=points)
    assert len(found.text) <= 600


def test_two_tasks_of_one_point_name_two_units(chat: Chat) -> None:
    chat.says("冷链谁牵头，农村供水又是谁牵头", "市供销社", "市水务局", "同一条", points=[17])


def test_after_two_things_one_can_be_picked(chat: Chat) -> None:
    chat.says("第17条和第18条分别讲什么", points=[17, 18])
    chat.says("后面那条谁牵头", "市人力资源社会保障局", point=18)


def test_a_story_around_one_question_is_not_cut(chat: Chat) -> None:
    chat.says("我们村路也修了，厕所也改了，就是老人吃饭没着落，长者饭堂谁管", point=21)


@pytest.mark.parametrize(
    ("question", "figures"),
    [
        ("三个县区重点项目库分别多少", ["28", "25", "22"]),
        ("饶平跟潮安的重点项目数量各是多少", ["28", "25"]),
        ("潮安 vs raoping 重点项目哪边多", ["28", "25"]),
        ("供水覆盖率跟水质合格率,两个指标各多少", ["87%", "90%以上"]),
        ("每个单位要报几个案例,县区又是几个", ["不少于5个案例", "不少于1个案例"]),
    ],
)
def test_figures_are_put_beside_one_another(chat: Chat, question: str, figures: list[str]) -> None:
    chat.says(question, *figures)


def test_figures_of_several_clauses_name_no_single_clauses_lead(chat: Chat) -> None:
    chat.says("三个县区重点项目库分别多少", "建议由市发展改革局牵头", point=3, without="由饶平县牵头")


@pytest.mark.parametrize(
    ("question", "points"),
    [
        ("17、19、21都讲了啥", [17, 19, 21]),
        ("第8到第10条", [8, 9, 10]),
        ("17-19条", [17, 18, 19]),
        ("第8条至第12条", [8, 9, 10, 11, 12]),
        ("17、19、21、22分别是什么", [17, 19, 21, 22]),
        ("1、2、3、4、5、6条", [1, 2, 3, 4, 5, 6]),
        ("第44到第99条", [44, 45]),
    ],
)
def test_all_of_a_row_or_range_of_numbers_are_told(chat: Chat, question: str, points: list[int]) -> None:
    chat.says(question, *(f"第{n}点" for n in points), points=points)


def test_a_range_beyond_the_notice_costs_nothing(chat: Chat) -> None:
    chat.says("第1到第999条", points=list(range(1, 46)))


def test_a_point_of_a_row_is_quoted_from_its_beginning(chat: Chat) -> None:
    chat.says(
        "17-19条", "原文：完善县域就业创业激励政策", "原文：实施教育事业三年提升计划,抓好总投资19.86亿元"
    )


def test_units_are_counted_as_units(chat: Chat) -> None:
    chat.says("第17点的牵头单位有几个", "建议由市交通运输局牵头", "另有牵头单位", point=17, without="【")
    chat.says("每个单位几个案例", "【不少于1个案例】", point=41)


def test_regularly_is_said_of_nothing_else_in_the_sentence(chat: Chat) -> None:
    chat.says("无人机视频多久更新一次", "只写“定期”", point=40)
    chat.says("无人机啥时候覆盖", "没有为这一项单独写明时限", point=40, without="定期")


@pytest.mark.parametrize(
    ("question", "figures"),
    [
        ("学校项目投资多少钱 几个学校", ["【18个】", "【19.86亿元】"]),
        ("海洋牧场几个项目，总投资多少", ["【2个】", "【超1.2亿元】"]),
        ("食品工业产值多少钱，比去年多几个点", ["160亿元】", "【5%】"]),
    ],
)
def test_both_figures_are_told_where_two_kinds_are_asked_for(
    chat: Chat, question: str, figures: list[str]
) -> None:
    chat.says(question, *figures)


def test_one_kind_of_figure_brings_no_other(chat: Chat) -> None:
    chat.says("学校项目总共投了多少个亿", "【19.86亿元】", point=19, without="【18个】")
    chat.says("海洋牧场投资多少", "【超1.2亿元】", point=8, without="【2个】")


def test_two_rates_held_against_each_other_are_told_once_each(chat: Chat) -> None:
    for ending in ("哪个高", "分别是多少"):
        found = chat.says(f"医养结合服务率和健康管理服务率{ending}", "【38%】", "【63%】", point=21)
        assert found.text.count("【38%】") == found.text.count("【63%】") == 1


def test_how_many_and_by_when_are_both_answered(chat: Chat) -> None:
    chat.says("每个镇要做几条示范街，什么时候完成", "【至少2条】", "没有为这一项单独写明时限", point=15)
    chat.says("产值突破多少，什么时候达到", "【争取突破160亿元】", "期限2024年12月31日", point=6)
