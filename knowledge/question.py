"""Reads a question: what it asks for (who, how many, by when, a list …), what it points at, what it is about.

The patterns are in `knowledge/data/speech.toml`. `handlers/ask.py` calls `read` and decides; nothing here
looks at the notice's answers, only at which of its phrases occur in the question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from knowledge.indexing import telling
from knowledge.lexicon import Lexicon
from knowledge.match import Index, Span
from knowledge.normalize import has_chinese, plain
from knowledge.speech import Measure, Speech, speech
from knowledge.typed import read_aloud

PASTED = 200  # a longer text is somebody's document with a question in it
ENDS = 150  # of such a text, this much of both ends is read when no sentence asks anything
_SENTENCE = re.compile(r"[^。!?？！\n;；]+[。!?？！\n;；]?")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_LATIN = re.compile(r"[a-z]+")
_EDGES = "的了在是有要和跟与及把被就也又那这它他您你我吗呢啊吧"
_EMPTY = frozenset(
    "的了在是有要和跟与及个把被就都也又很太不没去来到对给让得着过会能可想说问讲看找用按上下里中这那它他她我你要写"
)
_COUNT = re.compile(r"[\d一二三四五六七八九十百和与跟、]")
_QUOTED = re.compile(r'"([^"]{2,12})"')
_CLAUSE = re.compile(r"[^,。!?;、\s]+[,。!?;、\s]*")
AFTERTHOUGHT = 4  # characters that may follow a number that opens a message
LONG = 30  # characters of a story
SLIPS = 3  # characters of a phrase in which one may be wrong though other phrases are known
TELLS = 3  # a message of at least so many clauses tells a story; only those that ask are taken literally


@dataclass(frozen=True, slots=True)
class Question:
    """What was understood. `runs` are the words of its subject, `spans` the known phrases among them."""

    text: str
    english: bool = False
    pasted: bool = False
    asks: frozenset[str] = frozenset()
    signs: frozenset[str] = frozenset()  # names of the signs in speech.toml that occur
    number: int | None = None  # a point's number, or the place within `section`
    section: int | None = None
    last: int = 0  # 1 = the last, 2 = the last but one
    step: int = 0  # +1 next, -1 previous
    place_in_list: int | None = None
    runs: tuple[tuple[str, ...], ...] = ()
    spans: tuple[Span, ...] = ()
    subject: str = ""  # what is left after noise, runs joined by blanks
    elsewhere: tuple[str, ...] = ()  # subjects the notice does not deal with
    details: tuple[str, ...] = ()  # details it seldom states
    measure: Measure | None = None
    courtesy: bool = False  # a greeting or thanks and nothing else
    years: tuple[int, ...] = ()
    scopes: tuple[str, ...] = ()
    listed_words: tuple[str, ...] = ()  # of “提到湘桥的有哪几条”, the words the list is about
    maybe: tuple[str, ...] = ()  # phrases that typed initials may stand for, when they differ

    @property
    def empty(self) -> bool:
        """Whether it names no subject of its own."""
        return not self.runs


def read(text: str, index: Index) -> Question:
    """Understand one message; `text` is as typed."""
    table = speech()
    aloud = read_aloud(_essence(plain(text), table), index)
    words = aloud.words
    english = not has_chinese(words) and any(c.isalpha() for c in words)
    words = table.in_digits(words) if english else words
    words = _put_right(words, index, table)
    words = table.signs["not_that"].sub("", words) or words
    words = table.signs["preface"].sub("", words)  # “我是卫健局的,托位指标多少” is not about the bureau
    spans = index.spans(words)
    number, section = _numbers(words, spans, table, max(index.sections, default=0))
    cut = _without_numbers(words, table) if number is not None or section is not None else words
    step = -1 if table.has("step_back", words) else 1 if table.has("step_on", words) else 0
    if step and not spans:
        cut = table.signs["step_back" if step < 0 else "step_on"].sub(" ", cut)
    known = spans if cut == words else index.spans(cut)
    runs, subject = _subject(
        cut, [s for s in known if english or not s.phrase.isalpha() or not s.phrase.isascii()], table
    )
    known = [*known, *index.together(words, spans)]
    if english:
        known += [span for run in runs for span in index.apart(run, known)]
    else:
        known += _misheard(words, known, runs, index)
    asking = _asking(words, index, table)
    counted = table.signs["some"].sub(" ", asking)
    asking_spans = spans if asking == words else index.spans(asking)
    return Question(
        text=words,
        english=english,
        pasted=len(words) > PASTED,
        asks=_asks(words, table),
        signs=_signs(words, table),
        number=number,
        section=section,
        last=_last(words, table),
        step=step,
        place_in_list=_place(words, table),
        runs=tuple(map(tuple, runs)),
        spans=tuple(known),
        subject=subject,
        elsewhere=_elsewhere(asking, index, asking_spans),
        details=_details(asking, index.lexicon, asking_spans),
        measure=next((m for m in table.measures if m.pattern.search(counted)), None),
        courtesy=_courtesy(words, table),
        years=tuple(map(int, _YEAR.findall(words))),
        scopes=tuple(table.signs["scope"].findall(words)),
        listed_words=_listed_words(words, table, index),
        maybe=aloud.maybe,
    )


def picked(text: str) -> tuple[int | None, str]:
    """Which of the offered suggestions a message picks, from 0, and what it wants of it (“第2个 原文”).

    None when it is not a pick.
    """
    found = speech().signs["pick"].match(plain(text[:30]))
    return ("123一二三".index(found[1]) % 3, found[2] or "") if found else (None, "")


def declines(text: str) -> bool:
    """“都不是”: none of the suggestions was meant, and nothing else is asked."""
    words, pattern = plain(text[:40]), speech().signs["not_that"]
    return bool(pattern.match(words)) and not pattern.sub("", words)


def clauses(words: str) -> list[str]:
    """A message cut at its commas, stops and blanks."""
    return _CLAUSE.findall(words) if has_chinese(words) else [words]


def number_of(digits: str) -> int:
    """第十七 → 17, 四十五 → 45; also plain digits."""
    if digits.isdigit():
        return int(digits)
    ones = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
    if not set("十百") & set(digits):  # 第一七条: read out digit by digit
        return int("".join(str(ones.get(c, 0)) for c in digits))
    total, rest = 0, 0
    for char in digits:
        if char in "百十":
            total, rest = total + (rest or 1) * (100 if char == "百" else 10), 0
        else:
            rest = ones.get(char, 0)
    return total + rest


_SIGNS = (
    "the_notice",
    "leads",
    "joins",
    "tasks",
    "in_words",
    "compares",
    "quantified",
    "each",
    "block",
    "this_section",
    "other",
    "more",
    "pointer",
    "follow",
    "again",
    "closer",
    "other_places",
    "greeting",
    "thanks",
    "hard_number",
    "how_many_points",
)


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


def _essence(words: str, table: Speech) -> str:
    """Of a pasted text, the sentences that ask something, else its two ends."""
    if len(words) <= PASTED:
        return words
    asking = re.compile(
        "|".join(table.asks[name].pattern for name in ("who", "figure", "deadline", "where", "list"))
    )
    found = [s for s in _SENTENCE.findall(words) if len(s) <= PASTED and (s[-1] in "?？" or asking.search(s))]
    joined = "".join(found)
    return joined if 0 < len(joined) <= PASTED else words[:ENDS] + " " + words[-ENDS:]


def _put_right(words: str, index: Index, table: Speech) -> str:
    """“第五条 不对不对 第六条”, “冷链 说错了 是托育谁管”: what was said last counts."""
    words = table.signs["misspoken_number"].sub("第", words)
    corrections = list(table.signs["misspoken"].finditer(words))
    if not corrections:
        return words
    after = words[corrections[-1].end() :]
    meant = index.spans(after) or table.has("point_number", after)
    return after if meant and index.spans(words[: corrections[-1].start()]) else words


def _asking(words: str, index: Index, table: Speech) -> str:
    """Of a message that tells a story, the clauses that ask; of any other, all of it.

    Two clauses make a story when the one that asks has a subject: “厂房租金贵,工业园区怎么升级”.
    """
    parts = clauses(words)
    asking = "".join(c for c in parts if "?" in c or table.has("asking", c))
    if len(parts) < 2 or not asking:
        return words
    told = len(parts) >= TELLS and len(words) >= LONG
    return asking if told or index.spans(asking) else words


def _listed_words(words: str, table: Speech, index: Index) -> tuple[str, ...]:
    if quoted := _QUOTED.findall(words):
        return tuple(quoted)
    found = table.signs["listed_word"].search(words)
    word = next((g for g in found.groups() if g), "") if found else ""
    parts = table.signs["listed_apart"].split(word) if has_chinese(word) else [word]
    bare = (_bare(part, table, index) for part in parts)
    return tuple(dict.fromkeys(part for part in bare if part))


def _bare(part: str, table: Speech, index: Index) -> str:
    """Without the words of asking, unless the notice has it just so (数字经济)."""
    whole = part.strip(_EDGES)
    return whole if index.prints(whole) else "".join(table.noise.sub(" ", part).split()).strip(_EDGES)


def _asks(words: str, table: Speech) -> frozenset[str]:
    found = {name for name, pattern in table.asks.items() if pattern.search(words)}
    if table.has("not_a_list", words):  # what is done about a thing is no list of points
        found.discard("list")
    if "figure" in found and not table.asks["figure"].search(table.signs["some"].sub(" ", words)):
        found.discard("figure")  # “想装几条机械臂” counts nothing
    return frozenset(found)


def _signs(words: str, table: Speech) -> frozenset[str]:
    found = {name for name in _SIGNS if table.has(name, words)}
    if not table.has("hard_number", table.signs["some"].sub(" ", words)):
        found.discard("hard_number")
    return frozenset(found)


def _numbers(
    words: str, spans: list[Span], table: Speech, last_section: int
) -> tuple[int | None, int | None]:
    """The point's and the section's number, where the text names them."""
    section = None
    if found := table.signs["section_number"].search(words):
        digits = next(g for g in found.groups() if g)
        section = number_of(digits)
    elif table.has("last_section", words):
        section = last_section
    rest = table.signs["last_but_one"].sub(" ", _without_sections(words, table))
    rest = table.signs["last"].sub(" ", rest)
    if found := table.signs["point_number"].search(rest):
        return number_of(next(g for g in found.groups() if g)), section
    bare = table.noise.sub("", rest).strip()
    if found := table.signs["bare_number"].fullmatch(bare):
        return number_of(found[1]), section
    found = table.signs["loose_number"].search(rest)
    if found and not any(s.start <= found.start(1) < s.end for s in spans):
        others = _COUNT.sub("", table.noise.sub("", rest[: found.start(1)] + rest[found.end() :])).strip()
        begins = found.start(1) == 0 and len(others) <= AFTERTHOUGHT  # “17条谁牵头 是不是交通局”
        return (number_of(found[1]) if begins or not others.strip(_EDGES) else None), section
    return None, section


def _without_numbers(words: str, table: Speech) -> str:
    return table.signs["point_number"].sub(" ", _without_sections(words, table))


def _without_sections(words: str, table: Speech) -> str:
    return table.signs["last_section"].sub(" ", table.signs["section_number"].sub(" ", words))


def _courtesy(words: str, table: Speech) -> bool:
    if not (table.has("greeting", words) or table.has("thanks", words)):
        return False
    rest = table.signs["thanks"].sub(" ", table.signs["greeting"].sub(" ", words))
    return len("".join(table.noise.sub(" ", rest).split())) <= 1


def _last(words: str, table: Speech) -> int:
    if table.has("last_but_one", words):
        return 2
    found = table.signs["last"].search(_without_sections(words, table))
    return 0 if not found else number_of(found[1]) if found[1] else 1


def _place(words: str, table: Speech) -> int | None:
    if found := table.signs["inside"].search(words):
        return number_of(next(g for g in found.groups() if g)) - 1
    places = ("first_of_list", "second_of_list", "third_of_list")
    return next((at for at, name in enumerate(places) if table.has(name, words)), None)


def _elsewhere(words: str, index: Index, spans: list[Span]) -> tuple[str, ...]:
    """Subjects the notice does not deal with, unless they are only part of a longer phrase it knows."""
    found = [
        word
        for start, word in _occurring(words, index.lexicon.elsewhere_from)
        if not _inside(start, start + len(word), [s for s in spans if s.phrase != word])
    ]
    found += ["+".join(told.words) for told in index.lexicon.elsewhere_together.find(words)]
    if errand := speech().signs["errand"].search(words):
        found.append(errand[0])
    letters = _LATIN.findall(words)
    for size in range(1, 5):
        for at in range(len(letters) - size + 1):
            if (phrase := " ".join(letters[at : at + size])) in index.lexicon.elsewhere_en:
                found.append(phrase)
    return tuple(dict.fromkeys(found))


def _details(words: str, lexicon: Lexicon, spans: list[Span]) -> tuple[str, ...]:
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


def _subject(words: str, spans: list[Span], table: Speech) -> tuple[list[list[str]], str]:
    """The text without noise, cut into runs; known phrases are never cut."""
    marked = list(words)
    for noise in table.noise.finditer(words):
        start, end = noise.span()
        if any(s.start < end and start < s.end and not _swallowed(s, start, end) for s in spans):
            continue
        marked[start:end] = " " * (end - start)
    runs, kept = [], []
    for part in "".join(marked).split():
        part = part.strip(_EDGES)
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
