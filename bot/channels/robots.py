"""Makes the smart robot of the configured transport, in two steps: delivery needs the outgoing half before
dispatch exists, and the door needs dispatch. `bot/app.py` calls both, once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import aiohttp

from bot.channels.robot_answers import Answers
from bot.channels.robot_callback import ResponseSender, RobotDoor
from bot.channels.robot_line import RobotLine
from bot.channels.robot_socket import RobotSocket
from bot.dispatch import Dispatcher
from bot.metrics import Metrics
from bot.pacing import Window
from bot.settings import Settings
from storage.engine import Database


def sender(
    settings: Settings, *, session: aiohttp.ClientSession, database: Database, clock: Callable[[], datetime]
) -> RobotLine | ResponseSender | None:
    """The outgoing half; None when there is no robot."""
    if settings.robot.transport == "socket":
        most = settings.delivery
        windows = (
            Window(most.per_member_minute, timedelta(minutes=1)),
            Window(most.per_member_hour, timedelta(hours=1)),
        )
        return RobotLine(clock, windows, database)
    if settings.robot.transport == "callback":
        return ResponseSender(
            session=session,
            settings=settings.robot,
            proxy=settings.app.proxy,
            database=database,
            clock=clock,
        )
    return None


def door(
    settings: Settings,
    half: RobotLine | ResponseSender | None,
    *,
    session: aiohttp.ClientSession,
    database: Database,
    dispatcher: Dispatcher,
    clock: Callable[[], datetime],
    metrics: Metrics,
    admins: frozenset[str],
    decent: Callable[[datetime], datetime],
    on_queued: Callable[[], None],
) -> list[RobotSocket | RobotDoor]:
    """The incoming half, to be started after dispatch; none when there is no robot."""
    if half is None:
        return []
    if isinstance(half, ResponseSender):
        return [
            RobotDoor(
                settings=settings.robot,
                database=database,
                dispatcher=dispatcher,
                clock=clock,
                metrics=metrics,
                on_queued=on_queued,
            )
        ]
    answers = Answers(
        name=settings.robot.name,
        line=half,
        database=database,
        dispatcher=dispatcher,
        clock=clock,
        metrics=metrics,
        on_queued=on_queued,
    )
    return [
        RobotSocket(
            settings=settings.robot,
            line=half,
            answers=answers,
            session=session,
            proxy=settings.app.proxy,
            database=database,
            clock=clock,
            metrics=metrics,
            admins=admins,
            decent=decent,
            on_queued=on_queued,
        )
    ]
