"""One JSON line per event on standard error, for the person at three in the morning.

`secrets` never reach a line: nothing here logs URLs or bodies, and what looks like a secret by its name is
masked as a second wall.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_MASKED = ("secret", "token", "aes_key", "password", "echostr", "signature")


def set_up(level: str) -> None:
    """Called once by the process, never by a library or a test."""
    encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            structlog.processors.format_exc_info,
            _mask,
            structlog.processors.JSONRenderer(serializer=lambda event, **_: encode(event)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(number, logging.WARNING), stream=sys.stderr)


def _mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in event:
        if any(word in name for word in _MASKED):
            event[name] = "***"
    return event
