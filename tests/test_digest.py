"""A leader's digest: replies come in, he reads what changed, sets his time, and never gets it twice."""

import asyncio
import json
import unicodedata
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bot.cli import cli
from handlers.wishes import read_wish
from knowledge.book import shipped
from scheduler import digests as jobs
from scheduler.beside import Beside
from storage import people
from storage.people import PersonRow
from storage.subscriptions import Scope, Subscription
from storage.tables import audit
from supervision.workdays import SHANGHAI, Workdays
from tests.town import Town

REPORT = "①25.6 ②5 ③26，困难：两座桥管线迁改没谈拢，请市里协调"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2024, 7, day, hour, minute, tzinfo=SHANGHAI)


async def test_replies_come_in_and_a_leader_reads_them(office: Town) -> None:
    await office.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await office.dialogue("huangwei", (REPORT, "已记"))
    await office.dialogue(
        "zhoumin",
        (
            "今日专报",
            "每日专报（7月15日，星期一）|45个要点|截至7月15日9:00|①要点17，市交通运输局：新改建农村公路25.6公里"
            "（目标超48.7公里，完成52.6%，时间进度53.8%）|截至7月15日|需您关注（1项）|②|请市里协调"
            "|请您定是否由市里协调|回复“来源”看每个数出自谁",
        ),
        ("来源", f"①要点17 市交通运输局：市交通运输局 黄伟，7月15日9:00报：“{REPORT}”"),
        ("来源2", f"②要点17 市交通运输局|“{REPORT}”"),
        ("来源9", "没有第9个"),
    )
    assert len(await office.hears("zhoumin", "今日专报")) <= 450
    for person in ("chenjing", "linxiao"):
        assert "25.6" not in await office.hears(person, "今日专报")
        assert "25.6" not in await office.hears(person, "来源")


async def test_the_day_is_sent_once_and_tells_only_what_changed(office: Town) -> None:
    await office.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await office.dialogue("huangwei", ("①25.6 ②5", "已记"))
    assert await office.does(jobs.daily, at(16, 8, 30)) == "没有要发的"
    assert await office.does(jobs.daily, at(16, 8, 40)) == "发出1份"
    assert await office.does(jobs.daily, at(16, 8, 50)) == "没有要发的"
    await office.hears("huangwei", "③26")
    assert await office.does(jobs.daily, at(17, 8, 40)) == "发出1份"
    assert await office.does(jobs.daily, at(18, 8, 40)) == "发出1份"
    sent = await office.queued("digest:")
    assert set(sent) == {f"digest:2024-07-{day}:zhoumin" for day in (16, 17, 18)}
    first, second, third = (sent[f"digest:2024-07-{day}:zhoumin"][1] for day in (16, 17, 18))
    assert "农村公路25.6公里" in first
    assert "较" not in first  # nothing to compare with
    assert "农村公路安全生命防护工程26公里" in second
    assert "25.6" not in second
    assert "与7月16日相同" in second
    assert third == (
        "“百千万工程”每日专报（7月18日，星期四）：7月17日以来没有新情况，没有新的事项需要您定。市百千万办"
    )


async def test_two_replicas_at_once_send_once(office: Town) -> None:
    """Whatever the ticker does: the second finds that it is done, or is undone by the row's key."""

    twice = [office.does(jobs.daily, at(16, 8, 40)) for _ in range(2)]
    done = await asyncio.gather(*twice, return_exceptions=True)
    assert "发出1份" in done
    assert all(isinstance(one, IntegrityError) or one in ("发出1份", "没有要发的") for one in done)
    assert len(await office.queued("digest:")) == 1


async def test_a_leader_sets_his_time_and_scope(office: Town) -> None:
    await office.dialogue(
        "zhoumin",
        ("每天9点发我", "工作日9:00起十分钟内发出|全部要点"),
        ("只看产业", "内容：大抓产业发展"),
        ("只看第三部分", "内容：大抓公共服务和社会治理"),
        ("我挂钩凤凰镇", "挂钩：凤凰镇"),
        ("没有新情况就不用发", "没有新情况时不发"),
        ("今天的专报发我看看", "每日专报（"),
        ("周末也要", "每天（周末和节假日有新情况时也发）"),
        ("周末不要", "专报工作日"),
        ("恢复全部，9点半专报", "9:30|全部要点|挂钩：凤凰镇"),
        ("每天5点发我", "7:30到17:50之间"),
        ("只看天气", "不知道指哪一部分"),
        ("只要周报", "眼下不能只发周报"),
        ("专报几点发", "9:30"),
        ("双休日不要", "专报工作日"),
        ("不用发了", "已停发|恢复专报"),
    )
    assert await office.does(jobs.daily, at(16, 10)) == "没有要发的"
    await office.dialogue("zhoumin", ("每天下午2点发我", "14:00"))
    assert await office.does(jobs.daily, at(16, 13, 50)) == "没有要发的"
    assert await office.does(jobs.daily, at(16, 14)) == "发出1份"
    await office.dialogue("chenjing", ("每天9点发我", ""))
    async with office.bot.database.transaction() as conn:
        rows = (await conn.execute(select(audit).where(audit.c.action == "subscribe"))).all()
    assert {row.subject for row in rows} == {"zhoumin"}
    assert rows[0].detail["hour"] == 9


async def test_what_was_not_understood_of_a_wish_is_said(here: Town) -> None:
    """“发图” was taken for a question about land, and the hour was not set."""
    said = await here.hears("zhoumin", "每天9点发我，短一点")
    assert "9:00" in said
    assert "“短一点”没有听懂，没有设" in said


async def test_an_admin_sets_it_for_a_leader(here: Town) -> None:
    await here.dialogue(
        "wanglei",
        ("周敏 每天9点 专报 只看产业", "已为周敏设好|9:00|大抓产业发展"),
        ("李四 每天9点 专报", "没有找到叫“李四”的领导"),
        ("给周敏设专报：8点50，周末也要", "已为周敏设好|8:50|周末和节假日"),
        ("周敏挂钩凤凰镇", "已为周敏设好|挂钩：凤凰镇"),
        ("把周敏的专报停了", "已为周敏设好。专报已停发"),
        ("周敏的专报改成9点", "已为周敏设好|9:00"),
        ("周敏专报设置", "周敏：专报每天"),
        ("周敏挂钩哪里", ""),
    )
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue("huangwei", ("①25.6", "已记"))
    await here.dialogue("zhoumin", ("专报设置", "9:00|大抓产业发展"))
    heard = await here.hears("zhoumin", "今日专报")
    assert "您关注的11个要点" in heard
    assert "25.6" not in heard


async def test_nothing_new_and_nothing_wanted_is_nothing_sent(here: Town) -> None:
    await here.hears("zhoumin", "没有新情况就不用发")
    await here.does(jobs.daily, at(16, 8, 40))
    assert await here.does(jobs.daily, at(17, 8, 40)) == "发出0份，1位没有新情况未发"
    assert await here.does(jobs.daily, at(17, 10)) == "没有要发的"
    assert len(await here.queued("digest:")) == 1


async def test_a_released_red_light_is_told_and_a_draft_is_yellow(here: Town) -> None:
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue("huangwei", ("①2", "已记"))
    assert "红灯" not in await here.hears("zhoumin", "今日专报")
    await here.does(jobs.daily, at(16, 8, 40))
    await here.dialogue("wanglei", ("放行红灯 17", "已放行"))
    await here.does(jobs.daily, at(17, 8, 40))
    sent = await here.queued("digest:2024-07-17")
    assert "要点17由黄灯转红灯" in sent["digest:2024-07-17:zhoumin"][1]


async def test_a_linked_town_is_told_of(here: Town) -> None:
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue("zhoumin", ("我挂钩凤凰镇", "凤凰镇"))
    assert "凤凰镇，没有新报送" in await here.hears("zhoumin", "今日专报")
    await here.dialogue("zhengyun", ("第15项整体进度60%，凤凰镇示范街第2条已完工", "已记"))
    assert "凤凰镇，潮安区报要点15：“第15项整体进度60%，凤凰镇示范街" in await here.hears(
        "zhoumin", "今日专报"
    )


async def test_a_units_own_leader_reads_of_his_unit_when_he_asked_for_it(here: Town) -> None:
    async with here.bot.database.transaction() as conn:
        row = PersonRow("linxiao", "林晓", "leader", "市交通运输局")
        await people.bind(conn, [row], by="test", now=at(15, 8))
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue("huangwei", (REPORT, "已记"))
    await here.dialogue("zhengyun", ("①21", "已记"))
    heard = await here.hears("linxiao", "今日专报")
    assert "25.6公里" in heard
    assert "潮安区" not in heard
    assert await here.does(jobs.daily, at(16, 8, 40)) == "发出1份"  # the city leader's
    await here.dialogue("linxiao", ("每天9点发我", "9:00"), ("来源", "黄伟"))
    assert await here.does(jobs.daily, at(16, 9, 10)) == "发出1份"
    sent = await here.queued("digest:")
    assert "潮安区" in sent["digest:2024-07-16:zhoumin"][1]
    assert "潮安区" not in sent["digest:2024-07-16:linxiao"][1]


async def test_the_week_takes_the_place_of_the_day(office: Town) -> None:
    await office.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await office.dialogue("zhengyun", ("①21", "已记"))
    assert "期间新报送1项" in await office.hears("zhoumin", "周报")
    assert await office.does(jobs.daily, at(15, 9)) == "周报日：专报并入周报"
    assert await office.does(jobs.weekly, at(15, 9)) == "发出1份"
    assert await office.does(jobs.weekly, at(15, 9, 5)) == "没有要发的"
    assert await office.does(jobs.daily, at(15, 10)) == "没有要发的"
    assert await office.does(jobs.weekly, at(16, 8, 40)) == "不是本周第一个工作日"
    ((_, text),) = (await office.queued("digest:")).values()
    assert "周报（7月8日至7月14日）" in text
    assert "大抓产业发展11项：" in text
    assert "县域重点项目库项目数：潮安区21个项目（目标不少于28个项目，7月15日报）；饶平县未报" in text


async def test_the_office_reads_its_work_list(office: Town) -> None:
    await office.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await office.dialogue("huangwei", (REPORT, "已记"))
    await office.dialogue("chenjing", ("冷库这项不属于我们", "核定前"))
    office.wecom.clock.set(at(15, 17, 10))
    text = await office.hears("wanglei", "工作单")
    assert "【今日工作单】（7月15日，星期一，17:10）" in text
    for words in (
        "今日收报：1条（市交通运输局）",
        "“7月进展报送”7月25日（周四）17:30截止，未报",
        "1件责任异议（市供销社要点17）",
        "3个单位没有联络员（市水务局、饶平县、湘桥区）",
    ):
        assert words in text


async def test_the_week_to_come_ends_with_a_saturday_that_is_worked(here: Town) -> None:
    """Before the National day: told on Monday, the next week runs from Tuesday to Saturday."""
    await here.does(jobs.work_list, datetime(2024, 9, 30, 16, 40, tzinfo=SHANGHAI))
    ((_, text),) = (await here.queued("work:")).values()
    assert "下周工作单】（10月8日至10月12日）" in text


async def test_on_thursday_the_office_reads_what_the_week_to_come_brings(here: Town) -> None:
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue("chenjing", ("①0.1", "已记"))
    await here.dialogue("huangwei", ("①25.6 ②5 ③26，请市里协调，困难：管线迁改未定", "已记"))
    await here.dialogue("wanglei", ("提请协调 要点17 周敏", "需请协调：上述事项（单位原话“请市里协调”）"))
    assert await here.does(jobs.work_list, at(18, 16, 40)) == "发给1位管理员"
    ((to, text),) = (await here.queued("work:")).values()
    assert to == "wanglei"
    assert text.startswith("【办公室内部·下周工作单】（7月22日至7月26日）")
    for words in ("黄灯1（要点17）", "草稿1份（提请协调", "3个单位没有联络员", "需协调：1项"):
        assert words in text


async def test_a_withdrawn_number_that_was_told_is_taken_back(here: Town) -> None:
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue("huangwei", ("①25.6", "已记"))
    await here.does(jobs.daily, at(16, 8, 40))
    here.wecom.clock.set(at(17, 8))
    await here.dialogue("huangwei", ("撤回", "已撤回"), ("①26", "已记"), ("撤回", "已撤回"))
    heard = await here.hears("zhoumin", "今日专报")
    assert "撤回了先前报的数，待重报" in heard
    assert "26公里" not in heard


async def test_a_picture_follows_the_words_and_arrives(here: Town, tmp_path: Path) -> None:
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue("huangwei", ("①25.6", "已记"))
    job = partial(jobs.daily, beside=Beside(tmp_path / "cards", pictures=True))
    assert await here.does(job, at(16, 8, 40)) == "发出1份"
    here.bot.delivery.poke()
    bubble = await here.wecom.wait_for("zhoumin", lambda found: found.kind == "image", seconds=10)
    assert bubble.kind == "image"
    sent = await here.queued("digest:")
    assert set(sent) == {"digest:2024-07-16:zhoumin", "digest:2024-07-16:zhoumin:picture"}


async def test_a_leader_has_or_has_no_picture_whatever_the_others_have(here: Town, tmp_path: Path) -> None:
    await here.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await here.dialogue("huangwei", ("①25.6", "已记"))
    await here.dialogue("zhoumin", ("不要图片", "不发图"))
    beside = Beside(tmp_path / "cards", pictures=True)
    await here.does(partial(jobs.daily, beside=beside), at(16, 8, 40))
    await here.dialogue("huangwei", ("①26", "26公里"))
    await here.dialogue("zhoumin", ("带图", "后面再发一张图"))
    await here.does(partial(jobs.daily, beside=replace(beside, pictures=False)), at(17, 8, 40))
    assert {key for key in await here.queued("digest:") if key.endswith(":picture")} == {
        "digest:2024-07-17:zhoumin:picture"
    }


async def test_a_day_off_is_a_day_without_digest(here: Town) -> None:
    """2024-10-01 is a holiday, 2024-09-29 a Sunday worked."""
    works = datetime(2024, 9, 29, 8, 40, tzinfo=SHANGHAI)
    assert await here.does(jobs.daily, works) == "发出1份"
    assert await here.does(jobs.daily, works + timedelta(days=2)) == "没有要发的"
    await here.hears("zhoumin", "周末也要")
    assert await here.does(jobs.daily, works + timedelta(days=2)) == "发出0份，1位没有新情况未发"
    await here.hears("zhengyun", "第15项整体进度60%")
    assert await here.does(jobs.daily, works + timedelta(days=3)) == "发出1份"


@pytest.mark.parametrize(
    "said",
    [
        "我联系哪个镇",
        "只看产业的话谁牵头",
        "周末要开会吗",
        "每天几点发我",
        "9点",
        "今天",
        "产业",
        "全部",
        "要点17",
        "每天9点发我，第17项怎么样了",
        "我挂钩凤凰镇，让他们明天来汇报",
        "我想9点开会",
        "9点半",
        "9点发通知",
        "只要潮安区按时完成就可以",
        "挂钩联系机制怎么落实",
        "停办的项目有哪些",
        "去掉那两项",
        "能不能晚两天报",
    ],
)
def test_a_leaders_question_is_no_wish(said: str) -> None:
    assert read_wish(unicodedata.normalize("NFKC", said), shipped()) is None


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("每天早上8点50发我", {"at": time(8, 50)}),
        ("每天九点发我", {"at": time(9)}),
        ("九点半专报", {"at": time(9, 30)}),
        ("每天下午3点15分把专报发我", {"at": time(15, 15)}),
        ("专报只看第一部分和第三部分", {"scope": Scope(sections=(1, 3))}),
        ("只看要点17、19", {"scope": Scope(points=(17, 19))}),
        ("只看潮安区", {"scope": Scope(units=("潮安区",))}),
        ("我挂钩凤凰镇、要点17和市水务局", {"scope": Scope(linked=("要点17", "凤凰镇", "市水务局"))}),
        ("周末也要，没有变化就不用发", {"weekends": True, "empty_line": False}),
        ("取消专报", {"active": False}),
        ("每天9点发我，带图", {"at": time(9), "picture": True}),
        ("专报不要图片了", {"picture": False}),
        ("以后每天早上八点半发给我", {"at": time(8, 30)}),
        ("专报改到9点一刻", {"at": time(9, 15)}),
        ("改成9点发", {"at": time(9)}),
        ("从明天起下午两点发给我", {"at": time(14)}),
        ("每天上午9:15发", {"at": time(9, 15)}),
        ("能不能每天八点四十发我", {"at": time(8, 40)}),
        ("节假日也要发，没什么变化就别发了", {"weekends": True, "empty_line": False}),
        ("别的不看，只看产业", {"scope": Scope(sections=(1,))}),
        ("产业方面的就行", {"scope": Scope(sections=(1,))}),
        ("只关注要点17", {"scope": Scope(points=(17,))}),
        ("我的挂钩镇是凤凰镇", {"scope": Scope(linked=("凤凰镇",))}),
        ("挂钩凤凰镇", {"scope": Scope(linked=("凤凰镇",))}),
        ("专报先停一停", {"active": False}),
        ("先别给我发专报", {"active": False}),
    ],
)
def test_what_a_wish_means(said: str, wanted: dict[str, object]) -> None:
    wish = read_wish(unicodedata.normalize("NFKC", said), shipped())
    assert wish is not None
    assert wish.on(Subscription("zhoumin")) == replace(Subscription("zhoumin"), **wanted)  # type: ignore[arg-type]


def test_the_command_line_shows_what_a_leader_would_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BQW_DATABASE_URL", f"sqlite:///{tmp_path / 'bqw.db'}")
    run = CliRunner().invoke
    assert "还没有数据库" in run(cli, ["digest", "--preview"]).stderr
    assert run(cli, ["db", "upgrade"]).exit_code == 0
    assert "--preview" in run(cli, ["digest"]).stderr
    picture = tmp_path / "card.png"
    shown = run(cli, ["digest", "--preview", "--now", "2024-07-15T09:00", "--picture", str(picture)])
    assert shown.stdout.startswith(
        "“百千万工程”每日专报（7月15日，星期一）\n一、总体：45个要点都还没有报来进展"
    )
    assert picture.read_bytes().startswith(b"\x89PNG")
    weekly = run(cli, ["digest", "--preview", "--kind", "weekly", "--now", "2024-07-15T09:00"])
    assert weekly.stdout.startswith("“百千万工程”周报")
    assert "没有绑定为领导" in run(cli, ["digest", "--preview", "--person", "nobody"]).stderr


def test_the_first_working_day_of_a_week() -> None:
    days = Workdays()
    assert jobs.first_of_week(date(2024, 7, 15), days)
    assert not jobs.first_of_week(date(2024, 7, 16), days)
    assert jobs.first_of_week(date(2024, 10, 8), days)  # a Tuesday after the holidays
    assert not jobs.first_of_week(date(2024, 9, 29), days)  # a Sunday worked ends its week


def test_told_survives_json() -> None:
    from supervision.digest_facts import Told, told_from_json, told_to_json

    told = Told(date(2024, 7, 15), {17: "green"}, 9, frozenset({8, 9}), frozenset({"17|市水务局|x"}))
    assert told_from_json(json.loads(json.dumps(told_to_json(told)))) == told
    assert told_from_json({"day": "x"}) is None
