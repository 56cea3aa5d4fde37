"""What comes in while a purge is under way keeps its bytes, and a purge that can't know all captures does not begin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from services.databases import POSTGRESQL_COSTLY, SQLITE_ONLY
from specimens.plain_warcs import response, revisit, written
from specimens.purges import WHY, purge, secrets_of, spooled, world_of
from specimens.segments import SegmentFile, answered
from specimens.worlds import LATER, publish

from archive.archive import Archive
from archive.database.engine import Database
from archive.index.index import Index
from archive.intake import purge as purging
from archive.intake.purge import Purge
from archive.intake.purge_plan import Purged
from archive.intake.rebuild import Rebuild
from archive.store.memory import MemoryStore
from archive.texts.texts import Texts
from archive.values.errors import OriginalNotFound, PurgeUnderWay
from scheduler.ledger.epochs import Epochs

Another = Callable[[], Database]
A, B, OTHER = "http://example.org/a", "http://example.org/b", "http://example.org/other"


def imported_meanwhile(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, Purged]:
    """Purge two pages of two segments. After the plan, before the first one is rewritten, a file comes in that needs
    the second. Return what its capture has, and the purge.
    """
    store, index = MemoryStore(), Index(database, now=lambda: LATER)
    archive = Archive(index, Texts(database), store)
    for url, body in ((A, "first"), (B, "second")):
        archive.ingest(written(tmp_path / f"{body}.warc", response(url, body)))
    named = {"WARC_Refers_To_Target_URI": B, "WARC_Refers_To_Date": "2026-01-31T12:00:00Z"}
    late = written(tmp_path / "late.warc", revisit(OTHER, date="2026-01-31T13:00:00Z", **named))
    checked = Purge._check

    def check(self: Purge, name: str) -> None:
        checked(self, name)
        if not list(index.captures(OTHER)):
            archive.ingest(late)

    monkeypatch.setattr(Purge, "_check", check)
    wanted = [one.record_id for url in (A, B) for one in index.captures(url)]
    done = Purge(store, index).run(wanted, WHY)
    [capture] = index.captures(OTHER)
    with archive.open(capture) as snapshot:
        return snapshot.raw().read(), done


@POSTGRESQL_COSTLY
def test_what_is_imported_after_the_plan_keeps_its_bytes(
    tmp_path: Path, either: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, done = imported_meanwhile(tmp_path, either, monkeypatch)

    assert body == b"second"
    assert [one.url for one in done.plan.captures] == [A]
    assert [(one.capture.url, one.why) for one in done.plan.kept_back] == [(B, "needed")]


@pytest.mark.costly
@SQLITE_ONLY
def test_without_a_second_look_an_import_loses_its_bytes(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above."""
    monkeypatch.setattr(purging, "is_needed_since", lambda *_: False)
    with pytest.raises(OriginalNotFound):
        imported_meanwhile(tmp_path, database, monkeypatch)


@pytest.mark.costly
def test_a_purge_waits_until_the_index_has_all_segments_of_the_store(
    tmp_path: Path, either: Database, another: Another
) -> None:
    """The database is new, and its index is not complete: a revisit that it lacks needs a record that it has."""
    world = world_of(tmp_path, either, another, MemoryStore())
    [page] = world.index.captures("https://example.org/0/0")
    segment = SegmentFile(tmp_path, "20260131T120700Z-1-7-abcd")
    segment.revisit(page, answered("https://example.org/other", b"0", minute=7))
    publish(world.store, segment, [], world.manifests[-1].link)
    with pytest.raises(PurgeUnderWay, match=r"the index lacks segments .* of the store: 1, the first is manifest/"):
        purge(world)
    unchanged = len(secrets_of(world))
    Rebuild(world.store, world.index).run()
    purge(world)

    assert unchanged == 1
    assert secrets_of(world) == []


@SQLITE_ONLY
@pytest.mark.parametrize("directory", ["open", pytest.param("sealed", marks=pytest.mark.costly)])
def test_what_a_killed_worker_has_written_keeps_its_bytes(
    tmp_path: Path, database: Database, another: Another, directory: str
) -> None:
    world = world_of(tmp_path, database, another, MemoryStore())
    [secret] = secrets_of(world)
    (tmp_path / "spooled").mkdir()
    segment = SegmentFile(tmp_path / "spooled", "20260131T120900Z-1-9-abcd")
    late = segment.revisit(secret, answered("https://example.org/late", b"zanzibarite", minute=9))
    spooled(tmp_path / "spool" / "main", directory, segment)
    wanted = [one.record_id for one in secrets_of(world)]
    done = Purge(world.store, world.index, spools=lambda: [tmp_path / "spool" / "main"]).run(wanted, WHY)
    blind = Purge(world.store, world.index).plan([secret])
    world.index.opened(segment.name, collection="default", worker="main", epoch=1, path=segment.path, at=LATER)
    world.index.add([late])

    assert (done.plan.captures, [one.why for one in done.plan.kept_back]) == ((), ["needed"])
    assert done.plan.kept_back[0].needed_by == (late,)
    assert len(blind.captures) == 1  # the control: without the spool, nothing is known of it
    assert world.index.original_of(late) == secret


@pytest.mark.costly
@pytest.mark.postgresql
@pytest.mark.parametrize("either", ["postgresql"], indirect=True)
@pytest.mark.parametrize("where", ["nowhere", "another home"])
@pytest.mark.parametrize("indexed", [1, 0])
def test_a_purge_refuses_while_a_gone_worker_elsewhere_has_a_segment_of_which_nothing_is_indexed(
    tmp_path: Path, either: Database, another: Another, indexed: int, where: str
) -> None:
    """The worker of another machine, or of another home, was killed before its index had all, or any, of what it
    wrote.
    """
    world = world_of(tmp_path, either, another, MemoryStore())
    [secret] = secrets_of(world)
    (tmp_path / "far").mkdir()
    segment = SegmentFile(tmp_path / "far", "20260131T120900Z-1-9-abcd")
    first = segment.write(answered("https://example.org/x", b"x", minute=8))
    late = segment.revisit(secret, answered("https://example.org/late", b"zanzibarite", minute=9))
    epochs = Epochs(either, now=lambda: LATER, lease=timedelta(minutes=1), by_database=True)
    epochs.end(epoch := epochs.begin("far", host="elsewhere", spool="0123456789abcdef"))
    path = segment.path if where == "another home" else tmp_path / "nowhere" / "open" / segment.path.name
    world.index.opened(segment.name, collection="default", worker="far", epoch=epoch, path=path, at=LATER)
    world.index.add([first][:indexed])
    with pytest.raises(PurgeUnderWay, match=r"the worker far on the machine .* is gone"):
        Purge(world.store, world.index).run([secret.record_id], WHY)
    world.index.add([late])

    assert world.index.original_of(late) == secret
