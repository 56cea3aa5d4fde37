"""``python -m benchmarks.crawl.archives [ROUNDS]``: the cost of archiving the pages of a Scrapy spider.

The same spider crawls the same 1,000 pages of 48 KB: under plain Scrapy, with our add-on, and with scrapy-webarchive in
its own environment, since it needs an older Scrapy (which is also measured alone). The report has the CPU from the
first page to the last, and that of closing: ours then seals, indexes, extracts the text of each page, and uploads
everything; scrapy-webarchive packs a WACZ.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.machine import called, load, site
from benchmarks.reading.environments import python_with

ROOT = Path(__file__).parent.parent.parent
PEER = ("scrapy-webarchive==0.5.3", "w3lib<2.2", "Twisted<24")
"""It needs a Scrapy below 2.12, which does not work with newer versions of the others."""


def crawled(python: Path, seed: str, directory: str, *options: str) -> dict[str, Any]:
    """Crawl in a process with this working directory, where scrapy-webarchive writes its WARC."""
    command = [str(python), "-m", "benchmarks.crawl.stock", seed, *options]
    variables = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=directory, env=variables, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measured(seed: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Measure one round."""
    ours, peer = Path(sys.executable), python_with("scrapy-webarchive", *PEER)
    with tempfile.TemporaryDirectory() as directory:
        yield "stock Scrapy 2.19", crawled(ours, seed, directory)
        yield "with pressmark.addon", crawled(ours, seed, directory, "--archive", "pressmark", f"{directory}/ours")
        yield "stock Scrapy 2.11", crawled(peer, seed, directory)
        Path(directory, "theirs").mkdir()
        yield "with scrapy-webarchive", crawled(peer, seed, directory, "--archive", "webarchive", f"{directory}/theirs")


def main(count: int) -> None:
    print(f"CPU, user and system, ms a page; best of {count} rounds. {load()}")
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name, site("benchmarks.crawl.site", Path(name)) as base:
        for _ in range(count):
            for who, figures in measured(f"{base}/l/0.html"):
                found[who].append(figures)
    for who, rounds in found.items():
        crawl, closing = (sorted(one[f"{key}ms_per_page"] for one in rounds) for key in ("", "closing_"))
        pages = rounds[0]["pages"]
        print(f"{who:24} {crawl[0]:7.2f}   closing {closing[0]:7.2f}   {pages} pages   (all: {crawl})")
    print(load())


if __name__ == "__main__":
    arguments = called("benchmarks.crawl.archives", __doc__)
    arguments.add_argument("count", metavar="rounds", type=int, nargs="?", default=3)
    main(**vars(arguments.parse_args()))
