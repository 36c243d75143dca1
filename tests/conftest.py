"""Fixtures every test may use: a database of each kind, a clock, what the bot knows."""

import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from handlers.turn import Knowing
from storage.engine import Database
from tests import postgres
from tests.chat import MONDAY, Chat


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
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The same tests on both databases."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bqw.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    if server is None:
        pytest.skip("NO POSTGRESQL: set TEST_PG_URL, or install pgserver or Debian's postgresql")
    with postgres.fresh_database(server, f"t{uuid.uuid4().hex[:12]}") as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await Database.open(database_url)
    yield opened
    await opened.close()
