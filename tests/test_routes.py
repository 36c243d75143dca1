"""Free tests for every route: its examples reach it and no other, and nobody is left without an answer."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handlers import help
from handlers.ask import Knowing
from handlers.context import Context, UserError
from handlers.routes import ROUTES, walk
from storage import people
from storage.engine import Connection, Database
from storage.message import Card, Message, Reply, Text
from storage.people import Person
from tests.conftest import MONDAY

EXAMPLES = [(route.name, said) for route in ROUTES for said in route.examples]
ONLY_OFFICE = [route.name for route in ROUTES if route.who == "市百千万办管理员"]
BINDINGS = (
    Person("linxiao", "林晓", "admin", "市百千万办"),
    Person("linxiao", "林晓", "liaison", "市交通运输局"),
)


@pytest.fixture
async def conn(tmp_path: Path) -> AsyncIterator[Connection]:
    """With a round open in which the roads bureau owes something, and something to decide and to release."""
    database = await Database.open(f"sqlite:///{tmp_path / 'bqw.db'}")
    async with database.transaction() as opened:
        await people.bind(opened, BINDINGS, by="test", now=MONDAY)
        yield opened
    await database.close()


def context(conn: Connection, knows: Knowing, message: Message, *, is_admin: bool = False) -> Context:
    bindings = BINDINGS if is_admin else ()
    return Context(
        message=message,
        now=MONDAY,
        knows=knows,
        conn=conn,
        cards=True,
        is_admin=is_admin,
        bindings=bindings,
        admins=frozenset({"wanglei"}),
    )


def said(text: str, kind: str = "text", event: str = "", key: str = "k") -> Message:
    return Message(key, "app", "linxiao", MONDAY, kind=kind, text=text, event=event)


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
    await something_to_do(conn, knows, name)
    found, reply = await attempt(conn, knows, said(text))
    assert found == name
    assert len(reply) > 3


def shown(text: str) -> list[str]:
    """What a help text gives to copy."""
    lines = [line.partition("：")[2] for line in text.split("\n") if line[0] in "①②③④⑤⑥⑦⑧"]
    return [one.removeprefix("直接写，一条说几项都行，例如：") for line in lines for one in line.split("；")]


@pytest.mark.parametrize("text", [help.OFFICE, help.LEADER, help.LIAISON])
async def test_everything_the_help_shows_reaches_a_handler_of_its_own(
    conn: Connection, knows: Knowing, text: str
) -> None:
    await something_to_do(conn, knows, "help")
    await reach(conn, knows, said("开月报 要点17 放行17", key="open"), is_admin=True)
    assert len(shown(text)) > 10
    for example in shown(text):
        before = await conn.begin_nested()
        found, reply = await attempt(conn, knows, said(example, key=example))
        await before.rollback()
        assert found not in ("ask", "stranger", "ignored") or example == "第17项怎么样了", example
        assert reply, example


async def test_help_is_for_who_asks(conn: Connection, knows: Knowing) -> None:
    roles = {
        "office": (Person("linxiao", "林晓", "admin", "市百千万办"),),
        "leader": (Person("linxiao", "林晓", "leader", "市政府"),),
        "liaison": (Person("linxiao", "林晓", "liaison", "市交通运输局"),),
        "official": (),
    }
    marks = {"office": "开月报", "leader": "每天9点发我", "liaison": "我的任务", "official": "地方任务"}
    for role, bindings in roles.items():
        ctx = context(conn, knows, said("你能干什么？"), is_admin=role == "office")
        ctx.bindings = bindings
        _, reply = await walk(ctx.message, ctx)
        assert [mark in words(reply) for mark in marks.values()] == [one == role for one in marks]


@pytest.mark.parametrize(
    "text", ["这个月还要报什么", "我们还差哪几项", "还有哪些没报？", "我单位的待办清单", "我报过哪些"]
)
async def test_a_liaison_asks_for_his_tasks_in_his_own_words(
    conn: Connection, knows: Knowing, text: str
) -> None:
    ctx = context(conn, knows, said(text))
    ctx.bindings = BINDINGS[1:]
    assert (await walk(ctx.message, ctx))[0] == "mine"


async def something_to_do(conn: Connection, knows: Knowing, name: str) -> None:
    """What the example needs to be about: an open round, an objection."""
    if name in ("round-open", "help", "unanswered", "ask"):
        return
    await reach(conn, knows, said("开月报 要点17 放行17", key="open"), is_admin=True)
    if name.startswith("objection"):
        await reach(conn, knows, said("要点17不属本单位", key="no"), is_admin=True)


async def attempt(conn: Connection, knows: Knowing, message: Message) -> tuple[str, str]:
    """The route that took it and the words; a sentence for the person counts as words."""
    ctx = context(conn, knows, message, is_admin=True)
    for route in ROUTES:
        try:
            reply = await route.handler(message, ctx)
        except UserError as error:
            return route.name, str(error)
        if reply is not None:
            return route.name, words(reply)
    return "ignored", ""


async def undone(conn: Connection, knows: Knowing, message: Message) -> tuple[str, str]:
    """The same, with its effects taken back."""
    savepoint = await conn.begin_nested()
    try:
        return await attempt(conn, knows, message)
    finally:
        await savepoint.rollback()


@pytest.mark.parametrize("text", [said for _, said in EXAMPLES])
async def test_a_menu_entry_or_a_button_says_the_same_as_typing(
    conn: Connection, knows: Knowing, text: str
) -> None:
    typed = await undone(conn, knows, said(text))
    assert await undone(conn, knows, said(text, "event", "click")) == typed
    assert await undone(conn, knows, said(text, "click", "template_card_event")) == typed


@pytest.mark.parametrize("text", ["", " ", "😀", "啊" * 5000, "冷链" * 2500, "\n\n", "1" * 5000])
async def test_every_text_gets_a_decent_answer(conn: Connection, knows: Knowing, text: str) -> None:
    _, reply = await reach(conn, knows, said(text))
    assert 5 < len(words(reply)) < 700


@pytest.mark.parametrize(("name", "text"), [(n, t) for n, t in EXAMPLES if n in {*ONLY_OFFICE}])
async def test_a_stranger_is_refused_the_offices_words(
    conn: Connection, knows: Knowing, name: str, text: str
) -> None:
    found, refusal = "refused", "管理员"
    try:
        found, _ = await reach(conn, knows, said(text))
    except UserError as error:
        refusal = str(error)
    assert found != name
    assert "管理员" in refusal


def test_every_route_says_what_it_is_for() -> None:
    assert len({route.name for route in ROUTES}) == len(ROUTES)
    assert all(len(route.usage) > 4 for route in ROUTES)
