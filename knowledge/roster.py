"""人员表.xlsx (people.xlsx), in and out: who answers for which unit, as the office keeps it.

`bqw people import` reads it, `bqw people export` writes it. Reading applies nothing by itself and returns
rows only when every row is good; otherwise each wrong cell is named by row and column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO

from knowledge.units import Area, Directory
from knowledge.width import fold, narrow
from knowledge.workbook import Column, Layout, Row, explain, offer, rows_of, saved, table
from knowledge.workbook import SheetError as SheetError
from storage.person import ROLE_NAMES, PersonRow, Role

_LAYOUT = Layout(
    "人员表",
    (
        Column(
            "userid", "账号（userid）", 22, ("userid", "企业微信账号", "政务微信账号", "成员账号", "用户id")
        ),
        Column("name", "姓名", 12, ("联络员姓名", "名字")),
        Column("role", "角色", 12, ("身份", "类别", "人员类别")),
        Column("unit", "单位", 26, ("单位名称", "所在单位", "工作单位", "部门", "所在部门")),
        Column("post", "职务", 22, ("职位", "职务职级", "岗位")),
        Column("mobile", "手机", 18, ("手机号", "手机号码", "联系电话", "电话", "移动电话")),
    ),
    needed=("userid", "name", "role", "unit"),
    most_rows=50_000,
    most_bytes=40_000_000,
)
_ROLES: Mapping[str, Role] = {
    **{name: role for role, name in ROLE_NAMES.items()},
    **dict.fromkeys(("联络人", "报送员", "填报人", "liaison"), "liaison"),
    **dict.fromkeys(("单位领导", "领导", "市领导", "挂钩市领导", "leader"), "leader"),
    **dict.fromkeys(("办公室管理员", "admin"), "admin"),
    **dict.fromkeys(("工作人员", "official"), "official"),
    **dict.fromkeys(("企业联系人", "企业代表", "enterprise"), "enterprise"),
}
_CHOICES = ("联络员", "分管领导", "市领导", "管理员", "干部", "企业")
_CITY_LEADERS = ("市领导", "挂钩市领导")
_WITHOUT_UNIT = ("admin",)  # besides the city's leaders, whose unit is not looked at
_USERID = re.compile(r"[a-z0-9][a-z0-9_.@-]{0,63}")
_MOBILE = re.compile(r"1[3-9]\d{9}|0\d{9,11}|\d{7,8}")  # a mobile, or an office telephone
_COUNTY_OFFICES = re.compile(
    r"(?:委|政府)?[“\"]?(?:百县千镇万村(?:高质量发展工程)?|百千万(?:工程)?)?[”\"]?(?:指挥部办公室|指挥部|指挥办|办公室|办)$"
)
_LONGEST = {"name": 64, "unit": 64, "post": 64}
_HOW_TO = (
    "一行写一个人的一个身份。账号是企业微信通讯录里的“账号”（userid），不是姓名或手机号，不分大小写。",
    f"角色写其中之一：{'、'.join(_CHOICES)}。每个单位只能有一名联络员；换人时写上新的联络员再导入，原来的自动停用。",
    "单位写简称或全称；县（区）指挥办的联络员写县（区）名，如“潮安区”。市领导、管理员可以不写单位；企业写企业名称。",
    "手机可以不填。有一格不对就全部不导入，并逐格指出。",
)


# --- out ------------------------------------------------------------------------------------------


def write(people: Iterable[PersonRow], directory: Directory) -> bytes:
    """The roster in protocol order; without anybody, a sheet to fill in."""
    rows = sorted(people, key=lambda row: (directory.order_of(row.unit), row.unit, _LAST.index(row.role)))
    book = table(_LAYOUT, ((p.userid, p.name, _said(p), p.unit, p.post, p.mobile) for p in rows))
    offer(book[_LAYOUT.name], f"C2:C{max(len(rows) + 1, 500)}", _CHOICES)
    explain(book, _HOW_TO)
    return saved(book)


_LAST: tuple[Role, ...] = ("admin", "leader", "liaison", "official", "enterprise")


def _said(row: PersonRow) -> str:
    return "市领导" if row.role == "leader" and not row.unit else ROLE_NAMES[row.role]


# --- in -------------------------------------------------------------------------------------------


def read(data: bytes, directory: Directory) -> tuple[PersonRow, ...]:
    """Every row of the sheet. Raises SheetError with all problems, and then returns nothing."""
    reader = _Reader(directory, data)
    found = [person for row in rows_of(data, _LAYOUT) if (person := reader.read(row))]
    if not found and not reader.problems:
        reader.problems.append("表里没有填好的行（每行要有账号、姓名、角色和单位）")
    if reader.problems:
        raise SheetError(reader.problems)
    return tuple(found)


@dataclass
class _Reader:
    """Reads row after row and remembers what was wrong and what was there before."""

    directory: Directory
    data: bytes
    problems: list[str] = field(default_factory=list)
    places: dict[tuple[str, str, str], tuple[int, str]] = field(default_factory=dict)
    names: dict[str, tuple[str, int]] = field(default_factory=dict)
    units: dict[str, tuple[str, str]] = field(default_factory=dict)
    row: Row = field(default_factory=lambda: Row(0, {}))
    formulas: frozenset[tuple[int, str]] | None = None  # (row, column) of the cells that hold one

    def read(self, row: Row) -> PersonRow | None:
        self.row = row
        before = len(self.problems)
        userid = self._userid()
        name = self._text("name", required=True)
        role = self._role()
        found = PersonRow(userid, name, role, self._unit(role), self._text("post"), self._mobile())
        if len(self.problems) == before:
            self._place(found)
        if userid and 0 < len(name) <= _LONGEST["name"]:  # whatever else is wrong with the row
            self._same_name(found)
        return found if len(self.problems) == before else None

    def _problem(self, key: str, what: str) -> None:
        self.problems.append(f"第{self.row.number}行“{_LAYOUT.called(key)}”：{what}")

    def _text(self, key: str, *, required: bool = False) -> str:
        text = " ".join(self.row.text(key).split())
        if not text and required:
            self._problem(key, self._why_empty(key))
        if len(text) > _LONGEST[key]:
            self._problem(key, f"有{len(text)}个字，最多{_LONGEST[key]}个")
        return text

    def _why_empty(self, key: str) -> str:
        """Nothing stands there, or a formula whose result was never saved with the file."""
        if self.formulas is None:  # looked for once, and only when something is wrong
            self.formulas = _formulas(self.data)
        if (self.row.number, key) in self.formulas:
            return "这一格是公式，文件里没有存下结果，请复制后“粘贴为数值”再导入"
        return f"没有填{'账号' if key == 'userid' else _LAYOUT.called(key)}"

    def _userid(self) -> str:
        written = self._digits("userid")
        userid = fold(written)
        if not written:
            self._problem("userid", self._why_empty("userid"))
        elif not _USERID.fullmatch(userid):
            self._problem("userid", f"“{written}”不是账号，账号由字母、数字和 _ - . @ 组成")
        return userid

    def _mobile(self) -> str:
        written = self._digits("mobile")
        mobile = re.sub(r"^(?:\+|00)86|[\s()-]", "", narrow(written))
        if mobile and not _MOBILE.fullmatch(mobile):
            self._problem("mobile", f"“{written}”不是手机号码")
        return mobile

    def _digits(self, key: str) -> str:
        """As typed; Excel keeps long digits as a number, 13800138000 as 13800138000.0."""
        value = self.row.cells.get(key)
        if isinstance(value, float) and value.is_integer() and value < 1e15:
            return str(int(value))
        return self.row.text(key)

    def _role(self) -> Role:
        written = self.row.text("role")
        role = _ROLES.get(fold(written))
        if role is None:
            what = f"“{written}”应改为" if written else "没有填角色，应写"
            self._problem("role", f"{what}{'、'.join(_CHOICES)}之一")
        return role or "official"

    def _unit(self, role: Role) -> str:
        if fold(self.row.text("role")) in _CITY_LEADERS:
            return ""
        written = self._text("unit", required=role not in _WITHOUT_UNIT)
        if role == "enterprise" or not written:
            return written
        if written not in self.units:
            self.units[written] = _unit_called(written, self.directory)
        short, why_not = self.units[written]
        if why_not:
            self._problem("unit", why_not)
        return short

    def _place(self, found: PersonRow) -> None:
        """With the rows above: one liaison a unit, one row a role."""
        number = self.row.number
        earlier, holder = self.places.setdefault(found.place, (number, found.userid))
        if holder != found.userid:
            self._problem("unit", f"第{earlier}行已有“{found.unit}”的联络员“{holder}”，一个单位只能有一名")
        elif earlier != number:
            self._problem("userid", f"与第{earlier}行重复（同一账号、同一角色、同一单位）")

    def _same_name(self, found: PersonRow) -> None:
        """With the rows above: one name a userid."""
        name, named_in = self.names.setdefault(found.userid, (found.name, self.row.number))
        if name != found.name:
            self._problem("name", f"第{named_in}行的同一账号“{found.userid}”，姓名写的是“{name}”")


def _formulas(data: bytes) -> frozenset[tuple[int, str]]:
    """Where formulas stand: the sheet is read once more, each formula as the text it was written as."""
    from openpyxl import load_workbook

    book = load_workbook(BytesIO(data))
    for sheet in book.worksheets:
        for row in sheet.iter_rows(max_col=60):
            for cell in row:
                if cell.data_type == "f":
                    cell.value = "=?"
                    cell.data_type = "s"
    rows = rows_of(saved(book), _LAYOUT)
    return frozenset((row.number, key) for row in rows for key, value in row.cells.items() if value == "=?")


def _unit_called(written: str, directory: Directory) -> tuple[str, str]:
    """A unit or a county, or why it is none; a county's own headquarters office speaks for the county."""
    if found := directory.unit(written):
        return found.short, ""
    county = directory.unit(_COUNTY_OFFICES.sub("", fold(written)))
    if isinstance(county, Area) and county.county_level:
        return county.short, ""
    return "", directory.why_unknown(written)
