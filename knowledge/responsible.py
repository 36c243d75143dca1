"""Notes of responsible units inside a notice: 责任单位 lines and brackets after a point or a sentence.

Called by `knowledge.notice.parse` with full-width forms already made ASCII. It finds where such a note
stands and whom it names; it knows no unit itself, so names are kept as printed and resolved elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LEAD = r"牵头单位|牵头部门|牵头责任单位|主办单位|主要责任单位"
_DUTY = r"责任单位|责任部门|承办单位|落实单位"
_JOIN = r"配合单位|配合部门|参与单位|参加单位|协办单位|协同单位"
_OTHER = r"责任领导|分管领导|牵头领导|责任人|完成时限|完成时间|时限要求"
_LABELS = rf"(?:{_LEAD}|{_DUTY}|{_JOIN}|{_OTHER})"
_LABEL = re.compile(rf"({_LABELS})\s?:")
_LABEL_LINE = re.compile(rf"\s*[(〔\[【]{{0,2}}\s?{_LABELS}\s?:")
_SPLIT = re.compile(r"[、,;。/\s]+")
_UNIT_END = re.compile(
    r"(?:局|委|办|部|社|联|会|中心|政府|院|校|厅|公司|分行|单位|部门|办公室|指挥部|街道|镇|镇街|县|区|市|县\(区\)|县\(市、区\))$"
)
_HELP = r"(?:按职责分工负责|配合|参与|参加|协助|协同|负责)"
_LED = re.compile(rf"(.{{2,120}}?)牵头(?:负责)?(?:[,、;](.{{2,200}}?){_HELP}?)?")
_DUTY_WORDS = re.compile(r"(.{2,200}?)(?:等)?(?:按职责分工|分别|共同)?负责")
_OPEN, _CLOSE = "(〔[【", ")〕]】"


@dataclass(frozen=True, slots=True)
class Note:
    """Whom the words at `start:end` name.

    `lead` is the first 牵头单位, or the first 责任单位 where no other is said to lead; `units` are those
    listed under 责任单位 and 配合单位, and further 牵头单位.
    """

    start: int
    end: int
    lead: str | None
    units: tuple[str, ...]

    @property
    def everyone(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*([self.lead] if self.lead else []), *self.units)))


def notes_in(plain: str) -> list[Note]:
    """Every note in a point, in order, never overlapping; notes that follow each other are one."""
    spans: list[tuple[int, int]] = []
    for start, end in sorted([*_label_lines(plain), *_bracketed(plain)]):
        if spans and start < spans[-1][1]:
            continue
        if spans and not plain[spans[-1][1] : start].strip(" \n\t。;"):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return [Note(start, end, *_named(plain[start:end])) for start, end in spans]


def _label_lines(plain: str) -> Iterator[tuple[int, int]]:
    """Lines that begin with a label; a list broken off at 、 goes on in the next line."""
    start: int | None = None
    at = 0
    for line in plain.split("\n"):
        end = at + len(line)
        if start is None and _LABEL_LINE.match(line):
            start = at
        if start is not None and not line.rstrip().endswith(("、", ",", ";", ":")):
            yield start, end
            start = None
        at = end + 1
    if start is not None:
        yield start, len(plain)


def _bracketed(plain: str) -> Iterator[tuple[int, int]]:
    for start, end in _outermost_brackets(plain):
        inside = _inside(plain[start:end])
        if _LABEL.match(inside) or _in_prose(inside):
            yield start, end


def _outermost_brackets(plain: str) -> Iterator[tuple[int, int]]:
    depth = start = 0
    for at, char in enumerate(plain):
        if char in _OPEN:
            start = start if depth else at
            depth += 1
        elif char in _CLOSE and depth:
            depth -= 1
            if not depth:
                yield start, at + 1


def _inside(text: str) -> str:
    """Without the brackets around it, however many; “各县(区)” at the end keeps its own."""
    text = text.strip(" \n。")
    while text[:1] and text[0] in _OPEN and text[-1] in _CLOSE:
        text = text[1:-1].strip(" \n。")
    return text


def _named(text: str) -> tuple[str | None, tuple[str, ...]]:
    leads: list[str] = []
    listed: list[str] = []
    duty = ""
    for note in _separate(text):
        if spoken := _in_prose(note):
            leads.extend(spoken[0])
            listed.extend(spoken[1])
            continue
        parts = _LABEL.split(note)
        for label, names in zip(parts[1::2], parts[2::2], strict=False):
            if re.fullmatch(_OTHER, label):
                continue
            if told := _in_prose(names.strip(" \n。;,")):  # 责任单位:甲局牵头,乙局配合
                leads.extend(told[0])
                listed.extend(told[1])
                continue
            found = _names(names)
            (leads if re.fullmatch(_LEAD, label) else listed).extend(found)
            if re.fullmatch(_DUTY, label) and found:
                duty = duty or found[0]
    lead = leads[0] if leads else duty or None
    return lead, tuple(dict.fromkeys([*leads[1:], *listed]))


def _separate(text: str) -> Iterator[str]:
    """Bracketed notes one by one, lines as they are."""
    if not text.strip()[:1] or text.strip()[0] not in _OPEN:
        yield text
        return
    for start, end in _outermost_brackets(text):
        yield _inside(text[start:end])


def _names(text: str) -> list[str]:
    """Split at 、 and the like, but not inside brackets: “各县(市、区)” is one name."""
    kept = re.sub(r"\([^()]{1,12}\)", lambda m: m[0].replace("、", "\0"), text)
    names = (name.replace("\0", "、").strip() for name in _SPLIT.split(kept))
    return [balanced for name in names if (balanced := _balanced(name))]


def _balanced(name: str) -> str:
    """A bracket that belongs to the note, not to the name, is left off."""
    while name and name[-1] in _CLOSE and sum(map(name.count, _CLOSE)) > sum(map(name.count, _OPEN)):
        name = name[:-1]
    while name and name[0] in _OPEN and sum(map(name.count, _OPEN)) > sum(map(name.count, _CLOSE)):
        name = name[1:]
    return name


def _in_prose(text: str) -> tuple[list[str], list[str]] | None:
    """“市工信局、市发改局负责” and “市工信局牵头,市财政局配合”; other words in brackets are no note."""
    if len(text) > 300 or "。" in text or _LABEL.search(text):
        return None
    if led := _LED.fullmatch(text):
        leads, others = _names(led[1]), _names(led[2] or "")
    elif duty := _DUTY_WORDS.fullmatch(text):
        names = _names(duty[1])
        leads, others = names[:1], names
    else:
        return None
    names = [*leads, *others]
    return (leads, others) if names and all(_UNIT_END.search(n) for n in names) else None
