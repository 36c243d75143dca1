"""Fixtures every test may use: a database of each kind, a clock, what the bot knows."""

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from handlers.turn import Knowing
from knowledge.book import Book
from knowledge.match import Index
from storage.engine import Database
from tests import postgres
from tests.chat import MONDAY, Chat

if TYPE_CHECKING:
    from tests.town import Town


class Clock:
    """Says the same time until told otherwise."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def step(self, **ahead: float) -> None:
        self.now += timedelta(**ahead)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session", autouse=True)
def one_index_of_the_same_notice() -> Iterator[None]:
    """Towns would each build the same index, most of what a town costs; searching changes nothing in it."""
    build, built = Knowing.of.__func__, dict[tuple[str, tuple[str, ...]], Index]()  # type: ignore[attr-defined]

    def of(cls: type[Knowing], book: Book) -> Knowing:
        key = (book.notice.text, tuple(book.directory.spoken_names))
        if key not in built:
            built[key] = build(cls, book).index
        return cls(book, built[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Knowing, "of", classmethod(of))
        yield


@pytest.fixture(scope="session")
def knows() -> Knowing:
    return Knowing.shipped()


@pytest.fixture
def chat(knows: Knowing) -> Chat:
    """A conversation of one person with the answering core."""
    return Chat(knows)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str | None]:
    with postgres.server() as url:
        if url and "TEST_PG_URL" not in os.environ:
            postgres.hurry(url)
        yield url


@pytest.fixture(scope="session")
def made_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database as the program makes it: thirty tables take longer to make than to copy."""
    file = tmp_path_factory.mktemp("made") / "bqw.db"
    _make(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def made_postgres(postgres_server: str | None) -> Iterator[str]:
    """The name of such a database on the server."""
    name = f"made{uuid.uuid4().hex[:12]}"
    with postgres.fresh_database(_running(postgres_server), name) as url:
        _make(url)
        yield name


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The same tests on both databases; the tables are there."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("made_file"), tmp_path / "bqw.db")
        yield f"sqlite:///{tmp_path / 'bqw.db'}"
        return
    server = _running(request.getfixturevalue("postgres_server"))
    like = request.getfixturevalue("made_postgres")
    with postgres.fresh_database(server, f"t{uuid.uuid4().hex[:12]}", like=like) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where nothing is yet, for the tests of how tables are made."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bqw.db'}"
        return
    server = _running(request.getfixturevalue("postgres_server"))
    with postgres.fresh_database(server, f"t{uuid.uuid4().hex[:12]}") as url:
        yield url


def _running(server: str | None) -> str:
    if server is None:
        pytest.skip("NO POSTGRESQL: set TEST_PG_URL, or install pgserver or Debian's postgresql")
    return server


def _make(url: str) -> None:
    """A database with nothing but its tables. The file is whole when the last connection has closed."""

    async def make() -> None:
        await (await Database.open(url)).close()

    asyncio.run(make())


@pytest.fixture
async def office(database_url: str) -> AsyncIterator["Town"]:
    """A town with the demonstration's people, on each kind of database."""
    from tests.town import town

    async with town(database_url) as found:
        yield found


@pytest.fixture
async def here(made_file: Path, tmp_path: Path) -> AsyncIterator["Town"]:
    """The same on one database, where the other could make no difference."""
    from tests.town import town

    shutil.copy(made_file, tmp_path / "here.db")
    async with town(f"sqlite:///{tmp_path / 'here.db'}") as found:
        yield found


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await Database.open(database_url)
    yield opened
    await opened.close()
