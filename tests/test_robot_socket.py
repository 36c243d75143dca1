"""The robot's long connection and what goes wrong with it: nothing asked on it stays unanswered."""

import asyncio
import gc
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.channels import lanes
from bot.channels.robot_answers import CROWD
from bot.dispatch import Unavailable
from handlers.context import Context
from simulator.server import Simulator
from storage import leases, outbox
from storage.engine import Database
from storage.message import Button, Card, File, Message, Picture, Reply, Text, dump
from tests.robots import FIRMS, OFFICE, Bot, bot_beside, wecom

CARD = Card(
    "您是不是想问", "点一下就答", (Button("第17点", "第17条"), Button("第3点", "第3条")), "第17点或第3点"
)


@pytest.fixture
async def there() -> AsyncIterator[Simulator]:
    async with wecom() as simulator:
        yield simulator


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Database]:
    """On SQLite only: for what has nothing to do with the database."""
    opened = await Database.open(f"sqlite:///{tmp_path / 'bqw.db'}")
    yield opened
    await opened.close()


async def push(bot: Bot, target: str, payload: Text | Picture | File, key: str) -> None:
    async with bot.database.transaction() as conn:
        row = outbox.Outgoing(key, "robot", target, dump(payload))
        await outbox.add(conn, [(row, None)], bot.clock())
    bot.delivery.poke()


# -- answers leave once, whatever happens -----------------------------------------------------------------


async def test_an_answer_is_one_frame_and_noted_as_said(there: Simulator, database: Database) -> None:
    async with bot_beside(there, database) as bot:
        answer = await there.robot.ask("linxiao", "冷链", group=OFFICE)
        assert answer.text == "您说：冷链"
        rows = await bot.settled("sent")
    assert [row[:2] for row in rows.values()] == [("sent", "inline")]
    (asked,) = there.robot.asked
    assert [frame["stream"]["finish"] for frame in asked.frames] == [True]
    assert there.robot.socket.out_of_turn == 0


async def test_the_same_message_delivered_again_has_no_second_effect(
    there: Simulator, store: Database
) -> None:
    ran = 0

    async def count(message: Message, ctx: Context) -> tuple[str, Reply | None]:
        nonlocal ran
        ran += 1
        return "count", Text(f"第{ran}次")

    async with bot_beside(there, store, count) as bot:
        first = there.robot.say("linxiao", "冷链", group=OFFICE)
        await there.robot.hear(first)
        again = there.robot.tell("linxiao", dict(first.body), group=OFFICE)
        assert (await there.robot.hear(again)).text == "第1次"
        await bot.settled("sent")
    assert ran == 1


async def test_a_lost_acknowledgement_repeats_the_same_stream_and_shows_one_answer(
    there: Simulator, store: Database
) -> None:
    there.robot.socket.faults.lost["aibot_respond_msg"] = 1
    async with bot_beside(there, store) as bot:
        await there.robot.ask("linxiao", "冷链", group=OFFICE)
        rows = await bot.settled("sent")
    assert [row[1] for row in rows.values()] == ["inline"]
    assert len(there.robot.inbox(OFFICE)) == 1


@pytest.mark.parametrize("code", [846605, 846608, 846601, 45009, 40058])
async def test_a_refused_answer_is_pushed_instead(there: Simulator, store: Database, code: int) -> None:
    there.robot.socket.faults.codes.append(("aibot_respond_msg", code))
    if code == 846601:  # said again once on the connection
        there.robot.socket.faults.codes.append(("aibot_respond_msg", code))
    async with bot_beside(there, store) as bot:
        answer = await there.robot.ask("linxiao", "冷链", group=OFFICE)
        rows = await bot.settled("sent")
    assert (answer.text, answer.via) == ("您说：冷链", "push")
    assert [row[1] for row in rows.values()] == ["push"]
    (sent,) = [frame for frame in there.robot.socket.frames if frame["cmd"] == "aibot_send_msg"]
    assert sent["body"]["chat_type"] == 2
    assert len(there.robot.inbox(OFFICE)) == 1


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011, 4000])
async def test_whatever_closes_the_connection_it_is_opened_again(
    there: Simulator, store: Database, code: int
) -> None:
    async with bot_beside(there, store) as bot:
        await there.robot.socket.cut(code)
        await there.robot.socket.wait_connected(times=2, seconds=5)
        assert (await there.robot.ask("linxiao", "冷链", group=OFFICE)).text == "您说：冷链"
        await bot.settled("sent")


async def test_what_was_asked_before_a_cut_is_answered_after_it(there: Simulator, store: Database) -> None:
    answering = asyncio.Event()

    async def slowly(message: Message, ctx: Context) -> tuple[str, Reply | None]:
        await answering.wait()
        return "slowly", Text(f"您说：{message.text}")

    async with bot_beside(there, store, slowly) as bot:
        asked = [there.robot.say("linxiao", f"第{number}问", group=OFFICE) for number in range(5)]
        await asyncio.sleep(0)
        while len(bot.dispatcher._flying) < lanes.AT_ONCE:
            await asyncio.sleep(0.01)
        await there.robot.socket.cut(1006)
        answering.set()
        await there.robot.socket.wait_connected(times=2)
        while len(there.robot.inbox(OFFICE)) < 5:
            await asyncio.sleep(0.01)
        await bot.settled("sent")
    assert {bubble.text for bubble in there.robot.inbox(OFFICE)} == {f"您说：第{n}问" for n in range(5)}
    assert len(asked) == 5


async def test_a_connection_whose_heart_stops_is_opened_again(there: Simulator, store: Database) -> None:
    there.robot.socket.faults.lost["ping"] = 2
    async with bot_beside(there, store, beat=0.05):
        await there.robot.socket.wait_connected(times=2, seconds=5)
        there.robot.socket.faults.lost.clear()
        assert (await there.robot.ask("linxiao", "冷链", group=OFFICE)).text == "您说：冷链"
    assert sum(frame["cmd"] == "ping" for frame in there.robot.socket.frames) >= 2


async def test_a_subscription_wecom_forgot_is_renewed(there: Simulator, store: Database) -> None:
    async with bot_beside(there, store) as bot:
        there.robot.socket.faults.forgotten = True
        there.robot.say("linxiao", "冷链", group=OFFICE)
        await there.robot.socket.wait_connected(times=2, seconds=5)
        await bot.settled("sent")
    assert [bubble.text for bubble in there.robot.inbox(OFFICE)] == ["您说：冷链"]


async def test_while_nothing_can_be_stored_the_asker_is_told_to_wait(
    there: Simulator, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bot_beside(there, store, slow=0.05) as bot:
        handle, away = bot.dispatcher.handle, 3

        async def later(message: Message) -> object:
            nonlocal away
            away -= 1
            if away >= 0:
                raise Unavailable
            return await handle(message)

        monkeypatch.setattr(bot.dispatcher, "handle", later)
        monkeypatch.setattr("bot.channels.robot.TRY_AGAIN", (0.1,) * 5)
        there.robot.socket.acknowledging.clear()
        asked = there.robot.say("linxiao", "冷链", group=OFFICE)
        while away >= 0:
            await asyncio.sleep(0.01)
        there.robot.socket.acknowledging.set()
        assert (await there.robot.hear(asked)).text == "您说：冷链"
        await bot.settled("sent")
    said = [frame["stream"] for frame in asked.frames]
    assert [(one["content"], one["finish"]) for one in said] == [
        ("正在查，请稍候……", False),
        ("您说：冷链", True),
    ]
    assert {one["id"] for one in said} == {asked.msgid}
    assert there.robot.socket.out_of_turn == 0, "a frame left before the one before it was acknowledged"


async def test_what_can_never_be_stored_ends_in_an_apology(
    there: Simulator, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(message: Message) -> object:
        raise Unavailable

    async with bot_beside(there, store) as bot:
        monkeypatch.setattr(bot.dispatcher, "handle", never)
        monkeypatch.setattr("bot.channels.robot.TRY_AGAIN", (0.01,))
        assert "请过几分钟再问一次" in (await there.robot.ask("linxiao", "冷链", group=OFFICE)).text


# -- greetings and cards ----------------------------------------------------------------------------------


async def test_a_greeting_goes_in_time_or_not_at_all(there: Simulator, store: Database) -> None:
    async with bot_beside(there, store) as bot:
        greeted = there.robot.enter("linxiao")
        assert (await there.robot.hear(greeted)).text == "您说："
        there.robot.socket.faults.codes.append(("aibot_respond_welcome_msg", 846608))
        there.robot.enter("chenjing")
        rows = await bot.settled("sent", "dropped")
    assert sorted(row[0] for row in rows.values()) == ["dropped", "sent"]
    assert there.robot.inbox("robot:chenjing") == ()


async def test_a_pressed_button_closes_the_card_and_is_answered(there: Simulator, store: Database) -> None:
    async def cards(message: Message, ctx: Context) -> tuple[str, Reply | None]:
        return "cards", Text(f"您点了{message.text}") if message.kind == "click" else CARD

    async with bot_beside(there, store, cards) as bot:
        card = await there.robot.ask("linxiao", "冷链", group=OFFICE)
        assert card.kind == "template_card"
        pressed = there.robot.press("linxiao", card, "第17条")
        answer = await there.robot.hear(pressed)
        assert (answer.text, answer.via) == ("您点了第17条", "push")
        alone = await there.robot.ask("linxiao", "冷链")
        closed = there.robot.press("linxiao", alone, "第3条")
        await there.robot.hear(closed)
        await bot.settled("sent")
    (shown, _) = there.robot.inbox(OFFICE)
    assert shown.text == "您是不是想问\n已选择：第17点"
    assert pressed.frames[0]["userids"] == ["linxiao"], "in a group the card closes for who pressed it"
    assert "userids" not in closed.frames[0]


async def test_a_card_whose_acknowledgement_was_lost_is_said_in_words(
    there: Simulator, store: Database
) -> None:
    async def card(message: Message, ctx: Context) -> tuple[str, Reply | None]:
        return "card", CARD

    there.robot.socket.faults.lost["aibot_respond_msg"] = 1
    async with bot_beside(there, store, card) as bot:
        there.robot.say("linxiao", "冷链", group=OFFICE)
        await bot.settled("sent")
    assert [bubble.kind for bubble in there.robot.inbox(OFFICE)] == ["template_card", "markdown"]


async def test_an_answer_that_takes_long_is_announced_and_then_said_in_words(
    there: Simulator, store: Database
) -> None:
    going_on = asyncio.Event()

    async def slowly(message: Message, ctx: Context) -> tuple[str, Reply | None]:
        await going_on.wait()
        return "slowly", CARD

    async with bot_beside(there, store, slowly, slow=0.01) as bot:
        asked = there.robot.say("linxiao", "冷链", group=OFFICE)
        while not asked.frames:
            await asyncio.sleep(0.005)
        assert not asked.frames[0]["stream"]["finish"]
        going_on.set()
        assert (await there.robot.hear(asked)).text == CARD.text
        await bot.settled("sent")
    assert len({frame["stream"]["id"] for frame in asked.frames}) == 1, "the stream that was begun has ended"
    assert len(there.robot.inbox(OFFICE)) == 1


async def test_in_a_crowd_who_asks_is_told_to_wait_at_once(there: Simulator, store: Database) -> None:
    going_on = asyncio.Event()

    async def slowly(message: Message, ctx: Context) -> tuple[str, Reply | None]:
        await going_on.wait()
        return "slowly", Text("好")

    async with bot_beside(there, store, slowly, slow=3_600) as bot:
        asked = [there.robot.say("linxiao", "冷链", group=f"wr{n}") for n in range(CROWD + 4)]
        async with asyncio.timeout(10):
            while sum(bool(one.frames) for one in asked) < 5:
                await asyncio.sleep(0.005)
        going_on.set()
        for one in asked:
            await there.robot.hear(one)
        await bot.settled("sent")
    told = sum(len(one.frames) == 2 for one in asked)
    assert told >= 5, "those behind the first few, who may yet be answered as fast"


# -- pushes -----------------------------------------------------------------------------------------------


async def test_a_notice_that_may_have_arrived_is_not_said_again_by_itself(
    there: Simulator, store: Database
) -> None:
    async with bot_beside(there, store) as bot:
        await there.robot.ask("linxiao", "冷链", group=OFFICE)
        there.robot.socket.faults.lost["aibot_send_msg"] = 1
        await push(bot, OFFICE, Text("周报"), "weekly")
        while not (await bot.rows())["weekly"][2]:
            await asyncio.sleep(0.01)
        there.clock.step(timedelta(seconds=61))
        bot.delivery.poke()
        rows = await bot.settled("sent", "parked")
    assert rows["weekly"][0] == "parked"
    assert "不确定群里是否已经收到" in rows["weekly"][2]
    assert [bubble.text for bubble in there.robot.inbox(OFFICE)].count("周报") == 1


async def test_pushes_pictures_and_files(there: Simulator, store: Database, tmp_path: Path) -> None:
    picture, ledger = tmp_path / "图.png", tmp_path / "ledger"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"1" * 100)
    ledger.write_bytes(b"PK" + bytes(range(256)) * 5000)  # more than two pieces
    async with bot_beside(there, store) as bot:
        await there.robot.ask("linxiao", "冷链", group=OFFICE)
        there.robot.socket.faults.lost["aibot_upload_media_chunk"] = 1
        await push(bot, OFFICE, Text("<@all> 周报"), "weekly")
        await push(bot, OFFICE, Picture(str(picture), "图"), "picture")
        await push(bot, OFFICE, File(str(ledger), "台账.xlsx"), "file")
        await push(bot, "wrGone", Text("周报"), "gone")
        rows = await bot.settled("sent", "parked")
    said = {bubble.kind: bubble for bubble in there.robot.inbox(OFFICE)[1:]}
    assert said["markdown"].text == "＜@all> 周报"
    assert said["image"].body["size"] == 108
    assert (said["file"].body["name"], said["file"].body["size"]) == ("台账.xlsx", 2 + 256 * 5000)
    assert rows["gone"][0] == "parked"
    assert "群聊 ID 不正确" in rows["gone"][2]


async def test_replies_and_pushes_of_a_chat_keep_within_its_window(there: Simulator, store: Database) -> None:
    async with bot_beside(there, store) as bot:
        for number in range(28):
            await there.robot.ask("linxiao", f"第{number}问", group=OFFICE)
        for number in range(4):
            await push(bot, OFFICE, Text(f"第{number}条"), f"push{number}")
        while len(there.robot.inbox(OFFICE)) < 30:
            await asyncio.sleep(0.01)
        asked = there.robot.say("linxiao", "最后一问", group=OFFICE)
        other = await there.robot.ask("linxiao", "别的群", group=FIRMS)
        assert other.text == "您说：别的群"
        assert len(there.robot.inbox(OFFICE)) == 30
        assert not asked.frames, "it is kept back, not tried"
        await bot.settled("sent", "queued")  # an answer not yet noted would be said again after the jump
        there.clock.step(timedelta(seconds=61))
        await bot.settled("sent")
    assert len(there.robot.inbox(OFFICE)) == 33


async def test_a_flood_in_one_group_does_not_delay_another(
    there: Simulator, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    async def note(message: Message, ctx: Context) -> tuple[str, Reply | None]:
        order.append(message.chat)
        return "note", None

    async with bot_beside(there, store, note) as bot:
        for number in range(300):
            there.robot.say("linxiao", f"第{number}问", group=OFFICE)
        there.robot.say("linxiao", "一问", group=FIRMS)
        while FIRMS not in order:
            await asyncio.sleep(0.01)
        assert order.index(FIRMS) <= 4 * lanes.AT_ONCE, "it waited behind the flood"
        while len(order) < 301:
            await asyncio.sleep(0.01)
        assert bot.dispatcher.alive


# -- bad frames -------------------------------------------------------------------------------------------


async def test_bad_frames_are_ignored_and_the_connection_is_kept(there: Simulator, store: Database) -> None:
    async with bot_beside(there, store) as bot:
        bad = [
            "", "{", "7", "[]", "null", "{}", '{"headers":{}}', '{"headers":{"req_id":"nobody"},"errcode":0}',
            '{"headers":{"req_id":"nobody"}}', '{"cmd":"aibot_new_thing","headers":{"req_id":"r"},"body":{}}',
            '{"cmd":"aibot_msg_callback","headers":{"req_id":"r"}}',
            '{"cmd":"aibot_msg_callback","headers":{"req_id":"r"},"body":{"msgtype":"text"}}',
            '{"cmd":"aibot_event_callback","headers":{"req_id":"r"},"body":{"event":7}}',
            "[" * 100_000, "\x00\x01\x02", '{"cmd":"' + "x" * 1_000_000 + '"}',
            '{"cmd":"aibot_msg_callback","headers":{"req_id":"r"},"body":{"t":"' + "长" * 1_000_000 + '"}}',
        ]  # fmt: skip
        with capture_logs() as logs:
            for raw in bad:
                await there.robot.socket.raw(raw)
            assert (await there.robot.ask("linxiao", "冷链", group=OFFICE)).text == "您说：冷链"
        body = json.dumps({**there.robot.asked[-1].body, "msgid": "raw1"}, ensure_ascii=False)
        body = body.replace("冷链", "冷\x07链\n谁")
        await there.robot.socket.raw(
            f'{{"cmd":"aibot_msg_callback",\x00"headers":{{"req_id":"r1"}},"body":{body}}}'
        )
        await bot.settled("sent")
        page = bot.metrics.page().decode()
    assert there.robot.socket.subscriptions == 1
    assert sum(line["event"] == "frame ignored" for line in logs) == len(bad)
    assert 'bqw_callbacks_refused_total{reason="frame_too_large"} 2.0' in page
    assert 'reason="frame_unknown_command"} 1.0' in page
    assert there.robot.inbox(OFFICE)[-1].text == "您说：冷链\n谁"


# -- who connects -----------------------------------------------------------------------------------------


async def test_a_stranger_who_takes_the_robot_over_is_not_fought(there: Simulator, store: Database) -> None:
    async with bot_beside(there, store) as bot:
        await there.robot.socket.kick()
        await bot.app.arrived.wait()
        await asyncio.wait_for(bot.settled("sent"), 5)
        async with store.transaction() as conn:
            held = await leases.holder(conn, f"robot:{there.robot.keys.bot_id}", there.clock.now())
    assert there.robot.socket.subscriptions == 1
    assert held is not None, "the other replicas must not try either"
    ((admin, words),) = bot.app.told
    assert admin == "wanglei"
    assert "别处顶下线" in words


async def test_refused_credentials_are_tried_a_few_times_and_told(
    there: Simulator, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.robot_socket.LONGEST_WAIT", 0.02)
    with capture_logs() as logs:
        async with bot_beside(there, store, secret="wrong-secret", wait=False) as bot:
            await bot.app.arrived.wait()
            await asyncio.sleep(0.1)
    tries = [frame for frame in there.robot.socket.frames if frame["cmd"] == "aibot_subscribe"]
    assert len(tries) == 3
    assert "BotID 或 Secret 没有通过核验" in bot.app.told[0][1]
    assert "wrong-secret" not in str(logs)


async def test_of_two_replicas_one_is_connected_and_the_other_takes_over(
    there: Simulator, database: Database
) -> None:
    async with (
        bot_beside(there, database, lease=2) as first,
        bot_beside(there, database, lease=2, wait=False) as other,
    ):
        await there.robot.ask("linxiao", "一", group=OFFICE)
        assert there.robot.socket.subscriptions == 1
        assert "bqw_robot_connected 0.0" in other.metrics.page().decode()
        await first.door.close()  # as an operator stops it: no lease to wait for
        await there.robot.socket.wait_connected(times=2, seconds=5)
        assert (await there.robot.ask("linxiao", "二", group=OFFICE)).text == "您说：二"
        assert "bqw_robot_connected 1.0" in other.metrics.page().decode()
        await other.settled("sent")


async def test_nobody_connects_while_the_door_is_shut(there: Simulator, store: Database) -> None:
    there.robot.socket.faults.shut = True
    async with bot_beside(there, store, wait=False) as bot:
        await push(bot, OFFICE, Text("周报"), "weekly")
        there.robot._spoke.add(OFFICE)
        await asyncio.sleep(0.2)
        assert (await bot.rows())["weekly"][0] == "queued", "it waits for the connection without a failed try"
        there.robot.socket.faults.shut = False
        await there.robot.socket.wait_connected(seconds=10)
        await bot.settled("sent")
    assert re.search("周报", there.robot.inbox(OFFICE)[0].text)


async def test_the_simulators_socket_that_closes_at_once_leaves_nothing_begun(there: Simulator) -> None:
    """What was put off and not yet begun ends with it; a coroutine nobody awaits would be a warning."""
    socket, begun = there.robot.socket, []

    async def act() -> None:
        begun.append(True)

    socket._later(act())
    await socket.close()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gc.collect()
    assert begun == []
    assert not socket._tasks
