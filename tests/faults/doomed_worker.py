"""A worker that will be killed (see `nursery`): an order is the JSON of its settings.

It writes the acknowledged URLs to a file of its own in HOME/acks, and to one in HOME/starts how long it took to be
ready. The last line of each may be torn; nothing is written after that.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvloop
from faults.nursery import serve

from archive.spool.recorder import Receipt
from config.settings import load_settings
from pressmark.processes import worker as working
from pressmark.processes.heartbeats import beating
from pressmark.processes.stop_signals import Stop
from pressmark.processes.worker_threads import open_worker_parts
from pressmark.service.assembly import open_pressmark


def work(values: dict[str, Any], stop: Stop, began: float) -> None:
    settings = load_settings(values)
    acks = os.open(own(settings.home / "acks"), os.O_WRONLY | os.O_CREAT | os.O_EXCL)

    def note(receipts: Sequence[Receipt]) -> None:
        lines = (
            json.dumps([c.record_id, c.url, c.kind, c.sha256, c.location.segment]) + "\n"
            for receipt in receipts
            if (c := receipt.capture)
        )
        os.write(acks, "".join(lines).encode())

    with open_pressmark(settings) as service, open_worker_parts(service) as worker_parts:
        worker_parts.hearing.append(note)
        ready = {"seconds": time.process_time() - began, "lost": [c.url for c in worker_parts.recovered.lost]}
        own(settings.home / "starts").write_text(json.dumps(ready) + "\n")
        with beating(None, 0.0) as beats:
            uvloop.run(working._work(service, worker_parts, stop, beats, None))


def own(directory: Path) -> Path:
    """Return a file of this process, ordered after those of earlier processes."""
    directory.mkdir(exist_ok=True)
    return directory / f"{time.time_ns()}"


def by(order: str) -> None:
    began = time.process_time()
    values = json.loads(order)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.setsid()
    try:
        with Stop() as stop:
            work(values, stop, began)
    except BaseException as error:
        (Path(values["home"]) / "trouble").write_text(repr(error))
        raise


if __name__ == "__main__":
    serve(by)
