"""`bqw ask` and `bqw eval` as the office and the checks call them."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from knowledge import sheets
from knowledge.assignments import Assignment
from knowledge.book import shipped
from storage import phrases
from storage.engine import Database
from storage.taught import Taught
from tests.conftest import MONDAY


def bqw(*words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(cli, list(words), input=stdin)


def lines(*rows: object) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def answers(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_one_question_prints_what_a_person_would_read() -> None:
    result = bqw("ask", "冷链哪个单位牵头?")
    assert result.exit_code == 0
    assert "建议由市供销社牵头" in result.stdout
    assert "第17点" in result.stdout


def test_lines_in_lines_out_in_the_agreed_form() -> None:
    asked = lines(
        {"id": "a", "q": "冷链谁牵头"}, {"id": "b", "q": "今天天气"}, {"id": "c", "q": "第三部分有哪些"}
    )
    first, second, third = answers(bqw("ask", "--jsonl", stdin=asked))
    assert set(first) == {"id", "points", "answered", "text", "ms"}
    assert (first["id"], first["points"], first["answered"]) == ("a", [17], True)
    assert (second["points"], second["answered"]) == ([], False)
    assert third["points"] == list(range(17, 25))


def test_a_conversation_goes_on_over_several_lines_and_never_leaks_into_another() -> None:
    asked = lines(
        {"id": "1", "conversation": "x", "q": "潮安重点项目库要几个"},
        {"id": "2", "conversation": "y", "q": "那饶平呢"},
        {"id": "3", "conversation": "x", "q": "那饶平呢"},
    )
    _, other, same = answers(bqw("ask", "--jsonl", stdin=asked))
    assert str(same["text"]).startswith("【不少于25个项目】饶平县不少于25个项目")
    assert other["points"] == [1, 2, 3]


def test_earlier_questions_can_be_given_as_context() -> None:
    (row,) = answers(
        bqw("ask", "--jsonl", stdin=lines({"id": "1", "q": "下一条呢", "context": ["第20条说什么"]}))
    )
    assert row["points"] == [21]


def test_a_line_that_is_no_question_is_named() -> None:
    assert "第2行不是 JSON" in bqw("ask", "--jsonl", stdin='{"id":1,"q":"17"}\n{oops\n').output
    assert "第1行没有问题" in bqw("ask", "--jsonl", stdin='{"id":1}\n').output


@pytest.mark.parametrize(
    "words", [("ask",), ("ask", "--now", "昨天", "17"), ("ask", "--units", "a", "--config", "b", "17")]
)
def test_a_wrong_call_says_what_is_wrong(words: tuple[str, ...]) -> None:
    result = bqw(*words)
    assert result.exit_code == 2
    assert len(result.output) > 20


def test_another_division_of_work_can_be_tried(tmp_path: Path) -> None:
    book = shipped()
    row = Assignment(
        17,
        "完善一体化农产品冷链物流网建设,新增投产冷库库容0.25万吨",
        "市商务局",
        (),
        "confirmed",
        "test",
        confirmed_by="林晓",
        confirmed_on=date(2024, 6, 3),
    )
    sheet = tmp_path / "分工表.xlsx"
    sheet.write_bytes(sheets.write([row], book.notice))
    result = bqw("ask", "--units", str(sheet), "冷链谁牵头")
    assert "由市商务局牵头（林晓于2024年6月3日确认）" in result.stdout


def test_what_the_office_taught_is_answered_from_its_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bqw.db'}"
    config = tmp_path / "config.toml"
    config.write_text(f'[database]\nurl = "{url}"\n', "utf-8")

    async def teach() -> None:
        database = await Database.open(url)
        async with database.transaction() as conn:
            row = Taught("雪窖房", 17, "", "wanglei", MONDAY, "雪窖房")
            await phrases.teach(conn, shipped().notice.doc_number, row, before=None, settled=0)
        await database.close()

    asyncio.run(teach())
    assert "第17点" in bqw("ask", "--config", str(config), "雪窖房谁牵头").stdout
    assert "第17点" not in bqw("ask", "雪窖房谁牵头").stdout
    own = tmp_path / "own.jsonl"
    own.write_text(lines({"id": "1", "q": "雪窖房谁牵头", "gold": [17]}), "utf-8")
    assert "总分 100.0%" in bqw("eval", "--config", str(config), str(own)).stdout


def test_a_units_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "units.toml"
    broken.write_text("[[unit", "utf-8")
    result = bqw("ask", "--units", str(broken), "17")
    assert result.exit_code == 1
    assert "units.toml" in result.output
    assert bqw("ask", "--units", str(tmp_path / "missing.xlsx"), "17").exit_code == 1


def test_eval_prints_the_table_and_the_misses(tmp_path: Path) -> None:
    file = tmp_path / "own.jsonl"
    rows = (
        {"id": "1", "q": "冷链谁牵头", "gold": [17], "style": "formal"},
        {"id": "2", "q": "今年要新增多少冷库", "gold": [17], "answer_contains": ["0.25万吨"]},
        {"id": "3", "q": "今天天气", "gold": [], "abstain": True},
        {"id": "4", "q": "和财政有关的有哪些", "gold": [27, 28], "all": True},
        {"id": "5", "q": "冷库租金多少", "gold": [17], "abstain": True, "soft": True},
        {"id": "6", "q": "非遗谁管", "gold": [1]},
    )
    file.write_text(lines(*rows), "utf-8")
    result = bqw("eval", str(file))
    assert result.exit_code == 0
    assert "总分 83.3%（共6题）；答错 1 题（16.7%）" in result.stdout
    assert "答错 6 非遗谁管 应为[1] 得到[11]" in result.stdout
    assert "数字 100.0%（共1题）" in result.stdout


def test_eval_scores_dialogues_turn_by_turn(tmp_path: Path) -> None:
    file = tmp_path / "dialogues.jsonl"
    turns = [
        {"q": "冷链谁牵头", "gold": [17]},
        {"q": "那今年要建多少", "gold": [17], "answer_contains": ["0.25万吨"]},
    ]
    file.write_text(lines({"id": "d1", "turns": turns}), "utf-8")
    assert "总分 100.0%（共2题）" in bqw("eval", str(file)).stdout


def test_eval_puts_plain_searches_beside_the_bot(tmp_path: Path) -> None:
    file = tmp_path / "own.jsonl"
    rows = (
        {"id": "1", "q": "冷链物流网谁牵头", "gold": [17]},
        {"id": "2", "q": "lenglian shui qiantou", "gold": [17]},
        {"id": "3", "q": "今天天气", "gold": [], "abstain": True},
    )
    file.write_text(lines(*rows), "utf-8")
    printed = [line.split() for line in bqw("eval", "--baselines", str(file)).stdout.splitlines()]
    by_name = {row[0]: row[-6:] for row in printed if len(row) >= 7}
    assert by_name["本助手"][:2] == ["100.0%", "0.0%"]
    assert {"rapidfuzz", "BM25", "TF-IDF"} <= by_name.keys()
    assert all(float(by_name[name][0][:-1]) < 100 for name in ("rapidfuzz", "BM25", "TF-IDF"))


def test_eval_of_nothing_or_of_no_such_file(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("", "utf-8")
    assert "没有题目" in bqw("eval", str(empty)).stdout
    missing = bqw("eval", str(tmp_path / "missing.jsonl"))
    assert missing.exit_code == 1
    assert "读不了" in missing.output
