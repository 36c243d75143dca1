"""红黄绿灯: one table per rule, then what holds for every figure the notice sets."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.notice import parse
from knowledge.targets import Target, load
from supervision.light_rules import LightRules
from supervision.light_sorts import sort_of
from supervision.lights import Light, Reported, Status, light, light_of_percent, point_light
from supervision.workdays import Workdays

NOTICE = parse(Path("knowledge/data/notice.txt").read_text("utf-8"))
TARGETS = {t.id: t for t in load(Path("knowledge/data/indicators.jsonl").read_text("utf-8"), NOTICE)}
RULES = LightRules()
WORKDAYS = Workdays()
YEAR = date(2024, 1, 1)
ROADS, BRIDGES, WETLANDS, WATER = (TARGETS[key] for key in ("17-1", "17-2", "16-1", "17-5"))


def said(
    value: float | None = None,
    percent: float | None = None,
    status: Status | None = None,
    as_of: date = date(2024, 8, 9),
) -> Reported:
    return Reported(value, percent, as_of, by="市交通运输局", message="m17", status=status)


def lit(
    target: Target, reported: Reported | None, today: date = date(2024, 8, 11), rules: LightRules = RULES
) -> Light:
    return light(target, reported, today, started=YEAR, rules=rules, workdays=WORKDAYS)


def of_percent(reported: Reported | None, today: date = date(2024, 8, 11), due: date | None = None) -> Light:
    return light_of_percent(reported, today, started=YEAR, rules=RULES, workdays=WORKDAYS, due=due)


@pytest.mark.parametrize(
    ("sort", "ids"),
    [
        ("linear", "03-1 03-2 03-3 10-5 10-7 15-2 17-1 17-2 17-3 17-6 19-1 21-1"),
        (
            "milestone",
            "08-1 08-2 10-1 10-3 15-4 16-1 17-4 19-3 22-2 22-3 22-4 41-2 41-3 41-4 42-2 42-3 42-4",
        ),
        ("level", "17-5"),
        ("statistic", "06-1 06-2 21-3 21-4 21-5"),
        ("share", "15-1 15-3 22-1 40-1 41-1 41-5 42-1 42-5"),
        ("aside", "00-1 00-2 00-3 06-3 10-2 10-4 10-6 19-2 21-2 40-2"),
    ],
)
def test_every_figure_of_the_notice_has_its_sort(sort: str, ids: str) -> None:
    assert [key for key, target in TARGETS.items() if sort_of(target, RULES) == sort] == ids.split()


def test_the_office_may_name_a_figures_sort_itself() -> None:
    rules = LightRules(sorts={"17-4": "statistic"})
    assert sort_of(TARGETS["17-4"], rules) == "statistic"
    with pytest.raises(ValueError, match="类别应为"):
        LightRules(sorts={"17-4": "whatever"})  # type: ignore[dict-item]  # what the office may mistype


def test_a_light_explains_itself() -> None:
    found = lit(ROADS, said(32))
    assert found == Light(
        colour="green",
        rule="时间进度",
        reason="完成65.7%（32公里/48.7公里，截至8月9日），时间进度61.2%，快4.5个百分点",
        done=65.7,
        elapsed=61.2,
        as_of=date(2024, 8, 9),
        message="m17",
        draft=False,
        what="新改建农村公路",
    )


@pytest.mark.parametrize(
    ("km", "today", "colour", "words"),
    [
        (48.8, date(2024, 8, 11), "green", "已达到目标"),
        (48.7, date(2024, 8, 11), "green", "须超过才算完成"),  # 超48.7公里
        (25, date(2024, 8, 11), "green", "慢9.9个百分点"),
        (24.9, date(2024, 8, 11), "yellow", "慢10.1个百分点"),
        (15.2, date(2024, 8, 11), "yellow", "慢30个百分点"),
        (15.1, date(2024, 8, 11), "red", "慢30.2个百分点"),
        (0, date(2024, 3, 31), "yellow", "完成0%（0公里/48.7公里，截至8月9日），时间进度24.9%"),
        (0, date(2024, 4, 30), "red", "慢33.1个百分点"),
    ],
)
def test_a_linear_figure_is_held_against_time(km: float, today: date, colour: str, words: str) -> None:
    found = lit(ROADS, said(km), today)
    assert found.colour == colour
    assert words in found.reason
    assert found.draft is (colour == "red")


def test_the_first_three_months_show_no_red() -> None:
    summer = replace(ROADS, due=date(2024, 6, 30))
    assert lit(summer, said(0), date(2024, 3, 31)).colour == "yellow"
    assert lit(summer, said(0), date(2024, 3, 31)).reason.endswith("年初3个月内不亮红灯")
    assert lit(summer, said(0), date(2024, 4, 1)).colour == "red"


@pytest.mark.parametrize(
    ("bridges", "today", "colour", "words"),
    [
        (9, date(2024, 12, 31), "yellow", "时间进度100%，慢10个百分点"),
        (10, date(2025, 1, 10), "green", "已达到目标"),
        (9.5, date(2024, 12, 31), "green", "慢5个百分点"),
        (9.5, date(2025, 1, 2), "yellow", "期限按2024年12月31日计，已过1个工作日"),
        (9.5, date(2025, 2, 5), "yellow", "已过20个工作日"),
        (9.5, date(2025, 2, 6), "red", "已过21个工作日"),
        (2, date(2025, 1, 2), "red", "慢80个百分点"),  # red before its day, and no better after it
    ],
)
def test_a_linear_figure_past_its_day_is_short_of_it(
    bridges: float, today: date, colour: str, words: str
) -> None:
    found = lit(BRIDGES, said(bridges), today)
    assert found.colour == colour
    assert words in found.reason


@pytest.mark.parametrize(
    ("points", "today", "colour", "words"),
    [
        (0, date(2024, 12, 31), "green", "现为0个（截至8月9日），目标2个，期限按12月31日计，尚未到期"),
        (2, date(2024, 8, 11), "green", "已达到目标"),
        (1, date(2025, 1, 2), "yellow", "已过1个工作日"),
        (1, date(2025, 2, 5), "yellow", "已过20个工作日"),  # over 春节, with two weekend days worked
        (1, date(2025, 2, 6), "red", "已过21个工作日"),
        (2, date(2025, 2, 7), "green", "已达到目标"),
    ],
)
def test_a_milestone_is_held_against_its_day(points: float, today: date, colour: str, words: str) -> None:
    found = lit(WETLANDS, said(points), today)
    assert found.colour == colour
    assert words in found.reason
    assert found.elapsed is None


@pytest.mark.parametrize(
    ("rate", "colour", "reason"),
    [
        (88, "yellow", "现为88%（截至8月9日），未达到目标90%以上，相差2个百分点"),
        (90, "green", "现为90%（截至8月9日），达到目标90%以上"),
    ],
)
def test_a_level_must_hold_at_any_time(rate: float, colour: str, reason: str) -> None:
    found = lit(WATER, said(rate))
    assert (found.colour, found.reason) == (colour, reason)


def test_a_limit_must_not_be_passed() -> None:
    cost = replace(WATER, op="<=", met_when="<=", value=10.0, unit="天", quote="不超过10天")
    assert lit(cost, said(10)).colour == "green"
    assert lit(cost, said(12)).colour == "yellow"


@pytest.mark.parametrize("reported", [None, said(162), said(None, 60)])
def test_a_published_figure_has_no_light(reported: Reported | None) -> None:
    found = lit(TARGETS["06-1"], reported)
    assert (found.colour, found.rule) == ("none", "待统计部门发布")
    assert "目标争取突破160亿元" in found.reason
    if reported and reported.value:
        assert found.reason.startswith("最近一次报162亿元（截至8月9日）")


@pytest.mark.parametrize("key", ["17-1", "16-1", "17-5", "40-1", "41-1"])
def test_not_reported_is_grey_and_never_late(key: str) -> None:
    for today in (date(2024, 2, 1), date(2024, 12, 1), date(2025, 6, 1)):
        found = lit(TARGETS[key], None, today)
        assert (found.colour, found.rule, found.draft) == ("grey", "未报", False)
        assert "12月31日" in found.reason


def test_a_figure_for_each_town_is_told_by_a_percentage_or_not_at_all() -> None:
    streets = TARGETS["15-3"]
    assert lit(streets, said(None, 60)).colour == "green"
    assert lit(streets, said(None, 30)).colour == "red"
    assert lit(streets, said(30)).reason == "已报30条（截至8月9日），目标是每个镇街至少2条，须分别判定"
    assert lit(streets, said(30)).colour == "none"


def test_a_figure_with_only_the_points_percentage_says_so() -> None:
    assert lit(ROADS, said(None, 65)).reason == (
        "完成65%（单位报送的百分比，截至8月9日），时间进度61.2%，快3.8个百分点"
    )
    assert lit(WETLANDS, said(None, 50)).colour == "green"
    assert lit(ROADS, said()).colour == "none"


def test_a_date_or_condition_is_never_judged() -> None:
    assert lit(TARGETS["21-2"], said(600)).colour == "none"
    assert lit(TARGETS["10-4"], None).rule == "不设灯"


@pytest.mark.parametrize(
    ("status", "percent", "today", "colour"),
    [
        ("done", None, date(2024, 8, 11), "green"),
        ("on_track", None, date(2024, 8, 11), "green"),
        ("ahead", None, date(2024, 8, 11), "green"),
        ("behind", None, date(2024, 8, 11), "yellow"),
        ("behind", 90, date(2024, 8, 11), "yellow"),  # its own word weighs more than its number
        ("behind", 10, date(2024, 8, 11), "red"),
        ("behind", 100, date(2024, 8, 11), "green"),
        ("not_started", None, date(2024, 6, 30), "green"),
        ("not_started", None, date(2024, 7, 1), "yellow"),
        ("on_track", None, date(2025, 1, 2), "yellow"),  # past its day and not done
        ("on_track", None, date(2025, 3, 3), "red"),
        ("done", None, date(2025, 3, 3), "green"),
        (None, 60, date(2024, 8, 11), "green"),
        (None, 31.2, date(2024, 8, 11), "yellow"),
        (None, 31, date(2024, 8, 11), "red"),
        (None, None, date(2024, 8, 11), "none"),
    ],
)
def test_a_point_without_figures(
    status: Status | None, percent: float | None, today: date, colour: str
) -> None:
    found = of_percent(said(None, percent, status), today)
    assert found.colour == colour
    assert found.as_of == date(2024, 8, 9)
    assert "8月9日" in found.reason


def test_a_point_without_figures_and_without_a_report_is_grey() -> None:
    assert of_percent(None).reason == "尚未报送（期限按12月31日计）"
    assert of_percent(None, due=date(2024, 9, 30)).reason == "尚未报送（期限9月30日）"


def test_a_unit_that_calls_itself_late_is_not_shown_green() -> None:
    found = lit(ROADS, said(40, status="behind"))
    assert (found.colour, found.rule) == ("yellow", "自报滞后")
    assert found.reason.endswith("快20.9个百分点，单位自报滞后")
    assert lit(WETLANDS, said(0, status="not_started")).rule == "自报尚未启动"


def test_a_point_shows_its_worst_figure_and_names_what_is_missing() -> None:
    red, yellow, none = lit(ROADS, said(5)), lit(WATER, said(88)), lit(TARGETS["06-1"], said(162))
    grey = lit(BRIDGES, None)
    found = point_light([yellow, red, none, grey])
    assert (found.colour, found.draft, found.done) == ("red", True, 10.3)
    assert found.reason == f"新改建农村公路：{red.reason}；另有1项未报（改造农村公路危旧桥梁）"
    assert point_light([yellow, none]).reason == f"水质合格率：{yellow.reason}"


def test_a_green_point_tells_of_its_slowest_figure_and_a_yellow_one_of_all_yellow() -> None:
    fast, slow = lit(ROADS, said(40)), lit(BRIDGES, said(6))
    assert point_light([fast, slow]).reason == f"改造农村公路危旧桥梁：{slow.reason}"
    late, low = lit(BRIDGES, said(4)), lit(WATER, said(88))
    assert point_light([late, low, fast]).reason == (
        f"改造农村公路危旧桥梁：{late.reason}；水质合格率：{low.reason}"
    )


def test_a_point_is_grey_only_if_nothing_is_reported() -> None:
    grey, none = lit(ROADS, None), lit(TARGETS["06-1"], None)
    assert point_light([grey, grey, none]).colour == "grey"
    assert point_light([grey, none]).reason == "1项指标尚未报送（新改建农村公路）"
    assert point_light([none]).colour == "none"
    assert point_light([]).colour == "none"
    assert point_light([grey, lit(BRIDGES, said(8))]).colour == "green"


def test_every_number_of_the_rules_is_a_setting() -> None:
    strict = LightRules(yellow_gap=0, red_gap=5, no_red_months=0, milestone_grace_workdays=0)
    assert lit(ROADS, said(29), rules=strict).colour == "yellow"
    assert lit(ROADS, said(20), rules=strict).colour == "red"
    assert lit(WETLANDS, said(1), date(2025, 1, 2), strict).colour == "red"


def test_the_offices_page_tells_the_numbers_that_hold() -> None:
    page = Path("docs/lights.md").read_text("utf-8")
    for words in (
        f"不到{RULES.yellow_gap:g}个百分点绿灯，{RULES.yellow_gap:g}至{RULES.red_gap:g}个百分点黄灯",
        f"年初{RULES.no_red_months}个月内不亮红灯",
        f"{RULES.milestone_grace_workdays}个工作日以内黄灯",
        f"{RULES.jump_at_most}个以内的个数",
        *RULES.jump_words,
        *RULES.reach_words,
    ):
        assert words in page


RANK = {"green": 0, "yellow": 1, "red": 2}
days = st.dates(date(2023, 6, 1), date(2027, 12, 31))
amounts = st.floats(-10, 1000) | st.integers(0, 700).map(float)
statuses = st.sampled_from([None, "done", "ahead", "on_track", "behind", "not_started"])


@given(st.sampled_from(sorted(TARGETS)), amounts, amounts, days, statuses)
def test_more_done_is_never_a_worse_light(
    key: str, one: float, other: float, today: date, status: Status
) -> None:
    less, more = sorted((one, other))
    before, after = (lit(TARGETS[key], said(value, status=status), today).colour for value in (less, more))
    assert RANK.get(after, 0) <= RANK.get(before, 0)


@given(st.floats(0, 150), st.floats(0, 150), days, statuses)
def test_a_higher_percentage_is_never_a_worse_light(
    one: float, other: float, today: date, status: Status
) -> None:
    less, more = sorted((one, other))
    before, after = (of_percent(said(None, percent, status), today).colour for percent in (less, more))
    assert RANK[after] <= RANK[before]


@given(st.sampled_from(sorted(TARGETS)), st.floats(0, 700), st.integers(0, 700))
def test_waiting_without_a_new_report_never_improves_a_light(key: str, value: float, later: int) -> None:
    day = date(2024, 4, 1)  # when red may show
    before, after = (lit(TARGETS[key], said(value), day + timedelta(n)).colour for n in (0, later))
    assert RANK.get(after, 0) >= RANK.get(before, 0)


anything = st.none() | st.floats()


@given(st.sampled_from(sorted(TARGETS)), anything, anything, days, days, days, statuses, anything)
def test_no_report_makes_it_stumble(
    key: str,
    value: float | None,
    percent: float | None,
    as_of: date,
    today: date,
    started: date,
    status: Status,
    wanted: float | None,
) -> None:
    reported = Reported(value, percent, as_of, "", "m1", status)
    for target in (TARGETS[key], replace(TARGETS[key], value=wanted)):
        found = light(target, reported, today, started=started, rules=RULES, workdays=WORKDAYS)
        assert found.reason
        assert found.draft is (found.colour == "red")
        assert point_light([found]).colour == found.colour


@given(st.sampled_from(sorted(TARGETS)), st.integers(0, 700), days)
def test_every_judged_light_tells_its_number_and_its_date(key: str, value: int, today: date) -> None:
    as_of = today - timedelta(3)
    found = lit(TARGETS[key], said(value, as_of=as_of), today)
    if found.rule != "不设灯":
        assert str(value) in found.reason
        assert f"{as_of.month}月{as_of.day}日" in found.reason
        assert (found.as_of, found.message) == (as_of, "m17")
