"""The digests' texts, held by golden files; `GOLDEN=write pytest` on this file writes them anew."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from supervision import digest
from supervision.digest_facts import Facts, News
from tests.golden_facts import ROADS, SHOWN, TUESDAY, facts

GOLDEN = Path(__file__).parent / "golden"
WRITERS = {"daily": digest.daily, "weekly": digest.weekly, "work": digest.work_list}


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
