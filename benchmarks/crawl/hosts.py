"""``python -m benchmarks.crawl.hosts [HOSTS] [--workers N]``: 40 hosts with 300 pages, compared with two wgets.

The pages of 21 KB are boards, lists, short news, long articles and Chinese ones, of another process. For ours, it says
the time until everything is captured and indexed, and the later time until all texts are extracted and stored; CPU
is that of the crawling process and of its readers. Each wget takes half of the hosts, writes WARCs and a mirror,
extracts nothing, and does not request gzip. With several workers, each crawls its part of the hosts, in a process and
a home of its own, on any core.
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


def source_of(base: str, hosts: range) -> Source:
    politeness = {"delay": timedelta(), "concurrency": 4}
    facts = {"source": "hosts", "seeds": seeds(base, hosts), "walk": "site", "politeness": politeness}
    return Source.model_validate(facts | {"addresses": ["127.0.0.0/8"]})


def ours(base: str, place: Path, hosts: range, *, alone: bool) -> dict[str, Any]:
    """Crawl, then read and ship, in this process, `alone` or beside others."""
    meter, sealed = Meter(), list[Sealed]()
    with one_core(alone), seldom(), archive(place, meter, sealed.append) as crawls:
        began = time.monotonic()
        outcome = uvloop.run(
            crawls.crawl(Order("hosts", source_of(base, hosts), frontier=place / "frontier.db", permissions=LOOPBACK))
        )
    captured, used = time.monotonic() - began, cpu() - meter.first
    before = cpu()
    readers = len(os.sched_getaffinity(0)) if alone else 1
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


def together(base: str, place: Path, hosts: int, workers: int) -> dict[str, Any]:
    """Have so many processes crawl. Pages a second are those of all until the last one is ready."""
    parts, running = (
        [range(number * hosts // workers, (number + 1) * hosts // workers) for number in range(workers)],
        [],
    )
    for part in parts:
        directory = place / f"{part.start}"
        directory.mkdir(parents=True)
        command = [sys.executable, "-m", "benchmarks.crawl.hosts", str(len(part)), base, str(directory)]
        command += ["--first", str(part.start), "--workers", str(workers)]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE))
    found = [json.loads(process.communicate()[0]) for process in running]
    pages = sum(one["pages"] for one in found)
    rates = {key: pages / max(one["pages"] / one[key] for one in found) for key in found[0] if "per_second" in key}
    means = {key: sum(one[key] * one["pages"] for one in found) / pages for key in found[0] if "ms_per_page" in key}
    return found[0] | rates | means | {"pages": pages, "rss_mb": max(one["rss_mb"] for one in found)}


def main(hosts: int, base: str | None, directory: str | None, workers: int, first: int) -> None:
    if base and directory:
        print(json.dumps(ours(base, Path(directory), range(first, first + hosts), alone=workers == 1)))
        return

    print(f"{hosts} hosts of {OF_A_HOST} pages. {load()}", flush=True)
    with tempfile.TemporaryDirectory() as name, site("benchmarks.crawl.site", Path(name)) as served:
        mine = together(served, Path(name, "ours"), hosts, workers)
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
    arguments.add_argument("--workers", type=int, default=1, help="how many processes crawl")
    arguments.add_argument("--first", type=int, default=0, help="the first host of one of them")
    main(**vars(arguments.parse_args()))
