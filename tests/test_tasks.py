"""Whose tasks, told completely: of one unit, of several, of the asker's own, and “配合的呢” after a list."""

import re

import pytest

from handlers import phrasing
from handlers.turn import Knowing
from tests.chat import Chat


def test_every_task_a_unit_leads_is_told(chat: Chat, knows: Knowing) -> None:
    rows = knows.book.assignments
    for unit in knows.book.directory.units:
        led = phrasing.by_point(rows.led_by(unit.short))
        text = phrasing.unit_tasks(knows.book, unit.short, led, ()) if led else ""
        assert len(re.findall(r"(?m)^第\d+点", text)) == len(led)
    chat.says("农业农村局牵头哪些", "头雁", "第34点", without="另有")


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        ("水务局和住建局分别负责什么", "市水务局的任务", "市住房城乡建设局的任务"),
        ("教育局、卫健局各牵头哪些", "市教育局的任务", "市卫生健康局的任务"),
        ("团市委跟妇联要做什么", "团市委的任务", "市妇联的任务"),
        ("教育局和潮安区分别做什么", "市教育局的任务", "潮安区的任务"),
        ("潮安区和饶平县各牵头哪些", "潮安区的任务", "饶平县的任务"),
        ("潮安和饶平各有哪些任务", "原文写到“潮安”", "原文写到“饶平”"),
        ("潮安、饶平、湘桥三个县区各有哪些任务", "原文写到“潮安”", "原文写到“湘桥”"),
    ],
)
def test_of_two_that_were_named_both_are_told(chat: Chat, question: str, first: str, second: str) -> None:
    found = chat.says(question, first, second)
    assert found.text.count("看详情") == 1
    assert list(found.memory.listed) == list(found.points)


def test_two_units_offered_for_one_thing_are_no_list(chat: Chat) -> None:
    chat.says("民政局跟残联谁牵头适老化", "建议由市民政局牵头", point=21)


@pytest.mark.parametrize("question", ["我是税务局的，有我们什么事", "我在税务局上班,我们局有哪些任务"])
def test_who_says_where_he_works_hears_his_own_tasks(chat: Chat, question: str) -> None:
    chat.says(question, "市税务局的任务", points=[4, 10, 18, 22])


def test_what_a_county_leads_is_told_beside_where_the_notice_names_it(chat: Chat) -> None:
    chat.says("潮安有哪些", "建议由潮安区牵头的还有：第9点、第25点（待市百千万办确认）", points=[1, 3, 7, 30])
    chat.says("湘桥有哪些", points=[1, 3, 27], without="牵头的还有")


@pytest.mark.parametrize(
    "question", ["凤泉湖高新区任务", "凤泉湖高新区", "高新区有哪些任务", "凤泉湖高新区负责哪些"]
)
def test_a_park_that_the_notice_does_not_name_has_tasks(chat: Chat, question: str) -> None:
    chat.says(question, "凤泉湖高新区的任务", points=[5, 33])


def test_a_county_government_is_asked_for_like_a_unit(chat: Chat) -> None:
    chat.says("潮安区政府负责什么", "潮安区的任务", "第9点：高水平打造庵埠“糖果小镇”")


def test_the_other_role_after_a_list_is_the_same_units(chat: Chat) -> None:
    chat.says("教育局牵头哪些", points=[19, 34])
    chat.says("配合呢", "市教育局的任务", points=[18, 21, 22, 31, 34, 37])
    chat.says("那牵头的有哪些", points=[19, 34])


def test_who_takes_part_in_one_thing_is_still_about_that_thing(chat: Chat) -> None:
    chat.says("冷链谁牵头", point=17)
    chat.says("配合呢", "配合：市农业农村局、市商务局、市发展改革局、潮安区、饶平县、湘桥区", point=17)


@pytest.mark.parametrize("question", ["市住建局牵头的点有哪些", "住建局牵头的点", "住建局牵头的项有哪些"])
def test_points_are_tasks_when_a_unit_leads_them(chat: Chat, question: str) -> None:
    chat.says(question, "市住房城乡建设局的任务", points=[12, 13, 14, 15, 27, 34])


def test_who_leads_nothing_is_said_to_lead_nothing(chat: Chat) -> None:
    chat.says("税务局牵头什么", "市税务局没有牵头任务", "配合：第4点", points=[4, 10, 18, 22])
    chat.says("市税务局有哪些任务", without="没有牵头任务")


@pytest.mark.parametrize(
    ("question", "points", "words"),
    [
        ("卫健局有哪些指标", [21], "写有数字指标的共3项"),
        ("交通局的硬指标", [17], "第17点：【超48.7公里】新改建农村公路超48.7公里"),
        ("农业农村局承担哪些数字任务", [8, 10], "【超10家】年营收1亿元以上农业企业超10家"),
        ("市工信局牵头的指标有哪些", [6], "同比增长5%（通知用语是“争取”）"),
        ("潮安区有哪些指标", [3, 22, 41, 42], "第3点：【不少于28个项目】潮安区不少于28个项目"),
    ],
)
def test_a_units_figures_are_those_of_what_it_leads(
    chat: Chat, question: str, points: list[int], words: str
) -> None:
    chat.says(question, words, points=points)


def test_figures_of_one_thing_or_of_nobody_are_no_list_of_a_unit(chat: Chat) -> None:
    chat.says("民政局适老化指标是多少", "【不少于600户】", point=21, without="共")
    chat.says("组织部有没有量化指标", "通知没有写数字指标", answered=False)


def test_which_part_a_unit_has_is_asked_for_its_tasks(chat: Chat) -> None:
    chat.says("民政局负责哪部分", "市民政局的任务", "第21点 优化")
