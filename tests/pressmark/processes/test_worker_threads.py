"""A worker starts whatever the state of its spool, and ships what can be shipped."""

from __future__ import annotations

import shutil
from pathlib import Path
from threading import Event

import pytest
from services.waiting import eventually
from specimens.exchanges import numbered
from specimens.spools import crashed

from archive.retrieval.retrieval import Retrieval
from archive.store.local import LocalStore
from archive.store.replicated import first_of
from archive.values.errors import DamagedRecord
from config.settings import load_settings
from pressmark.processes.worker_threads import open_worker_parts
from pressmark.service.assembly import open_pressmark
from pressmark.upkeep.audit import audit_unshipped


def test_a_worker_starts_beside_an_unreadable_segment_and_ships_the_rest(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = load_settings({"home": tmp_path / "home"})
    _, unreadable = crashed(settings.spool_path, [numbered(n) for n in range(3)])
    damaged, warc = crashed(settings.spool_path, [numbered(n) for n in range(3, 7)])
    unreadable.unlink()
    unreadable.mkdir()
    with warc.open("r+b") as file:
        file.seek(damaged[1].location.offset + 200)
        file.write(bytes(300))
    kept = [damaged[0], *damaged[2:]]

    with open_pressmark(settings) as service:
        with open_worker_parts(service) as parts:
            assert parts.recovered.lost == (damaged[1],)
            assert parts.indexer.flush(60)
            assert parts.shipper.drain(60)

        assert f"{unreadable} can't be read" in caplog.text
        assert [row.name for row in service.index.segments("committed")] == [damaged[0].location.segment]
        listed = list(service.index.captures("http://example.org/", match="host"))
        assert [capture.record_id for capture in listed] == [capture.record_id for capture in kept]
        retrieval = Retrieval(service.index, service.store)
        for capture in listed:
            retrieval.record(capture.location).close()


def test_a_segment_listed_before_it_was_damaged_keeps_correct_rows(tmp_path: Path) -> None:
    settings = load_settings({"home": tmp_path / "home"})
    captures, warc = crashed(settings.spool_path, [numbered(n) for n in range(4)])
    with open_pressmark(settings) as service:
        where = captures[0].location.segment
        at = captures[0].at
        service.index.opened(where, collection="default", worker="worker-1", epoch=7, path=warc, at=at)
        service.index.add(captures)
        with warc.open("r+b") as file:
            file.seek(captures[1].location.offset + 200)
            file.write(bytes(300))

        with open_worker_parts(service) as parts:
            assert parts.shipper.drain(60)

        listed = list(service.index.captures("http://example.org/", match="host"))
        assert [capture._replace(damaged=None) for capture in listed] == captures
        assert [capture.record_id for capture in listed if capture.damaged] == [captures[1].record_id]
        for capture in captures:
            if capture is captures[1]:
                with pytest.raises(DamagedRecord, match="was damaged when the spool was recovered"):
                    service.archive.open(capture)
            else:
                service.archive.open(capture).close()


@pytest.mark.parametrize("slow", [True, False])
def test_a_worker_that_ends_names_the_segment_that_it_is_still_shipping(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, *, slow: bool
) -> None:
    said = "a segment could not be shipped in time; the next start ships it"
    settings = load_settings({"home": tmp_path / "home"})
    captures, _ = crashed(settings.spool_path, [numbered(n) for n in range(2)])
    begun = Event()

    def write_slowly() -> None:
        begun.set()
        eventually(lambda: said in caplog.text, within=60)

    with open_pressmark(settings) as service:
        store = first_of(service.store)
        assert isinstance(store, LocalStore)
        if slow:
            store.before_writing = write_slowly
        with open_worker_parts(service, shipped_within=1 if slow else 60) as parts:
            assert parts.indexer.flush(60)
            assert not slow or begun.wait(60)

    told = [record.__dict__["segment"] for record in caplog.records if record.message == said]
    assert told == ([captures[0].location.segment] if slow else [])


def test_captures_whose_file_is_gone_are_marked_by_a_start_and_unmarked_once_it_is_back(tmp_path: Path) -> None:
    settings = load_settings({"home": tmp_path / "home"})
    captures, warc = crashed(settings.spool_path, [numbered(n) for n in range(4)])
    with open_pressmark(settings) as service:
        where, at = captures[0].location.segment, captures[0].at
        service.index.opened(where, collection="default", worker="worker-1", epoch=7, path=warc, at=at)
        service.index.add(captures)
        away = settings.spool_path.rename(tmp_path / "away")
        with open_worker_parts(service) as parts:
            assert parts.indexer.flush(60)
            assert service.index.damaged_count() == len(captures)
        assert [one.name for one in audit_unshipped(service)] == [where], "also once all of it is marked"
        shutil.rmtree(settings.spool_path)
        away.rename(settings.spool_path)
        with open_worker_parts(service) as parts:
            assert parts.indexer.flush(60)
            assert parts.shipper.drain(60)
        assert service.index.damaged_count() == 0
