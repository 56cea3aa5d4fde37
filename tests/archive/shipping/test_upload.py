"""Before the local files of a segment are removed, the store must have them: by its checksum, or by its bytes."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import BinaryIO

import pytest
from faults.segments import seal
from faults.shipping import Works, damage, state_of, works

from archive.spool.sealed import Sealed
from archive.store import Stored
from archive.store.memory import MemoryStore
from archive.store.protocol import Stat
from archive.values.digest import Sha256, sha256
from archive.values.errors import IntegrityError


class InParts(MemoryStore):
    """A store that reports checksums, and gets everything but WARCs in two parts."""

    def put(self, key: str, body: BinaryIO, digest: Sha256, *, replace: bool = False) -> Stored:
        stored = super().put(key, body, digest, replace=replace)
        return Stored(stored.size, digest, parts=1 if _is_warc(key) else 2, checksum=self._checksum(key))

    def stat(self, key: str) -> Stat | None:
        found = super().stat(key)
        return Stat(found.size, checksum=self._checksum(key)) if found else None

    def _checksum(self, key: str) -> str:
        with self.get(key) as file:
            whole = base64.b64encode(bytes.fromhex(sha256(file.read()))).decode()
        return whole if _is_warc(key) else f"{whole}-2"


def _is_warc(key: str) -> bool:
    return key.startswith("warc/")


def shipped(at: Works) -> Sealed:
    sealed = seal(at.spool, 1)
    at.shipper.ship(sealed)
    return sealed


@pytest.mark.parametrize("verify", ["auto", "head", "get"])
def test_a_segment_with_sidecars_in_parts_is_released(tmp_path: Path, verify: str) -> None:
    with works(tmp_path, InParts(), verify=verify) as at:
        sealed = shipped(at)
        at.shipper._delivery.release(sealed)

        assert (state_of(at, sealed), sealed.path.exists()) == ("released", False)


def test_a_damaged_sidecar_in_parts_prevents_the_release(tmp_path: Path) -> None:
    store = InParts()
    with works(tmp_path, store, verify="head") as at:
        sealed = shipped(at)
        [cdxj] = store.keys("cdxj/")
        damage(store, cdxj)
        with pytest.raises(IntegrityError, match="returns other bytes"):
            at.shipper._delivery.release(sealed)

        assert sealed.path.exists()
