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
from specimens.exchanges import context, numbered
from specimens.lost_spools import SECRET, lost, purge_secret, shipped, silent
from sqlalchemy import delete, update

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
