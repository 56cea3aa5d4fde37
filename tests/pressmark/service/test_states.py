"""Each state that needs a person is really produced, and the doctor, /readyz and the pages report the same."""

from __future__ import annotations

import html
import json
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import figure
from services.disks import no_descriptors
from services.retrieving import Retrieving, served
from specimens.archives import SEGMENTS
from specimens.captures import capture_of
from sqlalchemy import text

from archive.index.rows import capture_of as capture_in
from archive.index.rows import select_captures
from archive.shipping.fixity.share import WHOLE
from archive.spool.salvage import quarantine_lost
from archive.store.call_waits import SILENT
from config.settings import load_settings
from pressmark.cli import main
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.health import Health
from pressmark.service.index_state import IndexState, write_state
from pressmark.service.service import Service
from pressmark.service.states import KINDS
from pressmark.upkeep.audit import audit, marks_of
from pressmark.upkeep.conditions import conditions
from pressmark.upkeep.fixity import audit_share

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


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "home")
    with made.mounts:
        yield made


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
        house.mount(house.home / place, "size=4m")
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
        directory = house.mount(house.home / place, "size=4m")
        subprocess.run(["mount", "-o", "remount,ro", str(directory)], check=True)

    return produce


def immutable(house: House, path: Path) -> None:
    """Nobody may write there, not even root, until the end of the test."""
    if subprocess.run(["chattr", "+i", str(path)], check=False, capture_output=True).returncode:
        pytest.skip("needs root, and a file system with attributes")
    house.mounts.callback(subprocess.run, ["chattr", "-i", str(path)], check=True)


def denied(place: str) -> Callable[[House], None]:
    def produce(house: House) -> None:
        (house.home / place).mkdir(exist_ok=True)
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


def refused(house: House) -> None:
    with opened(house) as service, service.database.writing() as connection:
        connection.execute(text("UPDATE segments SET state = 'sealed', object_key = NULL, problem = 'no answer'"))


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
        sealed = "UPDATE segments SET state = 'sealed', object_key = NULL, problem = :problem"
        connection.execute(text(sealed), {"problem": problem})


def healing(house: House) -> None:
    with opened(house) as service:
        write_state(service.database, IndexState(done=120, total=1200))


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


STATES: list[tuple[str, Callable[[House], None]]] = [
    ("disk-full", full("spool")),
    ("disk-full", full("store")),
    ("disk-full", full("frontiers")),
    ("disk-full", full("logs")),
    ("disk-full", full_home),
    ("disk-without-inodes", without_inodes),
    *(("disk-read-only", read_only(place)) for place in ["logs", "store", "frontiers", "spool"][: figure(2, 4, 4)]),
    *(("directory-denied", denied(place)) for place in ["frontiers", "store", "logs", "spool"][: figure(1, 4, 4)]),
    ("disk-refuses", stopped_disk),
    ("database-read-only", database_read_only),
    ("clock-behind", clock_behind),
    ("spool-filling", spool_filling),
    ("crawling-paused", paused),
    ("captures-lost", lost),
    ("captures-out-of-reach", out_of_reach),
    ("items-damaged", damaged_items),
    ("index-incomplete", healing),
    ("store-silent", silent),
    ("store-missing", store_missing),
    ("store-refuses", refused),
    ("objects-damaged", damaged_objects),
    ("copies-wrong", wrong_copy),
    ("audit-overdue", overdue_audit),
    ("replica-behind", lagging_replica),
    ("database-damaged", damaged_database),
    ("database-unusable", unusable_database),
]


OF_PROCESSES = {"too-many-files", "sources-unreadable"}
"""Produced in test_states_of_processes.py."""

FOLLOWS: dict[str, set[str | None]] = {
    "disk-full": {None},
    "disk-read-only": {None},
    "objects-damaged": {"captures-out-of-reach"},
    "store-missing": {None},
    "store-refuses": {None},
    "store-silent": {None},
}
"""Other errors at that time: captures of a damaged object, and segments in the index that the store lacks."""


@pytest.mark.parametrize(("state", "produce"), STATES)
def test_every_door_reports_the_same_state(
    house: House,
    state: str,
    produce: Callable[[House], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PRESSMARK_SPOOL__BUDGET", "16MiB")
    if produce is lagging_replica:
        monkeypatch.setenv("PRESSMARK_REPLICAS", json.dumps({"second": str(house.home / "second")}))
    if produce is full_home:
        house.mount(house.home, "size=32m,mode=0700")
    inhabited(house)
    with serving(house) as pages:
        produce(house)
        code, items = doctor(house, capsys)
        ready, problems, front = answers(pages)

    [told] = {item["sentence"] for item in items if item["state"] == state}
    kind = KINDS[state]
    assert code == kind.code
    assert {item["state"] for item in items if item["code"]} - FOLLOWS.get(state, set()) == {state}
    assert ready == (503 if kind.blocks else 200)
    assert problems == ({kind.part: told} if kind.blocks else {})
    assert told in html.unescape(front)
    assert "Everything is working" not in front


def test_a_directory_of_sources_that_refuses_files_is_named_to_who_writes_there(house: House) -> None:
    sources = house.home / "sources"
    sources.mkdir(parents=True)
    text = "source: gazette\nseeds: [http://example.org/]\n"
    (sources / "gazette.yaml").write_text(text)
    with serving(house) as pages:
        immutable(house, sources)
        status, _, body = pages.ask("DELETE", "/api/v1/sources/gazette")

    told = json.loads(body)["detail"]
    assert status == 500
    assert str(sources) in told and "Operation not permitted" in told
    assert (sources / "gazette.yaml").read_text() == text


def test_a_process_that_may_open_no_more_files_is_reported_as_such(house: House) -> None:
    inhabited(house)
    with opened(house) as service:
        well = list(conditions(service))
        with no_descriptors():
            told = list(conditions(service))

    assert well == []
    assert [condition.state for condition in told] == ["too-many-files"]
    assert "limit of open files: Too many open files; raise this limit" in told[0].sentence


def test_no_door_reports_a_healthy_service(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    inhabited(house)
    quarantine = house.home / "spool" / "main" / "quarantine"
    quarantine.mkdir(parents=True)
    (quarantine / "x-17.tail").write_bytes(b"bytes after the last whole record, which nobody acknowledged")
    code, items = doctor(house, capsys)

    assert (code, [item for item in items if item["code"]]) == (0, [])
    with serving(house) as pages:
        ready, problems, front = answers(pages)
    assert (ready, problems) == (200, {})
    assert "note error" not in front


def test_all_states_are_produced_here() -> None:
    assert {state for state, _ in STATES} | OF_PROCESSES == set(KINDS)


def test_a_repaired_damage_is_no_longer_reported(house: House) -> None:
    inhabited(house)
    warc = first_warc(house)
    damaged_objects(house)
    with opened(house) as service:
        assert {one.state for one in conditions(service)} == {"objects-damaged", "captures-out-of-reach"}
        (house.home / "copy").rename(warc)
        list(audit(service))
        assert list(conditions(service)) == []


def test_doctor_reports_a_damaged_database_once(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    inhabited(house)
    file = house.home / "pressmark.db"
    with closing(sqlite3.connect(file)) as connection:
        [root] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'owed'").fetchone()
    with file.open("r+b") as opened_file:  # no part that opens the database reads it
        opened_file.seek((root - 1) * 4096)
        opened_file.write(b"\x07" * 4096)
    code, items = doctor(house, capsys)
    wrong = [item["state"] for item in items if item["part"] == "database" and item["code"]]

    assert code == Exit.DATABASE
    assert wrong == ["database-damaged"]


def doctor(house: House, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, object]]]:
    capsys.readouterr()
    try:
        main(["--home", str(house.home), "doctor", "--json"])
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, json.loads(capsys.readouterr().out)["items"]


@contextmanager
def serving(house: House) -> Iterator[Retrieving]:
    with opened(house) as service, served(service) as url:
        yield Retrieving(url, service, [])


def answers(pages: Retrieving) -> tuple[int, dict[str, str], str]:
    """Return the status and problems of /readyz, and the front page."""
    status, _, body = pages.get("/readyz")
    return status, json.loads(body)["problems"], pages.text("/")


def test_a_caller_without_a_token_gets_the_names_of_states_and_no_paths_or_keys(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "a token of these tests, and no other"
    monkeypatch.setenv("PRESSMARK_TOKEN", token)
    inhabited(house)
    damaged_objects(house)
    with serving(house) as pages:
        strangers = {"none": {}, "wrong": {"Authorization": f"Bearer {token}x"}, "page": {"Host": "rebound.example"}}
        told = {who: pages.get("/readyz", **headers) for who, headers in strangers.items()}
        _, _, known = pages.get("/readyz", Authorization=f"Bearer {token}")

    for status, _, body in told.values():
        assert status == 503
        assert json.loads(body)["problems"] == {"store": "objects-damaged"}
        assert json.loads(body)["notices"] == {"captures": "captures-out-of-reach"}
    assert "warc/v1/" in json.loads(known)["problems"]["store"]


def test_a_part_without_a_state_is_named_without_its_reason() -> None:
    health = Health({"clock": lambda: None, "worker": lambda: "/srv/a/pressmark.db is gone"})

    assert Health.problems(health.found(), named=True) == {"worker": "worker-not-working"}
    assert Health.problems(health.found()) == {"worker": "/srv/a/pressmark.db is gone"}
