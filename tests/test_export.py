"""`bqw export`: the name of the file decides, and what cannot be is refused with a sentence."""

from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from docx import Document

from bot.cli import cli


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


def test_the_files_name_decides_what_is_written() -> None:
    assert bqw("db", "upgrade").exit_code == 0
    assert bqw("export", "台账.xlsx").stdout.startswith("已写出 台账.xlsx：45 个要点")
    assert openpyxl.load_workbook("台账.xlsx")["台账"]["B5"].value == 1
    assert bqw("export", "进展.docx").exit_code == 0
    assert Document("进展.docx").paragraphs[0].text == "2024年“百千万工程”工作要点进展情况"
    assert bqw("export", "6月通报.docx").exit_code == 0
    lines = [paragraph.text for paragraph in Document("6月通报.docx").paragraphs]
    assert lines[0].endswith("进展情况的通报")
    assert "四、下一步要求" in lines


def test_firms_problems_are_a_ledger_of_their_own() -> None:
    assert bqw("db", "upgrade").exit_code == 0
    assert (
        bqw("export", "诉求台账.xlsx", "--now", "2024-07-15T09:00").stdout
        == "已写出 诉求台账.xlsx：0 件诉求\n"
    )
    book = openpyxl.load_workbook("诉求台账.xlsx")
    assert [cell.value for cell in book["诉求台账"][1]][:3] == ["编号", "收件时间", "来源"]
    assert book["统计"]["A1"].value == "【政企问题统计】2024年（截至7月15日9:00）"


def test_an_export_that_cannot_be_is_refused_with_a_sentence(world: Path) -> None:
    assert bqw("export", "台账.pdf").stderr == "“台账.pdf”应以 .xlsx（台账）或 .docx（进展）结尾\n"
    assert "还没有数据库" in bqw("export", "台账.xlsx").stderr
    assert list(world.iterdir()) == []
    bqw("db", "upgrade")
    assert "没有这个文件夹" in bqw("export", "nowhere/台账.xlsx").stderr
