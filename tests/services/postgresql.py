"""The real PostgreSQL of the tests, as Debian packages it: a cluster of its own, on a socket in its own directory."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from archive.database.engine import open_database

START_SECONDS = 60
OWNER = "pressmark"
EMPTY = "TEMPLATE template0"
_FAST = (
    "fsync=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "max_connections=100",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
)
_COPIED_SINCE = 15
"""The first version of PostgreSQL that copies the files of a template if asked: a quarter of the work."""


def programs() -> Path | None:
    """Return where the newest PostgreSQL has its programs; None if none is installed."""
    found = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return max((file.parent for file in found), key=lambda there: float(there.parent.name), default=None)


class PostgresServer:
    """A server on a cluster of its own. Anyone who reaches its socket has access."""

    settings: tuple[str, ...] = _FAST

    def __init__(self, there: Path, directory: Path) -> None:
        self.directory = directory
        self.programs = there
        self._as_user = _as_user(directory)
        self._process: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        cluster = ["-D", str(self.directory / "data"), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        initdb = [*self._as_user, str(self.programs / "initdb"), *cluster, "--no-sync", "--no-instructions"]
        subprocess.run(initdb, check=True, capture_output=True)

    def start(self) -> None:
        settings = (f"unix_socket_directories={self.directory}", "listen_addresses=", *self.settings)
        options = [part for setting in settings for part in ("-c", setting)]
        postgres = [str(self.programs / "postgres"), "-D", str(self.directory / "data"), *options]
        bound = ["setpriv", "--pdeathsig", "QUIT"]  # if the tests are killed, the server ends too
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._as_user, *bound, *postgres], stdout=log, stderr=log, cwd=self.directory
            )
        self._wait(self._process)

    @property
    def pid(self) -> int:
        """The process that the others belong to. The server must be running."""
        assert self._process is not None
        return self._process.pid

    def cpu(self) -> float:
        """Return the seconds of CPU of all its processes, those of ended connections included."""
        import psutil

        server = psutil.Process(self.pid)
        used = sum(server.cpu_times()[:4])  # the last two are of its children that ended
        for child in server.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                used += sum(child.cpu_times()[:2])
        return used

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """End it: immediately, since committed data is written anyway."""
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(60)
            finally:
                self._process.kill()
                self._process = None

    @property
    def _copied(self) -> str:
        return " STRATEGY FILE_COPY" if float(self.programs.parent.name) >= _COPIED_SINCE else ""

    def url(self, name: str) -> str:
        return f"postgresql://{OWNER}@/{name}?host={self.directory}"

    @contextmanager
    def database(self, like: str = "") -> Iterator[str]:
        """Return the URL of a new database, at the newest revision unless given otherwise."""
        name = f"t{secrets.token_hex(6)}"
        yield self.create(name, like or f"TEMPLATE migrated{self._copied}")
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def create(self, name: str, like: str = "") -> str:
        self._execute(f"CREATE DATABASE {name} {like}")
        return self.url(name)

    def _execute(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until the server accepts connections. Raises RuntimeError with the end of its log."""
        import psycopg

        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        told = (self.directory / "log").read_text(errors="replace")[-2000:]
        raise RuntimeError(f"postgres did not start:\n{told}")


@contextmanager
def running_server(there: Path) -> Iterator[PostgresServer]:
    """Start the server in a directory of its own; both are gone at the end. `there` are its programs."""
    directory = Path(tempfile.mkdtemp(prefix="pressmark-pg-"))
    server = PostgresServer(there, directory)
    try:
        server.make()
        server.start()
        open_database(server.create("migrated")).close()
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


def _as_user(directory: Path) -> list[str]:
    """Return the user that runs it.

    PostgreSQL refuses to run as root: its package has made a user, who gets the directory.
    """
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("postgres")
    os.chown(directory, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
