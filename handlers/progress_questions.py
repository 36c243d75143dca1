"""The one question a liaison is asked back, so that a word or a number answers it.

`handlers/progress_words.py` puts it under what was understood; the notice's own wording of a target stays.
"""

from __future__ import annotations

from storage.rounds import Asked, Item
from supervision.asking import numbered
from supervision.desk import Desk
from supervision.owed import in_bundle, open_items
from supervision.queries import Query
from supervision.rounds import circled
from supervision.wording import number_words


def question(query: Query, desk: Desk) -> str:
    """What is asked back, so that a word or a number answers it."""
    ask = _ASK.get(query.kind)
    return ask(query, desk) if ask else ""


def _falls(query: Query, desk: Desk) -> str:
    if query.figure is None:
        return (
            f"请核对：要点{query.point}上次报整体进度{number_words(query.before or 0)}%，这次是"
            f"{number_words(query.percent or 0)}%，是更正吗？回复“是”就按这次的记，或直接写正确的数。"
        )
    said = query.figure
    target = next((t for t in desk.book.targets if t.id == said.target), None)
    unit = target.unit if target else said.unit
    what = target.what if target else said.what
    return (
        f"请核对：{what}上次报{number_words(query.before or 0)}{unit}，"
        f"这次报{number_words(said.value)}{said.unit}，累计数变小了，是更正吗？回复“是”就按这次的记，或直接写正确的累计数。"
    )


def _far(query: Query, desk: Desk) -> str:
    if query.figure is None:
        shown = f"{number_words(query.percent)}%" if query.percent is not None else f"“{query.words}”"
        return f"请核对：要点{query.point}的{shown}超出了可能的范围，请再写一次正确的数。"
    said = query.figure
    target = next((t for t in desk.book.targets if t.id == said.target), None)
    goal = f"（目标{target.stated}）" if target and target.stated else ""
    what = target.what if target else said.what
    return (
        f"请核对：{what}报的是{number_words(said.value)}{said.unit}{goal}，比目标高出很多。"
        "确实如此请回复“是”，否则请写正确的数。"
    )


def _scale(query: Query, desk: Desk) -> str:
    if query.figure is None:
        return f"请核对：“{query.words}”的单位和目标差得很远，是不是多写或少写了“万”？请再写一次数和单位。"
    said = query.figure
    target = next((t for t in desk.book.targets if t.id == said.target), None)
    goal = f"目标是{target.stated}，" if target and target.stated else ""
    what = target.what if target else said.what
    return (
        f"请核对：{what}报的是{number_words(said.value)}{said.unit}，{goal}相差约一万倍，"
        "是不是单位写错了？请再写一次数和单位。"
    )


def _vague(query: Query, desk: Desk) -> str:
    where = f"要点{query.point}的" if query.point is not None else ""
    what, unit = _goal(query, desk)
    example = f"请只写{what}的累计数（{unit}）。" if what else "例如：55%。"
    return f"{where}“{query.words}”没有记成数。能给一个数吗？{example}暂时没有准数可以不管这一句。"


def _contradiction(query: Query, desk: Desk) -> str:
    return f"“{query.words}”我拿不准：是全部完成，还是完成到这个比例？请回复“完成”或写百分比，例如：50%"


def _date(query: Query, desk: Desk) -> str:
    return f"“{query.words}”不是日历上有的日子，时限没有记。请再写一次，例如：10月底前"


def _which(query: Query, desk: Desk) -> str:
    said = f"“{query.words}”" if query.words else "这个数"
    owed = list(open_items(desk))
    told = [row for row in _asked_last(desk) if row not in owed]  # a number may also put a told one right
    rows = [_row(*row) for row in owed] + [f"{_row(*row)}{_known(*row[1:], desk)}" for row in told]
    return f"{said}是哪一项？请回复序号：\n" + "\n".join(sorted(rows[:12]))


def choices(desk: Desk) -> list[str]:
    """What is still owed, a line each with its target; when nothing is, what the newest message asked."""
    rows = list(open_items(desk)) or _asked_last(desk)
    return [f"{_row(*row)}{_target(row[2], desk)}" for row in rows]


def _target(item: Item, desk: Desk) -> str:
    target = next((t for t in desk.book.targets if item.target and t.id == item.target), None)
    return f"（目标：{target.stated}）" if target and target.stated else ""


def _row(mark: str, one: Asked, item: Item) -> str:
    return f"{mark}要点{one.prompt.point} {item.what}"


def _known(one: Asked, item: Item, desk: Desk) -> str:
    figure = desk.stands(one.prompt.point, one.prompt.unit).figures.get(item.target)
    return f"（已报{number_words(figure.value)}{figure.unit}）" if figure else ""


def _asked_last(desk: Desk) -> list[tuple[str, Asked, Item]]:
    bundle = max((one.prompt.bundle for one in desk.asked), default="")
    inside = numbered(in_bundle(desk, bundle)) if bundle else ()
    return [(circled(number), one, item) for number, (one, item) in enumerate(inside, start=1)]


def _goal(query: Query, desk: Desk) -> tuple[str, str]:
    """What the figure asked about is called, and its unit."""
    target = next((t for t in desk.book.targets if t.id == query.target), None)
    return (target.what, target.unit) if target else ("", "")


def _several(query: Query, desk: Desk) -> str:
    what, unit = _goal(query, desk)
    asked = (
        f"{what}的累计数（{unit}）"
        if what
        else "准确的进度，例如：65%"
        if "%" in query.words
        else "准确的累计数"
    )
    return f"“{query.words}”里不止一个数，没有记。请只写一个{asked}。"


def _increment(query: Query, desk: Desk) -> str:
    what, unit = _goal(query, desk)
    asked = f"{what}到目前的累计数（{unit}）" if what else "到目前的累计数"
    return f"“{query.words}”是新增数，没有记。请报{asked}。"


def _past(query: Query, desk: Desk) -> str:
    what, unit = _goal(query, desk)
    asked = f"今年{what}的累计数（{unit}）" if what else "今年的累计数"
    return f"“{query.words}”是往年的数，没有记。请报{asked}。"


def _measure(query: Query, desk: Desk) -> str:
    what, unit = _goal(query, desk)
    return f"“{query.words}”和要求的单位不一致，没有记。请报{what}的累计数（{unit}）。"


def _number(query: Query, desk: Desk) -> str:
    """What was told holds nothing that can be booked yet."""
    what, unit = _goal(query, desk)
    asked = f"{what}的累计数（{unit}）" if what else f"要点{query.point}的累计数或进度"
    return f"“{query.words}”收到了，还缺数。请报{asked}；有困难的写“困难：……”，没有新数的回复“无变化”。"


_ASK = {
    "number": _number,
    "several": _several,
    "increment": _increment,
    "past": _past,
    "measure": _measure,
    "falls": _falls,
    "far": _far,
    "scale": _scale,
    "vague": _vague,
    "contradiction": _contradiction,
    "date": _date,
    "point": _which,
}
