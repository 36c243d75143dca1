"""What a unit has to do in one point that was named by its number."""

import pytest

from tests.chat import Chat


def test_a_units_own_rows_of_a_point_are_told(chat: Chat) -> None:
    found = chat.says(
        "第17点供电局管哪一句", "潮州供电局建议牵头（待市百千万办确认）：实施农村电网巩固提升工程", point=17
    )
    assert "配合（待市百千万办确认）：推动乡村加快规划建设新能源汽车充换电设施" in found.text
    chat.says("第31点教育局是牵头还是配合", "市教育局建议配合", "四大行动", point=31, without="牵头：")
    chat.says("教育局在第19点有什么任务", "市教育局建议牵头本点", "18个学校项目", point=19)
    chat.says("第6点里公安局有任务吗", "分工表里这一点没有市公安局的任务", point=6)


def test_two_units_in_a_point_are_told_side_by_side(chat: Chat) -> None:
    chat.says(
        "农业农村局和供销社在第26点怎么分工",
        "市农业农村局建议牵头本点",
        "市供销社建议牵头（待市百千万办确认）：深化供销合作社综合改革",
        point=26,
    )


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("第26点供销社改革谁牵头", "建议由市供销社牵头"),
        ("第17点谁配合水务局", "建议由市交通运输局牵头"),
        ("第17点谁牵头", "建议由市交通运输局牵头"),
    ],
)
def test_a_thing_or_who_somebody_is_asked_for_is_no_share(chat: Chat, question: str, words: str) -> None:
    chat.says(question, words)


def test_whoever_wants_the_figures_is_no_subject(chat: Chat) -> None:
    chat.says("书记要看潮安今年的硬指标", "通知给潮安区定的数字指标共4项", points=[3, 22, 41, 42])
