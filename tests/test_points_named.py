"""How a message names the points it speaks of, several at a time and in passing."""

from datetime import date

import pytest

from handlers.turn import Knowing
from knowledge.reply import Asked, read

ON = date(2024, 10, 23)


def told(knows: Knowing, text: str, prompted: int | None = None) -> dict[int | None, str | float | None]:
    """Each point with how it stands, else its percentage, else how many are counted."""
    records = read(text, Asked(ON, "市百千万办", prompted), knows.book, knows.index).records
    return {r.point: r.status or (r.percent if r.percent is not None else len(r.quantities)) for r in records}


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("全部办结的：22、24；滞后的：30（卡在农转用指标）", {22: "done", 24: "done", 30: "behind"}),
        (
            "正常的：12、14；慢的：33；没动的：40",
            {12: "on_track", 14: "on_track", 33: "behind", 40: "not_started"},
        ),
        ("落后的是21（缺人手），超前的是8", {21: "behind", 8: "ahead"}),
        ("8稍慢；9快一点；10慢一点，家医签约3万人", {8: "behind", 9: "ahead", 10: "behind"}),
        ("11-13均80%左右，14、15慢，都五成五", {11: 80, 12: 80, 13: 80, 14: "behind", 15: "behind"}),
        ("20-22项进度依次是61%、58%、73%", {20: 61, 21: 58, 22: 73}),
        ("15还在跟规划股对数，先答14：电梯完工26台，签字率91%", {14: 2}),
        ("13晚点报，先报12：清运620吨", {12: 1}),
        ("表里17那一行写错，危桥3座，不是8座", {17: 1}),
        ("32改填已完成，100%", {32: "done"}),
        ("45的办法稿印了3份", {45: 1}),
        ("关于12：已清运620吨。关于13：批复37个", {12: 1, 13: 1}),
        ("12、13按计划，14卡壳", {12: "on_track", 13: "on_track", 14: "behind"}),
        ("12正常，13滞后两个点，14已办结", {12: "on_track", 13: "behind", 14: "done"}),
        ("16挂网了，17还没招标", {16: 0, 17: 0}),
        ("17里我们这份约七成五", {17: 75}),
        ("21项进度：71%；完成：适老化518户", {21: 71}),  # a label finishes nothing
        ("42两项改革都印了文，41报了3个案例", {42: 1, 41: 1}),
        ("12清运620吨；14完工15个。33慢一点，其余都正常", {12: "on_track", 14: "on_track", 33: "behind"}),
        ("公路通了12公里；城镇老旧小区完工15个，除老旧小区外整体正常", {17: "on_track", 14: 1}),
        ("老旧小区完工15个 / 长者饭堂18间 / 均正常", {14: "on_track", 21: "on_track"}),
        ("要点\t上月\t本月\n5\t41%\t48%\n33\t50%\t52%", {5: 48, 33: 52}),
        ("【湘桥区】18项滞后；\n【枫溪区】25项已完成。", {18: "behind", 25: "done"}),
        ("海外乡亲参访二十三批次百会助百镇项目三十九个整体快过序时", {35: "ahead", 34: "ahead"}),
        ("老旧小区做完十九个然后适老化做了一百四十三户两个都是正常推进的", {14: "on_track", 21: "on_track"}),
        ("公路通了12公里，请市财政尽快下拨农房改造资金", {17: 1}),  # whom a call names is no topic
    ],
)
def test_points_are_named_in_passing(knows: Knowing, text: str, points: dict[int, object]) -> None:
    assert told(knows, text) == points


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("公路12公里，30的路基在做", {17: 1}),
        ("完成：12（共20）", {17: 0}),
        ("公路铺好了，12公里了", {17: 1}),
        ("公路12公里 / 桥5座 / 进度60%", {17: 60}),
        ("危桥改造2座（1座卡在征地）", {17: 1}),
    ],
)
def test_other_numbers_name_none(knows: Knowing, text: str, points: dict[int, object]) -> None:
    assert told(knows, text, prompted=17) == points


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("滞后的：30（卡在农转用指标）", "卡在农转用指标"),
        ("16滞后（缺人手，县里也没钱）", "缺人手，县里也没钱"),
        ("14卡壳了（村民不同意）", "村民不同意"),
        ("18项技能班请不到师傅（月薪低）", "技能班请不到师傅（月薪低）"),
    ],
)
def test_why_a_point_is_behind_stands_in_brackets(knows: Knowing, text: str, trouble: str) -> None:
    (record,) = read(text, Asked(ON, "", None), knows.book, knows.index).records
    assert record.difficulty == trouble
