"""What the two ways into a group share: a message is not repeated blindly, and a way that is gone is closed.

`webhook.py` and `appchat.py` use it. Neither WeCom interface can be told to drop a repetition.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from bot.wecom.errors import Rejected, TargetGone
from storage import chats
from storage.chats import Address
from storage.engine import Database, StorageError

log = structlog.get_logger("groups")


def only_once(maybe_sent: timedelta | None) -> None:
    """An earlier attempt may have worked: a person looks into the group before it is said again."""
    if maybe_sent is not None:
        raise Rejected("网络中断，不确定群里是否已经收到", "请到群里看一眼，没有的再重发")


async def closing(
    address: Address, send: Callable[[], Awaitable[None]], database: Database, clock: Callable[[], datetime]
) -> None:
    """Sends; when WeCom says that the group or the robot is gone, nothing takes this way any more."""
    try:
        await send()
    except TargetGone as error:
        log.warning(
            "way into a group is gone", channel=address.channel, target=address.target, code=error.code
        )
        try:
            async with database.transaction() as conn:
                await chats.switch_off(conn, address, reason=str(error), now=clock())
        except StorageError:
            log.exception("could not switch it off; the next message will")
        raise
