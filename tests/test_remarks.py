"""What a reply says besides numbers: trouble, calls for help, how it stands, by when, and whether anything."""

from datetime import date

import pytest

from handlers.turn import Knowing
from knowledge.reply import Asked, Reading, Record, read

ON = date(2024, 10, 23)  # a Wednesday


def said(knows: Knowing, text: str, prompted: int | None = 12, unit: str = "饶平县") -> Reading:
    return read(text, Asked(ON, unit, prompted), knows.book, knows.index)


def only(knows: Knowing, text: str, prompted: int | None = 12) -> Record:
    (record,) = said(knows, text, prompted).records
    return record


def test_labels_between_blanks_part_a_note(knows: Knowing) -> None:
    record = only(knows, "要点 12 进度 55% 困难 清运车老旧 求助 请县财政添两台 下一步 更新3台 时限 11月底")
    assert (record.percent, record.difficulty, record.next_step) == (55.0, "清运车老旧", "更新3台")
    assert record.help_needed == "请县财政添两台"
    assert record.due == date(2024, 11, 30)


@pytest.mark.parametrize(
    "text", ["困难群众走访 132户 问题整改 12条 进度70%", "序号 进度 困难 下一步\n12 70% 无 补种"]
)
def test_other_words_between_blanks_are_no_labels(knows: Knowing, text: str) -> None:
    assert only(knows, text).difficulty is None


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2024, 12, 20), "过渡期协议12月中旬签，整体65%"),
        (date(2024, 12, 10), "认定还在公示，12月上旬授牌"),
        (date(2024, 10, 27), "27号前再做3条"),
        (date(2024, 12, 3), "验收定在12月3日"),
        (None, "到今天完工15个"),
        (None, "高企预计年底到310家，现有268家"),
        (None, "铺了6公里，11月2日有个推介会"),
        (None, "铺了6公里，下周一市领导来调研"),
    ],
)
def test_a_day_ahead_is_somebodys_unless_it_is_an_event(knows: Knowing, day: date | None, text: str) -> None:
    assert only(knows, text).by == day


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("report", "调解室的牌子挂上去了，大家都来看"),
        ("report", "灶台砌好了，开张那天请大家来食糜"),
        ("report", "桥面今天浇完了，大家加班到夜里十点"),
        ("ack", "来件已登记，三个工作日内回复"),
        ("question", "要填的表在哪下载，群文件翻遍了没找着"),
        ("question", "17项的口径跟去年一样不"),
        ("chatter", "夜里十一点还在赶材料，谁懂啊"),
        ("ack", "饭吃好了，回去马上弄"),
    ],
)
def test_what_is_done_is_told_and_talk_is_not(knows: Knowing, kind: str, text: str) -> None:
    assert said(knows, text).kind == kind
