"""Nothing of what a purge deletes is left in files of months, also where a process was killed while it wrote them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from services.databases import POSTGRESQL_COSTLY
from specimens.month_purges import TABLES, Another, in_months, lines_with, of_store, use_months, write, wrong
from specimens.purges import WHY, Failing, copy_all, holding, secrets_of, world_of
from specimens.segments import SegmentFile, answered
from specimens.worlds import LATER, World, publish, text_of

from archive.database.engine import Database
from archive.index.index import Index
from archive.intake.purge import Purge
from archive.store.memory import MemoryStore
from archive.store.replicated import Replicated
from archive.values.digest import Sha256
from archive.values.errors import StoreUnreachable
from archive.warc.keys import MONTHS

pytestmark = POSTGRESQL_COSTLY


def add(world: World, tmp_path: Path, url: str) -> None:
    """Add a segment with one page to the archive."""
    segment = SegmentFile(tmp_path, "20260201T000100Z-1-8-abcd")
    page = segment.write(answered(url, b"another page", minute=800))
    world.manifests.append(publish(world.store, segment, [text_of(page)], world.manifests[-1].link))
    world.index.commit(world.manifests[-1], segment.captures, [text_of(page)])


@pytest.mark.parametrize("rows", ["rows", "months alone"])
@pytest.mark.parametrize("field", ["filename", "record"])
def test_a_key_that_looks_like_a_field_is_purged(
    tmp_path: Path, either: Database, another: Another, field: str, rows: str
) -> None:
    store, url = MemoryStore(), f'https://example.org/secret?x="{field}":"'
    world = world_of(tmp_path, either, another, store)
    add(world, tmp_path, url)
    write(world, tmp_path / "new")
    use_months(world.index, store)
    alone = use_months(Index(another(), now=lambda: LATER), store)
    index = world.index if rows == "rows" else alone
    [page] = index.captures(url)
    assert lines_with(store, page.record_id.encode())  # the control
    Purge(store, index, **TABLES).run([page.record_id], WHY)

    assert lines_with(store, page.record_id.encode()) == []
    assert list(alone.captures(url)) == []
    assert wrong(store) == []


class WithoutManifests(Failing):
    """A store that does not respond when the manifest of a month is put."""

    def put(self, key: str, body: Any, digest: Sha256, *, replace: bool = False) -> Any:
        if "/month-" in key:
            raise StoreUnreachable("the power is off")
        return super().put(key, body, digest, replace=replace)


@pytest.mark.parametrize("killed", ["months write", "purge"])
def test_files_of_who_was_killed_are_deleted_by_the_next_purge(
    tmp_path: Path, either: Database, another: Another, killed: str
) -> None:
    """Nothing names them, and they name what is purged later."""
    store = MemoryStore()
    world, _ = in_months(tmp_path, either, another, store)
    [secret], before = secrets_of(world), set(store.keys(MONTHS))
    if killed == "purge":
        [other] = world.index.captures("https://example.org/b")
        failing: Any = WithoutManifests(store, 99)
        Purge(failing, world.index, **TABLES).run([other.record_id], WHY)
    else:
        add(world, tmp_path, "https://example.org/more")
        write(world, tmp_path / "more")
        for key in [key for key in store.keys(MONTHS) if "/month-" in key and key not in before]:
            store.delete(key)
    assert any(key not in before for key in store.keys(MONTHS))  # the control
    Purge(store, world.index, **TABLES).run([secret.record_id], WHY)

    assert lines_with(store, secret.record_id.encode()) == []
    assert len(of_store(store)) == 2 and wrong(store) == []


class Versions(MemoryStore):
    """A store that keeps former versions."""

    def __init__(self) -> None:
        super().__init__()
        self.former: dict[str, bytes] = {}
        self.away = False

    def delete(self, key: str) -> None:
        if self.away:
            raise StoreUnreachable("the replica is away")
        if self.size(key) is not None:
            with self.get(key) as file:
                self.former[key] = file.read()
        super().delete(key)

    def delete_versions(self, key: str) -> None:
        self.former.pop(key, None)


def test_former_versions_go_and_a_replica_follows_when_it_is_there(
    tmp_path: Path, either: Database, another: Another
) -> None:
    first, second = Versions(), Versions()
    world, _ = in_months(tmp_path, either, another, first)
    copy_all(first, second)
    both: Any = Replicated(first, {"copy": second})
    [secret] = secrets_of(world)
    second.away = True
    done = Purge(both, world.index, **TABLES).run([secret.record_id], WHY)
    there = lines_with(first, secret.record_id.encode()), holding(first)
    second.away = False
    left = Purge(both, world.index, **TABLES).resume()

    assert set(done.unreached) == {"copy"} and there == ([], [])
    assert left == {}
    assert first.former == second.former == {}
    assert lines_with(second, secret.record_id.encode()) == [] and holding(second) == []
