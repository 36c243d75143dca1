"""The house rules that a machine can hold: who may import whom, and where libraries live."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ORDER = ["bot", "dashboard", "handlers", "scheduler", "supervision", "knowledge", "storage"]
HOMES = {
    "wechatpy": {"bot/wecom"},
    "sqlalchemy": {"storage"},
    "alembic": {"storage"},
    "rapidfuzz": {"knowledge"},
    "opencc": {"knowledge"},
    "openpyxl": {"knowledge"},
    "docx": {"knowledge"},
    "PIL": {"knowledge"},
    "apscheduler": {"scheduler"},
    "chinese_calendar": {"supervision"},
    "aiohttp": {"bot", "dashboard", "simulator"},
}


def modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Every module a file imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("room", ORDER)
def test_a_room_imports_only_rooms_to_its_right(room: str) -> None:
    allowed = set(ORDER[ORDER.index(room) :])
    for path in modules(room):
        rooms = {name.split(".")[0] for name in imported(path)} & {*ORDER, "simulator", "tests"}
        if path == ROOT / "bot/cli_demo.py":
            rooms -= {"simulator"}  # the one place that puts bot and simulator side by side
        assert rooms <= allowed, f"{path.relative_to(ROOT)} imports {rooms - allowed}"


def test_the_simulator_stands_apart() -> None:
    for path in modules("simulator"):
        rooms = {name.split(".")[0] for name in imported(path)} & {*ORDER, "tests"}
        assert not rooms, f"{path.relative_to(ROOT)} imports {rooms}"


def test_each_library_is_used_in_its_one_home() -> None:
    for room in [*ORDER, "simulator"]:
        for path in modules(room):
            place = path.relative_to(ROOT).as_posix()
            for name in {name.split(".")[0] for name in imported(path)} & set(HOMES):
                assert any(place.startswith(f"{home}/") for home in HOMES[name]), f"{place} imports {name}"


def test_every_module_says_what_it_is_for() -> None:
    for room in [*ORDER, "simulator"]:
        for path in modules(room):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            assert ast.get_docstring(tree) or not tree.body, f"{path.relative_to(ROOT)} has no docstring"


def test_no_room_reads_the_clock_by_itself() -> None:
    """Time is an argument: only the process's outer wall may ask for it."""
    outer = {"bot/cli.py", "bot/cli_demo.py", "bot/clock.py", "simulator/clock.py"}
    for room in [*ORDER, "simulator"]:
        for path in modules(room):
            place = path.relative_to(ROOT).as_posix()
            calls = [
                node
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Attribute)
                and node.attr in ("now", "today", "utcnow")
                and isinstance(node.value, ast.Name)
                and node.value.id in ("datetime", "date")
            ]
            assert not calls or place in outer, f"{place} reads the clock"


# The loops that must survive, with the items that must not stop them, and what opens strangers' files.
CATCH_ALL = {
    "bot/channels/kf_reader.py": 1,
    "bot/channels/robot_answers.py": 1,
    "bot/channels/robot_socket.py": 1,
    "bot/dispatch.py": 2,
    "bot/delivery.py": 2,
    "scheduler/ticker.py": 1,
    "scheduler/running.py": 1,
    "bot/attachments.py": 1,
}


def test_only_the_loops_that_must_survive_catch_everything() -> None:
    found = {}
    for room in [*ORDER, "simulator"]:
        for path in modules(room):
            handlers = [
                node
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.ExceptHandler)
                and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
            ]
            if handlers:
                found[path.relative_to(ROOT).as_posix()] = len(handlers)
    assert found == CATCH_ALL


def test_the_standard_library_is_recent_enough() -> None:
    assert sys.version_info >= (3, 11)
