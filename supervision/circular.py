"""From rows of the 台账 to a 通报's draft: the situation, what was done well, problems by kind, demands.

Pure; `bqw export 通报.docx` writes it and a person edits it in Word. Problems name no unit: that is for the
office to decide. Where a day is missing it leaves a gap to be filled in, and never makes one up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from knowledge.book import Book
from knowledge.ledger import LedgerRow
from knowledge.progress import Progress
from storage.cases import CASE, Case
from supervision.progress import campaign, compose, inside, numbered, quoted, told_of
from supervision.steps import names_day
from supervision.workdays import SHANGHAI

GAP = "　月　日"  # for a person to fill in
# The first kind whose words occur; most of what units report is one of these.
_KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("用地和规划方面", ("用地", "土地", "征地", "规划", "林地", "耕地")),
    ("管线迁改和权属方面", ("管线", "迁改", "权属", "拆迁", "腾退")),
    ("资金方面", ("资金", "经费", "拨付", "配套", "投资", "融资", "缺口")),
    ("审批和招标方面", ("审批", "批复", "手续", "招标", "流标", "验收", "环评")),
    ("人员和群众工作方面", ("人员", "编制", "群众", "村民", "商户", "意见不一")),
)
_OTHER = "其他方面"


def draft(
    rows: Sequence[LedgerRow], book: Book, as_of: date, cases: Sequence[Case], *, note: str
) -> Progress:
    """In the layout of a 通报: four parts and the annex."""
    whole = compose(rows, book, as_of, title=f"关于{campaign(book)}工作要点进展情况的通报", note=note)
    return Progress(
        title=whole.title,
        as_of=whole.as_of,
        office=whole.office,
        overview=(*whole.overview, *_by_section(rows, book)),
        sections=(),
        practices=tuple(numbered([*_ahead(rows), *_cases(cases)])),
        matters=tuple(_problems(rows)),
        steps=tuple(numbered(_asked(rows, book))),
        annex=whole.annex,
        annex_title=whole.annex_title,
        note=whole.note,
        circular=True,
    )


def _by_section(rows: Sequence[LedgerRow], book: Book) -> Iterator[str]:
    """分板块看：……"""
    heard = {row.point for row in rows if row.source}
    told = [
        f"“{section.title}”{len(section.points)}个要点，已报送{len(heard & set(section.points))}个"
        for section in book.notice.sections
    ]
    yield f"分板块看：{'；'.join(told)}。"


# --- two: what was done well --------------------------------------------------------------------------


def _ahead(rows: Iterable[LedgerRow]) -> Iterator[str]:
    """Figures that reached their target: facts, no praise by score."""
    for row in rows:
        if row.light == "绿灯" and _percent(row.done) >= 100:
            yield f"要点{row.point}（{row.title}）{told_of(row)}，截至{row.as_of}，已达到目标。"


def _percent(done: str) -> float:
    try:
        return float(done.removesuffix("%"))
    except ValueError:
        return 0.0


def _cases(cases: Iterable[Case]) -> Iterator[str]:
    for one in cases:
        at = one.at.astimezone(SHANGHAI)
        kind = "典型案例" if one.kind == CASE else "改革举措"
        yield f"{one.unit}报送{kind}《{one.title}》（{at.month}月{at.day}日），材料已存入案例库。"


# --- three: problems by kind --------------------------------------------------------------------------


def _problems(rows: Iterable[LedgerRow]) -> Iterator[str]:
    """（一）资金方面（2项）。要点17……"""
    groups: dict[str, dict[str, None]] = {}
    for row in rows:
        said = "；".join(filter(None, (row.difficulty, row.help_needed)))
        if said:
            words = f"要点{row.point}（{row.title}）反映“{inside(said)}”（{row.as_of}）"
            groups.setdefault(kind_of(said), {})[words] = None
    order = [name for name, _ in _KINDS] + [_OTHER]
    for number, name in zip("一二三四五六", (name for name in order if name in groups), strict=False):
        yield f"（{number}）{name}（{len(groups[name])}项）。{'；'.join(groups[name])}。"


def kind_of(said: str) -> str:
    return next((name for name, words in _KINDS if any(word in said for word in words)), _OTHER)


# --- four: who, what, when ----------------------------------------------------------------------------


def _asked(rows: Sequence[LedgerRow], book: Book) -> Iterator[str]:
    behind = list(dict.fromkeys(row.point for row in rows if row.light in ("黄灯", "红灯")))
    if behind:
        yield (
            f"进度慢于时间要求的要点{_list(behind)}，请责任单位分析原因，于{GAP}前将加快措施和完成时间报市百千万办。"
        )
    heard = {row.point for row in rows if row.source or row.latest or row.status}
    silent = [point.number for point in book.notice.points if point.number not in heard]
    if silent:
        yield f"尚未报送进展的要点{_list(silent)}，请责任单位于{GAP}前报送；责任分工有异议的一并提出。"
    yield from _promised(rows)
    if any(row.help_needed for row in rows):
        yield f"各单位提出需协调的事项，由市百千万办梳理后于{GAP}前提交调度会研究。"


def _promised(rows: Iterable[LedgerRow]) -> Iterator[str]:
    """What units said they would do, with the day they gave."""
    for row in rows:
        if row.next_step or row.due:
            step = quoted(row.next_step) if row.next_step else "按所报时限"
            dated = not row.due and names_day(row.next_step)
            until = "" if dated else f"，时限{row.due or f'{GAP}（原报未写明）'}"
            yield f"要点{row.point}（{row.title}），请责任单位落实{step}{until}。"


def _list(points: Sequence[int]) -> str:
    return "、".join(map(str, points))
