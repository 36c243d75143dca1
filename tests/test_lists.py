"""Questions that want a complete list: words of the notice, places, sections, a unit's share."""

import pytest

from tests.chat import Chat


@pytest.mark.parametrize(
    ("question", "points"),
    [
        ("哪些条款出现“陶瓷”二字", [2, 6]),
        ("陶瓷两个字出现在哪些条里面", [2, 6]),
        ("哪几条写着饶平，全列出来", [1, 2, 3]),
        ("文件里直接点潮安名的有哪几条", [1, 3, 7, 30]),
        ("枫溪这个地方在要点的哪几条里出现过", [9, 25]),
        ("提到海羊牧场的有哪几条", [8, 29]),  # heard, not read
        ("和财政有关的", [27, 28]),
        ("供水的事碰到哪几条", [17, 27]),
        ("哪些要在年底前完成", [6, 21]),
        ("2024年底前要完成哪些", [6, 21]),
        ("有时间要求的有哪些", [6, 21]),
        ("哪些写了完成时限", [6, 21]),
        ("稳就业16条的16条是哪些", [18]),  # 16 is no 1+6+N
        ("跟水有关的", [6, 8, 12, 17, 27]),  # no 水 in 水平
        ("产业类的有哪些", list(range(1, 12))),
        ("社会力量那块几条", [33, 34, 35, 36, 37, 38]),
        ("五、社会力量 一共哪几条", [33, 34, 35, 36, 37, 38]),
        ("讲督促督导的条有哪些", [40, 43, 44]),
        ("把讲陶瓷的条全找出来", [2, 6]),
        ("通知里几处提到财政", [27, 28]),
        ("搜圩镇出现的地方", [15, 27]),
        ("哪几个点有示范点", [16, 22, 25]),
        ("出现“试点”的条", [2, 30, 41]),
        ("有金额的条目列一下", [6, 8, 10, 19]),
        ("凤凰出现在哪些条", [11, 15]),
        ("潮安区要做哪些事", [1, 3, 7, 30]),
        ("讲到国企国资、国有企业的是哪两条", [26, 27]),
        ("讲到茶的是哪几条", [6, 11]),  # one character is a word where somebody says so
        ("写到县域的条有哪些，一条都别漏", [1, 2, 3, 7, 18, 20, 25, 28]),
        ("里面写了百分比的有哪几点", [6, 17, 19, 21]),
        ("原文写了每个县(区)要几个几项的是哪几条", [22, 41, 42]),
        ("人居环境建设共几点，分别是什么", [12, 13, 14, 15, 16]),
        ("哪些是量化的", [3, 6, 8, 10, 15, 16, 17, 19, 21, 22, 41, 42]),
    ],
)
def test_a_list_is_complete_however_it_is_asked_for(chat: Chat, question: str, points: list[int]) -> None:
    chat.says(question, "条", points=points)


@pytest.mark.parametrize(
    ("question", "points"),
    [
        ("市水务局负责哪些", [12, 14, 16, 17, 22, 27, 30]),
        ("林业局牵头加配合总共几项，哪几项", [16, 27, 29]),
        ("我在妇联打杂，这份东西里头我们妇联有份的，都是哪几条", [18, 24, 37]),
        ("医保局是哪几条", [20, 22]),  # 医保 alone is nothing the notice deals with
        ("团市委在分工里面有哪几条", [18, 24, 34, 37]),
        ("凤泉湖高新区要负责或者配合的有哪些", [5, 33]),
    ],
)
def test_a_units_share_is_all_it_leads_and_joins(chat: Chat, question: str, points: list[int]) -> None:
    chat.says(question, "任务", points=points)


def test_leading_and_joining_are_told_apart(chat: Chat) -> None:
    chat.says("市财政局牵头的有几项", "建议牵头：", points=[27, 28], without="配合：")
    chat.says("市税务局配合的有哪些", "配合：", points=[4, 10, 18, 22], without="建议牵头：")


def test_a_units_name_in_another_question_is_no_list(chat: Chat) -> None:
    chat.says("冷链是供销社负责吗", "建议由市供销社牵头", point=17)
    chat.says("供销社改革谁牵头", point=26)


def test_figures_of_a_list_are_those_of_its_points(chat: Chat) -> None:
    chat.says("第三部分", points=[17, 18, 19, 20, 21, 22, 23, 24])
    chat.says("其中有指标的", "刚才列出的各点里，写有数字指标的共4点", points=[17, 19, 21, 22])
    chat.says("大抓社会力量参与有哪些")
    chat.says("里面有量化指标的是哪些", "刚才列出的各点里，没有写数字指标", answered=False)
    chat.says("哪些有数字指标", "写有数字指标的共12点")


def test_figures_of_one_kind_are_called_so_and_shown(chat: Chat) -> None:
    chat.says("百分比指标有哪些", "写有比例指标的共4点", "同比增长5%", "38%", points=[6, 17, 19, 21])


@pytest.mark.parametrize(
    ("question", "points"),
    [
        ("哪些要求写了争取", [3, 6, 41, 42]),
        ("哪些指标是不少于", [3, 21, 41, 42]),
        ("用了至少的指标", [15, 22]),
        ("写了力争的指标", [21]),
    ],
)
def test_how_hard_a_figure_is_can_be_listed(chat: Chat, question: str, points: list[int]) -> None:
    chat.says(question, points=points)


@pytest.mark.parametrize(
    ("question", "points"),
    [
        ("各县区要做什么", [5, 22, 25, 40, 41, 42, 45]),
        ("县区参与的有哪些", [5, 22, 25, 40, 41, 42, 45]),
        ("镇街负责什么", [7, 15, 17, 19, 25, 36, 40]),
    ],
)
def test_counties_and_towns_in_general_are_told_where_the_notice_turns_to_them(
    chat: Chat, question: str, points: list[int]
) -> None:
    chat.says(question, "通知原文直接写到", points=points)
    chat.says("县域商业", point=7)
