"""What leans on the answer before: “继续”, “电话多少”, “怎么联系他们”, also with nothing before it."""

import pytest

from tests.chat import Chat


@pytest.mark.parametrize("words", ["继续", "更多", "剩下的呢", "还有吗", "接着说"])
def test_going_on_never_finds_a_new_subject(chat: Chat, words: str) -> None:
    chat.says(words, "不确定您指的是哪一条", answered=False)
    chat.says("和财政有关的有哪些", points=[27, 28])
    chat.says(words, "就这些了", answered=False)


@pytest.mark.parametrize(
    ("words", "what"),
    [("电话多少", "电话"), ("怎么联系他们", "联系方式"), ("地址呢", "地址"), ("名单呢", "名单")],
)
def test_a_detail_alone_is_one_of_the_thing_talked_about(chat: Chat, words: str, what: str) -> None:
    chat.says(words, "不确定您指的是哪一条", answered=False)
    chat.says("冷链谁牵头", point=17)
    found = chat.says(words, f"通知没有写明{what}", "新增投产冷库库容", answered=what == "联系方式")
    assert found.points == (17,)


def test_a_detail_of_another_thing_is_that_things(chat: Chat) -> None:
    chat.says("冷链谁牵头", point=17)
    chat.says("长者饭堂一餐多少钱", "没有写明收费标准", point=21, answered=False)


def test_the_rest_of_three_counties_still_follows_one(chat: Chat) -> None:
    chat.says("潮安项目库几个", "28个项目", point=3)
    chat.says("剩下的呢", "25个项目", "22个项目", point=3)
