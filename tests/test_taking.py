"""What “撤回” is about: everything, or what is named; the rest is the last message."""

import pytest

from supervision.taking import takes_everything


@pytest.mark.parametrize(
    "said",
    [
        "全部撤回",
        "都撤回吧",
        "全撤",
        "把今天报的都撤回",
        "我今天报的都不算",
        "之前报的全部作废，重新报",
        "本轮的数据全部撤回",
        "撤回全部数据",
        "撤回今天报的",
        "以上数据统统作废",
    ],
)
def test_everything_is_meant(said: str) -> None:
    assert takes_everything(said)


@pytest.mark.parametrize(
    "said",
    [
        "撤回",
        "撤回②",
        "刚才报的都撤回",
        "上一条全部作废",
        "公路报早了，先撤了",
        "①25不算在建的",
        "10座危桥全部拆除，老桥取消限行",
        "两个项目都取消了",
    ],
)
def test_the_last_message_or_what_is_named_is_meant(said: str) -> None:
    assert not takes_everything(said)
