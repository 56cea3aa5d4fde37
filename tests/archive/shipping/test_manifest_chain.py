"""The end of a chain of manifests is found when its file is lost, an upload failed, or a replica is away."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from faults.segments import seal
from faults.shipping import Crash, works

from archive.shipping.manifest_chain import Chain
from archive.store import Stored
from archive.store.memory import MemoryStore
from archive.store.replicated import Replicated
from archive.values.digest import Sha256, sha256
from archive.values.errors import StoreUnreachable
from archive.warc.manifest import Manifest


class Lagging(MemoryStore):
    """A store whose lists do not have the newest object."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        yield from list(super().keys(prefix))[:-1]


class Failing(MemoryStore):
    """A store whose upload of a manifest ends with `error`, after the store has it if `has_it`."""

    def __init__(self) -> None:
        super().__init__()
        self.error: BaseException | None = None
        self.has_it = False

    def put(self, key: str, body: BinaryIO, digest: Sha256, *, replace: bool = False) -> Stored:
        if self.error is None or not key.startswith("manifest/"):
            return super().put(key, body, digest, replace=replace)
        if self.has_it:
            super().put(key, body, digest, replace=replace)
        error, self.error = self.error, None
        raise error


class Away(MemoryStore):
    """A replica that does not respond while `away`."""

    away = False

    def size(self, key: str) -> int | None:
        self._ask()
        return super().size(key)

    def keys(self, prefix: str = "") -> Iterator[str]:
        self._ask()
        return super().keys(prefix)

    def get(self, key: str, offset: int = 0, length: int | None = None) -> BinaryIO:
        self._ask()
        return super().get(key, offset, length)

    def _ask(self) -> None:
        if self.away:
            raise StoreUnreachable("the replica does not respond")


def test_the_newest_manifest_that_the_index_knows_is_the_end(tmp_path: Path) -> None:
    store = Lagging()
    with works(tmp_path, store) as at:
        manifests = [at.shipper.ship(seal(at.spool, number)) for number in (1, 2)]
        last = manifests[-1]
        known = at.index.manifest_keys
        end = Chain(tmp_path / "lost.json", store, known).end(last.collection, last.worker)
        blind = Chain(tmp_path / "lost.json", store).end(last.collection, last.worker)

        assert end == last.link
        assert blind == manifests[0].link

        store.delete(last.key)
        assert Chain(tmp_path / "lost.json", store, known).end(last.collection, last.worker) in (
            None,
            manifests[0].link,
        )


def test_a_failed_upload_does_not_stop_shipping_while_a_replica_is_away(tmp_path: Path) -> None:
    first, second = Failing(), Away()
    with works(tmp_path, Replicated(first, {"second": second})) as at:
        last = at.shipper.ship(seal(at.spool, 1))
        second.away = True
        first.error = StoreUnreachable("the store does not respond")
        failed = seal(at.spool, 2)
        with pytest.raises(StoreUnreachable, match="the store does not respond"):
            at.shipper.ship(failed)

        assert at.shipper.ship(failed).previous == last.link


def test_a_chain_whose_file_is_lost_does_not_continue_from_a_replica_while_the_first_store_is_away(
    tmp_path: Path,
) -> None:
    first, second = Away(), MemoryStore()
    store = Replicated(first, {"second": second})
    with works(tmp_path, store) as at:
        last = at.shipper.ship(seal(at.spool, 1))
        second.put(last.key, io.BytesIO(at.read(last.key)), sha256(at.read(last.key)))
        chain = Chain(tmp_path / "lost.json", store)
        assert chain.end(last.collection, last.worker) == last.link  # the control
        first.away = True

        with pytest.raises(StoreUnreachable):
            chain.end(last.collection, last.worker)
        first.away = False


@pytest.mark.parametrize("before", [0, 1])
@pytest.mark.parametrize("error", [OSError("an error"), Crash()], ids=["an error", "a kill"])
@pytest.mark.parametrize("has_it", [True, False])
def test_after_an_upload_without_an_answer_the_next_process_may_ship_another_segment_first(
    tmp_path: Path, before: int, error: BaseException, has_it: bool
) -> None:
    store = Failing()
    with works(tmp_path, store) as at:
        for number in range(before):
            at.shipper.ship(seal(at.spool, number))
        doubted = seal(at.spool, 10)
        store.error, store.has_it = error, has_it
        with pytest.raises(type(error)):
            at.shipper.ship(doubted)
    with works(tmp_path, store) as at:
        store.error, store.has_it = StoreUnreachable("the store does not respond"), False
        with pytest.raises(StoreUnreachable):
            at.shipper.ship(seal(at.spool, 11))
        at.shipper.ship(seal(at.spool, 11))
        at.shipper.ship(doubted)
        at.shipper.ship(seal(at.spool, 12))

        assert follow_each_other(at.manifests())


def follow_each_other(manifests: list[Manifest]) -> bool:
    """Return whether the manifests are one chain: exactly one is the first, and each other one has its own before."""
    links = {manifest.link for manifest in manifests}
    before = [manifest.previous for manifest in manifests]
    return len(set(before)) == len(before) and set(before) - {None} < links
