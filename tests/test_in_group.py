"""What a group hears: every route that is not for groups is refused there, and leaves nothing behind."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from handlers.ask import Knowing
from handlers.context import Context, UserError
from handlers.in_group import ALONE, LINE, LINES, QUOTED, quoted, shortened, walk
from handlers.routes import ROUTES, Route
from handlers.routes import walk as walk_any
from storage import people
from storage.engine import Connection, Database
from storage.message import Button, Card, Message, Reply
from storage.tables import metadata
from tests.conftest import MONDAY
from tests.test_routes import BINDINGS, context, something_to_do, words

PRIVATE = [(route.name, said) for route in ROUTES if not route.group for said in route.examples]


@pytest.fixture
async def conn(tmp_path: Path) -> AsyncIterator[Connection]:
    database = await Database.open(f"sqlite:///{tmp_path / 'bqw.db'}")
    async with database.transaction() as opened:
        await people.bind(opened, BINDINGS, by="test", now=MONDAY)
        yield opened
    await database.close()


def in_group(text: str, **more: str) -> Message:
    return Message("g1", "robot", "linxiao", MONDAY, text=text, chat="wrA", **more)  # type: ignore[arg-type]


async def rows(conn: Connection) -> dict[str, int]:
    return {
        table.name: int((await conn.execute(select(func.count()).select_from(table))).scalar_one())
        for table in metadata.sorted_tables
    }


@pytest.mark.parametrize(("name", "text"), PRIVATE)
async def test_what_is_not_for_groups_is_asked_for_alone_and_undone(
    conn: Connection, knows: Knowing, name: str, text: str
) -> None:
    await something_to_do(conn, knows, name)
    before = await rows(conn)
    ctx = context(conn, knows, in_group(text), is_admin=True)
    ctx.memory = {"kept": True}
    found, reply = await walk_any(in_group(text), ctx)
    assert found == "group-private"
    assert ALONE in words(reply)
    assert await rows(conn) == before
    assert (ctx.memory, ctx.kept, ctx.knowledge_changed) == ({"kept": True}, [], False)


async def test_a_question_is_quoted_cut_and_the_rest_goes_to_the_asker(
    conn: Connection, knows: Knowing
) -> None:
    ctx = context(conn, knows, in_group("冷链哪个单位牵头？"), is_admin=True)
    _, reply = await walk_any(in_group("冷链哪个单位牵头？"), ctx)
    assert words(reply).startswith("「林晓：冷链哪个单位牵头？」\n建议由市供销社牵头")
    assert words(reply).endswith("其余内容已发到您的单聊。")
    (row,) = ctx.asides
    assert (row.channel, row.target, row.key) == ("app", "linxiao", "aside:g1")
    assert "原文：" in row.payload["text"]


async def test_a_quoted_message_says_what_this_is(conn: Connection, knows: Knowing) -> None:
    message = in_group("这个归谁管", quote="新增投产冷库库容0.25万吨")
    _, reply = await walk_any(message, context(conn, knows, message))
    assert "市供销社牵头" in words(reply)


async def test_an_error_of_a_private_route_is_not_told_and_of_a_group_route_is(
    conn: Connection, knows: Knowing
) -> None:
    async def refuses(message: Message, ctx: Context) -> Reply | None:
        raise UserError("只有某某能看")

    message = in_group("x")
    _, reply = await walk(message, context(conn, knows, message), [Route("r", refuses, "……", ())])
    assert "某某" not in words(reply)
    with pytest.raises(UserError):
        await walk(message, context(conn, knows, message), [Route("r", refuses, "……", (), group=True)])


async def test_a_card_carries_the_question(conn: Connection, knows: Knowing) -> None:
    card = Card("您是不是想问", "回复序号即可", (Button("第3点", "第3条"),), "1. 第3点")

    async def offers(message: Message, ctx: Context) -> Reply | None:
        return card

    message = in_group("项目")
    _, reply = await walk(message, context(conn, knows, message), [Route("r", offers, "……", (), group=True)])
    assert isinstance(reply, Card)
    assert reply.body == "「项目」\n回复序号即可"
    assert reply.text.startswith("「项目」\n")


def test_a_long_answer_is_cut_by_lines_and_hints_do_not_count() -> None:
    assert shortened("一\n二\n回复“全文”看整条。") == ("一\n二", False)
    assert shortened("一\n\n二\n三\n四") == ("一\n二\n三", True)
    short, cut = shortened("长" * 100)
    assert cut
    assert len(short) == LINE
    assert LINES == 3


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("冷链\n谁  牵头", "「冷链 谁 牵头」"),
        ("看 https://evil.com 谁", "「看 https：//evil．com 谁」"),
        ("0.25万吨是谁", "「0.25万吨是谁」"),
        ("长" * 30, f"「{'长' * (QUOTED - 1)}…」"),
        ("", "「」"),
    ],
)
def test_the_askers_words_are_quoted_shortly_and_no_address_can_be_touched(
    conn: Connection, knows: Knowing, said: str, shown: str
) -> None:
    assert quoted(in_group(said), context(conn, knows, in_group(said))) == shown
