"""进展.docx, opened again: an official document that quotes and invents nothing."""

import io
from dataclasses import replace
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm

from knowledge import circular
from knowledge.ledger import LedgerRow
from supervision.progress import compose
from tests.test_ledger import BLANK, BOOK, DAY, ROAD, ROWS


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


def test_a_circular_is_a_draft_of_the_same() -> None:
    document = document_of(ROWS, title="关于6月份进展情况的通报", note="初稿，未经审定")
    assert document.paragraphs[0].text == "关于6月份进展情况的通报"
    assert document.paragraphs[1].text == "（截至2024年6月25日，初稿，未经审定）"


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    assert "a=b" in text_of(document_of([replace(ROAD, difficulty="\x00a=b\x0b\ud800")]))
