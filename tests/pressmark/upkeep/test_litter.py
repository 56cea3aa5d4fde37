"""Logs, frontiers and quarantine are bounded, announced before they go, and keep what was acknowledged."""

from __future__ import annotations

import fcntl
import io
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from specimens.archives import SEGMENTS

from archive.database.marks import Marks
from archive.export.file import workplace_of
from archive.index.objects import Objects
from archive.intake.rebuild import Rebuild
from archive.shipping.fixity.share import WHOLE
from archive.store.object_reader import octets_of
from archive.store.s3 import S3Settings, S3Store
from archive.values.digest import sha256
from archive.warc.cdxj_members import plain
from archive.warc.keys import CDXJS, MANIFESTS, WARCS, cdxj_key, plain_cdxj_key, time_of_key, warc_key
from config.settings import load_settings
from pressmark.cli.terminal.language import translate
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.service import Service
from pressmark.upkeep.fixity import audit_share
from pressmark.upkeep.litter import announced, clear_litter, examine_litter
from pressmark.upkeep.unfinished_exports import noted_export, unfinished_exports

DAY = timedelta(days=1)
NOON = datetime(2025, 1, 31, 12, tzinfo=UTC)
Later = Callable[[float], Service]


@pytest.fixture
def later(tmp_path: Path) -> Iterator[Later]:
    """Return the service of a home that many days later."""
    flags = {"home": tmp_path / "home", "litter.age": "30d", "litter.size": "1KiB", "litter.notice": "7d"}
    with open_pressmark(load_settings(flags)) as service:
        begun = service.now()
        yield lambda days: replace(service, now=lambda: begun + days * DAY)


def pass_days(later: Later, since: float, until: float) -> int:
    """Clear litter every half day from one day to another; return how much was deleted."""
    halves = range(round(since * 2) + 1, round(until * 2) + 1)
    return sum(clear_litter(later(half / 2)) for half in halves)


def write(service: Service, name: str, size: int, *, age: int = 0) -> Path:
    path = service.settings.home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    at = (service.now() - age * DAY).timestamp()
    os.utime(path, (at, at))
    return path


def test_old_files_are_announced_and_then_deleted(later: Later) -> None:
    old = write(later(0), "logs/runs/old.jsonl", 10, age=40)
    new = write(later(0), "logs/runs/new.jsonl", 10)

    assert clear_litter(later(0)) == 0
    [told] = announced(later(0))
    assert (told.kind, told.count) == ("run logs", 1)
    [logs, queues, damaged, orphans, exports] = [sentence for sentence, _ in examine_litter(later(0))]
    assert logs.startswith("logs of past runs (files: 2, 20 B); on 20")
    assert "Pressmark will delete those dated 20" in logs
    assert (queues, damaged, orphans, exports) == (
        "lists of URLs to fetch, left by past runs (files: 0, 0 B)",
        "damaged parts of archived files, saved separately (files: 0, 0 B)",
        "stored indexes and texts that no manifest lists (files: 0, 0 B)",
        "unfinished files of interrupted exports (files: 0, 0 B)",
    )
    assert pass_days(later, 0, 6) == 0
    assert old.exists()
    assert pass_days(later, 6, 7.5) == 1
    assert (old.exists(), new.exists()) == (False, True)


def test_the_doctor_speaks_of_old_files_in_chinese(later: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    write(later(0), "logs/runs/old.jsonl", 10, age=40)
    clear_litter(later(0))

    said = [translate(sentence) for sentence, _ in examine_litter(later(0))]
    assert len(said) == 5
    assert [sentence for sentence in said if re.search(r"[A-Za-z]{3,} [A-Za-z]{2,}", sentence)] == []


def test_the_oldest_files_go_when_all_take_too_much(later: Later) -> None:
    files = [write(later(0), f"frontiers/{age}.db", 400, age=age) for age in (3, 2, 1)]

    clear_litter(later(0))
    pass_days(later, 0, 7.5)
    assert [file.exists() for file in files] == [False, True, True]


@pytest.mark.parametrize("name", ["over.spider/ledger.db", "over.browser/Cookies"])
def test_the_directory_of_a_spider_or_browser_whose_run_is_over_goes_as_a_whole(later: Later, name: str) -> None:
    old = write(later(0), f"frontiers/{name}", 10, age=40)
    os.utime(old.parent, (old.stat().st_mtime,) * 2)

    clear_litter(later(0))
    assert pass_days(later, 0, 7.5) == 1
    assert not old.parent.exists()


def test_what_was_not_announced_stays(later: Later) -> None:
    write(later(0), "logs/runs/old.jsonl", 10, age=40)
    clear_litter(later(0))
    other = write(later(0), "logs/runs/other.jsonl", 10, age=25)

    assert pass_days(later, 0, 7.5) == 1
    assert other.exists()


def test_the_frontier_and_the_log_of_an_unfinished_run_stay(later: Later) -> None:
    service = later(0)
    run = service.runs.request("news")
    assert run
    kept = [
        write(service, f"frontiers/{run.id}.db", 10, age=99),
        write(service, f"logs/runs/{run.id}.jsonl", 10, age=99),
        write(service, f"frontiers/{run.id}.spider/ledger.db", 10, age=99),
        write(service, f"frontiers/{run.id}.browser/Cookies", 10, age=99),
    ]

    clear_litter(later(0))
    assert pass_days(later, 0, 8) == 0
    assert all(path.exists() for path in kept)


def test_bytes_of_a_segment_that_lost_acknowledged_captures_stay(later: Later) -> None:
    lost = write(later(0), "spool/main/quarantine/segment-1.lost.jsonl", 10, age=99)
    beside = write(later(0), "spool/main/quarantine/segment-1-500.torn", 10, age=99)
    torn = write(later(0), "spool/main/quarantine/segment-2-500.torn", 10, age=99)

    clear_litter(later(0))
    assert pass_days(later, 0, 8) == 1
    assert (lost.exists(), beside.exists(), torn.exists()) == (True, True, False)


def orphaned(later: Later) -> tuple[Path, Path, list[str]]:
    """Put an index and a WARC that no manifest names, both old, into a store with a segment.

    The index is that of the segment, uncompressed, as earlier versions put it.
    """
    service = later(0)
    service.archive.ingest(min(SEGMENTS.glob("*.warc.gz")))
    named = list(service.store.keys())
    [compressed] = service.store.keys(CDXJS)
    content = plain(octets_of(service.store, compressed))
    for key, held in (
        (plain_cdxj_key("default", time_of_key(compressed), sha256(content)), content),
        (warc_key("default", NOON, sha256(b"orphan")), b"orphan"),
    ):
        service.store.put(key, io.BytesIO(held), sha256(held))
    index, warc = (service.settings.home / "store" / key for key in sorted(set(service.store.keys()) - set(named)))
    age_all(service, service)
    return index, warc, named


def age_all(service: Service, lister: Service) -> None:
    """Make everything in the store of a service old, and list it."""
    for path in (service.settings.home / "store").rglob("*.*"):
        os.utime(path, (NOON.timestamp(),) * 2)
    Objects(lister.database).note_keys(service.store.keys(), service.now())


def test_an_old_index_that_no_manifest_names_is_announced_and_then_deleted(later: Later) -> None:
    index, warc, named = orphaned(later)

    assert clear_litter(later(0)) == 0
    assert [told.kind for told in announced(later(0))] == ["orphans"]
    assert pass_days(later, 0, 6) == 0
    assert pass_days(later, 6, 7.5) == 1
    assert (index.exists(), warc.exists()) == (False, True)
    assert set(named) < set(later(0).store.keys())
    assert [one for one in audit_share(later(8), WHOLE) if one.is_wrong] == []


@pytest.mark.parametrize("harm", ["damaged", "lost", "without its WARC"])
def test_no_index_is_deleted_while_a_manifest_is_damaged_or_lost_or_its_warc_is(later: Later, harm: str) -> None:
    index, _, named = orphaned(later)
    manifest, warc = (
        later(0).settings.home / "store" / next(key for key in named if key.startswith(kind))
        for kind in (MANIFESTS, WARCS)
    )
    gone = warc if harm == "without its WARC" else manifest
    gone.chmod(0o644)
    gone.write_bytes(b"{}") if harm == "damaged" else gone.unlink()

    clear_litter(later(0))
    assert pass_days(later, 0, 9) == 0
    assert index.exists()


def test_files_that_can_not_be_deleted_do_not_count_as_deleted(later: Later, caplog: pytest.LogCaptureFixture) -> None:
    kept, gone = (write(later(0), f"logs/runs/{name}.jsonl", 9, age=40) for name in ("kept", "gone"))
    clear_litter(later(0))
    if subprocess.run(["chattr", "+i", kept], check=False, capture_output=True).returncode:
        pytest.skip("this file system has no immutable files")
    try:
        deleted = pass_days(later, 0, 7.5)
    finally:
        subprocess.run(["chattr", "-i", kept], check=True)

    assert (deleted, kept.exists(), gone.exists()) == (1, True, False)
    assert "old files could not be deleted" in caplog.messages


def test_the_doctor_says_that_it_could_not_list_what_a_store_holds_that_does_not_answer(later: Later) -> None:
    orphaned(later)
    away = S3Settings("b", "http://127.0.0.1:9", access_key="a", secret_key="b")
    with closing(S3Store(away, pause=lambda seconds: None)) as store:
        told = list(examine_litter(replace(later(0), store=store)))
        assert clear_litter(replace(later(0), store=store)) == 0

    assert [code for _, code in told] == [Exit.OK, Exit.OK, Exit.OK, Exit.STORE, Exit.OK]
    assert told[3][0].startswith("Pressmark can't check this part: ")


def test_an_index_that_can_not_be_read_stays(later: Later) -> None:
    index, _, _ = orphaned(later)
    index.chmod(0o644)
    index.write_bytes(b"no index")
    os.utime(index, (NOON.timestamp(),) * 2)

    clear_litter(later(0))
    assert pass_days(later, 0, 9) == 0
    assert index.exists()


@pytest.mark.parametrize("at_the_second_of_another", [False, True])
def test_the_index_of_a_lost_warc_stays_even_with_a_new_database(
    later: Later, tmp_path: Path, *, at_the_second_of_another: bool
) -> None:
    for warc in sorted(SEGMENTS.glob("*.warc.gz")):
        later(0).archive.ingest(warc)
    store, (lost, kept) = later(0).store, later(0).index.segments()
    assert lost.object_key and lost.manifest_key and kept.object_key
    index = min(store.keys(CDXJS))
    for key in (lost.object_key, lost.manifest_key):
        store.delete(key)
    if at_the_second_of_another:
        content = octets_of(store, index)
        store.delete(index)
        index = cdxj_key("default", time_of_key(kept.object_key), sha256(content))
        store.put(index, io.BytesIO(content), sha256(content))

    flags = {"home": tmp_path / "new", "store": str(tmp_path / "home" / "store"), "litter.age": "30d"}
    with open_pressmark(load_settings(flags, dotenv=None)) as rebuilt:
        Rebuild(store, rebuilt.index).run()
        age_all(later(0), rebuilt)
        for days in range(17):
            assert clear_litter(replace(rebuilt, now=later(days).now)) == 0
    assert store.size(index)


def test_0_means_never(tmp_path: Path) -> None:
    with open_pressmark(load_settings({"home": tmp_path / "home", "litter.age": "0s", "litter.size": "0B"})) as service:
        old = write(service, "logs/runs/old.jsonl", 10, age=4000)
        clear_litter(service)
        for days in range(1, 10):
            at = service.now() + days * DAY
            assert clear_litter(replace(service, now=partial(datetime.fromtimestamp, at.timestamp(), UTC))) == 0
        assert old.exists()


def test_what_an_export_that_did_not_end_left_beside_its_target_goes(later: Later, tmp_path: Path) -> None:
    def begun(name: str) -> Path:
        target = tmp_path / name
        with suppress(KeyboardInterrupt), noted_export(later(0).database, target):
            workplace_of(target).mkdir()
            raise KeyboardInterrupt
        return target

    left, under_way, ended = begun("left.wacz"), begun("under_way.wacz"), tmp_path / "ended.wacz"
    with noted_export(later(0).database, ended):
        pass
    workplace_of(ended).mkdir()  # without a mark
    descriptor = os.open(workplace_of(under_way), os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        assert clear_litter(later(40)) == 0
        pass_days(later, 40, 48)
    finally:
        os.close(descriptor)

    there = [workplace_of(target).exists() for target in (left, under_way, ended)]
    assert there == [False, True, True]
    assert unfinished_exports(later(0).database) == [workplace_of(under_way)]


def test_what_was_announced_while_the_clock_was_ahead_is_announced_again(later: Later) -> None:
    old = write(later(0), "logs/runs/old.jsonl", 10, age=40)
    clear_litter(later(400))
    clear_litter(later(0))
    [told] = announced(later(0))
    assert told.on == later(7).now()
    pass_days(later, 0, 6.5)
    assert old.exists()
    clear_litter(later(7))
    assert not old.exists()


@pytest.mark.parametrize("wrong", [[-400], [-400, 0.1, -400, 0.2, -400], [400], [5], [400, 0.1, -400]])
def test_a_clock_that_is_behind_or_ahead_for_a_moment_shortens_the_notice_by_a_day_at_most(
    later: Later, wrong: list[float]
) -> None:
    large = write(later(0), "logs/runs/large.jsonl", 5000)
    clear_litter(later(0))
    for days in wrong:
        clear_litter(later(days))
    clear_litter(later(0.3))
    [told] = announced(later(0.3))
    assert told.on >= later(6).now()
    assert pass_days(later, 0.3, 5.5) == 0
    assert large.exists()
    assert pass_days(later, 5.5, 7.5) == 1


def test_what_is_announced_first_while_the_clock_is_behind_is_not_deleted_once_it_is_right(later: Later) -> None:
    large = write(later(0), "logs/runs/large.jsonl", 5000)
    clear_litter(later(-400))
    assert pass_days(later, 0, 5.5) == 0
    assert large.exists()
    assert pass_days(later, 5.5, 7.5) == 1
    assert not large.exists()


def test_a_service_that_runs_once_a_week_deletes_too(later: Later) -> None:
    old = write(later(0), "logs/runs/old.jsonl", 10, age=40)
    looks = [clear_litter(later(7 * week)) for week in range(9)]
    assert sum(looks) == 1
    assert not old.exists()


def test_what_an_earlier_version_announced_is_counted_from_then(later: Later) -> None:
    write(later(0), "logs/runs/old.jsonl", 10, age=40)
    told = [later(0).now().isoformat(), later(0).now().isoformat()]
    Marks(later(0).database, "litter:").set("run logs", json.dumps(told))
    assert pass_days(later, 0, 6.5) == 0
    assert pass_days(later, 6.5, 7) == 1
