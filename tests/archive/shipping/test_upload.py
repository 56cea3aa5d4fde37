"""Before the local files of a segment are removed, the store must have them: by its checksum, or by its bytes."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest
from faults.segments import seal
from faults.shipping import Works, damage, state_of, works

from archive.spool.release import MANIFEST_SUFFIX, beside
from archive.spool.sealed import Sealed
from archive.store import Stored
from archive.store.memory import MemoryStore
from archive.store.protocol import Stat
from archive.values.digest import Sha256, sha256
from archive.values.errors import IntegrityError, ObjectNotFound
from archive.warc.cdxj_members import plain


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


class Forgetful(MemoryStore):
    """A store that keeps another manifest than it was given, and says that it is the same."""

    def put(self, key: str, body: BinaryIO, digest: Sha256, *, replace: bool = False) -> Stored:
        if not key.startswith("manifest/"):
            return super().put(key, body, digest, replace=replace)
        other = body.read().replace(b"news", b"note")
        return Stored(super().put(key, io.BytesIO(other), sha256(other), replace=replace).size, digest)


@pytest.mark.parametrize("verify", ["auto", "get"])
def test_a_manifest_is_read_back_before_its_segment_counts_as_shipped(tmp_path: Path, verify: str) -> None:
    with works(tmp_path, Forgetful(), verify=verify) as at, pytest.raises(IntegrityError):
        shipped(at)


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


def with_a_plain_index(at: Works, sealed: Sealed) -> str:
    """Make the store what an earlier version left there: an uncompressed index. Return its key."""
    [manifest] = at.manifests()
    now = manifest.cdxj
    content = plain(at.read(now.key))
    key = f"{now.key[: now.key.rindex('-') + 1]}{sha256(content)}.cdxj"
    at.store.put(key, io.BytesIO(content), sha256(content))
    then = replace(now, key=key, size=len(content), sha256=sha256(content))
    earlier = replace(manifest, objects=tuple(then if one is now else one for one in manifest.objects))
    octets = earlier.to_bytes()
    at.store.put(manifest.key, io.BytesIO(octets), sha256(octets), replace=True)
    beside(sealed.path, MANIFEST_SUFFIX).write_bytes(octets)
    forget(at, now.key)
    return key


def forget(at: Works, *keys: str) -> None:
    assert isinstance(at.store, MemoryStore)
    for key in keys:
        at.store.delete(key)


@pytest.mark.parametrize("manifest_too", [False, True])
def test_a_plain_index_of_an_earlier_version_that_the_store_lost_is_uploaded_again(
    tmp_path: Path, manifest_too: bool
) -> None:
    with works(tmp_path, MemoryStore()) as at:
        sealed = shipped(at)
        key = with_a_plain_index(at, sealed)
        [before] = at.manifests()
        forget(at, key, *([before.key] if manifest_too else []))
        at.shipper.ship(sealed)

        assert at.manifests() == [before]
        assert list(at.store.keys("cdxj/")) == [key]
        assert before.cdxj.sha256 == sha256(at.read(key))


def test_an_index_of_other_bytes_is_not_uploaded_in_its_place(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        sealed = shipped(at)
        [manifest] = at.manifests()
        other = replace(manifest.cdxj, key=manifest.cdxj.key.replace(manifest.cdxj.sha256, "0" * 64))
        octets = replace(manifest, objects=(manifest.warc, other)).to_bytes()
        at.store.put(manifest.key, io.BytesIO(octets), sha256(octets), replace=True)
        with pytest.raises((IntegrityError, ObjectNotFound)):
            at.shipper.ship(sealed)
