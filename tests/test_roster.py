"""人员表.xlsx: out and in again unchanged, and every wrong cell named by sheet row and column."""

import io
import time
import zipfile
from dataclasses import replace
from typing import Any

import openpyxl
import pytest

from knowledge import roster
from knowledge.book import shipped
from knowledge.workbook import SheetError
from storage.person import PersonRow

DIRECTORY = shipped().directory
HEADER = ["账号", "姓名", "角色", "单位", "职务", "手机"]
GOOD: list[Any] = ["LiSi", "李四", "联络员", "市水务局", "科长", "13800138000"]


def sheet_of(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(*rows: list[Any]) -> tuple[PersonRow, ...]:
    return roster.read(sheet_of(*rows), DIRECTORY)


def problems_of(data: bytes) -> list[str]:
    with pytest.raises(SheetError) as caught:
        roster.read(data, DIRECTORY)
    return caught.value.problems


def changed(**cells: Any) -> list[Any]:
    keys = ["userid", "name", "role", "unit", "post", "mobile"]
    return [cells.get(key, value) for key, value in zip(keys, GOOD, strict=True)]


def test_a_row_is_read_with_its_account_in_lower_case_and_its_units_short_name() -> None:
    assert read(HEADER, changed(unit="潮州市水务局")) == (
        PersonRow("lisi", "李四", "liaison", "市水务局", "科长", "13800138000"),
    )


def test_columns_may_stand_in_any_order_under_other_usual_headings_below_a_title() -> None:
    found = read(
        ["市百千万办人员表"],
        ["联系电话", "所在单位", "身份", "备注", "姓 名", "账号（userid）"],
        [13800138000.0, "饶平", "领导", "新任", "王 五", 1024],
        [None, None, None, None, None, " "],
    )
    assert found == (PersonRow("1024", "王 五", "leader", "饶平县", "", "13800138000"),)


@pytest.mark.parametrize(
    "unit", ["潮安区", "潮安", "潮安区指挥办", "潮安区百千万办", "潮安区“百千万工程”指挥部办公室"]
)
def test_a_countys_headquarters_office_speaks_for_the_county(unit: str) -> None:
    assert [row.unit for row in read(HEADER, changed(unit=unit))] == ["潮安区"]


def test_every_role_is_known_and_leaders_of_the_city_and_admins_need_no_unit() -> None:
    found = read(
        HEADER,
        ["a", "甲", "市领导", "市政府", "副市长", None],
        ["b", "乙", "管理员", None, None, None],
        ["c", "丙", "分管领导", "市水务局", None, None],
        ["d", "丁", "干部", "市水务局", None, None],
        ["e", "戊", "企业", "某某陶瓷有限公司", None, "0768-2288888"],
    )
    assert [(row.role, row.unit) for row in found] == [
        ("leader", ""),
        ("admin", ""),
        ("leader", "市水务局"),
        ("official", "市水务局"),
        ("enterprise", "某某陶瓷有限公司"),
    ]
    assert [row.title for row in found][:3] == ["市领导", "管理员", "市水务局分管领导"]


def test_one_person_may_be_liaison_of_two_units() -> None:
    assert len(read(HEADER, GOOD, changed(unit="市供销社"))) == 2


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"userid": None}, "第3行“账号”：没有填账号"),
        ({"userid": "李四"}, "第3行“账号”：“李四”不是账号，账号由字母、数字和 _ - . @ 组成"),
        ({"userid": "a" * 65}, f"第3行“账号”：“{'a' * 65}”不是账号，账号由字母、数字和 _ - . @ 组成"),
        ({"name": None}, "第3行“姓名”：没有填姓名"),
        ({"name": "四" * 65}, "第3行“姓名”：有65个字，最多64个"),
        ({"role": "厅长"}, "第3行“角色”：“厅长”应改为联络员、分管领导、市领导、管理员、干部、企业之一"),
        ({"role": None}, "第3行“角色”：没有填角色，应写联络员、分管领导、市领导、管理员、干部、企业之一"),
        ({"unit": None}, "第3行“单位”：没有填单位"),
        ({"unit": "市水力局"}, "第3行“单位”：单位名录里没有“市水力局”，是不是“市水务局”？"),
        ({"unit": "饶平县教育局"}, "第3行“单位”：单位名录里没有“饶平县教育局”，是不是“饶平县”？"),
        ({"unit": "指挥部"}, "第3行“单位”：“指挥部”可能是市百千万指挥部或深潮指挥部，请写明"),
        ({"mobile": "1380013800"}, "第3行“手机”：“1380013800”不是手机号码"),
        ({"userid": "wangwu"}, "第3行“单位”：第2行已有“市水务局”的联络员“lisi”，一个单位只能有一名"),
        ({}, "第3行“账号”：与第2行重复（同一账号、同一角色、同一单位）"),
        ({"unit": "市教育局", "name": "李五"}, "第3行“姓名”：第2行的同一账号“lisi”，姓名写的是“李四”"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column_and_nothing_is_read(
    cells: dict[str, Any], problem: str
) -> None:
    assert problems_of(sheet_of(HEADER, GOOD, changed(**cells))) == [problem]


def test_all_problems_of_a_sheet_are_told_at_once() -> None:
    found = problems_of(sheet_of(HEADER, changed(role="?", mobile="x"), GOOD, changed(unit="天文局")))
    assert [p.partition("：")[0] for p in found] == ["第2行“角色”", "第2行“手机”", "第4行“单位”"]


def test_a_formula_without_a_result_is_called_one() -> None:
    found = problems_of(sheet_of(HEADER, changed(userid='="li"&"si"', name="=H2")))
    why = "这一格是公式，文件里没有存下结果，请复制后“粘贴为数值”再导入"
    assert found == [f"第2行“账号”：{why}", f"第2行“姓名”：{why}"]


def test_another_name_of_an_account_is_told_whatever_else_is_wrong_above() -> None:
    found = problems_of(sheet_of(HEADER, changed(mobile="x"), changed(unit="市教育局", name="李五")))
    assert found == [
        "第2行“手机”：“x”不是手机号码",
        "第3行“姓名”：第2行的同一账号“lisi”，姓名写的是“李四”",
    ]


def test_what_is_written_is_read_back_the_same_in_protocol_order() -> None:
    rows = [
        PersonRow("c", "丙", "liaison", "潮安区", "=1+1", "13800138000"),
        PersonRow("b", "乙", "liaison", "市水务局"),
        PersonRow("a", "甲", "leader", "", "副市长"),
        PersonRow("e", "戊", "enterprise", "-某某公司"),
    ]
    data = roster.write(rows, DIRECTORY)
    back = roster.read(data, DIRECTORY)
    assert set(back) == set(rows)
    assert [row.userid for row in back].index("b") < [row.userid for row in back].index("c")
    sheet = openpyxl.load_workbook(io.BytesIO(data))["人员表"]
    assert not [cell for line in sheet for cell in line if cell.data_type == "f"]
    (roles,) = sheet.data_validations.dataValidation
    assert roles.formula1 == '"联络员,分管领导,市领导,管理员,干部,企业"'


def test_an_empty_roster_is_a_sheet_to_fill_in() -> None:
    data = roster.write([], DIRECTORY)
    assert openpyxl.load_workbook(io.BytesIO(data)).sheetnames == ["人员表", "填写说明"]
    assert problems_of(data) == ["表里没有填好的行（每行要有账号、姓名、角色和单位）"]


def test_a_workbook_without_the_headings_says_what_is_missing() -> None:
    assert problems_of(sheet_of(["姓名", "电话"], ["王五", 1]))[0].startswith(
        "没有找到表头行，表头至少要有“账号”、“姓名”、“角色”、“单位”"
    )


def test_files_that_are_no_decent_workbook_are_refused() -> None:
    good = sheet_of(HEADER, GOOD)
    macro, bomb = io.BytesIO(good), io.BytesIO(good)
    with zipfile.ZipFile(macro, "a") as package:
        package.writestr("xl/vbaProject.bin", b"x")
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/big.xml", bytes(45_000_000))
    assert "宏" in problems_of(macro.getvalue())[0]
    assert "已拒绝打开" in problems_of(bomb.getvalue())[0]
    assert "已损坏" in problems_of("文字".encode())[0]
    assert "另存为 .xlsx" in problems_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))[0]


def test_a_roster_of_every_village_of_the_province_is_read_within_seconds() -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADER)
    for n in range(26_500):
        sheet.append([f"Village{n}", f"村干{n}", "干部", "潮安区", "村党组织书记", f"138{n:08}"])
    out = io.BytesIO()
    book.save(out)
    started = time.perf_counter()
    assert len(roster.read(out.getvalue(), DIRECTORY)) == 26_500
    assert time.perf_counter() - started < 40


def test_more_rows_than_any_roster_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "_LAYOUT", replace(roster._LAYOUT, most_rows=1))
    assert problems_of(sheet_of(HEADER, GOOD, GOOD)) == ["表里的行超过1行，不像是人员表"]
