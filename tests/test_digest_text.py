"""The digests' texts, held by golden files; `GOLDEN=write pytest` on this file writes them anew."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from supervision import digest, work_words
from supervision.digest_facts import CountyFact, Facts, Link, News, OfficeFacts
from tests.golden_facts import ROADS, ROUND, SHOWN, TUESDAY, TURN, facts

GOLDEN = Path(__file__).parent / "golden"
WRITERS = {"daily": digest.daily, "weekly": digest.weekly, "work": work_words.work_list}


def written(name: str) -> str:
    return WRITERS[name.partition("-")[0]](SHOWN[name])


@pytest.mark.parametrize("name", SHOWN)
def test_the_text_is_the_golden_one(name: str) -> None:
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(written(name) + "\n", encoding="utf-8")
    assert written(name) + "\n" == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SHOWN)
def test_no_exclamation_no_alarm_no_rank(name: str) -> None:
    text = written(name)
    assert not set(text) & set("!！🔴⚠❗")
    assert "排名" not in text
    assert "必须" not in text
    assert "责令" not in text


def busy(many: int) -> Facts:
    news = tuple(replace(ROADS, point=number, reports=(number,)) for number in range(1, many + 1))
    return facts(news=news)


def test_a_busy_day_still_fits_a_phone_and_nothing_is_lost() -> None:
    found = digest.daily_digest(busy(40))
    assert 250 <= len(found.text) <= 450
    shown = sum(f"要点{number}，" in found.text for number in range(1, 41))
    assert f"另有{40 - shown}项新报送，回复“来源”看全部" in found.text
    assert [entry.reports for entry in found.entries] == [(number,) for number in range(1, 41)]


def test_a_withdrawal_is_told_without_a_number() -> None:
    gone = News(17, "市交通运输局", (), TUESDAY, (3,), withdrawn=True)
    assert "市交通运输局6月25日撤回了先前报的数，待重报" in digest.daily(facts(news=(gone,)))


def test_every_shown_number_has_an_entry_with_its_reports() -> None:
    found = digest.daily_digest(SHOWN["daily-news"])
    assert [entry.reports for entry in found.entries] == [(13,), (11,), (12,), (11,)]
    assert all(mark in found.text for mark in "①②③④")


def test_what_a_linked_place_told_is_not_told_twice() -> None:
    linked = Link("凤凰镇", ("市交通运输局报要点17：“……”",), TUESDAY, ROADS.reports)
    stuck = replace(ROADS, stuck="凤凰镇两座桥管线迁改未定")
    assert "您挂钩的：凤凰镇，见①。" in digest.daily(facts(news=(stuck,), links=(linked,)))
    assert "②凤凰镇，市交通运输局报要点17" in digest.daily(facts(news=(ROADS,), links=(linked,)))


def test_a_long_reason_ends_with_a_whole_clause() -> None:
    reason = f"新增投产冷库库容：完成40%（0.1万吨/0.25万吨）；另有3项未报（{'农村公路' * 20}）"
    text = digest.daily(facts(turns=(replace(TURN, reason=reason),)))
    assert "转黄灯：新增投产冷库库容：完成40%（0.1万吨/0.25万吨）等。" in text


def test_counties_that_all_owe_are_named_once() -> None:
    owing = [CountyFact(name, "慈善超市示范点数", "至少1个") for name in ("潮安区", "饶平县", "湘桥区")]
    text = digest.weekly(facts(counties=tuple(owing)))
    assert "慈善超市示范点数：潮安区、饶平县、湘桥区均未报（目标各至少1个）" in text
    goals = [replace(one, goal=f"不少于{number}个") for number, one in enumerate(owing)]
    text = digest.weekly(facts(counties=tuple(goals)))
    assert "均未报（目标不少于0个、不少于1个、不少于2个）" in text


def test_a_round_whose_day_is_past_says_what_it_still_lacks() -> None:
    late = replace(ROUND, over=True, asked=39, done=31)
    text = digest.weekly(facts(rounds=(late,)))
    assert "本周重点：“6月进展报送”原定6月28日（周五）17:30截止，还差8项。" in text
    assert "本周重点" not in digest.weekly(facts(rounds=(replace(late, missing=()),)))


def test_the_thursday_list_is_of_the_week_to_come_and_has_its_lights() -> None:
    office = OfficeFacts(red=(12,), yellow=(17, 24))
    text = work_words.work_list(facts(office=office), ahead=(date(2024, 7, 22), date(2024, 7, 26)))
    assert text.startswith("【办公室内部·下周工作单】（7月22日至7月26日）")
    assert "红黄灯：红灯1（要点12）、黄灯2（要点17、24）" in text
