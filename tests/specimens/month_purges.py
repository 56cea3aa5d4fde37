"""Archives whose captures are in months of the index, and what these have before and after a purge."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from specimens.purges import world_of
from specimens.segments import SegmentFile, answered
from specimens.worlds import LATER, World, publish, text_of

from archive.archive import Archive
from archive.database.engine import Database
from archive.export.parquet import MonthTable, rewrite_month_table
from archive.index.cdx.engine import Cdx
from archive.index.cdx.query import CdxQuery
from archive.index.index import Index
from archive.index.months.checking import flaws
from archive.index.months.month import Month
from archive.index.months.months import Months
from archive.index.months.stored import read_month, stored_months
from archive.index.months.writing import months_in_rows, write_months
from archive.store import ObjectStore
from archive.texts.texts import Texts
from archive.warc.keys import MANIFESTS, MONTHS

Another = Callable[[], Database]
LATE = "https://example.org/late"
TABLES: dict[str, Any] = {"rewrite_table": rewrite_month_table}
ALL = CdxQuery("https://example.org/", "prefix", unchanged=True)


def in_months(tmp_path: Path, database: Database, another: Another, store: Any) -> tuple[World, Index]:
    """Return an archive of two months, which the store has, too; and an index that has no rows, only these months."""
    world = world_of(tmp_path, database, another, store)
    segment = SegmentFile(tmp_path, "20260201T000000Z-1-9-abcd")
    page = segment.write(answered(LATE, b"in February", minute=800))
    world.manifests.append(publish(world.store, segment, [text_of(page)], world.manifests[-1].link))
    world.index.commit(world.manifests[-1], segment.captures, [text_of(page)])
    write(world, tmp_path / "new")
    use_months(world.index, store)
    return world, use_months(Index(another(), now=lambda: LATER), store)


def write(world: World, directory: Path) -> dict[str, Month]:
    """Write the months of the rows into the store."""
    directory.mkdir()
    names = months_in_rows(world.database)
    return {
        month.name: month
        for month, _ in write_months(world.database, world.store, names, directory, open_table=MonthTable)
    }


def use_months(index: Index, store: ObjectStore, **how: Any) -> Index:
    months = Months(index.database, store, **{"look_every": 0.0, "list_every": 0.0, **how})
    for keys in stored_months(store).values():
        months.attach(read_month(store, keys[-1]), keys[-1])
    index.use_months(months)
    return index


def found(index: Index, store: ObjectStore) -> dict[str, bytes]:
    """Return what each listed capture has, and look that two lists of them are the same."""
    archive, bodies = Archive(index, Texts(index.database), store), dict[str, bytes]()
    for capture in index.captures("https://example.org/", match="prefix"):
        assert f"{capture.at} {capture.url}" not in bodies, "each capture is listed once"
        with archive.open(capture) as snapshot:
            bodies[f"{capture.at} {capture.url}"] = snapshot.raw().read()
    rows = list(Cdx(index.database, index.months).rows(ALL))
    assert len(rows) == len(bodies)
    return bodies


def without_secret(bodies: dict[str, bytes]) -> dict[str, bytes]:
    return {name: body for name, body in bodies.items() if "/secret" not in name}


def of_store(store: ObjectStore) -> dict[str, Month]:
    """Return the months in the store. Each has one manifest, and no file is left over."""
    months = {name: read_month(store, key) for name, [key] in stored_months(store).items()}
    named = {one.key for month in months.values() for one in month.objects}
    assert {key for key in store.keys(MONTHS) if "/month-" not in key} == named
    return months


def wrong(store: ObjectStore) -> list[Any]:
    there = set(store.keys(MANIFESTS))
    return [flaw for [key] in stored_months(store).values() for flaw in flaws(store, key, there)]


def lines_with(store: ObjectStore, what: bytes) -> list[str]:
    """Return the files of months that have some bytes in their lines or blocks."""
    keys = []
    for key in store.keys(MONTHS):
        with store.get(key) as file:
            data = file.read()
        plain = b""
        while key.endswith(".gz") and data:
            member = zlib.decompressobj(31)
            plain, data = plain + member.decompress(data), member.unused_data
        if what in (plain or data):
            keys.append(key)
    return keys
