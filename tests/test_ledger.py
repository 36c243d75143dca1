"""台账.xlsx, opened again, and the rows it is made of: layout, and where each figure comes from."""

import io
from dataclasses import replace
from datetime import date
from typing import Any

import openpyxl
import pytest
from sqlalchemy import insert

from knowledge import ledger
from knowledge.book import shipped
from knowledge.ledger import LedgerRow
from storage import people
from storage.engine import Database
from storage.person import PersonRow
from storage.tables import figures, reports
from supervision import ledger as query
from supervision.progress import compose
from supervision.rules import Rules
from supervision.workdays import Workdays
from tests.conftest import MONDAY
from tests.town import Town

BOOK = shipped()
DAY = date(2024, 6, 25)
ROAD = LedgerRow(
    section="三、大抓公共服务和社会治理",
    point=17,
    title="推动基础设施提能升级",
    clause="新改建农村公路超48.7公里",
    lead="市交通运输局",
    participants="市财政局",
    assignment="建议",
    target="超48.7公里",
    latest="32公里",
    done="65.7%",
    light="绿灯",
    status="进行中",
    difficulty="2座“危桥”管线迁改未定。",
    help_needed="请市里协调权属单位",
    next_step="完成施工图审查",
    due="7月15日",
    as_of="6月25日",
    reporter="市交通运输局 李四",
    source="app:1000002:7001",
)
BLANK = replace(
    ROAD,
    **dict.fromkeys(
        ("latest", "done", "light", "status", "difficulty", "help_needed", "next_step", "due", "as_of"), ""
    ),
    reporter="",
    source="",
)
ROWS = [
    replace(BLANK, section="一、大抓产业发展", point=3, title="加大县域重大产业项目谋划建设", clause="甲"),
    replace(
        BLANK,
        section="一、大抓产业发展",
        point=3,
        title="加大县域重大产业项目谋划建设",
        clause="乙",
        lead="潮安区",
    ),
    replace(BLANK, section="一、大抓产业发展", point=4, title="推动产业体系优化升级", clause="丙"),
    ROAD,
    replace(BLANK, clause="新增投产冷库库容0.25万吨", target="0.25万吨", lead="市供销社", light="未报"),
]


# --- the workbook ---------------------------------------------------------------------------------


def sheet_of(rows: list[LedgerRow]) -> Any:
    data = ledger.write(rows, title="2024年“百千万工程”工作要点台账", as_of=DAY, office="市百千万办")
    return openpyxl.load_workbook(io.BytesIO(data))["台账"]


def test_the_ledger_has_its_title_date_and_headings_on_two_levels() -> None:
    sheet = sheet_of(ROWS)
    merged = {str(block) for block in sheet.merged_cells.ranges}
    assert sheet["A1"].value == "2024年“百千万工程”工作要点台账"
    assert sheet["A2"].value == "截至2024年6月25日"
    assert {"A1:S1", "A3:A4", "E3:G3", "H3:L3", "M3:P3", "Q3:S3"} <= merged
    groups = [sheet.cell(3, at).value for at in (5, 8, 13, 17)]
    assert groups == ["责任分工", "目标与进展", "存在问题", "来源"]
    assert [cell.value for cell in sheet[4]][4:12] == [
        *("牵头单位", "配合单位", "分工状态", "目标", "最新进展", "完成率", "亮灯", "状态"),
    ]


def test_sections_and_points_are_merged_over_their_rows_and_nothing_across_points() -> None:
    merged = {str(block) for block in sheet_of(ROWS).merged_cells.ranges}
    assert {"A5:A7", "B5:B6", "C5:C6", "A8:A9", "B8:B9", "C8:C9"} <= merged
    assert not any(block.startswith("E") and block != "E3:G3" for block in merged)


def test_the_ledger_prints_on_a3_across_with_its_headings_on_every_page() -> None:
    sheet = sheet_of(ROWS)
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (8, "landscape")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$3:$4"
    assert sheet.freeze_panes == "D5"
    assert sheet["A1"].font.name == "方正小标宋简体"
    assert sheet["D8"].font.name == "仿宋"
    assert all(cell.alignment.wrap_text for cell in sheet[8])


def test_a_long_text_makes_its_row_high_enough() -> None:
    sheet = sheet_of([ROAD, replace(ROAD, clause="丁", difficulty="难" * 200)])
    assert sheet.row_dimensions[6].height > 4 * sheet.row_dimensions[5].height


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\x00=1\x0b"])
def test_no_text_becomes_a_formula_and_no_character_breaks_the_file(text: str) -> None:
    sheet = sheet_of([replace(ROAD, difficulty=text, lead=text, section=text)])
    cells = [cell for line in sheet for cell in line]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert sheet["M5"].value == text.replace("\x00", "").replace("\x0b", "")


def test_an_empty_ledger_is_still_a_sheet() -> None:
    assert sheet_of([]).max_row == 4


def test_behind_the_ledger_stand_the_words_of_each_message_once() -> None:
    rows = [replace(ROAD, words="①32，=1+1"), replace(ROAD, clause="丁", words="①32，=1+1"), BLANK]
    data = ledger.write(rows, title="台账", as_of=DAY, office="市百千万办")
    sheet = openpyxl.load_workbook(io.BytesIO(data))["原话"]
    assert [[cell.value for cell in line] for line in sheet] == [
        ["来源消息", "要点", "截至日期", "填报人", "原话"],
        ["app:1000002:7001", 17, "6月25日", "市交通运输局 李四", "①32，=1+1"],
    ]
    assert not [cell for line in sheet for cell in line if cell.data_type == "f"]


async def test_a_number_leads_to_the_words_that_said_it_after_corrections(here: Town) -> None:
    """The 台账 named a message by its key, and nothing told the office what it had said."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue("huangwei", ("①25 ②5", "已记"), ("②改成4", "4座"), ("撤回", "5座"), ("②改成3", "3座"))
    async with here.bot.database.transaction() as conn:
        told = await query.rows(conn, BOOK, MONDAY, workdays=Workdays(), rules=Rules())
    words = {row.target: row.words for row in told if row.latest}
    assert words == {"超48.7公里": "①25 ②5", "10座": "②改成3"}


# --- from the database ----------------------------------------------------------------------------


def report(id: int, unit: str, **named: Any) -> dict[str, Any]:
    return {
        "id": id,
        "doc_number": BOOK.notice.doc_number,
        "point": 17,
        "unit": unit,
        "round_id": None,
        "replaces": None,
        "kind": "report",
        "person": "lisi",
        "message_key": f"app:1:{id}",
        "at": MONDAY,
        "as_of": DAY,
        "text": "",
        "percent": None,
        "status": "进行中",
        "difficulty": "",
        "help_needed": "",
        "next_step": "",
        "due": None,
        "nothing_new": False,
        "elsewhere": False,
        "late": False,
    } | named


def figure(report_id: int, value: float) -> dict[str, Any]:
    return {
        "report_id": report_id,
        "target": "17-1",
        "what": "新改建农村公路",
        "value": value,
        "unit": "公里",
        "in_target_unit": value,
        "message_key": f"app:1:{report_id}",
        "as_of": DAY,
    }


async def test_the_ledger_shows_the_newest_word_and_neither_corrected_nor_withdrawn_ones(
    database: Database,
) -> None:
    said = [
        report(1, "市交通运输局"),
        report(2, "市交通运输局", replaces=1, kind="correction", next_step="动工", due=date(2024, 7, 15)),
        report(3, "市水务局", difficulty="没有的事"),
        report(4, "市水务局", replaces=3, kind="withdrawn"),
    ]
    async with database.transaction() as conn:
        await people.bind(
            conn, [PersonRow("lisi", "李四", "liaison", "市交通运输局")], by="office", now=MONDAY
        )
        await conn.execute(insert(reports), said)
        await conn.execute(insert(figures), [figure(1, 23), figure(2, 32)])
        rows = await query.rows(conn, BOOK, MONDAY, workdays=Workdays(), rules=Rules())
    (road,) = [row for row in rows if row.latest]
    assert (road.clause, road.target, road.latest, road.done) == (
        *("新改建农村公路超48.7公里", "超48.7公里", "32公里", "65.7%"),
    )
    assert (road.as_of, road.reporter, road.source) == ("6月25日", "市交通运输局 李四", "app:1:2")
    assert (road.next_step, road.due, road.light) == ("动工", "7月15日", "绿灯")
    assert not [row for row in rows if row.difficulty]
    assert {row.point for row in rows} == {point.number for point in BOOK.notice.points}


async def test_a_step_is_shown_with_the_day_reckoned_from_when_it_was_said(database: Database) -> None:
    said = report(1, "市水务局", text="下周五前报方案", next_step="下周五前报方案")
    async with database.transaction() as conn:
        await conn.execute(insert(reports), [said])
        rows = await query.rows(conn, BOOK, MONDAY, workdays=Workdays(), rules=Rules())
    (row,) = [row for row in rows if row.source]
    assert (row.next_step, row.due) == ("下周五前报方案（7月5日）", "")
    (step,) = compose(rows, BOOK, DAY).steps
    assert "，“下周五前报方案”（7月5日）（截至6月25日，" in step


async def test_a_report_without_figures_has_a_row_of_its_own(database: Database) -> None:
    async with database.transaction() as conn:
        await conn.execute(insert(reports), [report(1, "市水务局", percent=45.5, difficulty="缺管材")])
        rows = await query.rows(conn, BOOK, MONDAY, workdays=Workdays(), rules=Rules())
    (row,) = [row for row in rows if row.source]
    assert (row.clause, row.done, row.difficulty, row.reporter) == ("", "45.5%", "缺管材", "市水务局 lisi")
