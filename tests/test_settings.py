"""The configuration: every setting documented, every mistake named at once, secrets never shown."""

from dataclasses import fields
from pathlib import Path
from typing import get_type_hints

import pytest

from bot import settings
from bot.settings import App, SettingsError, load
from knowledge.attachment import KINDS

ROOT = Path(__file__).resolve().parent.parent


def mistakes(path: Path | None, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(path, environ or {})
    return caught.value.mistakes


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_file_holds_every_setting_with_its_default() -> None:
    example = ROOT / "config.example.toml"
    assert example.read_text(encoding="utf-8") == settings.example(), "run: bqw config > config.example.toml"
    assert load(example, {}) == settings.Settings()


def test_every_setting_has_a_comment_in_chinese() -> None:
    for kind in get_type_hints(settings.Settings).values():
        for item in fields(kind):
            assert any("一" <= char <= "鿿" for char in item.metadata["about"]), item.name


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        loose = 1
        [serverr]
        [server]
        port = 99999
        hots = "x"
        [app]
        agent_id = "1000002"
        aes_key = "short"
        ca_file = "/no/such/file"
        """,
    )
    found = mistakes(path, {"BQW_SERVER_PROT": "1", "BQW_DELIVERY_AT_ONCE": "many"})
    assert len(found) == 9
    for words in (
        "loose",
        "serverr",
        "99999",
        "hots",
        "agent_id",
        "43 个字符",
        "ca_file",
        "BQW_SERVER_PROT",
        "at_once",
    ):
        assert any(words in mistake for mistake in found), words
    assert any("是不是 BQW_SERVER_PORT" in mistake for mistake in found)


def test_a_secret_comes_from_the_environment_or_a_file_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("from-a-file\n", encoding="utf-8")
    path = written(tmp_path, '[app]\nsecret_file = "secret.txt"\n')
    assert load(path, {}).app.secret == "from-a-file"
    found = load(
        None, {"BQW_APP_SECRET": "from-outside", "BQW_APP_CARDS": "false", "BQW_OFFICE_ADMINS": "a, b"}
    )
    assert found.app.secret == "from-outside"
    assert found.app.cards is False
    assert found.office.admins == ("a", "b")
    assert "from-outside" not in repr(found)
    assert not any("wrongkey" in line for line in mistakes(None, {"BQW_APP_AES_KEY": "wrongkey"}))


def test_the_types_of_files_that_are_kept_are_those_that_can_be_checked(tmp_path: Path) -> None:
    assert settings.Files().kinds == KINDS
    (line,) = mistakes(written(tmp_path, '[files]\nkinds = ["pdf", "exe"]\n'))
    assert "exe" in line


@pytest.mark.parametrize("text", ["[server", "server = 1", "[server]\nport = true", "\x00"])
def test_a_file_that_cannot_be_read_is_a_sentence_not_a_traceback(tmp_path: Path, text: str) -> None:
    assert mistakes(written(tmp_path, text))


def test_a_missing_file_and_bad_bytes_are_sentences_too(tmp_path: Path) -> None:
    assert "找不到配置文件" in mistakes(tmp_path / "none.toml")[0]
    (tmp_path / "gbk.toml").write_bytes("# 中文".encode("gbk"))
    assert "UTF-8" in mistakes(tmp_path / "gbk.toml")[0]
    assert "读不出来" in mistakes(None, {"BQW_APP_SECRET_FILE": str(tmp_path / "none")})[0]


def test_an_app_that_is_not_filled_in_says_what_is_missing() -> None:
    missing = settings.missing_for_app(App(corp_id="ww1", agent_id=7, secret="s"))
    assert list(missing) == ["token", "aes_key"]


def test_what_is_missing_and_what_is_wrong_are_told_together(tmp_path: Path) -> None:
    path = written(tmp_path, '[server]\nport = "x"\n[app]\naes_key = "short"\n')
    with pytest.raises(SettingsError) as caught:
        load(path, {}, serving=True)
    assert len(caught.value.mistakes) == 6
    assert sum("aes_key" in line for line in caught.value.mistakes) == 1


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("app.aes_key", "#" * 43),
        ("app.token", "t !!"),
        ("app.proxy", "not a url"),
        ("app.api_base", "qyapi"),
        ("app.ca_file", __file__),
        ("database.url", "postgres://bqw:hunter2@db/x"),
    ],
)
def test_a_value_that_cannot_work_is_refused_without_showing_a_secret(setting: str, value: str) -> None:
    (line,) = mistakes(None, {f"BQW_{setting.upper().replace('.', '_')}": value})
    assert setting.split(".")[1] in line
    assert "hunter2" not in line
