"""Whatever is typed or pasted is answered, and quickly.

Every shard draws its strings from its own seed, so a failure names the string and comes again. All hundred
thousand are asked by `python -m tests.bench strings`.
"""

import pytest

from handlers.ask import Knowing
from knowledge.reply import Asked
from tests.conftest import MONDAY
from tests.strings import ask_strings, read_strings, reading

SHARDS, STRINGS = 10, 1_000
SLOW = 0.1  # seconds, on a machine that does other things, too


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_string_is_answered_within_a_blink(knows: Knowing, shard: int) -> None:
    asked = list(ask_strings(knows, shard, STRINGS, SLOW))
    assert len(asked) == STRINGS
    assert all(one.answered for one in asked)
    assert [one.words() for one in asked if one.seconds > SLOW] == []


@pytest.mark.parametrize("shard", range(2))
def test_every_string_is_read_as_a_reply_within_a_blink(knows: Knowing, shard: int) -> None:
    read = list(read_strings(knows, shard, STRINGS, SLOW))
    assert [one.words() for one in read if one.seconds > SLOW] == []


@pytest.mark.parametrize(
    "word", ["收到", "好的", "好", "嗯", "谢谢", "谢", "领导好", "辛苦领导", "等等", "没有"]
)
def test_a_word_over_and_over_is_read_within_a_blink(knows: Knowing, word: str) -> None:
    """收到收到收到” may be cut into acknowledgements in two ways at each of them."""
    assert reading(word * 90 + "”", Asked(MONDAY.date(), "潮安区", 17), knows) < SLOW
