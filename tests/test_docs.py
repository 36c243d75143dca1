"""The documents speak of things that exist: files, functions, commands, routes."""

import ast
import re
from pathlib import Path

import pytest

from bot.cli import cli
from handlers.routes import ROUTES
from scheduler.jobs import table
from scheduler.ledger import span_words
from scheduler.times import Times

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    "README.md",
    "README.zh-CN.md",
    "docs/architecture.md",
    "docs/groups.md",
    "docs/lights.md",
    "docs/messages.md",
    "docs/private.md",
    "docs/problems.md",
    "docs/schedule.md",
]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def names_in(path: Path) -> set[str]:
    """Top-level functions and classes, and methods as Class.method."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}.{item.name}"
                for item in node.body
                if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
            }
    return found


def test_every_file_and_function_the_architecture_names_exists() -> None:
    named = re.findall(r"`([a-z_]+/[\w./]*)(?::([\w.]+))?`", text_of("docs/architecture.md"))
    assert len(named) > 30
    for path, name in named:
        assert (ROOT / path).exists(), path
        assert not name or name in names_in(ROOT / path), f"{path}:{name}"


def test_every_link_between_documents_leads_somewhere() -> None:
    for document in DOCUMENTS:
        for link in re.findall(r"\]\(([^)#:]+)\)", text_of(document)):
            assert ((ROOT / document).parent / link).exists(), f"{document} links to {link}"


def test_every_command_the_readmes_show_exists() -> None:
    for document in DOCUMENTS:
        for words in re.findall(r"bqw ([a-z]+(?: [a-z]+)?)", text_of(document)):
            command: object = cli
            for word in words.split():
                commands = getattr(command, "commands", None)
                if commands is None:
                    break  # an argument, not a command
                command = command.get_command(None, word)  # type: ignore[attr-defined]
                assert command is not None, f"{document} shows bqw {words}"


def commands_page() -> str:
    """What docs/commands.md must say: the table of routes, in words for people."""
    lines = [
        "# 可以对助手说什么",
        "",
        "由 `handlers/routes.py` 的路由表写成，从上到下依次尝试，先答的为准。",
        "",
        "| 说什么 | 得到什么 | 谁可以用 |",
        "|---|---|---|",
    ]
    for route in ROUTES:
        said = "<br>".join(route.examples) or "（不用输入）"
        lines.append(f"| {said} | {route.usage} | {route.who} |")
    return "\n".join(lines) + "\n"


def test_the_page_of_commands_is_the_table_of_routes() -> None:
    assert text_of("docs/commands.md") == commands_page()


def jobs_table() -> str:
    """What docs/schedule.md must hold: the table of jobs at their usual times, in words for people."""
    lines = ["| 任务 | 什么时候 | 做什么 | 误了多久还补办 |", "|---|---|---|---|"]
    for entry in table(Times()):
        grace = span_words(entry.grace) + "，只补最近一次" * entry.newest_only
        lines.append(f"| `{entry.name}` | {entry.rule.words} | {entry.about} | {grace} |")
    return "\n".join(lines)


def test_the_page_of_the_clock_holds_the_table_of_jobs() -> None:
    assert jobs_table() in text_of("docs/schedule.md"), f"write this into it:\n{jobs_table()}"


@pytest.mark.parametrize("document", [*DOCUMENTS, "CHANGELOG.md", "docs/commands.md"])
def test_no_document_points_outside_the_project(document: str) -> None:
    assert "../" not in text_of(document)
