"""WARC files that a person gave up, and that come back: they lose what was purged meanwhile before they count."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from services.databases import POSTGRESQL_COSTLY, SQLITE_ONLY
from specimens.desks import Desk
from specimens.purges import SECRET, WHY, secrets_of, world_of
from specimens.segments import answered
from specimens.worlds import LATER, World
from sqlalchemy import update

from archive.database.engine import Database
from archive.database.schema import epochs, segments
from archive.index.purges.given_up import (
    GONE_FOR,
    files_back,
    give_up,
    given_up,
    names_given_up,
    token_of,
    waiting_files,
)
from archive.index.purges.locks import purging
from archive.index.purges.purged_marks import is_purged
from archive.intake import returned_files
from archive.intake.purge import Purge
from archive.intake.returned_files import take_back
from archive.shipping.upload import Publisher, key_of_manifest
from archive.spool import release
from archive.spool.sealed import Sealed, sealed_in
from archive.store.memory import MemoryStore
from archive.values.capture import Capture, Reference
from archive.values.errors import PurgeRefused, PurgeUnderWay
from archive.warc.integrity.verify import verify
from scheduler.ledger.epochs import Epochs

Another = Callable[[], Database]
LATE, OLD = "https://example.org/late", "https://example.org/secret"
COUSIN = "https://example.org/cousin"


def lost(tmp_path: Path, database: Database, another: Another) -> tuple[World, Path, list[Capture]]:
    """Return an archive, and the spool of another machine with a copy of the secret page, a page that refers to that
    copy, one that refers to the secret page of the store, and one of its own. It was seen now; its path is nowhere.
    """
    world = world_of(tmp_path, database, another, MemoryStore())
    spool = tmp_path / "far"
    desk = Desk(spool, originals=world.index.originals, marked=world.index.damages.marked)
    desk.record(answered(OLD, b"zanzibarite again", minute=8), answered(LATE, SECRET, minute=9))
    desk.record(answered("https://example.org/own", b"its own", minute=10))
    desk.recorder.flush()
    found = desk.captures
    desk.close()
    [sealed] = sealed_in(spool)
    leases = Epochs(database, now=lambda: LATER, lease=timedelta(minutes=1), by_database=True)
    leases.end(epoch := leases.begin("far", host="attic", spool="0123456789abcdef"))
    there = tmp_path / "nowhere" / "open" / "x"
    world.index.opened(sealed.name, collection="default", worker="far", epoch=epoch, path=there, at=LATER)
    with database.writing() as connection:
        connection.execute(update(segments).values(opened_at=LATER - timedelta(days=9)))
    world.index.add(found[:2])  # the last one was never indexed
    return world, spool, found


def silent(world: World, since: timedelta) -> None:
    """Let the machine be silent for so long, by the clock that the database goes by."""
    leases = Epochs(world.database, now=lambda: LATER, lease=timedelta(minutes=1), by_database=True)
    with world.database.writing() as connection:
        connection.execute(update(epochs).values(seen_at=leases.now() - since))


def give_all_up(world: World, now: datetime = LATER) -> list[str]:
    its = {"here": "desk", "spools": []}
    found = waiting_files(world.database, "attic", here="desk", spools=[])
    done = give_up(world.database, "attic", token_of(found), now=lambda: now, by="ada", reason="the disk broke", **its)  # type: ignore[arg-type]
    return [one.segment for one in done]


def purged_secret(_since: datetime) -> Callable[[Capture], str | None]:
    return lambda one: WHY.takedown if one.url == OLD else None


def purge_secret(world: World) -> list[str]:
    done = Purge(world.store, world.index).run([one.record_id for one in secrets_of(world)], WHY)
    return [one.url for one in done.plan.captures]


@POSTGRESQL_COSTLY
def test_only_files_of_a_machine_that_is_silent_for_a_day_are_given_up_and_then_a_purge_waits_no_longer(
    tmp_path: Path, either: Database, another: Another
) -> None:
    world, _, found = lost(tmp_path, either, another)
    with pytest.raises(PurgeUnderWay, match="see pressmark spool give-up"):
        purge_secret(world)
    silent(world, GONE_FOR - timedelta(minutes=5))
    [early] = waiting_files(world.database, "attic", here="desk", spools=[])
    with pytest.raises(PurgeRefused, match="nothing was given up: these WARC files are confirmed by 0-"):
        give_all_up(world)
    none = names_given_up(world.database)
    silent(world, GONE_FOR + timedelta(minutes=1))
    names = give_all_up(world)
    gone = purge_secret(world)
    [noted] = given_up(world.database)
    late = next(world.index.captures(LATE))

    assert early.free_at - early.seen_at == GONE_FOR
    assert (early.captures, none) == (2, frozenset())
    assert names == [found[0].location.segment]
    assert gone == [OLD], "the reference in the lost file needs nothing, and its own captures are not purged yet"
    assert (noted.host, noted.by, noted.reason) == ("attic", "ada", "the disk broke")
    assert late.damaged is not None
    assert late.damaged.reason == noted.sentence


@pytest.mark.costly
@pytest.mark.postgresql
@pytest.mark.parametrize("either", ["postgresql"], indirect=True)
def test_a_machine_whose_other_spool_is_in_use_is_not_given_up_from_elsewhere_nor_what_can_be_read_here(
    tmp_path: Path, either: Database, another: Another
) -> None:
    world, spool, _ = lost(tmp_path, either, another)
    silent(world, GONE_FOR * 2)
    leases = Epochs(either, now=lambda: LATER, lease=timedelta(minutes=1), by_database=True)
    leases.begin("other", host="attic", spool="ff")

    def is_free(here: str, spools: list[Path]) -> bool:
        [one] = waiting_files(either, "attic", here=here, spools=spools)
        return one.is_lost(leases.now())

    assert not is_free("desk", [])
    assert is_free("attic", []), "the machine itself knows that the other spool is gone"
    assert not is_free("attic", [spool]), "it is there"


@POSTGRESQL_COSTLY
def test_what_was_purged_meanwhile_is_purged_in_files_that_come_back_before_they_count(
    tmp_path: Path, either: Database, another: Another
) -> None:
    world, spool, found = lost(tmp_path, either, another)
    silent(world, GONE_FOR * 2)
    [name] = give_all_up(world)
    purge_secret(world)
    with purging(world.database), pytest.raises(PurgeUnderWay):
        list(take_back(world.index, spool, purged_secret))
    waits = names_given_up(world.database)
    [back] = take_back(world.index, spool, purged_secret)
    [sealed] = sealed_in(spool)
    again = list(take_back(world.index, spool, purged_secret))
    listed = {one.url: one for one in world.index.captures("https://example.org/", match="prefix")}

    assert waits == {name}, "while a purge runs, they wait"
    assert (back.purged, back.kept_back, again) == ({found[0].record_id: WHY.takedown}, 0, [])
    assert sealed.name == f"{name}-purge1"
    assert list(verify(sealed.path, sha256=sealed.sha256)) == []
    assert b"zanzibarite" not in b"".join(path.read_bytes() for path in spool.rglob("*.jsonl"))
    assert is_purged(world.database, name)
    assert OLD not in listed
    assert listed[LATE].location.segment == sealed.name
    assert names_given_up(world.database) == frozenset()


@POSTGRESQL_COSTLY
def test_files_that_come_back_count_as_before_if_nothing_of_them_was_purged(
    tmp_path: Path, either: Database, another: Another
) -> None:
    world, spool, _ = lost(tmp_path, either, another)
    silent(world, GONE_FOR * 2)
    [name] = give_all_up(world)
    before = {path: path.read_bytes() for path in spool.rglob("*.gz")}
    [back] = take_back(world.index, spool, lambda _: lambda _: None)
    row = world.index.segment(name)

    assert (back.purged, back.given_up.by) == ({}, "ada")
    assert row is not None
    assert row.state == "open", "the worker indexes and ships it next"
    assert {path: path.read_bytes() for path in spool.rglob("*.gz")} == before


@POSTGRESQL_COSTLY
def test_a_file_whose_manifest_is_in_the_store_is_not_rewritten_and_the_index_takes_it_from_there(
    tmp_path: Path, either: Database, another: Another
) -> None:
    """Its worker had uploaded it, and died before the database knew. Otherwise its captures would be there twice."""
    world, spool, found = lost(tmp_path, either, another)
    silent(world, GONE_FOR * 2)
    [name] = give_all_up(world)
    [sealed] = sealed_in(spool)
    manifest = Publisher(world.store).publish(sealed, found, None, None)

    def is_stored(one: Sealed) -> bool:
        return world.store.size(key_of_manifest(one)) is not None

    back = list(take_back(world.index, spool, purged_secret, is_stored))
    waits = names_given_up(world.database)
    world.index.commit(manifest, found, ())
    row = world.index.segment(name)
    [noted] = files_back(world.database)

    assert (back, waits) == ([], {name})
    assert (noted.segment, noted.by, noted.reason) == (name, "ada", "the disk broke"), "what was purged is to be purged"
    assert row is not None
    assert row.state == "committed"
    assert names_given_up(world.database) == frozenset()
    assert len(list(world.index.captures(LATE))) == 1


@SQLITE_ONLY
@pytest.mark.parametrize("step", ["replace_spooled", pytest.param("remove", marks=pytest.mark.costly)])
def test_a_start_that_is_killed_between_its_writes_ends_the_same(
    tmp_path: Path, database: Database, another: Another, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    world, spool, found = lost(tmp_path, database, another)
    silent(world, GONE_FOR * 2)
    [name] = give_all_up(world)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as power:
        power.setattr(returned_files if step == "replace_spooled" else release, step, killed)
        with pytest.raises(KeyboardInterrupt):
            list(take_back(world.index, spool, purged_secret))
    between = {one.name for one in sealed_in(spool)}
    back = list(take_back(world.index, spool, purged_secret))
    left = {one.name for one in sealed_in(spool) if not is_purged(database, one.name)}  # a worker removes the others

    assert between == {name, f"{name}-purge1"}
    assert len(back) == (step == "replace_spooled")
    assert left == {f"{name}-purge1"}
    assert found[0].record_id not in {one.record_id for one in world.index.captures(OLD)}


@SQLITE_ONLY
@pytest.mark.parametrize("number", range(4))
def test_a_record_stays_if_a_page_in_another_file_that_comes_back_needs_it(
    tmp_path: Path, database: Database, another: Another, number: int
) -> None:
    """The files come back in an order of their digests, so there are several bodies."""
    world, spool, body = world_of(tmp_path, database, another, MemoryStore()), tmp_path / "far", b"shared %d" % number
    desk = Desk(spool, marked=world.index.damages.marked)
    desk.record(answered("https://example.org/gone", body, minute=8))
    desk.recorder.flush()
    [first] = desk.captures
    desk.known[first.collection, str(first.sha256)] = Reference(first.record_id, first.url, first.at)
    desk.recorder._commit.seal_all()
    desk.record(answered("https://example.org/mine", body, minute=9))
    desk.recorder.flush()
    found = desk.captures
    desk.close()
    leases = Epochs(database, now=lambda: LATER, lease=timedelta(minutes=1), by_database=True)
    leases.end(epoch := leases.begin("far", host="attic", spool="0123456789abcdef"))
    for sealed in sealed_in(spool):
        row = {"collection": "default", "worker": "far", "epoch": epoch, "path": tmp_path / "no" / "open" / "x"}
        world.index.opened(sealed.name, at=LATER - timedelta(days=9), **row)  # type: ignore[arg-type]
    world.index.add(found)
    silent(world, GONE_FOR * 2)
    given = give_all_up(world)
    back = list(take_back(world.index, spool, lambda _: lambda one: "x" if one.url.endswith("/gone") else None))

    assert (len(given), [one.purged for one in back]) == (2, [{}, {}])
    assert sum(one.kept_back for one in back) == 1
