"""A real PostgreSQL for the suite: `TEST_PG_URL`, else pgserver from the package index, else Debian's own."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg


@contextlib.contextmanager
def server() -> Iterator[str | None]:
    """The URL of a server where databases may be made; None when this machine has none."""
    if given := os.environ.get("TEST_PG_URL"):
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="bqw-pg-", ignore_cleanup_errors=True) as folder:
        # pgserver asks for a runtime directory that a bare machine has not set.
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        try:
            import pgserver
        except ImportError:
            with _debian(Path(folder)) as url:
                yield url
            return
        Path(folder).chmod(0o755)
        running = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield running.get_uri()
        finally:
            running.cleanup()


@contextlib.contextmanager
def _debian(folder: Path) -> Iterator[str | None]:
    """Debian's server, started as an ordinary user (PostgreSQL refuses to run as root)."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found or (os.geteuid() == 0 and not shutil.which("runuser")):
        yield None
        return
    programs = found[-1].parent
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if prefix:
        shutil.chown(folder, "postgres")
    data, sockets = folder / "data", folder
    subprocess.run([*prefix, programs / "initdb", "-A", "trust", "-U", "postgres", data], check=True,
                   capture_output=True)  # fmt: skip
    options = f"-k {sockets} -c listen_addresses='' -c fsync=on"
    control = [*prefix, programs / "pg_ctl", "-D", data, "-w"]
    subprocess.run([*control, "-o", options, "-l", folder / "log", "start"], check=True, capture_output=True)
    try:
        yield f"postgresql://postgres@/postgres?host={sockets}"
    finally:
        subprocess.run([*control, "-m", "fast", "stop"], check=True, capture_output=True)


def hurry(server_url: str) -> None:
    """Lets the server of a suite leave the disk alone: tests kill the bot, never PostgreSQL."""
    with psycopg.connect(server_url, autocommit=True) as conn:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            conn.execute(f"ALTER SYSTEM SET {setting} = off")
        conn.execute("SELECT pg_reload_conf()")


@contextlib.contextmanager
def fresh_database(server_url: str, name: str, *, like: str = "template1") -> Iterator[str]:
    """A new database, a copy of another one (an empty one unless said), dropped at the end."""
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    base, _, query = server_url.partition("?")
    url = base.rsplit("/", 1)[0] + f"/{name}" + (f"?{query}" if query else "")
    try:
        yield url
    finally:
        with psycopg.connect(server_url, autocommit=True) as conn:
            conn.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
