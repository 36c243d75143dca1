"""The clock's jobs on a real database: once over all replicas, again after a death, caught up with late."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bot.cli import cli
from knowledge.book import shipped
from scheduler.jobs import Entry
from scheduler.ledger import RETRIES
from scheduler.running import Running
from scheduler.shift import Job, Shift
from scheduler.ticker import Ticker
from scheduler.when import Daily, Every, Rule
from storage import job_runs, outbox
from storage.engine import Database
from storage.job_runs import Run
from storage.message import Text, dump
from storage.tables import outbox as outbox_table
from supervision.workdays import Workdays
from tests.conftest import MONDAY, Clock

LEASE = timedelta(minutes=2)
AT = time(9, 10)


async def write(shift: Shift) -> str:
    """A job that leaves one row per run, even when it is wrongly run twice."""
    many = len(await effects(shift.conn))
    row = outbox.Outgoing(f"{shift.fire_at.isoformat()}#{many}", "app", "wangfang", dump(Text("到点了")))
    await outbox.add(shift.conn, [(row, None)], shift.now)
    return "写了一条"


async def effects(conn) -> list[str]:  # type: ignore[no-untyped-def]
    rows = await conn.execute(select(outbox_table.c.key).order_by(outbox_table.c.id))
    return [row.key for row in rows]


def entry(do: Job = write, rule: Rule | None = None, *, hours: float = 3, newest_only: bool = False) -> Entry:
    return Entry("job", rule or Daily(AT), timedelta(hours=hours), do, "试一试", newest_only)


@dataclass
class Replica:
    """A ticker of its own that looks when told."""

    database: Database
    clock: Clock
    table: tuple[Entry, ...]
    replay: bool = False
    ticker: Ticker = field(init=False)

    def __post_init__(self) -> None:
        running = Running(
            database=self.database,
            book=shipped,
            workdays=Workdays,
            admins=frozenset({"wangfang"}),
            lease=LEASE,
        )
        self.ticker = Ticker(
            running=running,
            table=self.table,
            clock=self.clock,
            tick_seconds=60,
            on_queued=lambda: None,
            replay=self.replay,
        )

    async def at(self, moment: str | datetime) -> None:
        """Looks at this time of the clock."""
        self.clock.now = moment if isinstance(moment, datetime) else on(moment)
        await self.ticker.tick()


def on(moment: str) -> datetime:
    """15 09:10 of July 2024."""
    return datetime.strptime(f"2024-07-{moment}", "%Y-%m-%d %H:%M").replace(tzinfo=MONDAY.tzinfo)


Make = Callable[..., Replica]


@pytest.fixture
def replica(database: Database) -> Make:
    def make(*table: Entry, replay: bool = False) -> Replica:
        return Replica(database, Clock(), table or (entry(),), replay)

    return make


async def seen(database: Database) -> tuple[list[str], list[str]]:
    """The effects, and the ledger as day, time and state."""
    async with database.transaction() as conn:
        runs = await job_runs.latest(conn, "job", 1000)
        done = await effects(conn)
    rows = [f"{run.fire_at.astimezone(MONDAY.tzinfo):%d %H:%M} {run.state}" for run in reversed(runs)]
    return [key.split("T")[0][-2:] for key in done], rows


async def last(database: Database) -> Run:
    async with database.transaction() as conn:
        return (await job_runs.latest(conn, "job"))[0]


async def test_a_fire_time_is_done_once_over_all_replicas(database: Database, replica: Make) -> None:
    several = [replica() for _ in range(3)]
    for one in several:
        await one.at("15 09:00")
    await asyncio.gather(*(one.at("15 09:10") for one in several))
    await asyncio.gather(*(one.at("15 09:11") for one in several))
    assert await seen(database) == (["15"], ["15 09:10 done"])
    assert (await last(database)).note == "写了一条"


async def test_a_new_installation_owes_nothing_of_the_past(database: Database, replica: Make) -> None:
    await replica().at("15 09:20")
    await replica().at("15 09:30")
    assert await seen(database) == ([], [])


async def test_what_was_due_while_all_were_down_is_done_at_the_next_start(
    database: Database, replica: Make
) -> None:
    await replica().at("15 09:00")
    await replica().at("15 12:00")
    assert await seen(database) == (["15"], ["15 09:10 done"])


async def test_an_outage_of_three_days_is_recorded_and_the_last_morning_made_up_for(
    database: Database, replica: Make
) -> None:
    await replica().at("15 09:00")
    await replica().at("18 09:30")
    assert await seen(database) == (
        ["18"],
        ["15 09:10 skipped", "16 09:10 skipped", "17 09:10 skipped", "18 09:10 done"],
    )


async def test_a_jump_ahead_of_a_running_process_is_an_outage_too(database: Database, replica: Make) -> None:
    one = replica()
    for moment in ("15 09:00", "15 09:10", "17 09:12"):
        await one.at(moment)
    assert await seen(database) == (["15", "17"], ["15 09:10 done", "16 09:10 skipped", "17 09:10 done"])


async def test_in_a_demonstration_a_jump_is_time_that_passed(database: Database, replica: Make) -> None:
    one = replica(replay=True)
    told: list[datetime] = []

    async def tell(shift: Shift) -> str:
        told.append(shift.now)
        return await write(shift)

    one = replica(entry(tell), replay=True)
    await one.at("15 09:00")
    await one.at("17 09:00")
    assert told == [on("15 09:10"), on("16 09:10")]
    assert (await seen(database))[0] == ["15", "16"]


async def test_a_clock_that_is_put_back_repeats_nothing(database: Database, replica: Make) -> None:
    one = replica()
    for moment in ("15 09:05", "15 09:12", "15 09:02", "15 09:10", "15 09:20"):
        await one.at(moment)
    assert await seen(database) == (["15"], ["15 09:10 done"])


async def test_a_clock_put_back_to_an_earlier_day_begins_there(database: Database, replica: Make) -> None:
    one = replica()
    for moment in ("15 09:00", "15 09:10", "10 09:00", "10 09:10", "15 09:20"):
        await one.at(moment)
    done, _ = await seen(database)
    assert done == ["15", "10"]


async def test_a_clock_that_was_wrong_by_a_year_works_on_when_it_is_right_again(
    database: Database, replica: Make
) -> None:
    one = replica()
    await one.at("15 09:00")
    await one.at(on("15 09:00") + timedelta(days=365))
    await one.at("15 09:11")
    assert (await seen(database))[0][-1] == "15"
    assert (await last(database)).fire_at > on("15 09:11"), "the year ahead was not recorded"


# -- dying and failing ------------------------------------------------------------------------------------


async def test_a_run_whose_process_died_is_repeated_when_its_lease_ends(
    database: Database, replica: Make
) -> None:
    one = replica()
    await one.at("15 09:00")
    async with database.transaction() as conn:
        await job_runs.claim(conn, "job", on("15 09:10"), owner="dead", now=on("15 09:10"), lease=LEASE)
    await one.at("15 09:11")
    assert await seen(database) == ([], ["15 09:10 running"])
    await one.at("15 09:13")
    assert await seen(database) == (["15"], ["15 09:10 done"])
    assert (await last(database)).attempts == 2


async def test_a_run_left_behind_is_given_up_when_it_is_too_late(database: Database, replica: Make) -> None:
    one = replica()
    await one.at("15 09:00")
    async with database.transaction() as conn:
        await job_runs.claim(conn, "job", on("15 09:10"), owner="dead", now=on("15 09:10"), lease=LEASE)
    await one.at("15 13:00")
    assert await seen(database) == ([], ["15 09:10 skipped"])
    assert "不再补办" in (await last(database)).note


async def test_what_became_too_late_while_others_were_done_is_not_done(
    database: Database, replica: Make
) -> None:
    one = replica()

    async def slow(shift: Shift) -> str:
        one.clock.step(hours=3)
        return ""

    one = replica(Entry("slow", Daily(time(9, 5)), timedelta(hours=3), slow, ""), entry())
    await one.at("15 09:00")
    await one.at("15 09:11")
    assert await seen(database) == ([], ["15 09:10 skipped"])


async def test_a_replica_whose_clock_runs_ahead_does_not_take_what_is_at_work(
    database: Database, replica: Make
) -> None:
    ahead = replica()
    looked = asyncio.Event()

    async def slow(shift: Shift) -> str:
        if shift.conn.dialect.name == "postgresql":  # SQLite lets nobody else write meanwhile
            await ahead.at("15 09:22")
        looked.set()
        return await write(shift)

    one = replica(entry(slow))
    await one.at("15 09:00")
    await ahead.at("15 09:00")
    await one.at("15 09:12")
    await ahead.at("15 09:23")
    assert looked.is_set()
    assert await seen(database) == (["15"], ["15 09:10 done"])
    assert (await last(database)).attempts == 1


async def test_a_process_that_lost_its_lease_before_it_began_does_nothing(
    database: Database, replica: Make
) -> None:
    late, other = replica(), replica()
    await late.at("15 09:00")
    running, row = late.ticker._running, late.table[0]
    run = await running.claim(row, on("15 09:10"), on("15 09:10"))
    assert run is not None
    await other.at("15 09:20")
    assert await running.do(row, run, on("15 09:20")) == ("running", "")
    assert await seen(database) == (["15"], ["15 09:10 done"])


async def test_what_a_failed_run_wrote_is_gone_and_it_is_tried_again(
    database: Database, replica: Make
) -> None:
    tries: list[datetime] = []

    async def stumble(shift: Shift) -> str:
        tries.append(shift.now)
        did = await write(shift)
        if len(tries) < 3:
            raise ValueError("秘密")
        return did

    one = replica(entry(stumble))
    await one.at("15 09:00")
    await one.at("15 09:10")
    run = await last(database)
    assert (run.state, run.note) == ("failed", "没有办成（ValueError），已试1次，7月15日09:10再试")
    assert await seen(database) == ([], ["15 09:10 failed"])
    await one.at("15 09:10")
    assert len(tries) == 1, "tried again at once"
    await one.at(on("15 09:10") + timedelta(seconds=RETRIES[0] + 1))
    await one.at("15 09:20")
    assert len(tries) == 3
    assert await seen(database) == (["15"], ["15 09:10 done"])


async def test_a_run_that_always_fails_is_left_to_a_person(database: Database, replica: Make) -> None:
    async def stumble(shift: Shift) -> str:
        raise ValueError

    one = replica(entry(stumble, hours=8))
    await one.at("15 09:00")
    for hour in range(9, 17):
        await one.at(f"15 {hour}:10")
    run = await last(database)
    assert (run.state, run.attempts) == ("failed", len(RETRIES) + 1)
    assert run.note == "没有办成（ValueError），已试5次，请看日志后用 bqw jobs run 补办"
    async with database.transaction() as conn:
        (told,) = (await conn.execute(select(outbox_table.c.target, outbox_table.c.payload))).all()
    assert told.target == "wangfang"
    assert "bqw jobs run job --at 2024-07-15T09:10" in told.payload["text"]


async def test_a_job_that_hangs_is_cut_short(database: Database, clock: Clock) -> None:
    async def hang(shift: Shift) -> str:
        await asyncio.Event().wait()
        return ""

    short = Running(
        database=database, book=shipped, workdays=Workdays, admins=frozenset(), lease=timedelta(seconds=0.05)
    )
    row = entry(hang)
    run = await short.claim(row, clock.now, clock.now)
    assert run is not None
    state, note = await short.do(row, run, clock.now)
    assert state == "failed"
    assert "JobTooSlow" in note


async def test_of_many_missed_only_the_newest_is_done(database: Database, replica: Make) -> None:
    one = replica(entry(rule=Every(10, time(7, 30), time(18)), newest_only=True))
    await one.at("15 08:55")
    await one.at("15 09:25")
    done, rows = await seen(database)
    assert len(done) == 1
    assert rows == ["15 09:01 skipped", "15 09:10 skipped", "15 09:20 done"]


async def test_a_resting_job_is_not_done(database: Database, replica: Make) -> None:
    one = replica(Entry("job", Daily(AT), timedelta(hours=3), write, "", off=True))
    await one.at("15 09:00")
    await one.at("15 09:10")
    assert await seen(database) == ([], [])


async def test_a_running_ticker_looks_by_itself_and_stops_when_closed(
    database: Database, clock: Clock
) -> None:
    done = asyncio.Event()

    async def notice(shift: Shift) -> str:
        done.set()
        return ""

    one = Replica(database, clock, (entry(notice),))
    one.ticker._tick_seconds = 0.05
    await one.ticker.start()
    await one.at("15 09:00")
    clock.now = on("15 09:10")
    async with asyncio.timeout(20):
        await done.wait()
    await one.ticker.close()
    assert (await last(database)).state == "done"
    clock.now = on("16 09:10")
    one.ticker.poke()
    assert (await last(database)).fire_at == on("15 09:10")


# -- by hand ----------------------------------------------------------------------------------------------


def bqw(folder: Path, url: str, *words: str) -> tuple[int, str]:
    config = folder / "config.toml"
    config.write_text(f'[database]\nurl = "{url}"\n[office]\nadmins = ["WangFang"]\n', encoding="utf-8")
    result = CliRunner().invoke(cli, ["jobs", *words, "--config", str(config)])
    return result.exit_code, result.output


def test_a_job_run_by_hand_is_done_once(database_url: str, tmp_path: Path) -> None:
    words = ("run", "calendar", "--now", "2026-12-01T10:00")
    assert bqw(tmp_path, database_url, *words) == (
        0,
        "calendar 12月1日09:40 已办：2027年的节假日安排还没有，已提醒1位管理员\n",
    )
    code, said = bqw(tmp_path, database_url, *words)
    assert code == 0
    assert said.startswith("calendar 12月1日09:40 早已办过，没有重复：")
    assert "已办：2027年" in bqw(tmp_path, database_url, "log", "calendar")[1]


def test_the_list_shows_when_each_job_was_and_will_be(database_url: str, tmp_path: Path) -> None:
    before = bqw(tmp_path, database_url, "--now", "2024-07-15T09:00")[1]
    assert "还没有办过" in before
    bqw(tmp_path, database_url, "run", "rounds", "--now", "2024-07-15T09:00")
    after = bqw(tmp_path, database_url, "--now", "2024-07-15T09:00")[1]
    assert "rounds  每个工作日 08:50  到期前5个工作日自动开月报、季报" in after
    assert "    7月15日08:50 已办：7月进展报送7月18日（周四）开窗，还没到" in after
    assert "    下次 7月16日08:50" in after


def test_a_mistyped_job_or_time_is_refused(database_url: str, tmp_path: Path) -> None:
    code, said = bqw(tmp_path, database_url, "run", "round")
    assert code == 2
    assert "没有名为“round”的任务，有的是 rounds、" in said
    code, said = bqw(tmp_path, database_url, "run", "rounds", "--at", "早上")
    assert code == 2
    assert "时间应写成 2024-07-15T09:00" in said


def test_a_time_to_come_is_left_to_the_clock(database_url: str, tmp_path: Path) -> None:
    words = ("run", "rounds", "--at", "2024-07-16T08:50", "--now", "2024-07-15T09:00")
    assert bqw(tmp_path, database_url, *words) == (1, "7月16日08:50还没有到，到时会自动办\n")


def test_what_is_said_before_the_command_holds_for_it(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[database]\nurl = "sqlite:///{tmp_path / "other.db"}"\n', encoding="utf-8")
    words = ["jobs", "--config", str(config), "--now", "2024-07-15T09:00", "run", "rounds"]
    assert "rounds 7月15日08:50 已办" in CliRunner().invoke(cli, words).output
    assert (tmp_path / "other.db").exists()


async def test_a_skipped_run_can_be_made_up_for_by_hand(database: Database, replica: Make) -> None:
    one = replica()
    await one.at("15 09:00")
    await one.at("15 13:00")
    running, row = one.ticker._running, one.table[0]
    run = await running.take_by_hand(row, on("15 09:10"), on("15 14:00"))
    assert run is not None
    assert await running.do(row, run, on("15 14:00")) == ("done", "写了一条")
    assert await running.take_by_hand(row, on("15 09:10"), on("15 14:00")) is None
    assert await seen(database) == (["15"], ["15 09:10 done"])
