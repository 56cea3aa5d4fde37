"""Check that manifests are signed by keys that the operator trusts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from archive.values.digest import Sha256
from archive.values.errors import Finding
from archive.warc.keys import time_of_key
from archive.warc.manifest import Manifest

if TYPE_CHECKING:
    from archive.warc.integrity.signing import PublicKey


class Trust:
    """Checks signatures against public keys; without keys, everything passes."""

    def __init__(self, keys: Iterable[PublicKey] = (), *, since: datetime | None = None) -> None:
        """Segments that begin before `since` need no signature."""
        self._keys = {key.id: key for key in keys}
        self._since = since

    @property
    def keys(self) -> tuple[Sha256, ...]:
        """The ids of the keys."""
        return tuple(self._keys)

    def findings(self, manifests: Iterable[Manifest]) -> Iterator[Finding]:
        """Yield what is wrong with the signatures of valid manifests.

        A manifest without a signature passes if a signed one names it and its hash as its predecessor, directly or
        through others. So later signatures cover what was archived before there was a key.
        """
        if not self._keys:
            return
        manifests = list(manifests)
        vouched = self._named_by_signed(manifests)
        for one in manifests:
            if sentence := self._why_not(one, vouched):
                kind = "unsigned" if one.signature is None else "signature"
                yield Finding(one.key, None, kind, sentence)

    def _why_not(self, manifest: Manifest, vouched: set[Sha256]) -> str | None:
        if manifest.signature is None:
            if manifest.sha256 in vouched or (self._since and time_of_key(manifest.warc.key) < self._since):
                return None
            return "it is not signed, and no later manifest of its chain is; is it older than signing.since?"
        key = self._keys.get(manifest.signature.key)
        if key is None:
            return f"it is signed by the key {manifest.signature.key[:16]}, which is not in signing.public_keys"
        return None if key.made(manifest) else f"its signature by the key {key.id[:16]} is invalid"

    def _named_by_signed(self, manifests: list[Manifest]) -> set[Sha256]:
        """Return the hashes of the manifests that a validly signed one names, directly or through others."""
        by_hash = {one.sha256: one for one in manifests}
        vouched: set[Sha256] = set()
        for one in manifests:
            if one.signature is None or not self._made(one):
                continue
            before = one.previous
            while before and before.sha256 not in vouched:
                vouched.add(before.sha256)
                earlier = by_hash.get(before.sha256)
                before = earlier.previous if earlier else None
        return vouched

    def _made(self, manifest: Manifest) -> bool:
        key = self._keys.get(manifest.signature.key) if manifest.signature else None
        return key is not None and key.made(manifest)
