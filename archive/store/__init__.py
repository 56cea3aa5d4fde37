"""Stores for sealed objects: a local directory, any S3-compatible service, or memory.

A store keeps bytes under keys and knows nothing of their content. `shipping`, `intake` and `retrieval` use it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from archive.store.protocol import ObjectStore, Stat, Stored

if TYPE_CHECKING:
    from archive.store.s3 import S3Settings

__all__ = ["ObjectStore", "Stat", "Stored", "open_store", "s3_settings_of"]


def open_store(where: Path | str | S3Settings) -> ObjectStore:
    """Open a store: a directory, ``memory:``, ``s3://bucket/prefix?endpoint=…&region=…`` or the settings of an S3.

    It does not connect before the first call. Raises ValueError for an invalid address.
    """
    if isinstance(where, Path):
        from archive.store.local import LocalStore

        return LocalStore(where)
    if isinstance(where, str):
        return _open_address(where)
    from archive.store.s3 import S3Store

    return S3Store(where)


def _open_address(address: str) -> ObjectStore:
    if address == "memory:":
        from archive.store.memory import MemoryStore

        return MemoryStore()
    if address.startswith("s3://"):
        return open_store(s3_settings_of(address))
    if "://" in address:
        raise ValueError(f"{address.partition('://')[0]} is not a kind of store: use a directory, s3://… or memory:")
    return open_store(Path(address))


def s3_settings_of(address: str) -> S3Settings:
    """Return the settings in an address ``s3://…``. Raises ValueError."""
    from archive.store.s3 import S3Settings

    parts = urlsplit(address)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if unknown := set(options) - {"endpoint", "region", "ca"}:
        raise ValueError(f"an address of a store has no option {', '.join(sorted(unknown))}")
    ca = options.get("ca")
    return S3Settings(
        bucket=parts.netloc,
        prefix=parts.path.strip("/"),
        endpoint=options.get("endpoint"),
        region=options.get("region"),
        ca=Path(ca) if ca else None,
    )
