"""Check the chains of manifests: each manifest names the one before it, and its hash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archive.values.digest import Sha256
from archive.values.errors import Finding
from archive.warc.manifest import Manifest

_Chain = tuple[str, str]


def broken_links(manifests: Iterable[Manifest]) -> Iterator[Finding]:
    """Yield the links between the manifests of a store that are broken.

    The next manifest reveals one that was removed or changed. Nothing reveals that the last one of a chain is missing.
    `manifests` has those that purges replaced, too: see `archive.shipping.purge_chains`.
    """
    manifests = list({(one.key, one.sha256): one for one in manifests}.values())  # a purge may be under way
    by_key = {one.key: one.sha256 for one in manifests}
    hashes: dict[tuple[_Chain, str], Sha256] = {(_chain(one), one.segment): one.sha256 for one in manifests}
    followed: dict[tuple[_Chain, str | None], str] = {}
    for one in manifests:
        if (purge := one.replaces) and by_key.get(purge.manifest) != purge.sha256:
            yield _finding(one, f"the manifest that it replaces, {purge.manifest}, is not in the store as it was")
        before = one.previous
        place = _chain(one), before.segment if before else None
        if before and (found := hashes.get((_chain(one), before.segment))) != before.sha256:
            why = f"has the hash {found}" if found else "is not in the store"
            yield _finding(one, f"the previous manifest, of {before.segment}, {why}; expected {before.sha256}")
        elif place in followed:
            yield _finding(
                one, f"it has the same predecessor ({before.segment if before else 'none'}) as {followed[place]}"
            )
        followed.setdefault(place, one.segment)


def not_under(key: str, manifest: Manifest) -> Iterator[Finding]:
    """Yield a finding if a manifest was found under the key of another."""
    if manifest.key != key:
        yield Finding(key, None, "manifest", f"this is the manifest that belongs under {manifest.key}")


def _chain(manifest: Manifest) -> _Chain:
    return manifest.collection, manifest.worker


def _finding(manifest: Manifest, sentence: str) -> Finding:
    return Finding(manifest.key, None, "chain", sentence)
