"""A purge of which only a part is in the store: the former segment counts until the rewritten one is there, and nobody
deletes what another purge may still be putting.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from services.databases import SQLITE_ONLY
from services.in_threads import in_thread
from specimens.purges import SECRET, WHY, findings, holding, purge, readable, secrets_of, world_of
from specimens.worlds import LATER, World

from archive.database.engine import Database
from archive.index.index import Index
from archive.intake.begun_purges import HomeLock
from archive.intake.purge import Purge
from archive.intake.rebuild import Rebuild
from archive.shipping.purged import Deletion
from archive.store import ObjectStore
from archive.store.local import LocalStore
from archive.store.memory import MemoryStore
from archive.values.digest import sha256
from archive.values.errors import PurgeUnderWay

Another = Callable[[], Database]


def lost_its_rewritten_file(world: World, monkeypatch: pytest.MonkeyPatch, how: str) -> tuple[str, bytes]:
    """Purge, and die before the former files are deleted; then the disk loses the rewritten file: return that."""
    with monkeypatch.context() as dying:
        dying.setattr(Deletion, "run", lambda *_, **__: {})
        purge(world)
    key = next(str(row.object_key) for row in world.index.segments() if "-purge" in row.name)
    with world.store.get(key) as file:
        content = file.read()
    world.store.delete(key)
    if how == "damaged":
        damaged = content[:-9] + b"x" + content[-8:]
        world.store.put(key, BytesIO(damaged), sha256(damaged))
    return key, content


@SQLITE_ONLY
@pytest.mark.parametrize("how", ["missing", pytest.param("damaged", marks=pytest.mark.costly)])
def test_a_former_segment_counts_until_the_rewritten_one_is_in_the_store(
    tmp_path: Path, database: Database, another: Another, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    world = world_of(tmp_path, database, another, MemoryStore())
    before = readable(world)
    key, content = lost_its_rewritten_file(world, monkeypatch, how)
    index = Index(another(), now=lambda: LATER)
    Rebuild(world.store, index).run()
    rebuilt = readable(world, index.database)
    left = Purge(world.store, index).resume()
    after = readable(world, index.database)
    world.store.put(key, BytesIO(content), sha256(content), replace=True)
    ended = Purge(world.store, index).resume()

    assert rebuilt == after == before
    assert key in left["store"]
    assert ended == {}
    assert readable(world, index.database) == {at: body for at, body in before.items() if body != SECRET}
    assert holding(world.store) == []


class Losing:
    """A store. While a purge puts an object, PostgreSQL ends all connections with locks, and another process ends what
    it takes for an interrupted purge.
    """

    def __init__(self, world: World, begins: str) -> None:
        self._world, self._begins = world, begins
        self.other: list[BaseException | None] = []

    def put(self, key: str, *facts: Any, **more: Any) -> Any:
        if key.startswith(self._begins) and not self.other:
            with self._world.database.engine.connect() as connection:
                ids = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                connection.exec_driver_sql(ids)
            self.other.append(in_thread(Purge(self._world.store, self._world.index).resume))
        return self._world.store.put(key, *facts, **more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world.store, name)


@pytest.mark.costly
@pytest.mark.postgresql
@pytest.mark.parametrize("either", ["postgresql"], indirect=True)
@pytest.mark.parametrize("begins", ["cdxj/", "manifest/"])
def test_a_purge_that_lost_its_locks_loses_no_capture(
    tmp_path: Path, either: Database, another: Another, begins: str
) -> None:
    """Before its manifest, it stops, and is undone; later, nobody deletes what it has put."""
    world = world_of(tmp_path, either, another, LocalStore(tmp_path / "store"))
    before, store = readable(world), Losing(world, begins)
    purged = {at: body for at, body in before.items() if body != SECRET}
    stopped: list[BaseException] = []
    try:
        purge(world, store)  # type: ignore[arg-type]
    except PurgeUnderWay as error:
        stopped.append(error)
    after = readable(world)
    left = Purge(world.store, world.index).resume()
    index = Index(another(), now=lambda: LATER)
    Rebuild(world.store, index).run()

    assert len(store.other) == 1
    assert after == (before if begins == "cdxj/" else purged)
    assert len(stopped) == (1 if begins == "cdxj/" else 0)
    assert left == {}
    assert readable(world, index.database) == after
    assert findings(world.store) == []


def killed_before_its_manifest(world: World, home: HomeLock | None = None) -> ObjectStore:
    """Return the store after a purge that was killed while it put its manifest."""

    class Killed(BaseException):
        pass

    class Dying:
        def put(self, key: str, *facts: Any, **more: Any) -> Any:
            if key.startswith("manifest/"):
                raise Killed
            return world.store.put(key, *facts, **more)

        def __getattr__(self, name: str) -> Any:
            return getattr(world.store, name)

    with pytest.raises(Killed):
        Purge(Dying(), world.index, home=home).run([one.record_id for one in secrets_of(world)], WHY)  # type: ignore[arg-type]
    return world.store


@pytest.mark.costly
def test_what_a_killed_purge_has_put_is_deleted_once_it_can_t_be_running(
    tmp_path: Path, either: Database, another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    from archive.intake import begun_purges

    world = world_of(tmp_path, either, another, MemoryStore())
    keys = set(world.store.keys(""))
    store = killed_before_its_manifest(world)
    put = set(store.keys("")) - keys
    Purge(store, world.index).resume()
    at_once = {key for key in put if store.size(key) is not None and not key.startswith("purged/")}
    if at_once:
        [elsewhere] = world.index.captures("https://example.org/0/0")
        for wanted in (*secrets_of(world), elsewhere):
            with pytest.raises(PurgeUnderWay, match="may still be writing"):
                Purge(store, world.index).run([wanted.record_id], WHY)
        monkeypatch.setattr(begun_purges, "GRACE", begun_purges.GRACE * 0)
    purge(world)

    assert bool(at_once) is (either.engine.dialect.name == "postgresql")
    assert secrets_of(world) == []
    assert findings(store) == []


@pytest.mark.costly
@pytest.mark.postgresql
@pytest.mark.parametrize("either", ["postgresql"], indirect=True)
@pytest.mark.parametrize("again", ["the same home", "another home"])
def test_a_killed_purge_of_the_same_home_holds_up_no_other(
    tmp_path: Path, either: Database, another: Another, again: str
) -> None:
    """The system says that the process has ended. Of one on another machine, nobody knows."""
    world = world_of(tmp_path, either, another, MemoryStore())
    home, other = (HomeLock(tmp_path / name) for name in ("purge.lock", "other.lock"))
    with home.held() as name:
        still_running = home.has_ended(name)
    store, wanted = killed_before_its_manifest(world, home), [one.record_id for one in secrets_of(world)]
    purging = Purge(store, world.index, home=home if again == "the same home" else other)
    if again == "another home":
        with pytest.raises(PurgeUnderWay, match="may still be writing"):
            purging.run(wanted, WHY)
        purging = Purge(store, world.index, home=home)
    purging.run(wanted, WHY)

    assert not still_running
    assert secrets_of(world) == []
    assert findings(store) == []
