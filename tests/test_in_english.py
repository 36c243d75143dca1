"""English questions get the same kinds of answers: tasks, comparisons, own leads, near misses, lists."""

from tests.chat import Chat


def test_a_bureaus_tasks_are_told_once(chat: Chat) -> None:
    found = chat.says("what does the education bureau do", "point 19, the whole point", "point 34").text
    assert found.count("point 19") == 1


def test_two_counties_are_compared_with_a_lead_each(chat: Chat) -> None:
    chat.says(
        "compare Chaoan and Raoping projects",
        "潮安区不少于28个项目; 饶平县不少于25个项目",
        "lead for 潮安区",
        "lead for 饶平县",
        point=3,
    )


def test_a_figure_has_its_own_lead(chat: Chat) -> None:
    chat.says("how many key projects must Chao'an have", "潮安区 (Chao'an District)", point=3)


def test_a_detail_is_not_invented(chat: Chat) -> None:
    chat.says("cold storage rent?", "does not state this", point=17, answered=False)


def test_points_with_figures_or_a_day_are_listed(chat: Chat) -> None:
    chat.says("which points have numbers", points=[3, 6, 8, 10, 15, 16, 17, 19, 21, 22, 41, 42])
    chat.says("which points have a deadline", points=[6, 21])


def test_a_deadline_is_told_or_said_to_be_missing(chat: Chat) -> None:
    chat.says("what is the deadline for the marine ranch", "states no deadline for this", "2024", point=8)
    chat.says("when must the food industry output be reached", "Deadline stated: 2024-12-31.", point=6)


def test_when_that_asks_for_no_day_is_told_none(chat: Chat) -> None:
    chat.says("whom do i call when the village toilet is broken", point=12, without="deadline")


def test_who_takes_part_is_named_when_asked(chat: Chat) -> None:
    chat.says("cold storage", point=17, without="Taking part")
    chat.says("who takes part", "Taking part: 市农业农村局", "湘桥区", point=17)
    chat.says("what does point 20 say", point=20)
    chat.says("any numbers", "does not state this", answered=False)
