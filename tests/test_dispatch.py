"""One message, one answer, one effect: through retries, neighbours that fail, and a database that is away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from structlog.testing import capture_logs

from bot.answering import Answering, Handled
from bot.dispatch import Dispatcher, Unavailable
from bot.metrics import Metrics
from handlers.context import Context, UserError
from storage import outbox
from storage.engine import Database
from storage.message import Card, Message, Payload, Reply, Text
from storage.tables import conversations, inbox, questions
from storage.tables import outbox as outbox_table
from supervision.problem_rules import ProblemRules
from supervision.rules import Rules
from supervision.workdays import Workdays
from tests.conftest import MONDAY, Clock

Walk = Callable[[Message, Context], Awaitable[tuple[str, Reply | None]]]


class TextChannel:
    """Cuts texts at semicolons, so that a test sees parts."""

    cards = False
    markdown = False

    def payloads(self, message: Message, reply: Reply) -> Sequence[Payload]:
        return [Text(part) for part in reply.text.split(";")] if isinstance(reply, Text) else [reply]

    def inline(self, payload: Payload) -> bool:
        return isinstance(payload, Text)


def says(text: str, key: str = "m1", person: str = "linxiao") -> Message:
    return Message(key=key, channel="app", person=person, received_at=MONDAY, text=text)


async def nothing_new() -> None:
    """These walks teach nothing."""


@asynccontextmanager
async def dispatching(database: Database, walk: Walk, clock: Clock, **more: Any) -> AsyncIterator[Dispatcher]:
    answering = Answering(
        walk=walk,
        knows=lambda: None,  # type: ignore[arg-type,return-value]  # these walks ask nothing
        channels={"app": TextChannel()},
        admins=frozenset({"wang"}),
        workdays=Workdays,
        rules=Rules(),
        problems=ProblemRules(),
        inline_lease=timedelta(seconds=25),
    )
    dispatcher = Dispatcher(
        answering=answering,
        database=database,
        catch_up=more.get("catch_up", nothing_new),
        clock=clock,
        metrics=Metrics(),
        on_queued=more.get("on_queued", lambda: None),
        deadline=more.get("deadline", 10.0),
    )
    await dispatcher.start()
    yield dispatcher
    await dispatcher.close()


async def echo(message: Message, ctx: Context) -> tuple[str, Reply | None]:
    return "echo", Text(f"您说:{message.text}")


async def count(database: Database, table: Any) -> int:
    async with database.transaction() as conn:
        return int((await conn.execute(select(func.count()).select_from(table))).scalar_one())


async def test_an_answer_is_durable_before_the_door_gets_it(database: Database, clock: Clock) -> None:
    async with dispatching(database, echo, clock) as dispatcher:
        handled = await dispatcher.handle(says("冷链"))
        assert handled.inline == Text("您说:冷链")
        assert await count(database, inbox) == 1
        assert await count(database, outbox_table) == 1


async def test_a_retry_gets_the_same_answer_and_has_no_effect(database: Database, clock: Clock) -> None:
    ran = 0

    async def once(message: Message, ctx: Context) -> tuple[str, Reply | None]:
        nonlocal ran
        ran += 1
        ctx.memory = {"times": (ctx.memory or {}).get("times", 0) + 1}
        ctx.keep_question(message.text, "unknown", ())
        return "once", Text(f"第{ran}次")

    async with dispatching(database, once, clock) as dispatcher:
        first = await dispatcher.handle(says("冷链"))
        again = await dispatcher.handle(says("冷链"))
        assert ran == 1
    async with dispatching(database, once, clock) as dispatcher:  # also after a restart
        later = await dispatcher.handle(says("冷链"))
    assert (first.inline, again.inline, later.inline) == (Text("第1次"),) * 3
    assert (first.duplicate, again.duplicate, later.duplicate) == (False, True, True)
    assert await count(database, inbox) == await count(database, questions) == 1
    async with database.transaction() as conn:
        assert (await conn.execute(select(conversations.c.memory))).scalar_one() == {"times": 1}


async def test_what_was_taught_is_known_once_it_is_durable_and_before_the_answer_leaves(
    database: Database, clock: Clock
) -> None:
    seen: list[int] = []

    async def teach(message: Message, ctx: Context) -> tuple[str, Reply | None]:
        ctx.knowledge_changed = message.text == "教"
        return "teach", Text("好的")

    async def catch_up() -> None:
        seen.append(await count(database, inbox))

    async with dispatching(database, teach, clock, catch_up=catch_up) as dispatcher:
        await dispatcher.handle(says("冷链", "m1"))
        assert seen == []
        await dispatcher.handle(says("教", "m2"))
        assert seen == [2]


async def test_new_messages_and_retries_in_one_group_each_get_their_own(
    database: Database, clock: Clock
) -> None:
    async with dispatching(database, echo, clock) as dispatcher:
        await asyncio.gather(*(dispatcher.handle(says(f"{n}", f"m{n}")) for n in range(10)))
    async with dispatching(database, echo, clock) as dispatcher:
        found = await asyncio.gather(*(dispatcher.handle(says(f"{n}", f"m{n}")) for n in range(20)))
    assert [handled.inline for handled in found] == [Text(f"您说:{n}") for n in range(20)]
    assert [handled.duplicate for handled in found] == [True] * 10 + [False] * 10
    assert await count(database, inbox) == 20


async def test_deliveries_in_parallel_to_two_replicas_have_one_effect(
    database: Database, clock: Clock
) -> None:
    ran = 0

    async def slow(message: Message, ctx: Context) -> tuple[str, Reply | None]:
        nonlocal ran
        ran += 1
        mine = ran
        await ctx.conn.execute(select(func.count()).select_from(inbox))  # lets the other replica in
        return "slow", Text(f"第{mine}次")

    other = await Database.open(database.engine.url.render_as_string(hide_password=False))
    async with dispatching(database, slow, clock) as one, dispatching(other, slow, clock) as two:
        answers = await asyncio.gather(
            *(replica.handle(says("冷链", key=f"m{n}")) for n in range(20) for replica in (one, two, one))
        )
    await other.close()
    by_key: dict[str, set[str]] = {}
    for handled in answers:
        assert isinstance(handled.inline, Text)
        by_key.setdefault(handled.key, set()).add(handled.inline.text)
    assert await count(database, inbox) == 20
    assert await count(database, outbox_table) == 20
    assert all(len(texts) == 1 for texts in by_key.values()), by_key


async def test_a_failing_neighbour_undoes_only_itself(database: Database, clock: Clock) -> None:
    async def walk(message: Message, ctx: Context) -> tuple[str, Reply | None]:
        ctx.memory = {"last": message.text}
        if message.text == "bad":
            raise RuntimeError("a secret path /etc/bqw")
        if message.text == "no":
            raise UserError("这项内容由市百千万办管理员查看。")
        return "ok", Text("好")

    with capture_logs() as logged:
        good, bad, refused, other, again = await four_at_once_and_the_bad_one_again(database, walk, clock)
    assert good.inline == other.inline == Text("好")
    assert refused.inline == Text("这项内容由市百千万办管理员查看。")
    assert isinstance(bad.inline, Text)
    assert "编号" in bad.inline.text
    assert "secret" not in bad.inline.text
    assert again.inline == bad.inline
    async with database.transaction() as conn:
        states = {row.key: (row.state, row.error_ref) for row in await conn.execute(select(inbox))}
        remembered = {row.key for row in await conn.execute(select(conversations))}
    assert states["m1"] == states["m4"] == ("done", "")
    assert states["m2"][0] == "failed"
    assert states["m2"][1] in bad.inline.text
    assert remembered == {"app::a", "app::d"}
    failures = [line for line in logged if line["log_level"] == "error"]
    assert [line["ref"] for line in failures] == [states["m2"][1]]
    assert isinstance(failures[0]["exc_info"], RuntimeError)  # the traceback is for us alone


async def four_at_once_and_the_bad_one_again(
    database: Database, walk: Walk, clock: Clock
) -> tuple[Handled, Handled, Handled, Handled, Handled]:
    async with dispatching(database, walk, clock) as dispatcher:
        good, bad, refused, other = await asyncio.gather(
            dispatcher.handle(says("good", "m1", "a")),
            dispatcher.handle(says("bad", "m2", "b")),
            dispatcher.handle(says("no", "m3", "c")),
            dispatcher.handle(says("good", "m4", "d")),
        )
        return good, bad, refused, other, await dispatcher.handle(says("bad", "m2", "b"))


async def test_a_person_in_a_hurry_keeps_his_own_memory(database: Database, clock: Clock) -> None:
    async def remembering(message: Message, ctx: Context) -> tuple[str, Reply | None]:
        before = (ctx.memory or {}).get("said", [])
        ctx.memory = {"said": [*before, message.text]}
        return "remember", Text("".join(before) or "没有")

    async with dispatching(database, remembering, clock) as dispatcher:
        answers = await asyncio.gather(
            dispatcher.handle(says("一", "m1")),
            dispatcher.handle(says("二", "m2")),
            dispatcher.handle(says("三", "m3", "other")),
        )
        later = await dispatcher.handle(says("四", "m4"))
    assert [handled.inline for handled in answers] == [Text("没有"), Text("一"), Text("没有")]
    assert later.inline == Text("一二")


async def test_a_long_answer_travels_in_parts_and_only_the_first_inline(
    database: Database, clock: Clock
) -> None:
    poked = 0

    def poke() -> None:
        nonlocal poked
        poked += 1

    async def long(message: Message, ctx: Context) -> tuple[str, Reply | None]:
        return "long", Text("一;二;三")

    async with dispatching(database, long, clock, on_queued=poke) as dispatcher:
        handled = await dispatcher.handle(says("全文"))
        assert handled.inline == Text("一")
        assert poked == 1
        async with database.transaction() as conn:
            early = await claim(conn, clock)
        dispatcher.answered("re:m1")
        await dispatcher.handle(says("别的", "m2"))  # the note travels with the next commit at the latest
    async with database.transaction() as conn:
        second = await claim(conn, clock)
    assert early == []  # the second part waits for the first
    assert [row.payload["text"] for row in second] == ["二"]


async def claim(conn: Any, clock: Clock, owner: str = "x") -> list[outbox.Claimed]:
    return await outbox.claim(conn, owner=owner, now=clock(), lease=timedelta(seconds=30), limit=10)


async def test_an_inline_answer_that_never_left_is_pushed_when_its_lease_ends(
    database: Database, clock: Clock
) -> None:
    async with dispatching(database, echo, clock) as dispatcher:
        await dispatcher.handle(says("冷链"))
    async with database.transaction() as conn:
        assert await claim(conn, clock) == []
    clock.step(seconds=26)
    async with database.transaction() as conn:
        taken = await claim(conn, clock)
        await outbox.sent(conn, taken[0], owner="x", now=clock())
    assert [row.payload["text"] for row in taken] == ["您说:冷链"]
    async with dispatching(database, echo, clock) as dispatcher:
        late = await dispatcher.handle(says("冷链"))
    assert late.inline is None  # a late retry does not say it a second time


async def test_a_card_cannot_travel_inline_and_is_queued(database: Database, clock: Clock) -> None:
    async def card(message: Message, ctx: Context) -> tuple[str, Reply | None]:
        return "card", Card("您是不是想问", "1. 冷链", (), "1. 冷链")

    async with dispatching(database, card, clock) as dispatcher:
        assert (await dispatcher.handle(says("链"))).inline is None
    async with database.transaction() as conn:
        assert [row.payload["form"] for row in await claim(conn, clock)] == ["Card"]


async def test_nothing_is_acknowledged_while_the_database_is_away(database: Database, clock: Clock) -> None:
    async with dispatching(database, echo, clock) as dispatcher:
        async with database.transaction() as conn:
            await conn.execute(text("ALTER TABLE inbox RENAME TO inbox_away"))
        # The database answers, the message fails: that is the message's failure, and even the
        # apology cannot be stored, so nothing may be acknowledged.
        with pytest.raises(Unavailable):
            await dispatcher.handle(says("冷链"))
        async with database.transaction() as conn:
            await conn.execute(text("ALTER TABLE inbox_away RENAME TO inbox"))
        assert (await dispatcher.handle(says("冷链"))).inline == Text("您说:冷链")


async def test_a_handler_that_hangs_is_not_waited_for_and_its_retry_finds_the_answer(
    database: Database, clock: Clock
) -> None:
    async def hang(message: Message, ctx: Context) -> tuple[str, Reply | None]:
        if message.text == "卡住":
            await asyncio.Event().wait()
        return "hang", Text("好了")

    async with dispatching(database, hang, clock, deadline=0.3) as dispatcher:
        tries = await asyncio.gather(
            *(dispatcher.handle(says("卡住")) for _ in range(3)), return_exceptions=True
        )
        async with asyncio.timeout(20):
            while (apology := await again(dispatcher, says("卡住"))) is None:
                pass
        other = await dispatcher.handle(says("冷链", "m2"))
        assert dispatcher.alive
    assert [type(outcome) for outcome in tries] == [Unavailable] * 3
    assert isinstance(apology.inline, Text)
    assert "编号" in apology.inline.text
    assert other.inline == Text("好了")
    assert await count(database, inbox) == 2


async def again(dispatcher: Dispatcher, message: Message) -> Handled | None:
    """One more delivery of it, as WeCom does after a 503."""
    try:
        return await dispatcher.handle(message)
    except Unavailable:
        return None


async def test_an_inline_answer_is_noted_after_an_outage_and_not_pushed_as_well(
    database: Database, clock: Clock
) -> None:
    async with dispatching(database, echo, clock) as dispatcher:
        await dispatcher.handle(says("冷链"))
        async with database.transaction() as conn:
            await conn.execute(text("ALTER TABLE outbox RENAME TO outbox_away"))
        with capture_logs() as logged:
            dispatcher.answered("re:m1")
            async with asyncio.timeout(20):
                while not any("will try again" in line["event"] for line in logged):
                    await asyncio.sleep(0.005)
        async with database.transaction() as conn:
            await conn.execute(text("ALTER TABLE outbox_away RENAME TO outbox"))
        async with asyncio.timeout(20):
            while await state_of(database, "re:m1") != "sent":
                await asyncio.sleep(0.02)
    clock.step(minutes=5)
    async with database.transaction() as conn:
        assert await claim(conn, clock) == []


async def state_of(database: Database, key: str) -> str:
    async with database.transaction() as conn:
        query = select(outbox_table.c.state).where(outbox_table.c.key == key)
        return str((await conn.execute(query)).scalar_one())


async def test_closing_finishes_what_was_accepted(database: Database, clock: Clock) -> None:
    async with dispatching(database, echo, clock) as dispatcher:
        pending = [asyncio.ensure_future(dispatcher.handle(says("冷链", f"m{n}"))) for n in range(200)]
        await asyncio.sleep(0)
    assert len({(await answer).key for answer in pending}) == 200
    with pytest.raises(Unavailable):
        await dispatcher.handle(says("迟到", "late"))
    assert await count(database, inbox) == 200
