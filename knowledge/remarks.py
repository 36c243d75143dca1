"""What a passage says besides numbers: the difficulty, the help asked for, the next step, in its own words.

With labels (困难:…, 求助:…, 下一步…) as well as without (卡在省厅审批, 请市里协调…). Each is one stretch
of the message, so it can be shown to the office as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from knowledge.page import Clause, Page
from knowledge.tone import tone
from knowledge.wording import wording

_LEFT = re.compile(  # 余下3公里, 其中两个: what is left counts nothing that is done
    r"^(?:其中|剩下?|余下|剩余|其余|还有|另有|另外?|尚有|仍有|有)的?\s?(?:[\d.]+|[一二两三四五六七八九十]+)\s?\w{1,2}"
    r"|(?:还|仍|尚)有[\d.]+\s?\w{1,2}(?=\w)"
)
_PART = re.compile(r"(?:[一二三四五]是|[1-5][、.)]|[①-⑩])")
_NUMBERED = re.compile(r"\(?[1-9一二三四五六七八九][.、)]\s?(?!\d)|[①-⑩]")
_WHO = re.compile(r"^我[们区县市局镇办部委]?们?将?")
_SO_SLOW = re.compile(  # 资金未到位导致进展缓慢
    r"(?:导致|致使|造成|使得?)?(?:进展|进度|推进|工作)(?:比较|较|有点|有些)?(?:缓慢|滞后|偏慢|慢)$"
)
SURE, LIKELY = 0.8, 0.6  # how likely a clause is trouble, or a call for help, by what it sounds like
LEAST = 4  # characters of a clause that explains another
_REPORTING = (
    "progressed",
    "deed",
    "goes_well",
    "as_a_whole",
    "behind",
    "not_started",
    "ahead",
    "on_track",
    "nothing_new",
    "finished",
    "no_trouble",
    "plans",
    "small_talk",
)
_SOME_LEFT = re.compile(r"(?:还有|还剩|剩下?)(?:的)?\s?[\d一二三四五六七八九十两]")
_EFFORT = re.compile(  # 镇里天天上门做工作
    r"(?:[上登]门|入户|逐户|挨家|天天|正在?|还在|一直在|反复)[^,]{0,4}(?:做(?:思想)?工作|沟通|协商|对接|跟进|盯|劝|解释|动员|谈心)"
)
_DAY_SET = re.compile(  # 下月党委会上定
    r"(?:下个?月|下周|[本这]周|周[一二三四五六日]|[明后]天|月底|年底|\d{1,2}[月号日])[^,]{0,12}(?:会|定|研究|审|议|签|谈|协调|对接|碰头?|评|招标|报批?|处理|解决|到位|现场)"
    r"|(?:新的?)?(?:工期|时限|期限|节点)[^,]{0,4}(?:\d{1,2}月|[年月]底|下个?月)"
)
_MAY_BE_TROUBLE = re.compile(
    "[不没无难缺少停卡等怕嫌贵坏死漏断丢乱堵拖催欠吵闹拒退涨跌弱薄紧怨散偏费太只塌毁垫耗短审冲裂垮崩争涉亏松]"
)
_MAY_CALL = re.compile(
    "请(?<![申邀聘提]请)(?!示)|帮(?!扶|教)|烦|盼|恳|拜托|求(?<![要需]求)|能不能|能否|可否|望(?=能|市|县|区)"
)
_JUST_LEFT = re.compile(r"(?:剩|余下|[就只]剩|[就还]差)[^没不未卡难等]*$")  # 剩下的主要是补植
_SOME_PART = re.compile(  # 另1栋亲属在国外, 授权书寄不回来
    r"(?:另外?|还有|还剩|剩下?的?|余下的?|其余|有)\s?(?:\d+|[一二三四五六七八九十两]+)[^,]{4,}(?<!没[动开完做建改搞弄])(?<!没[动开完][工成])$"
)
_STILL_OUT = re.compile(
    r"(?:还有|还剩|剩下?|另有)\s?\d+[个份项篇件]没(?:出|过会|交|发|报|写|定稿|印)(?:来|完)?"
)
_IN_BRACKETS = re.compile(r"[^()]{1,16}\((?=[^()]{3,}\)?$)")  # 16滞后(缺人手)
_OPENED = re.compile("[(（]")
_COUNTS = re.compile(
    r"\d(?![\d岁])|[一二三四五六七八九十百千万两]{2}|[了好完][一二三四五六七八九两]|[一二三四五六七八九两]成|过半|一半|本来|原本"
)  # tells how much is done
_ENDS = " \t\n,，.。;；:：!！、~"
FIELDS = ("difficulty", "help", "next")
LABELS = tuple(f"{name}_label" for name in FIELDS)


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
        if words.endswith((")", "）")) and not _OPENED.search(words):
            words = words[:-1]
        if name == "next":
            words = _WHO.sub("", words)
        return words if words and not wording().has("nothing", words) else None


def remarks(clauses: Sequence[Clause]) -> Remarks:
    """Each clause either belongs to a remark or is left for numbers and status."""
    found, current, last = Remarks(), "", None
    for clause in clauses:
        name, start = _begins(clause)
        if not name and current and _goes_on(current, clause, last):
            name = current
        if name:
            _add(found, name, start, clause, last if current == name else None)
        else:
            found.left.append(clause)
        current, last = name, clause
    _unlabelled(found)
    return found


def _unlabelled(found: Remarks) -> None:
    """卡在省厅审批; 骨干缺, 新人招不到: trouble that nobody labelled.

    Plain trouble counts by itself, other bad news only beside a word of being behind, a call for help or a
    就是. Of several runs of such clauses the one that is led to, or has most of it, is the difficulty.
    """
    bad = _bad(found)
    if not bad:
        return
    bad = _bridged(_with_neighbours(bad, found.left), found.left)
    runs = [run for run in _runs(bad) if any(map(_says_why, run))]
    if runs and "difficulty" not in found.spans:
        best = _explained(_led_to(max(reversed(runs), key=_weight), found.left), found.left)
        last = next((clause for clause in best if "所以" in clause.words[4:]), best[-1])
        found.spans["difficulty"] = (best[0].start + _lead(best[0]), last.start + _until(last))
        bad = [*bad, *(clause for clause in best if clause not in bad)]
    for clause in bad:
        found.left.remove(clause)
    found.troubled += bad


def _bad(found: Remarks) -> list[Clause]:
    """The clauses left that tell of trouble; of bad news only where something calls for a reason."""
    bad: list[Clause] = []
    calling: list[Clause] | None = None
    for clause in found.left:
        sounds = 1.0 if _troubled(clause) else _sounds_troubled(clause)
        if sounds >= SURE:
            bad.append(clause)
        elif sounds >= LIKELY or _bad_news(clause):
            if calling is None:
                calling = [other for other in found.left if _calls_for_a_reason(other)]
            reasoned = "help" in found.spans or any(other is not clause for other in calling)
            bad += [clause] if reasoned or _only_tells_why(clause, found.left) else []
    return bad


def _sounds_troubled(clause: Clause) -> float:
    """那台设备摔了: how surely it sounds like trouble, where nothing is counted that is done."""
    words = clause.words
    if len(words) < LEAST or not _MAY_BE_TROUBLE.search(words):
        return 0.0
    counts = _COUNTS.search(words) and _COUNTS.search(_LEFT.sub("", words))
    if counts or _JUST_LEFT.match(words) or wording().has("no_trouble", words):
        return 0.0
    heard = tone(clause.words)
    return heard.sure if heard.kind == "trouble" else 0.0


def _only_tells_why(clause: Clause, left: Sequence[Clause]) -> bool:
    """省厅来看过现场, 嫌检测中心建得太小: a sentence of its own that reports nothing."""
    sentence = [other for other in left if other.sentence == clause.sentence]
    return len(clause.words) >= LEAST and len(sentence) < len(left) and not any(map(_reports, sentence))


def _reports(clause: Clause) -> bool:
    return bool(_COUNTS.search(clause.words)) or wording().has(_REPORTING, clause.words)


def _with_neighbours(bad: Sequence[Clause], left: Sequence[Clause]) -> list[Clause]:
    """Bad news right beside plain trouble belongs to it: 部分问题涉及历史旧账, 整改周期长."""
    found = set(bad)
    for first, second in [*pairwise(left), *pairwise(reversed(left))]:
        near = first.sentence == second.sentence and abs(first.start - second.end) <= 2
        near = near or (first.sentence == second.sentence and abs(second.start - first.end) <= 2)
        if first in found and near and _bad_news(second):
            found.add(second)
    return [clause for clause in left if clause in found]


def _bridged(bad: Sequence[Clause], left: Sequence[Clause]) -> list[Clause]:
    """缺人, 村医平均58岁, 招不到年轻的: what stands between two of them tells of nothing done."""
    table, found = wording(), set(bad)
    for before, clause, after in zip(left, left[1:], left[2:], strict=False):
        inside = before in found and after in found and before.sentence == after.sentence
        near = clause.start - before.end <= 2 and after.start - clause.end <= 2
        if (
            inside
            and near
            and not (_COUNTS.search(clause.words) or table.has(("behind", "progressed"), clause.words))
        ):
            found.add(clause)
    return [clause for clause in left if clause in found]


def _runs(clauses: Sequence[Clause]) -> list[list[Clause]]:
    """Clauses that follow each other in one sentence."""
    runs: list[list[Clause]] = []
    for clause in clauses:
        last = runs[-1][-1] if runs else None
        if last and clause.start - last.end <= 2 and clause.sentence == last.sentence and not _leads(clause):
            runs[-1].append(clause)
        else:
            runs.append([clause])
    return [_trimmed(run) for run in runs]


def _trimmed(run: list[Clause]) -> list[Clause]:
    """Without clauses at its ends that only say how it stands: 第13项落后."""
    kept = list(run)
    while len(kept) > 1 and not _says_why(kept[0]):
        kept.pop(0)
    while len(kept) > 1 and not _says_why(kept[-1]):
        kept.pop()
    return kept


def _weight(run: Sequence[Clause]) -> tuple[bool, bool]:
    return _leads(run[0]), any(map(_troubled, run))


def _led_to(run: list[Clause], left: Sequence[Clause]) -> list[Clause]:
    """With the clause before that leads to it: 因涉及历史用地, 难度较大; 就是老百姓乱拉线, 运营商不配合."""
    place = left.index(run[0])
    before = left[place - 1] if place else None
    if before is None or before.sentence != run[0].sentence or run[0].start - before.end > 2:
        return run
    leads = (_leads(before) and not _leads(run[0])) or wording().has("cause", before.words)
    leads = leads or wording().has("says_of_it", run[0].words)
    leads = leads or (bool(_SOME_PART.match(before.words)) and not _leads(run[0]))
    return [before, *run] if leads else run


def _explained(run: list[Clause], left: Sequence[Clause]) -> list[Clause]:
    """With what is said beside it in the same sentence and reports nothing: 住宿紧张, 有几支睡的是教室."""
    first, last = left.index(run[0]), left.index(run[-1])
    while first and not _leads(run[0]) and _explains(left[first - 1], left[first]):
        if left[first - 1].words.endswith("了") and not _MAY_BE_TROUBLE.search(left[first - 1].words):
            break
        first -= 1
    while last + 1 < len(left) and _explains(left[last + 1], left[last]):
        last += 1
    return list(left[first : last + 1])


def _explains(clause: Clause, beside: Clause) -> bool:
    near = max(clause.start, beside.start) - min(clause.end, beside.end) <= 1
    if not near or clause.sentence != beside.sentence or len(clause.words) < LEAST:
        return False
    others = _SOME_LEFT.match(clause.words) or _EFFORT.search(clause.words) or _DAY_SET.match(clause.words)
    return not (_reports(clause) or others)


def _until(clause: Clause) -> int:
    """因为文保审批没下来所以还没开工: what follows from it is no part of the reason."""
    place = clause.words.find("所以")
    if place > 3:
        return place
    slow = _SO_SLOW.search(clause.words, 4)
    return slow.start() if slow else len(clause.words)


def _lead(clause: Clause) -> int:
    """就是…, 主要是…, 第23项…, 滞后的:30(…, 园区提档我们这边…: what is said before the reason itself."""
    table = wording()
    inside = _IN_BRACKETS.match(clause.words) if "(" in clause.words else None
    if inside and (not table.has("trouble", inside[0]) or not table.without("status_words", inside[0][:-1])):
        return inside.end()
    match = table.pattern("reason_lead").match(clause.words)
    start = match.end() if match else 0
    about = table.pattern("about_itself").match(clause.words, start) if not match else None
    end = about.end() if about else start
    return end if len(clause.words) - end >= 4 else start


def _leads(clause: Clause) -> bool:
    return bool(wording().pattern("reason_lead").match(clause.words))


def _says_why(clause: Clause) -> bool:
    """Whether it tells more than how things stand: 第13项落后 does not."""
    table, words = wording(), clause.words
    if (table.has("behind", words) or table.has("not_started", words)) and not table.has("trouble", words):
        return False
    return len(table.without("status_words", words).strip()) >= 2


def _bad_news(clause: Clause) -> bool:
    """Words of lack, refusal, weather or quarrel, and no number that tells of something done."""
    table, words = wording(), clause.words
    if not table.has("bad_news", words) or table.has("no_trouble", words):
        return False
    return not table.has("counted_done", words)


def _calls_for_a_reason(clause: Clause) -> bool:
    return wording().has("needs_a_reason", clause.words)


def _begins(clause: Clause) -> tuple[str, int]:
    """The remark that begins with this clause, and where its words begin after the label."""
    table = wording()
    if table.pattern(LABELS).match(clause.words):
        for name, label in zip(FIELDS, LABELS, strict=True):
            if found := table.pattern(label).match(clause.words):
                return name, clause.start + found.end()
    at = own.end() if (own := _NUMBERED.match(clause.words)) else 0  # 4.需市财政追加补贴
    words = clause.words[at:]
    if not table.has("help_begins", words):
        return ("help" if _sounds_like_a_call(words) else ""), clause.start + at
    asks = table.pattern("help_begins").search(words)
    return ("help", clause.start + at + asks.start()) if asks else ("", clause.start)


def _sounds_like_a_call(words: str) -> bool:
    if len(words) < LEAST or not _MAY_CALL.search(words):
        return False
    heard = tone(words)
    return heard.kind == "help" and heard.sure >= LIKELY


def _goes_on(current: str, clause: Clause, last: Clause | None) -> bool:
    """A labelled remark lasts to its sentence's end, and over 一是…; 二是…"""
    if last is None:
        return False
    if clause.sentence == last.sentence:
        return current == "next" or not wording().has("ends_remark", clause.words)
    return current in ("difficulty", "next") and bool(_PART.match(clause.words)) and clause.line == last.line


def _troubled(clause: Clause) -> bool:
    if not wording().has("trouble", clause.words) or _STILL_OUT.fullmatch(clause.words):
        return False
    return not wording().has("no_trouble", _LEFT.sub("", clause.words))


def _add(found: Remarks, name: str, start: int, clause: Clause, before: Clause | None) -> None:
    """Lengthens the remark when it goes on right here; of two apart, the first stays."""
    known = found.spans.get(name)
    if known is None or (before is not None and known[1] == before.end):
        found.spans[name] = (known[0] if known else start, clause.end)
