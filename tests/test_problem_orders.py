"""What officials say about a numbered problem, who can be called, what kind it is, whom to ask."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.turn import Knowing
from knowledge.problem_entry import called, contact_in, entry_of, masked, quoting
from knowledge.problem_kind import kind_of
from knowledge.problem_lead import county_of, suggest
from knowledge.problem_orders import ending_of, order_of, rating_of, unnumbered


@pytest.mark.parametrize(
    ("said", "verb", "number", "rest"),
    [
        ("接办38", "accept", 38, ""),
        ("38 接办", "accept", 38, ""),
        ("好的，接办第0038号，谢谢", "accept", 38, ""),
        ("38我们接", "accept", 38, ""),
        ("分办 38 潮州供电局 协办 市城管执法局", "assign", 38, "潮州供电局 协办 市城管执法局"),
        ("分办38", "assign", 38, ""),
        ("38转市住建局", "assign", 38, "市住建局"),
        ("38异议成立 转市住建局", "assign", 38, "转市住建局"),
        ("38已联系企业", "contact", 38, ""),
        ("38 已电话联系企业，约了下午到现场", "contact", 38, "约了下午到现场"),
        ("38方案：先临时接入，7月2日送电", "plan", 38, "先临时接入，7月2日送电"),
        ("３８方案:先临时接入", "plan", 38, "先临时接入"),
        ("38不属 属市住建局职责", "object", 38, "属市住建局职责"),
        ("第38号不归我们，归城管", "object", 38, "我们，归城管"),
        ("38异议不成立", "keep", 38, ""),
        ("38仍由潮州供电局办", "keep", 38, "潮州供电局办"),
        ("38延期到7月10日 因占道许可未批", "extend", 38, "到7月10日 因占道许可未批"),
        ("38同意延期到7月9日", "grant", 38, "到7月9日"),
        ("38延期不同意 企业等着投产", "deny", 38, "企业等着投产"),
        ("38办结：已解决，7月2日送电", "answer", 38, "已解决，7月2日送电"),
        ("办结38 已解决", "answer", 38, "已解决"),
        ("38已解决，7月2日送电", "answer", 38, "已解决，7月2日送电"),
        ("38纳入长期跟踪，12月20日再答复", "answer", 38, "纳入长期跟踪，12月20日再答复"),
        ("38意见：占道许可3天可批", "help", 38, "占道许可3天可批"),
        ("38企业不满意 还没送电", "rate", 38, "不满意 还没送电"),
        ("38回访 正常", "visit", 38, "正常"),
        ("38改为复杂类", "sort", 38, "复杂类"),
        ("38加急", "sort", 38, "加急"),
        ("38不受理 属法院", "refuse", 38, "属法院"),
        ("38定性 已答复 政策不支持", "settle", 38, "已答复 政策不支持"),
        ("38同意重办", "redo", 38, ""),
        ("38联系人 陈明 13800138000", "detail", 38, "联系人 陈明 13800138000"),
        ("38进展：正在施工", "note", 38, "正在施工"),
        ("提请协调 诉求38 周敏", "raise", 38, "周敏"),
        ("1同意", "grant", 1, ""),
        ("1不同意 太久了", "deny", 1, "太久了"),
        ("同意延期38", "grant", 38, ""),
        ("把38号诉求给供电局办", "assign", 38, "供电局办"),
        ("38由我局接办", "accept", 38, ""),
        ("38接了", "accept", 38, ""),
        ("38不是我局职责，是住建局的", "object", 38, "职责，是住建局的"),
        ("38打过电话了", "contact", 38, ""),
        ("38推迟到8月1日", "extend", 38, "到8月1日"),
        ("38已经送电了", "answer", 38, "已经送电了"),
        ("38电话回访：满意", "rate", 38, "满意"),
        ("诉求38", "show", 38, ""),
        ("诉求 0038 办得怎么样了？", "show", 38, ""),
    ],
)
def test_an_order_is_read_however_it_is_put(said: str, verb: str, number: int, rest: str) -> None:
    order = order_of(said)
    assert order is not None
    assert (order.verb, order.number, order.rest) == (verb, number, rest)


@pytest.mark.parametrize(
    "said",
    [
        "38",
        "①25.6 ②5 ③26",
        "17项完成65%",
        "要点17不属本单位",
        "17 新改建农村公路32公里，整体进度66%",
        "延期1同意",
        "2024年7月10日前办结",
        "38个项目已办结",
        "38号车间停电",
        "放行 草稿3",
        "教 冻库=17",
        "第17条",
        "",
    ],
)
def test_what_is_about_something_else_is_no_order(said: str) -> None:
    assert order_of(said) is None


def test_a_year_may_be_said_where_numbers_began_anew() -> None:
    for said, year in [("2023年诉求38", 2023), ("2023年第38号接办", 2023), ("诉求38", 0)]:
        order = order_of(said)
        assert order is not None
        assert (order.number, order.year) == (38, year)


def test_a_bare_number_may_be_a_point() -> None:
    for said, explicit in [("38不属", False), ("诉求38不属", True), ("0038不属", True), ("38号延期", True)]:
        order = order_of(said)
        assert order is not None
        assert order.explicit is explicit


@pytest.mark.parametrize(
    ("said", "verb", "rest"),
    [
        ("接办", "accept", ""),
        ("好的，我们接办", "accept", ""),
        ("已电话联系企业，下午去现场", "contact", "下午去现场"),
        ("办结：已解决，换了变压器", "answer", "已解决，换了变压器"),
        ("同意延期到7月9日", "grant", "到7月9日"),
        ("分办 潮州供电局", "assign", "潮州供电局"),
    ],
)
def test_without_a_number_the_verb_is_heard(said: str, verb: str, rest: str) -> None:
    order = unnumbered(said)
    assert order is not None
    assert (order.verb, order.number, order.rest) == (verb, 0, rest)


@pytest.mark.parametrize(
    "said", ["收到", "已办结3件", "分办情况", "同意", "接办流程是什么", "延期到7月9日", "方案"]
)
def test_without_a_number_other_words_are_left_alone(said: str) -> None:
    order = unnumbered(said)
    assert order is None or order.verb == "assign"  # “分办情况” names no unit, and the office is told


@pytest.mark.parametrize(
    ("words", "ending"),
    [
        ("已解决，7月2日送电", "solved"),
        ("供电已恢复，企业已投产，已恢复", "solved"),
        ("已答复，政策不支持，已向企业说明", "explained"),
        ("不符合申报条件，已解释", "explained"),
        ("纳入长期跟踪，12月20日再答复", "tracked"),
        ("政策不支持，列入明年计划，12月20日再答复", "tracked"),
        ("尚未解决，正在协调", ""),
        ("已处理好了，换了变压器", "solved"),
        ("不符合补助条件，已向企业说明", "explained"),
        ("部分解决，剩余的9月底完成", ""),
        ("办了", ""),
        ("已解决大部分，其余列入明年计划", ""),  # which of the two must be asked
    ],
)
def test_an_ending_is_one_of_three_or_asked_for(words: str, ending: str) -> None:
    assert ending_of(words) == ending


@pytest.mark.parametrize(
    ("words", "rating", "why"),
    [
        ("满意", "satisfied", ""),
        ("非常满意", "satisfied", ""),
        ("基本满意", "mostly", ""),
        ("不满意，还是天天停电", "unsatisfied", "还是天天停电"),
        ("不太满意 因为拖太久", "unsatisfied", "拖太久"),
        ("还没解决", "unsatisfied", ""),
        ("还行吧", "mostly", ""),
        ("勉强满意", "mostly", ""),
        ("基本上满意", "mostly", ""),
        ("挺好的", "satisfied", ""),
        ("1满意", "satisfied", ""),
        ("不行，没解决", "unsatisfied", "没解决"),
        ("第1号不满意，拖太久", "unsatisfied", "拖太久"),
        ("谈不上满意", "unsatisfied", ""),
        ("企业说不满意，还在跳闸", "unsatisfied", "在跳闸"),
        ("不怎么满意", "unsatisfied", ""),
        ("骗人的，根本没人来", "unsatisfied", "骗人的,根本没人来"),
        ("没什么变化", "unsatisfied", "没什么变化"),
        ("马马虎虎", "", ""),  # which of two must be asked
        ("满意度一般", "", ""),
        ("没有不满意", "", ""),
        ("我们干了不满三年", "", ""),
        ("满意吗", "", ""),
        ("你们怎么还没解决？", "", ""),
        ("请问技改补助怎么申请", "", ""),
    ],
)
def test_a_rating_is_a_word_and_a_reason(words: str, rating: str, why: str) -> None:
    assert rating_of(words) == (rating, why)


# --- forwarding, and whom to call ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "channel", "body"),
    [
        ("诉求：凤塘工业区停电", "", "凤塘工业区停电"),
        ("转企业反映：招工难", "", "招工难"),
        ("面对面座谈会 诉求：希望协调用地", "meeting", "希望协调用地"),
        ("座谈会上企业反映：希望协调用地", "meeting", "希望协调用地"),
        ("12345转来：路灯坏了", "12345", "路灯坏了"),
        ("挂钩走访：招工难", "visit", "招工难"),
        ("直通车 企业诉求：贷款难", "express", "贷款难"),
        ("政企群反映：停水三天", "group", "停水三天"),
        ("市长面对面座谈会 诉求：希望协调用地", "meeting", "希望协调用地"),
        ("座谈会上宏瑞陶瓷反映：接电要12周", "meeting", "宏瑞陶瓷反映：接电要12周"),
        ("挂钩联系时企业反映：门前积水", "visit", "门前积水"),
        ("周敏副市长挂钩走访：门前积水", "visit", "门前积水"),
        ("12345工单：路灯坏了", "12345", "路灯坏了"),
        ("【诉求】停电三天", "", "停电三天"),
        ("登记：停电三天", "", "停电三天"),
    ],
)
def test_staff_forward_in_their_own_words(said: str, channel: str, body: str) -> None:
    entry = entry_of(said)
    assert entry is not None
    assert (entry.channel, entry.body) == (channel, body)


@pytest.mark.parametrize(
    "said",
    [
        "诉求",
        "诉求38",
        "问题：两座桥未动工",
        "12345是什么",
        "挂钩领导是谁",
        "困难：停电",
        "走访企业：25家",
        "登记",
    ],
)
def test_what_forwards_nothing_is_left_alone(said: str) -> None:
    assert entry_of(said) is None


def test_a_bare_word_forwards_what_is_quoted() -> None:
    found = quoting("座谈会诉求")
    assert found is not None
    assert found.channel == "meeting"
    for said in ("诉求", "登记", "请登记一下", "转给你们登记", "这条请办公室登记，谢谢", "登记为诉求"):
        assert quoting(said) is not None, said
    assert quoting("冷链谁牵头") is None


@pytest.mark.parametrize(
    ("text", "name", "phone", "rest"),
    [
        ("停电，联系人陈明 13800138000", "陈明", "13800138000", "停电"),
        ("我们厂停电了，李厂长13912345678，急", "李厂长", "13912345678", "我们厂停电了，急"),
        ("联系人：王小明（13800138000），请尽快", "王小明", "13800138000", "请尽快"),
        ("村道停工，电话 0768-2223333 林先生", "林先生", "07682223333", "村道停工"),
        ("停电。联系人 林生", "林生", "", "停电。"),
        ("停电，宏瑞陶瓷陈明13800138000，请帮忙", "陈明", "13800138000", "停电，宏瑞陶瓷，请帮忙"),
        ("兴隆瓷业，老陈 13512345678", "老陈", "13512345678", "兴隆瓷业"),
        ("我是兴隆瓷业的小李，电话13512345678", "小李", "13512345678", "我是兴隆瓷业的"),
        ("138 0013 8000 停电", "", "13800138000", "停电"),
        ("黄冈到钱东路烂，赔了四万", "", "", "黄冈到钱东路烂，赔了四万"),
    ],
)
def test_the_contact_is_taken_out_of_the_words(text: str, name: str, phone: str, rest: str) -> None:
    found = contact_in(text)
    assert (found.name, found.phone, found.rest) == (name, phone, rest)


def test_others_see_that_somebody_can_be_called_and_not_whom() -> None:
    assert called("陈明", "13800138000") == "陈**，138****8000"
    assert called("", "") == ""
    assert masked("请打13800138000或0768-2223333") == "请打138****8000或076****3333"
    assert masked("１３８００１３８０００，身份证445101199001011234") == "138****8000，身份证445****1234"


PIECES = st.sampled_from(
    [
        *("接办", "38", "第", "号", "诉求", "：", " ", "不属", "延期到", "7月10日", "办结", "已解决", "分办"),
        *("13800138000", "联系人", "陈明", "满意", "不", "座谈会", "①", "９", "\n", "@助手 ", "谢谢"),
        *("\ud800", "ﷺ", "０", "-2"),
    ]
)


@given(st.lists(PIECES, max_size=24).map("".join))
def test_no_text_breaks_a_reader_and_no_number_gets_through(text: str) -> None:
    order = order_of(text)
    if order is not None:
        assert 1 <= order.number <= 99_999
        assert order.rest in text
    found = contact_in(text)
    assert "13800138000" not in masked(found.rest)
    entry = entry_of(text)
    assert entry is None or entry.body in text
    rating_of(text), ending_of(text), quoting(text)


@pytest.mark.parametrize(
    "part", ["陈", "1", "联系人陈", "诉求：", "13800138000 ", "请", "谢谢", "已解决", "第"]
)
def test_a_flood_is_read_quickly(part: str) -> None:
    text, began = part * (5_000 // len(part)), process_time()
    for reader in (contact_in, entry_of, order_of, rating_of, ending_of, masked, quoting):
        reader(text)
    assert process_time() - began < 0.3


# --- what kind, and whose -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "about"),
    [
        ("请问技改补助怎么申请，有没有补贴", "inquiry", ""),
        ("陶瓷产业有什么支持政策？", "inquiry", ""),
        ("技改补助怎么申请，材料交了四个月没批", "ordinary", ""),
        ("凤塘工业区整片停电，请供电局处理", "ordinary", ""),
        ("新厂房接电周期长，需要占道施工", "complex", ""),
        ("看中旁边一块闲置地，想扩产", "complex", ""),
        ("床位审批民政说找卫健，卫健说找民政，到底归谁", "complex", ""),
        ("我跟供应商打官司，法院一直不立案", "refused", "诉讼、仲裁"),
        ("客户欠货款三十万收不回来，请政府帮忙", "refused", "企业之间的合同、货款纠纷"),
        ("举报某局长吃拿卡要", "refused", "对个人的检举、控告"),
        ("镇里欠货款两年不还，财政没拨", "ordinary", ""),  # a government that owes is the government's matter
        ("法院门口路灯坏了没人修", "ordinary", ""),
    ],
)
def test_what_kind_a_problem_is(knows: Knowing, text: str, kind: str, about: str) -> None:
    found = kind_of(text, knows.book.directory)
    assert (found.kind, found.about) == (kind, about)
    assert bool(found.door) is (kind == "refused")


def test_what_is_urgent_is_never_only_an_inquiry(knows: Knowing) -> None:
    assert kind_of("请问有没有政策", knows.book.directory, urgent=True).kind == "ordinary"
    assert kind_of("市教育局让找市民政局", knows.book.directory).kind == "complex"


@pytest.mark.parametrize(
    ("text", "points", "lead", "helpers"),
    [
        ("凤塘工业区整片停电，请供电局马上处理", (17,), "潮州供电局", ("潮安区",)),
        ("自来水压力小，意溪这边全是这样", (17,), "市水务局", ("湘桥区",)),
        ("县道路面坑洼，运瓷坯震碎好几批", (17,), "市交通运输局", ()),
        ("请问高企今年申报还能补材料吗", (4,), "市科技局", ()),
        ("公司法人变更来回跑", (), "", ()),
        ("凤塘工业区停电", (5, 17), "潮州供电局", ("潮安区",)),  # not who builds industrial parks
        ("企业反映新厂房接电要12周", (43,), "潮州供电局", ()),
        ("网络信号差，5G没覆盖", (17,), "市工业和信息化局", ()),
        ("环评批复拖了三个月", (), "市生态环境局", ()),
    ],
)
def test_whom_it_would_be_asked_of(
    knows: Knowing, text: str, points: tuple[int, ...], lead: str, helpers: tuple[str, ...]
) -> None:
    county = county_of(text, None, knows.book)
    found = suggest(text, points, county, knows.book, knows.index)
    assert (found.lead, found.helpers) == (lead, helpers)
    assert not found.confirmed
