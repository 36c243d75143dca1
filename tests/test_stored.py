"""An index that was kept answers as the one that was made, and one that does not fit is never taken."""

from dataclasses import replace
from pathlib import Path

import pytest

from knowledge import stored
from knowledge.book import shipped
from knowledge.lexicon import Lexicon, shipped_lexicon
from knowledge.match import Index
from knowledge.notice import Notice
from knowledge.question import read

ASKED = ("冷链谁牵头", "lenglian", "冷练 物流", "冷气老是跳闸", "who builds the cold chain", "ll多少个")
NOTICE, NAMES = shipped().notice, tuple(shipped().directory.spoken_names)


@pytest.fixture(scope="module")
def index() -> Index:
    return Index.of(NOTICE, shipped_lexicon(NOTICE), NAMES)


@pytest.fixture
def made(index: Index, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The notices an index is made for, from now on."""
    titles: list[str] = []

    def make(notice: Notice, _lexicon: Lexicon, _names: object) -> Index:
        titles.append(notice.title)
        return index

    monkeypatch.setattr(Index, "of", make)
    return titles


def test_a_kept_index_answers_as_the_one_that_was_made(index: Index, made: list[str], tmp_path: Path) -> None:
    stored.index_of(NOTICE, NAMES, tmp_path)
    found = stored.index_of(NOTICE, NAMES, tmp_path)
    assert len(made) == 1
    for text in ASKED:
        q = read(text, index)
        assert read(text, found) == q
        assert found.search(map(list, q.runs), q.spans) == index.search(map(list, q.runs), q.spans)


def test_another_notice_and_other_names_have_an_index_of_their_own(made: list[str], tmp_path: Path) -> None:
    other = replace(NOTICE, title="别的通知")
    for _ in range(2):
        stored.index_of(NOTICE, NAMES, tmp_path)
        stored.index_of(other, NAMES, tmp_path)
        stored.index_of(NOTICE, NAMES[1:], tmp_path)
    assert made == [NOTICE.title, "别的通知", NOTICE.title]


def test_half_a_file_is_not_believed(made: list[str], tmp_path: Path) -> None:
    stored.index_of(NOTICE, NAMES, tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:100_000])
    for _ in range(2):  # the second time it is whole again
        stored.index_of(NOTICE, NAMES, tmp_path)
    assert len(made) == 2


def test_where_nothing_may_be_written_the_index_is_made_each_time(made: list[str], tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    for _ in range(2):
        stored.index_of(NOTICE, NAMES, tmp_path / "a file")
    assert len(made) == 2


def test_only_the_latest_few_are_kept(made: list[str], tmp_path: Path) -> None:
    for number in range(stored.KEPT + 2):
        stored.index_of(NOTICE, (str(number),), tmp_path)
    assert len(list(tmp_path.iterdir())) == stored.KEPT
