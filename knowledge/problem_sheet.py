"""诉求台账.xlsx: a row per problem, and the figures beside it, laid out for the office's own shelves.

`bqw export` writes it from plain values; nothing is computed here, and no telephone number is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from knowledge.workbook import Column, Layout, explain, saved, table

COLUMNS = (
    ("number", "编号", 9),
    ("received", "收件时间", 13),
    ("channel", "来源", 12),
    ("firm", "反映单位", 22),
    ("contact", "联系人", 16),
    ("county", "县（区）", 9),
    ("place", "地点", 14),
    ("text", "诉求", 48),
    ("points", "涉及要点", 9),
    ("kind", "分类", 12),
    ("urgent", "紧急", 6),
    ("lead", "主办单位", 16),
    ("helpers", "协办单位", 20),
    ("state", "状态", 14),
    ("assigned", "分办", 12),
    ("accepted", "接办", 12),
    ("contacted", "联系企业", 12),
    ("due", "办结时限", 12),
    ("answered", "答复", 12),
    ("late", "是否超期", 9),
    ("ending", "结果", 20),
    ("answer", "答复内容", 40),
    ("follow", "下次答复", 12),
    ("rating", "企业评价", 10),
    ("why", "评价原因", 24),
    ("level", "重办次数", 9),
    ("closed", "办结", 12),
)
LAYOUT = Layout(
    name="诉求台账",
    columns=tuple(Column(key, title, width=width) for key, title, width in COLUMNS),
    needed=("number", "text"),
)


def write(rows: Iterable[Sequence[int | str]], figures: Iterable[str]) -> bytes:
    """The rows in the order of `COLUMNS`; the figures on a sheet of their own, with when they were taken."""
    book = table(LAYOUT, rows)
    explain(book, figures)
    book["填写说明"].title = "统计"
    return saved(book)
