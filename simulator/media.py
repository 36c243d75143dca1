"""Uploaded pictures and files: checked like WeCom checks them, to be had for three days of the demo clock.

What a person was sent stays on his phone: the chat page still shows it afterwards.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.errors import ApiError

LIFE = timedelta(days=3)
_ON_PHONES = 500  # files the page still shows
_MB = 1024 * 1024
_LARGEST = {"image": 10 * _MB, "voice": 2 * _MB, "video": 10 * _MB, "file": 20 * _MB}
_SIGNS = {
    "image": (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"),
    "voice": (b"#!AMR",),
    "video": (b"ftyp",),
}


@dataclass(frozen=True, slots=True)
class Media:
    id: str
    kind: str
    name: str
    data: bytes
    at: datetime

    @property
    def content_type(self) -> str:
        """Only pictures are shown by a browser; anything else is a download."""
        if self.data.startswith(b"\x89PNG"):
            return "image/png"
        return "image/jpeg" if self.data.startswith(b"\xff\xd8\xff") else "application/octet-stream"


class MediaStore:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._kept: dict[str, Media] = {}

    def upload(self, kind: str, name: str, data: bytes) -> Media:
        """What the bot uploads; raises ApiError when WeCom would refuse it."""
        if kind not in _LARGEST:
            raise ApiError(40005, "invalid file type")
        if not 5 < len(data) <= _LARGEST[kind]:
            raise ApiError(40009 if kind == "image" else 40006, "invalid file size")
        if kind in _SIGNS and not any(sign in data[:16] for sign in _SIGNS[kind]):
            raise ApiError(40004, "invalid media type")
        return self.keep(kind, name, data)

    def keep(self, kind: str, name: str, data: bytes) -> Media:
        media = Media(secrets.token_urlsafe(32), kind, name, data, self._now())
        self._kept[media.id] = media
        for old in list(self._kept)[:-_ON_PHONES]:
            del self._kept[old]
        return media

    def on_phone(self, media_id: str) -> Media | None:
        """What was sent, however long ago."""
        return self._kept.get(media_id)

    def get(self, media_id: str) -> Media:
        """What the API still gives out; raises ApiError."""
        media = self._kept.get(media_id)
        if media is None or self._now() - media.at > LIFE:
            raise ApiError(40007, "invalid media_id")
        return media
