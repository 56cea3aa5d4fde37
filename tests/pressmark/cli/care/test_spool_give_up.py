"""`pressmark spool give-up`: from the list, over a purge, to the machine that comes back."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from socket import gethostname
from typing import Any

import pytest
from specimens.exchanges import context, numbered
from specimens.lost_spools import SECRET, lost, purge_secret, shipped, silent
from specimens.plain_warcs import response, written
from sqlalchemy import update

from archive.database.marks import Marks
from archive.database.schema import segments
from archive.index.purges.given_up import give_up, names_given_up, token_of, waiting_files
from archive.intake.purge_checks import check_complete
from archive.shipping import delivery
from archive.values.capture import Capture
from archive.values.errors import OutOfReach, PurgeRefused
from config.settings import Settings
from pressmark.api.peers import segments as peers
from pressmark.cli import main
from pressmark.processes.worker_threads import open_worker_parts
from pressmark.service.access import purged_since as since
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.service import Service
from pressmark.upkeep.conditions import conditions
from pressmark.upkeep.purging import purges_of

REASON = ("--reason", "the disk broke")


def run(home: Path, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), *arguments])
    return int(ended.value.code or 0)


def given_up_then_purged(tmp_path: Path) -> tuple[Settings, list[Capture], str]:
    settings = Settings(home=tmp_path / "home")
    with open_pressmark(settings) as service:
        found = lost(service, tmp_path / "away")
        silent(service, 25)
    assert run(settings.home, "spool", "give-up", "attic", "--json") == 0
    return settings, found, found[0].location.segment


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[], Any]:
    def read() -> Any:
        told = capsys.readouterr()
        return (json.loads(told.out) if told.out.startswith("{") else told.out), told.err

    return read


def test_a_file_is_given_up_after_a_day_with_the_code_of_the_list_and_loses_what_was_purged_when_it_comes_back(
    tmp_path: Path, said: Callable[[], Any]
) -> None:
    settings = Settings(home=tmp_path / "home")
    home = settings.home
    with open_pressmark(settings) as service:
        found = lost(service, tmp_path / "away")
        silent(service, 20)
    name = found[0].location.segment
    early = run(home, "spool", "give-up", "attic"), said()[0]
    nobody = run(home, "spool", "give-up", "cellar")
    with open_pressmark(settings) as service:
        silent(service, 25)
    said()
    assert run(home, "spool", "give-up", "attic", "--json") == 0
    listed = said()[0]
    assert run(home, "spool", "give-up", "attic", "--confirm", listed["token"]) == Exit.USAGE
    assert run(home, "spool", "give-up", "attic", "--confirm", "1-00000000", *REASON) != 0
    assert "nothing was given up" in said()[1]
    assert run(home, "spool", "give-up", "attic", "--confirm", listed["token"], *REASON) == 0
    assert "given up: WARC files: 1, captures in them: 2" in said()[1]
    assert run(home, "verify", "--all") == Exit.INTEGRITY
    verified = " ".join(map(str, said()))
    with open_pressmark(settings) as service:
        purged = purge_secret(service, tmp_path)
        shutil.move(tmp_path / "away", settings.spool_path)
        lines, served = len(names_given_up(service.database)), peers._opened(service, name)
        with pytest.raises(OutOfReach, match=r"was given up by .*: the disk broke"):
            service.archive.open(found[0])
        with open_worker_parts(service, shipped_within=300):
            pass
        left = {one.url: one for one in service.index.captures("http://example.org/", match="prefix")}
        rows = [one.entry for one in service.access.trail.newest(limit=9)]
        service.archive.open(left["http://example.org/page/0"]).close()

    assert early[0] == Exit.TEMPORARY
    assert "can be given up in 4 h" in early[1]
    assert nobody == Exit.NOT_FOUND
    assert [(one["segment"], one["captures"], one["state"]) for one in listed["items"]] == [
        (name, 2, "can be given up")
    ]
    assert "its WARC file was given up by" in verified
    assert "the disk broke" in verified
    assert (purged, lines, served) == (1, 1, None)
    assert sorted(left) == ["http://example.org/page/0", "http://example.org/page/2"]
    assert b"of the spool 2" in shipped(home)
    assert b"of the spool 1" not in shipped(home)
    assert b"of the spool 1" not in b"".join(map(gzip.decompress, (p.read_bytes() for p in home.rglob("*.warc.gz"))))
    given = [one for one in rows if "give-up" in one.action and one.outcome == "done"]
    back = [one for one in rows if one.action == "spool back"]
    assert [one.target for one in given] == ["attic"]
    assert json.loads(given[0].after or "") == {"reason": "the disk broke", "files": {name: 2}}
    assert [list(json.loads(one.after or "")["deleted"]) for one in back] == [[found[1].record_id]]


@pytest.mark.costly
def test_without_the_purges_of_the_meantime_a_file_that_comes_back_brings_what_they_deleted(
    tmp_path: Path, said: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above."""
    settings, _, _ = given_up_then_purged(tmp_path)
    token = said()[0]["token"]
    assert run(settings.home, "spool", "give-up", "attic", "--confirm", token, *REASON) == 0
    monkeypatch.setattr(since, "purged_by", lambda _: {})
    with open_pressmark(settings) as service:
        purge_secret(service, tmp_path)
        shutil.move(tmp_path / "away", settings.spool_path)
        with open_worker_parts(service, shipped_within=300):
            pass

    assert b"of the spool 1" in shipped(settings.home)


def came_back(tmp_path: Path, said: Callable[[], Any], act: Callable[[Service], object]) -> bytes:
    """Give up the file, do something, and return what the store has when the machine is back."""
    settings, _, _ = given_up_then_purged(tmp_path)
    token = said()[0]["token"]
    assert run(settings.home, "spool", "give-up", "attic", "--confirm", token, *REASON) == 0
    said()
    with open_pressmark(settings) as service:
        act(service)
        shutil.move(tmp_path / "away", settings.spool_path)
        with open_worker_parts(service, shipped_within=300):
            pass
        [back] = [row.entry for row in service.access.trail.newest(limit=9) if row.entry.action == "spool back"]
        hidden = [one.id for one in service.take_downs.active()]
    assert json.loads(back.after or "").get("taken_down", []) == hidden, "purge again"
    return shipped(settings.home)


@pytest.mark.costly
@pytest.mark.parametrize("guarded", [True, False])
def test_a_worker_that_wakes_up_after_its_file_was_given_up_does_not_ship_it_before_its_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """With its control: without the guard, what was purged is in the store again."""
    settings = Settings(home=tmp_path / "home")
    if not guarded:
        monkeypatch.setattr(delivery, "is_given_up", lambda *_: False)
    with open_pressmark(settings) as service:
        with open_worker_parts(service, shipped_within=5 if guarded else 300) as parts:
            for number in range(3):
                parts.recorder.record(numbered(number, body=b"of the spool %d" % number), context(), "x")
            parts.recorder.flush()
            parts.indexer.flush(300)
            silent(service, 25)
            with service.database.writing() as connection:
                connection.execute(update(segments).values(opened_at=service.now() - timedelta(hours=26)))
            host, places = gethostname(), {"here": "desk", "spools": []}
            shutil.move(settings.spool_path, tmp_path / "away")
            token = token_of(waiting_files(service.database, host, here="desk", spools=[]))
            give_up(service.database, host, token, now=service.now, by="ada", reason="gone", **places)  # type: ignore[arg-type]
            purge_secret(service, tmp_path)
            shutil.move(tmp_path / "away", settings.spool_path)
        woken = shipped(settings.home)
        with open_worker_parts(service, shipped_within=300):
            pass
        later = shipped(settings.home)
        if guarded:
            check_complete(service.index, service.store, service.epochs.lease, [settings.spool_path])
            assert sorted(one.url[-6:] for one in service.index.captures("http://example.org/", match="prefix")) == [
                "page/0",
                "page/2",
            ]

    assert (b"of the spool 1" in woken) == (b"of the spool 1" in later) == (not guarded)
    assert b"of the spool 2" in later


@pytest.mark.costly
def test_a_take_down_that_was_lifted_since_its_purge_deletes_nothing_in_files_that_come_back(
    tmp_path: Path, said: Callable[[], Any]
) -> None:
    def purged_and_lifted(service: Service) -> None:
        purge_secret(service, tmp_path)
        [one] = service.take_downs.all()
        service.take_downs.lift(one.id, by="ada")

    assert b"of the spool 1" in came_back(tmp_path, said, purged_and_lifted)


def test_a_purge_that_has_only_captures_in_files_that_were_given_up_says_to_purge_again(
    tmp_path: Path, said: Callable[[], Any]
) -> None:
    dry = list[str]()

    def refused(service: Service) -> None:
        one = service.take_downs.add(SECRET, "a court order", by="ada")
        assert run(service.settings.home, "purge", one.id) == 0
        dry.append(said()[1])
        with pytest.raises(PurgeRefused, match="has no records that can be purged"):
            purges_of(service).run(one.id, purges_of(service).plan(one.id).token, by="ada", origin="here")

    assert b"of the spool 1" in came_back(tmp_path, said, refused)
    assert "in WARC files that were given up: 1; purge again if the files come back" in dry[0]


@pytest.mark.costly
@pytest.mark.parametrize("is_known", [True, False])
def test_a_retention_reaches_as_far_as_at_its_purge_whatever_the_settings_of_the_machine_that_comes_back(
    tmp_path: Path, said: Callable[[], Any], is_known: bool
) -> None:
    """A file stays given up if nobody knows how far."""
    settings, _, name = given_up_then_purged(tmp_path)
    assert run(settings.home, "spool", "give-up", "attic", "--confirm", said()[0]["token"], *REASON) == 0
    with open_pressmark(Settings(home=settings.home, retention={"default": "1d"})) as service:
        service.archive.ingest(written(tmp_path / "copy.warc", response("http://example.org/old", "of the store")))
        purges = purges_of(service)
        purges.run("retention:default", purges.plan("retention:default").token, by="ada", origin="here")
        shutil.move(tmp_path / "away", settings.spool_path)
        if not is_known:
            Marks(service.database, "purge-bound/").delete("retention:default")
    with open_pressmark(settings) as service:
        with open_worker_parts(service, shipped_within=1):
            pass
        left = names_given_up(service.database)
        told = [one.sentence for one in conditions(service) if one.state == "file-back-unusable"]
    there = b"".join(gzip.decompress(path.read_bytes()) for path in settings.home.rglob("*.warc.gz"))

    assert (b"of the spool 1" in there, left) == ((False, frozenset()) if is_known else (True, {name}))
    assert ["does not know how far it reached" in one for one in told] == ([] if is_known else [True])
    assert b"of the spool 1" not in shipped(settings.home)


def test_the_files_of_a_machine_that_restarts_within_the_day_are_shipped_as_ever(
    tmp_path: Path, said: Callable[[], Any]
) -> None:
    settings = Settings(home=tmp_path / "home")
    with open_pressmark(settings) as service:
        lost(service, tmp_path / "away")
        silent(service, 23)
        shutil.move(tmp_path / "away", settings.spool_path)
        with open_worker_parts(service, shipped_within=300):
            pass
    gone = run(settings.home, "spool", "give-up", "attic")

    assert gone == Exit.NOT_FOUND
    assert b"of the spool 1" in shipped(settings.home)
