"""Files people send: said to be received, fetched within their three days, stored whole or refused."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.attachments import Fetcher
from bot.metrics import Metrics
from bot.settings import Files
from bot.wecom.errors import ConfigError, RateLimited, Rejected, RetryLater, TooLarge, UploadAgain
from handlers import attaching, routes
from handlers.context import Context
from handlers.routes import Route
from simulator import server
from simulator.world import demo_world
from storage.attachments import Attachment
from storage.engine import Database
from storage.message import Message, Reply, Text
from storage.tables import outbox
from tests import process
from tests.conftest import MONDAY, Clock
from tests.documents import EXE, JPG, bomb, package
from tests.test_attachments import put, sent_by, wanted
from tests.town import Town, town


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where files go; the database has its own place."""
    return tmp_path / "files"


async def told(database: Database) -> dict[str, str]:
    """What waits in the outbox, by key."""
    async with database.transaction() as conn:
        rows = await conn.execute(select(outbox.c.key, outbox.c.payload))
        return {row.key: row.payload["text"] for row in rows}


def on_disk(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


async def settled(database: Database, *states: str) -> list[Attachment]:
    """Everything sent, once all of it is in one of these states."""
    async with asyncio.timeout(20):
        while True:
            found = await sent_by(database)
            if found and all(row.state in states for row in found):
                return found
            await asyncio.sleep(0.01)


# -- the fetcher, against a source of the test's own


class Shelf:
    """Gives `data` for every media id; errors in `troubles` are raised first, in turn."""

    def __init__(self, data: bytes = b"", *troubles: Exception) -> None:
        self.data = data or package()
        self.troubles = list(troubles)
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def media(self, media_id: str, write: Callable[[bytes], object], *, most: int) -> str:
        self.asked.append(media_id)
        write(self.data[:20])
        await self.gate.wait()
        if self.troubles:
            raise self.troubles.pop(0)
        write(self.data[20:])
        return "从接口来的名字.docx"


@asynccontextmanager
async def fetching(database: Database, shelf: Shelf, clock: Clock, folder: Path) -> AsyncIterator[Fetcher]:
    fetcher = Fetcher(
        database=database,
        source=shelf,
        settings=Files(folder=str(folder), poll_seconds=0.01),
        clock=clock,
        metrics=Metrics(),
        on_queued=lambda: None,
    )
    await fetcher.start()
    yield fetcher
    await fetcher.close()


async def test_two_replicas_fetch_each_file_once_and_keep_equal_ones_as_one(
    database: Database, clock: Clock, folder: Path
) -> None:
    shelf = Shelf()
    await put(database, *(wanted(f"m{n}") for n in range(5)), wanted("m9", name=""))
    async with fetching(database, shelf, clock, folder), fetching(database, shelf, clock, folder):
        found = await settled(database, "stored")
    assert sorted(shelf.asked) == [*(f"M-m{n}" for n in range(5)), "M-m9"]
    digest = hashlib.sha256(shelf.data).hexdigest()
    assert {row.sha256 for row in found} == {digest}
    assert on_disk(folder) == [found[0].path] == [f"{digest[:2]}/{digest}.docx"]
    assert (folder / found[0].path).read_bytes() == shelf.data
    assert [row.name for row in found][-2:] == ["17项.docx", "从接口来的名字.docx"]
    assert await told(database) == {}


async def test_a_killed_fetcher_leaves_no_half_file_and_another_takes_over(
    database: Database, clock: Clock, folder: Path
) -> None:
    shelf = Shelf()
    shelf.gate.clear()
    await put(database, wanted())
    async with fetching(database, shelf, clock, folder) as killed:
        while not shelf.asked:
            await asyncio.sleep(0.01)
        (half,) = on_disk(folder)
        left = (folder / half).with_suffix(".kept")
        (folder / half).rename(left)  # what a kill -9 would have left
        assert killed._worker is not None
        killed._worker.cancel()
    left.rename(folder / half)
    shelf.gate.set()
    async with fetching(database, shelf, clock, folder) as other:
        await asyncio.sleep(0.1)
        assert shelf.asked == ["M-m1"]  # the lease still holds
        clock.step(seconds=301)
        other.poke()
        (row,) = await settled(database, "stored")
    assert on_disk(folder) == [row.path]


@pytest.mark.parametrize(
    ("trouble", "waits"),
    [
        (RetryLater("企业微信系统繁忙", code=-1), 5),
        (RateLimited("调用过于频繁", until=MONDAY + timedelta(seconds=90), code=45009), 90),
        (ConfigError("本机出口 IP 不在企业可信 IP 内", code=60020), 300),
        (ValueError("a mistake of ours"), 30),
    ],
)
async def test_what_may_pass_is_tried_again_and_the_sender_hears_nothing(
    database: Database, clock: Clock, folder: Path, trouble: Exception, waits: int
) -> None:
    shelf = Shelf(b"", trouble)
    await put(database, wanted())
    async with fetching(database, shelf, clock, folder) as fetcher:
        while (row := (await sent_by(database))[0]).reason == "":
            await asyncio.sleep(0.01)
        assert (row.state, on_disk(folder)) == ("wanted", [])
        clock.step(seconds=waits - 1)
        fetcher.poke()
        await asyncio.sleep(0.1)
        assert len(shelf.asked) == 1
        clock.step(seconds=1)
        fetcher.poke()
        await settled(database, "stored")
    assert await told(database) == {}


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (TooLarge("文件太大"), "超过20兆"),
        (UploadAgain("已经过期", code=40007), "只保留三天"),
        (Rejected("参数不正确", code=40035), "请重新发一次"),
    ],
)
async def test_what_cannot_be_had_is_refused_and_the_sender_is_told_once(
    database: Database, clock: Clock, folder: Path, trouble: Exception, words: str
) -> None:
    await put(database, wanted())
    async with fetching(database, Shelf(b"", trouble), clock, folder):
        (row,) = await settled(database, "refused")
    assert words in row.reason
    assert await told(database) == {"file:m1": f"您发的《17项.docx》没有存下来：{row.reason}。"}
    assert on_disk(folder) == []


async def test_trying_ends_with_the_three_days(database: Database, clock: Clock, folder: Path) -> None:
    shelf = Shelf(b"", *(RetryLater("连接不上企业微信接口") for _ in range(3)))
    await put(database, wanted())
    clock.step(days=2, hours=23, minutes=59, seconds=57)
    async with fetching(database, shelf, clock, folder) as fetcher:
        while not (await sent_by(database))[0].reason:
            await asyncio.sleep(0.01)
        clock.step(seconds=5)
        fetcher.poke()
        (row,) = await settled(database, "refused")
    assert "三天" in row.reason
    assert "file:m1" in await told(database)


async def test_a_file_that_always_makes_us_stumble_does_not_come_back_for_ever(
    database: Database, clock: Clock, folder: Path
) -> None:
    shelf = Shelf(b"", *(ValueError() for _ in range(9)))
    await put(database, wanted())
    async with fetching(database, shelf, clock, folder) as fetcher:
        while (await sent_by(database))[0].state == "wanted":
            clock.step(minutes=31)
            fetcher.poke()
            await asyncio.sleep(0.02)
    assert len(shelf.asked) == 4
    assert "已记录" in (await told(database))["file:m1"]


async def test_a_full_disk_is_waited_out(database: Database, clock: Clock, folder: Path) -> None:
    folder.write_bytes(b"")  # a file where the folder should be
    await put(database, wanted())
    async with fetching(database, Shelf(), clock, folder) as fetcher:
        while "磁盘空间" not in (await sent_by(database))[0].reason:
            await asyncio.sleep(0.01)
        folder.unlink()
        clock.step(seconds=61)
        fetcher.poke()
        await settled(database, "stored")


async def test_what_is_marked_secret_is_not_even_fetched(
    database: Database, clock: Clock, folder: Path
) -> None:
    shelf = Shelf()
    await put(database, wanted(name="机密-方案.docx"))
    async with fetching(database, shelf, clock, folder):
        await settled(database, "refused")
    assert shelf.asked == []
    assert "按保密规定另行报送" in (await told(database))["file:m1"]


# -- a process of its own, killed


async def test_kill_9_while_fetching_loses_nothing_and_leaves_no_half_file(
    database_url: str, tmp_path: Path, folder: Path
) -> None:
    console = {"token": process.TOKEN, "aes_key": process.AES_KEY, "secret": process.SECRET}
    sim = await server.start(demo_world(), corp_id=process.CORP_ID, agent_id=process.AGENT_ID, **console)
    document = package()
    await sim.phone.send_file("huangwei", document, "17项.docx")
    media_id = sim.chat("huangwei")[0].body["media_id"]
    port = process.free_port()
    config = process.write_config(tmp_path, database_url, port)
    settings = config.read_text(encoding="utf-8").replace("http://127.0.0.1:1/cgi-bin/", sim.api_base)
    config.write_text(f'{settings}\n[files]\nfolder = "{folder}"\n', encoding="utf-8")

    async def bot(now: str) -> process.Bot:
        command = [str(process.BQW), "serve", "--config", str(config), "--now", f"2024-07-15T{now}"]
        return await process.serve(config, port, command=command)

    database = await Database.open(database_url)
    sim.faults.arm("slow", endpoint="media/get", seconds=60)
    first = await bot("09:00")
    await put(database, wanted(media_id=media_id))
    while not folder.exists() or not on_disk(folder):
        await asyncio.sleep(0.02)
    first.kill()
    assert [row.state for row in await sent_by(database)] == ["wanted"]
    second = await bot("09:06")  # the lease of the killed one is over
    (row,) = await settled(database, "stored")
    assert second.stop() == 0
    assert (folder / row.path).read_bytes() == document
    assert on_disk(folder) == [row.path]
    await database.close()
    await sim.close()


# -- through the simulator, as a liaison would


async def attach(message: Message, ctx: Context) -> Reply | None:
    """Stands in for the handler that knows which point is meant."""
    if message.kind not in attaching.KINDS:
        return None
    return Text(await attaching.keep(message, ctx, unit="市交通运输局", point=17))


@pytest.fixture
async def office(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    monkeypatch.setattr(routes, "ROUTES", (Route("attach", attach, "", ()), *routes.ROUTES))
    async with town(database_url) as place:
        yield place


async def hears_of_file(office: Town, words: str) -> str:
    bubble = await office.wecom.wait_for("huangwei", lambda said: words in said.text, seconds=10)
    return bubble.text


async def test_a_document_and_a_picture_are_stored_with_what_they_belong_to(office: Town) -> None:
    document = package(text="新改建农村公路32公里")
    said = await office.wecom.send_file("huangwei", "17项进展.docx", document)
    assert said.text == "文件《17项进展.docx》已收到，正在存入台账。"
    said = await office.wecom.send_picture("huangwei", JPG)
    assert said.text == "图片已收到，正在存入台账。"
    found = await settled(office.bot.database, "stored")
    assert [row.sha256 for row in found] == [hashlib.sha256(data).hexdigest() for data in (document, JPG)]
    assert [(row.kind, row.unit, row.point) for row in found] == [
        ("file", "市交通运输局", 17),
        ("image", "市交通运输局", 17),
    ]
    assert [(office.files / row.path).read_bytes() for row in found] == [document, JPG]
    assert len(on_disk(office.files)) == 2
    assert [bubble.text for bubble in office.wecom.inbox("huangwei")] == [
        "文件《17项进展.docx》已收到，正在存入台账。",
        "图片已收到，正在存入台账。",
    ]


async def test_a_bad_file_is_refused_with_a_sentence_and_leaves_nothing(office: Town) -> None:
    bad = [
        ("录像.mp4", bytes(50_000_000), "超过20兆"),
        ("炸弹.docx", bomb(), "大得不正常"),
        ("带宏.docx", package(word__vbaProject_dot_bin=b"x"), "带有宏"),
        ("改名.docx", EXE, "可执行程序"),
        ("盖章.docx", package(text="机密★5年"), "不能在企业微信里发送"),
    ]
    for name, data, words in bad:
        said = await office.wecom.send_file("huangwei", name, data)
        assert "已收到" in said.text
        assert (await hears_of_file(office, words)).startswith(f"您发的《{name}》没有存下来：")
    rows = await sent_by(office.bot.database)
    assert [(row.state, row.path) for row in rows] == [("refused", "")] * len(bad)
    assert on_disk(office.files) == []


async def test_what_the_name_forbids_is_said_at_once_and_never_fetched(office: Town) -> None:
    for name, words in {
        "机密-方案.docx": "按保密规定另行报送",
        "材料.zip": "请解压后",
        "安装.exe": "程序和脚本不收",
    }.items():
        assert words in (await office.wecom.send_file("huangwei", name, package())).text
    assert await sent_by(office.bot.database) == []
    assert office.wecom.journal.calls("media/get") == ()


async def test_a_file_whose_three_days_passed_during_an_outage_is_asked_for_again(office: Town) -> None:
    office.wecom.faults.arm("busy", endpoint="media/get")
    await office.wecom.send_file("huangwei", "17项进展.docx", package())
    while (await sent_by(office.bot.database))[0].reason == "":
        await asyncio.sleep(0.02)
    office.wecom.clock.step(timedelta(days=3, seconds=5))
    assert "请重新发一次" in await hears_of_file(office, "只保留三天")
    assert on_disk(office.files) == []


async def test_an_expired_token_a_reset_and_a_slow_line_do_not_lose_a_file(office: Town) -> None:
    office.wecom.faults.arm("token_expired", endpoint="media/get")
    office.wecom.faults.arm("reset", endpoint="media/get")
    office.wecom.faults.arm("slow", endpoint="media/get", seconds=0.2)
    await office.wecom.send_file("huangwei", "17项进展.docx", package())
    (row,) = await settled(office.bot.database, "stored")
    assert on_disk(office.files) == [row.path]


async def test_a_callback_without_a_media_id_is_asked_for_again(office: Town) -> None:
    nothing = Message("k", "app", "huangwei", datetime.now(MONDAY.tzinfo), kind="file", text="进展.docx")
    async with office.bot.database.transaction() as conn:
        ctx = Context(nothing, MONDAY, office.bot.library.current(), conn)
        said = await attaching.keep(nothing, ctx, unit="市交通运输局", point=17)
    assert said == "文件《进展.docx》没有收到内容，请重新发一次。"
