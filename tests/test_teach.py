"""The office teaches in chat: what could not be answered is listed, taught, answered, and taken back."""

import ast
import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, insert, select, text

from bot.library import Library
from handlers import lessons
from handlers.ask import Knowing, reply_to
from handlers.context import UserError
from handlers.memory import Memory
from knowledge.book import shipped
from storage import audit, migrate, phrases, questions
from storage.engine import Database, open_engine
from storage.questions import KeptQuestion
from storage.tables import questions as questions_table
from storage.taught import Taught
from tests.conftest import MONDAY
from tests.town import Town

DOC = shipped().notice.doc_number
COLD_CHAIN = "完善一体化农产品冷链物流网建设,新增投产冷库库容0.25万吨"


@pytest.fixture(scope="module")
def knows() -> Knowing:
    return Knowing.shipped()


def row(phrase: str, point: int, quote: str = "", typed: str = "") -> Taught:
    return Taught(phrase, point, quote, "wanglei", MONDAY, typed or phrase)


async def acts(place: Town) -> list[tuple[str, str, str]]:
    """Who did what to what, newest first; the cast was bound before anybody spoke."""
    async with place.bot.database.transaction() as conn:
        done = await audit.latest(conn)
    return [(entry.person, entry.action, entry.subject) for entry in done if entry.action != "bind"]


# --- dialogues --------------------------------------------------------------------------------------------


async def test_a_word_is_taught_answered_at_once_and_taken_back(office: Town) -> None:
    await office.dialogue("linxiao", ("雪窖房谁牵头", "没有找到"))
    await office.dialogue(
        "wanglei",
        ("没答上的问题", "共1个|1. 雪窖房谁牵头（没答上）|教 1=17"),
        (
            "教 雪窖房=17 冷链",
            "记住了：问“雪窖房”，就答第17点 推动基础设施提能升级|冷链物流网|1个没答上的问题",
        ),
        ("教 雪窖房=17 冷链", "已经教过了|第17点"),
    )
    await office.dialogue("linxiao", ("雪窖房谁牵头", "建议由市供销社牵头|第17点"))
    await office.dialogue(
        "wanglei",
        ("没答上的问题", "没有积压"),
        ("教过的", "共1个|雪窖房 → 第17点|wanglei，7月15日"),
        ("取消教 雪窖房", "已忘掉“雪窖房”|如实说没有找到|1个问题又回到"),
        ("没答上的问题", "雪窖房谁牵头"),
        ("教过的", "还没有教过"),
    )
    await office.dialogue("linxiao", ("雪窖房谁牵头", "没有找到"))
    assert await acts(office) == [("wanglei", "forget", "雪窖房"), ("wanglei", "teach", "雪窖房")]


async def test_what_people_picked_and_what_they_called_wrong_is_on_the_list(office: Town) -> None:
    await office.dialogue("linxiao", ("农村", "您是不是想问"), ("2", "第"))
    await office.dialogue("chenjing", ("冷链谁牵头", "第17点"), ("不对", "抱歉"))
    listed = await office.hears("wanglei", "没答上的问题")
    assert "农村（选了第" in listed
    assert "冷链谁牵头（答了第17点，不对）" in listed
    assert "共2个" in listed


async def test_equal_questions_are_one_line_and_what_most_people_ask_comes_first(here: Town) -> None:
    await here.dialogue("linxiao", ("雪房谁牵头", ""), ("凉库在哪里建", ""))
    await here.dialogue("chenjing", ("雪房谁牵头？", ""))
    listed = await here.hears("wanglei", "没答上的问题")
    assert "1. 雪房谁牵头？（2人问过，没答上）" in listed
    assert "2. 凉库在哪里建（没答上）" in listed


async def test_a_question_is_taught_by_its_number_also_after_other_talk(here: Town) -> None:
    await here.dialogue("linxiao", ("我们镇的雪房谁负责", ""), ("飞碟和凉库谁管", ""))
    await here.dialogue(
        "wanglei",
        ("没答上的问题", "1. 飞碟和凉库谁管|2. 我们镇的雪房谁负责"),
        ("冷链谁牵头", "市供销社"),
        ("教 2=17 冷链", "“雪房”|第17点|取消教 雪房"),
        ("教 1=17", "要教的是哪个词|飞碟|凉库"),
        ("教 9=17", "第1个到第2个"),
    )
    await here.dialogue("linxiao", ("我们镇的雪房谁负责", "市供销社"))


async def test_questions_are_let_rest_by_their_numbers(office: Town) -> None:
    for said in ("今天潮州天气怎么样", "雪房谁牵头", "打印机坏了找谁修"):
        await office.hears("linxiao", said)
    await office.dialogue(
        "wanglei",
        ("没答上的问题", "1. 打印机|2. 雪房|3. 今天"),
        ("忽略 1、3", "好的，第1、3个问题不再列出"),
        ("忽略3", "第3个已经处理过了"),
        ("忽略 7", "没有第7个"),
        ("没答上的问题", "共1个|1. 雪房谁牵头"),
    )
    assert [act[1] for act in await acts(office)] == ["ignore", "ignore"]


async def test_a_point_of_several_things_offers_to_bind_to_one_of_them(here: Town) -> None:
    told = await here.hears("wanglei", "教 雪房=17")
    assert "记住了：问“雪房”，就答第17点" in told
    assert "这一点有几件事" in told
    card = next(bubble for bubble in here.wecom.inbox("wanglei") if bubble.kind == "template_card")
    keys = [button["key"] for button in card.body["button_list"]]
    assert len(keys) == 6
    assert {"教 雪房=17 农村公路", "教 雪房=17 冷链"} <= set(keys)
    pressed = await here.wecom.phone.press("wanglei", card.id, "教 雪房=17 冷链")
    assert "原来教的是整点，已改过来" in pressed.text
    await here.dialogue("linxiao", ("雪房谁牵头", "市供销社"))


async def test_the_right_side_may_be_words_where_the_bot_is_sure_of_them(here: Town) -> None:
    await here.dialogue(
        "wanglei",
        ("教：雪房、凉库＝冷链", "“雪房”“凉库”|第17点|原文：完善一体化农产品冷链物流网建设"),
        ("教 凉棚=农村", "“农村”说的是哪一点，我拿不准：\n第"),
        ("教 凉棚=飞碟", "没有找到“飞碟”指的是哪一点"),
        ("教 凉棚=99", "没有第99点"),
        ("教 凉棚=17 养老", "第17点里没有找到“养老”|农村公路、农村供水"),
        ("教 凉棚=17、18", "一个说法只能指一点"),
        ("取消教 雪房、凉库", "已忘掉“雪房”|已忘掉“凉库”"),
    )


async def test_what_needs_no_lesson_and_what_a_lesson_replaces_is_said(here: Town) -> None:
    await here.dialogue(
        "wanglei",
        ("教 冻库=17", "“冻库”不用教：问它本来就会答第17点"),
        ("教过的", "还没有教过"),
        ("教 雪房=9", "第9点"),
        ("教 雪房=9", "“雪房”已经教过了（wanglei，7月15日）"),
        ("教 雪房=17 冷链", "原来教的是第9点，已改过来"),
        ("教 冷库=20", "“冷库”原来会答第17点，现在改答第20点"),
        ("教过的", "共2个"),
        ("取消教 冷库", "像教之前那样答第17点"),
        ("忘掉 彩虹", "没有教过"),
        ("教", "教 冻库=17"),
    )
    assert [act[1] for act in await acts(here)] == ["forget", "teach", "teach", "teach"]


async def test_a_question_that_still_leads_elsewhere_stays_on_the_list(here: Town) -> None:
    await here.dialogue("linxiao", ("2023年雪房谁牵头", "2024年"), ("雪房谁牵头", ""))
    await here.dialogue(
        "wanglei",
        ("教 雪房=17 冷链", "1个没答上的问题由此有了答案|还有1个含这个词的问题仍答不到这里"),
        ("没答上的问题", "2023年雪房谁牵头"),
    )


async def test_nobody_but_the_office_teaches_and_nothing_of_it_is_written(office: Town) -> None:
    for said in ("教 雪房=17", "取消教 雪房", "教过的", "忽略 1", "没答上的问题"):
        assert "管理员" in await office.hears("linxiao", said)
    assert await acts(office) == []
    for said in ("教育谁牵头", "教师待遇谁负责", "取消教育收费是哪一条", "忘记密码怎么办"):
        assert "管理员" not in await office.hears("linxiao", said)


# --- what may be taught -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "said", "means"),
    [
        ("教 冻库=17", ("冻库",), "17"),
        ("教：冻库＝第17点", ("冻库",), "第17点"),
        ("教 冻库 = 冷链", ("冻库",), "冷链"),
        ("教冻库=17", ("冻库",), "17"),
        ("教　“冻库”　＝　１７。", ("冻库",), "17"),
        ("教 冻库、冷藏库 雪房=17", ("冻库", "冷藏库", "雪房"), "17"),
        ("教 cold barn=17", ("cold barn",), "17"),
        ("教 冻库→17", ("冻库",), "17"),
        ("教 冻库就是冷链", ("冻库",), "冷链"),
        ("教你 冻库是第17条", ("冻库",), "第17条"),
        ("教 冻库 17", ("冻库",), "17"),
    ],
)
def test_a_lesson_is_read_however_it_is_typed(typed: str, said: tuple[str, ...], means: str) -> None:
    assert lessons.read(typed) == lessons.Wish(said, means)


@pytest.mark.parametrize("typed", ["教育谁牵头", "教师待遇=?", "请教一下冷链谁管", "冷链=17", "教 冻库"])
def test_anything_else_is_no_lesson(typed: str) -> None:
    assert lessons.read(typed) is None


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("库", "只有一个字"),
        ("谁牵头", "常用词"),
        ("牵头", "常用词"),
        ("多少", "常用词"),
        ("谢谢", "常用词"),
        ("都不是", "口令"),
        ("the", "常用词"),
        ("17", "条号"),
        ("第三部分", "条号"),
        ("2023年", "年份"),
        ("最后一条", "条号"),
        ("市水务局", "单位名称"),
        ("饶平县教育局", "单位名称"),
        ("潮安", "地名"),
        ("凤凰镇", "地名"),
        ("农村", "点都写到"),
        ("一个说起来没完没了足有二十来个字的说法", "太长"),
        ("one two three four five six barns", "太长"),
        ("😀", "没有看到"),
    ],
)
def test_what_would_lead_other_questions_astray_is_refused_with_the_reason(
    knows: Knowing, typed: str, reason: str
) -> None:
    with pytest.raises(UserError, match=reason):
        lessons.phrase_of(typed, knows)


def test_of_a_whole_question_its_subject_is_taught(knows: Knowing) -> None:
    assert lessons.phrase_of("雪房谁管", knows) == "雪房"
    assert lessons.words_in("潮安区的雪房和凉库归谁管", knows) == ("雪房", "凉库")
    assert lessons.words_in("who leads the cold barn?", knows) == ("cold barn",)


def test_every_name_of_a_thing_leads_back_to_it(knows: Knowing) -> None:
    for point in knows.book.notice.points:
        for thing in lessons.things(point, knows):
            place = lessons.place_of(f"{point.number} {thing.name}", knows, MONDAY)
            assert place == lessons.Place(point, thing.quote), thing.name


# --- every replica ----------------------------------------------------------------------------------------


def says(library: Library, question: str) -> str:
    return reply_to(question, Memory(), library.current(), MONDAY).text


async def teach(database: Database, *rows: Taught) -> None:
    async with database.transaction() as conn:
        for one in rows:
            known = {old.phrase: old for old in await phrases.all(conn, DOC)}
            await phrases.teach(conn, DOC, one, before=known.get(one.phrase), settled=0)


async def forget(database: Database, one: Taught) -> None:
    async with database.transaction() as conn:
        await phrases.forget(conn, DOC, one, by="wanglei", now=MONDAY)


async def test_another_replica_follows_every_lesson_without_building_its_index_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = await Library.open(database), await Library.open(database)
    monkeypatch.setattr(Knowing, "of", None)
    first, second = row("雪房", 17, COLD_CHAIN), row("雪房", 9)
    for lesson, expected in ((first, "市供销社"), (None, "没有找到"), (first, "市供销社"), (second, "第9点")):
        await (teach(database, lesson) if lesson else forget(database, first))
        assert await other.refresh()
        assert expected in says(other, "雪房谁牵头")
        assert not await other.refresh()
    assert "没有找到" in says(mine, "雪房谁牵头")
    await mine.catch_up()
    assert "第9点" in says(mine, "雪房谁牵头")


async def test_the_running_bot_looks_by_itself(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.library.LOOK_EVERY", 0.0)
    library = await Library.open(database)
    looked = asyncio.Event()
    catch_up = library.catch_up

    async def look() -> None:
        await catch_up()
        if "市供销社" in says(library, "雪房谁牵头"):
            looked.set()

    monkeypatch.setattr(library, "catch_up", look)
    await library.start()
    await teach(database, row("雪房", 17, COLD_CHAIN))
    await asyncio.wait_for(looked.wait(), 10)
    await library.close()


async def test_a_lesson_that_becomes_visible_after_a_later_one_is_not_missed(database: Database) -> None:
    """PostgreSQL hands out ids before transactions commit; SQLite's writers take turns."""
    if database.engine.dialect.name == "sqlite":
        return
    library = await Library.open(database)
    async with database.transaction() as slow:
        await phrases.teach(slow, DOC, row("雪房", 17, COLD_CHAIN), before=None, settled=0)
        await teach(database, row("凉库", 9))
        assert await library.refresh()
        assert "没有找到" in says(library, "雪房谁牵头")
    assert await library.refresh()
    assert "市供销社" in says(library, "雪房谁牵头")


async def test_a_lesson_whose_place_is_gone_rests_or_keeps_its_point(database: Database) -> None:
    await teach(database, row("雪房", 17, "这句话已经改过了"), row("凉库", 99))
    library = await Library.open(database)
    assert "第17点" in says(library, "雪房")
    assert "没有找到" in says(library, "凉库谁牵头")


async def test_a_lesson_that_rests_is_shown_as_such_and_disturbs_no_other(here: Town) -> None:
    await teach(here.bot.database, row("凉库", 99))
    await here.dialogue(
        "wanglei",
        ("教 雪房=17 冷链", "记住了"),
        ("教过的", "凉库 → 第99点（wanglei，7月15日，通知里已没有这一点，暂不起作用）"),
        ("教 凉库=17 冷链", "原来教的是第99点，已改过来"),
        ("取消教 凉库", "已忘掉"),
    )


# --- storage ----------------------------------------------------------------------------------------------


def kept(key: str, text: str, outcome: str, *points: int, person: str = "linxiao") -> KeptQuestion:
    return KeptQuestion(key, person, text, outcome, points, MONDAY)


async def keep(database: Database, *rows: KeptQuestion) -> list[tuple[str, str, tuple[int, ...]]]:
    async with database.transaction() as conn:
        await questions.keep(conn, rows)
        return [(q.text, q.outcome, q.points) for q in await questions.unsettled(conn)]


async def test_a_pick_takes_the_place_of_its_offer_and_of_no_other(database: Database) -> None:
    offers = [
        kept("1", "农村", "suggest", 7, 10),
        kept("2", "农村", "suggest", 7, 10, person="chenjing"),
        kept("3", "改革", "suggest", 25),
    ]
    await keep(database, *offers)
    assert await keep(database, kept("4", "农村", "picked", 10)) == [
        ("改革", "suggest", (25,)),
        ("农村", "suggest", (7, 10)),
        ("农村", "picked", (10,)),
    ]
    assert len(await keep(database, kept("5", "农村", "picked", 7))) == 4  # nothing left to take the place of


async def test_an_offer_and_its_pick_may_be_written_together(database: Database) -> None:
    assert await keep(database, kept("1", "农村", "suggest", 7, 10), kept("2", "农村", "picked", 7)) == [
        ("农村", "picked", (7,))
    ]


async def test_only_what_a_phrase_settled_is_opened_again(database: Database) -> None:
    await keep(database, *(kept(str(n), f"雪房{n}", "unknown") for n in range(4)))
    async with database.transaction() as conn:
        ids = [q.id for q in await questions.unsettled(conn)]
        settle = {"by": "wanglei", "now": MONDAY}
        assert await questions.settle(conn, ids[:2], how=questions.TAUGHT, phrase="雪房", **settle) == 2
        assert await questions.settle(conn, ids[1:3], how=questions.IGNORED, **settle) == 1
        assert await questions.settle(conn, [], how=questions.IGNORED, **settle) == 0
        assert await questions.reopen(conn, "雪房") == 2
        assert [q.id for q in await questions.unsettled(conn)] == [*ids[:2], ids[3]]


def test_the_audit_only_ever_grows() -> None:
    tree = ast.parse(Path(audit.__file__).read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {node.name for node in ast.walk(tree) if isinstance(node, ast.alias)}
    assert "insert" in names
    assert not names & {"update", "delete", "text", "drop", "exec_driver_sql"}


def upgrade_to(conn: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    config.attributes["connection"] = conn
    command.upgrade(config, revision)


async def test_a_database_of_the_first_release_keeps_its_questions(empty_database_url: str) -> None:
    engine = open_engine(empty_database_url)
    async with engine.begin() as conn:
        await conn.run_sync(upgrade_to, "0001")
        await conn.execute(
            text(
                "INSERT INTO questions (inbox_key, person, text, outcome, points, asked_at)"
                " VALUES ('k', 'linxiao', '雪房谁牵头', 'unknown', '[]', '2024-07-01 01:00:00')"
            )
        )
    await engine.dispose()
    database = await Database.open(empty_database_url)
    async with database.transaction() as conn:
        assert [q.text for q in await questions.unsettled(conn)] == ["雪房谁牵头"]
        # A replica of the first release that still runs goes on writing questions in its own way.
        old = {"inbox_key": "k2", "person": "a", "text": "凉库", "outcome": "unknown", "points": []}
        await conn.execute(insert(questions_table).values(**old, asked_at=MONDAY))
        found: Sequence[object] = (await conn.execute(select(questions_table.c.how))).scalars().all()
        assert list(found) == ["", ""]
    await database.close()
