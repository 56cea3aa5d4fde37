"""The months that a store has, by their manifests."""

from __future__ import annotations

from contextlib import suppress

from archive.index.months.month import Month, MonthObject, parsed
from archive.store import ObjectStore
from archive.store.object_reader import octets_of
from archive.values.digest import sha256
from archive.values.errors import IntegrityError, ObjectNotFound
from archive.warc.keys import MONTHS, sha256_of_key


def stored_months(store: ObjectStore) -> dict[str, list[str]]:
    """Return the keys of the manifests in a store, by month. The last one of a month counts.

    There are several while a month is written again, and after that was interrupted. Raises StoreError.
    """
    found = dict[str, list[str]]()
    for key in store.keys(MONTHS):
        name, _, file = key.removeprefix(MONTHS).partition("/")
        if file.startswith("month-"):
            found.setdefault(name, []).append(key)
    for keys in found.values():
        if len(keys) > 1:
            old = replaced(store, keys)
            keys.sort(key=lambda key: key not in old)
    return found


def replaced(store: ObjectStore, keys: list[str]) -> set[str]:
    """Return which manifests of a month others of them came instead of. One that can't be read says nothing.

    Raises StoreUnreachable, StoreDenied.
    """
    found = set[str]()
    for key in keys if len(keys) > 1 else ():
        with suppress(IntegrityError, ObjectNotFound):
            found.update(read_month(store, key).replaces)
    return found.intersection(keys)


def newer_month(store: ObjectStore, name: str, key: str) -> str | None:
    """Return the key of the manifest that came instead of one that purges replaced; None if there is none.

    Raises StoreError.
    """
    for other in reversed(stored_months(store).get(name, ())):
        if other != key and key in read_month(store, other).replaces:
            return other
    return None


def read_month(store: ObjectStore, key: str) -> Month:
    """Read the manifest of a month. Raises StoreError, ObjectNotFound, and IntegrityError if it is damaged."""
    data = octets_of(store, key)
    if sha256_of_key(key) != sha256(data):
        raise IntegrityError(f"{key} is damaged: its SHA-256 is {sha256(data)}")
    return parsed(data, key)


def lost_object(store: ObjectStore, month: Month) -> MonthObject | None:
    """Return the first file of a month that the store lacks, or has in another size. Raises StoreError."""
    return next((one for one in month.objects if store.size(one.key) != one.size), None)
