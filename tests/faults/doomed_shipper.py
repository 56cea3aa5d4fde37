"""A nursery of shipping processes that will be killed: it imports once and forks for each.

`python doomed_shipper.py`: each line on its input is the JSON of a directory and of an S3 store (null: a local one in
the directory). It answers with the pid of a process that ships and releases everything in that directory's spool. To an
empty line it answers with the exit code of that process once it has ended: until then its pid is not reused.
"""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from faults.nursery import serve
from faults.shipping import running, works

from archive.spool.sealed import WARC, sealed_in
from archive.store import ObjectStore, open_store
from archive.store.s3 import S3Settings, _session

PATIENCE = 60
"""Seconds that a process has if nobody kills it."""


def store_in(directory: Path, s3: dict[str, Any] | None) -> ObjectStore:
    if s3 is None:
        return open_store(directory / "store")
    return open_store(S3Settings(**{**s3, "ca": s3["ca"] and Path(s3["ca"])}))


def ship(directory: Path, s3: dict[str, Any] | None) -> None:
    with works(directory, store_in(directory, s3), grace=timedelta(0)) as at:
        for sealed in sealed_in(at.spool):
            at.shipper.add(sealed)
        with running(at.shipper):
            deadline = time.monotonic() + PATIENCE
            while any((at.spool / "sealed").glob(f"*{WARC}")) or at.index.segments("sealed", "committed", "releasing"):
                if time.monotonic() > deadline:
                    raise TimeoutError(f"not shipped and released: {at.shipper.state()}")
                time.sleep(0.005)


def by(order: str) -> None:
    ship(Path(json.loads(order)["directory"]), json.loads(order)["s3"])


if __name__ == "__main__":
    _session()
    serve(by)
