"""A purge waits for what recorders are writing: none refers to what goes, however slow its disk is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from services.databases import SQLITE_ONLY
from services.waiting import eventually
from specimens.desks import Desk
from specimens.purges import SECRET, WHY, secrets_of, world_of
from specimens.segments import SegmentFile, answered, reference_of
from specimens.worlds import LATER, World

from archive.database.engine import Database
from archive.database.marks import Marks
from archive.index.purges.purged_marks import LEAVING
from archive.intake import purge_checks
from archive.intake.purge import Purge
from archive.spool.open_segment import OPEN, OpenSegment
from archive.store.memory import MemoryStore
from archive.values.errors import PurgeUnderWay
from archive.warc import journal
from archive.warc.journal import Heading, heading_line
from scheduler.ledger.epochs import Epochs

Another = Callable[[], Database]
LATE = answered("https://example.org/late", SECRET, minute=9)


class Writing:
    """A recorder whose disk takes its time: it has looked for the original, and nothing is written yet."""

    def __init__(self, world: World, spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        [secret] = secrets_of(world)
        self.began, self.may_end, commit = Event(), Event(), OpenSegment.commit

        def slow(segment: OpenSegment, *facts: object) -> None:
            self.began.set()
            assert self.may_end.wait(60)
            commit(segment, *facts)  # type: ignore[arg-type]

        monkeypatch.setattr(OpenSegment, "commit", slow)
        originals = {str(secret.sha256): reference_of(secret)}
        self.desk = Desk(
            spool,
            originals=lambda _, digests: {one: originals[one] for one in digests if one in originals},
            marked=world.index.damages.marked,
        )
        self.desk.record(LATE)
        assert self.began.wait(60)

    def end(self) -> None:
        self.may_end.set()
        self.desk.recorder.flush()


@SQLITE_ONLY
def test_a_capture_that_is_being_written_keeps_its_bytes(
    tmp_path: Path, database: Database, another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, spool = world_of(tmp_path, database, another, MemoryStore()), tmp_path / "spool" / "main"
    [secret] = secrets_of(world)
    writing, done = Writing(world, spool, monkeypatch), list[object]()
    purging = Purge(world.store, world.index, spools=lambda: [spool])
    purge = Thread(target=lambda: done.append(purging.run([secret.record_id], WHY)))
    purge.start()
    eventually(lambda: done or Marks(database, LEAVING).all())
    purge.join(0.5)  # one that does not wait ends by then, or nearly
    ended = bool(done)
    writing.end()
    purge.join()
    [late] = writing.desk.captures
    writing.desk.record(LATE)
    writing.end()
    writing.desk.close()

    assert not ended
    assert (late.kind, late.refers_to and late.refers_to.record_id) == ("revisit", secret.record_id)
    assert [one.why for one in done[0].plan.kept_back] == ["needed"]  # type: ignore[attr-defined]
    assert secrets_of(world) == [secret]


@pytest.mark.costly
@SQLITE_ONLY
def test_a_purge_does_not_wait_for_ever_and_deletes_nothing_then(
    tmp_path: Path, database: Database, another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, spool = world_of(tmp_path, database, another, MemoryStore()), tmp_path / "spool" / "main"
    [secret] = secrets_of(world)
    writing = Writing(world, spool, monkeypatch)
    monkeypatch.setattr(purge_checks, "RECORDER_PATIENCE", 0.0)
    with pytest.raises(PurgeUnderWay, match=r"nothing was deleted: .*spool/main is writing"):
        Purge(world.store, world.index, spools=lambda: [spool]).run([secret.record_id], WHY)
    left = Marks(database, LEAVING).all()
    writing.end()
    writing.desk.close()

    assert (secrets_of(world), left) == ([secret], {})


@pytest.mark.costly
@SQLITE_ONLY
def test_a_purge_refuses_while_a_recorder_of_an_earlier_version_has_a_spool(
    tmp_path: Path, database: Database, another: Another
) -> None:
    world, spool = world_of(tmp_path, database, another, MemoryStore()), tmp_path / "spool" / "main"
    [secret] = secrets_of(world)
    desk = Desk(spool)
    (spool / "BARRIER").unlink()
    with pytest.raises(PurgeUnderWay, match="of an earlier version"):
        Purge(world.store, world.index, spools=lambda: [spool]).run([secret.record_id], WHY)
    desk.close()
    done = Purge(world.store, world.index, spools=lambda: [spool]).run([secret.record_id], WHY)

    assert len(done.plan.captures) == 1


@pytest.mark.costly
@SQLITE_ONLY
def test_what_a_killed_worker_has_written_without_its_journal_keeps_its_bytes(
    tmp_path: Path, database: Database, another: Another
) -> None:
    """The next start finds such a capture in the file, and it counts from then on."""
    world, spool = world_of(tmp_path, database, another, MemoryStore()), tmp_path / "spool" / "main"
    [secret] = secrets_of(world)
    (tmp_path / "spooled").mkdir()
    segment = SegmentFile(tmp_path / "spooled", "20260131T120900Z-1-9-abcd")
    late = segment.revisit(secret, LATE)
    (spool / "open").mkdir(parents=True)
    shutil.copy(segment.path, spool / "open" / f"{segment.name}{OPEN}")
    heading = heading_line(Heading(segment.name, "default", "main", 1, LATER))
    (spool / "open" / f"{segment.name}{journal.SUFFIX}").write_bytes(heading)
    done = Purge(world.store, world.index, spools=lambda: [spool]).run([secret.record_id], WHY)

    assert [one.why for one in done.plan.kept_back] == ["needed"]
    assert [one.record_id for one in done.plan.kept_back[0].needed_by] == [late.record_id]


@pytest.mark.costly
@pytest.mark.postgresql
@pytest.mark.parametrize("either", ["postgresql"], indirect=True)
def test_a_purge_refuses_while_a_worker_on_another_machine_is_alive(
    tmp_path: Path, either: Database, another: Another
) -> None:
    world, spool = world_of(tmp_path, either, another, MemoryStore()), tmp_path / "spool" / "main"
    [secret] = secrets_of(world)
    desk, wanted = Desk(spool), [secret.record_id]
    epochs = Epochs(either, now=lambda: LATER, lease=timedelta(minutes=1), by_database=True)
    epochs.begin("main", host="here", spool=desk.spool.id)
    far = epochs.begin("far", host="elsewhere", spool="0123456789abcdef")
    with pytest.raises(PurgeUnderWay, match="the worker far on the machine elsewhere is running"):
        Purge(world.store, world.index, spools=lambda: [spool]).run(wanted, WHY)
    left = secrets_of(world)
    epochs.end(far)
    done = Purge(world.store, world.index, spools=lambda: [spool]).run(wanted, WHY)
    desk.close()

    assert left == [secret]
    assert [one.record_id for one in done.plan.captures] == wanted
