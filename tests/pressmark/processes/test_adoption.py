"""What the disk of a dead machine has is brought into the store: all of it, once, and under its own names."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from services.postgresql import EMPTY, PostgresServer
from specimens.exchanges import numbered
from specimens.spools import crashed
from sqlalchemy import select, update

from archive.database.schema import captures, epochs, pages, segments
from archive.values.capture import Capture
from archive.values.errors import ObjectNotFound
from config.settings import Settings, load_settings
from pressmark.processes.addon_spools import adopt, spools_in
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.conditions import conditions
from pressmark.upkeep.unreachable import GONE_FOR, mark_unreachable
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


def test_captures_of_a_live_machine_are_never_given_up(service: Service, homes: list[Settings]) -> None:
    capture = dead(service, homes[1].spool_path)[0]
    page_of(service, capture)
    assert mark_unreachable(service) == 0
    assert not is_due(service, capture)
