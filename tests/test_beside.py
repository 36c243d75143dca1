"""What follows a digest's words: the week's table, of what its reader may see and nothing more."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from bot.settings import Digest, Settings
from simulator.mailbox import Bubble
from storage import people
from storage.people import PersonRow
from supervision import digest
from tests.golden_facts import SHOWN
from tests.town import Town, at, town


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Town]:
    async with town(database_url, Settings(), ticking=True) as found:
        yield found


def weekly(place: Town, person: str) -> tuple[str, list[Bubble]]:
    """The week's words, and what came after them."""
    read = place.wecom.inbox(person)
    first = next(number for number, bubble in enumerate(read) if "周报（" in bubble.text)
    return read[first].text, list(read[first + 1 :])


def rows(place: Town, size: int) -> list[list[str]]:
    """The cells of the kept table of this size."""
    (path,) = [one for one in (place.files / "digests").glob("*.xlsx") if one.stat().st_size == size]
    sheet = openpyxl.load_workbook(path).active
    return [["" if cell is None else str(cell) for cell in row] for row in sheet.values]


async def test_the_week_brings_a_table_of_what_its_reader_may_see(office: Town) -> None:
    async with office.bot.database.transaction() as conn:
        leader = PersonRow("linxiao", "林晓", "leader", "市交通运输局")
        await people.bind(conn, [leader], by="test", now=at("07-15T08:00"))
    await office.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await office.dialogue("huangwei", ("①2 ②5", "已记"))
    await office.dialogue("zhengyun", ("①21", "已记"))
    await office.dialogue("linxiao", ("每天9点发我", "9:00"))
    await office.reaches("07-22T09:20")

    text, after = weekly(office, "zhoumin")
    assert "\n附：明细表（Excel）\n" in text
    assert "台账" not in text
    assert [bubble.text for bubble in after] == ["[文件] 百千万工程明细表（截至7月22日）.xlsx"]
    table = rows(office, after[0].body["size"])
    assert table[0][0] == "2024年“百千万工程”工作要点明细表"
    assert len({row[1] for row in table[4:] if row[1]}) == 45
    (roads,) = [row for row in table if "2公里" in row]
    assert "黄灯" in roads, "a red light that nobody let out"
    assert any("21个项目" in row for row in table)

    (file,) = weekly(office, "linxiao")[1]
    own = rows(office, file.body["size"])
    assert any("2公里" in row for row in own)
    assert not any("21个项目" in row for row in own), "another unit's figure"


async def test_where_the_office_wants_no_table_none_is_spoken_of(tmp_path: Path) -> None:
    settings = replace(Settings(), digest=Digest(table=False))
    async with town(f"sqlite:///{tmp_path / 'bqw.db'}", settings, ticking=True) as place:
        await place.reaches("07-22T08:50")
        text, after = weekly(place, "zhoumin")
        assert "明细见台账，可向市百千万办索取。" in text
        assert after == []


async def test_the_week_on_demand_speaks_of_no_file(office: Town) -> None:
    assert "明细见台账" in await office.hears("zhoumin", "周报")


def test_the_line_about_the_table_is_the_only_one_that_differs() -> None:
    without = digest.weekly_digest(SHOWN["weekly"]).text
    with_table = digest.weekly_digest(SHOWN["weekly"], table=True).text
    assert without.count("明细见台账，可向市百千万办索取。") == 1
    assert with_table == without.replace("明细见台账，可向市百千万办索取。", "\n附：明细表（Excel）")
