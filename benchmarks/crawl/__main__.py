"""``python -m benchmarks.crawl [ROUNDS]``: CPU per page of a crawl, compared with wget and Scrapy; memory; polls.

A user's spider as a source is compared with the same spider under plain Scrapy, which archives nothing.

All crawl the same site, served by another process on loopback. Each round runs all in turn, and the report has the best
round and all others, since a shared machine can only add time. wget writes a WARC and a mirror, and does not request
gzip; plain Scrapy follows links and stores nothing. Start-up is reported separately.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.crawl.cpu import cpu
from benchmarks.machine import called, load, site

ROUNDS = 3
MOST_MS = 0.85
"""Of CPU for a recorded page of 22 KB."""
RATIOS = {"ours, 48 KB": ("wget, 48 KB", 0.9)} | {
    f"own spider, {size}": (f"stock Scrapy, {size}", 1.3) for size in ("22 KB", "48 KB")
}
"""Of whose CPU each may take at most how much."""
BARS = {"memory": "at most 150 MB with a million URLs", "poll": "at most 20 ms"}


def measured(module: str, *arguments: str) -> dict[str, Any]:
    """Run a module of the benchmark, which prints its own figures."""
    command = [sys.executable, "-m", f"benchmarks.crawl.{module}", *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def wget(seed: str, directory: Path) -> dict[str, Any]:
    """Return the CPU of the whole process, and of one that fetches a single page, which is the start-up."""
    start_up, _ = _wget([seed], directory / "one")
    whole, pages = _wget(["--mirror", "--no-parent", seed], directory / "all")
    return {"pages": pages, "ms_per_page": (whole - start_up) * 1000 / (pages - 1), "start_up_ms": start_up * 1000}


def _wget(arguments: list[str], directory: Path) -> tuple[float, int]:
    directory.mkdir(parents=True)
    before = cpu(resource.RUSAGE_CHILDREN)
    command = ["wget", "-q", "--warc-file=pages", "--no-warc-keep-log", *arguments]
    subprocess.run(command, cwd=directory, check=False)
    used = cpu(resource.RUSAGE_CHILDREN) - before
    pages = sum(1 for path in directory.rglob("*.html"))
    shutil.rmtree(directory)
    return used, pages


def rounds(count: int, base: str, directory: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for number in range(count):
        for kind, size in (("s", "22 KB"), ("l", "48 KB")):
            seed, place = f"{base}/{kind}/0.html", directory / f"{number}{kind}"
            (place / "ours").mkdir(parents=True)
            found[f"ours, {size}"].append(measured("ours", seed, str(place / "ours")))
            if shutil.which("wget"):
                found[f"wget, {size}"].append(wget(seed, place / "wget"))
            found[f"stock Scrapy, {size}"].append(measured("stock", seed))
            (place / "own").mkdir()
            found[f"own spider, {size}"].append(measured("own", seed, f"{base}/feed", str(place / "own")))
            shutil.rmtree(place)
        (directory / f"{number}p").mkdir()
        found["poll"].append(measured("poll", f"{base}/feed", str(directory / f"{number}p")))
    return found


def show(found: dict[str, list[dict[str, Any]]]) -> None:
    for name, runs in found.items():
        key = "ms_per_poll" if name == "poll" else "ms_per_page"
        times = sorted(run[key] for run in runs)
        start_up = min((run["start_up_ms"] for run in runs if "start_up_ms" in run), default=0.0)
        rest = f"   start-up {start_up:6.0f} ms" if start_up else ""
        pages = f"   {runs[0]['pages']} pages" if "pages" in runs[0] else f"   {', '.join(runs[0]['outcomes'])}"
        print(f"{name:22} {times[0]:7.3f} ms   (all: {' '.join(f'{t:.3f}' for t in times)}){rest}{pages}")


def bars(found: dict[str, list[dict[str, Any]]]) -> None:
    best = {name: min(run["ms_per_page"] for run in runs) for name, runs in found.items() if name != "poll"}
    ours = best["ours, 22 KB"]
    print(f"  ours, 22 KB: {ours:.2f} ms, bar {MOST_MS} ms: {_met(ours <= MOST_MS)}")
    for name, (other, most) in RATIOS.items():
        if other in best:
            ratio = best[name] / best[other]
            print(f"  {name}: {ratio:.2f} of {other}, bar {most}: {_met(ratio <= most)}")


def _met(kept: bool) -> str:
    return "met" if kept else "NOT met"


def main(count: int) -> None:
    print(f"CPU, user and system; best of {count} rounds. {load()}")
    with tempfile.TemporaryDirectory() as name, site("benchmarks.crawl.site", Path(name)) as base:
        directory = Path(name)
        found = rounds(count, base, directory)
        show(found)
        (directory / "memory").mkdir()
        memory = measured("memory", str(directory / "memory"))
    print(
        f"{'memory':22} {memory['rss_mb']:7.0f} MB   with {memory['urls']:,} URLs, {memory['disk_mb']:.0f} MB on disk, "
        f"{memory['us_per_url']:.1f} µs a URL"
    )
    print(load())
    bars(found)
    for name, bar in BARS.items():
        print(f"  bar of {name}: {bar}")


if __name__ == "__main__":
    arguments = called("benchmarks.crawl", __doc__)
    arguments.add_argument("count", metavar="rounds", type=int, nargs="?", default=ROUNDS)
    main(**vars(arguments.parse_args()))
