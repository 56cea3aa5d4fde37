"""Files that were given up and that the store gets as a whole: what was purged meanwhile is purged in them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from socket import gethostname
from typing import Any, BinaryIO

import pytest
from services.postgresql import EMPTY, PostgresServer
from specimens.desks import Desk
from specimens.exchanges import context, numbered
from specimens.lost_spools import SECRET, lost, purge_secret, shipped, silent
from specimens.plain_warcs import response, written
from specimens.segments import answered
from sqlalchemy import delete, update

from archive.database.lost_tables import clear_rebuilt
from archive.database.schema import marks, segments
from archive.index.purges.given_up import BACK, files_back, give_up, names_given_up, token_of, waiting_files
from archive.intake.rebuild import Rebuild
from archive.shipping.upload import Publisher
from archive.spool.recovery import recover
from archive.spool.sealed import sealed_in
from archive.values.digest import Sha256
from archive.warc import journal
from config.settings import Settings
from pressmark.cli import main
from pressmark.processes.worker_threads import open_worker_parts
from pressmark.service.access.purges import carry_on_purges
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.service import Service
from pressmark.upkeep.conditions import conditions
from pressmark.upkeep.purging import purges_of


class Suspending:
    """A store whose worker is suspended in the middle of an upload: all objects are there but the manifest."""

    def __init__(self, store: Any, meanwhile: Callable[[], None]) -> None:
        self._store, self._meanwhile = store, [meanwhile]

    def put(self, key: str, body: BinaryIO, digest: Sha256, *, replace: bool = False) -> Any:
        if key.startswith("manifest/") and self._meanwhile:
            self._meanwhile.pop()()
        return self._store.put(key, body, digest, replace=replace)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def give_all_up(service: Service, host: str) -> str:
    places: dict[str, Any] = {"here": "desk", "spools": []}
    token = token_of(waiting_files(service.database, host, **places))
    [one] = give_up(service.database, host, token, now=service.now, by="ada", reason="the disk broke", **places)
    return one.segment


def states(service: Service) -> dict[str | None, str]:
    return {one.state: one.sentence for one in conditions(service)}


def back_rows(service: Service) -> list[dict[str, Any]]:
    rows = [one.entry for one in service.access.trail.newest(limit=20)]
    return [json.loads(one.after or "") for one in rows if one.action == "spool back"]


@pytest.mark.parametrize("fenced", [True, pytest.param(False, marks=pytest.mark.costly)])
def test_an_upload_that_continues_after_its_file_was_given_up_loses_what_was_purged_meanwhile(
    tmp_path: Path, fenced: bool
) -> None:
    """With its control: without the note of the commit, nobody knows that the file has it."""
    settings = Settings(home=tmp_path / "home")
    with open_pressmark(settings) as service:

        def meanwhile() -> None:
            silent(service, 25)
            with service.database.writing() as connection:
                connection.execute(update(segments).values(opened_at=service.now() - timedelta(hours=26)))
                connection.execute(update(segments).values(sealed_at=service.now() - timedelta(hours=26)))
            shutil.move(settings.spool_path, tmp_path / "away")
            give_all_up(service, gethostname())
            purge_secret(service, tmp_path)
            shutil.move(tmp_path / "away", settings.spool_path)

        slow = replace(service, store=Suspending(service.store, meanwhile))
        with open_worker_parts(slow, shipped_within=300, healing=False) as parts:
            for number in range(3):
                parts.recorder.record(numbered(number, body=b"of the spool %d" % number), context(), "x")
            parts.recorder.flush()
            parts.indexer.flush(300)
        came, told = shipped(settings.home), states(service)
        if not fenced:
            with service.database.writing() as connection:
                connection.execute(delete(marks).where(marks.c.name.startswith(BACK)))
        carry_on_purges(service)
        rows, later = back_rows(service), states(service)
        left = {one.url[-6:]: one for one in service.index.captures("http://example.org/", match="prefix")}
        hidden = [one.url for one in left.values() if one.damaged is not None]
        service.archive.open(left["page/0"]).close()

    assert b"of the spool 1" in came, "it was not fenced before its upload"
    assert "what was purged (deleted for good) meanwhile" in told["file-back-unpurged"]
    assert "file-back-unpurged" not in later
    assert (b"of the spool 1" in shipped(settings.home)) == ("page/1" in left) == (not fenced)
    if fenced:
        assert b"of the spool 2" in shipped(settings.home)
        assert (sorted(left), hidden) == (["page/0", "page/2"], [])
        assert [len(one["deleted"]) for one in rows] == [1]


def uploaded(service: Service, away: Path) -> None:
    """Let the worker upload its file, and die before it told the database."""
    recover(away, now=service.now)
    [sealed] = sealed_in(away)
    Publisher(service.store).publish(sealed, list(journal.read(sealed.journal)), None, None)


@pytest.mark.parametrize("is_back", [True, pytest.param(False, marks=pytest.mark.costly)])
def test_a_file_that_was_uploaded_before_its_machine_died_loses_what_was_purged_meanwhile(
    tmp_path: Path, is_back: bool
) -> None:
    """Whether the machine comes back, or the index alone learns of it."""
    settings = Settings(home=tmp_path / "home")
    with open_pressmark(settings) as service:
        lost(service, tmp_path / "away")
        silent(service, 25)
        name = give_all_up(service, "attic")
        purge_secret(service, tmp_path)
        uploaded(service, tmp_path / "away")
        if is_back:
            shutil.move(tmp_path / "away", settings.spool_path)
            with open_worker_parts(service, shipped_within=300, healing=False):
                pass
        else:
            Rebuild(service.store, service.index).run()
        [noted] = files_back(service.database)
        waits = names_given_up(service.database)
        carry_on_purges(service)
        left = [one.url[-6:] for one in service.index.captures("http://example.org/", match="prefix")]

    assert (noted.segment, noted.by, waits) == (name, "ada", frozenset())
    assert b"of the spool 1" not in shipped(settings.home)
    assert (sorted(left), files_back(service.database)) == (["page/0", "page/2"], [])


@pytest.mark.costly
def test_an_adopted_file_that_is_damaged_counts_again_as_far_as_it_is_intact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings, away = Settings(home=tmp_path / "home"), tmp_path / "away"
    with open_pressmark(settings) as service:
        lost(service, away)
        silent(service, 25)
        give_all_up(service, "attic")
        purge_secret(service, tmp_path)
        recover(away, now=service.now)
    [sealed] = sealed_in(away)
    content = bytearray(sealed.path.read_bytes())
    content[list(journal.read(sealed.journal))[-1].location.offset + 40] ^= 0xFF
    sealed.path.write_bytes(content)
    ends = []
    for _ in range(2):
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(settings.home), "spool", "adopt", str(away)])
        ends.append(ended.value.code)
    told = capsys.readouterr().err
    with open_pressmark(settings) as service:
        left = {one.url[-6:]: one.damaged for one in service.index.captures("http://example.org/", match="prefix")}

    assert ends == [Exit.INTEGRITY, Exit.INTEGRITY], "a capture is lost: no other try helps"
    assert "run the command again" not in told
    assert b"of the spool 0" in shipped(settings.home)
    assert b"of the spool 1" not in shipped(settings.home)
    assert left["page/0"] is None


@pytest.mark.costly
def test_a_state_names_what_to_purge_again_until_that_is_done(tmp_path: Path) -> None:
    """The only captures of the page were in the file: there was nothing to purge at first."""
    settings = Settings(home=tmp_path / "home")
    with open_pressmark(settings) as service:
        lost(service, tmp_path / "away")
        silent(service, 25)
        give_all_up(service, "attic")
        one = service.take_downs.add(SECRET, "a court order", by="ada")
        before = states(service)
        shutil.move(tmp_path / "away", settings.spool_path)
        with open_worker_parts(service, shipped_within=300):
            pass
        told = states(service)
        with service.database.writing() as connection:  # as after `spool.grace`
            connection.execute(update(segments).values(path=None))
        purges = purges_of(service)
        purges.run(one.id, purges.plan(one.id).token, by="ada", origin="here")
        after = states(service)

    assert "file-back-hidden" not in {*before, *after}
    assert told["file-back-hidden"].endswith(f"purge these take-downs again: {one.id}")
    assert b"of the spool 1" not in shipped(settings.home)


def purge_page(service: Service, directory: Path, number: int) -> str:
    """Take a page down, and purge its copy in the store. Return the id of the take-down."""
    url = f"http://example.org/page/{number}"
    service.archive.ingest(written(directory / f"copy{number}.warc", response(url, "of the store")))
    one, purges = service.take_downs.add(url, "a court order", by="ada"), purges_of(service)
    purges.run(one.id, purges.plan(one.id).token, by="ada", origin="here")
    return one.id


@pytest.mark.costly
@pytest.mark.parametrize("is_lost", [False, True])
def test_all_that_several_take_downs_purged_goes_at_once_also_if_the_index_lost_its_rows(
    tmp_path: Path, is_lost: bool
) -> None:
    with open_pressmark(Settings(home=tmp_path / "home")) as service:
        found = lost(service, tmp_path / "away")
        silent(service, 25)
        give_all_up(service, "attic")
        ids = [purge_page(service, tmp_path, number) for number in (1, 2)]
        uploaded(service, tmp_path / "away")
        if is_lost:
            with service.database.writing() as connection:
                clear_rebuilt(connection)
        Rebuild(service.store, service.index).run()
        carry_on_purges(service)
        left = [one.url[-6:] for one in service.index.captures("http://example.org/", match="prefix")]
        [row] = back_rows(service)

    assert left == ["page/0"]
    assert row["deleted"] == {found[number].record_id: id_ for number, id_ in zip((1, 2), ids, strict=True)}
    assert b"of the spool 1" not in shipped(tmp_path / "home")


@pytest.mark.costly
def test_references_in_a_file_that_is_back_to_what_was_purged_meanwhile_are_marked(tmp_path: Path) -> None:
    """With its control: the page of its own is not."""
    with open_pressmark(Settings(home=tmp_path / "home")) as service:
        service.archive.ingest(written(tmp_path / "copy.warc", response(SECRET, "of the store")))
        desk = Desk(tmp_path / "away", originals=service.index.originals, marked=service.index.damages.marked)
        desk.record(answered("http://example.org/late", b"of the store", minute=9))
        desk.record(answered("http://example.org/own", b"its own", minute=10))
        desk.recorder.flush()
        found = desk.captures
        desk.close()
        epoch = service.epochs.begin("far", host="attic", spool="2b")
        there, at = tmp_path / "nowhere" / "open" / "x", service.now() - timedelta(days=9)
        name = found[0].location.segment
        service.index.opened(name, collection="default", worker="far", epoch=epoch, path=there, at=at)
        service.index.add(found[:1])
        service.epochs.end(epoch)
        silent(service, 25)
        give_all_up(service, "attic")
        one, purges = service.take_downs.add(SECRET, "a court order", by="ada"), purges_of(service)
        purges.run(one.id, purges.plan(one.id).token, by="ada", origin="here")
        uploaded(service, tmp_path / "away")
        Rebuild(service.store, service.index).run()
        carry_on_purges(service)
        left = {each.url: each.damaged for each in service.index.captures("http://example.org/", match="prefix")}

    assert [one.kind for one in found] == ["revisit", "response"]
    assert left["http://example.org/own"] is None
    assert (mark := left["http://example.org/late"]) is not None
    assert mark.reason == "the record with its payload was purged"


@pytest.mark.costly
@pytest.mark.postgresql
def test_while_a_worker_runs_elsewhere_the_state_says_so(tmp_path: Path, postgresql: PostgresServer) -> None:
    with (
        postgresql.database(EMPTY) as url,
        open_pressmark(Settings(home=tmp_path / "home", database=url)) as service,
    ):
        lost(service, tmp_path / "away")
        silent(service, 25)
        give_all_up(service, "attic")
        purge_secret(service, tmp_path)
        uploaded(service, tmp_path / "away")
        Rebuild(service.store, service.index).run()
        epoch = service.epochs.begin("other", host="elsewhere", spool="ff")
        carry_on_purges(service)
        told = states(service)["file-back-unpurged"]
        service.epochs.end(epoch)
        carry_on_purges(service)
        after = states(service)

    assert "stop pressmark there until the purge has ended" in told
    assert "file-back-unpurged" not in after
