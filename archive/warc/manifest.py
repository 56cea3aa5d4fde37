"""The manifest of a segment: its objects, and the proof that it is complete. See docs/formats/manifest.md.

It is written last. A segment without a manifest does not count; one with a manifest can be found, verified and indexed
from the store alone.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from archive.values.digest import Sha256, sha256
from archive.values.errors import IntegrityError
from archive.warc.keys import manifest_key, time_of_key

FORMAT = "pressmark-manifest-1"

_HEX_64, _HEX_128 = re.compile("[0-9a-f]{64}"), re.compile("[0-9a-f]{128}")

Role = Literal["warc", "cdxj", "text"]


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object of the store, with its expected size and digest."""

    role: Role
    key: str
    size: int
    sha256: Sha256
    etag: str | None = None
    """As the store returned it for the upload; a store may change it later."""
    parts: int = 1
    """The number of parts of its upload: an S3 ETag or checksum depends on it."""


@dataclass(frozen=True, slots=True)
class RunOf:
    """A run that captured something in the segment, its source, and the hash of that source's configuration."""

    run: str
    source: str
    config: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """The manifest before this one in the chain of its collection and worker."""

    segment: str
    sha256: Sha256


@dataclass(frozen=True, slots=True)
class Replaces:
    """What a purge removed: the manifest names the one of the segment that it rewrote."""

    manifest: str
    """The key that the former manifest had."""
    sha256: Sha256
    """Its hash."""
    purged: tuple[str, ...]
    """The ids of the records that were purged, sorted. Their URLs are gone with them."""
    takedown: str
    """The id of its take-down."""
    reason: str
    by: str
    at: str
    """When, in ISO 8601 and UTC."""


@dataclass(frozen=True, slots=True)
class Signature:
    """An Ed25519 signature over `Manifest.signed_bytes` (`archive.warc.integrity.signing`)."""

    key: Sha256
    """The id of the key: the SHA-256 of the 32 bytes of the public key."""
    value: str
    """128 hexadecimal digits."""

    def __post_init__(self) -> None:
        if not (_HEX_64.fullmatch(self.key) and _HEX_128.fullmatch(self.value)):
            raise ValueError("a signature needs a key of 64 and a value of 128 hexadecimal digits")


@dataclass(frozen=True, slots=True)
class Manifest:
    segment: str
    collection: str
    worker: str
    epoch: int
    objects: tuple[StoredObject, ...]
    """One of role ``warc`` and one of ``cdxj``; one of ``text`` if texts were extracted."""
    records: int
    """WARC records in the segment, of all types."""
    captures: int
    """Lines of the CDXJ."""
    first_at: datetime | None
    last_at: datetime | None
    """The times of the first and the last capture; None without captures."""
    merkle_root: Sha256
    """The root over the digests of the pieces of the segment, cut at each capture (`archive.warc.integrity.merkle`)."""
    runs: tuple[RunOf, ...]
    software: str
    previous: Link | None
    signature: Signature | None = None
    replaces: Replaces | None = None

    @property
    def warc(self) -> StoredObject:
        return next(entry for entry in self.objects if entry.role == "warc")

    @property
    def cdxj(self) -> StoredObject:
        return next(entry for entry in self.objects if entry.role == "cdxj")

    @property
    def text(self) -> StoredObject | None:
        return next((entry for entry in self.objects if entry.role == "text"), None)

    @property
    def key(self) -> str:
        """The manifest's key, which has the time of its WARC."""
        return manifest_key(self.collection, self.worker, self.segment, time_of_key(self.warc.key))

    @property
    def sha256(self) -> Sha256:
        """The SHA-256 of the manifest's object, whose bytes are canonical."""
        return sha256(self.to_bytes())

    @property
    def link(self) -> Link:
        """The link to this manifest that the next one of the chain holds."""
        return Link(self.segment, self.sha256)

    def to_bytes(self) -> bytes:
        """Return canonical JSON (sorted keys, no spaces, UTF-8), with the digest of the rest in ``digest``."""
        fields = self._fields()
        return _canonical({**fields, "digest": sha256(_canonical(fields))})

    def signed_bytes(self) -> bytes:
        """Return the signed bytes: canonical JSON without signature and digest, including the format."""
        return _canonical({name: value for name, value in self._fields().items() if name != "signature"})

    def signed(self, signature: Signature) -> Manifest:
        return replace(self, signature=signature)

    def _fields(self) -> dict[str, Any]:
        """Return all fields except the digest. What a manifest lacks of signature and purge has no key."""
        fields = {"format": FORMAT, **asdict(self), "first_at": _text(self.first_at), "last_at": _text(self.last_at)}
        for name in ("signature", "replaces"):
            if fields[name] is None:
                del fields[name]
        return fields

    @staticmethod
    def parse(content: bytes, key: str) -> Manifest:
        """Parse the manifest in the object `key`. Raises IntegrityError if it is damaged or of another format."""
        try:
            fields = json.loads(content)
            if (found := fields.get("format")) != FORMAT:
                raise IntegrityError(f"the manifest {key} has the format {found!r}; this version reads {FORMAT}")
            manifest = _manifest_of(fields)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise IntegrityError(f"the manifest {key} is damaged: {type(error).__name__}: {error}") from error
        if manifest.to_bytes() != content:
            raise IntegrityError(f"the manifest {key} is damaged: its digest does not match its content")
        return manifest


def _manifest_of(fields: dict[str, Any]) -> Manifest:
    previous = fields["previous"]
    manifest = Manifest(
        segment=fields["segment"],
        collection=fields["collection"],
        worker=fields["worker"],
        epoch=fields["epoch"],
        objects=tuple(StoredObject(**entry) for entry in fields["objects"]),
        records=fields["records"],
        captures=fields["captures"],
        first_at=_moment(fields["first_at"]),
        last_at=_moment(fields["last_at"]),
        merkle_root=Sha256(fields["merkle_root"]),
        runs=tuple(RunOf(**run) for run in fields["runs"]),
        software=fields["software"],
        previous=None if previous is None else Link(**previous),
        signature=Signature(**fields["signature"]) if "signature" in fields else None,
        replaces=_replaces_of(fields["replaces"]) if "replaces" in fields else None,
    )
    roles = sorted(entry.role for entry in manifest.objects)
    if roles not in (["cdxj", "warc"], ["cdxj", "text", "warc"]):
        raise ValueError(f"objects of the roles {roles}")
    time_of_key(manifest.warc.key)  # raises ValueError: the manifest's own key depends on it
    return manifest


def _replaces_of(fields: dict[str, Any]) -> Replaces:
    return Replaces(**{**fields, "purged": tuple(fields["purged"])})


def _canonical(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
