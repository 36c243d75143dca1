"""What `knowledge/patterns.py` makes of a pattern finds something exactly where the pattern does.

Short patterns of every construct the tables use are held against all short strings; the tables themselves
against what people reported and against their own words, glued together.
"""

import random
import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.patterns import Looks, begins, looks
from knowledge.wording import wording
from tests.replies import labelled

_STRINGS = ["".join(letters) for size in range(5) for letters in product("abx", repeat=size)]
_ONE = st.sampled_from(["a", "b", "x", "[ab]", "[a-bx]", "[^a]", r"\w", "."])
_TIMES = st.sampled_from(["", "", "", "?", "*", "+", "{1,3}", "{0,2}", "+?"])
_BEHIND = st.sampled_from(["(?<!a)", "(?<=b)", "(?<![ab])", "(?<!x|a)", "(?=x)", "(?!b)", "^", "$"])


def _deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    times = st.sampled_from(["", "", "?", "*", "+"])
    return st.builds("(?:{}){}".format, st.lists(inner, min_size=1, max_size=3).map("|".join), times)


def _row(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(parts, max_size=3).map("".join)


_PARTS = st.one_of(st.builds("{}{}".format, _ONE, _TIMES), _BEHIND)
_PATTERNS = st.lists(
    _row(st.one_of(_PARTS, st.recursive(_row(_PARTS), _deeper, max_leaves=4).map("(?:{})".format))),
    min_size=1,
    max_size=4,
).map("|".join)


@given(_PATTERNS)
@settings(max_examples=400, deadline=None)
def test_looks_find_something_where_the_pattern_does(pattern: str) -> None:
    found, plain = looks(pattern), re.compile(pattern)
    for text in _STRINGS:
        assert _finds(found, text) is bool(plain.search(text)), text


def _finds(looks: Looks, text: str) -> bool:
    starts = looks.at_start and (not looks.begins or text[:1] in looks.begins) and looks.at_start(text)
    return bool(starts) or any(look(text) for look in looks.anywhere)


@given(_PATTERNS)
@settings(max_examples=400, deadline=None)
def test_every_match_begins_with_one_of_its_beginnings(pattern: str) -> None:
    try:
        first = begins(pattern)
    except ValueError:
        return
    for text in _STRINGS:
        assert all(match[0][:1] in first for match in re.finditer(pattern, text) if match[0])


def test_beginnings_are_the_characters_themselves() -> None:
    assert begins("(?:不归|非)我|应?由|[归属]于") == "不属应归由非"
    with pytest.raises(ValueError, match="no plain character"):
        begins(r"剩|\d项")


@pytest.mark.parametrize("sign", sorted(wording().signs))
def test_looks_find_a_sign_wherever_it_is(sign: str) -> None:
    pattern = wording().pattern(sign)
    texts = [*_reported(), *_glued(pattern.pattern)]
    found = [bool(pattern.search(text)) for text in texts]
    assert [wording().has(sign, text) for text in texts] == found
    assert any(found)


def _reported() -> list[str]:
    """What people wrote, clause by clause."""
    files = ("replies.jsonl", "replies_tuning.jsonl")
    texts = [row["text"] for file in files for row in labelled(file)]
    return [part for text in texts for part in re.split("[,，。;；\n]", text)]


def _glued(pattern: str) -> list[str]:
    """The literal words of a pattern, alone and with one another, and with a character lost."""
    dice = random.Random(pattern)
    text = re.sub(r"\(\?[:=!<]*|\\.|[()\[\]?*+|^${},.]+", " ", pattern)
    words = [*text.split(), "", "3", "三", "第", "不", ",", "-"]
    made = ["".join(dice.choice(words) for _ in range(dice.randrange(1, 5))) for _ in range(800)]
    places = [dice.randrange(len(one) + 1) for one in made]
    return [*words, *made, *(one[:at] + one[at + 1 :] for one, at in zip(made, places, strict=True))]
