"""Whatever is typed or pasted is answered, and quickly.

Every shard draws its strings from its own seed, so a failure names the string and comes again. All hundred
thousand are asked by `python -m tests.bench strings`.
"""

import pytest

from handlers.ask import Knowing
from tests.strings import ask_strings

SHARDS, STRINGS = 10, 1_000
SLOW = 0.1  # seconds, on a machine that does other things, too


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_string_is_answered_within_a_blink(knows: Knowing, shard: int) -> None:
    asked = list(ask_strings(knows, shard, STRINGS, SLOW))
    assert len(asked) == STRINGS
    assert all(one.answered for one in asked)
    assert [one.words() for one in asked if one.seconds > SLOW] == []
