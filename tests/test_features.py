"""What an edition has and lacks: one table, the same in the program, in the settings and in the documents."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.settings import App, SettingsError, load
from bot.tenant import Gateway, Tenant, at_odds
from bot.wecom.features import EDITIONS, FEATURES, OPTIONAL, REMOVABLE, Feature, Features, Words

ROOT = Path(__file__).resolve().parent.parent


def read(text: str, tmp_path: Path) -> Features:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, {}).tenant.features


def by_name(name: str) -> Feature:
    return next(feature for feature in FEATURES if feature.name == name)


def test_the_public_edition_has_everything_that_exists() -> None:
    features = Features.of("public")
    assert features.robot
    assert features.webhook
    assert features.appchat
    assert features.kf
    assert features.cards
    assert features.markdown
    assert features.standing(by_name("external_groups")) == "off"


@pytest.mark.parametrize("edition", ["private", "yuezhengyi"])
def test_a_private_edition_falls_back_to_text_and_the_private_chat(edition: str) -> None:
    features = Features.of(edition)
    absent = (features.robot, features.webhook, features.kf, features.cards, features.markdown)
    assert absent == (False,) * 5
    assert features.appchat
    assert features.files
    assert {features.standing(by_name(name)) for name in OPTIONAL} == {"fallback"}
    assert features.standing(by_name("app")) == "works"


def test_the_operator_says_what_this_version_has_and_lacks(tmp_path: Path) -> None:
    head = '[app]\napi_base = "https://10.1.2.3/cgi-bin/"\n[tenant]\nedition = "private"\n'
    features = read(head + 'also = ["cards", "robot"]\nwithout = ["appchat"]\n', tmp_path)
    assert features.cards
    assert features.robot
    assert not features.appchat
    assert features.standing(by_name("appchat")) == "fallback"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[tenant]\nedition = "private"', "api_base 还是公有云"),
        ('[tenant]\nedition = "cloud"', "public、private、yuezhengyi"),
        ('[tenant]\nalso = ["external_groups"]', "不认识 external_groups"),
        ('[tenant]\nwithout = ["app"]', "不认识 app"),
        ('[tenant]\nalso = ["kf"]\nwithout = ["kf"]', "都写了 kf"),
        ('[tenant]\nqr_base = "zwwx.example.gov.cn"', "https:// 或 http://"),
        ('[gateway]\nsigner = "tif"\nid = "a"', "token 还没有填"),
        ('[gateway]\nsigner = "rsa"', "应为 tif 中的一个"),
        ('[gateway]\nid = "a b"', "不能有空格"),
        ('[gateway]\nheader_prefix = "x tif"', "短横线"),
    ],
)
def test_what_does_not_fit_together_is_a_sentence(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read(text, tmp_path)
    assert len(caught.value.mistakes) == 1
    assert words in caught.value.mistakes[0]


def test_what_is_switched_on_must_be_there(tmp_path: Path) -> None:
    private = (
        '[app]\napi_base = "https://10.1.2.3/cgi-bin/"\n[kf]\nenabled = true\n[tenant]\nedition = "private"\n'
    )
    with pytest.raises(SettingsError) as caught:
        read(private, tmp_path)
    assert caught.value.mistakes == [
        "[kf] enabled 开着，但政务微信（私有部署）通常没有；确实有的，在 [tenant] also 写 kf"
    ]
    assert read(f'{private}also = ["kf"]', tmp_path).kf
    with pytest.raises(SettingsError) as caught:
        read('[kf]\nenabled = true\n[tenant]\nwithout = ["kf"]', tmp_path)
    assert "请只留一处" in caught.value.mistakes[0]


def test_a_robot_of_a_private_deployment_has_its_own_line() -> None:
    robot = SimpleNamespace(transport="socket", ws_url="wss://openws.work.weixin.qq.com")
    app, gateway = App(api_base="https://10.1.2.3/cgi-bin/"), Gateway()
    tenant = Tenant(edition="private", also=("robot",))
    (line,) = at_odds({"app": app, "tenant": tenant, "gateway": gateway, "robot": robot})
    assert "ws_url 还是公有云" in line
    robot.ws_url = "wss://10.1.2.3:9443/robot"
    assert at_odds({"app": app, "tenant": tenant, "gateway": gateway, "robot": robot}) == []
    (line,) = at_odds({"app": app, "tenant": Tenant("private"), "gateway": gateway, "robot": robot})
    assert "[robot] transport 开着" in line


def test_every_line_says_what_takes_the_place_of_what_is_absent() -> None:
    for feature in FEATURES:
        assert len(feature.standing) == len(EDITIONS)
        if "fallback" in feature.standing:
            assert len(feature.instead.zh) > 2, feature.name
            assert feature.needs, feature.name


# -- the documents ------------------------------------------------------------------------------------------


def in_private(feature: Feature) -> Words:
    """The last column: what becomes of it in 政务微信 and 粤政易."""
    if feature.of("private") == "works":
        return Words("可以", "yes")
    if feature.of("private") == "off":
        return Words("不可能", "impossible")
    return Words(f"看版本；没有就{feature.instead.zh}", f"depends on its version; else {feature.instead.en}")


def readme_table(language: str) -> str:
    head = {
        "zh": "| 做什么 | 内部（成员、内部群） | 外部（企业、外部群） | 政务微信、粤政易 |",
        "en": "| what | inside (internal groups) | outside (firms, external groups) | 政务微信, 粤政易 |",
    }
    lines = [head[language], "|---|---|---|---|"]
    for feature in FEATURES:
        cells = (feature.label, feature.internal, feature.external, in_private(feature))
        lines.append(f"| {' | '.join(getattr(cell, language) for cell in cells)} |")
    return "\n".join(lines)


@pytest.mark.parametrize(("document", "language"), [("README.md", "en"), ("README.zh-CN.md", "zh")])
def test_the_readmes_hold_the_table(document: str, language: str) -> None:
    table = readme_table(language)
    assert table in (ROOT / document).read_text(encoding="utf-8"), f"write this into it:\n{table}"


def edition_table() -> str:
    words = {"works": "有", "fallback": "默认没有", "off": "没有"}
    lines = ["| 功能 | 公有云 | 政务微信 | 粤政易 | 没有时 |", "|---|---|---|---|---|"]
    for feature in FEATURES:
        cells = [words[feature.of(edition)] for edition in EDITIONS]
        lines.append(f"| {' | '.join([feature.label.zh, *cells, feature.instead.zh])} |")
    return "\n".join(lines)


def guide() -> str:
    return (ROOT / "docs/private.md").read_text(encoding="utf-8")


def test_the_operators_guide_holds_the_table_and_the_names() -> None:
    assert edition_table() in guide(), f"write this into it:\n{edition_table()}"
    names = "、".join(f"`{name}`" for name in REMOVABLE)
    assert f"名字是 {names}。" in guide(), names


def test_the_examples_of_the_guide_are_configurations_that_load(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    for name, secret in (("app", "s"), ("token", "t"), ("aes_key", "k" * 43), ("paastoken", "p")):
        (tmp_path / "secrets" / name).write_text(secret, encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", guide(), flags=re.S)
    editions = []
    for block in blocks:
        path = tmp_path / "config.toml"
        path.write_text(block, encoding="utf-8")
        editions.append(load(path, {}, serving=True).tenant.edition)
    assert editions == list(EDITIONS)
