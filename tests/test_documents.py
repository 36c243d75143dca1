"""Pasted letters, minutes and news with a question about them."""

from tests.chat import Chat

LETTER = (
    "关于做好下半年几项重点工作的函：一要压实责任，主要领导亲自过问，按时报送情况；"
    "二要抓好冷库等农产品保鲜设施的选址和建设，年内见到成效，不得以会议代替推进；"
    "三要逐户摸排独居老人家中的卫生间、扶手、台阶，列出适老化改造名单，分批动工。"
    "联系人另行通知，未尽事宜电话沟通，请各单位收到后及时安排并反馈。\n"
)


def test_the_letters_third_item_is_not_the_notices_third_point(chat: Chat) -> None:
    chat.says(LETTER + "请问第三项对应我市要点哪一条？", "第21点", point=21)
    chat.says(LETTER + "第二项谁牵头？", "建议由市供销社牵头", point=17)


def test_a_text_is_about_what_its_sentences_are_about(chat: Chat) -> None:
    news = (
        "昨日记者在某镇看到，几家银行的信贷员坐在村委会，现场给养殖户和小加工厂办贷款。"
        "村民说，以前办贷款要跑县城好几趟，现在银行把服务送到了家门口。"
        "据了解，当地还打算开一场银行和企业面对面的对接会。\n这属于哪一条，归谁抓？"
    )
    chat.says(news, "第29点", point=29)


def test_a_question_that_names_its_subject_is_taken_at_its_word(chat: Chat) -> None:
    chat.says(LETTER + "顺便问一下，农村供水由哪个单位负责？", "市水务局", point=17)
    chat.says(LETTER + "这和第30条有关系吗", point=30)


def test_a_text_about_nothing_here_is_not_answered(chat: Chat) -> None:
    minutes = "会议通报了上周考勤，布置了档案装订，研究了消毒值班表。" * 5
    chat.says(minutes + "\n请问这个归谁？", answered=False)
