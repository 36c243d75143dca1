"""What the office sets for itself holds in chat and by the clock: hours, caps, lights."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load
from scheduler.times import Times
from supervision.light_rules import LightRules
from supervision.rules import Caps, OfficeHours
from tests.town import town


def mistakes(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load(path, {})
    return caught.value.mistakes


def test_every_mistake_in_the_offices_numbers_is_named_at_once(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        """
        [hours]
        morning = "8:30-12:00"
        [caps]
        reminders_per_month = 0
        [lights]
        no_red_months = 13
        jump_words = ["开工", " "]
        sorts = { "17-4" = "whatever" }
        [lookback]
        first_days = 90
        second_days = 30
        """,
    )
    assert len(found) == 6
    for words in (
        "[hours] morning 应写成 08:30-12:00",
        "reminders_per_month 应在 1 到 31 之间",
        "no_red_months",
        "jump_words 里有空的词",
        "没有 whatever",
        "second_days（30）应大于 first_days（90）",
    ):
        assert any(words in mistake for mistake in found), words


def test_numbers_that_only_together_make_no_sense_are_named(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        """
        [hours]
        morning = "09:30-14:00"
        afternoon = "13:30-17:00"
        [lights]
        yellow_gap = 40
        """,
    )
    assert found == [
        "[hours] afternoon（13:30-17:00）应在 morning（09:30-14:00）之后",
        "[lights] yellow_gap（40）应小于 red_gap（30）",
        "[schedule] reminders 应在工作时间（09:30-14:00、13:30-17:00）里，现在是 09:10",
        "[schedule] summary 应在工作时间（09:30-14:00、13:30-17:00）里，现在是 17:10",
        "[schedule] problems 应在工作时间（09:30-14:00、13:30-17:00）里，现在是 09:20",
    ]


def test_sorts_of_figures_come_from_the_file_and_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[lights]\nsorts = { "17-4" = "statistic" }\n', encoding="utf-8")
    assert load(path, {}).lights.sorts == {"17-4": "statistic"}
    said = load(None, {"BQW_LIGHTS_SORTS": "17-4=statistic, 3-1=milestone", "BQW_LIGHTS_YELLOW_GAP": "5"})
    assert said.rules.lights.sorts == {"17-4": "statistic", "3-1": "milestone"}
    assert said.rules.lights.yellow_gap == 5


async def test_the_offices_hours_and_lights_hold_in_chat(tmp_path: Path) -> None:
    settings = replace(
        Settings(),
        hours=OfficeHours("09:30-12:00", "15:00-18:00"),
        schedule=Times(reminders="09:40", escalation="15:10"),
        lights=LightRules(yellow_gap=0.5, red_gap=1),
    )
    async with town(f"sqlite:///{tmp_path / 'bqw.db'}", settings, ticking=True) as place:
        await place.dialogue(
            "wanglei",
            ("开月报 放行17", "截止7月25日（周四）18:00|7月15日09:40起发出"),
            ("工作单", "7月25日（周四）18:00截止"),
        )
        await place.dialogue("huangwei", ("①25.6 ②5 ③26", "已记"))
        await place.dialogue("wanglei", ("17项是什么灯", "红灯"), ("今日专报", "黄灯1"))


async def test_who_was_reminded_often_enough_this_month_is_left_to_the_telephone(tmp_path: Path) -> None:
    """Asked on the 18th, reminded on the 23rd; on the 25th the office hears of it instead."""
    settings = replace(Settings(), caps=Caps(reminders_per_month=2))
    async with town(f"sqlite:///{tmp_path / 'bqw.db'}", settings, ticking=True) as place:
        await place.reaches("07-18T08:40")
        await place.dialogue("wanglei", ("开月报 放行17", "7月18日09:10起发出"))
        for when in ("07-18T09:20", "07-23T09:20", "07-25T09:20"):
            await place.reaches(when)
        read = place.read("chenjing")
        assert [text for text in read if "临期提醒" in text]
        assert not [text for text in read if "今日到期" in text]
        told = "市供销社陈静：本月催办已达2条上限"
        assert [text for text in place.read("wanglei") if f"{told}，顺延到8月1日发出" in text]
        await place.dialogue(
            "wanglei", ("开专项 7月26日前 要点17 放行17", f"{told}，因到期在即，仍在7月25日发出")
        )
