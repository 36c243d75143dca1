"""What a question is about: its words without the noise of asking, the phrases misheard in it, and what it
mentions that the notice does not deal with.

`knowledge/question.py` calls it. Nothing here looks at the notice's answers, only at which of its phrases
occur in the question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from knowledge.grams import telling
from knowledge.lexicon import Lexicon
from knowledge.match import Index, Span
from knowledge.normalize import has_chinese
from knowledge.speech import Speech, speech

_LATIN = re.compile(r"[a-z]+")
EDGES = "的了在是有要和跟与及把被就也又那这它他您你我吗呢啊吧"
_BARE = EDGES + ",.。?!;:、 "  # what is no part of a word that is listed
_EMPTY = frozenset(
    "的了在是有要和跟与及个把被就都也又很太不没去来到对给让得着过会能可想说问讲看找用按上下里中这那它他她我你要写"
)
_QUOTED = re.compile(r'"([^"]{2,12})"')
# “危桥是哪10座”, “20个镇都是哪些”: the names are asked for of what the notice only counts.
_MANY = r"(?:\d{1,3}|[二两三四五六七八九十]{1,3})"
_THINGS = "(?:个(?!要点|部分|方面|点|字|词|一)|座|家|所|户|处|片)"
_WHICH_OF_THEM = re.compile(
    rf"哪{_MANY}{_THINGS}|{_MANY}(?:{_THINGS}|大)[^,。?]{{0,10}}?(?:都|分别|具体)?是哪(?:些|几|{_MANY})(?!条|点|项)"
)
# “村医工资”, “渔船柴油补贴”: a heading, and not “工资都发不出”.
_MONEY_ALONE = re.compile(r"^[^,。?!]{2,8}(?<![发欠拖领拿没有无给加扣])(工资|补贴|补助|奖补)[?。]*$")
LONG = 30  # characters of a story
PHRASE = 8  # size of three English words
SLIPS = 3  # characters of a phrase in which one may be wrong though other phrases are known


@dataclass(frozen=True, slots=True)
class Subject:
    """`runs` of words, the known phrases among them, and all that is left of the text, joined by blanks."""

    runs: tuple[tuple[str, ...], ...]
    spans: tuple[Span, ...]
    words: str


def subject(words: str, cut: str, spans: list[Span], index: Index, *, english: bool) -> Subject:
    """What `words` are about; `cut` are the words without points' numbers, `spans` the phrases in `words`."""
    known = spans if cut == words else index.spans(cut)
    uncut = [s for s in known if english or not s.phrase.isalpha() or not s.phrase.isascii()]
    runs, left = _runs(cut, uncut, speech())
    known = [*known, *index.together(words, spans)]
    if english:
        known += [span for run in runs for span in index.apart(run, known)]
    else:
        known += _misheard(words, known, runs, index)
    return Subject(tuple(map(tuple, runs)), tuple(known), left)


def _runs(words: str, spans: list[Span], table: Speech) -> tuple[list[list[str]], str]:
    """The text without noise, cut into runs; known phrases are never cut."""
    marked = list(words)
    for noise in table.noise.finditer(words):
        start, end = noise.span()
        if any(s.start < end and start < s.end and not _swallowed(s, start, end) for s in spans):
            continue
        marked[start:end] = " " * (end - start)
    runs, kept = [], []
    for part in "".join(marked).split():
        part = part.strip(EDGES)
        run = telling(part)
        if run and not all(w in _EMPTY for w in run):
            runs.append(run)
            kept.append(part)
    return _glued(runs), " ".join(kept)


def _swallowed(span: Span, start: int, end: int) -> bool:
    """Noise that holds the whole phrase and more wins over it: 责任单位 over 单位."""
    return start <= span.start and span.end <= end and (end - start) > (span.end - span.start)


def _glued(runs: list[list[str]]) -> list[list[str]]:
    """Latin words stand apart by blanks but belong together, so "cold storage" is one run."""
    glued: list[list[str]] = []
    for run in runs:
        if glued and run[0].isascii() and glued[-1][-1].isascii():
            glued[-1] = glued[-1] + run
        else:
            glued.append(run)
    return glued


def _misheard(words: str, known: list[Span], runs: list[list[str]], index: Index) -> list[Span]:
    """Slips of the pen: in any run where nothing is known, beside known ones only plain ones (扩全强县)."""
    if not known and (found := [span for run in runs for span in index.heard("".join(run))]):
        return found
    if len(words) > LONG:
        return []
    taken = {at for span in known if "+" not in span.phrase for at in range(span.start, span.end)}
    return [
        span
        for span in index.heard(words)
        if len(span.phrase) >= SLIPS
        and taken.isdisjoint(slips := _slips(words, span))
        and (index.prints(span.phrase) or (len(slips) == 1 and len(span.phrase) > SLIPS))
    ]


def _slips(words: str, span: Span) -> list[int]:
    """Where the text and the phrase it sounds like differ."""
    return [at for at, char in enumerate(span.phrase, span.start) if words[at] != char]


def elsewhere(words: str, index: Index, spans: list[Span]) -> tuple[str, ...]:
    """Subjects the notice does not deal with, unless they are only part of a longer phrase it knows."""
    found = [
        word
        for start, word in _occurring(words, index.lexicon.elsewhere_from)
        if not _inside(start, start + len(word), [s for s in spans if s.phrase != word])
    ]
    found += ["+".join(told.words) for told in index.lexicon.elsewhere_together.find(words)]
    if errand := speech().find("errand", words):
        found.append(errand[0])
    found += _elsewhere_in_english(words, index.lexicon, spans)
    return tuple(dict.fromkeys(found))


def _elsewhere_in_english(words: str, lexicon: Lexicon, spans: list[Span]) -> Iterator[str]:
    """The same of Latin words: in “eats instant noodles”, where that is known, nobody asks for noodles."""
    letters = list(_LATIN.finditer(words))
    for size in range(1, 5):
        for at in range(len(letters) - size + 1):
            part = letters[at : at + size]
            start, end = part[0].start(), part[-1].end()
            told = any(s.start <= start and end <= s.end and s.size >= PHRASE for s in spans)
            if not told and (phrase := " ".join(m[0] for m in part)) in lexicon.elsewhere_en:
                yield phrase


def details(words: str, lexicon: Lexicon, spans: list[Span]) -> tuple[str, ...]:
    """Names of details asked for; a word inside a known phrase (经验材料) asks for nothing, nor does one
    that runs into another word (老百姓什么时候 has no 姓什么)."""
    found = [
        lexicon.details[word]
        for start, word in _occurring(words, lexicon.details_from)
        if not _inside(start, start + len(word), spans)
        and words[start - 1 : start] not in ("第", "哪", "共", "有", "分")
        and not _runs_over(start, start + len(word), words, lexicon)
        and not any(s.start < start < s.end or s.start < start + len(word) < s.end for s in spans)
        and not (word.isascii() and re.match(r"\w", words[start + len(word) :], re.ASCII))
        and not (word.isascii() and re.search(r"[a-z]$", words[:start]))
    ]
    if _WHICH_OF_THEM.search(words):
        found.append("名单")
    if bare := _MONEY_ALONE.search(words):
        found.append(bare[1])
    found += [lexicon.details["+".join(told.words)] for told in lexicon.details_together.find(words)]
    return tuple(dict.fromkeys(found))


def _runs_over(start: int, end: int, words: str, lexicon: Lexicon) -> bool:
    """Whether its first or last character belongs to a neighbour, as the notice joins them."""
    before, after = words[start - 1 : start + 1], words[end - 1 : end + 1]
    return (len(before) == 2 and before in lexicon.joined) or (len(after) == 2 and after in lexicon.joined)


def _inside(start: int, end: int, spans: list[Span]) -> bool:
    """Whether known phrases account for every character: 初中标准化 has no 中标 in it."""
    return all(any(s.start <= at < s.end for s in spans) for at in range(start, end))


def _occurring(words: str, known: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[int, str]]:
    """Every known word (by its first character) in the text with its place, the longest at each place."""
    for start, first in enumerate(words):
        for word in known.get(first, ()):
            if words.startswith(word, start):
                yield start, word
                break


def listed_words(words: str, table: Speech, index: Index) -> tuple[str, ...]:
    if quoted := _QUOTED.findall(words):
        return tuple(quoted)
    found = table.find("listed_word", words)
    word = next((g for g in found.groups() if g), "") if found else ""
    parts = table.signs["listed_apart"].split(word) if has_chinese(word) else [word]
    bare = (_bare(part, table, index) for part in parts)
    return tuple(dict.fromkeys(part for part in bare if part))


def _bare(part: str, table: Speech, index: Index) -> str:
    """Without the words of asking, unless the notice has it just so (数字经济)."""
    whole = part.strip(_BARE)
    return whole if index.prints(whole) else "".join(table.noise.sub(" ", part).split()).strip(_BARE)
