"""The notice, parsed from its own words: sections, work points, clauses, with line numbers.

Called by `bqw notice import` and when knowledge is loaded. It never paraphrases: every `text` is a
substring of the source, so an answer can quote it. It knows no particular notice: number, year and
the count of points are read, not assumed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from knowledge.header import chinese_number, date_line, read_header
from knowledge.responsible import Note, notes_in
from knowledge.width import narrow


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence or task inside a point, exactly as printed. `index` counts from 0 in its point."""

    point: int
    index: int
    text: str
    lead: str | None = None  # only where the notice names one for this sentence, not for the whole point
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkPoint:
    """工作要点. `text` is the whole point without its number; `title` is its first sentence's heading.

    `lead` is the unit a 牵头单位 line names (or the first of 责任单位, which is how offices read it);
    `units` are those listed under 责任单位 and 配合单位. Both stay empty where the notice is silent.
    """

    number: int
    section: int  # 0 where a notice has no sections
    title: str
    text: str
    clauses: tuple[Clause, ...]
    line: int
    lead: str | None = None
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    number: int
    title: str
    points: tuple[int, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    title: str
    doc_number: str
    issuer: str
    issued_on: date | None  # None where the text carries no date of its own
    year: int  # the year the work points are for
    preamble: str
    sections: tuple[Section, ...]
    points: tuple[WorkPoint, ...]
    text: str  # the source as read: line ends unified, page numbers dropped, nothing else changed
    header: str = ""  # everything above the first section or point
    last: int = field(init=False, repr=False, compare=False)  # the largest number of a point
    _by_number: Mapping[int, WorkPoint] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_number", {point.number: point for point in self.points})
        object.__setattr__(self, "last", max(self._by_number, default=0))

    def point(self, number: int) -> WorkPoint | None:
        """The point with this number, or None: numbers outside the notice are a user's slip."""
        return self._by_number.get(number)

    def section(self, number: int) -> Section | None:
        return next((s for s in self.sections if s.number == number), None)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file, and where: `line` counts from 1 (paragraphs, for a .docx); 0 is the file."""

    line: int
    what: str

    def __str__(self) -> str:
        return f"第{self.line}行：{self.what}" if self.line else self.what


class NoticeError(ValueError):
    """The file is not a notice that can be imported; carries every problem found, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("；".join(map(str, problems)))
        self.problems = problems


def parse(text: str) -> Notice:
    """Read a notice. Raises NoticeError with every problem of the text at once."""
    lines = _lines(text)
    marks = _marks(lines)
    body = marks[0].at if marks else len(lines)
    tail = _tail_start(lines, body)
    marks = [m for m in marks if m.at < tail]
    points = _points(marks, lines, tail)
    header = read_header([line.plain for line in lines[:body]], [line.plain for line in lines[tail:]])
    problems = [*_numbering_problems(marks), *_empty_points(points)]
    if not points:
        problems.append(Problem(0, "没有找到工作要点（形如“1.……”的段落）"))
    if not header.doc_number:
        problems.append(Problem(0, "没有找到发文字号（形如“潮百千万发〔2024〕7号”，单独成行）"))
    if problems:
        raise NoticeError(sorted(problems, key=lambda p: (p.line == 0, p.line)))
    return Notice(
        title=header.title,
        doc_number=header.doc_number,
        issuer=header.issuer,
        issued_on=header.issued_on,
        year=header.year,
        preamble=header.preamble,
        sections=_sections(marks, lines, points),
        points=points,
        text="\n".join(line.text for line in lines),
        header="\n".join(line.text for line in lines[:body]),
    )


# --- lines and what each of them starts -----------------------------------------------------------
# Patterns are matched against `plain`, where every full-width form is already ASCII.

_DASHES = r"[-—–―─·]{1,3}"
_PAGE_NUMBER = re.compile(
    rf"(?:{_DASHES}\s*\d{{1,3}}\s*{_DASHES}|\d{{1,3}}|第\s*\d{{1,3}}\s*页(?:\s*[,/]?\s*共\s*\d{{1,3}}\s*页)?)"
)
# "1.2亿元" at the start of a wrapped line is a number, "1.2024年底前……" is a point.
_POINT = re.compile(r"\s*(\d{1,3})\s{0,4}[.、﹒]\s*(?!\d(?!\d{3}年))")
_SECTION = re.compile(r"\s*([一二三四五六七八九十]{1,3})\s{0,4}[、.]\s*(?=\S)")
_ATTACHMENT_LIST = re.compile(r"\s*附\s{0,4}件\s{0,4}:")
_ATTACHMENT_PAGE = re.compile(r"附\s{0,4}件\s{0,4}\d{0,2}\s{0,4}:?")
_FOOTER = re.compile(r"抄\s{0,4}送\s{0,4}:|公开方式\s{0,4}:|\(此件|.{0,60}\d日印发$")
_SHORT_LINE = 80  # furniture is short; a long line is never worth the pattern


@dataclass(frozen=True, slots=True)
class _Line:
    number: int  # in the source, from 1
    text: str
    plain: str


@dataclass(frozen=True, slots=True)
class _Mark:
    """A line that opens a section or a point: its place among the lines, and where its words start."""

    kind: Literal["section", "point"]
    number: int
    at: int
    line: int
    start: int


def _lines(text: str) -> list[_Line]:
    unified = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = (_Line(n, line, narrow(line)) for n, line in enumerate(unified.split("\n"), start=1))
    return [line for line in lines if not _short_match(_PAGE_NUMBER.fullmatch, line)]


def _short_match(match: Callable[[str], re.Match[str] | None], line: _Line) -> bool:
    return len(line.plain) <= _SHORT_LINE and match(line.plain.strip()) is not None


def _marks(lines: list[_Line]) -> list[_Mark]:
    """Sections and points in order; the list of attachments in the letter above them is neither."""
    marks: list[_Mark] = []
    listing = False
    for at, line in enumerate(lines):
        going_on = listing and (not line.plain.strip() or _POINT.match(line.plain) is not None)
        listing = going_on or _ATTACHMENT_LIST.match(line.plain) is not None
        if not listing and (mark := _mark_of(line, at)):
            marks.append(mark)
    return _below_the_letter(marks)


def _below_the_letter(marks: list[_Mark]) -> list[_Mark]:
    """Where points begin at 1 inside the sections, numbers above them are a list in the letter."""
    first = next((at for at, m in enumerate(marks) if m.kind == "section"), 0)
    again = any(m.kind == "point" and m.number == 1 for m in marks[first:])
    return marks[first:] if again else marks


def _mark_of(line: _Line, at: int) -> _Mark | None:
    if point := _POINT.match(line.plain):
        return _Mark("point", int(point[1]), at, line.number, point.end())
    section = _SECTION.match(line.plain)
    if section and (number := chinese_number(section[1])):
        return _Mark("section", number, at, line.number, section.end())
    return None


def _tail_start(lines: list[_Line], body: int) -> int:
    """Where the body ends: an attachment's page, the copies line, or a signature with its date."""
    for at in range(body, len(lines)):
        line = lines[at]
        if _short_match(_ATTACHMENT_PAGE.fullmatch, line) or _short_match(_FOOTER.match, line):
            return at
        if date_line(line.plain):
            return at - 1 if at > body and _looks_like_signature(lines[at - 1]) else at
    return len(lines)


def _looks_like_signature(line: _Line) -> bool:
    plain = line.plain.strip()
    return 0 < len(plain) <= 60 and not _mark_of(line, 0) and not any(c in plain for c in "。;,:")


# --- numbering ------------------------------------------------------------------------------------


def _numbering_problems(marks: list[_Mark]) -> list[Problem]:
    sections = [m for m in marks if m.kind == "section"]
    points = [m for m in marks if m.kind == "point"]
    return [*_sequence_problems(sections, "部分"), *_sequence_problems(points, "要点")]


def _sequence_problems(marks: list[_Mark], name: str) -> list[Problem]:
    problems: list[Problem] = []
    seen: dict[int, int] = {}
    last = 0
    for mark in marks:
        if earlier := seen.get(mark.number):
            problems.append(Problem(mark.line, f"{name}编号{mark.number}重复，第{earlier}行已经用过"))
            continue
        if mark.number == 0:
            problems.append(Problem(mark.line, f"{name}编号0，编号应从1开始"))
        elif mark.number > last + 1:
            problems.append(Problem(mark.line, f"{name}编号不连续，{_gap(last, mark.number)}"))
        elif mark.number < last:
            problems.append(Problem(mark.line, f"{name}编号{mark.number}排在{last}之后，顺序不对"))
        seen[mark.number] = mark.line
        last = max(last, mark.number)
    return problems


def _gap(last: int, number: int) -> str:
    missing = str(last + 1) if number == last + 2 else f"{last + 1}至{number - 1}"
    return f"{last}之后是{number}，缺{missing}" if last else f"从{number}开始，缺{missing}"


def _empty_points(points: tuple[WorkPoint, ...]) -> list[Problem]:
    """Points without words and, where the other points have a body, those with a heading only."""
    empty = [Problem(p.line, f"第{p.number}点没有内容") for p in points if not p.text]
    bare = [p for p in points if p.text and _heading_only(p)]
    if len(bare) * 3 <= len(points):
        empty += [Problem(p.line, f"第{p.number}点只有标题，没有内容") for p in bare]
    return empty


def _heading_only(point: WorkPoint) -> bool:
    return point.text.rstrip("。") == point.title and _could_be_heading(point.title)


def _could_be_heading(text: str) -> bool:
    """Short and without a comma; a longer sentence is a task in its own right."""
    return len(text) <= 30 and not any(c in narrow(text) for c in ",;")


# --- points and their clauses ---------------------------------------------------------------------

_SUB_MARK = re.compile(r"\s*\([一二三四五六七八九十\d]{1,3}\)\s*")
_OPENERS, _CLOSERS = "“‘《(〔【[", "”’》)〕】]"
Span = tuple[int, int]


def _points(marks: list[_Mark], lines: list[_Line], tail: int) -> tuple[WorkPoint, ...]:
    points: list[WorkPoint] = []
    section = 0
    ends = [m.at for m in marks[1:]] + [tail]
    for mark, end in zip(marks, ends, strict=False):
        if mark.kind == "section":
            section = mark.number
            continue
        rest = [line.text for line in lines[mark.at + 1 : end]]
        points.append(_point(mark, section, "\n".join([lines[mark.at].text[mark.start :], *rest])))
    return tuple(points)


def _point(mark: _Mark, section: int, block: str) -> WorkPoint:
    plain = narrow(block)
    notes = notes_in(plain)
    start, end = _own_words(plain, notes)
    sentences = _sentences(plain, (start, end), notes)
    heading = _heading(plain, sentences)
    tasks = _tasks(plain, sentences, heading)
    whole, parts = _shared_out(notes, heading, end)
    return WorkPoint(
        number=mark.number,
        section=section,
        title=re.sub(r"\s*\n\s*", "", block[slice(*heading)]),
        text=block[start:end],
        clauses=tuple(
            Clause(mark.number, index, block[slice(*task)], *_named_for(task, parts))
            for index, task in enumerate(tasks)
        ),
        line=mark.line,
        lead=whole.lead if whole else None,
        units=whole.units if whole else tuple(dict.fromkeys(unit for n in notes for unit in n.everyone)),
    )


def _own_words(plain: str, notes: list[Note]) -> Span:
    """The point without blanks around it and without the notes of units at its very end."""
    end = len(plain)
    for note in reversed(notes):
        if plain[note.end : end].strip().strip("。"):
            break
        end = note.start
    return _stripped(plain, (0, end))


def _stripped(plain: str, span: Span) -> Span:
    start, end = span
    while start < end and plain[start].isspace():
        start += 1
    while end > start and plain[end - 1].isspace():
        end -= 1
    return start, end


def _sentences(plain: str, whole: Span, notes: list[Note]) -> list[Span]:
    """Parted at 。 and ;, at notes of units, and where a sub-line (一) starts; never inside quotes at ;."""
    spans: list[Span] = []
    start, end = whole
    jumps = {note.start: note.end for note in notes}
    at = begin = start
    depth = 0
    while at < end:
        stop, resume = at, 0
        if at in jumps:
            resume = jumps[at]
        elif plain[at] == "\n" and _SUB_MARK.match(plain, at):
            resume = at + 1
        elif plain[at] == "。" or (plain[at] in ";!?" and depth == 0):
            resume = at + 1
            while depth and resume < end and plain[resume] in "”’》":
                resume += 1
                stop, depth = resume, depth - 1
        if resume:
            spans.append((begin, stop))
            at = begin = resume
            depth = 0
        else:
            depth = max(0, depth + (plain[at] in _OPENERS) - (plain[at] in _CLOSERS))
            at += 1
    spans.append((begin, end))
    return [span for span in (_bare(plain, s) for s in spans if s[0] < s[1]) if span[0] < span[1]]


def _bare(plain: str, span: Span) -> Span:
    """A sentence without its own (一) and blanks."""
    if mark := _SUB_MARK.match(plain, *span):
        span = (mark.end(), span[1])
    return _stripped(plain, span)


def _heading(plain: str, sentences: list[Span]) -> Span:
    """The first sentence; where the heading stands on a line of its own, that line."""
    if not sentences:
        return 0, 0
    start, end = sentences[0]
    line_end = plain.find("\n", start, end)
    own_line = line_end > start and _could_be_heading(plain[start:line_end].strip())
    return (start, line_end) if own_line and line_end - start > 3 else (start, end)


def _tasks(plain: str, sentences: list[Span], heading: Span) -> list[Span]:
    """What follows the heading; a point of one sentence is its own task."""
    rest = [_stripped(plain, (heading[1], sentences[0][1])), *sentences[1:]] if sentences else []
    tasks = [span for span in rest if span[0] < span[1]]
    return tasks or sentences


def _shared_out(notes: list[Note], heading: Span, end: int) -> tuple[Note | None, list[Note]]:
    """A single note at the end, or one beside the heading, is for the point; others for their sentences."""
    for note in notes:
        if note.start - heading[1] in (0, 1) and heading[1] < end:
            return note, [n for n in notes if n is not note]
    if len(notes) == 1 and notes[0].start >= end:
        return notes[0], []
    return None, notes


def _named_for(task: Span, notes: list[Note]) -> tuple[str | None, tuple[str, ...]]:
    """Units in brackets stand after the sentences they are for."""
    note = next((n for n in notes if n.start >= task[1]), None)
    return (note.lead, note.units) if note else (None, ())


def _sections(marks: list[_Mark], lines: list[_Line], points: tuple[WorkPoint, ...]) -> tuple[Section, ...]:
    return tuple(
        Section(
            number=mark.number,
            title=lines[mark.at].text[mark.start :].partition("。")[0].strip(),
            points=tuple(p.number for p in points if p.section == mark.number),
            line=mark.line,
        )
        for mark in marks
        if mark.kind == "section"
    )
