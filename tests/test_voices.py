"""How different people say the same: rules of the reader that other writers' replies asked for.

`tests/test_reply.py` holds the rules themselves; the labelled sets in `tests/data` keep their scores there.
"""

from datetime import date

import pytest

from handlers.turn import Knowing
from knowledge.reply import Asked, Reading, Record, read

ON = date(2024, 8, 14)  # a Wednesday


def said(knows: Knowing, text: str, prompted: int | None = 17, unit: str = "") -> Reading:
    return read(text, Asked(ON, unit, prompted), knows.book, knows.index)


def only(knows: Knowing, text: str, prompted: int | None = 17) -> Record:
    reading = said(knows, text, prompted)
    assert len(reading.records) == 1, reading
    return reading.records[0]


def counted(record: Record) -> list[tuple[float, str]]:
    return [(quantity.value, quantity.unit) for quantity in record.quantities]


# --- numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amounts", "text"),
    [
        ([(436, "户")], "目前436户"),  # 前 was taken for “by then”
        ([(436, "户")], "截至8月底436户"),
        ([], "8月底前436户"),
        ([(4, "个"), (1, "个")], "现将情况报告如下：典型案例已培育4个，其中1个获省推介"),
        ([(436, "户")], "适老化 436/600户"),
        ([(436, "户")], "适老化改造完成436户（600户）"),
        ([(33, "个")], "整改38个已销号33个"),
        ([(12, "公里")], "沿线15公里绿道已贯通12公里"),
        ([(1, "条"), (70, "%")], "2条示范街中的1条完工，另1条完成外立面70%"),
        ([(9, ""), (8, "")], "学校项目竣工9，在建8"),
        ([(314, "")], "诉求数是314，不是341"),
        ([(3.7, "公里")], "刚报的37座应为3.7公里"),
        ([(200, "万")], "需要资金500万元，到位200万"),
        ([(34.5, "公里"), (7, "座")], "嗯农村公路目前是三十四点五公里桥梁是七座没什么困难进度的话还行吧"),
        ([(2, "条"), (6, "个")], "我们镇今年示范街两条都打造完了然后七个一也完成了六个就剩一个公园在收尾"),
        ([(12, "座")], "原：公厕 21 座\n现：公厕 12 座"),
        ([(398, "户"), (67, "户")], "改造完成398户、在建67户，比上月多了45户"),
        ([(29.8, "公里")], "七月末完成22.6公里，八月末29.8公里"),
        ([(49, "户")], "竣工49户，未竣工的9户国庆节前全部竣工"),
        ([(18.4, "亿元")], "现场签约18.4亿元，意向30亿元左右"),
        ([(2050, "吨")], "订正：冷库投产容量2050吨（前报2500吨系笔误）"),
        ([(1, "项"), (4600, "万元")], "改革事项1项（供应链金融试点）已落地，放款4600万元"),
        ([(28, "个"), (74.6, "%")], "就业服务站建成28个；新增就业进度74.6%"),
        ([(4200, "亩"), (83, "%")], "征地4200亩完成率83%"),
        ([(20, "%")], "过夜游客同比涨了两成"),
        ([(46, "个")], "51个镇街已配46个"),
        ([(7, "座"), (3, "座")], "危桥改好七座，还有三座在做围堰"),
        ([(12.6, "万")], "租金收着十二万六，比旧年加三万"),
        ([(9, "个"), (4, "个")], "说错了，在建不是7个是9个，竣工4个没错"),
        ([(3, "家")], "三个县区各1家共3家"),
        ([(39, "个")], "我们村四十三个党员去了三十九个"),
        ([(5, "件")], "交办的7件办好了5件，剩一座桥在办"),
        ([(15, "镇")], "县里头十六镇十五镇都交了"),
        ([(48, "户")], "村里60户老人装好扶手的有48户"),
        ([(14, "个")], "20个产业园里提档的有14个"),
        ([(8, "座"), (5, "座")], "安排的10座危桥动工8座，通车5座"),
        ([(86, "宗"), (82, "宗")], "今年接了86宗，调成82宗"),
        ([(7, "个"), (3, "个")], "典型案例报了7个市里采用3个"),
        ([(31, "个"), (24, "个")], "重点库在库31个，开工24个"),
        ([(320, "口"), (1050, "口")], "这个月又换了三百二十口，加上之前的一共一千零五十口"),
        ([(2, "个"), (11, "个")], "省重点计划本月又争到2个，累计11个"),
        ([(217, "户"), (684, "人")], "监测对象217户684人"),
        ([(5, "宗")], "去年批了3宗，今年又批5宗"),
        ([(10, "万")], "村集体收入破十万了，去年才六万八"),
        ([(7, "家")], "展销厅上半年2家，如今7家"),
        ([(155, "户")], "比上月的120户多了35户，现在155户"),
        ([(14.2, "亿"), (2.35, "亿")], "今年下拨14.2亿，其中8月2.35亿"),
        ([(2.3, "万")], "上个月分红两万三，今年要冲二十万"),
        ([(9, "个镇")], "已经走了9个镇，下周再走3个镇"),
        ([(8, "家")], "已签8家，月底再签2家"),
        ([(146, "名")], "下派专业人才146名到镇"),
        ([(9, "家")], "园区三通一平做完，签了9家"),
        ([(7, "期"), (2, "个")], "班开了七期，零工驿站两个在装修"),
        ([(143, "户")], "改造做了一百四十三户，两个都是正常推进的"),
        ([(1103, "户")], "全镇1,286户要通自来水，接上的是1,103户"),
        ([(213, "宗"), (58, "宗")], "空闲宅基地213宗，盘活利用的有58宗"),
        ([(17, "个"), (9, "个")], "合作20个镇，签了框架的17个，动工9个"),
        ([(3.2, "万平方米")], "厂房租出去3.2万平方米，还空着1.1万平方米"),
        ([(46, "趟"), (31, "件")], "挂点领导下村46趟，现场拍板31件事"),
        ([(108, "家")], "一百零八家企业签约"),
        ([(421, "户")], "更正：适老化改造户数412改421"),
        ([(7, "所")], "投入使用7所，剩余11所年底前全部交付"),
        ([(14, "座"), (4, "座")], "已通车14座，剩余4座已完工"),
        ([(412, "名"), (96, "%")], "网格员配了412名，每名管300户，满意率96%"),
        ([(2, "个")], "带回意向项目9个，真正签下来2个"),
        ([(12, "场"), (3, "场")], "上半年培训12场，下半年又办3场"),
        ([(13, "个")], "今年得跑完20个村，跑了13个"),
        ([], "调了三次方案，12个镇街里有3个没报上来"),
        ([(1200, "棵"), (900, "棵")], "树苗到货1200棵，种下去九百，进度75"),
        ([(19, "户")], "要签的26户，搬了19"),
        ([(6, "座")], "建了6座桥，完成了65"),
        ([(2, "座"), (4, "位"), (2, "台")], "亭子搭好两座，请来四位老师，两台设备到位了"),
        ([(4, "个镇")], "四个镇签了，还有两个在谈"),
        ([], "最好两个月内批下来，分成两块在推进，两边意见不一"),
        ([(2350, "万元")], "到账2,350万元，比认捐数少600万"),
        ([(28, "户")], "比上个礼拜多了三户，一共二十八户"),
        ([(73, "%"), (51, "%")], "花园城市三年计划73%，供排水一体化51%"),
        ([], "年底冲90%，眼下七成，进度快于全市平均5个点"),
        ([(7, "台")], "十一月再添2台，到年底凑够10台，眼下是7台"),
        ([(5, "家"), (22, "家")], "本月再招到5家，合起来22家"),
        ([(1150, "亩")], "灌了1,150亩，占计划一千五百亩的七成七"),
        ([(286, "盏")], "更正，刚发的装灯数268盏看串行了，是286盏"),
        ([(512, "户")], "改一下，户数我打多了一个0，是512户"),
        ([(1.6, "万亩")], "更正：昨天报的林相改造1.9万亩写错，是1.6万亩"),
    ],
)
def test_what_is_done_is_told_from_what_it_is_part_of(
    knows: Knowing, amounts: list[tuple[float, str]], text: str
) -> None:
    assert [one for record in said(knows, text).records for one in counted(record)] == amounts


@pytest.mark.parametrize(
    ("percent", "text"),
    [
        (58, "还是58个点"),
        (65, "稳的👌 65%"),
        (78, "进度条拉到78%啦"),
        (85, "17.基础设施——完成85%"),
        (72.7, "占全年任务72.7%"),
        (66, "把17项那条里的60%换成66%哈"),
        (48.5, "进度 48.5，设备进口清关慢"),
        (62.5, "进度请改为62.5%"),
        (100, "第17项就算完成了吧"),
        (58, "上月是52%，这个月58%"),
        (51, "七月43%，八月51%"),
        (71, "本月进度71，上月66"),
        (66, "公路建了31公里，大概算百分之六十六吧"),
        (70, "修了6座桥，马马虎虎七成"),
        (65, "铺了12公里，按我估计六十五个点"),
        (60, "平均完成六成"),
        (66, "进度填错，63%改66%"),
        (70, "订正一下：进度不是75是70"),
        (None, "消除率上次多报了，由92%改为90.5%"),
        (69, "按节点应该是72%，实际做到69%"),
        (88, "完成了88%的任务"),
        (81, "任务量做完81%"),
        (73, "今天没新数，维持上周的73%"),
        (52, "还是上月的52%"),
        (None, "一体化管理的占比由92%提到95%"),
        (None, "整改完成率由60%升到71%"),
        (None, "建了6座桥，完成了65"),
        (80, "进度快八成了"),
        (75, "上报80%是错的，实为75%"),
        (None, "最多七成"),
        (None, "公路进度70%，桥梁进度62%"),
        (None, "前面报的供水覆盖率写错，86.1%改成86.7%"),
    ],
)
def test_a_share_of_the_point_in_many_words(knows: Knowing, percent: float | None, text: str) -> None:
    assert [record.percent for record in said(knows, text).records] in (
        [percent],
        [] if percent is None else 0,
    )


# --- which point --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "text", "prompted"),
    [
        ([24, 25, 45], "这几项一起报：24平安建设正常；25示范点4个；45没有更新", None),
        ([1, 35], "一、差异化（1）完成五成半；二、乡贤（35）尚未启动", None),
        ([28, 29], "28：✔️ 29：70% 正常", None),
        ([1, 2, 3], "1.临港新城控规已批；2.食品工业试点县材料已报；3.项目库入库27个。三项均按计划。", None),
        ([18], "1. 就业服务圈 建成31个\n2. 广东技工 培训9800人次\n3. 总体进度 68% 正常", 18),
        ([29], "序号 内容 数量\n1 政银企对接会 9场\n2 授信金额 36.2亿元", 29),
        ([14], "项目|目标|完成\n老旧小区|22|15\n城中村|10|6", 14),
        ([20], "写串行了，那个48%是第20项的，不是第19项", 19),
        ([3], "按要求已在省平台填报，不再重复报", 3),
        ([15], "示范街搞两条，第一条呢已经搞好了，第二条在弄管线下地", 15),
        ([1, 3, 33, 28], "1、3、33三项正常；28慢了，钱没到位", None),
        ([7, 9, 11], "7快了，9拖了，11没动", None),
        ([12, 16, 23], "12✅ 16✅ 23还差一点", None),
        ([13, 14, 15], "13弄完 14差不多 15还早", None),
        ([9, 10], "九号、十号这两项我镇都是70%，二十号不归我镇", None),
        ([12, 15, 16], "十二号和十五号两个任务都正常，十六号慢一点", None),
        ([42], "县里今年自主改革5项，4项出了制度，42号任务八成五", None),
        ([17], "20号前能报完，17项目前66%", None),
        ([18, 31], "我负责18和31，18培训了320人；31头雁班开了2期", None),
        ([37, 38], "37、38一块讲：疗休养46批，稿件发了320篇，38进度90%，37只有65%", None),
        ([6, 11], "6项和11项归我，6项茶博会在筹备；11项宣传做了4场。38项不在我这里", None),
        ([22, 18], "①22项慈善超市9月6日开业；②18项安置57人", None),
        ([43, 44, 45], "①第43项座谈会2场②第44项整改完成31个③第45项正常", None),
        ([17, 16], "一是17项新改建公路6公里；二是16项补种苗木3000株", None),
        ([1, 2, 9], "第1项；第2项；第9项都正常", None),
        ([13, 14, 15], "13：危改收尾3户 14：老旧小区管网8个 15：示范街暂停", None),
        ([12, 15, 16], "【12】清运70吨【15】建成1条【16】栽树900株", None),
        ([17, 19, 20], "17-路建了12公里；19-学校封顶3所；20-无变化", None),
        ([18, 31], "18项，培训800人；同时31项，培训40人", None),
        ([24, 25, 26], "24、25、26三条线，24调解99宗，25放权12项，26分红18万", None),
        ([19, 20, 12, 15], "除19、20两点滞后外，我县12、15点都正常", None),
        ([12, 15], "12跟15一块说 12这边拆了违建1.3万平 15的示范街两条都弄好了", None),
        ([15, 30], "15项 进度52% 滞后；30项 暂无", None),
        ([20, 5], "20项卡在用地，5项情况类似", None),
        ([42], "42项立项5项，其中2项已出制度", None),
        ([15], "15项六成，16项明天补给您", None),
        ([17], "17项70%，18项的数在张工那里", None),
        ([12], "12项正常。13项谁负责？", None),
        ([38], "我单位牵头38项、配合37项。38项外宣稿件发了96篇；37项不掌握", None),
    ],
)  # fmt: skip
def test_numbers_of_points_and_numbers_of_lists(
    knows: Knowing, points: list[int], text: str, prompted: int | None
) -> None:
    assert [record.point for record in said(knows, text, prompted).records] == points


def test_two_points_named_above_their_sentences_each_have_their_own(knows: Knowing) -> None:
    text = "现将41、42项情况报告如下：典型案例已培育4个；自主改革立项5项，印发制度3份。两项工作总体进展正常。"
    cases, reforms = said(knows, text, None).records
    assert (cases.point, counted(cases), cases.status) == (41, [(4, "个")], "on_track")
    assert (reforms.point, counted(reforms), reforms.status) == (42, [(5, "项"), (3, "份")], "on_track")


@pytest.mark.parametrize(
    "text",
    [
        "12、15两项，12清运垃圾46吨，15示范街建成1条，都是六成",
        "12项和15项放一块报，清运垃圾46吨，示范街建成1条，进度都是60%",
        "第12、15项合并报：垃圾清运46吨，建成的有1条，两项都是六成",
        "15和12两点一起回：示范街建成1条，垃圾清运46吨，15点六成，12点60%",
    ],
)
def test_points_told_together_each_have_their_own_and_share_the_last_words(knows: Knowing, text: str) -> None:
    found = {record.point: record for record in said(knows, text, None).records}
    assert {point: (record.percent, counted(record)) for point, record in found.items()} == {
        12: (60, [(46, "吨")]),
        15: (60, [(1, "条")]),
    }


@pytest.mark.parametrize(
    ("shares", "text"),
    [
        ({29: 70, 30: 55}, "29、30项进度70%、55%"),
        ({29: 70, 30: 55}, "29、30项分别为70%、55%"),
        ({12: 70, 15: 65, 16: 80}, "12、15、16三项依次是七成、六成五、八成"),
        ({18: 66, 31: 58}, "18和31项，前者66%，后者58%"),
        ({29: 70, 30: 70}, "29、30项都是70%"),
        ({12: 70, 15: 70}, "12、15项进度70%，垃圾清运率91%"),
        ({12: None, 15: None}, "12、15项完成70%，完成65%"),
    ],
)
def test_as_many_shares_as_points_are_told_in_turn(
    knows: Knowing, shares: dict[int, float | None], text: str
) -> None:
    assert {record.point: record.percent for record in said(knows, text, None).records} == shares


def test_the_number_of_a_point_is_no_part_of_a_name(knows: Knowing) -> None:
    text = "24、25两项，24调解99宗，25放权12项。15分钟服务圈26个"
    named = [one.what for record in said(knows, text, None).records for one in record.quantities]
    assert named == ["调解", "放权", "15分钟服务圈"]


def test_what_is_done_for_others_is_told_of_the_same_point(knows: Knowing) -> None:
    text = "建筑企业结对我们镇来了三家，帮修村道一点八公里，资金到账九十五万"
    found = read(text, Asked(ON, "意溪镇"), knows.book, knows.index).records
    assert [(record.point, counted(record)) for record in found] == [
        (34, [(3, "家"), (1.8, "公里"), (95, "万")])
    ]


def test_a_remark_in_a_table_says_why_a_point_is_late(knows: Knowing) -> None:
    rows = (
        "5\t52%\t正常\t土地没报批",
        "14\t49%\t滞后\t老城片区拆架慢",
        "21\t—\t正常\t长者饭堂18间",
        "3\t60%\t滞后\t入库24个",
    )
    text = "\n".join(("点号\t进度\t状态\t备注", *rows))
    doubtful, late, fine, counts = said(knows, text, None).records
    assert (doubtful.status, doubtful.difficulty) == ("on_track", "土地没报批")
    assert (late.point, late.percent, late.difficulty) == (14, 49, "老城片区拆架慢")
    assert (fine.difficulty, counted(fine)) == (None, [(18, "间")])
    assert (counts.difficulty, counted(counts)) == (None, [(24, "个")])


# --- how it stands ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("on_track", "整体推进较好"),
        ("on_track", "进度与时间同步"),
        ("ahead", "比预期好，新改建32公里"),
        ("ahead", "造林3400亩，进度快"),
        ("ahead", "今年任务做完了，提前"),
        (None, "计划印发了，面源污染防治还没启动"),
        (None, "指标达标33项"),
        ("done", "第17项全部完成👌"),
        ("behind", "一个字：慢。征拆还剩7户"),
        ("on_track", "其余按序时"),
    ],
)
def test_status_in_other_words(knows: Knowing, status: str | None, text: str) -> None:
    assert only(knows, text).status == status


@pytest.mark.parametrize(
    ("difficulty", "text"),
    [
        ("部分问题涉及历史旧账，整改周期长", "发现问题85个。部分问题涉及历史旧账，整改周期长。"),
        ("剩下5个涉及违建，当事人在打官司", "已销号33个，剩下5个涉及违建，当事人在打官司"),
        ("余下3公里因征地卡住", "已贯通12公里，余下3公里因征地卡住"),
        ("专家约不到人", "这块确实慢了，专家约不到人"),
        ("土地指标一直没给", "没办法推，土地指标一直没给，申请市自然资源局单列"),
        ("文保审批没下来", "因为文保审批没下来所以老厝修缮还没开工，等批了再报"),
        ("住宿紧张，有几支睡的是教室", "派驻服务队74支，住宿紧张，有几支睡的是教室"),
        ("沥青根本没法铺", "整改5个。这阵子龙舟水一场接一场，沥青根本没法铺，进度有点慢"),
        ("缺人，村医平均58岁，招不到年轻的", "整改5个。缺人，村医平均58岁，招不到年轻的"),
        ("省厅来看过现场，嫌检测中心建得太小", "材料报上去了。省厅来看过现场，嫌检测中心建得太小"),
    ],
)
def test_trouble_in_other_words(knows: Knowing, difficulty: str, text: str) -> None:
    assert (only(knows, text, 44).difficulty or "").endswith(difficulty)


def test_what_is_only_left_to_do_is_no_trouble(knows: Knowing) -> None:
    assert only(knows, "配套文件出了19份，还有4份没过会", 39).difficulty is None


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2024, 8, 31), "其余8月收官"),
        (date(2024, 8, 20), "计划本月20日第三次开标"),
        (date(2024, 9, 30), "下一步：9月底前完成移交。"),
        (date(2024, 11, 30), "下一步：推进展馆布展，11月开馆"),
        (date(2024, 8, 16), "方案已过会，本周印发"),
    ],
)
def test_days_in_other_words(knows: Knowing, day: date, text: str) -> None:
    assert only(knows, text).by == day


# --- what kind ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("correction", "刚发的那条撤了吧，数据没经领导审"),
        ("correction", "修正下，资金是2,310万元"),
        ("delegation", "22项请找民政，医保这边只是配合"),
        ("delegation", "人才的数在组织部人才科，麻烦联系他们"),
        ("delegation", "托育是卫健的活，民政没数"),
        ("delegation", "我已不在办公室了，新联络员是林晓"),
        ("question", "附件怎么发不出去"),
        ("chatter", "点错了不好意思"),
        ("chatter", "转：省委召开“百千万工程”现场会"),
        ("report", "本月暂无，沿用上月数据"),
        ("report", "请示领导后回复：暂无新的进展，办法仍在修改。"),
    ],
)
def test_kinds_in_other_words(knows: Knowing, kind: str, text: str) -> None:
    reading = said(knows, text)
    assert reading.kind == kind
    assert not any(record.help_needed for record in reading.records)


@pytest.mark.parametrize("text", ["周末愉快各位", "周末牌坊街人真多", "明天台风登陆，各位注意安全"])
def test_a_day_in_talk_reports_nothing(knows: Knowing, text: str) -> None:
    assert said(knows, text, None) == Reading("chatter")
