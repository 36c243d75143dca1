"""The operator's commands: what is wrong is said with the next step, and with an exit code."""

import asyncio
import socket
import subprocess
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import cli_demo
from bot.cli import cli
from bot.doctor import examine
from bot.settings import App, Files, Settings
from bot.settings import Database as DatabaseSettings
from storage import outbox
from storage.engine import Database
from storage.message import Text, dump
from tests import process
from tests.conftest import MONDAY
from tests.town import Town, town


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(f"sqlite:///{tmp_path / 'bqw.db'}") as found:
        yield found


_MINUTE = timedelta(minutes=1)


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, list(words))
    return result.exit_code, result.output


def serve(tmp_path: Path, text: str) -> tuple[int, str]:
    config = tmp_path / "config.toml"
    config.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [process.BQW, "serve", "--config", config], capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr


# -- bqw serve --------------------------------------------------------------------------------------------


def test_every_mistake_is_listed_at_once_and_nothing_starts(tmp_path: Path) -> None:
    code, said = serve(tmp_path, '[server]\nport = 99999\n[app]\naes_key = "short"\nspeed = 1\n')
    assert code == 2
    assert len(said.strip().splitlines()) == 3 + 4  # and what the app still lacks
    assert "Traceback" not in said


def test_an_app_that_is_not_filled_in_does_not_start(tmp_path: Path) -> None:
    code, said = serve(tmp_path, "[server]\nport = 0\n")
    assert code == 2
    assert len(said.strip().splitlines()) == 5
    assert "EncodingAESKey" in said


def test_a_corrupt_database_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "bqw.db").write_bytes(b"not a database" * 1000)
    config = process.write_config(tmp_path, f"sqlite:///{tmp_path / 'bqw.db'}", 0)
    code, said = serve(tmp_path, config.read_text(encoding="utf-8"))
    assert code == 1
    assert "备份" in said
    assert "Traceback" not in said


def test_a_port_that_is_taken_is_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = process.write_config(tmp_path, f"sqlite:///{tmp_path / 'bqw.db'}", taken.getsockname()[1])
        code, said = serve(tmp_path, config.read_text(encoding="utf-8"))
    assert code == 1
    assert "换一个端口" in said


async def test_it_stops_when_told_and_answers_until_then(tmp_path: Path) -> None:
    port = process.free_port()
    config = process.write_config(tmp_path, f"sqlite:///{tmp_path / 'bqw.db'}", port)
    bot = await process.serve(config, port)
    assert await asyncio.to_thread(bot.stop) == 0


def test_a_demonstration_clears_only_what_an_earlier_one_left(tmp_path: Path) -> None:
    """It once emptied the folder it was given, whoever's it was."""
    (tmp_path / "precious").write_text("keep", encoding="utf-8")
    (tmp_path / "bqw.db").write_text("old", encoding="utf-8")
    cli_demo._empty(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]


# -- bqw doctor -------------------------------------------------------------------------------------------


def settings_of(place: Town) -> Settings:
    app = place.wecom._corp.app
    return Settings(
        database=DatabaseSettings(url=place.bot.database.engine.url.render_as_string()),
        app=App(
            corp_id=app.corp_id,
            agent_id=app.agent_id,
            secret=app.secret,
            token=app.keys.token,
            aes_key=app.keys.aes_key,
            api_base=place.wecom.api_base,
        ),
    )


async def test_a_healthy_deployment_gets_a_clean_bill(here: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.clock.real", here.wecom.clock.now)
    findings = [finding async for finding in examine(settings_of(here), f"{here.bot.url}/wecom/app")]
    assert [finding.what.split(" ")[0] for finding in findings if not finding.mark] == [
        "配置",
        "数据库",
        "文件目录",
        "回调密钥",
        "版本",
        "接口地址",
        "接口凭证",
        "应用可见范围",
        "回调地址",
    ]
    assert all(finding.ok for finding in findings), [str(finding) for finding in findings]


async def test_each_failure_comes_with_its_next_step(
    here: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.clock.real", here.wecom.clock.now)
    broken = Settings(
        database=DatabaseSettings(url=f"sqlite:///{tmp_path}"),
        files=Files(folder=f"{__file__}/files"),
        app=App(
            corp_id="ww1",
            agent_id=1,
            secret="wrong",
            token="t",
            aes_key="x" * 43,
            api_base=here.wecom.api_base,
        ),
    )
    findings = [finding async for finding in examine(broken, "http://127.0.0.1:1/wecom/app")]
    steps = {finding.what.split(" ")[0]: finding.next_step for finding in findings if not finding.ok}
    assert set(steps) == {"数据库", "文件目录", "接口凭证", "回调地址"}
    assert "secret" in steps["接口凭证"] or "corp_id" in steps["接口凭证"]
    assert not any("wrong" in str(finding) for finding in findings)


async def test_a_callback_with_another_token_is_told_apart_from_one_that_is_not_there(here: Town) -> None:
    settings = settings_of(here)
    other = Settings(database=settings.database, app=App(**{**_fields(settings.app), "token": "another"}))
    findings = [finding async for finding in examine(other, f"{here.bot.url}/wecom/app")]
    assert any("拒绝了验证" in finding.found for finding in findings)


def _fields(app: App) -> dict[str, object]:
    return {name: getattr(app, name) for name in App.__slots__}


def test_doctor_lists_what_is_missing_and_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, said = run("doctor")
    assert code == 1
    assert said.count("下一步") >= 5


# -- bqw outbox, bqw db, bqw config -----------------------------------------------------------------------


def test_parked_messages_are_shown_with_the_reason_and_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'bqw.db'}"
    monkeypatch.setenv("BQW_DATABASE_URL", url)

    async def park() -> None:
        database = await Database.open(url)
        async with database.transaction() as conn:
            row = outbox.Outgoing(key="k", channel="app", target="linxiao", payload=dump(Text("今日专报")))
            await outbox.add(conn, [(row, None)], MONDAY)
            (claimed,) = await outbox.claim(conn, owner="x", now=MONDAY, lease=_MINUTE, limit=1)
            await outbox.park(conn, claimed, owner="x", reason="通讯录中没有这个成员。请核对名单")
        await database.close()

    asyncio.run(park())
    code, said = run("outbox")
    assert code == 0
    assert "搁置 1 条" in said
    assert "今日专报" in said
    assert "请核对名单" in said
    assert run("outbox", "--retry", "all") == (0, "已放回 1 条，服务运行时会自动发送\n")
    assert "搁置 0 条" in run("outbox")[1]
    assert run("outbox", "--retry", "abc")[0] == 2


def test_the_database_is_upgraded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BQW_DATABASE_URL", f"sqlite:///{tmp_path / 'bqw.db'}")
    assert "已升级" in run("db", "upgrade")[1]
    assert "不用升级" in run("db", "upgrade")[1]


def test_a_wrong_environment_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BQW_DATABSE_URL", "x")
    code, said = run("outbox")
    assert code == 2
    assert "BQW_DATABASE_URL" in said


def test_help_lists_every_command_in_chinese() -> None:
    code, said = run("--help")
    assert code == 0
    for name in ("ask", "config", "db", "demo", "doctor", "eval", "notice", "outbox", "serve", "units"):
        assert name in said
