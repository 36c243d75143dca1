"""Who lives in the demo: people of each role, their departments and groups, the app's menu.

The names are invented. `bqw demo` hands in the unit names it knows; without them a few of the city's own
stand in. Nothing here changes while the simulator runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from simulator.clock import SHANGHAI

START = datetime(2024, 7, 15, 9, 0, tzinfo=SHANGHAI)  # a Monday inside the notice's year
UNITS = (
    "市百千万办", "市政府办公室", "市农业农村局", "市水务局", "市交通运输局", "市商务局", "市供销社",
    "潮安区", "饶平县", "湘桥区",
)  # fmt: skip
ROLES = {
    "official": "干部", "liaison": "联络员", "leader": "市领导", "admin": "管理员", "enterprise": "企业",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Department:
    id: int
    name: str
    parent: int
    order: int


@dataclass(frozen=True, slots=True)
class Person:
    """`examples` are the questions the page offers as chips."""

    userid: str
    name: str
    role: str
    position: str
    unit: str
    department: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A chat of several members. `chatid` is WeCom's: case counts, at most 32 characters."""

    chatid: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KfAccount:
    """An account of 微信客服; `servicers` are the members who may take over."""

    open_kfid: str
    name: str
    servicers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who has WeChat alone. Case counts in his external userid."""

    external_userid: str
    name: str
    firm: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One entry of the app's menu bar; `key` comes to the bot as a click."""

    label: str
    key: str


@dataclass(frozen=True, slots=True)
class World:
    app_name: str
    start: datetime
    departments: tuple[Department, ...]
    people: tuple[Person, ...]
    groups: tuple[Group, ...]
    menu: tuple[MenuEntry, ...]
    kf: tuple[KfAccount, ...] = ()
    customers: tuple[Customer, ...] = ()

    def customer(self, external_userid: str) -> Customer | None:
        return next((one for one in self.customers if one.external_userid == external_userid), None)

    def person(self, userid: str) -> Person | None:
        """WeCom compares userids without regard to case."""
        wanted = userid.lower()
        return next((person for person in self.people if person.userid.lower() == wanted), None)

    def members(self, department: int) -> tuple[Person, ...]:
        return tuple(person for person in self.people if person.department == department)


# userid, name, role, position, unit, examples
_CAST: tuple[tuple[str, str, str, str, str, tuple[str, ...]], ...] = (
    ("linxiao", "林晓", "official", "凤凰镇党政办干部", "潮安区",
     ("冷链哪个单位牵头？", "第17条讲什么", "今年要新增多少库容", "which unit leads cold chain?")),
    ("chenjing", "陈静", "liaison", "市供销社联络员", "市供销社",
     ("我的任务", "冷库今年要建多少", "市供销社负责哪些？")),
    ("huangwei", "黄伟", "liaison", "市交通运输局联络员", "市交通运输局",
     ("我的任务", "农村公路要改造多少公里", "①25.6 ②5，有1座待管线迁改")),
    ("zhengyun", "郑云", "liaison", "潮安区指挥办联络员", "潮安区",
     ("我的任务", "潮安区要上多少个重点项目", "报案例 示范街先议后建。沿街商户先议定立面标准，再统一设计")),
    ("zhoumin", "周敏", "leader", "副市长", "市政府办公室",
     ("第17项怎么样了", "红黄灯", "需协调的有哪些")),
    ("wanglei", "王磊", "admin", "市百千万办科长", "市百千万办",
     ("开月报 放行17", "报送情况", "没答上的问题")),
    ("sumingzhu", "苏明珠", "enterprise", "陶瓷厂负责人", "企业联络群",
     ("陶瓷产业有什么支持政策？", "餐具炊具专利找谁", "企业贷款难找哪个部门")),
)  # fmt: skip

# Internal groups all: the firm's person has an account here. A real 政企微信群, with people who only have
# WeChat, is an external group, and no bot of any kind can read along there.
_GROUPS = (
    Group("wr-office", "市百千万办工作群", ("wanglei", "zhoumin", "chenjing", "huangwei", "zhengyun")),
    Group("wr-chaoan", "潮安区百千万工作群", ("zhengyun", "linxiao", "wanglei")),
    Group("wr-firms", "政企微信群",
          ("wanglei", "sumingzhu", "zhoumin", "chenjing", "huangwei", "zhengyun")),
)  # fmt: skip

_KF = (KfAccount("wkDemoFirms000000000000000001", "潮州百千万·企业服务", ("wanglei",)),)
_CUSTOMERS = (
    Customer("wmDemoWuLi0000000000000000001", "吴丽", "瓷美陶瓷有限公司",
             ("冷链有什么支持？", "陶瓷产业要怎么发展", "转人工")),
    Customer("wmDemoChenHai00000000000000002", "陈海", "海湾水产合作社",
             ("冷库今年要建多少", "水产养殖归哪个单位管", "转人工")),
)  # fmt: skip

_MENU = (MenuEntry("我要问", "ask"), MenuEntry("我的任务", "mine"), MenuEntry("帮助", "help"))


def demo_world(
    units: Sequence[str] = UNITS,
    *,
    start: datetime = START,
    app_name: str = "百千万督办助手",
    menu: Sequence[MenuEntry] = _MENU,
) -> World:
    """The demo's people, each in the department of his unit; a unit nobody named is added at the end."""
    names = list(dict.fromkeys([*units, *(unit for *_, unit, _ in _CAST)]))
    numbers = {name: number for number, name in enumerate(names, start=2)}
    root = Department(1, "潮州市百千万工程指挥部", 0, 1)
    return World(
        app_name=app_name,
        start=start,
        departments=(root, *(Department(n, name, root.id, n) for name, n in numbers.items())),
        people=tuple(
            Person(userid, name, role, position, unit, numbers[unit], examples)
            for userid, name, role, position, unit, examples in _CAST
        ),
        groups=_GROUPS,
        menu=tuple(menu),
        kf=_KF,
        customers=_CUSTOMERS,
    )
