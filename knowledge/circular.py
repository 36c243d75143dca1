"""进展.docx: how far the work points are, as an official document a person goes on editing in Word.

`bqw export` writes it from a `Progress`, which `supervision/progress.py` composes of ledger rows. Pages
follow GB/T 9704; where a font is missing the file itself names the next best. It never judges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from knowledge.ledger import LedgerRow
from knowledge.progress import PointProgress, Progress
from knowledge.workbook import legible

_TITLE, _BLACK, _KAI, _SONG, _TIMES = "方正小标宋简体", "黑体", "楷体_GB2312", "宋体", "Times New Roman"
_BODY = "仿宋_GB2312"
# What Word takes where the font is not there; without it everything becomes 宋体.
_ELSE = {_TITLE: "方正小标宋_GBK,华文中宋", _BODY: "仿宋,FangSong,华文仿宋", _KAI: "楷体,KaiTi,华文楷体"}
_SAN_HAO, _ER_HAO, _SI_HAO, _WU_HAO = Pt(16), Pt(22), Pt(14), Pt(10.5)
_LINE = Pt(28.9)  # 22 lines on 225 mm
_HAN = "一二三四五六七八九十"
_NOTHING = "截至目前，暂无报送。"


def write(progress: Progress) -> bytes:
    """A .docx; every paragraph carries its own font, so that pasting elsewhere keeps it."""
    document = Document()
    _set_page(document.sections[0], document)
    _set_fonts(document)
    _describe(document, progress)
    _write_title(document, progress)
    _write_parts(document, progress)
    _write_signature(document, progress)
    if progress.annex:
        _write_annex(document, progress)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


# --- the text -------------------------------------------------------------------------------------


def _write_title(document: Any, progress: Progress) -> None:
    title = _paragraph(document, progress.title, font=_TITLE, size=_ER_HAO, indent=False)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.line_spacing = Pt(36)
    below = f"（截至{_day(progress.as_of)}{progress.note and '，' + progress.note}）"
    under = _paragraph(document, below, font=_KAI, indent=False)
    under.alignment = WD_ALIGN_PARAGRAPH.CENTER
    under.paragraph_format.space_after = _LINE


def _write_parts(document: Any, progress: Progress) -> None:
    _heading(document, "一、总体情况")
    _paragraphs(document, progress.overview)
    if progress.circular:
        _write_circular(document, progress)
        return
    _heading(document, "二、分板块进展")
    for number, section in zip(_HAN, progress.sections, strict=False):
        _paragraph(document, f"（{number}）{section.title}", font=_KAI, keep=True)
        for point in section.points:
            _write_point(document, point)
        if section.silent:
            _paragraph(document, section.silent)
    _heading(document, "三、存在问题和需协调事项")
    _paragraphs(document, progress.matters)
    _heading(document, "四、下一步")
    _paragraphs(document, progress.steps)


def _write_circular(document: Any, progress: Progress) -> None:
    """What makes a 通报 of it: what was done well, problems by kind, who is asked what by when."""
    _heading(document, "二、主要做法")
    _paragraphs(document, progress.practices)
    _heading(document, "三、存在问题")
    _paragraphs(document, progress.matters)
    _heading(document, "四、下一步要求")
    _paragraphs(document, progress.steps)


def _write_point(document: Any, point: PointProgress) -> None:
    paragraph = _paragraph(document, f"{point.heading}。", bold=True)
    _run(paragraph, "".join(point.sentences), font=_BODY, size=_SAN_HAO)


def _heading(document: Any, text: str) -> None:
    _paragraph(document, text, font=_BLACK, keep=True)


def _paragraphs(document: Any, texts: Sequence[str]) -> None:
    for text in texts or (_NOTHING,):
        _paragraph(document, text)


def _write_signature(document: Any, progress: Progress) -> None:
    _paragraph(document, "", indent=False)
    if progress.annex:
        _paragraph(document, f"附件：{progress.annex_title}")
        _paragraph(document, "", indent=False)
    for text in (progress.office, _day(progress.as_of)):
        signed = _paragraph(document, text, indent=False)
        signed.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        signed.paragraph_format.right_indent = Pt(16 * 4)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


# --- the annex ------------------------------------------------------------------------------------

_COLUMNS = (
    *(("point", "要点", 11), ("clause", "工作任务", 42), ("lead", "牵头单位", 27), ("target", "目标", 22)),
    *(("latest", "最新进展", 20), ("done", "完成率", 17), ("as_of", "截至", 17)),
)


def _write_annex(document: Any, progress: Progress) -> None:
    first = _paragraph(document, "附件", font=_BLACK, indent=False)
    first.paragraph_format.page_break_before = True
    title = _paragraph(document, progress.annex_title, font=_TITLE, size=Pt(18), indent=False)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    table = document.add_table(rows=1, cols=len(_COLUMNS), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    _narrow_margins(table)
    for column, (_, _, width) in zip(table.columns, _COLUMNS, strict=True):
        column.width = Mm(width)
    _fill(table.rows[0], [title for _, title, _ in _COLUMNS], font=_BLACK)
    _repeat(table.rows[0])
    for row in progress.annex:
        _fill(table.add_row(), _annex_cells(row), font=_BODY)


def _annex_cells(row: LedgerRow) -> list[str]:
    suggested = "\n（建议）" if row.lead and row.assignment == "建议" else ""
    told = row.latest or row.status
    words = row.clause or "（整个要点）"
    return [str(row.point), words, row.lead + suggested, row.target, told, row.done, row.as_of]


def _fill(row: Any, texts: Iterable[str], *, font: str) -> None:
    for cell, text, (key, _, width) in zip(row.cells, texts, _COLUMNS, strict=True):
        cell.width, cell.vertical_alignment = Mm(width), WD_ALIGN_VERTICAL.CENTER
        paragraph = cell.paragraphs[0]
        _run(paragraph, text, font=font, size=_WU_HAO)
        look = paragraph.paragraph_format
        look.line_spacing_rule, look.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(15)
        look.space_before = look.space_after = Pt(2)
        if key != "clause" or font == _BLACK:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _property(row._tr.get_or_add_trPr(), "w:cantSplit")


def _narrow_margins(table: Any) -> None:
    """One millimetre. Word insists on the order: margins before the look."""
    margins = _property(table._tbl.tblPr, "w:tblCellMar")
    for side in ("left", "right"):
        _property(margins, f"w:{side}", w="57", type="dxa")
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    if look is not None:
        look.addprevious(margins)


def _repeat(row: Any) -> None:
    """The headings stand again on every page."""
    _property(row._tr.get_or_add_trPr(), "w:tblHeader")


# --- paragraphs and fonts -------------------------------------------------------------------------


def _paragraph(
    document: Any,
    text: str,
    *,
    font: str = _BODY,
    size: Any = _SAN_HAO,
    bold: bool = False,
    indent: bool = True,
    keep: bool = False,
) -> Any:
    paragraph = document.add_paragraph()
    look = paragraph.paragraph_format
    look.line_spacing_rule, look.line_spacing = WD_LINE_SPACING.EXACTLY, _LINE
    look.space_before = look.space_after = Pt(0)
    look.keep_with_next = keep
    if indent:
        look.first_line_indent = Pt(32)
    if text:
        _run(paragraph, text, font=font, size=size, bold=bold)
    return paragraph


def _run(paragraph: Any, text: str, *, font: str, size: Any, bold: bool = False) -> Any:
    run = paragraph.add_run(legible(text))
    run.font.name, run.font.size, run.font.bold = _TIMES, size, bold
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)
    fonts.set(qn("w:hint"), "eastAsia")  # “ ” and — are Chinese here, as wide as a character
    return run


def _set_fonts(document: Any) -> None:
    """The look of what a person types into it later, and other fonts for where these are missing."""
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _TIMES, _SAN_HAO
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _BODY)
    part = document.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/>'
        '<w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
        for name, others in _ELSE.items()
    )
    part._blob = part.blob.replace(b"</w:fonts>", f"{fonts}</w:fonts>".encode())


def _property(parent: Any, name: str, **values: str) -> Any:
    element = OxmlElement(name)
    for key, value in values.items():
        element.set(qn(f"w:{key}"), value)
    parent.append(element)
    return element


# --- the page -------------------------------------------------------------------------------------


def _set_page(section: Any, document: Any) -> None:
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    document.settings.odd_and_even_pages_header_footer = True
    _number(section.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
    _number(section.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)


def _number(paragraph: Any, side: Any) -> None:
    """— 1 —, on the outer side and one character in."""
    paragraph.alignment = side
    look = paragraph.paragraph_format
    look.left_indent = look.right_indent = _SI_HAO
    _run(paragraph, "— ", font=_SONG, size=_SI_HAO)
    for name, value in (("w:fldChar", "begin"), ("w:instrText", "PAGE"), ("w:fldChar", "end")):
        run = _run(paragraph, "", font=_SONG, size=_SI_HAO)._element
        if name == "w:instrText":
            _property(run, name).text = value
        else:
            _property(run, name, fldCharType=value)
    _run(paragraph, " —", font=_SONG, size=_SI_HAO)


def _describe(document: Any, progress: Progress) -> None:
    """Who and what, instead of the template's own author and year."""
    about = document.core_properties
    about.author = about.last_modified_by = progress.office
    about.title, about.comments = progress.title, ""
    about.created = about.modified = datetime.combine(progress.as_of, datetime.min.time())
