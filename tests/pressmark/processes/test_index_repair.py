"""The index heals by itself and says so meanwhile; doctor and verify report what it lacks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest
from services.waiting import eventually
from specimens.archives import SEGMENTS
from specimens.dumps import dump

from archive.archive import Archive
from archive.database.damaged_file import aside_of, is_suspect, suspect
from archive.spool.spool import lock
from archive.store import open_store
from archive.store.s3_settings import S3Settings
from archive.values.errors import DatabaseDamaged
from config.settings import Settings, load_settings
from pressmark.processes.index_repair import IndexRepair
from pressmark.processes.worker_threads import open_worker_parts
from pressmark.service.assembly import open_pressmark, utc_now
from pressmark.service.database_repair import set_aside_if_damaged
from pressmark.service.exits import Exit
from pressmark.service.index_state import IndexState, state_of, write_state
from pressmark.service.service import Service
from pressmark.upkeep.audit import audit, audit_index
from pressmark.upkeep.doctor import examine


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of a home with two segments in its store."""
    settings = load_settings({"home": tmp_path / "home", "spool.ballast": "0B"})
    with open_pressmark(settings) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
    return settings


@pytest.fixture
def forgetful(settings: Settings) -> Iterator[Service]:
    """The service of that home, with a new database."""
    (settings.home / "pressmark.db").unlink()
    with open_pressmark(settings) as service:
        yield service


def index_of(service: Service) -> list[tuple[str, Exit]]:
    return [(one.sentence, one.code) for one in examine(service) if one.part == "index"]


def heal(service: Service) -> None:
    """Run one comparison to its end, as the worker does."""
    healing = IndexRepair(service)
    healing._turn()


def test_doctor_and_verify_report_deleted_rows_and_these_are_restored(settings: Settings) -> None:
    with open_pressmark(settings) as service:
        before = dump(service.database)
        well = index_of(service)
        with service.database.writing() as connection:
            few = "(SELECT id FROM captures ORDER BY id LIMIT 3)"
            connection.exec_driver_sql(f"DELETE FROM captures WHERE id IN {few}")
        told = index_of(service)
        verified = [finding.sentence for checked in audit_index(service) for finding in checked.findings]
        heal(service)
        healed = dump(service.database), index_of(service)

    assert told[0][1] == Exit.INTEGRITY
    assert told[0][0].startswith("WARC files with captures that are missing from the index: 1, e.g. manifest/v1/")
    assert verified == ["rows of this segment were deleted from the index; run pressmark serve or pressmark rebuild"]
    assert healed == (before, well)


def test_a_new_index_is_incomplete_until_it_was_compared(forgetful: Service) -> None:
    before = state_of(forgetful.database).awaited
    heal(forgetful)

    assert (
        before
        == "the index (the list of all captures) is new, and Pressmark has not filled it from the archived files "
        "yet"
    )
    assert state_of(forgetful.database).awaited is None


def test_the_state_shows_the_progress() -> None:
    assert IndexState(done=120, total=1200).incomplete == (
        "Pressmark is building the index again from the archived files: 120 of 1,200 WARC files are done"
    )
    assert IndexState(compared_at="2026-11-28T04:00:00Z", problem="the store is away").incomplete is None


def test_a_worker_heals_while_it_works_and_a_rebuild_does_not(settings: Settings, forgetful: Service) -> None:
    with open_worker_parts(forgetful, healing=False):
        assert state_of(forgetful.database) == IndexState()
    with open_worker_parts(forgetful):
        eventually(lambda: state_of(forgetful.database).compared_at)

    assert len(forgetful.index.segments()) == 2


def test_an_unreachable_store_is_named_and_compared_once_it_is_back(forgetful: Service) -> None:
    nowhere = S3Settings("b", endpoint="http://127.0.0.1:1", access_key="a", secret_key="b", region="r")
    with closing(open_store(nowhere)) as away:
        heal(replace(forgetful, store=away))
    told = state_of(forgetful.database).incomplete
    heal(forgetful)

    assert told and told.startswith(
        "the index (the list of all captures) is new, and Pressmark can't fill it from the archived files yet: "
    )
    assert state_of(forgetful.database).incomplete is None
    assert len(forgetful.index.segments()) == 2


def test_doctor_and_verify_report_what_the_index_lacks(forgetful: Service) -> None:
    [(sentence, code)] = index_of(forgetful)
    findings = [finding for one in audit(forgetful) for finding in one.findings]
    write_state(forgetful.database, IndexState(done=1, total=2))
    under_way = index_of(forgetful)
    heal(forgetful)

    assert code == Exit.INTEGRITY
    assert sentence.startswith(
        "WARC files that are in the store but not in the index, so that their captures can't be found: 2, e.g. "
        "manifest/v1/"
    )
    assert "pressmark serve imports" in sentence
    assert [finding.kind for finding in findings] == ["unknown", "unknown"]
    assert under_way == [
        (
            "Pressmark is building the index again from the archived files: 1 of 2 WARC files are done;"
            " until this is complete, searches and lists lack some pages",
            Exit.TEMPORARY,
        )
    ]
    assert index_of(forgetful) == [
        ("the index (the list of all captures) covers every WARC file of the store", Exit.OK)
    ]
    assert not any(one.findings for one in audit(forgetful))


def test_doctor_names_what_the_store_has_lost(settings: Settings) -> None:
    lost = sorted((settings.home / "store" / "manifest").rglob("*.json"))[0]
    lost.unlink()
    with open_pressmark(settings) as service:
        [(sentence, code)] = index_of(service)

    assert code == Exit.INTEGRITY
    assert sentence.startswith(
        "WARC files that are in the index but missing from the store: 1, e.g. "
        f"{lost.relative_to(settings.home / 'store')}"
    )


def test_segments_that_can_not_be_added_do_not_keep_the_index_from_being_ready(
    settings: Settings, forgetful: Service
) -> None:
    damaged = sorted((settings.home / "store" / "manifest").rglob("*.json"))[0]
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes()[:-1])
    heal(forgetful)

    assert state_of(forgetful.database).incomplete is None
    assert len(forgetful.index.segments()) == 1
    assert [code for _, code in index_of(forgetful)] == [Exit.INTEGRITY]


def test_healing_again_changes_nothing(forgetful: Service) -> None:
    heal(forgetful)
    healed = dump(forgetful.database)
    heal(forgetful)

    assert dump(forgetful.database) == healed


def spoilt(settings: Settings) -> Path:
    file = settings.home / "pressmark.db"
    file.write_bytes(b"no database" * 1000)
    return file


def test_a_damaged_database_is_set_aside_and_a_whole_one_is_not(settings: Settings) -> None:
    file = settings.home / "pressmark.db"
    suspect(file)
    whole = set_aside_if_damaged(settings, utc_now)
    cleared = not is_suspect(file)
    spoilt(settings)
    aside = set_aside_if_damaged(settings, utc_now)

    assert whole is None and cleared
    assert aside_of(file) == [aside]
    assert not file.exists()


def test_a_damaged_database_is_left_to_the_process_that_works_there(settings: Settings) -> None:
    file = spoilt(settings)
    settings.spool_path.mkdir(parents=True, exist_ok=True)
    with (
        lock(settings.spool_path, "w"),
        pytest.raises(DatabaseDamaged, match=r"is writing to the spool .*: w .*; that process repairs it"),
    ):
        set_aside_if_damaged(settings, utc_now)

    assert file.exists()


def test_only_the_mending_process_makes_a_new_database(settings: Settings) -> None:
    spoilt(settings)
    with pytest.raises(DatabaseDamaged), open_pressmark(settings):
        pass
    with open_pressmark(settings, mending=True) as service:
        heal(service)
        told = [one.sentence for one in examine(service) if one.part == "database"]

    assert len(told) == 2
    assert "Pressmark replaced a damaged database and kept the old file as " in told[1]


def test_a_log_without_its_database_is_not_applied_to_the_new_one(settings: Settings) -> None:
    """As after kill -9 of a service whose file was deleted."""
    file = settings.home / "pressmark.db"
    with ExitStack() as stack:
        service = stack.enter_context(open_pressmark(settings))
        write_state(service.database, IndexState(problem="old"))
        shutil.copy(f"{file}-wal", settings.home / "kept-wal")
    file.unlink()
    (settings.home / "kept-wal").rename(f"{file}-wal")
    with open_pressmark(settings, mending=True) as service:
        assert state_of(service.database) == IndexState()
        assert isinstance(service.archive, Archive)
