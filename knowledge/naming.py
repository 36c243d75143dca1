"""The phrases of a notice as people may write them: how they begin, their initials, what they sound like.

Only `Index.of` and `knowledge/teaching.py` make these tables; `knowledge/typed.py` reads letters with them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from knowledge.grams import BREAK
from knowledge.lexicon import Lexicon
from knowledge.normalize import plain
from knowledge.notice import Notice
from knowledge.pinyin import Readings, Sounds, initials, syllables

COMMON = 20  # the first entries of a list in the lexicon are the commonest


def section_names(notice: Notice, lexicon: Lexicon) -> dict[int, tuple[str, ...]]:
    """Each section's title, its title without the verb, then the ways people say it."""
    said: dict[str, list[str]] = defaultdict(list)
    for say in lexicon.says:
        said[say.quote].extend((*say.zh, *say.en))
    return {
        s.number: (plain(s.title), _core(plain(s.title)), *dict.fromkeys(said[s.title]))
        for s in notice.sections
    }


def _core(title: str) -> str:
    """A title without its verb: 大抓产业发展 is spoken of as 产业发展."""
    core = re.sub(r"^(?:大抓|狠抓|抓好|抓实|加强|强化|推进|做好)", "", title)
    return core if len(core) >= 4 else title


def starts(
    phrases: Iterable[str], known: Mapping[str, tuple[int, ...]] | None = None
) -> dict[str, tuple[int, ...]]:
    """How phrases begin, two characters, with the lengths of those that do, the longest first; `known` ones
    are kept."""
    found: dict[str, int] = {}  # a bit for each length: there are sixty thousand phrases
    for phrase in phrases:
        found[phrase[:2]] = found.get(phrase[:2], 0) | 1 << len(phrase)
    for begins in found.keys() & (known or {}).keys():
        found[begins] |= sum(1 << length for length in (known or {})[begins])
    return {**(known or {}), **{begins: _lengths(bits) for begins, bits in found.items()}}


@lru_cache(maxsize=4_096)
def _lengths(bits: int) -> tuple[int, ...]:
    return tuple(length for length in range(bits.bit_length(), 0, -1) if bits >> length & 1)


def by_renown(
    phrases: Mapping[str, tuple[int, ...]], words: Sequence[str], lexicon: Lexicon
) -> tuple[list[str], list[str], list[str]]:
    """Phrases that the notice prints, the commonest ways to say things, and all others."""
    common = {phrase for say in lexicon.says for phrase in say.zh[:COMMON]}
    groups: tuple[list[str], list[str], list[str]] = ([], [], [])
    texts = lru_cache(maxsize=64)(lambda docs: "\n".join(words[text] for text in docs))
    for phrase, docs in phrases.items():
        printed = phrase in texts(docs)  # phrases of one entry of the lexicon follow each other
        groups[0 if printed else 1 if phrase in common else 2].append(phrase)
    return groups


def abbreviations(printed: Iterable[str], common: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """First letters → the phrases they may stand for ("hymc" → 海洋牧场).

    Only what the notice prints is shortened so, and where it prints nothing, the commonest ways to say it:
    with every everyday word most letters would mean a dozen things.
    """
    found: dict[str, tuple[str, ...]] = {}
    for group in (common, printed):  # the later one replaces
        shortened: dict[str, list[str]] = defaultdict(list)
        for phrase in group:
            if 2 <= len(phrase) <= 8 and (short := initials(phrase)):
                shortened[short].append(phrase)
        found |= {short: tuple(names) for short, names in shortened.items()}
    return found


def readings(phrases: Iterable[str]) -> Readings:
    """What each phrase sounds like; of those that sound alike, the first is heard."""
    found: dict[Sounds, str] = {}
    chinese = [phrase for phrase in phrases if not phrase.isascii()]
    heard, start = syllables(BREAK.join(chinese)), 0  # all at once: one by one takes three times as long
    for phrase in chinese:
        end = start + len(phrase)
        if all(sounds := tuple(heard[start:end])):
            found.setdefault(sounds, phrase)
        start = end + len(BREAK)
    return Readings.of(found)
