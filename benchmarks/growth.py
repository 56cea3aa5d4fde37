"""``python -m benchmarks.growth [DAYS] [PAGES]``: what daily crawls keep, as some pages change each day.

One in twenty pages of 21 KB changes each day. ``pressmark run`` crawls all of them once a day; beside it wget does,
with ``--warc-dedup``, which stores no payload twice. The site has no validators, so that every page is received each
day. Then all texts are extracted again, and the index is rebuilt from the store alone. Peak memory is that of the
largest process of a command; CPU is that of all its processes.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from benchmarks.crawl.site import page
from benchmarks.machine import called, load

CHANGED = 20
"""One page of so many changes each day."""
SIZE = 21 << 10


class Site(ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 500
    pages, day = 0, 0

    def body(self, number: int) -> bytes:
        """Return a page with the last day on which it changed."""
        since = (self.day - number % CHANGED) // CHANGED
        return _page(number, self.pages).replace(b"<title>", b"<title>Edition %d, " % since, 1)


@cache
def _page(number: int, pages: int) -> bytes:
    return page("g", number, pages, SIZE)


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2].removesuffix(".html")
        status, body = (200, self.server.body(int(name))) if name.isdecimal() else (404, b"")
        zipped = "gzip" in self.headers.get("accept-encoding", "")
        body = gzip.compress(body, 6, mtime=0) if zipped else body
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if zipped:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(pages: int) -> Iterator[Site]:
    with Site(("127.0.0.1", 0), Answer) as site:
        site.pages = pages
        thread = Thread(target=site.serve_forever, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            site.shutdown()
            thread.join(10)


class Used(NamedTuple):
    seconds: float
    cpu: float
    peak: float
    """MB."""


def ran(command: Sequence[str], directory: Path) -> Used:
    """Run a command to its end. A mirror of wget has status 8, as it looks for robots.txt."""
    began = time.monotonic()
    with (directory / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=directory, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 8}:
        raise SystemExit(f"{command} ended with {process.returncode}: {(directory / 'log').read_text()[-2000:]}")
    return Used(time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def ours(home: Path, *arguments: str) -> Used:
    return ran([sys.executable, "-m", "pressmark", "--home", str(home), *arguments], home)


def write_source(home: Path, port: int) -> None:
    (home / "sources").mkdir(parents=True)
    (home / "pressmark.yaml").write_text(f"allow: {{addresses: [127.0.0.0/8], ports: [{port}]}}\n")
    (home / "sources" / "site.yaml").write_text(
        f"source: site\nseeds: ['http://127.0.0.1:{port}/g/0.html']\nwalk: site\naddresses: [127.0.0.0/8]\n"
        f"ports: [{port}]\npoliteness: {{delay: 0s, concurrency: 4}}\n"
    )


def wget(directory: Path, day: int, port: int) -> Used:
    """Crawl with the index of all days before, and add that of this day to it."""
    known, mirror = directory / "all.cdx", directory / "mirror"
    shutil.rmtree(mirror, ignore_errors=True)
    command = ["wget", "-q", "--mirror", "-P", str(mirror), f"--warc-file=day{day}", "--warc-cdx"]
    command += ["--no-warc-keep-log", *(["--warc-dedup=all.cdx"] if day else []), f"http://127.0.0.1:{port}/g/0.html"]
    used = ran(command, directory)
    lines = (directory / f"day{day}.cdx").read_text().splitlines(keepends=True)
    with known.open("a") as file:
        file.writelines(lines[1:] if day else lines)
    return used


def size(place: Path, pattern: str = "*") -> float:
    """Return the MB of all files below a directory."""
    return sum(one.stat().st_size for one in place.rglob(pattern) if one.is_file()) / 1e6


def tell(what: str, *figures: tuple[float, str]) -> None:
    print(f"{what:44}", "  ".join(f"{value:,.2f} {unit}" for value, unit in figures), flush=True)


def crawled(home: Path, other: Path, days: int, site: Site) -> None:
    port = site.server_address[1]
    assert isinstance(port, int)
    write_source(home, port)
    mine, theirs = list[Used](), list[Used]()
    for site.day in range(days):
        mine.append(ours(home, "run", "site"))
        theirs.append(wget(other, site.day, port))
    for who, used in (("ours", mine), ("wget --warc-dedup", theirs)):
        cpu, peak = sum(one.cpu for one in used), max(one.peak for one in used)
        tell(f"{who}: all crawls", (cpu, "s of CPU"), (peak, "MB at most"))


def kept(home: Path, other: Path, pages: int) -> None:
    store = home / "store"
    tell("our store, all", (size(store), "MB"))
    for part in sorted(store.iterdir()):
        tell(f"  {part.name}", (size(part), "MB"))
    tell("wget --warc-dedup", (size(other, "*.warc.gz"), "MB"), (size(other, "all.cdx"), "MB of CDX"))
    database = size(home, "pressmark.db*")
    tell("our database", (database, "MB"), (database * 1000 / pages, "KB a page"))


def main() -> None:
    arguments = called("benchmarks.growth", __doc__)
    arguments.add_argument("days", type=int, nargs="?", default=10)
    arguments.add_argument("pages", type=int, nargs="?", default=500)
    wanted = arguments.parse_args()
    print(f"{wanted.days} crawls of {wanted.pages:,} pages. {load()}", flush=True)
    with tempfile.TemporaryDirectory() as directory, served(wanted.pages) as site:
        home, other = Path(directory, "home"), Path(directory, "wget")
        home.mkdir(0o700)
        other.mkdir()
        crawled(home, other, wanted.days, site)
        kept(home, other, wanted.pages)
        again = ours(home, "extract", "--all")
        rates = (wanted.pages / again.seconds, "pages a second"), (again.cpu / again.seconds, "cores")
        tell("texts of all pages again, at least", *rates, (again.peak, "MB"))
        for file in home.glob("pressmark.db*"):
            file.unlink()
        shutil.rmtree(home / "spool")  # its WARC files would be indexed before the store is read
        built = ours(home, "rebuild")
        captures = wanted.days * wanted.pages
        rates = (captures / built.cpu, "captures a CPU second"), (captures / built.seconds, "a second")
        tell("rebuilt", *rates, (built.peak, "MB"))
    print(load())


if __name__ == "__main__":
    main()
