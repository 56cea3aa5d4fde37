"""A world of services on hosts with a network each: they are cut off, killed, paused, failed over and upgraded."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from services.buckets import BUCKET, admin
from services.killed_workers import Machine, Machines, machines
from services.postgresql import programs
from services.seaweedfs import S3Server
from services.separate_hosts import HUB, Host, Hosts, forwarded
from services.standby import ADDRESS, PORT, Pair, replicated

from archive.warc import journal

LEASE = 15
CUT = 20.0
"""Seconds of a partition: longer than a lease."""
PATIENCE = 900
TOKEN = "the-reading-room-has-a-kettle"
SERVICE_PORT = 8080
DATABASE = f"postgresql://pressmark@{ADDRESS}:{PORT}/world"


class World:
    """All hosts, with a service each, and what they share."""

    def __init__(self, made: Machines, hosts: Hosts, pair: Pair, store: int) -> None:
        self.made, self.hosts, self.pair, self.store = made, hosts, pair, store
        self.at = dict[str, Host]()
        self.cuts = self.pauses = self.upgrades = 0
        self._spared: str | None = None
        self._one_at_a_time = threading.Lock()

    def add(self, name: str, roles: str, clock: int = 0) -> Machine:
        host = self.at[name] = self.hosts.add(name)
        own = {
            "PRESSMARK_HOST": host.address,
            "PRESSMARK_WORKER__URL": f"http://{host.address}:{SERVICE_PORT}",
            "PRESSMARK_TOKEN": TOKEN,
        }
        return self.made.add(name, roles, clock=clock, settings=own, prefix=host.prefix, port=SERVICE_PORT)

    @contextmanager
    def spared(self, name: str) -> Iterator[None]:
        """Kill all workers but this one, which has another trouble."""
        with self._one_at_a_time:
            self._spared = name
        try:
            yield
        finally:
            self._spared = None

    @contextmanager
    def killing(self, names: list[str], every: float) -> Iterator[None]:
        """Kill the workers in turn, one so often, and start each again at once, whatever else happens meanwhile."""
        over = threading.Event()
        failed = list[BaseException]()

        def kill() -> None:
            number = 0
            try:
                while not over.wait(every):
                    with self._one_at_a_time:
                        others = [each for each in names if each != self._spared]
                        machine = self.made.all[others[number % len(others)]]
                        machine.kill()
                        machine.start()
                    number += 1
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=kill)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
        assert failed == []

    def cut(self, name: str, address: str, port: int) -> None:
        """Cut a host off from a port of another one, for longer than a lease."""
        host = self.at[name]
        with self.spared(name):
            host.cut(address, port)
            assert not host.reaches(address, port)
            time.sleep(CUT)
            host.heal()
            assert host.reaches(address, port)
        self.cuts += 1

    def pause(self, name: str) -> None:
        """Stop a worker in mid-work for longer than its lease, then let it continue as if nothing had been."""
        with self.spared(name):
            self.made.all[name].pause()
            time.sleep(LEASE * 1.5)
            self.made.all[name].wake()
        self.pauses += 1

    def upgrade(self, code: Path) -> None:
        """Change the tables as a newer version does, then replace the services by it, one after the other."""
        for number, machine in enumerate(self.made.all.values()):
            with self._one_at_a_time:
                machine.household.environment["PYTHONPATH"] = str(code)
                if not number:
                    machine.household.run("upgrade")
                assert machine.stop() == 0
                machine.start()
            self.upgrades += 1

    def acknowledged(self) -> set[str]:
        """Return the records that the journals of all spools name: each was acknowledged when it was written there."""
        paths = [path for each in self.made.all.values() for path in each.household.home.rglob(f"*{journal.SUFFIX}")]
        return {capture.record_id for path in paths for capture in journal.read(path)}


def begin(stack: ExitStack, directory: Path, hosts: Hosts, s3: S3Server) -> World:
    """Start PostgreSQL with a standby, and a bucket, and no service yet."""
    there = programs()
    assert there is not None
    pair = stack.enter_context(replicated(there, hosts, "world"))
    store = stack.enter_context(forwarded(int(s3.plain.rpartition(":")[2])))
    with admin(s3) as client:
        client.create_bucket(Bucket=BUCKET)
    shared = {
        "PRESSMARK_STORE": "s3",
        "PRESSMARK_S3__BUCKET": BUCKET,
        "PRESSMARK_S3__ENDPOINT": f"http://{HUB}:{store}",
        "PRESSMARK_S3__ACCESS_KEY": s3.access_key,
        "PRESSMARK_S3__SECRET_KEY": s3.secret_key,
        "PRESSMARK_DATABASE": DATABASE,
        "PRESSMARK_ALLOW__ADDRESSES": '["10.77.0.0/16", "127.0.0.0/8"]',
        "PRESSMARK_WORKER__READS_TEXTS": "false",
        "PRESSMARK_WORKER__LEASE": f"{LEASE}s",
        "PRESSMARK_WORKER__ATTEMPTS": "1000",
    }
    return World(stack.enter_context(machines(directory, shared)), hosts, pair, store)
