"""`bqw serve` as a process of its own, for tests that kill it and for the bench."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp

BQW = Path(sys.executable).with_name("bqw")
CORP_ID, AGENT_ID = "wwbench00000000001", 1000002
TOKEN, AES_KEY, SECRET = "tokenBench01", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "secret"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_config(folder: Path, database_url: str, port: int, *, log_level: str = "warning") -> Path:
    """A complete configuration; the API address leads nowhere, so nothing can be pushed."""
    path = folder / "config.toml"
    path.write_text(
        f"""
[server]
port = {port}
[database]
url = "{database_url}"
[app]
corp_id = "{CORP_ID}"
agent_id = {AGENT_ID}
token = "{TOKEN}"
aes_key = "{AES_KEY}"
secret = "{SECRET}"
api_base = "http://127.0.0.1:1/cgi-bin/"
[log]
level = "{log_level}"
""",
        encoding="utf-8",
    )
    return path


@dataclass(slots=True)
class Bot:
    """A running `bqw serve`; `ready_after` are the seconds from its start to the first good /readyz."""

    process: subprocess.Popen[bytes]
    url: str
    ready_after: float

    def kill(self) -> None:
        """As the kernel kills: no handler runs, nothing is flushed."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """As an operator stops it; the exit code."""
        self.process.terminate()
        return self.process.wait(timeout=20)


async def serve(config: Path, port: int, *, cpu: int | None = None, command: list[str] | None = None) -> Bot:
    """Starts the process (or another `command` that serves) and waits until it is ready."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command or [str(BQW), "serve", "--config", str(config)],
        env={name: value for name, value in os.environ.items() if not name.startswith("BQW_")},
        preexec_fn=None if cpu is None else lambda: os.sched_setaffinity(0, {cpu}),
    )
    url = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession() as session:
        while time.perf_counter() - began < 60:
            if process.poll() is not None:
                raise RuntimeError(f"bqw serve ended with {process.returncode}")
            with suppress(aiohttp.ClientError):
                async with session.get(f"{url}/readyz") as answer:
                    if answer.status == 200:
                        return Bot(process, url, time.perf_counter() - began)
            await asyncio.sleep(0.01)
    process.kill()
    raise TimeoutError("bqw serve did not become ready within 60 seconds")
