"""A home with a small archive, and each state of it that needs a person, really produced."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from services.disks import a_disk
from services.full_landlock import without_landlock
from specimens.archives import SEGMENTS
from specimens.captures import capture_of
from sqlalchemy import text

from archive.database.marks import Marks
from archive.index.purges.purged_marks import LEFT, note_holding
from archive.index.rows import capture_of as capture_in
from archive.index.rows import select_captures
from archive.shipping.fixity.share import WHOLE
from archive.spool.salvage import quarantine_lost
from archive.store.hung_calls import SILENT
from config.settings import load_settings
from pressmark.notify.watches.digests import Digests
from pressmark.notify.watches.following import Following
from pressmark.processes.fixity import ReplicaLoop
from pressmark.service.access.unread_decisions import UnreadDecisions
from pressmark.service.assembly import open_pressmark
from pressmark.service.index_state import IndexState, write_state
from pressmark.service.service import Service
from pressmark.upkeep.audit import audit
from pressmark.upkeep.conditions import lacking
from pressmark.upkeep.fixity import audit_share
from pressmark.upkeep.last_audit import marks_of
from scheduler.notices.assistant_state import AssistantState
from scheduler.notices.watch_hits import Hit, WatchHits
from scheduler.notices.watch_subscriptions import Schedule, WatchSubscriptions

MIB = 1 << 20


@dataclass
class House:
    """A home with a small archive, and its mounted disks."""

    home: Path
    mounts: ExitStack = field(default_factory=ExitStack)

    def mount(self, directory: Path, options: str) -> Path:
        """Mount a small disk there."""
        if os.geteuid() != 0:
            pytest.skip("needs root, to mount a small file system")
        directory.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", options, "pressmark-test", str(directory)]
        if (mounted := subprocess.run(command, capture_output=True, check=False)).returncode:
            pytest.skip(f"a small file system can't be mounted here: {mounted.stderr.decode().strip()}")
        self.mounts.callback(subprocess.run, ["umount", "--lazy", str(directory)], check=True)
        return directory

    def move_to_disk(self, directory: Path, options: str) -> Path:
        """Mount a small disk there, with what the directory has."""
        with TemporaryDirectory(dir=self.home.parent) as copy:
            if directory.exists():
                shutil.copytree(directory, copy, dirs_exist_ok=True)
            self.mount(directory, options)
            shutil.copytree(copy, directory, dirs_exist_ok=True)
        return directory


@contextmanager
def opened(house: House) -> Iterator[Service]:
    with open_pressmark(load_settings({"home": house.home})) as service:
        yield service


def inhabited(house: House) -> None:
    with opened(house) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)


def fill(directory: Path) -> None:
    (directory / "filler").write_bytes(bytes(os.statvfs(directory).f_bavail * os.statvfs(directory).f_frsize))


def full(place: str) -> Callable[[House], None]:
    def produce(house: House) -> None:
        house.move_to_disk(house.home / place, "size=4m")
        fill(house.home / place)

    return produce


def full_home(house: House) -> None:
    """Put the whole home, with the database, on the disk that fills: it is mounted before."""
    fill(house.home)


def without_inodes(house: House) -> None:
    directory = house.mount(house.home / "frontiers", "size=1m,nr_inodes=50")
    for number in range(os.statvfs(directory).f_favail):
        (directory / str(number)).touch()


def read_only(place: str) -> Callable[[House], None]:
    def produce(house: House) -> None:
        directory = house.move_to_disk(house.home / place, "size=4m")
        subprocess.run(["mount", "-o", "remount,ro", str(directory)], check=True)

    return produce


def immutable(house: House, path: Path) -> None:
    """Nobody may write there, not even root, until the end of the test."""
    if subprocess.run(["chattr", "+i", str(path)], check=False, capture_output=True).returncode:
        pytest.skip("needs root, and a file system with attributes")
    house.mounts.callback(subprocess.run, ["chattr", "-i", str(path)], check=True)


def denied(place: str) -> Callable[[House], None]:
    def produce(house: House) -> None:
        (house.home / place).mkdir(parents=True, exist_ok=True)
        immutable(house, house.home / place)

    return produce


def database_read_only(house: House) -> None:
    immutable(house, house.home / "pressmark.db")


def stopped_disk(house: House) -> None:
    """The kernel has stopped writing to the disk of the frontiers after an error: `statvfs` does not know it."""
    directory, image = house.home / "frontiers", house.home / "image"
    directory.mkdir(exist_ok=True)
    with image.open("wb") as file:
        file.truncate(8 * MIB)
    mounted = ["mount", "-o", "loop,errors=remount-ro", str(image), str(directory)]
    for command in (["mkfs.ext4", "-q", "-F", str(image)], mounted):
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("a file system in a file can't be mounted here")
    house.mounts.callback(subprocess.run, ["umount", "--lazy", str(directory)], check=True)
    subprocess.run(["mount", "-o", "remount,abort", str(directory)], check=True)


def clock_behind(house: House) -> None:
    with opened(house) as service:
        later = service.now() + timedelta(hours=2, seconds=-30)  # reported in minutes, so that no second matters
        service.index.opened("x", collection="default", worker="w", epoch=1, path=house.home / "x", at=later)


def spool_filling(house: House) -> None:
    sealed = house.home / "spool" / "main" / "sealed"
    sealed.mkdir(parents=True)
    (sealed / "x.warc.gz").write_bytes(bytes(13 * MIB))


def paused(house: House) -> None:
    with opened(house) as service:
        epoch = service.epochs.begin("main")
        service.halts.set("main", epoch, "back-pressure: the spool is 96% full")


def lost(house: House) -> None:
    quarantine = house.home / "spool" / "main" / "quarantine"
    quarantine.mkdir(parents=True)
    (quarantine / "x-17.tail").write_bytes(b"what is left")
    quarantine_lost(quarantine.parent, "x", [capture_of(), capture_of()])


def store_missing(house: House) -> None:
    (house.home / "store").rename(house.home / "elsewhere")


def store_unmounted(house: House) -> None:
    """Leave the empty mount point of the store's disk; a new segment was put there since."""
    store_missing(house)
    (house.home / "store" / "manifest" / "v1").mkdir(parents=True)


def replica_unmounted(house: House) -> None:
    """Fill a replica, and leave an empty mount point in its place."""
    with a_disk(house.home / "second") as disk, opened(house) as service:
        ReplicaLoop(service, "second").turn()
        disk.unmount()
        ReplicaLoop(service, "second")._turn()


def refused(house: House) -> None:
    with opened(house) as service, service.database.writing() as connection:
        sealed = "UPDATE segments SET state = 'sealed', object_key = NULL, path = :path, problem = 'no answer'"
        connection.execute(text(sealed), {"path": str(first_warc(house))})


def first_warc(house: House) -> Path:
    return sorted((house.home / "store" / "warc").rglob("*.warc.gz"))[0]


def damaged_objects(house: House) -> None:
    warc = first_warc(house)
    warc.rename(house.home / "copy")
    with opened(house) as service:
        assert [one.name for one in audit(service) if one.findings] == [
            warc.relative_to(house.home / "store").as_posix()
        ]


def wrong_copy(house: House) -> None:
    """Lose an index, without which each capture can still be read, and audit."""
    sorted((house.home / "store" / "cdxj").rglob("*.cdxj.gz"))[0].unlink()
    with opened(house) as service:
        assert len([one for one in audit_share(service, WHOLE) if one.is_wrong]) == 1


def overdue_audit(house: House) -> None:
    with opened(house) as service:
        marks_of(service.database).set("since", (service.now() - timedelta(days=5)).isoformat())


def lagging_replica(house: House) -> None:
    """Have the objects wait for their replica for two hours."""
    with opened(house) as service, service.database.writing() as connection:
        connection.exec_driver_sql("UPDATE objects SET seen_at = seen_at - 7200000000")


def failing_watch(house: House) -> None:
    """Have the database refuse a watch, which the settings name."""
    with opened(house) as service:
        with service.database.writing() as connection:
            connection.exec_driver_sql(
                "CREATE TRIGGER refused BEFORE INSERT ON watches BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
        Following(service).follow()


def messages_without_server(house: House) -> None:
    """Ask for messages about a watch, which has found something, without a mail server."""
    with opened(house) as service:
        told = WatchSubscriptions(service.database)
        at = service.now()
        made = told.add("w", "mail", "a@x.org", Schedule("once"), language="en", by="anyone", cursor=0, now=at)
        hits = WatchHits(service.database)
        cursor = hits.cursor("w")
        facts = {"source": "s", "url": "http://a.example/", "record_id": "r", "title": None, "language": None}
        said = {"novelty": "new", "phrase": "p", "sentence": "p."}
        hits.add("w", (cursor, cursor), [Hit("w", 0, 0, at, at, **facts, **said)])
        Digests(service, lambda language: str).send_due()
        assert made.failing is None


def failing_model(house: House) -> None:
    """Have the language model, which the settings name, give no answer."""
    with opened(house) as service:
        AssistantState(service.database).fail("127.0.0.1 answered 500", service.now())


def spent_budget(house: House) -> None:
    """Use the budget of today for the language model up."""
    with opened(house) as service:
        state, limits = AssistantState(service.database), {"requests_a_day": 1, "characters_a_day": 1000}
        taken = [state.take(100, service.now(), **limits) for _ in range(2)]
        assert taken == [True, False]


def no_change(house: House) -> None:
    """Change nothing: the settings are what is wrong."""


def spiders_without_landlock(house: House) -> None:
    """Add a custom spider to a computer that can't confine it: that is remembered for the process."""
    source = "source: own\nspider: own.py:Own\n"
    (house.home / "sources").mkdir(exist_ok=True)
    (house.home / "sources" / "own.yaml").write_text(source)
    lacking.cache_clear()
    house.mounts.callback(lacking.cache_clear)
    without_landlock(lacking)


def without_browser(house: House) -> None:
    """Add a source whose pages need a browser that the machine does not have."""
    (house.home / "sources").mkdir(exist_ok=True)
    (house.home / "sources" / "app.yaml").write_text("source: app\nseeds: [https://app.example/]\nfetch: auto\n")


def without_media_tool(house: House) -> None:
    """Add a source that archives video on a machine without yt-dlp."""
    (house.home / "sources").mkdir(exist_ok=True)
    described = "source: lectures\nseeds: [https://lectures.example/]\nkeep: {media: video}\n"
    (house.home / "sources" / "lectures.yaml").write_text(described)


def damaged_database(house: House) -> None:
    """Damage a page in the middle of the file."""
    file = house.home / "pressmark.db"
    content = bytearray(file.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    for page in range(middle, middle + 40 * 4096, 4096):
        content[page : page + 4096] = b"\x07" * 4096
    file.write_bytes(content)


def unusable_database(house: House) -> None:
    with opened(house) as service, service.database.writing() as connection:
        connection.execute(text("ALTER TABLE events RENAME COLUMN id TO number"))


def silent(house: House) -> None:
    problem = f"the store {SILENT} 04:00:00 UTC"
    with opened(house) as service, service.database.writing() as connection:
        sealed = "UPDATE segments SET state = 'sealed', object_key = NULL, path = :path, problem = :problem"
        connection.execute(text(sealed), {"path": str(first_warc(house)), "problem": problem})


def healing(house: House) -> None:
    with opened(house) as service:
        write_state(service.database, IndexState(done=120, total=1200))


def ledger_unread(house: House) -> None:
    with opened(house) as service:
        UnreadDecisions(service.database).note(1, "ledger/v1/main/0-0000000007-0000000007-ab.jsonl.zst")


def unfinished_purge(house: House) -> None:
    """A replica did not respond to a purge."""
    with opened(house) as service:
        Marks(service.database, LEFT).set("far/manifest/v1/news/main/2026/11/24/s.json", "ab" * 32)


def held_purge(house: House) -> None:
    """A purge could not read a month of the index."""
    with opened(house) as service:
        note_holding(service.database, {"2026-01": "months/v1/2026-01/month-ab.json is damaged"})


def out_of_reach(house: House) -> None:
    with opened(house) as service:
        with service.database.reading() as connection:
            first = connection.execute(select_captures().limit(1)).one()
        service.index.damages.lose([capture_in(first)])


def damaged_items(house: House) -> None:
    file = house.home / "items" / "news" / "20261124T155500Z-own-1a2b3c.jsonl"
    file.parent.mkdir(parents=True)
    file.write_bytes(b'{"item": {"a": 1}}\n{"item": {"a"')
    with opened(house) as service:
        service.items.ship()
