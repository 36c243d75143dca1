"""The picture that may follow a digest: which lights and bars it shows, in values for `knowledge/card.py`.

Pure. It shows what the digest's own facts say, so nobody sees more in the picture than in the words.
"""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.card import Bar, Picture, Row
from supervision.digest_facts import BarFact, Facts
from supervision.wording import number_words

OFFICE = "市百千万办"
_BARS = 8  # a picture is looked at, not scrolled
_DAYS = "一二三四五六日"


def picture_of(facts: Facts, kind: str = "daily") -> Picture:
    at = facts.at
    shown = _shown(facts)
    left = len(facts.bars) - len(shown)
    more = f"另有{left}项有数的指标未画出，回复“红黄灯”或要点号查看。" if left else ""
    return Picture(
        title=f"“百千万工程”{'周报' if kind == 'weekly' else '每日专报'}",
        day=f"{at.year}年{at.month}月{at.day}日，星期{_DAYS[at.weekday()]}",
        rows=tuple(Row(row.title, row.colours) for row in facts.sections),
        bars=tuple(map(_bar, shown)),
        plan=_plan(shown),
        source=(
            f"数据：责任单位最新报送，截至{at.month}月{at.day}日{at.hour}:{at:%M}；"
            f"目标引自通知，灯色按规则判定。{more}回复“来源”看每个数出自谁。"
        ),
        office=OFFICE,
    )


def _shown(facts: Facts) -> list[BarFact]:
    """Those with news first, but in the notice's order."""
    fresh = {one.point for one in facts.news}
    chosen = sorted(facts.bars, key=lambda bar: bar.point not in fresh)[:_BARS]
    return [bar for bar in facts.bars if bar in chosen]


def _bar(one: BarFact) -> Bar:
    return Bar(
        label=f"要点{one.point} {one.what}",
        value=(f"{one.value}，目标{one.goal}（{one.unit}，{one.on.month}月{one.on.day}日报）"),
        done=one.done,
        elapsed=one.elapsed,
        colour=one.colour,
    )


def _plan(bars: Sequence[BarFact]) -> str:
    gone = {one.elapsed for one in bars}
    return f"竖线为时间进度{number_words(gone.pop())}%" if len(gone) == 1 else "竖线为各项的时间进度"
