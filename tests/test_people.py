"""Bindings in the database: one liaison a unit, nothing overwritten, an audit row for each change."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from bot.cli import cli
from knowledge import roster
from knowledge.book import shipped
from storage import audit, people
from storage.engine import Database
from storage.people import PersonRow
from storage.tables import people as table
from tests.conftest import MONDAY, Clock
from tests.town import Town

LI = PersonRow("LiSi", "李四", "liaison", "市水务局", "科长", "13800138000")
WANG = PersonRow("wangwu", "王五", "liaison", "市水务局")
ADMIN = PersonRow("admin1", "陈七", "admin", "")
MAYOR = PersonRow("cai", "蔡八", "leader", "")


async def test_a_new_binding_is_found_by_person_and_by_unit_whatever_the_case(database: Database) -> None:
    async with database.transaction() as conn:
        done = await people.bind(conn, [LI, ADMIN, MAYOR], by="office", now=MONDAY)
        found = await people.bindings(conn, ["LISI", "nobody"])
        liaisons = await people.liaison_of(conn, ["市水务局", "市教育局"])
        everybody = await people.everybody(conn)
    assert [change.begun.userid for change in done.new] == ["lisi", "admin1", "cai"]
    assert found.keys() == {"lisi"}
    assert [(p.name, p.unit, p.bound_by, p.bound_at) for p in found["lisi"]] == [
        ("李四", "市水务局", "office", MONDAY)
    ]
    assert {unit: person.userid for unit, person in liaisons.items()} == {"市水务局": "lisi"}
    assert [person.title for person in everybody] == ["市水务局联络员", "管理员", "市领导"]


async def test_binding_the_same_again_changes_nothing(database: Database) -> None:
    async with database.transaction() as conn:
        await people.bind(conn, [LI, ADMIN], by="office", now=MONDAY)
        again = await people.bind(conn, [LI, ADMIN], by="office", now=MONDAY)
        assert again.changes == ()
        assert [person.userid for person in again.unchanged] == ["lisi", "admin1"]
        assert len((await conn.execute(select(table))).all()) == 2
        assert len(await audit.latest(conn)) == 2


async def test_a_new_liaison_ends_the_binding_of_the_one_before(database: Database, clock: Clock) -> None:
    async with database.transaction() as conn:
        await people.bind(conn, [LI], by="office", now=clock())
    clock.step(days=1)
    async with database.transaction() as conn:
        foreseen = await people.compare(conn, [WANG])
        done = await people.bind(conn, [WANG], by="office", now=clock())
        rows = (await conn.execute(select(table).order_by(table.c.id))).all()
        entries = await audit.latest(conn)
        assert await people.bindings(conn, ["lisi"]) == {}
    assert foreseen == done
    assert [(c.begun.userid, c.ended and c.ended.userid) for c in done.replaced] == [("wangwu", "lisi")]
    assert [(r.userid, r.unbound_at, r.unbound_by) for r in rows] == [
        ("lisi", clock(), "office"),
        ("wangwu", None, ""),
    ]
    assert (entries[0].action, entries[0].subject) == ("bind", "市水务局联络员 王五（wangwu）")
    assert entries[0].detail["instead"] == "市水务局联络员 李四（lisi）"
    assert "13800138000" not in str(entries)


async def test_a_changed_post_is_a_new_binding_of_the_same_person(database: Database) -> None:
    async with database.transaction() as conn:
        await people.bind(conn, [LI], by="office", now=MONDAY)
        promoted = PersonRow("lisi", "李四", "liaison", "市水务局", "副局长", "13800138000")
        done = await people.bind(conn, [promoted], by="office", now=MONDAY)
        found = await people.bindings(conn, ["lisi"])
        assert len((await conn.execute(select(table))).all()) == 2
    assert (len(done.new), len(done.replaced), len(done.updated)) == (0, 0, 1)
    assert [person.post for person in found["lisi"]] == ["副局长"]


async def test_two_units_may_exchange_their_liaisons(database: Database) -> None:
    other = PersonRow("zhao", "赵六", "liaison", "市教育局")
    async with database.transaction() as conn:
        await people.bind(conn, [WANG, other], by="office", now=MONDAY)
        swapped = [
            PersonRow("zhao", "赵六", "liaison", "市水务局"),
            PersonRow("wangwu", "王五", "liaison", "市教育局"),
        ]
        await people.bind(conn, swapped, by="office", now=MONDAY)
        found = await people.liaison_of(conn, ["市水务局", "市教育局"])
    assert {unit: person.userid for unit, person in found.items()} == {
        "市水务局": "zhao",
        "市教育局": "wangwu",
    }


async def test_admins_binding_one_units_first_liaison_at_once_leave_one(database: Database) -> None:
    """Both found no liaison before, and the second broke the rule of one per unit."""

    async def bind(n: int) -> None:
        async with database.transaction() as conn:
            row = PersonRow(f"u{n}", f"第{n}人", "liaison", "市水务局")
            await people.bind(conn, [row], by="office", now=MONDAY)

    await asyncio.gather(*(bind(n) for n in range(6)))
    async with database.transaction() as conn:
        assert len(await people.everybody(conn)) == 1
        assert len((await conn.execute(select(table))).all()) == 6


async def test_a_person_who_leaves_is_unbound_and_his_history_stays(database: Database) -> None:
    two = PersonRow("lisi", "李四", "liaison", "市供销社")
    async with database.transaction() as conn:
        await people.bind(conn, [LI, two], by="office", now=MONDAY)
        first = await people.unbind(conn, "LiSi", by="office", now=MONDAY, unit="市供销社")
        rest = await people.unbind(conn, "lisi", by="office", now=MONDAY)
        none = await people.unbind(conn, "lisi", by="office", now=MONDAY)
        assert await people.names(conn, ["lisi"]) == {"lisi": "李四"}
        again = await people.bind(conn, [LI], by="office", now=MONDAY)
        rows = (await conn.execute(select(table))).all()
        actions = [entry.action for entry in await audit.latest(conn)]
    assert [person.unit for person in first] == ["市供销社"]
    assert [(person.unit, person.unbound_by) for person in rest] == [("市水务局", "office")]
    assert none == []
    assert len(again.new) == 1
    assert len(rows) == 3
    assert actions == ["bind", "unbind", "unbind", "bind", "bind"]


async def test_five_thousand_villages_are_bound_within_seconds(database: Database) -> None:
    everyone = [PersonRow(f"v{n}", f"村{n}", "liaison", f"第{n}村") for n in range(5_000)]
    promoted = [replace(row, post="书记") for row in everyone]
    started = time.perf_counter()
    async with database.transaction() as conn:
        done = await people.bind(conn, everyone, by="office", now=MONDAY)
        again = await people.bind(conn, everyone, by="office", now=MONDAY)
        changed = await people.bind(conn, promoted, by="office", now=MONDAY)
        found = await people.liaison_of(conn, [row.unit for row in everyone])
    assert time.perf_counter() - started < 20
    assert (len(done.new), len(again.unchanged), len(changed.updated), len(found)) == (5_000,) * 4
    assert {person.post for person in found.values()} == {"书记"}


# --- the commands ---------------------------------------------------------------------------------


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder and a database of its own that does not exist yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BQW_DATABASE_URL", f"sqlite:///{tmp_path / 'bqw.db'}")
    return tmp_path


def bqw(*arguments: str) -> Result:
    result = CliRunner().invoke(cli, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def sheet(name: str, *rows: PersonRow) -> str:
    Path(name).write_bytes(roster.write(rows, shipped().directory))
    return name


@pytest.mark.usefixtures("world")
def test_a_roster_is_imported_and_the_next_one_says_who_took_over() -> None:
    first = bqw("people", "import", sheet("people.xlsx", LI, ADMIN))
    assert (
        first.stdout == "已导入 people.xlsx：共 2 条，新增 2 条，换人 0 条，资料有变化 0 条，没有变化 0 条\n"
    )
    second = bqw("people", "import", sheet("people.xlsx", WANG, ADMIN), "--by", "陈七")
    assert second.stdout == (
        "已导入 people.xlsx：共 2 条，新增 0 条，换人 1 条，资料有变化 0 条，没有变化 1 条\n"
        "市水务局联络员：李四（lisi） 换成 王五（wangwu）\n"
    )
    listed = bqw("people", "list").stdout
    assert "市水务局联络员  王五（wangwu）" in listed
    assert "李四" not in listed
    assert "还没有联络员的牵头单位" in listed
    assert bqw("people", "export", "out.xlsx").stdout == "已写出 out.xlsx：2 条\n"
    assert {row.userid for row in roster.read(Path("out.xlsx").read_bytes(), shipped().directory)} == {
        "wangwu",
        "admin1",
    }


def test_a_dry_run_and_an_empty_export_create_no_database(world: Path) -> None:
    dry = bqw("people", "import", sheet("people.xlsx", LI), "--dry-run")
    assert dry.stdout.startswith("检查通过，没有写入：共 1 条，新增 1 条")
    assert bqw("people", "export", "empty.xlsx").exit_code == 0
    assert bqw("people", "list").stdout.startswith("共 0 条")
    assert not (world / "bqw.db").exists()


@pytest.mark.usefixtures("world")
def test_the_list_masks_telephone_numbers() -> None:
    bqw("people", "import", sheet("people.xlsx", LI))
    listed = bqw("people", "list").stdout
    assert "138****8000" in listed
    assert "13800138000" not in listed


def test_a_wrong_sheet_changes_nothing_and_says_every_wrong_cell(world: Path) -> None:
    broken = replace(LI, userid="赵 六", unit="天文局")
    result = bqw("people", "import", sheet("people.xlsx", ADMIN, broken))
    assert result.exit_code == 1
    assert result.stderr.splitlines()[0].startswith("第3行“账号”")
    assert "什么也没有导入" in result.stderr
    assert not (world / "bqw.db").exists()
    assert "人员表请用 .xlsx" in bqw("people", "import", "people.csv").stderr


# --- in chat ----------------------------------------------------------------------------------------------


async def test_the_office_replaces_and_looks_for_liaisons_in_its_own_words(here: Town) -> None:
    """“市水务局联络员换成 zhangsan 张三” was answered with points of the notice, and there was no list."""
    await here.dialogue(
        "wanglei",
        ("联络员名单", "联络员共3名|市供销社：陈静（chenjing）|还没有联络员的牵头单位39个"),
        ("市水务局联络员换成 zhangsan 张三", "已绑定：张三（zhangsan）为市水务局联络员"),
        ("把市供销社的联络员换成张三", "还差账号|绑定 账号 张三 市供销社联络员"),
        ("市供销社联络员由陈静改为 linxiao 林晓 13800138000", "由陈静（chenjing）换为林晓（linxiao）"),
        ("林晓调走了", "林晓（linxiao）现在是市供销社联络员|解绑 linxiao"),
        ("市供销社联络员是谁", "林晓（linxiao），手机13800138000"),
    )
    without = await here.hears("wanglei", "哪些单位没有联络员")
    assert "市水务局、" not in without
    assert "市商务局、" in without
    seen = await here.hears("zhoumin", "市供销社联络员是谁")
    assert "林晓" in seen
    assert "138" not in seen
    await here.dialogue("huangwei", ("市水务局联络员换成 lisi 李四", "由市百千万办管理员进行"))


async def test_who_was_replaced_is_told_that_his_numbers_count_no_longer(here: Town) -> None:
    """“冷库0.2万吨” from the former liaison was answered with the target of the notice, like a question."""
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue("chenjing", ("0.1", "已记"))
    await here.dialogue("wanglei", ("绑定 linxiao 林晓 市供销社联络员", "已换人"))
    await here.dialogue(
        "chenjing",
        ("冷库0.2万吨", "您已不是市供销社的联络员（现在是林晓，请转告），这条没有入台账"),
        ("冷库要建多少", "0.25万吨"),  # a question stays one
        ("第17条", "第17点"),
    )
    await here.dialogue("wanglei", ("解绑 linxiao 市供销社", "没有联络员"))
    await here.dialogue("chenjing", ("冷库库容累计0.2万吨", "您已不是市供销社的联络员（请与市百千万办联系）"))
    assert {value for value, _ in (await here.figures()).values()} == {0.1}


async def test_the_office_replaces_somebody_as_it_would_say_it(here: Town) -> None:
    """“谁是水务局联络员” and who is there now were answered from the notice."""
    await here.dialogue(
        "wanglei",
        ("谁是水务局联络员", "市水务局还没有绑定联络员"),
        ("换人，水务局以后是林晓 linxiao", "已绑定：林晓（linxiao）为市水务局联络员"),
        (
            "交通局黄伟调走了，换成林晓，账号linxiao",
            "市交通运输局联络员由黄伟（huangwei）换为林晓（linxiao）",
        ),
        ("供销社的陈静调走了，换成李四", "还差账号|绑定 账号 李四 供销社联络员"),
        ("陈静调走了", "现在是市供销社联络员"),
        ("有没有异议", "目前没有待核定的责任异议"),
    )
    await here.dialogue("zhoumin", ("哪几项滞后", "45个要点"))
