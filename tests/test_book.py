"""A notice with its units and figures, and how suggestions and confirmations live together."""

import re
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import sheets
from knowledge.assignments import Assignment, AssignmentError, Assignments, locate, named_by
from knowledge.book import Book, build, load_shipped, shipped
from knowledge.notice import parse

BOOK = shipped()
COLD = "完善一体化农产品冷链物流网建设,新增投产冷库库容0.25万吨"
ROADS = "新改建农村公路超48.7公里,改造农村公路危旧桥梁10座"
GARBAGE = "抓好农村污水、垃圾、厕所三大革命"


def confirmed(point: int, clause: str, lead: str, *others: str, **more: object) -> Assignment:
    row = Assignment(
        point, clause, lead, others, "confirmed", "分工表", confirmed_by="王五", confirmed_on=date(2024, 6, 1)
    )
    return replace(row, **more)  # type: ignore[arg-type]


def lead_of(book: Book, point: int, words: str) -> tuple[str, str]:
    row = book.assignments.of_clause(point, words)
    assert row is not None
    return row.lead, row.status


# --- the shipped book -----------------------------------------------------------------------------


def test_everything_shipped_is_a_suggestion_in_the_notices_own_words() -> None:
    for row in BOOK.assignments:
        assert row.status == "suggested"
        assert not row.confirmed_by
        point = BOOK.notice.point(row.point)
        assert point is not None
        assert row.clause in point.text
    assert {row.point for row in BOOK.assignments if not row.clause} == set(range(1, 46))


def test_every_unit_that_is_suggested_is_in_the_directory() -> None:
    for row in BOOK.assignments:
        for name in row.units:
            assert BOOK.directory.unit(name) or BOOK.directory.group(name), name


def test_cold_chain_is_the_cooperatives_and_not_the_roads_bureaus() -> None:
    assert lead_of(BOOK, 17, COLD) == ("市供销社", "suggested")
    assert lead_of(BOOK, 17, "冷库库容0.25万吨") == ("市供销社", "suggested")
    whole = BOOK.assignments.of_point(17)
    assert whole is not None
    assert whole.lead == "市交通运输局"


def test_words_nobody_is_named_for_fall_back_to_the_whole_point() -> None:
    assert lead_of(BOOK, 17, "没有这句话") == ("市交通运输局", "suggested")
    assert BOOK.assignments.of_clause(99, "没有这一点") is None


@pytest.mark.parametrize(
    ("words", "lead"), [("垃圾", "市住房城乡建设局"), ("厕所", "市农业农村局"), ("农村污水", "市生态环境局")]
)
def test_one_sentence_with_three_tasks_has_three_leads(words: str, lead: str) -> None:
    assert lead_of(BOOK, 12, words)[0] == lead
    assert [r.part for r in BOOK.assignments.overlapping(12, GARBAGE)] == ["农村污水", "垃圾", "厕所"]


def test_what_a_unit_leads_and_joins_is_told_apart() -> None:
    assert {r.point for r in BOOK.assignments.led_by("市供销社")} == {17, 26}
    assert all("市供销社" not in (r.lead, *r.co_leads) for r in BOOK.assignments.joined_by("市供销社"))
    assert BOOK.assignments.leads(17)[0] == "市交通运输局"
    assert "市供销社" in BOOK.assignments.leads(17)


def test_loading_the_shipped_book_takes_less_than_a_tenth_of_a_second() -> None:
    times = []
    for _ in range(15):
        started = time.thread_time()
        load_shipped()
        times.append(time.thread_time() - started)
    assert min(times) < 0.1


# --- suggestions and confirmations ----------------------------------------------------------------


def test_a_confirmed_clause_replaces_its_suggestion_and_leaves_the_others() -> None:
    book = BOOK.with_assignments([confirmed(17, COLD, "市农业农村局")])
    assert lead_of(book, 17, COLD) == ("市农业农村局", "confirmed")
    assert lead_of(book, 17, ROADS) == ("市交通运输局", "suggested")
    assert lead_of(BOOK, 17, COLD) == ("市供销社", "suggested")


def test_a_suggestion_never_replaces_a_confirmation() -> None:
    book = BOOK.with_assignments([confirmed(17, COLD, "市农业农村局")])
    later = replace(confirmed(17, COLD, "市商务局"), status="suggested", confirmed_by="", confirmed_on=None)
    assert lead_of(book.with_assignments([later]), 17, COLD) == ("市农业农村局", "confirmed")
    assert lead_of(BOOK.with_assignments([later]), 17, COLD) == ("市商务局", "suggested")


def test_a_confirmed_point_is_not_stretched_over_a_clause_whose_suggested_lead_takes_part() -> None:
    book = BOOK.with_assignments([confirmed(17, "", "市交通运输局", "市供销社")])
    assert lead_of(book, 17, COLD) == ("市供销社", "suggested")
    whole = book.assignments.of_point(17)
    assert whole is not None
    assert whole.confirmed


def test_a_confirmed_point_silences_suggestions_for_units_it_leaves_out() -> None:
    book = BOOK.with_assignments([confirmed(17, "", "市交通运输局", "市水务局")])
    assert lead_of(book, 17, COLD) == ("市交通运输局", "confirmed")
    assert lead_of(book, 17, "水质合格率稳定在90%以上") == ("市水务局", "suggested")
    assert lead_of(book, 16, "创建2个小微湿地示范点") == ("市林业局", "suggested")


def test_a_confirmed_sentence_settles_the_tasks_in_it() -> None:
    book = BOOK.with_assignments([confirmed(12, GARBAGE, "市生态环境局")])
    assert lead_of(book, 12, "垃圾") == ("市生态环境局", "confirmed")
    book = BOOK.with_assignments([confirmed(12, GARBAGE, "市城管执法局", part="垃圾")])
    assert lead_of(book, 12, "垃圾") == ("市城管执法局", "confirmed")
    assert lead_of(book, 12, "厕所") == ("市农业农村局", "suggested")


def test_rows_that_are_not_the_notices_words_are_refused_and_each_is_named() -> None:
    rows = [
        confirmed(17, "冷库库容1万吨", "市供销社"),
        confirmed(46, "", "市供销社"),
        confirmed(12, GARBAGE, "", part="x"),
    ]
    with pytest.raises(AssignmentError) as caught:
        Assignments.of(BOOK.notice, rows)
    assert caught.value.problems == [
        "第17点“冷库库容1万吨”：分句不是该点原文",
        "第46点：通知里没有第46点",
        f"第12点“{GARBAGE}”：“x”不在分句里",
        f"第12点“{GARBAGE}”：没有牵头单位",
    ]


_SHIPPED_ROWS = st.sampled_from(BOOK.assignments.rows)
_UNIT = st.sampled_from([u.short for u in BOOK.directory.units])


@given(st.lists(st.tuples(_SHIPPED_ROWS, _UNIT, st.lists(_UNIT, max_size=3), st.booleans()), max_size=6))
def test_what_is_confirmed_is_always_what_is_answered(changes: list) -> None:
    rows = {}
    for row, lead, others, sure in changes:
        made = confirmed(row.point, row.clause, lead, *others, part=row.part)
        rows[row.place] = (
            made if sure else replace(made, status="suggested", confirmed_by="", confirmed_on=None)
        )
    book = BOOK.with_assignments(rows.values())
    decisions = [row for row in rows.values() if row.confirmed]
    assert all(decision in book.assignments.rows for decision in decisions)
    for decision in decisions:
        words = decision.part or decision.clause
        if words:
            assert lead_of(book, decision.point, words)[1] == "confirmed"
    assert len({row.place for row in book.assignments}) == len(book.assignments.rows)


def test_units_the_notice_itself_names_need_no_further_confirmation() -> None:
    notice = parse(
        "关于某事的通知\n潮府〔2025〕1号\n2025年1月2日\n"
        "1.办好教育。新建学校1所。(市教育局负责)修好道路。(市交通局牵头,市财政局配合)\n"
        "2.供好水。改造水厂。\n责任单位:市水务局、市财政局\n"
    )
    book = build(notice, BOOK.directory, [], [])
    assert lead_of(book, 1, "修好道路") == ("市交通运输局", "confirmed")
    whole = book.assignments.of_point(2)
    assert whole is not None
    assert (whole.lead, whole.participants, whole.confirmed_by) == (
        "市水务局",
        ("市财政局",),
        "潮府〔2025〕1号",
    )
    assert named_by(BOOK.notice, BOOK.directory) == []


def test_a_quote_typed_with_other_widths_is_found_as_it_is_printed() -> None:
    text = "完善一体化农产品冷链物流网建设,新增投产\n冷库库容0.25万吨。"
    assert locate(text, "新增投产冷库库容０.25万吨") == "新增投产\n冷库库容0.25万吨"
    assert locate(text, "建设，新增") == "建设,新增"
    assert locate(text, "没有") is None
    assert locate(text, " ") is None


# --- another file of units ------------------------------------------------------------------------

TOML = Path("knowledge/data/units.toml").read_text("utf-8")


def test_another_units_file_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    path = tmp_path / "units.toml"
    at = TOML.index(COLD)
    path.write_text(TOML[:at] + TOML[at:].replace('lead = "市供销社"', 'lead = "市商务局"', 1), "utf-8")
    assert lead_of(shipped(path), 17, COLD) == ("市商务局", "suggested")
    path.write_text('[[point]]\nn = 17\nlead = "市水务局"\nwith = []\n', "utf-8")
    assert lead_of(shipped(path), 17, COLD) == ("市水务局", "suggested")


def test_a_units_file_is_confirmed_only_where_it_says_by_whom_and_when(tmp_path: Path) -> None:
    path = tmp_path / "units.toml"
    sure = TOML.replace('status = "suggested"', 'status = "confirmed"')
    path.write_text(sure, "utf-8")
    assert lead_of(shipped(path), 17, COLD) == ("市供销社", "suggested")
    named = sure.replace('confirmed_by = ""', 'confirmed_by = "王五"')
    path.write_text(named.replace('confirmed_on = ""', 'confirmed_on = "2024-06-01"'), "utf-8")
    row = shipped(path).assignments.of_clause(17, COLD)
    assert row is not None
    assert (row.status, row.confirmed_by, row.confirmed_on) == ("confirmed", "王五", date(2024, 6, 1))


def test_a_sheet_may_stand_in_for_a_units_file(tmp_path: Path) -> None:
    path = tmp_path / "分工.xlsx"
    path.write_bytes(sheets.write([confirmed(17, COLD, "市商务局")], BOOK.notice))
    assert lead_of(shipped(path), 17, COLD) == ("市商务局", "confirmed")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("没有.toml", None, "打不开“没有.toml”"),
        ("坏.toml", b"[[", "不是能读的 TOML 文件"),
        ("乱.toml", b"\xff\xfe\x00", "不是能读的 TOML 文件"),
        ("缺.toml", b"[[unit]]\nid = 'x'", "缺少字段"),
        ("错.toml", b"point = 3", "缺少字段"),
        ("空.xlsx", b"", "文件是空的（0 字节）"),
    ],
)
def test_a_units_file_that_cannot_be_read_is_refused_with_a_sentence(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(AssignmentError, match=re.escape(said)):
        shipped(tmp_path / name)


def test_a_quote_in_a_units_file_that_is_not_in_the_notice_fails_the_load(tmp_path: Path) -> None:
    path = tmp_path / "units.toml"
    path.write_text(TOML.replace(COLD, "新建冷库十座"), "utf-8")
    with pytest.raises(AssignmentError, match="第17点“新建冷库十座”：分句不是该点原文"):
        shipped(path)
