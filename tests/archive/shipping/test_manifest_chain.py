"""The end of a chain of manifests is found though its file is lost and the lists of the store lag behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from faults.segments import seal
from faults.shipping import works

from archive.shipping.manifest_chain import Chain
from archive.store.memory import MemoryStore


class Lagging(MemoryStore):
    """A store whose lists do not have the newest object."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        yield from list(super().keys(prefix))[:-1]


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
