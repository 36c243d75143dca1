"""Tables pasted from a spreadsheet, rewritten row by row as the forms people fill in.

Each row becomes “第17项 / 进度:70% / 状态:正常”, which `knowledge/reply.py` reads like any message.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.wording import wording

ROWS, CELLS = 60, 20
_POINT = re.compile(r"(?:第|要点)?\s*(\d{1,2})\s*(?:项|点|条)?\.?")
_NAME = re.compile(r"项目|指标|任务|事项|名称|内容")
_REACHED = re.compile(r"累计|完成(?!率|时限|比例)|实际|本期|目前|现状")
_SO_FAR = re.compile(r"累计|合计")
_UNIT_BEHIND = re.compile(r"[(（]([\u4e00-\u9fff㎡%]{1,4})[)）]$")
_PAIR = re.compile(
    r"(?P<point>\d{1,2})(?P<by>[/:：=])(?P<share>\d{1,3}(?:\.\d)?)%?"
    r"(?:[(（]上月\d{1,3}%?[)）])?(?P<rest>[\u4e00-\u9fff]{0,8})[,，;；。]?"
)
LAST = 99  # of no notice the points are more
_NO_GOOD = re.compile(r"[没未缺卡难]|不(?!断|少|错)")
_THIS_MONTH = re.compile(r"(?:本|这个?|当)[月期周]|目前|现在|累计")
_SHARE = re.compile(r"\d{1,3}(?:\.\d+)?%")
_MEASURE = re.compile(r"^单位$|计量单位")
_LABELS = ("point", "percent", "status", "difficulty", "help", "next", "due", "progress")


def forms(text: str, prompted: int | None = None) -> list[str]:
    """One form per row, empty when the text holds no table; in an answer about one point rows numbered
    1 2 3 are its writer's own list."""
    if prompted is None and (pairs := _pairs(text)):
        return pairs
    rows = _rows([line for line in text.splitlines() if line.strip()][: ROWS * 2])
    if not rows or (prompted is not None and _counted_up(rows)):
        return []
    header = _with_shares(_header(rows[0]), rows)
    made = [_form(row, header) for row in (rows[1:] if header else rows)]
    return [form for form in made if form]


def _pairs(text: str) -> list[str]:
    """14/71 15/66, 14:74(上月71): points and their shares, and nothing else."""
    told = [_PAIR.fullmatch(part) for part in text.split()]
    pairs = [m for m in told if m and int(m["point"]) <= LAST and float(m["share"]) <= 100]
    points = {m["point"] for m in pairs}
    clocks = all(m["by"] in ":：" and float(m["share"]) < 60 for m in pairs)  # 9:30 10:15
    if not 1 < len(told) == len(pairs) == len(points) <= ROWS or clocks:
        return []
    return [f"第{m['point']}项\n总进度:{m['share']}%\n{m['rest']}" for m in pairs]


def _counted_up(rows: Sequence[Sequence[str]]) -> bool:
    """1 2 3 4 in the first column, below a header or not."""
    numbers = [m[1] for row in rows if (m := _POINT.fullmatch(row[0]))]
    return len(numbers) > 1 and numbers == [str(n) for n in range(1, len(numbers) + 1)]


def named(text: str, *, of_one: bool = False) -> str:
    """A table of names and numbers without points' numbers (项目 目标 累计), as a line each: 公路30.

    `of_one`: all of it is about one point, so a number without a unit is how many there are: 公路数30.
    """
    lines = [line for line in text.splitlines() if line.strip()][: ROWS * 2]
    rows = _rows(lines) or _in_columns(lines)
    header = rows[0] if rows else []
    if any(char.isdigit() for cell in header for char in cell):
        return ""
    value = _column(header, _SO_FAR, _column(header, _REACHED, -1))
    name, unit = _column(header, _NAME, 0), _column(header, _MEASURE, -1)
    if value < 0 or any(wording().has("column_point", cell) for cell in header):
        return ""
    told = [row for row in rows[1:] if len(row) > max(name, value, unit) and row[value][:1].isdigit()]
    if unit < 0:
        told = [_with_unit(row, name, value) for row in told]
    joint = "数" if of_one and unit < 0 else ""
    return "\n".join(
        row[name] + (joint if row[value].isdigit() else "") + row[value] + (row[unit] if unit >= 0 else "")
        for row in told
    )


def _in_columns(lines: Sequence[str]) -> list[list[str]]:
    """指标 目标 完成 over lines of just as many words: a table whose tabs were lost."""
    rows = [line.split() for line in lines[:ROWS]] if len(lines) > 1 else []
    even = len(rows) > 1 and len(rows[0]) > 2 and {len(row) for row in rows} == {len(rows[0])}
    headed = even and _NAME.search(rows[0][0]) and any(_REACHED.fullmatch(cell[:2]) for cell in rows[0][1:])
    return [_cells(row) for row in rows] if headed else []


def _with_unit(row: Sequence[str], name: int, value: int) -> list[str]:
    """林分优化（万亩） | 5.0: the unit stands behind the name."""
    found = _UNIT_BEHIND.search(row[name])
    if found is None or not row[value][-1:].isdigit():
        return list(row)
    changed = list(row)
    changed[name], changed[value] = row[name][: found.start()], row[value] + found[1]
    return changed


def _column(header: Sequence[str], sign: re.Pattern[str], default: int) -> int:
    return next((at for at, cell in enumerate(header) if sign.search(cell)), default)


def _rows(lines: Sequence[str]) -> list[list[str]]:
    """The cells of a table: cut at tabs, at bars, or at blanks where every line begins with a number."""
    if len(lines) < 2 and "\t" not in "".join(lines):
        return []
    tabbed = [line for line in lines if "\t" in line][:ROWS]
    if len(tabbed) >= 2 or (tabbed and _POINT.fullmatch(tabbed[0].split("\t")[0].strip())):
        return [_cells(line.split("\t")) for line in tabbed]
    barred = [line for line in lines if line.count("|") + line.count("｜") >= 2][:ROWS]
    if len(barred) >= 2:
        return [_cells(re.split(r"[|｜]", line.strip("|｜ "))) for line in barred]
    spaced = [line.split() for line in lines[:ROWS]]
    plain = all(len(cells) >= 3 and max(map(len, cells)) <= 12 for cells in spaced)
    numbered = sum(bool(_POINT.fullmatch(cells[0])) for cells in spaced) if plain else 0
    return [_cells(cells) for cells in spaced] if numbered >= 2 and numbered >= len(lines) - 1 else []


def _cells(cells: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in cells[:CELLS]]


def _header(row: Sequence[str]) -> list[str]:
    """The meaning of each column, "" for those that report nothing; [] when it is no header."""
    if any(char.isdigit() for cell in row for char in cell):
        return []
    table = wording()
    found = [next((n for n in _LABELS if table.has(f"column_{n}", cell)), "") for cell in row]
    return found if any(found) else []


def _with_shares(header: list[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """本月 | 上月 above nothing but shares: this month's is how far the point is."""
    if not header or "percent" in header:
        return header
    for at, cell in enumerate(rows[0]):
        told = [row[at] for row in rows[1:] if len(row) > at and row[at]]
        if _THIS_MONTH.fullmatch(cell) and told and all(map(_SHARE.fullmatch, told)):
            return [*header[:at], "percent", *header[at + 1 :]]
    return header


def _form(row: Sequence[str], header: Sequence[str]) -> str:
    columns = header or ["point", *["progress"] * (len(row) - 1)]
    named = (m[1] for cell in row if cell.startswith(("第", "要点")) and (m := _POINT.fullmatch(cell)))
    point = next(named, "") or next((m[1] for cell in row if (m := _POINT.fullmatch(cell))), "")
    if not point:
        return ""
    parts = [f"第{point}项"]
    for name, cell in zip(columns, row, strict=False):
        if name in ("", "point") or not cell or wording().has("nothing", cell):
            continue
        done = name == "due" and cell.endswith("完成")
        done = done or (name == "percent" and not any(map(str.isdigit, cell)))
        parts.append(_TOLD["status" if done else _troubling(name, cell, row, columns)] + cell)
    return "\n".join(parts)


def _troubling(name: str, cell: str, row: Sequence[str], columns: Sequence[str]) -> str:
    """14 | 49% | 滞后 | 老城片区拆架慢: a remark without numbers says why, beside 滞后 or if bad news."""
    if name != "progress" or "difficulty" in columns or any(map(str.isdigit, cell)):
        return name
    table = wording()
    status = next((said for column, said in zip(columns, row, strict=False) if column == "status"), "")
    if table.has(("behind", "ahead", "on_track", "not_started", "no_trouble", "nothing_new"), cell):
        return name
    return "difficulty" if _NO_GOOD.search(cell) or table.has("behind", status) else name


_TOLD = {
    "percent": "总进度:",
    "status": "状态:",
    "difficulty": "困难:",
    "help": "需协调:",
    "next": "下一步:",
    "due": "完成时限:",
    "progress": "",
}
