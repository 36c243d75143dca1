"""Quantities of one kind written two ways, and quantities that only look alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.measures import in_unit, is_count


@pytest.mark.parametrize(
    ("value", "unit", "target_unit", "expected"),
    [
        (1800, "吨", "万吨", 0.18),
        (2600, "万吨", "万吨", 2600),
        (500_000, "公斤", "万吨", 0.05),
        (32, "千米", "公里", 32),
        (800, "米", "公里", 0.8),
        (32, "KM", "公里", 32),
        (1.36, "亿", "亿元", 1.36),
        (1.36, "个亿", "亿元", 1.36),
        (3200, "万元", "亿元", 0.32),
        (5, "千万元", "亿元", 0.5),
        (0.12, "万", "户", 1200),
        (0.12, "万户", "户", 1200),
        (120, "个", "户", 120),
        (3, "家", "个", 3),
        (21, "个", "个项目", 21),
        (21, "项", "个项目", 21),
        (3, "座", "个", 3),
        (120, "人", "名", 120),
        (12, "个", "人", 12),
        (30, "亩", "公顷", 2),
        (3, "万㎡", "平方米", 30_000),
        (7, "成", "%", 70),
        (85, "％", "%", 85),
        (25.6, "", "公里", 25.6),
        (2, " 个 ", "条", 2),
        (3, "公里", "公里", 3),
    ],
)
def test_one_quantity_in_the_targets_unit(value: float, unit: str, target_unit: str, expected: float) -> None:
    assert in_unit(value, unit, target_unit) == expected


@pytest.mark.parametrize(
    ("unit", "target_unit"),
    [
        ("户", "万吨"),
        ("亩", "公里"),
        ("人", "户"),  # a household is not a person
        ("人次", "人"),
        ("%", "个"),
        ("个百分点", "%"),
        ("个月", "个"),
        ("万", "%"),
        ("元", "个"),
        ("公里", "平方公里"),
        ("个", "全面完成"),
        ("喇叭", "个"),
    ],
)
def test_what_does_not_fit_is_not_guessed(unit: str, target_unit: str) -> None:
    assert in_unit(5, unit, target_unit) is None


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("个项目", True),
        ("户", True),
        ("万户", True),
        ("公里", False),
        ("%", False),
        ("亿元", False),
        ("", False),
    ],
)
def test_what_is_counted(unit: str, expected: bool) -> None:
    assert is_count(unit) is expected


@given(st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=6), st.text(max_size=6))
def test_no_unit_makes_it_stumble(value: float, unit: str, target_unit: str) -> None:
    found = in_unit(value, unit, target_unit)
    assert found is None or isinstance(found, float)
