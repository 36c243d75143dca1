"""Starts what is measured: `bqw serve` on a database, the ceiling, and a stand-in for WeCom's API."""

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from tests.bench import machine
from tests.bench.load import AES_KEY, AGENT, CORP, TOKEN

ROOT = Path(__file__).resolve().parents[2]
BQW = Path(sys.executable).with_name("bqw")
_START_LIMIT = 60.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server process."""

    pid: int
    port: int
    ready_seconds: float


@contextlib.contextmanager
def ceiling(folder: Path, core: int, parser: str) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.ceiling", str(port), str(core), parser]
    with _running(command, port, core, folder / f"{parser}.log") as server:
        yield server


@contextlib.contextmanager
def bqw(folder: Path, core: int, database_url: str, api_base: str, more: str = "") -> Iterator[Server]:
    """`bqw serve` with a configuration of its own in `folder`; `more` is added to it."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    config = folder / "config.toml"
    config.write_text(
        f'[server]\nport = {port}\n[database]\nurl = "{database_url}"\n'
        f'[app]\ncorp_id = "{CORP}"\nagent_id = {AGENT}\nsecret = "bench"\ntoken = "{TOKEN}"\n'
        f'aes_key = "{AES_KEY}"\napi_base = "{api_base}"\n{more}',
        encoding="utf-8",
    )
    command = [str(BQW), "serve", "--config", str(config)]
    with _running(command, port, core, folder / "bqw.log") as server:
        yield server


@dataclass(slots=True)
class Api:
    """Counts what the bot pushes; every call succeeds at once."""

    base: str = ""
    sent: int = 0


@contextlib.asynccontextmanager
async def api() -> AsyncIterator[Api]:
    """The stand-in runs in this process, which is idle while a round is measured."""
    found = Api()

    async def answer(request: web.Request) -> web.Response:
        found.sent += request.path.endswith("/message/send")
        return web.json_response({"errcode": 0, "access_token": "bench", "expires_in": 7200, "msgid": "1"})

    app = web.Application()
    app.router.add_route("*", "/cgi-bin/{path:.+}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.base = f"http://127.0.0.1:{runner.addresses[0][1]}/cgi-bin/"
    try:
        yield found
    finally:
        await runner.cleanup()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _running(command: list[str], port: int, core: int, log: Path) -> Iterator[Server]:
    with log.open("ab") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=lambda: machine.pin(core),
        )
        try:
            _wait_until_ready(process, port, log)
            yield Server(process.pid, port, time.perf_counter() - began)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    give_up = time.monotonic() + _START_LIMIT
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise SystemExit(f"{process.args!r} ended while starting:\n{log.read_text()[-2000:]}")
        if _is_ready(port):
            return
        time.sleep(0.005)
    raise SystemExit(f"{process.args!r} was not ready within {_START_LIMIT:g} s:\n{log.read_text()[-2000:]}")


def _is_ready(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as link:
            link.sendall(b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
            return link.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


async def measured(job_json: str) -> str:
    """Runs the load generator in a process of its own and returns what it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.load",
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    output, _ = await process.communicate(job_json.encode())
    if process.returncode:
        raise SystemExit("the load generator failed")
    return output.decode()
