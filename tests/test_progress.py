"""A round in chat: prompts go out, liaisons answer in their own words, every number can be walked back."""

from datetime import datetime

import pytest

from storage import attachments, reports
from supervision.workdays import SHANGHAI
from tests.documents import PNG
from tests.town import Town

DOC = "潮百千万发〔2024〕7号"


async def test_a_whole_round_of_three_units(office: Town) -> None:
    """Prompt, partial answer, question back, correction, objection, late answer, close."""
    await office.dialogue(
        "wanglei",
        ("开月报 放行17", "7月进展报送|7月25日（周四）17:30|问3位联络员|还没有联络员的单位：饶平县、湘桥区"),
    )
    (asked,) = await office.pushed("huangwei")
    assert "请于7月25日（周四）17:30前在本对话回复要点17的3项累计数" in asked
    assert "①新改建农村公路（目标：超48.7公里）" in asked
    await office.dialogue(
        "huangwei",
        ("收到", "好的，7月25日（周四）17:30前"),
        ("①25.6 ②5", "已记：要点17|新改建农村公路25.6公里（目标超48.7公里，完成52.6%）|还差1项：③"),
        ("②4", "上次报5座，这次报4座|是更正吗"),
        ("是", "已更正|4座（目标10座，完成40%）"),
        ("③26，困难：两座桥管线迁改没谈拢", "26公里|困难：两座桥管线迁改没谈拢|本轮已报齐"),
        ("公路30公里，7月20日前完成路面", "新改建农村公路30公里|下一步：7月20日前完成路面"),
        ("公路31公里，下周五前报竣工资料", "31公里|下一步：下周五前报竣工资料（7月26日）"),
        ("公路32公里，10月底前全部完工", "32公里|时限10月31日（周四）"),
        ("17项总体75%", "整体进度75%"),
        ("更正：17项应为65%", "已更正|整体进度65%"),
        ("冷链谁牵头", "市供销社牵头"),  # a question stays a question
    )
    await office.dialogue(
        "chenjing",
        (
            "冷库这项不属于我们，应由市农业农村局负责",
            "贵单位提出不属本单位|建议由市农业农村局负责|核定前不再",
        ),
    )
    await office.dialogue(
        "wanglei",
        ("异议", "市供销社|第17点|认为应由市农业农村局负责"),
        ("异议1不成立", "仍由市供销社报送"),
        ("哪些没报", "市供销社：要点17|潮安区：要点3"),
        ("收口", "“7月进展报送”已收口|之后的回复照常入台账"),
    )
    await office.dialogue("chenjing", ("冷库1800吨", "0.25万吨，完成72%|本轮已经收口|迟报"))
    assert await office.figures() == {
        ("市交通运输局", "17-1"): (32, "公路32公里，10月底前全部完工"),
        ("市交通运输局", "17-2"): (4, "②4（确认：是）"),
        ("市交通运输局", "17-3"): (26, "③26，困难：两座桥管线迁改没谈拢"),
        ("市供销社", "17-6"): (1800, "冷库1800吨"),
    }


async def test_a_message_that_has_not_left_goes_to_the_new_liaison(here: Town) -> None:
    await here.dialogue(
        "wanglei", ("开月报 放行17", "已开轮次"), ("绑定 linxiao 林晓 市交通运输局联络员", "已换人")
    )
    assert await here.pushed("huangwei") == []
    (asked,) = await here.pushed("linxiao")
    assert "市交通运输局联络员您好" in asked
    await here.dialogue("wanglei", ("绑定 linxiao 林晓 市供销社联络员", "已换人"))
    (asked,) = await here.pushed("linxiao")
    assert "市交通运输局、市供销社联络员您好" in asked
    await here.dialogue("wanglei", ("解绑 linxiao 市交通运输局", "没有联络员"))
    (asked,) = await here.pushed("linxiao")
    assert "市供销社联络员您好" in asked
    assert "公路" not in asked
    await here.dialogue("wanglei", ("解绑 linxiao", "没有联络员"))
    assert await here.pushed("linxiao") == []
    await here.dialogue("wanglei", ("绑定 huangwei 黄伟 市交通运输局联络员", "已绑定"))
    (asked,) = await here.pushed("huangwei")
    assert "新改建农村公路" in asked


async def test_numbers_by_place_need_a_message_that_asked(here: Town) -> None:
    """They were answered as a question about 基层社会治理."""
    await here.dialogue(
        "huangwei",
        ("①25.6 ②5 ③26，困难：两座桥管线迁改没谈拢，请市里协调", "目前没有要贵单位报的|没有记"),
    )


async def test_what_is_owed_after_its_day_is_wanted_soon(here: Town) -> None:
    """On 30 July it said: 7月25日前报即可."""
    await here.dialogue("wanglei", ("开月报", "7月25日（周四）17:30"))
    here.wecom.clock.set(datetime(2024, 7, 30, 9, 20, tzinfo=SHANGHAI))
    said = await here.hears("zhengyun", "③2个案例")
    assert "这次按迟报记录" in said
    assert "请尽快补报" in said
    assert "前报即可" not in said


async def test_what_two_rounds_ask_is_asked_and_answered_once(here: Town) -> None:
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"), ("开季报 8月1日前 放行17", "已开轮次"))
    (asked,) = await here.pushed("huangwei")
    assert "【7月进展报送、三季度进展报送】" in asked
    assert asked.count("新改建农村公路") == 1
    assert "要点17的3项累计数" in asked
    await here.dialogue(
        "huangwei",
        ("①25.6", "已记|还差2项：②改造农村公路危旧桥梁、③"),
        ("②5 ③26", "本轮已报齐"),
        ("撤回", "已撤回|还差2项：②改造农村公路危旧桥梁、③"),
        ("②5 ③26", "本轮已报齐"),
    )
    assert await here.pushed("huangwei") == []
    status = await here.hears("wanglei", "哪些没报")
    assert status.count("应报") == 2
    assert "市交通运输局" not in status


async def test_an_answer_to_an_open_round_is_not_late_for_a_closed_one(here: Town) -> None:
    await here.dialogue(
        "wanglei",
        ("开季报 8月1日前 放行17", "已开轮次"),
        ("开月报 放行17", "已开轮次"),
        ("7月进展报送收口", "“7月进展报送”已收口"),
    )
    answer = await here.hears("huangwei", "①30")
    assert "还差2项" in answer
    assert "迟报" not in answer
    await here.dialogue("wanglei", ("收口", "“三季度进展报送”已收口"))
    await here.dialogue("huangwei", ("②5", "迟报"))


async def test_a_round_is_opened_and_closed_as_said_or_not_at_all(here: Town) -> None:
    await here.dialogue(
        "wanglei",
        ("开月报 6月1日前 放行17", "6月1日已经过去"),
        ("开6月月报 放行17", "6月的截止日（6月25日（周二）17:30）已经过去"),
        ("开月报 放行99", "通知里没有要点99"),
        ("开月报 要点17、98", "通知里没有要点98"),
        ("开13月月报", "没有13月"),
        ("收口", "没有开着的轮次"),
        ("开8月月报 放行17", "已开轮次“8月进展报送”，截止8月26日（周一）17:30"),
        ("收口 不存在的", "没有开着的轮次“不存在”|8月进展报送（截止"),
        ("放行 99", "通知里没有要点99"),
        ("开月报 放行17", "已开轮次“7月进展报送”"),
        ("收口", "开着的轮次有2个：|7月进展报送（截止|8月进展报送（截止|请回复：7月进展报送收口"),
        ("8月进展报送收口", "“8月进展报送”已收口"),
        ("收口月报", "“7月进展报送”已收口"),
    )
    assert "没有开着的轮次" not in await here.hears("wanglei", "今天培训什么时候结束")


async def test_a_closed_round_is_asked_for_no_more(here: Town) -> None:
    """What was queued is taken back, or asks only for the round that is still open."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"), ("收口", "已收口"))
    assert await here.pushed("huangwei") == []
    await here.dialogue(
        "wanglei",
        ("开季报 放行17", "已开轮次"),
        ("开专项 8月1日前 要点42", "已开轮次"),
        ("三季度进展报送收口", "已收口"),
    )
    assert await here.pushed("huangwei") == []
    (asked,) = await here.pushed("zhengyun")
    assert "要点42" in asked
    assert "要点3 " not in asked


async def test_who_may_see_progress(here: Town) -> None:
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "huangwei", ("①25.6 ②5 ③26，困难：两座桥管线迁改没谈拢，请市里协调", "已记|本轮已报齐")
    )
    await here.dialogue(
        "zhoumin",
        (
            "第17项怎么样了",
            "新改建农村公路25.6公里（目标超48.7公里，完成52.6%），截至7月15日，市交通运输局报|未报：|困难",
        ),
        ("需协调的有哪些", "第17点|市交通运输局：请市里协调"),
        ("市交通运输局进展怎么样", "25.6公里"),
        ("那第3项呢", "第3点"),
        ("红黄灯", "45个要点"),
    )
    await here.dialogue(
        "chenjing", ("第17项怎么样了", "贵单位还没有报送"), ("市交通运输局进展", "由市百千万办")
    )
    await here.dialogue("linxiao", ("第17项怎么样了", "这里只能给您通知的要求"))
    for person in ("chenjing", "linxiao"):
        assert "25.6" not in await here.hears(person, "第17项怎么样了")
        assert "没谈拢" not in await here.hears(person, "需协调的有哪些")


async def test_a_stranger_is_told_how_to_be_bound_and_a_new_liaison_takes_over(here: Town) -> None:
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue("linxiao", ("17项进度70%", "没有入台账|绑定 linxiao 姓名"))
    await here.dialogue(
        "wanglei",
        ("绑定 linxiao 林晓 市供销社联络员", "由陈静（chenjing）换为林晓（linxiao）|都保留"),
        ("市供销社联络员是谁", "林晓（linxiao）"),
        ("绑定 abc 李四 饶平县教育局联络员", "饶平县"),
    )
    await here.dialogue("linxiao", ("①0.1", "冷库库容0.1万吨（目标0.25万吨，完成40%）|本轮已报齐"))
    assert "已记" not in await here.hears("chenjing", "①0.2")
    await here.dialogue("wanglei", ("解绑 linxiao", "历史记录保留|没有联络员"))


async def test_a_county_reports_its_own_and_nobody_reports_for_others(here: Town) -> None:
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "zhengyun",
        ("①21 ②1", "21个项目（目标不少于28个项目，完成75%）|还差2项：③|④"),
        ("都没变化", "已记"),
        ("第19项进度50%", "要点19"),
        (
            "报案例 示范街先议后建。沿街商户先议定立面标准，再统一设计。",
            "潮安区累计1个|每个县(区)培育不少于5个案例|还差4个",
        ),
        ("报案例 示范街先议后建。沿街商户先议定立面标准，再统一设计。", "已经报过"),
        ("撤回案例", "已撤回"),
        ("报案例：东凤镇示范街先议后建。沿街商户先议定立面标准，再统一设计。", "《东凤镇示范街先议后建》"),
        ("撤回案例", "已撤回"),
        ("现报送典型案例《示范街先议后建》沿街商户先议定立面标准。", "已收案例：《示范街先议后建》"),
        ("撤回案例", "已撤回"),
    )
    await here.dialogue(
        "zhoumin",
        ("项目库", "潮安区：|21个项目|饶平县：尚未报送"),
        ("案例情况", "潮安区 0个（要求不少于5个案例）"),
    )
    await here.dialogue("huangwei", ("第19项进度50%", "目前登记由市教育局负责，没有记到贵单位名下"))


async def test_numbers_that_cannot_be_are_asked_about_and_not_stored(here: Town) -> None:
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "chenjing", ("新增冷库2600万吨", "单位"), ("2600吨", "已记|2600吨（目标0.25万吨，完成104%）")
    )
    await here.dialogue(
        "huangwei",
        ("新改建农村公路3200公里", "比目标高出很多"),
        ("不是", "没有记"),
        ("①32公里", "已记|32公里"),
        ("不对", "哪里不对"),
        ("撤回", "已撤回：要点17|还差3项"),
        ("整体过半", "过半|55%"),
        ("58%", "整体进度58%"),
        ("2月30日前完成", "2月30日|不是日历上有的"),
    )
    assert await here.figures() == {("市供销社", "17-6"): (2600, "2600吨")}


async def test_a_file_is_kept_with_the_report_it_came_with(here: Town) -> None:
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"), ("哪些没报", "市供销社：要点17"))
    first = (await here.wecom.send_file("chenjing", "冷库清单.txt", "第一冷库，800吨".encode())).text
    assert "《冷库清单.txt》已收到" in first
    assert "文件里的数我不会自己读" in first
    await here.dialogue("chenjing", ("①0.1", "0.1万吨"))
    second = (await here.wecom.send_picture("chenjing", PNG)).text
    assert "图片已收到" in second
    async with here.bot.database.transaction() as conn:
        (report,) = [row for row in await reports.standing(conn, DOC) if row.figures]
        kept = await attachments.of_subject(conn, f"report:{report.id}")
    assert [(one.name, one.point, one.unit) for one in kept][-1][1:] == (17, "市供销社")


async def test_a_file_is_no_word_on_the_numbers(here: Town) -> None:
    """“附件是本月清单” was taken for “无变化”, and closed everything that had been asked."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "huangwei",
        ("①25", "还差2项"),
        ("附件是本月清单", "要点17 已收到|文件里的数我不会自己读，请写在这里|还差2项：②"),
        ("②5 ③20，详见附件", "5座|20公里|本轮已报齐"),
    )
    await here.dialogue("chenjing", ("没有变化，附件同上月", "本期没有新数|本轮已报齐"))


async def test_a_number_counts_only_for_a_figure_of_the_speakers_own_unit(here: Town) -> None:
    await here.dialogue(
        "wanglei", ("开月报 放行17", "已开轮次"), ("绑定 linxiao 林晓 市水务局联络员", "已绑定")
    )
    await here.dialogue(
        "huangwei",
        ("安防工程完成率50%", "和要求的单位不一致|累计数（公里）"),  # that rate, 17-4, is the water bureau's
        ("公路32000米", "完成65.7%"),
    )
    await here.dialogue(
        "linxiao",
        ("17项公路28公里", "公路28公里由市交通运输局报送，没有记到贵单位名下"),
        ("17项更换管道28公里", "已记：要点17|管道28公里"),  # nobody's figure, and his own affair
        ("规模化供水覆盖率80%，公路25公里", "覆盖率80%|公路25公里由市交通运输局报送|还差1项"),
    )
    await here.dialogue("zhengyun", ("17项 我区农村公路完成12公里", "12公里"))
    held = {(unit, name): value for (unit, name), (value, _) in (await here.figures()).items()}
    assert held == {
        ("市交通运输局", "17-1"): 32000,
        ("市水务局", "更换管道"): 28,
        ("市水务局", "17-4"): 80,
        ("潮安区", "农村公路"): 12,
    }


async def test_short_forms_are_understood_and_corrected_by_what_stood(here: Town) -> None:
    """公路/桥/安防 are names enough; a correction finds its figure by name, by unit or by the old number."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "huangwei",
        ("公路25，桥5，安防26", "新改建农村公路25公里|危旧桥梁5座|防护工程26公里|本轮已报齐"),
        ("不是25，是27公里", "已更正|新改建农村公路27公里"),
        ("公路28桥5安防26", "新改建农村公路28公里|危旧桥梁5座|防护工程26公里"),
        ("公路27公里桥5座安防26公里，更正", "新改建农村公路27公里|危旧桥梁5座|防护工程26公里"),
        ("危旧桥梁不对，应该是4座", "已更正|危旧桥梁4座"),
        ("桥改成3座", "已更正|危旧桥梁3座"),
        ("更正：4座", "已更正|危旧桥梁4座"),
        ("65%", "整体进度65%"),
        ("不是65%，是56%", "已更正|整体进度56%"),
    )
    assert {name: value for (_, name), (value, _) in (await here.figures()).items()} == {
        "17-1": 27,
        "17-2": 4,
        "17-3": 26,
    }


async def test_a_busy_liaison_says_it_roughly(here: Town) -> None:
    """Things by their short names with what was done to them, and numbers with a bit on top."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "huangwei",
        (
            "农村公路今年做了二十五公里多一点，危桥改完五座。安防工程快一半了",
            "25公里（目标超48.7公里|改造农村公路危旧桥梁5座（目标10座，完成50%）|还差1项：③完成农村公路安全生命防护工程",
        ),
        ("安防做了22公里", "完成农村公路安全生命防护工程22公里（目标48公里，完成45.8%）|已报齐"),
        ("刚才桥那个说错了，是6座", "已更正|6座（目标10座，完成60%）"),
    )


async def test_a_number_without_its_unit_is_in_the_one_he_used(here: Town) -> None:
    """1250 after 1200吨 is no 1250万吨; 算了还是 is no question; what the target was may be asked."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "chenjing",
        ("今年任务多少来着", "①要点17 新增投产冷库库容（目标：0.25万吨）"),
        (
            "冷库上半年新增了大概1200吨，主要是枫溪那个库消防没过",
            "1200吨（目标0.25万吨，完成48%），困难：枫溪那个库消防没过",
        ),
        ("不是1200，是1250", "已更正|1250吨（目标0.25万吨，完成50%）"),
        ("算了还是1300吨", "新增投产冷库库容1300吨（目标0.25万吨，完成52%）"),
    )
    await here.dialogue("wanglei", ("收口", "已收口"))
    await here.dialogue("wanglei", ("开周报 要点17 放行17", "已开轮次"))
    asked = (await here.pushed("chenjing"))[-1]
    assert "①1300吨" in asked


async def test_a_number_that_could_be_any_of_them(here: Town) -> None:
    """What he has told already is offered, too: it may put that right. An objection finds its point by its
    words."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "zhengyun",
        ("重点项目入库二十来个", "县域重点项目库项目数20个（目标不少于28个项目"),
        ("22个", "是哪一项|①要点3 县域重点项目库项目数（已报20个）|③要点41 培育典型案例数"),
        ("①", "22个（目标不少于28个项目，完成78.6%）"),
        ("改革那个不归我们，是区委改革办的", "第42点|不属本单位"),
    )


@pytest.mark.parametrize(
    "asked", ["还差谁没报", "看一下报送情况", "还有几家没报", "目前有哪些单位没有报上来"]
)
async def test_the_office_asks_who_is_late_in_its_own_words(here: Town, asked: str) -> None:
    await here.dialogue(
        "wanglei", ("开月报 放行17", "已开轮次"), (asked, "应报15项，已报0项|市交通运输局：要点17")
    )


async def test_urging_by_hand_is_told_who_is_late_and_what_the_clock_does(here: Town) -> None:
    await here.dialogue(
        "wanglei",
        ("开月报 放行17", "已开轮次"),
        ("催一下交通局", "市交通运输局：要点17|同一位联络员一天最多一条"),
        ("给我看看红灯", "45个要点"),
    )


async def test_passing_on_to_a_colleague_is_no_objection(here: Town) -> None:
    """The unit still owes it; who is to be bound instead is the office's to decide."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "huangwei",
        ("转给规划股了，他们的人会回您", "同事|仍由您报：7月25日（周四）17:30前"),
        ("联系人换一下，以后找小李", "已告诉市百千万办|仍由您报：7月25日（周四）17:30前直接在这里回复就行"),
        ("我的任务", "①要点17 新改建农村公路"),
        ("公路那块归公路事务中心，别问我们", "不属本单位"),
    )
    told = await here.queued("liaison:")
    assert [text for _, text in told.values()] == [
        "市交通运输局联络员说：“联系人换一下，以后找小李”。要换人请回复：绑定 账号 姓名 市交通运输局联络员"
    ]


async def test_what_is_said_of_one_thing_answers_no_other(here: Town) -> None:
    """防贫那项 is the point on social security; 那项 alone is asked about; 其他的 are all that are left."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "zhengyun",
        (
            "重点项目入库21个，开工12个",
            "要点3 县域重点项目库项目数21个（目标不少于28个项目，完成75%）|开工12个|还差3项",
        ),
        ("那项没变化", "哪"),
        ("防贫那项没变化", "要点22 本期没有新数|还差2项：③培育典型案例数、④开展自主改革数"),
        ("其他的没变化", "要点41 本期没有新数\n要点42 本期没有新数|本轮已报齐"),
        ("4个都没有困难", "好的，没有困难"),
    )
    assert {name for _, name in await here.figures()} == {"03-1", "开工"}


async def test_what_cannot_be_booked_is_asked_in_one_question(here: Town) -> None:
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "huangwei",
        ("安防24-26公里", "没有记成数|累计数（公里）"),
        ("①-5", "请核对|“-5”超出了可能的范围|再写一次正确的数"),
        ("公路本月新增3公里", "是新增数，没有记|累计数（公里）"),
        ("28", "新改建农村公路28公里"),
        ("公路28公里，公路29公里", "不止一个数，没有记"),
        ("桥梁5.5座", "请再写一次正确的数"),
        ("公路去年完成20公里", "往年的数，没有记"),
        ("17项已全部完成，但还有3座桥没动工", "我拿不准"),
        ("17项完成65%，完成70%", "不止一个数"),
    )
    await here.dialogue(
        "chenjing",
        ("冷库正在建", "还缺数|冷库库容的累计数（万吨）"),
        ("冷库已全部完成，但还差500吨没投产", "我拿不准"),
        ("冷库0.26", "0.26万吨"),
    )
    await here.dialogue(
        "zhengyun",
        ("④30%", "和要求的单位不一致|累计数（项）"),
        ("要点3 22个，要点22 1个，要点41 2个，要点42 3项", "22个|1个|2个|3项|本轮已报齐"),
    )
    assert {name: value for (_, name), (value, _) in (await here.figures()).items()} == {
        "17-1": 28,
        "17-6": 0.26,
        "03-1": 22,
        "22-2": 1,
        "41-2": 2,
        "42-2": 3,
    }


async def test_a_number_that_several_things_could_be_is_asked_about(here: Town) -> None:
    """“25.6公里 5座” was confirmed with “已记” as two figures of no name, and nothing asked was answered."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "huangwei",
        ("25.6公里 5座", "已记：要点17 改造农村公路危旧桥梁5座|“25.6公里”是哪一项？|①要点17 新改建农村公路"),
        ("①", "已记：要点17 新改建农村公路25.6公里|还差1项：③"),
        ("26公里，27公里", "“26公里”是哪一项？"),
        ("③", "防护工程26公里|“27公里”是哪一项？"),
        ("1", "新改建农村公路27公里|本轮已报齐"),
    )
    assert {name: value for (_, name), (value, _) in (await here.figures()).items()} == {
        "17-1": 27,
        "17-2": 5,
        "17-3": 26,
    }


async def test_a_county_tells_no_other_countys_numbers(here: Town) -> None:
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "zhengyun",
        ("饶平县项目库24个", "没有记到潮安区名下"),
        ("您好，湘桥区完成50%", "没有记到潮安区名下"),
        ("潮安区项目库22个，饶平县项目库24个", "22个|没有记到潮安区名下"),
    )
    await here.dialogue("wanglei", ("绑定 zhengyun 郑云 饶平县联络员", "饶平县"))
    await here.dialogue(
        "zhengyun", ("饶平县项目库24个，潮安区项目库26个", "要点3（饶平县）|24个|要点3（潮安区）|26个")
    )
    await here.dialogue(
        "huangwei",
        ("公路25，桥5，困难：饶平县那座桥没谈拢", "新改建农村公路25公里|困难：饶平县那座桥没谈拢"),
        ("饶平县公路完成30公里", "饶平县公路30公里"),  # a part of the city's number
    )
    assert {key: value for key, (value, _) in (await here.figures()).items()} == {
        ("潮安区", "03-1"): 26,
        ("饶平县", "03-2"): 24,
        ("市交通运输局", "17-1"): 25,
        ("市交通运输局", "17-2"): 5,
        ("市交通运输局", "饶平县公路"): 30,
    }


async def test_a_bare_wish_for_help_is_asked_about_and_a_bare_refusal_is_taken(here: Town) -> None:
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "huangwei",
        ("需协调", "需要协调什么、希望谁来牵头"),
        ("有事项需要市里协调", "需要协调什么"),
        ("17项两座桥管线迁改没谈拢，请市里协调", "已记：要点17|需协调：请市里协调"),
        ("不属于贵单位职责", "第17点|贵单位提出不属本单位"),
    )
    await here.dialogue("chenjing", ("不属", "第17点|贵单位提出不属本单位"))
    await here.dialogue("wanglei", ("异议", "市交通运输局|市供销社"))


async def test_who_objects_and_reports_all_the_same_owes_nothing(here: Town) -> None:
    """“异议1不成立” put what had been told in the meantime back among what is owed."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue("chenjing", ("冷库不归我们管", "贵单位提出不属本单位"), ("0.1", "本轮已报齐"))
    await here.dialogue("huangwei", ("不属本单位", "贵单位提出不属本单位"), ("①25", "还差2项"))
    await here.dialogue(
        "wanglei",
        ("异议1不成立", "仍由市供销社报送，本轮它已经报了"),
        ("异议1不成立", "仍由市交通运输局报送，已告知"),
    )
    assert "本轮的数已收到，不用再报" in (await here.pushed("chenjing"))[-1]
    assert "仍请贵单位报送" in (await here.pushed("huangwei"))[-1]
    await here.dialogue("chenjing", ("我的任务", "本轮要报的都已报齐"))
    status = await here.hears("wanglei", "哪些没报")
    assert "市供销社" not in status
    assert "市交通运输局：要点17（部分）" in status


async def test_taking_back_lets_what_stood_before_stand_again(office: Town) -> None:
    await office.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await office.dialogue(
        "huangwei",
        ("撤回", "目前没有您报的数可以撤回"),
        ("①25 ②5 ③26", "本轮已报齐"),
        ("②更正为4", "已更正：要点17|4座"),
        ("撤回", "已撤回：要点17 改造农村公路危旧桥梁4座|现在记的是：|25公里|危旧桥梁5座"),
    )
    stands = await office.figures()
    assert stands["市交通运输局", "17-2"] == (5, "①25 ②5 ③26")  # traced to the words that said it
    await office.dialogue(
        "huangwei",
        ("②更正为4", "4座"),
        ("②更正为3", "3座"),
        ("撤回②", "已撤回：要点17 改造农村公路危旧桥梁3座（恢复为之前的4座，7月15日报）|危旧桥梁4座"),
    )
    stands = await office.figures()
    assert stands["市交通运输局", "17-2"] == (4, "②更正为4")
    assert stands["市交通运输局", "17-1"] == (25, "①25 ②5 ③26")
    await office.dialogue(
        "huangwei",
        ("撤回②", "4座（恢复为之前的5座，7月15日报）|现在记的是：|危旧桥梁5座"),
        ("②6", "6座"),  # a later word of the same round, and no correction
        ("撤回危旧桥梁", "6座（恢复为之前的5座"),
        ("②更正为7", "7座"),
        ("②更正为8", "8座"),
        ("撤回②", "8座（恢复为之前的7座"),
        ("撤回", "7座（恢复为之前的5座"),  # the last word that still stands
        ("撤回②", "已撤回：要点17 改造农村公路危旧桥梁5座（之前没有报过，这一项现在没有数）|还差1项：②"),
    )
    assert set(await office.figures()) == {("市交通运输局", "17-1"), ("市交通运输局", "17-3")}
    await office.dialogue("wanglei", ("收口", "已收口"))
    last = await office.hears("huangwei", "撤回")
    assert "要点17现在没有贵单位的数" in last
    assert "报齐" not in last
    assert await office.figures() == {}
    await office.dialogue("huangwei", ("撤回", "目前没有您报的数可以撤回"))


async def test_everything_is_taken_back_at_once(office: Town) -> None:
    """“全部撤回” took back the last message alone, and “我今天报的都不算” was answered from the notice."""
    await office.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await office.dialogue(
        "huangwei",
        ("全部撤回", "目前没有您报的数可以撤回"),
        ("①25 ②5", "还差1项：③"),
        ("③20，困难：两座桥没谈拢", "本轮已报齐"),
        ("①26", "26公里"),
        ("更正：①27", "已更正"),
        (
            "全部撤回",
            "已撤回：要点17 新改建农村公路27公里（之前没有报过|危旧桥梁5座（之前没有报过|还差3项：①",
        ),
    )
    assert await office.figures() == {}
    await office.dialogue("zhoumin", ("第17项怎么样了", "还没有收到这一项的进展报送"))
    await office.dialogue(
        "huangwei",
        ("我今天报的都不算", "目前没有您报的数可以撤回"),
        ("①25 ②5 ③20", "本轮已报齐"),
        ("①26", "26公里"),
        ("把刚才报的都撤回", "26公里（恢复为之前的25公里"),  # the last message
    )
    office.wecom.clock.set(datetime(2024, 7, 16, 9, 20, tzinfo=SHANGHAI))
    await office.dialogue(
        "huangwei",
        ("①27 ②6", "27公里"),
        ("今天报的都作废", "27公里（恢复为之前的25公里|6座（恢复为之前的5座"),
    )
    assert {name: value for (_, name), (value, _) in (await office.figures()).items()} == {
        "17-1": 25,
        "17-2": 5,
        "17-3": 20,
    }
    await office.dialogue("wanglei", ("开季报 8月1日前 放行17", "已开轮次"), ("7月进展报送收口", "已收口"))
    await office.dialogue(
        "huangwei",
        ("①29 ②6 ③21", "29公里"),
        ("本轮的全部撤回", "29公里（恢复为之前的25公里|还差3项"),
    )
    assert {value for value, _ in (await office.figures()).values()} == {25, 5, 20}


async def test_what_is_named_is_taken_back_and_nothing_else(here: Town) -> None:
    """“公路报早了，还没验收，先撤了” took back the bridges and everything else that came with it."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "huangwei",
        ("公路25，桥5，安防26", "本轮已报齐"),
        ("公路报早了，还没验收，先撤了", "已撤回：要点17 新改建农村公路25公里|危旧桥梁5座|还差1项：①"),
        ("桥那个数先不算", "已撤回：要点17 改造农村公路危旧桥梁5座|防护工程26公里|还差2项"),
        ("①25 ②5", "本轮已报齐"),
        ("领导还没审，先撤回", "25公里（之前没有报过|5座（之前没有报过|防护工程26公里"),
    )
    assert set(await here.figures()) == {("市交通运输局", "17-3")}


async def test_a_confirmed_number_keeps_the_words_that_gave_it(here: Town) -> None:
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "huangwei",
        ("①25 ②5", "已记"),
        ("①20", "累计数变小了"),
        ("对", "已更正：要点17 新改建农村公路20公里"),
        ("②4 ③26", "已记：要点17|26公里|这次报4座"),  # the message itself wrote a version
        ("是", "4座"),
    )
    found = await here.figures()
    assert found["市交通运输局", "17-1"] == (20, "①20（确认：对）")
    assert found["市交通运输局", "17-2"] == (4, "②4 ③26（确认：是）")
    assert found["市交通运输局", "17-3"] == (26, "②4 ③26")


async def test_corrections_in_whatever_words_come_first(here: Town) -> None:
    """“桥那项写错了应该6座” became a figure of that name; “刚才那个数错了” was answered from the notice."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "huangwei",
        ("①公路25.6 ②桥5 ③安防26", "25.6公里|5座|26公里|本轮已报齐"),
        ("桥那项写错了应该6座", "已更正：要点17 改造农村公路危旧桥梁6座"),
        ("刚才②那个数错了，应该是5座", "已更正|危旧桥梁5座"),
        ("不是5是6", "已更正|危旧桥梁6座"),
        ("①写成25.6了，实际26.5", "已更正|新改建农村公路26.5公里"),
        ("刚才那个数错了", "新改建农村公路现在记的是26.5公里。请回复正确的累计数（公里）"),
        ("26", "已更正|新改建农村公路26公里"),  # smaller, and no question about that
        ("刚刚报的公路数作废，以27为准", "已更正|新改建农村公路27公里"),
        ("③数据报错了", "防护工程现在记的是26公里|也可以写：③×公里"),
        ("③27", "已更正|防护工程27公里"),
        ("不对，是累计28", "已更正|防护工程28公里"),
        ("第17项的桥报多了，应该是4座", "已更正|危旧桥梁4座"),
        ("安防和桥写反了", "现在记的是：要点17|哪里不对？"),
        ("上面的数不对，请更正一下", "请回复正确的累计数"),
    )
    assert {name: value for (_, name), (value, _) in (await here.figures()).items()} == {
        "17-1": 27,
        "17-2": 4,
        "17-3": 28,
    }


async def test_a_question_about_a_number_is_answered_by_a_number(office: Town) -> None:
    """“是的，45” was answered from the notice; “45”, and “不是，是46公里”, were asked about for ever."""
    await office.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await office.dialogue(
        "huangwei",
        ("①48 ②9 ③40", "本轮已报齐"),
        ("①45", "累计数变小了"),
        ("是的，45", "已更正：要点17 新改建农村公路45公里"),
        ("②8", "累计数变小了"),
        ("8", "已更正：要点17 改造农村公路危旧桥梁8座"),
        ("③20", "累计数变小了"),
        ("不是，是30公里", "已更正：要点17 完成农村公路安全生命防护工程30公里"),
        ("①500公里", "比目标高出很多"),
        ("500公里", "已记：要点17 新改建农村公路500公里"),
        ("①44", "累计数变小了"),
        ("不是，是44万公里", "相差约一万倍"),  # another slip is asked about, too
        ("44公里", "累计数变小了"),
        ("确实是44公里", "已更正：要点17 新改建农村公路44公里"),
        ("整体65%", "整体进度65%"),
        ("整体50%", "这次是50%，是更正吗"),
        ("对，50%", "已更正：要点17 整体进度50%"),
    )
    stands = await office.figures()
    assert stands["市交通运输局", "17-1"][0] == 44
    assert stands["市交通运输局", "17-2"] == (8, "②8（确认：8）")
    assert stands["市交通运输局", "17-3"] == (30, "不是，是30公里")


async def test_a_correction_may_name_the_old_number(here: Town) -> None:
    """“公路31改成32” was stored as 3132; the others were asked about."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "huangwei",
        ("公路31，桥5，安防26", "本轮已报齐"),
        ("公路31改成32", "已更正：要点17 新改建农村公路32公里"),
        ("安防26写错了，是23", "已更正：要点17 完成农村公路安全生命防护工程23公里"),
        ("桥5座应为4座", "已更正：要点17 改造农村公路危旧桥梁4座"),
        ("把公路改一下 27", "已更正：要点17 新改建农村公路27公里"),
        ("公路的数多写了一个0，是28", "已更正：要点17 新改建农村公路28公里"),
    )
    assert sorted(value for value, _ in (await here.figures()).values()) == [4, 23, 28]


async def test_a_correction_of_an_old_message_undoes_no_newer_number(office: Town) -> None:
    """It carried ①25 on, and being the newer version put it in the place of ①30."""
    await office.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await office.dialogue(
        "huangwei",
        ("①25 ②5 ③26", "本轮已报齐"),
        ("①30", "新改建农村公路30公里"),
        ("更正：③27", "已更正|27公里"),
        ("我的任务", "新改建农村公路30公里|防护工程27公里"),
        ("撤回", "防护工程27公里（恢复为之前的26公里|新改建农村公路30公里"),
    )
    stands = await office.figures()
    assert stands["市交通运输局", "17-1"] == (30, "①30")
    assert stands["市交通运输局", "17-3"] == (26, "①25 ②5 ③26")
    await office.dialogue("zhoumin", ("第17项怎么样了", "新改建农村公路30公里"))
    await office.dialogue("huangwei", ("撤回①", "30公里（恢复为之前的25公里|新改建农村公路25公里"))


async def test_what_is_asked_between_two_numbers(here: Town) -> None:
    """“②的目标是多少” wanted a number, and who waited for another bureau's was taken for refusing."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "huangwei",
        ("②的目标是多少？", "②是要点17的“改造农村公路危旧桥梁”，目标：10座|累计数"),
        ("③怎么算", "③是要点17的“完成农村公路安全生命防护工程”"),
        ("17项要什么时候报？", "“7月进展报送”：7月25日（周四）17:30前"),
        ("安防的数要问公路局，明天给", "好的，7月25日（周四）17:30前直接在这里回复就行"),
        ("①25 ②5", "还差1项：③"),
        ("困难：③还在统计口径，请市里协调", "需协调：请市里协调"),
        ("③26", "本轮已报齐"),
        ("不属", "目前没有要贵单位报的，不用提异议"),  # it was answered with 农村电网
    )
    await here.dialogue("wanglei", ("异议", "没有"))
    await here.dialogue("zhoumin", ("需协调的有哪些", "请市里协调（困难：③还在统计口径，请市里协调）"))


async def test_more_time_is_not_needed_where_nothing_is_owed(here: Town) -> None:
    """It was stored as a report that the point is behind."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "chenjing",
        ("0.1", "本轮已报齐"),
        ("要点17申请延期到7月30日，因数据未出", "目前没有要贵单位报的，不用申请延期"),
    )
    await here.dialogue("zhoumin", ("第17项怎么样了", "0.1万吨"))
    assert "滞后" not in await here.hears("zhoumin", "第17项怎么样了")


async def test_a_towns_number_is_a_part_and_not_the_number(here: Town) -> None:
    """“凤凰镇适老化改造12户” was stored as the city's 12, which is 2% of its target."""
    await here.dialogue(
        "wanglei", ("开月报 放行21", "已开轮次"), ("绑定 linxiao 林晓 市民政局联络员", "已绑定")
    )
    await here.dialogue(
        "linxiao",
        ("凤凰镇适老化改造12户", "已记：要点21 凤凰镇|12户。|还差1项：①"),
        ("适老化改造累计430户", "430户（目标不少于600户，完成71.7%）|本轮已报齐"),
        ("枫溪镇15户已改造", "枫溪镇|15户"),
        ("凤凰镇、彩塘镇等累计改造440户", "440户（目标不少于600户"),
        ("①凤凰镇适老化改造441户", "441户（目标不少于600户"),
    )
    held = {name: value for (_, name), (value, _) in (await here.figures()).items()}
    assert {value for name, value in held.items() if name.startswith("21-")} == {441}


async def test_who_speaks_for_two_units_is_booked_under_the_one_he_means(here: Town) -> None:
    """The water bureau's rate stood under the transport bureau, and 交通局的桥 under the water bureau."""
    await here.dialogue(
        "wanglei", ("绑定 huangwei 黄伟 市水务局联络员", "已绑定"), ("开月报 放行17", "已开轮次")
    )
    await here.dialogue(
        "huangwei",
        (
            "交通：公路26，桥5，安防24；水务：规模化供水覆盖率86%",
            "（市交通运输局） 新改建农村公路26公里|（市水务局） 农村规模化供水工程覆盖率86%|还差1项：⑤水质",
        ),
        ("水务那边老旧管网改造了30公里", "（市水务局） 老旧管网改造30公里"),
        ("交通局的桥改成6座", "已更正：要点17（市交通运输局） 改造农村公路危旧桥梁6座"),
        ("水务无困难", "好的，"),
        ("公路27，水质合格率95%", "（市水务局） 水质合格率95%|（市交通运输局） 新改建农村公路27公里|已报齐"),
        ("公路20", "新改建农村公路上次报27公里，这次报20公里"),
        ("是", "已更正：要点17（市交通运输局） 新改建农村公路20公里"),
        ("我的任务", "提能升级（市水务局）：|提能升级（市交通运输局）："),
    )
    assert {place: value for place, (value, _) in (await here.figures()).items()} == {
        ("市交通运输局", "17-1"): 20,
        ("市交通运输局", "17-2"): 6,
        ("市交通运输局", "17-3"): 24,
        ("市水务局", "17-4"): 86,
        ("市水务局", "17-5"): 95,
        ("市水务局", "老旧管网改造"): 30,
    }


async def test_no_change_is_said_for_both_units(here: Town) -> None:
    await here.dialogue(
        "wanglei", ("绑定 huangwei 黄伟 市水务局联络员", "已绑定"), ("开月报 放行17", "已开轮次")
    )
    await here.dialogue(
        "huangwei",
        ("交通没变化", "（市交通运输局） 本期没有新数|还差2项：④"),
        ("撤回", "已撤回|还差5项"),
        ("无变化", "（市交通运输局） 本期没有新数|（市水务局） 本期没有新数|已报齐"),
    )


async def test_a_question_about_a_number_names_the_figure(here: Town) -> None:
    """It asked: “也就报的是21个（目标至少1个）”, and a yes stored 21 charity shops."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "zhengyun",
        ("项目库24个，案例2个，改革3项", "还差1项：②慈善超市示范点数"),
        ("也就是21个", "请核对：慈善超市示范点数报的是21个（目标至少1个）"),
    )


async def test_who_asks_a_colleague_first_objects_to_nothing(here: Town) -> None:
    """“冷库的事我问下业务科” was written down as an objection, and the unit asked no more."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue("chenjing", ("冷库的事我问下业务科", "好的，7月25日"))
    await here.dialogue("wanglei", ("异议", "没有待核定"), ("哪些没报", "市供销社：要点17"))


async def test_a_word_on_one_of_several_things_is_no_word_on_the_point(here: Town) -> None:
    """“危桥没动” made the leader read “未启动” of a point whose road was half built."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "huangwei",
        ("公路累计完成25公里", "还差2项"),
        ("危桥没动", "请报改造农村公路危旧桥梁的累计数（座）"),
        ("0", "改造农村公路危旧桥梁0座"),
        ("安防20", "已报齐"),
    )
    assert "未启动" not in await here.hears("zhoumin", "第17项怎么样了")
    await here.dialogue("huangwei", ("工程进度滞后", "要点17 滞后"))


async def test_an_answer_to_a_question_on_a_number_may_be_short(here: Town) -> None:
    """“吨” was answered with the point's text, “是总共27” with “哪里不对？”, 立方米 stood beside 吨."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue(
        "chenjing",
        ("冷库新增库容1500", "是不是单位写错了"),
        ("吨", "新增投产冷库库容1500吨（目标0.25万吨，完成60%）|已报齐"),
        ("那个数写错单位了，是1200立方米", "和要求的单位不一致，没有记"),
    )
    await here.dialogue(
        "huangwei",
        ("公路25，安防20", "已记"),
        ("公路再加2公里", "累计数变小了"),
        ("不是加，是总共27", "已更正|新改建农村公路27公里"),
        ("安防其实是22", "已更正|安全生命防护工程22公里"),
    )
    assert {name: value for (_, name), (value, _) in (await here.figures()).items()} == {
        "17-6": 1500,
        "17-1": 27,
        "17-3": 22,
    }
