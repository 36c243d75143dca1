"""Cutting long texts, and what each payload becomes on its way to the self-built app."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wecom.render import Send, Update, Upload, pieces, plain, render
from bot.wecom.split import parts
from storage.message import Button, Card, CardUpdate, File, Markdown, Payload, Picture, Text

FAMILY = "👨‍👩‍👧‍👦"
BUTTONS = (Button("确认", "确认第17项"), Button("不是", "不是第17项"))
CARD = Card("督办提醒", "请报送第17项进展", BUTTONS, "请报送第17项进展：回复“确认第17项”")


def unnumbered(texts: list[str]) -> str:
    total = len(texts)
    heads = [f"（{number}/{total}）" for number in range(1, total + 1)]
    assert [text[: len(head)] for text, head in zip(texts, heads, strict=True)] == heads
    return "".join(text[len(head) :] for text, head in zip(texts, heads, strict=True))


def body(payload: Payload) -> dict[str, object]:
    (step,) = render(payload, task_id="t-1")
    assert isinstance(step, Send)
    return step.body


# -- split --------------------------------------------------------------------------------------------------


@given(st.text(), st.integers(48, 300))
def test_parts_keep_all_content_and_the_limit(text: str, limit: int) -> None:
    texts = parts(text, limit)
    assert max(len(part.encode()) for part in texts) <= limit
    assert (texts[0] if len(texts) == 1 else unnumbered(texts)) == text


WORDS = st.sampled_from(["冷链物流", "。", "\n", "，", "e\u0301", FAMILY, "👍🏽", "🇨🇳", "a b", "\r\n", "7️⃣"])


@given(st.lists(WORDS, min_size=30, max_size=400), st.integers(60, 300))
def test_no_cut_falls_inside_a_visible_character(words: list[str], limit: int) -> None:
    for part in parts("".join(words), limit)[1:]:
        first = part[part.index("）") + 1]
        assert first not in "\u200d\ufe0f\u0301\u20e3🏽"
        assert not unicodedata.category(first).startswith("M")
    for part in parts("".join(words), limit)[:-1]:
        assert part[-1] not in "\u200d\r"
        assert len(re.findall("[\U0001f1e6-\U0001f1ff]", part)) % 2 == 0


def test_a_text_that_fits_is_not_numbered() -> None:
    assert parts("长" * 20, 60) == ["长" * 20]
    assert parts("", 60) == [""]


def test_a_cut_prefers_a_line_end_then_a_sentence_end() -> None:
    line = "第一行的内容不算短。\n"
    assert [part[-1] for part in parts(line * 6, 100)[:-1]] == ["\n"] * (len(parts(line * 6, 100)) - 1)
    sentence = "“这一句话有引号。”"
    assert all(part.endswith("。”") for part in parts(sentence * 12, 100))


def test_a_character_longer_than_a_part_is_cut_after_all() -> None:
    endless = "e" + "\u0301" * 200
    assert unnumbered(parts(endless, 48)) == endless


def test_ten_and_more_parts_are_numbered_with_their_total() -> None:
    texts = parts("字" * 400, 60)
    assert len(texts) > 20
    assert texts[0].startswith(f"（1/{len(texts)}）")
    assert unnumbered(texts) == "字" * 400


def test_half_a_character_becomes_a_question_mark() -> None:
    assert parts("冷\ud83d链", 60) == ["冷?链"]


def test_a_limit_without_room_for_text_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="no room"):
        parts("text", 20)


# -- render -------------------------------------------------------------------------------------------------


def test_a_text_is_sent_as_text() -> None:
    assert body(Text("第17项由市供销社牵头")) == {
        "msgtype": "text",
        "text": {"content": "第17项由市供销社牵头"},
    }


def test_a_long_text_becomes_numbered_messages_of_2048_bytes() -> None:
    steps = render(Text("督办事项。\n" * 500), task_id="t-1")
    contents = [step.body["text"]["content"] for step in steps if isinstance(step, Send)]
    assert len(contents) == len(steps) > 1
    assert max(len(content.encode()) for content in contents) <= 2048
    assert unnumbered(contents) == "督办事项。\n" * 500


@given(st.text(max_size=3000))
def test_pieces_of_a_text_are_whole_messages(text: str) -> None:
    for piece in pieces(Text(text)):
        assert pieces(piece) == (piece,)


@pytest.mark.parametrize(
    "text", ['<a href="http://x">点我</a>', "<A HREF=x>", "< a href=x>", "<@all>", "<@li>"]
)
def test_what_a_person_wrote_becomes_no_link_and_no_mention(text: str) -> None:
    assert "<a" not in plain(text).lower().replace(" ", "")
    assert "<@" not in plain(text)


def test_a_comparison_stays_as_it_was_written() -> None:
    assert plain("库容<5万立方米, a<b") == "库容<5万立方米, a<b"


def test_markdown_is_sent_as_markdown_with_its_colours() -> None:
    content = '**第17项** <font color="warning">超期</font> <@all> <font color="red">x</font>'
    assert body(Markdown(content, "第17项 超期")) == {
        "msgtype": "markdown",
        "markdown": {
            "content": '**第17项** <font color="warning">超期</font> ＜@all> ＜font color="red">x</font>'
        },
    }


def test_markdown_that_is_too_long_goes_out_as_its_text() -> None:
    assert body(Markdown("**长**" * 400, "短")) == {"msgtype": "text", "text": {"content": "短"}}


def test_a_card_is_a_button_interaction_with_its_task_id() -> None:
    assert body(CARD) == {
        "msgtype": "template_card",
        "template_card": {
            "card_type": "button_interaction",
            "task_id": "t-1",
            "main_title": {"title": "督办提醒"},
            "sub_title_text": "请报送第17项进展",
            "button_list": [
                {"text": "确认", "style": 1, "key": "确认第17项"},
                {"text": "不是", "style": 2, "key": "不是第17项"},
            ],
        },
    }


def test_an_app_without_cards_sends_the_text() -> None:
    assert render(CARD, task_id="t-1", cards=False) == [
        Send({"msgtype": "text", "text": {"content": CARD.text}})
    ]
    assert render(CardUpdate("RC", "已确认"), task_id="t-1", cards=False) == []


@pytest.mark.parametrize(
    "card",
    [
        Card("标题", "正文", (), "文字"),
        Card("标题", "正文", tuple(Button(str(n), str(n)) for n in range(7)), "文字"),
        Card("标题", "正" * 113, BUTTONS, "文字"),
        Card("标" * 27, "正文", BUTTONS, "文字"),
        Card("", "", BUTTONS, "文字"),
        Card("标题", "正文", (Button("一", "k"), Button("二", "k")), "文字"),
        Card("标题", "正文", (Button("一", "钥" * 342),), "文字"),
        Card("标题", "正文", (Button("", "k"),), "文字"),
        Card("标题", "正文", (Button("一", ""),), "文字"),
    ],
)
def test_a_card_that_would_lose_something_goes_out_as_its_text(card: Card) -> None:
    assert body(card) == {"msgtype": "text", "text": {"content": "文字"}}


def test_a_long_label_is_shortened_and_its_key_kept() -> None:
    card = Card("您是不是想问", "请选择", (Button("第17项 农村基础设施建设", "第17项"),), "文字")
    template = body(card)["template_card"]
    assert template["button_list"] == [{"text": "第17项 农村基础…", "style": 1, "key": "第17项"}]  # type: ignore[index]


def test_a_task_id_that_wecom_would_refuse_gets_a_lasting_substitute() -> None:
    made = [render(CARD, task_id=key)[0] for key in ("re:app:1:2", "re:app:1:2", "re:app:1:3")]
    ids = [step.body["template_card"]["task_id"] for step in made if isinstance(step, Send)]
    assert ids[0] == ids[1] != ids[2]
    assert all(re.fullmatch(r"[0-9A-Za-z_\-@]{1,128}", task_id) for task_id in ids)


def test_a_card_update_names_its_code_and_the_word() -> None:
    assert render(CardUpdate("RC", "已确认"), task_id="") == [
        Update({"response_code": "RC", "button": {"replace_name": "已确认"}})
    ]


def test_pictures_and_files_ask_to_be_uploaded_first() -> None:
    picture, file = Picture("/data/out/week.png", "周报"), File("/data/out/7.xlsx", "7月台账.xlsx")
    assert render(picture, task_id="") == [Upload("/data/out/week.png", "week.png", "image")]
    (upload,) = render(file, task_id="")
    assert upload == Upload("/data/out/7.xlsx", "7月台账.xlsx", "file")
    assert isinstance(upload, Upload)
    assert upload.send("M1") == Send({"msgtype": "file", "file": {"media_id": "M1"}})
