"""分工表.xlsx: out and in again unchanged, and every mistake named by sheet row and column."""

import io
import re
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from datetime import time as clock
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import sheets
from knowledge.assignments import Assignment
from knowledge.book import build, shipped
from knowledge.notice import parse
from knowledge.sheets import SheetError

BOOK = shipped()
COLD = "完善一体化农产品冷链物流网建设,新增投产冷库库容0.25万吨"
HEADER = [
    "要点",
    "要点标题",
    "分句(原文)",
    "其中事项",
    "牵头单位",
    "配合单位",
    "状态",
    "确认人",
    "确认日期",
    "备注",
]
GOOD: list[Any] = [
    17,
    "推动基础设施提能升级",
    COLD,
    None,
    "市供销社",
    "市商务局、市财政局",
    "已确认",
    "王五",
    "2024-06-01",
    None,
]


def sheet_of(*rows: list[Any], change: Callable[[Any], None] = lambda sheet: None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    change(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


WORKBOOK = sheet_of(HEADER, GOOD)


def read(data: bytes) -> list[Assignment]:
    return sheets.read(data, BOOK.notice, BOOK.directory)


def problems_of(data: bytes) -> list[str]:
    with pytest.raises(SheetError) as caught:
        read(data)
    return caught.value.problems


def changed(**cells: Any) -> list[Any]:
    keys = ["point", "title", "clause", "part", "lead", "joined", "status", "by", "on", "note"]
    return [cells.get(key, value) for key, value in zip(keys, GOOD, strict=True)]


# --- out and in -----------------------------------------------------------------------------------


def test_the_shipped_suggestions_come_back_from_the_sheet_unchanged() -> None:
    data = sheets.write(BOOK.assignments, BOOK.notice)
    assert tuple(sheets.read(data, BOOK.notice, BOOK.directory, "按部门职能推定")) == BOOK.assignments.rows


_NAMES = [u.short for u in BOOK.directory.units] + [a.short for a in BOOK.directory.areas]
_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).map(str.strip)


@st.composite
def assignments(draw: st.DrawFn) -> list[Assignment]:
    rows = {}
    for _ in range(draw(st.integers(1, 8))):
        point = draw(st.sampled_from(BOOK.notice.points))
        begin = draw(st.integers(0, len(point.text) - 1))
        end = draw(st.integers(begin, len(point.text)))
        clause = point.text[begin:end].strip("。;,、 ")
        units = draw(st.lists(st.sampled_from(_NAMES), min_size=1, max_size=6, unique=True))
        leads = draw(st.integers(1, len(units)))
        by = draw(_TEXT)
        row = Assignment(
            point=point.number,
            clause=clause,
            part=draw(st.sampled_from(["", clause[:3].strip(), clause[-2:].strip()])),
            lead=units[0],
            co_leads=tuple(units[1:leads]),
            participants=tuple(units[leads:]),
            status="confirmed" if by else "suggested",
            source="分工表",
            reason=draw(_TEXT),
            confirmed_by=by,
            confirmed_on=draw(st.dates(date(1990, 1, 1), date(2099, 12, 31))) if by else None,
        )
        rows[row.place] = row
    return list(rows.values())


@given(assignments())
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_is_read_back_the_same(rows: list[Assignment]) -> None:
    back = read(sheets.write(rows, BOOK.notice))
    assert sorted(back, key=lambda r: r.place) == sorted(rows, key=lambda r: r.place)


def test_the_sheet_is_legible_and_text_is_never_a_formula() -> None:
    row = replace(BOOK.assignments.rows[0], reason="=HYPERLINK(1)\x00", confirmed_by="+1")
    book = openpyxl.load_workbook(io.BytesIO(sheets.write([row], BOOK.notice)))
    sheet = book["分工表"]
    assert [c.value for c in sheet[1]][:3] == ["要点", "要点标题", "分句（原文）"]
    assert sheet.freeze_panes == "B2"
    assert (sheet["J2"].value, sheet["J2"].data_type) == ("=HYPERLINK(1)", "s")
    assert (sheet["H2"].value, sheet["H2"].data_type) == ("+1", "s")
    assert sheet.column_dimensions["C"].width > 40
    assert sheet["C2"].alignment.wrap_text
    (statuses,) = sheet.data_validations.dataValidation
    assert statuses.formula1 == '"建议,已确认"'  # Excel parts the choices at a half-width comma only


def test_a_point_without_any_row_is_there_to_be_filled_in_and_ignored_until_it_is() -> None:
    data = sheets.write([BOOK.assignments.rows[0]], BOOK.notice)
    sheet = openpyxl.load_workbook(io.BytesIO(data))["分工表"]
    assert sheet.max_row == 1 + len(BOOK.notice.points)
    assert [row.point for row in read(data)] == [1]


# --- sheets as offices make them ------------------------------------------------------------------


def test_a_good_row_is_read_with_who_confirmed_it_and_when() -> None:
    (row,) = read(sheet_of(HEADER, GOOD))
    assert row == Assignment(
        17, COLD, "市供销社", ("市商务局", "市财政局"), "confirmed", "分工表", "", "王五", date(2024, 6, 1)
    )


@pytest.mark.parametrize("heading", ["分句（原文）", "分句(原文)", "分句"])
def test_a_heading_may_have_brackets_of_either_width_or_none(heading: str) -> None:
    (row,) = read(sheet_of([*HEADER[:2], heading, *HEADER[3:]], GOOD))
    assert row.clause == COLD


@pytest.mark.parametrize("point", [17, 17.0, "17", "１７", "第17点", "要点17", "17.", "第 17 项"])
def test_a_point_may_be_written_in_any_usual_way(point: Any) -> None:
    assert [r.point for r in read(sheet_of(HEADER, changed(point=point)))] == [17]


@pytest.mark.parametrize(
    "on",
    [
        datetime.combine(date(2024, 6, 1), clock(8)),
        date(2024, 6, 1),
        45444,
        20240601,
        "2024/6/1",
        "2024年6月1日",
        "２０２４.6.1",
        "2024-06-01 00:00:00",
    ],
)
def test_a_date_may_be_an_excel_date_or_text(on: Any) -> None:
    assert [r.confirmed_on for r in read(sheet_of(HEADER, changed(on=on)))] == [date(2024, 6, 1)]


def test_reordered_extra_and_missing_columns_blank_rows_and_a_title_row_are_no_obstacle() -> None:
    data = sheet_of(
        ["潮州市2024年分工表"],
        [],
        ["电话", "牵头部门", "确认人", " 要 点 ", "状态（建议/已确认）", "任务", "确认日期"],
        ["123", "供销社", "王五", 17, "已确认", COLD.replace(",", "，") + "。", "2024-06-01"],
        [None, " ", None, None],
        ["", "市交通局", None, 17, None, None, None],
    )
    assert [(r.lead, r.clause, r.status) for r in read(data)] == [
        ("市供销社", COLD, "confirmed"),
        ("市交通运输局", "", "suggested"),
    ]


def test_merged_cells_mean_their_value_for_every_row_they_cover() -> None:
    def merge(sheet: Any) -> None:
        sheet.merge_cells("A2:B3")
        sheet.merge_cells("H2:I3")
        sheet["H2"] = None

    first, second = changed(status="建议", by=None, on=None), changed(status="建议", by=None, on=None)
    second[2] = "实施农村电网巩固提升工程"
    second[4] = "供电局"
    first[1] = None
    data = sheet_of(HEADER, first, second, change=merge)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet["A3"].value is None
    # The merged block A2:B3 shows 17 in the title column as well: that is a title, and a wrong one.
    assert problems_of(data)[0].startswith("第2行“要点标题”：写的是“17”")
    data = sheet_of(
        HEADER, changed(), changed(clause="实施农村电网巩固提升工程"), change=lambda s: s.merge_cells("A2:A3")
    )
    assert [r.point for r in read(data)] == [17, 17]


def test_several_units_may_share_the_lead_and_brackets_do_not_part_names() -> None:
    (row,) = read(
        sheet_of(HEADER, changed(lead="市供销社、市商务局", joined="各县（区）指挥办；市财政局\n市商务局"))
    )
    assert (row.lead, row.co_leads) == ("市供销社", ("市商务局",))
    assert row.participants == ("各县(区)指挥办", "市财政局")


# --- what is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"point": 46}, "第3行“要点”：通知里没有第46点"),
        ({"point": "十七"}, "第3行“要点”：“十七”不是要点编号，应写数字"),
        ({"point": None}, "第3行“要点”：没有填要点编号"),
        (
            {"title": "做大文旅"},
            "第3行“要点标题”：写的是“做大文旅”，第17点的标题是“推动基础设施提能升级”，是不是错行了？",
        ),
        (
            {"clause": "新增投产冷库库容1万吨"},
            "第3行“分句”：不是第17点的原文，最接近的原文是“新增投产冷库库容0.25万吨”",
        ),
        ({"clause": "天天向上"}, "第3行“分句”：不是第17点的原文，请照通知一字不差地填写"),
        ({"part": "公路"}, "第3行“其中事项”：“公路”不在这一分句里"),
        ({"lead": "市水力局"}, "第3行“牵头单位”：单位名录里没有“市水力局”，是不是“市水务局”？"),
        ({"lead": "饶平县教育局"}, "第3行“牵头单位”：单位名录里没有“饶平县教育局”，是不是“饶平县”？"),
        ({"lead": "zzz"}, "第3行“牵头单位”：单位名录里没有“zzz”，请写单位的简称或全称"),
        ({"joined": "指挥部"}, "第3行“配合单位”：“指挥部”可能是市百千万指挥部或深潮指挥部，请写明"),
        ({"lead": None}, "第3行“牵头单位”：没有填牵头单位"),
        ({"lead": "、"}, "第3行“牵头单位”：没有填牵头单位"),
        ({"status": "好的"}, "第3行“状态”：“好的”应改为“建议”或“已确认”"),
        ({"by": None}, "第3行“确认人”：已确认的行要填确认人"),
        ({"on": None}, "第3行“确认日期”：已确认的行要填确认日期"),
        ({"on": "6月1日"}, "第3行“确认日期”：“6月1日”不是日期，应写成 2024-06-01"),
        ({"on": "2024-02-30"}, "第3行“确认日期”：“2024-02-30”不是日期，应写成 2024-06-01"),
        ({"status": "建议"}, "第3行“状态”：填了确认人或确认日期，状态应写“已确认”"),
        ({}, "第3行“要点”：与第2行重复（同一要点、同一分句）"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column_and_nothing_is_read(cells: dict, problem: str) -> None:
    assert problems_of(sheet_of(HEADER, GOOD, changed(**cells))) == [problem]


def test_all_problems_of_a_sheet_are_told_at_once() -> None:
    found = problems_of(sheet_of(HEADER, changed(point=99), GOOD, changed(lead="天文局", by=None)))
    assert [p.partition("：")[0] for p in found] == ["第2行“要点”", "第4行“牵头单位”", "第4行“确认人”"]


def test_a_workbook_without_the_headings_or_without_rows_says_what_is_missing() -> None:
    assert problems_of(sheet_of(["姓名", "电话"], ["王五", 1]))[0].startswith("没有找到表头行")
    assert problems_of(sheet_of(HEADER)) == ["表里没有填好的行（每行至少要有要点和牵头单位）"]


def test_files_that_are_no_decent_workbook_are_refused(tmp_path: Any) -> None:
    good = sheet_of(HEADER, GOOD)
    macro, bomb = io.BytesIO(good), io.BytesIO(good)
    with zipfile.ZipFile(macro, "a") as package:
        package.writestr("xl/vbaProject.bin", b"x")
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/big.xml", bytes(25_000_000))
    assert "宏" in problems_of(macro.getvalue())[0]
    assert "已拒绝打开" in problems_of(bomb.getvalue())[0]
    assert problems_of(b"") == ["文件是空的（0 字节）"]
    assert "已损坏" in problems_of(good[:-300])[0]
    assert "已损坏" in problems_of("文字".encode())[0]
    assert "另存为 .xlsx" in problems_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))[0]


def test_an_entity_bomb_inside_a_workbook_is_not_unfolded() -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 20}">' for n in range(1, 9))
    out, bombs = io.BytesIO(), 0
    with (
        zipfile.ZipFile(io.BytesIO(sheet_of(HEADER, changed(by="Zhang")))) as old,
        zipfile.ZipFile(out, "w") as new,
    ):
        for name in old.namelist():
            xml = re.sub(r"^<\?xml.*?\?>", "", old.read(name).decode())
            if "Zhang" in xml:
                xml = f'<!DOCTYPE d [<!ENTITY a0 "Zhang">{entities}]>{xml.replace("Zhang", "&a8;")}'
                bombs += 1
            new.writestr(name, xml)
    assert bombs == 1
    started = time.perf_counter()
    assert problems_of(out.getvalue())
    assert time.perf_counter() - started < 2.0


def test_a_lone_cell_at_the_end_of_the_sheet_does_not_make_reading_slow() -> None:
    def far(sheet: Any) -> None:
        sheet["A1048576"] = " "

    started = time.perf_counter()
    assert len(read(sheet_of(HEADER, GOOD, change=far))) == 1
    assert time.perf_counter() - started < 5.0


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_damaged_workbook_never_shows_a_traceback(data: st.DataObject) -> None:
    raw = bytearray(WORKBOOK)
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        rows = read(bytes(raw))
    except SheetError:
        return
    assert all(row.point == 17 for row in rows)


def test_the_units_another_notice_names_survive_export_and_import() -> None:
    text = (
        "潮安区2025年重点工作要点\n潮安百千万发〔2025〕1号\n潮安区指挥部\n2025年3月1日\n一、大抓产业发展\n"
        "1.建设冷链仓库。新建冷链仓库3座。（牵头单位：市冷链局；配合单位：市财政局、各县区）\n"
    )
    notice = parse(text)
    found = build(notice, shipped().directory, [], []).assignments
    again = sheets.read(sheets.write(found, notice), notice, shipped().directory)
    assert [(row.lead, row.participants) for row in again] == [("市冷链局", ("市财政局", "各县区"))]
