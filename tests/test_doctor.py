"""`bqw doctor` about the tenant: what it found, what it can do, the next step, and never a secret."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.channels.slices import Groups, Kf
from bot.checkup import _edition, _in_time, advice
from bot.cli import cli
from bot.doctor import examine, reached
from bot.finding import Finding
from bot.settings import App, Office, Settings, example
from bot.settings import Database as DatabaseSettings
from bot.standings import standings
from bot.tenant import Gateway, Tenant
from bot.wecom.agent import Agent
from bot.wecom.errors import of_code
from bot.wecom.features import FEATURES
from storage import people
from storage.people import PersonRow
from tests.conftest import MONDAY
from tests.town import Town, town

PROXY = "http://proxyuser:proxypass@10.0.0.1:3128"


def settings_of(place: Town, tenant: Tenant | None = None) -> Settings:
    corp = place.wecom._corp
    gateway = corp.tenant.gateway
    return Settings(
        database=DatabaseSettings(url=place.bot.database.engine.url.render_as_string()),
        app=App(
            corp_id=corp.app.corp_id,
            agent_id=corp.app.agent_id,
            secret=corp.app.secret,
            token=corp.app.keys.token,
            aes_key=corp.app.keys.aes_key,
            api_base=place.wecom.api_base,
        ),
        tenant=tenant or Tenant(),
        gateway=Gateway()
        if gateway is None
        else Gateway(signer="tif", id=gateway.paas_id, token=gateway.token, post_only=gateway.post_only),
        office=Office(admins=("wanglei",)),
    )


async def examined(settings: Settings, url: str = "") -> list[Finding]:
    return [finding async for finding in examine(settings, url)]


def named(findings: list[Finding], what: str) -> Finding:
    return next(finding for finding in findings if finding.what.startswith(what))


def marks(findings: list[Finding]) -> dict[str, str]:
    names = {feature.label.zh: feature.name for feature in FEATURES}
    return {names[f.what.removeprefix("功能 ")]: f.mark for f in findings if f.mark}


@pytest.fixture
async def yzy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    tenant = Tenant(edition="yuezhengyi")
    async with town(f"sqlite:///{tmp_path / 'bqw.db'}", tenant=tenant) as place:
        monkeypatch.setattr("bot.clock.real", place.wecom.clock.now)
        yield place


async def test_on_a_private_tenant_it_says_what_works_and_what_takes_whose_place(yzy: Town) -> None:
    settings = settings_of(yzy, Tenant(edition="yuezhengyi"))
    found = await examined(settings, f"{yzy.bot.url}/wecom/app")
    assert all(finding.ok for finding in found), [str(finding) for finding in found]
    assert "网关签名 tif（标识 yzy_demo）" in named(found, "版本").found
    assert "本机时间一致" in named(found, "接口地址").found
    assert "含全单位" in named(found, "应用可见范围").found
    assert marks(found) == {
        "app": "可用",
        "files": "可用",
        "robot": "代替",
        "webhook": "代替",
        "appchat": "未启用",
        "kf": "代替",
        "external_groups": "没有",
        "cards": "代替",
        "markdown": "代替",
    }
    assert "在应用单聊里问" in named(found, "功能 群里 @ 机器人").found
    await _a_broken_one(yzy, settings)


async def _a_broken_one(yzy: Town, right: Settings) -> None:
    """The same tenant, each thing wrong that an operator gets wrong."""
    wrong = replace(
        right,
        gateway=replace(right.gateway, token="another-paas-token"),
        office=Office(admins=("nobody",)),
    )
    found = await examined(wrong)
    assert "[gateway]" in named(found, "接口凭证").next_step
    yzy.wecom._corp.visible.clear()
    found = await examined(replace(right, office=Office(admins=("nobody",))))
    assert "加入可见范围" in named(found, "应用可见范围").next_step
    assert "admins" in named(found, "管理员 nobody").next_step
    async with yzy.bot.database.transaction() as conn:
        await people.bind(conn, [PersonRow("gone", "吴走", "liaison", "市水务局")], by="x", now=MONDAY)
    lost, counted = [finding async for finding in reached(right)]
    assert (lost.what, counted.found) == ("人员 吴走（gone）", "核对了 7 人，1 人收不到消息")
    secrets = (right.app.secret, right.app.token, right.app.aes_key, right.gateway.token)
    everything = "\n".join(map(str, [*found, *await examined(wrong)]))
    for secret in (*secrets, "another-paas-token"):
        assert secret not in everything


def test_what_is_shown_of_addresses_holds_no_name_and_no_password() -> None:
    settings = Settings(app=App(proxy=PROXY, api_base="https://user:pw@gw.example:8443/ebus/yzyapi/cgi-bin/"))
    told = str(_edition(settings))
    assert "http://10.0.0.1:3128" in told
    assert "https://gw.example:8443/ebus/yzyapi/cgi-bin" in told
    assert not any(secret in told for secret in ("proxyuser", "proxypass", "user:pw"))


@pytest.mark.parametrize(("ahead", "words"), [(5, "一致"), (200, "快了 200 秒"), (-90, "慢了 90 秒")])
def test_a_wrong_clock_is_told(ahead: int, words: str) -> None:
    finding = _in_time("接口地址", MONDAY, MONDAY + timedelta(seconds=ahead))
    assert words in finding.found
    assert finding.ok is (abs(ahead) < 60)


@pytest.mark.parametrize(("edition", "place"), [("public", "企业可信IP"), ("yuezhengyi", "IP 安全策略")])
def test_an_untrusted_address_is_told_with_the_address_that_was_seen(edition: str, place: str) -> None:
    told = "not allow to access from your ip, hint: [17], from ip: 203.0.113.7, more info at https://x"
    said = advice(of_code(60020, told, MONDAY), edition)
    assert "203.0.113.7" in said
    assert place in said
    assert place in advice(of_code(60020, "", MONDAY), edition)
    assert advice(of_code(40013, told, MONDAY), edition).startswith("请核对 corp_id")


def test_settings_and_the_visible_range_decide_what_is_used() -> None:
    narrow = Agent(False, frozenset({"wanglei"}), (7,), 0, "")
    found = list(standings(Settings(app=App(cards=False)), narrow))
    assert (marks(found)["cards"], marks(found)["markdown"], marks(found)["appchat"]) == ("代替",) * 3
    assert "全单位" in named(found, "功能 应用建的群").found
    wide = Agent.of({"allow_partys": {"partyid": [1]}})
    used = marks(list(standings(Settings(groups=Groups(enabled=True), kf=Kf(enabled=True)), wide)))
    assert (used["appchat"], used["webhook"], used["kf"]) == ("可用",) * 3
    unused = list(standings(Settings(), wide))
    assert "[groups] enabled" in named(unused, "功能 群里推送").found
    assert (marks(unused)["kf"], marks(unused)["app"]) == ("未启用", "可用")
    without = Settings(tenant=Tenant(without=("kf",)))
    assert "without" in named(list(standings(without)), "功能 企业用微信").found


def test_a_version_that_tells_less_of_the_app_is_no_trouble() -> None:
    assert Agent.of({}).nobody
    assert Agent.of({"allow_partys": [1, 2], "allow_userinfos": "x", "close": 1}) == Agent(
        True, frozenset(), (1, 2), 0, ""
    )


def test_a_secret_that_others_may_read_is_told(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    (tmp_path / "key").write_text("k", encoding="utf-8")
    config.write_text('[app]\nsecret = "s3cret"\n[gateway]\ntoken_file = "key"\n', encoding="utf-8")
    for path, mode in ((config, 0o640), (tmp_path / "key", 0o604)):
        path.chmod(mode)
    said = CliRunner().invoke(cli, ["doctor", "--config", str(config)]).output
    assert said.count("密钥存放") == 2
    assert "chmod 600" in said
    assert "s3cret" not in said
    for path in (config, tmp_path / "key"):
        path.chmod(0o600)
    assert "密钥存放" not in CliRunner().invoke(cli, ["doctor", "--config", str(config)]).output


def test_a_configuration_without_secrets_may_be_read_by_everybody(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(example(), encoding="utf-8")
    config.chmod(0o644)
    assert "密钥存放" not in CliRunner().invoke(cli, ["doctor", "--config", str(config)]).output


async def test_it_says_whether_the_bound_groups_are_there_and_who_may_take_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(f"sqlite:///{tmp_path / 'bqw.db'}") as place:
        monkeypatch.setattr("bot.clock.real", place.wecom.clock.now)
        await place.dialogue(
            "wanglei",
            ("绑定群 市百千万办工作群 webhook 工作群通报", "已绑定"),
            ("建群 潮安区专班群 潮安区 成员 郑云、王磊", "正在建群"),
        )
        await place.wecom.wait_for("wanglei", lambda bubble: "正在建群" in bubble.text)
        made = await _made(place, "潮安区专班群")
        key = "0f3a5b7c-1111-2222-3333-444455556666"
        usual = settings_of(place)
        settings = replace(
            usual,
            groups=Groups(enabled=True, webhooks=(f"工作群通报={key}",)),
            kf=Kf(enabled=True, servicers=("wanglei",)),
        )
        found = await examined(settings)
        assert named(found, "群推送").found == "配置里的群机器人：工作群通报；已绑定的群 2 个"
        assert named(found, "群“市百千万办工作群”").found == "经群机器人推送"
        assert named(found, "群“潮安区专班群”").found == "应用群，成员 2 人"
        assert "“转人工”转给 wanglei" in named(found, "微信客服“").found
        assert key not in str(found)
        place.wecom.groups.dissolve(made)
        wrong = await examined(replace(settings, kf=Kf(enabled=True, servicers=("chenjing",), accounts=())))
        assert "核对群聊 ID" in named(wrong, "群“潮安区专班群”").next_step
        assert "chenjing 不是接待人员" in named(wrong, "微信客服“").found
        other = await examined(replace(settings, kf=Kf(enabled=True, accounts=("wk-other",))))
        assert "没有授权的账号：wk-other" in named(other, "微信客服").found
        assert not [one for one in await examined(usual) if one.what.startswith(("群推送", "微信客服"))]


async def _made(place: Town, name: str) -> str:
    """The chat id of a group the app made, once it is there."""
    with place.wecom.listen() as events:
        while True:
            for group in place.wecom.groups.all():
                if group.name == name:
                    return group.chatid
            await events.get()
