"""What the disk of a dead machine has is brought into the store: all of it, once, and under its own names."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
import typer
from services.postgresql import EMPTY, PostgresServer
from services.waiting import eventually
from specimens.exchanges import numbered
from specimens.spools import crashed
from sqlalchemy import func, select, update

from archive.database.schema import captures, epochs, pages, segments
from archive.store.local import LocalStore
from archive.store.replicated import first_of
from archive.values.capture import Capture
from archive.values.errors import ObjectNotFound
from config.settings import Settings, load_settings
from pressmark.cli import main
from pressmark.cli.care.spool import end_of
from pressmark.processes.addon_spools import Adopted, adopt, adopter, spools_in
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.service import Service
from pressmark.upkeep.conditions import conditions
from pressmark.upkeep.machines import GONE_FOR, mark_unreachable
from scheduler.ledger.epochs import SpoolInUse

pytestmark = pytest.mark.postgresql


@pytest.fixture
def homes(tmp_path: Path, postgresql: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Settings]]:
    """The settings of two machines with one database and one store."""
    with postgresql.database(EMPTY) as url, ExitStack():
        monkeypatch.setenv("PRESSMARK_DATABASE", url)
        monkeypatch.setenv("PRESSMARK_STORE", str(tmp_path / "store"))
        monkeypatch.setenv("PRESSMARK_SPOOL__BALLAST", "0B")
        yield [load_settings({"home": tmp_path / name / "home", "worker.name": name}) for name in ("main", "attic")]


@pytest.fixture
def service(homes: list[Settings]) -> Iterator[Service]:
    """The machine that lives on."""
    with open_pressmark(homes[0]) as service:
        yield service


def dead(service: Service, spool: Path, *, listed: int = 3) -> Sequence[Capture]:
    """Leave the spool of a machine that was killed while it wrote a segment, some of whose captures are listed."""
    found, warc = crashed(spool, [numbered(n) for n in range(4)])
    (spool / "ID").write_text("2b")
    epoch = service.epochs.begin("attic", host="attic", spool="2b")
    name = found[0].location.segment
    there = Path("/nowhere") / warc.name
    service.index.opened(name, collection="default", worker="attic", epoch=epoch, path=there, at=service.now())
    service.index.add(found[:listed])
    return found


def die(service: Service, since: timedelta = timedelta(minutes=5)) -> None:
    with service.database.writing() as connection:
        connection.execute(update(epochs).values(seen_at=service.now() - since))


def reported(service: Service) -> set[str | None]:
    return {one.state for one in conditions(service)}


def test_the_spool_of_a_dead_machine_is_shipped_under_its_own_names_and_nothing_is_doubled(
    service: Service, homes: list[Settings]
) -> None:
    spool = homes[1].spool_path
    found = dead(service, spool)
    die(service)
    assert "captures-elsewhere" in reported(service)
    with pytest.raises(ObjectNotFound):
        service.archive.open(found[0])

    [there] = spools_in(spool.parent)
    first = adopt(service, there)
    with service.database.writing() as connection:
        connection.execute(update(segments).values(committed_at=service.now() - timedelta(days=99)))
    again = adopt(service, there)
    assert len(list(there.glob("sealed/*.warc.gz"))) == 1

    assert (first.segments, first.captures, first.lost) == (again.segments, again.captures, again.lost) == (1, 4, 0)
    assert "captures-elsewhere" not in reported(service)
    assert [row.name for row in service.index.segments("committed")] == [found[0].location.segment]
    with service.database.reading() as connection:
        rows = connection.execute(select(captures.c.record_id)).scalars().all()
    assert sorted(rows) == sorted(one.record_id for one in found)
    for one in found:
        service.archive.open(one).close()


def test_the_copy_of_a_spool_whose_worker_is_alive_is_refused(
    service: Service, homes: list[Settings], tmp_path: Path
) -> None:
    dead(service, homes[1].spool_path)
    shutil.copytree(homes[1].spool_path, tmp_path / "copy")

    with pytest.raises(SpoolInUse, match="attic on the machine attic still works with this spool"):
        adopt(service, tmp_path / "copy")
    assert service.index.segments("committed") == []
    die(service)
    assert adopt(service, tmp_path / "copy").segments == 1


def page_of(service: Service, capture: Capture) -> None:
    """Note the page of a capture as fetched then, and not due for long."""
    later = service.now() + timedelta(days=30)
    values = {"fetched_at": capture.at, "next_at": later, "interval": 3600, "last": "new", "misses": 0}
    with service.database.writing() as connection:
        connection.execute(pages.insert().values(source=capture.source, url=capture.url, **values))


def is_due(service: Service, capture: Capture) -> bool:
    with service.database.reading() as connection:
        next_at = connection.execute(select(pages.c.next_at).where(pages.c.url == capture.url)).scalar_one()
    return bool(next_at <= service.now())


def test_pages_that_only_a_dead_machine_has_are_due_after_a_day_and_readable_once_it_is_adopted(
    service: Service, homes: list[Settings]
) -> None:
    capture = dead(service, homes[1].spool_path)[0]
    page_of(service, capture)

    die(service, GONE_FOR - timedelta(hours=1))
    assert mark_unreachable(service) == 0
    assert not is_due(service, capture)
    die(service, GONE_FOR + timedelta(hours=1))
    assert mark_unreachable(service) == 3
    assert mark_unreachable(service) == 0
    assert is_due(service, capture)
    assert service.index.damages.marked([capture.record_id])

    adopt(service, homes[1].spool_path)
    assert not service.index.damages.marked([capture.record_id])
    service.archive.open(capture).close()


def test_a_machine_whose_clock_is_wrong_gives_no_captures_up(service: Service, homes: list[Settings]) -> None:
    capture = dead(service, homes[1].spool_path)[0]
    page_of(service, capture)
    die(service, GONE_FOR - timedelta(hours=1))
    now = service.now

    assert mark_unreachable(replace(service, now=lambda: now() + timedelta(days=2))) == 0
    assert not is_due(service, capture)


def test_captures_of_a_live_machine_are_never_given_up(service: Service, homes: list[Settings]) -> None:
    capture = dead(service, homes[1].spool_path)[0]
    page_of(service, capture)
    assert mark_unreachable(service) == 0
    assert not is_due(service, capture)


def files_in(spool: Path) -> set[Path]:
    return {path for path in spool.rglob("*") if path.is_file() and path.name not in ("LOCK", "ballast")}


def test_a_full_disk_loses_no_file_to_its_adoption_and_gives_no_room_to_a_ballast(
    service: Service, homes: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = homes[1].spool_path
    dead(service, spool)
    die(service)
    with (spool / "quarantine" / "rest").open("wb") as filler:
        filler.truncate(15 << 20)
    full = service.settings.spool.model_copy(update={"budget": 16 << 20, "ballast": 1 << 20})
    pressed = replace(service, settings=service.settings.model_copy(update={"spool": full}))

    first = adopt(pressed, spool)
    kept = files_in(spool)
    again = adopt(pressed, spool)

    assert len(list(spool.glob("sealed/*.warc.gz"))) == 1
    assert (first.segments, first.captures) == (again.segments, again.captures) == (1, 4)
    assert files_in(spool) == kept
    assert (spool / "ballast").stat().st_size == 0


def test_what_a_disk_can_not_read_is_counted_and_the_command_does_not_end_with_success(
    service: Service, homes: list[Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    spool = homes[1].spool_path
    dead(service, spool)
    (spool / "open" / "20260101T000000Z-1-0-abcdef12.warc.gz.open").mkdir()  # no one can read it as a file
    sealed = spool / "sealed" / "20260101T000000Z-0123456789abcdef.warc.gz"
    sealed.write_bytes(b"")
    sealed.with_name("20260101T000000Z-0123456789abcdef.journal.jsonl").mkdir()
    die(service)

    assert spool_adopt(homes[0], spool) == Exit.INTEGRITY
    told = capsys.readouterr()
    [item] = json.loads(told.out)["items"]
    assert (item["segments"], item["waiting"], item["unreadable"]) == (1, 0, 2)
    assert "WARC files that the disk can't read: 2" in told.err


def test_a_spool_whose_disk_has_lost_a_directory_is_a_spool(tmp_path: Path) -> None:
    for name in ("one/open", "two/sealed", "other/files"):
        (tmp_path / name).mkdir(parents=True)

    assert spools_in(tmp_path) == [tmp_path / "one", tmp_path / "two"]


def stopped_store(service: Service, until: Callable[[], object]) -> None:
    store = first_of(service.store)
    assert isinstance(store, LocalStore)
    store.before_writing = until


def test_files_that_are_not_in_the_store_at_the_end_are_counted_and_a_second_call_uploads_them(
    service: Service, homes: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    spool, over = homes[1].spool_path, Event()
    dead(service, spool)
    die(service)
    stopped_store(service, lambda: over.wait(60))
    try:
        with monkeypatch.context() as hasty:
            hasty.setattr("pressmark.processes.addon_spools._SHIPPED_WITHIN", 0.0)
            hasty.setattr("pressmark.processes.worker_threads._THREADS_END_WITHIN", 0.1)
            left = adopt(service, spool)
    finally:
        over.set()
    assert (left.segments, left.waiting, left.unreadable) == (0, 1, 0)

    again = adopt(service, spool)
    assert (again.segments, again.waiting) == (1, 0)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({}, None),
        ({"waiting": 1}, Exit.TEMPORARY),
        ({"waiting": 1, "unreadable": 1}, Exit.INTEGRITY),
        ({"lost": 1}, Exit.INTEGRITY),
        ({"given_up": 1}, Exit.INTEGRITY),
    ],
)
def test_the_command_ends_with_success_only_if_everything_is_in_the_store(
    facts: dict[str, int], code: Exit | None, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = Adopted("spool", segments=2, captures=5, waiting=0, given_up=0, unreadable=0, lost=0)
    try:
        end_of([whole, replace(whole, **facts)], [])
        ended = None
    except typer.Exit as raised:
        ended = raised.exit_code
    assert ended == code
    assert ("not in the store yet: 1; run the command again" in capsys.readouterr().err) == ("waiting" in facts)


def test_an_adoption_waits_for_a_slow_upload_and_keeps_its_lease_meanwhile(
    service: Service, homes: list[Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spool = homes[1].spool_path
    dead(service, spool)
    shutil.copytree(spool, tmp_path / "copy")
    die(service)
    began: list[datetime] = []

    def seen() -> datetime:
        with service.database.reading() as connection:
            at = connection.execute(select(func.max(epochs.c.seen_at))).scalar_one()
        assert isinstance(at, datetime)
        return at

    def slowly() -> None:
        if began:
            return
        began.append(seen())
        eventually(lambda: seen() > began[0] + timedelta(seconds=1), within=60)
        with pytest.raises(SpoolInUse):
            adopt(service, tmp_path / "copy")

    stopped_store(service, slowly)
    monkeypatch.setattr("pressmark.processes.addon_spools._SHIPPED_WITHIN", 0.5)
    monkeypatch.setattr("pressmark.processes.worker_threads._BEATS", 240)  # of 60 seconds

    assert adopt(service, spool).segments == 1


def test_a_spool_that_can_not_be_adopted_keeps_no_other_from_its_upload(
    service: Service, homes: list[Settings], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first is of a worker that is alive."""
    spool, disk = homes[1].spool_path, tmp_path / "disk"
    dead(service, spool)
    shutil.copytree(spool, disk / "1-alive")
    found, _ = crashed(disk / "2-dead", [numbered(n) for n in range(10, 12)])

    assert spool_adopt(homes[0], disk) == Exit.LOCKED
    told = capsys.readouterr()
    said = json.loads(told.out)
    assert [one["captures"] for one in said["items"]] == [len(found)]
    assert [one["spool"] for one in said["refused"]] == [str(disk / "1-alive")]
    assert f"{disk / '1-alive'}: not adopted" in told.err


def test_the_same_path_on_two_machines_names_two_adoptions(
    homes: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = adopter(homes[0].home)
    assert adopter(homes[0].home) == here
    monkeypatch.setattr("pressmark.processes.addon_spools.gethostname", lambda: "another")
    assert adopter(homes[0].home) != here


def spool_adopt(settings: Settings, directory: Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(settings.home), "spool", "adopt", str(directory), "--json"])
    return int(ended.value.code or 0)
