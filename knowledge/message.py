"""One message while it is read: its passages become drafts, the drafts become records and doubts.

`knowledge/reply.py` makes one for each reply and decides what kind of message it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.aims import aimed
from knowledge.amounts import MOST_OF_ALL, amounts, stretches
from knowledge.answers import Answers
from knowledge.book import Book
from knowledge.closing import Draft, closing, under, unique
from knowledge.dates import When, whens
from knowledge.due import due, names_of
from knowledge.figures import Figures, figures
from knowledge.marks import Mark
from knowledge.match import Index
from knowledge.mood import Mood, mood
from knowledge.page import Clause, Page
from knowledge.passages import Passage, passages
from knowledge.reading import Asked, Doubt, Record
from knowledge.remarks import Remarks, remarks
from knowledge.voices import Voices
from knowledge.wording import wording

SHORT = 24  # characters; what is said of nothing in particular is said of what was asked
TELLING = 2  # characters behind a point's number that may be no more than 归我
_STATED = re.compile(r"(?:已|全部|均)完成(?:[ ,]|任务,)\s?(?:进度)?(?!100)\d{1,2}(?:\.\d+)?%")  # 已完成 50%
_CLAIMED = re.compile(r"(?:全部|全面|均已?|都已?)(?:完成|完工|建成)")
_OPEN = re.compile(r"(?:还|仍|尚)(?:差|剩|有[^,。;]{1,10}(?:没|未|差))")
_TO = r"(?:了|为|达到?|到)?"
_TWICE = re.compile(
    rf"(完成|进度|总体|整体){_TO}\s?(\d{{1,3}}(?:\.\d+)?)%[,;、]?\1{_TO}\s?(?!\2%)\d{{1,3}}(?:\.\d+)?%"
)
_IN_TURN = re.compile("分别|依次|各[是为]")
_BARE = re.compile(r"\d{1,6}(?:\.\d{1,4})?")
_HEADING = re.compile(r"(?:的|了)?(?:有|是|为)?\s?:?\s?第?$")  # 慢的有:, 滞后的
_DONE = ("progressed", "deed")
_TOLD = ("reported", "deed", "came_about")
_STRAY = re.compile(r"第\s?\d{2,4}\s?(?:项|点|条)")  # 第50项: no point of this notice


@dataclass(slots=True)
class Message:
    """One message with all that reading it needs."""

    page: Page
    clauses: Sequence[Clause]
    heard: Voices
    asked: Asked
    book: Book
    index: Index
    marks: tuple[Mark, ...]
    days: tuple[When, ...] = ()
    counted: int = 0  # numbers read so far
    telling: bool = False  # it is known to report, whatever its words

    def __post_init__(self) -> None:
        self.days = whens(self.page.words, self.asked.on)

    @property
    def points(self) -> tuple[int, ...]:
        """Named by number, else the one asked about."""
        named = dict.fromkeys(point for mark in self.marks for point in mark.points)
        return tuple(named) or ((self.asked.prompted,) if self.asked.prompted else ())

    def records(self) -> tuple[list[Record], list[Doubt]]:
        if self.asked.items and (answered := self._by_items()):
            return answered
        if bare := self._bare_number():
            return bare
        drafts = self._covered(self._drafts())
        made: list[Record] = []
        doubts: list[Doubt] = []
        for draft in drafts:
            doubts += draft.doubts
            for record in _each(draft):
                record, about = aimed(record, self.asked, self.book)
                made.append(record)
                doubts += about
        return unique(made), doubts

    def _by_items(self) -> tuple[list[Record], list[Doubt]] | None:
        """What answers the things that were asked for, by their numbers or names."""
        items = Answers(self.page, self.clauses, self.asked, self.book, self.days, tuple(self._taken()))
        answered, doubts = items.by_number()
        if answered or doubts:
            return answered, doubts
        return None if self.heard.others & {"question", "delegation"} else items.by_name()

    def _parts(self) -> list[Passage]:
        """Passages with the clauses that report; one that only passes on or acknowledges is dropped."""
        silent = self.page.attached and not any(char.isalnum() for char in self.page.words)
        if not self.marks and _STRAY.search(self.page.words):
            return [Passage((), tuple(self.heard.reporting))] if self.heard.reporting else []
        if silent:
            prompted = self.asked.prompted
            return [Passage((prompted,), ())] if prompted else []
        reporting = set(self.heard.reporting)
        made: list[Passage] = []
        for passage in passages(self.clauses, self.marks, self.asked, self.index):
            own, rest = _own(passage, reporting)
            if own:
                made.append(replace(passage, clauses=own))
            elif rest and made:
                made[-1] = replace(made[-1], clauses=(*made[-1].clauses, *rest))
        return made

    def _drafts(self) -> list[Draft]:
        """What the passages say. Beside what is sure of one point, any words about another that is
        named, too, report: ①22项慈善超市9月6日开业；②18项安置57人."""
        parts = self._parts()
        parts, others = _without_rest(parts) if len(parts) > 1 else (parts, {})
        told = [self._draft(part) for part in parts]
        if any(draft and (_hard(draft.record) or draft.record.difficulty) for draft in told):
            told = [
                draft or (self._draft(part, beside=True) if _names_and_tells(part, self.page) else None)
                for part, draft in zip(parts, told, strict=True)
            ]
        drafts = [draft for draft in told if draft]
        return [_among_others(draft, others) for draft in drafts] if others else drafts

    def _draft(self, passage: Passage, *, beside: bool = False) -> Draft | None:
        """What one passage says, or None when it says nothing about progress."""
        words = passage.words
        said = remarks(passage.clauses)
        numbers = amounts(stretches(said.left), self._taken(), MOST_OF_ALL - self.counted)
        self.counted += len(numbers)
        called = self._called(passage)
        found = figures(numbers, called)
        left = map(self._unnumbered, said.left) if self.marks else said.left
        how = mood([*left, *said.troubled], called)
        if how.status == "not_started" and found.percent:
            how = how._replace(status=None)  # 没动静,还是38%
        record = self._record(passage, words, said, found, how)
        vague = bool(found.vague or found.strange)
        if not (beside or self._says_something(record, passage, words, vague)):
            return None
        draft = Draft(passage, record, how, tuple(found.whole))
        _settle(draft)
        _stated(draft)
        draft.doubts += self._doubts(passage, found, draft)
        return draft

    def _record(self, passage: Passage, words: str, said: Remarks, found: Figures, how: Mood) -> Record:
        names = names_of(passage.points, self.book) if self.days else ""
        until = due(passage.clauses, said, self.days, self.asked.on, names)
        return Record(
            point=_first(passage),
            percent=found.percent,
            status=how.status,
            quantities=tuple(found.quantities),
            difficulty=said.said("difficulty", self.page),
            help_needed=said.said("help", self.page),
            next_step=said.said("next", self.page) or until.planned(self.page),
            due=until.whole,
            step_due=until.of_step,
            step=until.words(self.page),
            nothing_new=wording().has("nothing_new", words) or not passage.clauses,
            elsewhere=wording().has("elsewhere", words),
        )

    def _doubts(self, passage: Passage, found: Figures, draft: Draft) -> list[Doubt]:
        """What must be asked about this passage, besides a contradiction that is known already."""
        point = _first(passage)
        made = [Doubt("vague", words, point) for words in found.vague]
        made += [Doubt("amount", words, point) for words in found.strange]
        made += self._impossible_days(passage)
        if not passage.points:
            made.append(Doubt("point", self.page.text.strip()[:40]))
        return made

    def _called(self, passage: Passage) -> str:
        """The point's title and who speaks: “整改完成”, “饶平承担的全部完成” mean the whole of it."""
        points = [self.book.notice.point(number) for number in passage.points]
        place = self.asked.unit
        return "|".join([point.title for point in points if point] + [place])

    def _bare_number(self) -> tuple[list[Record], list[Doubt]] | None:
        """“65” to a prompt about one point: a number of what is asked, never guessed; “1” only says hello."""
        point, words = self.asked.prompted, self.page.bare
        if point is None or words == "1" or not _BARE.fullmatch(words):
            return None
        return [Record(point)], [Doubt("amount", words, point)]

    def _unnumbered(self, clause: Clause) -> Clause:
        """“21慢一点”, “全部办结的：22、24”: how it stands, without the numbers that name the points."""
        words = clause.words
        for mark in self.marks:
            if not clause.start <= mark.start < mark.end <= clause.end:
                continue
            lead, after = words[: mark.start - clause.start], words[mark.end - clause.start :]
            after = after.lstrip(" :、项点条号")
            if not (lead.strip(" (第") or after[:1].isdigit()):  # 42 3项已完成
                return clause._replace(words=after)
            if not after or after[0] == "(":
                return clause._replace(words=_HEADING.sub("", lead))
        return clause

    def _taken(self) -> list[tuple[int, int]]:
        return [(m.start, m.end) for m in self.marks] + [(w.start, w.end) for w in self.days]

    def _says_something(self, record: Record, passage: Passage, words: str, vague: bool) -> bool:
        if self.telling:
            return True
        table, others = wording(), self.heard.others - {"ack", "chatter"}
        polite = self.heard.others & {"ack", "promise"}
        if others & {"delegation"} and record.percent is None and not record.quantities:
            return False
        hard = _hard(record) or vague
        if not passage.points:
            told = record.percent is not None or bool(record.quantities) or record.status is not None
            short = len(words) <= SHORT and bool(self.asked.items)
            return (record.nothing_new or told) and (short or table.has("reported", words))
        prompted = self.asked.prompted is not None or passage.marked
        if hard or (record.by and not polite and prompted):
            return True
        if passage.mark and table.has("numbers_to_come", self._behind(passage)):
            return False  # 15还在跟股室对数
        if record.nothing_new or table.has("finished", words) or self._stands(passage):
            return True
        sign = _TOLD if prompted and not polite else _DONE
        told = table.has(sign, words) and not others
        if prompted and others == {"question"} and table.has("asks_besides", self.page.words):
            told = table.has("progressed", words)  # 初稿已写好, 请问字数有要求吗?
        if table.has("small_talk", words):
            return told and table.has(_DONE, words)
        if told or not prompted:
            return told or bool(record.difficulty and not (others or polite))
        calm = "promise" in polite  # 晚点报哈，今天在抗台风
        return bool(record.help_needed or (not calm and (record.difficulty or record.next_step)))

    def _stands(self, passage: Passage) -> bool:
        """13好了 15还早: nothing but how it stands behind the number that names it."""
        return bool(wording().pattern("stands").match(self._behind(passage)))

    def _behind(self, passage: Passage) -> str:
        """What follows the number that names the point."""
        return self.page.words[passage.mark.end :].lstrip("项点 ") if passage.mark else ""

    def _impossible_days(self, passage: Passage) -> list[Doubt]:
        clauses = passage.clauses
        return [
            Doubt("date", when.words, _first(passage))
            for when in self.days
            if when.day is None and any(c.start <= when.start < c.end for c in clauses)
        ]

    # --- closing words ---------------------------------------------------------------------------

    def _covered(self, drafts: list[Draft]) -> list[Draft]:
        """“以上均按计划推进”, “下一步…” at the end of several passages speak for all of them."""
        if len(drafts) < 2:
            return drafts
        last = max(drafts, key=lambda draft: draft.passage.clauses[-1].end)
        tail_clauses = closing(last.passage)
        if not tail_clauses or any(d.record.next_step for d in drafts if d is not last):
            return drafts
        body = tuple(c for c in last.passage.clauses if c not in tail_clauses)
        tail = self._draft(replace(last.passage, clauses=tail_clauses, marked=True))
        own = self._draft(replace(last.passage, clauses=body)) if body else None
        if tail is None or own is None:
            return drafts
        own.doubts += [d for d in tail.doubts if d not in own.doubts]
        return [under(own if draft is last else draft, tail) for draft in drafts]


def _each(draft: Draft) -> list[Record]:
    """One record per point; “29、30项进度70%、55%”, “…分别为70%、55%” give each its own share."""
    points: tuple[int | None, ...] = draft.passage.points or (None,)
    record, others = draft.record, draft.record.quantities
    told = draft.shares if record.percent is not None else ()
    if not told and _IN_TURN.search(draft.passage.words):
        told = tuple(quantity.value for quantity in others if quantity.unit == "%")
        others = tuple(quantity for quantity in others if quantity.unit != "%")
    if len(points) > 1 and len(told) == len(points):
        return [
            replace(record, point=point, percent=percent, quantities=others)
            for point, percent in zip(points, told, strict=True)
        ]
    return [record if point == record.point else replace(record, point=point) for point in points]


def _without_rest(parts: Sequence[Passage]) -> tuple[list[Passage], dict[tuple[int, ...], str]]:
    """“26项偏慢，其他两项正常”: what is said of the other points, by the one beside which it is said."""
    told: dict[tuple[int, ...], str] = {}
    made: list[Passage] = []
    for part in parts:
        rest = [c for c in part.clauses if wording().has("rest_of_points", c.words)]
        status = mood([_of_the_rest(clause) for clause in rest]).status if rest else None
        if status and len(rest) < len(part.clauses):
            told[part.points] = status
            part = replace(part, clauses=tuple(c for c in part.clauses if c not in rest))
        made.append(part)
    return made, told


def _of_the_rest(clause: Clause) -> Clause:
    return clause._replace(words=wording().without("rest_of_points", clause.words))


def _among_others(draft: Draft, told: dict[tuple[int, ...], str]) -> Draft:
    """With what was said of the rest beside another point, where nothing is said of it itself."""
    status = next((status for points, status in told.items() if points != draft.passage.points), None)
    if status and not (draft.record.status or draft.mood.finished or draft.mood.mixed):
        draft.record = replace(draft.record, status=status)
    return draft


def _hard(record: Record) -> bool:
    return record.percent is not None or bool(record.quantities or record.status)


def _names_and_tells(passage: Passage, page: Page) -> bool:
    """Whether words follow the number that names it: 配合37项 tells nothing, nor does 15还在对数."""
    if passage.mark is None:
        return False
    end = passage.mark.end
    said = "".join(page.words[max(end, c.start) : c.end] for c in passage.clauses if c.end > end)
    said = said.strip(" :、,项点条")
    return len(said) > TELLING and not wording().has("numbers_to_come", said)


def _first(passage: Passage) -> int | None:
    return passage.points[0] if passage.points else None


def _own(passage: Passage, reporting: set[Clause]) -> tuple[tuple[Clause, ...], tuple[Clause, ...]]:
    """Its reporting clauses; when the sentence that names the point has none, they are another's."""
    kept = tuple(clause for clause in passage.clauses if clause in reporting)
    if passage.mark is None or not kept or len(kept) == len(passage.clauses):
        return kept, ()
    place = passage.mark.start
    named = next((c.sentence for c in passage.clauses if c.start <= place <= c.end), None)
    if named is None or any(clause.sentence <= named for clause in kept):
        return kept, ()
    return (), kept


def _settle(draft: Draft) -> None:
    """“全部完成” makes it 100 %; beside another percentage it is a contradiction nobody may settle."""
    record = draft.record
    if not draft.mood.finished:
        return
    if record.percent in (None, 100):
        draft.record = replace(record, percent=100.0)
        return
    draft.record = replace(record, percent=None, status=None)
    draft.doubts.append(Doubt("contradiction", f"完成 {record.percent:g}%", _first(draft.passage)))


def _stated(draft: Draft) -> None:
    """“已完成 50%”, “全部完成，但还有3座没动工”, “完成65%，完成70%”: asked about and not stored."""
    if draft.doubts:
        return
    words, point = draft.passage.words, _first(draft.passage)
    shares = words.count("%")
    if shares > 1 and (twice := _TWICE.search(words)):
        draft.doubts.append(Doubt("several", twice[0], point))
    elif shares and (stated := _STATED.search(words)):
        draft.doubts.append(Doubt("contradiction", stated[0], point))
    elif _CLAIMED.search(words) and _OPEN.search(words):
        draft.doubts.append(Doubt("contradiction", words[:40], point))
    else:
        return
    draft.record = replace(draft.record, percent=None, status=None)
