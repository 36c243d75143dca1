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


def test_a_place_in_a_list_is_counted_as_it_was_shown(chat: Chat) -> None:
    chat.says("和改革有关的有哪些", points=[25, 26, 27, 28, 30, 32, 42, 45])
    chat.says("第三个", point=27)
    chat.says("最后一个", point=45)
    chat.says("交通局负责什么", "第17点", points=[6, 17, 27])
    chat.says("第一个", point=17)
    chat.says("第18条和第17条", points=[17, 18])
    chat.says("第一个", point=18)


def test_a_part_of_a_point_is_no_section(chat: Chat) -> None:
    chat.says("17条", point=17)
    chat.says("里面冷链那部分", "新增投产冷库库容0.25万吨", points=[17])
    chat.says("那部分还有什么", points=list(range(17, 25)))


def test_the_paper_is_named_and_what_was_talked_about_stays(chat: Chat) -> None:
    chat.says("冷链", point=17)
    for question in ("哪个文件写的", "依据是什么", "出处"):
        chat.says(question, "潮百千万发〔2024〕7号")
    chat.says("谁管", "建议由市供销社牵头", point=17)


def test_whether_it_has_figures_is_asked_of_the_last_point(chat: Chat) -> None:
    chat.says("第2条", point=2)
    chat.says("有指标吗", "通知没有写明具体数字", point=2, answered=False)
    chat.says("第8条", point=8)
    chat.says("有没有量化指标", "【2个】", "【超1.2亿元】", point=8)


def test_all_of_the_counties_are_told_where_the_sum_is_asked(chat: Chat) -> None:
    chat.says("项目库潮安多少", "28个项目", point=3)
    chat.says("三个一共", "【不少于28个项目】", "【不少于22个项目】", point=3)


def test_how_much_is_done_is_no_question_for_the_target(chat: Chat) -> None:
    waiting = "目前还没有收到这一项的进展报送"
    chat.says("水质合格率", point=17)
    chat.says("现在完成多少了", waiting, "【90%以上】", point=17, without="48公里】")
    chat.says("危桥目前改造了几座", waiting, "【10座】", point=17)
    chat.says("完成了吗", waiting, "危旧桥梁10座", point=17)
    chat.says("20个镇改造达到要求了吗", waiting, point=15, without="是的")
    chat.says("潮安区安防工程完成了多少公里", waiting, "通知没有单独写潮安区的数", point=17)
    chat.says("适老化要完成多少户", "【不少于600户】", point=21, without=waiting)


def test_when_it_comes_out_and_who_else_joins_are_about_the_last_thing(chat: Chat) -> None:
    chat.says("花园城市计划", point=27)
    chat.says("什么时候出台", "没有为这一项单独写明时限", "花园城市", point=27)
    chat.says("政策什么时候出台", answered=False)
    chat.says("市民政局牵头什么", points=[21, 22])
    chat.says("慈善超市", point=22)
    chat.says("还有别的单位配合吗", "配合：潮安区、饶平县、湘桥区", point=22)


def test_the_heaviest_county_is_seen_beside_the_others(chat: Chat) -> None:
    chat.says("项目库哪个县区任务最重", "【不少于28个项目】", "【不少于22个项目】", point=3)
