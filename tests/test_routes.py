"""Free tests for every route: its examples reach it and no other, and nobody is left without an answer."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handlers.ask import Knowing
from handlers.context import Context, UserError
from handlers.routes import ROUTES, walk
from storage.engine import Connection, Database
from storage.message import Card, Message, Reply, Text
from tests.conftest import MONDAY

EXAMPLES = [(route.name, said) for route in ROUTES for said in route.examples]


@pytest.fixture
async def conn(tmp_path: Path) -> AsyncIterator[Connection]:
    database = await Database.open(f"sqlite:///{tmp_path / 'bqw.db'}")
    async with database.transaction() as opened:
        yield opened
    await database.close()


def context(conn: Connection, knows: Knowing, message: Message, *, is_admin: bool = False) -> Context:
    return Context(message=message, now=MONDAY, knows=knows, conn=conn, cards=True, is_admin=is_admin)


def said(text: str, kind: str = "text", event: str = "") -> Message:
    return Message("k", "app", "linxiao", MONDAY, kind=kind, text=text, event=event)


async def reach(
    conn: Connection, knows: Knowing, message: Message, *, is_admin: bool = False
) -> tuple[str, Reply | None]:
    return await walk(message, context(conn, knows, message, is_admin=is_admin))


def words(reply: Reply | None) -> str:
    assert isinstance(reply, Text | Card)
    return reply.text


@pytest.mark.parametrize(("name", "text"), EXAMPLES)
async def test_each_example_reaches_its_own_route(
    conn: Connection, knows: Knowing, name: str, text: str
) -> None:
    found, reply = await reach(conn, knows, said(text), is_admin=True)
    assert found == name
    assert len(words(reply)) > 3


@pytest.mark.parametrize("text", [said for _, said in EXAMPLES])
async def test_a_menu_entry_or_a_button_says_the_same_as_typing(
    conn: Connection, knows: Knowing, text: str
) -> None:
    typed = await reach(conn, knows, said(text), is_admin=True)
    assert await reach(conn, knows, said(text, "event", "click"), is_admin=True) == typed
    assert await reach(conn, knows, said(text, "click", "template_card_event"), is_admin=True) == typed


@pytest.mark.parametrize("text", ["", " ", "😀", "啊" * 5000, "冷链" * 2500, "\n\n", "1" * 5000])
async def test_every_text_gets_a_decent_answer(conn: Connection, knows: Knowing, text: str) -> None:
    _, reply = await reach(conn, knows, said(text))
    assert 5 < len(words(reply)) < 700


async def test_a_stranger_is_refused_the_offices_words(conn: Connection, knows: Knowing) -> None:
    for route in ROUTES:
        for text in route.examples if route.who != "所有人" else ():
            with pytest.raises(UserError, match="管理员"):
                await reach(conn, knows, said(text))


def test_every_route_says_what_it_is_for() -> None:
    assert len({route.name for route in ROUTES}) == len(ROUTES)
    assert all(len(route.usage) > 4 for route in ROUTES)
