"""Reads what a firm or a resident asks of the government: which work points, how urgent, where, and who asks.

Handlers call `read` for messages of the government-enterprise group. It answers nothing and keeps nothing;
the words it listens for are in `knowledge/data/problems.toml`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from knowledge.book import Book
from knowledge.combining import Words
from knowledge.match import Index, Span
from knowledge.normalize import plain, simplified
from knowledge.units import Directory, Mention
from knowledge.width import fold

LONGEST = 240  # characters read; whoever writes more has said by then what it is about
MOST = 3  # points named
STORY = 12  # characters that tell something
ASKING, TROUBLE = "demand", "trouble"  # signs
TOLD = 2  # characters of a theme's words by which its subject is known
CLEAR = 4  # characters of a theme's words that make its subject clear
ELSEWHERE = 0  # stands for what the notice does not deal with
SECOND = 0.3  # what a theme's next point gets of the one before
LEXICON = 0.4  # what the lexicon's phrases count beside a theme's words
LEAD = 3.0  # of the best point over the next: then it is clear
ENOUGH = 2.0  # for a point to be named at all
BESIDE = 0.6  # of the best point's share, for another one to be named as well
WHO = "who: "  # before a theme's name: words that only say who speaks
SIZE = 6  # a longer phrase says no more
COMPANY = "有限公司"  # needs no boundary after it


@dataclass(frozen=True, slots=True)
class Problem:
    """`points` best first, none where the notice does not deal with it; names are the words as written."""

    points: tuple[int, ...]
    urgency: str  # "urgent" | "normal"
    place: str | None
    enterprise: str | None


def read(text: str, book: Book, index: Index) -> Problem | None:
    """The problem a message brings, or None: no demand, complaint or policy question to the government."""
    text = text[:LONGEST]
    table = _table()
    said = _body(_comparable(text), table)
    heard = table.listening.heard(said)
    told = _told(heard, table)
    if not _is_problem(said, heard, _clearness(said, told, index), table):
        return None
    written = _in_place(text)
    places = tuple(_places(written, book.directory, table))
    firm = _enterprise(written, places, table)
    place = _nearest_place(places, firm)
    return Problem(
        points=_points(said, told, table, book, index),
        urgency="urgent" if _is_urgent(heard) else "normal",
        place=text[slice(*place)] if place else None,
        enterprise=text[slice(*firm)] if firm else None,
    )


# --- what is heard ---------------------------------------------------------------------------------

Heard = Mapping[str, list[Words]]  # group → its words in the message
Stretch = tuple[int, int]  # from, to


@dataclass(frozen=True, slots=True)
class _Sign:
    name: str
    weight: float
    mild: bool
    concerns: bool  # the government


@dataclass(frozen=True, slots=True)
class _Table:
    """problems.toml, ready to listen with; the numbers are explained there."""

    least: float
    subject: float
    story: float
    ending: float
    told: float
    unclear: float
    signs: Sequence[_Sign]
    points: Mapping[str, tuple[int, ...]]
    listening: _Listening
    opening: re.Pattern[str]
    closing: re.Pattern[str]
    names: _Names


@dataclass(frozen=True, slots=True)
class _Names:
    """How places and firms are called."""

    known_place: re.Pattern[str]
    after_place: re.Pattern[str]
    own_place: re.Pattern[str]
    vague: re.Pattern[str]
    firm: re.Pattern[str]
    trade: re.Pattern[str]
    common: frozenset[str]  # characters that make no name


@lru_cache(maxsize=1)
def _table() -> _Table:
    tables = tomllib.loads((files("knowledge") / "data" / "problems.toml").read_text("utf-8"))
    signs, themes = tables["sign"], tables["theme"]
    entries = {sign["name"]: sign["words"] for sign in signs}
    entries |= {theme["about"]: theme["words"] for theme in themes} | tables["urgency"]
    entries |= {WHO + theme["about"]: theme.get("who", "") for theme in themes}
    return _Table(
        least=tables["least"],
        subject=tables["subject"],
        story=tables["story"],
        ending=tables["ending"],
        told=tables["told"],
        unclear=tables["unclear"],
        signs=tuple(_sign(row) for row in signs),
        opening=_courtesy(tables["courtesy"]["opening"], "^(?:{0})+"),
        closing=_courtesy(tables["courtesy"]["closing"], "{0}$"),
        points={theme["about"]: tuple(theme["points"]) for theme in themes},
        listening=_Listening.of(entries),
        names=_names(tables["places"], tables["firms"]),
    )


_NOT_IN_NAMES = (
    "帮整的在是到从往我们你他她它这那哪有和跟与给去被把了着过厂司店做开种养搞卖收买要想请问没不修住"
    "租办个只每也都就很但说因为让由近日前边里上下进出"
)
_NAME = rf"(?:(?![{_NOT_IN_NAMES}])[\u4e00-\u9fff])"
_EDGE = "[^\u4e00-\u9fff]|[在到从往是住去进和跟与我们]"
_HERE = "这边|那边|这里|那里|这一带|那一带|一带|附近|整村|全村|那段|这段|那条|这条|周边"
_ENDS = "(?=$|[^\u4e00-\u9fff]|反映|的|在|想|要|有(?!限)|是|因|位于|申请|咨询|请|我|员工|现|这|目前|需|急|今)"
_NOT_IN_FIRMS = "的我们你他她这那哪在是到没想不请问做了着把被都也些个要出"
_FIRM_NAME = rf"(?:(?![{_NOT_IN_FIRMS}])[\u4e00-\u9fffA-Za-z0-9()·])"
_CLAUSES = re.compile(r"[,。!;~ ]+")


def _sign(row: Mapping[str, Any]) -> _Sign:
    return _Sign(row["name"], row["weight"], row.get("mild", False), row.get("concerns", False))


def _any(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def _names(places: Mapping[str, str], firms: Mapping[str, str]) -> _Names:
    tails, whole, villages = (_any(places[name].split()) for name in ("tails", "whole", "villages"))
    return _Names(
        known_place=re.compile(_any(places["known"].split())),
        after_place=re.compile(
            rf"(?:{villages})村?|{_NAME}{{1,6}}?(?:{tails})|{_NAME}{{0,4}}?(?:{whole})|{_NAME}{{2,3}}?(?={_HERE})"
        ),
        own_place=re.compile(rf"(?:^|(?<={_EDGE}))({_NAME}{{2,6}}?(?:{tails}))"),
        vague=re.compile(rf"^(?:{_any(places['vague'].split())})+"),
        firm=_firm_pattern(firms),
        trade=re.compile(_any(w for w in " ".join(firms.values()).split() if len(w) > 1)),
        common=frozenset(w for w in " ".join(firms.values()).split() if len(w) == 1),
    )


def _firm_pattern(firms: Mapping[str, str]) -> re.Pattern[str]:
    tails, lead, crafts = (_any(firms[name].split()) for name in ("tails", "lead", "crafts"))
    companies = _any(tail for tail in firms["tails"].split() if tail.endswith(COMPANY))
    name = rf"{_FIRM_NAME}{{1,22}}?(?:{companies}|(?:{tails}){_ENDS})|{_FIRM_NAME}{{2,7}}?(?:{crafts}){_ENDS}"
    return re.compile(rf"(?:^|(?<=[^\u4e00-\u9fffA-Za-z0-9()·]))(?:{lead})*({name})")


@dataclass(frozen=True, slots=True)
class _Listening:
    """Words and combinations of words, each looked for from how its first (and longest) word begins."""

    starts: Mapping[str, tuple[str, ...]]  # by the first two characters
    groups: Mapping[str, Mapping[Words, tuple[str, ...]]]  # by the longest word

    @classmethod
    def of(cls, entries: Mapping[str, str]) -> _Listening:
        groups: dict[str, dict[Words, tuple[str, ...]]] = defaultdict(dict)
        starts: dict[str, set[str]] = defaultdict(set)
        for name, entry in ((name, entry) for name, words in entries.items() for entry in set(words.split())):
            words = tuple(sorted(entry.split("+"), key=len, reverse=True))
            groups[words[0]][words] = (*groups[words[0]].get(words, ()), name)
            for word in words:
                starts[word[:2]].add(word)
        return cls({pair: tuple(words) for pair, words in starts.items()}, dict(groups))

    def heard(self, said: str) -> Heard:
        words = {
            word
            for at in range(len(said))
            for start in (said[at], said[at : at + 2])
            for word in self.starts.get(start, ())
            if said.startswith(word, at)
        }
        heard: dict[str, list[Words]] = defaultdict(list)
        for word in words & self.groups.keys():
            for together, names in self.groups[word].items():
                if words.issuperset(together):
                    for name in names:
                        heard[name].append(together)
        return heard


_ATTACHED = re.compile(r"\[(链接|文件|小程序|公众号|名片|聊天记录)\]")


def _comparable(text: str) -> str:
    """`plain`, but what is attached stays visible."""
    text = _ATTACHED.sub(r"〔\1〕", unicodedata.normalize("NFKC", text)[:LONGEST])
    return plain(text)


def _courtesy(words: str, whole: str) -> re.Pattern[str]:
    one = rf"[,。!?;~ ]*[^,。!?;~ ]{{0,6}}(?:{_any(words.split())})[^,。!?;~ ]{{0,4}}(?:[,。!?;~ ]+|$)"
    return re.compile(whole.format(one))


def _body(said: str, table: _Table) -> str:
    """A message without the greeting and thanks around it, unless nothing is asked in between."""
    body = table.closing.sub("", table.opening.sub("", said))
    if body == said:
        return said
    heard = table.listening.heard(body)
    return body if ASKING in heard or TROUBLE in heard else said


def _is_problem(said: str, heard: Heard, clear: float, table: _Table) -> bool:
    """Whether the signs, each counted once, come to enough; `clear` says how clear its subject is.

    What a message is about counts only where nothing else explains it: thanks to an office are no demand.
    """
    signs = _signs(heard, table)
    wants = sum(sign.weight for sign in signs if not sign.mild)
    if any(sign.weight < 0 for sign in signs):
        return wants + (table.ending if _ends_asking(said, table) else 0.0) >= table.least
    mild = sum(sign.weight for sign in signs if sign.mild)
    about = mild + table.subject * min(clear, CLEAR) + (table.story if len(said) >= STORY else 0.0)
    concerns = clear >= TOLD or any(sign.concerns for sign in signs)
    total = wants + about + (0.0 if concerns else table.unclear)
    return total >= (table.least if wants else table.told)


def _signs(heard: Heard, table: _Table) -> list[_Sign]:
    """The signs heard; a word inside a longer one is not said: 回收 in 有没有回收点."""
    words = {word for sign in table.signs for (word, *_) in heard.get(sign.name, ())}
    inside = {word for word in words for longer in words if word in longer and word != longer}
    signs = (sign for sign in table.signs if sign.name in heard)
    return [sign for sign in signs if any(word not in inside for (word, *_) in heard[sign.name])]


def _ends_asking(said: str, table: _Table) -> bool:
    last = next((clause for clause in reversed(_CLAUSES.split(said)) if len(clause) > 2), "")
    return ASKING in table.listening.heard(last)


def _is_urgent(heard: Heard) -> bool:
    """It says so, somebody may be hurt, work stands still, or something is due within days."""
    if "calm" in heard:
        return False
    cut = "cuts" in heard and "often" not in heard
    return cut or "words" in heard or ("when" in heard and "stake" in heard)


# --- which points -----------------------------------------------------------------------------------


def _clearness(said: str, told: Mapping[str, int], index: Index) -> float:
    """How clear the subject is, from the themes, else from the lexicon."""
    clear = max(told.values(), default=0)
    if clear >= TOLD:
        return clear
    return max(clear, LEXICON * max(_says(index.spans(said), index).values(), default=0.0))


def _points(said: str, told: Mapping[str, int], table: _Table, book: Book, index: Index) -> tuple[int, ...]:
    """The themes' points, with what the lexicon says beside them; () where neither says enough."""
    ours: dict[int, float] = defaultdict(float)
    for about, size in told.items():
        for place, number in enumerate(table.points[about] or (ELSEWHERE,)):
            ours[number] += size * SECOND**place
    ranked = _ranked(ours, {})
    if not _is_clear(ranked, 2 * LEAD):  # the lexicon knows more words, and takes longer
        spans = index.spans(said)
        ranked = _ranked(ours, _says(spans, index))
        if not _is_clear(ranked, LEAD):
            ranked = _ranked(ours, _says([*spans, *index.together(said)], index))
    if not ranked or ranked[0][1] < ENOUGH or ranked[0][0] == ELSEWHERE:
        return ()
    near = [number for number, size in ranked if size >= BESIDE * ranked[0][1] and book.notice.point(number)]
    return tuple(near[:MOST])


def _ranked(ours: Mapping[int, float], says: Mapping[int, float]) -> list[tuple[int, float]]:
    total = {number: ours.get(number, 0.0) + LEXICON * says.get(number, 0.0) for number in {*ours, *says}}
    return sorted(total.items(), key=lambda item: (-item[1], item[0]))


def _is_clear(ranked: Sequence[tuple[int, float]], lead: float) -> bool:
    best, second, *_ = *(size for _, size in ranked[:2]), 0.0, 0.0
    return best - second >= lead


def _says(spans: Iterable[Span], index: Index) -> dict[int, float]:
    """How much the lexicon's phrases say for each point: long and unambiguous ones say most."""
    says: dict[int, float] = defaultdict(float)
    for span in {span.phrase: span for span in spans}.values():
        points = index.points_of(span)
        for number in points:
            says[number] += 1.5 * min(span.size, SIZE) / len(points) ** 0.5
    return says


def _told(heard: Heard, table: _Table) -> dict[str, int]:
    """How much each theme's words say: longer ones more, those that only say who is speaking little."""
    told: dict[str, int] = defaultdict(int)
    for name, found in heard.items():
        if name in table.points:
            told[name] += sum(min(sum(map(len, words)), SIZE) for words in _outermost(found))
        elif name.startswith(WHO):
            told[name.removeprefix(WHO)] += len(found)
    return told


def _outermost(found: Collection[Words]) -> list[Words]:
    """Without those whose words all lie inside another's."""
    return [words for words in found if len(found) == 1 or not any(_inside(words, other) for other in found)]


def _inside(words: Words, other: Words) -> bool:
    return words != other and all(any(word in longer for longer in other) for word in words)


# --- where and who ----------------------------------------------------------------------------------

_BROKEN = re.compile("[\ud800-\udfff]")  # halves of a character


def _in_place(text: str) -> str:
    """Simplified and half-width, every character in its place."""
    folded = _BROKEN.sub(" ", fold(text))
    simple = simplified(folded)
    return simple if len(simple) == len(folded) else folded


def _places(written: str, directory: Directory, table: _Table) -> Iterator[Stretch]:
    """Places named, those of the directory first; “钱东到黄冈那段” is one."""
    found = [_extended(written, start, end, table) for start, end in _named(written, directory, table)]
    yield from _joined(written, found)
    for own in table.names.own_place.finditer(written):
        start = own.start(1) + len(m[0]) if (m := table.names.vague.match(own[1])) else own.start(1)
        if own.end() - start >= 3 and not any(s < own.end() and start < e for s, e in found):
            yield start, own.end()


def _named(written: str, directory: Directory, table: _Table) -> list[Stretch]:
    """Counties, towns and well-known places; neighbours such as 饶平海山 are one."""
    mentions = [(m.start, m.end) for m in directory.find(written) if _is_place(m)]
    known = [m.span() for m in table.names.known_place.finditer(written)]
    merged: list[Stretch] = []
    for start, end in sorted([*mentions, *known]):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _is_place(mention: Mention) -> bool:
    return mention.area is not None and not mention.county_bureau


def _extended(written: str, start: int, end: int, table: _Table) -> Stretch:
    """With what follows it: 枫洋工业区 after 古巷镇."""
    for _ in range(2):
        if not (more := table.names.after_place.match(written, end)):
            break
        end = more.end()
    return start, end


_STRETCH = re.compile(r"[到至往-]")
_ROAD = re.compile(r".{0,3}(?:段|路|道|公交|线)")


def _joined(written: str, found: Sequence[Stretch]) -> Iterator[Stretch]:
    at = 0
    while at < len(found):
        start, end = found[at]
        after = found[at + 1] if at + 1 < len(found) else None
        if after and _STRETCH.fullmatch(written[end : after[0]]) and _ROAD.match(written, after[1]):
            end, at = after[1], at + 1
        yield start, end
        at += 1


def _enterprise(written: str, places: Collection[Stretch], table: _Table) -> Stretch | None:
    """The first name of a firm; “我们陶瓷厂” and “自来水公司” are none."""
    for found in table.names.firm.finditer(written):
        if _is_proper(written, found.span(1), places, table):
            return found.span(1)
    return None


def _is_proper(written: str, firm: Stretch, places: Iterable[Stretch], table: _Table) -> bool:
    """Whether something of its own is left beside place and trade, or it has both of them."""
    inside = [(max(s, firm[0]), min(e, firm[1])) for s, e in places if firm[0] <= s < firm[1]]
    rest = list(written[slice(*firm)])
    for start, end in inside:
        rest[start - firm[0] : end - firm[0]] = " " * (end - start)
    name = "".join(rest)
    own = "".join(table.names.trade.sub("", name).split())
    if len(own) >= 2 and not table.names.common.issuperset(own):
        return True
    return bool(inside) and len("".join(name.split())) >= 3


def _nearest_place(places: Sequence[Stretch], firm: Stretch | None) -> Stretch | None:
    """The first place that is not only part of the firm's name, else the first."""
    outside = [p for p in places if not firm or p[1] <= firm[0] or firm[1] <= p[0]]
    return next(iter([*outside, *places]), None)
