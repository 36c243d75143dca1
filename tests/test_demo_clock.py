"""The page moves the one clock of bot and simulator, and tells a day by the calendar the bot works by."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.town import Town, town


async def clock(place: Town, **set_to: object) -> dict[str, Any]:
    """What the page is told of the day, after it has set the clock if it did."""
    async with aiohttp.ClientSession() as session:
        if set_to:
            async with session.post(f"{place.wecom.url}/chat/clock", json=set_to) as reply:
                assert reply.status == 200
        async with session.get(f"{place.wecom.url}/chat/clock") as reply:
            told: dict[str, Any] = await reply.json()
            return told


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'bqw.db'}"


@pytest.mark.parametrize(
    ("day", "works", "label"),
    [
        ("2024-07-15", True, "工作日"),
        ("2024-09-29", True, "调休上班"),
        ("2024-09-28", False, "休息日"),
        ("2024-10-01", False, "节假日"),
        ("2031-01-06", True, "工作日（预计）"),
    ],
)
async def test_the_page_says_whether_a_day_is_worked(url: str, day: str, works: bool, label: str) -> None:
    async with town(url, ticking=True) as place:
        told = await clock(place, now=f"{day}T09:00")
    assert (told["now"][:10], told["works"], told["day"]) == (day, works, label)


async def test_a_day_off_that_the_office_sets_is_one_on_the_page_too(url: str) -> None:
    async with town(url) as place:
        await place.dialogue("wanglei", ("7月16日放假", "放假2024年7月16日"))
        assert (await clock(place, now="2024-07-16T09:00"))["day"] == "节假日"
        assert (await clock(place, to="work"))["now"][:16] == "2024-07-17T09:00"


async def test_the_next_working_day_comes_after_the_holiday(url: str) -> None:
    async with town(url, ticking=True) as place:
        await clock(place, now="2024-09-30T17:00")
        assert (await clock(place, to="work"))["now"][:16] == "2024-10-08T09:00"


async def test_a_prompt_arrives_when_its_hour_is_stepped_to_and_not_before(url: str) -> None:
    async with town(url, ticking=True) as place:
        await place.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
        assert place.wecom.inbox("huangwei") == ()
        await clock(place, hours=1)
        prompt = await place.wecom.wait_for("huangwei", lambda said: "进展报送" in said.text, seconds=20)
        assert prompt.at.hour == 10
