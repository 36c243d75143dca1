"""Who the liaisons are, in chat: the whole list, and the units that have none; admins only."""

from __future__ import annotations

import re
from collections.abc import Sequence

from handlers.context import Context, folded, only_admins
from storage import people
from storage.message import Message, Reply, Text
from supervision.liaisons import units_without

_LIST = re.compile(
    r"(?:看一?下|查一?下)?(?:全部|所有|各单位|各单位的|现在的?)*联络员(?:的)?(?:名单|名册|清单|有哪些|有谁|都有谁|情况)"
)
_WITHOUT = re.compile(
    r"(?:还有)?(?:哪些|哪几个|什么)?单位(?:现在)?(?:还)?(?:没有?|未)(?:绑定|登记)?(?:过)?联络员(?:的)?(?:有哪些)?"
    r"|(?:还)?(?:没有?|未)(?:绑定|登记)?联络员的(?:单位)?(?:有哪些)?|(?:哪些|谁)(?:单位)?(?:还)?(?:没|未)绑定"
)
_HOW = "绑定请回复：绑定 账号 姓名 市水务局联络员；人多的请用 bqw people import 导入人员表。"
_SHOWN = 40


async def listed(message: Message, ctx: Context) -> Reply | None:
    """“联络员名单”, “哪些单位没有联络员”."""
    said = folded(message, "。?")
    if not (_LIST.fullmatch(said) or _WITHOUT.fullmatch(said)):
        return None
    only_admins(ctx, "联络员名单由市百千万办管理员查看")
    everybody = await people.everybody(ctx.conn)
    without = units_without(everybody, ctx.knows.book)
    missing = f"还没有联络员的牵头单位{len(without)}个：{_short(without, '、')}。"
    missing = missing if without else "牵头单位都有联络员。"
    liaisons = [one for one in everybody if one.role == "liaison"]
    if _WITHOUT.fullmatch(said) or not liaisons:
        return Text(f"{missing}\n{_HOW}")
    order = ctx.knows.book.directory.order_of
    liaisons.sort(key=lambda one: order(one.unit))
    rows = [f"{one.unit}：{one.name}（{one.userid}）" for one in liaisons]
    return Text("\n".join([f"联络员共{len(rows)}名：", _short(rows, "\n"), missing]))


def _short(rows: Sequence[str], between: str) -> str:
    more = f"{between}……等{len(rows)}个" if len(rows) > _SHOWN else ""
    return between.join(rows[:_SHOWN]) + more
