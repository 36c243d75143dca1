"""`bqw audit`: what was done, by whom, for those who inspect; and that taking it out is noted too."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from bot.cli import cli
from storage import audit, people
from storage.audit import Entry
from storage.engine import Database
from storage.people import PersonRow
from tests.conftest import MONDAY


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["audit", *words])
    return result.exit_code, result.output


async def _fill(url: str) -> None:
    database = await Database.open(url)
    async with database.transaction() as conn:
        await people.bind(conn, [PersonRow("wanglei", "王磊", "admin", "市百千万办")], by="setup", now=MONDAY)
        entries = (
            Entry(MONDAY + timedelta(days=1), "WangLei", "teach", "=冻库", {"point": 17}),
            Entry(MONDAY + timedelta(days=40), "clock", "unheard-of", "第2条"),
        )
        await audit.note(conn, *entries)
    await database.close()


def test_it_is_shown_and_taken_out_for_a_span_and_that_is_noted(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BQW_DATABASE_URL", database_url)
    asyncio.run(_fill(database_url))
    code, said = run()
    assert code == 0
    assert "2024-07-16 09:00:00  王磊（WangLei）  教  =冻库" in said
    assert "clock  unheard-of  第2条" in said
    out = tmp_path / "审计.xlsx"
    assert run(str(out), "--since", "2024-07-16", "--until", "2024-07-16") == (
        0,
        f"已写出 {out}：1 条审计记录\n",
    )
    (head, row) = load_workbook(out).active.iter_rows(values_only=True)  # type: ignore[union-attr]
    assert head[:3] == ("时间", "谁", "做了什么")
    assert row == ("2024-07-16 09:00:00", "王磊（WangLei）", "教", "=冻库", '{"point": 17}')
    assert load_workbook(out).active["D2"].data_type == "s"  # type: ignore[index]  # no formula
    assert "导出  审计.xlsx" in run()[1].splitlines()[-1]


def test_what_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BQW_DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    assert "还没有数据库" in run()[1]
    assert "应以 .xlsx 结尾" in run("audit.txt")[1]
    assert run("--since", "7月1日")[0] == 2
