"""``python -m benchmarks.due [COUNT ...]``: runs of one page that fall due together, in a home with so many sources.

200 sources are due in the same minute: half at its first second, by ``cron``, and half spread over it, as ``every``
does by itself. Each has a host of its own on loopback. The others are due in January. CPU is that of supervisor and
worker; a start is late by the time from the moment that it was due. The last row is of the same service while
nothing is due.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.machine import called, load
from benchmarks.sources import serving, tell, used

COUNTS = (1_000, 10_000, 50_000)
DUE = 200
IDLE = 30.0
PORT = 18_661
_SITE = f"""
import http.server, socketserver
class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        there = self.path != "/robots.txt"
        body = (b"<html><title>A page</title><p>" + b"A sentence of the page. " * 200) if there else b""
        self.send_response(200 if there else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads, request_queue_size = True, 500
Server(("", {PORT}), Answer).serve_forever()
"""


@contextmanager
def site() -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-c", _SITE]) as process:
        try:
            yield
        finally:
            process.kill()


def write_sources(home: Path, count: int) -> None:
    (home / "sources").mkdir(parents=True)
    for number in range(count):
        text = f"source: s{number:05}\nseeds: [http://127.0.0.1:9/]\nwalk: page\ntimetable: {{cron: '0 3 1 1 *'}}\n"
        (home / "sources" / f"s{number:05}.yaml").write_text(text)
    (home / "pressmark.yaml").write_text(f"allow: {{addresses: [127.0.0.0/8], ports: [{PORT}]}}\n")


def write_due(home: Path, minute: int) -> None:
    """Write the sources that are due in that minute of each hour."""
    for number in range(DUE):
        cron = f"{{cron: '{minute} * * * *'{', jitter: 59s' if number % 2 else ''}}}"
        seed = f"http://127.1.{number // 250}.{number % 250 + 1}:{PORT}/page"
        text = f"source: due{number:03}\nseeds: ['{seed}']\nwalk: page\naddresses: [127.0.0.0/8]\nports: [{PORT}]\n"
        text += "politeness: {delay: 0s}\n"
        new = home / f"due{number:03}.yaml"
        new.write_text(f"{text}timetable: {cron}\n")
        new.rename(home / "sources" / new.name)


def ended(home: Path) -> list[tuple[str, float, str]]:
    """Return the source of each run that was due and is over, the seconds from its slot to its start, and its end."""
    query = "SELECT source, started_at - tick, outcome FROM runs WHERE source LIKE 'due%' AND status = 'over'"
    with closing(sqlite3.connect(home / "pressmark.db")) as database:
        return [(source, late / 1e6, outcome) for source, late, outcome in database.execute(query)]


def main() -> None:
    arguments = called("benchmarks.due", __doc__)
    arguments.add_argument("count", type=int, nargs="*", default=COUNTS)
    for count in arguments.parse_args().count:
        print(f"{count:,} sources. {load()}")
        with tempfile.TemporaryDirectory() as directory:
            measure(Path(directory), count)


def measure(home: Path, count: int) -> None:
    write_sources(home, count)
    with site(), serving(home) as processes:
        tell("service ready: supervisor and worker", used(processes))
        time.sleep(10)
        before, since = used(processes), time.monotonic()
        time.sleep(IDLE)
        idle = (used(processes) - before) / (time.monotonic() - since)
        tell("idle, nothing due", idle, "% of a core", 100)
        memory = sum(process.memory_full_info().pss for process in processes)
        tell("memory, PSS of supervisor and worker", memory / 1e6, "MB", 1)
        begin = (time.time() // 60 + 2) * 60
        write_due(home, time.gmtime(begin).tm_min)
        time.sleep(begin - time.time() - 2)  # by then the service follows the new files
        before, since = used(processes), time.monotonic()
        while len(found := ended(home)) < DUE:
            time.sleep(2)
        of_runs = used(processes) - before - idle * (time.monotonic() - since)
        tell("a run, CPU of both beyond that", of_runs / DUE)
        late = sorted(late for source, late, _ in found if int(source[3:]) % 2 == 0)
        tell("began after, of 100 due at once: the median", late[len(late) // 2], "s", 1)
        tell("the last but one", late[-2], "s", 1)
        if (outcomes := Counter(outcome for *_, outcome in found)) != {"done": DUE}:
            raise SystemExit(f"the runs ended as {outcomes}")


if __name__ == "__main__":
    main()
