"""The second opinion on what a question is about: what its characters and pairs lean to."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.ask import Knowing, reply_to
from handlers.memory import Memory
from knowledge.leaning import ASKED, NOWHERE, Leaning
from knowledge.notice import parse
from tests import examples

NOW = datetime(2024, 7, 15, 1, tzinfo=UTC)
FEW = [
    ("水管没水", 16, ASKED),
    ("龙头没水", 16, ASKED),
    ("没水喝", 16, ASKED),
    ("路灯不亮", 15, ASKED),
    ("路灯坏了", 15, ASKED),
    ("电影几点", NOWHERE, ASKED),
    ("看电影", NOWHERE, ASKED),
]


def test_what_is_learnt_from_is_what_the_questions_say() -> None:
    assert examples.TARGET.read_text("utf-8") == examples.written(), "run python -m tests.examples"


def test_pieces_of_examples_lead_to_their_point() -> None:
    leaning = Leaning.learnt(FEW)
    assert leaning.likeliest("家里没水")[0] == 16
    assert leaning.likeliest("路灯")[0] == 15
    assert leaning.likeliest("电影")[0] == NOWHERE
    assert leaning.likeliest("xyz") == (NOWHERE, 0.0)


def test_a_point_that_the_pieces_share_is_no_sure_thing() -> None:
    leaning = Leaning.learnt([*FEW, ("水管坏了", 15, ASKED), ("水管漏了", 15, ASKED)])
    assert leaning.likeliest("没水")[1] > leaning.likeliest("水管")[1]


@given(st.text(max_size=300))
def test_whatever_is_typed_has_a_share(knows: Knowing, text: str) -> None:
    point, share = knows.index.leaning.likeliest(text)
    assert 0 <= share <= 1
    assert point == NOWHERE or knows.book.notice.point(point)


@pytest.mark.parametrize(
    ("asked", "point"),
    [
        ("我们镇上买件像样的衣服都要坐车进城", "第7点"),
        ("本地医院有没有打算养出几个拿手的科 像看骨头看眼睛的", "第20点"),  # 几个 asks for no number
    ],
)
def test_it_is_answered_where_words_and_pieces_agree(knows: Knowing, asked: str, point: str) -> None:
    found = reply_to(asked, Memory(), knows, NOW)
    assert found.answered
    assert found.text.startswith(point)


def test_words_that_lead_elsewhere_are_offered_and_not_answered(
    knows: Knowing, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = "洒的药、落的肥全流到溪里，鱼都死绝了，有想法子吗"
    assert reply_to(asked, Memory(), knows, NOW).points == (27,)
    monkeypatch.setattr(Leaning, "likeliest", lambda *_: (12, 0.5))
    found = reply_to(asked, Memory(), knows, NOW)
    assert not found.answered
    assert [label[:4] for label, _ in found.suggestions] == ["构建镇村", "加强农村"]  # 27 and 12


def test_a_word_alone_leads_nowhere(knows: Knowing) -> None:
    assert knows.index.leaning.likeliest("项目")[1] > 0.5
    assert not reply_to("项目", Memory(), knows, NOW).answered


def test_examples_of_another_notice_are_left_alone(knows: Knowing) -> None:
    other = parse(
        "潮安区2025年重点工作要点\n潮安百千万发〔2025〕1号\n潮安区指挥部\n2025年3月1日\n"
        "一、大抓产业发展\n1.做强陶瓷产业。推动陶瓷企业技术改造20家。\n2.建设冷链仓库。新建冷链仓库3座。\n"
    )
    leaning = Leaning.of(other, knows.index.lexicon)
    assert leaning.likeliest("陶瓷企业改造")[0] == 1
