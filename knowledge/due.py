"""By when a passage says it will be done: the deadline of the whole, or the day of its next step.

Days that have passed, days of events, days others are asked to keep and promises to report are no deadline.
“7月20日前完成路面” is a step and has its own day; “10月底前全部完工” is when the point will be done.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.book import Book
from knowledge.dates import When
from knowledge.page import Clause, Page
from knowledge.remarks import Remarks
from knowledge.wording import wording

# No day of its own: needs a word for being done.
_ROUGH = re.compile(r"^[今明后][天日晚早]|半年|季度$|周$|月份?$|下班前")


@dataclass(frozen=True, slots=True)
class Due:
    """The deadline of the whole, else the day of the step named; `step` is the clause that names the step."""

    whole: date | None = None
    of_step: date | None = None
    step: Clause | None = None

    def words(self, page: Page) -> str | None:
        """The person's own words for the step."""
        if self.step is None:
            return None
        return page.said(self.step.start, self.step.end).strip(" ，,；;。")

    def planned(self, page: Page) -> str | None:
        """They are the next step where it is somebody's to do: “预计9月底上线” is not."""
        planned = self.step is not None and wording().has("step_verb", self.step.words)
        return self.words(page) if planned else None


@dataclass(frozen=True, slots=True)
class _Day:
    day: date
    clause: Clause
    finishes: bool
    whole: bool


def due(clauses: Sequence[Clause], said: Remarks, days: Sequence[When], on: date, names: str = "") -> Due:
    """The deadline in these clauses; what others are asked to keep is none. `names` is what the point and
    its figures are called: “年底前600户适老化改造做完” is when the point will be done."""
    if not days:
        return Due()
    left = frozenset(said.left)
    clauses = [c for c in clauses if c in left or said.within("next", c)]
    found = list(_days(clauses, said, days, on, names))
    finishing = [one for one in found if one.finishes]
    if whole := [one.day for one in finishing if one.whole]:
        return Due(max(whole))
    if not found:
        return Due()
    step = max(finishing, key=_when) if finishing else min(found, key=_when)
    return Due(None, step.day, step.clause)


def names_of(points: Iterable[int], book: Book) -> str:
    """What points and their figures are called."""
    titles = [point.title for number in points if (point := book.notice.point(number))]
    told = [target.what for number in points for target in book.of_point(number)]
    return "|".join((*titles, *told))


def _when(one: _Day) -> date:
    return one.day


def _days(
    clauses: Sequence[Clause], said: Remarks, days: Sequence[When], on: date, names: str
) -> Iterator[_Day]:
    for when in days:
        clause = next((c for c in clauses if c.start <= when.start < c.end), None)
        if clause is None or when.day is None or not _binding(when, clause, on, said.within("next", clause)):
            continue
        finishes = wording().has("finishes", clause.words)
        around = [c for c in clauses if said.within("next", c)] if said.within("next", clause) else [clause]
        yield _Day(when.day, clause, finishes, _of_the_whole(clause, around, days, names))


def _of_the_whole(clause: Clause, around: Sequence[Clause], days: Sequence[When], names: str) -> bool:
    """Whether nothing but the end is named: 预计10月底完成, 确保年底前全面完成年度任务, 剩下3座9月底收尾.
    In a next step the other words count as well: 铺路面, 7月20日前完成."""
    alone = [clause] if wording().has("whole", clause.words) else around
    rest = "".join(_rest(one, days) for one in alone)
    return not rest or rest in names


def _rest(clause: Clause, days: Sequence[When]) -> str:
    """What a clause names besides a day and the words for getting done by it."""
    words = clause.words
    for when in days:
        if clause.start <= when.start < clause.end:
            at = when.start - clause.start
            words = words[:at] + " " * len(when.words) + words[at + len(when.words) :]
    return "".join(wording().without("deadline_filler", words).split()).strip(",。;:、")


def _to_come(words: str, after: str) -> bool:
    """11月收官: said of a month that has begun, without a word that it is over."""
    table = wording()
    soon = table.has("finishes", after[:4]) or (
        words.startswith(("本周", "这周")) and table.has("by_then", after)
    )
    return soon and not re.search("[已了]|完成|累计|截至|到位", words)


def _binding(when: When, clause: Clause, on: date, planned: bool) -> bool:
    """Whether somebody means to have done something by then; what is `planned` needs no word for it."""
    table = wording()
    words = clause.words
    at = when.start - clause.start
    lead, after = words[:at], words[at + len(when.words) :]
    if when.day is None or when.day < on or table.has("as_of", lead[-5:]):
        return False
    if (when.day == on and lead.endswith("到")) or table.has("forecast", words):  # 到今天完工15个
        return False
    held = table.has("event", words) and not (when.before or table.has("finishes", words))
    if held or table.has("asks_others", lead):
        return False
    ahead = (when.day.year, when.day.month) > (on.year, on.month)
    if when.loose and not (ahead or planned or table.has("expected", words) or _to_come(words, after)):
        return False
    if table.has("will_report", after) or table.has("span_of_months", lead[-2:]):
        return False
    if when.words.endswith("内") and "年" in when.words and not table.has("finishes", words):
        return False
    return when.before or planned or not _ROUGH.search(when.words) or table.has("by_then", words)
