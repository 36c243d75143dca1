"""Strings nobody would type, and some that somebody does, drawn from a seed and asked one after the other.

Half of them go on in a conversation, half open one. What counts is the thread's own time, and a slow answer
is slow only when it is so three times: the machine has other things to do.
"""

from __future__ import annotations

import random
import re
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from handlers.ask import Answer, Knowing, reply_to
from handlers.memory import Memory
from knowledge import reply as replies
from knowledge.speech import speech
from tests.conftest import MONDAY

LONGEST = 65_536  # bytes of UTF-8
TRIES = 3

_SURROGATES = range(0xD800, 0xE000)
_PLANES = (
    (0x20, 0x7F),
    (0xA0, 0x800),
    (0x800, 0x3000),
    (0x3000, 0x3400),
    (0x3400, 0xA000),
    (0xA000, 0x10000),
)
_ASTRAL = ((0x10000, 0x11000), (0x1F000, 0x1FB00), (0x20000, 0x2FA20), (0xE0000, 0xE0200), (0x0, 0x110000))
_BOMBS = "·".join(
    (
        "第·第第·17条·第17条·第一·第一二三·一·一二三四五六七八九十·十百·条·0·1.·99999999999999·17 ·1、·壹贰",
        "不是·不是第·不是17条是·不对·错了·嗯·呃,·应该·不是我说的是·对不对·说错了·我是说·no wait ·到底·主要",
        "(·((·)·[·[一·\\·*·+·?·^·$·|·{·}·(?:·.*·\"·“·”·《·'·@·@a·@所有人·＠·@ ·#·~·…·。·,·,,·!?·\n·\r\n·\t· ",
        "\u3000·\u2028·谁·多少·哪·哪个·有·和·有和·有关·的·和财政有关的·提到·带·字·归·在·列·都·帮我写·给我",
        "帮我写一份·最后·倒数第·部分·第三部分·里面第·上一条·下一条·那·还有·呢·１·壹·廿·繁體·﷽·㌖·㊗·🀄",
        "lenglian·hymc·gxs ·di shi qi tiao·zhuang·xian·a·who ·item ·the last one·'s ·é·👨\u200d👩\u200d👧",
        "\u0301·\u200b·\u202e·\ufeff·\x00·\x1b[0m·\U000e0041",
    )
).split("·")
Dice = random.Random
Kind = Callable[[Dice, int], str]


def any_plane(dice: Dice, size: int) -> str:
    return "".join(_char(dice, dice.choice(_PLANES + _ASTRAL)) for _ in range(size))


def one_block(dice: Dice, size: int) -> str:
    """Characters that belong together: a script, symbols, private use."""
    start = dice.randrange(0x110000 - 0x80)
    return "".join(_char(dice, (start, start + 0x80)) for _ in range(size))


def marks(dice: Dice, size: int) -> str:
    return "".join(
        dice.choice("a好٣") + _char(dice, (0x300, 0x370)) * dice.randrange(9) for _ in range(size // 4)
    )


def right_to_left(dice: Dice, size: int) -> str:
    return (
        "".join(_char(dice, dice.choice(((0x590, 0x700), (0x4E00, 0x9FA6)))) for _ in range(size)) + "\u202e"
    )


def controls(dice: Dice, size: int) -> str:
    return "".join(_char(dice, dice.choice(((0, 0x20), (0x7F, 0xA0), (0x2000, 0x2070)))) for _ in range(size))


def one_character(dice: Dice, size: int) -> str:
    return dice.choice("第条一不是谁的0@( \n啊aéا🀄冷") * size


def digits(dice: Dice, size: int) -> str:
    return "".join(dice.choice("0123456789一二三四五六七八九十百零两%.亿万条第,") for _ in range(size))


def bomb(dice: Dice, size: int) -> str:
    """One thing over and over, and something else at the end: what makes a careless pattern run for ever."""
    unit = "".join(dice.choice(dice.choice((_BOMBS, _patterns()))) for _ in range(dice.randrange(1, 4)))
    return (unit * (size // len(unit) + 1))[:size] + dice.choice(_BOMBS)


def bombs(dice: Dice, size: int) -> str:
    return _glued(dice, _BOMBS, size)


def sayings(dice: Dice, size: int) -> str:
    return _glued(dice, _sayings(), size)


def patterns(dice: Dice, size: int) -> str:
    """What the question patterns are looking for, glued together: nearly every one matches somewhere."""
    return _glued(dice, _patterns(), size)


def document(dice: Dice, size: int) -> str:
    start = dice.randrange(len(_notice()))
    return (_notice()[start:] + _notice() * (size // len(_notice()) + 1))[:size]


def typed(dice: Dice, size: int) -> str:
    """Questions with slips of every kind."""
    text = list(_glued(dice, dice.choice((_sayings(), _patterns())), size))
    for _ in range(len(text) // 8 + 1):
        text.insert(dice.randrange(len(text) + 1), dice.choice(_BOMBS))
    return "".join(text)


KINDS: Sequence[Kind] = (
    *(any_plane, one_block, marks, right_to_left, controls, one_character, digits),
    *(bomb, bombs, sayings, patterns, document, typed),
)


def _char(dice: Dice, block: tuple[int, int]) -> str:
    code = dice.randrange(*block)
    return "\ufffd" if code in _SURROGATES else chr(code)


def _glued(dice: Dice, parts: Sequence[str], size: int) -> str:
    text = ""
    while len(text) < size:
        text += dice.choice(parts) + dice.choice(("", "", " ", ",", "\n"))
    return text[:size]


def _size(dice: Dice) -> int:
    """Mostly a few words; sometimes around where a text counts as pasted; seldom a whole document."""
    longest = dice.choices((12, 40, 260, 2_000, 6_000, LONGEST), (480, 460, 50, 6, 2, 2))[0]
    return dice.randrange(longest)


@cache
def _notice() -> str:
    return (files("knowledge") / "data" / "notice.txt").read_text("utf-8")


@cache
def _sayings() -> tuple[str, ...]:
    """What people say for the notice's words, and those words."""
    table = tomllib.loads((files("knowledge") / "data" / "lexicon.toml").read_text("utf-8"))
    said = [word for row in table["say"] for word in (*row["zh"].split(), *row["en"].split(","))]
    return (*said, *re.split("[,。]", _notice()))


@cache
def _patterns() -> tuple[str, ...]:
    """The literal parts of every pattern a question is read with."""
    table = speech()
    found = [*table.asks.values(), *table.signs.values(), table.noise, *(m.pattern for m in table.measures)]
    literal = (re.sub(r"\(\?[:=!<]*|\\.|[()\[\]?*+|^${},.\d]+", " ", pattern.pattern) for pattern in found)
    return tuple(dict.fromkeys(word for text in literal for word in text.split()))


@dataclass(frozen=True, slots=True)
class Asked:
    """A string and the seconds of the thread's own time that its answer took, at best."""

    kind: str
    text: str
    seconds: float
    answered: bool

    def words(self) -> str:
        return f"{self.seconds * 1000:.0f} ms, {self.kind}, {len(self.text)} characters: {self.text[:80]!r}"


def ask_strings(knows: Knowing, seed: int, many: int, slow: float) -> Iterator[Asked]:
    """Asks `many` strings; what takes longer than `slow` seconds is asked again."""
    dice, memory = Dice(seed), Memory()
    for kind, text in _drawn(dice, many):
        memory = memory if dice.random() < 0.5 else Memory()
        spent, answer = _asked(text, memory, knows)
        for _ in range(TRIES - 1):
            if spent > slow:
                spent = min(spent, _asked(text, memory, knows)[0])
        yield Asked(kind, text, spent, bool(answer.text))
        memory = answer.memory


def read_strings(knows: Knowing, seed: int, many: int, slow: float) -> Iterator[Asked]:
    """Reads `many` strings as replies, to a prompt about one point or to none; slow ones again."""
    dice = Dice(seed)
    for kind, text in _drawn(dice, many):
        asked = dice.choice(_PROMPTS)
        spent = reading(text, asked, knows)
        for _ in range(TRIES - 1):
            if spent > slow:
                spent = min(spent, reading(text, asked, knows))
        yield Asked(kind, text, spent, True)


_PROMPTS = (
    replies.Asked(MONDAY.date(), "", None),
    replies.Asked(MONDAY.date(), "潮安区", 17),
    replies.Asked(MONDAY.date(), "市水务局", None),
)


def _drawn(dice: Dice, many: int) -> Iterator[tuple[str, str]]:
    """Strings with the name of their kind."""
    for _ in range(many):
        kind = dice.choice(KINDS)
        yield kind.__name__, kind(dice, _size(dice)).encode()[:LONGEST].decode(errors="ignore")


def reading(text: str, asked: replies.Asked, knows: Knowing) -> float:
    began = time.thread_time()
    replies.read(text, asked, knows.book, knows.index)
    return time.thread_time() - began


def _asked(text: str, memory: Memory, knows: Knowing) -> tuple[float, Answer]:
    began = time.thread_time()
    try:
        answer = reply_to(text, memory, knows, MONDAY)
    except BaseException:  # the time limit of a test is one, too
        print(f"asked {text[:500]!r} of {len(text)} characters after {memory}")
        raise
    return time.thread_time() - began, answer
