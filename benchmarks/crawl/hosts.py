"""``python -m benchmarks.crawl.hosts``: 40 hosts with 300 pages of 21 KB each, compared with two wgets.

The pages are boards, lists, short news, long articles and Chinese ones, served by another process. For ours, the report
has the time until everything is captured and indexed, and the later time until all texts are extracted and stored; CPU
is that of the crawling process and of its readers. Each wget takes half of the hosts, writes WARCs and a mirror,
extracts nothing, and does not request gzip.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvloop

from archive.database.engine import open_database
from archive.index.index import Index
from archive.shipping.shipper import Shipper
from archive.spool.sealed import Sealed
from archive.store.local import LocalStore
from archive.texts.reader import Reader
from benchmarks.crawl.cpu import cpu
from benchmarks.crawl.ours import LOOPBACK, Meter, archive, now
from benchmarks.crawl.site import HOSTS, OF_A_HOST, address
from benchmarks.machine import called, load, site
from config.source import Source
from crawler.policy.order import Order
from extractor.values.collector import seldom
from pressmark.processes.cores import one_core

MOST_MS, LEAST_CAPTURED, LEAST_READ = 0.80, 1_500, 700
"""The bars: CPU of a page captured and indexed; pages a second until all are, and until all are read and shipped."""


def seeds(base: str, hosts: range) -> list[str]:
    port = base.rpartition(":")[2]
    return [f"http://{address(host)}:{port}/h/0.html" for host in hosts]


def source_of(base: str, hosts: int) -> Source:
    politeness = {"delay": timedelta(), "concurrency": 4}
    facts = {"source": "hosts", "seeds": seeds(base, range(hosts)), "walk": "site", "politeness": politeness}
    return Source.model_validate(facts | {"addresses": ["127.0.0.0/8"]})


def ours(base: str, place: Path, hosts: int) -> dict[str, Any]:
    """Crawl, then read and ship, in this process."""
    meter, sealed = Meter(), list[Sealed]()
    with one_core(), seldom(), archive(place, meter, sealed.append) as crawls:
        began = time.monotonic()
        outcome = uvloop.run(
            crawls.crawl(Order("hosts", source_of(base, hosts), frontier=place / "frontier.db", permissions=LOOPBACK))
        )
    captured, used = time.monotonic() - began, cpu() - meter.first
    before = cpu()
    readers = len(os.sched_getaffinity(0))
    ship(place, sealed, readers)
    read = time.monotonic() - began
    return {
        "pages": outcome.pages,
        "ms_per_page": used * 1000 / outcome.pages,
        "captured_per_second": outcome.pages / captured,
        "read_per_second": outcome.pages / read,
        "reading_per_second": outcome.pages / (read - captured),
        "reading_ms_per_page": (cpu() - before + cpu(resource.RUSAGE_CHILDREN)) * 1000 / outcome.pages,
        "readers": readers,
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def ship(place: Path, sealed: Sequence[Sealed], readers: int) -> None:
    database, store = open_database(f"sqlite:///{place}/pressmark.db"), LocalStore(place / "store")
    with Reader(readers=readers) as reader:
        shipper = Shipper(store, Index(database, now=now), reader.read_texts, spool=place / "spool", now=now)
        for segment in sealed:
            shipper.ship(segment)
    database.close()


def wgets(base: str, place: Path, hosts: int) -> dict[str, Any]:
    """Two at once, each with half of the hosts."""
    before, began, running = cpu(resource.RUSAGE_CHILDREN), time.monotonic(), []
    for number, half in enumerate((range(hosts // 2), range(hosts // 2, hosts))):
        directory = place / f"wget{number}"
        directory.mkdir(parents=True)
        command = ["wget", "-q", "--warc-file=pages", "--no-warc-keep-log", "--mirror", *seeds(base, half)]
        running.append(subprocess.Popen(command, cwd=directory))
    for process in running:
        process.wait()
    took, used = time.monotonic() - began, cpu(resource.RUSAGE_CHILDREN) - before
    pages = sum(1 for path in place.rglob("*.html"))
    return {"pages": pages, "ms_per_page": used * 1000 / pages, "captured_per_second": pages / took}


def main(hosts: int, base: str | None, directory: str | None) -> None:
    if base and directory:
        print(json.dumps(ours(base, Path(directory), hosts)))
        return

    print(f"{hosts} hosts of {OF_A_HOST} pages. {load()}", flush=True)
    with tempfile.TemporaryDirectory() as name, site("benchmarks.crawl.site", Path(name)) as served:
        place = Path(name, "ours")
        place.mkdir()
        command = [sys.executable, "-m", "benchmarks.crawl.hosts", str(hosts), served, str(place)]
        mine = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        show("ours", mine)
        theirs = wgets(served, Path(name, "wget"), hosts)
        show("two wgets", theirs)
    print(load())
    within = mine["ms_per_page"] <= min(MOST_MS, theirs["ms_per_page"])
    print(f"  CPU at most {MOST_MS} ms and at most that of two wgets: {'met' if within else 'NOT met'}")
    for key, least in (("captured_per_second", LEAST_CAPTURED), ("read_per_second", LEAST_READ)):
        print(f"  {key} at least {least:,}: {'met' if mine[key] >= least else 'NOT met'}")


def show(who: str, figures: dict[str, Any]) -> None:
    print(f"{who:10}", "  ".join(f"{key} {value:,.2f}" for key, value in figures.items()), flush=True)


if __name__ == "__main__":
    arguments = called("benchmarks.crawl.hosts", __doc__)
    arguments.add_argument("hosts", type=int, nargs="?", default=HOSTS, help="how many hosts")
    arguments.add_argument("base", nargs="?", help="where the site is; without it, one is served")
    arguments.add_argument("directory", nargs="?", help="where ours writes")
    main(**vars(arguments.parse_args()))
