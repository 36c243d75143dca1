"""`bqw parse`: lines in, lines out; a bad line is named and does not stop the others."""

import json

from click.testing import CliRunner, Result

from bot.cli import cli


def parse(*arguments: str, lines: str = "") -> Result:
    return CliRunner().invoke(cli, ["parse", *arguments], input=lines.encode())


def test_each_line_is_read() -> None:
    row = {
        "id": "a",
        "text": "17项进度65%",
        "context": {"prompted_point": 17, "unit": "", "date": "2024-07-15"},
    }
    result = parse("--jsonl", lines=json.dumps(row) + "\n" + '{"id": "b", "text": "收到"}\n')
    first, second = map(json.loads, result.stdout.splitlines())
    assert (first["id"], first["kind"], first["records"][0]["percent"]) == ("a", "report", 65)
    assert (second["id"], second["kind"], second["records"]) == ("b", "ack", [])
    assert result.exit_code == 0


def test_bad_lines_are_named_and_the_rest_is_read() -> None:
    lines = (
        'no json\n{"id": 1}\n{"id": 2, "text": "好", "context": {"date": "7月"}}\n{"id": 3, "text": "收到"}\n'
    )
    result = parse("--jsonl", lines=lines)
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == [3]
    assert [f"第{number}行" in result.stderr for number in (1, 2, 3, 4)] == [True, True, True, False]
    assert result.exit_code == 2


def test_one_reply_is_told_in_words() -> None:
    result = parse("17项新改建32公里，进度65%，请市里协调征地。10月底完成", "--date", "2024-07-15")
    assert result.stdout.startswith("报送\n要点17：进度65%；新改建32公里；需协调：请市里协调征地")
    assert "2024-10-31" in result.stdout
