"""What could not leave in time: nobody is disturbed at night, and one message takes the place of several."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot import decency
from scheduler import desk, digests
from scheduler.reminders import escalate, remind
from scheduler.shift import Shift
from storage import drafts, outbox, overtaken
from storage.drafts import Draft
from storage.engine import Connection, Database
from storage.message import Text, dump
from storage.outbox import ANSWER, NOTICE, REMINDER, Claimed
from supervision.workdays import Workdays
from tests.town import Town, at, town

WORKDAYS = Workdays()


def row(key: str, priority: int = NOTICE) -> Claimed:
    return Claimed(1, key, "app", "zhoumin", {}, 1, None, priority)


@pytest.mark.parametrize(
    ("key", "now", "until"),
    [
        ("digest:2024-07-19:zhoumin", "07-19T07:40", None),  # his own hour
        ("digest:2024-07-19:zhoumin", "07-19T13:00", None),  # late, but of today
        ("digest:2024-07-19:zhoumin", "07-19T18:29", None),
        ("digest:2024-07-19:zhoumin", "07-19T20:00", "07-22T17:20"),  # Friday night: Monday's replaces it
        ("digest:2024-07-19:zhoumin", "07-20T09:00", "07-22T17:20"),
        ("digest:2024-07-19:zhoumin:table", "07-20T09:00", "07-22T17:20"),
        ("digest:2024-07-19:zhoumin", "07-22T08:35", "07-22T17:20"),
        ("digest:2024-07-19:zhoumin", "07-22T17:20", None),  # no other came
        ("digest:2024-07-20:zhoumin", "07-20T09:00", None),  # a Saturday he asked for
        ("summary:2024-07-19:wanglei", "07-19T17:40", None),
        ("summary:2024-07-19:wanglei", "07-19T18:30", "07-22T08:31"),
        ("drafts:2024-07-19:wanglei", "07-21T10:00", "07-22T08:31"),
        ("office:opened:wanglei", "07-19T06:00", "07-19T08:31"),
        ("draft:7", "07-19T12:30", None),
    ],
)
async def test_when_a_late_notice_may_leave(
    database: Database, key: str, now: str, until: str | None
) -> None:
    async with database.transaction() as conn:
        held, why = await decency.later(conn, row(key), at(now), WORKDAYS)
        assert held == (at(until) if until else None)
        assert bool(why) == bool(until)


async def test_an_answer_never_waits_and_a_reminder_waits_even_at_noon(database: Database) -> None:
    night, noon = at("07-20T03:00"), at("07-19T12:30")
    async with database.transaction() as conn:
        assert await decency.later(conn, row("re:x", ANSWER), night, WORKDAYS) == (None, "")
        held, _ = await decency.later(conn, row("remind:2024-07-19:x", REMINDER), noon, WORKDAYS)
    assert held == at("07-19T14:31")


async def test_a_digest_that_never_left_is_told_by_the_next_one(database_url: str) -> None:
    """WeCom is out of reach for two days: what came in before is not lost on anybody."""
    async with town(database_url, ticking=True) as place:
        await place.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
        await place.reaches("07-16T08:50")
        await place.dialogue("huangwei", ("①25.6", "已记"))
        await place.bot.delivery.close()
        for day in ("17", "18"):
            place.wecom.clock.set(at(f"07-{day}T09:00"))
            await place.bot.ticker.tick()
            assert await waiting(place, "digest:") == [f"digest:2024-07-{day}:zhoumin"]
        async with place.bot.database.transaction() as conn:
            found = await outbox.payload_of(conn, "digest:2024-07-18:zhoumin")
        assert found is not None
        assert "新改建农村公路25.6公里" in found["text"]
        assert "较7月16日" in found["text"], "the one he read last"
        await place.dialogue("zhoumin", ("来源", "25.6"))


async def waiting(place: Town, prefix: str) -> list[str]:
    async with place.bot.database.transaction() as conn:
        return sorted(await outbox.waiting_from(conn, prefix))


async def test_the_offices_lists_take_each_others_place(database: Database) -> None:
    from knowledge.book import shipped

    async def lists(conn: Connection, now: datetime) -> str:
        return await desk.drafts_waiting(Shift(conn, shipped(), WORKDAYS, now, now, frozenset({"wanglei"})))

    friday = at("07-19T11:40")
    async with database.transaction() as conn:
        await drafts.write(conn, Draft("circular", "k", "7月通报", "……", "", {}, friday))
        await lists(conn, friday)
        assert await outbox.state_of(conn, "drafts:") == {"drafts:2024-07-19:wanglei": True}
        await lists(conn, friday + timedelta(days=3))
        assert await outbox.state_of(conn, "drafts:") == {"drafts:2024-07-22:wanglei": True}


async def test_a_reminder_that_could_not_leave_on_its_day_is_told_anew(database_url: str) -> None:
    """“今天17:30到期” is not read a day later: the next day's reminder says what is true then."""
    async with town(database_url, ticking=True) as place:
        await place.dialogue(
            "wanglei", ("绑定 linxiao 林晓 潮安区分管领导", "已绑定"), ("开月报 7月25日前", "已开轮次")
        )
        await place.reaches("07-16T09:20")
        await place.reaches("07-23T09:20")
        await place.bot.delivery.close()
        place.wecom.clock.set(at("07-25T09:20"))
        await place.bot.ticker.tick()
        assert "今天17:30到期" in (await place.queued("remind:2024-07-25"))["remind:2024-07-25:zhengyun"][1]
        async with place.bot.database.transaction() as conn:
            claimed = Claimed(1, "remind:2024-07-25:zhengyun", "app", "zhengyun", {}, 1, None, REMINDER)
            held, why = await decency.later(conn, claimed, at("07-26T08:31"), WORKDAYS)
            assert (held, why) == (at("07-26T17:20"), "已过了它的那一天，等着并入下一份")
        place.wecom.clock.set(at("07-26T09:20"))
        await place.bot.ticker.tick()
        reminders = await place.queued("remind:2024-07-2")
        assert "remind:2024-07-25:zhengyun" not in reminders
        text = reminders["remind:2024-07-26:zhengyun"][1]
        assert text.startswith("【逾期提醒】")
        assert "原定7月25日（周四）17:30报送" in text
        assert "7月29日（周一）下午告知贵单位分管领导" in text


async def test_a_leader_is_never_given_a_day_that_is_over(database_url: str) -> None:
    """Let out on Friday night, and then a typhoon: the day to answer by moves with the message."""
    async with town(database_url) as place:
        place.wecom.clock.set(at("07-18T08:40"))
        await place.dialogue(
            "wanglei", ("绑定 linxiao 林晓 潮安区分管领导", "已绑定"), ("开月报", "已开轮次")
        )
        await place.does(remind, "07-18T09:20")
        await place.does(remind, "07-25T09:10")
        await place.does(escalate, "07-26T14:40")
        place.wecom.clock.set(at("07-26T20:10"))
        await place.dialogue("wanglei", ("放行 草稿1", "7月29日（周一）09:10发给林晓"))
        (told,) = (text for _, text in (await place.queued("draft:1")).values() if "林晓" in text)
        assert "7月30日（周二）12:00前" in told
        await place.dialogue("wanglei", ("暂停催办 台风 到7月31日", "到7月31日（周三）为止"))
        (told,) = (text for _, text in (await place.queued("draft:1")).values() if "林晓" in text)
        assert "8月2日（周五）12:00前" in told
        await place.dialogue("wanglei", ("草稿1", "8月2日（周五）12:00前"))


@pytest.mark.parametrize("state", ["leaving", "sent", "maybe"])
async def test_what_may_have_arrived_is_not_told_again(database: Database, state: str) -> None:
    thursday, friday = at("07-18T08:40"), at("07-19T08:40").date()
    async with database.transaction() as conn:
        message = outbox.Outgoing(
            "digest:2024-07-18:zhoumin", "app", "zhoumin", dump(Text("x")), priority=NOTICE, at=thursday
        )
        table = replace(message, key=f"{message.key}:table", after=message.key)
        await outbox.add(conn, [(message, None), (table, None)], thursday)
        (claimed,) = await outbox.claim(conn, owner="x", now=thursday, lease=timedelta(seconds=30), limit=1)
        if state == "sent":
            await outbox.sent(conn, claimed, owner="x", now=thursday)
        elif state == "maybe":
            await outbox.retry_at(conn, claimed, owner="x", at=thursday, reason="", maybe_sent_at=thursday)
        before = await outbox.state_of(conn, "digest:")
        assert await overtaken.take_back(conn, "digest", friday, {"zhoumin"}) == {}
        assert await outbox.state_of(conn, "digest:") == before, "nor is its table lost"


async def test_what_never_left_is_taken_back_with_what_follows_it(database: Database) -> None:
    thursday = at("07-18T08:40")
    async with database.transaction() as conn:
        message = outbox.Outgoing(
            "digest:2024-07-18:zhoumin", "app", "zhoumin", dump(Text("x")), priority=NOTICE, at=thursday
        )
        table = replace(message, key=f"{message.key}:table", after=message.key)
        another = replace(message, key="digest:2024-07-18:zhou", target="zhou")
        await outbox.add(conn, [(one, None) for one in (message, table, another)], thursday)
        taken = await overtaken.take_back(conn, "digest", at("07-19T08:40").date(), {"zhoumin"})
        assert taken == {"zhoumin": [thursday.date()]}
        assert list(await outbox.state_of(conn, "digest:")) == [another.key]


async def test_who_wants_his_digest_on_days_off_gets_it_by_the_clock_when_there_is_news(
    database_url: str,
) -> None:
    async with town(database_url, ticking=True) as place:
        await place.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
        await place.dialogue("zhoumin", ("周末也要", "周末和节假日有新情况时也发"))
        await place.reaches("07-19T09:00")
        await place.dialogue("huangwei", ("①25.6", "已记"))
        await place.reaches("07-20T09:00")
        assert "每日专报（7月20日，星期六）" in place.read("zhoumin")[-1]
        assert "25.6" in place.read("zhoumin")[-1]
        before = len(place.read("zhoumin"))
        await place.reaches("07-21T09:00")
        assert len(place.read("zhoumin")) == before, "a Sunday without news"
        await place.dialogue("zhoumin", ("周末不要", "专报工作日"))
        await place.dialogue("huangwei", ("②5", "已记"))
        await place.reaches("07-21T12:00")
        assert not [text for text in place.read("zhoumin") if "7月21日" in text]


def test_the_digest_is_looked_for_on_every_day() -> None:
    from scheduler.jobs import table
    from scheduler.times import Times

    (entry,) = [one for one in table(Times()) if one.name == "digest"]
    assert entry.rule.on(at("07-20T00:00").date(), WORKDAYS)
    assert digests.first_of_week(at("07-22T00:00").date(), WORKDAYS)
