"""A year by the clock, in a shorter form; `python -m tests.year` is the whole of it."""

from datetime import date
from pathlib import Path

import pytest

from tests.year import simulate


@pytest.mark.timeout(240)
async def test_weeks_with_two_festivals_and_a_worked_saturday_break_no_rule(tmp_path: Path) -> None:
    """Mid-autumn and the National Day 2024: 14 and 29 September and 12 October are worked."""
    found = await simulate(date(2024, 9, 9), date(2024, 10, 12), f"sqlite:///{tmp_path / 'year.db'}")
    assert found.days == 21
    assert not any(found.faults.values()), found.faults
    assert found.answers > 0, "nobody answered, so nothing had to stop"
    assert found.drafts > 0, "nobody stayed silent, so nothing had to be escalated"
    assert found.messages > 100, "the clock sent next to nothing"
