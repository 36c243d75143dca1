"""The notice read from its own words: the shipped one, others of its kind, and files that are none."""

import contextlib
import io
import time
import zipfile
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import files
from knowledge.notice import Notice, NoticeError, Problem, parse

SHIPPED = Path("knowledge/data/notice.txt").read_text("utf-8")

COUNTY = """饶平县“百千万工程”指挥部文件
饶百千万发〔2025〕3号

关于印发《饶平县2025年推进“百千万工程”
工作要点》的通知

各镇人民政府,县有关单位:
现将工作要点印发给你们,请认真贯彻执行。
附件:1.任务分工表
   2.联络员名单
饶平县“百千万工程”指挥部
2025年3月12日

2025年,我县将坚持稳中求进。
一、产业
1.强化产业。推进食品工业;推进陶瓷工业。全年不少于3个项目。
2.做强海洋。建设海洋牧场2个。
二、民生
3.办好教育。新建学校1所。
"""


def problems_of(text: str) -> list[str]:
    with pytest.raises(NoticeError) as caught:
        parse(text)
    return [str(problem) for problem in caught.value.problems]


def body(points: str) -> str:
    return f"关于印发工作要点的通知\n潮百千万发〔2025〕1号\n2025年1月2日\n{points}"


# --- the shipped notice ---------------------------------------------------------------------------


def test_the_shipped_notice_says_who_issued_it_when_and_under_which_number() -> None:
    notice = parse(SHIPPED)
    assert notice.doc_number == "潮百千万发〔2024〕7号"
    assert notice.issued_on == date(2024, 5, 6)
    assert notice.issuer == "潮州市“百县千镇万村高质量发展工程”指挥部"
    assert notice.year == 2024
    assert notice.title.startswith("潮州市“百县千镇万村高质量发展工程”指挥部关于印发《")
    assert notice.title.endswith("》的通知")
    assert notice.preamble.startswith("2024年,我市将坚持")
    assert notice.text == SHIPPED


def test_the_shipped_notice_has_six_sections_and_forty_five_points_in_order() -> None:
    notice = parse(SHIPPED)
    assert [p.number for p in notice.points] == list(range(1, 46))
    assert [(s.number, s.title, len(s.points)) for s in notice.sections] == [
        (1, "大抓产业发展", 11),
        (2, "大抓人居环境建设", 5),
        (3, "大抓公共服务和社会治理", 8),
        (4, "大抓体制机制改革", 8),
        (5, "大抓社会力量参与", 6),
        (6, "加强组织实施", 7),
    ]
    assert all(p.lead is None and not p.units for p in notice.points)


def test_a_point_is_its_title_and_its_clauses_word_for_word() -> None:
    point = parse(SHIPPED).point(17)
    assert point is not None
    assert point.title == "推动基础设施提能升级"
    assert [c.text for c in point.clauses][3] == "完善一体化农产品冷链物流网建设,新增投产冷库库容0.25万吨"
    assert SHIPPED.splitlines()[point.line - 1] == f"17.{point.text}"


def test_every_clause_of_the_shipped_notice_is_an_exact_part_of_its_point() -> None:
    for point in parse(SHIPPED).points:
        assert point.clauses
        assert all(c.text in point.text and c.point == point.number for c in point.clauses)
        words = point.title + "".join(c.text for c in point.clauses)
        assert words == point.text.replace("。", "")


def test_a_number_that_is_not_in_the_notice_is_no_point() -> None:
    assert parse(SHIPPED).point(46) is None


# --- another notice of the same kind --------------------------------------------------------------


def test_a_countys_notice_is_read_beside_the_first() -> None:
    notice = parse(COUNTY)
    assert notice.title == "关于印发《饶平县2025年推进“百千万工程”工作要点》的通知"
    assert (notice.doc_number, notice.year) == ("饶百千万发〔2025〕3号", 2025)
    assert notice.issuer == "饶平县“百千万工程”指挥部"
    assert notice.issued_on == date(2025, 3, 12)
    assert [s.points for s in notice.sections] == [(1, 2), (3,)]
    first = notice.points[0]
    assert [c.text for c in first.clauses] == ["推进食品工业", "推进陶瓷工业", "全年不少于3个项目"]


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace("\n", "\r\n"),
        lambda t: "\ufeff" + t.replace("\n", "\r"),
        lambda t: t.replace("1.强", "\u3000\u30001．强").replace("2.做", "２、做").replace("3.办", "3. 办"),
        lambda t: t.replace("\n2.做", "\n- 2 -\n\n2.做").replace("\n二、", "\n第 3 页 共 9 页\n二、"),
        lambda t: t.replace("〔2025〕", "[2025]").replace("2025年3月12日", "二〇二五年三月十二日"),
        lambda t: t.replace("饶百千万发〔2025〕3号", "饶百千万发（２０２５）３号  签发人：张三"),
        lambda t: t + "附件1\n任务分工表\n1.第一项\n1.第二项\n",
        lambda t: t + "抄送:县委办公室。\n",
    ],
    ids=[
        "crlf",
        "cr-and-bom",
        "full-width",
        "page-numbers",
        "han-date",
        "number-line",
        "attachment",
        "copies",
    ],
)
def test_the_same_notice_is_read_however_it_was_typed(change) -> None:
    notice = parse(change(COUNTY))
    assert notice.doc_number == "饶百千万发〔2025〕3号"
    assert notice.issued_on == date(2025, 3, 12)
    assert [(p.number, p.title) for p in notice.points] == [(1, "强化产业"), (2, "做强海洋"), (3, "办好教育")]
    assert notice.points[2].text == "办好教育。新建学校1所。"


def test_a_notice_signed_below_its_points_keeps_the_signature_out_of_the_last_point() -> None:
    notice = parse(
        "关于做好工作的通知\n潮府〔2025〕9号\n1.甲事项。做好甲。\n2.乙事项。做好乙。\n\n潮州市指挥部\n2025年1月2日\n"
    )
    assert notice.points[1].text == "乙事项。做好乙。"
    assert (notice.issuer, notice.issued_on) == ("潮州市指挥部", date(2025, 1, 2))
    assert notice.sections == ()


def test_lines_like_一_inside_a_point_belong_to_it() -> None:
    notice = parse(body("1.抓好农业\n(一)种好地。防治虫害。\n（二）养好鱼。\n2.抓好林业。多种树。\n"))
    assert notice.points[0].text == "抓好农业\n(一)种好地。防治虫害。\n（二）养好鱼。"
    assert notice.points[0].title == "抓好农业"
    assert [c.text for c in notice.points[0].clauses] == ["种好地", "防治虫害", "养好鱼"]


def test_a_number_that_begins_a_wrapped_line_is_no_point() -> None:
    notice = parse(body("1.强化产业。产值达到\n1.2亿元以上。\n2.2025年底前完成改造。再检查一次。\n"))
    assert notice.points[0].text == "强化产业。产值达到\n1.2亿元以上。"
    assert notice.points[1].title == "2025年底前完成改造"


def test_a_semicolon_inside_quotes_or_brackets_does_not_part_a_clause() -> None:
    notice = parse(body("1.标题。推进“甲;乙”工程(含丙;丁);抓好戊。他说“好。”再抓己。\n"))
    assert [c.text for c in notice.points[0].clauses] == [
        "推进“甲;乙”工程(含丙;丁)",
        "抓好戊",
        "他说“好。”",
        "再抓己",
    ]


# --- units named by the notice --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "lead", "units"),
    [
        ("\n责任单位:市教育局、各县（区）人民政府", "市教育局", ("市教育局", "各县(区)人民政府")),
        ("\n牵头单位：市教育局\n配合单位：市财政局，市审计局", "市教育局", ("市财政局", "市审计局")),
        ("\n责任单位:市教育局、\n市财政局", "市教育局", ("市教育局", "市财政局")),
        (
            "〔(责任单位:市教育局;配合单位:市财政局、市审计局)〕",
            "市教育局",
            ("市教育局", "市财政局", "市审计局"),
        ),
        ("（牵头单位：市教育局；完成时限：2025年12月）", "市教育局", ()),
        ("(市教育局、市财政局负责)", "市教育局", ("市教育局", "市财政局")),
        ("(市教育局牵头,市财政局、各县(区)配合)", "市教育局", ("市财政局", "各县(区)")),
        ("(配合单位:市财政局)", None, ("市财政局",)),
        ("\n责任单位:市教育局牵头,市财政局、市审计局配合", "市教育局", ("市财政局", "市审计局")),
    ],
)
def test_units_named_at_the_end_of_a_point_are_not_part_of_its_text(written, lead, units) -> None:
    point = parse(body(f"1.办好教育。新建学校1所。{written}\n2.其他。做好其他。")).points[0]
    assert (point.lead, point.units) == (lead, units)
    assert point.text == "办好教育。新建学校1所。"
    assert [c.text for c in point.clauses] == ["新建学校1所"]


def test_units_named_after_single_sentences_belong_to_those_sentences() -> None:
    text = "1.办好教育。新建学校1所。(市教育局负责)修好道路。(市交通运输局负责)"
    point = parse(body(text)).points[0]
    assert [(c.text, c.lead) for c in point.clauses] == [
        ("新建学校1所", "市教育局"),
        ("修好道路", "市交通运输局"),
    ]
    assert point.lead is None
    assert point.units == ("市教育局", "市交通运输局")
    assert point.text in text


def test_prose_in_brackets_is_not_taken_for_units() -> None:
    point = parse(body("1.办好教育。建设园区(预制菜),推进改革(由他人负责)。")).points[0]
    assert (point.lead, point.units) == (None, ())
    assert point.clauses[0].text == "建设园区(预制菜),推进改革(由他人负责)"


# --- what is wrong is said, all at once -----------------------------------------------------------


def test_gaps_doubles_and_empty_points_are_reported_together_with_their_lines() -> None:
    text = body(
        "一、甲\n1.标题。正文。\n3.标题。正文。\n3.标题。正文。\n三、乙\n4.\n5.标题。正文。\n6.标题。正文。"
    )
    assert problems_of(text) == [
        "第6行：要点编号不连续，1之后是3，缺2",
        "第7行：要点编号3重复，第6行已经用过",
        "第8行：部分编号不连续，1之后是3，缺2",
        "第9行：第4点没有内容",
    ]


def test_a_heading_without_a_body_is_reported_where_the_others_have_one() -> None:
    lines = SHIPPED.split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("36."))
    lines[at] = "36.进一步发挥智库参谋作用。"
    assert problems_of("\n".join(lines)) == [f"第{at + 1}行：第36点只有标题，没有内容"]


def test_points_that_do_not_begin_at_one_are_reported() -> None:
    assert problems_of(body("3.标题。正文。")) == ["第4行：要点编号不连续，从3开始，缺1至2"]


def test_a_text_without_points_or_number_is_no_notice() -> None:
    assert problems_of("今天天气很好") == [
        "没有找到工作要点（形如“1.……”的段落）",
        "没有找到发文字号（形如“潮百千万发〔2024〕7号”，单独成行）",
    ]
    assert len(problems_of("")) == 2


def test_a_number_of_another_document_quoted_in_the_text_is_not_its_own() -> None:
    text = "关于印发工作要点的通知\n根据《意见》(粤发〔2022〕1号)要求,印发给你们。\n1.标题。正文。"
    assert problems_of(text) == ["没有找到发文字号（形如“潮百千万发〔2024〕7号”，单独成行）"]


# --- properties -----------------------------------------------------------------------------------

_LINES = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(
            [
                "一、甲",
                "二、乙",
                "1.标题。正文;正文。",
                "2．标题",
                "2.",
                "(一)分项。",
                "责任单位:市教育局、",
                "附件1",
                "潮府〔2025〕1号",
                "2025年1月2日",
                "- 3 -",
                "〔(责任单位:甲局;配合单位:乙局)〕",
                "“。”",
                "(市甲局负责)",
            ]
        ),
    ),
    max_size=25,
)


def check_exact(notice: Notice) -> None:
    numbers = [p.number for p in notice.points]
    assert numbers == list(range(1, len(numbers) + 1))
    at = 0
    for point in notice.points:
        at = notice.text.index(point.text, at)
        assert point.text.strip() == point.text != ""
        begin = 0
        for clause in point.clauses:
            begin = point.text.index(clause.text, begin)
            assert clause.text


@given(_LINES)
@settings(max_examples=300, deadline=None)
def test_any_text_is_either_a_notice_in_its_own_words_or_a_list_of_problems(lines: list[str]) -> None:
    for head in ("", "关于某事的通知\n潮府〔2025〕1号\n1.标题。正文。\n"):
        try:
            notice = parse(head + "\n".join(lines))
        except NoticeError as error:
            said = error.problems
        else:
            said = [Problem(0, "读得懂")]
            check_exact(notice)
            again = parse(notice.text)
            assert [(p.number, p.text, p.clauses) for p in again.points] == [
                (p.number, p.text, p.clauses) for p in notice.points
            ]
        assert said
        assert all(p.what and p.line >= 0 for p in said)


def test_there_is_no_point_zero() -> None:
    assert problems_of(body("0.标题。正文。")) == ["第4行：要点编号0，编号应从1开始"]


@given(st.permutations(range(1, 8)))
def test_numbers_out_of_order_are_never_accepted(numbers: list[int]) -> None:
    text = body("\n".join(f"{n}.标题{n}。正文{n}。" for n in numbers))
    if numbers == sorted(numbers):
        assert [p.number for p in parse(text).points] == numbers
    else:
        assert problems_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "1." * 32_000,
        "1.(" * 21_000,
        "1." + "(市教育局、" * 10_000 + "负责)",
        " " * 64_000 + "x",
        "3" + " " * 64_000 + "x",
        "1." + "(" + "市局" * 30_000 + "牵头,负责",
        "责任单位:" + "、\n" * 21_000,
        "1.标题\n" + "责任单位:市局、\n" * 8_000,
        "潮" * 64_000 + "〔2024〕7号",
        "关于\n" * 20_000,
        "1.标题。\n" * 9_000,
        "“" * 64_000 + "。" * 100,
        "\n".join(f"{n}.标题{n}。正文(市教育局负责)。" for n in range(1, 1_000)),
    ],
)
def test_a_hostile_text_of_64_kilobytes_is_judged_quickly(text: str) -> None:
    started = time.perf_counter()
    for whole in (text, f"潮府〔2025〕1号\n1.标题。正文。\n{text}"):
        with contextlib.suppress(NoticeError):
            parse(whole)
    assert time.perf_counter() - started < 2.0


# --- files ----------------------------------------------------------------------------------------


def read(path: Path) -> Notice:
    return parse("\n".join(files.read_lines(path)))


def refusal(path: Path) -> str:
    with pytest.raises(NoticeError) as caught:
        files.read_lines(path)
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_file_is_read_in_any_encoding_an_office_uses(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "通知.txt"
    path.write_bytes(SHIPPED.replace("\n", "\r\n").encode(encoding))
    assert read(path) == parse(SHIPPED)


def test_unreadable_lines_of_a_text_file_are_named(tmp_path: Path) -> None:
    path = tmp_path / "坏.txt"
    path.write_bytes("第一行\n".encode() + b"\xff\xff\n" + "第三行\n".encode() + b"\x81\n")
    assert refusal(path) == (
        "第2行：这一行的文字无法识别，文件编码应为 UTF-8 或 GB18030；"
        "第4行：这一行的文字无法识别，文件编码应为 UTF-8 或 GB18030"
    )


def test_files_that_are_no_notice_are_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "空.txt").write_bytes(b"")
    (tmp_path / "程序.txt").write_bytes(b"\x7fELF\n\x00\x01")
    (tmp_path / "旧.doc").write_bytes(b"x")
    (tmp_path / "扫描.pdf").write_bytes(b"%PDF")
    (tmp_path / "假.docx").write_bytes("其实是文字".encode())
    (tmp_path / "加密.docx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert refusal(tmp_path / "空.txt") == "文件是空的（0 字节）"
    assert refusal(tmp_path / "程序.txt") == "第2行：这不是文本文件（含有二进制内容）"
    assert refusal(tmp_path / "旧.doc").endswith("请先用 Office 或 WPS 另存为 .docx")
    assert "复制文字" in refusal(tmp_path / "扫描.pdf")
    assert refusal(tmp_path / "假.docx").startswith("文件已损坏，或者不是 .docx 文件")
    assert "密码" in refusal(tmp_path / "加密.docx")
    assert refusal(tmp_path / "没有.txt") == "打不开“没有.txt”：没有这个文件"
    assert refusal(tmp_path) != ""


def docx_file(path: Path, lines: list[str]) -> Path:
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    document.save(str(path))
    return path


def test_a_word_file_is_read_like_the_text_it_holds(tmp_path: Path) -> None:
    path = docx_file(tmp_path / "通知.docx", SHIPPED.rstrip("\n").split("\n"))
    notice = read(path)
    assert notice.points == parse(SHIPPED).points
    assert notice.doc_number == "潮百千万发〔2024〕7号"


def test_words_in_table_cells_of_a_word_file_are_read(tmp_path: Path) -> None:
    document = Document()
    table = document.add_table(1, 2)
    table.cell(0, 0).text = "潮府〔2025〕1号"
    table.cell(0, 1).text = "签发人:张三"
    document.add_paragraph("1.标题。正文。")
    document.save(str(tmp_path / "表.docx"))
    assert read(tmp_path / "表.docx").doc_number == "潮府〔2025〕1号"


def numbered_document(section: str, point: str) -> Document:
    """Sections and points of two automatic lists; the text itself carries no numbers."""
    document = Document()
    numbering = document.part.numbering_part.element
    for at, (format, pattern) in enumerate(((section, "%1、"), (point, "%1.")), start=70):
        numbering.insert(
            0,
            parse_xml(
                f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{at}"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
                f'<w:numFmt w:val="{format}"/><w:lvlText w:val="{pattern}"/></w:lvl></w:abstractNum>'
            ),
        )
        numbering.append(
            parse_xml(f'<w:num {nsdecls("w")} w:numId="{at}"><w:abstractNumId w:val="{at}"/></w:num>')
        )
    document.add_paragraph("关于某事的通知")
    document.add_paragraph("潮府〔2025〕1号")
    for text, list_number in (
        ("产业", 70),
        ("强化甲。做好甲。", 71),
        ("强化乙。做好乙。", 71),
        ("民生", 70),
        ("办丙。做好丙。", 71),
    ):
        properties = document.add_paragraph(text)._p.get_or_add_pPr()
        properties.append(
            parse_xml(
                f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="{list_number}"/></w:numPr>'
            )
        )
    return document


@pytest.mark.parametrize("section", ["chineseCounting", "chineseCountingThousand", "japaneseCounting"])
def test_automatic_numbers_of_a_word_file_are_written_out(tmp_path: Path, section: str) -> None:
    numbered_document(section, "decimal").save(str(tmp_path / "自动.docx"))
    notice = read(tmp_path / "自动.docx")
    assert [(s.number, s.title, s.points) for s in notice.sections] == [
        (1, "产业", (1, 2)),
        (2, "民生", (3,)),
    ]
    assert [p.text for p in notice.points] == ["强化甲。做好甲。", "强化乙。做好乙。", "办丙。做好丙。"]


def test_an_automatic_number_of_a_strange_kind_is_reported_with_its_line(tmp_path: Path) -> None:
    numbered_document("chineseCounting", "hebrew1").save(str(tmp_path / "怪.docx"))
    assert refusal(tmp_path / "怪.docx").startswith("第4行：自动编号的格式“hebrew1”读不出来")


def test_a_word_file_with_macros_a_bomb_or_damage_is_refused(tmp_path: Path) -> None:
    good = docx_file(tmp_path / "好.docx", ["甲"]).read_bytes()
    for name, extra in (
        ("宏.docx", {"word/vbaProject.bin": b"x"}),
        ("炸弹.docx", {"word/big.xml": bytes(25_000_000)}),
    ):
        out = io.BytesIO(good)
        with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as package:
            for part, content in extra.items():
                package.writestr(part, content)
        (tmp_path / name).write_bytes(out.getvalue())
    (tmp_path / "半.docx").write_bytes(good[: len(good) // 2])
    assert "宏" in refusal(tmp_path / "宏.docx")
    assert refusal(tmp_path / "炸弹.docx").endswith("已拒绝打开")
    assert "已损坏" in refusal(tmp_path / "半.docx")


def test_an_entity_bomb_inside_a_word_file_is_not_unfolded(tmp_path: Path) -> None:
    good = docx_file(tmp_path / "好.docx", ["甲"])
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 20}">' for n in range(1, 9))
    evil = (
        f'<!DOCTYPE d [<!ENTITY a0 "甲乙丙丁">{bomb}]><w:document {nsdecls("w")}><w:body>'
        "<w:p><w:r><w:t>&a8;</w:t></w:r></w:p></w:body></w:document>"
    )
    replace_part(good, tmp_path / "恶.docx", "word/document.xml", evil.encode())
    started = time.perf_counter()
    assert refusal(tmp_path / "恶.docx")
    assert time.perf_counter() - started < 2.0


def replace_part(source: Path, target: Path, part: str, content: bytes) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_damaged_word_file_never_shows_a_traceback(tmp_path_factory, data) -> None:
    out = io.BytesIO()
    document = Document()
    document.add_paragraph("甲")
    document.save(out)
    raw = bytearray(out.getvalue())
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("docx") / "坏.docx"
    path.write_bytes(raw)
    with contextlib.suppress(NoticeError):
        assert files.read_lines(path)
