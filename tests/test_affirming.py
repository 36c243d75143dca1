"""Yes or no, said only where it is plain, and before the words that prove it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from handlers.ask import Knowing
from tests.chat import Chat


def test_a_leader_checks_figures_he_has_in_mind(chat: Chat) -> None:
    found = chat.says(
        "适老化改造是不是600户?", "原文：开展特殊困难老年人家庭适老化改造工作,全年不少于600户", point=21
    )
    assert found.text.startswith("是的，通知写的是【不少于600户】。\n")
    found = chat.says("适老化改造五百户对吧", point=21)
    assert found.text.startswith("与通知不一致：您说的是五百户，通知写的是【不少于600户】。\n")
    found = chat.says("冷库新增是不是2500吨", point=17)
    assert found.text.startswith("是的，通知写的是【0.25万吨】。\n")


def test_a_clerk_checks_who_leads(chat: Chat) -> None:
    found = chat.says("冷链是不是市供销社牵头", point=17)
    assert found.text.startswith("按目前的建议分工，是的。\n建议由市供销社牵头")
    found = chat.says("冷链归农业农村局管吗", point=17)
    assert found.text.startswith("按目前的建议分工，市农业农村局是配合单位，不是牵头单位。\n")
    found = chat.says("冷链是交通局牵头吧", point=17)
    assert found.text.startswith("按目前的建议分工，不是市交通运输局牵头。\n")


def test_a_decision_is_no_suggestion(knows: Knowing) -> None:
    row = knows.book.assignments.of_clause(17, "新增投产冷库库容0.25万吨")
    assert row is not None
    confirmed = replace(row, status="confirmed", confirmed_by="林晓", confirmed_on=date(2024, 6, 3))
    sure = Knowing(knows.book.with_assignments([confirmed]), knows.index)
    assert Chat(sure).says("冷库库容是供销社负责对吗").text.startswith("是的。\n由市供销社牵头")


@pytest.mark.parametrize(
    "asked",
    [
        "新改建农村公路要超过50公里吗",  # more than asked is neither yes nor no
        "农村公路要修多长",
        "冷链是供销社负责还是商务局负责",
        "两个县的老旧小区都要改吗",
        "养老归卫健局负责对吧",  # parts of the point have leads of their own
    ],
)
def test_what_is_not_plain_is_answered_with_the_clause_alone(chat: Chat, asked: str) -> None:
    found = chat.says(asked)
    assert not found.text.startswith(("是的", "不是", "与通知", "按目前"))


def test_who_is_asked_about_is_no_subject(chat: Chat) -> None:
    chat.says("冷链是不是潮安区牵头", "潮安区是配合单位", "建议由市供销社牵头", point=17)
    chat.says("农业农村局是不是牵头冷链", "建议由市供销社牵头", point=17)


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("适老化改造是不是500户以上", "通知写的是【不少于600户】。"),
        ("湘桥区项目库是不是不少于25个", "通知写的是【不少于22个项目】。"),
        ("每个镇街至少3条示范街吗", "通知写的是【至少2条】。"),
        ("每个镇街3条示范街吗", "与通知不一致：您说的是3条，通知写的是【至少2条】。"),
        ("冷库库容是0.25万吨还是0.5万吨", "通知写的是【0.25万吨】。"),
        ("农村公路改建是不是刚好48.7公里", "通知写的是【超48.7公里】。"),
        ("托位数3.2个是必须的吗", "通知写的是【力争3.2个】。"),
        ("20个镇改造归住建局吗", "按目前的建议分工，是的。"),
    ],
)
def test_where_yes_would_say_too_much_the_printed_figure_is_told(chat: Chat, asked: str, first: str) -> None:
    assert chat.says(asked).text.startswith(f"{first}\n")


def test_whether_it_is_binding_is_asked_about_the_last_thing(chat: Chat) -> None:
    chat.says("托位数要达到多少", point=21)
    chat.says("这个指标是必须完成的吗", "【力争3.2个】", point=21, without="600户")
    chat.says("一定要完成吗", "力争", point=21)


def test_what_a_figure_is_asks_for_no_yes(chat: Chat) -> None:
    chat.says("63%是指什么", "【63%】", point=21, without="是的")
    chat.says("覆盖率87%是什么", "【87%】", point=17, without="是的")


def test_who_minds_it_is_yes_or_no_in_few_words(chat: Chat) -> None:
    chat.says("厕所是卫健局管吧", "市卫生健康局是配合单位", point=12)
    chat.says("冷链是供销社管么", "按目前的建议分工，是的。", point=17)
    chat.says("供水是不是住建局管", "不是市住房城乡建设局牵头", point=17)


def test_how_a_figure_is_shared_out_is_not_stated(chat: Chat) -> None:
    chat.says("农村公路48.7公里怎么分到各县区", "通知没有单独写各县（区）的数", point=17)
    chat.says("项目库怎么分解到县区", "【不少于28个项目】", "【不少于22个项目】", point=3)
