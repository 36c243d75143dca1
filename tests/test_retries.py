"""What an error leads to: every class has its row, its waiting and its reason."""

from datetime import timedelta

import pytest

from bot import retries
from bot.retries import judge
from bot.wecom import errors
from bot.wecom.errors import ConfigError, DropRecipient, RateLimited, RetryLater, WeComError
from tests.conftest import MONDAY


def seconds(ahead: float) -> object:
    return MONDAY + timedelta(seconds=ahead)


def test_every_class_of_error_has_a_row_of_its_own_with_a_reason() -> None:
    kinds = {
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, WeComError)
    }
    assert {rule.error for rule in retries.TABLE} == kinds
    assert all(rule.why for rule in retries.TABLE)
    assert retries.TABLE[-1].error is WeComError  # the most general comes last


@pytest.mark.parametrize(("attempt", "wait"), [(1, 2), (2, 5), (3, 15), (7, 1800), (7000, 1800)])
def test_waits_grow_and_then_stay(attempt: int, wait: float) -> None:
    verdict = judge(RetryLater("繁忙", after=0.5), attempt, MONDAY, most=10**6)
    assert verdict.again_at == seconds(wait)
    assert verdict.pause_until is None


def test_nothing_is_tried_sooner_than_the_error_asks_for() -> None:
    assert judge(RetryLater("繁忙", after=60), 1, MONDAY, most=8).again_at == seconds(60)
    limit = RateLimited("太频繁", until=MONDAY + timedelta(minutes=1))
    verdict = judge(limit, 1, MONDAY, most=8)
    assert verdict.again_at == verdict.pause_until == seconds(60)


def test_what_only_a_person_can_help_is_not_tried_again() -> None:
    verdict = judge(DropRecipient("没有这个成员", "请核对名单"), 1, MONDAY, most=8)
    assert verdict.again_at is None
    assert verdict.pause_until is None
    assert verdict.reason == "没有这个成员。请核对名单"


def test_the_last_failure_still_pauses_what_concerns_everybody() -> None:
    verdict = judge(ConfigError("应用被停用"), 8, MONDAY, most=8)
    assert verdict.again_at is None
    assert verdict.pause_until == seconds(300)
    assert verdict.reason == "试了8次仍未成功：应用被停用"
