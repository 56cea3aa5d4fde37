"""A PostgreSQL with a standby that follows it: each on a host of its own, and a failover between them."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from services.postgresql import OWNER, PostgresServer
from services.separate_hosts import Host, Hosts
from services.waiting import eventually

ADDRESS = "10.77.0.9"
"""Where clients find whichever of the two is the server."""
PORT = 5432
_TRUST = "host all all 10.77.0.0/16 trust\nlocal replication all trust\n"


class ReplicatedServer(PostgresServer):
    """A server on a host, which clients reach over the network."""

    settings = (
        "fsync=off",
        "full_page_writes=off",
        "shared_buffers=32MB",
        "max_connections=200",
        "wal_level=replica",
        "max_wal_senders=4",
        "hot_standby=on",
        "wal_keep_size=512MB",
        "listen_addresses=*",
    )

    def __init__(self, there: Path, directory: Path, host: Host) -> None:
        super().__init__(there, directory)
        self.host = host
        self._as_user = [*host.prefix, *self._as_user]

    def make(self) -> None:
        super().make()
        with (self.directory / "data" / "pg_hba.conf").open("a") as rules:
            rules.write(_TRUST)

    def copy(self, primary: PostgresServer) -> None:
        """Become a standby of a server, which waits for this one at each commit from now on."""
        target = ["-D", str(self.directory / "data"), "-R", "-X", "stream", "--no-sync", "-c", "fast"]
        copied = [str(self.programs / "pg_basebackup"), "-h", str(primary.directory), "-U", OWNER, *target]
        subprocess.run([*self._as_user, *copied], check=True, capture_output=True)
        self.start()
        with psycopg.connect(primary.url("postgres"), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            connection.execute("SELECT pg_reload_conf()")
            following = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
            eventually(lambda: connection.execute(following).fetchone() == (1,), within=120)

    def promote(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_promote()")
            eventually(lambda: connection.execute("SELECT pg_is_in_recovery()").fetchone() == (False,), within=120)


class Pair:
    """A server and its standby."""

    def __init__(self, hosts: Hosts, first: ReplicatedServer, second: ReplicatedServer) -> None:
        self._hosts, self.first, self.second = hosts, first, second

    def fail_over(self) -> None:
        """Kill the server, make the standby the server, and give it the address."""
        self.first.stop(signal.SIGQUIT)
        self.second.promote()
        self._hosts.move(ADDRESS, self.first.host, self.second.host)


@contextmanager
def replicated(there: Path, hosts: Hosts, database: str) -> Iterator[Pair]:
    """Start both, with an empty database."""
    directories = [Path(tempfile.mkdtemp(prefix="pressmark-pg-")) for _ in range(2)]
    first, second = (ReplicatedServer(there, each, hosts.add(f"pg{n}")) for n, each in enumerate(directories))
    try:
        first.make()
        first.start()
        first.create(database, "TEMPLATE template0")
        second.copy(first)
        hosts.move(ADDRESS, None, first.host)
        yield Pair(hosts, first, second)
    finally:
        first.stop()
        second.stop()
        for each in directories:
            shutil.rmtree(each, ignore_errors=True)
