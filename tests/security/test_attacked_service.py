"""A service that is attacked answers everybody else meanwhile, and holds little memory."""

from __future__ import annotations

import http.client
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from conftest import figure
from journeys.household import Household, Served
from services.attacks import BEGINNINGS, ENDLESS, HALF_OPEN, MIB, many_files, sent

BODY = max(ENDLESS, 32 * MIB)
"""Bytes: more than the kernel keeps for a server that reads nothing any more."""
SLOWEST = figure(30.0, 1.0, 1.0)
"""Seconds that /healthz may take."""


def resident(process: int) -> int:
    """Return the KiB of memory that a process has."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


def refused(ask: Callable[[], int]) -> bool:
    """Return whether a body is refused: by 413, or by the end of the connection while it is still being sent."""
    try:
        return ask() == 413
    except ConnectionError:
        return True


def seconds_in_queues(process: str) -> float:
    """Return how long a thread was ready to run, and the processors were busy with others."""
    return int(Path(f"/proc/{process}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9


def seconds_of_health(served: Served) -> float:
    """Return how long /healthz takes; without end if there is no answer."""
    begun = time.monotonic()
    try:
        return time.monotonic() - begun if served.get("/healthz").status == 200 else math.inf
    except (OSError, http.client.HTTPException):
        return math.inf


@contextmanager
def asked_all_the_while(served: Served) -> Iterator[list[float]]:
    """Ask for /healthz again and again; yield how long each answer took, less what other work took."""
    waits, over = list[float](), threading.Event()

    def waited() -> float:
        return seconds_in_queues(str(served.process.pid)) + seconds_in_queues("thread-self")

    def ask() -> None:
        while not over.wait(0.02):
            before = waited()
            seconds = seconds_of_health(served)
            waits.append(seconds - (waited() - before))

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield waits
    finally:
        over.set()
        thread.join()


POST = b"POST /api/v1/sources HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
BODIES = {
    "chunks": (POST + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"[" * 65536 + b"\r\n"),
    "a length": (POST + b"Content-Length: %d\r\n\r\n" % BODY, b"[" * 65536),
    "one chunk": (POST + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % BODY, b"[" * 65536),
}


def test_the_service_answers_while_it_is_attacked(household: Household) -> None:
    household.environment["PRESSMARK_HTTP__CONNECTIONS_BY_ADDRESS"] = "60"
    with many_files(), household.serving() as served, ExitStack() as stack:
        host, _, port = served.url.removeprefix("http://").partition(":")
        assert served.get("/openapi.json").status == 200
        quiet = max(seconds_of_health(served) for _ in range(20))
        before = resident(served.process.pid)
        waits = stack.enter_context(asked_all_the_while(served))
        for _ in range(30):
            reader = stack.enter_context(socket.create_connection((host, int(port)), timeout=30))
            reader.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 5)  # and reads nothing
        for number in range(HALF_OPEN):  # 40 from each address: less than the limit of one
            address = (f"127.1.0.{1 + number // 40}", 0)
            sock = stack.enter_context(socket.create_connection((host, int(port)), 30, address))
            sock.send(b"GET /healthz HTTP/1.1\r\nHost: a\r\n")
        for endless, kinds in ((ENDLESS, BEGINNINGS), (BODY, BODIES)):
            for begin, more in kinds.values():
                with socket.create_connection((host, int(port)), timeout=30) as sock:
                    sock.sendall(begin)
                    assert sent(sock, more, endless) < endless
        assert refused(lambda: served.ask("POST", "/api/v1/sources", {"seeds": ["x" * 2 * MIB]}).status)
        assert refused(lambda: served.ask("POST", "/login", form="a=" + "x" * 100_000).status)
        waits.append(seconds_of_health(served))
        assert len(waits) > 10
        assert max(waits) < SLOWEST + 10 * quiet, "and what a busy machine adds"
        assert resident(served.process.pid) - before < 50 * 1024


def test_json_that_is_nested_without_end_is_refused(household: Household) -> None:
    bodies = ["[" * 500_000, '{"a":' * 100_000, '{"seeds": ' + "[" * 5000, "9" * 500_000, '{"seeds": "\\ud800"}']
    with household.serving() as served:
        for body in bodies:
            connection = http.client.HTTPConnection(served.url.removeprefix("http://"), timeout=600)
            connection.request("POST", "/api/v1/sources", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            assert (answer.status in (400, 422), len(answer.read()) < 10_000) == (True, True), body[:20]
            connection.close()
