"""The torture of replicas, in a shorter form; `python -m tests.torture` is the long one."""

import pytest

from tests.torture import torture


@pytest.mark.timeout(240)
async def test_replicas_that_are_killed_and_whose_clocks_jump_do_each_fire_time_once(
    database_url: str,
) -> None:
    """SQLite has one writer, so two processes there are as many as an office would run on it."""
    replicas = 2 if database_url.startswith("sqlite") else 3
    found = await torture(database_url, seconds=8, replicas=replicas)
    assert (found.duplicates, found.missed, found.surprises, found.wrong) == (0, 0, 0, [])
    assert found.kills >= replicas + 2, "nobody was tortured"
    assert found.late > 0, "nothing was caught up with"
    assert found.passed_over > 300, "three days passed without a trace"
