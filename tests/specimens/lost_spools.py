"""The spool of a worker that was killed, taken away, and what was purged meanwhile."""

from __future__ import annotations

import gzip
import shutil
from datetime import timedelta
from pathlib import Path

from specimens.exchanges import numbered
from specimens.plain_warcs import response, written
from specimens.spools import crashed
from sqlalchemy import update

from archive.database.schema import epochs
from archive.values.capture import Capture
from pressmark.service.service import Service
from pressmark.upkeep.purging import purges_of

SECRET = "http://example.org/page/1"


def lost(service: Service, away: Path) -> list[Capture]:
    """Leave the spool of a worker that was killed, and take it away."""
    spool = service.settings.spool_path
    found, warc = crashed(spool, [numbered(number, body=b"of the spool %d" % number) for number in range(3)])
    (spool / "ID").write_text("2b")
    epoch = service.epochs.begin("main", host="attic", spool="2b")
    name, at = found[0].location.segment, service.now() - timedelta(days=9)
    service.index.opened(name, collection="default", worker="main", epoch=epoch, path=warc, at=at)
    service.index.add(found[:2])
    service.epochs.end(epoch)
    shutil.move(spool, away)
    return found


def silent(service: Service, hours: int) -> None:
    with service.database.writing() as connection:
        connection.execute(update(epochs).values(seen_at=service.now() - timedelta(hours=hours)))


def purge_secret(service: Service, directory: Path) -> int:
    service.archive.ingest(written(directory / "copy.warc", response(SECRET, "of the store")))
    one = service.take_downs.add(SECRET, "a court order", by="ada")
    purges = purges_of(service)
    token = purges.plan(one.id).token
    return len(purges.run(one.id, token, by="ada", origin="here").plan.captures)


def shipped(home: Path) -> bytes:
    return b"".join(gzip.decompress(path.read_bytes()) for path in (home / "store").rglob("*.gz"))
