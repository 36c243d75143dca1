"""Which numbers of a passage say how far things are: the point's own percentage, and what is done or stands.

Targets, plans, what is left, old values, thresholds and totals are no progress and fall out here. A number
too vague to store (过半, 60%-70%) becomes a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from knowledge.amounts import Amount
from knowledge.reading import Quantity
from knowledge.shares import of_the_point
from knowledge.totals import older, said_twice, total
from knowledge.wording import wording

_POINT = re.compile(r"(?:要点\s?\d{1,2}|第\d{1,2})[项点]?")  # names the point, not what is counted
_OURSELVES = re.compile(r"这边|这块|这项|我[们局区县镇办]|本[局区县镇单]")
_UNIT_IN_NAME = re.compile(r"([人户家件宗条场栋座])数(?:量)?(?:应?该?[是为]|改[为成]|[:达到有\s])*$")
_CORRECTED = re.compile(r"\d+(?:应?改[成为]?|应[为是])$")
_LATER = re.compile("[前底月]")  # 剩余11所年底前全部交付
_LEADING = re.compile(r"\d{1,2}(?!\d)")
_DONE_TO_THEM = re.compile(  # 搬了, 种下去; but 完成了65, 进度到了65
    r"(?!.*(?:完成|进度|推进|走|报|比|共|还|差|剩))[\u4e00-\u9fff]{0,6}(?:了|完|好|掉|[下出回进上][去来]|[收发]回|到位)"
)
_EDGES = " 、,:()的-~=/"
_BELOW_ZERO = re.compile(r"(?:^|(?<=[\s:是为到约]))-$")  # 公路 -5公里; 公路-5公里 may have a dash
_OLD_NUMBER = re.compile(r"\"?[\d.]+(?:%|个百分点)?\"?$")
_ROSE_BY = re.compile(
    r"(?:[较比][^,]{1,6})?(?:提升|提高|增加|上升|增长|加快)了?$"
)  # 较上月提升5个百分点至58%
_MADE = re.compile(r"(?:完成|[做干]完|达到?|实现)(?:了|到)?(?:约|近)?$")  # 完成了88%的任务
_SO_FAR = re.compile("累计|总共|合计|一共|总数")
_SINCE = re.compile(r"[从由比](?=[^从由比]{0,6}\d)")


@dataclass(slots=True)
class Figures:
    percent: float | None = None
    whole: list[float] = field(
        default_factory=list
    )  # all that are said of the point, the first is its percent
    quantities: list[Quantity] = field(default_factory=list)
    vague: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)  # more than the whole


def figures(amounts: Sequence[Amount], title: str = "") -> Figures:
    """What the numbers say, in their order; `title` is what the point itself is called."""
    found = Figures()
    amounts = _with_units(amounts)
    told: list[tuple[Amount, str]] = []
    for at, amount in enumerate(amounts):
        if not (_no_progress(amount) or older(amounts, at) or said_twice(amounts, at) or total(amounts, at)):
            told.append((amount, _role(amount, told, title)))
    settled = _each_its_own(told)
    roles = [role for _, role in settled]
    whole = "point" in roles or "vague" in roles
    for amount, role in settled:
        _take(found, amount, _settled(role, roles), whole)
    return found


def _with_units(amounts: Sequence[Amount]) -> Sequence[Amount]:
    """到货1200棵，种下去九百: a number at a clause's end that something is done to is of what was counted."""
    if len(amounts) < 2 or all(amount.unit for amount in amounts):
        return amounts
    made = list(amounts)
    for at in range(1, len(made)):
        last, amount = made[at - 1], made[at]
        if amount.unit or last.share or not last.unit or not 1 < amount.value <= last.value:
            continue
        near = amount.clause - last.clause == 1 and not amount.after.strip("了吧哈啊 ")
        if near and amount.before == amount.lead and _DONE_TO_THEM.fullmatch(amount.before):
            made[at] = amount._replace(unit=last.unit)
    return made


def _each_its_own(told: Sequence[tuple[Amount, str]]) -> Sequence[tuple[Amount, str]]:
    """就业1.3万人，完成年度任务的71%；再就业4千人，完成年度任务的80%: a rate of each thing."""
    whole = [at for at, (_, role) in enumerate(told) if role == "point"]
    if len(whole) == 1 and _of_the_first(told, whole[0]):
        return [(amount, "quantity" if at == whole[0] else role) for at, (amount, role) in enumerate(told)]
    if len(whole) < 2:
        return told
    plain = [at for at in whole if _of_all(told[at][0])]
    parts = [at for at in whole if at and at not in plain and _counted_before(told, at)]
    if not plain and len(parts) < len(whole):
        return told
    return [(amount, "quantity" if at in parts else role) for at, (amount, role) in enumerate(told)]


def _of_the_first(told: Sequence[tuple[Amount, str]], at: int) -> bool:
    """适老化改造451户，完成年度任务75%；长者饭堂23家: a rate right behind the first thing that is counted,
    and before other things, is of that thing alone."""
    amount, behind = told[at][0], [role for _, role in told[at + 1 :]]
    if at != 1 or "quantity" not in behind or not _counted_before(told, at):
        return False
    return wording().has("of_its_aim", amount.before)


def _of_all(amount: Amount) -> bool:
    """整体28%: beside it 新改建12.4公里，完成25.5% is of the roads alone."""
    table = wording()
    return table.has("overall", amount.before) and not table.has("of_its_aim", amount.before)


def _counted_before(told: Sequence[tuple[Amount, str]], at: int) -> bool:
    (last, role), (amount, _) = told[at - 1], told[at]
    return role == "quantity" and not last.share and amount.clause - last.clause <= 1


def _settled(role: str, roles: Sequence[str]) -> str:
    """A named thing's own progress is the point's where nothing else is told, else one number of many."""
    if role != "named":
        return role
    return "quantity" if "quantity" in roles or roles.count("named") > 1 else "part"


def _take(found: Figures, amount: Amount, role: str, has_percent: bool) -> None:
    """Adds one number where it belongs. A part's progress is the point's when nothing else is."""
    if _BELOW_ZERO.search(amount.before) and not amount.share and amount.unit:
        found.strange.append(f"-{amount.words}")
    elif amount.vague or role == "vague":
        found.vague.append(amount.words)
    elif role == "point":
        if amount.value > 100:
            found.strange.append(amount.words)
        else:
            found.whole.append(amount.value)
            found.percent = found.whole[0]
    elif role == "part" and not has_percent and found.percent is None and amount.value <= 100:
        found.percent = amount.value
    elif amount.unit or _bare(amount):
        unit = amount.unit or _counted_in(amount)
        what = _what(amount)
        if not what and found.quantities and _SO_FAR.search(amount.before):
            what = found.quantities[-1].what  # 新增22家，累计103家
        found.quantities.append(Quantity(what, amount.value, unit, words=amount.words))


def _counted_in(amount: Amount) -> str:
    """疗休养人数4120, 改造户数412改421: the unit is in the name."""
    named = _UNIT_IN_NAME.search(amount.before) or _UNIT_IN_NAME.search(_CORRECTED.sub("", amount.lead))
    return named[1] if named else ""


def _no_progress(amount: Amount) -> bool:
    """Planned, left over, old, a threshold, somebody's age: by the words around it."""
    table, before, after = wording(), amount.before, amount.after
    if not amount.share and not amount.unit and not _bare(amount):
        return True
    if table.has("bound_behind", after[:4]) and not amount.share:
        return True
    if table.has("old_line", amount.lead):
        return True
    if table.has("left_over", before[-7:]) and not _rest_is_done(amount):
        return True
    if (table.has("old", before[-8:]) and not table.has("kept", before)) or table.has("span", after):
        return True
    if table.has("planned", amount.lead) and not table.has("reached", amount.lead):
        return True
    if amount.lead[-1:] == "(" and table.has("aim_before", amount.lead[:-1]):
        return True
    if table.has("wrong_after", after[:9]) and not (after.startswith("的") and _MADE.search(before)):
        return True
    if amount.share:
        nearly = amount.words.endswith("成") and before.endswith("快")  # 快八成了
        gap = table.has("gap", before[-8:]) and ("同比" not in before or "点" in amount.words) and not nearly
        return gap or (amount.words == "一半" and _named(amount))
    return table.has("grew_by", before) or (
        table.has("not_done", after[:9]) and not _done(before.removesuffix("有"))
    )


def _rest_is_done(amount: Amount) -> bool:
    """2座没动工，其余21座完工: what remains besides those."""
    before, table = amount.before.rstrip(), wording()
    if before.endswith(("还有", "另有", "另外")) and table.has("under_way", amount.after[:6]):
        return True  # 还有三座在做围堰
    others = before.endswith(("其余", "其他", "其它", "另外", "另有", "剩余", "剩下", "余下"))
    return others and table.has("done_to", amount.after[:12]) and not _LATER.search(amount.after[:12])


def _bare(amount: Amount) -> bool:
    """竣工9, 在建8; 诉求数是314: a whole number without a unit that can only be a count."""
    ends = not amount.after.strip() or amount.after[0] in " ,;。、()"
    return ends and amount.value % 1 == 0 and wording().has("counts_bare", amount.before.rstrip())


def _only_near(amount: Amount) -> bool:
    """不足五成, 80%以上: a bound, and no number of its own."""
    behind = ("bound_behind", "and_some")
    return wording().has("short_of", amount.before[-5:]) or wording().has(behind, amount.after[:4])


def _next_to(other: Amount, amount: Amount) -> bool:
    """新改建28公里,完成率57.5%: the rate of what was just counted."""
    return not other.share and amount.clause - other.clause <= 2


def _subject(amount: Amount) -> str:
    """The words a share is said of; those before “从81%” when it was raised from there,
    or before what it should be instead (合格率93%应为92.3%; 合格率写错，93%改成92.3%)."""
    if not wording().has("raised", amount.before):
        return amount.before
    if wording().has("mistaken", amount.above):
        return wording().without("mistaken", amount.above)
    if amount.before == amount.lead:
        return amount.before
    if _SINCE.search(amount.lead):
        return _SINCE.split(amount.lead)[0]
    since = _OLD_NUMBER.sub("", amount.lead[: len(amount.lead) - len(amount.before)])
    return _ROSE_BY.sub("", since)


def _named(amount: Amount) -> bool:
    """Whether words besides those of progress stand before it: it is the share of a part."""
    return bool(wording().without("share_filler", amount.before).strip())


def _labelled(amount: Amount) -> bool:
    """资产移交：完成70%: a colon stands between the part and its share."""
    label = amount.lead[: len(amount.lead) - len(amount.before)]
    return label.endswith(":") and bool(wording().without("share_filler", label).strip())


def _done(before: str) -> bool:
    return wording().has("done", before)


def _role(amount: Amount, told: Sequence[tuple[Amount, str]], title: str) -> str:
    """point: the percentage of the point; part: progress of something named; quantity: anything else."""
    if not amount.share:
        return "quantity"
    table = wording()
    if (
        told
        and not amount.before.strip("、和与,")
        and told[-1][0].share
        and told[-1][0].clause == amount.clause
    ):
        return told[-1][1]
    if told and not told[-1][0].share and amount.before.strip() in ("", "(") and amount.lead.endswith("("):
        return "quantity"  # 销号30条（83.3%）
    before = _subject(amount)
    if table.has("overall", before):
        if table.has("of_its_aim", before) and _named(amount):
            return "named"
        if amount.value > 100 and told and _next_to(told[-1][0], amount):
            return "quantity"  # 植树21.6万株，为任务的108%
        return "vague" if _only_near(amount) else "point"
    if table.has("completion", before) and not table.without("share_filler", before).strip():
        if _labelled(amount):
            return "named"
        if _only_near(amount):
            return "vague"
        counted = told and ":" not in before and _next_to(told[-1][0], amount)
        return "quantity" if counted and not table.has("degree", before) else "point"
    if table.has("rate", before) or table.has("share_of", amount.after[:6]):
        return "quantity"
    if _only_near(amount):
        return "vague"
    rest = table.without("share_filler", before).strip()
    if not rest or rest in title:
        return "point"
    if table.has("names_it", amount.lead) and table.has("progress_of", before):
        return "part"
    if not table.has("progress_at", before):
        behind = bool(told) and told[-1][0].clause == amount.clause
        return "point" if of_the_point(amount, behind) else "quantity"
    return "part" if _OURSELVES.search(rest) else "named"


def _after_number(before: str) -> str:
    """25放权12项: the number in front names the point; 15分钟服务圈 is a name of its own."""
    number = _LEADING.match(before)
    named = number and wording().pattern("glued_to_point").match(before, number.end())
    return before[number.end() :] if number and named else before


_SHORT = frozenset("桥路渠井树灯厕池塘坝闸")  # things named by one character: 桥5座安防20公里


def _what(amount: Amount) -> str:
    """A short name: the words before it without verbs of being, else the thing counted behind it."""
    table = wording()
    name = table.without("name_filler", _POINT.sub("", _after_number(amount.before))).strip(_EDGES)
    if (len(name) >= 2 and not name.isdigit()) or name in _SHORT:
        return name[-16:]
    behind = table.without("name_filler", amount.after).strip(_EDGES)
    lead = table.without("name_filler", _POINT.sub("", amount.lead)).strip(_EDGES)[-12:]
    if not (behind or name) and table.has("mistaken", amount.above):
        return table.without("mistaken", amount.above).strip(_EDGES)[-12:]
    return behind[:12] or name or ("" if lead.isdigit() else lead)
