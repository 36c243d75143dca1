"""What a reply says besides numbers: trouble, calls for help, how it stands, by when, and if anything."""

from datetime import date

import pytest

from handlers.turn import Knowing
from knowledge.reply import Asked, Reading, Record, read

ON = date(2024, 10, 23)  # a Wednesday


def said(knows: Knowing, text: str, prompted: int | None = 12, unit: str = "饶平县") -> Reading:
    return read(text, Asked(ON, unit, prompted), knows.book, knows.index)


def only(knows: Knowing, text: str, prompted: int | None = 12) -> Record:
    (record,) = said(knows, text, prompted).records
    return record


def test_labels_between_blanks_part_a_note(knows: Knowing) -> None:
    record = only(knows, "要点 12 进度 55% 困难 清运车老旧 求助 请县财政添两台 下一步 更新3台 时限 11月底")
    assert (record.percent, record.difficulty, record.next_step) == (55.0, "清运车老旧", "更新3台")
    assert record.help_needed == "请县财政添两台"
    assert record.due == date(2024, 11, 30)


@pytest.mark.parametrize(
    "text", ["困难群众走访 132户 问题整改 12条 进度70%", "序号 进度 困难 下一步\n12 70% 无 补种"]
)
def test_other_words_between_blanks_are_no_labels(knows: Knowing, text: str) -> None:
    assert only(knows, text).difficulty is None


@pytest.mark.parametrize(
    ("trouble", "text"),
    [
        ("电信那边一直不来人", "清了柴草堆43处，电信那边一直不来人"),
        ("法院查封的5宗地动不了", "拆了3处，法院查封的5宗地动不了，下一步跟法院对接"),
        ("剩2条是账务的要等审计", "改了10条，剩2条是账务的要等审计"),
        ("另1栋华侨亲属在泰国，授权书寄不回来", "活化做了3栋，另1栋华侨亲属在泰国，授权书寄不回来"),
        ("卖地的钱没回笼，县里周转不开", "进度不到五成，卖地的钱没回笼，县里周转不开"),
        ("桩机换了两台都钻不动", "桩机换了两台都钻不动"),
        ("环保那边不给过", "环保那边不给过"),  # by what it sounds like
        ("5户不肯拆", "5户不肯拆，村干部天天上门做工作，希望镇里出面"),
        ("方案压在财政局两个月了", "方案压在财政局两个月了"),
        ("水电没拉通", "办好2处，水电没拉通"),
        ("冷库选址还没定", "铺了3处，冷库选址还没定，进度偏慢"),
        (None, "铺了3处，冷库选址还没定"),  # what is still to come is no reason for itself
        ("卡在收益怎么分", "签了5份，卡在收益怎么分，下月党委会上定"),
        (None, "铺了3处，紧缺人才落户27人，牌子还没弄"),
        ("三线没动电信不来人", "清运垃圾六百二十吨拆猪栏十八间三线没动电信不来人"),
        ("设备厂家交货晚", "进度慢，主要是设备厂家交货晚，新工期11月20日"),
        ("另外3个选址争议大", "建好2个，另外3个选址争议大，镇村两级正在协调"),
        ("钱没到", "无进展，钱没到"),
        (None, "方案改到第五稿，还没过会"),
        (None, "铺了3处，年底交工没悬念"),
        (None, "铺了3处，剩最后一段在浇路面"),
        (None, "铺了3处，目前没什么卡壳的，形势不太乐观"),
        (None, "路面铺完了，等验收"),
        (None, "初稿改完送出去了，等几家单位回意见"),
        ("存量药退不掉", "药品目录统一了，存量药退不掉"),
        ("一楼住户死活不松口", "报名11个梯口，一楼住户死活不松口"),
        (None, "乡贤会开了两场，大家热情很高，没有难处"),
        (None, "两家的地界官司让老人组劝和了"),
        ("还剩7户漫天要价，僵在那里", "签了41户，还剩7户漫天要价，僵在那里"),
        ("雨天多，石料运不上来", "这块慢了，主要是雨天多，石料运不上来，目前五成三"),
        (None, "处置方案法院那边没意见了"),
        (None, "总进度88%，剩下的主要是补植和管护"),
        (None, "完成52%，其余数据不动"),
        (None, "平台还剩两宗没通水，要等到年底"),
    ],
)
def test_trouble_is_told_without_a_label(knows: Knowing, trouble: str | None, text: str) -> None:
    assert only(knows, text).difficulty == trouble


@pytest.mark.parametrize(
    ("help_needed", "text"),
    [
        ("麻烦政数局处理", "承接27项，另2项权限没开，麻烦政数局处理"),
        ("领导帮忙给他们打个招呼", "旱厕拆了6座，电信不来人，领导帮忙给他们打个招呼"),
        ("区里能不能先垫一下", "挂了2块牌，苗场催得紧，区里能不能先垫一下"),
        ("请人行出个口径", "账户开不下来，请人行出个口径"),
        ("能否由政法委牵头碰一次", "法院的人没进来，能否由政法委牵头碰一次"),
        (None, "商会帮扶做了3场，领导帮忙牵的线"),
        ("望市财政抓紧落实", "做了3场，望市财政抓紧落实"),
        (None, "请示领导后回复：暂无新的进展"),
    ],
)
def test_a_call_for_help_is_heard(knows: Knowing, help_needed: str | None, text: str) -> None:
    assert only(knows, text).help_needed == help_needed


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("behind", "因为台风停了七天，目前比序时慢两个点，62%"),
        ("behind", "离序时差三个点，61%"),
        ("ahead", "快序时三个点，78%"),
        ("on_track", "各项节奏都跟得上"),
        ("ahead", "贴息发了，比年度计划早了一个月"),
        ("done", "案例报了2个，这项可以记完成"),
        ("done", "这项镇里算我们完成"),
        ("not_started", "还没铺开"),
        (None, "项目落了3个，进展得还行，58%"),
        (None, "党建那块弄好了，别的没动静"),
        (None, "清了猪栏18间，三线还没动"),
        (None, "整改10条，2条延期"),
        ("behind", "整项滞后3个点"),
    ],
)
def test_how_it_stands_is_said_of_the_whole(knows: Knowing, status: str | None, text: str) -> None:
    assert only(knows, text).status == status


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2024, 12, 20), "过渡期协议12月中旬签，整体65%"),
        (date(2024, 12, 10), "认定还在公示，12月上旬授牌"),
        (date(2024, 10, 27), "27号前再做3条"),
        (date(2024, 12, 3), "验收定在12月3日"),
        (date(2024, 12, 31), "到岗3人，另外2人12月到"),
        (None, "机电展原定9月改到12月5日开，展位订了八成"),
        (None, "到今天完工15个"),
        (None, "高企预计年底到310家，现有268家"),
        (None, "铺了6公里，11月2日有个推介会"),
        (None, "铺了6公里，下周一市领导来调研"),
    ],
)
def test_a_day_ahead_is_somebodys_unless_it_is_an_event(knows: Knowing, day: date | None, text: str) -> None:
    assert only(knows, text).by == day


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("report", "调解室的牌子挂上去了，大家都来看"),
        ("report", "灶台砌好了，开张那天请大家来食糜"),
        ("report", "桥面今天浇完了，大家加班到夜里十点"),
        ("report", "彩超机拉到卫生院了，医生在学"),
        ("report", "今日把第三批农机发到户，群众敲锣打鼓"),
        ("report", "学位扩建快，集团化慢"),
        ("ack", "来件已登记，三个工作日内回复"),
        ("question", "要填的表在哪下载，群文件翻遍了没找着"),
        ("question", "今年还考核这个指标吗"),
        ("question", "17项的口径跟去年一样不"),
        ("chatter", "夜里十一点还在赶材料，谁懂啊"),
        ("ack", "饭吃好了，回去马上弄"),
        ("chatter", "一张表改了五遍，眼睛都花了"),
        ("chatter", "这表格式不对啊，打不开"),
        ("report", "监管系统登不上，巡查停了"),
        ("ack", "领导放心，一定完成"),
        ("correction", "原报加梯26台，复核后23台，烦请改一下"),
        ("correction", "多报了2家，实际9家"),
        ("report", "申报资料补正到第二轮了，先记六成五"),
        ("delegation", "用海审批早就下放到饶平县，市局手头没有台账"),
        ("report", "审批事项已经下放到县区，办件320件"),
    ],
)
def test_what_is_done_is_told_and_talk_is_not(knows: Knowing, kind: str, text: str) -> None:
    assert said(knows, text).kind == kind
