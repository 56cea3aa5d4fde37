"""``python -m benchmarks.fixity [SECONDS]``: the lag of a replica at 50 captures a second, and the CPU of an audit.

A segment of 500 captures of 22 KB is ingested every ten seconds, while the threads of the service fill a replica on
this disk. Then all objects of the store are audited without a limit of bytes a second. CPU is that of the process.
"""

from __future__ import annotations

import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.index.objects import FIRST, Objects
from archive.shipping.fixity.share import WHOLE
from archive.values.capture import Context
from archive.values.digest import digest_payload
from archive.warc import exchange_records as warc
from archive.warc.exchange import Exchange, Request, Response
from archive.warc.http_head import headers_of
from benchmarks.machine import called, load
from config.settings import load_settings
from pressmark.processes.fixity import fixity_threads
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep import fixity

A_SECOND, EVERY, BYTES = 50, 10, 22_000
PASSES = 4
A_DAY = 1e12 / 30
"""The bytes that an audit of 1/30 of 1 TB reads each day."""
_CONTEXT = Context("default", "example", "run-1")


def segment(directory: Path, number: int) -> Path:
    """Write a WARC with the captures of some seconds, whose bodies can't be compressed."""
    path = directory / f"{number}.warc.gz"
    with path.open("wb") as file:
        for page in range(A_SECOND * EVERY):
            body = os.urandom(BYTES)
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body)
            request = Request("GET", f"https://www.example.org/{number}/{page}", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            at = datetime.now(UTC) + timedelta(microseconds=page)
            exchange = Exchange(request, Response(head, 200, headers_of(head), body, len(body)), at)
            warc.records(exchange, _CONTEXT, file.write, payload=digest_payload(body), revisit=None)
    return path


def replicate(service: Service, directory: Path, seconds: int) -> list[float]:
    """Ingest for that long, and return the lags of the replica that were observed, in seconds; 0 when it has all."""
    found, begun = list[float](), time.monotonic()
    with fixity_threads(service):
        for number in range(max(1, seconds // EVERY)):
            service.archive.ingest(segment(directory, number))
            while time.monotonic() < begun + (number + 1) * EVERY:
                found.append(lag(service))
                time.sleep(0.25)
        while found[-1]:
            found.append(lag(service))
            time.sleep(0.25)
    return found


def lag(service: Service) -> float:
    [(_, behind, problem)] = fixity.lags(service)
    assert problem is None, problem
    return (service.now() - behind.since).total_seconds() if behind.since else 0.0


def audit(service: Service) -> tuple[int, float]:
    """Audit all of the first store some times; return the bytes that were read, and the seconds of CPU."""
    cpu = time.process_time()
    for _ in range(PASSES):
        assert not any(one.is_wrong for one in fixity.audit_share(service, WHOLE, places=(FIRST,)))
    return PASSES * Objects(service.database).size(FIRST), time.process_time() - cpu


def main() -> None:
    arguments = called("benchmarks.fixity", __doc__)
    arguments.add_argument("seconds", type=int, nargs="?", default=60)
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        flags = {"home": directory / "home", "replicas.second.store": str(directory / "second")}
        with open_pressmark(load_settings(flags, dotenv=None)) as service:
            lags = replicate(service, directory, wanted.seconds)
            print(f"replica at {A_SECOND} captures a second: longest lag {max(lags):.1f} s   {load()}", flush=True)
            read, cpu = audit(service)
            print(
                f"audit: {cpu / read * 1e9:.2f} s of CPU a GB; 1/30 of 1 TB a day: {cpu / read * A_DAY:.0f} s, ", end=""
            )
            print(f"{cpu / read * A_DAY / 864:.2f} % of a core   {load()}", flush=True)


if __name__ == "__main__":
    main()
