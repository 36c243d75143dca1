"""What becomes of a message that could not be sent: one table from the error to the waiting and the reason.

`bot/wecom/errors.py` says which error a code is; this says what delivery does about it. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.wecom.errors import (
    ConfigError,
    DropRecipient,
    RateLimited,
    RefreshToken,
    Rejected,
    RetryLater,
    TargetGone,
    TooLarge,
    Unsupported,
    UploadAgain,
    WeComError,
)

# Seconds to wait after the n-th failure: quick at first (a hiccup), then slow (an outage), never forever.
BACKOFF = (2, 5, 15, 60, 300, 900, 1800)
FIVE_MINUTES = (300,)
NEVER = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """`waits` after the n-th failure, the last for all further ones; none means only a person can help.

    `everybody`: it will be the same for every other row, so the whole channel pauses meanwhile.
    """

    error: type[WeComError]
    waits: tuple[int, ...]
    everybody: bool
    why: str


TABLE: tuple[Rule, ...] = (
    Rule(RetryLater, BACKOFF, False, "passes by itself; never sooner than the error itself asks for"),
    Rule(RateLimited, BACKOFF, True, "the window must empty, and each further call would prolong it"),
    Rule(ConfigError, FIVE_MINUTES, True, "a person mends a setting in minutes; until then a try is noise"),
    Rule(RefreshToken, BACKOFF, False, "the client fetched a new one already: WeCom needs a moment"),
    Rule(UploadAgain, BACKOFF, False, "the next try uploads the file anew"),
    Rule(DropRecipient, NEVER, False, "nobody is there to receive it, whenever it is sent"),
    Rule(Unsupported, NEVER, False, "the version there will not learn it before a message is stale"),
    Rule(Rejected, NEVER, False, "the message itself is refused, and it will not change"),
    Rule(TooLarge, NEVER, False, "it will not shrink"),
    Rule(TargetGone, NEVER, False, "the group or the robot in it is gone until somebody adds it again"),
    Rule(WeComError, BACKOFF, False, "a surprise: worth a few tries, then a person looks"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """When to try again, None for never; until when everybody waits, if so; the sentence for the admin."""

    again_at: datetime | None
    pause_until: datetime | None
    reason: str


def rule_for(error: WeComError) -> Rule:
    return next(rule for rule in TABLE if isinstance(error, rule.error))


def judge(error: WeComError, attempt: int, now: datetime, *, most: int) -> Verdict:
    """What to do after the `attempt`-th failure of a row that is tried `most` times."""
    rule = rule_for(error)
    advice = "。".join(part for part in (error.reason, error.next_step) if part)
    if not rule.waits:
        return Verdict(None, None, advice)
    at = _next(rule, error, attempt, now)
    pause = at if rule.everybody else None
    if attempt >= most:
        return Verdict(None, pause, f"试了{attempt}次仍未成功：{advice}")
    return Verdict(at, pause, advice)


def _next(rule: Rule, error: WeComError, attempt: int, now: datetime) -> datetime:
    at = now + timedelta(seconds=rule.waits[min(attempt, len(rule.waits)) - 1])
    if isinstance(error, RetryLater):
        return max(at, now + timedelta(seconds=error.after))
    return max(at, error.until) if isinstance(error, RateLimited) else at
