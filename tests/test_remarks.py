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
