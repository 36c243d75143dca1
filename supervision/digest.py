"""The texts of digests: the day's and the week's for a leader.

Pure: facts in, text out, held by golden files in `tests/golden/`. Tone and length follow the office's own: no
exclamation mark, one screen and a half, every number with its day, units in protocol order, never by score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from supervision import problem_digest
from supervision.digest_facts import CountyFact, Facts, Link, Need, News, RoundFact, SectionFact, Turn
from supervision.rounds import circled, due_words
from supervision.saying import clipped
from supervision.wording import COLOURS, clock_words, long_day, on_words

OFFICE = "市百千万办"
LONGEST = 450  # characters of a day's digest: a screen and a half of a phone
_LIT = ("green", "yellow", "red")
_ORDER = ("green", "yellow", "red", "grey", "none")
_HAN = "一二三四五六七八九十"
_NEEDS, _TURNS = 3, 3  # shown at most; the rest is counted
_REASON = 70  # characters of a light's reason


@dataclass(frozen=True, slots=True)
class Entry:
    """A numbered line of a digest and the versions its numbers stand in."""

    label: str
    reports: tuple[int, ...]
    quoted: str = ""  # the unit's own words that it shows


@dataclass(frozen=True, slots=True)
class Digest:
    """`entries` in the order of their numbers: those beyond the text's own were only counted in it."""

    text: str
    entries: tuple[Entry, ...] = ()


def daily(facts: Facts) -> str:
    return daily_digest(facts).text


def weekly(facts: Facts) -> str:
    return weekly_digest(facts).text


# --- the day ------------------------------------------------------------------------------------------


def daily_digest(facts: Facts) -> Digest:
    """What changed, what needs the reader, his linked places; one line when there is nothing new."""
    head = f"“百千万工程”每日专报（{long_day(facts.at)}）"
    if facts.empty:
        return Digest(f"{head}：{_nothing(facts)}")
    if facts.topics and not problem_digest.anything_else(facts):
        return Digest("\n".join([f"{head}·专题", *problem_digest.topics(facts), OFFICE]))
    shown = len(facts.news)
    while True:
        digest = _daily(head, facts, shown)
        if len(digest.text) - sum(len(one.text) for one in facts.topics) <= LONGEST or shown <= 1:
            return digest
        shown -= 1


def _nothing(facts: Facts) -> str:
    open_needs = f"前已报您的{len(facts.needs)}项协调事项仍在办理。" if facts.needs else ""
    return f"{on_words(facts.since)}以来没有新情况，没有新的事项需要您定。{open_needs}{OFFICE}"


def _daily(head: str, facts: Facts, shown: int) -> Digest:
    numbers = _Numbers()
    parts = [
        ("总体", _overall(facts)),
        ("今日变化" if facts.since else "近日报送", _changes(facts, shown, numbers)),
        (f"需您关注（{len(facts.fresh)}项）" if facts.fresh else "需您关注", _needs(facts, numbers)),
        ("您挂钩的", _links(facts.links, numbers)),
        ("政企问题", problem_digest.day(facts)),
        ("报送", _rounds([one for one in facts.rounds if one.near])),
    ]
    numbers.rest(facts.news[shown:])
    lines = [head, *_numbered(parts), *problem_digest.asked(facts), *_foot(numbers)]
    return Digest("\n".join(lines), tuple(numbers.entries))


def _numbered(parts: Iterable[tuple[str, str]]) -> list[str]:
    told = [(title, body) for title, body in parts if body]
    return [f"{number}、{title}：{body}" for number, (title, body) in zip(_HAN, told, strict=False)]


def _foot(numbers: _Numbers) -> list[str]:
    return ["回复“来源”看每个数出自谁。", OFFICE] if numbers.entries else [OFFICE]


class _Numbers:
    """Gives ① ② ③ to lines as they are written, and keeps what each stands on."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def next(self, label: str, reports: Sequence[int], quoted: str = "") -> str:
        self.entries.append(Entry(label, tuple(reports), quoted))
        return circled(len(self.entries))

    def already(self, link: Link) -> str:
        """The number under which what concerns this place has been quoted; "" where none has it all."""
        for at, one in enumerate(self.entries, start=1):
            if link.name in one.quoted and set(link.reports) <= set(one.reports):
                return circled(at)
        return ""

    def rest(self, news: Iterable[News]) -> None:
        for one in news:
            self.next(_label(one), one.reports)


def _overall(facts: Facts) -> str:
    which = f"您关注的{facts.points}个要点" if facts.narrow else f"{facts.points}个要点"
    when = f"（截至{on_words(facts.at.date())}{clock_words(facts.at)}）。"
    if facts.points and not any(facts.colours.get(name) for name in _LIT):  # as in the year's first weeks
        return f"{which}都还没有报来进展{when}"
    told = f"{which}，{colour_counts(facts.colours)}{when}"
    if facts.before is None or facts.since is None:
        return told
    moved = _moved(facts.before, facts.colours)
    return told + (f"较{on_words(facts.since)}{moved}。" if moved else f"与{on_words(facts.since)}相同。")


def colour_counts(colours: Mapping[str, int]) -> str:
    """绿灯33、黄灯5、红灯1、未报6"""
    return "、".join(f"{COLOURS[name]}{colours[name]}" for name in _ORDER if colours.get(name))


def _moved(before: Mapping[str, int], after: Mapping[str, int]) -> str:
    moved = [(COLOURS[name], after.get(name, 0) - before.get(name, 0)) for name in _ORDER]
    return "、".join(f"{name}{'增' if by > 0 else '减'}{abs(by)}" for name, by in moved if by)


def _changes(facts: Facts, shown: int, numbers: _Numbers) -> str:
    turns = [_turn(one, numbers) for one in facts.turns[:_TURNS]]
    if len(facts.turns) > _TURNS:
        turns.append(f"另有{len(facts.turns) - _TURNS}个要点灯色有变，回复“红黄灯”查看")
    news = [_news(one, numbers) for one in facts.news[:shown]]
    left = len(facts.news) - shown
    if left > 0:
        news.append(f"另有{left}项新报送，回复“来源”看全部")
    told = "；".join([*turns, *news])
    return f"{told}。" if told else ""


def _turn(one: Turn, numbers: _Numbers) -> str:
    number = numbers.next(f"要点{one.point}", one.reports)
    return f"{number}要点{one.point}由{COLOURS[one.before]}转{COLOURS[one.after]}：{_in_short(one.reason)}"


def _in_short(reason: str) -> str:
    """As many whole clauses as fit; a first one that is longer ends where it must."""
    if len(reason) <= _REASON:
        return reason
    clauses = reason.split("；")
    while len(clauses) > 1 and len("；".join(clauses)) > _REASON:
        clauses.pop()
    kept = "；".join(clauses)
    return f"{kept}等" if len(kept) <= _REASON else f"{kept[:_REASON]}……"


def _news(one: News, numbers: _Numbers) -> str:
    number = numbers.next(_label(one), one.reports, one.stuck)
    if one.withdrawn:
        return f"{number}要点{one.point}，{one.unit}{on_words(one.on)}撤回了先前报的数，待重报"
    words = "、".join(one.words[:2]) + (f"等{len(one.words)}项" if len(one.words) > 2 else "")
    stuck = f"困难“{clipped(one.stuck)}”" if one.stuck else ""
    told = "，".join(filter(None, (words, stuck)))
    return f"{number}要点{one.point}，{one.unit}：{told}，截至{on_words(one.on)}"


def _label(one: News) -> str:
    return f"要点{one.point} {one.unit}"


def _needs(facts: Facts, numbers: _Numbers) -> str:
    """New matters, each with what is asked of the reader; the others are only counted."""
    told = [_need(one, numbers) for one in facts.fresh[:_NEEDS]]
    old = len(facts.needs) - len(facts.fresh)
    if (left := len(facts.fresh) - len(told)) > 0:
        told.append(f"另有{left}项新提出的，回复“需协调的有哪些”查看")
    if old:
        told.append(f"{'' if told else '没有新增，'}此前提出的{old}项仍在办理")
    return f"{'；'.join(told)}。" if told else ""


def _need(one: Need, numbers: _Numbers) -> str:
    number = numbers.next(f"要点{one.point} {one.unit}", (one.report,))
    why = f"，原因“{one.why}”" if one.why and one.why not in one.asked else ""
    return (
        f"{number}要点{one.point}，{one.unit}{on_words(one.on)}提出“{one.asked}”{why}，请您定是否由市里协调"
    )


def _links(links: Sequence[Link], numbers: _Numbers) -> str:
    told = []
    for one in links:
        if one.words and (seen := numbers.already(one)):
            told.append(f"{one.name}，见{seen}")
        elif one.words and one.on is not None:
            number = numbers.next(one.name, one.reports)
            told.append(f"{number}{one.name}，{'；'.join(one.words)}（{on_words(one.on)}）")
        else:
            told.append(f"{one.name}，没有新报送")
    return f"{'；'.join(told)}。" if told else ""


def _rounds(found: Sequence[RoundFact]) -> str:
    told = [_round(one) for one in found]
    return f"{'；'.join(told)}。" if told else ""


def _round(one: RoundFact) -> str:
    if one.over:
        return f"“{one.name}”原定{due_words(one.due_at)}截止，还差{one.asked - one.done}项"
    return f"“{one.name}”应报{one.asked}项，已报{one.done}项，{due_words(one.due_at)}截止"


# --- the week -----------------------------------------------------------------------------------------


def weekly_digest(facts: Facts, *, table: bool = False) -> Digest:
    """The week's counts, by section and by county, what needs coordination, what is due next; `table`: an
    Excel table follows."""
    numbers = _Numbers()
    parts = [
        ("总体", _overall(facts) + _turned(facts)),
        (
            "分板块",
            "\n" + "\n".join(_section_row(row) for row in facts.sections),
        ),
        ("县（区）", _county_table(facts.counties)),
        (f"需协调（{len(facts.needs)}项）", _week_needs(facts.needs, numbers)),
        ("您挂钩的", _links(facts.links, numbers)),
        ("政企问题", problem_digest.week(facts)),
        ("本周重点", _rounds([one for one in facts.rounds if one.missing])),
    ]
    numbers.rest(facts.news)
    news = f"期间新报送{len(facts.news)}项。" if facts.news else ""
    more = [news, "附：明细表（Excel）"] if table else [f"{news}明细见台账，可向市百千万办索取。"]
    foot = [*problem_digest.asked(facts), *filter(None, more), *_foot(numbers)]
    return Digest(
        "\n".join([f"“百千万工程”周报（{_week(facts)}）", *_numbered(parts), *foot]), tuple(numbers.entries)
    )


def _turned(facts: Facts) -> str:
    if facts.since is None or (not facts.turns and facts.before == facts.colours):
        return ""
    better = sum(one.after == "green" for one in facts.turns)
    worse = [one for one in facts.turns if one.after in ("yellow", "red")]
    told = [f"新转绿{better}项"] if better else []
    told += (
        [f"新转黄、转红{len(worse)}项（要点{'、'.join(str(one.point) for one in worse[:5])}）"]
        if worse
        else []
    )
    return f"期间{'，'.join(told)}。" if told else "期间灯色没有变化。"


def _section_row(row: SectionFact) -> str:
    return f"{row.title}{row.points}项：{colour_counts(row.colours)}"


def _county_table(counties: Sequence[CountyFact]) -> str:
    """A line per figure: 县域重点项目库项目数：潮安区21个项目（目标不少于28个项目，7月15日）…"""
    rows: dict[str, list[CountyFact]] = {}
    for one in counties:
        rows.setdefault(one.what, []).append(one)
    return "".join(f"\n{what}：{_county_row(found)}" for what, found in rows.items())


def _county_row(found: Sequence[CountyFact]) -> str:
    if len(found) > 1 and not any(one.on for one in found):
        goals = list(dict.fromkeys(one.goal for one in found))
        each = f"各{goals[0]}" if len(goals) == 1 else "、".join(goals)
        return f"{'、'.join(one.county for one in found)}均未报（目标{each}）"
    return "；".join(
        f"{one.county}{one.value}（目标{one.goal}，{on_words(one.on)}报）"
        if one.on
        else f"{one.county}未报（目标{one.goal}）"
        for one in found
    )


def _week_needs(needs: Sequence[Need], numbers: _Numbers) -> str:
    told = [_week_need(one, numbers) for one in needs[: _NEEDS + 2]]
    left = len(needs) - len(told)
    return f"{'；'.join(told)}{f'；另有{left}项' if left else ''}。建议提交周调度会。" if told else ""


def _week_need(one: Need, numbers: _Numbers) -> str:
    number = numbers.next(f"要点{one.point} {one.unit}", (one.report,))
    return f"{number}要点{one.point}，{one.unit}“{one.asked}”（{on_words(one.on)}）"


def _week(facts: Facts) -> str:
    """From the last week's digest, or seven days ago, until yesterday."""
    today = facts.at.date()
    first = facts.since or today - timedelta(days=7)
    last = max(first, today - timedelta(days=1))
    return f"{on_words(first)}至{on_words(last)}"
