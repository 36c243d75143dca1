"""From rows of the 台账 to the text of a 进展: what is said of each point, what is stuck, what comes next.

Pure: `knowledge/circular.py` lays it out. Every figure stands with its date; a problem and a next step are
quoted as the unit said them, and nobody is named for having said nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby

from knowledge.book import Book
from knowledge.ledger import LedgerRow
from knowledge.progress import PointProgress, Progress, SectionProgress
from supervision.steps import names_day

OFFICE = "市百千万办"
_NO_LIGHT = "不设灯"
_SELDOM = ("红灯（草稿）", _NO_LIGHT)  # told only where there are any
_LIGHTS = ("绿灯", "黄灯", "红灯", "红灯（草稿）", "未报", _NO_LIGHT)


_RECKONED = re.compile(r"(?P<said>.*?)(?P<day>（(?:\d{4}年)?\d{1,2}月\d{1,2}日）)?", re.DOTALL)


def compose(
    rows: Sequence[LedgerRow], book: Book, as_of: date, *, title: str = "", note: str = ""
) -> Progress:
    """`title` is a title of its own, such as a 通报's; `note` stands under it."""
    name = campaign(book)
    return Progress(
        title=title or f"{name}工作要点进展情况",
        as_of=as_of,
        office=OFFICE,
        overview=tuple(_overview(rows, book)),
        sections=tuple(_sections(rows, book)),
        matters=tuple(numbered(_matters(rows))),
        steps=tuple(numbered(_steps(rows))),
        annex=tuple(row for row in rows if row.target or _told(row)),
        annex_title=f"{name}工作要点进展情况明细表",
        note=note,
    )


def campaign(book: Book) -> str:
    """2024年“百千万工程”: how the office calls the year's work."""
    return f"{book.notice.year}年“百千万工程”"


# --- one: the whole -------------------------------------------------------------------------------


def _overview(rows: Sequence[LedgerRow], book: Book) -> Iterator[str]:
    heard = {row.point for row in rows if _told(row)}
    points, silent = len(book.notice.points), len(book.notice.points) - len(heard)
    counted = [row for row in rows if row.target]
    figures = sum(bool(row.latest) for row in counted)
    yield (
        f"{book.notice.doc_number}共{points}个工作要点，已有进展报送的{len(heard)}个，"
        f"尚未报送的{silent}个。量化指标{len(counted)}项，已报最新数的{figures}项。"
    )
    lights = Counter(row.light or _NO_LIGHT for row in counted)  # they add up to the figures
    if lights:
        shown = [f"{name}{lights[name]}项" for name in _LIGHTS if lights[name] or name not in _SELDOM]
        yield f"按最新报送的数字：{'，'.join(shown)}。"
    if any(row.assignment == "建议" for row in rows):
        yield "责任分工尚未确认的，附件中以“（建议）”注明，以市百千万办确认为准。"


# --- two: section by section ----------------------------------------------------------------------


def _sections(rows: Sequence[LedgerRow], book: Book) -> Iterator[SectionProgress]:
    for section in book.notice.sections:
        own = {number: [row for row in rows if row.point == number] for number in section.points}
        told = {number: [row for row in told if _told(row)] for number, told in own.items()}
        yield SectionProgress(
            title=section.title,
            points=tuple(_point(some) for some in told.values() if some),
            silent=_silent([number for number, some in told.items() if not some]),
        )


def _point(rows: Sequence[LedgerRow]) -> PointProgress:
    heading = f"要点{rows[0].point} {rows[0].title}"
    told = groupby(rows, _trace)  # what one person reported of one day is one sentence
    return PointProgress(heading, tuple(f"{_sentence(list(own))}{trace}。" for trace, own in told))


def _sentence(rows: Iterable[LedgerRow]) -> str:
    return "；".join(dict.fromkeys(map(told_of, rows)))


def told_of(row: LedgerRow) -> str:
    """“新改建农村公路超48.7公里”：目标超48.7公里，最新32公里，完成65.7%."""
    said = [
        f"目标{row.target}" if row.target and row.latest else "",
        f"最新{row.latest}" if row.latest else "",
        f"完成{row.done}" if row.done else "",
        row.status if row.status and not row.done else "",
    ]
    words = "，".join(filter(None, said)) or "已报送"
    return (f"“{inside(row.clause)}”：" if row.clause else "") + words


def _trace(row: LedgerRow) -> str:
    day = f"截至{row.as_of}" if row.as_of else ""
    by = f"{row.reporter}报送" if row.reporter else ""
    found = "，".join(filter(None, (day, by)))
    return f"（{found}）" if found else ""


def _silent(numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    return f"要点{'、'.join(map(str, numbers))}尚未报送进展。"


def _told(row: LedgerRow) -> bool:
    return bool(row.source or row.latest or row.status)


# --- three and four: what is stuck, what comes next -----------------------------------------------


def _matters(rows: Iterable[LedgerRow]) -> Iterator[str]:
    for row in rows:
        parts = [
            f"存在困难：“{inside(row.difficulty)}”" if row.difficulty else "",
            f"需协调：“{inside(row.help_needed)}”" if row.help_needed else "",
        ]
        if any(parts):
            yield f"{_whose(row)}{'；'.join(filter(None, parts))}{_trace(row)}。"


def _steps(rows: Iterable[LedgerRow]) -> Iterator[str]:
    for row in rows:
        if row.next_step or row.due:
            step = f"{quoted(row.next_step)}，" if row.next_step else ""
            until = f"完成时限{row.due}" if row.due else "完成时限未写明"
            told = step.rstrip("，") if not row.due and names_day(row.next_step) else f"{step}{until}"
            yield f"{_whose(row)}{told}{_trace(row)}。"


def quoted(step: str) -> str:
    """What `step_words` gives, with the person's words in quotation marks and the reckoned day outside."""
    found = _RECKONED.fullmatch(step)
    assert found is not None  # noqa: S101  everything matches
    return f"“{inside(found['said'])}”{found['day'] or ''}"


def _whose(row: LedgerRow) -> str:
    return f"要点{row.point}（{row.title}），"


def numbered(texts: Iterable[str]) -> Iterator[str]:
    """The same words said of several rows are one matter."""
    for number, text in enumerate(dict.fromkeys(texts), start=1):
        yield f"{number}.{text}"


def inside(text: str) -> str:
    """For a place between “ and ”: inner marks become single, and the full stop is left to the sentence."""
    return " ".join(text.split()).rstrip("。.；;").replace("“", "‘").replace("”", "’")
