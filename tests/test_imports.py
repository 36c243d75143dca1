"""Notices and 分工表 brought into the database: by the commands an operator types, and underneath."""

import json
import re
from datetime import date
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from docx import Document

from bot.cli import cli
from bot.library import in_force
from knowledge.book import shipped
from knowledge.notice import parse
from knowledge.sheets import write
from storage import assignments, notices
from storage.assignment import Assignment
from storage.engine import Database
from tests.conftest import MONDAY

SHIPPED = Path("knowledge/data/notice.txt").resolve()
COUNTY = """关于印发《饶平县2025年工作要点》的通知
饶百千万发〔2025〕3号
饶平县指挥部
2025年3月12日
一、产业
1.强化产业。推进食品工业。
2.做强海洋。建设海洋牧场2个。(牵头单位:市农业农村局;配合单位:市财政局)
"""
COLD = "完善一体化农产品冷链物流网建设,新增投产冷库库容0.25万吨"
HEADER = ["要点", "分句(原文)", "牵头单位", "配合单位", "状态", "确认人", "确认日期"]
CONFIRMED = [17, COLD, "市农业农村局", "市供销社", "已确认", "王五", "2024-06-01"]


@pytest.fixture(autouse=True)
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder and a database of its own that does not exist yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BQW_DATABASE_URL", f"sqlite:///{tmp_path / 'bqw.db'}")
    return tmp_path


def bqw(*arguments: str) -> Result:
    result = CliRunner().invoke(cli, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def sheet(name: str, *rows: list) -> str:
    book = openpyxl.Workbook()
    for row in (HEADER, *rows):
        book.active.append(row)
    book.save(name)
    return name


# --- notices --------------------------------------------------------------------------------------


def test_a_dry_run_prints_the_contract_and_creates_nothing(world: Path) -> None:
    result = bqw("notice", "import", str(SHIPPED), "--dry-run", "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["doc_number"] == "潮百千万发〔2024〕7号"
    assert found["sections"][0]["title"] == "大抓产业发展"
    assert len(found["points"]) == 45
    point = found["points"][16]
    assert {k: point[k] for k in ("number", "section", "title", "lead", "units")} == {
        "number": 17,
        "section": 3,
        "title": "推动基础设施提能升级",
        "lead": None,
        "units": [],
    }
    assert point["text"] in SHIPPED.read_text("utf-8")
    assert list(world.iterdir()) == []


def test_a_word_notice_with_units_is_understood_by_a_dry_run() -> None:
    document = Document()
    for line in COUNTY.splitlines():
        document.add_paragraph(line)
    document.save("县.docx")
    found = json.loads(bqw("notice", "import", "县.docx", "--dry-run", "--json").stdout)
    assert [(p["lead"], p["units"]) for p in found["points"]] == [(None, []), ("市农业农村局", ["市财政局"])]


def test_every_problem_of_a_notice_is_printed_on_its_own_line_and_nothing_is_imported(world: Path) -> None:
    Path("坏.txt").write_text(COUNTY.replace("2.做", "3.做") + "3.\n", "utf-8")
    result = bqw("notice", "import", "坏.txt")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "第7行：要点编号不连续，1之后是3，缺2",
        "第8行：要点编号3重复，第7行已经用过",
        "第8行：第3点没有内容",
        "共 3 处问题，这次什么也没有导入；都改好后请再导入一次",
    ]
    assert not (world / "bqw.db").exists()


def test_a_notice_without_a_date_may_be_looked_at_but_not_imported(world: Path) -> None:
    Path("无日期.txt").write_text(COUNTY.replace("2025年3月12日\n", ""), "utf-8")
    looked = bqw("notice", "import", "无日期.txt", "--dry-run", "--json")
    assert (looked.exit_code, json.loads(looked.stdout)["issued_on"]) == (0, None)
    assert "没有成文日期" in looked.stderr
    refused = bqw("notice", "import", "无日期.txt")
    assert (refused.exit_code, "没有成文日期" in refused.stderr) == (1, True)
    assert not (world / "bqw.db").exists()


def test_a_second_notice_stands_beside_the_first_until_it_is_put_in_force() -> None:
    Path("县.txt").write_text(COUNTY, "utf-8")
    assert "并存" in bqw("notice", "import", "县.txt").stdout
    assert "第17点 推动基础设施提能升级" in bqw("notice", "show", "17").stdout
    assert "没有改动" in bqw("notice", "import", "县.txt").stdout
    assert "按它回答" in bqw("notice", "import", "县.txt", "--use").stdout
    assert (
        "市农业农村局牵头，市财政局配合（已确认：饶百千万发〔2025〕3号" in bqw("notice", "show", "2").stdout
    )
    assert bqw("notice", "show", "17").stderr == "饶百千万发〔2025〕3号 没有第17点，编号是1到2\n"


def test_showing_a_point_names_every_clause_with_its_suggested_unit_and_figures(world: Path) -> None:
    shown = bqw("notice", "show", "17").stdout
    flat = re.sub(r"\n\s*", "", shown)
    assert f"{COLD}建议由市供销社牵头" in flat
    assert flat.count("（待市百千万办确认）") == 8
    assert "新增投产冷库库容（全市）：“新增投产冷库库容0.25万吨”" in flat
    assert max(map(len, shown.splitlines())) < 80
    assert list(world.iterdir()) == []


def test_a_number_outside_the_notice_is_a_users_slip() -> None:
    result = bqw("notice", "show", "46")
    assert (result.exit_code, result.stderr) == (1, "潮百千万发〔2024〕7号 没有第46点，编号是1到45\n")


# --- 分工表 ---------------------------------------------------------------------------------------


def test_an_exported_sheet_is_imported_again_without_any_change() -> None:
    assert "235 行" in bqw("units", "export", "分工.xlsx").stdout
    assert "有变化的 0 行" in bqw("units", "import", "分工.xlsx").stdout
    assert "建议由市供销社牵头" in re.sub(r"\n\s*", "", bqw("notice", "show", "17").stdout)


@pytest.mark.parametrize("command", [("units", "import"), ("notice", "import")])
def test_a_confirmed_row_is_in_force_after_the_import_and_names_who_confirmed_it(command: tuple) -> None:
    assert bqw(*command, sheet("分工.xlsx", CONFIRMED)).exit_code == 0
    flat = re.sub(r"\n\s*", "", bqw("notice", "show", "17").stdout)
    assert f"{COLD}市农业农村局牵头，市供销社配合（已确认：王五，2024年6月1日）" in flat
    assert "整个要点：建议由市交通运输局牵头" in flat


def test_a_later_sheet_of_a_few_rows_undoes_nothing_else_unless_told_to_replace() -> None:
    bqw("units", "import", sheet("一.xlsx", CONFIRMED))
    bqw("units", "import", sheet("二.xlsx", [17, None, "市交通运输局", None, "已确认", "王五", "2024-06-02"]))
    flat = re.sub(r"\n\s*", "", bqw("notice", "show", "17").stdout)
    assert "市农业农村局牵头，市供销社配合（已确认" in flat
    assert "整个要点：市交通运输局牵头（已确认" in flat
    bqw("units", "import", "二.xlsx", "--replace")
    flat = re.sub(r"\n\s*", "", bqw("notice", "show", "17").stdout)
    assert "市农业农村局牵头，市供销社配合（已确认" not in flat
    assert "整个要点：市交通运输局牵头（已确认" in flat


def test_one_wrong_row_keeps_the_whole_sheet_out(world: Path) -> None:
    result = bqw("units", "import", sheet("坏.xlsx", CONFIRMED, [99, None, "市水力局"]))
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "第3行“要点”：通知里没有第99点",
        "第3行“牵头单位”：单位名录里没有“市水力局”，是不是“市水务局”？",
        "共 2 处问题，这次什么也没有导入；都改好后请再导入一次",
    ]
    assert "已确认" not in bqw("notice", "show", "17").stdout
    assert not (world / "bqw.db").exists()


def test_a_dry_run_of_a_sheet_changes_nothing(world: Path) -> None:
    assert bqw("units", "import", sheet("好.xlsx", CONFIRMED), "--dry-run").stdout.startswith(
        "检查通过，没有写入"
    )
    assert not (world / "bqw.db").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("units", "import", "没有.xlsx"), "打不开“没有.xlsx”：没有这个文件\n"),
        (("units", "import", "分工.xls"), "“分工.xls”不是 .xlsx 文件，分工表请用 .xlsx\n"),
        (("units", "export", "分工.csv"), "“分工.csv”应以 .xlsx 结尾\n"),
        (("units", "export", "没有/分工.xlsx"), "写不了“没有/分工.xlsx”：没有这个文件夹\n"),
        (("notice", "import", "没有.docx"), "打不开“没有.docx”：没有这个文件\n"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_one_sentence(arguments: tuple, said: str) -> None:
    result = bqw(*arguments)
    assert (result.exit_code, result.stderr) == (1, said)


# --- underneath, on both databases ----------------------------------------------------------------


def stored(text: str, **more: object) -> notices.StoredNotice:
    found = parse(text)
    values = {
        "doc_number": found.doc_number,
        "title": found.title,
        "issuer": found.issuer,
        "issued_on": found.issued_on,
        "year": found.year,
        "text": found.text,
        "source_name": "县.txt",
        "imported_at": MONDAY,
        "imported_by": "admin",
    }
    return notices.StoredNotice(**values | more)


async def test_a_notice_is_kept_once_per_number_and_only_one_is_in_force(database: Database) -> None:
    async with database.transaction() as conn:
        assert await notices.active(conn) is None
        assert await notices.add(conn, stored(COUNTY))
        assert not await notices.add(conn, stored(COUNTY))
        assert await notices.active(conn) is None
        assert await notices.add(conn, stored(COUNTY, active=True))
        assert await notices.add(conn, stored(SHIPPED.read_text("utf-8"), active=True))
        assert [(n.year, n.active) for n in await notices.all(conn)] == [(2025, False), (2024, True)]
        changed = COUNTY.replace("食品", "陶瓷")
        assert await notices.add(conn, stored(changed, active=True))
        found = await notices.active(conn)
    assert found == stored(changed, active=True)


async def test_rows_are_replaced_for_their_own_notice_only_and_come_back_unchanged(
    database: Database,
) -> None:
    first = Assignment(
        point=17,
        clause=COLD,
        part="冷库",
        lead="市供销社",
        co_leads=("市水务局",),
        participants=("市商务局",),
        status="confirmed",
        source="表",
        reason="理由",
        confirmed_by="王五",
        confirmed_on=date(2024, 6, 1),
    )
    rows = (first, Assignment(17, "", "市交通运输局", (), "suggested", "表"))
    async with database.transaction() as conn:
        await assignments.replace(conn, "甲", rows, now=MONDAY, by="admin")
        await assignments.replace(conn, "乙", rows[1:], now=MONDAY, by="admin")
        await assignments.replace(conn, "甲", rows[:1], now=MONDAY, by="admin")
        assert await assignments.all(conn, "甲") == rows[:1]
        assert await assignments.all(conn, "乙") == rows[1:]
        await assignments.replace(conn, "甲", (), now=MONDAY, by="admin")
        assert await assignments.all(conn, "甲") == ()


async def test_every_import_changes_the_version_other_replicas_watch(database: Database) -> None:
    row = Assignment(17, "", "市交通运输局", (), "suggested", "表")
    seen = []
    async with database.transaction() as conn:
        for step in (
            lambda: notices.add(conn, stored(COUNTY)),
            lambda: notices.add(conn, stored(COUNTY, active=True)),
            lambda: assignments.replace(conn, "甲", [row], now=MONDAY, by="admin"),
            lambda: assignments.replace(conn, "甲", [row], now=MONDAY, by="admin"),
            lambda: assignments.replace(conn, "甲", [], now=MONDAY, by="admin"),
        ):
            seen.append(await notices.version(conn))
            await step()
        seen.append(await notices.version(conn))
        assert await notices.version(conn) == seen[-1]
    assert all(before != after for before, after in pairwise(seen))


async def test_a_failed_import_leaves_the_rows_that_were_there(database: Database) -> None:
    row = Assignment(17, "", "市交通运输局", (), "suggested", "表")
    async with database.transaction() as conn:
        await assignments.replace(conn, "甲", [row], now=MONDAY, by="admin")
    with pytest.raises(Exception, match=r"(?i)unique"):
        async with database.transaction() as conn:
            await assignments.replace(conn, "甲", [row, row], now=MONDAY, by="admin")
    async with database.transaction() as conn:
        assert await assignments.all(conn, "甲") == (row,)


async def test_a_whole_sheet_goes_through_the_database_and_comes_out_the_same(database: Database) -> None:
    book = shipped()
    async with database.transaction() as conn:
        await assignments.replace(conn, book.notice.doc_number, book.assignments, now=MONDAY, by="admin")
        found = await in_force(conn)
    assert found.assignments.rows == book.assignments.rows
    assert write(found.assignments, found.notice)[:2] == b"PK"
