"""What a passage says besides numbers: the difficulty, the help asked for, the next step, in its own words.

With labels (困难:…, 求助:…, 下一步…) as well as without (卡在省厅审批, 请市里协调…). Each is one stretch
of the message, so it can be shown to the office as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from knowledge.page import Clause, Page
from knowledge.wording import wording

_PART = re.compile(r"(?:[一二三四五]是|[1-5][、.)]|[①-⑩])")
_WHO = re.compile(r"^我[们区县市局镇办部委]?们?将?")
_ENDS = " \t\n,，.。;；:：!！、~"
FIELDS = ("difficulty", "help", "next")


@dataclass(slots=True)
class Remarks:
    """Spans by field; `left` are the clauses no remark took."""

    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    left: list[Clause] = field(default_factory=list)
    troubled: list[Clause] = field(default_factory=list)  # taken for a difficulty without a label

    def within(self, name: str, clause: Clause) -> bool:
        start, end = self.spans.get(name, (0, 0))
        return start < clause.end and clause.start < end

    def said(self, name: str, page: Page) -> str | None:
        """The person's own words, or None when there are none (困难:无)."""
        if name not in self.spans:
            return None
        start, end = self.spans[name]
        words = page.said(start, end).strip(_ENDS)
        if name == "next":
            words = _WHO.sub("", words)
        return words if words and not wording().has("nothing", words) else None


def remarks(clauses: Sequence[Clause]) -> Remarks:
    """Each clause either belongs to a remark or is left for numbers and status."""
    found, current, last = Remarks(), "", None
    labelled = False
    for clause in clauses:
        name, start = _begins(clause)
        if name:
            labelled = True
        elif current and labelled and _goes_on(current, clause, last):
            name = current
        elif current and not labelled and _caused(clause, last):
            name = current
            found.troubled.append(clause)
        elif _troubled(clause):
            name, labelled = "difficulty", False
            found.troubled.append(clause)
            start = _from_its_cause(found, clause)
        if name:
            _add(found, name, start, clause, last if current == name else None)
        else:
            found.left.append(clause)
        current, last = name, clause
    if "difficulty" not in found.spans:
        _unlabelled(found)
    return found


def _unlabelled(found: Remarks) -> None:
    """骨干缺, 另一个选址跟农田打架: bad news beside a word of being behind, a call for help or a 就是.

    Only where something makes it a reason; the first run of such clauses is the difficulty.
    """
    reasons = [clause for clause in found.left if _bad_news(clause)]
    if not reasons or not ("help" in found.spans or any(map(_calls_for_a_reason, found.left))):
        return
    run = [reasons[0]]
    for clause in reasons[1:]:
        if clause.start - run[-1].end > 2 or clause.sentence != run[-1].sentence:
            break
        run.append(clause)
    lead = _lead(run[0])
    for clause in run:
        found.left.remove(clause)
    found.troubled += run
    found.spans["difficulty"] = (run[0].start + lead, run[-1].end)


def _bad_news(clause: Clause) -> bool:
    """Words of lack, refusal, weather or quarrel, and no number that tells of something done."""
    table, words = wording(), clause.words
    if not table.has("bad_news", words) or table.has("no_trouble", words):
        return False
    rest = table.without("status_words", words)
    return len(rest.strip()) >= 3 and not table.has("counted_done", words)


def _calls_for_a_reason(clause: Clause) -> bool:
    return wording().has("needs_a_reason", clause.words)


def _lead(clause: Clause) -> int:
    """就是…, 主要是…, 不过…: the word that leads to the reason is not part of it."""
    match = wording().pattern("reason_lead").match(clause.words)
    return match.end() if match else 0


def _begins(clause: Clause) -> tuple[str, int]:
    """The remark that begins with this clause, and where its words begin after the label."""
    for name in FIELDS:
        if label := wording().pattern(f"{name}_label").match(clause.words):
            return name, clause.start + label.end()
    if not wording().has("help_begins", clause.words):
        return "", clause.start
    asks = wording().pattern("help_begins").search(clause.words)
    return ("help", clause.start + asks.start()) if asks else ("", clause.start)


def _goes_on(current: str, clause: Clause, last: Clause | None) -> bool:
    """A labelled remark lasts to its sentence's end, and over 一是…; 二是…"""
    if last is None:
        return False
    if clause.sentence == last.sentence:
        return current == "next" or not wording().has("ends_remark", clause.words)
    return current in ("difficulty", "next") and bool(_PART.match(clause.words)) and clause.line == last.line


def _caused(clause: Clause, last: Clause | None) -> bool:
    """受征拆影响, 两个项目进度偏慢: what follows from a cause belongs to it, unless it is a number."""
    if last is None or last.sentence != clause.sentence or not wording().has("cause", last.words):
        return False
    return not any(char.isdigit() for char in clause.words)


def _from_its_cause(found: Remarks, clause: Clause) -> int:
    """就是老百姓乱拉线, 运营商不配合: a clause that leads to the trouble belongs to it."""
    before = found.left[-1] if found.left else None
    if before is None or before.sentence != clause.sentence or "difficulty" in found.spans:
        return clause.start
    if clause.start - before.end > 2 or not wording().has("leads_to_trouble", before.words):
        return clause.start
    found.troubled.append(found.left.pop())
    return before.start


def _troubled(clause: Clause) -> bool:
    return wording().has("trouble", clause.words) and not wording().has("no_trouble", clause.words)


def _add(found: Remarks, name: str, start: int, clause: Clause, before: Clause | None) -> None:
    """Lengthens the remark when it goes on right here; of two apart, the first stays."""
    known = found.spans.get(name)
    if known is None or (before is not None and known[1] == before.end):
        found.spans[name] = (known[0] if known else start, clause.end)
