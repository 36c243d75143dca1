"""Which counts are what other counts are part of, and which say the same again: no progress of their own.

37个，已整改29个; 20个农业产业园已提升12个; 1800吨，折合0.18万吨. `knowledge/figures.py` leaves them out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.amounts import Amount
from knowledge.wording import wording

_DONE_TO_SOME = re.compile(r"[^、和与及了]{0,10}(?:了|掉|完|好|成|过|的有)$")
_SUCH_AS = re.compile(r"^[^、]{0,8}了[^、]{0,4}的(?:有)?$")  # 合作20个镇，签了框架的17个
_MAY_BE_PAST = re.compile("[月上年前原昨去]")
_HAS = re.compile(r"^[^,]{1,8}(?<![没还另])有$")
_OF_THEM = re.compile(r"[^,\d、]{1,5}(?<![新在])的")
_BACK_THEN = re.compile(r"[^,\d]{2,5}(?:才|只有?|还只?|仅|刚)(?:是|有|到|为)?")
_SIZED = re.compile(r"(?:级|的|以上)*(?:[\u4e00-\u9fff]{0,4}(?:企业|村|镇|社|户))?(?:有|已有|达|培育)?")


def said_twice(amounts: Sequence[Amount], at: int) -> bool:
    """1800吨,折合0.18万吨; 动工15个(共18个): the same again, or what it is part of."""
    amount, table = amounts[at], wording()
    if at == 0 or amounts[at - 1].unit[-1:] != amount.unit[-1:]:
        return False
    if table.has("same_again", amount.before[-5:]):
        return True
    last = amounts[at - 1].before
    each = table.has(("each", "more_of_it", "grew_by"), last) or last.endswith("各")
    return (
        amounts[at - 1].value < amount.value
        and not each
        and amount.before.strip() in ("共", "总共", "一共", "总数", "总量")
    )


def total(amounts: Sequence[Amount], at: int) -> bool:
    """37个,已整改29个: the first is how many there are, when nothing was done to it."""
    amount, table = amounts[at], wording()
    if amount.share:
        return False
    if table.has("each", amount.before) and at + 1 < len(amounts):
        return True
    if amount.before.endswith("各") and at + 1 < len(amounts) and table.has("sum_of", amounts[at + 1].before):
        return True
    if at and _beside(amounts[at - 1], amount):
        return True
    follower = amounts[at + 1] if at + 1 < len(amounts) else None
    if follower and follower.before == amount.after and _is_range(amount, follower):
        return True
    if follower and _outgrown(amount, follower):
        return True
    said = amount.before if len(amount.before.strip()) > 1 else amount.lead  # 在建不是7个是9个
    if table.has("counts_itself", said) or table.has("done_to", amount.after[:16]):
        return False
    for other in amounts[at + 1 : at + 3]:
        near = other.clause - amount.clause <= 1 and other.unit[:1] == amount.unit[:1]
        if near and other.value <= amount.value and (_of_the_same(other) or _SUCH_AS.search(other.before)):
            return True
        if near and not other.share:
            return False  # 团队512个，项目23个已完成14个: the nearest one is what the next is of
    return False


def _is_range(amount: Amount, follower: Amount) -> bool:
    """20个农业产业园已提升12个; 2条示范街中的1条; 1条完成外立面70%: what the next number is said of."""
    table = wording()
    if follower.share:
        if amount.after == "的" and follower.clause == amount.clause:
            return True  # 占计划1500亩的七成七
        same = follower.clause == amount.clause and not wording().has("done", amount.before)
        heads = not amount.before.strip() and amount.after.endswith("率")  # 26个项目开工率73%
        return same and (heads or table.has("own_progress", amount.after))
    if _a_size(amount, follower) or _among_places(amount, follower):
        return True
    if table.has("out_of", amount.after) and follower.value <= amount.value:
        return True
    return not table.has("counts_itself", amount.before) and _smaller_part(amount, follower)


def _outgrown(amount: Amount, follower: Amount) -> bool:
    """已超600户，达到632户; 其中1个已建成网箱24口: a mark that was passed, and what the next number is of."""
    same = follower.unit == amount.unit and follower.value >= amount.value
    if same and amount.before.endswith(("超", "超过", "突破")) and follower.before.strip().startswith("达"):
        return True
    of_it = follower.clause == amount.clause and amount.value == 1 and not follower.share
    return of_it and amount.before.endswith("其中") and wording().has("done_to", amount.after[:16])


def _a_size(amount: Amount, follower: Amount) -> bool:
    """1亿元企业11家, 5亿的1家: how large they are that are counted."""
    money = amount.unit[:1] in ("亿", "万") and amount.unit in ("亿", "亿元", "万元")
    same = follower.clause == amount.clause and not follower.share and follower.unit[-1:] in ("家", "个")
    return money and same and bool(_SIZED.fullmatch(amount.after))


def _among_places(amount: Amount, follower: Amount) -> bool:
    """51个镇街已配46架: where they are that are counted."""
    places = amount.unit.lstrip("个") in ("镇", "街", "镇街", "村", "县", "区", "社区", "行政村")
    if not places or follower.clause != amount.clause:
        return False
    heads = not amount.before.strip() and follower.unit != amount.unit and wording().has("done", amount.after)
    return heads or amount.after.startswith(("已", "共", "一共"))


def older(amounts: Sequence[Amount], at: int) -> bool:
    """七月末22.6公里, 八月末29.8公里; 目前七成, 上月六成五: the same thing is told as it stands later, or
    beside what it should be."""
    table, amount = wording(), amounts[at]
    if amount.share and "序时" in amount.before and table.has("on_schedule", amount.before):
        behind = amounts[at + 1 : at + 2]  # 序时进度75%，我们69%
        return any(other.share and table.has(("now", "ourselves"), other.before) for other in behind)
    if len(amounts) < 2 or not _MAY_BE_PAST.search(amount.before):
        return False
    if not table.has("before_now", amount.before):
        return False
    month = table.has("of_a_month", amount.before)
    for place, other in enumerate(amounts):
        if place == at or other.unit != amount.unit:
            continue
        if place > at and month and table.has("of_a_month", other.before):
            return True
        if place == at - 1 and other.value > amount.value and _BACK_THEN.fullmatch(amount.before):
            return True  # 上到86.4%了，年初才84.1%
        if table.has("now", other.before) and not table.has("more_of_it", other.before):
            return True
    return False


def _beside(last: Amount, amount: Amount) -> bool:
    """436户/600户, 436户(600户): what it should become stands right behind."""
    near = amount.before.strip() in ("/", "(", "") and amount.lead.rstrip().endswith(("/", "("))
    return near and last.unit == amount.unit and last.clause == amount.clause and last.value <= amount.value


def _smaller_part(amount: Amount, other: Amount) -> bool:
    table, same = wording(), other.unit[:1] == amount.unit[:1] and other.value <= amount.value
    if not same or table.has("part_done", other.before + other.after[:4]):
        return same
    if other.clause != amount.clause:
        return False
    if not other.before and other.unit == amount.unit and other.start == amount.end:
        return True  # 十六镇十五镇都交了
    if other.before == amount.after and _HAS.search(amount.after) and not table.has("done", amount.before):
        return True  # 5项改革有3项出了制度
    if table.has("more_of_it", other.before):
        return False
    told_of = amount.before.endswith("的")  # 交办的7件, 安排的10座
    done = bool(_DONE_TO_SOME.search(other.before)) or (told_of and table.has("done", other.before[-4:]))
    return done and (told_of or not table.has("done", amount.before[-3:]))  # 43个党员去了39个


def _of_the_same(amount: Amount) -> bool:
    """已整改29个, 完工十三个: done words and nothing that names another thing."""
    table = wording()
    if not table.has("part_done", amount.before + amount.after[:4]):
        return False
    if _OF_THEM.fullmatch(amount.before):
        return True  # 清单68项，接得住的41项已经下放
    rest = table.without("done", amount.before)
    return not rest.strip(" ,已其中目前现均都约的了号共也在全部") or amount.before.startswith(("已", "其中"))
