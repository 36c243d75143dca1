"""进展.docx, opened again: an official document that quotes and invents nothing."""

import io
from dataclasses import replace
from datetime import datetime
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm

from knowledge import circular
from knowledge.ledger import LedgerRow
from storage.cases import Case
from supervision.circular import draft
from supervision.progress import compose
from supervision.workdays import SHANGHAI
from tests.test_ledger import BLANK, BOOK, DAY, ROAD, ROWS

DAY_AT = datetime(2024, 6, 25, 9, tzinfo=SHANGHAI)


def document_of(rows: list[LedgerRow], **named: str) -> Any:
    return Document(io.BytesIO(circular.write(compose(rows, BOOK, DAY, **named))))


def text_of(document: Any) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def test_the_document_is_laid_out_as_an_official_one() -> None:
    document = document_of(ROWS)
    page = document.sections[0]
    assert [round(length.mm) for length in (page.page_width, page.page_height)] == [210, 297]
    margins = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    assert [round(length.mm) for length in margins] == [37, 35, 28, 26]
    assert "PAGE" in page.footer._element.xml
    title, under = document.paragraphs[:2]
    assert title.runs[0]._element.rPr.rFonts.get(qn("w:eastAsia")) == "方正小标宋简体"
    assert title.runs[0].font.size.pt == 22
    assert under.text == "（截至2024年6月25日）"
    body = document.paragraphs[3].runs[0]
    assert (body._element.rPr.rFonts.get(qn("w:eastAsia")), body.font.size.pt) == ("仿宋_GB2312", 16)
    names = {str(part.partname): part for part in document.part.package.iter_parts()}
    assert "仿宋,FangSong" in names["/word/fontTable.xml"].blob.decode()


def test_the_document_says_each_figure_with_its_date_and_who_reported_it() -> None:
    text = text_of(document_of(ROWS))
    assert (
        "要点17 推动基础设施提能升级。“新改建农村公路超48.7公里”：目标超48.7公里，最新32公里，完成65.7%"
        "（截至6月25日，市交通运输局 李四报送）。"
    ) in text
    water = replace(ROAD, clause="水质合格率稳定在90%以上", target="90%以上", latest="91%", done="")
    both = text_of(document_of([ROAD, water]))
    assert "完成65.7%；“水质合格率稳定在90%以上”：目标90%以上，最新91%，进行中（截至6月25日" in both
    assert "已有进展报送的1个，尚未报送的44个" in text
    assert "绿灯1项，黄灯0项，红灯0项，未报1项" in text


def test_the_lights_add_up_to_the_figures() -> None:
    aside, draft = replace(ROAD, light=""), replace(ROAD, light="红灯（草稿）")
    words = replace(ROAD, target="", light="黄灯")  # what a unit said of the whole is no figure
    text = text_of(document_of([ROAD, aside, draft, words]))
    assert "量化指标3项" in text
    assert "绿灯1项，黄灯0项，红灯0项，红灯（草稿）1项，未报0项，不设灯1项。" in text


def test_problems_and_next_steps_are_quoted_in_the_units_own_words() -> None:
    text = text_of(document_of(ROWS))
    assert "存在困难：“2座‘危桥’管线迁改未定”；需协调：“请市里协调权属单位”" in text
    assert "“完成施工图审查”，完成时限7月15日" in text
    assert text.index("三、存在问题和需协调事项") < text.index("2座‘危桥’") < text.index("四、下一步")


def test_a_document_without_any_report_says_so_and_invents_nothing() -> None:
    text = text_of(document_of([BLANK]))
    assert text.count("截至目前，暂无报送。") == 2
    assert "要点17、18、19、20、21、22、23、24尚未报送进展。" in text


def test_the_annex_lists_what_is_measured_and_marks_suggestions() -> None:
    table = document_of(ROWS).tables[0]
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows[0] == ["要点", "工作任务", "牵头单位", "目标", "最新进展", "完成率", "截至"]
    assert rows[4] == [
        *(
            "17",
            "新改建农村公路超48.7公里",
            "市交通运输局\n（建议）",
            "超48.7公里",
            "32公里",
            "65.7%",
            "6月25日",
        ),
    ]
    assert sum(column.width for column in table.columns) <= Mm(157)
    order = [element.tag.rpartition("}")[2] for element in table._tbl.tblPr]
    assert order == [*("tblStyle", "tblW", "jc", "tblLayout", "tblCellMar", "tblLook")]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


# --- 通报 -------------------------------------------------------------------------------------------------


CASES = [
    Case("7号", "case", "潮安区", "示范街先议后建", "全文", "zhengyun", "k1", DAY_AT),
    Case("7号", "reform", "市水务局", "一户一表", "全文", "sun", "k2", DAY_AT),
]


def circular_of(rows: list[LedgerRow], cases: list[Case] = CASES) -> str:
    found = draft(rows, BOOK, DAY, cases, note="初稿，未经审定")
    return text_of(Document(io.BytesIO(circular.write(found))))


def test_a_circular_has_the_four_parts_of_a_circular() -> None:
    text = circular_of(ROWS)
    lines = text.splitlines()
    assert lines[0] == "关于2024年“百千万工程”工作要点进展情况的通报"
    assert lines[1] == "（截至2024年6月25日，初稿，未经审定）"
    heads = [line for line in lines if line[:2] in ("一、", "二、", "三、", "四、")]
    assert heads == ["一、总体情况", "二、主要做法", "三、存在问题", "四、下一步要求"]
    assert "潮安区报送典型案例《示范街先议后建》（6月25日），材料已存入案例库。" in text
    assert "市水务局报送改革举措《一户一表》" in text
    assert "“大抓产业发展”11个要点，已报送0个" in text
    assert "附件：2024年“百千万工程”工作要点进展情况明细表" in text


def test_its_problems_are_grouped_by_kind_and_name_no_unit() -> None:
    poor = replace(
        ROAD, point=18, title="园区", difficulty="配套资金未到位", help_needed="", reporter="市某局 张三"
    )
    text = circular_of([ROAD, poor])
    problems = text[text.index("三、存在问题") : text.index("四、下一步要求")]
    assert (
        "（一）管线迁改和权属方面（1项）。要点17（推动基础设施提能升级）反映“2座‘危桥’管线迁改未定"
        in problems
    )
    assert "（二）资金方面（1项）。要点18（园区）反映“配套资金未到位”（6月25日）。" in problems
    for name in ("市交通运输局", "李四", "市某局", "张三"):
        assert name not in problems


def test_its_demands_leave_gaps_instead_of_inventing_days() -> None:
    late = replace(ROAD, light="黄灯", next_step="", due="")
    text = circular_of([late])
    asked = text[text.index("四、下一步要求") :]
    assert "1.进度慢于时间要求的要点17，请责任单位分析原因，于　月　日前" in asked
    assert "尚未报送进展的要点1、2、3" in asked
    for word in ("必须", "责令", "约谈"):
        assert word not in text
    assert "“完成施工图审查”，时限7月15日。" in circular_of(ROWS)


def test_a_reached_target_is_a_practice_and_nothing_is_when_nothing_was() -> None:
    done = replace(ROAD, latest="50公里", done="102.7%")
    assert "最新50公里，完成102.7%，截至6月25日，已达到目标。" in circular_of([done], [])
    text = circular_of([BLANK], [])
    assert text[text.index("二、主要做法") :].splitlines()[1] == "截至目前，暂无报送。"


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    assert "a=b" in text_of(document_of([replace(ROAD, difficulty="\x00a=b\x0b\ud800")]))
