"""Wanted files into the folder: claims rows, downloads, checks, stores by content, tells whose was refused.

Runs in every replica; a row is held under a lease, so a killed process loses nothing, and a file appears
under its name only when it is whole. What is wrong with a file is said by `knowledge/attachment.py`; which
errors are worth another try, and when, is said here.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog

from bot.metrics import Metrics
from bot.settings import Files as Settings
from bot.wecom.errors import ConfigError, RateLimited, RetryLater, TooLarge, UploadAgain, WeComError
from knowledge import attachment
from storage import attachments, outbox
from storage.attachments import Claimed
from storage.engine import Connection, Database, StorageError
from storage.message import Text, dump

log = structlog.get_logger("files")

LIFE = timedelta(days=3)  # WeCom's; after that a file can only be sent again
_CLOSING = 5.0  # seconds a download may still take when the process ends


class DiskTrouble(Exception):
    """The folder takes nothing: no room, no right, no such disk."""


# Seconds to wait after the n-th failure, the last for all further ones, until the file's three days are over.
WAITS: tuple[tuple[type[Exception], tuple[int, ...]], ...] = (
    (ConfigError, (300,)),  # secret, trusted IP, certificate: a person mends it; until then a try is noise
    (RateLimited, (60, 120, 300)),  # 45009: the app's own window, which its messages need as well
    (RetryLater, (2, 5, 15, 60, 300, 900, 1800)),  # network, a busy WeCom, a token being fetched elsewhere
    (DiskTrouble, (60, 300)),  # a person makes room
    (Exception, (30, 300, 1800)),  # a mistake of ours: perhaps this file's, so the others go on
)
# It will be the same for every other file.
PAUSING = (ConfigError, RateLimited, DiskTrouble)
MISTAKES = 4  # tries of a file that makes us stumble

_EXPIRED = "企业微信只保留三天，现在已经取不到了，请重新发一次"
_HOPELESS = "企业微信没有给出这个文件，请重新发一次"
_STUMBLED = "没能处理，已记录，请换一种格式重新发一次"
_KINDS = {"image": "图片", "voice": "语音", "video": "视频"}


class Source(Protocol):
    """Where the bytes come from: `bot/wecom/client.py:Client`."""

    async def media(self, media_id: str, write: Callable[[bytes], object], *, most: int) -> str:
        """Writes the bytes and returns the name. Raises a WeComError."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in its place; `path` is relative to the folder."""

    name: str
    path: str
    size: int
    sha256: str


class Fetcher:
    """One per process: `start`, `poke` when something was wanted by this process, `close` at the end."""

    def __init__(
        self,
        *,
        database: Database,
        source: Source,
        settings: Settings,
        clock: Callable[[], datetime],
        metrics: Metrics,
        on_queued: Callable[[], None],
        channel: str = "app",
    ) -> None:
        self._database = database
        self._source = source
        self._settings = settings
        self._folder = Path(settings.folder)
        self._clock = clock
        self._metrics = metrics
        self._on_queued = on_queued
        self._channel = channel
        self._paused_until = datetime.min.replace(tzinfo=UTC)
        self._wake = asyncio.Event()
        self._closing = False
        self._worker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._worker = asyncio.create_task(self._work(), name="files")

    def poke(self) -> None:
        """A file is wanted: look now instead of at the next poll."""
        self._wake.set()

    async def close(self) -> None:
        """Gives the files at hand a moment; a row left behind comes back when its lease ends."""
        self._closing = True
        self._wake.set()
        if self._worker is None:
            return
        await asyncio.wait({self._worker}, timeout=_CLOSING)
        self._worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._worker

    async def _work(self) -> None:
        while not self._closing:
            busy = await self._round()
            if busy or self._closing:
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._settings.poll_seconds)
            self._wake.clear()

    async def _round(self) -> bool:
        """Fetches what is due; whether there was anything."""
        try:
            rows = [] if self._clock() < self._paused_until else await self._claim()
            results = await asyncio.gather(*(self._fetch(row) for row in rows), return_exceptions=True)
            for surprise in results:
                if isinstance(surprise, BaseException):
                    raise surprise
        except StorageError:  # the rows stay leased and come back
            log.exception("fetching failed; rows come back when their lease ends", next_step="bqw doctor")
            return False
        return bool(rows)

    async def _claim(self) -> list[Claimed]:
        async with self._database.transaction() as conn:
            return await attachments.claim(
                conn,
                now=self._clock(),
                lease=timedelta(seconds=self._settings.lease_seconds),
                limit=self._settings.at_once,
            )

    async def _fetch(self, row: Claimed) -> None:
        """One file. What people send is opened by several libraries, each with surprises of its own: the one
        place besides the three loops that catches everything."""
        try:
            found = await self._obtain(row)
        except TooLarge:
            most = self._settings.max_mb
            await self._refuse(row, f"超过{most}兆，请压缩图片、拆成几份，或只发要紧的几页")
        except (ConfigError, RateLimited, RetryLater, DiskTrouble) as error:
            await self._failed(row, error)
        except WeComError as error:  # no later try can help
            log.warning("file is gone", message=row.message_key, code=error.code, reason=error.reason)
            await self._refuse(row, _EXPIRED if isinstance(error, UploadAgain) else _HOPELESS)
        except Exception as error:
            # A file that makes us stumble must not come back for ever, nor hold up what waits behind it.
            log.exception("fetching raised what it should not", message=row.message_key)
            await self._failed(row, error)
        else:
            await (self._store(row, found) if isinstance(found, Kept) else self._refuse(row, found))

    # -- bytes ------------------------------------------------------------------------------------------

    async def _obtain(self, row: Claimed) -> Kept | str:
        """The file in its place, or why it is refused; a refused one leaves no byte behind."""
        if row.name and (reason := attachment.check_name(row.name, row.kind, self._settings.kinds)):
            return reason  # without asking for it: what is marked secret is not even fetched
        part = await asyncio.to_thread(_Part, self._folder, row)
        try:
            said = await self._source.media(
                row.media_id, part.write, most=self._settings.max_mb * 1024 * 1024
            )
            return await asyncio.to_thread(self._settle, part, row.kind, row.name or said)
        finally:
            part.drop()

    def _settle(self, part: _Part, kind: str, name: str) -> Kept | str:
        data = part.finished()
        name = name or f"{_KINDS.get(kind, '文件')}.{attachment.sniff(data)}"
        if reason := attachment.check(data, name, kind, self._settings.kinds):
            return reason
        path = part.keep(attachment.ending(data, name, kind))
        return Kept(name, path, len(data), part.sha256)

    # -- what becomes of the row ------------------------------------------------------------------------

    async def _store(self, row: Claimed, kept: Kept) -> None:
        async with self._database.transaction() as conn:
            mine = await attachments.stored(
                conn,
                row,
                name=kept.name,
                path=kept.path,
                size=kept.size,
                sha256=kept.sha256,
                now=self._clock(),
            )
        self._note(row, "stored", mine, size=kept.size, sha256=kept.sha256)

    async def _refuse(self, row: Claimed, reason: str) -> None:
        """The row is finished and the sender told, together or not at all."""
        async with self._database.transaction() as conn:
            mine = await attachments.refused(conn, row, reason=reason)
            if mine:
                await self._tell(conn, row, reason)
        if mine:
            self._on_queued()
        self._note(row, "refused", mine, reason=reason)

    async def _tell(self, conn: Connection, row: Claimed, reason: str) -> None:
        what = f"《{row.name}》" if row.name else _KINDS.get(row.kind, "文件")
        message = outbox.Outgoing(
            key=f"file:{row.message_key}",
            channel=self._channel,
            target=row.person,
            payload=dump(Text(f"您发的{what}没有存下来：{reason}。")),
            after=f"re:{row.message_key}",  # never before “已收到”
        )
        await outbox.add(conn, [(message, None)], self._clock())

    async def _failed(self, row: Claimed, error: Exception) -> None:
        """Tried again later, as long as WeCom still has it."""
        at = self._next_try(row, error)
        if isinstance(error, PAUSING):
            self._paused_until = at
        if not isinstance(error, (WeComError, DiskTrouble)) and row.attempts >= MISTAKES:
            await self._refuse(row, _STUMBLED)
        elif at > row.sent_at + LIFE:
            await self._refuse(row, _EXPIRED)
        else:
            async with self._database.transaction() as conn:
                mine = await attachments.retry_at(conn, row, at=at, reason=_advice(error))
            self._note(row, "retry", mine, error=type(error).__name__, reason=_advice(error))

    def _next_try(self, row: Claimed, error: Exception) -> datetime:
        now = self._clock()
        waits = next(waits for kind, waits in WAITS if isinstance(error, kind))
        at = now + timedelta(seconds=waits[min(row.attempts, len(waits)) - 1])
        if isinstance(error, RetryLater):
            return max(at, now + timedelta(seconds=error.after))
        return max(at, error.until) if isinstance(error, RateLimited) else at

    def _note(self, row: Claimed, result: str, mine: bool, **more: object) -> None:
        if not mine:
            log.warning("lease passed to another process while fetching", message=row.message_key)
            return
        self._metrics.files.labels(result).inc()
        said = {"message": row.message_key, "person": row.person, "attempt": row.attempts}
        say = log.warning if result == "retry" else log.info
        say("file fetched", result=result, **said, **more)


def _advice(error: Exception) -> str:
    if isinstance(error, WeComError):
        return "。".join(part for part in (error.reason, error.next_step) if part)
    if isinstance(error, DiskTrouble):
        return f"{error}。请检查 [files] folder 的磁盘空间和权限"
    return f"程序出错（{type(error).__name__}），请把日志发给运维人员"


class _Part:
    """A file on its way, under a name no finished file has; only `keep` gives it a place."""

    def __init__(self, folder: Path, row: Claimed) -> None:
        """Also clears away what a killed holder of the same row left."""
        self._folder = folder
        self._path = folder / "incoming" / f"{row.id}.{row.attempts}.part"
        self._sum = hashlib.sha256()
        with _disk():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            for left in self._path.parent.glob(f"{row.id}.*.part"):
                left.unlink(missing_ok=True)
            self._file = self._path.open("xb")

    @property
    def sha256(self) -> str:
        return self._sum.hexdigest()

    def write(self, chunk: bytes) -> None:
        with _disk():
            self._file.write(chunk)
        self._sum.update(chunk)

    def finished(self) -> bytes:
        """Everything written, which is on the disk from now on."""
        with _disk():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            return self._path.read_bytes()

    def keep(self, ending: str) -> str:
        """Gives it the name of its content, in one step; the path within the folder."""
        path = f"{self.sha256[:2]}/{self.sha256}.{ending}"
        place = self._folder / path
        with _disk():
            place.parent.mkdir(exist_ok=True)
            self._path.replace(place)
            _sync(place.parent)
            _sync(self._folder)
        return path

    def drop(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    """An OSError of the folder must not pass for one of the network."""
    try:
        yield
    except OSError as error:
        raise DiskTrouble(error.strerror or type(error).__name__) from error


def _sync(folder: Path) -> None:
    """A new name survives a power cut only when its folder is flushed too; network shares cannot do it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
